"""Writes 记录/意见处理.xlsx (append-only) and lists for people: 意见汇总处理表.xlsx, 变化对照.xlsx."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from drafting.isolation.readers import NoReaderError
from drafting.workbook.contents.asking import asked
from drafting.workbook.contents.notes import AUTHOR
from drafting.workbook.headings import key
from drafting.workbook.opening import OpeningError
from drafting.workbook.opinions.opinion import Handled, Handling
from drafting.workbook.opinions.reading import HANDLING
from drafting.workbook.package import workbook_bytes
from drafting.workbook.style import (
    ANSWER,
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


def with_new(existing: bytes | None, rows: Sequence[Handled], carried: Sequence[Handled] = ()) -> bytes | None:
    """Append comments that are new to the content of 记录/意见处理.xlsx; of what stands there only blanks are filled.

    Raises OpeningError if what is there cannot be written again: somebody else may have made it.

    ``existing``: its bytes as read and checked; None if there is none yet.
    ``rows``: comments that it does not hold.
    ``carried``: comments of it that were decided elsewhere, with the cells of decision and reason there.
    Returns the new content; None if there is nothing to write.
    """
    new = [_values(row) for row in rows]
    if existing is None:
        return _made(new)
    if not rows and not carried:
        return None
    words = [(row.opinion.place, row.handling.value if row.handling else "") for row in carried]
    words += [(row.reason_place, row.reason) for row in carried]
    decided = [[place.sheet, place.cell, word] for place, word in words if word]
    options = {"rows": new, "decided": decided}
    try:
        made = asked("handling", existing, options, slow=True)
    except NoReaderError:
        made = task(existing, options)
    if not made:
        raise OpeningError("file-refused", reason="其中有不能原样写回的内容")
    return made


def task(data: bytes, options: Mapping[str, Any]) -> bytes:
    """Fill in and append: what a reader does when it is asked; nothing where openpyxl refuses a style or a part."""
    try:
        book = load_workbook(io.BytesIO(data))
        for title, cell, word in options["decided"]:
            found = book[title][cell]
            if found.value in (None, "") and not isinstance(found, MergedCell):
                put(found, word)
        sheet = next((s for s in book.worksheets if key(s.title) == key(_TITLE)), book.worksheets[0])
        last = _last_row(sheet)
        for row, values in enumerate(options["rows"], last + 1):
            _write(sheet, row, values)
        return workbook_bytes(book)
    except Exception:  # openpyxl answers a damaged part or an unknown style with whatever it stumbles over
        return b""


def _made(rows: Sequence[Sequence[str]]) -> bytes:
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = _TITLE
    heading_row(sheet, 1, HANDLING.texts)
    widths(sheet, [h.width for h in HANDLING.headings])
    sheet.freeze_panes = "A2"
    column = "ABCDEFGH"[HANDLING.texts.index("处理")]
    choice(sheet, f"{column}2:{column}{len(rows) + _ROOM}", [h.value for h in Handling])
    print_setup(sheet, rows="1:1")
    for row, values in enumerate(rows, 2):
        _write(sheet, row, values)
    book.properties.title, book.properties.creator = _TITLE, AUTHOR
    return workbook_bytes(book)


def _last_row(sheet: Worksheet) -> int:
    return max((c.row for row in sheet.iter_rows() for c in row if c.value is not None), default=1)


def _values(handled: Handled) -> list[str]:
    opinion, word = handled.opinion, handled.handling.value if handled.handling else ""
    bodies = "、".join(handled.bodies)
    return [opinion.identity, opinion.clause, opinion.text, opinion.proposal, bodies, word, handled.reason]


def _write(sheet: Worksheet, row: int, values: Sequence[str]) -> None:
    for column, value in enumerate(values, 1):
        cell = cell_at(sheet, row, column)
        put(cell, value)
        body(cell, colour=ANSWER if column > 5 else PAPER, centred=column in (1, 2, 6), unlocked=True)
    fit_row(sheet, row)


def write_list(
    path: Path, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[float],
    closing: Sequence[str] = (), aside: tuple[str, Sequence[Sequence[str]]] | None = None,
) -> Path:  # fmt: skip
    """Write a list to be read: headings, rows, and closing lines below; ``aside`` is a hidden sheet for the program."""
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
    if aside is not None:
        hidden: Worksheet = book.create_sheet(aside[0])
        hidden.sheet_state = "hidden"
        for number, row in enumerate(aside[1], 1):
            for column, value in enumerate(row, 1):
                put(cell_at(hidden, number, column), value)
    save(book, path, title=title)
    return path
