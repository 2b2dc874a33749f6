"""The indicator tables of a draft (Table A.1), and those of its strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from drafting.document.facts import CategoryFacts, Facts
from drafting.document.marks import TableMarks, marks_of
from drafting.document.table_notes import blanks_in_words, parameters_in_words, share_in_words
from drafting.document.tables import figure_cell, figure_run, head, text_cell
from drafting.document.titles import han
from drafting.document.tree import (
    DASH,
    Cell,
    Column,
    Note,
    Row,
    Runs,
    Table,
    Text,
    plain,
)
from drafting.model.bounds import Bound
from drafting.model.results import IndicatorBaselines
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, Grade
from drafting.notation.typography import typeset_unit


def indicator_table(facts: Facts) -> Table:
    """Lay out the indicator system as Table A.1 does.

    A first-level indicator is one cell over its rows; limiting indicators carry footnote a; baselines that are the same
    words for several grades, and single baselines (5.5.3), are one cell over those grades.
    """
    body: list[Row] = []
    marks = marks_of(facts.rows, facts.inputs.system.notes)
    for category in facts.categories:
        for position, indicator in enumerate(category.rows):
            lead = _category_cells(facts, category, len(category.rows)) if position == 0 else ()
            baselines = baseline_cells(facts, indicator, facts.baselines_of(indicator), marks)
            body.append((*lead, *_own_cells(facts, category, indicator, marks), *baselines))
    said = (*parameters_in_words(facts.rows), *blanks_in_words(facts.rows))
    said += tuple(note.text for note in facts.inputs.system.notes if not note.mark)
    notes = tuple(Note((Text(words),)) for words in said)
    if shares := share_in_words(facts):
        notes = (Note((Text(shares),)), *notes)
    if facts.bonus:
        notes = (Note((Text("附加指标的权重不计入一级指标权重之和。"),)), *notes)
    return Table(
        anchor="table:system",
        caption=facts.caption,
        columns=_system_columns(facts, body),
        head=(_system_head(facts),),
        body=tuple(body),
        notes=notes,
        footnotes=marks.footnotes,
    )


def _system_head(facts: Facts) -> Row:
    cells = head("一级指标", "一级指标权重", "序号", "二级指标", "单位", "二级指标权重", *_grade_titles())
    if not facts.inputs.system.has_classes:
        return cells
    return tuple(replace(cell, colspan=2) if plain(cell.runs) == "二级指标" else cell for cell in cells)


def _own_cells(facts: Facts, category: CategoryFacts, indicator: Indicator, marks: TableMarks) -> Row:
    """Number, name, class, unit and weight of a row; class rows share all of them but the class."""
    rows = [i for i in category.rows if i.of == indicator.of] if indicator.of else [indicator]
    own = (Cell((Text(indicator.class_name),), align="left"),) if indicator.of else ()
    if indicator is not rows[0]:
        return own
    span = len(rows)
    code = indicator.of or indicator.code
    number_of = next(n for n, i in enumerate(category.indicators, 1) if i.code == code)
    wide = 2 if facts.inputs.system.has_classes and not indicator.of else 1
    weight = facts.indicator_weight(indicator)
    return (
        text_cell(number_of, rowspan=span),
        replace(name_cell(indicator.head, marks), rowspan=span, colspan=wide, align="left"),
        *own,
        text_cell(typeset_unit(indicator.unit), rowspan=span),
        figure_cell(facts.keyed("weight", indicator.category, code), weight, rowspan=span),
    )


_LINE_OF_WORDS = 7
"""Han that stand on one line of a baseline in words."""
_LONG_BASELINE, _WHOLE_SENTENCES = 8, 60
"""Han from which baselines are words, and from which they need all the room there is: rows of half a page at most."""


def _system_columns(facts: Facts, body: Sequence[Row]) -> tuple[Column, ...]:
    """Give units the room that the longest needs, and baselines in words more than figures."""
    unit = max((han(i.unit) for i in facts.indicators), default=0)
    longest = max((han(plain(c.runs)) for row in body for c in row[-len(GRADES) :] if c.colspan == 1), default=0)
    if longest > _WHOLE_SENTENCES:
        first, name, grade = 9.0, 14.0, 24.0
    else:
        first, name, grade = (10.0, 24.0, 12.0) if longest <= _LONG_BASELINE else (10.0, 22.0, 16.0)
    classes = (Column(12.0, "left"),) if facts.inputs.system.has_classes else ()
    units = min(13.0, max(7.0, 2.4 * unit + 1.5))
    return (
        Column(first), Column(7.5), Column(4.5), Column(max(8.0, name - 8 * len(classes)), "left"), *classes,
        Column(units), Column(7.5), *(Column(grade) for _ in GRADES),
    )  # fmt: skip


def stratum_table(facts: Facts, stratum: str, position: int) -> Table:
    """Lay out the baselines of one stratum (分组基准)."""
    found = (
        {i.code: i for i in facts.results.baselines.strata if i.stratum == stratum} if facts.results.baselines else {}
    )
    shown = [i for i in facts.rows if i.code in found]
    marks = marks_of(shown, facts.inputs.system.notes)
    return Table(
        anchor=f"table:stratum-{position}",
        caption=f"{stratum}企业的指标基准值" + (f"（{facts.inputs.table}）" if facts.inputs.table else ""),
        columns=(Column(6), Column(30, "left"), Column(16), *(Column(16) for _ in GRADES)),
        head=(head("序号", "二级指标", "单位", *_grade_titles()),),
        body=tuple(
            (
                text_cell(n),
                name_cell(i, marks),
                text_cell(typeset_unit(i.unit)),
                *baseline_cells(facts, i, found[i.code], marks, stratum),
            )
            for n, i in enumerate(shown, 1)
        ),
        footnotes=marks.footnotes,
    )


def _grade_titles() -> tuple[str, ...]:
    return tuple(f"{g.chinese}基准值" for g in GRADES)


def _category_cells(facts: Facts, category: CategoryFacts, rows: int) -> tuple[Cell, ...]:
    name = Cell((Text(category.name),), rows)
    if category.category.bonus:
        return name, text_cell("附加", rowspan=rows)
    weight = facts.category_weight(category.category)
    return name, figure_cell(facts.keyed("weight", category.name), weight, rowspan=rows)


def name_cell(indicator: Indicator, marks: TableMarks) -> Cell:
    """Make the cell of an indicator's name, with the mark of a limiting one and its footnotes."""
    return Cell((Text(indicator.name), *marks.of_name(indicator)))


