"""Project folders with several tables and class rows, written cell by cell; the worked case of ``two_tables.json``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

_CASE = Path(__file__).resolve().parents[3] / "shared" / "cases" / "two_tables.json"
DIRECTIONS = {"smaller": "越小越好", "larger": "越大越好", "qualitative": "定性"}
TABLES = ("代号", "表题", "适用", "产量单位", "系数")
CATEGORIES = ("分表", "一级指标", "采用", "权重")
INDICATORS = (
    "分表", "一级指标", "代码", "二级指标", "类别", "单位", "方向", "限定性", "权重", "Ⅰ级基准值", "Ⅱ级基准值",
    "Ⅲ级基准值", "基准值来源", "来源依据", "指标解释", "选取理由", "定性理由", "数据来源", "采集方法", "引导方向",
)  # fmt: skip
SURVEY = ("企业", "产量", "类别")


def case() -> dict[str, Any]:
    """The case worked by hand; the test is skipped where it is not there."""
    if not _CASE.is_file():
        pytest.skip("two_tables.json is not beside this checkout")
    return json.loads(_CASE.read_text("utf-8"))


def sheet(book: Any, title: str, heads: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Any:
    found = book.create_sheet(title)
    found.append(list(heads))
    for row in rows:
        found.append([row.get(h) for h in heads])
    return found


def write_tables(
    folder: Path,
    *,
    tables: Sequence[Mapping[str, Any]],
    categories: Sequence[Mapping[str, Any]],
    indicators: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any],
    notes: Sequence[Mapping[str, Any]] = (),
    survey: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    info: Mapping[str, Any] | None = None,
    merges: Mapping[int, str] | None = None,
) -> Path:
    """Write 项目.xlsx and 调研数据.xlsx with a sheet per table.

    ``merges`` maps the number of an indicator (from 0) to the columns of its grade cells that are one, e.g. ``II-III``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    about = {"文件名称": "××行业清洁生产评价指标体系", "行业名称": "××行业", "阶段": "征求意见稿", **(info or {})}
    sheet(book, "文件信息", ("项目", "内容"), ({"项目": k, "内容": v} for k, v in about.items()))
    chosen = {"权重方法": "给定", **settings}
    sheet(book, "方法设置", ("项目", "内容"), ({"项目": k, "内容": v} for k, v in chosen.items()))
    sheet(book, "一级指标", CATEGORIES, categories)
    found = sheet(book, "二级指标", INDICATORS, indicators)
    first = INDICATORS.index("Ⅰ级基准值") + 1
    for number, columns in (merges or {}).items():
        start = first + {"I": 0, "II": 1}[columns.split("-")[0]]
        found.merge_cells(start_row=number + 2, end_row=number + 2, start_column=start, end_column=first + 2)
    sheet(book, "分表", TABLES, tables)
    if notes:
        sheet(book, "表注", ("分表", "标记", "内容"), notes)
    book.save(folder / "项目.xlsx")
    if survey is not None:
        write_survey(folder / "调研数据.xlsx", survey)
    return folder


def write_survey(path: Path, survey: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
    """Write a survey with a sheet per table."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for key, rows in survey.items():
        heads = dict.fromkeys(h for row in rows for h in row)
        sheet(book, key, [*(h for h in SURVEY if h in heads), *(h for h in heads if h not in SURVEY)], rows)
    book.save(path)
    return path


def worked(folder: Path, **settings: Any) -> Path:
    """The worked case as a project folder."""
    of = case()
    numbers = {"权重": float}
    rows, merges = [], {}
    for number, row in enumerate(of["sheet_二级指标"]):
        qualitative = row["direction"] == "qualitative"
        rows.append({
            "分表": "、".join(row["tables"]), "一级指标": row["category"], "代码": row["code"],
            "二级指标": row["name"] + "".join(row["marks"]), "类别": row["class"], "单位": row["unit"],
            "方向": DIRECTIONS[row["direction"]], "限定性": "是" if row["limiting"] else "否",
            "权重": None if row["weight"] is None else float(row["weight"]), "Ⅰ级基准值": row["I"],
            "Ⅱ级基准值": row["II"], "Ⅲ级基准值": row["III"], "基准值来源": row["source"],
            "来源依据": "" if qualitative else "GB 00000—2020 表1", "指标解释": "按定义计算。",
            "选取理由": "代表性。", "定性理由": "无法计量。" if qualitative else "", "数据来源": "统计台账。",
            "采集方法": "统计。", "引导方向": "过程清洁",
        })  # fmt: skip
        if row["merged"]:
            merges[number] = row["merged"][0].replace("I-II-III", "I-III")
    return write_tables(
        folder,
        tables=[{**t, "代号": t["分表"], "系数": float(t["系数"])} for t in of["sheet_分表"]],
        categories=[{k: numbers.get(k, str)(v) for k, v in c.items()} for c in of["sheet_一级指标"]],
        indicators=rows,
        merges=merges,
        notes=of["sheet_表注"],
        settings={"多表评定": "按产量加权", "类别计分": "按产量", **settings},
        survey={key: [_numbers(r) for r in of["survey"][key]] for key in ("甲工序", "乙工序")},
    )


def left_to_experts(folder: Path, experts: Mapping[str, str]) -> Path:
    """Blank all typed weights and ask experts: code -> 分表, blank for all tables."""
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    for title in ("一级指标", "二级指标"):
        found = book[title]
        at = next(c.column for c in found[1] if c.value == "权重")
        for row in range(2, found.max_row + 1):
            found.cell(row, at).value = None
    sheet(book, "专家组", ("专家代号", "分表"), ({"专家代号": e, "分表": t or None} for e, t in experts.items()))
    book.save(folder / "项目.xlsx")
    return folder


def _numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: float(v) if k == "产量" else v for k, v in row.items()}
