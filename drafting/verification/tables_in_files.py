"""Tables of a written document as rows of words: .docx and .html by their grid, .pdf as text by page.

Nothing here knows what the tables mean. Insertions that are being tracked count, deletions and what was moved away do
not; raised marks are left out. Files are hostile until proven otherwise: sizes are bounded, entities are not resolved,
nothing is fetched.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from drafting.inside import NotRegularError, open_regular
from drafting.verification.verdict import RecordError

_MOST_BYTES = 64 << 20
_MOST_COLUMNS = 100
_TORN = "_Torn"
"""How the marks of words begin that go on from the page before."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of one row, merged ones repeated; ``place`` says where it stands."""

    place: str
    cells: tuple[str, ...]
    goes_on: tuple[bool, ...] = ()
    """Cells whose words go on from the last row of the part before."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: what stands above it, and its rows."""

    title: str
    rows: tuple[Row, ...]
    page: int = 0
    """The page it stands on as far as the contents of a Word file tell; 0: not known."""


@dataclass(frozen=True, slots=True)
class Pages:
    """A document whose tables have no grid: the words of each page, without spaces."""

    words: tuple[str, ...]


def folded(words: str) -> str:
    """Words as they are compared: widths folded, no spaces, one sign of less and of minus."""
    flat = unicodedata.normalize("NFKC", words).translate(_SAME)
    return "".join(c for c in flat if not c.isspace() and unicodedata.category(c) != "Cf")


_SAME = str.maketrans({"−": "-", "–": "-", "‐": "-", "≦": "≤", "⩽": "≤", "≧": "≥", "⩾": "≥", "＊": "*"})


def read_document(path: Path) -> tuple[Grid, ...] | Pages:
    """Read a draft.

    Raises RecordError if it cannot be read, or is of another kind; the message is Chinese.
    """
    try:
        with open_regular(path) as file:
            data = file.read(_MOST_BYTES + 1)
    except NotRegularError:
        raise RecordError(f"{path} 不是普通文件，不予读取") from None
    except FileNotFoundError:
        raise RecordError(f"找不到文件 {path}") from None
    except OSError as error:
        raise RecordError(f"{path.name} 无法读取：没有读取权限，或正被其他程序占用；关闭后重试") from error
    if len(data) > _MOST_BYTES:
        raise RecordError(f"{path.name} 超过 {_MOST_BYTES >> 20} MB，不像是草案；请给出要核对的草案文件")
    readers: dict[str, Callable[[bytes], tuple[Grid, ...] | Pages]]
    readers = {".docx": _docx, ".html": _html, ".htm": _html, ".pdf": _pdf}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise RecordError(f"{path.name} 不是 .docx、.html、.pdf 或 结果.json，无法核对；.doc 请先另存为 .docx")
    try:
        return reader(data)
    except RecordError:
        raise
    except Exception as error:  # whatever a library raises on a damaged file
        raise RecordError(f"{path.name} 已损坏或不是 {path.suffix} 文件，无法读取；请重新输出后再核对") from error


# --- Word -------------------------------------------------------------------------------------------------------------
def _docx(data: bytes) -> tuple[Grid, ...]:
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        part = package.getinfo("word/document.xml")
        if part.file_size > 4 * _MOST_BYTES:
            raise RecordError(f"正文超过 {4 * _MOST_BYTES >> 20} MB，不像是草案；请给出要核对的草案文件")
        content = package.read(part)
    if b"<!DOCTYPE" in content[:1000]:
        raise RecordError("正文含有 DOCTYPE，不是 Word 写出的文件；请用 Word 另存后再核对")
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    pages = dict(_pages(root))
    return tuple(_joined([_word_grid(table, pages.get(table, 0)) for table in root.iter(f"{_W}tbl")]))


def _joined(grids: Sequence[Grid]) -> Iterator[Grid]:
    """Rows that go on in the next part of their table are one row again."""
    found = [*grids]
    for number in range(len(grids) - 1, 0, -1):  # the last first: a row may go on twice
        above, grid = found[number - 1], found[number]
        at = next((n for n, row in enumerate(grid.rows) if any(row.goes_on)), None)
        if at is None or not above.rows:
            continue
        last, rest = above.rows[-1], grid.rows[at]
        cells = tuple(
            before + after if on else before
            for before, after, on in zip_longest(last.cells, rest.cells, rest.goes_on, fillvalue="")
        )
        found[number - 1] = replace(above, rows=(*above.rows[:-1], replace(last, cells=cells)))
        found[number] = replace(grid, rows=(*grid.rows[:at], *grid.rows[at + 1 :]))
    return iter(found)


def _pages(root: object) -> Iterator[tuple[object, int]]:
    """Pages of the tables: the label that the contents give the clause before, and the page breaks since."""
    from lxml import etree

    assert isinstance(root, etree._Element)
    labels = dict(_labels(root))
    body = root.find(f"{_W}body")
    page = 0
    for block in body if body is not None else ():
        if block.tag == f"{_W}tbl":
            yield block, page
            continue
        named = [labels[n] for m in block.iter(f"{_W}bookmarkStart") if (n := m.get(f"{_W}name", "")) in labels]
        if named:
            page = int(named[0]) if named[0].isascii() and named[0].isdigit() and len(named[0]) < 6 else 0
        elif page and block.find(f"{_W}pPr/{_W}pageBreakBefore") is not None:
            page += 1


