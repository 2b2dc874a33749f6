"""Places of findings as people write them: ranges of cells, by sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from drafting.findings import Cell, address, runs

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Area:
    """Cells of one sheet, put together to ranges in reading order; no ranges where the sheet or file is meant."""

    file: str
    sheet: str
    ranges: tuple[str, ...]

    def text(self, most: int | None = None) -> str:
        """``调研数据.xlsx·Sheet1·B2:B485、C7``; with ``most`` ranges at the most, then how many there are more."""
        shown = "、".join(self.ranges[:most])
        if most is not None and len(self.ranges) > most:
            shown += f" 等 {len(self.ranges)} 处"
        return "·".join(part for part in (self.file, self.sheet, shown) if part)


def areas(cells: Iterable[Cell]) -> tuple[Area, ...]:
    """Put cells together by sheet, sheets in the order in which they come first."""
    by_sheet: dict[tuple[str, str], dict[str, None]] = {}
    for cell in cells:
        if cell.file or cell.sheet or cell.cell:
            by_sheet.setdefault((cell.file, cell.sheet), {})[cell.cell] = None
    return tuple(Area(file, sheet, ranges(found)) for (file, sheet), found in by_sheet.items())


def ranges(addresses: Iterable[str]) -> tuple[str, ...]:
    """Put addresses together: runs down a column, then equal runs of neighbouring columns; others as they are."""
    by_column: dict[int, set[int]] = {}
    others: list[str] = []
    for text in addresses:
        match = _ADDRESS.fullmatch(text)
        if match:
            by_column.setdefault(_column(match[1]), set()).add(int(match[2]))
        elif text:
            others.append(text)
    blocks: list[tuple[int, int, int, int]] = []  # first row, last row, first column, last column
    open_blocks: dict[tuple[int, int], int] = {}
    for column in sorted(by_column):
        found = runs(sorted(by_column[column]))
        wider = {}
        for run in found:
            at = open_blocks.get(run)
            if at is not None and blocks[at][3] == column - 1:
                blocks[at] = (*run, blocks[at][2], column)
            else:
                at = len(blocks)
                blocks.append((*run, column, column))
            wider[run] = at
        open_blocks = wider
    written = [_text(block) for block in sorted(blocks, key=lambda b: (b[2], b[0]))]
    return (*written, *others)


def _text(block: tuple[int, int, int, int]) -> str:
    first, last = address(block[0], block[2]), address(block[1], block[3])
    return first if first == last else f"{first}:{last}"


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
