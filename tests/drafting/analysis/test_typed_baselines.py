"""Values that the committee typed, held against the survey: nothing that could not be compared passes in silence."""

from __future__ import annotations

import pytest

from drafting.model.terms import GRADES, Grade
from drafting.pipeline.running import run_project
from tests.drafting.survey_projects import write_csv, write_project

N = [1, 2, 3, 4, 5, 6, 7, 8]
VALUES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]


def _typed(tmp_path, *bounds, parameter="n", parameters=N, limit=None, direction="越小越好"):
    """Levels of an indicator with these bounds, and its findings: (code, cell heading, message)."""
    row = {"基准值来源": "政策", "来源依据": "GB 1", "强制性限值": limit, "方向": direction}
    row |= {f"{grade.chinese}基准值": bound for grade, bound in zip(GRADES, bounds, strict=True)}
    folder = write_project(tmp_path / "项目", [{"代码": "E1", **row}])
    rows = [[f"厂{i}", n, v] for i, (n, v) in enumerate(zip(parameters, VALUES, strict=True))]
    write_csv(folder, [["企业", f"参数:{parameter}", "E1"], *rows])
    run = run_project(folder, until="baselines")
    where = run.project.provenance
    headings = {
        str(where.find("indicator", "E1", heading)): heading
        for heading in (*(f"{g.chinese}基准值" for g in GRADES), "强制性限值")
    }
    found = {f.code: (headings.get(str(f.place)), f.message) for f in run.findings}
    return run.results.baselines.of("E1"), found


@pytest.mark.parametrize(
    ("bounds", "heading"), [(("≤0.5", "≤0.4", "≤0.6"), "Ⅱ级基准值"), (("≤0.5", "先进", "≤0.4"), "Ⅲ级基准值")]
)
def test_the_wrong_order_of_typed_grades_is_said_once(tmp_path, bounds, heading):
    _, found = _typed(tmp_path, *bounds)
    assert [c for c in found if "order" in c] == ["levels-out-of-order"]
    assert found["levels-out-of-order"][0] == heading


def test_the_same_as_a_grade_is_judged_as_that_grade_and_printed_as_typed(tmp_path):
    baselines, _ = _typed(tmp_path, "≤0.2", "同Ⅰ级", "≤0.6")
    assert [baselines.by_grade[g].bound.format() for g in GRADES] == ["≤0.2", "同Ⅰ级", "≤0.6"]
    assert [baselines.by_grade[g].share for g in GRADES] == [2 / 8, 2 / 8, 6 / 8]


def test_values_by_class_are_said_not_to_be_compared(tmp_path):
    baselines, found = _typed(tmp_path, "≤0.2/≤0.3", "≤0.4", "≤0.6")
    assert [baselines.by_grade[g].share for g in GRADES] == [None, 4 / 8, 6 / 8]
    heading, message = found["baseline-several"]
    assert heading == "Ⅰ级基准值"
    assert "“≤0.2/≤0.3”" in message


@pytest.mark.parametrize(
    "cell", ["达到先进水平", "达到或优于Ⅴ类", "每年2次", "≤3个月", "2025年底前", "4:6", "≠3", "≤0.14+0.08m", "≤0.1k"]
)
def test_what_has_no_share_is_said_at_its_cell(tmp_path, cell):
    """Every kind of cell that cannot be held against the survey, once."""
    baselines, found = _typed(tmp_path, "≤0.5", cell, "≤0.6")
    assert baselines.by_grade[GRADES[1]].share is None
    assert [heading for code, (heading, _) in found.items() if code.startswith("baseline-")] == ["Ⅱ级基准值"]


@pytest.mark.parametrize("bounds", [("≤0.1+0.1x", "≤0.2+0.1x", "≤0.4+0.1x"), ("≤0.1", "—", "≤0.4+0.1x")])
def test_the_missing_parameter_column_is_named_at_the_formula(tmp_path, bounds):
    _, found = _typed(tmp_path, *bounds)
    heading, message = found["formula-levels-parameter"]
    assert heading == ("Ⅰ级基准值" if "x" in bounds[0] else "Ⅲ级基准值")
    assert "“参数:x”列" in message


def test_enterprises_without_the_parameter_are_left_out_of_the_share_and_counted(tmp_path):
    half = [n if n <= 4 else None for n in N]  # at n = 1..4 the values are 0.1 n
    baselines, found = _typed(tmp_path, "≤0.25+0n", "≤0.1n", "≤0.3+0.1n", parameters=half)
    assert [baselines.by_grade[g].share for g in GRADES] == [2 / 4, 1, 1]
    heading, message = found["formula-parameter-blank"]
    assert heading == "Ⅰ级基准值"
    assert "8 家有有效数据的企业中有 4 家缺“参数:n”" in message


