"""Annotated copies of workbooks: cells with findings marked red and commented, and a sheet that lists them all."""

from __future__ import annotations

import io
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.worksheet.hyperlink import Hyperlink

from drafting.files import atomic
from drafting.findings import Cell, Finding, Severity, finding
from drafting.isolation.readers import NoReaderError
from drafting.workbook.contents.asking import asked
from drafting.workbook.headings import key
from drafting.workbook.inert import bare_package, make_inert
from drafting.workbook.opening import OpeningError, open_archive, read_bytes, refuse_many_cells
from drafting.workbook.sheets import read_workbook
from drafting.workbook.style import (
    FAULT,
    LINK,
    body,
    cell_at,
    fill,
    finished_bytes,
    fit_row,
    font,
    heading_row,
    note,
    print_setup,
    put,
    reference,
    widths,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell as Box
    from openpyxl.worksheet.worksheet import Worksheet

FINDINGS_SHEET = "问题清单"
_COLUMNS = (("序号", 6), ("级别", 8), ("工作表", 16), ("单元格", 10), ("条款", 12), ("问题", 60), ("改法", 60))
_MAX_NOTE = 2_000
"""Characters of a cell note; what is longer stands in the list."""


def annotate(workbook: Path, findings: Iterable[Finding], target: Path) -> Path | None:
    """Copy a workbook with its findings marked.

    Every cell named by a finding is filled red and gets a note with message and remedy; several findings of one cell
    share a note, and a note that was there stays at its head. Sheet 问题清单 comes first and lists all findings, those
    without a cell too. The original is only read. Formulas stand in the copy as text, and what leads out of the file is
    left out (links, connections, names that refer elsewhere): a copy does not bear the mark of the web that made Excel
    careful with the original.

    Raises OutputError if the copy cannot be written.

    ``workbook``: the file to copy; its path ends in the findings' ``place.file``.
    ``findings``: those of other files are left aside.
    ``target``: the copy; an existing file is replaced.
    Returns the copy; None if the file is no readable workbook, which is a finding of its own. Where the file can be
    read but not be written again with its looks (openpyxl refuses a style or a part), the copy has its values only, and
    the list says so.
    """
    own = [f for f in findings if _is_of(f, workbook)]
    data = _checked(workbook)
    if data is None:
        return None
    title = f"{workbook.stem}（标注）"
    options = {"title": title, "findings": _told(own)}
    try:
        content = asked("annotate", data, options, slow=True)
    except NoReaderError:
        content = task(data, options)
    except OpeningError:
        content = b""
    if not content:
        book = _values(data)
        _mark_all(book, [*own, finding("annotated-plain", own[0].place if own else None)])
        content = finished_bytes(book, title=title)
    with atomic(target) as partial:
        partial.write_bytes(content)
    return target


def _told(findings: Sequence[Finding]) -> list[list[str]]:
    """Findings as the reader that makes the copy is told of them."""
    places = [(f.place.file, f.place.sheet, f.place.cell) for f in findings]
    return [
        [f.code, f.severity.value, f.message, f.remedy, f.clause, *p] for f, p in zip(findings, places, strict=True)
    ]


def task(data: bytes, options: Mapping[str, Any]) -> bytes:
    """Make a copy: what a reader does when it is asked; nothing where openpyxl refuses a style or a part."""
    findings = [
        Finding(code, Severity(severity), message, remedy, clause, Cell(*place))
        for code, severity, message, remedy, clause, *place in options["findings"]
    ]
    try:
        with warnings.catch_warnings():  # what is lost in the copy stands in the original
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(bare_package(data)), keep_links=False)
        make_inert(book)
        _mark_all(book, findings)
        return finished_bytes(book, title=options["title"])
    except Exception:  # openpyxl answers a damaged part or an unknown style with whatever it stumbles over
        return b""


