"""Indicators that a survey says nothing about: no column, or a column without a single entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from drafting.findings import Severity
from drafting.model.system import IndicatorSystem
from drafting.model.terms import BaselineSource
from drafting.workbook.report import Report
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.table import SurveyTable


@dataclass(frozen=True, slots=True)
class Absent:
    """Says what is absent; what has been reported already is not said again."""

    system: IndicatorSystem
    table: SurveyTable
    meaning: Meaning
    reported: Set[str]
    """Codes whose column is there and not read, for a reason that has been given."""
    needed: bool
    """Whether the survey has to hold every indicator whose baselines it sets; of enterprises that are evaluated the
    evaluation says whose data are missing."""

    def report(self, entries: Mapping[str, bool], faulty: Callable[[int], bool], report: Report) -> None:
        """Report it.

        ``entries``: of the columns read or computed, whether any row says something, by code.
        ``faulty``: whether a cell of that column has been reported.
        """
        formulas = {f.place for f in report.findings if f.code.startswith("formula-")}
        for indicator in self.system.active:
            code = indicator.code
            if code in self.meaning.misspelt or code in self.reported:
                continue
            survey = indicator.source is BaselineSource.SURVEY and self.needed
            severity = Severity.ERROR if survey else Severity.WARNING
            column = self.meaning.indicators.get(code)
            if code not in entries:
                if report.cells.get(("indicator", code, "计算公式")) not in formulas:
                    place = report.cells.get(("indicator", code), self.table.place)
                    values = {"name": indicator.name, "code_word": code}
                    report.add("survey-indicator-missing", place, severity=severity, **values)
            elif self.needed and not entries[code] and column is not None and not faulty(column):
                place = self.table.heading_cell(column)
                report.add("survey-column-empty", place, severity=severity, name=indicator.name)
