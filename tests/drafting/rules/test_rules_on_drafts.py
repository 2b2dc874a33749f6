"""Each rule on the composed draft: the right draft is silent, one broken thing is found at its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from drafting.document.tree import (
    Annex,
    Cell,
    Clause,
    Document,
    Formula,
    Image,
    Note,
    Paragraph,
    Reference,
    Symbol,
    Table,
    Text,
    blocks,
)
from drafting.model.document import Reference as Listed
from drafting.model.document import Term
from drafting.rules.objects import symbols
from drafting.rules.words import modals

Change = Callable[[Document], Document]


def paragraph(words: str) -> Paragraph:
    return Paragraph((Text(words),))


def front(change: Callable[[list[Any]], list[Any]]) -> Change:
    return lambda d: replace(
        d, front=(replace(d.front[0], children=tuple(change(list(d.front[0].children)))), *d.front[1:])
    )


def without(words: str) -> Callable[[list[Any]], list[Any]]:
    return lambda children: [c for c in children if words not in str(c)]


def chapter(anchor: str, change: Callable[[Clause], Clause]) -> Change:
    def descend(block: Any) -> Any:
        if not isinstance(block, Clause):
            return block
        return change(block) if block.anchor == anchor else replace(block, children=tuple(map(descend, block.children)))

    return lambda d: replace(d, chapters=tuple(map(descend, d.chapters)))


def children(anchor: str, change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Change:
    return chapter(anchor, lambda c: replace(c, children=change(c.children)))


def tables(change: Callable[[Table], Table]) -> Change:
    """Change the first table of the chapters."""
    done: list[bool] = []

    def descend(block: Any) -> Any:
        if isinstance(block, Table) and not done:
            done.append(True)
            return change(block)
        if isinstance(block, Clause):
            return replace(block, children=tuple(map(descend, block.children)))
        return block

    def whole(d: Document) -> Document:
        done.clear()
        return replace(d, chapters=tuple(map(descend, d.chapters)))

    return whole


def lead(title: str, words: str) -> Change:
    return chapter(
        {"规范性引用文件": "part:references", "术语和定义": "part:terms"}[title],
        lambda c: replace(c, children=(paragraph(words), *c.children[1:])),
    )


def cell(words: str) -> Callable[[Table], Table]:
    return lambda t: replace(t, body=((Cell((Text(words),)), *t.body[0][1:]), *t.body[1:]))


def twice_explained(d: Document) -> Document:
    lines = (Symbol("Z", (Text("甲量；"),)), Symbol("Z", (Text("乙量。"),)))
    return children(
        "part:scope", lambda c: (*c, paragraph("见公式（99）。"), Formula("Z", "formula:z", lines, number="99"))
    )(d)


def unexplained(d: Document) -> Document:
    return children(
        "part:scope",
        lambda c: (
            *c,
            paragraph("见公式（99）。"),
            Formula(r"Z = \frac{U_7}{Q}", "eq:z", (Symbol("Z", (Text("商；"),)),), number="99"),
        ),
    )(d)


# code, change of the draft, anchor at which it is told
CASES: list[tuple[str, Change, str]] = [
    ("foreword-rules", front(without("GB/T 1.1—2020")), "part:foreword"),
    ("foreword-patent", front(without("专利")), "part:foreword"),
    ("foreword-first-issue", front(without("首次发布")), "part:foreword"),
    ("modal-in-part", front(lambda c: [*c, paragraph("使用者应遵守本文件。")]), "part:foreword"),
    ("chapter-missing", lambda d: replace(d, chapters=(*d.chapters[:2], *d.chapters[3:])), "part:system"),
    ("lead-in-changed", lead("规范性引用文件", "引用文件如下。"), "part:references"),
    (
        "hanging-paragraph",
        children("part:evaluation", lambda c: (paragraph("本章规定评价方法。"), *c)),
        "part:evaluation",
    ),
    ("lone-clause", children("part:evaluation", lambda c: c[:1]), "part:evaluation"),
    ("mixed-titles", children("part:evaluation", lambda c: (replace(c[0], title=""), *c[1:])), "part:evaluation"),
    ("reference-order", children("part:references", lambda c: (c[0], c[2], c[1], *c[3:])), "part:references"),
    ("word-must", children("part:scope", lambda c: (*c, paragraph("评价必须公开。"))), "part:scope"),
    ("vague-requirement", children("part:selection", lambda c: (*c, paragraph("指标应尽可能少。"))), "part:selection"),
    ("blank-cell", tables(cell(" ")), "table:selection"),
    ("ditto-cell", tables(cell("同上")), "table:selection"),
    (
        "object-unmentioned",
        children("part:selection", lambda c: (*c, Image("figure:x", "流程", "流程图", b"", number="1"))),
        "figure:x",
    ),
    ("number-skipped", tables(lambda t: replace(t, number="7")), "table:selection"),
    ("formula-symbol", unexplained, "eq:z"),
    ("formula-symbol-twice", twice_explained, "formula:z"),
    (
        "annex-unmentioned",
        lambda d: replace(d, annexes=(*d.annexes, Annex("附加说明", "资料性", (paragraph("说明。"),), "annex:x", "Z"))),
        "annex:x",
    ),
    (
        "annex-nature",
        children("part:selection", lambda c: (*c, paragraph("基准值应符合附录A的规定。"))),
        "annex:levels",
    ),
]


@pytest.mark.parametrize(("code", "change", "anchor"), CASES, ids=[c for c, _, _ in CASES])
def test_one_broken_thing_is_found_at_its_place(right: Any, code: str, change: Change, anchor: str) -> None:
    assert code not in {f.code for f in right.read()}
    found = [f for f in right.read(change(right.document)) if f.code == code]
    assert found
    assert found[0].values["anchor"] == anchor
    assert found[0].remedy


def test_the_right_draft_is_silent(right: Any) -> None:
    assert right.read() == []


def test_every_rule_of_the_catalogue_is_broken_by_a_test() -> None:
    import tomllib
    from pathlib import Path

    from tests.drafting.rules.test_rules_on_inputs import CASES as ON_INPUTS
    from tests.drafting.rules.test_rules_on_inputs import RESULT_CASES

    root = Path(__file__).resolve().parents[3]
    codes = set(tomllib.loads((root / "drafting/findings/catalogue/rules.toml").read_text("utf-8")))
    broken = {code for code, _, _ in (*CASES, *ON_INPUTS, *RESULT_CASES)}
    here = Path(__file__).read_text("utf-8") + (Path(__file__).parent / "test_rules_on_inputs.py").read_text("utf-8")
    assert {c for c in codes if c not in broken and f'"{c}"' not in here} == set()


# --- references -------------------------------------------------------------------------------------------------------
def explained(right: Any, words: str) -> list[Any]:
    from tests.drafting.rules.conftest import of_indicators

    return right.read(inputs=of_indicators(right.inputs, ("N1",), explanation=words))


def test_a_listed_document_is_cited(right: Any) -> None:
    inputs = replace(right.inputs, references=(*right.inputs.references, Listed("HJ 9999—2020", "无人引用的文件")))
    found = [f for f in right.read(inputs=inputs) if f.code == "reference-uncited"]
    assert len(found) == 1
    assert "HJ 9999—2020" in found[0].message


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("reference-unlisted", "按 HJ 9999—2020 计算。"),
        ("reference-dates", "按 GB/T 2589 计算，见 GB/T 2589。"),
        ("reference-clause-undated", "按 GB/T 2589 的 5.2 计算。"),
    ],
)
def test_a_citation_is_told_at_the_cell_that_it_was_typed_into(right: Any, code: str, words: str) -> None:
    found = [f for f in explained(right, words) if f.code == code]
    assert len(found) == 1
    assert found[0].place == right.where.find("indicator", "N1", "指标解释")
    assert found[0].values["anchor"] == "indicator:N1"


def test_a_dated_citation_of_a_clause_is_right(right: Any) -> None:
    codes = {
        f.code
        for f in explained(right, "按 GB/T 2589—2020 的 5.2 计算；产品按 GB/T 4100—2015 分类，计量见 GB 17167—2006。")
    }
    assert not codes & {"reference-unlisted", "reference-dates", "reference-clause-undated"}


# --- terms, notes -----------------------------------------------------------------------------------------------------
def test_a_term_is_used_twice(right: Any) -> None:
    inputs = replace(right.inputs, terms=(*right.inputs.terms, Term("生坯密度系数", "green density", "密度之比")))
    found = [f for f in right.read(inputs=inputs) if f.code == "term-rare"]
    assert [f.place for f in found] == [
        None or right.where.find("term", str(len(right.inputs.terms)), "术语") or found[0].place
    ]
    assert "生坯密度系数" in found[0].message
    twice = replace(inputs, document=replace(inputs.document, scope="生坯密度系数和生坯密度系数均已知的企业"))
    assert "term-rare" not in {f.code for f in right.read(inputs=twice)}


def test_notes_hold_no_requirement(right: Any) -> None:
    noted = children("part:selection", lambda c: (*c, Note((Text("企业应当记录。"),), "注：")))(right.document)
    found = [f for f in right.read(noted) if f.code == "modal-in-part"]
    assert [f.clause for f in found] == ["GB/T 1.1—2020，9.11"]


def test_what_the_committee_typed_is_told_once_at_its_cell_and_not_again_in_the_draft(right: Any) -> None:
    assert "word-must" not in {f.code for f in explained(right, "能耗必须折算。")}


def test_a_lead_in_may_name_several_documents(right: Any) -> None:
    several = lead(
        "术语和定义", "GB/T 43329—2023、GB/T 2589—2020和GB/T 4100—2015界定的以及下列术语和定义适用于本文件。"
    )
    assert "lead-in-changed" not in {f.code for f in right.read(several(right.document))}
    other = lead("术语和定义", "下列术语适用于本文件。")
    assert "lead-in-changed" in {f.code for f in right.read(other(right.document))}


def test_a_mention_by_reference_counts(right: Any) -> None:
    shown = Image("figure:x", "流程", "流程图", b"", number="1")
    mention = Paragraph((Text("流程见"), Reference("figure:x", "图1"), Text("。")))
    document = children("part:selection", lambda c: (*c, mention, shown))(right.document)
    assert "object-unmentioned" not in {f.code for f in right.read(document)}


def test_a_run_of_tables_mentions_those_between_its_ends(right: Any) -> None:
    """Many tables are named by their ends; those between had been found to be mentioned nowhere."""
    shown = [Image(f"figure:{n}", "流程", "流程图", b"", number=str(n)) for n in range(1, 5)]
    ends = (Reference("figure:1", "图1"), Text("～"), Reference("figure:3", "图3"))
    document = children("part:selection", lambda c: (*c, Paragraph((Text("流程见"), *ends, Text("。"))), *shown))
    found = [f for f in right.read(document(right.document)) if f.code == "object-unmentioned"]
    assert [f.values["label"] for f in found] == ["图4"]


# --- words and symbols ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("企业应记录。", ["要求"]),
        ("不得外排。", ["要求"]),
        ("宜采用先进工艺。", ["推荐"]),
        ("可采用其他方法。", ["允许"]),
        ("反应釜对应的供应商响应国家应急要求。", []),
        ("可再生、可回收、可靠的材料，许可证。", []),
        ("适宜的温度。", []),
        ("相应措施应落实。", ["要求"]),
    ],
)
def test_verbs_are_told_from_words_that_hold_them(words: str, kinds: list[str]) -> None:
    assert [m.kind for m in modals(words)] == kinds


@pytest.mark.parametrize(
    ("latex", "found"),
    [
        (r"x_{2,1} = \frac{E_1}{Q}", ["x_2,1", "E_1", "Q"]),
        (r"Y_{g_k} = \sum_{i=1}^{m} \omega_i", ["Y_g_k", r"\omega_i"]),
        (r"\mathrm{CR} = \frac{\mathrm{CI}}{\mathrm{RI}}", [r"\mathrmCR", r"\mathrmCI", r"\mathrmRI"]),
        (r"\omega'_{ij} \times 100", [r"\omega'_ij"]),
        (r"\text{属于} \leq \ln x", ["x"]),
    ],
)
def test_symbols_of_a_formula(latex: str, found: list[str]) -> None:
    assert list(symbols(latex)) == found


def test_all_tables_of_the_right_draft_are_looked_at(right: Any) -> None:
    kinds = [type(b) for b in blocks(right.document)]
    assert kinds.count(Table) >= 5
    assert kinds.count(Formula) >= 10
