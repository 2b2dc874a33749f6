"""A survey as a table of headed columns, whatever file it came in."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from drafting.findings import Cell, column_of
from drafting.model.system import IndicatorSystem
from drafting.notation.units import read_unit
from drafting.workbook import headings as h
from drafting.workbook.cell_sets import CellSet
from drafting.workbook.cells import is_blank, text
from drafting.workbook.report import Report
from drafting.workbook.rows import report_hidden, report_hidden_columns
from drafting.workbook.sheets import Address, Sheet, empty_row
from drafting.workbook.stored_numbers import StoredNumbers
from drafting.workbook.survey.merged_headings import headings_over_numbers
from drafting.workbook.survey.naming import HeadingReader
from drafting.workbook.survey.texts import Texts
from drafting.workbook.table import HEADING_ROWS, end_of_headings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Column = Sequence[object] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SurveyTable:
    """Columns by number (from 1), each with one value per row in ``rows`` (row numbers in the file)."""

    by_file: ClassVar[bool] = False
    """Whether each row is a file of its own, which is an enterprise whatever its name."""

    place: Cell
    heading_row: int
    headings: Mapping[int, str]
    units: Mapping[int, str]
    unit_row: int
    rows: Sequence[int]
    columns: Mapping[int, Column]
    """Values as they stand in the cells, or an array with NaN for nothing where all of them are numbers."""
    percents: Set[Address] = frozenset()
    stored: StoredNumbers | None = field(default=None, repr=False, compare=False)
    """The numbers behind dates, None for files that know none."""
    decimal_comma: bool = False
    """Whether the comma is the decimal sign, as in files whose fields are separated by semicolons."""
    merges: tuple[tuple[int, int, int, int], ...] = ()
    """Merged ranges among the rows: first row, first column, last row, last column."""
    unclear: frozenset[str] = frozenset()
    """Codes of indicators whose heading stands over several columns of numbers: reported, not read."""
    _percent_cells: CellSet = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_percent_cells", CellSet.of(self.percents))

    def picked(self, at: NDArray[np.bool_]) -> SurveyTable:
        """The table with some of its rows."""
        where = np.flatnonzero(at)
        kept = where.tolist()
        columns: dict[int, Column] = {}
        for column, cells in self.columns.items():
            if isinstance(cells, np.ndarray):
                columns[column] = cells[where]
            else:
                columns[column] = cells.picked(where) if isinstance(cells, Texts) else [cells[i] for i in kept]
        return replace(self, rows=tuple([self.rows[i] for i in kept]), columns=columns)

    def percent_rows(self, column: int) -> NDArray[np.int32]:
        """Row numbers of a column's cells that are shown as percentages, ascending."""
        return self._percent_cells.rows(column)

    def cells(self, column: int) -> Sequence[object]:
        """Values of a column one by one, None for nothing."""
        cells = self.columns[column]
        if isinstance(cells, np.ndarray):
            return [None if v != v else v for v in cells.tolist()]
        return list(cells) if isinstance(cells, Texts) else cells

    def serial(self, index: int, column: int) -> float | None:
        """The number that a cell shown as a date or time holds; None for any other value, and in files with dates."""
        if self.stored is None or not isinstance(self.columns[column][index], date | time | timedelta):
            return None
        return self.stored.at(self.rows[index], column)

    def cell(self, index: int, column: int) -> Cell:
        """Place of a value by its position among the rows."""
        return self.cell_in(self.rows[index], column)

    def cell_in(self, row: int, column: int) -> Cell:
        """Place of a value by the number of its row."""
        return self.place.at(row, column)

    @property
    def headings_end(self) -> int:
        """Number of the last row that holds headings or units."""
        return max(self.heading_row, self.unit_row)

    def heading_cell(self, column: int) -> Cell:
        """Place of a heading."""
        return self.place.at(self.heading_row, column)

    def line(self, index: int) -> str:
        """A row in words, by its position among the rows."""
        return self.line_in(self.rows[index])

    def line_in(self, row: int) -> str:
        """A row in words, by its number."""
        return f"第 {row} 行"

    def settle(self, report: Report) -> None:
        """Correct the places that reading left, where rows stand in files of their own."""

    def column_at(self, place: Cell) -> int:
        """Number of the column whose entry stands at a place; 0 for any other place."""
        letters = place.cell.rstrip("0123456789")
        row = int(place.cell[len(letters) :] or 0)
        here = (place.file, place.sheet) == (self.place.file, self.place.sheet) and row > self.headings_end
        return column_of(letters) if here else 0


