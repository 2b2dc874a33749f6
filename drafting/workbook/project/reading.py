"""The workbook 项目.xlsx, whole: settings, indicator system and lists."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from drafting.findings import Cell, Severity
from drafting.model.asking import AskedGroup, groups_asked
from drafting.model.bounds import parse_bound
from drafting.model.document import DocumentInfo, Policy, Reference, Term
from drafting.model.experts import Expert
from drafting.model.monitoring import Monitoring, SymbolUnit
from drafting.model.process import Process
from drafting.model.settings import OLDER_RULES, Settings
from drafting.model.survey import Exclusion
from drafting.model.system import IndicatorSystem
from drafting.model.tables import IndicatorTable
from drafting.workbook import headings as h
from drafting.workbook.project.baselines import CellContext
from drafting.workbook.project.indicators import indicator_sheet
from drafting.workbook.project.lists import (
    category_table,
    read_exclusions,
    read_experts,
    read_monitoring,
    read_policies,
    read_references,
    read_symbol_units,
    read_terms,
)
from drafting.workbook.project.notes import read_notes
from drafting.workbook.project.settings import read_method_settings, read_process, read_settings
from drafting.workbook.project.systems import Parts, read_systems, united
from drafting.workbook.project.tables import check_combination, read_tables
from drafting.workbook.report import Report, nearest
from drafting.workbook.sheets import Sheet, Workbook, empty_row


@dataclass(frozen=True, slots=True)
class ProjectWorkbook:
    """What 项目.xlsx says, as far as it could be understood."""

    document: DocumentInfo
    settings: Settings
    system: IndicatorSystem
    policies: tuple[Policy, ...]
    references: tuple[Reference, ...]
    terms: tuple[Term, ...]
    experts: tuple[Expert, ...]
    exclusions: tuple[Exclusion, ...]
    unsure: frozenset[str]
    """Codes of indicators whose direction could not be read: their survey values cannot be judged."""
    whole: bool
    """Whether the sheet 二级指标 could be read; if not, unknown indicators elsewhere are no finding."""
    process: Process = field(default=Process())
    monitoring: tuple[Monitoring, ...] = ()
    symbol_units: tuple[SymbolUnit, ...] = ()
    tables: tuple[IndicatorTable, ...] = ()

    @property
    def asked(self) -> tuple[AskedGroup, ...]:
        """The groups that experts are asked for, see :attr:`drafting.model.inputs.Inputs.asked`."""
        return groups_asked(self.system, self.tables, self.settings)


def read_project_workbook(book: Workbook, report: Report) -> ProjectWorkbook:
    """Read every sheet of 项目.xlsx and report all that is wrong with it."""
    sheets = {form.title: _sheet(book, form, report) for form in h.PROJECT_SHEETS}
    _name_unread(book, report)
    info, methods = sheets[h.DOCUMENT.title], sheets[h.SETTINGS.title]
    document = read_settings(info, h.DOCUMENT, DocumentInfo, "info", report) if info else DocumentInfo()
    settings, document = (
        read_method_settings(methods, h.SETTINGS, document, report) if methods else (Settings(), document)
    )

    if settings.rules == OLDER_RULES:
        place = report.cells.get(("setting", "评价规则"), Cell(book.place.file, h.SETTINGS.title))
        report.add("rules-older", place, rules=settings.rules)
    before = len(report.findings)
    first_sheet, second_sheet = sheets[h.CATEGORIES.title], sheets[h.INDICATORS.title]
    first = category_table(first_sheet, report) if first_sheet else None
    notes = read_notes(book, report)
    marks = frozenset(n.mark for n in notes)
    context = CellContext(marks, parse_bound(document.effective).date)
    parts = Parts(first, None, notes, context, before, rules=settings.rules)
    if first is not None and second_sheet is None:
        parts = replace(parts, tables=read_tables(book, [first], report))
    elif second_sheet is not None:
        listed = [r.text("一级指标") for r in first.records] if first else []
        parts = replace(parts, second=indicator_sheet(second_sheet, listed, report, marks))
        divided = [first, parts.second.table if parts.second else None]
        parts = replace(parts, tables=read_tables(book, divided, report))
    systems, unsure = read_systems(parts, report)
    tables = tuple(row.of(system) for row, system in zip(parts.tables.rows, systems, strict=False))
    check_combination(tables, settings, report)
    system = united(systems) if tables else systems[0]
    return ProjectWorkbook(
        document=document, settings=settings, system=system, policies=read_policies(book, report),
        references=read_references(book, report), terms=read_terms(book, report),
        experts=read_experts(book, parts.tables, report), exclusions=read_exclusions(book, system.indicators, report),
        unsure=unsure, whole=bool(system.indicators), process=read_process(sheets[h.PROCESS.title], report),
        monitoring=read_monitoring(book, report), symbol_units=read_symbol_units(book, report), tables=tables,
    )  # fmt: skip


_OTHERS = (h.INSTRUCTIONS_SHEET, "分表", "表注")
"""Further titles with a meaning of their own."""


def _name_unread(book: Workbook, report: Report) -> None:
    """Name the sheets that hold something and are not read: one of them may be a list under another name."""
    known = [*(form.title for form in h.PROJECT_SHEETS), *_OTHERS]
    keys = {h.key(title) for title in known}
    absent = [form.title for form in h.PROJECT_SHEETS if book.sheet(form.title) is None]
    hidden = [s for s in book.sheets if s.hidden and h.key(s.title) in keys and not all(map(empty_row, s.rows))]
    if hidden:
        report.add("project-sheets-hidden", hidden[0].place, sheets="、".join(f"“{s.title}”" for s in hidden))
    for sheet in book.sheets:
        if h.key(sheet.title) in keys or not any(v is not None for row in sheet.rows for v in row):
            continue
        meant = nearest(sheet.title, absent)
        report.add(
            "project-sheet-unknown", sheet.place, sheet=sheet.title, hint=f"是否应为“{meant}”？" if meant else "",
            severity=Severity.WARNING if meant else None,
        )  # fmt: skip


def _sheet(book: Workbook, form: h.SheetForm, report: Report) -> Sheet | None:
    sheet = book.sheet(form.title)
    if sheet is None and form.required:
        known = {f.title for f in (*h.PROJECT_SHEETS, *h.OPTIONAL_SHEETS)} | {h.INSTRUCTIONS_SHEET}
        others = [s.title for s in book.sheets if h.key(s.title) not in {h.key(k) for k in known}]
        meant = nearest(form.title, others)
        hint = f"工作表“{meant}”是否应改名为“{form.title}”？" if meant else ""
        report.add("sheet-missing", Cell(book.place.file, form.title), sheet=form.title, suggestion=hint)
    return sheet
