"""Sheet 自评表: what an enterprise fills in, and the grade that it gets, on one page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from openpyxl.worksheet.datavalidation import DataValidation

from drafting.model.terms import GRADES
from drafting.notation.weights import COUNT, COUNTED
from drafting.workbook.assessment.calculation import answer_words, reached_cells, reached_text
from drafting.workbook.assessment.excel_formula import quoted
from drafting.workbook.assessment.index import IndexBlock
from drafting.workbook.assessment.layout import (
    CHOICE_SIGN,
    CHOICES_CELL,
    ENTERPRISE_CELL,
    FORM_FIRST,
    FORM_HEADINGS,
    MARK,
    REACHED,
    STRATUM_CELL,
    USED,
    VALUE,
    VIOLATION_CELL,
    YEAR_CELL,
    Layout,
)
from drafting.workbook.headings import NOT_APPLICABLE_MARK, YES_NO
from drafting.workbook.style import (
    ANSWER,
    BAND,
    INK,
    LEFT,
    LOCKED,
    MUTED,
    PAPER,
    TEAL,
    body,
    cell_at,
    choice,
    colour_where,
    fit_row,
    font,
    heading_row,
    note,
    print_setup,
    put,
    widths,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from drafting.model.system import Indicator

_HEADINGS = (
    "序号", "一级指标", "二级指标", "单位", "限定性", "权重", "Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值",
    "填报值", "不适用", "采用值", "达到等级",
)  # fmt: skip
_WIDTHS = (6, 15, 27, 11, 8, 8, 15, 15, 15, 15, 9, 13, 11)
_OF_CLASS = "按类别分行：只填本企业所属类别的行，其余类别的行空着。"
VIOLATION_PROMPT = "近三年有重大环境违法违规行为的，不参与评价（第 6 章）。"
_GOOD, _FAIR, _POOR = "FFD8EFE6", "FFFFF1C9", "FFF9D6D1"


def form_sheet(book: Workbook, layout: Layout, index: IndexBlock, title: str, number: str) -> Worksheet:
    """Write the sheet; the other sheets' cells it shows are known from the layout."""
    sheet: Worksheet = book.create_sheet(layout.names.form)
    sheet.sheet_properties.tabColor = TEAL[2:]
    sheet.sheet_view.showGridLines = False
    widths(sheet, _WIDTHS)
    _head(sheet, layout, index, title, number)
    heading_row(sheet, FORM_HEADINGS, _HEADINGS, dark=[n not in (9, 10) for n in range(len(_HEADINGS))])
    for j in range(layout.size):
        _indicator_row(sheet, layout, j)
    _colours(sheet, reached_cells(layout))
    _amounts(sheet, layout)
    sheet.freeze_panes = f"D{FORM_FIRST}"
    print_setup(sheet, rows=f"{FORM_HEADINGS}:{FORM_HEADINGS}")
    sheet.protection.sheet = True
    return sheet


def head(sheet: Worksheet, title: str, number: str, hint: str) -> None:
    """Title and hint above what an enterprise fills in."""
    write(sheet, "A1", f"{title} 企业自评表", size=15, bold=True, colour=TEAL)
    sheet.row_dimensions[1].height = 28
    write(sheet, "A2", (f"{number}　" if number else "") + hint, colour=MUTED)


def _head(sheet: Worksheet, layout: Layout, index: IndexBlock, title: str, number: str) -> None:
    hint = "只填浅黄色单元格：填报值直接填，或在表下填原始量由表计算；确实不适用的选“不适用”，空白按未达到计。"
    if layout.chosen:
        hint += "企业名称和适用哪几张表填在“选表”。"
    head(sheet, title, number, hint)
    _label(sheet, "B3", "企业名称")
    _given(sheet, layout, ENTERPRISE_CELL)
    _label(sheet, "I3", "评价年份")
    _given(sheet, layout, YEAR_CELL)
    strata = layout.draft.stratum_names
    if strata:
        _label(sheet, "B4", "分组")
        input_cell(sheet, STRATUM_CELL)
        choice(sheet, STRATUM_CELL, strata, prompt="基准值按分组给出，请选择本企业所属的组。")
    _label(sheet, "I4", "近三年重大环境违法")
    _given(sheet, layout, VIOLATION_CELL)
    if VIOLATION_CELL not in layout.heads:
        choice(sheet, VIOLATION_CELL, YES_NO, prompt=VIOLATION_PROMPT)
    _label(sheet, "B5", "清洁生产等级")
    grade = cell_at(sheet, 5, 3)
    shown_grade = layout.on_calculation(index.grade)
    grade.value = f'=IF({layout.chosen}=1,{shown_grade},"未选本表")' if layout.chosen else f"={shown_grade}"
    grade.font = font(size=18, bold=True, colour=TEAL)
    sheet.row_dimensions[5].height = 30
    for column, g in zip((7, 9, 11), range(len(GRADES)), strict=True):
        cell = cell_at(sheet, 5, column)
        put(cell, f"综合指数 Y_{GRADES[g].value}")
        cell.font = font(colour=MUTED)
        shown = cell_at(sheet, 5, column + 1)
        shown.value = f'=IF({layout.on_calculation(index.excluded)}=1,"—",{layout.on_calculation(index.index_text(g))})'
        shown.font = font(size=12, bold=True)
    _label(sheet, "B6", "填报情况")
    states = reached_cells(layout)
    cell = cell_at(sheet, 6, 3)
    counted = [f'COUNTIF({states},"{word}")' for word in ("缺数据", "填写有误", "不适用")]
    given = f"{layout.size}-{'-'.join(counted)}"
    cell.value = (
        f'="共 {layout.size} 项：已填 "&({given})&" 项，不适用 "&{counted[2]}&" 项，缺数据 "&{counted[0]}'
        f'&" 项，填写有误 "&{counted[1]}&" 项"&IF({counted[0]}+{counted[1]}>0,"（缺数据和填写有误的按未达到计）","")'
    )
    _label(sheet, "B7", "评价设置")
    write(sheet, CHOICES_CELL, CHOICE_SIGN.join(f"{name}：{word}" for name, word in layout.choices.items()))
    amounts = [layout.on_calculation(layout.amount("wrong", at)) for at in layout.amounts]
    if amounts:
        cell.value += f'&IF({"+".join(amounts)}=0,"","；表下的原始量或参数填写有误 "&({"+".join(amounts)})&" 项")'
    cell.font = font()
    if strata:
        unchosen = cell_at(sheet, 4, 5)
        unchosen.value = f'=IF({STRATUM_CELL}="","未选分组，暂按不分组的基准值判定","")'
        unchosen.font = font(colour="FFB42318")


