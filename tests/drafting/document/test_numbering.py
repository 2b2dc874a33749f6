"""Numbers and cross-references: counted by the rules of GB/T 1.1, resolved once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.document import tree
from drafting.document.numbering import CrossReferenceError, letters, resolve
from drafting.document.tree import (
    Annex,
    Cell,
    Clause,
    Column,
    Cover,
    Document,
    Formula,
    ListBlock,
    ListItem,
    Note,
    Paragraph,
    Reference,
    Table,
    TermEntry,
    Text,
)


def _table(anchor: str) -> Table:
    row = ((Cell((Text("x"),)),),)
    return Table(anchor, "题", (Column(1),), row, row)


def _words(text: str) -> Paragraph:
    return Paragraph((Text(text),))


def _document(*chapters: Clause, annexes: tuple[Annex, ...] = ()) -> Document:
    return resolve(Document(Cover("", "", "", ""), (), chapters, annexes))


def test_clauses_tables_formulas_and_terms_are_counted() -> None:
    made = _document(
        Clause("范围", (_words("…"),)),
        Clause("术语", (TermEntry("甲", "", ()), TermEntry("乙", "", ()))),
        Clause(
            "体系",
            (
                Clause("一", (_table("t1"), Formula("a", "f1"), Formula("b", numbered=False))),
                Clause("二", (Clause("", (_words("…"),)), Clause("", (_table("t2"), Formula("c", "f2")))), "two"),
            ),
        ),
        annexes=(
            Annex(
                "甲", "资料性", (Clause("a", (_table("t3"),), "a1"), Clause("b", (_table("t4"), Formula("d", "f3"))))
            ),
            Annex("乙", "规范性", (_table("t5"),)),
        ),
    )
    clauses = [(b.number, b.level) for b in tree.blocks(made) if isinstance(b, Clause)]
    assert clauses == [
        ("1", 1), ("2", 1), ("3", 1), ("3.1", 2), ("3.2", 2), ("3.2.1", 3), ("3.2.2", 3), ("A.1", 2), ("A.2", 2),
    ]  # fmt: skip
    assert [b.label for b in tree.blocks(made) if isinstance(b, Table)] == ["表1", "表2", "表A.1", "表A.2", "表B.1"]
    labels = [b.label for b in tree.blocks(made) if isinstance(b, Formula)]
    assert labels == ["（1）", "", "（2）", "（A.1）"]
    assert [b.number for b in tree.blocks(made) if isinstance(b, TermEntry)] == ["2.1", "2.2"]
    assert [a.label for a in made.annexes] == ["附录A", "附录B"]


def test_references_say_what_they_point_at() -> None:
    targets = ("ch", "cl", "t", "f", "an", "acl", "at")
    lists = ListBlock("dash", (ListItem((Reference("t"),), ListBlock("dash", (ListItem((Reference("f"),)),))),))
    made = _document(
        Clause("一", (Paragraph(tuple(Reference(t) for t in targets)), lists), "ch"),
        Clause("二", (Clause("三", (_table("t"), Formula("x", "f")), "cl"),)),
        annexes=(Annex("甲", "资料性", (Clause("a", (_table("at"),), "acl"),), "an"),),
    )
    paragraph, block = made.chapters[0].children
    assert isinstance(paragraph, Paragraph)
    assert [r.text for r in paragraph.runs if isinstance(r, Reference)] == [
        "第1章", "2.1", "表1", "公式（1）", "附录A", "A.1", "表A.1",
    ]  # fmt: skip
    assert isinstance(block, ListBlock)
    assert tree.plain(block.items[0].runs) == "表1"
    assert block.items[0].sublist is not None
    assert tree.plain(block.items[0].sublist.items[0].runs) == "公式（1）"
    assert (block.items[0].marker, block.items[0].sublist.items[0].marker) == ("——", "·")


@pytest.mark.parametrize(("count", "labels"), [(1, ["注："]), (3, ["注1：", "注2：", "注3："])])
def test_notes_are_numbered_only_if_there_are_several(count: int, labels: list[str]) -> None:
    made = _document(Clause("一", tuple(Note((Text("…"),)) for _ in range(count))))
    assert [b.label for b in made.chapters[0].children if isinstance(b, Note)] == labels


def test_a_dangling_reference_and_a_double_anchor_are_errors_that_name_them() -> None:
    with pytest.raises(CrossReferenceError) as dangling:
        _document(Clause("一", (Clause("二", (Paragraph((Reference("nowhere"),)),)),)))
    assert (dangling.value.reason, dangling.value.anchor, dangling.value.place) == ("unresolved", "nowhere", "1.1")
    with pytest.raises(CrossReferenceError) as double:
        _document(Clause("一", (_table("t"),)), Clause("二", (_table("t"),)))
    assert (double.value.reason, double.value.anchor, double.value.place) == ("twice", "t", "2")


def test_more_levels_than_the_standard_allows_are_refused() -> None:
    clause = Clause("底", (_words("…"),))
    for _ in range(6):
        clause = Clause("上", (clause,))
    with pytest.raises(ValueError, match="deeper"):
        _document(clause)


@given(st.integers(0, 5000))
def test_letters_count_like_spreadsheet_columns(position: int) -> None:
    value = 0
    for character in letters(position):
        value = value * 26 + ord(character) - ord("a") + 1
    assert value - 1 == position
