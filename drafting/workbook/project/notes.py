"""Footnotes of the indicator table: the sheet 表注, and the marks in names and cells that refer to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from drafting.findings import Cell
from drafting.model.characters import fold
from drafting.model.system import TableNote
from drafting.workbook.headings import NOTES
from drafting.workbook.report import Report
from drafting.workbook.sheets import Workbook
from drafting.workbook.table import read_table

STARS = "*＊※∗"


def mark_of(text: str) -> str:
    """A mark as it is compared: width and blanks make no difference, ① stays itself."""
    return "".join(fold(text).split())


def read_notes(book: Workbook, report: Report) -> tuple[TableNote, ...]:
    """Read the sheet 表注 (标记 · 内容 · 分表), which a workbook need not have; a blank 标记 is a note to the table."""
    sheet = book.sheet(NOTES.title)
    table = read_table(sheet, NOTES, report) if sheet is not None else None
    notes: list[TableNote] = []
    for record in table.records if table else ():
        mark, words, part = mark_of(record.text("标记")), record.text("内容"), record.text("分表")
        if not words:
            report.add("note-incomplete", record.cell("内容"), lacking="内容")
            continue
        place = record.cell("标记")
        if mark and ("table-note", mark, part) in report.cells:
            report.add("note-mark-twice", place, mark=mark, first=report.cells["table-note", mark, part].cell)
            continue
        report.cells["table-note", mark, part] = place
        notes.append(TableNote(mark, words, part))
    return tuple(notes)


def marks_without_note(notes: Sequence[TableNote], used: Iterable[tuple[str, str, Cell]], report: Report) -> None:
    """Report marks that no note explains.

    ``used``: each mark with the cell or name that bears it, as typed, and its place.
    """
    known, found = {note.mark for note in notes}, set()
    for mark, says, place in used:
        if mark not in known and mark not in found:
            report.add("mark-without-note", place, mark=mark, found=says)
        found.add(mark)


def notes_without_mark(notes: Sequence[TableNote], used: Set[str], report: Report) -> None:
    """Report notes whose mark nothing bears; one without a mark is a note to the whole table."""
    for note in notes:
        if note.mark and note.mark not in used and note.mark not in STARS:
            report.add("note-without-mark", report.cells["table-note", note.mark, note.table], mark=note.mark)
