"""The one reader of a survey: from headed columns, in pieces, to :class:`~drafting.model.survey.Survey`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drafting.findings import Cell
from drafting.model.exclusions import codes_left_out, leaves_out
from drafting.model.identity import differ, name_key
from drafting.model.survey import MOST_DETAILED, Reading, State, Survey, SurveyColumn
from drafting.model.system import IndicatorSystem
from drafting.model.terms import Direction
from drafting.workbook import headings as h
from drafting.workbook.cells import is_blank, is_percent_unit
from drafting.workbook.report import Report, suggestion
from drafting.workbook.rows import report_asides
from drafting.workbook.survey.absent import Absent
from drafting.workbook.survey.aside_rows import aside_rows
from drafting.workbook.survey.attributes import Attributes, keys_of, names_of, years_of
from drafting.workbook.survey.blocks import Averaging, Block
from drafting.workbook.survey.classes import Classes
from drafting.workbook.survey.column_units import column_rules, column_units
from drafting.workbook.survey.derived import Deriver
from drafting.workbook.survey.in_memory import InMemory
from drafting.workbook.survey.limits import LimitCheck
from drafting.workbook.survey.meaning import Meaning, understand
from drafting.workbook.survey.merges import settle_merges
from drafting.workbook.survey.percentages import Percentages
from drafting.workbook.survey.reading_table import Seen, texts_read
from drafting.workbook.survey.records import MEAN, NamedRows, Plan, plan_records
from drafting.workbook.survey.rules import Store, SurveyRules
from drafting.workbook.survey.scales import Scales
from drafting.workbook.survey.table import SurveyTable, is_unit_label
from drafting.workbook.survey.values import ColumnRule, ColumnValues, read_column
from drafting.workbook.vocabulary import declared_keys


def build_survey(table: SurveyTable, rules: SurveyRules, report: Report) -> Survey | None:
    """Read a survey table against the indicator system; None when it holds no enterprise."""
    return read_survey(InMemory(table), rules, report)


def read_survey(store: Store, rules: SurveyRules, report: Report) -> Survey | None:
    """Read what a store holds; None (with a finding) when that is no enterprise.

    Raises OpeningError when a file that is read in pieces breaks off.
    """
    if store.begin(report) > MOST_DETAILED:
        report = report.compact()
    columns = replace(rules, system=rules.system.surveyed)  # an indicator with class rows is one column
    reader = _Reader(store, columns, report, rules.system)
    try:
        survey = reader.read()
    finally:
        report.finish()
    return None if survey is None else replace(survey, reading=reader.reading())


@dataclass
class _Reader:
    store: Store
    project: SurveyRules
    report: Report
    system: IndicatorSystem
    """With its class rows; that of ``project`` has their indicators as columns."""
    meaning: Meaning = field(init=False)
    deriver: Deriver = field(init=False)
    rules: dict[str, ColumnRule] = field(init=False)
    """By code, or by heading for raw totals and parameters."""
    judged: dict[str, int] = field(init=False)
    """Columns of the indicators whose values can be judged, by code."""
    refused: frozenset[str] = frozenset()
    """Codes whose column is in a unit that cannot be converted."""
    classes: Classes | None = None
    seen: Seen = field(default_factory=Seen)
    weighted: bool = False
    """Whether any row has a sampling weight."""
    firsts: Sequence[int | None] = ()
    """Of each row of sheet 剔除, position of its enterprise's first row …"""
    rows_out: list[int | None] = field(default_factory=list)
    """… and of its record."""

    def read(self) -> Survey | None:
        store, project, report = self.store, self.project, self.report
        table = store.table
        self.meaning = meaning = understand(table, project.system, report, whole=project.whole)
        if h.ENTERPRISE not in meaning.special:
            place = table.heading_cell(1)
            report.add("heading-missing", place, sheet=table.place.sheet or h.SURVEY_STEM, heading=h.ENTERPRISE)
            return None
        settled = settle_merges(table, meaning, project.system, report)
        store.table = settled.table
        if self.system.survey_columns:
            self.classes = Classes(self.system, meaning, project.output_unit, report)
        plan = self._plan(settled.sections)
        if not plan.records:
            report.add("survey-empty", table.place, sheet=table.place.sheet or h.SURVEY_STEM)
            return None
        self._understand_columns()
        self._keep_headings(meaning.columns)
        self._find_excluded()
        self._finish(self._records(plan))
        self._keep_headings(self.deriver.columns)
        self._say_what_is_missing()
        survey = replace(store.survey(self.rows_out), derivations=MappingProxyType(self.deriver.derivations))
        self._keep_places(survey)
        if self.classes is None:
            return survey
        if not self.classes.codes:
            return replace(survey, outputs=self.classes.told_in(store.row_numbers(), store.table))
        return replace(survey, outputs=self.classes.outputs, class_outputs=self.classes.class_outputs)

    def reading(self) -> Reading:
        """How it was read; once everything is reported."""
        self.seen.factors |= self.deriver.factors
        return self.seen.reading(
            self.store.table, self.meaning, self.project.system, self.project.settings, self.deriver.in_words,
            self.report.findings,
        )  # fmt: skip

    # --- which rows ----------------------------------------------------------------------------------------------
    def _plan(self, sections: Sequence[int]) -> Plan:
        """Look at the names of all rows: which are enterprises, and which of them there is more than one of."""
        store, meaning, report = self.store, self.meaning, self.report
        special, labels, by_file = meaning.special, meaning.labels(store.table), store.table.by_file
        column, year, weight = special[h.ENTERPRISE], special.get(h.YEAR), special.get(h.SAMPLING_WEIGHT)
        declared = declared_keys(self.project.settings.named_like_totals)
        wanted = sorted({n for n in (column, year, weight, *labels, *meaning.classes.values()) if n is not None})
        aside: dict[int, str] = {}
        nameless: list[int] = []
        named = 0
        for whole in store.pieces(wanted):
            piece, names = whole, names_of(whole, column)
            keys = keys_of(piece, column, names)
            if not by_file:
                cells = [piece.cells(c) for c in labels] if "" in keys else []
                found = {**{index: names[index] for index in sections}, **aside_rows(names, keys, cells, declared)}
                if found:
                    aside |= {piece.rows[index]: found[index] for index in sorted(found)}
                    piece = piece.picked(~np.isin(np.arange(len(names)), list(found)))
                    names = names_of(piece, column)
                    keys = keys_of(piece, column, names)
            kept = np.flatnonzero([self._is_named(piece, index, name, column) for index, name in enumerate(names)])
            positions = np.arange(self.seen.records, self.seen.records + len(names))
            nameless += np.delete(positions, kept).tolist()
            self.seen.records += len(names)
            self.seen.nameless += list(names).count("")
            named += len(kept)
            self.weighted |= weight is not None and any(not is_blank(v) for v in piece.cells(weight))
            own = keys if self.classes is None else self.classes.keyed(piece, keys)
            years = np.full(len(names), np.nan) if year is None else years_of(piece, year)
            rows = NamedRows(positions, np.asarray(piece.rows, dtype=np.int64), names, keys, own, years)
            store.name(rows if len(kept) == len(names) else rows.picked(kept))
        if aside:
            report_asides(store.table.place, column, [*aside], [*aside.values()], "企业", report)
            store.leave_out(np.array([*aside], dtype=np.int64))
        policy, classed = self.project.settings.duplicates, self.classes is not None and self.classes.keys
        twice = "survey-class-twice" if classed else "survey-enterprise-twice"
        return plan_records(store.repeated(column), nameless, named, policy, report, twice)

    def _is_named(self, piece: SurveyTable, index: int, name: str, column: int) -> bool:
        if not name:
            self.report.add("survey-no-enterprise", piece.cell(index, column), row=piece.rows[index])
        elif "单" in name and is_unit_label(name):
            self.report.add("survey-second-unit-row", piece.cell(index, column), name=name)
        else:
            return True
        return False

    def _find_excluded(self) -> None:
        """Find the enterprises of sheet 剔除: the baselines leave out, a file to be evaluated is judged whole."""
        exclusions = self.project.exclusions if self.project.survey_of_project else ()
        self.firsts = self.store.first_rows([name_key(e.enterprise) for e in exclusions])
        self.rows_out = [None] * len(exclusions)

    # --- what stands in them -------------------------------------------------------------------------------------
    def _understand_columns(self) -> None:
        """Settle how each column is read."""
        project, table, meaning = self.project, self.store.table, self.meaning
        sure = {code: column for code, column in meaning.indicators.items() if code not in project.unsure}
        units = column_units(sure.items(), table, project.system, project.settings.electricity, self.report)
        self.seen.factors |= units.factors
        self.refused = units.refused
        self.rules = column_rules(
            sure.items(), table, meaning, project.system, project.settings, self.seen.factors
        )  # fmt: skip
        self.judged = {code: column for code, column in sure.items() if code not in units.refused}
        self.deriver = Deriver(project.system, project.settings, meaning, self.report)

    def _records(self, plan: Plan) -> Iterator[Block]:
        """Read the rows; one per record, in the order of their first rows."""
        blocks = self.store.ordered(self._blocks(plan), plan)
        if plan.rearranged and self.project.settings.duplicates == MEAN:
            answers = frozenset(i.code for i in self.project.system.indicators if i.qualitative)
            blocks = Averaging(self.store.table, answers, self.report).of(blocks)
        for block in blocks:
            self.seen.enterprises += len(block)
            classes = self.classes
            yield block if classes is None or not classes.codes else classes.united(block, self.store.table)

    def _blocks(self, plan: Plan) -> Iterator[Block]:
        position = 0
        for piece in self.store.pieces(tuple(self.store.table.headings)):
            block = self._block(piece, position).planned(plan)
            position += len(piece.rows)
            if len(block):
                yield block

    def _block(self, piece: SurveyTable, position: int) -> Block:
        meaning, seen = self.meaning, self.seen
        seen.cells(piece)
        if self.classes is not None:
            self.classes.hear(piece)
        rows, columns = np.asarray(piece.rows, dtype=np.int64), {}
        for code, number in self.judged.items():
            read, indicator = self._read(piece, number, code), self.project.system.indicator(code)
            columns[code] = SurveyColumn(code, read.values, read.states)
            if not indicator.qualitative:
                seen.texts[code] += texts_read(piece.columns[number], read.states)
                if not is_percent_unit(indicator.unit):
                    stated = np.where(read.states == State.VALUE, read.values, np.nan) / float(seen.factors[code])
                    smaller = indicator.direction is Direction.SMALLER
                    seen.scales.setdefault(number, Scales(smaller)).add(stated, rows)
        raw = self._plain(piece, h.RAW_PREFIX, meaning.raw)
        columns |= self.deriver.derive(raw, columns, piece)
        seen.answers(columns)
        positions, about = np.arange(position, position + len(rows)), Attributes(piece, meaning, self.report)
        names = names_of(piece, meaning.special[h.ENTERPRISE])
        return Block(
            rows=rows, positions=positions, first=positions, names=np.array(names, dtype=np.object_),
            words=about.words(strata=self.project.settings.by_stratum == "是"),
            weights=about.weights() if self.weighted else None, values={c: of.values for c, of in columns.items()},
            states={c: of.states for c, of in columns.items()},
            parameters=self._plain(piece, h.PARAMETER_PREFIX, meaning.parameters), violations=about.violations(),
            raw=raw,
        )  # fmt: skip

    def _read(self, piece: SurveyTable, number: int, rule: str) -> ColumnValues:
        percentages = self.seen.percentages.setdefault(number, Percentages())
        read = read_column(piece, number, self.rules[rule], self.report, percentages)
        self.seen.with_unit[number] += read.with_unit
        return read

    def _plain(self, piece: SurveyTable, prefix: str, named: Mapping[str, int]) -> dict[str, NDArray[np.float64]]:
        found = {}
        for name, number in named.items():
            read = self._read(piece, number, prefix + name)
            found[name] = np.where(read.states == State.VALUE, read.values, np.nan)
        return found

    # --- what is kept of them ------------------------------------------------------------------------------------
    def _finish(self, blocks: Iterator[Block]) -> None:
        """Apply sheet 剔除 – values stay, their state says that they are left out – and look for physical limits."""
        limits = None
        kept = 0
        for block in blocks:
            limits = limits or LimitCheck(self.system, self.store.table, self._columns(), self.report)
            block = self._excluded(block, kept)
            rows = {} if self.classes is None else self.classes.rows
            for code, values in block.values.items():
                limits.add(code, values, block.states[code], rows.get(code, block.rows))
            self.store.keep(block)
            kept += len(block)
        if limits is not None:
            limits.finish()

    def _columns(self) -> dict[str, int]:
        """Column where a finding about an indicator's value points; of a computed one, that of its first raw total."""
        at = {**self.deriver.columns, **self.meaning.indicators}
        return at | {i.code: at[i.of] for i in self.system.indicators if i.of in at}

    def _excluded(self, block: Block, start: int) -> Block:
        wanted = [first for first in self.firsts if first is not None]
        found = np.flatnonzero(np.isin(block.first, wanted)) if wanted else ()
        at = {int(block.first[index]): int(index) for index in found}
        if not at:
            return block
        states = {code: of.copy() for code, of in block.states.items()}
        for position, (exclusion, first) in enumerate(zip(self.project.exclusions, self.firsts, strict=True)):
            index = None if first is None else at.get(first)
            if index is None:
                continue
            self.rows_out[position] = start + index
            name, place = str(block.names[index]), self._said(position)
            if place is not None and differ(exclusion.enterprise, name):
                row, column = int(block.rows[index]), self.meaning.special[h.ENTERPRISE]
                cell = self.store.table.cell_in(row, column).cell
                self.report.add(
                    "names-alike", place, found=exclusion.enterprise, other=name, first=f"调研数据 {cell}"
                )  # fmt: skip
            for code in codes_left_out(exclusion, self.system.indicators):
                if code in states and leaves_out(code, states[code][index], known_only=not self.store.marks_all):
                    states[code][index] = State.EXCLUDED
        return replace(block, states=states)

    def _said(self, position: int) -> Cell | None:
        """Where sheet 剔除 names an enterprise."""
        return self.report.cells.get(("exclusion", str(position), "企业"))

    # --- what is said at the end ---------------------------------------------------------------------------------
    def _keep_headings(self, columns: Mapping[str, int]) -> None:
        table, cells = self.store.table, self.report.cells
        cells["survey",] = table.place
        cells.update({("survey", word): table.heading_cell(column) for word, column in columns.items()})

    def _keep_places(self, survey: Survey) -> None:
        """Remember where the values of the enterprises stand."""
        table, rows, report = self.store.table, self.store.row_numbers(), self.report
        for word, column in {**self.meaning.columns, **self.deriver.columns}.items():
            report.columns["survey", word] = (table.place, rows, column)
        if self.classes is not None:
            at = self._columns()
            for code in (code for code in survey.columns if code in at):
                own = self.classes.rows.get(code)
                report.cells["survey", code] = table.heading_cell(at[code])
                report.columns["survey", code] = (table.place, rows if own is None else tuple(own.tolist()), at[code])

    def _say_what_is_missing(self) -> None:
        """Say what only the whole survey tells: doubtful columns, enterprises and entries that are not there."""
        project, table, meaning, report = self.project, self.store.table, self.meaning, self.report
        self.seen.report(table, {meaning.columns[word]: rule.heading for word, rule in self.rules.items()}, report)
        for position, first in enumerate(self.firsts):
            place = self._said(position)
            if first is None and place is not None:
                said = project.exclusions[position].enterprise
                few = self.seen.enterprises <= MOST_DETAILED  # looking for what is meant would take too long
                hint = suggestion(said, self.store.names()) if few else ""
                report.add("exclusion-enterprise", place, found=said, suggestion=hint)
        missing = {code: states[State.MISSING] for code, states in self.seen.states.items()}
        entries = {code: bool(count != self.seen.records) for code, count in missing.items()}
        wrong = {table.column_at(f.place) for f in report.findings}
        absent = Absent(project.system, table, meaning, project.unsure | self.refused, project.survey_of_project)
        absent.report(entries, wrong.__contains__, report)
