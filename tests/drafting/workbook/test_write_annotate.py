"""Annotated copies: marks, notes, the list; and that the original is never touched."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from drafting.findings import Cell, Finding, Severity
from drafting.workbook.annotate import annotate
from drafting.workbook.project.blank import write_project
from drafting.workbook.style import FAULT


def fault(
    cell: str, message: str = "写错了", *, sheet: str = "二级指标", file: str = "项目.xlsx", **more: object
) -> Finding:
    return Finding("x", Severity.ERROR, message, "改过来", "7", Cell(file, sheet, cell), **more)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_project(tmp_path / "水泥" / "项目.xlsx")
    return tmp_path / "水泥" / "项目.xlsx"


def test_cells_are_marked_and_findings_of_one_cell_share_a_note(project: Path, tmp_path: Path) -> None:
    before = project.read_bytes()
    target = tmp_path / "成果" / "标注" / "项目.xlsx"
    assert annotate(project, [fault("E5", "第一处"), fault("E5", "第二处"), fault("A1", "标题")], target) == target
    assert project.read_bytes() == before
    copy, original = load_workbook(target), load_workbook(project)
    cell = copy["二级指标"]["E5"]
    assert cell.fill.fgColor.rgb == FAULT != original["二级指标"]["E5"].fill.fgColor.rgb
    assert cell.value == original["二级指标"]["E5"].value
    assert all(word in cell.comment.text for word in ("第一处", "第二处", "改过来", "错误"))
    heading = copy["二级指标"]["A1"].comment.text
    assert heading.startswith(original["二级指标"]["A1"].comment.text)
    assert "标题" in heading
    assert copy["二级指标"].data_validations.dataValidation
    unmarked = [c.coordinate for row in copy["二级指标"].iter_rows() for c in row if c.fill.fgColor.rgb == FAULT]
    assert unmarked == ["A1", "E5"]


def test_the_list_holds_every_finding_gravest_first(project: Path, tmp_path: Path) -> None:
    note = Finding("n", Severity.NOTE, "=cmd 没有调研数据", "补上", "5.5.2", Cell("项目.xlsx"))
    annotate(project, [note, fault("B3")], tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames[0] == book.active.title == "问题清单"
    rows = list(book["问题清单"].iter_rows(values_only=True))
    assert rows[1] == (1, "错误", "二级指标", "B3", "7", "写错了", "改过来")
    assert rows[2] == (2, "提示", None, None, "5.5.2", "=cmd 没有调研数据", "补上")
    assert book["问题清单"]["F3"].data_type == "s"
    assert book["问题清单"]["D2"].hyperlink.location or "二级指标" in book["问题清单"]["D2"].hyperlink.target


def test_findings_of_other_files_are_left_aside(tmp_path: Path) -> None:
    for folder in ("判断矩阵", "德尔菲/第1轮"):
        (tmp_path / folder).mkdir(parents=True)
        book = Workbook()
        book.active.title = "二级指标"
        book.save(tmp_path / folder / "专家01.xlsx")
    here, there = "判断矩阵/专家01.xlsx", "德尔菲/第1轮/专家01.xlsx"
    annotate(tmp_path / here, [fault("A1", "这里", file=here), fault("A2", "那里", file=there)], tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["二级指标"]
    assert sheet["A1"].comment is not None
    assert sheet["A2"].comment is None


def test_merged_cells_unknown_sheets_and_an_own_list_do_no_harm(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "问题清单"
    book.create_sheet("二级 指标").merge_cells("A1:B3")
    book["二级 指标"]["A1"].comment = Comment("原有批注", "某人")
    book.save(tmp_path / "项目.xlsx")
    annotate(tmp_path / "项目.xlsx", [fault("B2"), fault("A1", sheet="没有的表")], tmp_path / "a.xlsx")
    copy = load_workbook(tmp_path / "a.xlsx")
    assert copy.sheetnames == ["问题清单2", "问题清单", "二级 指标"]
    text = copy["二级 指标"]["A1"].comment.text
    assert text.startswith("原有批注")
    assert "写错了" in text


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"PK\x03\x04xx"]
)
def test_an_unreadable_workbook_gives_no_copy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "项目.xlsx").write_bytes(content)
    assert annotate(tmp_path / "项目.xlsx", [fault("A1")], tmp_path / "a.xlsx") is None
    assert not (tmp_path / "a.xlsx").exists()


def test_a_workbook_with_a_document_type_gives_no_copy(project: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(project) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "e">]>'
    parts["xl/workbook.xml"] = head + parts["xl/workbook.xml"][parts["xl/workbook.xml"].index(b"<workbook") :]
    with zipfile.ZipFile(project, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    assert annotate(project, [fault("A1")], tmp_path / "a.xlsx") is None
