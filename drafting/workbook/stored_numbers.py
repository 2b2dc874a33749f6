"""The numbers behind cells that are shown as dates: read from a worksheet's XML, where they stand exactly.

Reading turns such a number into a date. That cannot be undone: days before 1900 and the 29th of February 1900, which
Excel alone knows, become other days, fractions are cut to milliseconds, and a workbook may count from 1904.
"""

from __future__ import annotations

from collections.abc import Mapping

from drafting.findings import address
from drafting.workbook.sheet_marks import column_numbers


class StoredNumbers:
    """Numbers of one worksheet as its file stores them, looked up a column at a time when one is asked for."""

    __slots__ = ("_columns", "_content")

    def __init__(self, content: bytes) -> None:
        """Take the XML of a worksheet."""
        self._content = content
        self._columns: dict[int, Mapping[int, float]] = {}

    def at(self, row: int, column: int) -> float | None:
        """The number of a cell, None where it holds none."""
        if column not in self._columns:
            letters = address(1, column)[:-1]
            self._columns[column] = column_numbers(self._content, letters)
        return self._columns[column].get(row)
