"""A bonus group (附加) lies outside the sum: without weights it is said, and hinders neither trial nor record."""

from __future__ import annotations

from pathlib import Path

import pytest

from drafting.findings import Finding
from drafting.pipeline.running import build
from drafting.verification.verify import verify
from tests.drafting.survey_projects import survey_rows, write_csv, write_project

CODES = {"weights-bonus-missing", "weights-group-missing", "weights-partly-typed", "weights-sum", "trial-incomplete"}
GRADES = {"Ⅰ级基准值": "有", "Ⅱ级基准值": "有", "Ⅲ级基准值": "有"}
BONUS = {"一级指标": "创新加分", "方向": "定性", "单位": "—", "基准值来源": "定性", **GRADES}


def built(folder: Path, first: object, second: tuple[object, object]) -> tuple[list[Finding], dict[str, int]]:
    """Findings and grades of a project of one indicator and a bonus group of two."""
    indicators = [{"代码": "E1"}, *({**BONUS, "代码": f"J{k}", "权重": w} for k, w in enumerate(second, 1))]
    write_project(folder, indicators, categories={"能源消耗": 1, "创新加分": (first, "是")})
    write_csv(folder, survey_rows(range(1, 41)))
    run = build(folder, formats=("md",), quick=True)
    assert verify(folder / "成果" / "结果.json").differences == []
    trial = run.results.trial
    return [f for f in run.findings if f.code in CODES], dict(trial.distribution) if trial else {}


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (0.1, (0.6, 0.4), []),
        ("", ("", ""), [("weights-bonus-missing", "一级指标", "C3", "一级指标权重和二级指标权重")]),
        (0.1, ("", ""), [("weights-bonus-missing", "二级指标", "", "没有填写二级指标权重")]),
        ("", (0.6, 0.4), [("weights-bonus-missing", "一级指标", "C3", "没有填写一级指标权重")]),
        (0.1, (0.6, ""), [("weights-partly-typed", "二级指标", "", "2 项中 1 项空白")]),
    ],
)
def test_what_is_lacking_is_said_once_and_the_trial_goes_on(
    tmp_path: Path, first: object, second: tuple[object, object], said: list[tuple[str, str, str, str]]
) -> None:
    found, grades = built(tmp_path, first, second)
    assert [(f.code, f.place.sheet) for f in found] == [(code, sheet) for code, sheet, _, _ in said]
    for f, (code, _, cell, words) in zip(found, said, strict=True):
        assert f.severity == ("error" if code == "weights-partly-typed" else "warning")
        assert words in f.message
        assert f.place.cell == cell or (not cell and f.place.cell)
    # 40 values, all different: 5 % reach grade I, 20 % grade II or better, 50 % grade III or better (5.5.2)
    assert {k: n for k, n in grades.items() if n} == {"I": 2, "II": 6, "III": 12, "none": 20}


def test_weights_of_a_bonus_group_that_do_not_sum_to_one_are_an_error_at_their_cells(tmp_path: Path) -> None:
    found, _ = built(tmp_path, 0.1, (0.6, 0.6))
    assert [(f.code, f.severity) for f in found if f.code == "weights-sum"] == [("weights-sum", "error")]
    assert "1.2" in next(f.message for f in found if f.code == "weights-sum")
