"""Puts a draft together: cover, contents, preliminaries, body, annexes, 参考文献, 终结线."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lxml import etree

from drafting.document.titles import title_lines
from drafting.document.tree import Document
from drafting.render.breaks import NO_BREAKS, Breaks
from drafting.render.docx.blueprint import extended_properties
from drafting.render.docx.body import Writer
from drafting.render.docx.borrowed import opened
from drafting.render.docx.contents import contents_paragraphs
from drafting.render.docx.cover import cover_paragraphs
from drafting.render.docx.package import repack
from drafting.render.docx.references import targets
from drafting.render.docx.runs import broken
from drafting.render.docx.sections import headers_and_footers, section
from drafting.render.docx.styles import Blueprint
from drafting.render.docx.xml import element, tag

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_UNDATED = datetime(2000, 1, 1)


def word_bytes(
    document: Document,
    blueprint: Path | None = None,
    pages: Mapping[str, str] | None = None,
    breaks: Breaks = NO_BREAKS,
    *,
    final: bool = True,
) -> tuple[bytes, tuple[str, ...]]:
    """Render a draft to the bytes of a .docx.

    ``document``: the composed tree.
    ``blueprint``: a .docx with styles named as ours; ours if not given.
    ``pages``: page labels by anchor for the contents, see :func:`drafting.render.docx.contents.contents_paragraphs`.
    ``breaks``: where tables break; otherwise their header rows are repeated.
    ``final``: whether ``pages`` are right; otherwise Word is asked to refresh them.
    Returns the file, and the names of styles that the blueprint lacks (Normal stood in for them).
    """
    word = opened(blueprint)
    styles = Blueprint(word)
    marks = targets(document)
    writer = Writer(styles, marks, breaks)
    writer.out.extend(cover_paragraphs(document.cover, lambda style, words: _cover_line(writer, style, words)))
    writer.out.append(element("p", element("pPr", section("cover"))))
    writer.out.extend(contents_paragraphs(document, styles, marks, pages, final=final))
    for front in document.front:
        writer.front(front)
    _end_section(writer.out, section("body", kind="oddPage", numbers="upperRoman"))
    writer.add("标准文件_正文标准名称", *broken("\n".join(title_lines(document.title, _BODY_TITLE_HAN))))
    writer.blocks(document.chapters)
    for annex in document.annexes:
        writer.annex(annex)
    if document.bibliography:
        writer.bibliography(document.bibliography)
    writer.end_line()
    fill_body(word, writer.out, section("body", kind="oddPage", numbers="decimal"))
    header = [document.number, *(["内部资料"] if document.edition == "internal" else [])]
    headers_and_footers(word.sections[1], styles, "\u3000".join(header))
    set_properties(word, document)
    if pages is None or not final:
        ask_for_refresh(word)
    target = io.BytesIO()
    word.save(target)
    return repack(target.getvalue(), writer.tables), tuple(sorted(styles.missing))


_BODY_TITLE_HAN = 28
"""Han of 三号 (16 pt) in a line of the body, 165 mm wide."""


def _cover_line(writer: Writer, style: str, words: str) -> etree._Element:
    return writer.paragraph(style, *broken(words))


def _end_section(out: list[etree._Element], properties: etree._Element) -> None:
    """End a section with the last paragraph; after a table a paragraph is added for it."""
    if out[-1].tag != tag("p"):
        out.append(element("p", element("pPr")))
    found = out[-1].find(tag("pPr"))
    assert found is not None
    found.append(properties)


def fill_body(word: WordDocument, out: list[etree._Element], last: etree._Element) -> None:
    """Put paragraphs and tables into the body of a Word document, then the properties of its last section."""
    from docx.oxml import parse_xml

    body = word.element.body
    for child in list(body):
        body.remove(child)
    body.extend(out)
    body.append(last)
    # python-docx knows its own element classes only: sections are parsed anew so that it can give them headers.
    for old in [*body.iter(tag("sectPr"))]:
        old.getparent().replace(old, parse_xml(etree.tostring(old)))


_AFTER_UPDATE = ("hdrShapeDefaults", "footnotePr", "endnotePr", "compat")


def ask_for_refresh(word: WordDocument) -> None:
    """Let Word refresh the contents when it opens the file."""
    settings = word.settings.element
    after = next((found for name in _AFTER_UPDATE if (found := settings.find(tag(name))) is not None), None)
    made = element("updateFields", val="true")
    if after is None:
        settings.append(made)
    else:
        after.addprevious(made)


LONGEST_PROPERTY = 255
"""Characters that a property of a Word file may have."""


def set_properties(word: WordDocument, document: Document) -> None:
    """Set the properties of the file: title, number, stage, organisation, language, day; nobody's name."""
    properties = word.core_properties
    day = datetime(document.date.year, document.date.month, document.date.day) if document.date else _UNDATED
    properties.title = document.title[:LONGEST_PROPERTY]
    properties.subject = document.number[:LONGEST_PROPERTY]
    properties.content_status = document.stage[:LONGEST_PROPERTY]
    properties.language = document.language
    properties.author = ""
    properties.last_modified_by = ""
    properties.revision = 1
    properties.created = day
    properties.modified = day
    for part in word.part.package.iter_parts():
        if part.partname == "/docProps/app.xml":
            part._blob = extended_properties(document.organisation[:LONGEST_PROPERTY])


def write_word(
    document: Document,
    target: Path | str | BinaryIO,
    blueprint: Path | None = None,
    pages: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Render a draft into a file and return the names of the styles that the blueprint lacks."""
    content, missing = word_bytes(document, blueprint, pages)
    if isinstance(target, str | Path):
        Path(target).write_bytes(content)
    else:
        target.write(content)
    return missing
