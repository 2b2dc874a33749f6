"""
Contents and （续） without Word: what pages things fall on is measured on a copy that LibreOffice has laid out.

First layout: every row of a table carries a bookmark, so that its height is known. From these heights it is computed
once where each table breaks (:mod:`drafting.render.docx.breaking`). Second layout: the tables are cut, the page labels
are read, and it is seen whether every part stands on its page. A table of which that is not so is left whole, with its
header rows repeated.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from itertools import pairwise

from lxml import etree

from drafting.document.tree import Block, Document, Table, blocks, walk
from drafting.recall import key_of, once
from drafting.render.breaks import NO_BREAKS, Breaks
from drafting.render.docx.breaking import Measured, plan
from drafting.render.docx.estimate import roman
from drafting.render.docx.office import Office, OfficeError
from drafting.render.docx.package import write_package
from drafting.render.docx.references import bookmark_names
from drafting.render.docx.xml import NAMESPACES, W, element, tag, text

_PART = "word/document.xml"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What is known about the pages of a .docx that is to be rendered.

    Attributes
    ----------
    labels : mapping of str to str, or None
        Page labels by anchor; None: they are estimated.
    breaks : Breaks
        Where tables break.
    final : bool
        Whether the labels are right; otherwise Word is asked to refresh them.
    """

    labels: Mapping[str, str] | None = None
    breaks: Breaks = NO_BREAKS
    final: bool = False


Render = Callable[[Wanted], tuple[bytes, tuple[str, ...]]]
"""Gives the .docx and the names of missing styles."""


@dataclass(frozen=True, slots=True)
class Laid:
    """
    A .docx with what is known about its pages.

    ``outcome`` is ``measured``, or why the contents refresh in Word instead: ``absent`` (no LibreOffice or no pypdf),
    ``timeout``, ``failed``, ``unsettled`` (the tables ``loose`` repeat their header rows).
    """

    content: bytes
    missing: tuple[str, ...]
    outcome: str
    labels: Mapping[str, str] = field(default_factory=dict)
    breaks: Breaks = NO_BREAKS
    loose: tuple[str, ...] = ()


def lay_out(document: Document, render: Render, office: Office | None = None) -> Laid:
    """
    Render a draft with page labels in its contents and （续） captions where its tables break.

    Without LibreOffice, or when it hangs or fails, the draft comes all the same: page labels are estimated and
    refreshed by Word, header rows repeated.

    Parameters
    ----------
    document
        The composed tree.
    render
        Makes the .docx of that tree.
    office
        LibreOffice; None where there is none.
    """
    content, missing = render(Wanted())
    if office is None or find_spec("pypdf") is None:
        return Laid(content, missing, "absent")
    try:
        return _settle(document, render, office, content)
    except OfficeError as error:
        return Laid(content, missing, error.reason)


def _settle(document: Document, render: Render, office: Office, plain: bytes) -> Laid:
    parts = [n for n, part in enumerate(_flows(document)) for b in walk(part) if isinstance(b, Table)]
    tables = [b for b in blocks(document) if isinstance(b, Table)]
    names = bookmark_names(document)
    first = _seen(office, _edited(_without_pictures(plain), _measurable))
    breaks = plan([_measured(n, table, part, first) for n, (table, part) in enumerate(zip(tables, parts, strict=True))])
    made, missing = render(Wanted(_labels(document, names, first.pages), breaks))
    mark = partial(_mark_rows, cuts=breaks.cuts)
    second = _seen(office, _edited(_without_pictures(made), mark))
    labels = _labels(document, names, second.pages)
    loose = {n for n in range(len(tables)) if not _stands(n, breaks.cuts.get(n, ()), second.pages)}
    if loose:
        kept = Breaks({n: rows for n, rows in breaks.cuts.items() if n not in loose}, breaks.moved)
        content = render(Wanted(labels, kept))[0]
        return Laid(content, missing, "unsettled", labels, kept, tuple(tables[n].label for n in sorted(loose)))
    return Laid(render(Wanted(labels, breaks, final=True))[0], missing, "measured", labels, breaks)


def _flows(document: Document) -> Iterator[tuple[Block, ...]]:
    """Give what flows on from page to page; each begins on a new page."""
    yield from (front.children for front in document.front)
    yield document.chapters
    yield from (annex.children for annex in document.annexes)


def _stands(table: int, cuts: tuple[int, ...], pages: Mapping[str, int]) -> bool:
    """Whether the rows of each part of a table stand on one page, and each part on another than the one before."""
    rows = {int(name.rpartition("x")[2]): page for name, page in pages.items() if name.startswith(f"{_ROW}{table}x")}
    return all((rows[b] != rows[a]) == (b in cuts) for a, b in pairwise(sorted(rows)))


