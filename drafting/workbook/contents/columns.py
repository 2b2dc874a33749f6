"""Columns of a .parquet survey: numbers as buffers, anything else as plain values."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

import msgspec

from drafting.isolation.readers import NoReaderError
from drafting.workbook.contents.asking import asked
from drafting.workbook.contents.message import Moment, Plain, without_moments
from drafting.workbook.limits import LIMITS
from drafting.workbook.opening import OpeningError


class Column(msgspec.Struct, array_like=True):
    """One column."""

    name: str
    numbers: bytes | None = None
    """Doubles with NaN for null, where the column is one of numbers."""
    values: list[Plain] = []
    moments: list[Moment] = []
    """Dates and times among the values, their row numbers counted from 1."""


class Columns(msgspec.Struct, array_like=True):
    """A file, or why it is not read."""

    rows: int = 0
    columns: list[Column] = []
    code: str = ""
    what: str = ""


def columns_of(data: bytes) -> Columns:
    """Read a .parquet file, in a reader's process where one can be had.

    Raises OpeningError when it is none, or is not read safely.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise OpeningError("parquet-needs-extra")
    try:
        columns = msgspec.msgpack.decode(asked("parquet", data, {}), type=Columns)
    except NoReaderError:
        columns = read_columns(data)
    except (msgspec.MsgspecError, RecursionError) as fault:
        raise OpeningError("file-refused", reason="读取结果不合约定") from fault
    if columns.code:
        raise OpeningError(columns.code, **({"what": columns.what} if columns.what else {}))
    return columns


def task(data: bytes, _: Mapping[str, int]) -> bytes:
    """What a reader does when it is asked."""
    return msgspec.msgpack.encode(read_columns(data))


def read_columns(data: bytes) -> Columns:
    """Find out what a .parquet file holds."""
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data))
        if file.metadata.num_columns > LIMITS.columns:
            return Columns(code="file-over-limit", what=f"有 {file.metadata.num_columns} 列")
        if file.metadata.num_rows > LIMITS.rows * 10:
            return Columns(code="file-over-limit", what=f"有 {file.metadata.num_rows} 行")
        content = file.read()
    except (pyarrow.ArrowException, OSError, ValueError):
        return Columns(code="file-damaged")
    named = zip(content.column_names, content.columns, strict=True)
    return Columns(content.num_rows, [_column(str(name), column) for name, column in named])


def _column(name: str, column: Any) -> Column:
    import pyarrow

    kind = column.type
    if pyarrow.types.is_floating(kind) or pyarrow.types.is_integer(kind):
        numbers = column.cast(pyarrow.float64(), safe=False).to_numpy()
        return Column(name, numbers.astype("float64").tobytes())
    if pyarrow.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    plain, moments = without_moments([(value,) for value in column.to_pylist()])
    return Column(name, None, [row[0] for row in plain], moments)
