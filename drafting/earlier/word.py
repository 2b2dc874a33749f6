"""The tables of a .docx file, read in one pass over its XML; done in a reader's process, see :mod:`drafting.isolation`.

Merged cells are followed by grid position (gridSpan, vMerge, and the older hMerge), not by their order in a row.
Insertions that are being tracked count, deletions do not. Rows of the program's own drafts that go on below a （续）
caption are one row again.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping

import msgspec
from lxml import etree
from msgspec.structs import replace

from drafting.archives import DAMAGED
from drafting.earlier.message import LOWERED, PLAIN, RAISED, Source, SourceCell, SourceTable, Trait, words_of
from drafting.earlier.torn import TORN, goes_on, whole
from drafting.workbook.limits import WORD_LIMITS, WordLimits
from drafting.workbook.opening import OLE_MAGIC, OpeningError, is_encrypted, refuse_declarations, unpack
from drafting.workbook.opinions.opinion import ROW_MARK

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DOCUMENT = "word/document.xml"
_P, _R, _T, _TBL, _TR, _TC = (f"{_W}{name}" for name in ("p", "r", "t", "tbl", "tr", "tc"))
_RPR, _TCPR, _TRPR, _VAL = (f"{_W}{name}" for name in ("rPr", "tcPr", "trPr", "val"))
_PROPERTIES = {f"{_W}{n}": n for n in ("gridSpan", "vMerge", "hMerge", "textDirection", "cellIns", "cellDel")}
_IN, _OUT = ({f"{_W}{n}" for n in names} for names in (("ins", "moveTo"), ("del", "moveFrom")))
_AROUND = {f"{_W}{n}" for n in ("sdt", "sdtContent", "customXml", "smartTag", "hyperlink", "fldSimple")} | _IN
"""Elements around rows, cells and runs that are not themselves content."""
_MATHS = {f"{_M}oMath", f"{_M}oMathPara"}
_SHOWN = tuple(f"{_W}{n}" for n in ("drawing", "pict", "object"))
_PICTURES = {*_SHOWN, f"{_MC}AlternateContent"}
_SYMBOL_FONT = {0x3C: "<", 0x3E: ">", 0xA3: "≤", 0xB3: "≥", 0xB1: "±", 0xB4: "×", 0xD7: "·", 0x6D: "μ", 0xB0: "°"}
"""Characters that old files take from the font Symbol."""
Pieces = tuple[tuple[str, int], ...]


def task(data: bytes, _: Mapping[str, object]) -> bytes:
    """What a reader does when it is asked."""
    return msgspec.msgpack.encode(read(data))


def read(data: bytes) -> Source:
    """Read all tables; a file that cannot be read is said in the answer."""
    try:
        return _Document(_document_part(data, WORD_LIMITS), WORD_LIMITS).source()
    except OpeningError as fault:
        values = {k: v if isinstance(v, int) else str(v) for k, v in fault.values.items()}
        return Source(code=fault.code, values=values)


def _document_part(data: bytes, limits: WordLimits) -> bytes:
    if data.startswith(OLE_MAGIC):
        raise OpeningError("file-protected" if is_encrypted(data) else "import-not-word")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            if len(entries) > limits.parts:
                raise OpeningError("file-bomb", what=f"{len(entries)} 个部件")
            entry = next((e for e in entries if e.filename == _DOCUMENT), None)
            if entry is None:
                raise OpeningError("import-not-word")
            if entry.flag_bits & 1:
                raise OpeningError("file-protected")
            content, _ = unpack(package, entry, limits, limits.total_bytes)
    except OpeningError:
        raise
    except DAMAGED as fault:
        raise OpeningError("import-damaged" if data.startswith(b"PK") else "import-not-word") from fault
    if not content:
        raise OpeningError("import-damaged")
    refuse_declarations(content, _DOCUMENT)
    return content


class _Document:
    """Walks the body once."""

    def __init__(self, content: bytes, limits: WordLimits) -> None:
        self._limits = limits
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            root = etree.fromstring(content.replace(_STRICT, _W[1:-1].encode()), parser)
        except etree.XMLSyntaxError as fault:
            raise OpeningError("import-damaged") from fault
        body = root.find(f"{_W}body")
        if body is None:
            raise OpeningError("import-not-word")
        self._body = body
        self._may_show = any(name in content for name in (b"drawing", b"pict", b"object"))
        self._may_mark = ROW_MARK.encode() in content
        self._may_tear = TORN.encode() in content
        self._tables: list[SourceTable] = []
        self._torn: list[tuple[int, int, int, set[int]]] = []
        """Table before, table, row of it and the columns whose words go on."""
        self._cells = 0

    def source(self) -> Source:
        """Give the tables in the order of the document, a nested one after the one that holds it."""
        characters = sum(len(t.text or "") for t in self._body.iter(_T))
        if characters > self._limits.characters:
            raise OpeningError("file-bomb", what=f"{characters} 个字")
        pictures = sum(1 for _ in self._body.iter(*_SHOWN)) if self._may_show else 0
        self._blocks()
        for above, table, row, columns in reversed(self._torn):  # the last first: a row may go on twice
            made = whole(self._tables[above], self._tables[table], row, columns)
            if made is not None:
                self._tables[above], self._tables[table] = made
        return Source(tuple(self._tables), pictures, characters)

    def _blocks(self) -> None:
        paragraphs: list[etree._Element] = []
        last: int | None = None
        for block in _content(self._body):
            if block.tag == _P:
                paragraphs.append(block)
            elif block.tag == _TBL:
                self._follow(last, paragraphs)
                told = [pieces for p in paragraphs[-_LOOK_BACK:] if (pieces := _paragraph(p, []))]
                title = "".join(t for t, _ in told[-1]).strip() if told else ""
                before, last = last, len(self._tables)
                torn = self._table(block, title, len(told))
                if before is not None:
                    self._torn += [(before, last, row, columns) for row, columns in torn.items()]
                paragraphs = []
        self._follow(last, paragraphs)

    def _follow(self, table: int | None, paragraphs: list[etree._Element]) -> None:
        if table is not None and paragraphs:
            read = (_paragraph(p, []) for p in paragraphs[: self._limits.paragraphs_after])
            self._tables[table] = replace(self._tables[table], after=tuple(filter(None, read)))

    def _table(self, table: etree._Element, title: str, before: int, inside: str = "") -> dict[int, set[int]]:
        """Read a table; gives the rows that go on from the part before, with the columns in which they do."""
        at = len(self._tables)
        if at >= self._limits.tables:
            raise OpeningError("file-bomb", what=f"{self._limits.tables} 个以上表格")
        place = f"表格{at + 1}"
        caption = table.find(f"{_W}tblPr/{_W}tblCaption")
        self._tables.append(SourceTable(place, "", (), 0, 0))
        grid = _Grid(self._limits)
        nested: list[tuple[etree._Element, str]] = []
        marks: list[tuple[int, str]] = []
        torn: dict[int, set[int]] = {}
        number = 0
        for row in _content(table):
            if row.tag != _TR:
                continue
            properties = row.find(_TRPR)
            column = 1
            if properties is not None:
                if properties.find(f"{_W}del") is not None:
                    continue
                column += _number(properties.find(f"{_W}gridBefore"))
            number += 1
            if self._may_mark:
                names = (b.get(f"{_W}name") or "" for b in row.iter(f"{_W}bookmarkStart"))
                marks += [(number, name) for name in names if name.startswith(ROW_MARK)][:1]
            for cell in _content(row):
                if cell.tag == _TC:
                    inner = self._cell(cell, number, column, grid)
                    if self._may_tear and goes_on(cell):
                        torn.setdefault(number, set()).add(column)
                    nested += [(one, f"{place}第 {number} 行第 {column} 列") for one in inner]
                    column = grid.next_column
            if self._cells > self._limits.cells or number > self._limits.rows:
                raise OpeningError("file-bomb", what=f"{self._cells} 个单元格")
        shown = (caption.get(_VAL) or "").strip() if caption is not None else ""
        self._tables[at] = SourceTable(
            place=place,
            title=shown or title,
            cells=grid.cells(),
            height=number,
            width=grid.width,
            before=before,
            after=(),
            inside=inside,
            marks=tuple(marks),
        )
        for one, where in nested:
            self._table(one, "", 0, where)
        return torn

    def _cell(self, cell: etree._Element, row: int, column: int, grid: _Grid) -> list[etree._Element]:
        """Put a cell on the grid, and give the tables in it."""
        traits: list[Trait] = []
        nested: list[etree._Element] = []
        pieces: list[tuple[str, int]] = []
        span, down, across = 1, "", ""
        for block in _content(cell):
            if block.tag == _P:
                if found := _paragraph(block, traits):
                    pieces += [("\n", PLAIN), *found] if pieces else found
            elif block.tag == _TCPR:
                for one in block:
                    match _PROPERTIES.get(one.tag):
                        case None:
                            pass
                        case "gridSpan":
                            span = max(1, _number(one))
                        case "vMerge":
                            down = one.get(_VAL) or "continue"
                        case "hMerge":
                            across = one.get(_VAL) or "continue"
                        case "textDirection":
                            traits.append(Trait.VERTICAL)
                        case _:
                            traits.append(Trait.TRACKED)
            elif block.tag == _TBL:
                nested.append(block)
                traits.append(Trait.NESTED)
        if len(pieces) > 3 and sum(len(t) for t, _ in pieces) > self._limits.cell_characters:
            raise OpeningError("file-bomb", what=f"超过 {self._limits.cell_characters} 个字的单元格")
        self._cells += span
        value = 0
        for trait in traits:
            value |= trait
        made = _joined(pieces) if len(pieces) > 1 else tuple(pieces)
        grid.put(SourceCell(row, column, 1, span, made, value, words_of(made)), down, across)
        return nested


_LOOK_BACK = 6
"""Paragraphs before a table among which its caption is the last one with words."""


def _paragraph(paragraph: etree._Element, traits: list[Trait]) -> Pieces:
    pieces: list[tuple[str, int]] = []
    _runs(paragraph, traits, pieces)
    for text, _ in pieces:
        if not text.isspace():
            return _joined(pieces) if len(pieces) > 1 or not text else (pieces[0],)
    return ()


def _content(parent: etree._Element) -> Iterator[etree._Element]:
    """Children, also of controls and tags around them."""
    for child in parent:
        if child.tag in _AROUND:
            yield from _content(child)
        elif child.tag not in _OUT:
            yield child


def _runs(parent: etree._Element, traits: list[Trait], pieces: list[tuple[str, int]]) -> None:
    for child in parent:
        tag = child.tag
        if tag == _R:
            _run(child, traits, pieces)
        elif tag in _OUT:
            traits.append(Trait.TRACKED)
        elif tag in _AROUND:
            if tag in _IN:
                traits.append(Trait.TRACKED)
            _runs(child, traits, pieces)
        elif tag in _MATHS:
            traits.append(Trait.EQUATION)
            pieces.append(("".join(t.text or "" for t in child.iter(f"{_M}t", _T)), PLAIN))


def _run(run: etree._Element, traits: list[Trait], pieces: list[tuple[str, int]]) -> None:
    level = PLAIN
    for part in run:
        tag = part.tag
        if tag == _T:
            pieces.append((part.text or "", level))
        elif tag == _RPR:
            if _on(part.find(f"{_W}vanish")):
                traits.append(Trait.HIDDEN)
                return
            if _on(part.find(f"{_W}strike")) or _on(part.find(f"{_W}dstrike")):
                traits.append(Trait.STRUCK)
            raised = part.find(f"{_W}vertAlign")
            if raised is not None:
                level = {"superscript": RAISED, "subscript": LOWERED}.get(raised.get(_VAL, ""), PLAIN)
        elif tag in (f"{_W}br", f"{_W}cr"):
            pieces.append(("\n", PLAIN))
        elif tag == f"{_W}tab":
            pieces.append(("\t", PLAIN))
        elif tag == f"{_W}noBreakHyphen":
            pieces.append(("-", level))
        elif tag == f"{_W}sym":
            pieces.append((_symbol(part), level))
        elif tag in _PICTURES:
            traits.append(Trait.PICTURE)
            _boxed(part, traits, pieces)


def _boxed(part: etree._Element, traits: list[Trait], pieces: list[tuple[str, int]]) -> None:
    """Words of a text box; of two versions for different programs the first."""
    chosen = part.find(f"{_MC}Choice") if part.tag == f"{_MC}AlternateContent" else part
    for box in () if chosen is None else chosen.iter(f"{_W}txbxContent"):
        for run in box.iter(_R):
            _run(run, traits, pieces)


def _symbol(part: etree._Element) -> str:
    try:
        code = int(part.get(f"{_W}char", ""), 16)
    except ValueError:
        return "□"
    code = code - 0xF000 if 0xF000 <= code <= 0xF0FF else code
    if "symbol" in (part.get(f"{_W}font") or "").casefold():
        return _SYMBOL_FONT.get(code, "□")
    return chr(code) if 0x20 <= code <= 0xFFFF and not 0xD800 <= code < 0xE000 else "□"


def _on(switch: etree._Element | None) -> bool:
    return switch is not None and switch.get(f"{_W}val", "1") not in ("0", "false", "off")


def _number(element: etree._Element | None) -> int:
    value = "" if element is None else element.get(f"{_W}val", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 4 else 0


def _joined(pieces: list[tuple[str, int]]) -> Pieces:
    """Pieces of the same level as one."""
    made: list[tuple[str, int]] = []
    for text, level in pieces:
        if made and made[-1][1] == level:
            made[-1] = (made[-1][0] + text, level)
        elif text:
            made.append((text, level))
    return tuple(made)


class _Grid:
    """Cells by grid position, with those that continue others joined to them."""

    def __init__(self, limits: WordLimits) -> None:
        self._limits = limits
        self._made: list[SourceCell] = []
        self._open: dict[int, int] = {}  # column -> place in the list of the cell that a vMerge below continues
        self.width = 0
        self.next_column = 1

    def put(self, cell: SourceCell, down: str, across: str) -> None:
        """Add the next cell of a row; ``down`` and ``across`` are its vMerge and hMerge."""
        self.next_column = cell.column + cell.columns
        self.width = max(self.width, self.next_column - 1)
        if self.width > self._limits.columns:
            raise OpeningError("file-bomb", what=f"{self.width} 列的表格")
        above = self._open.get(cell.column) if down == "continue" else None
        if above is not None and self._made[above].row + self._made[above].rows == cell.row:
            self._extend(above, cell, down=True)
        elif across == "continue" and self._made and self._made[-1].row == cell.row:
            self._extend(len(self._made) - 1, cell, down=False)
        else:
            if down:
                self._open[cell.column] = len(self._made)
            else:
                self._open.pop(cell.column, None)
            self._made.append(cell)

    def _extend(self, at: int, cell: SourceCell, *, down: bool) -> None:
        head = self._made[at]
        traits = head.traits | cell.traits | (int(Trait.COVERED) if cell.pieces else 0)
        rows, columns = (head.rows + 1, head.columns) if down else (head.rows, head.columns + cell.columns)
        self._made[at] = replace(head, rows=rows, columns=columns, traits=traits)

    def cells(self) -> tuple[SourceCell, ...]:
        """Give them row by row."""
        return tuple(self._made)
