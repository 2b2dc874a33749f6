"""The self-assessment workbook and the toolkit read what an enterprise types alike, percentages and wide digits too."""

from __future__ import annotations

import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from drafting.evaluation.draft import Draft, draft_of
from drafting.model.formula import Formula
from drafting.model.survey import Derivation, State
from drafting.model.terms import BaselineSource, Direction
from drafting.project.folder import load_assessments
from drafting.workbook.assessment.layout import ENTERPRISE_CELL, FORM, FORM_FIRST, VIOLATION_CELL, Layout
from drafting.workbook.assessment.writing import assessment_workbook
from drafting.workbook.cells import CellFaultError, decimal_of
from drafting.workbook.style import save
from tests.drafting.analysis.trial_projects import indicator, project, runs
from tests.drafting.workbook import assessment_cases as cases
from tests.drafting.workbook.test_assessment import Computed

TYPED = [  # unit, what the cell holds, its number format
    ("%", 1.0, "0%"), ("%", 0.955, "0.0%"), ("%", 22.5, "General"), ("%", "２２．５", "General"), ("%", "95%", "@"),
    ("%", "９５％", "@"), ("%", "88.8‰", "@"), ("%", 1.0, "General"), ("", 0.95, "0%"), ("", "95%", "@"),
    ("kgce/t", 1.0, "0%"), ("kgce/t", "95%", "@"), ("kgce/t", "1,234.5", "@"), ("kgce/t", "1,00", "@"),
    ("kgce/t", "1.2 3", "@"), ("kgce/t", "1,234,5", "@"), ("kgce/t", "1/2", "@"), ("kgce/t", "-3", "@"),
    ("kgce/t", "1e3", "@"), ("kgce/t", "12a", "@"), ("kgce/t", "1.2,345", "@"), ("kgce/t", "１，２３４", "@"),
    ("kgce/t", "22.5kgce/t", "@"), ("kgce/t", "22.5 kgce/t", "@"), ("m³/t", "22.5 m3/t", "@"),
    ("kgce/t", "22.5 t/t", "@"), ("kgce/t", 45000.0, "m/d/yy"), ("kgce/t", "不适用", "@"), ("", "50%", "@"),
    ("kgce/t", "未检出", "@"), ("kgce/t", "未检出（<0.01）", "@"), ("kgce/t", "<0.01", "@"), ("kgce/t", "-99", "@"),
]  # fmt: skip
TOTALS = [  # what is typed into the raw total 能耗（tce） and into the parameter n, its format
    (22.5, "General"), ("２２．５", "@"), ("22.5", "@"), (0.5, "0%"), ("50%", "@"), ("1.2 3", "@"), ("1,234.5", "@"),
    ("1,00", "@"), ("22.5 tce", "@"), ("22.5 kg", "@"), ("<0.01", "@"), ("未检出", "@"), ("约3", "@"), (3.0, "m/d/yy"),
    ("-3", "@"), ("1/2", "@"),
]  # fmt: skip


ANSWERS = [  # what is typed where grades are in words
    "Ⅰ级", "I级", "ii级", "II", "1级", "三级", " Ⅱ 级 ", "Ⅲ级", "1", 1.0, "未达到", "不达标", "×", "达到", "√", "符合",
    "Ⅳ级", "*", "?级", "优", "不适用", "是", "否",
]  # fmt: skip


LETTERS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未"
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


def a_draft() -> tuple[Any, Draft]:
    """An indicator for every typed value; for every total one that is computed from it, one that is judged by it."""
    typed, totals = [f"A{n}" for n in range(len(TYPED))], range(len(TOTALS))
    weight = str(Fraction(1, len(typed) + 2 * len(totals) + 2 * len(ANSWERS)))
    cells = ("≥90", "≥20", "≥0.5")
    indicators = [
        indicator(c, "能源消耗", cells=cells, weight=weight, unit=unit, direction=Direction.LARGER)
        for c, (unit, _, _) in zip(typed, TYPED, strict=True)
    ]
    for n, letter in enumerate(LETTERS[: len(TOTALS)]):
        formula = Formula.read(f"能耗{letter}/产量")
        indicators += [
            indicator(f"R{n}", "能源消耗", cells=cells, weight=weight, direction=Direction.LARGER, formula=formula),
            indicator(f"P{n}", "能源消耗", cells=(f"≤0.1*{letter}", f"≤0.2*{letter}", f"≤{letter}"), weight=weight),
        ]
    worded: Any = {"weight": weight, "direction": Direction.QUALITATIVE, "source": BaselineSource.QUALITATIVE}
    for n in range(len(ANSWERS)):
        indicators += [
            indicator(f"Q{n}", "能源消耗", cells=("完善", "较完善", "有"), **worded),
            indicator(f"S{n}", "能源消耗", cells=("符合要求",), **worded),
        ]
    answers = {i.code: [3.0 if i.qualitative else 50.0] * 5 for i in indicators}
    parameters = {letter: np.ones(5) for letter in LETTERS[: len(TOTALS)]}
    inputs = project(indicators, answers, first={"能源消耗": "1"}, parameters=parameters)
    draft, lacking = draft_of(inputs, *runs(inputs))
    assert draft is not None, lacking
    made = {}
    for i in indicators:
        if (expression := i.formula.computable) is not None:
            total = next(name for name in expression.names if name != "产量")
            made[i.code] = Derivation(
                expression, {n: f"原始:{n}" for n in expression.names}, {total: "tce", "产量": "t"}
            )
    return inputs, replace(draft, derivations=made)


