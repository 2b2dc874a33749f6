"""Filled-in self-assessment workbooks read back: the same judgement as the same enterprises in a survey."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook

from drafting.analysis.trial.judging import judge_survey
from drafting.evaluation.draft import Draft, draft_of
from drafting.model.bounds import parse_bound
from drafting.model.terms import Grade
from drafting.model.weight import Weight
from drafting.project.folder import load_assessments
from drafting.workbook.assessment.layout import ENTERPRISE_CELL, VIOLATION_CELL, Layout
from drafting.workbook.assessment.reading import forms_at
from drafting.workbook.assessment.writing import assessment_workbook
from drafting.workbook.style import save
from tests.drafting.analysis.trial_projects import NOWHERE, runs
from tests.drafting.workbook import assessment_cases as cases

COUNT = 40


@pytest.fixture(scope="module")
def project() -> tuple[Any, Draft, list[cases.Filled]]:
    filled = cases.random_enterprises(np.random.default_rng(8170), cases.special_indicators(), COUNT)
    inputs = cases.inputs_of(cases.special_indicators(), filled, {})
    draft, lacking = draft_of(inputs, *runs(inputs))
    assert draft is not None, lacking
    return inputs, draft, filled


def write_form(path: Path, draft: Draft, one: cases.Filled, name: str) -> Path:
    """A form filled in by typing, without any program computing it."""
    layout = Layout(draft)
    template = path.with_name("模板.tmp")
    if not template.exists():
        save(assessment_workbook(draft, title="特例行业"), template.with_suffix(".xlsx"), title="特例行业")
        template.with_suffix(".xlsx").rename(template)
    cells: dict[str, cases.Answer] = {ENTERPRISE_CELL: name, VIOLATION_CELL: "是" if one.violation else "否"}
    for j, indicator in enumerate(draft.indicators):
        entry = one.entries[indicator.code]
        cells[layout.mark(j) if entry == "—" else layout.value(j)] = "不适用" if entry == "—" else entry
    cells |= {at: one.raw[raw] for raw, at in layout.raw_cells().items()}
    cells |= {at: one.parameters[parameter] for parameter, at in layout.parameter_cells().items()}
    cases.fill(template, path, cells)
    return path


@pytest.mark.slow
def test_forms_give_what_the_same_survey_gives(project: Any, tmp_path: Path) -> None:
    inputs, draft, filled = project
    for n, one in enumerate(filled):
        write_form(tmp_path / f"{n:02}.xlsx", draft, one, f"企业{n:02}")
    survey, where, found = load_assessments(forms_at(tmp_path), inputs, draft)
    assert survey is not None
    assert survey.enterprises == tuple(f"企业{n:02}" for n in range(len(filled)))
    wanted, _ = judge_survey(inputs, draft, inputs.survey, range(len(filled)), NOWHERE)
    got, _ = judge_survey(inputs, draft, survey, range(len(filled)), where)
    np.testing.assert_array_equal(got.values, wanted.values)
    expected, result = wanted.grade(), got.grade()
    np.testing.assert_array_equal(result.grades, expected.grades)
    np.testing.assert_array_equal(result.reached, expected.reached)
    np.testing.assert_array_equal(result.excluded, expected.excluded)
    assert [result.index(n, g) for n in range(COUNT) for g in range(3)] == [
        expected.index(n, g) for n in range(COUNT) for g in range(3)
    ]
    # Two indicators divide by 产量: a divisor that is not positive is said for each form and indicator it spoils.
    zero = [one.raw["产量"] is not None and one.raw["产量"] <= 0 for one in filled]
    spoilt = {
        f"{n:02}.xlsx" for n, one in enumerate(filled) if zero[n] and None in (one.entries["A1"], one.entries["B3"])
    }
    assert spoilt
    assert {f.place.file for f in found if f.code == "survey-divisor"} == spoilt
    assert where.find("survey", "A1", "3").file == "03.xlsx"
    assert where.find("survey", "A1", "3").cell == Layout(draft).value(0)


def whole(draft: Draft) -> cases.Filled:
    """An enterprise without gaps."""
    entries = {code: values[0] for code, values in cases.GOOD.items()}
    return cases.Filled(entries, {"能耗": None, "产量": None, "回用": None}, {"n": 1.0}, violation=False)


def faults(found: Any) -> dict[str, tuple[str, str]]:
    return {f.code: (f.place.file, f.place.cell) for f in found}


def test_what_is_wrong_with_a_form_is_said_with_its_cell(project: Any, tmp_path: Path) -> None:
    inputs, draft, _ = project
    write_form(tmp_path / "a.xlsx", draft, whole(draft), "甲")
    write_form(tmp_path / "无名.xlsx", draft, whole(draft), "")
    one = whole(draft)
    write_form(tmp_path / "错.xlsx", draft, replace(one, entries={**one.entries, "E1": "很少"}), "乙")
    write_form(tmp_path / "又.xlsx", draft, whole(draft), "甲")
    (tmp_path / "损坏.xlsx").write_bytes(b"PK\x03\x04 nothing")
    (tmp_path / "~$a.xlsx").write_bytes(b"lock")
    renamed = load_workbook(write_form(tmp_path / "改名.xlsx", draft, whole(draft), "丙"))
    renamed["自评表"]["C10"] = "别的指标"
    renamed.save(tmp_path / "改名.xlsx")
    loose = load_workbook(tmp_path / "a.xlsx")
    del loose["计算"]
    loose.save(tmp_path / "不是表.xlsx")
    survey, _, found = load_assessments(forms_at(tmp_path), inputs, draft)
    places = faults(found)
    assert survey is not None
    assert "无名" in survey.enterprises
    value = Layout(draft).value(next(j for j, i in enumerate(draft.indicators) if i.code == "E1"))
    assert places["assessment-no-name"] == ("无名.xlsx", ENTERPRISE_CELL)
    assert places["survey-not-a-number"] == ("错.xlsx", value)
    assert places["survey-enterprise-twice"] == ("又.xlsx", ENTERPRISE_CELL)
    assert places["assessment-other-draft"] == ("改名.xlsx", "C10")
    assert places["assessment-not-a-form"][0] == "不是表.xlsx"
    assert {f.place.file for f in found} >= {"损坏.xlsx"}
    assert "~$a.xlsx" not in {f.place.file for f in found}


def test_a_form_of_an_older_draft_is_judged_by_the_present_one(project: Any, tmp_path: Path) -> None:
    inputs, draft, _ = project
    write_form(tmp_path / "a.xlsx", draft, whole(draft), "甲")
    first = draft.baselines[0]
    tighter = replace(first.by_grade[Grade.I], bound=parse_bound("≤0.61"))
    now = replace(
        draft, baselines=(replace(first, by_grade={**first.by_grade, Grade.I: tighter}), *draft.baselines[1:])
    )
    _, _, found = load_assessments(forms_at(tmp_path / "a.xlsx"), inputs, now)
    assert [f.code for f in found if f.code.startswith("assessment")] == ["assessment-other-baselines"]
    said = next(f for f in found if f.code == "assessment-other-baselines")
    assert "≤0.65" in said.message
    assert "≤0.61" in said.message


def test_a_form_with_other_weights_or_limiting_marks_says_so(project: Any, tmp_path: Path) -> None:
    inputs, draft, _ = project
    write_form(tmp_path / "a.xlsx", draft, whole(draft), "甲")
    first = draft.indicators[0]
    other = replace(draft, indicators=(replace(first, limiting=not first.limiting), *draft.indicators[1:]))
    heavier = replace(draft, weights=(Weight.number(Decimal("0.987")), *draft.weights[1:]))
    for now, what in ((other, "限定性"), (heavier, "权重")):
        _, _, found = load_assessments(forms_at(tmp_path / "a.xlsx"), inputs, now)
        said = [f for f in found if f.code.startswith("assessment")]
        assert [(f.code, f.place.cell) for f in said] == [
            ("assessment-other-rules", "E9" if what == "限定性" else "F9")
        ]
        assert what in said[0].message


def test_a_survey_is_not_taken_for_a_form(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("企业,A1\n甲,1\n", "utf-8")
    assert forms_at(tmp_path / "a.csv") == ()
    assert forms_at(tmp_path / "missing.xlsx") == ()
