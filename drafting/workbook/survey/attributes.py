"""What the rows of a survey say about their enterprises beside values: sampling weights, the legal precondition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drafting.workbook import headings as h
from drafting.workbook.cells import CellFaultError, shown, text, yes_no
from drafting.workbook.survey.values import positive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from drafting.workbook.report import Report
    from drafting.workbook.survey.table import SurveyTable


def year_of(cell: object) -> str:
    """What a cell of column 年份 says; of a date, its year."""
    return text(cell)[:4] if hasattr(cell, "year") else text(cell)


@dataclass(frozen=True, slots=True)
class Attributes:
    """Reads a column's cells of some rows; every cell at fault is reported, one that repeats is read once."""

    table: SurveyTable
    report: Report

    def weights(self, column: int, cells: Sequence[object], rows: Sequence[int]) -> NDArray[np.float64]:
        """Sampling weights, 1 where the cell is at fault."""
        weights = np.ones(len(cells))
        percents = set(self.table.percent_rows(column).tolist())
        known: dict[tuple[object, bool], float] = {}
        for index, cell in enumerate(cells):
            percent = int(rows[index]) in percents
            found = known.get((cell, percent))
            if found is None:
                try:
                    exact = positive(cell, percent, comma=self.table.decimal_comma)
                    if exact is None:
                        raise CellFaultError("是空的")
                    found = known[cell, percent] = float(exact)
                except CellFaultError as fault:
                    place = self.table.cell_in(int(rows[index]), column)
                    self.report.add("survey-weight", place, found=shown(cell) or "空白", reason=fault.reason)
                    found = 1.0
            weights[index] = found
        return weights

    def violations(self, column: int, cells: Sequence[object], rows: Sequence[int]) -> NDArray[np.bool_]:
        """Who does not meet the legal precondition, nobody where the cell is at fault."""
        marks = np.zeros(len(cells), dtype=np.bool_)
        known: dict[object, bool] = {None: False}
        for index, cell in enumerate(cells):
            found = known.get(cell)
            if found is None:
                try:
                    found = known[cell] = yes_no(cell) or False
                except CellFaultError:
                    place = self.table.cell_in(int(rows[index]), column)
                    self.report.add("not-yes-or-no", place, heading=h.VIOLATION, found=shown(cell))
                    found = False
            marks[index] = found
        return marks