def blank(tables: Iterable[SurveyTable | None], report: Report) -> bool:
    """Whether the tables have headings and not one row, as an empty form has, which is said."""
    found = [table for table in tables if table is not None]
    if not found or any(table.rows for table in found):
        return False
    report.add("survey-blank", Cell(found[0].place.file), file=found[0].place.file)
    return True


def table_of(sheet: Sheet, system: IndicatorSystem, report: Report, *, whole: bool = True) -> SurveyTable | None:
    """Find headings, units and rows of a survey sheet; None (with a finding) where there is nothing to read.

    ``whole``: whether these are all rows; if not, columns without a heading are not reported: their values are not all
    here.
    """
    known = HeadingReader(system)
    heading_row = _heading_row(sheet, known)
    if heading_row is None:
        code = "survey-empty" if all(empty_row(r) for r in sheet.rows) else "sheet-no-headings"
        report.add(code, sheet.place, sheet=sheet.title or h.SURVEY_STEM, headings="企业、各指标的代码或名称")
        return None
    headings = _headings(sheet, heading_row, known)
    first = end_of_headings(sheet, heading_row, headings, report) + 1
    below = _headings_below(sheet, heading_row, max(first, heading_row + 2), known)
    if below:  # a heading over several columns, whose own headings stand under it
        headings |= below
        first = max(first, heading_row + 2)
    unit_row = _unit_row(sheet, first, headings)
    numbers = tuple(n for n in range(first, len(sheet.rows) + 1) if n != unit_row and not empty_row(sheet.rows[n - 1]))
    report_hidden(sheet, numbers, report)
    report_hidden_columns(sheet, headings, numbers, report)
    unclear = headings_over_numbers(sheet, heading_row, {**headings}, below, numbers, known)
    for merged in unclear:
        place, says = sheet.place.at(merged.row, merged.column), headings.pop(merged.column)
        report.add("survey-heading-merged", place, heading=says, columns=merged.columns)
    if whole:
        over = {c for merged in unclear for c in range(merged.column, merged.last + 1)}
        _report_unheaded(sheet, heading_row, {*headings, *over}, numbers, report)
    units = known.units(headings)
    units |= {
        c: text(sheet.value(unit_row, c)) for c in headings if unit_row and not is_blank(sheet.value(unit_row, c))
    }
    for address in sorted(sheet.uncached):
        if address[0] >= first and address[1] in headings:
            report.add("formula-no-value", sheet.place.at(*address))
    return SurveyTable(
        place=sheet.place,
        heading_row=heading_row,
        headings=headings,
        units=units,
        unit_row=unit_row,
        rows=numbers,
        columns=_columns(sheet, headings, numbers),
        percents=sheet.percents,
        stored=sheet.stored,
        decimal_comma=sheet.decimal_comma,
        merges=tuple(m for m in sheet.merges if m[0] >= first),
        unclear=frozenset(merged.code for merged in unclear if merged.code),
    )


def _heading_row(sheet: Sheet, known: HeadingReader) -> int | None:
    best, most = None, 0
    for number, values in enumerate(sheet.rows[:HEADING_ROWS], 1):
        words = {h.key(v): v for v in values if isinstance(v, str)}
        found = sum(w.startswith(("原始", "参数")) or known.read(v) is not None for w, v in words.items())
        if found > most:
            best, most = number, found
    return best


