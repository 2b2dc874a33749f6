"""Texts that a document holds once per table: anchors and references inside each are told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from drafting.document import markup
from drafting.document.tree import Block, Clause, Formula, Image, Reference, Table

_ANCHORED = (Clause, Formula, Image, Table)


def apart(blocks: tuple[Block, ...], position: int, name: str) -> tuple[Block, ...]:
    """Give the anchors of a text that was filled in for the table at a position (from 0) names of their own.

    References to them follow; captions of tables name the table. The first text keeps its anchors, so that what refers
    to the text from outside finds it; so do pictures, whose anchors are told apart where they are drawn.
    """
    own = {anchor for block in blocks for anchor in _anchors(block) if "@" not in anchor}
    suffix = f"-{position + 1}" if position else ""
    return tuple(_renamed(block, own, suffix, name) for block in blocks)


def _anchors(node: Any) -> Iterator[str]:
    if isinstance(node, _ANCHORED) and node.anchor:
        yield node.anchor
    for part in _parts(node):
        yield from _anchors(part)


def _parts(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple):
        yield from node
    elif is_dataclass(node):
        yield from (getattr(node, f.name) for f in fields(node) if isinstance(getattr(node, f.name), tuple))


def _renamed(node: Any, own: set[str], suffix: str, name: str) -> Any:
    if isinstance(node, tuple):
        return tuple(_renamed(part, own, suffix, name) for part in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    if isinstance(node, Reference):
        return replace(node, target=node.target + suffix) if node.target in own else node
    changed = {
        f.name: _renamed(value, own, suffix, name)
        for f in fields(node) if isinstance(value := getattr(node, f.name), tuple) and f.init
    }  # fmt: skip
    if isinstance(node, _ANCHORED) and node.anchor in own:
        changed["anchor"] = node.anchor + suffix
    if isinstance(node, Table):
        changed["caption"] = f"{node.caption}（{name}）"
    return replace(node, **changed)


def references(anchor: str, positions: Sequence[int]) -> markup.Marked:
    """Refer to what some tables (positions from 0, ascending) have one of; three in a row and more by their ends."""
    runs: list[list[int]] = []
    for position in positions:
        if runs and runs[-1][-1] + 1 == position:
            runs[-1].append(position)
        else:
            runs.append([position])

    def named(run: Sequence[int]) -> Iterator[str]:
        ends = [markup.reference(part_anchor(anchor, n)) for n in run]
        yield from ends if len(run) < 3 else (f"{ends[0]}～{ends[-1]}",)

    return markup.Marked("、".join(words for run in runs for words in named(run)))


def part_anchor(anchor: str, position: int) -> str:
    """Anchor of what the table at a position (from 0) has, where the first one's is ``anchor``."""
    return f"{anchor}-{position + 1}" if position else anchor
