"""A plain working paper as .docx (title, paragraphs, tables) for lists that are no draft: changes, comments."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from lxml import etree

from drafting.document.tree import Block
from drafting.files import atomic
from drafting.render.docx.blueprint import looks, stored
from drafting.render.docx.body import Writer
from drafting.render.docx.package import repack
from drafting.render.docx.references import Target
from drafting.render.docx.runs import run
from drafting.render.docx.sections import section
from drafting.render.docx.styles import Blueprint
from drafting.render.docx.writer import fill_body
from drafting.render.docx.xml import NAMESPACES, element, serial, tag, twips

_FIRST_MARK = 1_000_000
"""Ids of rows' marks begin here."""
_UNDATED = datetime(2000, 1, 1)


def write_working_paper(target: Path, title: str, blocks: tuple[Block, ...], marks: Sequence[str] = ()) -> Path:
    """Write a working paper on landscape pages; the same blocks give the same bytes.

    ``marks`` are names of bookmarks for the body rows of its last table, in their order.

    Raises drafting.files.OutputError if it cannot be written.
    """
    import docx

    word = docx.Document(str(stored()))
    writer = _LandscapeWriter(Blueprint(word), {})
    writer.add("标准文件_正文标准名称", run(title))
    writer.blocks(blocks)
    writer.mark_rows(marks)
    fill_body(word, writer.out, _landscape(section("body", numbers="decimal")))
    properties = word.core_properties
    properties.title, properties.author, properties.last_modified_by = title[:255], "", ""
    properties.created = properties.modified = _UNDATED
    properties.revision, properties.language = 1, "zh-CN"
    content = io.BytesIO()
    word.save(content)
    with atomic(target) as partial:
        partial.write_bytes(repack(content.getvalue(), writer.tables))
    return target


class _LandscapeWriter(Writer):
    """Writes tables as wide as a page that lies on its side."""

    def __init__(self, blueprint: Blueprint, targets: Mapping[str, Target]) -> None:
        super().__init__(blueprint, targets)
        page = looks()["page"]
        self._width = twips(page["paper_mm"][1] - page["body"]["left_mm"] - page["body"]["right_mm"])

    def mark_rows(self, marks: Sequence[str]) -> None:
        """Put bookmarks into the first cells of the last table's body rows."""
        if not marks:
            return
        table = etree.fromstring(self.tables[-1])
        rows = [row for row in table.iterchildren(tag("tr")) if row.find("w:trPr/w:tblHeader", NAMESPACES) is None]
        for number, (row, name) in enumerate(zip(rows, marks, strict=False), _FIRST_MARK):
            paragraph = row.find("w:tc/w:p", NAMESPACES)
            if paragraph is not None:
                paragraph.append(element("bookmarkStart", id=number, name=name))
                paragraph.append(element("bookmarkEnd", id=number))
        self.tables[-1] = serial(table)


def _landscape(made: etree._Element) -> etree._Element:
    size = made.find(tag("pgSz"))
    if size is not None:
        width, height = str(size.get(tag("w"))), str(size.get(tag("h")))
        for name, value in (("w", height), ("h", width), ("orient", "landscape")):
            size.set(tag(name), value)
    return made
