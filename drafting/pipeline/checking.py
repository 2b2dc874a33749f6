"""Every rule on one project: inputs and results, the composed draft, the comments received on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.document.compose import compose
from drafting.document.faults import finding_of
from drafting.document.numbering import CrossReferenceError
from drafting.document.texts import TextError
from drafting.findings import Cell, Finding, finding
from drafting.industries import ClassificationError, find_classification
from drafting.opinions import collect
from drafting.pipeline.formulas import unreadable_formulas
from drafting.publishing.overlay import find_overlay
from drafting.rules import check, check_document
from drafting.workbook.classification import load_classification

if TYPE_CHECKING:
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
