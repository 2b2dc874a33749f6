"""The notation of clause texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.document import markup
from drafting.document.markup import MarkupError, read
from drafting.document.tree import (
    Clause,
    Example,
    Figure,
    Formula,
    InlineFormula,
    ListBlock,
    Note,
    Paragraph,
    Reference,
    Strong,
    Text,
    plain,
)


def test_every_kind_of_line() -> None:
    blocks = read(
        """
        第一段，$x_{i}$和**黑体**。
        —— 甲；
        · 子项；
        —— 乙。
        a) 一；
        1) 二；
        b) 三。
        $$ E = \\frac{a}{b} $$ @eq:e
        式中：
        $E$ —— 能耗；
        $a$ —— 总量。
        $$ x = 1 $$ @-
        注：说明。
        示例：例子。
        # 标题 @anchor
        段。
        ##- 无标题条：
        # 另一标题
        段。
        """
    )
    kinds = [type(b) for b in blocks]
    assert kinds == [Paragraph, ListBlock, ListBlock, Formula, Formula, Note, Example, Clause, Clause]
    paragraph, dashes, letters, formula, bare, note, _, first, second = blocks
    assert isinstance(paragraph, Paragraph)
    assert paragraph.runs == (Text("第一段，"), InlineFormula("x_{i}"), Text("和"), Strong("黑体"), Text("。"))
    assert isinstance(dashes, ListBlock)
    assert isinstance(letters, ListBlock)
    assert [plain(i.runs) for i in dashes.items] == ["甲；", "乙。"]
    assert dashes.items[0].sublist is not None
    assert (letters.kind, letters.items[0].sublist and letters.items[0].sublist.kind) == ("letter", "number")
    assert isinstance(formula, Formula)
    assert (formula.anchor, formula.numbered, [s.latex for s in formula.where]) == ("eq:e", True, ["E", "a"])
    assert isinstance(bare, Formula)
    assert (bare.anchor, bare.numbered) == ("", False)
    assert isinstance(note, Note)
    assert plain(note.runs) == "说明。"
    assert isinstance(first, Clause)
    assert isinstance(second, Clause)
    assert (first.title, first.anchor, second.title) == ("标题", "anchor", "另一标题")
    untitled = first.children[-1]
    assert isinstance(untitled, Clause)
    assert not untitled.titled


def test_figures_and_references_survive_the_way_through_a_template() -> None:
    line = f"见{markup.reference('table:x')}，值为{markup.figure('level', 'N1', 'I', '≤0.65')}。"
    assert markup.runs(line) == (
        Text("见"), Reference("table:x"), Text("，值为"), Figure(("level", "N1", "I"), "≤0.65"), Text("。"),
    )  # fmt: skip


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Co")), min_size=1))
def test_what_a_user_types_is_never_notation(typed: str) -> None:
    (block,) = read("前" + markup.quote(typed)) or (None,)
    assert isinstance(block, Paragraph)
    assert all(isinstance(r, Text) for r in block.runs)
    assert "".join(plain(block.runs).split()) == "".join(("前" + typed).split())


@pytest.mark.parametrize("typed", ["# 标题", "—— 列项", "a) 列项", "注：甲", "[[terms]]", "$$ x $$", "**b**", "$x$"])
def test_a_line_that_is_a_value_stays_a_paragraph(typed: str) -> None:
    assert read(markup.quote(typed)) == (Paragraph((Text(typed),)),)


def test_line_breaks_in_a_value_begin_paragraphs() -> None:
    assert [plain(b.runs) for b in read(markup.quote("甲\n\n乙\r\n丙")) if isinstance(b, Paragraph)] == [
        "甲",
        "乙",
        "丙",
    ]


@pytest.mark.parametrize(
    ("text", "reason"), [("## 跳级", "depth"), ("[[unknown]]", "insert"), ("$$ x $$\n式中：\n没有符号", "symbol")]
)
def test_broken_notation_is_named(text: str, reason: str) -> None:
    with pytest.raises(MarkupError) as caught:
        read(text)
    assert caught.value.reason == reason


def test_a_value_that_says_nothing_makes_no_paragraph() -> None:
    assert read(f"甲。\n{markup.quote('')}\n乙。") == read("甲。\n乙。")
