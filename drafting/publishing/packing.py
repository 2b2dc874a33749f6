"""Writes the package into a folder, with the self-assessment workbooks that need nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drafting.files import atomic
from drafting.publishing.outputs import assessment_of
from drafting.publishing.package import package_bytes
from drafting.workbook.assessment.weights import WeightsTooFineError
from drafting.workbook.style import finished_bytes

if TYPE_CHECKING:
    from drafting.publishing.package import Package
    from drafting.run import Run


def write_package(run: Run, package: Package, folder: Path) -> Path:
    """Write …-评价包.zip."""
    target = folder / f"{run.draft_name}-评价包.zip"
    with atomic(target) as partial:
        partial.write_bytes(package_bytes(package, forms_of(run)))
    return target


def forms_of(run: Run) -> dict[str, bytes]:
    """The self-assessment workbook by its file name; none where a spreadsheet could not judge exactly."""
    inputs = run.project.inputs
    if inputs is None or inputs.settings.rules:
        return {}
    try:
        book = assessment_of(run)
    except WeightsTooFineError:
        return {}
    return {} if book is None else {"企业自评表.xlsx": finished_bytes(book, title=inputs.document.title)}
