"""Two units in one column: numbers that fall into two groups which lie a thousand times or so apart.

A column is looked at as a whole or in pieces: its values are kept by their power of two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drafting.workbook.report import Report
    from drafting.workbook.survey.table import SurveyTable

_FACTORS = (1e3, 1e4, 1e6)
"""Between units that tables mix: kg and t, t and 万t, g and t; kWh and 万kWh."""
_GAP = 5
"""Powers of two without a value between the groups (more than 2⁵ = 32 times)."""
_SIDES = 2.0
"""How far one group, brought to the other's unit, may lie beyond it."""


def two_scales(values: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp], float] | None:
    """Find the two groups of a column whose values seem to be in two units.

    ``values``: NaN where there is none; values that are not positive say nothing.
    Returns positions of the values of either group.
    Returns what would bring the smaller values among the larger ones.
    """
    with np.errstate(invalid="ignore"):
        at = np.flatnonzero(values > 0)
    if at.size < 4:
        return None
    powers = np.frexp(values[at])[1]
    filled = np.flatnonzero(np.bincount(powers - powers.min()))
    steps = np.diff(filled)
    if not steps.size or steps.max() <= _GAP:
        return None
    border = powers.min() + filled[int(steps.argmax())]
    smaller, larger = at[powers <= border], at[powers > border]
    least, most = float(values[larger].min()) / _SIDES, float(values[larger].max()) * _SIDES
    low, high = float(values[smaller].min()), float(values[smaller].max())
    for factor in _FACTORS:
        if least <= low * factor and high * factor <= most:
            return smaller, larger, factor
    return None


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

    smaller: bool = False
    """Whether smaller values are better: then 0 is the best of all."""
    powers: dict[int, _Power] = field(default_factory=dict)
    zeros: int = 0
    first_zero: int = 0
    """Row of the first."""

    def add(self, values: NDArray[np.float64], rows: NDArray[np.int64]) -> None:
        """Take the values of one piece, NaN where there is none."""
        if self.smaller and (nothing := np.flatnonzero(values == 0)).size:
            self.first_zero = self.first_zero or int(rows[nothing[0]])
            self.zeros += nothing.size
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
        """Say that the values form two groups, as they would in a small survey, or that 0 is far from all others."""
        powers = list(self.powers.values())
        if _count(powers) < _FEWEST:
            return
        least, most = min(of.least for of in powers), max(of.most for of in powers)
        if self.zeros and most <= 2**_GAP * least:
            report.add(
                "survey-zero", table.cell_in(self.first_zero, column), heading=table.headings[column],
                count=self.zeros, least=f"{least:.10g}", most=f"{most:.10g}",
            )  # fmt: skip
        groups = two_scales(np.array([end for of in powers for end in (of.least, of.most)]))
        if groups is None:
            return
        smaller, larger = ([powers[i] for i in sorted({int(p) // 2 for p in at})] for at in groups[:2])
        odd, others = (smaller, larger) if _count(smaller) <= _count(larger) else (larger, smaller)
        first, other = (min(of, key=lambda power: power.row) for of in (odd, others))
        report.add(
            "survey-two-units", table.cell_in(first.row, column), heading=table.headings[column], count=_count(odd),
            found=f"{first.first:.10g}", other=f"{other.first:.10g}", factor=f"{groups[2]:,.0f}",
        )  # fmt: skip


def _count(powers: list[_Power]) -> int:
    return sum(of.count for of in powers)
