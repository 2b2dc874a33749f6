"""The cover: text frames at fixed places, their styles in the blueprint."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from drafting.document.titles import title_lines
from drafting.document.tree import Cover
from drafting.render.docx.xml import element, tag

_TITLE_HAN = 18
"""Han of 一号 (26 pt) in a line of the cover, 170 mm wide."""
_ISSUER_LINE = 520
"""Line of an issuer in twips, as in the style 封面发布机构."""

Paragraph = Callable[[str, str], etree._Element]
"""Makes a paragraph from a style's name and words; lines are separated by line breaks."""


def cover_paragraphs(cover: Cover, paragraph: Paragraph) -> Iterator[etree._Element]:
    """Make the paragraphs of the cover in reading order; lines without words are left out, rules are not."""
    lines = (
        ("封面ICS号和CCS号", f"ICS\u2003{cover.ics}" if cover.ics else ""),
        ("封面ICS号和CCS号", f"CCS\u2003{cover.ccs}" if cover.ccs else ""),
        ("封面ICS号和CCS号", cover.record),
        ("封面文件代号", cover.code),
        ("标准称谓", cover.banner),
        ("标准文件_文件编号", cover.number),
        ("标准文件_替换文件编号", cover.replaces),
    )
    yield from (paragraph(style, words) for style, words in lines if words)
    yield paragraph("封面上横线", "")
    yield paragraph("标准文件_文件名称", "\n".join(title_lines(cover.title, _TITLE_HAN)))
    middle = (
        ("封面标准英文名称", cover.title_en),
        ("封面文稿版次", cover.stage),
        ("封面完成日期", cover.completed),
        ("封面专利提示", cover.patent_call),
        *(("封面标记", flag) for flag in cover.flags),
        ("封面发布日期", cover.published),
        ("封面实施日期", cover.effective),
    )
    yield from (paragraph(style, words) for style, words in middle if words)
    yield paragraph("封面下横线", "")
    yield from (paragraph("封面发布机构", issuer) for issuer in cover.issuers)
    issue = paragraph("封面发布字样", "发布")
    # Half-way between the first and the last issuer, who stand below one another.
    before = (len(cover.issuers) - 1) * _ISSUER_LINE // 2
    if before > 0 and (properties := issue.find(tag("pPr"))) is not None:
        properties.append(element("spacing", before=before, line=_ISSUER_LINE, lineRule="exact"))
    yield issue
