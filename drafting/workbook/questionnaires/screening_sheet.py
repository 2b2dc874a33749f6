"""成果/指标筛选.xlsx: the candidate library as screened by boundary values, for the committee to decide on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook

from drafting.workbook.style import (
    ANSWER,
    MUTED,
    PAPER,
    TEAL,
    body,
    cell_at,
    choice,
    fit_row,
    font,
    heading_row,
    print_setup,
    put,
    save,
    widths,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from drafting.model.consultation import Candidate, Screening

_HEADINGS = (
    "一级指标", "代码", "二级指标", "答复数", "均值", "满分率", "变异系数", "中位数", "不满足", "界值法结论",
    "专家意见", "编制组决定", "理由",
)  # fmt: skip
_WIDTHS = (20, 8, 30, 8, 9, 9, 10, 9, 20, 12, 40, 12, 32)
_COLOURS = {"保留": PAPER, "讨论": ANSWER, "剔除": "FFFFB3B3"}
_HEADING_ROW = 4


def write_screening(path: Path, screening: Screening) -> Path:
    """Write the screened library; the columns 编制组决定 and 理由 are left to the committee.

    Raises OutputError if the file cannot be written.

    ``path``: Where; an existing file is replaced.
    """
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = "指标筛选"
    sheet.sheet_view.showGridLines = False
    limits = screening.boundaries
    boundaries = f"均值 ≥ {limits.mean:.3f}，满分率 ≥ {limits.full_mark_share:.1%}，变异系数 ≤ {limits.cv:.3f}"
    advice = f"{screening.delete_at} 项不满足建议剔除，其余有不满足的交编制组讨论；由编制组决定并写明理由。"
    texts = (
        (f"备选指标筛选（界值法，第 {screening.round} 轮，{screening.experts} 位专家）", 14, TEAL),
        (f"界值：{boundaries}。", 10, MUTED),
        (advice, 10, MUTED),
    )  # fmt: skip
    for row, (text, size, colour) in enumerate(texts, start=1):
        cell = cell_at(sheet, row, 1)
        put(cell, text)
        cell.font = font(size=size, bold=size > 10, colour=colour)
    sheet.row_dimensions[1].height = 28
    heading_row(sheet, _HEADING_ROW, _HEADINGS)
    widths(sheet, _WIDTHS)
    row = _HEADING_ROW
    for candidate in screening.candidates:
        row += 1
        _line(sheet, row, candidate)
    choice(sheet, f"L{_HEADING_ROW + 1}:L{row}", tuple(_COLOURS))
    sheet.freeze_panes = f"D{_HEADING_ROW + 1}"
    print_setup(sheet, rows=f"1:{_HEADING_ROW}")
    save(book, path, title="备选指标筛选")
    return path


def _line(sheet: Worksheet, row: int, c: Candidate) -> None:
    values = (
        c.category, c.code, c.indicator, c.n, c.mean, c.full_mark_share, c.cv, c.median,
        "、".join(c.failed), c.decision, "\n".join(f"· {s}" for s in c.suggestions), None, None,
    )  # fmt: skip
    for column, value in enumerate(values, start=1):
        cell = cell_at(sheet, row, column)
        body(cell, colour=_COLOURS[c.decision] if column == 10 else PAPER, centred=column in (2, *range(4, 11)))
        put(cell, value)
        if column in (5, 7, 8):
            cell.number_format = "0.000" if column != 8 else "0.##"
        elif column == 6:
            cell.number_format = "0.0%"
    fit_row(sheet, row)
