"""One questionnaire per expert over all tables: out by mail, back as files, weights per table."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from drafting.pipeline.questionnaires import write_ahp
from drafting.pipeline.running import run_project
from drafting.project.folder import load_project
from tests.drafting.tables_projects import left_to_experts, worked

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
EXPERTS = ("专家01", "专家02", "专家03")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked case with the weights left to three experts, the third of whom is asked for the second table only."""
    made = worked(tmp_path_factory.mktemp("mail") / "项目", 权重方法="层次分析法")
    return left_to_experts(made, {code: "乙工序" if code == "专家03" else "" for code in EXPERTS})


@pytest.fixture(scope="module")
def sent(folder: Path) -> Any:
    return write_ahp(load_project(folder), today=date(2026, 1, 1))


def sheets(path: Path) -> list[str]:
    return [t for t in openpyxl.load_workbook(path).sheetnames if t not in ("填写说明", "专家", "其他意见", "打印版")]


def test_a_questionnaire_holds_all_tables_of_its_expert(sent: Any) -> None:
    by_expert = {path.stem: sheets(path) for path in sent.files}
    assert by_expert["专家01"] == [
        "甲工序·一级指标", "能源消耗", "清洁生产管理", "乙工序·一级指标", "乙工序·污染物产生与排放",
    ]  # fmt: skip
    assert by_expert["专家03"] == ["能源消耗", "清洁生产管理", "乙工序·一级指标", "乙工序·污染物产生与排放"]


def fill(path: Path, target: Path) -> None:
    """Answer every pair of every sheet with 2: each item twice as important as those behind it."""
    book = openpyxl.load_workbook(path)
    for title in sheets(path):
        sheet = book[title]
        labels = [c.value for c in sheet[3][1:] if c.value]
        n = next(k for k in range(len(labels), 0, -1) if sheet.cell(3 + k, 1).value)
        for i in range(n):
            for j in range(i + 1, n):
                sheet.cell(4 + i, 2 + j).value = 2
    target.parent.mkdir(exist_ok=True)
    book.save(target)


def test_answers_come_back_to_their_tables(folder: Path, sent: Any) -> None:
    for path in sent.files:
        fill(path, folder / "判断矩阵" / path.name)
    run = run_project(folder, until="trial")
    assert not [f for f in run.findings if f.severity == "error"], [f.message for f in run.findings]
    first, second = (run.results.tables[key].weights for key in ("甲工序", "乙工序"))
    assert first is not None and second is not None  # noqa: PT018 -- for the type checker
    assert {e.expert for e in first.experts if e.matrix == "一级指标"} == {"专家01", "专家02"}
    assert {e.expert for e in second.experts if e.matrix == "一级指标"} == set(EXPERTS)
    third = [w.exact for w in second.first_level.weights]
    assert np.allclose(
        third, np.array([4.0, 2.0, 1.0]) ** (2 / 3) / sum(np.array([4.0, 2.0, 1.0]) ** (2 / 3)), atol=0.01
    )
    shared = [next(g for g in of.second_level if g.group == "清洁生产管理") for of in (first, second)]
    assert [w.exact for w in shared[0].weights] == pytest.approx([2 / 3, 1 / 3])
    assert [w.key for w in shared[1].weights] == ["Q1", "Q2"]
    assert run.results.combined is not None


def test_without_sharing_every_table_asks_for_itself(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(folder, tmp_path / "各问各的")
    book = openpyxl.load_workbook(copy / "项目.xlsx")
    book["方法设置"].append(["同组共用", "否"])
    book.save(copy / "项目.xlsx")
    inputs = load_project(copy).inputs
    assert inputs is not None
    assert [a.name for a in inputs.asked if a.group == "清洁生产管理"] == ["甲工序·清洁生产管理", "乙工序·清洁生产管理"]


@pytest.mark.slow
def test_weights_by_experts_are_verified_table_by_table(folder: Path, sent: Any, tmp_path: Path) -> None:
    import json

    from drafting.record.results import record
    from drafting.verification import verify

    for path in sent.files:
        if not (folder / "判断矩阵" / path.name).exists():
            fill(path, folder / "判断矩阵" / path.name)
    (tmp_path / "结果.json").write_text(
        json.dumps(record(run_project(folder, until="trial")), ensure_ascii=False), "utf-8"
    )
    verdict = verify(tmp_path / "结果.json")
    assert not verdict.differences
    assert verdict.kinds["一致性"] > 50
