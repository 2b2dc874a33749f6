"""Filled-in self-assessment workbooks of a standard with several tables, read as the surveys of its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from drafting.evaluation.draft import Draft
from drafting.findings import Finding, Provenance
from drafting.model.inputs import Inputs
from drafting.model.survey import Survey
from drafting.workbook.assessment.combination import FRONT_FIRST, FRONT_OUTPUT, TableForm
from drafting.workbook.assessment.reading_tables import TableForms, by_row, read_table_forms, with_outputs
from drafting.workbook.report import Report
from drafting.workbook.survey.assembly import build_survey
from drafting.workbook.survey.by_table import plantwide, table_rules
from drafting.workbook.survey.rules import SurveyRules


def table_forms(inputs: Inputs, drafts: Mapping[str, Draft]) -> tuple[TableForm, ...]:
    """The tables as a self-assessment workbook needs them; those without a draft are left out."""
    return tuple(
        TableForm(t.key, t.caption, drafts[t.key], t.applies, t.output_unit, t.coefficient)
        for t in inputs.tables
        if t.key in drafts
    )


def load_table_assessments(
    files: Sequence[Path], inputs: Inputs, drafts: Mapping[str, Draft]
) -> tuple[Mapping[str, Survey | None], Provenance, tuple[Finding, ...]]:
    """Read filled-in workbooks; like :func:`drafting.project.folder.load_tables_survey`, an enterprise a file."""
    report = Report()
    # An enterprise does not know by what the survey says that a value is missing: its -99 is a number here and there.
    settings = replace(inputs.settings, missing_codes="")
    rules = table_rules(inputs.tables, SurveyRules(inputs.system, settings, inputs.exclusions, survey_of_project=False))
    tables = table_forms(inputs, drafts)
    read = read_table_forms(files, tables, settings.several_tables, settings.class_score, report)
    found: dict[str, Survey | None] = dict.fromkeys(rules)
    for n, (table, forms) in enumerate(zip(tables, read, strict=True)):
        part = Report()
        found[table.key] = _survey(forms, rules[table.key], n, part)
        report.take_in(table.key, part)
    return plantwide(found, rules, report), report.provenance(), tuple(report.findings)


def _survey(forms: TableForms, rules: SurveyRules, n: int, part: Report) -> Survey | None:
    table = forms.table
    if table is None:
        return None
    survey = build_survey(table, replace(rules, system=by_row(rules.system)), part)
    table.settle(part)
    if survey is None:
        return None
    for row in range(len(survey)):
        place = part.cells.get(("survey", "企业", str(row)))
        if place is not None:
            part.cells["survey", "产量", str(row)] = replace(place, cell=f"{FRONT_OUTPUT}{FRONT_FIRST + n}")
    return with_outputs(survey, forms)


__all__ = ["load_table_assessments", "table_forms"]
