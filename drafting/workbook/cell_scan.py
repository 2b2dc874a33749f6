"""One pass over a large worksheet's XML: how far its cells reach and which of them show percentages.

Spreadsheet programs write a cell as ``<c r="B2" s="3" t="s">``; millions of those are looked at as arrays of bytes. XML
that is written otherwise is no error: the scan says so, and slower patterns take over.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drafting.workbook.cell_sets import CellSet
from drafting.workbook.sheet_marks import Address

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Positions = NDArray[np.intp]

_CHUNK = 1 << 20
"""Small enough that a piece and the arrays over it stay in the processor's cache."""
_TAG = 96
"""Bytes that a cell's opening tag may have; it is read beyond the end of a chunk."""
_LETTERS, _DIGITS, _STYLE_DIGITS = 3, 7, 6


@dataclass(frozen=True, slots=True)
class CellScan:
    """What the scan found."""

    usual: bool
    """Whether every cell is written as expected; if not, nothing else here is to be used."""
    cells: int = 0
    rows: int = 0
    columns: int = 0
    percents: Set[Address] | None = None
    """Filled cells of the given styles; None where their attributes stand in another order."""


_UNUSUAL = CellScan(False)
_PREFIXED = tuple(b":" + name + end for name in (b"c", b"row", b"sheetData") for end in (b" ", b">", b"/"))
"""Elements of a sheet under a namespace prefix."""


def scan_cells(content: bytes, styles: Set[int]) -> CellScan:
    """Look at every cell's reference and style.

    ``content``: XML of a worksheet.
    ``styles``: indices of the cell styles that show a percentage.
    """
    first = content.find(b":", max(content.find(b"sheetData"), 0))  # a colon is rare among cells: one quick search
    if first >= 0 and any(content.find(mark, first) >= 0 for mark in _PREFIXED):
        return _UNUSUAL
    data = np.frombuffer(content, dtype=np.uint8)
    wanted = np.zeros(10**_STYLE_DIGITS, dtype=np.bool_)
    wanted[[s for s in styles if s < len(wanted)]] = True
    count = rows = columns = 0
    found: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = []
    whole = True
    for start in range(0, len(content), _CHUNK):
        piece = data[start : start + _CHUNK + _TAG]
        if start + _CHUNK + _TAG > len(data):
            piece = np.concatenate([piece, np.zeros(_TAG, dtype=np.uint8)])
        tags = _cells(piece)
        if not tags.size:
            continue
        count += tags.size
        if not _begins(piece, tags + 2, b' r="').all():
            return _UNUSUAL
        column, at = _number(piece, tags + 6, 26, (65, 90), 64, _LETTERS)
        row, end = _number(piece, at, 10, (48, 57), 48, _DIGITS)
        if (at == tags + 6).any() or (end == at).any() or (piece[end] != 34).any():
            return _UNUSUAL
        rows, columns = max(rows, int(row.max())), max(columns, int(column.max()))
        if not styles or not whole:
            continue
        has = piece[end + 2] == 115
        has[has] = _begins(piece, end[has] + 1, b' s="')  # the whole attribute only where its name fits: mostly few
        whole = not _styled_later(piece, end[~has] + 1)
        style, close = _number(piece, end[has] + 5, 10, (48, 57), 48, _STYLE_DIGITS)
        whole = whole and bool((piece[close] == 34).all())
        shows = np.flatnonzero(wanted[style])
        if whole and shows.size:
            filled = _filled(piece, close[shows])
            if filled is None:
                whole = False
                continue
            cells = np.flatnonzero(has)[shows[filled]]
            found.append((row[cells], column[cells]))
    nothing = np.zeros(0, dtype=np.int32)
    percents = CellSet(*(np.concatenate([nothing, *(f[i] for f in found)]) for i in (0, 1))) if whole else None
    return CellScan(True, count, rows, columns, percents)


def _cells(piece: Bytes) -> Positions:
    until = min(_CHUNK, len(piece) - _TAG)
    # Both bytes before positions are made of them: of the many "<" a quarter only opens a cell.
    tags = np.flatnonzero((piece[:until] == 60) & (piece[1 : until + 1] == 99))
    after = piece[tags + 2]
    cells: Positions = tags[(after <= 32) | (after == 62) | (after == 47)]  # blank, > or /; not <col, <conditional…
    return cells


def _begins(piece: Bytes, at: Positions, text: bytes) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = piece[at] == text[0]
    for offset, byte in enumerate(text[1:], 1):
        same &= piece[at + offset] == byte
    return same


def _number(
    piece: Bytes, at: Positions, base: int, between: tuple[int, int], zero: int, most: int
) -> tuple[NDArray[np.int32], Positions]:
    """Read letters or digits from each position on; returns the numbers and where they end."""
    number = np.zeros(len(at), dtype=np.int32)
    for _ in range(most):
        byte = piece[at]
        goes_on = (byte >= between[0]) & (byte <= between[1])
        if not goes_on.any():
            break
        number = np.where(goes_on, number * base + byte - zero, number)
        at = at + goes_on
    return number, at


def _filled(piece: Bytes, at: Positions) -> NDArray[np.bool_] | None:
    """Whether each tag is one that holds something, not ``<c …/>``; None where a tag is too long to see its end."""
    open_at = at.copy()
    for _ in range(_TAG - 40):
        goes_on = piece[open_at] != 62
        if not goes_on.any():
            filled: NDArray[np.bool_] = piece[open_at - 1] != 47
            return filled
        open_at = open_at + goes_on
    return None


def _styled_later(piece: Bytes, at: Positions) -> bool:
    """Whether a cell may have a style that does not follow its reference directly."""
    at = at[(piece[at] != 62) & (piece[at] != 47)]
    if not _begins(piece, at, b' t="').all():
        return True
    at = at + 4
    for _ in range(len("inlineStr")):
        goes_on = piece[at] != 34
        if not goes_on.any():
            break
        at = at + goes_on
    return not bool(((piece[at] == 34) & ((piece[at + 1] == 62) | (piece[at + 1] == 47))).all())
