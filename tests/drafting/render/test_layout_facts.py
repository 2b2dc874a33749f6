"""Every layout fact of GB/T 1.1—2020 against the blueprint, and the reviewer's checklist against both."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from drafting.render.docx.blueprint import stored

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NS = {"w": W[1:-1]}
ROOT = Path(__file__).resolve().parents[3]
STYLES = {
    "cover.ics_ccs": "封面ICS号和CCS号", "cover.record_no": "封面ICS号和CCS号", "cover.number": "标准文件_文件编号",
    "cover.replaces": "标准文件_替换文件编号", "cover.title_zh": "标准文件_文件名称",
    "cover.title_en": "封面标准英文名称",
    "cover.draft_stage": "封面文稿版次", "cover.completion_date": "封面完成日期", "cover.patent_call": "封面专利提示",
    "cover.dates": "封面发布日期", "toc.title": "标准文件_目录标题", "foreword.title": "标准文件_前言、引言标题",
    "intro.title": "标准文件_前言、引言标题", "toc.entry": "toc 1", "foreword.body": "标准文件_段", "p": "标准文件_段",
    "body.title": "标准文件_正文标准名称", "h.chapter": "标准文件_章标题", "h.clause": "标准文件_一级条标题",
    "h.clause_untitled": "标准文件_一级无标题", "list.l1": "标准文件_破折号列项", "list.l2": "标准文件_圆点列项",
    "ref.item": "标准文件_段", "term.number": "标准文件_术语条一", "term.head": "标准文件_术语条一",
    "term.def": "标准文件_段", "table.caption": "标准文件_正文表标题", "table.unit": "标准文件_表中单位",
    "table.cell": "标准文件_表格", "table.note": "标准文件_注：", "table.footnote": "标准文件_表脚注",
    "figure.caption": "标准文件_正文图标题", "formula.where": "标准文件_式中", "note": "标准文件_注：",
    "example": "标准文件_示例：", "annex.head": "标准文件_附录标识", "bib.title": "标准文件_参考文献标题",
    "bib.item": "标准文件_参考文献条目", "header": "标准文件_页眉奇数页", "footer": "标准文件_页脚奇数页",
}  # fmt: skip
ELSEWHERE = {"table.continued", "table.rules", "formula", "endline", "cover.rules", "cover.banner", "cover.issuer"}
"""Held by tests of their own."""
NOT_MADE = {
    "cover.doc_code", "cover.consistency", "body.important_notice", "figure.subcaption", "figure.text", "footnote",
    "backcover.number",
}  # fmt: skip
"""Special lettering, or elements that no draft of ours has."""


@pytest.fixture(scope="module")
def facts(shared: Path) -> dict[str, dict[str, Any]]:
    found = json.loads((shared / "reference" / "gbt11_layout.json").read_text("utf-8"))
    return {e["id"]: e for e in found["elements"]}


@pytest.fixture(scope="module")
def styles() -> dict[str, etree._Element]:
    with zipfile.ZipFile(stored()) as package:
        root = etree.fromstring(package.read("word/styles.xml"))
    return {s.find("w:name", NS).get(f"{W}val"): s for s in root.iterfind("w:style", NS)}


def test_every_fact_has_its_place(facts: dict[str, dict[str, Any]]) -> None:
    assert set(facts) == set(STYLES) | ELSEWHERE | NOT_MADE


@pytest.mark.parametrize("fact", STYLES)
def test_face_size_and_place_are_those_of_the_fact(
    fact: str, facts: dict[str, dict[str, Any]], styles: dict[str, etree._Element]
) -> None:
    style, asked = styles[STYLES[fact]], facts[fact]
    assert int(style.find("w:rPr/w:sz", NS).get(f"{W}val")) / 2 == asked["size_pt"]
    assert style.find("w:rPr/w:rFonts", NS).get(f"{W}eastAsia") == asked["font_eastAsia"]
    place = style.find("w:pPr/w:jc", NS)
    word = re.split(r"[ :/|]", asked["align"])[0]
    found = place.get(f"{W}val") if place is not None else "both"
    # Text that begins on the left may be justified; headers stand outside, right on odd pages.
    allowed = {"justify": {"both"}, "left": {"left", "both"}, "odd": {"right"}}.get(word, {word})
    assert found in allowed


@pytest.mark.parametrize(("fact", "lines"), [("h.chapter", 100), ("h.clause", 50), ("table.caption", 50)])
def test_lines_above_and_below(fact: str, lines: int, styles: dict[str, etree._Element]) -> None:
    spacing = styles[STYLES[fact]].find("w:pPr/w:spacing", NS)
    assert [spacing.get(f"{W}{side}Lines") for side in ("before", "after")] == [str(lines)] * 2


def test_the_checklist_names_every_fact_and_only_tests_that_exist(facts: dict[str, dict[str, Any]]) -> None:
    text = (ROOT / "docs" / "checklist.md").read_text("utf-8")
    assert [fact for fact in facts if f"`{fact}`" not in text] == []
    known = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named - known == set()
    assert len(named) > 30
    catalogue = (ROOT / "drafting" / "findings" / "catalogue" / "rules.toml").read_text("utf-8")
    rules = re.findall(r"`([a-z]+-[a-z-]+)`", text[text.index("## 文字") : text.index("## 文件")])
    assert len(rules) > 20
    assert [rule for rule in rules if f"[{rule}]" not in catalogue] == []
