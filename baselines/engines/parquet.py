"""Reading a parquet table in pieces: groups as small numbers, columns as keys that ascend from the best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.direction import Direction
from baselines.engines.errors import EngineMissingError, TableError
from baselines.engines.table import View
from baselines.errors import WeightError

SPANS = 8
SPAN_ROWS = 32_768
"""A sample is read from so many places of the file, each of so many rows."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of the table, their groups side by side."""

    batch: Any
    columns: Columns
    order: NDArray[np.intp] | None
    starts: NDArray[np.intp]
    """Where each group begins in the ordered keys, and the end."""

    def keys(self) -> Iterator[tuple[NDArray[np.float64], NDArray[np.bool_] | None, int]]:
        """Yield the rankings one by one, rows in the order of the groups: keys, marks of non-detects, infinite ones."""
        for view in self.columns.views:
            keys, marks, infinite = self.columns.keys(self.batch, view)
            if self.order is not None:
                keys, marks = keys[self.order], None if marks is None else marks[self.order]
            yield keys, marks, infinite

    def weights(self) -> NDArray[np.int64] | None:
        """Whole-number weights in the order of the groups."""
        weights = self.columns.weights_of(self.batch)
        return weights if weights is None or self.order is None else weights[self.order]


@dataclass(frozen=True, slots=True)
class Columns:
    """What is read of a table beside the groups."""

    views: tuple[View, ...]
    weights: str | None = None
    decimals: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the file, each once."""
        wanted = [v.column for v in self.views] + [v.mark for v in self.views if v.mark]
        return tuple(dict.fromkeys([*wanted, *([self.weights] if self.weights else [])]))

    def keys(self, batch: Any, view: View) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None, int]:
        """Keys that ascend from the best, marks of non-detects, and how many values are infinite."""
        keys = doubles(batch.column(batch.schema.get_field_index(view.column)))
        infinite = int(np.count_nonzero(np.isinf(keys)))
        if view.way is Direction.LARGER:
            keys = -keys
        if view.mark is None:
            return keys, None, infinite
        marks = doubles(batch.column(batch.schema.get_field_index(view.mark))) == 1
        if view.open_end is not None:
            keys = np.where(marks & ~np.isnan(keys), view.open_end, keys)
        return keys, marks, infinite

    def weights_of(self, batch: Any) -> NDArray[np.int64] | None:
        """Weights as whole numbers of their last decimal.

        Raises
        ------
        WeightError
            For weights that are missing, not positive, or have more decimals.
        """
        if self.weights is None:
            return None
        weights = doubles(batch.column(batch.schema.get_field_index(self.weights)))
        scale = 10.0**self.decimals
        with np.errstate(invalid="ignore"):
            whole = np.rint(weights * scale)
            right = (weights > 0) & (whole < 1e15) & (whole / scale == weights)
        if not right.all():
            wrong = weights[~right][:20].tolist()
            raise WeightError(f"weights that do not count: {wrong}", values=wrong)
        return whole.astype(np.int64)


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
        numeric = (types.is_floating, types.is_integer, types.is_decimal, types.is_null, types.is_boolean)
        wrong = [c for c in columns if not any(test(kinds[c]) for test in numeric)]
        if wrong:
            raise TableError(f"columns that hold no numbers: {wrong}", values=wrong)

    def sample(
        self, columns: Columns
    ) -> tuple[dict[View, NDArray[np.float64]], NDArray[np.intp], NDArray[np.int64] | None]:
        """Read keys, group numbers and weights of rows from places spread over the file."""
        count = self._file.num_row_groups
        chosen = sorted({round(at) for at in np.linspace(0, count - 1, min(SPANS, count))})
        rows = max(SPAN_ROWS, SPAN_ROWS * SPANS // max(len(chosen), 1))
        keys: dict[View, list[NDArray[np.float64]]] = {v: [] for v in columns.views}
        numbers: list[NDArray[np.intp]] = []
        weights: list[NDArray[np.int64]] = []
        for group in chosen:
            batch = next(self._batches([*columns.names], rows, [group], threads=False), None)
            if batch is None:
                continue
            numbers.append(self._numbers(batch))
            for view in columns.views:
                keys[view].append(columns.keys(batch, view)[0])
            heavy = columns.weights_of(batch)
            if heavy is not None:
                weights.append(heavy)
        empty = np.empty(0)
        joined = {v: np.concatenate(parts) if parts else empty for v, parts in keys.items()}
        found = np.concatenate(numbers) if numbers else np.empty(0, dtype=np.intp)
        return joined, found, np.concatenate(weights) if weights else None

    def pieces(self, columns: Columns, rows: int) -> Iterator[Piece]:
        """Yield the whole table in pieces of so many rows."""
        for batch in self._batches([*columns.names], rows, None, threads=True):
            if self._by is None:
                yield Piece(batch, columns, None, np.array([0, batch.num_rows], dtype=np.intp))
                continue
            numbers = self._numbers(batch)
            small = numbers.astype(np.uint16) if len(self._groups) < 1 << 16 else numbers
            order = np.argsort(small, kind="stable")  # a radix sort for small integers
            starts = np.searchsorted(numbers[order], np.arange(len(self._groups) + 1))
            yield Piece(batch, columns, order, starts)

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


def doubles(column: Any) -> NDArray[np.float64]:
    """Numbers of a column, NaN for null; the array may not be written to."""
    import pyarrow

    if not pyarrow.types.is_float64(column.type):
        if pyarrow.types.is_boolean(column.type):
            column = column.cast(pyarrow.int8())
        column = column.cast(pyarrow.float64(), safe=False)
    values: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    return values
