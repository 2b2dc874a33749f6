"""The indicator systems of a project: one, or one per table, each read by the same reader from its own rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from drafting.findings import Cell
from drafting.model.identity import label_key
from drafting.model.system import Category, Indicator, IndicatorSystem, TableNote
from drafting.standard import standard
from drafting.workbook.headings import CLASS, OUTPUT, PROJECT_FILE, TABLE
from drafting.workbook.project.baselines import CellContext
from drafting.workbook.project.indicator_checks import (
    check_categories,
    check_first_level_weights,
    check_indicator,
    check_second_level_weights,
    unsure_directions,
)
from drafting.workbook.project.indicators import IndicatorSheet, marks_used, read_indicators
from drafting.workbook.project.lists import read_categories
from drafting.workbook.project.notes import marks_without_note, notes_without_mark
from drafting.workbook.project.tables import Tables
from drafting.workbook.report import Report, suggestion
from drafting.workbook.table import Record, Table

_CATEGORY_FAULTS = {"category-unknown", "category-no-name", "heading-missing"}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the systems are read from: the two sheets as far as they were understood, notes and tables."""

    first: Table | None
    second: IndicatorSheet | None
    notes: tuple[TableNote, ...]
    context: CellContext
    before: int
    """Findings there were before the sheet 一级指标."""
    tables: Tables = field(default_factory=Tables)
    rules: str = ""
    """Word of setting 评价规则."""


def read_systems(parts: Parts, report: Report) -> tuple[tuple[IndicatorSystem, ...], frozenset[str]]:
    """Read the system of every table (one for a project without several), and the codes of unsure directions.

    A row without 分表 stands in every table that lists its category.
    """
    categories = parts.first.records if parts.first else ()
    indicators = parts.second.rows if parts.second else ()
    if not parts.tables.rows:
        for record in (*categories, *(r for r, _ in indicators)) if parts.tables.single else ():
            parts.tables.named(record, report)
        table = _Table("", parts, report, parts.before)
        return (table.read(categories, indicators),), table.unsure
    first = {r.row: parts.tables.named(r, report) for r in categories}
    second = {r.row: parts.tables.named(r, report) for r, _ in indicators}
    listed = {
        key: {_category(r) for r in categories if (at := first[r.row]) is None or key in at}
        for key in parts.tables.keys
    }
    systems: list[IndicatorSystem] = []
    unsure: frozenset[str] = frozenset()
    used: dict[str, Sequence[tuple[str, str, Cell]]] = {}
    for key in parts.tables.keys:
        part = Report()
        table = _Table(key, parts, part, 0)
        rows = [
            (r, code) for r, code in indicators
            if key in (_everywhere(r, listed) if (at := second[r.row]) is None else at)
        ]  # fmt: skip
        if not rows:
            report.add("table-empty", report.cells.get(("tables", key), Cell(PROJECT_FILE, TABLE)), key=key)
        systems.append(table.read([r for r in categories if (at := first[r.row]) is None or key in at], rows))
        unsure |= table.unsure
        used[key] = table.used
        report.take_in(key, part)
    _unplaced(indicators, second, report)
    _check_notes(parts, used, report)
    return tuple(systems), unsure


def united(systems: Sequence[IndicatorSystem]) -> IndicatorSystem:
    """Every category and indicator of several tables once, each as in the first table that has it."""
    categories: dict[str, Category] = {}
    indicators: dict[str, Indicator] = {}
    notes: dict[TableNote, None] = {}
    for system in systems:
        for category in system.categories:
            if category.name not in categories or (category.adopted and not categories[category.name].adopted):
                categories[category.name] = category
        for indicator in system.surveyed.indicators:
            indicators.setdefault(indicator.code, indicator)
        notes |= dict.fromkeys(system.notes)
    return IndicatorSystem(
        _in_order(list(categories.values())), tuple(indicators.values()), tuple(notes), (TABLE, CLASS, OUTPUT)
    )


