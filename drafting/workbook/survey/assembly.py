"""An industry survey: from a table of headed columns to :class:`~drafting.model.survey.Survey`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from drafting.model.exclusions import apply, omissions
from drafting.model.identity import differ
from drafting.model.settings import Settings
from drafting.model.survey import MOST_DETAILED, UNGROUPED, Exclusion, Reading, State, Survey, SurveyColumn
from drafting.model.system import IndicatorSystem
from drafting.workbook import headings as h
from drafting.workbook.cells import is_blank, is_percent_unit, text
from drafting.workbook.report import Report, suggestion
from drafting.workbook.survey.absent import Absent
from drafting.workbook.survey.aside_rows import without_asides
from drafting.workbook.survey.attributes import Attributes, year_of
from drafting.workbook.survey.classes import Classes
from drafting.workbook.survey.column_rules import column_rules
from drafting.workbook.survey.column_units import column_units
from drafting.workbook.survey.derived import Deriver
from drafting.workbook.survey.limits import LimitCheck
from drafting.workbook.survey.meaning import Meaning, understand
from drafting.workbook.survey.merges import settle_merges
from drafting.workbook.survey.reading_table import UNREADABLE, seen_of
from drafting.workbook.survey.records import Selection, select
from drafting.workbook.survey.scales import Scales
from drafting.workbook.survey.table import SurveyTable
from drafting.workbook.survey.values import ColumnRule, read_column
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
    output_unit: str = ""
    """产量单位 of the table that this is the survey of."""


def build_survey(table: SurveyTable, project: SurveyRules, report: Report) -> Survey | None:
    """Read a survey table against the indicator system; None when it holds no enterprise."""
    columns = replace(project, system=project.system.surveyed)  # an indicator with class rows is one column
    if len(table.rows) <= MOST_DETAILED:
        return _Builder(table, columns, report, project.system).build()
    compact = report.compact()
    survey = _Builder(table, columns, compact, project.system).build()
    compact.compactor.finish()
    return survey


@dataclass
class _Builder:
    table: SurveyTable
    project: SurveyRules
    report: Report
    system: IndicatorSystem
    """With its class rows; that of ``project`` has their indicators as columns."""
    factors: dict[str, Fraction] = field(default_factory=dict)
    """From the unit that the file states to the indicator's, by code."""
    rules: dict[str, ColumnRule] = field(default_factory=dict)
    """By code, or by heading for raw totals and parameters."""
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
        classes = None
        if self.system.survey_columns:
            classes = Classes(self.system, meaning, self.project.output_unit, report)
        whose = dict(zip(names, named.keys, strict=True))
        named = named if classes is None else classes.keyed(named)
        selection = select(named, years, meaning.special[h.ENTERPRISE], self.project.settings.duplicates, report)
        if not selection.records:
            report.add("survey-empty", table.place, sheet=table.place.sheet or h.SURVEY_STEM)
            return None
        sure, settings = self._judged(meaning), self.project.settings
        units = column_units(sure.items(), table, self.project.system, settings.electricity, report)
        self.factors |= units.factors
        self.refused = units.refused
        self.rules = column_rules(sure.items(), table, meaning, self.project.system, settings, self.factors)
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
            reading=self._reading(meaning, columns, deriver, names.count(""), len(selection.records)),
        )
        at = {**deriver.columns, **meaning.indicators}
        rows: dict[str, Sequence[tuple[int, ...]]] = dict.fromkeys(survey.columns, selection.records)
        if classes is not None:
            keys = [whose[name] for name in selection.names]
            survey, firsts = classes.united(survey, selection, table, keys)
            rows = {code: [selection.records[i] for i in classes.places.get(code, firsts)] for code in survey.columns}
            at |= {i.code: at[i.of] for i in self.system.indicators if i.of in at}
            selection = Selection(tuple(survey.enterprises), tuple(selection.records[i] for i in firsts))
            self._keep_class_places(survey, at, rows, selection)
        survey = self._exclude(survey, selection, meaning.special[h.ENTERPRISE])
        limits = LimitCheck(self.system, table, at, report)
        lines: dict[int, list[int]] = {}  # by the identity of the records, which most columns share
        for code, column in survey.columns.items():
            records = rows[code]
            if id(records) not in lines:
                lines[id(records)] = [table.rows[record[0]] for record in records]
            limits.add(code, column.values, column.states, lines[id(records)])
        limits.finish()
        return survey

    def _reading(
        self, meaning: Meaning, columns: Mapping[str, SurveyColumn], deriver: Deriver, nameless: int, enterprises: int
    ) -> Reading:
        table, system = self.table, self.project.system
        seen = seen_of(table, meaning, system, columns, nameless)
        seen.factors.update(self.factors)
        seen.with_unit.update(self.with_unit)
        unreadable = Counter(f.place.cell.rstrip("0123456789") for f in self.report.findings if f.code in UNREADABLE)
        settings = self.project.settings
        return seen.reading(table, meaning, system, settings, enterprises, deriver.in_words, unreadable.__getitem__)

    def _judged(self, meaning: Meaning) -> dict[str, int]:
        """Columns of the indicators whose values can be judged, by code."""
        return {code: column for code, column in meaning.indicators.items() if code not in self.project.unsure}

    # --- columns -------------------------------------------------------------------------------------------------
    def _columns(self, meaning: Meaning) -> dict[str, SurveyColumn]:
        columns: dict[str, SurveyColumn] = {}
        sure, rows = self._judged(meaning), np.array(self.table.rows)
        for code, column in sure.items():
            indicator = self.project.system.indicator(code)
            if code in self.refused:
                continue
            read = read_column(self.table, column, self.rules[code], self.report)
            self.with_unit[column] = read.with_unit
            columns[code] = SurveyColumn(code, read.values, read.states)
            if not indicator.qualitative and not is_percent_unit(indicator.unit):
                scales = Scales()
                stated = np.where(read.states == State.VALUE, read.values, np.nan) / float(self.factors[code])
                scales.add(stated, rows)
                scales.report(self.table, column, self.report)
        return columns

    def _plain_column(self, column: int, heading: str) -> NDArray[np.float64]:
        read = read_column(self.table, column, self.rules[heading], self.report)
        self.with_unit[column] = read.with_unit
        return np.where(read.states == State.VALUE, read.values, np.nan)

    def _years(self, meaning: Meaning) -> list[str] | None:
        column = meaning.special.get(h.YEAR)
        if column is None:
            return None
        return [year_of(v) for v in self.table.cells(column)]

    def _strata(self, meaning: Meaning) -> list[str] | None:
        column = meaning.special.get(h.STRATUM)
        if column is None:
            return None
        strata = [text(v) for v in self.table.cells(column)]
        for index, stratum in enumerate(strata):
            if not stratum and self.project.settings.by_stratum == "是":
                self.report.add("survey-no-stratum", self.table.cell(index, column), line=self.table.line(index))
        return [stratum or UNGROUPED for stratum in strata]

    def _regions(self, meaning: Meaning) -> list[str] | None:
        column = meaning.special.get(h.REGION)
        return None if column is None else [text(v) for v in self.table.cells(column)]

    def _violations(self, meaning: Meaning) -> NDArray[np.bool_]:
        column = meaning.special.get(h.VIOLATION)
        if column is None:
            return np.zeros(len(self.table.rows), dtype=np.bool_)
        cells = self.table.cells(column)
        return Attributes(self.table, self.report).violations(column, cells, self.table.rows)

    def _weights(self, meaning: Meaning) -> NDArray[np.float64] | None:
        column = meaning.special.get(h.SAMPLING_WEIGHT)
        if column is None or all(is_blank(v) for v in self.table.cells(column)):
            return None
        return Attributes(self.table, self.report).weights(column, self.table.cells(column), self.table.rows)

    # --- places and checks ---------------------------------------------------------------------------------------
    def _keep_places(self, meaning: Meaning, computed: Mapping[str, int], selection: Selection) -> None:
        table, report = self.table, self.report
        rows = tuple(table.rows[r[0]] for r in selection.records)
        report.cells["survey",] = table.place
        for word, column in {**meaning.columns, **computed}.items():
            report.cells["survey", word] = table.heading_cell(column)
            report.columns["survey", word] = (table.place, rows, column)

    def _keep_class_places(
        self,
        survey: Survey,
        at: Mapping[str, int],
        rows: Mapping[str, Sequence[tuple[int, ...]]],
        selection: Selection,
    ) -> None:
        """Say where the values of enterprises stand that have several rows."""
        table, report = self.table, self.report
        for word, (place, _, column) in list(report.columns.items()):
            if word[0] == "survey" and word[-1] not in survey.columns:
                report.columns[word] = (place, tuple(table.rows[r[0]] for r in selection.records), column)
        for code in survey.columns:
            if code in at:
                report.cells["survey", code] = table.heading_cell(at[code])
                report.columns["survey", code] = (
                    table.place, tuple(table.rows[r[0]] for r in rows[code]), at[code]
                )  # fmt: skip

    def _report_absent(self, meaning: Meaning, columns: dict[str, SurveyColumn]) -> None:
        table, project, wrong = self.table, self.project, {f.place for f in self.report.findings}

        def faulty(column: int) -> bool:
            return any(table.cell(index, column) in wrong for index in range(len(table.rows)))

        entries = {code: bool((column.states != State.MISSING).any()) for code, column in columns.items()}
        absent = Absent(project.system, table, meaning, project.unsure | self.refused, project.survey_of_project)
        absent.report(entries, faulty, self.report)

    def _exclude(self, survey: Survey, selection: Selection, column: int) -> Survey:
        """Apply sheet 剔除 to the project's survey: the values stay, their state says that they are left out."""
        of_project = self.project.survey_of_project  # the baselines leave out; a file to be evaluated is judged whole
        exclusions = self.project.exclusions if of_project else ()
        left_out = omissions(exclusions, survey, self.system.indicators)
        for position, omission in enumerate(left_out):
            said = omission.exclusion.enterprise
            place = self.report.cells.get(("exclusion", str(position), "企业"))
            if place is None:
                continue
            if omission.row is None:
                self.report.add(
                    "exclusion-enterprise", place, found=said, suggestion=suggestion(said, survey.enterprises)
                )
            elif differ(said, name := survey.enterprises[omission.row]):
                first = self.table.cell(selection.records[omission.row][0], column).cell
                self.report.add("names-alike", place, found=said, other=name, first=f"调研数据 {first}")
        marked = apply(survey, left_out, known_only=True)
        for of in marked.columns.values():
            of.values.setflags(write=False)
            of.states.setflags(write=False)
        return marked
