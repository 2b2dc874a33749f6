"""The numbers behind cells that are shown as dates, as a worksheet's XML holds them exactly.

Reading turns such a number into a date. That cannot be undone: days before 1900 and the 29th of February 1900, which
Excel alone knows, become other days, fractions are cut to milliseconds, and a workbook may count from 1904.
"""

from __future__ import annotations

from collections.abc import Mapping

from drafting.workbook.sheet_marks import Address


class StoredNumbers:
    """Numbers of one worksheet as its file stores them."""

    __slots__ = ("_numbers",)

    def __init__(self, numbers: Mapping[Address, float]) -> None:
        """Take the numbers of cells whose style shows a date."""
        self._numbers = numbers

    def at(self, row: int, column: int) -> float | None:
        """The number of a cell, None where it holds none."""
        return self._numbers.get((row, column))
