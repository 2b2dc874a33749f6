"""What a piece of a large survey says about its enterprises beside their values, by the rules of small surveys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from drafting.model.survey import UNGROUPED
from drafting.workbook import headings as h
from drafting.workbook.cells import text
from drafting.workbook.large.cells import CountingReport, is_number, numbers_of
from drafting.workbook.large.source import Chunk
from drafting.workbook.survey.attributes import Attributes, year_of
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

    def words(self, chunk: Chunk, rows: NDArray[np.int64], *, strata: bool) -> dict[str, Any]:
        """Strata, regions and years as pyarrow arrays by heading; ``strata``: whether one left blank is at fault."""
        import pyarrow as pa

        found: dict[str, Any] = {}
        for heading in (h.STRATUM, h.REGION, h.YEAR):
            number = self._special.get(heading)
            if number is None:
                continue
            coded = chunk.arrays[number].dictionary_encode()
            said = year_of if heading == h.YEAR else text
            words = [said(v) for v in cells_of(coded.dictionary)] + [""]
            own = coded.indices.fill_null(len(words) - 1)
            if heading == h.STRATUM:
                if strata and "" in words:
                    self._report_blank(pa.array(words, pa.string()).take(own).to_pylist(), rows, number)
                words = [word or UNGROUPED for word in words]
            found[heading] = pa.array(words, pa.string()).take(own)
        return found

    def _report_blank(self, strata: Sequence[str], rows: NDArray[np.int64], number: int) -> None:
        for row in rows[[not stratum for stratum in strata]].tolist():
            self._report.add("survey-no-stratum", self._table.place.at(row, number), line=f"第 {row} 行")

    def weights(self, chunk: Chunk, rows: NDArray[np.int64]) -> NDArray[np.float64] | None:
        """Sampling weights, None without the column."""
        number = self._special.get(h.SAMPLING_WEIGHT)
        return None if number is None else self._cells.weights(number, cells_of(chunk.arrays[number]), rows.tolist())

    def violations(self, chunk: Chunk, rows: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        """Who does not meet the legal precondition, None without the column."""
        number = self._special.get(h.VIOLATION)
        return None if number is None else self._cells.violations(number, cells_of(chunk.arrays[number]), rows.tolist())
