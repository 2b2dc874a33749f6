"""A real indicator system as a project: the hazardous-waste table, rendered, and evaluated as case D01 to the digit."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from drafting.model.bounds import BoundKind
from drafting.model.terms import GRADES, Grade
from drafting.pipeline.running import build, evaluated, run_project
from tests.drafting.survey_projects import write_project, write_xlsx

# D01, "reading": 停炉检修 3次以下/3-4次/5次 read as ≤3/≤4/≤5
READ_AS = {"各条焚烧线停炉检修次数": ("≤3", "≤4", "≤5")}
DIRECTIONS = {"smaller": "越小越好", "larger": "越大越好"}
GRADE_WORDS = {"I": "Ⅰ级", "II": "Ⅱ级", "III": "Ⅲ级"}


@pytest.fixture(scope="module")
def system(cases):
    everything = json.loads((cases / "published_systems.json").read_text("utf-8"))
    return next(s for s in everything["systems"] if s["id"] == "hazardous_waste_incineration_TZAEPI_draft_v2")


@pytest.fixture(scope="module")
def case(cases):
    everything = json.loads((cases / "baselines.json").read_text("utf-8"))
    return next(item for item in everything if item["id"] == "D01")


def rows_of(system, ghg):
    rows = []
    for group in system["first_level"]:
        for number, given in enumerate(group["indicators"], 1):
            qualitative = given["type"] == "qualitative"
            if qualitative:
                baselines = [f"达到{word}要求" for word in GRADE_WORDS.values()]
            else:
                baselines = READ_AS.get(given["name"], [given[g] or ghg[i] for i, g in enumerate(GRADE_WORDS)])
            rows.append(
                {
                    "一级指标": group["name"], "代码": f"{group['name'][0]}{number}", "二级指标": given["name"],
                    "单位": given["unit"], "限定性": "是" if given["limiting"] else "否", "权重": given["weight"],
                    "方向": "定性" if qualitative else DIRECTIONS[given["direction"]],
                    "基准值来源": "定性" if qualitative else "政策", "来源依据": "公开文本",
                    "定性理由": "工艺要求。" if qualitative else None,
                    **{f"{w}基准值": v for w, v in zip(GRADE_WORDS.values(), baselines, strict=True)},
                }
            )  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def folder(system, case, tmp_path_factory):
    rows = rows_of(system, case["cases"][0]["ghg_baseline_used"])
    groups = {g["name"]: ((None, "是") if g.get("bonus") else (g["weight"], "否")) for g in system["first_level"]}
    return write_project(
        tmp_path_factory.mktemp("real") / "危险废物焚烧", rows, categories=groups,
        info={"文件名称": "危险废物焚烧处置行业清洁生产评价指标体系", "行业名称": "危险废物焚烧处置"},
    )  # fmt: skip


def test_the_table_is_rendered_whole(folder, system):
    run = build(folder, quick=True)
    assert not [f for f in run.findings if f.severity == "error"], [f.message for f in run.findings][:5]
    inputs = run.project.inputs
    assert inputs is not None
    names = [c.name for c in inputs.system.adopted]
    assert "原/辅料资源消耗" in names  # cases/README.md: 原辅料… is 原/辅料…
    assert [c.name for c in inputs.system.adopted if c.bonus] == ["资源循环利用"]
    assert sum(w.decimal for w in run.results.weights.first_level.weights) == 1
    text = next(run.output.glob("*.md")).read_text("utf-8")
    for group in system["first_level"]:
        for given in group["indicators"]:
            assert given["name"].split("（")[0].split("<")[0][:6] in text, given["name"]
    assert list(run.output.glob("*.docx"))
    baselines = run.results.baselines
    for given in (i for g in system["first_level"] for i in g["indicators"] if i["type"] == "quantitative"):
        code = next(i.code for i in inputs.system.active if i.name == given["name"])
        assert all(baselines.of(code).by_grade[g].bound.kind is BoundKind.QUANTITY for g in GRADES), given["name"]


def test_enterprises_get_exactly_the_published_indices(folder, system, case, tmp_path):
    """Every case of D01: Y to the last digit, and the grade."""
    names = [i["name"] for g in system["first_level"] for i in g["indicators"]]
    bonus = {i["name"] for g in system["first_level"] if g.get("bonus") for i in g["indicators"]}
    kinds = {i["name"]: i["type"] for g in system["first_level"] for i in g["indicators"]}
    heads = [n for n in names if n not in bonus]
    rows = [["企业", *heads]]
    for one in case["cases"]:
        cells = []
        for name in heads:
            value = one["values"].get(name)
            if name in one["not_applicable"]:
                value = "不适用"
            elif kinds[name] == "qualitative":
                value = GRADE_WORDS[value]
            cells.append(value)
        rows.append([one["id"], *cells])
    path = write_xlsx(tmp_path, rows)
    found = evaluated(run_project(folder, until="trial"), path)
    assert found.trials, [f.message for f in found.findings][:5]
    got = {e.enterprise: e for e in found.trials[""].enterprises}
    for one in case["cases"]:
        result = got[one["id"]]
        assert {g.value: result.y[g] for g in GRADES} == {k: Decimal(v) for k, v in one["Y"].items()}
        assert result.grade == (Grade(one["grade"]) if one["grade"] else None)
        assert one["grade"] == "I" or result.reasons
