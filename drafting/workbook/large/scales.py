"""Two units in one column of a large survey: what :mod:`drafting.workbook.survey.scales` needs, kept piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from drafting.workbook.report import Report
from drafting.workbook.survey.scales import two_scales
from drafting.workbook.survey.table import SurveyTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST = 4
"""Fewer values form no groups, see :func:`two_scales`."""


@dataclass(frozen=True, slots=True)
class _Power:
    """Values with one power of two: how many, their range, and the first of them."""

    count: int
    least: float
    most: float
    row: int
    first: float


@dataclass(slots=True)
class Scales:
    """The positive values of one column, in the unit of the file, by their power of two."""

    powers: dict[int, _Power] = field(default_factory=dict)

    def add(self, values: NDArray[np.float64], rows: NDArray[np.int64]) -> None:
        """Take the values of one piece, NaN where there is none."""
        with np.errstate(invalid="ignore"):
            at = np.flatnonzero(values > 0)
        values, rows = values[at], rows[at]
        exponents = np.frexp(values)[1]
        for power in np.unique(exponents).tolist():
            here = exponents == power
            own, first = values[here], int(np.argmax(here))
            known = self.powers.get(power)
            self.powers[power] = _Power(
                len(own) + (known.count if known else 0),
                min(float(own.min()), known.least if known else np.inf),
                max(float(own.max()), known.most if known else -np.inf),
                known.row if known else int(rows[first]), known.first if known else float(values[first]),
            )  # fmt: skip

    def report(self, table: SurveyTable, column: int, report: Report) -> None:
        """Say that the values form two groups, as they would in a small survey."""
        powers = list(self.powers.values())
        if sum(of.count for of in powers) < _FEWEST:
            return
        groups = two_scales(np.array([end for of in powers for end in (of.least, of.most)]))
        if groups is None:
            return
        smaller, larger = ([powers[i] for i in sorted({int(p) // 2 for p in at})] for at in groups[:2])
        odd, others = (smaller, larger) if _count(smaller) <= _count(larger) else (larger, smaller)
        first, other = (min(of, key=lambda power: power.row) for of in (odd, others))
        report.add(
            "survey-two-units", table.place.at(first.row, column), heading=table.headings[column], count=_count(odd),
            found=f"{first.first:.10g}", other=f"{other.first:.10g}", factor=f"{groups[2]:,.0f}",
        )  # fmt: skip


def _count(powers: list[_Power]) -> int:
    return sum(of.count for of in powers)