@dataclass(frozen=True, slots=True)
class _Shown:
    """What one grade prints, and the grade whose figure it is."""

    grade: Grade
    text: str
    words: bool
    """Text, not a number: equal neighbours become one cell, as do cells that the committee merged."""
    bound: Bound | None = None

    @property
    def says(self) -> tuple[object, ...]:
        """What a reader sees, the marks included: 有①记录 is not 有记录."""
        return (self.text, self.bound.marks, self.bound.inside) if self.bound is not None else (self.text,)


def baseline_cells(
    facts: Facts, indicator: Indicator, baselines: IndicatorBaselines | None, marks: TableMarks, stratum: str = ""
) -> Row:
    """Make the cells of the grades I, II, III: three, or fewer where one says the same for several grades."""
    shown = [_shown(indicator, baselines, grade) for grade in GRADES]
    spans: list[tuple[_Shown, int]] = []
    for item in shown:
        one = item.words or item.grade in indicator.merged
        if spans and one and item.says == spans[-1][0].says and item.text != DASH:
            spans[-1] = (spans[-1][0], spans[-1][1] + 1)
        else:
            spans.append((item, 1))
    extra = (stratum,) if stratum else ()
    # Words that take several lines begin at the left, and so do their neighbours: no ragged row.
    align: Literal["left"] | None = (
        "left" if any(s.words and han(s.text) > _LINE_OF_WORDS * n for s, n in spans) else None
    )
    return tuple(
        replace(
            text_cell(s.text, colspan=n),
            align=align if s.words else None,
            runs=_baseline_runs(facts.keyed("level", indicator.code, s.grade.value, *extra), s, marks),
        )
        for s, n in spans
    )


def _baseline_runs(key: tuple[str, ...], shown: _Shown, marks: TableMarks) -> Runs:
    """What a grade prints, the letters of its marks where they stand."""
    if shown.bound is None or not shown.bound.inside:
        return (figure_run(key, shown.text), *marks.of_cell(shown.bound))
    return (figure_run(key, shown.bound.pieces[0]), *marks.within(shown.bound), *marks.of_cell(shown.bound))


def _shown(indicator: Indicator, baselines: IndicatorBaselines | None, grade: Grade) -> _Shown:
    single = baselines is not None and baselines.single
    found = baselines.by_grade.get(grade) if baselines else None
    bound = found.bound if found else indicator.baselines.get(grade)
    if bound is None and single and baselines is not None:
        bound = next((level.bound for level in baselines.by_grade.values()), None)
    words = single or (bound is not None and bound.number is None)
    return _Shown(grade, _cell_text(bound), words, bound)


def _cell_text(bound: Bound | None) -> str:
    if bound is None:
        return DASH
    return bound.format() or DASH
