"""Worksheets as plain values, with percent formats, merges and the formulas that have no value."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, timedelta

from drafting.findings import Cell
from drafting.workbook.cells import CellError, RaisedText, ShapedNumber, is_blank
from drafting.workbook.contents.asking import contents_of
from drafting.workbook.contents.message import MessageError, Pairs, SheetContents, moment_of
from drafting.workbook.headings import key
from drafting.workbook.limits import LIMITS, Limits
from drafting.workbook.opening import OpeningError
from drafting.workbook.sheet_marks import NOWHERE, Address
from drafting.workbook.stored_numbers import StoredNumbers

__all__ = ["Address", "Sheet", "Workbook", "empty_row", "is_date", "read_workbook"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: values by row (ragged, empty rows as empty tuples), and marks by address."""

    place: Cell
    rows: tuple[tuple[object, ...], ...]
    percents: Set[Address] = NOWHERE
    formulas: frozenset[Address] = NOWHERE
    uncached: frozenset[Address] = NOWHERE
    merges: tuple[tuple[int, int, int, int], ...] = ()
    """First row, first column, last row, last column."""
    stored: StoredNumbers | None = field(default=None, repr=False, compare=False)
    """The numbers behind cells that are shown as dates; None where no format of the workbook does that."""

    decimal_comma: bool = False
    """Whether the comma is the decimal sign."""
    hidden: bool = False
    """Whether the workbook does not show the sheet."""
    hidden_rows: frozenset[int] = frozenset()
    """Rows that are hidden, by hand or by a filter."""
    hidden_columns: tuple[tuple[int, int], ...] = ()
    """Columns that are hidden, by hand or in a closed group: first and last."""

    strange: tuple[Address, ...] = ()
    """Cells out of which characters were taken that no reader sees."""
    struck: frozenset[Address] = NOWHERE
    """Cells with text that is struck through; it is read like any other."""
    displays: Mapping[Address, str] = field(default_factory=dict, repr=False, compare=False)
    """The digits that number formats show, where they show a number of decimals of their own."""
    notes: tuple[tuple[int, int, str, str], ...] = ()
    """Comments, boxes of text and pictures that are none of the program's: row, column, what it is, words."""

    @property
    def title(self) -> str:
        """The sheet's name."""
        return self.place.sheet

    def value(self, row: int, column: int) -> object:
        """Value of a cell, None outside the sheet."""
        return _value(self.rows, row, column)

    def unseen(self, row: int, column: int) -> bool:
        """Whether a cell stands in a hidden row or column."""
        return row in self.hidden_rows or any(first <= column <= last for first, last in self.hidden_columns)


@dataclass(frozen=True, slots=True)
class Workbook:
    """Worksheets of one file in their order."""

    place: Cell
    sheets: tuple[Sheet, ...]
    _by_key: Mapping[str, Sheet] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The custom properties that are texts."""

    def sheet(self, title: str) -> Sheet | None:
        """Find the sheet of that title; blanks, width and the characters that Excel forbids make no difference."""
        return self._by_key.get(key(title)[:31])


def read_workbook(data: bytes, file: str, limits: Limits = LIMITS) -> Workbook:
    """Read all worksheets of an .xlsx file, in a reader's process where one can be had.

    Raises OpeningError when the file cannot be read safely.

    ``data``: the file's bytes.
    ``file``: its name in the project folder, for the places of values.
    """
    contents = contents_of("workbook", data, limits)
    sheets = taken_in(contents.sheets, file)
    return Workbook(Cell(file), sheets, {key(s.title): s for s in reversed(sheets)}, contents.properties)


def taken_in(contents: Sequence[SheetContents], file: str) -> tuple[Sheet, ...]:
    """Worksheets out of the message about a file.

    Raises OpeningError when the message is none.
    """
    try:
        return tuple(_sheet(Cell(file, one.title), one) for one in contents)
    except MessageError as fault:
        raise OpeningError("file-refused", reason="读取结果不合约定") from fault


def _sheet(place: Cell, contents: SheetContents) -> Sheet:
    rows: list[tuple[object, ...]] = [*contents.rows]
    changed: dict[int, dict[int, object]] = {}
    for row, column, kind, says in contents.moments:
        changed.setdefault(row, {})[column] = moment_of(kind, says)
    for row, column, says in contents.errors:
        changed.setdefault(row, {})[column] = CellError(says)
    for row, column, words, shows_date in contents.shaped:
        value = _value(rows, row, column)
        if isinstance(value, int | float):
            changed.setdefault(row, {})[column] = ShapedNumber(value, words, shows_date)
    for row, column, whole, plain in contents.raised:
        changed.setdefault(row, {})[column] = RaisedText(whole, plain)
    for row, values in changed.items():
        if 0 < row <= len(rows):
            rows[row - 1] = tuple([values.get(column, value) for column, value in enumerate(rows[row - 1], 1)])
    numbers = array("d")
    stored = contents.stored.cells_in_order()
    if len(contents.numbers) != len(stored) * numbers.itemsize:
        raise MessageError("numbers")
    numbers.frombytes(contents.numbers)
    return Sheet(
        place=place, rows=tuple(rows), percents=_percents(contents.percents), formulas=contents.formulas.cells(),
        uncached=contents.uncached.cells(), merges=tuple(contents.merges),
        stored=StoredNumbers(dict(zip(stored, numbers, strict=True))) if stored else None,
        decimal_comma=contents.decimal_comma, hidden=contents.hidden, hidden_rows=frozenset(contents.hidden_rows),
        hidden_columns=tuple(contents.hidden_columns), strange=tuple(contents.strange),
        struck=frozenset(contents.struck), displays={(row, column): says for row, column, says in contents.displays},
        notes=tuple(contents.notes),
    )  # fmt: skip


def _value(rows: Sequence[tuple[object, ...]], row: int, column: int) -> object:
    return rows[row - 1][column - 1] if 0 < row <= len(rows) and 0 < column <= len(rows[row - 1]) else None


def _percents(pairs: Pairs) -> Set[Address]:
    if len(pairs.rows) < _MANY:
        return pairs.cells()
    from drafting.workbook.cell_sets import CellSet

    if len(pairs.rows) != len(pairs.columns) or len(pairs.rows) % 4:
        raise MessageError("addresses")
    return CellSet.of_buffers(pairs.rows, pairs.columns)


_MANY = 1 << 14
"""Bytes of addresses from which they are kept as arrays."""


def is_date(value: object) -> bool:
    """Whether a cell holds a date or a time span."""
    return isinstance(value, date | timedelta)


def empty_row(values: tuple[object, ...]) -> bool:
    """Whether a row shows nothing."""
    return float not in map(type, values) and all(map(is_blank, values))  # most rows hold a number: seen at once
