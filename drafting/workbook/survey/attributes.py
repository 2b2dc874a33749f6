"""What the rows of a survey say about their enterprises beside values: name, stratum, region, year, weight, the law."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from drafting.model.identity import name_keys
from drafting.model.labels import Labels
from drafting.model.survey import UNGROUPED
from drafting.workbook import headings as h
from drafting.workbook.cells import CellFaultError, decimal_of, is_blank, shown, text, yes_no
from drafting.workbook.survey.texts import Texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drafting.workbook.report import Report
    from drafting.workbook.survey.meaning import Meaning
    from drafting.workbook.survey.table import SurveyTable


def names_of(table: SurveyTable, column: int) -> Sequence[str]:
    """Names as shown; empty where nothing stands."""
    cells = table.columns[column]
    return cells.names() if isinstance(cells, Texts) else [text(cell) for cell in table.cells(column)]


def keys_of(table: SurveyTable, column: int, names: Sequence[str]) -> Sequence[str]:
    """The names as they are compared."""
    cells = table.columns[column]
    return cells.keys(names) if isinstance(cells, Texts) else name_keys(names)


def years_of(table: SurveyTable, column: int) -> NDArray[np.float64]:
    """Years as numbers, by which 取最新 compares; NaN where there is none."""
    said = _words(table, column, year_of)
    years = np.array([float(word) if word.isdecimal() else np.nan for word in said.words] or [np.nan])
    return years.take(said.at)


def year_of(cell: object) -> str:
    """What a cell of column 年份 says; of a date, its year."""
    return text(cell)[:4] if hasattr(cell, "year") else text(cell)


def _words(table: SurveyTable, column: int, said: Callable[[object], str]) -> Labels:
    cells = table.columns[column]
    if not isinstance(cells, Texts):
        return Labels.of(map(said, table.cells(column)))
    words, at = cells.coded()
    return Labels.of_repeated([said(word) for word in words], at)


@dataclass(frozen=True, slots=True)
class Attributes:
    """Reads what some rows say; every cell at fault is reported, one that repeats is read once."""

    table: SurveyTable
    meaning: Meaning
    report: Report

    def words(self, *, strata: bool) -> dict[str, Labels]:
        """Strata, regions and years by heading; ``strata``: whether one left blank is at fault."""
        found: dict[str, Labels] = {}
        for heading in (h.STRATUM, h.REGION, h.YEAR):
            column = self.meaning.special.get(heading)
            if column is None:
                continue
            found[heading] = said = _words(self.table, column, year_of if heading == h.YEAR else text)
            if heading == h.STRATUM and "" in said.words:
                for index in np.flatnonzero(said.at == said.words.index("")).tolist() if strata else ():
                    place = self.table.cell(index, column)
                    self.report.add("survey-no-stratum", place, line=self.table.line(index))
                found[heading] = said.renamed({"": UNGROUPED})
        return found

    def weights(self) -> NDArray[np.float64]:
        """Sampling weights, 1 where the cell is at fault."""
        table, column = self.table, self.meaning.special[h.SAMPLING_WEIGHT]
        cells = table.cells(column)
        weights = np.ones(len(cells))
        percents = set(table.percent_rows(column).tolist())
        known: dict[tuple[object, bool], float] = {}
        for index, cell in enumerate(cells):
            percent = bool(percents) and table.rows[index] in percents
            found = known.get((cell, percent))
            if found is None:
                try:
                    exact = _positive(cell, percent, comma=table.decimal_comma)
                    if exact is None:
                        raise CellFaultError("是空的")
                    found = known[cell, percent] = float(exact)
                except CellFaultError as fault:
                    place = table.cell(index, column)
                    self.report.add("survey-weight", place, found=shown(cell) or "空白", reason=fault.reason)
                    found = 1.0
            weights[index] = found
        return weights

    def violations(self) -> NDArray[np.bool_] | None:
        """Who does not meet the legal precondition, nobody where the cell is at fault; None without the column."""
        column = self.meaning.special.get(h.VIOLATION)
        if column is None:
            return None
        cells = self.table.cells(column)
        marks = np.zeros(len(cells), dtype=np.bool_)
        known: dict[object, bool] = {None: False}
        for index, cell in enumerate(cells):
            found = known.get(cell)
            if found is None:
                try:
                    found = known[cell] = yes_no(cell) or False
                except CellFaultError:
                    place = self.table.cell(index, column)
                    self.report.add("not-yes-or-no", place, heading=h.VIOLATION, found=shown(cell))
                    found = False
            marks[index] = found
        return marks


def _positive(cell: object, percent: bool, *, comma: bool = False) -> Decimal | None:
    if is_blank(cell):
        return None
    number = decimal_of(cell, percent=percent, comma=comma)
    if number <= 0:
        raise CellFaultError("不是正数")
    return number
