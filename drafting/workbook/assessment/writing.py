"""
The self-assessment workbook (企业自评表): an enterprise fills in its data, live formulas give its grade by Appendix D.

Sheets: 自评表 (to fill in, with the grade), 评价结果 (reasons, what to raise next), 计算 (every step), 填写说明. No
macros, no dynamic arrays: Excel 2010, WPS and LibreOffice compute it. Grades are judged in whole numbers, so the result
is the engine's, also at 85 and 100 exactly.
"""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook

from drafting.evaluation.draft import Draft
from drafting.workbook.assessment.calculation import calculation_sheet
from drafting.workbook.assessment.form import form_sheet
from drafting.workbook.assessment.index import IndexBlock
from drafting.workbook.assessment.layout import FORM, RESULT, Layout
from drafting.workbook.assessment.result import result_sheet
from drafting.workbook.assessment.weights import IntegerWeights, WeightsTooFineError
from drafting.workbook.guide import add_guide
from drafting.workbook.style import print_setup, save

__all__ = ["WeightsTooFineError", "assessment_workbook", "write_assessment"]


def assessment_workbook(draft: Draft, *, title: str, number: str = "", notice: str = "") -> Workbook:
    """
    Make the workbook.

    Raises
    ------
    WeightsTooFineError
        Where weights have so many decimals that a spreadsheet could not judge 85 and 100 exactly.
    """
    weights, layout = IntegerWeights.of(draft), Layout(draft)
    book = Workbook()
    book.remove(book.worksheets[0])
    calculation = calculation_sheet(book, layout, weights)
    index = IndexBlock(calculation, layout, weights)
    index.write()
    form_sheet(book, layout, index, title, number)
    result_sheet(book, layout, weights, index, title)
    calculation.protection.sheet = True
    print_setup(calculation, rows="3:3", columns="A:B", across=3)
    add_guide(book, "assessment", notice=notice).protection.sheet = True
    book.move_sheet(FORM, -book.index(book[FORM]))
    book.move_sheet(RESULT, 1 - book.index(book[RESULT]))
    book.active = 0
    if book.calculation is not None:
        book.calculation.fullCalcOnLoad = True  # the file carries no computed values
    return book


def write_assessment(path: Path, draft: Draft, *, title: str, number: str = "", notice: str = "") -> None:
    """
    Write the workbook.

    Parameters
    ----------
    path : Path
        An existing file is replaced.
    draft : Draft
        Indicators, weights, baselines.
    title, number : str
        Of the draft standard.
    notice : str, optional
        A line at the head of 填写说明.

    Raises
    ------
    OutputError
        If the file cannot be written.
    WeightsTooFineError
        See :func:`assessment_workbook`.
    """
    save(assessment_workbook(draft, title=title, number=number, notice=notice), path, title=f"{title} 企业自评表")
