"""What the HTML templates ask of the tree: ids, contents, groups of table rows, sources of figures."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from drafting.document.tree import (
    Block,
    Cell,
    Clause,
    Column,
    Document,
    Figure,
    Image,
    Reference,
    Row,
    Run,
    blocks,
)

_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents."""

    id: str
    number: str
    title: str
    children: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A table cell with the role and alignment that HTML wants to hear."""

    cell: Cell
    align: str
    scope: str
    """``row`` or ``rowgroup`` for a header cell, empty for a data cell."""
    last: bool
    """Whether it stands in the right half, where a note must open to the left."""
    leading: bool = False
    """Whether it heads the rows of a table whose first column merges rows."""


@dataclass
class Ids:
    """Ids of anchors, each once; a node without anchor may be given one by its number."""

    _ids: dict[str, str] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def of(self, anchor: str, prefix: str = "") -> str:
        """The id of an anchor, made on first use."""
        key = f"{prefix}{anchor}"
        if key not in self._ids:
            wanted = re.sub(r"[^\w.-]+", "-", key).strip("-") or "id"
            found, n = wanted, 1
            while found in self._used:
                n += 1
                found = f"{wanted}-{n}"
            self._ids[key] = found
            self._used.add(found)
        return self._ids[key]

    def fresh(self, prefix: str) -> str:
        """An id that nobody refers to by name."""
        return self.of(f"{prefix}-{len(self._ids)}")


class View:
    """One document being rendered."""

    def __init__(self, document: Document, provenance: Mapping[tuple[str, ...], str]) -> None:
        self._provenance = provenance
        self.ids = Ids()
        self.anchors = frozenset(_anchors(document))

    def target(self, run: Reference) -> str:
        """The id that a reference leads to, empty if nothing of that name is in the document."""
        return self.ids.of(run.target) if run.target in self.anchors else ""

    def node_id(self, node: object) -> str:
        """The id of a node with an anchor, else of a numbered or titled one; empty for others."""
        anchor: str = getattr(node, "anchor", "")
        if anchor:
            return self.ids.of(anchor)
        name: str = getattr(node, "number", "") or getattr(node, "letter", "") or getattr(node, "title", "")
        return self.ids.of(name, f"{type(node).__name__.lower()}-") if name else ""

    def source(self, figure: Figure) -> str:
        """Where a figure comes from, as a reader reads it; empty if unknown."""
        return self._provenance.get(figure.key, "")

    def contents(self, document: Document) -> tuple[Entry, ...]:
        """The contents: preliminaries, chapters with their titled clauses, annexes, bibliography."""
        entries = [Entry(self.node_id(f), "", f.title) for f in document.front]
        entries += [self._entry(c, depth=2) for c in document.chapters]
        for annex in document.annexes:
            children = tuple(self._entry(c, depth=1) for c in annex.children if isinstance(c, Clause) and c.titled)
            title = f"（{annex.nature}）{annex.title}"
            entries.append(Entry(self.node_id(annex), f"附录 {annex.letter}", title, children))
        if document.bibliography:
            entries.append(Entry(self.node_id(document.bibliography), "", document.bibliography.title))
        return tuple(entries)

    def _entry(self, clause: Clause, depth: int) -> Entry:
        below: tuple[Entry, ...] = ()
        if depth > 1:
            titled = (c for c in clause.children if isinstance(c, Clause) and c.titled)
            below = tuple(self._entry(c, depth - 1) for c in titled)
        return Entry(self.node_id(clause), clause.number, clause.title, below)


def _anchors(document: Document) -> Iterator[str]:
    nodes: list[object] = [*document.front, *document.annexes, *blocks(document)]
    if document.bibliography:
        nodes.append(document.bibliography)
    yield from (anchor for node in nodes if (anchor := getattr(node, "anchor", "")))


def kind(node: Block | Run) -> str:
    """Name of a node's type; the templates choose by it."""
    return type(node).__name__


def data_uri(image: Image) -> str:
    """The picture itself as an address, so that the page needs no second file."""
    media = next((m for signature, m in _SIGNATURES if image.data.startswith(signature)), "image/svg+xml")
    return f"data:{media};base64,{base64.b64encode(image.data).decode('ascii')}"


def row_groups(rows: Sequence[Row], columns: Sequence[Column]) -> tuple[tuple[tuple[PlacedCell, ...], ...], ...]:
    """Place every cell of a table's body and, where the first column merges rows, split the body between its groups.

    A merged first cell is the header of its group; the cell in the first left-aligned column (the names) is the header
    of its row.
    """
    placed = list(_place(rows, len(columns)))
    names = next((i for i, column in enumerate(columns) if column.align == "left"), 0)
    groups: list[list[tuple[PlacedCell, ...]]] = []
    merging = any(cell.rowspan > 1 for row in placed for cell, column in row if column == 0)
    starts = _group_starts(rows) if merging else [0]
    begins = set(starts)
    for index, row in enumerate(placed):
        if index in begins:
            groups.append([])
            size = next(s for s in (*starts, len(rows)) if s > index) - index if merging else 0
        groups[-1].append(tuple(_with_role(cell, column, columns, names, size) for cell, column in row))
    return tuple(tuple(group) for group in groups)


def _place(rows: Iterable[Row], width: int) -> Iterator[list[tuple[Cell, int]]]:
    """Pair the cells of every row with the columns in which they begin."""
    taken = [0] * max(width, 1)  # rows that a cell above still covers, per column
    for row in rows:
        at, placed = 0, []
        for cell in row:
            while at < len(taken) and taken[at]:
                at += 1
            placed.append((cell, at))
            for column in range(at, min(at + cell.colspan, len(taken))):
                taken[column] = cell.rowspan
            at += cell.colspan
        taken = [max(t - 1, 0) for t in taken]
        yield placed


def _group_starts(rows: Sequence[Row]) -> list[int]:
    """Rows into which no cell reaches from above."""
    starts: list[int] = []
    end = 0
    for index, row in enumerate(rows):
        if index >= end:
            starts.append(index)
        end = max([end, *(index + cell.rowspan for cell in row)])
    return starts


def _with_role(cell: Cell, at: int, columns: Sequence[Column], names: int, group: int) -> PlacedCell:
    """Say what a cell heads; `group`: rows of its group, 0 in a table whose first column merges none."""
    column = columns[at] if at < len(columns) else Column(1)
    leading = at == 0 and group > 0
    scope = ""
    if leading:
        scope = "rowgroup" if cell.rowspan == group else "row"
    elif at == names and cell.text.strip():
        scope = "row"
    return PlacedCell(cell, cell.align or column.align, scope, last=2 * at >= len(columns), leading=leading)
