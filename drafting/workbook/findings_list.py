"""The complete list of findings as a workbook: one row per place, one per cause, with links to the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from drafting.findings import Cell, Severity
from drafting.workbook.style import (
    FAULT,
    LINK,
    body,
    cell_at,
    fill,
    fit_row,
    font,
    heading_row,
    print_setup,
    put,
    reference,
    save,
    widths,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

BY_PLACE, BY_CAUSE = "逐处", "按原因"
_PLACES = (
    ("序号", 7), ("归类", 10), ("级别", 8), ("原因", 7), ("文件", 18), ("工作表", 16), ("单元格", 10), ("条款", 14),
    ("问题", 60), ("改法", 60), ("代码", 24),
)  # fmt: skip
_CAUSES = (
    ("原因", 7), ("归类", 10), ("级别", 8), ("处数", 8), ("位置", 36), ("条款", 14), ("问题", 60), ("改法", 60),
)  # fmt: skip
_MOST_LINKS = 60_000
"""A sheet holds 65 530 links."""
_MOST_CHARACTERS = 32_000
"""A cell holds 32 767."""


@dataclass(frozen=True, slots=True)
class Row:
    """One finding of a cause."""

    place: Cell
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Group:
    """A cause: the section it is read in, its own words, and its findings."""

    section: str
    severity: Severity
    code: str
    clause: str
    place: str
    message: str
    remedy: str
    rows: tuple[Row, ...]
    count: int
    """How many places the rows stand for: in a long list one row may give ranges."""


def write_findings_list(path: Path, groups: Sequence[Group], targets: Mapping[str, str]) -> Path:
    """Write the list.

    Raises OutputError if the file cannot be written.

    ``path``: the workbook to write.
    ``groups``: in the order of the list.
    ``targets``: files of the project that can be linked to: their path relative to the folder of the list, by their
    name.
    """
    book = Workbook()
    places: Worksheet = book.worksheets[0]
    places.title = BY_PLACE
    causes = book.create_sheet(BY_CAUSE)
    _places(places, groups, targets)
    _causes(causes, groups)
    save(book, path, title="检查结果")
    return path


def _places(sheet: Worksheet, groups: Sequence[Group], targets: Mapping[str, str]) -> None:
    _begin(sheet, _PLACES, "D64545")
    row = 1
    for number, group in enumerate(groups, 1):
        for one in group.rows:
            row += 1
            _row(
                sheet, row,
                (row - 1, group.section, group.severity.chinese, number, one.place.file, one.place.sheet,
                 one.place.cell, group.clause, one.message, one.remedy, group.code),
                centred=(1, 2, 3, 4, 7, 8), severity=group.severity,
            )  # fmt: skip
            if one.place.file in targets and row <= _MOST_LINKS:
                _link(sheet, row, 7 if one.place.cell else 5, one.place, targets[one.place.file])
    _end(sheet, _PLACES, row)


def _causes(sheet: Worksheet, groups: Sequence[Group]) -> None:
    _begin(sheet, _CAUSES, "1F6F6B")
    for number, group in enumerate(groups, 1):
        _row(
            sheet, number + 1,
            (number, group.section, group.severity.chinese, group.count, group.place, group.clause, group.message,
             group.remedy),
            centred=(1, 2, 3, 4, 6), severity=group.severity,
        )  # fmt: skip
    _end(sheet, _CAUSES, len(groups) + 1)


def _begin(sheet: Worksheet, columns: Sequence[tuple[str, float]], colour: str) -> None:
    sheet.sheet_properties.tabColor = colour
    heading_row(sheet, 1, [text for text, _ in columns])
    widths(sheet, [width for _, width in columns])
    sheet.freeze_panes = "A2"


def _end(sheet: Worksheet, columns: Sequence[tuple[str, float]], last: int) -> None:
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{max(last, 1)}"
    print_setup(sheet, rows="1:1")


def _row(
    sheet: Worksheet, row: int, values: Sequence[int | str], *, centred: Sequence[int], severity: Severity
) -> None:
    for column, value in enumerate(values, 1):
        cell = cell_at(sheet, row, column)
        put(cell, value[:_MOST_CHARACTERS] if isinstance(value, str) else value)
        body(cell, centred=column in centred)
    if severity is Severity.ERROR:
        cell_at(sheet, row, 3).fill = fill(FAULT)
    fit_row(sheet, row)


def _link(sheet: Worksheet, row: int, column: int, place: Cell, target: str) -> None:
    """Link a cell to the place in the other workbook; a program that does not know the place opens the workbook."""
    cell = cell_at(sheet, row, column)
    location = reference(place.sheet, place.cell or "A1") if place.sheet else None
    cell.hyperlink = Hyperlink(ref=cell.coordinate, target=_address(target), location=location)
    cell.font = font(colour=LINK)


def _address(path: str) -> str:
    """A relative path as the address of a link: what would end it or start another part is escaped."""
    for character in "% #?":
        path = path.replace(character, f"%{ord(character):02X}")
    return path
