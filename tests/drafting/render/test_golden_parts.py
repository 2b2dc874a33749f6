"""
Golden parts of the Word files as normalised XML: a cover, a term, a formula, a table, and a table of the 编制说明.

The files in ``golden/`` hold what Word reads: the blocks and the styles that they use. They were checked by eye against
the pictures of the pages and line by line against the layout facts of GB/T 1.1—2020 (table F.1); the tests below repeat
that check, so that a renewed file that breaks a fact fails. After a wanted change::

    RENEW_GOLDEN=1 python -m pytest tests/drafting/render/test_golden_parts.py

then look at the difference in the version control and at the pages before it is committed.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from drafting.document.numbering import resolve
from drafting.document.statement.labels import in_chinese
from drafting.document.tree import (
    Cell,
    Clause,
    Column,
    Cover,
    Document,
    Footnote,
    Formula,
    Note,
    Paragraph,
    Reference,
    Superscript,
    Symbol,
    Table,
    TermEntry,
    Text,
)
from drafting.render.docx.report import report_bytes
from drafting.render.docx.writer import word_bytes

GOLDEN = Path(__file__).with_name("golden")
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NS = {"w": W}


def _words(text: str) -> tuple[Text, ...]:
    return (Text(text),)


def _table() -> Table:
    merged = Cell(_words("能源消耗"), rowspan=2)
    limiting = Cell((Text("单位产品综合能耗"), Superscript("a")))
    return Table(
        "table",
        "水泥行业清洁生产评价指标体系",
        (Column(20), Column(40, "left"), Column(20), Column(20)),
        ((*(Cell(_words(t), align="center") for t in ("一级指标", "二级指标", "单位", "Ⅰ级基准值")),),),
        (
            (merged, limiting, Cell(_words("kgce/t")), Cell(_words("≤100"))),
            (Cell(_words("可再生能源比例")), Cell(_words("%")), Cell(_words("—"))),
        ),
        notes=(Note(_words("产量为合格产品产量。")),),
        footnotes=(Footnote("a", _words("限定性指标。")),),
    )


def _draft() -> Document:
    where = (
        Symbol("E_{ui}", _words("单位产品综合能耗，单位为千克标准煤每吨（kgce/t）；")),
        Symbol("E_i", _words("综合能耗；")),
        Symbol("Q", _words("产品产量。")),
    )
    cover = Cover(
        "中华人民共和国国家标准", "GB", "GB/T 12345—2026", "水泥行业清洁生产评价指标体系", ics="13.020.20", ccs="Z 04",
        replaces="代替GB/T 12345—2016",
        title_en="Assessment indicator system of cleaner production for cement industry",
        stage="（征求意见稿）", patent_call="在提交反馈意见时，请将您知道的相关专利连同支持性文件一并附上。",
        published="2026-06-01 发布", effective="2026-12-01 实施",
        issuers=("国家市场监督管理总局", "国家标准化管理委员会"),
    )  # fmt: skip
    term = TermEntry("清洁生产", "cleaner production", _words("不断改进的过程。"), source="GB/T 43329—2023，3.1")
    mention = Paragraph((Text("见"), Reference("table"), Text("。")))
    clause = Clause("评价", (mention, Formula(r"E_{ui} = \frac{E_i}{Q}", "formula", where), _table()), "c2")
    return resolve(Document(cover, (), (Clause("术语和定义", (term,), "c1"), clause), (), date=date(2026, 6, 1)))


def _paper() -> Document:
    clause = Clause("指标权重", (Paragraph((Text("见"), Reference("table"), Text("。"))), _table()), "p2")
    cover = Cover("", "", "", "《水泥行业清洁生产评价指标体系》编制说明", issuers=())
    return in_chinese(resolve(Document(cover, (), (Clause("主要内容", (clause,), "p1"),), (), date=date(2026, 6, 1))))


def _normalised(content: bytes, first: str, last: str) -> str:
    """Print the blocks from the one that holds some words to another's, and every style that they use."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        body = etree.fromstring(package.read("word/document.xml")).find("w:body", NS)
        styles = etree.fromstring(package.read("word/styles.xml"))
    assert body is not None
    blocks = list(body)
    begin = next(i for i, b in enumerate(blocks) if first in _text(b))
    end = next(i for i, b in enumerate(blocks) if i >= begin and last in _text(b))
    root = etree.Element("part", nsmap={"w": W})
    root.extend(blocks[begin : end + 1])
    used = {e.get(f"{{{W}}}val") for e in root.iter(f"{{{W}}}pStyle")}
    for style in styles.iterfind("w:style", NS):
        if style.get(f"{{{W}}}styleId") in used:
            root.append(style)
    for element in root.iter():
        element.tail = None
        for key, value in sorted(element.attrib.items()):
            del element.attrib[key]
            element.set(key, value)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["w"])
    etree.indent(root)
    return etree.tostring(root, encoding="unicode") + "\n"


