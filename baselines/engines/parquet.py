"""Reading a parquet table in pieces: groups as small numbers, columns as keys that ascend from the best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.direction import Direction
from baselines.engines.errors import EngineMissingError, TableError

SPANS = 8
SPAN_ROWS = 32_768
"""A sample is read from so many places of the file, each of so many rows."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of the table, their groups side by side."""

    batch: Any
    ways: tuple[Direction, ...]
    first: int
    """Position of the first column in the batch."""
    order: NDArray[np.intp] | None
    starts: NDArray[np.intp]
    """Where each group begins in the ordered keys, and the end."""

    def keys(self) -> Iterator[NDArray[np.float64]]:
        """Yield the columns one by one, in the order of the groups, as keys that ascend from the best."""
        for place, way in enumerate(self.ways, self.first):
            keys = _keys(self.batch, place, way)
            yield keys if self.order is None else keys[self.order]


class ParquetTable:
    """A parquet file opened for reading in pieces.

    Parameters
    ----------
    path : Path

    Raises
    ------
    TableError
        When it is no parquet file.
    EngineMissingError
        Without pyarrow.
    """

    def __init__(self, path: Path, by: str | None) -> None:
        try:
            import pyarrow
            import pyarrow.parquet as parquet
        except ImportError as fault:
            raise EngineMissingError("reading large tables needs pyarrow", values=("duckdb",)) from fault
        try:
            # Pages are read as they are needed: a whole column of a row group may be larger than the memory allowed.
            self._file = parquet.ParquetFile(
                path, read_dictionary=[by] if by else None, pre_buffer=False, buffer_size=1 << 18
            )
        except (pyarrow.ArrowException, OSError, ValueError) as fault:
            raise TableError(f"no parquet file: {path.name}", values=(path.name,)) from fault
        self._by = by
        self._groups: dict[str, int] = {}
        names = set(self._file.schema_arrow.names)
        if by is not None and by not in names:
            raise TableError(f"no column {by!r} in {path.name}", values=(by,))

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self._file.metadata.num_rows)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups seen so far; their positions are their numbers."""
        return tuple(self._groups) if self._by else ("",)

    def check(self, columns: Sequence[str]) -> None:
        """Refuse columns that are not there or hold no numbers.

        Raises
        ------
        TableError
            Naming all of them.
        """
        import pyarrow.types as types

        schema = self._file.schema_arrow
        kinds = {name: schema.field(name).type for name in schema.names}
        absent = [c for c in columns if c not in kinds]
        if absent:
            raise TableError(f"no such columns: {absent}", values=absent)
        numeric = (types.is_floating, types.is_integer, types.is_decimal, types.is_null)
        wrong = [c for c in columns if not any(test(kinds[c]) for test in numeric)]
        if wrong:
            raise TableError(f"columns that hold no numbers: {wrong}", values=wrong)

    def sample(self, directions: Mapping[str, Direction]) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.intp]]:
        """Read keys and group numbers of rows from places spread over the file."""
        count = self._file.num_row_groups
        chosen = sorted({round(at) for at in np.linspace(0, count - 1, min(SPANS, count))})
        rows = max(SPAN_ROWS, SPAN_ROWS * SPANS // max(len(chosen), 1))
        keys: dict[str, list[NDArray[np.float64]]] = {c: [] for c in directions}
        numbers: list[NDArray[np.intp]] = []
        for group in chosen:
            batch = next(self._batches([*directions], rows, [group], threads=False), None)
            if batch is None:
                continue
            numbers.append(self._numbers(batch))
            for place, (column, way) in enumerate(directions.items()):
                keys[column].append(_keys(batch, place + bool(self._by), way))
        empty = np.empty(0)
        joined = {c: np.concatenate(parts) if parts else empty for c, parts in keys.items()}
        return joined, np.concatenate(numbers) if numbers else np.empty(0, dtype=np.intp)

    def pieces(self, directions: Mapping[str, Direction], rows: int) -> Iterator[Piece]:
        """Yield the whole table in pieces of so many rows."""
        ways = tuple(directions.values())
        for batch in self._batches([*directions], rows, None, threads=True):
            if self._by is None:
                yield Piece(batch, ways, 0, None, np.array([0, batch.num_rows], dtype=np.intp))
                continue
            numbers = self._numbers(batch)
            small = numbers.astype(np.uint16) if len(self._groups) < 1 << 16 else numbers
            order = np.argsort(small, kind="stable")  # a radix sort for small integers
            starts = np.searchsorted(numbers[order], np.arange(len(self._groups) + 1))
            yield Piece(batch, ways, 1, order, starts)

    def _batches(self, columns: list[str], rows: int, groups: list[int] | None, threads: bool) -> Iterator[Any]:
        wanted = [self._by, *columns] if self._by else columns
        batches: Iterator[Any] = self._file.iter_batches(rows, row_groups=groups, columns=wanted, use_threads=threads)
        for batch in batches:
            # The file gives columns in its own order.
            yield batch.select(wanted)

    def _numbers(self, batch: Any) -> NDArray[np.intp]:
        """Group number of each row; new groups get the next number."""
        if self._by is None:
            return np.zeros(batch.num_rows, dtype=np.intp)
        column = batch.column(0)
        if not hasattr(column, "indices"):
            column = column.dictionary_encode()
        names = ["" if name is None else str(name) for name in column.dictionary.to_pylist()]
        indices = column.indices
        if column.null_count:
            indices = indices.fill_null(len(names))
            names.append("")
        numbers = np.array([self._groups.setdefault(name, len(self._groups)) for name in names], dtype=np.intp)
        found: NDArray[np.intp] = numbers[indices.to_numpy(zero_copy_only=False)]
        return found


def _keys(batch: Any, place: int, way: Direction) -> NDArray[np.float64]:
    import pyarrow

    column = batch.column(place)
    if not pyarrow.types.is_float64(column.type):
        column = column.cast(pyarrow.float64(), safe=False)
    values: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    return values if way is Direction.SMALLER else -values
