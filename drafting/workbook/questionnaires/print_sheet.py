"""Sheet 打印版: the whole questionnaire on a few pages, for who would rather write on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from drafting.workbook.headings import PRINT_SHEET, sheet_title
from drafting.workbook.questionnaires.matrix_help import SCALE, Meaning, answer_cell, pairs
from drafting.workbook.style import (
    BAND,
    MUTED,
    TEAL,
    body,
    cell_at,
    folded,
    font,
    print_setup,
    put,
    reference,
    widths,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_WIDTHS = (5, 34, 8, 2, 5, 34, 8)
_ROWS_PER_COLUMN = 44


def add_print_sheet(
    book: Workbook,
    expert: str,
    groups: Mapping[str, Sequence[str]],
    meanings: Mapping[str, Sequence[Meaning]],
    asked: Mapping[str, frozenset[tuple[int, int]]],
) -> None:
    """
    Append the sheet: every pair as a line with a box, two columns a page, then what the items mean.

    A box shows what has been typed into the matrix; what is written on paper is typed into the matrices by whoever
    returns the file.
    """
    sheet: Worksheet = book.create_sheet(PRINT_SHEET)
    sheet.sheet_view.showGridLines = False
    widths(sheet, _WIDTHS)
    _line(sheet, 1, f"判断矩阵问卷（打印版）　专家代号：{expert}", size=14, bold=True)
    _line(sheet, 2, "前者比后者重要填 2～9，后者更重要填 1/2～1/9，同等重要填 1；不了解的留空。请誊入各表后交回。")
    _line(sheet, 3, "标度：" + "；".join(f"{number} {words}" for number, words in SCALE[:6]) + "。")
    row, entries = 5, _lines(groups, asked)
    for start in range(0, len(entries), 2 * _ROWS_PER_COLUMN):
        page = entries[start : start + 2 * _ROWS_PER_COLUMN]
        half = min(_ROWS_PER_COLUMN, -(-len(page) // 2))
        for at, line in enumerate(page):
            _pair(sheet, row + at % half, 1 if at < half else 5, *line)
        row += half
    row += 1
    _line(sheet, row, "各项的含义", size=11, bold=True)
    for group, items in meanings.items():
        for item in items:
            what = "　".join(x for x in (item.unit, item.explanation) if x) or "—"
            for part in folded(f"{group} · {item.name}：{what}", 1.25 * sum(_WIDTHS)):
                row += 1
                _line(sheet, row, part, size=8)
    print_setup(sheet, landscape=False)
    sheet.print_area = f"A1:G{row}"
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    sheet.protection.sheet = True


def _lines(
    groups: Mapping[str, Sequence[str]], asked: Mapping[str, frozenset[tuple[int, int]]]
) -> list[tuple[str, str, str]]:
    """Number, text and formula of every line; a group's name stands above its pairs."""
    found: list[tuple[str, str, str]] = []
    for group, labels in groups.items():
        found.append(("", group, ""))
        for number, (i, j) in enumerate(pairs(len(labels)), 1):
            if (i, j) in asked.get(group, {(i, j)}):
                cell = reference(sheet_title(group), answer_cell(i, j))
                formula = f'=IF(ISBLANK({cell}),"",{cell})'
                found.append((str(number), f"{labels[i]} 与 {labels[j]} 相比", formula))
    return found


def _pair(sheet: Worksheet, row: int, column: int, number: str, text: str, formula: str) -> None:
    first, sentence, box = (cell_at(sheet, row, column + k) for k in range(3))
    put(sentence, text)
    if not formula:
        sentence.font = font(size=9.5, bold=True, colour=TEAL)
        return
    put(first, number)
    for cell in (first, sentence, box):
        body(cell, centred=cell is not sentence, colour=BAND if cell is first else "FFFFFFFF")
        cell.font = font(size=8.5)
    box.value = formula
    box.number_format = "# ?/?"
    dimension = sheet.row_dimensions[row]
    dimension.height = max(dimension.height or 0, 26 if len(text) > 19 else 16)  # the longer of the two columns


def _line(sheet: Worksheet, row: int, text: str, *, size: float = 9, bold: bool = False) -> None:
    cell = cell_at(sheet, row, 1)
    put(cell, text)
    cell.font = font(size=size, bold=bold, colour=TEAL if bold else MUTED)
