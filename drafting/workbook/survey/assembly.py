"""An industry survey: from a table of headed columns to :class:`~drafting.model.survey.Survey`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from drafting.findings import Severity
from drafting.model.exclusions import apply, omissions
from drafting.model.identity import differ
from drafting.model.settings import Settings
from drafting.model.survey import UNGROUPED, Exclusion, State, Survey, SurveyColumn
from drafting.model.system import Indicator, IndicatorSystem
from drafting.model.terms import BaselineSource
from drafting.workbook import headings as h
from drafting.workbook.cells import CellFaultError, is_blank, is_percent_unit, shown, text, yes_no
from drafting.workbook.report import Report, suggestion
from drafting.workbook.survey.aside_rows import without_asides
from drafting.workbook.survey.column_units import column_units
from drafting.workbook.survey.derived import Deriver
from drafting.workbook.survey.meaning import Meaning, understand
from drafting.workbook.survey.merges import settle_merges
from drafting.workbook.survey.reading_table import reading_of
from drafting.workbook.survey.records import Selection, select
from drafting.workbook.survey.scales import two_scales
from drafting.workbook.survey.table import SurveyTable
from drafting.workbook.survey.values import ColumnRule, missing_codes, positive, read_column
from drafting.workbook.vocabulary import declared_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SurveyRules:
    """What a survey is read against."""

    system: IndicatorSystem
    settings: Settings
    exclusions: tuple[Exclusion, ...] = ()
    unsure: frozenset[str] = frozenset()
    """Codes of indicators whose direction could not be read: their values cannot be judged."""
    whole: bool = True
    """Whether the indicators could be read; if not, unknown columns are a consequence."""
    survey_of_project: bool = True
    """Whether this is the project's own survey, which has to hold every indicator and every excluded enterprise."""


def build_survey(table: SurveyTable, project: SurveyRules, report: Report) -> Survey | None:
    """Read a survey table against the indicator system; None when it holds no enterprise."""
    return _Builder(table, project, report).build()


