"""Decisions typed into 意见汇总处理表 or a form come back into 记录/意见处理.xlsx; where two differ, both are named."""

from __future__ import annotations

from pathlib import Path

import docx
import openpyxl
import pytest

from drafting.keeping import Keeper
from drafting.opinions import Collected, collect, record_new, write_table
from drafting.workbook.opinions.opinion import Handling
from drafting.workbook.opinions.words import said_of

TEXTS = ("原则不够具体。", "表太宽。", "建议增加指标。", "术语有误。")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Four comments, written into the record and the table."""
    (tmp_path / "意见").mkdir()
    book = openpyxl.Workbook()
    book.worksheets[0].append(["单位", "章条", "意见内容", "修改建议"])
    for number, text in enumerate(TEXTS, 1):
        book.worksheets[0].append(["甲研究院", f"5.{number}", text, ""])
    book.save(tmp_path / "意见" / "甲.xlsx")
    written(tmp_path)
    return tmp_path


def written(root: Path) -> Collected:
    """What a build does with comments."""
    collected = collect(root, None)
    assert record_new(root, collected) == []
    with Keeper(root).stage() as stage:
        write_table(collected, stage.folder)
    return collected


def put(root: Path, name: str, **cells: object) -> Path:
    path = root / name
    book = openpyxl.load_workbook(path)
    for cell, value in cells.items():
        book.worksheets[0][cell] = value
    book.save(path)
    return path


TABLE, RECORD = "成果/意见汇总处理表.xlsx", "记录/意见处理.xlsx"
WORD = "成果/意见汇总处理表.docx"


def put_word(root: Path, cells: dict[tuple[int, int], str], name: str = WORD, *, last_first: bool = False) -> Path:
    """Type into cells of a Word table, by row of the comments and column from 1; ``last_first`` then sorts the rows."""
    document = docx.Document(str(root / name))
    table = document.tables[-1]
    for (row, column), words in cells.items():
        table.rows[row].cells[column - 1].text = words
    if last_first:
        table._tbl.append(table.rows[1]._tr)
    document.save(str(root / name))
    return root / name


def form(root: Path, name: str, *rows: list[str]) -> None:
    """A Word form of one body whose rows say under 处理意见 what was decided."""
    document = docx.Document()
    document.add_paragraph("单位名称：乙研究院")
    table = document.add_table(0, 4)
    for row in (["章条编号", "意见内容", "处理意见", "理由"], *rows):
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    document.save(str(root / "意见" / name))


def record(root: Path) -> list[tuple[object, object]]:
    sheet = openpyxl.load_workbook(root / RECORD).worksheets[0]
    return [(sheet.cell(r, 6).value, sheet.cell(r, 7).value) for r in range(2, sheet.max_row + 1)]


def said(collected: Collected) -> list[tuple[str, str, str]]:
    return [(f.code, str(f.place), f.message) for f in collected.findings if f.code.startswith("handling")]


def test_decisions_typed_into_the_table_reach_the_record(root):
    """采纳 typed there was kept in its file and nowhere used."""
    typed = put(root, TABLE, F2="采纳", F3="部分采纳", G3="表 2 已分页。").read_bytes()
    found = written(root)
    assert record(root) == [("采纳", None), ("部分采纳", "表 2 已分页。"), (None, None), (None, None)]
    assert [row.handling for row in found.rows] == [Handling.ACCEPTED, Handling.PARTLY, None, None]
    ((code, place, message),) = said(found)
    assert (code, place) == ("handling-carried", "成果/意见汇总处理表.xlsx·意见汇总处理表·F2")
    assert "2 条" in message
    assert (root / TABLE).read_bytes() == typed
    again = written(root)
    assert said(again) == []
    assert record(root)[:2] == [("采纳", None), ("部分采纳", "表 2 已分页。")]


def test_a_decision_on_a_comment_that_is_new_in_the_record_is_not_lost(root):
    put(root, TABLE, F2="采纳")
    (root / RECORD).unlink()
    written(root)
    assert record(root)[0] == ("采纳", None)


def test_two_decisions_that_differ_are_named_with_both_cells_and_none_is_changed(root):
    put(root, TABLE, F2="采纳", F3="不采纳", G3="不需要。", F4="采纳")
    put(root, RECORD, F2="不采纳", G2="已有规定。", F3="不采纳", G3="没有数据。", F4="采纳")
    before = (root / RECORD).read_bytes(), (root / TABLE).read_bytes()
    found = written(root)
    first, second = said(found)
    assert (first[0], first[1]) == ("handling-conflict", f"{TABLE}·意见汇总处理表·F2")
    assert all(w in first[2] for w in (f"{RECORD}·意见处理·F2", "“采纳”", "“不采纳：已有规定。”"))
    assert f"{RECORD}·意见处理·G3" in second[2]
    assert ((root / RECORD).read_bytes(), (root / TABLE).read_bytes()) == before
    assert found.rows[0].handling is Handling.REJECTED


def test_what_the_program_wrote_there_is_nobodys_decision(root):
    """A table with an old decision of the record in one row, and something typed in another."""
    put(root, RECORD, F2="采纳")
    written(root)
    put(root, TABLE, F3="采纳")
    put(root, RECORD, F2="不采纳", G2="改了主意。")
    assert [code for code, _, _ in said(written(root))] == ["handling-carried"]
    assert record(root)[:2] == [("不采纳", "改了主意。"), ("采纳", None)]


def test_a_decision_taken_out_of_the_table_is_said(root):
    put(root, RECORD, F2="采纳")
    written(root)
    put(root, TABLE, F2=None)
    ((code, _, message),) = said(written(root))
    assert (code, "“空白”" in message) == ("handling-conflict", True)
    assert record(root)[0] == ("采纳", None)


def test_rows_sorted_reworded_and_foreign(root):
    put(
        root,
        TABLE,
        A2="3",
        B2="5.3",
        C2="建议增加指标（改写）。",
        F2="采纳",
        C3="别处的意见。",
        A3="9",
        F3="采纳",
        F4="好的",
    )
    found = said(written(root))
    assert sorted(code for code, _, _ in found) == ["handling-carried", "handling-unmatched", "handling-wrong"]
    assert record(root) == [(None, None), (None, None), ("采纳", None), (None, None)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x00" * 99])
def test_a_table_that_cannot_be_read_is_a_finding(root, content):
    (root / TABLE).write_bytes(content)
    found = collect(root, None)
    assert TABLE in {f.place.file for f in found.findings}
    assert len(found.rows) == len(TEXTS)


def test_the_table_as_written_is_not_read(root, monkeypatch):
    monkeypatch.setattr("drafting.opinions.read_typed", lambda *_: pytest.fail("not changed by anybody"))
    assert len(written(root).rows) == len(TEXTS)


def test_decisions_typed_into_the_word_table_reach_the_record_as_well(root):
    """意见汇总处理表.docx was kept, and what was typed into it was nowhere used."""
    typed = put_word(root, {(1, 6): "采纳", (2, 6): "未采纳，表已分页", (3, 7): "再议"}, last_first=True).read_bytes()
    written(root)
    assert record(root) == [("采纳", None), ("不采纳", "表已分页"), (None, "再议"), (None, None)]
    assert (root / WORD).read_bytes() == typed
    assert said(written(root)) == []
    put(root, RECORD, F2="不采纳", G2="改了主意。")
    ((code, place, message),) = said(written(root))
    assert (code, place) == ("handling-conflict", f"{WORD}·表格1·F5")
    assert f"{RECORD}·意见处理·F2" in message


def test_what_the_program_wrote_into_the_word_table_is_nobodys_decision(root):
    put(root, RECORD, F2="采纳")
    written(root)
    put_word(root, {(2, 6): "采纳"})
    put(root, RECORD, F2="不采纳", G2="改了主意。")
    assert [code for code, _, _ in said(written(root))] == ["handling-carried"]
    assert record(root)[:2] == [("不采纳", "改了主意。"), ("采纳", None)]


def test_the_two_tables_that_differ_are_named_with_both_rows(root):
    put(root, TABLE, F3="采纳")
    put_word(root, {(2, 6): "不采纳：没有数据"})
    codes = {code: (place, message) for code, place, message in said(written(root))}
    assert set(codes) == {"handling-carried", "handling-conflict"}
    place, message = codes["handling-conflict"]
    places = {f"{WORD}·表格1·F3", f"{TABLE}·意见汇总处理表·F3"}
    assert {place, *(p for p in places if p in message)} == places


def test_a_form_that_holds_decisions_is_read_and_two_forms_that_differ_are_named(root):
    form(
        root,
        "乙.docx",
        ["5.1", "原则不够具体。", "部分采纳：已补充。", ""],
        ["5.9", "另一条。", "采纳", ""],
        ["6", "再一条。", "", ""],
    )
    written(root)
    assert record(root)[0] == ("部分采纳", "已补充。")
    assert record(root)[4:] == [("采纳", None), (None, None)]
    form(root, "丙.docx", ["5.1", "原则不够具体。", "采纳", ""])
    conflicts = [(place, message) for code, place, message in said(written(root)) if code == "handling-conflict"]
    assert [place for place, _ in conflicts] == ["意见/丙.docx·表格1·C2"]
    assert f"{RECORD}·意见处理·F2" in conflicts[0][1]


def test_one_decision_merged_over_two_comments_is_that_of_each(root):
    form(root, "乙.docx", ["5.9", "甲说。", "采纳", ""], ["5.9", "乙说。", "", ""])
    document = docx.Document(str(root / "意见" / "乙.docx"))
    table = document.tables[0]
    table.cell(1, 2).merge(table.cell(2, 2))
    document.save(str(root / "意见" / "乙.docx"))
    written(root)
    assert record(root)[4:] == [("采纳", None), ("采纳", None)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("采纳", (Handling.ACCEPTED, "")),
        ("已采纳。", (Handling.ACCEPTED, "")),
        ("部分采纳（已改表 2（见 4.4））", (Handling.PARTLY, "已改表 2（见 4.4）")),
        ("未予采纳，理由：没有数据", (Handling.REJECTED, "没有数据")),
        ("不采纳意见", (Handling.REJECTED, "")),
        ("待处理", (None, "")),
        ("—", (None, "")),
    ],
)
def test_the_three_words_are_understood_however_they_are_put(words, found):
    assert said_of(words, "") == (*found, True)


@pytest.mark.parametrize("words", ["好的", "采纳后再议", "不同意", "√"])
def test_other_words_are_no_decision(words):
    assert said_of(words, "") == (None, "", False)