def _labels(root: object) -> Iterator[tuple[str, str]]:
    """Bookmarks and the page labels that PAGEREF fields show of them."""
    from lxml import etree

    assert isinstance(root, etree._Element)
    code, shown, state = "", "", ""
    for one in root.iter(f"{_W}fldChar", f"{_W}instrText", f"{_W}t"):
        if one.tag == f"{_W}fldChar":
            state = one.get(f"{_W}fldCharType", "")
            if state == "begin":
                code, shown = "", ""
            elif state == "end" and code.split()[:1] == ["PAGEREF"] and len(code.split()) > 1:
                yield code.split()[1], shown.strip()
        elif one.tag == f"{_W}instrText":
            code += one.text or ""
        elif state == "separate":
            shown += one.text or ""


def _word_grid(table: object, page: int = 0) -> Grid:
    from lxml import etree

    assert isinstance(table, etree._Element)
    title = _title(table)
    rows: list[Row] = []
    above: list[str] = []
    for number, row in enumerate(table.iterchildren(f"{_W}tr"), 1):
        cells: list[str] = []
        goes_on: list[bool] = []
        for cell in row.iter(f"{_W}tc"):
            if next(cell.iterancestors(f"{_W}tr")) is not row:
                continue  # of a table inside a cell
            span = min(int(_value(cell, "gridSpan") or 1), _MOST_COLUMNS)
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            continues = merge is not None and merge.get(f"{_W}val") != "restart"
            for _ in range(span):
                at = len(cells)
                cells.append(above[at] if continues and at < len(above) else _words_of(cell))
                goes_on.append(any(m.get(f"{_W}name", "").startswith(_TORN) for m in cell.iter(f"{_W}bookmarkStart")))
        above = cells
        rows.append(Row(f"第 {number} 行", tuple(cells[:_MOST_COLUMNS]), tuple(goes_on) if any(goes_on) else ()))
    return Grid(title, tuple(rows), page)


def _title(table: object) -> str:
    """What stands above a table; its alternative text has the number too, as long as nobody has renamed it."""
    from lxml import etree

    assert isinstance(table, etree._Element)
    found = table.find(f"{_W}tblPr/{_W}tblCaption")
    stored = found.get(f"{_W}val", "") if found is not None else ""
    above = _paragraph_before(table).strip()
    return stored if not above or stored.endswith(above) else above


def _value(cell: object, name: str) -> str | None:
    from lxml import etree

    assert isinstance(cell, etree._Element)
    found = cell.find(f"{_W}tcPr/{_W}{name}")
    value = None if found is None else found.get(f"{_W}val")
    return value if value is not None and value.isascii() and value.isdigit() and len(value) < 4 else None


def _words_of(block: object) -> str:
    from lxml import etree

    assert isinstance(block, etree._Element)
    found: list[str] = []
    for text in block.iter(f"{_W}t"):
        run = text.getparent()
        if next(text.iterancestors(f"{_W}moveFrom"), None) is not None:
            continue
        raised = run.find(f"{_W}rPr/{_W}vertAlign") if run is not None else None
        if raised is None or raised.get(f"{_W}val") != "superscript":
            found.append(text.text or "")
    return "".join(found)


def _paragraph_before(table: object) -> str:
    from lxml import etree

    assert isinstance(table, etree._Element)
    for before in table.itersiblings(f"{_W}p", preceding=True):
        if not (words := _words_of(before)).startswith("单位为"):
            return words
    return ""


# --- page -------------------------------------------------------------------------------------------------------------
def _html(data: bytes) -> tuple[Grid, ...]:
    from lxml import html

    root = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8", no_network=True))
    for aside in [*root.iter("sup"), *root.iterfind(".//*[@role='tooltip']")]:
        if isinstance(aside, html.HtmlElement):
            aside.drop_tree()
    return tuple(_html_grid(table) for table in root.iter("table"))


def _html_grid(table: object) -> Grid:
    from lxml import html

    assert isinstance(table, html.HtmlElement)
    caption = table.find("caption")
    rows: list[Row] = []
    open_cells: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(table.iter("tr"), 1):
        cells: list[str] = []

        def fill(cells: list[str] = cells) -> None:
            while (at := len(cells)) in open_cells:
                left, words = open_cells.pop(at)
                if left > 1:
                    open_cells[at] = (left - 1, words)
                cells.append(words)

        for cell in row.iterchildren("td", "th"):
            fill()
            words = cell.text_content()
            for _ in range(_count(cell.get("colspan"))):
                if (down := _count(cell.get("rowspan"))) > 1:
                    open_cells[len(cells)] = (down - 1, words)
                    cells.append(words)
                else:
                    cells.append(words)
        fill()
        rows.append(Row(f"第 {number} 行", tuple(cells[:_MOST_COLUMNS])))
    return Grid("" if caption is None else caption.text_content().strip(), tuple(rows))


def _count(given: str | None) -> int:
    return (
        min(int(given), 3000) if given and given.isascii() and given.isdigit() and len(given) < 6 and int(given) else 1
    )


# --- PDF --------------------------------------------------------------------------------------------------------------
def _pdf(data: bytes) -> Pages:
    try:
        from pypdf import PdfReader
    except ImportError as error:
        raise RecordError(
            '核对 PDF 需要 pypdf，请执行 pip install "cleaner-production-drafting[pdf]" 后重试'
        ) from error
    return Pages(tuple(_page_words(PdfReader(io.BytesIO(data)))))


def _page_words(reader: object) -> Iterator[str]:
    from pypdf import PdfReader

    assert isinstance(reader, PdfReader)
    for page in reader.pages[:2000]:
        yield folded(page.extract_text())
