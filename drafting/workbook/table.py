"""A list sheet: records under headings that are found wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drafting.findings import Cell
from drafting.workbook.cells import is_blank, shown, text
from drafting.workbook.headings import NUMBERING, SheetForm, key
from drafting.workbook.report import Report, nearest
from drafting.workbook.sheets import Sheet

HEADING_ROWS = 15
"""Rows in which headings are looked for."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a list sheet."""

    table: Table
    row: int

    def has(self, heading: str) -> bool:
        """Whether the sheet has that column."""
        return heading in self.table.columns

    def value(self, heading: str) -> object:
        """Value under a heading; of a merged column the value of the merged cell."""
        column = self.table.columns.get(heading)
        if column is None:
            return None
        row = self.table.filled.get((self.row, column), self.row)
        return self.table.sheet.value(row, column)

    def text(self, heading: str) -> str:
        """Text under a heading, empty where there is none."""
        return text(self.value(heading))

    def shown(self, heading: str) -> str:
        """What the user sees under a heading."""
        return shown(self.value(heading), self.percent(heading))

    def percent(self, heading: str) -> bool:
        """Whether the cell under a heading is formatted as a percentage."""
        return (self.row, self.table.columns.get(heading, 0)) in self.table.sheet.percents

    def blank(self, heading: str) -> bool:
        """Whether nothing stands under a heading."""
        return is_blank(self.value(heading))

    def cell(self, heading: str) -> Cell:
        """Place of the value under a heading; the first column where the sheet lacks it."""
        return self.table.sheet.place.at(self.row, self.table.columns.get(heading, 1))


@dataclass(frozen=True, slots=True)
class Table:
    """A list sheet whose headings have been understood: columns by heading, rows that hold something."""

    sheet: Sheet
    heading_row: int
    columns: Mapping[str, int]
    rows: tuple[int, ...]
    filled: Mapping[tuple[int, int], int]
    """Cells below the first one of a vertical merge, with the row of that first cell."""

    @property
    def records(self) -> tuple[Record, ...]:
        """The rows as records."""
        return tuple(Record(self, row) for row in self.rows)

    def heading_cell(self, heading: str) -> Cell:
        """Place of a heading."""
        return self.sheet.place.at(self.heading_row, self.columns.get(heading, 1))


def read_table(sheet: Sheet, form: SheetForm, report: Report) -> Table | None:
    """Find the headings of a list sheet and its rows; None when no heading can be found.

    What is wrong with the headings is reported: none at all, a misspelt or missing required one (the misspelt column is
    read on as the one that was meant, so that its cells are not reported as well), one that stands twice, unknown ones.
    """
    heading_row = _heading_row(sheet, form)
    if heading_row is None:
        report.add("sheet-no-headings", sheet.place, sheet=form.title, headings="、".join(_required(form)))
        return None
    columns = _columns(sheet, heading_row, form, report)
    last_heading_row = max((m[2] for m in sheet.merges if m[0] <= heading_row <= m[2]), default=heading_row)
    filled = {
        (row, first_column): first_row
        for first_row, first_column, last_row, _ in sheet.merges
        for row in range(first_row + 1, min(last_row, len(sheet.rows)) + 1)
    }
    known = set(columns.values())
    rows = tuple(
        number
        for number in range(last_heading_row + 1, len(sheet.rows) + 1)
        if any(
            column <= len(sheet.rows[number - 1]) and not is_blank(sheet.rows[number - 1][column - 1])
            for column in known
        )
        or any((number, column) in sheet.uncached for column in known)
    )
    for address in sorted(sheet.uncached):
        if address[0] in rows and address[1] in known:
            report.add("formula-no-value", sheet.place.at(*address))
    return Table(sheet, heading_row, columns, rows, filled)


def _required(form: SheetForm) -> list[str]:
    return [h.text for h in form.headings if h.required]


def _heading_row(sheet: Sheet, form: SheetForm) -> int | None:
    """Choose the row with most known headings; a single one only if it is all that the sheet needs."""
    known = {key(h) for h in form.texts}
    best, most = None, 0
    for number, values in enumerate(sheet.rows[:HEADING_ROWS], 1):
        found = len({key(v) for v in values if isinstance(v, str)} & known)
        if found > most:
            best, most = number, found
    needed = min(2, len(_required(form)) or 1, len(form.headings))
    return best if most >= needed else None


def _columns(sheet: Sheet, row: int, form: SheetForm, report: Report) -> Mapping[str, int]:
    by_key = {key(h): h for h in form.texts}
    columns: dict[str, int] = {}
    unknown: list[tuple[int, str]] = []
    for column, value in enumerate(sheet.rows[row - 1], 1):
        says = text(value)
        if not says or key(says) == key(NUMBERING):
            continue
        heading = by_key.get(key(says))
        if heading is None:
            unknown.append((column, says))
        elif heading in columns:
            report.add(
                "heading-twice",
                sheet.place.at(row, column),
                heading=heading,
                first=sheet.place.at(row, columns[heading]).cell,
            )
        else:
            columns[heading] = column
    absent = [h for h in form.texts if h not in columns]
    required = set(_required(form))
    for column, says in unknown:
        meant = nearest(says, absent)
        place = sheet.place.at(row, column)
        if meant in required:
            report.add("heading-misspelt", place, found=says, heading=meant)
            columns[meant] = column
            absent.remove(meant)
        else:
            near = meant or nearest(says, form.texts)
            hint = f"是否应为“{near}”？" if near else ""
            report.add("heading-unknown", place, found=says, sheet=form.title, hint=hint)
    for heading in absent:
        if heading in required:
            report.add("heading-missing", sheet.place.at(row, 1), sheet=form.title, heading=heading)
    return columns
