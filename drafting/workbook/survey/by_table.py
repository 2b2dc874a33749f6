"""The survey of a project with several tables: a sheet per table, or a column 分表; each part is an ordinary survey."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from drafting.findings import Cell
from drafting.model.identity import label_key, name_key
from drafting.model.survey import State, Survey
from drafting.model.system import IndicatorSystem
from drafting.model.tables import IndicatorTable
from drafting.workbook import headings as h
from drafting.workbook.cells import text
from drafting.workbook.report import Report, suggestion
from drafting.workbook.sheets import Sheet, Workbook, empty_row, read_workbook
from drafting.workbook.survey.assembly import build_survey
from drafting.workbook.survey.files import read_survey_table
from drafting.workbook.survey.naming import INDICATOR, SPECIAL, HeadingReader
from drafting.workbook.survey.rules import SurveyRules
from drafting.workbook.survey.sheet_choice import report_others
from drafting.workbook.survey.table import SurveyTable, blank, table_of

Rows = Callable[[SurveyTable | None, str, Report], SurveyTable | None]


def as_it_is(table: SurveyTable | None, _: str, __: Report) -> SurveyTable | None:
    """No rows stand elsewhere."""
    return table


def read_tables_survey(
    data: bytes | None, file: str, rules: Mapping[str, SurveyRules], united: IndicatorSystem, report: Report,
    more: Rows = as_it_is,
) -> Mapping[str, Survey | None]:  # fmt: skip
    """Read a survey file part by part.

    Raises OpeningError when the file cannot be read as what its suffix says.

    ``data``: none where there is no file, and all rows come by ``more``.
    ``rules``: by key of the table, in the order of the tables: what each part is read against.
    ``united``: the system that holds every indicator once.
    ``more``: gives the table of a part with the rows of it that stand elsewhere.
    """
    parts = {key: Report() for key in rules}
    tables: Mapping[str, SurveyTable | None] | None = {}
    if data is not None:
        tables = _sheets(data, file, rules, parts, report) if Path(file).suffix.lower() == ".xlsx" else None
        if tables is None:
            tables = _by_column(data, file, rules, united, report)
    if tables is None:
        return dict.fromkeys(rules)
    tables = {key: more(tables.get(key), key, parts[key]) for key in rules}
    if all(rule.survey_of_project for rule in rules.values()):
        if blank(tables.values(), report):
            return dict.fromkeys(rules)
        tables = {key: table if table is not None and table.rows else None for key, table in tables.items()}
    note_missing((key for key, table in tables.items() if table is None), file, parts, report)

    def read(key: str, part: Report) -> Survey | None:
        table = tables[key]
        survey = build_survey(table, rules[key], part) if table is not None else None
        if table is not None:
            table.settle(part)
        return survey

    return plantwide(part_by_part(parts, read, report), rules, report)


def part_by_part(
    parts: Mapping[str, Report], read: Callable[[str, Report], Survey | None], report: Report
) -> Mapping[str, Survey | None]:
    """Read one table's survey after the other, each with a report of its own that knows where indicators stand."""
    found: dict[str, Survey | None] = {}
    for key, part in parts.items():
        part.cells |= {k: v for k, v in report.cells.items() if k[0] in ("indicator", "exclusion")}
        own = ("table", key, "indicator")
        part.cells |= {k[2:]: v for k, v in report.cells.items() if k[:3] == own}
        found[key] = read(key, part)
        new = {k: v for k, v in part.cells.items() if k[0] == "survey"}
        report.take_in(key, Report(part.findings, new, part.grids, part.columns))
    return found


def note_missing(keys: Iterable[str], file: str, parts: Mapping[str, Report], report: Report) -> None:
    """Say of which tables a file has no rows."""
    for key in keys:
        if not parts[key].findings:  # whose sheet cannot be read has been said
            sheet = h.sheet_title(key) if file.lower().endswith(".xlsx") else ""
            report.add("survey-table-missing", Cell(file, sheet), key=key, sheet=sheet or key)


