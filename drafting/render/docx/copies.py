"""Copies of a .docx to measure: marks at rows, headers and what stands behind tables, one dot for every picture."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence

from lxml import etree

from drafting.render.docx.package import write_package
from drafting.render.docx.xml import NAMESPACES, W, element, tag, text

_PART = "word/document.xml"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
ROW, HEAD, NEXT = "_RowPlace", "_HeadPlace", "_NextPlace"
CONTENTS = "_ContentsPlace"
_FIRST_MARK = 1_000_000
"""Ids of our bookmarks in the copy begin here."""


def edited(content: bytes, change: Callable[[etree._Element], object]) -> bytes:
    """Give a copy whose body was changed."""
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
    """Put a nought for every figure: all are equally wide, and a line breaks at one as at another.

    A layout that is known holds on after a result has changed, as long as no number grows longer or shorter.
    """
    for words in body.iter(f"{{{W}}}t", _MATH_TEXT):
        if words.text:
            words.text = words.text.translate(_FIGURES)


_DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
"""A picture of one dot."""


def without_pictures(content: bytes) -> bytes:
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
        paragraph.append(element("bookmarkStart", id=_FIRST_MARK, name=CONTENTS))
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


def mark_rows(body: etree._Element, cuts: Mapping[int, tuple[int, ...]]) -> None:
    """Put a bookmark into every body row; parts of a table that was cut count on."""
    _mark_contents(body)
    marks = _Marks()
    tables = iter(_tables(body))
    for position, table in enumerate(tables):
        parts = [table, *(next(tables) for _ in cuts.get(position, ()))]
        lines = (line for part in parts for line in _rows(part)[1])
        for row, line in enumerate(lines):
            marks.put(_own(line), f"{ROW}{position}x{row}")


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


def measurable(body: etree._Element) -> None:
    """Mark header and rows of every table and what stands behind it.

    Cells over several rows are dissolved: a layout takes time without end where they go over many pages.
    """
    _mark_contents(body)
    marks = _Marks()
    for number, made in enumerate(_tables(body)):
        head, lines = _rows(made)
        _dissolve(lines)
        for row, line in enumerate(lines):
            marks.put(_own(line), f"{ROW}{number}x{row}")
        if head:
            marks.put(_own(head[0]), f"{HEAD}{number}")
        behind = made.getnext()
        marks.put(behind if behind is not None and behind.tag == tag("p") else None, f"{NEXT}{number}")


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
        for about in cell.findall("w:tcPr", NAMESPACES):
            for old in about.findall("w:vMerge", NAMESPACES):
                about.remove(old)
        first, *rest = cell.findall("w:p", NAMESPACES)
        for other in rest:
            cell.remove(other)
        for other in [c for c in first if c.tag != tag("pPr")]:
            first.remove(other)
        first.append(element("r", text(words[number * count : (number + 1) * count])))


def _placed(row: etree._Element) -> Iterator[tuple[etree._Element, int]]:
    column = 0
    for cell in row.iterchildren(tag("tc")):
        yield cell, column
        span = cell.find("w:tcPr/w:gridSpan", NAMESPACES)
        column += int(span.get(tag("val")) or 1) if span is not None else 1
