"""The runs of a standard with several tables: each table's own, by the same steps, and what joins them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from drafting.evaluation.draft import draft_of
from drafting.findings import Finding, Provenance
from drafting.findings.tables import told_by_table
from drafting.model.inputs import Inputs
from drafting.model.results import Results
from drafting.project.folder import load_tables_survey
from drafting.workbook.opening import OpeningError

if TYPE_CHECKING:
    from pathlib import Path

    from drafting.evaluation.draft import Draft
    from drafting.model.results import Beside, Trial
    from drafting.model.survey import Survey
    from drafting.run import Run

Runs = Callable[[Inputs, Provenance], tuple[Results, list[Finding]]]


def runs_of_tables(inputs: Inputs, where: Provenance, runs: Runs, *, until: str) -> tuple[Results, list[Finding]]:
    """Make the runs of every table, and join the trials of enterprises under several."""
    tables: dict[str, Results] = {}
    said: dict[str, list[Finding]] = {}
    for one in inputs.slices:
        tables[one.table], said[one.table] = runs(one, where.for_table(one.table))
    found = told_by_table(said)
    results = Results(tables=MappingProxyType(tables))
    if until in ("trial", "rules"):
        from drafting.analysis.trial.combine import combined_trial

        surveys = {t.key: t.survey for t in inputs.tables}
        trial, more = combined_trial(inputs, tables, surveys, where, surveyed=True)
        return replace(results, combined=trial, beside=_beside(inputs, trial, surveys)), found + more
    return results, found


def _beside(inputs: Inputs, joined: Trial | None, surveys: Mapping[str, Survey | None]) -> Beside | None:
    """Enterprises over all their tables by the earlier edition as well, where there is one."""
    if inputs.earlier is None or joined is None:
        return None
    from drafting.analysis.trial.earlier import beside_joined

    return beside_joined(inputs, joined, surveys)


def drafts_of(inputs: Inputs, results: Mapping[str, Results]) -> Mapping[str, Draft]:
    """What Appendix D needs of each table that has weights and baselines, by its key."""
    found: dict[str, Draft] = {}
    for one in inputs.slices:
        own = results[one.table]
        draft = draft_of(one, own.weights, own.baselines)[0] if own.weights and own.baselines else None
        found |= {} if draft is None else {one.table: draft}
    return found


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Enterprises of a file under a standard with several tables."""

    trials: Mapping[str, Trial]
    """By table."""
    joined: Trial | None
    """Over all tables; None where each table is evaluated for itself."""
    findings: tuple[Finding, ...]
    besides: Mapping[str, Beside] = field(default_factory=lambda: MappingProxyType({}))
    """The same enterprises by the earlier edition as well, by table; empty where there is none."""
    beside: Beside | None = None
    """The same over all tables."""


def evaluate_tables(run: Run, file: Path) -> Evaluated:
    """Evaluate the enterprises of a file with the draft of a project that has several tables.

    ``run``: of the project, until the trial.
    ``file``: laid out like the survey: a sheet per table, or a column 分表; or a filled-in self-assessment workbook, or
    a folder of such.
    """
    from drafting.analysis.trial.combine import combined_trial
    from drafting.analysis.trial.earlier import beside
    from drafting.analysis.trial.try_out import evaluate_survey
    from drafting.project.table_forms import load_table_assessments
    from drafting.workbook.assessment.reading import forms_at

    inputs, results = run.project.inputs, run.results
    if inputs is None:
        return Evaluated({}, None, ())
    forms: tuple[Path, ...] = ()
    with suppress(OpeningError):  # the survey reader says what is wrong with it
        forms = forms_at(file)
    if forms:
        surveys, where, found = load_table_assessments(forms, inputs, drafts_of(inputs, results.tables))
    else:
        surveys, where, found = load_tables_survey(file, inputs)
    trials: dict[str, Trial] = {}
    besides: dict[str, Beside] = {}
    said: dict[str, list[Finding]] = {}
    for one in inputs.slices:
        survey, own = surveys.get(one.table), results.tables[one.table]
        if survey is None or own.weights is None or own.baselines is None:
            continue
        trial, said[one.table] = evaluate_survey(one, own.weights, own.baselines, survey, where.for_table(one.table))
        trials |= {} if trial is None else {one.table: trial}
        both = None if trial is None else beside(one, trial, survey)
        besides |= {} if both is None else {one.table: both}
    joined, more = combined_trial(inputs, results.tables, surveys, where, surveyed=False)
    findings = (*found, *told_by_table(said), *more)
    return Evaluated(trials, joined, findings, besides, _beside(inputs, joined, surveys))