def write(sheet: Worksheet, at: str, text: str, *, size: float = 10, bold: bool = False, colour: str = INK) -> None:
    """Write words into a cell by its address."""
    cell = sheet[at]
    put(cell, text)
    cell.font = font(size=size, bold=bold, colour=colour)


def _label(sheet: Worksheet, at: str, text: str) -> None:
    write(sheet, at, text, bold=True)


def input_cell(sheet: Worksheet, at: str) -> None:
    """Make a cell one that is filled in."""
    cell = sheet[at]
    body(cell, colour=ANSWER, unlocked=True)
    cell.alignment = LEFT


def _given(sheet: Worksheet, layout: Layout, at: str) -> None:
    """A cell to fill in, or one that shows what is filled in elsewhere."""
    source = layout.heads.get(at)
    if source is None:
        input_cell(sheet, at)
        return
    sheet[at].value = f'=IF({source}="","",{source})'
    body(sheet[at], colour=LOCKED)
    sheet[at].alignment = LEFT


def _indicator_row(sheet: Worksheet, layout: Layout, j: int) -> None:
    draft, row = layout.draft, FORM_FIRST + j
    indicator = draft.indicators[j]
    bonus = draft.groups[j] in draft.bonus
    category = f"{indicator.category}（附加）" if bonus else indicator.category
    star, weight = "＊" if indicator.limiting else "", str(draft.weights[j])
    fixed: tuple[str | int, ...] = (j + 1, category, indicator.name, indicator.unit, star, weight)
    for column, content in enumerate(fixed, start=1):
        cell = cell_at(sheet, row, column)
        put(cell, content)
        body(cell, colour=BAND if draft.groups[j] % 2 else PAPER, centred=column not in (2, 3))
    if draft.weights[j].divided:
        note(cell_at(sheet, row, len(fixed)), f"{COUNT} 为{COUNTED}。")
    own = [_OF_CLASS] if indicator.of else []
    note(cell_at(sheet, row, 3), "\n".join([*own, *filter(None, [_footnotes(layout, indicator.marks)])]))
    for g, grade in enumerate(GRADES):
        cell = cell_at(sheet, row, 7 + g)
        texts = [
            one[j].by_grade[grade].bound.format() if grade in one[j].by_grade else "—" for one in layout.baselines()
        ]
        if len(set(texts)) == 1:
            put(cell, texts[0])
        else:
            chosen = _literal(texts[0])
            for name, text in zip(draft.stratum_names, texts[1:], strict=True):
                chosen = f"IF(${STRATUM_CELL[0]}${STRATUM_CELL[1:]}={_literal(name)},{_literal(text)},{chosen})"
            cell.value = f"={chosen}"
        body(cell, colour=BAND if draft.groups[j] % 2 else PAPER, centred=not indicator.qualitative)
        bound = indicator.baselines.get(grade)
        note(cell, _footnotes(layout, bound.marks if bound is not None else ()))
    _answer_cells(sheet, layout, j, indicator)
    for letter, content in ((USED, _used(layout, j)), (REACHED, reached_text(layout, j))):
        cell = sheet[f"{letter}{row}"]
        cell.value = content
        body(cell, colour=LOCKED, centred=True)
    fit_row(sheet, row)


