"""Papers (编制说明) as Word reports: title page, contents, chapters 一、（一）1., tables, figures, page numbers."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from drafting.document.titles import title_lines
from drafting.document.tree import Document
from drafting.render.breaks import NO_BREAKS, Breaks
from drafting.render.docx.body import Writer
from drafting.render.docx.borrowed import opened
from drafting.render.docx.contents import contents_paragraphs
from drafting.render.docx.package import repack
from drafting.render.docx.references import Target, targets
from drafting.render.docx.runs import field, run
from drafting.render.docx.sections import section
from drafting.render.docx.styles import Blueprint
from drafting.render.docx.writer import ask_for_refresh, fill_body, set_properties
from drafting.render.docx.xml import NAMESPACES, element, tag

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_HEADINGS = ("标准文件_章标题", "标准文件_一级条标题", "标准文件_二级条标题", "标准文件_三级条标题")
_SIZES = {
    "标准文件_段": 24, "标准文件_破折号列项": 24, "标准文件_章标题": 32, "标准文件_一级条标题": 28,
    "标准文件_二级条标题": 24, "标准文件_附录一级条标题": 24, "标准文件_正文表标题": 21, "标准文件_正文图标题": 21,
}  # fmt: skip
"""Sizes in half points: 三号, 四号, 小四 for a report's headings and text."""
_OPEN_LINES = ("标准文件_段", "标准文件_破折号列项")
_TITLE_HAN = 20
"""Han of 二号 (22 pt) in a line of the title page."""
_LINE = 360
"""One and a half lines."""
INTERNAL = "内部资料"


class _ReportWriter(Writer):
    """Writes numbers as they stand: 一、 needs no gap before its title; its lines stand on no grid."""

    def __init__(self, blueprint: Blueprint, targets: Mapping[str, Target], breaks: Breaks = NO_BREAKS) -> None:
        super().__init__(blueprint, targets, breaks)
        self._gridded = False

    def paragraph(self, style: str, *content: etree._Element, marker: str = "", **options: Any) -> etree._Element:
        if marker.endswith(("、", "）")) and style in _HEADINGS:
            options["gap"] = ""
        return super().paragraph(style, *content, marker=marker, **options)


def report_bytes(
    document: Document,
    pages: Mapping[str, str] | None = None,
    blueprint: Path | None = None,
    breaks: Breaks = NO_BREAKS,
    *,
    final: bool = True,
) -> tuple[bytes, tuple[str, ...]]:
    """Render a paper to the bytes of a .docx.

    ``document``: the composed tree; its cover gives the title page.
    ``pages``: page labels by anchor for the contents.
    ``blueprint``: a committee's .docx; ours if not given. Its styles are the draft's, numbered by the paper.
    ``breaks``: where tables break: the parts bear the caption with （续）, and merged cells begin again.
    ``final``: whether ``pages`` are right; otherwise Word is asked to refresh them.
    Returns the file, and the names of styles that the blueprint lacks.
    """
    word = opened(blueprint)
    _as_report(word)
    styles = Blueprint(word)
    marks = targets(document)
    writer = _ReportWriter(styles, marks, breaks)
    writer.out.extend(_title_page(document))
    writer.out.append(element("p", element("pPr", _plain(section("body")))))
    writer.out.extend(contents_paragraphs(document, styles, marks, pages, final=final))
    writer.out.append(element("p", element("pPr", _plain(section("body")))))
    writer.blocks(document.chapters)
    for annex in document.annexes:
        writer.annex(annex)
    fill_body(word, writer.out, _plain(section("body", numbers="decimal")))
    _furnish(word, document, styles)
    set_properties(word, document)
    if pages is None or not final:
        ask_for_refresh(word)
    target = io.BytesIO()
    word.save(target)
    return repack(target.getvalue(), writer.tables), tuple(sorted(styles.missing))


def _as_report(word: WordDocument) -> None:
    """Give headings the numbers, and text and headings the sizes and lines, of a report."""
    found = {
        name.get(tag("val")): name.getparent()
        for name in word.styles.element.iterfind("w:style[@w:type='paragraph']/w:name", NAMESPACES)
    }
    _count_in_chinese(word, found.get(_HEADINGS[0]))
    for name, size in _SIZES.items():
        if (style := found.get(name)) is not None:
            _resize(style, size)
    dash = found.get("标准文件_破折号列项")
    indent = dash.find("w:pPr/w:ind", NAMESPACES) if dash is not None else None
    if indent is not None:
        # Two dashes of 小四 after two Han of it; counts in Han would be of 五号.
        indent.attrib.clear()
        for side, value in (("left", 960), ("hanging", 480)):
            indent.set(tag(side), str(value))
    first = found["标准文件_段"].find("w:pPr/w:ind", NAMESPACES) if "标准文件_段" in found else None
    if first is not None:
        first.set(tag("firstLine"), "480")
    for name in _OPEN_LINES:
        spacing = found[name].find("w:pPr/w:spacing", NAMESPACES) if name in found else None
        if spacing is not None:
            spacing.set(tag("line"), str(_LINE))
            spacing.set(tag("lineRule"), "auto")


