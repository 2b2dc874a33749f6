"""
Contents and （续） without Word: what pages things fall on is measured on a copy that LibreOffice has laid out.

First pass: every table row carries a bookmark and every caption stands in a repeated header row, so that each page of
a table has the height that it will have with a （续） caption. Second pass: page labels go into the contents, tables
are cut where pages end, and the result is laid out again to see that nothing has moved. What still overflows is cut
once more.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from itertools import pairwise

from lxml import etree

from drafting.document.tree import Document
from drafting.render.docx.office import Office, OfficeError
from drafting.render.docx.package import write_package
from drafting.render.docx.writer import bookmark_names
from drafting.render.docx.xml import NAMESPACES, W, element, tag, text

CONTINUED = "（续）"
_PART, _STYLES = "word/document.xml", "word/styles.xml"
_STYLE = "标准文件_表格续"
_PASSES, _MOVING = 7, 4
"""How often a draft is laid out at most, and how often of those a cut may still move."""
_FEW = 3
"""Rows that shall not stand alone on a page because those before them took a line more than foreseen."""
_SHIFT = 60.0
"""Points by which a table may begin higher or lower before its cuts are out of place and looked for anew."""
_SAFETY = 60
"""Twips by which a caption is taken to be higher: a row less on a page is better than one that overflows."""
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)

Cuts = dict[int, tuple[int, ...]]
"""Position of a table -> its body rows that begin on a new page."""
Render = Callable[[Mapping[str, str] | None], tuple[bytes, tuple[str, ...]]]
"""Gives the .docx and the names of missing styles for page labels by anchor."""


@dataclass(frozen=True, slots=True)
class Laid:
    """
    A .docx with what is known about its pages.

    ``outcome`` is ``measured``, or why the contents refresh in Word instead: ``absent`` (no LibreOffice or no pypdf),
    ``timeout``, ``failed``, ``unsettled``.
    """

    content: bytes
    missing: tuple[str, ...]
    outcome: str
    labels: Mapping[str, str] = field(default_factory=dict)
    cuts: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


def lay_out(document: Document, render: Render, office: Office | None = None, *, continued: bool = True) -> Laid:
    """
    Render a draft with page labels in its contents and （续） captions where its tables break.

    Without LibreOffice, or when it hangs or fails, the draft comes all the same: contents as a field to refresh, header
    rows repeated.

    Parameters
    ----------
    document
        The composed tree.
    render
        Makes the .docx of that tree.
    office
        LibreOffice; None where there is none.
    continued
        Cut tables where pages end, with （续） captions; otherwise their header rows are repeated by Word.
    """
    content, missing = render(None)
    if office is None or find_spec("pypdf") is None:
        return Laid(content, missing, "absent")
    try:
        if continued:
            return _settle(document, render, office, content, missing)
        seen = _read(office.to_pdf(_edited(_without_pictures(content), _mark_contents))).pages
        labels = _labels(document, bookmark_names(document), seen)
        return Laid(render(labels)[0], missing, "measured", labels)
    except OfficeError as error:
        return Laid(content, missing, error.reason)


def _settle(document: Document, render: Render, office: Office, plain: bytes, missing: tuple[str, ...]) -> Laid:
    names = bookmark_names(document)
    seen = _read(office.to_pdf(_edited(_without_pictures(plain), _measurable)))
    cuts = _breaks(seen.pages, {})
    begins = {table: seen.begin(table) for table in cuts}
    labels = _labels(document, names, seen.pages)
    for attempt in range(_PASSES):
        content = _edited(render(labels)[0], partial(_cut, cuts=cuts))
        seen = _read(office.to_pdf(_edited(_without_pictures(content), partial(_mark_rows, cuts=cuts))))
        again, more = _labels(document, names, seen.pages), _breaks(seen.pages, cuts, move=attempt < _MOVING)
        if attempt < _MOVING:
            # A table that begins elsewhere now was cut for another place: it flows freely once more.
            more = {t: rows for t, rows in more.items() if abs(seen.begin(t) - begins.get(t, seen.begin(t))) <= _SHIFT}
        if again == labels and more == cuts:
            return Laid(content, missing, "measured", labels, cuts)
        begins = {t: begins[t] if t in cuts and t in begins else seen.begin(t) for t in more}
        labels, cuts = again, more
    return Laid(plain, missing, "unsettled")


# --- reading the laid-out copy ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Seen:
    """Page (from 0) of every bookmark, and its height above the lower edge in points."""

    pages: dict[str, int]
    tops: dict[str, float]

    def begin(self, table: int) -> float:
        """How high the first row of a table stands."""
        return self.tops.get(f"{_ROW}{table}x0", 0.0)


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


def roman(number: int) -> str:
    """Write a number from 1 in capital Roman numerals."""
    signs = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    words = ""
    for value, sign in signs:
        while number >= value:
            words += sign
            number -= value
    return words


def _breaks(seen: Mapping[str, int], cuts: Mapping[int, tuple[int, ...]], *, move: bool = True) -> Cuts:
    """
    Rows that begin on another page than the row before, per table.

    On a copy that has been cut already, only the first overflow of each part is taken: what follows will move. Where it
    stands close before the next cut, that cut moves up to it, unless ``move`` is false.
    """
    rows: dict[int, dict[int, int]] = {}
    for name, page in seen.items():
        if name.startswith(_ROW):
            table_text, row_text = name.removeprefix(_ROW).split("x")
            rows.setdefault(int(table_text), {})[int(row_text)] = page
    found: Cuts = {}
    for table, pages in rows.items():
        given = set(cuts.get(table, ()))
        order = sorted(pages)
        new: set[int] = set(given)
        over = False
        for before, row in pairwise(order):
            if row in given:
                over = False
            elif pages[row] > pages[before] and not (over and given):
                if move:
                    new -= {g for g in given if row < g <= row + _FEW}
                new.add(row)
                over = True
        if new:
            found[table] = tuple(sorted(new))
    return found


# --- changing the document --------------------------------------------------------------------------------------------
_ROW = "_RowPlace"
_CONTENTS = "_ContentsPlace"
_FIRST_MARK = 1_000_000
"""Ids of our bookmarks in the copy begin here."""


def _edited(content: bytes, change: Callable[[etree._Element, bytes], object]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    root = etree.fromstring(files[_PART], _PARSER)
    body = root.find(f"{{{W}}}body")
    if body is None:
        return content
    change(body, files[_STYLES])
    files[_PART] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return write_package(files)


_DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
"""A picture of one dot."""


def _without_pictures(content: bytes) -> bytes:
    """Give a copy to measure with one dot in place of every picture: the size of each stands in the text."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    pictures = [name for name in files if name.startswith("word/media/") and name.endswith(".png")]
    return write_package(files | dict.fromkeys(pictures, _DOT))


