"""Writes the package into a folder, with the self-assessment workbooks that need nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drafting.evaluation.draft import draft_of
from drafting.files import atomic
from drafting.publishing.outputs import not_in_a_workbook
from drafting.publishing.package import package_bytes
from drafting.workbook.assessment.writing import WeightsTooFineError, assessment_workbook
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
    """Self-assessment workbooks by file name; none where a spreadsheet could not judge exactly."""
    made: dict[str, bytes] = {}
    for one in (*run.of_tables.values(),) or (run,):
        inputs, results = one.project.inputs, one.results
        if inputs is None or results.weights is None or results.baselines is None:
            continue
        draft, _ = draft_of(inputs, results.weights, results.baselines)
        if draft is None or inputs.settings.rules or not_in_a_workbook(inputs):
            continue
        info = inputs.document
        name = f"企业自评表{f'（{inputs.table}）' if inputs.table else ''}.xlsx"
        try:
            book = assessment_workbook(draft, title=info.title, number=info.number)
        except WeightsTooFineError:
            continue
        made[name] = finished_bytes(book, title=info.title)
    return made
