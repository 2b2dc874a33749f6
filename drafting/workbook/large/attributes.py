"""What a piece of a large survey says about its enterprises beside their values, by the rules of small surveys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drafting.model.survey import UNGROUPED
from drafting.workbook import headings as h
from drafting.workbook.cells import text
from drafting.workbook.large.cells import CountingReport, is_number, numbers_of
from drafting.workbook.large.source import Chunk
from drafting.workbook.survey.attributes import Attributes
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.table import SurveyTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def cells_of(array: Any) -> list[object]:
    """Values of a column; NaN among numbers says nothing, as null does."""
    if not is_number(array.type):
        return list(array.to_pylist())
    return [None if value != value else value for value in numbers_of(array).tolist()]


class PieceAttributes:
    """Reads them of one piece after the other."""

    def __init__(self, table: SurveyTable, meaning: Meaning, report: CountingReport) -> None:
        self._table, self._report, self._special = table, report, meaning.special
        self._cells = Attributes(table, report)

    def strata(self, chunk: Chunk, rows: NDArray[np.int64], *, needed: bool) -> Any:
        """Strata as a pyarrow array, None without the column; ``needed``: whether an empty cell is at fault."""
        import pyarrow as pa

        number = self._special.get(h.STRATUM)
        if number is None:
            return None
        coded = chunk.arrays[number].dictionary_encode()
        words = [text(v) for v in coded.dictionary.to_pylist()] + [""]
        own = coded.indices.fill_null(len(words) - 1)
        if needed and "" in words:
            for index, word in enumerate(pa.array(words, pa.string()).take(own).to_pylist()):
                if not word:
                    row = int(rows[index])
                    self._report.add("survey-no-stratum", self._table.place.at(row, number), line=f"第 {row} 行")
        return pa.array([word or UNGROUPED for word in words], pa.string()).take(own)

    def weights(self, chunk: Chunk, rows: NDArray[np.int64]) -> NDArray[np.float64] | None:
        """Sampling weights, None without the column."""
        number = self._special.get(h.SAMPLING_WEIGHT)
        return None if number is None else self._cells.weights(number, cells_of(chunk.arrays[number]), rows.tolist())

    def violations(self, chunk: Chunk, rows: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        """Who does not meet the legal precondition, None without the column."""
        number = self._special.get(h.VIOLATION)
        return None if number is None else self._cells.violations(number, cells_of(chunk.arrays[number]), rows.tolist())
