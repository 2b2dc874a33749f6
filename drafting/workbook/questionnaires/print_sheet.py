"""Sheet 打印版: the whole questionnaire on a few pages, for who would rather write on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from drafting.workbook.headings import PRINT_SHEET, sheet_title
from drafting.workbook.questionnaires.matrix_help import Meaning, answer_cell, pairs
from drafting.workbook.questionnaires.own_words import SCALE
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
_FITS_IN_ONE_LINE = 19


def add_print_sheet(
    book: Workbook,
    expert: str,
    groups: Mapping[str, Sequence[str]],
    meanings: Mapping[str, Sequence[Meaning]],
    asked: Mapping[str, frozenset[tuple[int, int]]],
) -> None:
    """Append the sheet: every pair as a line with a box, two side by side, then what the items mean.

    They are read row by row: where a page ends depends on fonts and program, and must not mix up columns.

    A box shows what has been typed into the matrix; what is written on paper is typed into the matrices by whoever
    returns the file.
    """
    sheet: Worksheet = book.create_sheet(PRINT_SHEET)
    sheet.sheet_view.showGridLines = False
    widths(sheet, _WIDTHS)
    _line(sheet, 1, f"判断矩阵问卷（打印版）　专家代号：{expert}", size=14, bold=True)
    _line(sheet, 2, "前者比后者重要填 2～9，后者更重要填 1/2～1/9，同等重要填 1；不了解的留空。请誊入各表后交回。")
    _line(sheet, 3, "标度：" + "；".join(f"{number} {words}" for number, words in SCALE[:6]) + "。")
    row = 4
    for group, lines in _lines(groups, asked):
        row += 1
        name = cell_at(sheet, row, 2)
        put(name, group)
        name.font = font(size=9.5, bold=True, colour=TEAL)
        sheet.row_dimensions[row].height = 24
        for at in range(0, len(lines), 2):
            row += 1
            for column, line in zip((1, 5), lines[at : at + 2], strict=False):
                _pair(sheet, row, column, *line)
    row += 2
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
) -> Iterator[tuple[str, list[tuple[int, str, str]]]]:
    """Groups with number, text and formula of every pair."""
    for group, labels in groups.items():
        lines = []
        for number, (i, j) in enumerate(pairs(len(labels)), 1):
            if (i, j) in asked.get(group, {(i, j)}):
                cell = reference(sheet_title(group), answer_cell(i, j))
                lines.append((number, f"{labels[i]} 与 {labels[j]} 相比", f'=IF(ISBLANK({cell}),"",{cell})'))
        yield group, lines


def _pair(sheet: Worksheet, row: int, column: int, number: int, text: str, formula: str) -> None:
    first, sentence, box = (cell_at(sheet, row, column + k) for k in range(3))
    put(sentence, text)
    put(first, str(number))
    for cell in (first, sentence, box):
        body(cell, centred=cell is not sentence, colour=BAND if cell is first else "FFFFFFFF")
        cell.font = font(size=8.5)
    box.value = formula
    box.number_format = "# ?/?"
    dimension = sheet.row_dimensions[row]
    # the longer of the two
    dimension.height = max(dimension.height or 0, 26 if len(text) > _FITS_IN_ONE_LINE else 17)


def _line(sheet: Worksheet, row: int, text: str, *, size: float = 9, bold: bool = False) -> None:
    cell = cell_at(sheet, row, 1)
    put(cell, text)
    cell.font = font(size=size, bold=bold, colour=TEAL if bold else MUTED)