def _text(element: etree._Element) -> str:
    return "".join(t.text or "" for t in element.iter(f"{{{W}}}t"))


def _parts() -> dict[str, str]:
    draft, _ = word_bytes(_draft())
    paper, _ = report_bytes(_paper(), {})
    return {
        "cover": _normalised(draft, "ICS", "国家标准化管理委员会"),
        "term": _normalised(draft, "清洁生产\u3000cleaner", "[来源"),
        "formula": _normalised(draft, "（1）", "产品产量。"),
        "table": _normalised(draft, "见表1", "限定性指标。"),
        "paper-table": _normalised(paper, "见表1", "限定性指标。"),
    }


@pytest.fixture(scope="module")
def parts() -> dict[str, str]:
    return _parts()


@pytest.mark.parametrize("name", ["cover", "term", "formula", "table", "paper-table"])
def test_the_part_is_as_it_was_checked(parts: dict[str, str], name: str) -> None:
    path = GOLDEN / f"{name}.xml"
    if os.environ.get("RENEW_GOLDEN"):
        path.write_text(parts[name], "utf-8")
    assert parts[name] == path.read_text("utf-8")


# --- the facts, read from the golden files ----------------------------------------------------------------------------
def _golden(name: str) -> etree._Element:
    return etree.fromstring((GOLDEN / f"{name}.xml").read_bytes())


@pytest.fixture(scope="module")
def facts(shared: Path) -> dict[str, dict[str, Any]]:
    """Layout facts of GB/T 1.1—2020 by element."""
    found = json.loads((shared / "reference" / "gbt11_layout.json").read_text("utf-8"))
    return {e["id"]: e for e in found["elements"]} | {"lines": found["lines_pt"], "names": found["set_style_names"]}


def _style(root: etree._Element, name: str) -> etree._Element:
    return next(s for s in root.iterfind("w:style", NS) if s.find("w:name", NS).get(f"{{{W}}}val") == name)


def _value(element: etree._Element, path: str, attribute: str = "val") -> str | None:
    found = element.find(path, NS)
    return None if found is None else found.get(f"{{{W}}}{attribute}")


@pytest.mark.parametrize(
    ("part", "style", "fact"),
    [
        ("cover", "封面ICS号和CCS号", "cover.ics_ccs"),
        ("cover", "标准文件_文件编号", "cover.number"),
        ("cover", "标准文件_替换文件编号", "cover.replaces"),
        ("cover", "标准文件_文件名称", "cover.title_zh"),
        ("cover", "封面标准英文名称", "cover.title_en"),
        ("cover", "封面文稿版次", "cover.draft_stage"),
        ("cover", "封面专利提示", "cover.patent_call"),
        ("cover", "封面发布日期", "cover.dates"),
        ("term", "标准文件_术语条一", "term.head"),
        ("term", "标准文件_段", "term.def"),
        ("table", "标准文件_正文表标题", "table.caption"),
        ("table", "标准文件_表格", "table.cell"),
        ("table", "标准文件_注：", "table.note"),
        ("table", "标准文件_表脚注", "table.footnote"),
        ("formula", "标准文件_段", "p"),
    ],
)
def test_face_and_size_are_those_of_table_f1(
    part: str, style: str, fact: str, facts: dict[str, dict[str, Any]]
) -> None:
    found = _style(_golden(part), style)
    asked = facts[fact]
    assert Decimal(_value(found, "w:rPr/w:sz") or "0") / 2 == Decimal(str(asked["size_pt"]))
    assert _value(found, "w:rPr/w:rFonts", "eastAsia") == asked["font_eastAsia"]
    aligned = _value(found, "w:pPr/w:jc")
    first = asked["align"].split(" ")[0]
    assert aligned in ({"justify": "both"}.get(first, first), None)


