"""Page labels and heights of rows without a layout: counted from words, lines and the type area.

Such labels stand in the contents until Word has refreshed them, so that these are never blank; they may be off by a
page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from drafting.document.tree import (
    Block,
    Cell,
    Clause,
    Document,
    Example,
    Formula,
    Image,
    ListBlock,
    Note,
    Paragraph,
    Row,
    Table,
    TermEntry,
    plain,
)
from drafting.render.docx.blueprint import looks

_HAN, _CELL_HAN = 10.5, 9.0
_CELL_LINE, _CELL_LEAST, _CELL_SIDES = 12.0, 15.0, 5.7
"""Height of a line in a cell, least height of a row, and the margins of a cell in points."""
_POINTS = 72 / 25.4


def words_width(words: str) -> float:
    """Width of words in Han: signs of the Latin script take about half of one."""
    return (len(words) + len(_WIDE.findall(words))) / 2


_WIDE = re.compile("[—…“”Ⅰ≤≥\u2e81-\U0010ffff]")


def type_area() -> tuple[float, float]:
    """Width and height of the type area in points."""
    page = looks()["page"]
    (width, height), body = page["paper_mm"], page["body"]
    return (
        (width - body["left_mm"] - body["right_mm"]) * _POINTS,
        (height - body["top_mm"] - body["bottom_mm"]) * _POINTS,
    )


def row_heights(table: Table, rows: Sequence[Row]) -> list[float]:
    """Estimate the heights of rows in points; cells over several rows are taken to fit."""
    heights = [_CELL_LEAST] * len(rows)
    for cell, number, column in placed(rows):
        if cell.rowspan == 1:
            heights[number] = max(heights[number], _height(table, cell, column))
    return heights


def stays_whole(table: Table) -> bool:
    """Whether a table is so short that it is not torn: a third of a page may stay empty above it."""
    most = type_area()[1] / 3 - float(looks()["page"]["grid_pt"]) * (len(table.notes) + len(table.footnotes))
    rows = (*table.head, *table.body)
    return len(rows) * _CELL_LEAST <= most and sum(row_heights(table, rows)) <= most


def spans(table: Table) -> list[list[tuple[int, int, float]]]:
    """Give, for each body row, the cells over several rows that cover it.

    Of each its column, the row in which it begins and the height that its words need in points.
    """
    found: list[list[tuple[int, int, float]]] = [[] for _ in table.body]
    for cell, number, column in placed(table.body):
        if cell.rowspan > 1:
            one = (column, number, _height(table, cell, column))
            for row in found[number : number + cell.rowspan]:
                row.append(one)
    return found


def placed(rows: Sequence[Row]) -> Iterator[tuple[Cell, int, int]]:
    """Give every cell with the row and the column in which it begins."""
    covered: dict[int, int] = {}
    for number, row in enumerate(rows):
        column = 0
        below = {at: left - 1 for at, left in covered.items() if left > 1}
        for cell in row:
            while column in covered:
                column += 1
            yield cell, number, column
            if cell.rowspan > 1:
                below |= dict.fromkeys(range(column, column + cell.colspan), cell.rowspan - 1)
            column += cell.colspan
        covered = below


def _height(table: Table, cell: Cell, column: int) -> float:
    return _CELL_LINE * lines_of(table, cell, column)


def room_of(table: Table, cell: Cell, column: int) -> int:
    """Han in a line of a cell that begins in a column."""
    whole = sum(c.width for c in table.columns)
    share = sum(c.width for c in table.columns[column : column + cell.colspan])
    return max(1, math.floor((share * type_area()[0] / whole - _CELL_SIDES) / _CELL_HAN))


def lines_of(table: Table, cell: Cell, column: int) -> int:
    """Lines that the words of a cell take."""
    room = room_of(table, cell, column)
    return sum(math.ceil(words_width(part) / room) or 1 for part in cell.text.split("\n"))


def estimated(document: Document) -> dict[str, str]:
    """Estimate the page label of every anchor."""
    pen = _Pen()
    labels: dict[str, str] = {}
    contents = math.ceil(sum(1 for c in document.chapters for _ in (c, *c.children)) * 18 / pen.height)
    for number, front in enumerate(document.front, 1 + max(1, contents)):
        labels[front.anchor] = roman(number)
    pen.down(3.5, 1)
    pen.blocks(document.chapters, labels)
    for annex in document.annexes:
        pen.new_page()
        labels[annex.anchor] = str(pen.page)
        pen.down(5, 1)
        pen.blocks(annex.children, labels)
    if document.bibliography:
        pen.new_page()
        labels[document.bibliography.anchor] = str(pen.page)
    return labels


class _Pen:
    """Goes down the pages of the body."""

    def __init__(self) -> None:
        self.width, self.height = type_area()
        self.line = float(looks()["page"]["grid_pt"])
        self.page, self.at = 1, 0.0

    def new_page(self) -> None:
        if self.at:
            self.page, self.at = self.page + 1, 0.0

    def down(self, count: float, pieces: int) -> None:
        """Go down some lines; pieces that do not fit stand on the next page."""
        for _ in range(pieces):
            self.points(count * self.line)

    def points(self, height: float) -> None:
        if self.at and self.at + height > self.height + 0.01:
            self.new_page()
        self.at = min(self.height, self.at + height)

    def words(self, words: str, indent: float = 2) -> None:
        self.down(1, max(1, math.ceil((words_width(words) + indent) / math.floor(self.width / _HAN))))

    def blocks(self, blocks: Sequence[Block], labels: dict[str, str]) -> None:
        for block in blocks:
            self.block(block, labels)

    def block(self, block: Block, labels: dict[str, str]) -> None:
        match block:
            case Clause():
                if block.titled:
                    self.points((3 if block.level == 1 else 2) * self.line)
                labels[block.anchor] = str(self.page)
                self.blocks(block.children, labels)
            case Paragraph() | Note() | Example():
                self.words(plain(block.runs))
            case ListBlock():
                for item in block.items:
                    self.words(plain(item.runs), 4)
                    if item.sublist:
                        self.block(item.sublist, labels)
            case Table():
                self.down(2, 1)
                for height in row_heights(block, (*block.head, *block.body)):
                    self.points(height)
                for runs in (*(n.runs for n in block.notes), *(f.runs for f in block.footnotes)):
                    self.words(plain(runs))
            case Formula():
                self.points(2.5 * self.line)
                for symbol in block.where:
                    self.words(plain(symbol.meaning), 6)
            case TermEntry():
                self.down(1, 2)
                self.words(plain(block.definition))
                self.down(1, len(block.notes) + bool(block.source))
            case Image():
                self.points(block.width_mm * 0.6 * _POINTS + 2 * self.line)


def roman(number: int) -> str:
    """Write a number from 1 in capital Roman numerals."""
    signs = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    words = ""
    for value, sign in signs:
        while number >= value:
            words += sign
            number -= value
    return words
