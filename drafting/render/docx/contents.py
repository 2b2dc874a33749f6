"""The contents (目次): a TOC field that Word can refresh, filled with entries and, where known, page labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from drafting.document.tree import END_OF_TITLE, Block, Clause, Document
from drafting.render.docx.estimate import estimated
from drafting.render.docx.references import Target
from drafting.render.docx.runs import close_field, field, open_field, run, spaced, tab
from drafting.render.docx.styles import Blueprint
from drafting.render.docx.xml import element

TITLE = "目次"
DEPTH = 2
"""Chapters and their clauses."""
_STYLES = (
    ("标准文件_前言、引言标题", 1),
    ("标准文件_章标题", 1),
    ("标准文件_一级条标题", 2),
    ("标准文件_附录一级条标题", 2),
    ("标准文件_参考文献标题", 1),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents: its level from 1, what it says, the anchor it leads to."""

    level: int
    text: str
    anchor: str


def entries(document: Document) -> tuple[Entry, ...]:
    """List what the contents name: preliminary parts, titled clauses down to :data:`DEPTH`, annexes, 参考文献."""
    found = [Entry(1, front.title, front.anchor) for front in document.front]
    found += _clauses(document.chapters)
    for annex in document.annexes:
        found.append(Entry(1, f"{annex.label}（{annex.nature}）{END_OF_TITLE}{annex.title}", annex.anchor))
        found += _clauses(annex.children)
    if document.bibliography:
        found.append(Entry(1, document.bibliography.title, document.bibliography.anchor))
    return tuple(found)


def _clauses(blocks: tuple[Block, ...]) -> Iterator[Entry]:
    for block in blocks:
        if isinstance(block, Clause) and block.titled and block.level <= DEPTH:
            gap = "" if block.number.endswith(("、", "）")) else END_OF_TITLE
            yield Entry(block.level, f"{block.number}{gap}{block.title}", block.anchor)
            yield from _clauses(block.children)


def contents_paragraphs(
    document: Document, blueprint: Blueprint, marks: Mapping[str, Target], pages: Mapping[str, str] | None,
    *, final: bool = True,
) -> Iterator[etree._Element]:  # fmt: skip
    """Make title and entries; every page is a field that follows its clause.

    ``pages``: page label by anchor, measured on a laid-out copy. Without it the labels are estimated, and the contents
    are marked to be refreshed when the file is opened.
    ``final``: whether ``pages`` are right; otherwise the contents are marked too.
    """
    title = element("pPr", element("pStyle", val=blueprint.style("标准文件_目录标题").identifier))
    yield element("p", title, *spaced(TITLE, 320))
    listed = ",".join(f"{name},{level}" for name, level in _STYLES)
    opening = open_field(f'TOC \\h \\z \\f a \\t "{listed}"', dirty=pages is None or not final)
    labels = pages or estimated(document)
    lines = entries(document)
    for position, entry in enumerate(lines):
        style = element("pPr", element("pStyle", val=blueprint.style(f"toc {entry.level}").identifier))
        target = marks.get(entry.anchor)
        label = labels.get(entry.anchor, "1")
        page = (run(label),) if target is None else field(f"PAGEREF {target.name} \\h", run(label))
        words = (run(entry.text), tab(), *page)
        line = words if target is None else (element("hyperlink", *words, anchor=target.name, history=1),)
        yield element(
            "p",
            style,
            *(opening if position == 0 else ()),
            *line,
            *((close_field(),) if position == len(lines) - 1 else ()),
        )
