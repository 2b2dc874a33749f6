"""The Word draft: valid, the same bytes every time, numbered by Word as the tree is, laid out as GB/T 1.1 asks."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from lxml import etree

from drafting.document import tree
from drafting.document.compose import compose
from drafting.document.numbering import resolve
from drafting.document.tree import (
    Annex,
    Cell,
    Clause,
    Column,
    Cover,
    Document,
    Example,
    Formula,
    Front,
    Image,
    ListBlock,
    ListItem,
    Note,
    Paragraph,
    Reference,
    Table,
    Text,
)
from drafting.model.document import DocumentInfo
from drafting.model.inputs import Inputs
from drafting.model.results import Results
from drafting.model.settings import Settings
from drafting.model.system import IndicatorSystem
from drafting.render.docx import render_docx
from drafting.render.docx.blueprint import build, stored
from drafting.render.docx.contents import entries
from drafting.render.docx.runs import width
from drafting.render.docx.tables import column_widths
from tests.drafting.document import factory
from tests.drafting.render.numbered_by_word import Numbering, part, text_of
from tests.drafting.render.small_draft import PNG

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NS = {
    "w": W[1:-1],
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
}


def _words(text: str) -> Paragraph:
    return Paragraph((Text(text),))


def _rendered(document: Document, blueprint: Path | None = None, **options: Any) -> bytes:
    target = io.BytesIO()
    render_docx(document, target, blueprint, **options)
    return target.getvalue()


def _body(content: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        body = etree.fromstring(package.read("word/document.xml")).find("w:body", NS)
    assert body is not None
    return body


def _errors(content: bytes, folder: Path) -> list[str]:
    path = folder / "draft.docx"
    path.write_bytes(content)
    return [str(e) for e in pytest.importorskip("openxml_audit").OpenXmlValidator().validate(path).errors]


def _everything() -> Document:
    """Every kind of block, in the body and in an annex."""
    row = (Cell((Text("甲"),), rowspan=2), Cell((Text("一"),)), Cell((Text("二"),)))
    table = Table(
        "t1",
        "题",
        (Column(1), Column(2, "left"), Column(1, "right")),
        ((Cell((Text("头"),)), Cell((Text("合并"),), colspan=2)),),
        (row, (Cell((Text("三"),)), Cell((Text("四"),)))),
        notes=(Note((Text("甲"),)), Note((Text("乙"),))),
        unit="单位为千克",
    )
    blocks = (
        _words("正文：\x00\x0b控制字符"),
        ListBlock("letter", (ListItem((Text("一"),), ListBlock("number", (ListItem((Text("子"),)),))),) * 2),
        ListBlock("letter", (ListItem((Text("又从头"),)),)),
        ListBlock("dash", (ListItem((Text("一"),), ListBlock("dash", (ListItem((Text("点"),)),))),)),
        Note((Text("甲"),)),
        Note((Text("乙"),)),
        Example((Text("例"),)),
        table,
        Image("i1", "图题", "说明", PNG),
        Formula("E = mc^2", "f1"),
        Formula("x = 1", numbered=False),
        Paragraph((Reference("t1"), Reference("f1"), Reference("a"), tree.Strong("黑"), tree.Subscript("下"))),
    )
    annexed = tuple(replace(b, anchor=f"annex-{b.anchor}") if hasattr(b, "anchor") else b for b in blocks)
    return resolve(
        Document(
            Cover(
                "地方标准", "DB11", "DB11/T 1—2026", "A & B <标题>", replaces="代替DB11/T 1—2020", flags=("内部资料",)
            ),
            (tree.Front("前言", (table.notes[0],), "fore"), tree.Front("引言", (_words("…"),), "intro")),
            (
                Clause("范围", blocks, "c1"),
                Clause("二", (Clause("", (_words("无标题"),)), Clause("", (_words("又一"), blocks[1]))), "c2"),
                Clause("深", (Clause("a", (Clause("b", (Clause("c", (_words("…"),)),)),)),)),
            ),
            (Annex("甲", "规范性", (Clause("一", annexed, "a1"), Clause("二", (_words("…"),))), "a"),),
            tree.Bibliography(((Text("文献"),), (Text("又一"),))),
            date=date(2026, 6, 1),
        )
    )


DRAFTS = {
    "full": lambda: compose(factory.inputs(), factory.results(), date=date(2026, 6, 1)),
    "no results": lambda: compose(factory.inputs(), Results(), edition="internal"),
    "nothing": lambda: compose(Inputs(DocumentInfo(), Settings(), IndicatorSystem((), ())), Results()),
    "everything": _everything,
}


@pytest.fixture(scope="module")
def full() -> Document:
    """The draft of the whole project."""
    return DRAFTS["full"]()


@pytest.fixture(scope="module")
def content(full: Document) -> bytes:
    """Its bytes."""
    return _rendered(full)


# --- the file ---------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["full", *(pytest.param(k, marks=pytest.mark.slow) for k in DRAFTS if k != "full")])
def test_drafts_are_valid_office_open_xml(kind: str, tmp_path: Path) -> None:
    assert _errors(_rendered(DRAFTS[kind]()), tmp_path) == []


def test_the_stored_blueprint_is_the_one_that_the_looks_make() -> None:
    assert stored().read_bytes() == build()


def test_the_same_draft_gives_the_same_bytes(full: Document, content: bytes) -> None:
    assert _rendered(full) == content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert {i.date_time for i in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert b"2026-06-01" in zipfile.ZipFile(io.BytesIO(content)).read("docProps/core.xml")


def test_title_and_language_are_set_and_no_person_is_named(content: bytes, full: Document) -> None:
    properties = docx.Document(io.BytesIO(content)).core_properties
    assert (properties.title, properties.language) == (full.title, "zh-CN")
    assert (properties.author, properties.last_modified_by) == ("", "")
    assert (properties.content_status, properties.created.date()) == ("征求意见稿", date(2026, 6, 1))
    company = part(content, "docProps/app.xml")[0]
    assert (etree.QName(company).localname, company.text) == ("Company", full.organisation)
    assert full.organisation
    language = part(content, "word/styles.xml").find("w:docDefaults/w:rPrDefault/w:rPr/w:lang", NS)
    assert language is not None
    assert language.get(f"{W}eastAsia") == "zh-CN"


# --- numbers ----------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["full", "everything"])
def test_word_counts_what_the_tree_says(kind: str) -> None:
    document = DRAFTS[kind]()
    content = _rendered(document)
    numbering = Numbering(content)
    lines = [(numbering.label(p) + text_of(p)).replace("\u3000", "") for p in _body(content).iter(f"{W}p")]
    expected: list[str] = []
    for block in tree.blocks(document):
        match block:
            case Clause() if block.titled:
                expected.append(block.number + block.title)
            case Clause():
                expected.append(block.number + tree.plain(block.children[0].runs).replace("\\", ""))
            case Table() | Image():
                expected.append(block.label + block.caption)
            case tree.TermEntry():
                expected.append(block.number + block.term + block.english)
            case ListBlock():
                expected += _items(block)
            case Note() | Example():
                expected.append(block.label + tree.plain(block.runs))
    expected += [f"{a.label}（{a.nature}）{a.title}" for a in document.annexes]
    if document.bibliography:
        expected += [f"[{i}]{tree.plain(e)}" for i, e in enumerate(document.bibliography.entries, 1)]
    plain_lines = Counter(line for line in lines)
    # Lines with formulas are compared by their beginning: equations are not text.
    missing = [
        line
        for line in Counter(e.replace("\u3000", "") for e in expected)
        if not any(found == line or ("Y_" in line and found.startswith(line[:8])) for found in plain_lines)
    ]
    assert missing == []


def _items(block: ListBlock) -> list[str]:
    found: list[str] = []
    for item in block.items:
        words = tree.plain(item.runs)
        if "Y_" not in words:
            found.append(item.marker + words)
        if item.sublist:
            found += _items(item.sublist)
    return found


# --- layout -----------------------------------------------------------------------------
def test_sections_cover_roman_arabic_from_an_odd_page(content: bytes) -> None:
    cover, front, body = _body(content).iter(f"{W}sectPr")
    assert cover.find("w:headerReference", NS) is None
    assert cover.find("w:pgNumType", NS) is None
    numbers = [s.find("w:pgNumType", NS) for s in (front, body)]
    assert [(n.get(f"{W}fmt"), n.get(f"{W}start")) for n in numbers] == [("upperRoman", "1"), ("decimal", "1")]
    assert body.find("w:type", NS).get(f"{W}val") == "oddPage"
    assert {s.find("w:docGrid", NS).get(f"{W}linePitch") for s in (cover, front, body)} == {"312"}
    kinds = {h.get(f"{W}type") for h in front.iterfind("w:headerReference", NS)}
    assert kinds == {"default", "even"}
    assert body.find("w:headerReference", NS) is None  # goes on with those of the preliminaries
    settings = part(content, "word/settings.xml")
    assert settings.find("w:mirrorMargins", NS) is not None
    assert settings.find("w:evenAndOddHeaders", NS) is not None


def test_headers_carry_the_number_outside(content: bytes, full: Document) -> None:
    section = docx.Document(io.BytesIO(content)).sections[1]
    for header, style in ((section.header, "标准文件_页眉奇数页"), (section.even_page_header, "标准文件_页眉偶数页")):
        assert [(p.text, p.style.name) for p in header.paragraphs] == [(full.number, style)]


def test_the_internal_edition_is_marked_on_every_page() -> None:
    made = _rendered(DRAFTS["no results"]())
    section = docx.Document(io.BytesIO(made)).sections[1]
    assert "内部资料" in section.header.paragraphs[0].text
    assert "内部资料" in section.even_page_header.paragraphs[0].text


def test_the_indicator_table_is_laid_out_as_table_a1(content: bytes) -> None:
    table = next(t for t in _body(content).iterfind("w:tbl", NS) if "二级指标权重" in text_of(t))
    borders = {b.tag.removeprefix(W): b.get(f"{W}sz") for b in table.find("w:tblPr/w:tblBorders", NS)}
    assert {borders[s] for s in ("top", "left", "bottom", "right")} == {"8"}  # 1 pt
    assert {borders[s] for s in ("insideH", "insideV")} == {"4"}  # 0.5 pt
    widths = [int(c.get(f"{W}w")) for c in table.iterfind("w:tblGrid/w:gridCol", NS)]
    assert sum(widths) == int(table.find("w:tblPr/w:tblW", NS).get(f"{W}w")) == pytest.approx(165 * 1440 / 25.4, abs=2)
    rows = table.findall("w:tr", NS)
    assert [r.find("w:trPr/w:tblHeader", NS) is not None for r in rows[:3]] == [True, False, False]
    for row in rows:
        spans = [c.find("w:tcPr/w:gridSpan", NS) for c in row.iterfind("w:tc", NS)]
        assert sum(1 if s is None else int(s.get(f"{W}val")) for s in spans) == 9
    merges = [c.find("w:tcPr/w:vMerge", NS) for c in (r.find("w:tc", NS) for r in rows[1:-1])]
    begun = sum(1 for m in merges if m is None or m.get(f"{W}val") == "restart")
    assert begun == len(factory.ROWS)
    last = rows[-1].findall("w:tc", NS)
    assert len(last) == 1
    notes, footnote = (lambda lines: (lines[:-1], lines[-1]))([text_of(p) for p in last[0].iterfind("w:p", NS)])
    assert footnote == "a限定性指标。"  # after the notes, in the last row inside the frame
    assert [n.split("，")[0] for n in notes] == ["单位产品电耗的基准值中"]
    assert last[0].find("w:tcPr/w:tcBorders/w:top", NS).get(f"{W}sz") == "8"
    assert rows[-1].find(".//w:vertAlign", NS).get(f"{W}val") == "superscript"


def test_every_formula_is_a_word_equation_with_leader_and_number(content: bytes, full: Document) -> None:
    formulas = [b for b in tree.blocks(full) if isinstance(b, Formula)]
    styles = part(content, "word/styles.xml")
    identifiers = {
        s.get(f"{W}styleId"): s
        for s in styles.iterfind("w:style", NS)
        if s.find("w:name", NS).get(f"{W}val") in ("标准文件_正文公式", "标准文件_附录公式")
    }
    lines = [
        t for t in _body(content).iterfind("w:tbl", NS)
        if t.find("w:tr/w:tc/w:p/w:pPr/w:pStyle", NS).get(f"{W}val") in identifiers
    ]  # fmt: skip
    assert [text_of(t) for t in lines] == [f.label for f in formulas]
    for line in lines:
        (row,) = line.iterfind("w:tr", NS)
        _, formula, number = row.iterfind("w:tc", NS)
        # Alone in its paragraph: only so does Word set a formula at full size.
        assert [c.tag for c in formula.find("w:p", NS)[1:]] == [f"{{{NS['m']}}}oMathPara"]
        widths = [int(c.get(f"{W}w")) for c in line.iterfind("w:tblGrid/w:gridCol", NS)]
        assert widths[0] == widths[2]  # so that it stands in the middle
        stop = number.findall("w:p/w:pPr/w:tabs/w:tab", NS)[-1]
        assert (stop.get(f"{W}val"), stop.get(f"{W}leader"), int(stop.get(f"{W}pos"))) == (
            "right", "middleDot", widths[2],
        )  # fmt: skip
    assert sum(1 for i in _fields(content) if i.startswith("SEQ ")) == len(formulas)


def _fields(content: bytes) -> list[str]:
    return [(i.text or "").strip() for i in _body(content).iter(f"{W}instrText")]


def test_references_are_fields_that_say_what_stands_at_their_marks(content: bytes, full: Document) -> None:
    """Every number of a table, clause, annex or formula in a sentence is asked of the place where Word counts it."""
    said = Counter(r.text for r in _references(full))
    found = Counter[str]()
    paragraphs = [*_body(content).iter(f"{W}p")]
    numbering = Numbering(content)
    labels = {}
    for p in paragraphs:
        label = numbering.label(p)
        labels |= {m.get(f"{W}name"): label for m in p.iter(f"{W}bookmarkStart")}
    for p in paragraphs:
        for instruction, result in _results(p):
            if instruction.startswith("REF ") and not _style_of(p).startswith(("GBTableContinued", "GBAnnexFormula")):
                name = instruction.split()[1]
                found[result] += 1
                if "\\n" in instruction:
                    assert labels[name] == result
    assert sum(found.values()) == sum(said.values())
    assert {t.removeprefix("公式").removeprefix("第").removesuffix("章") for t in said} == set(found)


def _references(document: Document) -> list[Reference]:
    found: list[Reference] = []

    def look(value: object) -> None:
        if isinstance(value, Reference):
            found.append(value)
        elif isinstance(value, tuple):
            for one in value:
                look(one)
        elif hasattr(value, "__dataclass_fields__"):
            for name in value.__dataclass_fields__:
                look(getattr(value, name))

    look(document)
    return found


def _style_of(paragraph: etree._Element) -> str:
    style = paragraph.find("w:pPr/w:pStyle", NS)
    return "" if style is None else style.get(f"{W}val")


def _results(paragraph: etree._Element) -> list[tuple[str, str]]:
    """Instruction and stored result of each field of a paragraph."""
    found: list[tuple[str, str]] = []
    instruction, result, state = "", "", ""
    for e in paragraph.iter(f"{W}fldChar", f"{W}instrText", f"{W}t"):
        if e.tag == f"{W}fldChar":
            state = e.get(f"{W}fldCharType")
            if state == "begin":
                instruction, result = "", ""
            elif state == "end":
                found.append((instruction.strip(), result))
        elif e.tag == f"{W}instrText":
            instruction += e.text or ""
        elif state == "separate":
            result += e.text or ""
    return found


def test_a_navigation_pane_shows_the_annex_with_its_title(content: bytes, full: Document) -> None:
    """The pane shows paragraphs with an outline level: mark, nature and title of an annex are one."""
    numbering = Numbering(content)
    styles = {
        s.get(f"{W}styleId"): s.find("w:pPr/w:outlineLvl", NS)
        for s in part(content, "word/styles.xml").iterfind("w:style", NS)
    }
    shown = [
        numbering.label(p) + text_of(p) for p in _body(content).iter(f"{W}p") if styles.get(_style_of(p)) is not None
    ]
    assert [line for line in shown if line.startswith("附录")] == [
        f"{a.label}（{a.nature}）{a.title}" for a in full.annexes
    ]


def test_headings_have_outline_levels_and_bookmarks_that_references_lead_to(content: bytes) -> None:
    body = _body(content)
    names = {b.get(f"{W}name") for b in body.iter(f"{W}bookmarkStart")}
    assert len(names) == sum(1 for _ in body.iter(f"{W}bookmarkStart"))
    targets = {h.get(f"{W}anchor") for h in body.iter(f"{W}hyperlink")}
    targets |= {i.split()[1] for i in _fields(content) if i.startswith(("REF ", "PAGEREF "))}
    assert targets
    assert targets <= names
    styles = {
        s.find("w:name", NS).get(f"{W}val"): s.find("w:pPr/w:outlineLvl", NS)
        for s in part(content, "word/styles.xml").iterfind("w:style", NS)
    }
    assert [styles[n].get(f"{W}val") for n in ("标准文件_章标题", "标准文件_一级条标题", "标准文件_附录标识")] == [
        "0", "1", "0",
    ]  # fmt: skip


def test_contents_name_every_chapter_clause_and_annex_in_order(content: bytes, full: Document) -> None:
    lines = [p.text for p in docx.Document(io.BytesIO(content)).paragraphs if p.style.name.startswith("toc ")]
    listed = [line.split("\t")[0] for line in lines]
    assert listed == [e.text for e in entries(full)]
    assert listed[0] == "前言"
    assert "4.4\u3000指标体系表" in listed
    assert "附录A（资料性）\u3000指标基准值的样本和达到比例" in listed
    assert listed[-1] == "参考文献"
    assert not any(line.startswith("3.1") for line in listed)  # terms are never listed


def test_measured_page_labels_stand_in_the_contents_and_nothing_is_refreshed(full: Document) -> None:
    pages = {e.anchor: f"第{i}页" for i, e in enumerate(entries(full))}
    made = _rendered(full, pages=pages)
    lines = [p.text for p in docx.Document(io.BytesIO(made)).paragraphs if p.style.name.startswith("toc ")]
    assert [line.split("\t")[1] for line in lines] == [f"第{i}页" for i in range(len(lines))]
    assert part(made, "word/settings.xml").find("w:updateFields", NS) is None
    estimated = _rendered(full)
    assert part(estimated, "word/settings.xml").find("w:updateFields", NS) is not None
    lines = [p.text for p in docx.Document(io.BytesIO(estimated)).paragraphs if p.style.name.startswith("toc ")]
    assert all(re.fullmatch(r"[IVX]+|\d+", line.split("\t")[1]) for line in lines)  # never blank


def test_the_last_paragraph_is_the_end_line_of_a_quarter_of_the_width(content: bytes) -> None:
    last = _body(content).findall("w:p", NS)[-1]
    indent = last.find("w:pPr/w:ind", NS)
    line = 165 * 1440 / 25.4 - int(indent.get(f"{W}left")) - int(indent.get(f"{W}right"))
    assert line == pytest.approx(165 / 4 * 1440 / 25.4, abs=3)
    assert last.find("w:pPr/w:pBdr/w:bottom", NS).get(f"{W}sz") == "12"


def test_figures_have_alternative_text() -> None:
    shapes = [*_body(_rendered(_everything())).iter(f"{{{NS['wp']}}}docPr")]
    assert [s.get("descr") for s in shapes] == ["说明", "说明"]
    assert len({s.get("id") for s in shapes}) == 2


# --- other blueprints, odd input --------------------------------------------------------
def test_a_blueprint_without_our_styles_is_named_and_numbers_are_written_out(tmp_path: Path, full: Document) -> None:
    plain = tmp_path / "plain.docx"
    docx.Document().save(str(plain))
    target = io.BytesIO()
    missing = render_docx(full, target, plain)
    assert "标准文件_章标题" in missing
    lines = [p.text for p in docx.Document(io.BytesIO(target.getvalue())).paragraphs]
    assert "4.2\u3000指标基准值及说明" in lines
    written = [p for p in _body(target.getvalue()).iter(f"{W}p") if text_of(p) == "表1\u3000指标选取参考依据"]
    inside = written[0].find("w:bookmarkStart", NS).getnext()
    assert text_of(inside) == "表1"  # what references to it say
    assert not any("\\n" in i for i in _fields(target.getvalue()) if i.startswith("REF "))
    assert "表1\u3000指标选取参考依据" in lines
    assert "表A.1\u3000指标基准值的来源、样本量与达到比例" in lines


def test_control_characters_of_a_cell_do_not_break_the_file() -> None:
    assert "正文：控制字符" in [p.text for p in docx.Document(io.BytesIO(_rendered(_everything()))).paragraphs]


@pytest.mark.parametrize("shares", [(1, 1, 1), (11, 7.5, 5, 24, 9, 7.5, 12, 12, 12), (0.1,) * 7])
def test_column_widths_add_up_exactly(shares: tuple[float, ...]) -> None:
    widths = column_widths([Column(s) for s in shares], 9354)
    assert sum(widths) == 9354
    assert all(abs(w - 9354 * s / sum(shares)) <= 1 for w, s in zip(widths, shares, strict=True))


def test_wider_symbols_are_estimated_wider() -> None:
    assert width("Y_{g_k}(x_{ij})") > width("x_{ij}") > width("m") > 0
    assert width(r"V_{\mathrm{1}}") > width("V")


def test_a_formula_that_cannot_be_read_stays_in_the_draft_as_typed(tmp_path: Path) -> None:
    clause = Clause("一", (Formula(r"\frac{a", "f"),))
    made = _rendered(resolve(Document(Cover("", "", "", ""), (Front("前言", (_words("…"),)),), (clause,))))
    assert r"\frac{a" in [t.text for t in _body(made).iter(f"{{{NS['m']}}}t")]
    assert _errors(made, tmp_path) == []


def test_the_last_paragraph_does_not_stand_alone_on_a_page() -> None:
    """数据采集方法：统计。 stood alone at the head of a page, with half a page of nothing below it."""
    words = [_words(f"第{n}段。") for n in range(4)]
    clauses = (Clause("一", (*words,)), Clause("二", (words[0],)))
    made = _rendered(resolve(Document(Cover("", "", "", ""), (Front("前言", (_words("…"),)),), clauses)))
    kept = [p.find("w:pPr/w:keepNext", NS) is not None for p in _body(made).iterfind("w:p", NS) if "段。" in text_of(p)]
    assert kept == [False, False, True, False, False]


def test_the_row_of_footnotes_stays_with_the_last_row_of_the_table(content: bytes) -> None:
    table = next(t for t in _body(content).iterfind("w:tbl", NS) if "二级指标权重" in text_of(t))
    kept = [
        all(p.find("w:pPr/w:keepNext", NS) is not None for p in r.iter(f"{W}p")) for r in table.iterfind("w:tr", NS)
    ]
    assert kept[-2:] == [True, False]
    assert not any(kept[:-2])