def _footnotes(layout: Layout, marks: Iterable[str]) -> str:
    """The footnotes of a name or baseline, which a table of cells has no foot for."""
    return "\n".join(layout.draft.notes[mark] for mark in marks if mark in layout.draft.notes)


def _literal(text: str) -> str:
    return quoted(text.replace("\n", " ")[:200])


def _used(layout: Layout, j: int) -> str:
    entry, applies = (layout.on_calculation(layout.cell(name, j)) for name in ("entry", "applies"))
    return f'=IF({applies}=0,"—",{entry})'


def _answer_cells(sheet: Worksheet, layout: Layout, j: int, indicator: Indicator) -> None:
    value, mark = layout.value(j), layout.mark(j)
    for at in (value, mark):
        body(sheet[at], colour=ANSWER, centred=True, unlocked=True)
    choice(sheet, mark, (NOT_APPLICABLE_MARK,))
    if indicator.qualitative:
        choice(sheet, value, answer_words(len(indicator.baselines) == 1), prompt="按本企业达到的要求选择。")
        return
    tests = [f"ISNUMBER({value})"]
    span = ""
    if indicator.lower is not None:
        tests.append(f"{value}>={indicator.lower:f}")
    if indicator.upper is not None:
        tests.append(f"{value}<={indicator.upper:f}")
    if indicator.lower is not None or indicator.upper is not None:
        low = "" if indicator.lower is None else f"{indicator.lower:f}"
        high = "" if indicator.upper is None else f"{indicator.upper:f}"
        span = f"，应在 {low}～{high} 之间"
    rule = DataValidation(
        type="custom", formula1=f'OR(AND({",".join(tests)}),LEFT({value},1)="<")', allow_blank=True,
        showErrorMessage=True, showInputMessage=True,
    )  # fmt: skip
    unit = indicator.unit or "无单位"
    rule.errorTitle, rule.error = (
        "请填数字",
        f"以 {unit} 为单位填一个数{span}；低于检出限的写 <检出限，如 <0.01。"[:220],
    )
    per_cent = "；填 95 或 95%" if indicator.unit in ("%", "％") else ""
    computed = "；也可不填，由表下的原始量计算" if j in layout.unit_formulas() else ""
    rule.promptTitle, rule.prompt = "填写提示", f"单位：{unit}{span}{per_cent}{computed}。"[:250]
    sheet.add_data_validation(rule)
    rule.add(value)


def _colours(sheet: Worksheet, cells: str) -> None:
    first = cells.split(":")[0]
    for words, colour in ((("Ⅰ级", "Ⅱ级"), _GOOD), (("Ⅲ级",), _FAIR), (("未达到", "缺数据", "填写有误"), _POOR)):
        tests = ",".join(f'{first}="{word}"' for word in words)
        colour_where(sheet, cells, f"OR({tests})", colour)


def _amounts(sheet: Worksheet, layout: Layout) -> None:
    """Raw totals and parameters, under the indicators."""
    amounts = layout.amounts
    blocks = (
        ("原始量（填了这里，相应指标自动计算；直接填了填报值的以填报值为准）", layout.raw_cells().values()),
        ("基准值中的参数", layout.parameter_cells().values()),
        ("各类别的产量（有几个类别的填：同一指标各类别的得分按产量之比计）", layout.class_cells().values()),
    )
    for heading, cells in blocks:
        rows = [(*amounts[cell], cell) for cell in cells]
        if not rows:
            continue
        first = int(rows[0][2][1:])
        write(sheet, f"B{first - 1}", heading, bold=True, colour=TEAL)
        for name, unit, cell in rows:
            row = int(cell[1:])
            put(sheet[f"B{row}"], f"{name}（{unit}）" if unit else name)
            sheet[f"B{row}"].font = font()
            body(sheet[cell], colour=ANSWER, centred=True, unlocked=True)
            used = _uses(layout, name)
            write(sheet, f"D{row}", used, size=9, colour=MUTED)
            read, wrong = (layout.on_calculation(layout.amount(column, cell)) for column in ("number", "wrong"))
            for letter, content in ((USED, f"={read}"), (REACHED, f'=IF({wrong}=1,"填写有误","")')):
                sheet[f"{letter}{row}"].value = content
                body(sheet[f"{letter}{row}"], colour=LOCKED, centred=True)
        rule = DataValidation(
            type="decimal", operator="between", formula1="-1E+300", formula2="1E+300", allow_blank=True
        )
        rule.showErrorMessage, rule.errorTitle, rule.error = True, "请填数字", "这里只能填数字。"
        sheet.add_data_validation(rule)
        rule.add(f"{VALUE}{first}:{VALUE}{first + len(rows) - 1}")


def _uses(layout: Layout, name: str) -> str:
    indicators = layout.draft.indicators
    found = [
        f"{indicators[j].name}（{indicators[j].unit or '无单位'}）= {e.to_text()}"
        for j, e in layout.unit_formulas().items() if name in e.names
    ]  # fmt: skip
    return "；".join(found)[:90]


__all__ = ["MARK", "form_sheet"]