_NUMBERS = (("chineseCountingThousand", "%1、"), ("chineseCountingThousand", "（%2）"), ("decimal", "%3."),
            ("decimal", "（%4）"))  # fmt: skip
"""How chapters and clauses of a report are numbered, see :mod:`drafting.document.statement.labels`."""


def _count_in_chinese(word: WordDocument, chapter: etree._Element | None) -> None:
    """Let the list of the chapters count 一、（一）1.（1）."""
    number = chapter.find("w:pPr/w:numPr/w:numId", NAMESPACES) if chapter is not None else None
    if number is None:
        return
    lists = word.part.numbering_part.element
    kind = lists.find(f"w:num[@w:numId='{number.get(tag('val'))}']/w:abstractNumId", NAMESPACES)
    path = f"w:abstractNum[@w:abstractNumId='{kind.get(tag('val'))}']/w:lvl" if kind is not None else "w:none"
    for level in lists.iterfind(path, NAMESPACES):
        at = int(level.get(tag("ilvl"), "0"))
        for name, value in zip(("numFmt", "lvlText"), _NUMBERS[at] if at < len(_NUMBERS) else (), strict=False):
            if (said := level.find(f"w:{name}", NAMESPACES)) is not None:
                said.set(tag("val"), value)


def _resize(style: etree._Element, size: int) -> None:
    properties = style.find("w:rPr", NAMESPACES)
    if properties is None:
        properties = element("rPr")
        style.append(properties)
    for name in ("sz", "szCs"):
        for old in properties.findall(f"w:{name}", NAMESPACES):
            properties.remove(old)
    after = [c for c in properties if c.tag in (tag("rFonts"), tag("b"), tag("color"), tag("spacing"), tag("kern"))]
    at = properties.index(after[-1]) + 1 if after else 0
    properties.insert(at, element("sz", val=size))
    properties.insert(at + 1, element("szCs", val=size))


def _title_page(document: Document) -> Sequence[etree._Element]:
    """Make the title in the upper half of the first page, the marks above it, who wrote it and when below."""
    cover = document.cover
    lines = [(words, 32, 600) for words in cover.flags]
    title = [line for part in cover.title.replace("》", "》\n").splitlines() for line in title_lines(part, _TITLE_HAN)]
    lines += [(words, 44, 240 if position else 4200) for position, words in enumerate(title)]
    below = cover.completed.split("\u3000") if cover.completed else []
    room = max(1200, 5600 - 700 * (len(title) + len(below)))
    lines += [(words, 32, 120 if position else room) for position, words in enumerate(below)]
    return [_centred(words, size, before) for words, size, before in lines]


def _centred(words: str, size: int, before: int) -> etree._Element:
    properties = element(
        "pPr",
        element("snapToGrid", val=0),
        element("spacing", before=before, line=360, lineRule="auto"),
        element("jc", val="center"),
    )
    face = element("rFonts", ascii="黑体", hAnsi="黑体", eastAsia="黑体")
    return element("p", properties, run(words, face, element("sz", val=size), element("szCs", val=size)))


def _plain(properties: etree._Element) -> etree._Element:
    """Drop the line grid, which belongs to standards."""
    for grid in properties.findall(tag("docGrid")):
        properties.remove(grid)
    return properties


def _furnish(word: WordDocument, document: Document, styles: Blueprint) -> None:
    """Put 内部资料 into the headers of the internal edition, page numbers into the footers of the text.

    Title page and contents have none: numbers that begin anew would put an empty page before each in LibreOffice.
    """
    words = INTERNAL if document.edition == "internal" else ""
    header = styles.style("标准文件_页眉奇数页").identifier
    footer = styles.style("标准文件_页脚奇数页").identifier
    *before, text = word.sections
    for where in (*before, text):
        for top in (where.header, where.even_page_header):
            _replace(top, header, run(words) if words else None)
        for bottom in (where.footer, where.even_page_footer):
            _replace(bottom, footer, *(field("PAGE", run("1")) if where is text else ()))


def _replace(part: Any, style: str, *content: etree._Element | None) -> None:
    part.is_linked_to_previous = False
    root = part._element
    for child in list(root):
        root.remove(child)
    root.append(element("p", element("pPr", element("pStyle", val=style), element("jc", val="center")), *content))
