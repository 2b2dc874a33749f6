"""Filled-in self-assessment workbooks as a survey: one row an enterprise, each value with the cell of its own file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_uppercase
from typing import ClassVar

import numpy as np

from drafting.evaluation.draft import Draft
from drafting.findings import Cell, column_of
from drafting.model.expression import Expression
from drafting.model.terms import GRADES
from drafting.model.weight import Weight
from drafting.notation.weights import WeightError, parse_weight
from drafting.workbook import headings as h
from drafting.workbook.assessment.combination import (
    COMBINED,
    FRONT,
    FRONT_ENTERPRISE,
    FRONT_VIOLATION,
    FRONT_YEAR,
)
from drafting.workbook.assessment.layout import (
    CALCULATION,
    CHOICE_SIGN,
    CHOICES_CELL,
    ENTERPRISE_CELL,
    FORM,
    FORM_FIRST,
    STRATUM_CELL,
    VIOLATION_CELL,
    YEAR_CELL,
    Layout,
)
from drafting.workbook.cells import is_blank, text
from drafting.workbook.opening import OpeningError, read_bytes
from drafting.workbook.report import Report
from drafting.workbook.sheets import Sheet, Workbook, read_workbook
from drafting.workbook.survey.table import SurveyTable
from drafting.workbook.survey.values import ColumnRule, plain_numbers

_LARGEST_FORM = 8 << 20
"""Bytes: a form of 300 indicators takes a twentieth of it; what is larger is a survey and not unpacked twice."""
_NAME_COLUMN, _LIMITING, _WEIGHT, _FIRST_BASELINE = 3, 5, 6, 7


@dataclass(frozen=True, slots=True)
class FormsTable(SurveyTable):
    """A survey whose rows are files: row *i* (from 1) is form *i*."""

    by_file: ClassVar[bool] = True

    places: Mapping[tuple[int, int], Cell] = field(default_factory=dict)
    """By position and column."""

    def cell_in(self, row: int, column: int) -> Cell:
        """Place of a value in its own file."""
        return self.places[row - 1, column]

    def column_at(self, place: Cell) -> int:
        """Column of a place."""
        return next((column for (_, column), known in self.places.items() if known == place), 0)

    def heading_cell(self, column: int) -> Cell:
        """Where the forms hold what the column is about."""
        first = self.places[0, column]
        return Cell(self.place.file, first.sheet, first.cell)

    def settle(self, report: Report) -> None:
        """Put the files' own cells in place of the rows' that reading a table leaves."""
        for name, (_, rows, column) in list(report.columns.items()):
            del report.columns[name]
            report.cells |= {(*name, str(i)): self.places[row - 1, column] for i, row in enumerate(rows)}


def forms_at(path: Path) -> tuple[Path, ...]:
    """Forms that a path names: the workbooks of a folder, or the file itself if it is a form; else nothing.

    Raises OpeningError when a file cannot be read safely.
    """
    if path.is_dir():
        # The lock files of an open Excel are none.
        inside = (p for p in path.iterdir() if p.suffix.lower() == ".xlsx" and not p.name.startswith(("~$", ".")))
        return tuple(sorted(inside))
    if path.suffix.lower() != ".xlsx" or not path.is_file() or path.stat().st_size > _LARGEST_FORM:
        return ()
    try:
        titles = {h.key(sheet.title) for sheet in read_workbook(read_bytes(path), path.name).sheets}
    except OpeningError:  # the survey reader says so
        return ()
    kinds = ({FORM, CALCULATION}, {FRONT, COMBINED})
    return (path,) if any({h.key(title) for title in kind} <= titles for kind in kinds) else ()


@dataclass(frozen=True, slots=True)
class Form:
    """One table of a filled-in workbook; ``front`` is its sheet 选表 where it has several."""

    file: Path
    sheet: Sheet
    front: Sheet | None = None

    def head(self, own: str, front: str) -> tuple[Sheet, str]:
        """Sheet and cell of what is asked once: on 选表 where there is one."""
        return (self.sheet, own) if self.front is None else (self.front, front)


def opened(files: Sequence[Path], report: Report) -> Iterator[tuple[Path, Workbook]]:
    """Open the workbooks that can be read."""
    for file in files:
        book = None
        with report.about(Cell(file.name)):
            book = read_workbook(read_bytes(file), file.name)
            report.name_strange(book.sheets)
        if book is not None:
            yield file, book


def read_forms(files: Sequence[Path], draft: Draft, report: Report, scoring: str = "") -> FormsTable | None:
    """Read forms against the draft they were made from.

    A form made from another draft cannot be read by position and is left out with a finding; one whose baselines
    differ is judged by the present draft, with a warning.
    """
    layout = Layout(draft, scoring=scoring)
    forms: list[Form] = []
    for file, book in opened(files, report):
        sheet = book.sheet(FORM)
        if sheet is None or book.sheet(CALCULATION) is None:
            report.add("assessment-not-a-form", Cell(file.name))
        elif made_from(sheet, layout, report):
            forms.append(Form(file, sheet))
    return forms_table(layout, forms, report)


def forms_table(layout: Layout, forms: Sequence[Form], report: Report) -> FormsTable | None:
    """The answers of some forms to one table; None where there is no form."""
    return _Rows(layout, report).table(forms) if forms else None


def _same_weight(says: str, weight: Weight) -> bool:
    """Whether a text means a weight, however it spells it; of class rows each shows that of their indicator."""
    try:
        found = parse_weight(says)
    except WeightError:
        return False
    return (found.amount, found.shared) == (weight.amount, weight.shared)


def made_from(sheet: Sheet, layout: Layout, report: Report) -> bool:
    """Whether rows and names are the draft's; says where the first one differs."""
    names = [*layout.draft.names, ""]
    for j, name in enumerate(names):
        row = FORM_FIRST + j
        found = text(sheet.value(row, _NAME_COLUMN))
        if h.key(found) != h.key(name) and (name or not is_blank(sheet.value(row, 1))):
            place = sheet.place.at(row, _NAME_COLUMN)
            report.add("assessment-other-draft", place, found=found or "空白", expected=name or "（没有更多指标）")
            return False
    said = dict(part.partition("：")[::2] for part in text(_value(sheet, CHOICES_CELL)).split(CHOICE_SIGN))
    for choice, now in layout.choices.items():  # a form from before they were written says none
        if said.get(choice, now) != now:
            values = {"what": choice, "found": said[choice], "now": now}
            report.add("assessment-other-rules", _at(sheet, CHOICES_CELL), **values)
    for j, (indicator, weight) in enumerate(zip(layout.draft.indicators, layout.draft.weights, strict=True)):
        row = FORM_FIRST + j
        star, of = (text(sheet.value(row, column)) for column in (_LIMITING, _WEIGHT))
        what, column, found, now = "", 0, "", ""
        if bool(star) != indicator.limiting:
            what, column, found, now = "限定性", _LIMITING, star or "空白", "＊" if indicator.limiting else "空白"
        elif of and not _same_weight(of, weight):
            what, column, found, now = "权重", _WEIGHT, of, str(weight)
        if what:
            values = {"what": f"“{names[j]}”的{what}", "found": found, "now": now}
            report.add("assessment-other-rules", sheet.place.at(row, column), **values)
            return True
    if len(layout.baselines()) == 1:  # with strata the cells hold formulas
        for j, one in enumerate(layout.baselines()[0]):
            for g, grade in enumerate(GRADES):
                row, column = FORM_FIRST + j, _FIRST_BASELINE + g
                now = one.by_grade[grade].bound.format() if grade in one.by_grade else "—"
                found = text(sheet.value(row, column))
                if h.key(found) != h.key(now):
                    values = {"name": names[j], "grade": grade.value, "found": found or "空白", "now": now}
                    report.add("assessment-other-baselines", sheet.place.at(row, column), **values)
                    return True
    return True


