"""The self-assessment workbook (企业自评表): an enterprise fills in data, live formulas give its grade by Appendix D.

Sheets of one table: 自评表 (to fill in, with the grade), 评价结果 (reasons, what to raise next), 计算 (every step) and
填写说明. Of several: 选表 first, those three for each table, 综合计算. No macros, no dynamic arrays: Excel 2010, WPS
and LibreOffice compute it. Grades are judged in whole numbers, so the result is the engine's, at 85 and 100 exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from openpyxl import Workbook

from drafting.evaluation.draft import Draft
from drafting.workbook.assessment.calculation import calculation_sheet
from drafting.workbook.assessment.combination import COMBINED, FRONT, Combination, Sheets, TableForm, digits_of
from drafting.workbook.assessment.form import form_sheet
from drafting.workbook.assessment.front import front_sheet
from drafting.workbook.assessment.index import IndexBlock
from drafting.workbook.assessment.layout import FORM, RESULT, Layout
from drafting.workbook.assessment.result import result_sheet
from drafting.workbook.assessment.table_layouts import table_layouts
from drafting.workbook.assessment.weights import IntegerWeights, WeightsTooFineError
from drafting.workbook.guide import add_guide
from drafting.workbook.style import print_setup

__all__ = ["TableForm", "WeightsTooFineError", "assessment_workbook", "tables_workbook"]


def assessment_workbook(
    draft: Draft, *, title: str, number: str = "", notice: str = "", scoring: str = "", output_unit: str = ""
) -> Workbook:
    """Make the workbook of one table.

    Raises WeightsTooFineError where weights have so many decimals that a spreadsheet could not judge 85 and 100
    exactly.

    ``scoring``: word of setting 类别计分, where there are class rows.
    ``output_unit``: of the classes' outputs, where they decide.
    """
    layout = Layout(draft, scoring=scoring, output_unit=output_unit)
    weights = IntegerWeights.of(draft, by_output=layout.by_output)
    book = Workbook()
    book.remove(book.worksheets[0])
    index = _calculated(book, layout, weights)
    _shown(book, layout, weights, index, title, number)
    _finished(book, "assessment", notice)
    book.move_sheet(FORM, -book.index(book[FORM]))
    book.move_sheet(RESULT, 1 - book.index(book[RESULT]))
    book.active = 0
    return book


def tables_workbook(
    tables: Sequence[TableForm], *, rule: str, title: str, number: str = "", notice: str = "", scoring: str = ""
) -> Workbook:
    """Make the workbook of a standard with several tables: 选表 first, then each table, and the joint verdict.

    Raises WeightsTooFineError: see :func:`assessment_workbook`.

    ``tables``: in the standard's order.
    ``rule``, ``scoring``: words of the settings 多表评定 and 类别计分.
    """
    layouts = table_layouts(tables, scoring)
    weights = [IntegerWeights.of(layout.draft, by_output=layout.by_output) for layout in layouts]
    digits = digits_of(weights)
    book = Workbook()
    book.remove(book.worksheets[0])
    sheets = []
    for table, layout, own in zip(tables, layouts, weights, strict=True):
        exact = replace(own, digits=digits)
        sheets.append(Sheets(table, layout, exact, _calculated(book, layout, exact)))
    combination = Combination(book, rule, sheets)
    combined = book[COMBINED]
    combined.protection.sheet = True
    print_setup(combined, rows="3:3", columns="A:A", across=3)
    front_sheet(book, combination, title, number)
    for one in sheets:
        _shown(book, one.layout, one.weights, one.index, one.table.caption, "")
    _finished(book, "assessment_tables", notice)
    names = [one.layout.names for one in sheets]
    order = [FRONT, *(n.form for n in names), *(n.result for n in names), COMBINED, *(n.calculation for n in names)]
    for place, name in enumerate(order):
        book.move_sheet(name, place - book.index(book[name]))
    book.active = 0
    return book


def _calculated(book: Workbook, layout: Layout, weights: IntegerWeights) -> IndexBlock:
    calculation = calculation_sheet(book, layout, weights)
    index = IndexBlock(calculation, layout, weights)
    index.write()
    return index


def _shown(book: Workbook, layout: Layout, weights: IntegerWeights, index: IndexBlock, title: str, number: str) -> None:
    form_sheet(book, layout, index, title, number)
    result_sheet(book, layout, weights, index, title)
    calculation = book[layout.names.calculation]
    calculation.protection.sheet = True
    print_setup(calculation, rows="3:3", columns="A:B", across=3)


def _finished(book: Workbook, guide: str, notice: str) -> None:
    add_guide(book, guide, notice=notice).protection.sheet = True
    if book.calculation is not None:
        book.calculation.fullCalcOnLoad = True  # the file carries no computed values