def _tables(body: etree._Element) -> list[etree._Element]:
    return [child for child in body if child.tag == tag("tbl")]


def _rows(table: etree._Element) -> tuple[list[etree._Element], list[etree._Element]]:
    rows = list(table.iterchildren(tag("tr")))
    head = [r for r in rows if r.find("w:trPr/w:tblHeader", NAMESPACES) is not None]
    return head, rows[len(head) :]


def _mark_contents(body: etree._Element, _: bytes) -> None:
    """Put a bookmark where the contents begin: page I."""
    field_mark = body.find("w:p/w:r/w:fldChar", NAMESPACES)
    run = field_mark.getparent() if field_mark is not None else None
    paragraph = run.getparent() if run is not None else None
    if paragraph is not None:
        paragraph.append(element("bookmarkStart", id=_FIRST_MARK, name=_CONTENTS))
        paragraph.append(element("bookmarkEnd", id=_FIRST_MARK))


def _mark_rows(body: etree._Element, _: bytes, cuts: Mapping[int, tuple[int, ...]] | None = None) -> None:
    """Put a bookmark into every body row; parts of a table that was cut count on."""
    _mark_contents(body, b"")
    identifier = _FIRST_MARK
    tables = iter(_tables(body))
    for position, table in enumerate(tables):
        parts = [table]
        parts += [next(tables) for _ in (cuts or {}).get(position, ())]
        row = 0
        for part in parts:
            for one in _rows(part)[1]:
                paragraph = one.find("w:tc/w:p", NAMESPACES)
                if paragraph is not None:
                    identifier += 1
                    paragraph.append(element("bookmarkStart", id=identifier, name=f"{_ROW}{position}x{row}"))
                    paragraph.append(element("bookmarkEnd", id=identifier))
                row += 1


def _measurable(body: etree._Element, _: bytes) -> None:
    _captions_into_headers(body)
    _mark_rows(body, b"")