def test_a_parameter_that_all_report_is_nothing_to_say(tmp_path):
    _, found = _typed(tmp_path, "≤0.1n", "≤0.2n", "≤0.3n")
    assert not {"formula-parameter-blank", "formula-levels-parameter"} & set(found)


@pytest.mark.parametrize(
    ("limit", "worst", "at"),
    [
        ("≤0.25+0.08n", "Ⅲ级基准值", "n=1 "),
        ("≤0.8", "Ⅲ级基准值", "n=7 "),
        ("≤1", None, None),
        ("≤0.3+0.08n", None, None),
    ],
)
def test_a_formula_is_held_against_the_limit_at_every_surveyed_parameter(tmp_path, limit, worst, at):
    # 0.30 + 0.08 n first exceeds 0.8 at n = 7 (0.86) and 0.25 + 0.08 n everywhere; it never exceeds 1 (0.94 at 8)
    _, found = _typed(tmp_path, "≤0.14+0.08n", "≤0.15+0.08n", "≤0.30+0.08n", limit=limit)
    heading, message = found.get("formula-beyond-limit", (None, ""))
    assert heading == worst
    assert at is None or at in message


def test_a_number_is_held_against_a_limit_that_is_a_formula(tmp_path):
    _, found = _typed(tmp_path, "≥30", "≥20", "≥10", limit="≥2n", direction="越大越好")
    assert found["formula-beyond-limit"][0] == "Ⅲ级基准值"  # 16 is asked at n = 8
    assert "n=6 " in found["formula-beyond-limit"][1]


def test_a_range_is_printed_as_typed_and_said_to_be_judged_at_one_end(tmp_path):
    baselines, found = _typed(tmp_path, "0.2~0.4", "≤0.5", "≤0.6")
    first = baselines.by_grade[Grade.I]
    assert (first.bound.format(), str(first.value)) == ("0.2～0.4", "0.4")
    assert first.share == 4 / 8  # 0.1 is better than the range
    heading, message = found["policy-range"]
    assert heading == "Ⅰ级基准值"
    assert "“0.2~0.4”是范围" in message
    assert "文件中按范围列出；优于 0.2 的企业同样达到，按 ≤0.4 判定" in message


def test_ranges_of_an_indicator_that_grows_better_are_judged_at_their_lower_end(tmp_path):
    baselines, _ = _typed(tmp_path, "0.6~0.8", "0.4~0.5", "0.1~0.3", direction="越大越好")
    assert [baselines.by_grade[g].bound.format() for g in GRADES] == ["0.6～0.8", "0.4～0.5", "0.1～0.3"]
    assert [baselines.by_grade[g].share for g in GRADES] == [3 / 8, 5 / 8, 8 / 8]


def test_a_single_range_holds_for_all_grades(tmp_path):
    baselines, _ = _typed(tmp_path, "0.2~0.4", None, None)
    assert baselines.single
    assert {(baselines.by_grade[g].bound.format(), baselines.by_grade[g].share) for g in GRADES} == {
        ("0.2～0.4", 4 / 8)
    }


@pytest.mark.parametrize(("limit", "beyond"), [("0.2~0.4", True), ("0.2~0.6", False)])
def test_a_limit_that_is_a_range_rules_with_the_end_that_the_direction_makes_the_limit(tmp_path, limit, beyond):
    _, found = _typed(tmp_path, "≤0.3", "≤0.4", "0.5~0.6", limit=limit)
    heading, message = found["limit-range"]
    assert heading == "强制性限值"
    assert f"按 ≤{limit[-3:]} 核对" in message
    assert ("policy-beyond-limit" in found) is beyond
    if beyond:
        assert "Ⅲ级给定值 0.5～0.6 宽于强制性限值 0.2～0.4" in found["policy-beyond-limit"][1]


def test_a_range_is_held_against_a_formula_at_the_end_that_rules(tmp_path):
    _, found = _typed(tmp_path, "0.1~0.3", "0.1~0.4", "0.2~0.5", limit="≤0.35+0.01n")
    heading, message = found["formula-beyond-limit"]
    assert heading == "Ⅲ级基准值"  # 0.41 at n = 6 admits 0.4 from n = 5; 0.43 at most: never 0.5
    assert "0.2～0.5" in message
