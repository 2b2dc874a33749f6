"""Values beyond an indicator's physical limits, stated or likely: flagged and kept, of a whole survey or in pieces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from drafting.model.survey import State
from drafting.workbook.cells import is_percent_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from drafting.model.system import Indicator, IndicatorSystem
    from drafting.workbook.report import Report
    from drafting.workbook.survey.table import SurveyTable


@dataclass
class LimitCheck:
    """Looks at values indicator by indicator; what can only be counted is said at the end."""

    system: IndicatorSystem
    table: SurveyTable
    columns: Mapping[str, int]
    """Column of each indicator; of computed ones, that of their first raw total."""
    report: Report
    _doubtful: dict[tuple[str, str], tuple[int, int, float]] = field(default_factory=dict)
    """How many values hardly any quantity has, row and value of the first, by finding and code."""

    def add(
        self, code: str, values: NDArray[np.float64], states: NDArray[np.uint8],
        rows: Sequence[int] | NDArray[np.int64],
    ) -> None:  # fmt: skip
        """Take values with their states and the numbers of their rows."""
        indicator = self.system.indicator(code)
        if indicator.qualitative:
            return
        known = states == State.VALUE
        low = -np.inf if indicator.lower is None else float(indicator.lower)
        high = np.inf if indicator.upper is None else float(indicator.upper)
        with np.errstate(invalid="ignore"):
            outside = np.flatnonzero(known & ((values < low) | (values > high)))
        for index in map(int, outside):
            self.report.add(
                "survey-outside-limits", self.table.cell_in(int(rows[index]), self.columns[code]), name=indicator.name,
                found=f"{values[index]:.10g}", lower=_end(indicator.lower), upper=_end(indicator.upper),
            )  # fmt: skip
        for finding, odd in _doubtful(indicator, values, known):
            first = int(odd[0])
            count, row, value = self._doubtful.get((finding, code), (0, int(rows[first]), float(values[first])))
            self._doubtful[finding, code] = (count + odd.size, row, value)

    def finish(self) -> None:
        """Say which values hardly any quantity has."""
        for (finding, code), (count, row, value) in self._doubtful.items():
            place, name = self.table.cell_in(row, self.columns[code]), self.system.indicator(code).name
            self.report.add(finding, place, name=name, count=count, found=f"{value:.10g}")


def _doubtful(
    indicator: Indicator, values: NDArray[np.float64], known: NDArray[np.bool_]
) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Values that hardly any quantity has, where the indicator states no limit of its own: code and positions."""
    with np.errstate(invalid="ignore"):
        negative, beyond = np.flatnonzero(known & (values < 0)), np.flatnonzero(known & (values > 100))
    if indicator.lower is None and negative.size:
        yield "survey-negative", negative
    if indicator.upper is None and beyond.size and is_percent_unit(indicator.unit):
        yield "survey-percent-beyond", beyond


def _end(value: object) -> str:
    return "不限" if value is None else str(value)