# --- reading the laid-out copy ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Seen:
    """Page (from 0) of every bookmark, and its height above the lower edge in points."""

    pages: dict[str, int]
    tops: dict[str, float]


def _measured(number: int, table: Table, flow: int, seen: _Seen) -> Measured:
    """Gather what was seen of a table: its header, its rows and what stands behind it."""
    marks = [f"{_HEAD}{number}"]
    marks += [f"{_ROW}{number}x{row}" for row in range(len(table.body) + bool(table.notes or table.footnotes))]
    marks.append(f"{_NEXT}{number}")
    places = [(seen.pages[m], seen.tops[m]) if m in seen.tops else None for m in marks]
    return Measured(number, table, flow, tuple(places))


def _seen(office: Office, content: bytes) -> _Seen:
    """Where things fall when a copy is laid out; known already where the same copy was."""

    def make() -> bytes:
        found = _read(office.to_pdf(content))
        return json.dumps([found.pages, found.tops]).encode()

    return _Seen(*json.loads(once(key_of("layout", office.version, content), make)))


def _read(pdf: bytes) -> _Seen:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(pdf))
    pages: dict[str, int] = {}
    tops: dict[str, float] = {}
    for name, destination in reader.named_destinations.items():
        number = reader.get_destination_page_number(destination)
        if number is not None:
            # Names of PDF objects write the underscore as its code.
            mark = "_" + name.removeprefix("/").removeprefix("5F").removeprefix("_")
            pages[mark] = number
            if isinstance(destination.top, int | float):
                tops[mark] = float(destination.top)
    return _Seen(pages, tops)


def _labels(document: Document, names: Mapping[str, str], seen: Mapping[str, int]) -> dict[str, str]:
    """Page labels by anchor: Roman in the preliminaries, Arabic from 1 where the first chapter stands."""
    first = min((seen[names[c.anchor]] for c in document.chapters if names.get(c.anchor) in seen), default=0)
    contents = seen.get(_CONTENTS, 1)
    labels: dict[str, str] = {}
    for anchor, name in names.items():
        if name in seen:
            page = seen[name]
            labels[anchor] = str(page - first + 1) if page >= first else roman(page - contents + 1)
    return labels


# --- changing the document --------------------------------------------------------------------------------------------
_ROW, _HEAD, _NEXT = "_RowPlace", "_HeadPlace", "_NextPlace"
_CONTENTS = "_ContentsPlace"
_FIRST_MARK = 1_000_000
"""Ids of our bookmarks in the copy begin here."""


