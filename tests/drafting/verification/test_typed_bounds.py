"""Baselines typed as ranges: the record prints them as typed, and its recomputation judges them alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drafting.pipeline.deepening import deepen
from drafting.pipeline.running import run_project
from drafting.record.results import record
from drafting.verification import verify
from tests.drafting.survey_projects import write_csv, write_project

POLICY = {"基准值来源": "政策", "来源依据": "GB 1"}


@pytest.fixture
def run(tmp_path: Path) -> Any:
    ranges = {"Ⅰ级基准值": "2~4", "Ⅱ级基准值": "4~8 kgce/t", "Ⅲ级基准值": "8~12"}
    rising = {"方向": "越大越好", "Ⅰ级基准值": "0.5~0.9", "Ⅱ级基准值": "≥0.4", "Ⅲ级基准值": "0.2~0.3"}
    rows = [
        {"代码": "E1", "限定性": "是", **POLICY, **ranges}, {"代码": "E2", **POLICY, **rising},
        {"代码": "E3", "来源依据": "GB 1", "强制性限值": "1~13"}, {"代码": "E4", **POLICY, "Ⅰ级基准值": "3~14"},
    ]  # fmt: skip
    folder = write_project(tmp_path / "项目", rows)
    values = [[f"厂{n}", n, round(1 - n / 20, 2), n + 0.5, n] for n in range(1, 17)]
    write_csv(folder, [["企业", "E1", "E2", "E3", "E4"], *values])
    return deepen(run_project(folder, until="trial"))


def test_a_record_with_ranges_agrees_with_its_recomputation(run: Any, tmp_path: Path) -> None:
    assert run.results.trial is not None
    path = tmp_path / "结果.json"
    found = record(run)
    path.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    verdict = verify(path)
    assert verdict.differences == []
    of = {row["code"]: row for row in found["baselines"]["indicators"]}
    shown = [of[code][g]["bound"] for code in ("E1", "E2", "E4") for g in ("I", "II", "III")]
    assert shown == ["2～4", "4～8 kgce/t", "8～12", "0.5～0.9", "≥0.4", "0.2～0.3", "3～14", "3～14", "3～14"]
    assert [of["E1"][g]["share"] for g in ("I", "II", "III")] == [4 / 16, 8 / 16, 12 / 16]
    assert [of["E2"][g]["share"] for g in ("I", "II", "III")] == [10 / 16, 12 / 16, 16 / 16]
    assert of["E3"]["III"]["value"] == "8.50"  # the limit of 13 tightens nothing


def test_a_grade_range_that_is_changed_in_the_record_is_named(run: Any, tmp_path: Path) -> None:
    found = json.loads(json.dumps(record(run), ensure_ascii=False))
    row = next(row for row in found["baselines"]["indicators"] if row["code"] == "E1")
    row["I"]["bound"] = "≤4"
    path = tmp_path / "结果.json"
    path.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    assert "baselines.E1.I.bound" in [d.path for d in verify(path).differences]


def test_same_as_grade_one_agrees_as_an_earlier_version_wrote_it(tmp_path: Path) -> None:
    """同Ⅰ级 stands in the record as typed; before, the baseline that it points at stood there. Another one is false."""
    same = {"Ⅰ级基准值": "≤4", "Ⅱ级基准值": "同Ⅰ级", "Ⅲ级基准值": "≤12"}
    left = {"Ⅰ级基准值": "≤3", "Ⅱ级基准值": "同左", "Ⅲ级基准值": "≤9"}
    rows = [{"代码": "E1", "限定性": "是", **POLICY, **same}, {"代码": "E2", **POLICY, **left}]
    folder = write_project(tmp_path / "项目", rows)
    write_csv(folder, [["企业", "E1", "E2"], *([f"厂{n}", n, n + 0.5] for n in range(1, 17))])
    now = record(run_project(folder, until="trial"))

    def differing(**bounds: str) -> list[str]:
        found = json.loads(json.dumps(now, ensure_ascii=False))
        for row in found["baselines"]["indicators"]:
            row["II"]["bound"] = bounds.get(row["code"], row["II"]["bound"])
        path = tmp_path / "结果.json"
        path.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
        return [d.path for d in verify(path).differences]

    assert {row["II"]["bound"] for row in now["baselines"]["indicators"]} == {"同Ⅰ级", "同左"}
    assert differing() == []
    assert differing(E1="≤4", E2="≤3") == []
    assert differing(E1="≤5") == ["baselines.E1.II.bound"]
