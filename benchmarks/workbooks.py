"""Reading many experts' workbooks, beside openpyxl alone: ``python benchmarks/workbooks.py [EXPERTS]`` (1,000).

A project with Table A.1 is made, one AHP questionnaire (nine matrices) and one Delphi questionnaire are filled in and
copied for every expert. Compared are medians of interleaved runs: openpyxl opening every file in its fastest mode and
walking over all cells, one file after the other; and ``load_project``, which opens, checks, understands and weighs
every cell, on all cores. Aim: at most 1.5 times openpyxl. On a terminal a progress bar shows.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl

if Path(sys.path[0]) == Path(__file__).parent:  # another benchmark here is called weighting.py
    del sys.path[0]

from drafting.cli.progress import progress
from drafting.model.experts import Expert
from drafting.pipeline.questionnaires import write_ahp, write_delphi
from drafting.project.folder import load_project
from drafting.workbook.project.blank import prefilled, write_project

RUNS = 3


def make(folder: Path, experts: int) -> list[Path]:
    panel = tuple(Expert(f"E{k:04d}") for k in range(experts))
    write_project(folder / "项目.xlsx", replace(prefilled(), experts=panel))
    project = load_project(folder)
    assert project.inputs is not None
    one = replace(project, inputs=replace(project.inputs, experts=panel[:1]))
    blanks = {
        folder / "判断矩阵": write_ahp(one).files[0],
        folder / "德尔菲" / "第1轮": write_delphi(one, 1, today=date(2026, 1, 1)).files[0],
    }
    files = []
    for target, blank in blanks.items():
        target.mkdir(parents=True)
        book = openpyxl.load_workbook(blank)
        fill(book)
        book.save(folder / "filled.xlsx")
        for expert in panel:
            files.append(target / f"{expert.code}.xlsx")
            _copy(folder / "filled.xlsx", files[-1], panel[0].code, expert.code)
    (folder / "记录" / "问卷发放.json").unlink()  # it names the first expert alone
    return files


def _copy(filled: Path, target: Path, first: str, code: str) -> None:
    """Copy a filled questionnaire as another expert's, its identity included."""
    with zipfile.ZipFile(filled) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, old.read(part).replace(first.encode(), code.encode()))


def fill(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets[2:]:
        if sheet.title == "其他意见":
            continue
        heads = {c.value: c.column for c in sheet[4]}
        if "权重" not in heads:
            for row in sheet.iter_rows(min_row=4):
                for cell in row:
                    if not cell.protection.locked:
                        cell.value = 2
            continue
        groups: dict[object, list[int]] = {}
        for row in range(5, sheet.max_row + 1):
            groups.setdefault(sheet.cell(row, 1).value if "二级指标" in heads else "", []).append(row)
        for rows in groups.values():
            for k, row in enumerate(rows):
                share = 100 // len(rows)
                sheet.cell(row, heads["权重"]).value = share + (100 - share * len(rows) if k == 0 else 0)


def bare(files: list[Path]) -> int:
    cells = 0
    for file in files:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        for sheet in book.worksheets:
            for row in sheet.iter_rows(values_only=True):
                cells += len(row)
        book.close()
    return cells


def ours(folder: Path, parallel: bool) -> int:
    with progress("读取问卷") as tick:
        project = load_project(folder, tick=tick, parallel=parallel)
    assert project.inputs is not None
    return len(project.inputs.judgements) + len(project.inputs.delphi[0].answers)


def timed(work: Callable[[], int]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    experts = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = make(folder, experts)
        assert ours(folder, True) == experts * (9 + 1), "nine matrices and one Delphi answer of each are read"
        runs = {
            "openpyxl alone": lambda: bare(files),
            "load_project, one core": lambda: ours(folder, False),
            "load_project, all cores": lambda: ours(folder, True),
        }
        times = {label: [] for label in runs}
        for _ in range(RUNS if experts <= 300 else 1):
            for label, work in runs.items():
                times[label].append(timed(work))
        base = statistics.median(times["openpyxl alone"])
        print(f"{len(files)} workbooks of {experts} experts")
        for label, of in times.items():
            median = statistics.median(of)
            print(f"{label:<26}{median:8.2f} s   {median / base:5.2f} × openpyxl")


if __name__ == "__main__":
    main()
