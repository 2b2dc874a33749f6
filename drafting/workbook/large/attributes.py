"""What a piece of a large survey says about its enterprises beside their values: stratum, sampling weight, 重大违法."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from drafting.model.survey import UNGROUPED
from drafting.workbook import headings as h
from drafting.workbook.cells import CellFaultError, shown, text, yes_no
from drafting.workbook.large.cells import CountingReport, is_number, numbers_of
from drafting.workbook.large.source import Chunk
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.table import SurveyTable
from drafting.workbook.survey.values import positive

if TYPE_CHECKING:
    from numpy.typing import NDArray


def cells_of(array: Any) -> list[object]:
    """Values of a column; NaN among numbers says nothing, as null does."""
    if not is_number(array.type):
        return list(array.to_pylist())
    return [None if value != value else value for value in numbers_of(array).tolist()]


@dataclass(frozen=True, slots=True)
class Attributes:
    """Reads them by the rules of small surveys; every cell at fault is reported."""

    table: SurveyTable
    meaning: Meaning
    report: CountingReport

    def strata(self, chunk: Chunk, rows: NDArray[np.int64], *, needed: bool) -> Any:
        """Strata as a pyarrow array, None without the column; ``needed``: whether an empty cell is at fault."""
        import pyarrow as pa

        number = self.meaning.special.get(h.STRATUM)
        if number is None:
            return None
        coded = chunk.arrays[number].dictionary_encode()
        words = [text(v) for v in coded.dictionary.to_pylist()] + [""]
        own = coded.indices.fill_null(len(words) - 1)
        if needed and "" in words:
            for index, word in enumerate(pa.array(words, pa.string()).take(own).to_pylist()):
                if not word:
                    row = int(rows[index])
                    self.report.add("survey-no-stratum", self.table.place.at(row, number), row=row)
        return pa.array([word or UNGROUPED for word in words], pa.string()).take(own)

    def weights(self, chunk: Chunk, rows: NDArray[np.int64]) -> NDArray[np.float64] | None:
        """Sampling weights, 1 where the cell is at fault; None without the column."""
        number = self.meaning.special.get(h.SAMPLING_WEIGHT)
        if number is None:
            return None
        cells = cells_of(chunk.arrays[number])
        weights = np.ones(len(cells))
        known: dict[object, float] = {}
        for index, cell in enumerate(cells):
            found = known.get(cell)
            if found is None:
                try:
                    exact = positive(cell, percent=False, comma=self.table.decimal_comma)
                    if exact is None:
                        raise CellFaultError("是空的")
                    found = known[cell] = float(exact)
                except CellFaultError as fault:
                    place = self.table.place.at(int(rows[index]), number)
                    self.report.add("survey-weight", place, found=shown(cell) or "空白", reason=fault.reason)
                    found = 1.0
            weights[index] = found
        return weights

    def violations(self, chunk: Chunk, rows: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        """Who does not meet the legal precondition, nobody where the cell is at fault; None without the column."""
        number = self.meaning.special.get(h.VIOLATION)
        if number is None:
            return None
        cells = cells_of(chunk.arrays[number])
        marks = np.zeros(len(cells), dtype=np.bool_)
        known: dict[object, bool] = {None: False}
        for index, cell in enumerate(cells):
            found = known.get(cell)
            if found is None:
                try:
                    found = known[cell] = yes_no(cell) or False
                except CellFaultError:
                    place = self.table.place.at(int(rows[index]), number)
                    self.report.add("not-yes-or-no", place, heading=h.VIOLATION, found=shown(cell))
                    found = False
            marks[index] = found
        return marks
