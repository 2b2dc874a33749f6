"""成果/专家意见.xlsx: everything that experts wrote, for the committee; proposals of new indicators stand first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook

from drafting.workbook.style import (
    body,
    cell_at,
    fit_row,
    heading_row,
    print_setup,
    put,
    save,
    widths,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

OPINIONS_FILE = "专家意见.xlsx"
_HEADINGS = ("问卷", "专家代号", "类别", "对象", "意见", "公开范围")
_WIDTHS = (20, 12, 14, 24, 72, 14)


def write_opinions(path: Path, opinions: Sequence[tuple[str, str, str, str, str, str]]) -> Path:
    """Write the opinions.

    Raises OutputError if the file cannot be written.

    ``opinions``: Questionnaire, expert, kind, subject, text, who may read it.
    """
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = "专家意见"
    heading_row(sheet, 1, _HEADINGS)
    widths(sheet, _WIDTHS)
    for row, opinion in enumerate(opinions, start=2):
        for column, text in enumerate(opinion, start=1):
            cell = cell_at(sheet, row, column)
            body(cell)
            put(cell, text)
        fit_row(sheet, row, most=24)
    sheet.freeze_panes = "A2"
    print_setup(sheet, rows="1:1")
    save(book, path, title="专家意见")
    return path