def _sheets(
    data: bytes, file: str, rules: Mapping[str, SurveyRules], parts: Mapping[str, Report], report: Report
) -> Mapping[str, SurveyTable | None] | None:
    """The sheet of every table; None where no sheet is called like one."""
    book = read_workbook(data, file)
    report.name_strange(book.sheets)
    by_key = {key: _sheet(book, key) for key in rules}
    if not any(by_key.values()):
        return None
    found: dict[str, SurveyTable | None] = {}
    for key, sheet in by_key.items():
        empty = sheet is None or all(map(empty_row, sheet.rows))
        found[key] = None if sheet is None or empty else table_of(sheet, rules[key].system.surveyed, parts[key])
    report_others(book, [sheet for sheet in by_key.values() if sheet is not None], "、".join(rules), report)
    return found


def _sheet(book: Workbook, key: str) -> Sheet | None:
    return book.sheet(h.sheet_title(key))


def _by_column(
    data: bytes, file: str, rules: Mapping[str, SurveyRules], united: IndicatorSystem, report: Report
) -> Mapping[str, SurveyTable | None] | None:
    """The rows of every table by the column 分表."""
    table = read_survey_table(data, file, united, report)
    if table is None or (all(rule.survey_of_project for rule in rules.values()) and blank([table], report)):
        return None
    division = division_of(table, rules, united, report)
    if division is None:
        return None
    parts = division.parts(table)
    return {key: division.headed(part, key) if part.rows else None for key, part in parts.items()}


@dataclass
class Division:
    """Which rows of a file are about which table, by its column 分表; what is about none is reported."""

    column: int
    named: int
    """Column of the enterprises' names."""
    keys: Mapping[str, str]
    """The tables' keys, as compared."""
    others: Mapping[str, frozenset[int]]
    """Columns of indicators of other tables, by the table's key."""
    report: Report
    said: set[tuple[str, int]] = field(default_factory=set)
    """Such columns that were found to be filled."""

    def parts(self, piece: SurveyTable) -> Mapping[str, SurveyTable]:
        """Some rows of the file by table."""
        names, cells = piece.cells(self.named), [text(v) for v in piece.cells(self.column)]
        of = [self.keys.get(label_key(says), "") for says in cells]
        rules = self.keys.values()
        for index, (says, key) in enumerate(zip(cells, of, strict=True)):
            if not key and text(names[index]):
                self.report.add(
                    "survey-table-unknown", piece.cell(index, self.column), enterprise=text(names[index]),
                    found=says or "空白", suggestion=suggestion(says, rules) if says else f"可用：{'、'.join(rules)}。",
                )  # fmt: skip
        found = {}
        for key in rules:
            found[key] = part = piece.picked(np.array([k == key for k in of], dtype=np.bool_))
            for column in sorted(self.others[key]):
                filled = next((i for i, v in enumerate(part.cells(column)) if text(v)), None)
                if filled is not None and (key, column) not in self.said:
                    self.said.add((key, column))
                    heading = piece.headings[column]
                    self.report.add("survey-other-table", part.cell(filled, column), heading=heading, key=key)
        return found

    def picked(self, piece: SurveyTable, key: str) -> SurveyTable:
        """The rows of one table."""
        own = [self.keys.get(label_key(text(says)), "") == key for says in piece.cells(self.column)]
        return self.headed(piece.picked(np.array(own, dtype=np.bool_)), key)

    def headed(self, part: SurveyTable, key: str) -> SurveyTable:
        """With the headings of that table alone."""
        out = self.others[key]
        return replace(
            part,
            headings={c: says for c, says in part.headings.items() if c not in out and c != self.column},
            units={c: unit for c, unit in part.units.items() if c not in out},
        )


