"""Formulas of a draft that cannot be read: which indicator or clause, which formula, at which character."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from drafting.document.search import runs_of
from drafting.document.tree import Clause, Formula, InlineFormula
from drafting.findings import Finding, finding
from drafting.render.latex import FormulaError, read_latex

if TYPE_CHECKING:
    from drafting.document.tree import Block, Document


def unreadable_formulas(document: Document) -> tuple[Finding, ...]:
    """Try every formula of a draft, each once per clause: displayed ones, symbols under 式中, those in a line."""
    found = {}
    for place, anchor, latex in _formulas(document):
        fault = _fault(latex)
        if fault is not None:
            position, reason = fault
            number, _, title = place.partition("\u3000")
            words = f"第 {number} 条" if number[:1].isdecimal() else number
            found[place, latex] = finding(
                "latex-unreadable", place=words, title=f"“{title}”" if title else "",
                formula=latex, position=position + 1, reason=reason, anchor=anchor,
            )  # fmt: skip
    return tuple(found.values())


def _fault(latex: str) -> tuple[int, str] | None:
    try:
        read_latex(latex)
    except FormulaError as error:
        return error.position, error.reason
    return None


def _formulas(document: Document) -> Iterator[tuple[str, str, str]]:
    for front in document.front:
        yield from _in(front.children, front.title, front.anchor)
    yield from _in(document.chapters, "", "")
    for annex in document.annexes:
        yield from _in(annex.children, annex.label, annex.anchor)


def _in(blocks: Iterable[Block], place: str, anchor: str) -> Iterator[tuple[str, str, str]]:
    for block in blocks:
        if isinstance(block, Clause):
            yield from _in(block.children, f"{block.number}\u3000{block.title}", block.anchor)
            continue
        if isinstance(block, Formula):
            yield from ((place, anchor, latex) for latex in (block.latex, *(s.latex for s in block.where)))
        for runs in runs_of(block):
            yield from ((place, anchor, run.latex) for run in runs if isinstance(run, InlineFormula))
