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
from drafting.document.numbering import letters, resolve
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


def _part(content: bytes, name: str) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return etree.fromstring(package.read(name))


def _text(element: etree._Element) -> str:
    return "".join(t.text or "" for t in element.iter(f"{W}t"))


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
@pytest.mark.parametrize("kind", DRAFTS)
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
    language = _part(content, "word/styles.xml").find("w:docDefaults/w:rPrDefault/w:rPr/w:lang", NS)
    assert language is not None
    assert language.get(f"{W}eastAsia") == "zh-CN"


# --- numbers ----------------------------------------------------------------------------
class _Numbering:
    """What Word counts: a second route to the numbers, from numbering.xml, styles.xml and the paragraphs alone."""

    def __init__(self, content: bytes) -> None:
        numbering = _part(content, "word/numbering.xml")
        self._levels = {
            a.get(f"{W}abstractNumId"): {int(v.get(f"{W}ilvl", "0")): v for v in a.iterfind("w:lvl", NS)}
            for a in numbering.iterfind("w:abstractNum", NS)
        }
        self._lists = {n.get(f"{W}numId"): n for n in numbering.iterfind("w:num", NS)}
        self._owner = {
            v.find("w:pStyle", NS).get(f"{W}val"): (a, level)
            for a, levels in self._levels.items()
            for level, v in levels.items()
            if v.find("w:pStyle", NS) is not None
        }
        self._styles = {
            s.get(f"{W}styleId"): s.find("w:pPr/w:numPr/w:numId", NS)
            for s in _part(content, "word/styles.xml").iterfind("w:style", NS)
        }
        self._counts: dict[str, Counter[int]] = {}
        self._begun: set[str] = set()

    def label(self, paragraph: etree._Element) -> str:
        """The automatic number of the next paragraph."""
        style = paragraph.find("w:pPr/w:pStyle", NS)
        name = "" if style is None else style.get(f"{W}val")
        number = paragraph.find("w:pPr/w:numPr/w:numId", NS)
        if number is not None:
            level = int(paragraph.find("w:pPr/w:numPr/w:ilvl", NS).get(f"{W}val"))
        elif self._styles.get(name) is not None and name in self._owner:
            number, level = self._styles[name], self._owner[name][1]
        else:
            return ""
        identifier = number.get(f"{W}val")
        entry = self._lists[identifier]
        abstract = entry.find("w:abstractNumId", NS).get(f"{W}val")
        counts = self._counts.setdefault(abstract, Counter())
        if identifier not in self._begun and entry.find("w:lvlOverride/w:startOverride", NS) is not None:
            counts[level] = 0
        self._begun.add(identifier)
        counts[level] += 1
        for deeper in [d for d in counts if d > level]:
            counts[deeper] = 0
        return self._format(abstract, level, counts)

    def _format(self, abstract: str, level: int, counts: Counter[int]) -> str:
        def number(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            form = self._levels[abstract][place].find("w:numFmt", NS).get(f"{W}val")
            count = counts[place]
            return {"upperLetter": letters(count - 1, "A"), "lowerLetter": letters(count - 1)}.get(form, str(count))

        text = self._levels[abstract][level].find("w:lvlText", NS).get(f"{W}val")
        return re.sub(r"%(\d)", number, text)


@pytest.mark.parametrize("kind", ["full", "everything"])
def test_word_counts_what_the_tree_says(kind: str) -> None:
    document = DRAFTS[kind]()
    content = _rendered(document)
    numbering = _Numbering(content)
    lines = [(numbering.label(p) + _text(p)).replace("\u3000", "") for p in _body(content).iter(f"{W}p")]
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
    expected += [a.label for a in document.annexes]
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
    settings = _part(content, "word/settings.xml")
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
    table = next(t for t in _body(content).iterfind("w:tbl", NS) if "二级指标权重" in _text(t))
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
    notes, footnote = (lambda lines: (lines[:-1], lines[-1]))([_text(p) for p in last[0].iterfind("w:p", NS)])
    assert footnote == "a限定性指标。"  # after the notes, in the last row inside the frame
    assert [n.split("，")[0] for n in notes] == ["单位产品电耗的基准值中"]
    assert last[0].find("w:tcPr/w:tcBorders/w:top", NS).get(f"{W}sz") == "8"
    assert rows[-1].find(".//w:vertAlign", NS).get(f"{W}val") == "superscript"


def test_every_formula_is_a_word_equation_with_leader_and_number(content: bytes, full: Document) -> None:
    formulas = [b for b in tree.blocks(full) if isinstance(b, Formula)]
    styles = _part(content, "word/styles.xml")
    identifiers = {
        s.get(f"{W}styleId"): s
        for s in styles.iterfind("w:style", NS)
        if s.find("w:name", NS).get(f"{W}val") in ("标准文件_正文公式", "标准文件_附录公式")
    }
    lines = [
        p for p in _body(content).iter(f"{W}p") if p.find("w:pPr/w:pStyle", NS) is not None
        and p.find("w:pPr/w:pStyle", NS).get(f"{W}val") in identifiers
    ]  # fmt: skip
    assert [_text(p) for p in lines] == [f.label for f in formulas]
    assert all(len(p.findall("m:oMath", NS)) == 1 for p in lines)
    leader = next(iter(identifiers.values())).findall("w:pPr/w:tabs/w:tab", NS)[-1]
    assert (leader.get(f"{W}val"), leader.get(f"{W}leader")) == ("right", "middleDot")


def test_headings_have_outline_levels_and_bookmarks_that_references_lead_to(content: bytes) -> None:
    body = _body(content)
    names = {b.get(f"{W}name") for b in body.iter(f"{W}bookmarkStart")}
    assert len(names) == sum(1 for _ in body.iter(f"{W}bookmarkStart"))
    targets = {h.get(f"{W}anchor") for h in body.iter(f"{W}hyperlink")}
    assert targets
    assert targets <= names
    styles = {
        s.find("w:name", NS).get(f"{W}val"): s.find("w:pPr/w:outlineLvl", NS)
        for s in _part(content, "word/styles.xml").iterfind("w:style", NS)
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
    assert "附录A（资料性）\u3000指标基准值的取值方法和样本" in listed
    assert listed[-1] == "参考文献"
    assert not any(line.startswith("3.1") for line in listed)  # terms are never listed


def test_measured_page_labels_stand_in_the_contents_and_nothing_is_refreshed(full: Document) -> None:
    pages = {e.anchor: f"第{i}页" for i, e in enumerate(entries(full))}
    made = _rendered(full, pages=pages)
    lines = [p.text for p in docx.Document(io.BytesIO(made)).paragraphs if p.style.name.startswith("toc ")]
    assert [line.split("\t")[1] for line in lines] == [f"第{i}页" for i in range(len(lines))]
    assert _part(made, "word/settings.xml").find("w:updateFields", NS) is None
    assert _part(_rendered(full), "word/settings.xml").find("w:updateFields", NS) is not None


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
    assert "表1\u3000指标选取参考依据" in lines
    assert "表A.1\u3000指标基准值取值方法的设置" in lines


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


def test_the_row_of_footnotes_stays_with_the_last_row_of_the_table(content: bytes) -> None:
    table = next(t for t in _body(content).iterfind("w:tbl", NS) if "二级指标权重" in _text(t))
    kept = [
        all(p.find("w:pPr/w:keepNext", NS) is not None for p in r.iter(f"{W}p")) for r in table.iterfind("w:tr", NS)
    ]
    assert kept[-2:] == [True, False]
    assert not any(kept[:-2])
