"""A list sheet: records under headings that are found wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from drafting.findings import Cell, address
from drafting.model.identity import name_key
from drafting.workbook.cells import is_blank, shown, text
from drafting.workbook.headings import COMMENTS, NUMBERING, OPTIONAL_SHEETS, PROJECT_SHEETS, SheetForm, key
from drafting.workbook.report import Report, nearest
from drafting.workbook.rows import report_asides, report_hidden, report_hidden_columns
from drafting.workbook.sheets import Sheet, is_date
from drafting.workbook.vocabulary import is_aside, is_summary, rank, spellings

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

    def display(self, heading: str) -> str | None:
        """The digits that the number format of the cell under a heading shows, where it has decimals of its own."""
        return self.table.sheet.displays.get((self.row, self.table.columns.get(heading, 0)))

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
    last_heading_row = end_of_headings(sheet, heading_row, columns.values(), report)
    filled = {
        (row, first_column): first_row
        for first_row, first_column, last_row, _ in sheet.merges
        if not _number_over_rows(sheet, first_row, first_column, last_row)
        for row in range(first_row + 1, min(last_row, len(sheet.rows)) + 1)
    }
    known = set(columns.values())
    rows: tuple[int, ...] = tuple(
        number
        for number in range(last_heading_row + 1, len(sheet.rows) + 1)
        if any(
            column <= len(sheet.rows[number - 1]) and not is_blank(sheet.rows[number - 1][column - 1])
            for column in known
        )
        or any((number, column) in sheet.uncached for column in known)
    )
    read = set(rows)
    for at in sorted(sheet.uncached):
        if at[0] in read and at[1] in known:
            report.add("formula-no-value", sheet.place.at(*at))
    for first_row, first_column, last_row, last_column in sheet.merges:
        if first_row in read and first_column in known and _number_over_rows(sheet, first_row, first_column, last_row):
            span = f"{address(first_row, first_column)}:{address(last_row, last_column)}"
            found = shown(sheet.value(first_row, first_column))
            report.add("merged-number", sheet.place.at(first_row, first_column), span=span, found=found)
    report_hidden(sheet, rows, report)
    report_hidden_columns(sheet, {column: heading for heading, column in columns.items()}, rows, report)
    table = Table(sheet, heading_row, columns, rows, filled)
    if form in _LISTS and columns.keys() >= {*_required(form)}:  # else what has no heading is that of a missing one
        _report_unheaded(table, report)
    for heading in {form.names, "代码"} & columns.keys():
        for record in (r for r in table.records if is_date(r.value(heading))):
            report.add("cell-became-date", record.cell(heading), heading=heading, found=record.text(heading))
    return replace(table, rows=_records_of(table, form, last_heading_row, report)) if form.names in columns else table


_LISTS = (*PROJECT_SHEETS, *OPTIONAL_SHEETS, COMMENTS)
"""Lists beside whose columns nothing of ours stands, as it does in questionnaires."""


def _report_unheaded(table: Table, report: Report) -> None:
    """Name what stands in the rows of a list, but in a column without a heading; one finding for all of it."""
    sheet = table.sheet
    heads = {c for c, v in enumerate(sheet.rows[table.heading_row - 1], 1) if not is_blank(v)}
    heads |= {c for m in sheet.merges if m[0] <= table.heading_row <= m[2] for c in range(m[1], m[3] + 1)}
    found = [
        (row, c)
        for row in table.rows
        for c, v in enumerate(sheet.rows[row - 1], 1)
        if c not in heads and not is_blank(v)
    ]
    if found:
        cells = "、".join(address(*at) for at in found[:5]) + " 等" * (len(found) > 5)
        said = shown(sheet.value(*found[0]))
        report.add("cells-unheaded", sheet.place.at(*found[0]), cells=cells, count=len(found), found=said)


def end_of_headings(sheet: Sheet, heading_row: int, columns: Iterable[int], report: Report) -> int:
    """Last row of the headings, which may be merged down; rows of data that such a merge takes in are reported."""
    merges = [m for m in sheet.merges if m[0] <= heading_row <= m[2]]
    last = max((m[2] for m in merges), default=heading_row)
    single = [c for c in columns if not any(m[1] <= c <= m[3] for m in merges)]
    lost = [r for r in range(heading_row + 1, last + 1) if any(not is_blank(sheet.value(r, c)) for c in single)]
    if lost:
        deepest = max(merges, key=lambda m: m[2])
        span = f"{address(deepest[0], deepest[1])}:{address(deepest[2], deepest[3])}"
        rows = str(lost[0]) if len(lost) == 1 else f"{lost[0]}～{lost[-1]}"
        report.add("heading-merged-down", sheet.place.at(deepest[0], deepest[1]), span=span, rows=rows)
    return last


def _number_over_rows(sheet: Sheet, first_row: int, column: int, last_row: int) -> bool:
    """Whether a merged cell holds a number for several rows: words fill down, a number belongs to one of them."""
    value = sheet.value(first_row, column)
    return last_row > first_row and isinstance(value, int | float) and not isinstance(value, bool)


def _records_of(table: Table, form: SheetForm, last_heading_row: int, report: Report) -> tuple[int, ...]:
    """The rows without those that summarise or explain others; these, and words outside the columns, are named."""
    out = {record.row: said for record in table.records if (said := _aside(record, form))}
    sheet, read = table.sheet, set(table.rows)
    for number in range(last_heading_row + 1, len(sheet.rows) + 1):
        if number not in read:
            said = next((v for v in sheet.rows[number - 1] if isinstance(v, str) and _is_word(v)), "")
            if said:
                out[number] = text(said)
    rows = sorted(out)
    report_asides(sheet.place, table.columns[form.names], rows, [out[row] for row in rows], form.record, report)
    return tuple(row for row in table.rows if row not in out)


def _is_word(value: str) -> bool:
    says = text(value)
    return len(says) > 1 and any(map(str.isalpha, says))


def _aside(record: Record, form: SheetForm) -> str:
    """What a row is called that is no record; blank where it is one."""
    said = record.text(form.names)
    if said:
        return said if is_aside(name_key(said), endings=False) else ""
    known, own = set(record.table.columns.values()), record.table.columns[form.names]
    filled = [(c, says) for c, v in enumerate(record.table.sheet.rows[record.row - 1], 1) if (says := text(v))]
    words = [(c, w) for c, w in filled if c in known or (c < own and _is_word(w))]
    if not words or not is_aside(name_key(words[0][1]), endings=False):
        return ""
    column, first = words[0]
    alone = len(words) == 1 or column not in known  # in a column of running numbers, say
    return first if alone or is_summary(name_key(first)) else ""


def _required(form: SheetForm) -> list[str]:
    return [h.text for h in form.headings if h.required]


def _heading_row(sheet: Sheet, form: SheetForm) -> int | None:
    """Choose the row with most known headings; a single one only if it is all that the sheet needs."""
    known = spellings(form.title, form.texts)
    best, most = None, 0
    for number, values in enumerate(sheet.rows[:HEADING_ROWS], 1):
        found = len({known[k] for v in values if isinstance(v, str) and (k := key(v)) in known})
        if found > most:
            best, most = number, found
    needed = min(2, len(_required(form)) or 1, len(form.headings))
    return best if most >= needed else None


def _columns(sheet: Sheet, row: int, form: SheetForm, report: Report) -> Mapping[str, int]:
    by_key = spellings(form.title, form.texts)
    columns: dict[str, int] = {}
    unknown: list[tuple[int, str]] = []
    said = {column: says for column, value in enumerate(sheet.rows[row - 1], 1) if (says := text(value))}
    for column, says in said.items():
        if key(says) == key(NUMBERING):
            continue
        heading = by_key.get(key(says))
        if heading is None:
            unknown.append((column, says))
        elif heading not in columns:
            columns[heading] = column
        elif key(said[columns[heading]]) == key(says):
            first = sheet.place.at(row, columns[heading]).cell
            report.add("heading-twice", sheet.place.at(row, column), heading=heading, first=first)
        else:  # two names of one column: the better known one is it, the other a column of its own
            worse = max(columns[heading], column, key=lambda c: rank(form.title, heading, said[c]))
            columns[heading] = column if worse == columns[heading] else columns[heading]
            unknown.append((worse, said[worse]))
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
