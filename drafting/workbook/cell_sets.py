"""Large sets of cells, kept as rows by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING

import numpy as np

from drafting.workbook.sheet_marks import Address

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int32]

_NO_ROWS: Rows = np.zeros(0, dtype=np.int32)


class CellSet(Set[Address]):
    """A set of cells as ascending row numbers by column; equals any set of the same addresses."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows, columns: Rows) -> None:
        """Take row and column numbers, shape (cells,) each."""
        of = np.unique(columns) if len(columns) else ()  # of none: np.unique loads numpy.ma
        self._rows: Mapping[int, Rows] = {int(c): np.unique(rows[columns == c]) for c in of}

    @classmethod
    def of(cls, cells: Set[Address]) -> CellSet:
        """Take any set of addresses."""
        if isinstance(cells, cls):
            return cells
        pairs = np.array(list(cells), dtype=np.int32).reshape(-1, 2)
        return cls(pairs[:, 0], pairs[:, 1])

    def rows(self, column: int) -> Rows:
        """Row numbers of a column's cells, ascending."""
        return self._rows.get(column, _NO_ROWS)

    @classmethod
    def of_buffers(cls, rows: bytes, columns: bytes) -> CellSet:
        """Take rows and columns as 32-bit integers."""
        return cls(np.frombuffer(rows, dtype=np.int32), np.frombuffer(columns, dtype=np.int32))

    def buffers(self) -> tuple[bytes, bytes]:
        """Rows and columns as 32-bit integers."""
        columns = [np.full(len(rows), column, dtype=np.int32) for column, rows in self._rows.items()]
        joined = [np.concatenate([_NO_ROWS, *parts]).tobytes() for parts in (self._rows.values(), columns)]
        return joined[0], joined[1]

    def count(self, column: int) -> int:
        """How many cells of a column belong to the set."""
        return len(self.rows(column))

    def __contains__(self, cell: object) -> bool:
        if not isinstance(cell, tuple) or len(cell) != 2:
            return False
        row, column = cell
        rows = self.rows(column)
        at = int(np.searchsorted(rows, row))
        return at < len(rows) and bool(rows[at] == row)

    def __iter__(self) -> Iterator[Address]:
        for column, rows in self._rows.items():
            for row in rows.tolist():
                yield row, column

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))

    @classmethod
    def _from_iterable(cls, it: Iterable[Address]) -> frozenset[Address]:  # type: ignore[override]  # results of & and |
        return frozenset(it)
