"""The draft as Markdown, read back by a CommonMark parser."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.document.tree import Cell, Clause, Column, Formula, InlineFormula, Strong, Symbol, Table, Text
from drafting.render.markdown import render_markdown
from tests.drafting.render.small_draft import SYSTEM, paragraph, small_draft, text

markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py reads the result back")

HOSTILE = "<script>alert(1)</script>|*粗*_斜_ $x$ [链](http://a) `码` &lt; 85~90~ \\"


def tokens(markdown: str):
    return markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)


def inline(markdown: str):
    return [child for token in tokens(markdown) if token.type == "inline" for child in token.children]


def with_chapter(*blocks) -> str:
    draft = small_draft()
    chapter = Clause("题", blocks, level=1, number="1")
    return render_markdown(replace(draft, chapters=(chapter,), annexes=(), bibliography=None))


def table_cells(markdown: str) -> list[list[str]]:
    rows, current = [], None
    for token in tokens(markdown):
        if token.type == "tr_open":
            current = []
        elif token.type == "inline" and current is not None:
            current.append("".join(c.content for c in token.children if c.type in ("text", "html_inline")))
        elif token.type == "tr_close":
            rows.append(current)
            current = None
    return rows


def test_one_title_then_chapters_in_order():
    found = tokens(render_markdown(small_draft()))
    headings = [(t.tag, found[i + 1].content) for i, t in enumerate(found) if t.type == "heading_open"]
    assert [h for h in headings if h[0] == "h1"] == [("h1", "水泥行业清洁生产评价指标体系")]
    assert ("h2", "4　评价指标体系") in headings
    assert ("h3", "4.2　指标体系表") in headings
    assert ("h2", "附录 A（资料性）指标计算方法") in headings
    baselines = [int(tag[1]) for tag, _ in headings]
    assert all(after - before <= 1 for before, after in pairwise(baselines))


def test_every_row_of_the_indicator_table_has_every_column():
    rows = table_cells(render_markdown(small_draft()))
    assert {len(row) for row in rows} == {9}
    assert len(rows) == 1 + sum(len(indicators) for _, _, indicators in SYSTEM)


def test_a_merged_category_stands_in_its_first_row():
    column = [row[0] for row in table_cells(render_markdown(small_draft()))[1:]]
    expected = [c if n == 0 else "" for c, _, indicators in SYSTEM for n in range(len(indicators))]
    assert column == expected


def test_a_cell_over_several_grades_is_repeated():
    table = Table(
        "t",
        "表",
        (Column(1), Column(1), Column(1)),
        ((Cell(text("甲"), rowspan=2), Cell(text("基准值"), colspan=2)), (Cell(text("Ⅰ级")), Cell(text("Ⅱ级")))),
        ((Cell(text("乙")), Cell(text("国内先进"), colspan=2)),),
        unit="单位为吨",
        number="1",
    )
    written = with_chapter(table)
    assert table_cells(written) == [["甲", "基准值<br>Ⅰ级", "基准值<br>Ⅱ级"], ["乙", "国内先进", "国内先进"]]
    assert "*单位为吨*" in written


def test_line_breaks_stay_in_cells_and_words():
    assert "第一行<br>第二行" in with_chapter(paragraph("第一行\n第二行"))
    assert "第一行<br>第二行" in render_markdown(small_draft("第一行\n第二行"))


def test_footnotes_and_notes_follow_the_table():
    written = render_markdown(small_draft())
    after = written[written.rindex("| ≤0.08 |") :]
    assert after.index("注：附加指标") < after.index("<sup>a</sup> 限定性指标。") < after.index("## 5")


def test_formulas_are_displayed_with_their_number():
    written = render_markdown(small_draft())
    assert "$$\nE = \\frac{综合能耗}{合格产品产量} \\tag{A.1}\n$$" in written
    assert "- $x_{ij}$ —— 第i个一级指标" in written
    assert "二级指标 $x_{ij}$ 对于级别 $g_k$ 的隶属函数；" in written


def test_a_broken_formula_is_code_not_markup():
    written = with_chapter(Formula("\\frac{a}$$ <b>", number="1"), paragraph("按", InlineFormula("a_`"), "计算"))
    assert "` \\frac{a}$$ <b> `" in written
    assert "`` a_` ``" in written
    assert "html" not in {t.type.split("_")[0] for t in (*tokens(written), *inline(written))}


def test_bars_in_formulas_do_not_end_a_cell():
    table = Table("t", "表", (Column(1), Column(1)), (), ((Cell((InlineFormula("|x| + \\|y\\|"),)), Cell(text("值"))),))
    assert table_cells(with_chapter(table))[1] == ["$\\vert x\\vert  + \\Vert y\\Vert $", "值"]


def test_references_and_numbers_are_text():
    written = render_markdown(small_draft())
    assert "指标体系见表1。" in written
    assert "排放按第5章评价。" in written
    assert "按公式（A.1）计算，见图A.1。" in written


def test_hostile_words_stay_words():
    written = render_markdown(small_draft(HOSTILE))
    found = inline(written)
    assert [t.content for t in found if t.type == "html_inline"] == ["<sub>", "</sub>"] + ["<sup>", "</sup>"] * 4
    assert {t.type for t in found} <= {"text", "text_special", "html_inline", "strong_open", "strong_close", "em_open",
                                       "em_close", "softbreak"}  # fmt: skip
    assert {len(cells) for cells in table_cells(written)} == {9}


@pytest.mark.parametrize(
    "words", ["# 标题", "- 列项", "1. 第一", "1) 第一", "+ 甲", "> 引文", "---", "===", "    代码", "~~~"]
)
def test_a_paragraph_stays_a_paragraph(words):
    types = [t.type for t in tokens(with_chapter(paragraph(words)))]
    before = [t.type for t in tokens(with_chapter(paragraph("文字")))]
    assert types == before


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_any_words_come_back_as_typed(words):
    written = with_chapter(paragraph("甲", words, "乙"))
    found = tokens(written)
    at = max(i for i, t in enumerate(found) if t.type == "paragraph_open")
    read = "".join(child.content for child in found[at + 1].children if child.type != "html_inline")  # <br> for a line
    assert "".join(read.split()) == "".join(f"甲{strip_controls(words)}乙".split())


def strip_controls(words: str) -> str:
    # CommonMark itself turns U+0000 into U+FFFD; control characters become blanks here.
    return "".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in words)


def test_emphasis_beside_quotation_marks_and_han():
    written = with_chapter(paragraph("见", Strong("“限定性指标”"), "一栏，", Strong("清洁生产"), "为先"))
    assert "见<strong>“限定性指标”</strong>一栏，**清洁生产**为先" in written


def test_internal_edition_and_flags_are_marked():
    assert "> **内部资料** · **合成数据**" in render_markdown(small_draft(edition="internal"))
    assert "内部资料" not in render_markdown(small_draft())


def test_rows_without_merged_cells_are_kept_whole():
    table = Table("t", "表", (Column(1), Column(1)), (), ((Cell((Text("甲"),)),),), number="2")
    assert table_cells(with_chapter(table)) == [["", ""], ["甲", ""]]


def test_symbols_of_a_formula_without_number():
    written = with_chapter(Formula("a", numbered=False, where=(Symbol("a", text("甲。")),)))
    assert "$$\na\n$$\n\n式中：\n\n- $a$ —— 甲。" in written
