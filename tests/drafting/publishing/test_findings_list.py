"""检查结果.xlsx and the annotated copies: complete, sortable, linked, written for whatever workbook could be read."""

from __future__ import annotations

import re
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest

from drafting.cli.app import run
from drafting.findings import Cell, finding
from drafting.model.results import Results
from drafting.pipeline.running import run_project
from drafting.publishing.findings_list import write_findings
from drafting.run import Run
from tests.drafting.conftest import ProjectFolder

HEADS = ["序号", "归类", "级别", "原因", "文件", "工作表", "单元格", "条款", "问题", "改法", "代码"]


@pytest.fixture
def wrong(folder: ProjectFolder) -> ProjectFolder:
    """Errors in two workbooks, one in a folder whose name needs escaping."""
    folder.put("二级指标", "G2", "有的")
    for row in range(3, 9):
        folder.put("调研数据", f"E{row}", "·", file="调研数据.xlsx")
    folder.put("一级指标", "B4", "=2+2", file="判断矩阵/E1.xlsx")
    (folder.path / "判断矩阵" / "E1.xlsx").rename(folder.path / "判断矩阵" / "专家 1#.xlsx")
    return folder


def records(path: Path) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(path)["逐处"]
    heads = [cell.value for cell in sheet[1]]
    assert heads == HEADS
    return [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=2)]


def test_every_finding_is_listed_once_with_its_place(wrong: ProjectFolder) -> None:
    run = run_project(wrong.path)
    listed = records(write_findings(run, wrong.path / "成果"))
    wanted = sorted((f.code, f.place.file, f.place.cell, f.message, f.remedy) for f in run.findings)
    found = [(r["代码"], r["文件"] or "", r["单元格"] or "", r["问题"], r["改法"]) for r in listed]
    assert sorted(found) == wanted
    assert [r["序号"] for r in listed] == list(range(1, len(listed) + 1))
    assert listed[0]["归类"] == "必须改正"


def test_the_list_can_be_sorted_and_filtered_and_its_head_stays(wrong: ProjectFolder) -> None:
    path = write_findings(run_project(wrong.path), wrong.path / "成果")
    for sheet in openpyxl.load_workbook(path):
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == f"A1:{openpyxl.utils.get_column_letter(sheet.max_column)}{sheet.max_row}"
        assert not sheet.merged_cells.ranges
        for column in range(1, sheet.max_column + 1):
            assert sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width >= 6


def test_links_lead_to_the_marked_cells_of_the_copies(wrong: ProjectFolder) -> None:
    assert run(["check", str(wrong.path), "--annotate"]) == 1
    results = wrong.path / "成果"
    sheet = openpyxl.load_workbook(results / "检查结果.xlsx")["逐处"]
    followed = set()
    for row in sheet.iter_rows(min_row=2):
        link = row[6].hyperlink
        if link is None:
            continue
        target = results / unquote(link.target)
        assert target.parent == results / "标注" or target.parent.parent == results / "标注"
        title, address = re.fullmatch(r"'?(.*?)'?!(\w+)", link.location).groups()
        cell = openpyxl.load_workbook(target)[title][address]
        assert cell.comment is not None, (target.name, title, address)
        followed.add(target.name)
    assert followed >= {"项目.xlsx", "调研数据.xlsx", "专家 1#.xlsx"}


def test_without_copies_links_lead_to_the_workbooks_themselves(wrong: ProjectFolder) -> None:
    run(["build", str(wrong.path), "--quick"])
    sheet = openpyxl.load_workbook(wrong.path / "成果" / "检查结果.xlsx")["逐处"]
    links = [row[6].hyperlink for row in sheet.iter_rows(min_row=2) if row[6].hyperlink]
    assert links
    assert {(wrong.path / "成果" / unquote(link.target)).resolve().is_file() for link in links} == {True}


def run_of(folder: ProjectFolder, findings: list[Any]) -> Run:
    return Run(folder.load(), Results(), tuple(findings))


def test_what_a_cell_says_is_never_a_formula(folder: ProjectFolder) -> None:
    evil = [
        finding("setting-unknown", Cell("项目.xlsx", "=1+1", "A9"), found='=HYPERLINK("http://x","y")', suggestion=""),
        finding("file-not-read", Cell("=cmd|' /C calc'!A0.xlsx"), file="=cmd|' /C calc'!A0.xlsx"),
    ]  # fmt: skip
    path = write_findings(run_of(folder, evil), folder.path / "成果")
    for sheet in openpyxl.load_workbook(path):
        assert not [c.coordinate for row in sheet.iter_rows() for c in row if c.data_type == "f"]


@pytest.mark.slow
def test_thousands_of_findings_are_written_quickly(folder: ProjectFolder) -> None:
    many = [
        finding(
            "survey-not-a-number", Cell("调研数据.xlsx", "Sheet", f"E{n}"), heading="能耗", found="·", reason="不是数"
        )
        for n in range(2, 2002)
    ]
    start = time.perf_counter()
    path = write_findings(run_of(folder, many), folder.path / "成果")
    assert time.perf_counter() - start < 10
    book = openpyxl.load_workbook(path, read_only=True)
    assert book["逐处"].max_row == 2001
    assert [cell.value for cell in list(book["按原因"].rows)[1]][4] == "调研数据.xlsx·Sheet·E2:E2001"


# --- copies -------------------------------------------------------------------------------------------------------
def rewritten(path: Path, part: str, change: Any) -> None:
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


@pytest.mark.parametrize(
    ("part", "change"),
    [("docProps/core.xml", lambda xml: xml[: len(xml) // 2]), ("docProps/core.xml", lambda xml: b""),
     ("xl/styles.xml", lambda xml: xml.replace(b'patternType="none"', b'patternType="unheard"')),
     ("xl/theme/theme1.xml", lambda xml: xml[:40]), ("docProps/app.xml", lambda xml: b"<a>")],
    ids=["cut-off", "empty", "style", "theme", "app"],
)  # fmt: skip
def test_a_workbook_that_openpyxl_refuses_is_annotated_all_the_same(
    wrong: ProjectFolder, part: str, change: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cut-off docProps/core.xml was exit status 3, a refused style no copy and no word."""
    rewritten(wrong.path / "项目.xlsx", part, change)
    assert run(["check", str(wrong.path), "--annotate"]) == 1
    copy = wrong.path / "成果" / "标注" / "项目.xlsx"
    assert str(copy) in capsys.readouterr().out
    cell = openpyxl.load_workbook(copy)["二级指标"]["G2"]
    assert cell.value == "有的"
    assert cell.comment is not None
    assert "权重写的是“有的”" in cell.comment.text