@dataclass(slots=True)
class _Table:
    """Reads one table's system from the rows that stand in it."""

    key: str
    parts: Parts
    report: Report
    before: int
    unsure: frozenset[str] = frozenset()
    used: tuple[tuple[str, str, Cell], ...] = ()
    """Footnote marks with what bears them and where."""

    def read(self, records: Sequence[Record], found: Sequence[tuple[Record, str | None]]) -> IndicatorSystem:
        report, parts = self.report, self.parts
        categories = read_categories(records, report, parts.rules) if parts.first else ()
        unknown = any(f.code in _CATEGORY_FAULTS for f in report.findings[self.before :])
        rows = read_indicators(found, categories, report, parts.context)
        self.used = tuple(use for row in rows for use in marks_used(row))
        if not self.key:
            marks_without_note(parts.notes, self.used, report)
            notes_without_mark(parts.notes, {mark for mark, _, _ in self.used}, report)
        for row in rows:
            check_indicator(row, report)
        check_categories(categories, rows, report, complete=parts.first is not None and not unknown)
        check_first_level_weights(categories, parts.first, report)
        check_second_level_weights(categories, rows, report)
        self.unsure = unsure_directions(rows)
        indicators = tuple(r.indicator for r in rows)
        extra = ((TABLE, CLASS, OUTPUT) if self.key else (CLASS, OUTPUT)) if self.key or _classes(indicators) else ()
        return IndicatorSystem(_in_order(categories), indicators, _notes_of(parts.notes, self.key), extra)


def _classes(indicators: Sequence[Indicator]) -> bool:
    return any(indicator.of for indicator in indicators)


def _category(record: Record) -> str:
    says = record.text("一级指标")
    known = standard().category(says)
    return known.name if known else says


def _everywhere(record: Record, listed: Mapping[str, set[str]]) -> frozenset[str]:
    """Tables of a row without 分表: those that list its category, or all where none does."""
    own = _category(record)
    return frozenset(k for k, names in listed.items() if own in names) or frozenset(listed)


def _unplaced(
    indicators: Sequence[tuple[Record, str | None]], named: Mapping[int, tuple[str, ...] | None], report: Report
) -> None:
    """Report indicators whose 分表 names no table that there is."""
    for record, _ in indicators:
        if named[record.row] == ():
            report.add("indicator-in-no-table", record.cell(TABLE), name=record.text("二级指标"))


def _check_notes(parts: Parts, used: Mapping[str, Sequence[tuple[str, str, Cell]]], report: Report) -> None:
    """Hold marks against notes, table by table; a note of every table needs its mark in one of them only."""
    for key, uses in used.items():
        part = Report(cells=report.cells)
        marks_without_note(_notes_of(parts.notes, key), uses, part)
        own = [note for note in parts.notes if note.table and label_key(note.table) == label_key(key)]
        notes_without_mark(own, {mark for mark, _, _ in uses}, part)
        report.take_in(key, Report(findings=part.findings))
    notes_without_mark(
        [n for n in parts.notes if not n.table], {m for uses in used.values() for m, _, _ in uses}, report
    )
    keys = {label_key(key) for key in used}
    for note in parts.notes:
        if note.table and label_key(note.table) not in keys:
            place = report.cells["table-note", note.mark, note.table]
            report.add("table-unknown", place, found=note.table, suggestion=suggestion(note.table, used))


def _notes_of(notes: Sequence[TableNote], key: str) -> tuple[TableNote, ...]:
    """Notes that stand under a table; all of them where there is one."""
    return tuple(n for n in notes if not key or not n.table or label_key(n.table) == label_key(key))


def _in_order(categories: Sequence[Category]) -> tuple[Category, ...]:
    """Put categories into the standard's order, bonus groups of own name last."""
    order = {c.name: position for position, c in enumerate(standard().categories)}
    return tuple(sorted(categories, key=lambda c: (c.bonus, order.get(c.name, len(order)))))
