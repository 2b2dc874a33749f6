"""Tables in parts: where they are cut, and what stands in each part."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from drafting.document.tree import Cell, Row, Table


@dataclass(frozen=True, slots=True)
class Tear:
    """A body row that is cut below some of its lines; rows are counted with those that earlier tears have made."""

    row: int
    lines: int


@dataclass(frozen=True, slots=True)
class Breaks:
    """Where tables break, by their position in the document."""

    cuts: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Body rows that begin on a new page, below a caption with （续）; counted with those that tears make."""
    moved: frozenset[int] = frozenset()
    """Tables that begin on a new page."""
    tears: Mapping[int, tuple[Tear, ...]] = field(default_factory=dict)
    """Rows of many lines that go on in the next part."""

    def without(self, tables: Collection[int]) -> Breaks:
        """Leave some tables whole."""
        cuts = {n: rows for n, rows in self.cuts.items() if n not in tables}
        return Breaks(cuts, self.moved, {n: torn for n, torn in self.tears.items() if n not in tables})


NO_BREAKS = Breaks()


def parts(table: Table, cuts: Sequence[int]) -> tuple[Table, ...]:
    """Cut a table before some body rows; cells that reach over a cut begin again below it, with their words.

    ``cuts``: positions of body rows, ascending; positions beyond the last row are left out.
    """
    ends = [*(c for c in cuts if 0 < c < len(table.body)), len(table.body)]
    found: list[Table] = []
    rows: list[Row] = []
    open_cells: dict[int, tuple[int, Cell]] = {}  # column -> rows still to cover, the cell that covers them
    for number, row in enumerate(table.body):
        cells, made, below = iter(row), [], dict[int, tuple[int, Cell]]()
        room = ends[len(found)] - number
        column = 0
        while column < len(table.columns):
            covered = column in open_cells
            left, cell = open_cells[column] if covered else (0, next(cells))
            left = left or cell.rowspan
            if not covered or not rows:
                made.append(cell if cell.rowspan == 1 else replace(cell, rowspan=min(left, room)))
            if left > 1:
                below[column] = (left - 1, cell)
            column += cell.colspan
        open_cells = below
        rows.append(tuple(made))
        if number + 1 == ends[len(found)]:
            found.append(replace(table, body=tuple(rows)))
            rows = []
    return tuple(found) or (table,)
