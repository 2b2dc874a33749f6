"""Writes 记录/意见处理.xlsx (append-only) and lists for people: 意见汇总处理表.xlsx, 变化对照.xlsx."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from drafting.workbook.headings import key
from drafting.workbook.opinions.opinion import Handled, Handling
from drafting.workbook.opinions.reading import HANDLING
from drafting.workbook.package import workbook_bytes
from drafting.workbook.style import (
    ANSWER,
    AUTHOR,
    PAPER,
    body,
    cell_at,
    choice,
    fit_row,
    heading_row,
    print_setup,
    put,
    save,
    widths,
)

_TITLE = "意见处理"
_ROOM = 500
"""Rows for which the drop-down of a new file is made beyond those written."""


def with_new(existing: bytes | None, rows: Sequence[Handled]) -> bytes | None:
    """
    Append comments that are new to the content of 记录/意见处理.xlsx; what stands there is not touched.

    Parameters
    ----------
    existing
        Its bytes as read and checked; None if there is none yet.
    rows
        Comments that it does not hold.

    Returns
    -------
    bytes or None
        The new content; None if there is nothing to append.
    """
    if not rows and existing is not None:
        return None
    if existing is None:
        book = Workbook()
        sheet: Worksheet = book.worksheets[0]
        sheet.title = _TITLE
        heading_row(sheet, 1, HANDLING.texts)
        widths(sheet, [h.width for h in HANDLING.headings])
        sheet.freeze_panes = "A2"
        column = "ABCDEFGH"[HANDLING.texts.index("处理")]
        choice(sheet, f"{column}2:{column}{len(rows) + _ROOM}", [h.value for h in Handling])
        print_setup(sheet, rows="1:1")
        last = 1
    else:
        book = load_workbook(io.BytesIO(existing))
        found = next((s for s in book.worksheets if key(s.title) == key(_TITLE)), book.worksheets[0])
        sheet, last = found, _last_row(found)
    for row, handled in enumerate(rows, last + 1):
        _write(sheet, row, handled)
    if existing is None:
        book.properties.title, book.properties.creator = _TITLE, AUTHOR
    return workbook_bytes(book)


def _last_row(sheet: Worksheet) -> int:
    return max((c.row for row in sheet.iter_rows() for c in row if c.value is not None), default=1)


def _write(sheet: Worksheet, row: int, handled: Handled) -> None:
    opinion = handled.opinion
    values = (opinion.identity, opinion.clause, opinion.text, opinion.proposal, "、".join(handled.bodies), "", "")
    for column, value in enumerate(values, 1):
        cell = cell_at(sheet, row, column)
        put(cell, value)
        body(cell, colour=ANSWER if column > 5 else PAPER, centred=column in (1, 2, 6), unlocked=True)
    fit_row(sheet, row)


def write_list(
    path: Path, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[float],
    closing: Sequence[str] = (),
) -> Path:  # fmt: skip
    """Write a list that is only to be read: headings, rows, and closing lines below."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # a new workbook has one
    sheet.title = title[:31]
    heading_row(sheet, 1, headings)
    widths(sheet, columns)
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            cell = cell_at(sheet, number, column)
            put(cell, value)
            body(cell)
        fit_row(sheet, number)
    for number, line in enumerate(closing, len(rows) + 3):
        put(cell_at(sheet, number, 1), line)
    print_setup(sheet, rows="1:1")
    save(book, path, title=title)
    return path