@dataclass
class _Builder:
    table: SurveyTable
    project: SurveyRules
    report: Report
    factors: dict[str, Fraction] = field(default_factory=dict)
    """From the unit that the file states to the indicator's, by code."""
    with_unit: dict[int, int] = field(default_factory=dict)
    """Cells that were read although they say their unit, by column number."""
    refused: frozenset[str] = frozenset()
    """Codes whose column is in a unit that cannot be converted."""

    def build(self) -> Survey | None:
        table, report = self.table, self.report
        meaning = understand(table, self.project.system, report, whole=self.project.whole)
        if h.ENTERPRISE not in meaning.special:
            place = table.heading_cell(1)
            report.add("heading-missing", place, sheet=table.place.sheet or h.SURVEY_STEM, heading=h.ENTERPRISE)
            return None
        declared = declared_keys(self.project.settings.named_like_totals)
        settled = settle_merges(table, meaning, self.project.system, report)
        named = without_asides(settled, meaning, declared, report)
        self.table = table = named.table
        names = named.names
        for index, name in enumerate(names):
            if not name:
                place = table.cell(index, meaning.special[h.ENTERPRISE])
                report.add("survey-no-enterprise", place, row=table.rows[index])
        years = self._years(meaning)
        selection = select(named, years, meaning.special[h.ENTERPRISE], self.project.settings.duplicates, report)
        if not selection.records:
            report.add("survey-empty", table.place, sheet=table.place.sheet or h.SURVEY_STEM)
            return None
        raw = {name: self._plain_column(c, h.RAW_PREFIX + name) for name, c in meaning.raw.items()}
        columns = self._columns(meaning)
        deriver = Deriver(self.project.system, self.project.settings, meaning, report)
        columns |= deriver.derive(raw, columns, table)
        self.factors |= deriver.factors
        self._keep_places(meaning, deriver.columns, selection)
        self._report_absent(meaning, columns)
        answers = {i.code for i in self.project.system.indicators if i.qualitative}
        picked = {code: selection.merge(c, report, table, answers=code in answers) for code, c in columns.items()}
        survey = Survey(
            enterprises=selection.names,
            columns=MappingProxyType(picked),
            violations=selection.any_true(self._violations(meaning)),
            strata=selection.words(self._strata(meaning)),
            regions=selection.words(self._regions(meaning)),
            weights=selection.numbers(self._weights(meaning)),
            years=selection.words(years),
            parameters=MappingProxyType(
                {
                    n: selection.mean(self._plain_column(c, h.PARAMETER_PREFIX + n))
                    for n, c in meaning.parameters.items()
                }
            ),
            raw=MappingProxyType({n: selection.mean(v) for n, v in raw.items()}),
            derivations=MappingProxyType(deriver.derivations),
            reading=reading_of(
                table,
                meaning,
                self.project.system,
                self.project.settings,
                columns,
                self.factors,
                self.with_unit,
                {code: deriver.in_words(code) for code in deriver.derivations},
                selection,
                report,
            ),
        )
        survey = self._exclude(survey, selection, meaning.special[h.ENTERPRISE])
        self._check_limits(survey.columns, {**deriver.columns, **meaning.indicators}, selection)
        return survey

    # --- columns -------------------------------------------------------------------------------------------------
    def _columns(self, meaning: Meaning) -> dict[str, SurveyColumn]:
        missing = missing_codes(self.project.settings.missing_codes)
        columns: dict[str, SurveyColumn] = {}
        sure = {code: column for code, column in meaning.indicators.items() if code not in self.project.unsure}
        electricity = self.project.settings.electricity
        units = column_units(sure.items(), self.table, self.project.system, electricity, self.report)
        self.factors |= units.factors
        self.refused = units.refused
        for code, column in sure.items():
            indicator = self.project.system.indicator(code)
            if code in self.refused:
                continue
            rule = ColumnRule(
                self.table.headings[column], indicator.unit, missing, self.factors[code],
                "grade" if indicator.qualitative else "number", _single(indicator),
            )  # fmt: skip
            read = read_column(self.table, column, rule, self.report)
            self.with_unit[column] = read.with_unit
            columns[code] = SurveyColumn(code, read.values, read.states)
            if not indicator.qualitative and not is_percent_unit(indicator.unit):
                stated = np.where(read.states == State.VALUE, read.values, np.nan) / float(self.factors[code])
                self._check_scales(column, stated)
        return columns

    def _check_scales(self, column: int, values: NDArray[np.float64]) -> None:
        groups = two_scales(values)
        if groups is None:
            return
        smaller, larger, factor = groups
        odd, others = (smaller, larger) if smaller.size <= larger.size else (larger, smaller)
        self.report.add(
            "survey-two-units", self.table.cell(int(odd[0]), column), heading=self.table.headings[column],
            count=odd.size, found=f"{values[odd[0]]:.10g}", other=f"{values[others[0]]:.10g}", factor=f"{factor:,.0f}",
        )  # fmt: skip

    def _plain_column(self, column: int, heading: str) -> NDArray[np.float64]:
        missing = missing_codes(self.project.settings.missing_codes)
        read = read_column(self.table, column, ColumnRule(heading, missing=missing), self.report)
        self.with_unit[column] = read.with_unit
        return np.where(read.states == State.VALUE, read.values, np.nan)

    def _years(self, meaning: Meaning) -> list[str] | None:
        column = meaning.special.get(h.YEAR)
        if column is None:
            return None
        return [text(v)[:4] if hasattr(v, "year") else text(v) for v in self.table.cells(column)]

    def _strata(self, meaning: Meaning) -> list[str] | None:
        column = meaning.special.get(h.STRATUM)
        if column is None:
            return None
        strata = [text(v) for v in self.table.cells(column)]
        for index, stratum in enumerate(strata):
            if not stratum and self.project.settings.by_stratum == "是":
                self.report.add("survey-no-stratum", self.table.cell(index, column), row=self.table.rows[index])
        return [stratum or UNGROUPED for stratum in strata]

    def _regions(self, meaning: Meaning) -> list[str] | None:
        column = meaning.special.get(h.REGION)
        return None if column is None else [text(v) for v in self.table.cells(column)]

    def _violations(self, meaning: Meaning) -> list[bool]:
        column = meaning.special.get(h.VIOLATION)
        if column is None:
            return [False] * len(self.table.rows)
        return [self._yes(index, column, v) for index, v in enumerate(self.table.cells(column))]

    def _yes(self, index: int, column: int, value: object) -> bool:
        try:
            return yes_no(value) or False
        except CellFaultError:
            place = self.table.cell(index, column)
            self.report.add("not-yes-or-no", place, heading=h.VIOLATION, found=shown(value))
            return False

    def _weights(self, meaning: Meaning) -> NDArray[np.float64] | None:
        column = meaning.special.get(h.SAMPLING_WEIGHT)
        if column is None or all(is_blank(v) for v in self.table.cells(column)):
            return None
        weights = np.full(len(self.table.rows), np.nan)
        for index, value in enumerate(self.table.cells(column)):
            try:
                percent = (self.table.rows[index], column) in self.table.percents
                number = positive(value, percent, comma=self.table.decimal_comma)
                if number is None:
                    raise CellFaultError("是空的")
                weights[index] = float(number)
            except CellFaultError as fault:
                place = self.table.cell(index, column)
                self.report.add("survey-weight", place, found=shown(value) or "空白", reason=fault.reason)
                weights[index] = 1.0
        return weights

    # --- places and checks ---------------------------------------------------------------------------------------
    def _keep_places(self, meaning: Meaning, computed: Mapping[str, int], selection: Selection) -> None:
        table, report = self.table, self.report
        rows = tuple(table.rows[r[0]] for r in selection.records)
        report.cells["survey",] = table.place
        for word, column in {**meaning.columns, **computed}.items():
            report.cells["survey", word] = table.heading_cell(column)
            report.columns["survey", word] = (table.place, rows, column)

    def _report_absent(self, meaning: Meaning, columns: dict[str, SurveyColumn]) -> None:
        wrong = {f.place for f in self.report.findings}
        for indicator in self.project.system.active:
            code = indicator.code
            if code in meaning.misspelt or code in self.project.unsure | self.refused:
                continue
            survey = indicator.source is BaselineSource.SURVEY and self.project.survey_of_project
            severity = Severity.ERROR if survey else Severity.WARNING
            if code not in columns:
                if not self._formula_reported(code):
                    place = self.report.cells.get(("indicator", code), self.table.place)
                    self.report.add(
                        "survey-indicator-missing", place, severity=severity, name=indicator.name, code_word=code
                    )
            elif not (columns[code].states != State.MISSING).any() and code in meaning.indicators:
                column = meaning.indicators[code]
                if not any(self.table.cell(index, column) in wrong for index in range(len(self.table.rows))):
                    place = self.table.heading_cell(column)
                    self.report.add("survey-column-empty", place, severity=severity, name=indicator.name)

    def _formula_reported(self, code: str) -> bool:
        place = self.report.cells.get(("indicator", code, "计算公式"))
        return any(f.code.startswith("formula-") and f.place == place for f in self.report.findings)

    def _check_limits(
        self, columns: Mapping[str, SurveyColumn], numbers: Mapping[str, int], selection: Selection
    ) -> None:
        """Flag values beyond the indicator's physical limits, stated or likely; they are kept.

        ``numbers`` has the column of each indicator; of computed ones, that of their first raw total.
        """
        for code, column in columns.items():
            indicator = self.project.system.indicator(code)
            if indicator.qualitative:
                continue
            number = numbers[code]
            known = column.states == State.VALUE
            low = -np.inf if indicator.lower is None else float(indicator.lower)
            high = np.inf if indicator.upper is None else float(indicator.upper)
            with np.errstate(invalid="ignore"):
                outside = np.flatnonzero(known & ((column.values < low) | (column.values > high)))
            for row in outside:
                index = selection.records[row][0]
                self.report.add(
                    "survey-outside-limits", self.table.cell(index, number), name=indicator.name,
                    found=f"{column.values[row]:.10g}", lower=_end(indicator.lower), upper=_end(indicator.upper),
                )  # fmt: skip
            for finding, odd in _doubtful(indicator, column, known):
                index = selection.records[odd[0]][0]
                self.report.add(
                    finding, self.table.cell(index, number), name=indicator.name, count=len(odd),
                    found=f"{column.values[odd[0]]:.10g}",
                )  # fmt: skip

    def _exclude(self, survey: Survey, selection: Selection, column: int) -> Survey:
        """Apply sheet 剔除: the values stay, their state says that they are left out."""
        left_out = omissions(self.project.exclusions, survey.enterprises, self.project.system.indicators)
        for position, omission in enumerate(left_out):
            said = omission.exclusion.enterprise
            place = self.report.cells.get(("exclusion", str(position), "企业"))
            if place is None:
                continue
            if omission.row is None and self.project.survey_of_project:
                self.report.add(
                    "exclusion-enterprise", place, found=said, suggestion=suggestion(said, survey.enterprises)
                )
            elif omission.row is not None and differ(said, name := survey.enterprises[omission.row]):
                first = self.table.cell(selection.records[omission.row][0], column).cell
                self.report.add("names-alike", place, found=said, other=name, first=f"调研数据 {first}")
        marked = apply(survey, left_out, known_only=True)
        for of in marked.columns.values():
            of.values.setflags(write=False)
            of.states.setflags(write=False)
        return marked


def _doubtful(
    indicator: Indicator, column: SurveyColumn, known: NDArray[np.bool_]
) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Values that hardly any quantity has, where the indicator states no limit of its own: code and positions."""
    with np.errstate(invalid="ignore"):
        negative, beyond = np.flatnonzero(known & (column.values < 0)), np.flatnonzero(known & (column.values > 100))
    if indicator.lower is None and negative.size:
        yield "survey-negative", negative
    if indicator.upper is None and beyond.size and is_percent_unit(indicator.unit):
        yield "survey-percent-beyond", beyond


def _single(indicator: Indicator) -> bool:
    """Whether one baseline serves all grades (5.5.3), or none is written yet."""
    texts = {h.key(b.text) for b in indicator.baselines.values()}
    return len(indicator.baselines) <= 1 or len(texts) == 1


def _end(value: object) -> str:
    return "不限" if value is None else str(value)