def _headings(sheet: Sheet, heading_row: int, known: HeadingReader) -> dict[int, str]:
    """Headings by column; one that stands above, in a merged cell or over an empty one, belongs to the row as well."""
    found = {column: text(v) for column, v in enumerate(sheet.rows[heading_row - 1], 1) if not is_blank(v)}
    for first_row, first_column, last_row, last_column in sheet.merges:
        if first_row < heading_row <= last_row and first_column == last_column and first_column not in found:
            found[first_column] = text(sheet.value(first_row, first_column))
    for column, value in enumerate(sheet.rows[heading_row - 2] if heading_row > 1 else (), 1):
        if column not in found and isinstance(value, str) and known.read(value) is not None:
            found[column] = text(value)
    return {column: found[column] for column in sorted(found) if found[column]}


def _headings_below(sheet: Sheet, heading_row: int, first: int, known: HeadingReader) -> dict[int, str]:
    """Headings under one that is merged over their columns: ``first`` is the first row that may hold data."""
    found: dict[int, str] = {}
    for first_row, first_column, last_row, last_column in sheet.merges:
        if first_row <= heading_row <= last_row and first_column < last_column:
            for row in range(last_row + 1, first):
                for column in range(first_column, last_column + 1):
                    value = sheet.value(row, column)
                    if isinstance(value, str) and known.read(value) is not None:
                        found[column] = text(value)
    return found


def _report_unheaded(
    sheet: Sheet, heading_row: int, headings: Set[int], numbers: Sequence[int], report: Report
) -> None:
    """Report columns that hold values under no heading: they are not read."""
    rows = [sheet.rows[n - 1] for n in numbers]
    for column in range(1, max(map(len, rows), default=0) + 1):
        if column in headings:
            continue
        count = sum(len(row) >= column and not is_blank(row[column - 1]) for row in rows)
        over = next((m for m in sheet.merges if m[0] <= heading_row <= m[2] and m[1] < column <= m[3]), None)
        merged = f"（标题与 {sheet.place.at(heading_row, over[1]).cell} 合并）" if over else ""
        report_unheaded(sheet.place.at(heading_row, column), count, report, merged)


def report_unheaded(place: Cell, count: int, report: Report, merged: str = "") -> None:
    """Report a column that holds ``count`` values under no heading; ``place`` is where the heading should stand."""
    if count:
        report.add("survey-column-unheaded", place, count=count, merged=merged)


def _unit_row(sheet: Sheet, first: int, headings: Mapping[int, str]) -> int:
    """Return the number of the row of units directly under the headings, 0 if there is none.

    It says so in column 企业, or has nothing there and nothing but units under the headings.
    """
    if first > len(sheet.rows):
        return 0
    words = [v for v in sheet.rows[first - 1][:5] if isinstance(v, str)]
    if words and is_unit_label(words[0]):
        return first
    said = [v for column in headings if not is_blank(v := sheet.value(first, column))]
    return first if said and all(isinstance(v, str) and read_unit(v) is not None for v in said) else 0


def is_unit_label(name: str) -> bool:
    """Whether a cell of column 企业 marks a row of units instead of naming an enterprise."""
    return "单" in name and h.key(name) in (h.UNIT_ROW_LABEL, "计量单位")


def _columns(sheet: Sheet, headings: Mapping[int, str], numbers: Sequence[int]) -> dict[int, Column]:
    rows = [sheet.rows[n - 1] for n in numbers]
    pieces: dict[int, list[Column]] = {column: [] for column in headings}
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        turned = dict(enumerate(zip_longest(*block), 1))
        for column, found in pieces.items():
            found.append(_numbers(turned.get(column, (None,) * len(block))))
    return {column: _joined(found) for column, found in pieces.items()}


_BLOCK = 512
"""Rows turned into columns together: few enough that their values stay in the processor's cache."""


def _numbers(cells: tuple[object, ...]) -> Column:
    if set(map(type, cells)) != {float}:
        return cells
    return np.frombuffer(struct.pack(f"{len(cells)}d", *cells))  # several times as fast as numpy's own way


def _joined(pieces: Sequence[Column]) -> Column:
    arrays = [piece for piece in pieces if isinstance(piece, np.ndarray)]
    if pieces and len(arrays) == len(pieces):
        return np.concatenate(arrays)
    return [value for piece in pieces for value in _list(piece)]


def _list(column: Column) -> list[object]:
    return column.tolist() if isinstance(column, np.ndarray) else list(column)