@dataclass
class _Rows:
    """Collects the forms' cells by column."""

    layout: Layout
    report: Report
    headings: dict[int, str] = field(default_factory=dict)
    columns: dict[int, list[object]] = field(default_factory=dict)
    places: dict[tuple[int, int], Cell] = field(default_factory=dict)
    percents: set[tuple[int, int]] = field(default_factory=set)

    def table(self, forms: Sequence[Form]) -> FormsTable:
        layout = self.layout
        for index, form in enumerate(forms):
            sheet, name_sheet, name_cell = form.sheet, *form.head(ENTERPRISE_CELL, FRONT_ENTERPRISE)
            self._put(index, name_sheet, h.ENTERPRISE, name_cell)
            if not self._last(h.ENTERPRISE):
                self.report.add("assessment-no-name", _at(name_sheet, name_cell), name=form.file.stem)
                self._replace(h.ENTERPRISE, form.file.stem)
            year, violation = form.head(YEAR_CELL, FRONT_YEAR), form.head(VIOLATION_CELL, FRONT_VIOLATION)
            self._put(index, year[0], h.YEAR, year[1])
            self._put(index, violation[0], h.VIOLATION, violation[1])
            if layout.draft.stratum_names:
                self._put(index, sheet, h.STRATUM, STRATUM_CELL)
            raw = layout.raw_cells()
            for name, address in raw.items():
                self._put(index, sheet, h.RAW_PREFIX + layout.raw_names()[name], address)
            for name, address in layout.parameter_cells().items():
                self._put(index, sheet, h.PARAMETER_PREFIX + name, address)
            for j, indicator in enumerate(layout.draft.indicators):
                self._put(index, sheet, indicator.code, layout.value(j))
                if h.key(text(_value(sheet, layout.mark(j)))) == h.key(h.NOT_APPLICABLE_MARK):
                    self._replace(indicator.code, h.NOT_APPLICABLE_MARK)
            self._classes()
        folder = {form.file.parent.name for form in forms}
        title = forms[0].sheet.title
        place = Cell(forms[0].sheet.place.file if len(forms) == 1 else folder.pop(), title)
        rows = tuple(range(1, len(forms) + 1))
        units = {self._column(h.RAW_PREFIX + layout.raw_names()[k]): unit for k, unit in layout.raw_units().items()}
        table = FormsTable(
            place=place,
            heading_row=0,
            headings=self.headings,
            units=units,
            unit_row=0,
            rows=rows,
            columns=self.columns,
            percents=frozenset(self.percents),
            places=self.places,
        )
        self._compute(table)
        return table

    def _classes(self) -> None:
        """The enterprise has the classes that it fills in; where it fills in none, the first one lacks its value."""
        layout = self.layout
        for pool in layout.pools:
            codes = [layout.draft.indicators[j].code for j in pool]
            blank = [code for code in codes if is_blank(self.columns[self._column(code)][-1])]
            said = [code for code in codes if code not in blank and self._last(code) != h.NOT_APPLICABLE_MARK]
            if not said and any(j in layout.unit_formulas() for j in pool):
                continue
            for code in blank if said else blank[1:]:
                self._replace(code, h.NOT_APPLICABLE_MARK)

    def _column(self, heading: str) -> int:
        return next((c for c, says in self.headings.items() if says == heading), len(self.headings) + 1)

    def _put(self, index: int, sheet: Sheet, heading: str, address: str) -> None:
        column = self._column(heading)
        self.headings[column] = heading
        self.columns.setdefault(column, []).append(_value(sheet, address))
        self.places[index, column] = _at(sheet, address)
        if _address(address) in sheet.percents:
            self.percents.add((index + 1, column))
        if _address(address) in sheet.uncached:
            self.report.add("formula-no-value", _at(sheet, address))

    def _last(self, heading: str) -> str:
        return text(self.columns[self._column(heading)][-1])

    def _replace(self, heading: str, value: object) -> None:
        column = self._column(heading)
        cells = self.columns[column]
        cells[-1] = value
        self.percents.discard((len(cells), column))

    def _compute(self, table: FormsTable) -> None:
        """Fill in what is left blank from the raw totals, as the form does, these read as a survey's are."""
        layout = self.layout
        columns = {key: self._column(h.RAW_PREFIX + name) for key, name in layout.raw_names().items()}
        unheard = Report()  # what is wrong with a raw total is said where its own column is read
        rules = {
            column: ColumnRule(self.headings[column], table.units.get(column, ""), wanted="total")
            for column in columns.values()
        }
        raw = {key: plain_numbers(table, column, rules[column], unheard) for key, column in columns.items()}
        for j, expression in layout.unit_formulas().items():
            indicator = layout.draft.indicators[j]
            cells = self.columns[self._column(indicator.code)]
            for index in range(len(table.rows)):
                if is_blank(cells[index]):
                    values = {name: float(raw[h.key(name)][index]) for name in expression.names}
                    cells[index] = self._computed(expression, values, index, columns, indicator.name)

    def _computed(
        self, expression: Expression, values: Mapping[str, float], index: int, columns: Mapping[str, int], name: str
    ) -> float | None:
        """The value of a formula: nothing where a total is missing, or a divisor is not positive."""
        if any(np.isnan(value) for value in values.values()):
            return None
        for one in expression.divisors:
            if values[one] <= 0:
                place = self.places[index, columns[h.key(one)]]
                heading, found = h.RAW_PREFIX + one, f"{values[one]:.10g}"
                self.report.add("survey-divisor", place, heading=heading, found=found, name=name)
                return None
        computed = float(np.asarray(expression.evaluate(values), dtype=np.float64))
        return computed if np.isfinite(computed) else None


def _address(cell: str) -> tuple[int, int]:
    return int(cell.lstrip(ascii_uppercase)), column_of(cell)


def _value(sheet: Sheet, cell: str) -> object:
    return sheet.value(*_address(cell))


def _at(sheet: Sheet, cell: str) -> Cell:
    return sheet.place.at(*_address(cell))