def written(folder: Path) -> tuple[Any, Draft, Path]:
    """A form that holds all of it."""
    inputs, draft = a_draft()
    layout = Layout(draft)
    save(assessment_workbook(draft, title="所填"), folder / "企业.xlsx", title="所填")
    book = openpyxl.load_workbook(folder / "企业.xlsx")
    sheet = book[FORM]
    sheet[VIOLATION_CELL], sheet[ENTERPRISE_CELL] = "否", "企业"
    raw, parameters = layout.raw_cells(), layout.parameter_cells()
    sheet[raw["产量"]] = 1.0
    filled = {layout.value(j): (value, form) for j, (_, value, form) in enumerate(TYPED)}
    for j, one in enumerate(draft.indicators):
        if one.code.startswith("P"):
            filled[layout.value(j)] = (1.0, "General")
        if one.qualitative:
            filled[layout.value(j)] = (ANSWERS[int(one.code[1:])], "General")
    for letter, typed in zip(LETTERS, TOTALS, strict=False):
        filled |= {raw[f"能耗{letter}"]: typed, parameters[letter]: typed}
    for at, (value, form) in filled.items():
        sheet[at] = value
        sheet[at].number_format = form
    book.save(folder / "企业.xlsx")
    return inputs, draft, folder / "企业.xlsx"


def test_totals_are_read_as_values_are(tmp_path: Path) -> None:
    """A percentage, a wide digit, a unit: of a raw total and a parameter what the one reader of numbers says."""
    inputs, draft, file = written(tmp_path)
    survey, _, found = load_assessments([file], inputs, draft)
    assert survey is not None
    layout = Layout(draft)
    told = {f.place.cell for f in found}
    for n, (letter, (value, form)) in enumerate(zip(LETTERS, TOTALS, strict=False)):
        for read, unit, at in (
            (survey.columns[f"R{n}"].values[0], "tce", layout.raw_cells()[f"能耗{letter}"]),
            (survey.parameters[letter][0], "", layout.parameter_cells()[letter]),
        ):
            expected = number_said(value, form, unit)
            assert read == pytest.approx(expected, nan_ok=True), (value, form, unit)
            assert (at in told) == bool(np.isnan(expected)), (value, form, unit)


def number_said(value: object, form: str, unit: str) -> float:
    """What a cell says by the one reader of numbers; NaN for none."""
    said = str(value).removesuffix(f" {unit}") if unit else value
    if "y" in form:
        return float("nan")
    try:
        return float(decimal_of(value if isinstance(value, float) else said, percent="%" in form, unit=unit))
    except CellFaultError:
        return float("nan")


@needs_office
@pytest.mark.slow
def test_one_reading_of_what_is_typed(tmp_path: Path) -> None:
    """LibreOffice computes what the toolkit reads from the same form: values, raw totals, parameters."""
    inputs, draft, file = written(tmp_path)
    survey, _, _ = load_assessments([file], inputs, draft)
    assert survey is not None
    layout = Layout(draft)
    found = Computed(cases.recalculate([file], tmp_path)[0])
    for j, (unit, value, form) in enumerate(TYPED):
        column, case = survey.columns[f"A{j}"], (unit, value, form)
        number, applies = column.values[0], column.states[0] != State.NOT_APPLICABLE
        shown = {name: found.at("计算", layout.cell(name, j)) for name in ("number", "applies", "wrong", "below")}
        assert shown["number"] == ("" if np.isnan(number) else pytest.approx(number, rel=1e-12)), case
        assert shown["applies"] == applies, case
        assert shown["wrong"] == (np.isnan(number) and applies), case
        assert shown["below"] == (column.states[0] == State.NON_DETECT), case
    for j, one in enumerate(draft.indicators):
        if one.qualitative:
            column, case = survey.columns[one.code], (one.code[0], ANSWERS[int(one.code[1:])])
            number, applies = column.values[0], column.states[0] != State.NOT_APPLICABLE
            assert found.at("计算", layout.cell("number", j)) == ("" if np.isnan(number) else number), case
            assert found.at("计算", layout.cell("wrong", j)) == (np.isnan(number) and applies), case
    states = {one.code: found.at(FORM, f"M{FORM_FIRST + j}") for j, one in enumerate(draft.indicators)}
    for n, (letter, case) in enumerate(zip(LETTERS, TOTALS, strict=False)):
        for code, at, number in (
            (f"R{n}", layout.raw_cells()[f"能耗{letter}"], survey.columns[f"R{n}"].values[0]),
            (f"P{n}", layout.parameter_cells()[letter], survey.parameters[letter][0]),
        ):
            shown = found.at("计算", layout.amount("number", at))
            assert shown == ("" if np.isnan(number) else pytest.approx(number, rel=1e-12)), (code, case)
            assert (found.at(FORM, at.replace("J", "M")) == "填写有误") == bool(np.isnan(number)), (code, case)
            assert (states[code] == "缺数据") == bool(np.isnan(number)), (code, case)
