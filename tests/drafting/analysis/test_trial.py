"""The trial on the application's level: real plants through the run, obstacles by a second route, special cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.analysis.baselines.ladder import ladders
from drafting.analysis.trial.binding import below, lifted
from drafting.analysis.trial.judging import Judged, judge_survey
from drafting.analysis.trial.sensitivity import with_steps
from drafting.analysis.trial.try_out import evaluate_survey, judge_trial, try_out
from drafting.evaluation.draft import draft_of
from drafting.evaluation.exact import ExactIndices
from drafting.model.results import Trial
from drafting.model.terms import GRADES, Direction
from drafting.model.trial_details import DeepTrial
from drafting.pipeline.running import evaluated, run_project
from drafting.record.codec import read, written
from tests.drafting.analysis import trial_projects as tp
from tests.drafting.evaluation.improvement import improvements, next_grade

ONE = {"能源消耗": "1"}


def judged_of(inputs: Any) -> Judged:
    weights, baselines = tp.runs(inputs)
    judged, _ = judge_trial(inputs, weights, baselines, inputs.survey, tp.NOWHERE)
    assert judged is not None
    return judged


def trial_of(inputs: Any, **options: Any) -> Trial:
    weights, baselines = tp.runs(inputs)
    trial, _ = try_out(inputs, weights, baselines, inputs.survey, tp.NOWHERE, **options)
    assert trial is not None
    return trial


def grades_of(trial: Trial) -> list[str | None]:
    return [e.grade.value if e.grade else None for e in trial.enterprises]


# --- the 212 power plants of shared/cases/README.md ---
def test_power_plants_through_the_journey(cases: Path, tmp_path: Path) -> None:
    run = run_project(tp.write_power_folder(tmp_path / "电厂", cases), until="trial")
    trial = run.results.trial
    assert trial is not None
    assert dict(trial.distribution) == {"I": 0, "II": 7, "III": 29, "none": 176, "excluded": 0}
    assert "176 家（83.0%）达不到任何等级" in trial.details.sentence
    assert "trial-grades-rare" in [f.code for f in run.findings]
    assert sum(sum(counts.values()) for counts in trial.details.regions.values()) == 212


def test_obstacles_of_the_power_plants_by_counting(cases: Path) -> None:
    """III asks for all four values; "alone" is the number of plants that miss exactly that one."""
    rows = tp.power_rows(cases)
    values = {code: np.array([float(row[source]) for row in rows]) for code, (source, *_) in tp.POWER.items()}
    limits = {"S": 0.6242, "X": 0.7053, "C": 1039.0, "F": 392.7}  # the III column of cases/README.md
    misses = np.stack([values[code] > limits[code] for code in limits], axis=1)
    by_code = {one.code: one for one in trial_of(tp.power_project(cases)).details.binding["III"]}
    for j, code in enumerate(limits):
        assert by_code[code].blocked == misses[:, j].sum()
        assert by_code[code].alone == (misses[:, j] & (misses.sum(axis=1) == 1)).sum()


def test_deep_details_of_the_power_plants(cases: Path) -> None:
    deep = trial_of(tp.power_project(cases), deep=True).details.deep
    assert deep.bootstrap.intervals["none"][0] <= 176 <= deep.bootstrap.intervals["none"][1]
    assert deep.cumulative["III"][-1].reach == 212  # with all four lifted everybody reaches it
    assert {"baseline", "dropped"} <= {one.kind for one in deep.sensitivity}
    assert deep.experts == ()  # typed weights: there is no expert to leave out
    again = trial_of(tp.power_project(cases), deep=True).details
    assert again.bootstrap == deep.bootstrap  # the seed decides
    assert read(json.dumps(written(deep)).encode(), DeepTrial) == deep  # what is kept on disk comes back the same


def test_ladders_give_the_levels_of_the_draft(cases: Path) -> None:
    judged = judged_of(tp.power_project(cases))
    for ladder in ladders(judged):
        baselines = judged.draft.baselines[ladder.indicator].by_grade
        for grade, step in zip(GRADES, ladder.start, strict=True):
            assert ladder.values[""][step] == baselines[grade].value
            assert ladder.shares[step] == baselines[grade].share
    same = with_steps(judged, {one.indicator: (one, one.start) for one in ladders(judged)})
    assert (same == judged.membership.reached).all()


# --- special cases, one each ---
def test_rounded_comparison_is_a_declared_setting() -> None:
    one = tp.indicator("N1", cells=("≤0.65", "≤0.70", "≤0.80"))
    for setting, wanted in (("全数值", "II"), ("修约值", "I")):
        inputs = tp.project([one], {"N1": [0.654]}, first=ONE, settings={"comparison": setting})
        assert grades_of(trial_of(inputs)) == [wanted]


def test_weights_0_8_over_n_with_a_typed_rest_and_a_bonus_group() -> None:
    cells = ("≤1", "≤2", "≤3")
    indicators = [
        tp.indicator("A", cells=cells, weight="0.8/n"),
        tp.indicator("B", cells=cells, weight="0.8/n"),
        tp.indicator("C", cells=cells, weight="0.2"),
        tp.indicator("D", "资源综合利用", cells=cells),
    ]
    answers = {"A": [1, 1, 1], "B": [1, 3, "—"], "C": [2, 1, 2], "D": [1, 9, 1]}
    trial = trial_of(tp.project(indicators, answers, first=ONE, bonus={"资源综合利用": "0.05"}))
    # With B not applicable, n is 1 and A weighs 0.8.
    assert [[str(e.y[g]) for g in GRADES] for e in trial.enterprises] == [
        ["80", "100", "100"], ["60", "60", "100"], ["80", "100", "100"],
    ]  # fmt: skip
    assert [one.points["I"] for one in trial.details.bonus] == [5.0, 0.0, 5.0]


def test_formula_baselines_take_each_enterprise_s_parameter() -> None:
    one = tp.indicator("N1", cells=("≤0.14+0.08n", "≤0.3+0.08n", "≤0.5+0.08n"))
    parameters = {"n": np.array([3.0, 2.0, np.nan])}
    inputs = tp.project([one], {"N1": [0.38, 0.38, 0.1]}, first=ONE, parameters=parameters)
    trial = trial_of(inputs)
    assert grades_of(trial) == ["I", "II", None]
    assert "缺少数据" in "".join(trial.enterprises[2].reasons)
    without = tp.project([one], {"N1": [0.38]}, first=ONE)  # no column 参数:n at all
    assert grades_of(trial_of(without)) == [None]


def test_strata_have_their_own_baselines_and_distribution() -> None:
    one = tp.indicator("N1", decimals=0)
    values = [*range(1, 21), *range(101, 121)]
    inputs = tp.project(
        [one], {"N1": values}, first=ONE, strata=("小",) * 20 + ("大",) * 20, settings={"by_stratum": "是"}
    )
    trial = trial_of(inputs, deep=True)
    strata = trial.details.strata
    # One indicator: the shares of 5.5.2 are those of the grades, 5, 20 and 50 % of 20 in each stratum.
    assert strata["小"] == strata["大"] == {"I": 1, "II": 3, "III": 6, "none": 10, "excluded": 0}


def test_one_enterprise_and_no_weights() -> None:
    one = tp.project([tp.indicator("N1", decimals=0)], {"N1": [5]}, first=ONE)
    assert grades_of(trial_of(one, deep=True)) == ["I"]
    weights, baselines = tp.runs(one)
    other = tp.project([tp.indicator("N1"), tp.indicator("N2")], {"N1": [5], "N2": [1]}, first=ONE)
    trial, found = try_out(other, weights, baselines, other.survey, tp.NOWHERE)
    assert trial is None
    assert [f.code for f in found] == ["trial-incomplete"]


def test_boundary_says_who_is_one_step_away() -> None:
    indicators = [
        tp.indicator("A", cells=("≤10", "≤20", "≤30"), weight="0.5", limiting=True),
        tp.indicator("B", cells=("≤10", "≤20", "≤30"), weight="0.5"),
    ]
    inputs = tp.project(indicators, {"A": [31, 30, 29, 100], "B": [30, 20, 15, 5]}, first=ONE)
    close = trial_of(inputs).details.listed.boundary
    rising = [(one.enterprise, one.indicator, one.grade) for one in close if one.rises]
    assert ("企业000", "指标A", "III") in rising  # 31 is 3 % beyond 30
    assert "企业003" not in {name for name, *_ in rising}
    falling = [(one.enterprise, one.indicator) for one in close if not one.rises]
    assert ("企业001", "指标A") in falling  # at 30 exactly


# --- properties ---
baselines_st = st.lists(
    st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, None, "—"]), min_size=4, max_size=4), min_size=1, max_size=8
)


def four(rows: list[list[Any]], **settings: Any) -> Judged:
    weights = ("0.3", "0.7", "0.35", "0.65")
    groups = ("能源消耗", "能源消耗", "水资源消耗", "水资源消耗")
    indicators = [
        tp.indicator(f"N{j}", groups[j], cells=("≤1", "≤2", "≤3"), weight=weights[j], limiting=j == 1) for j in range(4)
    ]
    answers = {f"N{j}": [row[j] for row in rows] for j in range(4)}
    return judged_of(tp.project(indicators, answers, first={"能源消耗": "0.6", "水资源消耗": "0.4"}, settings=settings))


@given(baselines_st, st.sampled_from(["按标准", "重新归一"]))
def test_exact_indices_are_those_of_the_plain_route(rows: list[list[Any]], option: str) -> None:
    result = four(rows, empty_category=option).grade()
    exact = ExactIndices(result)
    for n in range(len(rows)):
        assert exact.of(n) == tuple(result.index(n, g) for g in range(3))
        assert result.reasons(n, exact.of(n)) == result.reasons(n)


@given(baselines_st)
def test_alone_is_what_lifting_one_indicator_frees(rows: list[list[Any]]) -> None:
    judged = four(rows)
    result = judged.grade()
    for j, grades in enumerate(lifted(judged, [(j,) for j in range(4)])):
        lifted_rows = [[1.0 if k == j and v != "—" else v for k, v in enumerate(row)] for row in rows]
        by_value = four(lifted_rows).grade()
        assert by_value.grades.tolist() == grades.tolist()
        assert all((~below(result, g) <= ~below(by_value, g)).all() for g in range(3))  # lifting never harms


@given(baselines_st)
def test_improvements_lead_to_the_next_grade(rows: list[list[Any]]) -> None:
    judged = four(rows)
    result = judged.grade()
    for n in range(len(rows)):
        grade, listed = next_grade(result, n), improvements(result, n)
        if grade is None:
            assert not listed
            continue
        raised = list(rows[n])
        for one in listed:
            raised[one.indicator] = float(min(one.level, grade) + 1)
        after = four([raised]).grade()
        empty = bool(result.empty[n].any())  # as printed, an empty category may put the grade out of reach
        assert empty or 1 <= after.grades[0] <= grade + 1


@given(baselines_st, st.permutations(range(4)))
def test_grades_are_nested_and_do_not_depend_on_the_order(rows: list[list[Any]], order: list[int]) -> None:
    result = four(rows).grade()
    whole = ~result.empty.any(axis=1)
    assert (result.indices[(result.grades == 1) & whole, 1] == 100).all()
    assert (result.indices[(result.grades > 0) & whole, 2] == 100).all()
    picked = [rows[k % len(rows)] for k in order]
    again = four(picked).grade()
    assert again.grades.tolist() == [int(result.grades[k % len(rows)]) for k in order]


# --- bad input, in a file given to evaluate ---
@pytest.fixture
def plants(cases: Path, tmp_path: Path) -> Path:
    return tp.write_power_folder(tmp_path / "电厂", cases)


HEAD = "企业,二氧化硫排放量,氮氧化物排放量,二氧化碳排放量,供电燃料消耗\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD + "甲,0.1,0.3,好,300\n", "survey-not-a-number"),
        ("企业,二氧化硫排放量,别的指标\n甲,0.1,7\n", "survey-column-unknown"),
        (HEAD + "单位,立方米,kg/MWh,kg/MWh,kg/MWh\n甲,0.1,0.3,900,300\n", "survey-unit"),
        ("名称不对\n甲\n", "sheet-no-headings"),
        (HEAD, "survey-empty"),
    ],
)
def test_bad_files_are_answered_with_the_place(plants: Path, tmp_path: Path, text: str, code: str) -> None:
    file = tmp_path / "区域.csv"
    file.write_text(text, "utf-8")
    findings = evaluated(run_project(plants, until="trial"), file).findings
    found = [f for f in findings if f.code == code]
    assert found, [f.code for f in findings]
    assert found[0].place.file == "区域.csv"


def test_another_unit_is_converted(plants: Path, tmp_path: Path) -> None:
    file = tmp_path / "区域.csv"
    file.write_text(HEAD + "单位,g/MWh,kg/MWh,kg/MWh,kg/MWh\n甲,90,0.26,900,340\n", "utf-8")
    assert grades_of(evaluated(run_project(plants, until="trial"), file).trials[""]) == ["I"]


def test_project_without_survey_or_weights_says_what_is_missing(plants: Path) -> None:
    (plants / "调研数据.csv").unlink()
    run = run_project(plants, until="trial")
    assert run.results.trial is None
    assert "survey-missing" in {f.code for f in run.findings}


def test_impossible_values_and_negative_outputs_are_named(folder: Any, tmp_path: Path) -> None:
    """101 % of a share, energy beyond its physical limit, an output below zero: each at its own cell."""
    file = tmp_path / "区域.csv"
    head = "企业,分组,单位产品综合能耗,N2,原始:取水总量（m³）,原始:产品产量（t）,S2,S3\n"
    file.write_text(head + "甲,大型,2000,101,50,10,达到,Ⅱ级\n乙,大型,100,20,50,-10,达到,Ⅱ级\n", "utf-8")
    folder.put("二级指标", "P3", 100)  # 上限 of N2
    findings = evaluated(run_project(folder.path, until="trial"), file).findings
    places = {f.place.cell for f in findings if f.place.file == "区域.csv"}
    assert {"C2", "D2", "F3"} <= places, [(f.code, f.place.cell) for f in findings]


@pytest.mark.parametrize(
    ("value", "limits", "said"),
    [
        (0.96, (95, 90, 80), True),
        (0.5, (95, 90, 80), True),
        (0.96, (0.9, 0.8, 0.7), False),  # of the same size
        (0.002, (95, 90, 80), False),  # a hundred times as much would be as far off
        (96.0, (95, 90, 80), False),
    ],
)
def test_a_fraction_among_percentages_of_a_lone_enterprise_is_said(
    value: float, limits: tuple[float, ...], said: bool
) -> None:
    cells = tuple(f"≥{x}" for x in limits)
    indicator = tp.indicator("N1", cells=cells, direction=Direction.LARGER, unit="%")
    inputs = tp.project([indicator], {"N1": [value]}, first=ONE)
    weights, baselines = tp.runs(inputs)
    _, findings = evaluate_survey(inputs, weights, baselines, inputs.survey, tp.NOWHERE)
    assert [f.code for f in findings if f.code == "evaluated-fraction"] == ["evaluated-fraction"] * said


@pytest.mark.slow
def test_many_enterprises_are_evaluated_in_bulk() -> None:
    """Words and exact decimals of 3,000 enterprises in well under the time of one by one."""
    rng = np.random.default_rng(1)
    rows = rng.choice([1.0, 2.0, 3.0, 4.0], (3000, 4)).tolist()
    indicators = [tp.indicator(f"N{j}", cells=("≤1", "≤2", "≤3"), weight="0.25") for j in range(4)]
    inputs = tp.project(indicators, {f"N{j}": [r[j] for r in rows] for j in range(4)}, first=ONE)
    weights, baselines = tp.runs(inputs)
    trial, _ = evaluate_survey(inputs, weights, baselines, inputs.survey, tp.NOWHERE)
    assert trial is not None
    draft, _ = draft_of(inputs, weights, baselines)
    assert draft is not None
    judged, _ = judge_survey(inputs, draft, inputs.survey, range(3000), tp.NOWHERE)
    result = judged.grade()
    for n in range(0, 3000, 97):
        assert [trial.enterprises[n].y[g] for g in GRADES] == [result.decimal(n, g) for g in range(3)]
