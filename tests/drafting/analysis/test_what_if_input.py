"""What a --what-if may not say, and what is remarked on it."""

from __future__ import annotations

import json

import pytest

from drafting.cli import app
from tests.drafting.survey_projects import survey_rows, write_csv, write_project


@pytest.fixture
def say(tmp_path, capfdbinary):
    """Run the command with some --what-if on a project with 25 indicators; the first is smaller-is-better."""
    rows = [{"代码": f"E{n}", "下限": 1, "上限": 90, "一级指标": "能源消耗"} for n in range(1, 26)]
    folder = write_project(tmp_path / "项目", rows, categories={"能源消耗": 1})
    write_csv(folder, survey_rows(range(1, 41)))

    def run(*trials):
        options = [word for trial in trials for word in ("--what-if", trial)]
        app.run(["baselines", str(folder), *options])
        said = capfdbinary.readouterr()
        return (said.out + said.err).decode("utf-8").replace("\n", "")

    return run


def test_a_baseline_changed_twice_is_refused(say):
    assert "两次改同一个基准值：E1:I" in say("E1:I=4", "E1:I=3")
    assert "两次" not in say("E1:I=4", "E1:II=9")


@pytest.mark.parametrize(("trial", "refused"), [("E1:I=≥4", True), ("E1:I=<4", True), ("E1:I=≤4", False)])
def test_a_sign_against_the_direction_is_refused(say, trial, refused):
    assert ("方向不符" in say(trial)) is refused


def test_the_baseline_before_is_said_as_it_stands(tmp_path, capfdbinary):
    row = {"代码": "E1", "基准值来源": "政策", "来源依据": "GB 1", "强制性限值": "2~5"}
    ranges = dict(zip(("Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值"), ("1~2", "2~4", "≤5"), strict=True))
    folder = write_project(tmp_path / "项目", [{**row, **ranges}])
    write_csv(folder, survey_rows(range(1, 11)))
    app.run(["baselines", str(folder), "--what-if", "E1:II=6", "--json"])
    (effect,) = json.loads(capfdbinary.readouterr().out)["what_if"]["changes"]
    assert effect["before"] == {"bound": "2～4", "share": 4 / 10}
    assert effect["remarks"] == ["Ⅱ级将比Ⅲ级宽松", "Ⅱ级将宽于强制性限值 2～5"]


def test_all_known_codes_are_listed(say):
    said = say("X9:I=4")
    assert all(f"E{n}" in said for n in range(1, 26))


@pytest.mark.parametrize(
    ("value", "remark"), [("0.5", "低于该指标的下限 1"), ("91", "高于该指标的上限 90"), ("2", None)]
)
def test_a_value_outside_the_physical_limits_gets_a_remark(say, value, remark):
    said = say(f"E1:III={value}")
    assert (remark or "") in said
    assert remark or "该指标的" not in said