def _captions_into_headers(body: etree._Element) -> None:
    """Move the caption above each table into a repeated row of its own: every page has room for a caption."""
    for table in _tables(body):
        caption = table.getprevious()
        head, _ = _rows(table)
        if caption is None or caption.tag != tag("p") or not head:
            continue
        columns = len(table.findall("w:tblGrid/w:gridCol", NAMESPACES))
        line = [element(side, val="nil") for side in ("top", "left", "bottom", "right")]
        if (style := caption.find("w:pPr", NAMESPACES)) is not None and style.find("w:spacing", NAMESPACES) is None:
            _in_order(style, element("spacing", after=156 + _SAFETY))
        properties = element(
            "tcPr", element("gridSpan", val=columns) if columns > 1 else None, element("tcBorders", *line)
        )
        row = element("tr", element("trPr", element("tblHeader")), element("tc", properties, caption))
        head[0].addprevious(row)


def _in_order(properties: etree._Element, spacing: etree._Element) -> None:
    """Put the spacing of a paragraph where the schema wants it: before indents and alignment."""
    after = next((e for e in properties if etree.QName(e).localname in ("ind", "jc", "outlineLvl", "rPr")), None)
    if after is None:
        properties.append(spacing)
    else:
        after.addprevious(spacing)


def _cut(body: etree._Element, styles: bytes, cuts: Mapping[int, tuple[int, ...]]) -> None:
    """Cut tables before the given body rows; each later part repeats header and caption with （续）."""
    tables, style = _tables(body), _style_id(styles)
    for position, rows in cuts.items():
        if position >= len(tables):
            continue
        table = tables[position]
        head, lines = _rows(table)
        ends = [*rows[1:], len(lines)]
        last = table
        for begin, end in zip(rows, ends, strict=True):
            part = element("tbl", *(deepcopy(c) for c in table if c.tag in (tag("tblPr"), tag("tblGrid"))))
            part.extend(deepcopy(h) for h in head)
            _restart_merges(lines, begin)
            part.extend(lines[begin:end])
            caption = _continued(table, style)
            last.addnext(caption)
            caption.addnext(part)
            last = part


def _restart_merges(lines: list[etree._Element], begin: int) -> None:
    """Let merged cells that reach over the cut begin again in its first row, with their words."""
    for cell, column in _placed(lines[begin]):
        merge = cell.find("w:tcPr/w:vMerge", NAMESPACES)
        if merge is None or merge.get(tag("val")) == "restart":
            continue
        for above in range(begin - 1, -1, -1):
            found = next((c for c, at in _placed(lines[above]) if at == column), None)
            if found is None:
                break
            state = found.find("w:tcPr/w:vMerge", NAMESPACES)
            if state is not None and state.get(tag("val")) == "restart":
                for old in cell.findall("w:p", NAMESPACES):
                    cell.remove(old)
                cell.extend(_unmarked(p) for p in found.findall("w:p", NAMESPACES))
                break
        merge.set(tag("val"), "restart")


def _placed(row: etree._Element) -> list[tuple[etree._Element, int]]:
    found, column = [], 0
    for cell in row.iterchildren(tag("tc")):
        found.append((cell, column))
        span = cell.find("w:tcPr/w:gridSpan", NAMESPACES)
        column += int(span.get(tag("val")) or 1) if span is not None else 1
    return found


def _unmarked(paragraph: etree._Element) -> etree._Element:
    """Copy a paragraph without its bookmarks, which may stand once only."""
    made = deepcopy(paragraph)
    for name in ("bookmarkStart", "bookmarkEnd"):
        for mark in list(made.iter(tag(name))):
            if (parent := mark.getparent()) is not None:
                parent.remove(mark)
    return made


def _continued(table: etree._Element, style: str) -> etree._Element:
    """Make the caption of a continued table: number and title as words, on a new page."""
    title = table.find("w:tblPr/w:tblCaption", NAMESPACES)
    words = (title.get(tag("val")) or "") if title is not None else ""
    properties = element(
        "pPr",
        element("pStyle", val=style) if style else None,
        element("keepNext"),
        element("pageBreakBefore"),
        None if style else element("jc", val="center"),
    )
    face = element("rPr", element("rFonts", ascii="黑体", hAnsi="黑体", eastAsia="黑体"))
    return element("p", properties, element("r", face, text(words)), element("r", text(CONTINUED)))


def _style_id(styles: bytes) -> str:
    """Find the style of continued captions; empty if the blueprint has none."""
    root = etree.fromstring(styles, _PARSER)
    for name in root.iterfind("w:style[@w:type='paragraph']/w:name", NAMESPACES):
        if name.get(tag("val")) == _STYLE and (style := name.getparent()) is not None:
            return style.get(tag("styleId")) or ""
    return ""
