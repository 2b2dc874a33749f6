"""Small project folders for the tests of surveys and baselines, written cell by cell."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl

from drafting.pipeline.engines import way_of
from drafting.pipeline.running import run_project
from drafting.project.folder import load_project
from drafting.run import Run


def stored_run(folder: Path, until: str = "baselines", engine: str = "duckdb", memory_limit: int = 1 << 28) -> Run:
    """Run a project whose survey stays on disk."""
    with way_of(folder, engine, memory_limit=memory_limit, master="local[2]") as way:
        return run_project(folder, until=until, read=partial(load_project, way=way))


DEFAULTS = {
    "一级指标": "能源消耗", "单位": "kgce/t", "方向": "越小越好", "限定性": "否", "权重": None, "基准值来源": "调研",
    "小数位": 2, "指标解释": "按定义。", "选取理由": "代表性。", "数据来源": "调研。", "采集方法": "问卷。",
    "引导方向": "过程清洁",
}  # fmt: skip


def write_project(
    folder: Path,
    indicators: Sequence[Mapping[str, Any]],
    *,
    categories: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    exclusions: Iterable[tuple[str, str, str]] = (),
    info: Mapping[str, Any] | None = None,
) -> Path:
    """Write 项目.xlsx; an indicator is a mapping of headings to values, the rest are defaults.

    ``categories`` maps a name to its weight, or to (weight, 附加).
    """
    folder.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "文件信息"
    about = {"文件名称": "测试行业清洁生产评价指标体系", "文件类别": "团体标准", "阶段": "征求意见稿"}
    about["行业名称"] = "测试行业"
    _table(sheet, ("项目", "内容"), ({**about, **(info or {})}).items())
    _table(book.create_sheet("方法设置"), ("项目", "内容"), ({"权重方法": "给定", **(settings or {})}).items())
    rows = [{**DEFAULTS, **i} for i in indicators]
    names = list(dict.fromkeys(r["一级指标"] for r in rows))
    groups = categories or {n: round(1 / len(names), 4) for n in names}
    lines = [(n, "是", *(w if isinstance(w, tuple) else (w, "否"))) for n, w in groups.items()]
    _table(book.create_sheet("一级指标"), ("一级指标", "采用", "权重", "附加"), lines)
    heads = list(dict.fromkeys(["代码", "二级指标", *(k for r in rows for k in r)]))
    for number, row in enumerate(rows, 1):
        row.setdefault("代码", f"E{number}")
        row.setdefault("二级指标", f"指标{number}")
        if row["权重"] is None:
            of = [r for r in rows if r["一级指标"] == row["一级指标"]]
            row["权重"] = 1 / len(of) if len(of) in (1, 2, 4, 5, 8, 10) else None
    _table(book.create_sheet("二级指标"), heads, ([r.get(h) for h in heads] for r in rows))
    _table(book.create_sheet("剔除"), ("企业", "指标", "理由"), exclusions)
    book.save(folder / "项目.xlsx")
    return folder


def write_xlsx(folder: Path, rows: Iterable[Sequence[Any]], formats: Mapping[str, str] | None = None) -> Path:
    """Write 调研数据.xlsx; ``formats`` maps addresses to number formats."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "调研数据"
    for row in rows:
        sheet.append(list(row))
    for address, form in (formats or {}).items():
        sheet[address].number_format = form
    path = folder / "调研数据.xlsx"
    book.save(path)
    return path


def write_csv(folder: Path, rows: Iterable[Sequence[Any]], encoding: str = "utf-8") -> Path:
    """Write 调研数据.csv."""
    path = folder / "调研数据.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def survey_rows(values: Iterable[Any], heading: str = "E1") -> list[list[Any]]:
    """One indicator's values as a survey."""
    return [["企业", heading], *([f"企业{n:02d}", v] for n, v in enumerate(values, 1))]


def _table(sheet: Any, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet.append(list(heads))
    for row in rows:
        sheet.append(list(row))
