"""Rows of the program's own drafts that go on below a （续） caption: found by their marks, made one row again."""

from __future__ import annotations

from lxml import etree
from msgspec.structs import replace

from drafting.earlier.message import SourceTable, words_of

TORN = "_Torn"
"""How the marks of words begin that go on from the last row of the table before."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def goes_on(cell: etree._Element) -> bool:
    """Whether the words of a cell go on from the part before."""
    return any((m.get(f"{_W}name") or "").startswith(TORN) for m in cell.iter(f"{_W}bookmarkStart"))


def whole(
    above: SourceTable, table: SourceTable, row: int, columns: set[int]
) -> tuple[SourceTable, SourceTable] | None:
    """Put the words that go on behind those above them, and take their row out; None where there is no row for them."""
    rest = {c.column: c for c in table.cells if c.row == row and c.column in columns}
    ends = [c.row + c.rows - 1 == above.height and c.column in rest for c in above.cells]
    if len(rest) != len(columns) or sum(ends) != len(rest):
        return None
    joined = []
    for cell, end in zip(above.cells, ends, strict=True):
        pieces = (*cell.pieces, *rest[cell.column].pieces) if end else cell.pieces
        joined.append(replace(cell, pieces=pieces, text=words_of(pieces)) if end else cell)
    kept = []
    for cell in table.cells:
        if cell.row < row:
            kept.append(replace(cell, rows=cell.rows - 1) if cell.row + cell.rows > row else cell)
        elif cell.row > row:
            kept.append(replace(cell, row=cell.row - 1))
        elif cell.rows > 1:  # a cell over several rows, with its words again
            kept.append(replace(cell, rows=cell.rows - 1))
    return replace(above, cells=tuple(joined)), replace(table, cells=tuple(kept), height=table.height - 1)
