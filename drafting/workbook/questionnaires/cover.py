"""What every questionnaire has around its answers: guide, code and identity, self-assessment, room for opinions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl import Workbook

from drafting.model.experts import Expert
from drafting.workbook.guide import add_guide
from drafting.workbook.headings import EXPERT_SHEET, EXPERTS, REMARKS, SELF_ASSESSMENT
from drafting.workbook.questionnaires.identity import ITEM_HEADINGS, Identity, put_properties
from drafting.workbook.questionnaires.remarks import FIELDS
from drafting.workbook.style import (
    ANSWER,
    BAND,
    MUTED,
    TEAL,
    body,
    cell_at,
    choice,
    font,
    heading_row,
    note,
    print_setup,
    put,
    widths,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_ASSESSMENT_ROW = 4
_REMARK_ROWS = 10
_MEANINGS = {
    "实践经验": "您的判断受实践经验影响的程度：大、中、小。",
    "理论分析": "您的判断受理论分析影响的程度：大、中、小。",
    "国内外资料": "您的判断受国内外资料影响的程度：大、中、小。",
    "直觉": "您的判断受直觉影响的程度：大、中、小。",
    "熟悉程度": "您对本行业清洁生产的熟悉程度。",
}


def open_questionnaire(expert: Expert, name: str, notice: str, identity: Identity | None) -> Workbook:
    """Start a questionnaire: the guide, the sheet with the expert's code, and what the file says it is.

    The self-assessment (判断依据, 熟悉程度) is asked as long as the committee does not have it.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    add_guide(book, name, notice=notice)
    sheet: Worksheet = book.create_sheet(EXPERT_SHEET.title)
    heading_row(sheet, 1, EXPERT_SHEET.texts)
    widths(sheet, (16, 30, 60))
    for column, heading in enumerate(EXPERT_SHEET.headings, start=1):
        note(cell_at(sheet, 1, column), heading.note)
    code = cell_at(sheet, 2, 1)
    put(code, expert.code)
    body(code, centred=True)
    code.number_format = "@"
    row = _ASSESSMENT_ROW
    missing = [word for word in SELF_ASSESSMENT if not getattr(expert, FIELDS[word])]
    if missing:
        row = _add_assessment(sheet, row, missing)
    if identity is not None:
        _add_identity(sheet, row, identity)
        put_properties(book, identity)
    sheet.protection.sheet = True
    print_setup(sheet, landscape=False)
    return book


def _title(sheet: Worksheet, row: int, text: str) -> None:
    cell = cell_at(sheet, row, 1)
    put(cell, text)
    cell.font = font(size=11, bold=True, colour=TEAL)


def _add_assessment(sheet: Worksheet, row: int, words: list[str]) -> int:
    _title(sheet, row, "自评：判断依据和熟悉程度（只需填写一次，以后各轮不再询问）")
    for word in words:
        row += 1
        label, answer, hint = (cell_at(sheet, row, column) for column in (1, 2, 3))
        put(label, word)
        body(label, colour=BAND)
        body(answer, colour=ANSWER, centred=True, unlocked=True)
        put(hint, _MEANINGS[word])
        hint.font = font(size=9, colour=MUTED)
        choice(sheet, answer.coordinate, EXPERTS.heading(word).choices)
    return row + 2


def _add_identity(sheet: Worksheet, row: int, identity: Identity) -> None:
    """Write the visible line and, under it, the items as this questionnaire names them."""
    _title(sheet, row, "标识（收回时核对，请勿改动）")
    line = cell_at(sheet, row + 1, 1)
    put(line, identity.line)
    line.font = font(size=9)
    heading_row(sheet, row + 3, ITEM_HEADINGS)
    sheet.row_dimensions[row + 3].height = 18
    for offset, item in enumerate(identity.items, start=row + 4):
        for column, text in enumerate((item.group, item.code, item.name), start=1):
            cell = cell_at(sheet, offset, column)
            put(cell, text)
            body(cell)
            cell.font = font(size=8.5, colour=MUTED)


def add_remarks(book: Workbook) -> None:
    """Append sheet 其他意见: opinions about the whole, and indicators that the expert proposes."""
    sheet: Worksheet = book.create_sheet(REMARKS.title)
    heading_row(sheet, 1, REMARKS.texts)
    widths(sheet, [h.width for h in REMARKS.headings])
    for column, heading in enumerate(REMARKS.headings, start=1):
        note(cell_at(sheet, 1, column), heading.note)
    for row in range(2, 2 + _REMARK_ROWS):
        for column in range(1, len(REMARKS.headings) + 1):
            body(cell_at(sheet, row, column), colour=ANSWER, centred=column != 2, unlocked=True)
        sheet.row_dimensions[row].height = 32
    for letter, heading in (("A", REMARKS.headings[0]), ("C", REMARKS.headings[2])):
        choice(sheet, f"{letter}2:{letter}{1 + _REMARK_ROWS}", heading.choices)
    sheet.freeze_panes = "A2"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    print_setup(sheet)
    sheet.page_setup.fitToHeight = 1
