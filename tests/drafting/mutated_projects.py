"""Sound projects for mutations: weights typed in, strata and sampling weights; two Delphi rounds; comments."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import openpyxl

from drafting.pipeline.questionnaires import write_delphi
from drafting.project.folder import load_project
from tests.drafting import weights_projects as committee
from tests.drafting.survey_projects import write_project, write_xlsx

INDICATORS = [
    {"代码": "E1", "二级指标": "单位产品综合能耗", "小数位": 1},
    {"代码": "E2", "二级指标": "重复利用率", "单位": "%", "方向": "越大越好", "小数位": 1, "下限": 0, "上限": 100},
    {"代码": "W1", "一级指标": "水资源消耗", "二级指标": "单位产品取水量", "单位": "m³/t", "强制性限值": "≤9"},
    {"代码": "W2", "一级指标": "水资源消耗", "二级指标": "节水管理", "方向": "定性", "单位": None, "小数位": None,
     "基准值来源": "定性", "Ⅰ级基准值": "闭式", "Ⅱ级基准值": "半闭式", "Ⅲ级基准值": "开式", "定性理由": "工艺。"},
    {"代码": "P1", "一级指标": "污染物产生与排放", "二级指标": "颗粒物排放量", "单位": "g/t", "基准值来源": "政策",
     "来源依据": "GB 1—2020 表1", "Ⅰ级基准值": "≤10", "Ⅱ级基准值": "≤20", "Ⅲ级基准值": "≤30"},
]  # fmt: skip


def given(folder: Path) -> Path:
    """Typed weights, baselines by stratum with sampling weights, an exclusion, a row of units, comments."""
    write_project(
        folder, INDICATORS, categories={"能源消耗": 0.4, "水资源消耗": 0.3, "污染物产生与排放": 0.3},
        settings={"分组基准": "是", "样本量下限": 5}, exclusions=[("企业03", "E1", "停产半年。")],
    )  # fmt: skip
    rng = random.Random(1)
    rows: list[list[object]] = [
        ["企业", "分组", "权数", "年份", "E1", "E2", "W1", "W2", "P1"],
        ["单位", None, None, None, "kgce/t", "%", "m³/t", None, "g/t"],
    ]
    for n in range(24):
        numbers = [round(rng.uniform(*span), 1) for span in ((100, 200), (70, 99), (3, 12), (5, 35))]
        answer = ("Ⅰ级", "Ⅱ级", "Ⅲ级", "未达到")[n % 4]
        rows.append(
            [f"企业{n + 1:02d}", "大型" if n % 2 else "小型", 1 + n % 3, 2024, *numbers[:3], answer, numbers[3]]
        )
    write_xlsx(folder, rows)
    comments(folder)
    return folder


def delphi(folder: Path) -> Path:
    """Three experts in one Delphi round, answered by mail; no survey."""
    committee.project(folder, weight_method="专家咨询法")
    blanks = write_delphi(load_project(folder), 1, today=date(2026, 1, 5)).files
    for number, blank in enumerate(blanks[:3]):
        shifted = {g: (w[0] - number, w[1] + number, *w[2:]) for g, w in committee.TRUE.items()}
        committee.fill_allocation(blank, folder / "德尔菲" / "第1轮" / blank.name, shifted)
    return folder


def comments(folder: Path) -> None:
    """Two bodies that commented."""
    (folder / "意见").mkdir(exist_ok=True)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "意见"
    for row in (
        ("单位", "章条", "意见内容", "修改建议"), ("甲研究院", "5.1", "计算步骤不清。", "给出示例。"),
        ("乙公司", "4.1", "原则不够具体。", ""),
    ):  # fmt: skip
        sheet.append(row)
    book.save(folder / "意见" / "甲.xlsx")
