"""Numbers as Chinese papers write them: chapters 一、, clauses （一）, then 1. and （1）."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from drafting.document.tree import Block, Clause, Document

_DIGITS = "〇一二三四五六七八九"


def chinese(number: int) -> str:
    """Write a number from 1 to 99 in Chinese.

    Raises ValueError: beyond 99.
    """
    if not 0 < number < 100:
        raise ValueError(number)
    tens, rest = divmod(number, 10)
    if tens == 0:
        return _DIGITS[rest]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[rest] if rest else "")


def in_chinese(document: Document) -> Document:
    """Relabel chapters and clauses of a resolved document; tables, figures and annexes keep their numbers."""
    return replace(document, chapters=tuple(_clauses(document.chapters, 1)))


def _clauses(blocks: Iterable[Block], level: int) -> Iterable[Clause]:
    return (_clause(c, n, level) for n, c in enumerate((b for b in blocks if isinstance(b, Clause)), 1))


def _clause(clause: Clause, position: int, level: int) -> Clause:
    word = chinese(position)
    number = {1: f"{word}、", 2: f"（{word}）", 3: f"{position}."}.get(level, f"（{position}）")
    clauses = iter(tuple(_clauses(clause.children, level + 1)))
    children = tuple(next(clauses) if isinstance(c, Clause) else c for c in clause.children)
    return replace(clause, number=number, children=children)
