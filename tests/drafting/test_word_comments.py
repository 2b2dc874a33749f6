"""Comments that come as Word forms: ordinary headings, merged cells, the body above the table or in a column."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from drafting.opinions import Collected, collect
from drafting.project.strays import strays


def form(
    folder: Path, name: str, rows: list[list[str]], *, above: str = "", merge: tuple[int, int, int] | None = None
) -> None:
    document = docx.Document()
    document.add_paragraph("征求意见表")
    if above:
        document.add_paragraph(above)
    table = document.add_table(len(rows), len(rows[0]))
    for r, row in enumerate(rows):
        for c, words in enumerate(row):
            table.cell(r, c).text = words
    if merge:
        column, first, last = merge
        table.cell(first, column).merge(table.cell(last, column))
    (folder / "意见").mkdir(exist_ok=True)
    document.save(str(folder / "意见" / name))


def said(found: Collected) -> set[tuple[str, str, str]]:
    return {(body, row.opinion.clause, row.opinion.text) for row in found.rows for body in row.bodies}


HEAD = ["序号", "条款编号", "意见及建议", "单位名称"]


def test_a_form_with_a_column_of_bodies(tmp_path: Path) -> None:
    form(
        tmp_path,
        "甲.docx",
        [HEAD, ["1", "4.2", "依据不足", "甲院"], ["2", "表2", "偏严", "甲院"], ["3", "", "无意见", "乙会"]],
    )
    found = collect(tmp_path, None)
    assert said(found) == {("甲院", "4.2", "依据不足"), ("甲院", "表2", "偏严")}
    assert found.silent == ("乙会",)
    assert [f.code for f in found.findings if f.code != "comments-waiting"] == []
    assert strays(tmp_path) == []


def test_a_clause_merged_over_its_comments_is_that_of_each(tmp_path: Path) -> None:
    rows = [HEAD, ["1", "4.2", "依据不足", "甲院"], ["2", "", "措辞", "甲院"], ["3", "5.1", "改写", "甲院"]]
    form(tmp_path, "甲.docx", rows, merge=(1, 1, 2))
    assert said(collect(tmp_path, None)) == {
        ("甲院", "4.2", "依据不足"),
        ("甲院", "4.2", "措辞"),
        ("甲院", "5.1", "改写"),
    }


@pytest.mark.parametrize(
    ("above", "block"),
    [
        ("单位名称（盖章）：甲研究院", []),
        ("", [["单位名称", "甲研究院", "联系人", "略"]]),
        ("", [["填表单位：甲研究院（盖章）", "", "电话：略", ""]]),
    ],
)
def test_the_body_above_the_table_is_that_of_every_row(tmp_path: Path, above: str, block: list[list[str]]) -> None:
    rows = [*block, ["序号", "章条编号", "修改意见", "建议"], ["1", "4.2", "依据不足", "补充依据"]]
    form(tmp_path, "甲.docx", rows, above=above)
    found = collect(tmp_path, None)
    assert said(found) == {("甲研究院", "4.2", "依据不足")}
    assert found.rows[0].opinion.proposal == "补充依据"
    assert found.rows[0].opinion.place.sheet == "表格1"


def test_what_is_no_form_is_said(tmp_path: Path) -> None:
    form(tmp_path, "信.docx", [["致", "函"], ["同意", "。"]])
    (tmp_path / "意见" / "坏.docx").write_bytes(b"PK\x03\x04")
    form(tmp_path, "无单位.docx", [["章条编号", "意见内容"], ["4.2", "依据不足"]])
    codes = {(f.code, f.place.file) for f in collect(tmp_path, None).findings if f.code != "comments-waiting"}
    assert ("comments-no-table", "意见/信.docx") in codes
    assert ("comment-no-body", "意见/无单位.docx") in codes
    assert any(file == "意见/坏.docx" for _, file in codes)


@pytest.mark.parametrize("numbered", [True, False])
def test_a_title_over_all_columns_is_no_comment(tmp_path: Path, numbered: bool) -> None:
    """一、总体意见 was reported as a comment without words."""
    head = ["序号", "章条编号", "意见内容", "修改建议"] if numbered else ["章条编号", "意见内容", "修改建议", "备注"]
    rows = [["单位名称", "甲院", "联系人", "略"], head, ["一、总体意见", "", "", ""], head]
    rows[3] = ["1", "4.2", "依据不足", ""] if numbered else ["4.2", "依据不足", "", ""]
    form(tmp_path, "甲.docx", rows)
    document = docx.Document(str(tmp_path / "意见" / "甲.docx"))
    table = document.tables[0]
    table.cell(2, 0).merge(table.cell(2, 3)).text = "一、总体意见"
    document.save(str(tmp_path / "意见" / "甲.docx"))
    found = collect(tmp_path, None)
    assert said(found) == {("甲院", "4.2", "依据不足")}
    assert "comment-blank" not in {f.code for f in found.findings}
