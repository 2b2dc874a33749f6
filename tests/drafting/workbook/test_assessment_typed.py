"""The self-assessment workbook and the toolkit read what an enterprise types alike, percentages and wide digits too."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest

from drafting.evaluation.draft import draft_of
from drafting.model.terms import Direction
from drafting.workbook.assessment.layout import FORM, VIOLATION_CELL, Layout
from drafting.workbook.assessment.writing import write_assessment
from drafting.workbook.cells import CellFaultError, decimal_of
from tests.drafting.analysis.trial_projects import indicator, journeys, project
from tests.drafting.workbook import assessment_cases as cases
from tests.drafting.workbook.test_assessment import Computed

TYPED = [  # unit, what the cell holds, its number format
    ("%", 1.0, "0%"), ("%", 0.955, "0.0%"), ("%", 22.5, "General"), ("%", "２２．５", "General"), ("%", "95%", "@"),
    ("%", "９５％", "@"), ("%", "88.8‰", "@"), ("%", 1.0, "General"), ("", 0.95, "0%"), ("", "95%", "@"),
    ("kgce/t", 1.0, "0%"), ("kgce/t", "95%", "@"), ("kgce/t", "1,234.5", "@"), ("kgce/t", "1,00", "@"),
    ("kgce/t", "1.2 3", "@"), ("kgce/t", "1,234,5", "@"), ("kgce/t", "1/2", "@"), ("kgce/t", "-3", "@"),
    ("kgce/t", "1e3", "@"), ("kgce/t", "12a", "@"), ("kgce/t", "1.2,345", "@"), ("kgce/t", "１，２３４", "@"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_one_reading_of_what_is_typed(tmp_path: Path) -> None:
    codes = [f"A{n}" for n in range(len(TYPED))]
    weight = f"{1 / 22:.6f}"
    rest = f"{1 - 21 * float(weight):.6f}"
    indicators = [
        indicator(c, "能源消耗", cells=("≥90", "≥20", "≥0.5"), weight=rest if c == "A0" else weight, unit=unit,
                  direction=Direction.LARGER)
        for c, (unit, _, _) in zip(codes, TYPED, strict=True)
    ]  # fmt: skip
    inputs = project(indicators, {c: [50.0] * 5 for c in codes}, first={"能源消耗": "1"})
    draft, lacking = draft_of(inputs, *journeys(inputs))
    assert draft is not None, lacking
    layout = Layout(draft)
    write_assessment(tmp_path / "表.xlsx", draft, title="所填")
    book = openpyxl.load_workbook(tmp_path / "表.xlsx")
    sheet = book[FORM]
    sheet[VIOLATION_CELL] = "否"
    for j, (_, value, form) in enumerate(TYPED):
        sheet[layout.value(j)] = value
        sheet[layout.value(j)].number_format = form
    book.save(tmp_path / "企业.xlsx")
    (computed,) = cases.recalculate([tmp_path / "企业.xlsx"], tmp_path)
    found = Computed(computed)
    for j, (unit, value, form) in enumerate(TYPED):
        try:
            expected: float | str = float(decimal_of(value, percent="%" in form, unit=unit))
        except CellFaultError:
            expected = ""
        shown = found.at("计算", layout.cell("number", j))
        assert shown == (pytest.approx(expected, rel=1e-12) if expected != "" else ""), (unit, value, form)
        assert found.at("计算", layout.cell("wrong", j)) == (expected == ""), (unit, value, form)
