"""Fractions (0.95) among percentages (95) of one column, or nothing but fractions: of a whole column or in pieces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drafting.workbook.report import Report
    from drafting.workbook.survey.table import SurveyTable

KEPT_SIZES = 100_000
"""Different fractions of one column that are kept apart."""


class Words(Protocol):
    """Texts of cells, looked up when one is asked for."""

    def __getitem__(self, index: int, /) -> str:
        """What a cell shows."""


@dataclass(slots=True)
class Percentages:
    """Numbers of a column in % that do not say whether they are percentages."""

    plain: int = 0
    small: int = 0
    large: int = 0
    sizes: dict[float, tuple[int, int, str]] = field(default_factory=dict)
    """Distinct sizes up to 1: how often, first row, its text."""
    smallest_large: float = np.inf
    first_large: tuple[int, str] = (0, "")

    def add(self, sizes: NDArray[np.float64], rows: NDArray[np.int64], words: Words) -> None:
        """Take the absolute values of such numbers, with their rows and texts."""
        self.plain += len(sizes)
        sizes = np.where(np.isclose(sizes, 1, rtol=1e-14, atol=0), 1.0, sizes)  # a computed 1 is 1
        small, large = np.flatnonzero((sizes > 0) & (sizes <= 1)), np.flatnonzero(sizes > 1)
        if large.size:
            row = int(rows[large[0]])
            if not self.large or row < self.first_large[0]:
                self.first_large = (row, words[int(large[0])])
            self.smallest_large = min(self.smallest_large, float(sizes[large].min()))
        self.small, self.large = self.small + small.size, self.large + large.size
        distinct, first, times = np.unique(sizes[small], return_index=True, return_counts=True)
        for size, at, count in zip(distinct.tolist(), first.tolist(), times.tolist(), strict=True):
            row, known = int(rows[small[at]]), self.sizes.get(size)
            if known is not None and known[1] < row:
                self.sizes[size] = (known[0] + count, known[1], known[2])
            elif known is not None or len(self.sizes) < KEPT_SIZES:
                self.sizes[size] = (count + (known[0] if known else 0), row, words[int(small[at])])

    def report(self, table: SurveyTable, column: int, heading: str, report: Report) -> None:
        """Of a whole column, say what is doubtful: fractions among percentages, or nothing but fractions."""
        if not self.small:
            return
        largest = max(self.sizes)
        first = min(self.sizes.values(), key=lambda of: of[1])
        if self.large:
            # A hundred times the small ones lies where the large ones lie.
            mixed = [of for size, of in self.sizes.items() if self.smallest_large * 0.5 <= size * 100]
            if not mixed or self.smallest_large <= 10 * largest:
                return
            count, fraction = sum(of[0] for of in mixed), min(mixed, key=lambda of: of[1])
            place, others = fraction[1:], self.first_large
            if count > self.large:
                place, others, count = others, place, self.large
            report.add(
                "survey-percent-mixed", table.cell_in(place[0], column), heading=heading, found=place[1],
                other=others[1], count=count,
            )  # fmt: skip
        elif self.small >= 3 and largest > 0.2 and self.small == self.plain:
            report.add("survey-percent-fractions", table.heading_cell(column), heading=heading, found=first[2])
