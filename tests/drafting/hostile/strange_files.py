"""Small generators of files that stop a careless reader: each says with which code it must be answered."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import openpyxl

MAIN = b'<?xml version="1.0" encoding="UTF-8"?>'
SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"


def good() -> bytes:
    """A workbook without fault."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["专家代号", "文字"])
    book.worksheets[0].append(["E9", "甲"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_parts(data: bytes, **changes: Callable[[bytes], bytes]) -> bytes:
    """A workbook with some of its parts changed; names of parts have ``__`` for ``/`` and ``_`` for ``.``."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            change = changes.get(name.replace("/", "__").replace(".", "_"))
            new.writestr(name, change(old.read(name)) if change else old.read(name))
    return stream.getvalue()


def with_rows(rows: bytes, tail: bytes = b"") -> bytes:
    """A workbook whose sheet holds these rows."""
    end = b"</sheetData>"
    return with_parts(good(), xl__worksheets__sheet1_xml=lambda xml: xml.replace(end, rows + end + tail))


def with_styles(formats: bytes) -> bytes:
    """A workbook with these number formats."""

    def change(xml: bytes) -> bytes:
        at = xml.index(b"<fonts")
        return (
            xml[: xml.index(b"<numFmts")] + formats + xml[at:] if b"<numFmts" in xml else xml[:at] + formats + xml[at:]
        )

    return with_parts(good(), xl__styles_xml=change)


def many_copies_of_a_string(cells: int = 20_000, length: int = 1 << 20) -> bytes:
    """A shared string that every cell refers to: each reference becomes a copy."""
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(5, cells + 5))
    return with_strings(with_rows(rows), b"<si><t>" + b"x" * length + b"</t></si>")


def with_strings(data: bytes, strings: bytes) -> bytes:
    """A workbook with these shared strings."""
    space = b"http://schemas.openxmlformats.org/"
    relation = (b'<Relationship Id="rId99" Type="' + space + b'officeDocument/2006/relationships/sharedStrings" '
                b'Target="sharedStrings.xml"/></Relationships>')  # fmt: skip
    changed = with_parts(data, xl___rels__workbook_xml_rels=lambda xml: xml.replace(b"</Relationships>", relation))
    stream = io.BytesIO(changed)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as book:
        sst = MAIN + b'<sst xmlns="' + space + b'spreadsheetml/2006/main">' + strings + b"</sst>"
        book.writestr("xl/sharedStrings.xml", sst)
    return stream.getvalue()


def many_copies_of_many_strings() -> bytes:
    """Each string as long as Excel allows, each cell within bounds, all together 320 MB."""
    return many_copies_of_a_string(10_000, 32_000)


def open_errors() -> bytes:
    """Error cells that are never closed: a pattern goes back to the first one each time."""
    return with_rows(b'<row r="3">' + b'<c t="e" ' * 200_000 + b"</row>")


def nested_errors() -> bytes:
    """The same, well-formed."""
    return with_rows(b'<row r="3">' + b'<c t="e">' * 100_000 + b"</c>" * 100_000 + b"</row>")


def many_names_of_a_part() -> bytes:
    """50,000 sheets that are all the same part."""
    sheets = b"".join(b'<sheet xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
                      b'name="S%d" sheetId="%d" r:id="rId1"/>' % (n, n) for n in range(2, 50_002))  # fmt: skip
    return with_parts(good(), xl__workbook_xml=lambda xml: xml.replace(b"</sheets>", sheets + b"</sheets>"))


def many_formats() -> bytes:
    """More number formats than any program leaves behind (300,000 were once seen)."""
    formats = b"".join(b'<numFmt numFmtId="%d" formatCode="[Red]0.0%%"/>' % n for n in range(200, 30_200))
    return with_styles(b"<numFmts>" + formats + b"</numFmts>")


def long_format() -> bytes:
    """One number format of a megabyte of brackets."""
    return with_styles(b'<numFmts><numFmt numFmtId="200" formatCode="' + b"[" * (1 << 20) + b'%"/></numFmts>')


def many_brackets() -> bytes:
    """Formats as long as are read, all of opening brackets: slow only where a pattern goes back."""
    formats = b"".join(b'<numFmt numFmtId="%d" formatCode="%s%%"/>' % (n, b"[" * 1000) for n in range(200, 600))
    return with_styles(b"<numFmts>" + formats + b"</numFmts>")


def far_cells(sheets: int = 9) -> bytes:
    """Sheets whose rectangles each lie within bounds, and together do not."""
    book = openpyxl.Workbook()
    for number in range(1, sheets):
        book.create_sheet(f"S{number}")
    for sheet in book.worksheets:
        sheet["A1"] = 1
    stream = io.BytesIO()
    book.save(stream)
    far = b'<row r="1048576"><c r="AL1048576"><v>7</v></c></row></sheetData>'
    return with_parts(
        stream.getvalue(),
        **{
            f"xl__worksheets__sheet{n}_xml": lambda xml: xml.replace(b"</sheetData>", far) for n in range(1, sheets + 1)
        },
    )


def long_reference() -> bytes:
    """A reference of 5,000 digits."""
    return with_rows(b'<row r="3"><c r="A%s"><v>1</v></c></row>' % (b"9" * 5000))


def long_row_number() -> bytes:
    """A row number of 5,000 digits."""
    return with_rows(b'<row r="%s"><c><v>1</v></c></row>' % (b"9" * 5000))


def long_style_number() -> bytes:
    """A format number of 5,000 digits."""
    return with_styles(b'<numFmts><numFmt numFmtId="%s" formatCode="0%%"/></numFmts>' % (b"9" * 5000))


def many_merges() -> bytes:
    """Merged ranges over whole columns, again and again."""
    merges = b"".join(b'<mergeCell ref="A%d:A1048576"/>' % n for n in range(1, 50_000))
    return with_rows(b"", b"<mergeCells>" + merges + b"</mergeCells>")


def text_number() -> bytes:
    """A number of 5,000 digits."""
    return with_rows(b'<row r="3"><c r="A3"><v>%s</v></c></row>' % (b"9" * 5000))


def wide_text() -> bytes:
    """A text file of 200,000 columns."""
    return (",".join(f"c{n}" for n in range(200_000)) + "\n" + "1," * 199_999 + "1\n").encode()


REFUSED: dict[Callable[[], bytes], tuple[str, ...]] = {
    many_copies_of_a_string: ("file-over-limit",),
    many_copies_of_many_strings: ("file-over-limit",),
    open_errors: ("file-damaged",),
    many_names_of_a_part: ("file-over-limit",),
    many_formats: ("file-over-limit",),
    long_format: ("file-over-limit",),
    far_cells: ("file-bomb",),
    long_reference: ("file-damaged",),
    long_row_number: ("file-damaged",),
    long_style_number: ("file-damaged",),
    many_merges: ("file-over-limit",),
}
"""Generators of workbooks that are not read, with the codes that may say so."""
READ = (nested_errors, many_brackets, text_number)
"""Generators of workbooks that are odd and are read, or refused, in time."""
