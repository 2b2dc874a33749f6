"""Sheet 选表: which tables an enterprise has, their outputs, the grade by each and the joint one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drafting.model.tables import BY_OUTPUT, COEFFICIENTS, MAIN_PRODUCT
from drafting.model.terms import GRADES
from drafting.workbook.assessment.combination import (
    FRONT,
    FRONT_CHOICE,
    FRONT_ENTERPRISE,
    FRONT_FIRST,
    FRONT_HEADINGS,
    FRONT_OUTPUT,
    FRONT_RULE,
    FRONT_VIOLATION,
    FRONT_YEAR,
    RULES,
    Combination,
)
from drafting.workbook.assessment.form import VIOLATION_PROMPT, head, input_cell, write
from drafting.workbook.assessment.index import NOT_EVALUATED
from drafting.workbook.headings import YES_NO
from drafting.workbook.style import (
    ANSWER,
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
    print_setup,
    put,
    widths,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_HEADINGS = (
    "序号", "表", "表题", "适用于", "本企业适用", "产量", "产量单位", "所占份额", "等级", "Y_Ⅰ", "Y_Ⅱ", "Y_Ⅲ",
    "填报情况",
)  # fmt: skip
_WIDTHS = (6, 20, 34, 26, 12, 12, 12, 12, 12, 12, 12, 12, 34)
_LAST = "M"


def front_sheet(book: Workbook, combination: Combination, title: str, number: str) -> Worksheet:
    """Write the sheet."""
    sheet: Worksheet = book.create_sheet(FRONT)
    sheet.sheet_properties.tabColor = TEAL[2:]
    sheet.sheet_view.showGridLines = False
    widths(sheet, _WIDTHS)
    _head(sheet, combination, title, number)
    dark = [n not in (4, 5) for n in range(len(_HEADINGS))]
    heading_row(sheet, FRONT_HEADINGS, _HEADINGS, dark=dark)
    for n in range(len(combination.tables)):
        _table_row(sheet, combination, n)
    last = FRONT_FIRST + len(combination.tables) - 1
    choices = f"{FRONT_CHOICE}{FRONT_FIRST}:{FRONT_CHOICE}{last}"
    colour_where(sheet, choices, f'${FRONT_CHOICE}{FRONT_FIRST}="是"', "FFD8EFE6")
    if combination.decided:
        _reasons(sheet, combination, last + 2)
    print_setup(sheet)
    sheet.protection.sheet = True
    return sheet


def _head(sheet: Worksheet, combination: Combination, title: str, number: str) -> None:
    hint = "先在这里填企业名称，选出本企业适用的表，再到各表的工作表填报；只填浅黄色单元格。"
    head(sheet, title, number, hint)
    for at, label in (("B3", "企业名称"), ("D3", "评价年份"), ("B4", "近三年重大环境违法"), ("B5", "清洁生产等级")):
        write(sheet, at, label, bold=True)
    for at in (FRONT_ENTERPRISE, FRONT_YEAR, FRONT_VIOLATION):
        input_cell(sheet, at)
    choice(sheet, FRONT_VIOLATION, YES_NO, prompt=VIOLATION_PROMPT)
    write(sheet, "B6", "几张表的综合", bold=True)
    write(sheet, FRONT_RULE, RULES.get(combination.rule, combination.rule))
    grade = sheet["C5"]
    sheet.row_dimensions[5].height = 30
    grade.font = font(size=18, bold=True, colour=TEAL)
    if not combination.decided:
        grade.value = "各表分别评定"
        return
    verdict, problem = combination.shown(combination.grade), combination.shown(combination.problem)
    grade.value = f"={verdict}"
    for letter, label, cell in zip("GIK", GRADES, combination.indices, strict=True):
        write(sheet, f"{letter}5", f"综合指数 Y_{label.value}", colour=MUTED)
        after = f"{chr(ord(letter) + 1)}5"
        hidden = f'OR({problem}<>"",{verdict}="{NOT_EVALUATED}")'
        sheet[after].value = f'=IF({hidden},"—",{combination.shown(cell)})'
        sheet[after].font = font(size=12, bold=True)


def _table_row(sheet: Worksheet, combination: Combination, n: int) -> None:
    one, row = combination.tables[n], FRONT_FIRST + n
    table, layout, index = one.table, one.layout, one.index
    by_output = combination.rule in (BY_OUTPUT, MAIN_PRODUCT)
    chosen = combination.shown(combination.cell("chosen", n))
    fixed = (n + 1, table.key, table.caption, table.applies or "—", None, None, table.output_unit if by_output else "—")
    for column, content in enumerate(fixed, start=1):
        cell = cell_at(sheet, row, column)
        put(cell, content)
        body(cell, colour=PAPER, centred=column not in (3, 4))
    choice_cell, output_cell = sheet[f"{FRONT_CHOICE}{row}"], sheet[f"{FRONT_OUTPUT}{row}"]
    body(choice_cell, colour=ANSWER, centred=True, unlocked=True)
    choice(sheet, choice_cell.coordinate, YES_NO, prompt="本企业适用这张表的选“是”。")
    if by_output:
        body(output_cell, colour=ANSWER, centred=True, unlocked=True)
    else:
        put(output_cell, "—")
        body(output_cell, colour=LOCKED, centred=True)
    share = '"—"'
    if combination.rule in (BY_OUTPUT, COEFFICIENTS, MAIN_PRODUCT):
        problem = combination.shown(combination.problem)
        share = f'IF({problem}<>"","—",TEXT({combination.share(n)},"0.####"))'
    hidden = f"{layout.on_calculation(index.excluded)}=1"
    texts = [f'IF({hidden},"—",{layout.on_calculation(index.index_text(g))})' for g in range(len(GRADES))]
    shown = [share, layout.on_calculation(index.grade), *texts]
    answers = combination.shown(combination.cell("answers", n))
    wrong = _wrong(combination, n)
    unused = f'IF({answers}>0,"填了 "&{answers}&" 项而没有选这张表，不计入","—")'
    told = f"IF({chosen}=1,{layout.on_form('$C$6')}{wrong},{unused})"
    contents = [f'IF({chosen}=1,{text},"—")' for text in shown] + [told]
    for column, content in enumerate(contents, start=8):
        cell = cell_at(sheet, row, column)
        cell.value = f"={content}"
        body(cell, colour=LOCKED, centred=column < 13)
    fit_row(sheet, row, minimum=34)


def _wrong(combination: Combination, n: int) -> str:
    """Formula, with the sign before it, that says what is wrong with an output, and where answers differ."""
    found = ""
    if combination.rule in (BY_OUTPUT, MAIN_PRODUCT):
        entry, usable = (combination.shown(combination.cell(c, n)) for c in ("entry", "usable"))
        found = f'&IF(AND({entry}<>"",{usable}=0),"；产量填写有误","")'
    layout = combination.tables[n].layout
    if layout.twins:
        first, last = (layout.class_cell("differs", j) for j in (0, layout.size - 1))
        differing = layout.on_calculation(f"{first}:{last}")
        found += f'&IF(SUM({differing})>0,"；与另一张表中同一指标的回答不同","")'
    return found


def _reasons(sheet: Worksheet, combination: Combination, row: int) -> None:
    write(
        sheet,
        f"A{row}",
        "未达到更高等级的原因（综合评定；每张表的原因和提升清单见其“结果”表）",
        size=12,
        bold=True,
        colour=TEAL,
    )
    problem = combination.shown(combination.problem)
    sheet[f"B{row + 1}"].value = f'=IF({problem}="","","不能综合评定："&{problem})'
    sheet[f"B{row + 1}"].font = font(bold=True, colour="FFB42318")
    first, last = combination.reasons
    sentences, numbers = (combination.shown(f"${c}${first}:${c}${last}") for c in "CD")
    for n in range(last - first + 1):
        at = row + 2 + n
        cell = sheet[f"B{at}"]
        cell.value = f'=IFERROR(INDEX({sentences},MATCH({n + 1},{numbers},0)),"")'
        cell.font, cell.alignment = font(), LEFT
        sheet.merge_cells(f"B{at}:{_LAST}{at}")
        sheet.row_dimensions[at].height = 31 if n < 4 else 20
