"""Eight projects whose figures and findings stay: see ``recording``."""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from drafting.model.system import FIRST_LEVEL
from tests.drafting import test_power_plants as plants
from tests.drafting import weights_projects as committee
from tests.drafting.survey_projects import write_csv, write_project
from tests.golden.recording import baselines, findings, hold, run, weights, whole

ROOT = Path(__file__).resolve().parents[2]
WORDS = {"smaller": "越小越好", "larger": "越大越好"}


def test_bundled_example(tmp_path, write):
    shutil.copytree(ROOT / "examples" / "建筑陶瓷", tmp_path / "建筑陶瓷")
    hold("example", whole(tmp_path / "建筑陶瓷"), write=write)


def test_power_plants(cases, tmp_path, write):
    """212 of 288 plants, real and dirty; the plants' own lines are not kept."""
    with (cases / "data" / "power_plants_2019.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["primary_fuel"] == "COAL" and float(r["net_gen_MWh"]) > 0]
    kept = [(n, r) for n, r in enumerate(rows) if plants.clean(r)]
    record = whole(plants.project(tmp_path / "燃煤发电", kept))
    del record["trial"]["enterprises"]
    hold("power_plants", record, write=write)


def published(system: dict[str, Any], folder: Path) -> Path:
    """A published system typed as it is printed; what a copy of it lacks is a word of its own."""
    rows: list[dict[str, Any]] = []
    for group in system["first_level"]:
        for number, given in enumerate(group["indicators"], 1):
            qualitative = given["type"] == "qualitative"
            baselines = [given.get(g) or f"要求{w}" for g, w in zip(("I", "II", "III"), "甲乙丙", strict=True)]
            rows.append(
                {
                    "一级指标": group["name"], "代码": f"{group['name'][0]}{number}", "二级指标": given["name"],
                    "单位": given.get("unit"), "限定性": "是" if given["limiting"] else "否", "权重": given["weight"],
                    "方向": "定性" if qualitative else WORDS[given["direction"]],
                    "基准值来源": "定性" if qualitative else "政策", "来源依据": "公开文本", "定性理由": "工艺要求。",
                    **dict(zip(("Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值"), baselines, strict=True)),
                }
            )  # fmt: skip
    groups = {g["name"]: ((None, "是") if g.get("bonus") else (g["weight"], "否")) for g in system["first_level"]}
    return write_project(folder, rows, categories=groups)


@pytest.mark.parametrize(
    ("name", "key"),
    [("electroplating", "electroplating_comprehensive_2015"),
     ("hazardous_waste", "hazardous_waste_incineration_TZAEPI_draft_v2")],
)  # fmt: skip
def test_published_system(cases, tmp_path, write, name, key):
    systems = json.loads((cases / "published_systems.json").read_text("utf-8"))["systems"]
    system = next(s for s in systems if s["id"] == key)
    hold(name, whole(published(system, tmp_path / "公开体系")), write=write)


STRATIFIED: list[dict[str, Any]] = [
    {"代码": "E1", "二级指标": "能耗", "小数位": 1, "限定性": "是", "下限": "0.5"},
    {"代码": "E2", "二级指标": "回收率", "单位": "%", "方向": "越大越好", "小数位": 1, "强制性限值": "≥70"},
    {"代码": "E3", "二级指标": "单位产品能耗", "计算公式": "综合能耗/产量", "小数位": 3},
    {"代码": "E4", "二级指标": "铅", "单位": "mg/L", "基准值来源": "政策", "来源依据": "GB 1",
     "Ⅰ级基准值": "≤1", "Ⅱ级基准值": "<2", "Ⅲ级基准值": "0.5~3"},
    {"代码": "Q1", "二级指标": "管理", "单位": "", "方向": "定性", "基准值来源": "定性",
     "Ⅰ级基准值": "好", "Ⅱ级基准值": "中", "Ⅲ级基准值": "差"},
]  # fmt: skip
HEADS = ["企业", "分组", "权数", "年份", "E1", "E2", "E4", "Q1", "原始:综合能耗", "原始:产量", "重大违法"]
UNITS = ["单位", "", "", "", "kgce/t", "%", "mg/L", "", "kgce", "t", ""]


def stratified(folder: Path, size: int, seed: int) -> Path:
    """A survey of three strata with weights, repeated years, non-detects, marks and a few faults in the cells."""
    draw = random.Random(seed)
    odd = ["", "—", "不适用", "<0.5", "未检出", "１２．５", "1,234.5", "95%", "abc", "-3"]

    def cell(middle: float) -> str:
        return draw.choice(odd) if draw.random() < 0.04 else f"{draw.lognormvariate(0, 0.4) * middle:.2f}"

    rows = [
        [
            f"企业{number // 2 if number % 9 == 0 else number}", draw.choice(["大型", "中型", "小型"]),
            draw.choice(["1", "2.5", "3"]), str(2018 + number % 7), cell(20), f"{draw.uniform(40, 99.9):.1f}", cell(2),
            draw.choice(["Ⅰ级", "Ⅱ级", "III级", "未达到", "不适用", ""]), cell(5000), cell(200),
            draw.choice(["否", "否", "否", "是", ""]),
        ]
        for number in range(size)
    ]  # fmt: skip
    write_project(
        folder, STRATIFIED, categories={"能源消耗": 1}, exclusions=[("企业3", "", "停产"), ("企业5", "E1", "笔误")],
        settings={"分组基准": "是", "重复企业": "取最新"},
    )  # fmt: skip
    write_csv(folder, [HEADS, UNITS, *rows])
    return folder


def test_project_by_strata(tmp_path, write):
    hold("strata", whole(stratified(tmp_path / "分组", 240, 1)), write=write)


def test_large_survey_through_duckdb(tmp_path, write):
    pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    said = run("baselines", str(stratified(tmp_path / "大表", 5000, 2)), "--engine", "duckdb")
    hold("duckdb", {"baselines": baselines(said), "findings": findings(said)}, write=write)


@pytest.mark.slow
def test_two_delphi_rounds_by_mail(tmp_path, write):
    """Twelve experts, two rounds, nothing but workbooks; the second draws nearer to the committee's middle."""
    folder = committee.project(tmp_path / "德尔菲", weight_method="专家咨询法")
    for number in (1, 2):
        run("questionnaires", str(folder), "--delphi", str(number))
        for k, code in enumerate(committee.CODES):
            answers = {}
            for group, true in committee.TRUE.items():
                step = (k % 5 - 2) * (3 - number)
                answers[group] = (true[0] + step, *true[1:-1], true[-1] - step)
            name = f"{code}.xlsx"
            blank = folder / "成果" / "问卷" / f"德尔菲第{number}轮" / name
            committee.fill_allocation(blank, folder / "德尔菲" / f"第{number}轮" / name, answers, "理由")
    said = run("weights", str(folder))
    record = {"weights": weights(said), "findings": findings(said)}
    assert len(record["weights"]["second_level"]) == len(committee.TRUE) - (FIRST_LEVEL in committee.TRUE)
    hold("delphi", record, write=write)


def test_the_example_carries_no_avoidable_hint():
    """What is said of the example follows from its data; nothing a committee could have typed, named or filled in."""
    said = json.loads((Path(__file__).parent / "example.json").read_text("utf-8"))
    codes = set(re.findall(r'"(?:error|warning|note) \| ([\w-]+) \|', json.dumps(said, ensure_ascii=False)))
    assert codes == {
        "excluded-values", "outliers-harmless", "trial-missing-values", "limit-tightened", "trial-grades-rare",
        "consensus-by-chance",
    }  # fmt: skip
