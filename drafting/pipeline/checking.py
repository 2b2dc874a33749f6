"""Every rule on one project: inputs and results, the composed draft and its formulas, the comments received on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.document.compose import compose
from drafting.document.faults import finding_of
from drafting.document.numbering import CrossReferenceError
from drafting.document.search import runs_of
from drafting.document.texts import TextError
from drafting.document.tree import Clause, Formula, InlineFormula
from drafting.findings import Cell, Finding, finding
from drafting.industries import ClassificationError, find_classification
from drafting.opinions import collect
from drafting.publishing.overlay import find_overlay
from drafting.render.latex import FormulaError, read_latex
from drafting.rules import check, check_document
from drafting.workbook.classification import load_classification

if TYPE_CHECKING:
    from drafting.document.tree import Block, Document
    from drafting.model.inputs import Inputs
    from drafting.model.results import Results
    from drafting.project.folder import Project


def rule(project: Project, inputs: Inputs, results: Results) -> list[Finding]:
    """Every rule, on the inputs and on the composed draft; a text that cannot be composed is a finding of its own."""
    overlay = find_overlay(project)
    classification, found = _classification(project.folder)
    found += overlay.findings
    found += check(inputs, results, project.provenance, classification=classification)
    try:
        document = compose(inputs, results, overlay=overlay.folder)
    except (TextError, CrossReferenceError) as error:
        return [*found, finding_of(error)]
    found += check_document(document, inputs, project.provenance)
    found += unreadable_formulas(document)
    return [*found, *collect(project.folder, document).findings]


def _classification(folder: Path) -> tuple[Mapping[str, str] | None, list[Finding]]:
    """Read the user's GB/T 4754 table, if there is one."""
    path = find_classification(folder)
    if path is None:
        return None, []
    try:
        return load_classification(path, folder if path.parent == folder else None), []
    except ClassificationError as error:
        place = Cell(path.name)
        return None, [finding("classification-unreadable", place, file=path.name, reason=error.reason)]


# --- formulas ---------------------------------------------------------------------------------------------------------
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
