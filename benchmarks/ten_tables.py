"""
Ten tables of thirty rows, 100 enterprises each, beside ten projects of one table: ``python benchmarks/ten_tables.py``.

Both go from the files to rules, sensitivity, stability and 结果.json (all that a build computes; documents and their
layout apart) in this process, turn by turn; processor time with that of the readers' processes. Aim: at most 1.5.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.row import Row, paired

TABLES, ROWS_EACH, ENTERPRISES = 10, 30, 100
CATEGORIES = ("能源消耗", "水资源消耗", "原/辅料资源消耗", "资源综合利用", "污染物产生与排放", "清洁生产管理")


def used() -> float:
    """Processor time of this process and of those that it has waited for."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def project(folder: Path, tables: Sequence[int]) -> Path:
    """A project with these tables; with one it knows of no tables."""
    folder.mkdir()
    several = len(tables) > 1
    book = openpyxl.Workbook()
    info, settings = book.active, book.create_sheet("方法设置")
    info.title = "文件信息"
    for sheet in (info, settings):
        sheet.append(("项目", "内容"))
    info.append(("文件名称", "××行业清洁生产评价指标体系"))
    for pair in (("权重方法", "给定"), *((("多表评定", "取最低"),) if several else ())):
        settings.append(pair)
    first, second = book.create_sheet("一级指标"), book.create_sheet("二级指标")
    own = ("分表",) if several else ()
    first.append((*own, "一级指标", "采用", "权重"))
    second.append((*own, "一级指标", "代码", "二级指标", "单位", "方向", "限定性", "权重"))
    if several:
        listed = book.create_sheet("分表")
        listed.append(("代号", "表题"))
    survey = openpyxl.Workbook(write_only=True)
    each = ROWS_EACH // len(CATEGORIES)
    for t in tables:
        key = (f"工序{t}",) if several else ()
        if several:
            listed.append((key[0], f"第{t}道工序"))
        for c, category in enumerate(CATEGORIES):
            first.append((*key, category, "是", 0.25 if c == 0 else 0.15))
            for i in range(each):
                limiting = "是" if i == 0 and c in (0, 4) else "否"
                name, way = f"工序{t}指标{c}{i}", "越小越好" if i % 2 else "越大越好"
                second.append((*key, category, f"X{t}{c}{i}", name, "kg/t", way, limiting, 1 / each))
        rows = survey.create_sheet(key[0] if several else "调研数据")
        rows.append(("企业", *(f"X{t}{c}{i}" for c in range(len(CATEGORIES)) for i in range(each))))
        draw = random.Random(t)
        for e in range(ENTERPRISES):
            rows.append((f"企业{e:03d}", *(round(draw.lognormvariate(1, 0.4), 3) for _ in range(ROWS_EACH))))
    book.save(folder / "项目.xlsx")
    survey.save(folder / "调研数据.xlsx")
    return folder


def computed(folders: Sequence[Path]) -> float:
    """What a build computes for these projects."""
    from drafting.pipeline.running import run_project
    from drafting.record.results import record

    begun = used()
    for folder in folders:
        run = run_project(folder, until="rules", deep=True)
        parts = [of.trial for of in run.results.tables.values()] or [run.results.trial]
        assert all(trial is not None and trial.details is not None and trial.details.deep for trial in parts)
        json.dumps(record(run), ensure_ascii=False)
    return used() - begun


def ten_tables() -> list[Row]:
    """The row."""
    with tempfile.TemporaryDirectory() as name:
        together = project(Path(name) / "together", range(TABLES))
        apart = [project(Path(name) / f"apart{t}", (t,)) for t in range(TABLES)]
        ours, theirs = paired(lambda: computed([together]), lambda: computed(apart), 2)
    return [Row("ten tables of 30 rows, 100 enterprises each", "processor", "ten projects", theirs, ours, 1.5)]


if __name__ == "__main__":
    (row,) = ten_tables()
    print("  ".join(row.cells()))
