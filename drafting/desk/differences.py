"""Two workbooks cell by cell: what somebody's upload would change in the file that is there now."""

from __future__ import annotations

from dataclasses import dataclass

from drafting.findings import address
from drafting.workbook.sheets import Workbook, read_workbook

MOST = 40
"""Differing cells that are listed."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A cell that says something else; empty text where there is nothing."""

    sheet: str
    cell: str
    present: str
    sent: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs: the first cells in reading order, and how many there are in all."""

    cells: tuple[Differing, ...]
    count: int


def differences(present: bytes, sent: bytes, file: str, most: int = MOST) -> Differences:
    """Hold a workbook that was sent against the one that is there.

    Raises drafting.workbook.opening.OpeningError if one of them cannot be read.
    """
    old, new = _cells(read_workbook(present, file)), _cells(read_workbook(sent, file))
    names = [*old, *(sheet for sheet in new if sheet not in old)]
    found: list[Differing] = []
    count = 0
    for sheet in names:
        before, after = old.get(sheet, {}), new.get(sheet, {})
        for at in sorted({*before, *after}):
            one, other = before.get(at, ""), after.get(at, "")
            if one != other:
                count += 1
                if len(found) < most:
                    found.append(Differing(sheet, address(*at), one, other))
    return Differences(tuple(found), count)


def _cells(book: Workbook) -> dict[str, dict[tuple[int, int], str]]:
    return {
        sheet.title: {
            (r, c): _text(value)
            for r, row in enumerate(sheet.rows, 1)
            for c, value in enumerate(row, 1)
            if value not in (None, "")
        }
        for sheet in book.sheets
    }


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
