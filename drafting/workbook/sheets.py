"""Worksheets as plain values, with percent formats, merges and the formulas that have no value."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from drafting.findings import Cell
from drafting.workbook.cells import CellError, is_blank
from drafting.workbook.headings import key
from drafting.workbook.opening import LIMITS, Archive, Limits, OpeningError, open_archive

Address = tuple[int, int]
"""Row and column, from 1."""

_NOWHERE: frozenset[Address] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: values by row (ragged, empty rows as empty tuples), and marks by address."""

    place: Cell
    rows: tuple[tuple[object, ...], ...]
    percents: frozenset[Address] = _NOWHERE
    formulas: frozenset[Address] = _NOWHERE
    uncached: frozenset[Address] = _NOWHERE
    merges: tuple[tuple[int, int, int, int], ...] = ()
    """First row, first column, last row, last column."""

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
    if archive.unpacked > FAST_FROM:
        from drafting.workbook.large_sheets import large_sheets

        sheets = large_sheets(archive, file)
    else:
        sheets = _small_sheets(archive, file, limits)
    return Workbook(Cell(file), sheets, {key(s.title): s for s in reversed(sheets)})


FAST_FROM = 24 << 20
"""Bytes of worksheet XML (some 5 MB packed) from which the faster reader is used."""


def _small_sheets(archive: Archive, file: str, limits: Limits) -> tuple[Sheet, ...]:
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that reading does not need
            book = openpyxl.load_workbook(io.BytesIO(archive.data), read_only=True, data_only=True, keep_links=False)
            try:
                return tuple(_read_sheet(ws, archive, file, limits) for ws in book.worksheets)
            finally:
                book.close()
    except OpeningError:
        raise
    except Exception as fault:  # a parser of others over untrusted bytes may raise anything
        raise OpeningError("file-damaged") from fault


def _read_sheet(worksheet: object, archive: Archive, file: str, limits: Limits) -> Sheet:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    if not isinstance(worksheet, ReadOnlyWorksheet):
        raise OpeningError("file-damaged")
    worksheet.reset_dimensions()  # the stated size is not to be believed
    rows: list[tuple[object, ...]] = []
    percents: set[Address] = set()
    filled = 0
    for number, cells in enumerate(worksheet.iter_rows(), 1):
        if number > limits.rows:
            raise OpeningError("file-bomb", what=f"工作表“{worksheet.title}”超过 {limits.rows} 行")
        values: list[object] = []
        for column, cell in enumerate(cells, 1):
            value = cell.value
            if value.__class__ is float or value.__class__ is int:
                if "%" in cell.number_format:
                    percents.add((number, column))
            elif value is not None and cell.data_type == "e":
                value = CellError(value)
            values.append(value)
        if any(v is not None for v in values):
            filled = number
            rows.append(tuple(values))
        else:
            rows.append(())
    content = archive.worksheets.get(worksheet._worksheet_path.lstrip("/"), b"")
    formulas, uncached = formula_cells(content)
    return Sheet(
        Cell(file, worksheet.title), tuple(rows[: max(filled, _last_row(formulas))]), frozenset(percents), formulas,
        uncached, tuple(merged_ranges(content)),
    )  # fmt: skip


def _last_row(addresses: frozenset[Address]) -> int:
    return max((row for row, _ in addresses), default=0)


_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(<(?:\w+:)?v>[^<]*[^<\s])?"
)
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*\bref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")


def formula_cells(content: bytes) -> tuple[frozenset[Address], frozenset[Address]]:
    """Find the cells of a worksheet's XML that hold a formula, and those of them without a cached value."""
    if b"<f" not in content and b":f" not in content:
        return _NOWHERE, _NOWHERE
    formulas, uncached = set(), set()
    for match in _FORMULA.finditer(content):
        reference = _REFERENCE.search(match[1])
        if reference is None:
            continue
        address = int(reference[2]), column_number(reference[1])
        formulas.add(address)
        # An empty text is a cached value (t="str"), an absent number is none.
        if match[2] is None and not re.search(rb"""\bt=["']str["']""", match[1]):
            uncached.add(address)
    return frozenset(formulas), frozenset(uncached)


def merged_ranges(content: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Find the merged ranges of a worksheet's XML."""
    for match in _MERGE.finditer(content):
        yield int(match[2]), column_number(match[1]), int(match[4]), column_number(match[3])


def column_number(letters: bytes) -> int:
    """Count of a column by its letters, A being 1."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def is_date(value: object) -> bool:
    """Whether a cell holds a date or a time span."""
    return isinstance(value, date | timedelta)


def empty_row(values: tuple[object, ...]) -> bool:
    """Whether a row shows nothing."""
    return all(is_blank(v) for v in values)