def _edited(content: bytes, change: Callable[[etree._Element], object]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    root = etree.fromstring(files[_PART], _PARSER)
    body = root.find(f"{{{W}}}body")
    if body is None:
        return content
    change(body)
    _without_figures(body)
    files[_PART] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return write_package(files)


_FIGURES = str.maketrans("123456789" + "１２３４５６７８９", "0" * 9 + "０" * 9)


def _without_figures(body: etree._Element) -> None:
    """
    Put a nought for every figure: all are equally wide, and a line breaks at one as at another.

    A layout that is known holds on after a result has changed, as long as no number grows longer or shorter.
    """
    for words in body.iter(f"{{{W}}}t", _MATH_TEXT):
        if words.text:
            words.text = words.text.translate(_FIGURES)


_DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
"""A picture of one dot."""


def _without_pictures(content: bytes) -> bytes:
    """Give a copy to measure with one dot in place of every picture: the size of each stands in the text."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    pictures = [name for name in files if name.startswith("word/media/") and name.endswith(".png")]
    return write_package(files | dict.fromkeys(pictures, _DOT))


def _tables(body: etree._Element) -> list[etree._Element]:
    """Give the tables of the draft; formulas stand in tables of their own, without a first row."""
    look = f"{{{W}}}firstRow"
    found = (t for t in body if t.tag == tag("tbl"))
    return [t for t in found if (e := t.find("w:tblPr/w:tblLook", NAMESPACES)) is not None and e.get(look) == "1"]


def _rows(table: etree._Element) -> tuple[list[etree._Element], list[etree._Element]]:
    rows = list(table.iterchildren(tag("tr")))
    head = [r for r in rows if r.find("w:trPr/w:tblHeader", NAMESPACES) is not None]
    return head, rows[len(head) :]


def _mark_contents(body: etree._Element) -> None:
    """Put a bookmark where the contents begin: page I."""
    field_mark = body.find("w:p/w:r/w:fldChar", NAMESPACES)
    run = field_mark.getparent() if field_mark is not None else None
    paragraph = run.getparent() if run is not None else None
    if paragraph is not None:
        paragraph.append(element("bookmarkStart", id=_FIRST_MARK, name=_CONTENTS))
        paragraph.append(element("bookmarkEnd", id=_FIRST_MARK))


class _Marks:
    """Puts bookmarks into the copy."""

    def __init__(self) -> None:
        self._count = _FIRST_MARK

    def put(self, paragraph: etree._Element | None, name: str) -> None:
        if paragraph is not None:
            self._count += 1
            at = 1 if paragraph.find(tag("pPr")) is not None else 0
            paragraph.insert(at, element("bookmarkEnd", id=self._count))
            paragraph.insert(at, element("bookmarkStart", id=self._count, name=name))


def _mark_rows(body: etree._Element, cuts: Mapping[int, tuple[int, ...]]) -> None:
    """Put a bookmark into every body row; parts of a table that was cut count on."""
    _mark_contents(body)
    marks = _Marks()
    tables = iter(_tables(body))
    for position, table in enumerate(tables):
        parts = [table, *(next(tables) for _ in cuts.get(position, ()))]
        lines = (line for part in parts for line in _rows(part)[1])
        for row, line in enumerate(lines):
            marks.put(_own(line), f"{_ROW}{position}x{row}")


def _own(row: etree._Element) -> etree._Element | None:
    """Give a paragraph of a cell that belongs to a row alone; it stands at the top of the row."""
    cells = row.findall("w:tc", NAMESPACES)
    alone = (c for c in reversed(cells) if c.find("w:tcPr/w:vMerge", NAMESPACES) is None)
    cell = next(alone, cells[-1] if cells else None)
    if cell is None:
        return None
    for place in cell.iterfind("w:tcPr/w:vAlign", NAMESPACES):
        place.set(tag("val"), "top")
    return cell.find("w:p", NAMESPACES)


def _measurable(body: etree._Element) -> None:
    """
    Mark header and rows of every table and what stands behind it.

    Cells over several rows are dissolved: a layout takes time without end where they go over many pages.
    """
    _mark_contents(body)
    marks = _Marks()
    for number, made in enumerate(_tables(body)):
        head, lines = _rows(made)
        _dissolve(lines)
        for row, line in enumerate(lines):
            marks.put(_own(line), f"{_ROW}{number}x{row}")
        if head:
            marks.put(_own(head[0]), f"{_HEAD}{number}")
        behind = made.getnext()
        marks.put(behind if behind is not None and behind.tag == tag("p") else None, f"{_NEXT}{number}")


_HAN_IN_CELL, _SIDES, _ROW_LINES = 180, 114, 1.25
"""Width of a Han of 9 pt and the margins of a cell in twips; lines for which the least height of a row has room."""


def _dissolve(lines: Sequence[etree._Element]) -> None:
    """Give each row its share of the words of cells that go over several rows."""
    open_cells: dict[int, list[etree._Element]] = {}
    for line in [*lines, None]:
        going: dict[int, list[etree._Element]] = {}
        for cell, column in _placed(line) if line is not None else ():
            merge = cell.find("w:tcPr/w:vMerge", NAMESPACES)
            if merge is None:
                continue
            begins = merge.get(tag("val")) == "restart" or column not in open_cells
            going[column] = [cell] if begins else [*open_cells.pop(column), cell]
        for cells in open_cells.values():
            _share(cells)
        open_cells = going


def _share(cells: Sequence[etree._Element]) -> None:
    words = "".join(t.text or "" for t in cells[0].iter(tag("t")))
    place = cells[0].find("w:tcPr/w:tcW", NAMESPACES)
    room = max(1, (int(place.get(tag("w")) or 0) - _SIDES) // _HAN_IN_CELL) if place is not None else 1
    lines = -(-len(words) // room)
    count = room * -(-lines // len(cells)) if lines > _ROW_LINES * len(cells) else 0
    for number, cell in enumerate(cells):
        for old in cell.findall("w:tcPr/w:vMerge", NAMESPACES):
            old.getparent().remove(old)  # type: ignore[union-attr]  # found below it
        first, *rest = cell.findall("w:p", NAMESPACES)
        for other in [*rest, *(c for c in first if c.tag != tag("pPr"))]:
            other.getparent().remove(other)  # type: ignore[union-attr]  # found below it
        first.append(element("r", text(words[number * count : (number + 1) * count])))


def _placed(row: etree._Element) -> Iterator[tuple[etree._Element, int]]:
    column = 0
    for cell in row.iterchildren(tag("tc")):
        yield cell, column
        span = cell.find("w:tcPr/w:gridSpan", NAMESPACES)
        column += int(span.get(tag("val")) or 1) if span is not None else 1
