"""What changed in meaning between two projects."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import astuple, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.changes.compare import PARTS, Kind, changes
from drafting.model.weight import Weight

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "建筑陶瓷"


@pytest.fixture(scope="module")
def run() -> Any:
    from drafting.pipeline.running import run_project

    return run_project(EXAMPLE, until="trial")


def other(run: Any, change: Callable[[Any], Any], results: Any = None) -> Any:
    project = replace(run.project, inputs=change(run.project.inputs))
    return replace(run, project=project, results=results or run.results)


def indicators(change: Callable[[list[Any]], list[Any]]) -> Callable[[Any], Any]:
    return lambda i: replace(i, system=replace(i.system, indicators=tuple(change(list(i.system.indicators)))))


def one(code: str, /, **values: Any) -> Callable[[Any], Any]:
    return indicators(lambda all_: [replace(i, **values) if i.code == code else i for i in all_])


def test_a_project_does_not_differ_from_itself(run: Any) -> None:
    assert changes(run, run) == ()


def answered(inputs: Any, code: str, row: int, value: float) -> Any:
    column = inputs.survey.columns[code]
    values = column.values.copy()
    values[row] = value
    columns = {**inputs.survey.columns, code: replace(column, values=values)}
    return replace(inputs, survey=replace(inputs.survey, columns=columns))


def test_the_survey_s_changes_name_no_enterprise(run: Any) -> None:
    found = changes(run, other(run, lambda i: answered(replace(i, exclusions=()), "N1", 5, 1.0)))
    names = set(run.project.inputs.survey.enterprises)
    assert not [name for name in names for c in found if name in "".join(map(str, astuple(c)))]


CASES = [
    ("text", one("N1", explanation="另一解释"), "文字", Kind.CHANGED, "N1 单位产品综合能耗", "指标解释"),
    ("limiting mark", one("N1", limiting=False), "二级指标", Kind.CHANGED, "N1 单位产品综合能耗", "限定性"),
    ("unit", one("N1", unit="tce/m²"), "二级指标", Kind.CHANGED, "N1 单位产品综合能耗", "单位"),
    ("name", one("N1", name="综合能耗"), "二级指标", Kind.RENAMED, "N1 综合能耗", "名称"),
    ("data source", one("N1", data_source="台账"), "来源", Kind.CHANGED, "N1 单位产品综合能耗", "数据来源"),
    (
        "setting",
        lambda i: replace(i, settings=replace(i.settings, weight_decimals=3)),
        "方法设置",
        Kind.CHANGED,
        "权重小数位",
        "内容",
    ),
    (
        "title",
        lambda i: replace(i, document=replace(i.document, title="新名称")),
        "文件信息",
        Kind.CHANGED,
        "文件名称",
        "内容",
    ),
    (
        "policy",
        lambda i: replace(i, policies=i.policies[1:]),
        "政策依据",
        Kind.REMOVED,
        "产业结构调整指导目录（2024年本）",
        "文号",
    ),
    (
        "term",
        lambda i: replace(i, terms=(replace(i.terms[0], definition="甲"), *i.terms[1:])),
        "术语",
        Kind.CHANGED,
        "清洁生产评价指标体系",
        "定义",
    ),
    ("expert", lambda i: replace(i, experts=i.experts[1:]), "专家组", Kind.REMOVED, "专家01", "专业领域"),
    ("survey", lambda i: replace(i, survey=None), "调研", Kind.CHANGED, "调研数据", "企业数"),
    ("decimals", one("N1", decimals=3), "二级指标", Kind.CHANGED, "N1 单位产品综合能耗", "小数位"),
    ("upper physical limit", one("N1", upper=Decimal(99)), "二级指标", Kind.CHANGED, "N1 单位产品综合能耗", "上限"),
    (
        "English of a term",
        lambda i: replace(i, terms=(replace(i.terms[0], english="other"), *i.terms[1:])),
        "术语",
        Kind.CHANGED,
        "清洁生产评价指标体系",
        "英文",
    ),
    (
        "kind of a policy",
        lambda i: replace(i, policies=(replace(i.policies[0], group="其他"), *i.policies[1:])),
        "政策依据",
        Kind.CHANGED,
        "产业结构调整指导目录（2024年本）",
        "类别",
    ),
    (
        "self-assessment",
        lambda i: replace(i, experts=(replace(i.experts[0], familiarity="不熟悉"), *i.experts[1:])),
        "专家组",
        Kind.CHANGED,
        "专家01",
        "熟悉程度",
    ),
    ("exclusion", lambda i: replace(i, exclusions=()), "剔除", Kind.REMOVED, "N1", "1 处"),
    (
        "one answer",
        lambda i: answered(i, "N1", 5, 1.0),
        "调研",
        Kind.CHANGED,
        "N1 单位产品综合能耗",
        "数值不同的企业数",
    ),
]


@pytest.mark.parametrize(
    ("change", "part", "kind", "subject", "field"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_each_change_is_told_once(run: Any, change: Any, part: str, kind: Kind, subject: str, field: str) -> None:
    found = changes(run, other(run, change))
    assert [(c.part, c.kind, c.subject, c.field) for c in found] == [(part, kind, subject, field)]
    assert found[0].before != found[0].after


def test_indicators_come_and_go_by_code(run: Any) -> None:
    gone = changes(run, other(run, indicators(lambda all_: [i for i in all_ if i.code != "N4"])))
    assert [(c.kind, c.subject) for c in gone if c.part == "二级指标"] == [(Kind.REMOVED, "N4 余热余压利用率")]
    come = changes(other(run, indicators(lambda all_: [i for i in all_ if i.code != "N4"])), run)
    assert [(c.kind, c.subject) for c in come if c.part == "二级指标"] == [(Kind.ADDED, "N4 余热余压利用率")]


def test_the_same_name_under_another_code_is_the_same_indicator(run: Any) -> None:
    found = changes(run, other(run, one("N4", code="N9")))
    told = [(c.kind, c.field, c.before, c.after) for c in found if c.part == "二级指标"]
    assert told == [(Kind.CHANGED, "代码", "N4", "N9")]


def test_published_weights_and_baselines_are_compared(run: Any) -> None:
    weights = run.results.weights
    first = weights.first_level.weights
    moved = replace(
        weights.first_level,
        weights=(replace(first[0], published=Weight.number(first[0].decimal + Decimal("0.01"))), *first[1:]),
    )
    baselines = run.results.baselines
    changed = tuple(replace(i, by_grade={}) if i.code == "N1" else i for i in baselines.indicators)
    results = replace(
        run.results, weights=replace(weights, first_level=moved), baselines=replace(baselines, indicators=changed)
    )
    found = changes(run, other(run, lambda i: i, results))
    assert [(c.part, c.subject, c.after) for c in found] == [
        ("权重", "生产工艺及装备", "0.12"),
        *(("基准值", "N1 单位产品综合能耗", "—") for _ in range(3)),
    ]


def test_changes_come_in_the_order_of_the_parts(run: Any) -> None:
    def much(inputs: Any) -> Any:
        changed = one("N1", explanation="另一", limiting=False, data_source="另")(inputs)
        return replace(changed, terms=(), document=replace(changed.document, scope="另"))

    parts = [PARTS.index(c.part) for c in changes(run, other(run, much))]
    assert parts == sorted(parts)


def test_the_command_writes_table_json_word_and_excel(tmp_path: Path, capfd: Any) -> None:
    from drafting.cli.app import run

    for name in ("甲", "乙"):
        (tmp_path / name).mkdir()
        shutil.copy(EXAMPLE / "项目.xlsx", tmp_path / name)
    book = openpyxl.load_workbook(tmp_path / "乙" / "项目.xlsx")
    sheet = book["二级指标"]
    headings = [c.value for c in sheet[1]]
    sheet.cell(2, headings.index("指标解释") + 1).value = "=新的解释"
    sheet.cell(2, headings.index("指标解释") + 1).data_type = "s"
    book.save(tmp_path / "乙" / "项目.xlsx")
    assert run(["diff", str(tmp_path / "甲"), str(tmp_path / "乙"), "--json", "--to", "docx"]) == 0
    said = json.loads(capfd.readouterr().out)
    assert [(c["part"], c["field"]) for c in said["changes"]] == [("文字", "指标解释")]
    with zipfile.ZipFile(tmp_path / "乙" / "成果" / "变化对照.docx") as package:
        assert "新的解释" in package.read("word/document.xml").decode()
    assert run(["diff", str(tmp_path / "甲"), str(tmp_path / "乙"), "--to", "xlsx"]) == 0
    assert "共 1 处变化" in capfd.readouterr().out
    cells = openpyxl.load_workbook(tmp_path / "乙" / "成果" / "变化对照.xlsx").active
    assert cells["G2"].value == "=新的解释"
    assert cells["G2"].data_type == "s"
    assert run(["diff", str(tmp_path / "甲"), str(tmp_path / "没有")]) == 2


def test_the_word_file_is_valid_and_always_the_same(tmp_path: Path) -> None:
    import subprocess
    import sys

    from drafting.render.changes import changes_docx

    rows = [("文字", "修改", f"N{n} 指标", "指标解释", "甲" * 30, "乙" * 30) for n in range(40)]
    first = changes_docx(tmp_path / "一.docx", "变化对照", "共 40 处。", rows).read_bytes()
    assert first == changes_docx(tmp_path / "二.docx", "变化对照", "共 40 处。", rows).read_bytes()
    audit = Path(sys.executable).with_name("openxml-audit")
    if not audit.exists():
        pytest.skip("openxml-audit is not installed")
    done = subprocess.run([audit, tmp_path / "一.docx"], capture_output=True, text=True, check=False)
    assert "Errors: 0" in done.stdout


@pytest.mark.slow
def test_tracked_changes_in_word(tmp_path: Path, run: Any) -> None:
    pytest.importorskip("python_redlines", reason="extra redline is not installed")
    from drafting.changes.lists import write_redline
    from drafting.model.results import Results

    old = replace(run, results=Results(), project=replace(run.project, folder=tmp_path))
    changed = other(old, one("N1", explanation="全厂各工序的电力与燃气之和。"))
    first = write_redline(old, changed, tmp_path).read_bytes()
    with zipfile.ZipFile(tmp_path / "修订对照.docx") as package:
        text = package.read("word/document.xml").decode()
    assert "<w:ins " in text
    assert "<w:del " in text
    assert 'w:date="2000-01-01T00:00:00Z"' in text
    assert write_redline(old, changed, tmp_path).read_bytes() == first


def test_without_the_engine_the_command_says_what_to_install(tmp_path: Path, monkeypatch: Any, capfd: Any) -> None:
    import sys

    from drafting.cli.app import run

    monkeypatch.setitem(sys.modules, "python_redlines", None)
    for name in ("甲", "乙"):
        (tmp_path / name).mkdir()
        shutil.copy(EXAMPLE / "项目.xlsx", tmp_path / name)
    assert run(["diff", str(tmp_path / "甲"), str(tmp_path / "乙"), "--redline"]) == 2
    assert "pip install" in capfd.readouterr().err