@pytest.mark.parametrize("part", ["table", "paper-table"])
def test_frames_are_thick_and_inner_lines_thin(part: str, facts: dict[str, dict[str, Any]]) -> None:
    thick, thin = (str(round(facts["lines"][n] * 8)) for n in ("thick", "thin"))
    *_, table = _golden(part).iterfind("w:tbl", NS)
    borders = table.find("w:tblPr/w:tblBorders", NS)
    assert borders is not None
    sizes = {etree.QName(e).localname: e.get(f"{{{W}}}sz") for e in borders}
    assert sizes == {**dict.fromkeys(("top", "left", "bottom", "right"), thick), "insideH": thin, "insideV": thin}
    head, *_, last = table.iterfind("w:tr", NS)
    assert head.find("w:trPr/w:tblHeader", NS) is not None
    for cell in head.iterfind("w:tc", NS):
        assert _value(cell, "w:tcPr/w:tcBorders/w:bottom", "sz") == thick
    # Notes and footnotes stand in one last row inside the frame, a thick line above them (table.footnote).
    (remarks,) = last.iterfind("w:tc", NS)
    assert _value(remarks, "w:tcPr/w:gridSpan") == "4"
    assert _value(remarks, "w:tcPr/w:tcBorders/w:top", "sz") == thick
    assert [_value(p, "w:pPr/w:pStyle") for p in remarks.iterfind("w:p", NS)] == ["GBNote", "GBTableFootnote"]


def test_the_table_is_as_wide_as_the_type_area_and_merges_the_first_level(facts: dict[str, dict[str, Any]]) -> None:
    *_, table = _golden("table").iterfind("w:tbl", NS)
    grid = [int(c.get(f"{{{W}}}w") or 0) for c in table.iterfind("w:tblGrid/w:gridCol", NS)]
    assert abs(sum(grid) - 165 / 25.4 * 1440) < 2  # twips of 165 mm
    merges = [m.get(f"{{{W}}}val") for m in table.iter(f"{{{W}}}vMerge")]
    assert merges == ["restart", "continue"]
    blank = [c for c in table.iter(f"{{{W}}}tc") if not _text(c) and c.find("w:tcPr/w:vMerge", NS) is None]
    assert blank == []


def test_the_cover_stands_in_frames_with_two_rules(facts: dict[str, dict[str, Any]]) -> None:
    cover = _golden("cover")
    rules = [s for s in cover.iterfind("w:style", NS) if s.find("w:pPr/w:pBdr/w:top", NS) is not None]
    assert {_value(s, "w:pPr/w:pBdr/w:top", "sz") for s in rules} == {str(round(facts["lines"]["cover_rule"] * 8))}
    assert len(rules) == 2
    names = {s.find("w:name", NS).get(f"{{{W}}}val") for s in cover.iterfind("w:style", NS)}
    assert set(facts["names"]["cover"]) <= names
    frames = cover.findall("w:p/w:pPr/w:framePr", NS)
    assert len(frames) == len(cover.findall("w:p", NS))
    for frame in frames:  # 170 mm from 20 mm on: within the rules
        left, width = (int(frame.get(f"{{{W}}}{a}") or 0) for a in ("x", "w"))
        assert left >= 20 / 25.4 * 1440 - 1
        assert left + width <= 190 / 25.4 * 1440 + 2


def test_the_symbols_of_a_formula_stand_under_式中_with_dashes_in_line() -> None:
    formula = _golden("formula")
    (line,) = formula.findall("w:tbl", NS)
    lines = formula.findall("w:p", NS)
    # On a line of its own: in the middle, then the number at the right end of a dotted leader.
    empty, equation, number = line.findall("w:tr/w:tc/w:p", NS)
    assert _text(empty) == ""
    assert (
        equation.find("m:oMathPara/m:oMath", {"m": "http://schemas.openxmlformats.org/officeDocument/2006/math"})
        is not None
    )
    assert _text(number) == "（1）"
    stops = number.findall("w:pPr/w:tabs/w:tab", NS)
    assert [(s.get(f"{{{W}}}val"), s.get(f"{{{W}}}leader")) for s in stops] == [("right", "middleDot")]
    assert _text(lines[0]) == "式中："
    places = {tuple(t.get(f"{{{W}}}pos") for t in line.iterfind("w:pPr/w:tabs/w:tab", NS)) for line in lines[1:]}
    assert len(places) == 1
    assert all("——" in _text(line) for line in lines[1:])
    assert [_text(line)[-1] for line in lines[1:]] == ["；", "；", "。"]