def division_of(
    table: SurveyTable, rules: Mapping[str, SurveyRules], united: IndicatorSystem, report: Report
) -> Division | None:
    """Find the column 分表 of a file; None (with a finding) where there is none."""
    reader = HeadingReader(united)
    read = {column: reader.read(says) for column, says in table.headings.items()}
    column = next((c for c, n in read.items() if n is not None and (n.kind, n.word) == (SPECIAL, h.TABLE)), None)
    if column is None:
        report.add("survey-no-tables", table.place, keys="、".join(rules), first=next(iter(rules)))
        return None
    named = next((c for c, n in read.items() if n is not None and (n.kind, n.word) == (SPECIAL, h.ENTERPRISE)), column)
    others = {}
    for key, rule in rules.items():
        own = {i.code for i in rule.system.surveyed.indicators}
        others[key] = frozenset(
            c for c, n in read.items() if n is not None and n.kind == INDICATOR and n.word not in own
        )
    return Division(column, named, {label_key(key): key for key in rules}, others, report)


def plantwide(
    surveys: Mapping[str, Survey | None], rules: Mapping[str, SurveyRules], report: Report
) -> Mapping[str, Survey | None]:
    """Answers about the whole plant may stand in one table only; two different ones are reported, not chosen from.

    Such are the qualitative indicators that stand in several tables.
    """
    shared = _shared(rules)
    if any(survey is not None and survey.stored is not None for survey in surveys.values()):
        if shared:  # what is on disk is not changed
            united = {i.code: i.name for rule in rules.values() for i in rule.system.active}
            names = "、".join(f"“{united[code]}”" for code in sorted(shared))
            report.add("survey-plantwide-stored", report.cells.get(("survey",), Cell()), names=names)
        return surveys
    told: dict[tuple[str, str], tuple[str, int, int]] = {}
    keys: dict[str, Sequence[str]] = {
        key: [name_key(e) for e in survey.enterprises] for key, survey in surveys.items() if survey is not None
    }
    for key, survey in surveys.items():
        if survey is None:
            continue
        for code in shared & survey.columns.keys():
            column = survey.columns[code]
            for row in np.flatnonzero(column.states != State.MISSING).tolist():
                said = (key, int(column.states[row]), int(np.nan_to_num(column.values[row])))
                first = told.setdefault((code, keys[key][row]), said)
                if first[1:] != said[1:]:
                    place = report.provenance().for_table(key).find("survey", code, str(row)) or Cell()
                    name = rules[key].system.indicator(code).name
                    report.add(
                        "survey-tables-differ", place, enterprise=survey.enterprises[row], name=name, other=first[0]
                    )
    found: dict[str, Survey | None] = {}
    for key, survey in surveys.items():
        found[key] = survey
        if survey is None:
            continue
        columns = dict(survey.columns)
        for code in shared & columns.keys():
            values, states = columns[code].values.copy(), columns[code].states.copy()
            empty = bool((states == State.MISSING).all())
            for row in np.flatnonzero(states == State.MISSING).tolist():
                if (code, keys[key][row]) in told:
                    _, states[row], value = told[code, keys[key][row]]
                    values[row] = np.nan if states[row] == State.NOT_APPLICABLE else value
            columns[code] = replace(columns[code], values=values, states=states)
            if empty and not (states == State.MISSING).all():  # it was answered, in another table
                heading = report.provenance().for_table(key).find("survey", code)
                report.findings = [f for f in report.findings if (f.code, f.place) != ("survey-column-empty", heading)]
        found[key] = replace(survey, columns=MappingProxyType(columns))
    return found


def _shared(rules: Mapping[str, SurveyRules]) -> frozenset[str]:
    """Qualitative indicators that stand in several tables, without class rows."""
    codes = [i.code for rule in rules.values() for i in rule.system.active if i.qualitative and not i.of]
    return frozenset(code for code in codes if codes.count(code) > 1)


def table_rules(tables: Sequence[IndicatorTable], rules: SurveyRules) -> Mapping[str, SurveyRules]:
    """What each table's part of a survey is read against."""
    return {t.key: replace(rules, system=t.system, output_unit=t.output_unit) for t in tables}
