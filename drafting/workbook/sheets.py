"""Worksheets as plain values, with percent formats, merges and the formulas that have no value."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date, timedelta

from drafting.findings import Cell
from drafting.workbook.cell_scan import scan_cells
from drafting.workbook.cells import CellError, is_blank
from drafting.workbook.headings import key
from drafting.workbook.number_formats import NumberFormat
from drafting.workbook.opening import LIMITS, Limits, OpeningError, open_archive, refuse_many_cells
from drafting.workbook.sheet_marks import (
    NOWHERE,
    Address,
    error_cells,
    formula_cells,
    merged_ranges,
    percent_cells,
    percent_styles,
    sheet_parts,
    uses_dates,
)
from drafting.workbook.sheet_values import sheet_values
from drafting.workbook.shown_beside import Beside, beside
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

    @property
    def title(self) -> str:
        """The sheet's name."""
        return self.place.sheet

    def value(self, row: int, column: int) -> object:
        """Value of a cell, None outside the sheet."""
        if not 0 < row <= len(self.rows):
            return None
        values = self.rows[row - 1]
        return values[column - 1] if 0 < column <= len(values) else None


@dataclass(frozen=True, slots=True)
class Workbook:
    """Worksheets of one file in their order."""

    place: Cell
    sheets: tuple[Sheet, ...]
    _by_key: Mapping[str, Sheet] = field(default_factory=dict)

    def sheet(self, title: str) -> Sheet | None:
        """Find the sheet of that title; blanks, width and the characters that Excel forbids make no difference."""
        return self._by_key.get(key(title)[:31])


def read_workbook(data: bytes, file: str, limits: Limits = LIMITS) -> Workbook:
    """Read all worksheets of an .xlsx file.

    Parameters
    ----------
    data
        The file's bytes.
    file
        Its name in the project folder, for the places of values.

    Raises
    ------
    OpeningError
        When the file cannot be read safely.
    """
    archive = open_archive(data, limits)
    try:
        parts = sheet_parts(archive)
        styles, by_value = percent_styles(archive)
        dates = uses_dates(archive)
        shown = beside(archive)
    except Exception as fault:  # XML that is none, in any of the ways that a parser has for saying so
        raise OpeningError("file-damaged") from fault
    scans = {name: scan_cells(content, styles) for name, content in archive.worksheets.items()}
    refuse_many_cells(archive, limits, {name: scan.cells for name, scan in scans.items()})
    values = sheet_values(archive, tuple(parts), scans, limits)
    sheets = tuple(
        _sheet(
            Cell(file, title),
            values[title],
            archive.worksheets[name],
            styles,
            by_value,
            scans[name].percents,
            dates,
            shown=shown,
        )
        for title, name in parts.items()
        if title in values
    )
    return Workbook(Cell(file), sheets, {key(s.title): s for s in reversed(sheets)})


def _sheet(
    place: Cell,
    rows: list[tuple[object, ...]],
    content: bytes,
    styles: frozenset[int],
    by_value: Mapping[int, NumberFormat],
    percents: Set[Address] | None,
    dates: bool,
    *,
    shown: Beside,
) -> Sheet:
    """Bring values and marks together; ``percents`` is None where they are still to be found."""
    formulas, uncached = formula_cells(content)
    for (row, column), value in error_cells(content).items():
        _put(rows, row, column, CellError(value))
    shown.put_into(rows, content)
    waiting = {row for row, _ in uncached}
    while rows and not any(v is not None for v in rows[-1]) and len(rows) not in waiting:
        rows.pop()
    if percents is None:
        percents = percent_cells(content, styles)
    for style, form in by_value.items():
        percents |= {at for at in percent_cells(content, frozenset({style})) if _shows_percent(rows, at, form)}
    stored = StoredNumbers(content) if dates else None
    return Sheet(place, tuple(rows), percents, formulas, uncached, tuple(merged_ranges(content)), stored)


def _shows_percent(rows: list[tuple[object, ...]], at: Address, form: NumberFormat) -> bool:
    row, column = at
    value = rows[row - 1][column - 1] if row <= len(rows) and column <= len(rows[row - 1]) else None
    return isinstance(value, int | float) and form.shows_percent(value)


def _put(rows: list[tuple[object, ...]], row: int, column: int, value: object) -> None:
    if 0 < row <= len(rows) and 0 < column <= len(rows[row - 1]):
        changed = list(rows[row - 1])
        changed[column - 1] = value
        rows[row - 1] = tuple(changed)


def is_date(value: object) -> bool:
    """Whether a cell holds a date or a time span."""
    return isinstance(value, date | timedelta)


def empty_row(values: tuple[object, ...]) -> bool:
    """Whether a row shows nothing."""
    return float not in map(type, values) and all(map(is_blank, values))  # most rows hold a number: seen at once
