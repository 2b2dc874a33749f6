"""Sheets 填写说明: what to fill in and how, laid out from ``templates/workbook/guide.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from drafting.resources import templates
from drafting.workbook.headings import INSTRUCTIONS_SHEET
from drafting.workbook.style import (
    BAND,
    MUTED,
    TEAL,
    WRAPPED,
    cell_at,
    fill,
    fit_row,
    font,
    print_setup,
    put,
    widths,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_COLUMNS = (2, 18, 92)


@cache
def guide(name: str) -> Mapping[str, Any]:
    """Read the text of one guide: ``project``, ``ahp``, ``delphi`` or ``rating``."""
    text: Mapping[str, Any] = tomllib.loads((templates() / "workbook" / "guide.toml").read_text("utf-8"))[name]
    return text


def add_guide(book: Workbook, name: str, *, notice: str = "") -> Worksheet:
    """Append a sheet 填写说明; ``notice`` stands under the title in its own line."""
    text = guide(name)
    sheet: Worksheet = book.create_sheet(INSTRUCTIONS_SHEET)
    sheet.sheet_properties.tabColor = TEAL[2:]
    sheet.sheet_view.showGridLines = False
    widths(sheet, _COLUMNS)
    row = 1
    for content, size, colour in ((text["title"], 16, TEAL), (text["subtitle"], 10, MUTED), (notice, 11, "FFB42318")):
        if not content:
            continue
        cell = cell_at(sheet, row, 2)
        put(cell, content)
        cell.font = font(size=size, bold=size > 10, colour=colour)
        sheet.row_dimensions[row].height = 30 if size > 11 else 20
        row += 1
    for section in text["section"]:
        row = _section(sheet, row + 1, section)
    print_setup(sheet, landscape=False)
    return sheet


def _section(sheet: Worksheet, row: int, section: Mapping[str, Any]) -> int:
    title = cell_at(sheet, row, 2)
    put(title, section["title"])
    title.font = font(size=12, bold=True, colour=TEAL)
    sheet.row_dimensions[row].height = 26
    for label, text in section["lines"]:
        row += 1
        for column, content in ((2, label), (3, text)):
            cell = cell_at(sheet, row, column)
            put(cell, content)
            cell.font = font(bold=column == 2)
            cell.alignment = WRAPPED
            if column == 2:
                cell.fill = fill(BAND)
        fit_row(sheet, row)
    return row + 1