def _mark_all(book: Workbook, own: Sequence[Finding]) -> None:
    sheets = {key(sheet.title): sheet for sheet in book.worksheets}
    by_cell: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for one in own:
        if one.place.cell and one.code != "annotated-plain":
            by_cell[key(one.place.sheet), one.place.cell].append(one)
    for (sheet_key, address), found in by_cell.items():
        if (sheet := sheets.get(sheet_key)) is not None:
            _mark(sheet, address, found)
    _list(book, own)


def _is_of(finding: Finding, workbook: Path) -> bool:
    parts = tuple(part for part in finding.place.file.split("/") if part)
    return bool(parts) and workbook.parts[-len(parts) :] == parts


def _checked(path: Path) -> bytes | None:
    """A workbook's bytes after the reader's checks against hostile files; None where it cannot be read at all."""
    try:
        data = read_bytes(path)
        refuse_many_cells(open_archive(data))
        read_workbook(data, path.name)
    except OpeningError:
        return None
    return data


def _values(data: bytes) -> Workbook:
    """A new workbook with the values of the sheets as the program reads them, without looks and formulas."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for source in read_workbook(data, "").sheets:
        sheet: Worksheet = book.create_sheet(source.title)
        for row, values in enumerate(source.rows, 1):
            for column, value in enumerate(values, 1):
                if value is not None:
                    put(cell_at(sheet, row, column), value if isinstance(value, int | float | str) else str(value))
    return book


def _mark(sheet: Worksheet, address: str, findings: Sequence[Finding]) -> None:
    cell = _anchor(sheet, address)
    cell.fill = fill(FAULT)
    cell.font = font(size=cell.font.sz or 10, bold=bool(cell.font.b))  # white on red would be unreadable
    kept = cell.comment.text.rstrip() if cell.comment else ""
    said = [f"【{Severity(f.severity).chinese}】{f.message}\n改法：{f.remedy}" for f in findings]
    cell.comment = None
    note(cell, "\n\n".join(part for part in (kept, *said) if part)[:_MAX_NOTE])


def _anchor(sheet: Worksheet, address: str) -> Box:
    """Give the cell itself, or the upper left one of the merged range that it lies in."""
    cell = sheet[address]
    if isinstance(cell, MergedCell):
        for merged in sheet.merged_cells.ranges:
            if address in merged:
                return cell_at(sheet, merged.min_row, merged.min_col)
    return cell_at(sheet, cell.row, cell.column)


def _list(book: Workbook, findings: Sequence[Finding]) -> None:
    title = FINDINGS_SHEET
    taken = {sheet.title for sheet in book.worksheets}
    number = 2
    while title in taken:
        title, number = f"{FINDINGS_SHEET}{number}", number + 1
    sheet: Worksheet = book.create_sheet(title, 0)
    sheet.sheet_properties.tabColor = "D64545"
    heading_row(sheet, 1, [text for text, _ in _COLUMNS])
    widths(sheet, [width for _, width in _COLUMNS])
    titles = {key(name): name for name in taken}
    for row, one in enumerate(sorted(findings, key=lambda f: list(Severity).index(f.severity)), start=2):
        place = one.place
        values: tuple[int | str, ...] = (row - 1, one.severity.chinese, place.sheet, place.cell, one.clause)
        for column, value in enumerate((*values, one.message, one.remedy), start=1):
            cell = cell_at(sheet, row, column)
            put(cell, value)
            body(cell, centred=column <= 5)
        if one.severity is Severity.ERROR:
            cell_at(sheet, row, 2).fill = fill(FAULT)
        if place.cell and (name := titles.get(key(place.sheet))):
            link = cell_at(sheet, row, 4)
            link.hyperlink = Hyperlink(ref=link.coordinate, location=reference(name, place.cell))
            link.font = font(colour=LINK)
        fit_row(sheet, row)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:G{len(findings) + 1}"
    print_setup(sheet, rows="1:1")
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    book.active = 0
