"""The tables of a draft: indicator system (Table A.1), selection, samples, weights, settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from baselines.rounding import round_half_even
from drafting.catalogue import catalogue
from drafting.document.facts import Facts, SettingLine, named, number
from drafting.document.tree import (
    DASH,
    Cell,
    Column,
    Figure,
    InlineFormula,
    Note,
    Row,
    Run,
    Runs,
    Table,
    Text,
)
from drafting.model.results import ExpertConsistency, IndicatorBaselines
from drafting.model.system import FIRST_LEVEL, Indicator
from drafting.model.terms import GRADES, Grade
from weighting.random_index import random_index

_LONG = 14
"""Cells with more characters than this stand left, not centred."""


def text_cell(text: object, *, rowspan: int = 1, colspan: int = 1) -> Cell:
    """Make a cell of words: — if there are none, to the left if there are many."""
    words = str(text).strip() or DASH
    return Cell((Text(words),), rowspan, colspan, _align(words))


def _align(words: str) -> Literal["left"] | None:
    return "left" if len(words) > _LONG else None


def head(*titles: str | Runs) -> Row:
    """Make a header row."""
    return tuple(Cell((Text(t),) if isinstance(t, str) else t, align="center") for t in titles)


def with_symbol(before: str, latex: str, after: str = "") -> Runs:
    """Make a heading with a symbol in it, such as 阶数*n*."""
    given = (Text(before), InlineFormula(latex), Text(after))
    return tuple(run for run in given if not isinstance(run, Text) or run.text)


def figure_cell(key: tuple[str, ...], text: str, *, rowspan: int = 1) -> Cell:
    """Make a cell with one published figure or what a grade asks in words; — is no figure."""
    return Cell((figure_run(key, text),), rowspan, align=_align(text))


def figure_run(key: tuple[str, ...], text: str) -> Run:
    """One published figure; — is none."""
    return Text(text) if text == DASH else Figure(key, text)


# --- 4.1: what the selection rests on (Table A.2) ---------------------------------------------------------------------
def selection_table(facts: Facts) -> Table:
    """Lay out, for each first-level indicator, the number of indicators and what the selection rests on."""
    bases = {b.category: b.text for b in catalogue().bases}
    body = tuple(
        (
            text_cell(c.number),
            Cell((Text(c.name),)),
            text_cell(len(c.indicators)),
            text_cell(len(c.limiting) or DASH),
            replace(text_cell(bases.get(c.name, "")), align="left"),
        )
        for c in facts.categories
    )
    return Table(
        anchor="table:selection",
        caption="指标选取参考依据",
        columns=(Column(6), Column(18), Column(14), Column(16), Column(46, "left")),
        head=(head("序号", "一级指标", "二级指标项数", "限定性指标项数", "指标选取参考依据"),),
        body=body,
    )


# --- annexes ----------------------------------------------------------------------------------------------------------
def sample_table(facts: Facts) -> Table:
    """Lay out the sample of every indicator and the shares of enterprises that reach its baselines (5.5.2)."""
    body: list[Row] = []
    for position, indicator in enumerate(facts.rows, 1):
        baselines = facts.baselines_of(indicator)
        source = facts.source_of(indicator)
        body.append(
            (
                text_cell(position),
                Cell((Text(indicator.name),)),
                text_cell(source.chinese if source else DASH),
                text_cell(baselines.n if baselines and baselines.n else DASH),
                *(_share_cell(facts, indicator, baselines, grade) for grade in GRADES),
            )
        )
    return Table(
        anchor="table:sample",
        caption="指标基准值的来源、样本量与达到比例",
        columns=(Column(7), Column(38, "left"), Column(13), Column(12), *(Column(10) for _ in GRADES)),
        head=(
            (
                *(
                    Cell((Text(t),), rowspan=2, align="center")
                    for t in ("序号", "二级指标", "基准值来源", "有效企业数")
                ),
                Cell((Text("达到基准值的企业比例（%）"),), colspan=3, align="center"),
            ),
            head(*(g.chinese for g in GRADES)),
        ),
        body=tuple(body),
    )


def _share_cell(facts: Facts, indicator: Indicator, baselines: IndicatorBaselines | None, grade: Grade) -> Cell:
    level = baselines.by_grade.get(grade) if baselines else None
    if level is None or level.share is None:
        return text_cell(DASH)
    return figure_cell(facts.keyed("share", indicator.code, grade.value), number(round_half_even(level.share * 100, 1)))


def settings_table(lines: Sequence[SettingLine], anchor: str, caption: str) -> Table:
    """Lay out named settings (方法设置) with the values in force and what they mean."""
    return Table(
        anchor=anchor,
        caption=caption,
        columns=(Column(22), Column(26), Column(52, "left")),
        head=(head("设置项", "取值", "说明"),),
        body=tuple(
            (
                text_cell(line.label),
                Cell((figure_run(("setting", line.label), line.value),)),
                replace(text_cell(line.note), align="left"),
            )
            for line in lines
        ),
    )


def consistency_table(facts: Facts) -> Table:
    """Lay out, per judgement matrix, its order, the number of experts and the range of CR; no expert is named."""
    weights = facts.results.weights
    experts = weights.experts if weights else ()
    groups = [FIRST_LEVEL, *(c.name for c in facts.weighted)]
    rows: list[Row] = []
    for group in groups:
        of_group = [e for e in experts if e.matrix == group]
        if of_group:
            rows.append(_consistency_row(facts, group, of_group))
    if not rows:
        rows.append(tuple(text_cell(DASH) for _ in range(6)))
    return Table(
        anchor="table:consistency",
        caption="判断矩阵的一致性检验",
        columns=(Column(28), Column(10), Column(14), Column(16), Column(16), Column(16)),
        head=(head("判断矩阵", "阶数", "采用的专家数", "CR最小值", "CR最大值", "超过限值的份数"),),
        body=tuple(rows),
    )


def _consistency_row(facts: Facts, group: str, experts: Sequence[ExpertConsistency]) -> Row:
    ratios = [e.cr for e in experts]
    return (
        text_cell(group),
        text_cell(experts[0].n),
        text_cell(sum(e.included for e in experts)),
        *(
            figure_cell(facts.keyed("consistency", group, which), number(round_half_even(pick(ratios), 4)))
            for which, pick in (("min", min), ("max", max))
        ),
        text_cell(sum(not e.consistent for e in experts)),
    )


_RI_PAIRS = 4
"""Pairs of columns (阶数, RI) side by side."""


def random_index_table(facts: Facts) -> Table:
    """Lay out the random indices RI in force for the orders that occur, read down the pairs of columns."""
    parts = facts.parts
    largest = max(3, *(len(p.weighted) for p in parts), *(len(c.indicators) for p in parts for c in p.weighted))
    name = facts.inputs.settings.random_index
    indices = [random_index(n, name) for n in range(3, largest + 1)]
    # As many decimals as the table prints; fitted and simulated values past its end have four at most.
    places = min(4, max(2, *(len(repr(i.value).partition(".")[2]) for i in indices)))
    pairs = [
        (
            text_cell(i.n),
            figure_cell(("random-index", name, str(i.n)), number(round_half_even(i.value, places))),
        )
        for i in indices
    ]
    height = -(-len(pairs) // _RI_PAIRS)
    empty = (text_cell(DASH), text_cell(DASH))
    sources = dict.fromkeys(_RI_SOURCES.get(i.source) or named("RI表", i.source) for i in indices)
    return Table(
        anchor="table:ri",
        caption="平均随机一致性指标RI",
        columns=(Column(1),) * (2 * _RI_PAIRS),
        head=(head(*(with_symbol("阶数", facts.order), "RI") * _RI_PAIRS),),
        body=tuple(
            tuple(cell for start in range(0, _RI_PAIRS * height, height) for cell in _at(pairs, start + row, empty))
            for row in range(height)
        ),
        notes=(Note((Text(f"RI取自{'、'.join(sources)}。"),)),),
    )


_RI_SOURCES = {"simulated": "随机模拟（每阶100万个判断矩阵）"}


def _at(pairs: Sequence[tuple[Cell, Cell]], position: int, empty: tuple[Cell, Cell]) -> tuple[Cell, Cell]:
    return pairs[position] if position < len(pairs) else empty


def rounds_table(facts: Facts) -> Table:
    """Lay out how many experts answered in each round of the Delphi consultation."""
    return Table(
        anchor="table:rounds",
        caption="专家咨询各轮收回的有效问卷数",
        columns=(Column(30), Column(70)),
        head=(head("轮次", "有效问卷数"),),
        body=tuple((text_cell(f"第{r.number}轮"), text_cell(len(r.answers))) for r in facts.inputs.delphi),
    )
