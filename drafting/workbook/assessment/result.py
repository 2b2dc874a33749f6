"""Sheet 评价结果: grade, indices, reasons in words, what to raise for the next grade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl.styles import Alignment

from drafting.model.terms import GRADES
from drafting.workbook.assessment.index import IndexBlock
from drafting.workbook.assessment.layout import (
    ENTERPRISE_CELL,
    FORM_FIRST,
    REACHED,
    USED,
    YEAR_CELL,
    Layout,
)
from drafting.workbook.assessment.weights import IntegerWeights
from drafting.workbook.style import (
    INK,
    LEFT,
    MUTED,
    TEAL,
    body,
    cell_at,
    font,
    heading_row,
    print_setup,
    put,
    widths,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

REASONS_FIRST = 9
BONUS_ROW = 6
_ONE_LINE = Alignment(vertical="center")
_LIST_HEADINGS = ("序号", "二级指标", "一级指标", "采用值", "现达到", "需达到", "该级基准值", "必须／可选", "可得分")
_WIDTHS = (6, 30, 18, 12, 10, 9, 18, 11, 9)


def result_sheet(book: Workbook, layout: Layout, weights: IntegerWeights, index: IndexBlock, title: str) -> Worksheet:
    """Write the sheet."""
    sheet: Worksheet = book.create_sheet(layout.names.result)
    sheet.sheet_properties.tabColor = TEAL[2:]
    sheet.sheet_view.showGridLines = False
    widths(sheet, _WIDTHS)
    _head(sheet, layout, index, title)
    _bonus(sheet, layout, index)
    last = _reasons(sheet, layout, index)
    _improvements(sheet, layout, weights, index, last + 2)
    print_setup(sheet, landscape=False)
    sheet.protection.sheet = True
    return sheet


def _formula(sheet: Worksheet, row: int, column: int, formula: str, *, size: float = 10, bold: bool = False) -> None:
    cell = cell_at(sheet, row, column)
    cell.value = f"={formula}"
    cell.font = font(size=size, bold=bold, colour=TEAL if bold else INK)
    cell.alignment = LEFT


def _label(sheet: Worksheet, row: int, text: str, *, size: float = 10, column: int = 1) -> None:
    cell = cell_at(sheet, row, column)
    put(cell, text)
    cell.font = font(size=size, bold=True, colour=TEAL if size > 10 else MUTED)


def _head(sheet: Worksheet, layout: Layout, index: IndexBlock, title: str) -> None:
    _label(sheet, 1, f"{title} 评价结果", size=15)
    sheet.row_dimensions[1].height = 28
    enterprise, year = layout.on_form(ENTERPRISE_CELL), layout.on_form(YEAR_CELL)
    _formula(sheet, 2, 1, f'"企业：　"&{enterprise}&IF({year}="","","　　年份：　"&{year})')
    cell_at(sheet, 2, 1).alignment = _ONE_LINE
    _label(sheet, 4, "清洁生产等级", column=2)
    _formula(sheet, 4, 3, layout.on_calculation(index.grade), size=18, bold=True)
    cell_at(sheet, 4, 3).alignment = _ONE_LINE
    sheet.row_dimensions[4].height = 30
    for g, grade in enumerate(GRADES):
        _label(sheet, 5, f"Y_{grade.value}", column=3 + 2 * g)
        shown = f'IF({layout.on_calculation(index.excluded)}=1,"—",{layout.on_calculation(index.index_text(g))})'
        _formula(sheet, 5, 4 + 2 * g, shown, bold=True)
    _label(sheet, 5, "综合评价指数", column=2)


def _bonus(sheet: Worksheet, layout: Layout, index: IndexBlock) -> None:
    """Points of bonus groups (附加) by formula D.2; they enter neither index nor grade."""
    draft = layout.draft
    extra = [j for j in range(layout.size) if draft.groups[j] in draft.bonus]
    if not extra:
        return
    _label(sheet, BONUS_ROW, "附加分（不计入指数和等级）", column=2)
    sheet.row_dimensions[BONUS_ROW + 1].height = 26  # keeps the next heading apart
    mark = draft.rule.full_mark
    for g, grade in enumerate(GRADES):
        _label(sheet, BONUS_ROW, grade.chinese, column=3 + 2 * g)
        terms = (
            f"{draft.category_weights[draft.groups[j]]}*{layout.on_calculation(layout.cell('adjusted', j))}"
            f"*{layout.on_calculation(layout.cell(f'r{g + 1}', j))}"
            for j in extra
        )
        points = f"ROUND({mark}*({'+'.join(terms)}),4)"
        _formula(sheet, BONUS_ROW, 4 + 2 * g, f'IF({layout.on_calculation(index.excluded)}=1,"—",{points})')


def _reasons(sheet: Worksheet, layout: Layout, index: IndexBlock) -> int:
    """The sentences that apply, without gaps; returns the last row."""
    _label(sheet, REASONS_FIRST - 2, "未达到更高等级的原因", size=12)
    first, last = index.reason_rows
    sentences, numbers = (layout.on_calculation(f"${column}${first}:${column}${last}") for column in "CD")
    for n in range(len(index.reasons)):
        row = REASONS_FIRST - 1 + n
        _formula(sheet, row, 2, f'IFERROR(INDEX({sentences},MATCH({n + 1},{numbers},0)),"")')
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=len(_WIDTHS))
        sheet.row_dimensions[row].height = 31 if n < 6 else 20
    return REASONS_FIRST - 2 + len(index.reasons)


def _improvements(sheet: Worksheet, layout: Layout, weights: IntegerWeights, index: IndexBlock, row: int) -> None:
    _label(sheet, row, "提升清单：达到下一等级需要提升的指标（先列必须达到的，再按可得分从高到低）", size=12)
    following, short = (layout.on_calculation(cell) for cell in (weights.following(layout), weights.shortfall(layout)))
    next_grade = f'IF({following}=1,"Ⅰ级",IF({following}=2,"Ⅱ级","Ⅲ级"))'
    excluded = f'IF({layout.on_calculation(index.excluded)}=1,"不参与评价。","已达到Ⅰ级。")'
    shortage = (
        f'IF({short}=1,"该级综合指数不足，“可选”各项提升后得分计入指数。","该级综合指数已够，完成“必须”各项即可。")'
    )
    _formula(sheet, row + 1, 1, f'IF({following}=0,{excluded},"下一等级：　"&{next_grade}&"。"&{shortage})')
    cell_at(sheet, row + 1, 1).alignment = _ONE_LINE
    heading_row(sheet, row + 2, _LIST_HEADINGS)
    order = layout.on_calculation(layout.span("order"))
    last = FORM_FIRST + layout.size - 1

    def form_column(letter: str) -> str:
        return layout.on_form(f"${letter}${FORM_FIRST}:${letter}${last}")

    for n in range(layout.size):
        at = row + 3 + n
        key = f"LARGE({order},{n + 1})"
        place = f"MATCH({key},{order},0)"
        must = f"INDEX({layout.on_calculation(layout.span('must'))},{place})"
        gain = f"INDEX({layout.on_calculation(layout.span('gain'))},{place})"
        level = _level(layout, following, place, must)
        bounds = ",".join(form_column(letter) for letter in "GHI")
        bound = f"INDEX(CHOOSE({level},{bounds}),{place})"
        contents = (
            str(n + 1), f"INDEX({form_column('C')},{place})", f"INDEX({form_column('B')},{place})",
            f"INDEX({form_column(USED)},{place})", f"INDEX({form_column(REACHED)},{place})",
            f'CHOOSE({level},"Ⅰ级","Ⅱ级","Ⅲ级")', bound, f'IF({must}=1,"必须","可选")', f"ROUND({gain},4)",
        )  # fmt: skip
        for column, content in enumerate(contents, start=1):
            cell = cell_at(sheet, at, column)
            cell.value = f'=IF({key}>0,{content},"")'
            body(cell, centred=column not in (2, 3, 7))


def _level(layout: Layout, following: str, place: str, must: str) -> str:
    """Grade that the indicator has to reach: D.4's where it must be raised, the next grade where points are wanted."""
    limiting = f"INDEX({layout.on_calculation(layout.span('limiting'))},{place})"
    return f"IF({must}=1,IF({limiting}=1,{following},MIN({following}+1,3)),{following})"
