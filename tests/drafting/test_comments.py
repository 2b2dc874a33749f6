"""意见汇总处理表: read, checked, merged, numbered by clause, handling kept; findings as Word comments."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree

from drafting.opinions import collect, record_new, write_table

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "建筑陶瓷"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

RETURNED = {
    "甲": [
        ("甲研究院", "5.1", "计算步骤不清。", "给出示例。"),
        ("甲研究院", "第 4.1 条", "原则不够具体。", ""),
        ("甲研究院", "全文", "文字宜精炼。", ""),
    ],
    "乙": [
        ("乙公司", "4.1", "原则不够具体。", ""),
        ("乙公司", "表 1", "=1+1", "+改"),
        ("乙公司", "附录A", "表太宽。", ""),
    ],
    "丙": [("丙学会", "", "无意见", "")],
}


@pytest.fixture(scope="module")
def document() -> Any:
    from drafting.document.compose import compose
    from drafting.pipeline.running import run_project

    run = run_project(EXAMPLE, until="weights")
    assert run.project.inputs is not None
    return compose(run.project.inputs, run.results)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "意见").mkdir()
    for name, rows in RETURNED.items():
        put(tmp_path, name, rows)
    return tmp_path


def put(
    folder: Path,
    name: str,
    rows: list[tuple[str, ...]],
    headings: tuple[str, ...] = ("单位", "章条", "意见内容", "修改建议"),
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    book.save(folder / "意见" / f"{name}.xlsx")


def codes(folder: Path, document: Any) -> list[str]:
    return [f.code for f in collect(folder, document).findings]


def test_comments_are_merged_numbered_by_clause_and_counted(folder: Path, document: Any) -> None:
    found = collect(folder, document)
    assert [(r.number, r.opinion.text, r.bodies) for r in found.rows] == [
        (1, "文字宜精炼。", ("甲研究院",)),
        (2, "原则不够具体。", ("乙公司", "甲研究院")),
        (3, "=1+1", ("乙公司",)),
        (4, "计算步骤不清。", ("甲研究院",)),
        (5, "表太宽。", ("乙公司",)),
    ]
    assert found.counts == {"采纳": 0, "部分采纳": 0, "不采纳": 0, "待处理": 5}
    assert found.silent == ("丙学会",)
    assert [f.code for f in found.findings] == ["comments-waiting"]


def written(folder: Path, document: Any) -> list[Path]:
    """Record what is new and write the table."""
    collected = collect(folder, document)
    assert record_new(folder, collected) == []
    return write_table(collected, folder / "成果")


def test_an_unknown_clause_is_flagged_at_its_cell(folder: Path, document: Any) -> None:
    put(folder, "丁", [("丁协会", "9.9", "无此条。", ""), ("丁协会", "5.2", "好。", "")])
    found = [f for f in collect(folder, document).findings if f.code == "comment-clause-unknown"]
    assert [(f.place.file, f.place.cell) for f in found] == [("意见/丁.xlsx", "B2")]
    assert collect(folder, document).rows[-1].opinion.text == "无此条。"
    assert not collect(folder, document).rows[-1].known


def test_handling_is_kept_and_what_stands_there_is_never_altered(folder: Path, document: Any) -> None:
    written(folder, document)
    kept = folder / "记录" / "意见处理.xlsx"
    book = openpyxl.load_workbook(kept)
    sheet = book.active
    assert sheet is not None
    assert sheet.max_row == 6
    rows = {sheet.cell(r, 3).value: r for r in range(2, 7)}
    sheet.cell(rows["原则不够具体。"], 6).value = "采纳"
    sheet.cell(rows["表太宽。"], 6).value = "不采纳"
    sheet.cell(rows["表太宽。"], 7).value = "表 A.1 的样式由标准规定。"
    sheet.cell(rows["表太宽。"], 9).value = "委员会自己的列"
    book.save(kept)
    put(folder, "戊", [("戊大学", "5.2", "新意见。", "")])
    (folder / "意见" / "乙.xlsx").unlink()
    written(folder, document)
    after = openpyxl.load_workbook(kept).active
    assert after is not None
    assert after.max_row == 7
    assert after.cell(rows["原则不够具体。"], 6).value == "采纳"
    assert after.cell(rows["表太宽。"], 9).value == "委员会自己的列"
    assert after.cell(7, 3).value == "新意见。"
    found = collect(folder, document)
    assert found.counts == {"采纳": 1, "部分采纳": 0, "不采纳": 1, "待处理": 4}
    assert "comment-gone" in [f.code for f in found.findings]
    before = kept.read_bytes()
    written(folder, document)
    assert kept.read_bytes() == before  # nothing new: the file is not touched


def test_the_table_in_word_and_excel_says_the_same(folder: Path, document: Any) -> None:
    word, excel = written(folder, document)
    sheet = openpyxl.load_workbook(excel).active
    assert sheet is not None
    cells = [[c.value for c in row] for row in sheet.iter_rows(min_row=2, max_row=6)]
    with zipfile.ZipFile(word) as package:
        root = etree.fromstring(package.read("word/document.xml"))
    table = next(root.iter(f"{W}tbl"))
    said = [["".join(t.text or "" for t in c.iter(f"{W}t")) for c in r.iter(f"{W}tc")] for r in table.iter(f"{W}tr")]
    assert said[1:] == [[*(v or "—" for v in row[:-1]), row[-1] or ""] for row in cells]
    hostile = next(c for row in sheet.iter_rows() for c in row if c.value == "=1+1")
    assert hostile.data_type == "s"
    assert "共 2 个单位提出意见，另有 1 个单位无意见" in str(sheet.cell(8, 1).value)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("", "5.1", "没有单位。", "")], "comment-no-body"),
        ([("己", "5.1", "", "")], "comment-blank"),
    ],
)
def test_rows_that_lack_something(folder: Path, document: Any, rows: list[Any], code: str) -> None:
    put(folder, "己", rows)
    assert code in codes(folder, document)


@pytest.mark.parametrize(
    ("said", "reason", "code"), [("同意", "", "handling-wrong"), ("不采纳", "", "handling-no-reason")]
)
def test_decisions_are_checked_at_their_cell(folder: Path, document: Any, said: str, reason: str, code: str) -> None:
    written(folder, document)
    kept = folder / "记录" / "意见处理.xlsx"
    book = openpyxl.load_workbook(kept)
    sheet = book.active
    assert sheet is not None
    sheet["F2"], sheet["G2"] = said, reason
    book.save(kept)
    found = [f for f in collect(folder, document).findings if f.code == code]
    assert [f.place.cell for f in found] == ["F2" if code == "handling-wrong" else "G2"]


def test_damaged_files_and_wrong_headings_are_findings(folder: Path, document: Any) -> None:
    (folder / "意见" / "坏.xlsx").write_bytes(b"")
    put(folder, "错", [("x", "5.1", "y", "")], ("单位", "章节号", "意见内容", "修改建议"))
    found = codes(folder, document)
    assert "file-empty" in found
    assert "heading-misspelt" in found or "heading-missing" in found


def test_a_damaged_record_of_handling_is_not_written_over(folder: Path, document: Any) -> None:
    (folder / "记录").mkdir()
    (folder / "记录" / "意见处理.xlsx").write_bytes(b"nothing")
    collected = collect(folder, document)
    assert "file-not-workbook" in [f.code for f in collected.findings]
    assert record_new(folder, collected) == []
    assert (folder / "记录" / "意见处理.xlsx").read_bytes() == b"nothing"


def test_without_comments_there_is_nothing_to_say(tmp_path: Path, document: Any) -> None:
    found = collect(tmp_path, document)
    assert (found.rows, found.findings) == ((), ())


# --- findings as Word comments ----------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def commented(tmp_path_factory: Any) -> tuple[Path, Path]:
    """The example's draft with comments, made twice."""
    from drafting.document.compose import compose
    from drafting.pipeline.running import run_project
    from drafting.render.docx import render_docx
    from drafting.render.docx.comments import add_comments

    run = run_project(EXAMPLE)
    inputs = run.project.inputs
    assert inputs is not None
    assert inputs.survey is not None
    document = compose(inputs, run.results)
    private = [*(e.code for e in inputs.experts), *inputs.survey.enterprises]
    made = []
    for name in ("一", "二"):
        path = tmp_path_factory.mktemp("批注") / f"{name}.docx"
        render_docx(document, path)
        assert add_comments(path, document, run.findings, run.project.provenance, private) > 5
        made.append(path)
    return made[0], made[1]


