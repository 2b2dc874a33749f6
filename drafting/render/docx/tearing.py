"""Rows of many lines that go on below a （续） caption: the words of their long cells are cut where a page ends.

All long cells are cut in proportion, so that each goes on; short ones stand in both parts, as cells over several rows
do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from drafting.document.tree import Cell, Figure, Row, Run, Runs, Table, Text
from drafting.render.breaks import Breaks, Tear, parts
from drafting.render.docx.estimate import lines_of, placed, room_of, words_width

_ENDS = ("；。！？", "，、：）”")
"""Signs behind which words are cut, the first kind before the second."""
_CLOSING = "".join(_ENDS) + "》〉〕】’."
_SHORT = 3
"""Lines of cells that are not cut."""
_BACK = 2
"""Lines in which such a sign is looked for."""


def pieces_of(table: Table, position: int, breaks: Breaks) -> tuple[Table, ...]:
    """Parts of a table as it stands in a document."""
    rows = torn(table, breaks.tears.get(position, ()), 1000 * position + 1)
    return parts(rows, breaks.cuts.get(position, ()))


def torn(table: Table, tears: Sequence[Tear], mark: int = 1) -> Table:
    """Cut rows of a table, one after another; each becomes two.

    ``tears``: in the order in which they were found.
    ``mark``: number of the first cell that goes on; the cells are counted from it (:attr:`Cell.torn`).
    """
    for tear in tears:
        table, mark = _torn(table, tear, mark)
    return table


def lines_in(table: Table, row: int) -> list[int]:
    """Lines of every cell that belongs to a body row alone."""
    return [lines_of(table, cell, at) for cell, number, at in placed(table.body) if number == row and cell.rowspan == 1]


def above(lines: int, highest: int, most: int) -> int:
    """How many of a cell's lines stand above the tear.

    ``highest``, ``most``: lines of the highest cell of the row, and those of them that stand above.
    """
    return lines if lines <= _SHORT else min(lines - 1, -(-lines * most // highest))


def _torn(table: Table, tear: Tear, mark: int) -> tuple[Table, int]:
    rows: list[list[Cell]] = [[] for _ in table.body]
    below: list[Cell] = []
    highest = max(lines_in(table, tear.row), default=1)
    for cell, number, column in placed(table.body):
        if number <= tear.row < number + cell.rowspan:
            lines = lines_of(table, cell, column)
            if number == tear.row and cell.rowspan == 1 and (kept := above(lines, highest, tear.lines)) < lines:
                head, tail = _cut(cell.runs, _place(cell.text, room_of(table, cell, column), kept))
                below.append(replace(cell, runs=tail, torn=mark))
                cell, mark = replace(cell, runs=head), mark + 1
            else:
                cell = replace(cell, rowspan=cell.rowspan + 1)
        rows[number].append(cell)
    body: list[Row] = [*map(tuple, rows)]
    body.insert(tear.row + 1, tuple(below))
    return replace(table, body=tuple(body)), mark


def _place(words: str, room: int, lines: int) -> int:
    """Where words that fill some lines end: behind a sign of the last ones if there is one."""
    at, line, used = 0, 1, 0.0
    for at, sign in enumerate(words):  # noqa: B007 -- the last one counts
        wide = words_width(sign)
        if sign == "\n" or used + wide > room:
            line, used = line + 1, 0.0
        if line > lines:
            break
        used += 0.0 if sign == "\n" else wide
    back = max(1, at - _BACK * room)
    found = (max(words.rfind(sign, back, at) for sign in kind) for kind in _ENDS)
    at = next((place + 1 for place in found if place > 0), at)
    while at < len(words) and (words[at] in _CLOSING or words[at].isspace()):  # none of these begins a line
        at += 1
    return at


def _cut(runs: Runs, at: int) -> tuple[Runs, Runs]:
    head: list[Run] = []
    tail: list[Run] = []
    for run in runs:
        words = run.text if isinstance(run, Text | Figure) else ""
        if not isinstance(run, Text | Figure) or at <= 0 or at >= len(words):
            (head if at > 0 else tail).append(run)
        else:
            head.append(replace(run, text=words[:at]))
            tail.append(replace(run, text=words[at:]))
        at -= len(words)
    return tuple(head), tuple(tail)
