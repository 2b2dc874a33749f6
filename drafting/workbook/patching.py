"""A copy of a workbook with some cells changed, every other byte of every part as it was."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from copy import deepcopy

from lxml import etree

from drafting.workbook.headings import key
from drafting.workbook.opening import open_archive

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_CHAIN = "xl/calcChain.xml"
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]*)")
_RULES = "http://purl.oclc.org/ooxml/spreadsheetml/main"


class PatchError(ValueError):
    """A cell that cannot be changed; the message says why, in Chinese."""


def patched(data: bytes, changes: Mapping[tuple[str, str], str]) -> bytes:
    """Put texts into cells of a workbook.

    The cell keeps its looks; a formula in it gives way, and a merged range of one row that it lies in is taken apart.
    Excel's list of formulas in their order is left out, as Excel makes it anew.

    Raises OpeningError if it is no safe workbook; PatchError if there is no such sheet, or the cell lies in a range
    merged over several rows.

    ``data``: an .xlsx file.
    ``changes``: text by sheet title and address; an empty text empties the cell.
    """
    open_archive(data)
    by_sheet: dict[str, dict[str, str]] = {}
    for (sheet, address), text in changes.items():
        by_sheet.setdefault(sheet, {})[address] = text
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        parts = _parts(source)
        new = {parts[key(s)]: _changed(source.read(parts[key(s)]), of) for s, of in by_sheet.items() if key(s) in parts}
        if missing := [s for s in by_sheet if key(s) not in parts]:
            raise PatchError(f"没有工作表“{missing[0]}”")
        for entry in source.infolist():
            if entry.filename == _CHAIN:
                continue
            content = new.get(entry.filename)
            if content is None:
                content = source.read(entry)
                if entry.filename == "[Content_Types].xml":
                    content = _without(content, f"{{{_TYPES}}}Override", "PartName", "/" + _CHAIN)
                elif entry.filename == "xl/_rels/workbook.xml.rels":
                    content = _without(content, f"{{{_PACKAGE}}}Relationship", "Target", "calcChain.xml")
            copy.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _tree(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    return etree.fromstring(data, parser)


def _bytes(tree: etree._Element) -> bytes:
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def _without(data: bytes, tag: str, name: str, ending: str) -> bytes:
    """A part without the entries that name Excel's list of formulas; the very same bytes where it names none."""
    tree = _tree(data)
    gone = [e for e in tree.iter(tag) if (e.get(name) or "").endswith(ending.split("/")[-1])]
    if not gone:
        return data
    for element in gone:
        tree.remove(element)
    return _bytes(tree)


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Part of each worksheet by the key of its title."""
    relations = _tree(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {r.get("Id"): (r.get("Target") or "") for r in relations}
    book = _tree(archive.read("xl/workbook.xml"))
    found = {}
    for sheet in book.iter(f"{{{_MAIN}}}sheet", f"{{{_RULES}}}sheet"):
        target = targets.get(sheet.get(f"{{{_OFFICE}}}id"), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in archive.namelist():
            found[key(sheet.get("name") or "")] = part
    return found


def _changed(data: bytes, changes: Mapping[str, str]) -> bytes:
    tree = _tree(data)
    space = etree.QName(tree).namespace or _MAIN
    rows = tree.find(f"{{{space}}}sheetData")
    if rows is None:
        raise PatchError("工作表没有内容")
    for address, text in changes.items():
        _unmerge(tree, space, address)
        _put(rows, space, address, text)
    return _bytes(tree)


def _place(address: str) -> tuple[int, int]:
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise PatchError(f"“{address}”不是单元格")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _unmerge(tree: etree._Element, space: str, address: str) -> None:
    row, column = _place(address)
    merges = tree.find(f"{{{space}}}mergeCells")
    for merge in list(merges) if merges is not None else ():
        first, _, last = (merge.get("ref") or "").partition(":")
        (top, left), (bottom, right) = _place(first), _place(last or first)
        if top <= row <= bottom and left <= column <= right:
            if top != bottom:
                raise PatchError(f"{address} 在跨行合并的单元格 {first}:{last} 中，请先在 Excel 中拆开")
            assert merges is not None
            merges.remove(merge)
    if merges is not None:
        if len(merges):
            merges.set("count", str(len(merges)))
        else:
            tree.remove(merges)


def _put(rows: etree._Element, space: str, address: str, text: str) -> None:
    number, column = _place(address)
    row = next((r for r in rows if r.get("r") == str(number)), None)
    if row is None:
        row = etree.Element(f"{{{space}}}row", r=str(number))
        after = [n for n, r in enumerate(rows) if int(r.get("r") or 0) < number]
        rows.insert(after[-1] + 1 if after else 0, row)
    cells = {c.get("r"): c for c in row}
    cell = cells.get(address)
    if cell is None:
        cell = etree.Element(f"{{{space}}}c", r=address)
        before = [n for n, c in enumerate(row) if _place(c.get("r") or "A1")[1] < column]
        row.insert(before[-1] + 1 if before else 0, cell)
    looks = deepcopy(cell.attrib.get("s"))
    for child in list(cell):
        cell.remove(child)
    cell.attrib.clear()
    cell.set("r", address)
    if looks is not None:
        cell.set("s", looks)
    if text:
        cell.set("t", "inlineStr")
        inside = etree.SubElement(etree.SubElement(cell, f"{{{space}}}is"), f"{{{space}}}t")
        inside.text = text
        if text != text.strip():
            inside.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