@pytest.fixture
def rendered(commented: tuple[Path, Path]) -> Path:
    return commented[0]


def comments_of(path: Path) -> tuple[Any, Any]:
    with zipfile.ZipFile(path) as package:
        return etree.fromstring(package.read("word/comments.xml")), etree.fromstring(package.read("word/document.xml"))


def test_findings_stand_at_their_place(rendered: Path) -> None:
    comments, document = comments_of(rendered)
    texts = {c.get(f"{W}id"): "".join(t.text or "" for t in c.iter(f"{W}t")) for c in comments}
    number = next(i for i, text in texts.items() if "已收严为" in text)
    start = next(e for e in document.iter(f"{W}commentRangeStart") if e.get(f"{W}id") == number)
    heading = start.getparent()
    assert "".join(t.text or "" for t in heading.iter(f"{W}t")) == "\u3000单位产品颗粒物排放量"
    assert {c.get(f"{W}author") for c in comments} == {"drafting"}
    assert {c.get(f"{W}date") for c in comments} == {"2000-01-01T00:00:00Z"}
    starts = [e.get(f"{W}id") for e in document.iter(f"{W}commentRangeStart")]
    assert sorted(starts) == sorted(texts)


def test_the_public_edition_names_no_enterprise_and_no_expert_in_comments(rendered: Path) -> None:
    comments, _ = comments_of(rendered)
    whole = "".join(t.text or "" for t in comments.iter(f"{W}t"))
    assert "合成企业" not in whole
    assert "专家01" not in whole
    assert "未列入公开版" in whole


def test_the_same_findings_give_the_same_bytes(commented: tuple[Path, Path]) -> None:
    assert commented[0].read_bytes() == commented[1].read_bytes()


@pytest.mark.slow
def test_the_command_writes_comments_and_the_table(tmp_path: Path, capfd: Any) -> None:
    from drafting.cli.app import run

    shutil.copy(EXAMPLE / "项目.xlsx", tmp_path)
    (tmp_path / "意见").mkdir()
    put(tmp_path, "甲", RETURNED["甲"])
    run(["render", str(tmp_path), "--to", "docx,comments", "--comments", "--json"])
    files = [Path(f) for f in json.loads(capfd.readouterr().out)["files"]]
    assert {"意见汇总处理表.docx", "意见汇总处理表.xlsx"} <= {f.name for f in files}
    draft = next(f for f in files if f.suffix == ".docx" and "汇总" not in f.name)
    assert len(comments_of(draft)[0]) > 0
