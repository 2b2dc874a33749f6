"""What a reader sends back about a file of cells: a message with a schema, checked when it is taken in.

Cells travel by row as numbers, texts and truth values; what is rare among them – dates, error values, marks – travels
beside them by address, many addresses as buffers of 32-bit integers.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from drafting.workbook.sheet_marks import Address

Plain = float | int | str | bool | None
PlainRow = tuple[Plain, ...]
Moment = tuple[int, int, str, str]
"""Row, column, kind (a key of ``_MOMENTS``), ISO text or microseconds."""


class MessageError(ValueError):
    """A message that is none: nothing of it is used."""


class Pairs(msgspec.Struct, array_like=True, frozen=True):
    """Many addresses: rows and columns as 32-bit integers."""

    rows: bytes = b""
    columns: bytes = b""

    @classmethod
    def of(cls, cells: Iterable[Address]) -> Pairs:
        """Take addresses in any order."""
        rows, columns = array("i"), array("i")
        for row, column in cells:
            rows.append(row)
            columns.append(column)
        return cls(rows.tobytes(), columns.tobytes())

    def arrays(self) -> tuple[array[int], array[int]]:
        """Rows and columns; equally many."""
        rows, columns = array("i"), array("i")
        if len(self.rows) != len(self.columns) or len(self.rows) % rows.itemsize:
            raise MessageError("addresses")
        rows.frombytes(self.rows)
        columns.frombytes(self.columns)
        return rows, columns

    def cells(self) -> frozenset[Address]:
        """The addresses."""
        return frozenset(self.cells_in_order())

    def cells_in_order(self) -> list[Address]:
        """The addresses in the order in which they were given."""
        return list(zip(*self.arrays(), strict=True))


NO_PAIRS = Pairs()


class SheetContents(msgspec.Struct, array_like=True):
    """One worksheet."""

    title: str
    rows: list[PlainRow]
    moments: list[Moment] = []
    errors: list[tuple[int, int, str]] = []
    percents: Pairs = NO_PAIRS
    formulas: Pairs = NO_PAIRS
    uncached: Pairs = NO_PAIRS
    merges: list[tuple[int, int, int, int]] = []
    stored: Pairs = NO_PAIRS
    numbers: bytes = b""
    """Doubles, one for each address of ``stored``."""
    shaped: list[tuple[int, int, str, bool]] = []
    """Numbers whose format writes words beside them, or shows a date: row, column, words, date."""
    raised: list[tuple[int, int, str, str]] = []
    """Texts with raised or lowered characters: row, column, the whole text, what stands on the line."""
    decimal_comma: bool = False
    strange: list[tuple[int, int]] = []
    """Cells out of which characters were taken that no reader sees."""
    hidden: bool = False
    hidden_rows: list[int] = []
    hidden_columns: list[tuple[int, int]] = []
    """First and last."""
    struck: list[tuple[int, int]] = []
    """Cells with text that is struck through."""
    displays: list[tuple[int, int, str]] = []
    """Numbers whose format shows a number of decimals of its own, of sheets that are not large: row, column, digits."""
    notes: list[tuple[int, int, str, str]] = []
    """Comments, boxes of text and pictures on cells: row, column, what it is, words."""


class Contents(msgspec.Struct, array_like=True):
    """All of a file, or why it is not read: the code of a finding and the values of its wording."""

    sheets: list[SheetContents] = []
    ragged: list[tuple[int, int, int]] = []
    """Of a text file: lines that were left out, with the number of fields found and needed."""
    ragged_more: int = 0
    code: str = ""
    values: dict[str, str | int] = {}
    properties: dict[str, str] = {}
    """The workbook's custom properties that are texts."""


_decoder: msgspec.msgpack.Decoder[Contents] = msgspec.msgpack.Decoder(Contents)


def encoded(contents: Contents) -> bytes:
    """Write a message."""
    return msgspec.msgpack.encode(contents)


def decoded(message: bytes) -> Contents:
    """Read a message.

    Raises MessageError when it does not follow the schema.
    """
    try:
        return _decoder.decode(message)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as fault:
        raise MessageError(str(fault)) from fault


def without_moments(rows: list[tuple[object, ...]]) -> tuple[list[PlainRow], list[Moment]]:
    """Part rows into plain values and the dates, times and spans among them; whatever else there is becomes text."""
    moments: list[Moment] = []
    kinds: set[type] = set()
    for row in rows:
        kinds.update(map(type, row))
    if kinds <= _PLAIN:
        return rows, moments  # type: ignore[return-value]  # looked at value by value
    for number, row in enumerate(rows):
        if not _PLAIN.issuperset(map(type, row)):
            rows[number] = tuple(_plain(value, number + 1, column, moments) for column, value in enumerate(row, 1))
    return rows, moments  # type: ignore[return-value]


_PLAIN: frozenset[type] = frozenset({float, str, bool, type(None)})
_LARGEST = 1 << 62


def _plain(value: object, row: int, column: int, moments: list[Moment]) -> Plain:
    if type(value) in _PLAIN:
        return value  # type: ignore[return-value]
    if isinstance(value, int):
        return value if abs(value) < _LARGEST else float(value)
    if isinstance(value, timedelta):
        moments.append((row, column, "span", str(value // timedelta(microseconds=1))))
    elif isinstance(value, datetime):
        moments.append((row, column, "datetime", value.isoformat()))
    elif isinstance(value, date):
        moments.append((row, column, "date", value.isoformat()))
    elif isinstance(value, time):
        moments.append((row, column, "time", value.isoformat()))
    else:
        return str(value)
    return None


def moment_of(kind: str, says: str) -> date | time | timedelta:
    """Turn the words of a moment into the value.

    Raises MessageError when they are none.
    """
    try:
        match kind:
            case "span" if len(says) < 20:
                return timedelta(microseconds=int(says))
            case "datetime":
                return datetime.fromisoformat(says)
            case "date":
                return date.fromisoformat(says)
            case "time":
                return time.fromisoformat(says)
    except (ValueError, OverflowError) as fault:
        raise MessageError(kind) from fault
    raise MessageError(kind)
