"""Finds runs and published figures in a document tree."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.document.tree import (
    Block,
    Clause,
    Document,
    Example,
    Figure,
    Formula,
    Image,
    ListBlock,
    Note,
    Paragraph,
    Runs,
    Table,
    TermEntry,
    blocks,
)


def runs_of(block: Block) -> Iterator[Runs]:
    """Every sequence of runs that stands directly in a block (not in its child clauses)."""
    match block:
        case Paragraph() | Note() | Example():
            yield block.runs
        case ListBlock():
            for item in block.items:
                yield item.runs
                if item.sublist:
                    yield from runs_of(item.sublist)
        case Table():
            for row in (*block.head, *block.body):
                yield from (cell.runs for cell in row)
            yield from (n.runs for n in block.notes)
            yield from (f.runs for f in block.footnotes)
        case Formula():
            yield from (s.meaning for s in block.where)
        case TermEntry():
            yield block.definition
            yield from (n.runs for n in block.notes)
        case Image() | Clause():
            return


def figures(document: Document) -> Iterator[Figure]:
    """Every published figure in reading order."""
    for block in blocks(document):
        for runs in runs_of(block):
            yield from (run for run in runs if isinstance(run, Figure))
