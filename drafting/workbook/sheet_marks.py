"""What a worksheet's XML says beside its values: formulas, merges, percent formats, error values.

The libraries that read values give these slowly or not at all. The XML is searched, not parsed: ``opening`` has looked
through it before, and patterns begin with a byte that is rare in sheets, to which the search can jump.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from defusedxml.ElementTree import fromstring

from drafting.workbook.number_formats import NumberFormat, number_format, shows_date
from drafting.workbook.opening import Archive

Address = tuple[int, int]
"""Row and column, from 1."""

NOWHERE: frozenset[Address] = frozenset()

_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(<(?:\w+:)?v>[^<]*[^<\s])?"
)
_F = re.compile(rb"f[\s>/]")
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_MERGE = re.compile(rb"""mergeCell\b[^>]*\bref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")
_TEXT = re.compile(rb"""\bt=["']str["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_USUAL = rb"""<c r="([A-Z]+)(\d+)" s="(?:%s)"[^/>]*>"""
_ANY = rb"""<(?:\w+:)?c\b(?=[^>]*\bs=["'](?:%s)["'])[^>]*?\br=["']([A-Z]+)(\d+)["'][^/>]*>"""
_ERROR = re.compile(rb"""e["']""")
PREFIXED = re.compile(rb":(?:c|f|row|sheetData)[\s>/]")
"""An element of a sheet under a namespace prefix: rare, and colons too, so that looking for one costs little."""
_BUILT_IN_PERCENT = {9, 10}
_BUILT_IN_DATE = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # 27–36, 50–58: of East Asia
_STORED = rb"""<(?:\w+:)?c\b(?=[^>]*?\br=["']%s(\d+)["'])[^>]*>(?:(?!</?(?:\w+:)?[cv]\b).)*<(?:\w+:)?v>([^<]*)<"""


def column_number(letters: bytes) -> int:
    """Count of a column by its letters, A being 1."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def first_in_cells(content: bytes, byte: bytes) -> int:
    """Where a byte first stands among a sheet's cells, -1 if nowhere: many times as fast as looking for a pattern."""
    return content.find(byte, max(content.find(b"sheetData"), 0))


def formula_cells(content: bytes) -> tuple[frozenset[Address], frozenset[Address]]:
    """Find the cells that hold a formula, and those of them without a cached value."""
    first = first_in_cells(content, b"f")
    if first < 0 or not any(content[m.start() - 1 : m.start()] in (b"<", b":") for m in _F.finditer(content, first)):
        return NOWHERE, NOWHERE
    formulas, uncached = set(), set()
    for match in _FORMULA.finditer(content):
        reference = _REFERENCE.search(match[1])
        if reference is None:
            continue
        address = int(reference[2]), column_number(reference[1])
        formulas.add(address)
        # An empty text is a cached value (t="str"), an absent number is none.
        if match[2] is None and not _TEXT.search(match[1]):
            uncached.add(address)
    return frozenset(formulas), frozenset(uncached)


def merged_ranges(content: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Find the merged ranges: first row, first column, last row, last column."""
    for match in _MERGE.finditer(content, max(content.rfind(b"sheetData>"), 0)):
        yield int(match[2]), column_number(match[1]), int(match[4]), column_number(match[3])


def error_cells(content: bytes) -> Mapping[Address, str]:
    """Find the cells that hold an error value, such as ``#DIV/0!``."""
    errors: dict[Address, str] = {}
    for match in _ERROR.finditer(content):
        before = content[max(match.start() - 4, 0) : match.start()]
        if before[1:] not in (b't="', b"t='") or not before[:1].isspace():
            continue
        start = content.rfind(b"<", 0, match.start())
        reference = _REFERENCE.search(content, start, content.find(b">", match.end()) + 1)
        value = _VALUE.search(content, match.end())
        if reference and value:
            errors[int(reference[2]), column_number(reference[1])] = value[1].decode("utf-8", "replace")
    return errors


def percent_cells(content: bytes, styles: frozenset[int]) -> frozenset[Address]:
    """Find the filled cells of the given styles (those that show a percentage)."""
    codes = [str(s).encode() for s in sorted(styles)]
    present = [c for c in codes if b's="' + c + b'"' in content or b"s='" + c + b"'" in content]
    if not present:
        return NOWHERE
    listed = b"|".join(present)
    found = re.findall(_USUAL % listed, content)
    styled = sum(content.count(b' s="' + c + b'"') + content.count(b" s='" + c + b"'") for c in present)
    if len(found) < styled:  # empty cells, columns and rows of that style, or attributes in another order
        found = re.findall(_ANY % listed, content)
    return frozenset((int(row), column_number(letters)) for letters, row in found)


def column_numbers(content: bytes, letters: str) -> Mapping[int, float]:
    """Read the numbers of one column as the file stores them, whatever their format shows, by row."""
    found: dict[int, float] = {}
    for match in re.finditer(_STORED % letters.encode(), content, re.DOTALL):
        try:
            found[int(match[1])] = float(match[2])
        except ValueError:  # a date in ISO 8601 (t="d"), a text
            continue
    return found


def sheet_parts(archive: Archive) -> Mapping[str, str]:
    """Map the titles of worksheets to the names of their parts."""
    base = posixpath.dirname(archive.workbook_part)
    relations = f"{base}/_rels/{posixpath.basename(archive.workbook_part)}.rels".lstrip("/")
    targets: dict[str, str] = {}
    for relation in _parse(archive.parts.get(relations, b"<none/>")):
        target = relation.get("Target", "")
        path = target if target.startswith("/") else posixpath.join(base, target)
        targets[relation.get("Id", "")] = posixpath.normpath(path).lstrip("/")
    found: dict[str, str] = {}
    for element in _parse(archive.parts[archive.workbook_part]).iter():
        if element.tag.endswith("}sheet"):
            identity = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            part = targets.get(identity, "")
            if part in archive.worksheets:
                found[element.get("name", "")] = part
    return found


def style_formats(archive: Archive) -> Mapping[int, str]:
    """Codes of the number formats that a workbook writes out, by the cell style that uses them."""
    codes, styles = _formats_and_styles(archive)
    return {style: codes[form] for style, form in enumerate(styles) if form in codes}


def percent_styles(archive: Archive) -> tuple[frozenset[int], Mapping[int, NumberFormat]]:
    """Find the cell styles whose number format shows percentages, and those that show some numbers so, by style."""
    codes, styles = _formats_and_styles(archive)
    formats = dict.fromkeys(_BUILT_IN_PERCENT, number_format("0%"))
    formats |= {form: number_format(code) for form, code in codes.items() if "%" in code}
    used = {i: formats[form] for i, form in enumerate(styles) if form in formats}
    always = frozenset(i for i, form in used.items() if form.always)
    return always, {i: form for i, form in used.items() if form.always is None}


def uses_dates(archive: Archive) -> bool:
    """Whether any cell style of a workbook shows numbers as dates or times."""
    codes, styles = _formats_and_styles(archive)
    return bool({*_BUILT_IN_DATE, *(form for form, code in codes.items() if shows_date(code))} & set(styles))


def _formats_and_styles(archive: Archive) -> tuple[Mapping[int, str], list[int]]:
    """Format codes by number, and the format's number of each cell style."""
    content = next((c for n, c in archive.parts.items() if n.endswith("styles.xml")), None)
    codes: dict[int, str] = {}
    styles: list[int] = []
    for element in () if content is None else _parse(content).iter():
        if element.tag.endswith("}numFmt"):
            codes[int(element.get("numFmtId", "-1"))] = element.get("formatCode", "")
        elif element.tag.endswith("}cellXfs"):
            styles = [int(xf.get("numFmtId", "0")) for xf in element]
    return codes, styles


def _parse(content: bytes) -> Any:
    return fromstring(content, forbid_dtd=True)
