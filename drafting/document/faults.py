"""What is wrong with the texts of a draft, as findings; and what the committee still has to write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from drafting.document.numbering import CrossReferenceError
from drafting.document.search import runs_of
from drafting.document.texts import TextError
from drafting.document.tree import Block, Clause, Document, Formula, plain
from drafting.findings import Cell, Finding, finding

_GAP = re.compile("【待补充：([^】]*)】")


def finding_of(error: TextError | CrossReferenceError) -> Finding:
    """Word an error of :func:`drafting.document.compose.compose`."""
    if isinstance(error, CrossReferenceError):
        return finding(f"anchor-{error.reason}", anchor=error.anchor, place=_place(error.place))
    line = "?" if error.line is None else str(error.line)
    return finding(f"text-{error.reason}", Cell(file=error.file), file=error.file, line=line, name=error.name)


def gaps(document: Document) -> tuple[Finding, ...]:
    """Find every 【待补充：…】 of a draft, each once, with the clause in which it stands."""
    found: dict[tuple[str, str], None] = {}
    for front in document.front:
        found |= dict.fromkeys((front.title, what) for what in _in(front.children))
    for place, block in _numbered(document.chapters):
        found |= dict.fromkeys((place, what) for what in _in((block,)))
    for annex in document.annexes:
        found |= dict.fromkeys((annex.label, what) for what in _in(annex.children))
    return tuple(finding("text-gap", place=_place(place), what=what) for place, what in found)


def styles_missing(names: Iterable[str]) -> tuple[Finding, ...]:
    """Word what :func:`drafting.render.docx.render_docx` returns."""
    return tuple(finding("style-missing", style=name) for name in names)


def _numbered(blocks: Iterable[Block], place: str = "") -> Iterator[tuple[str, Block]]:
    for block in blocks:
        if isinstance(block, Clause):
            # （一） stands under every 一、: the two together say which.
            within = place.rstrip("、") if block.number.startswith("（") else ""
            yield from _numbered(block.children, within + block.number)
        else:
            yield place, block


def _in(blocks: Iterable[Block]) -> Iterator[str]:
    for _, block in _numbered(blocks):
        if not isinstance(block, Formula):
            for runs in runs_of(block):
                yield from _GAP.findall(plain(runs))


def _place(place: str) -> str:
    return f"第 {place} 条" if place[:1].isdecimal() else place
