"""The survey of a project: 调研数据, loaded or on disk, and behind its rows those of the forms in 企业调查表/."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from drafting.findings import Cell
from drafting.model.survey import Survey
from drafting.model.system import IndicatorSystem
from drafting.model.tables import IndicatorTable
from drafting.project.entries import Entries
from drafting.workbook import headings as h
from drafting.workbook.enterprise.gathered import gather
from drafting.workbook.enterprise.reading import Form, read_form
from drafting.workbook.many import read_workbooks, silent
from drafting.workbook.opening import LIMITS, Limits, OpeningError
from drafting.workbook.project.reading import ProjectWorkbook
from drafting.workbook.report import Report, worded
from drafting.workbook.survey.assembly import build_survey
from drafting.workbook.survey.by_table import read_tables_survey, table_rules
from drafting.workbook.survey.files import read_survey_table
from drafting.workbook.survey.rules import SurveyRules
from drafting.workbook.survey.stored import WeightRangeError
from drafting.workbook.survey.table import SurveyTable, blank
from drafting.workbook.survey.ways import Way, read_stored, read_stored_tables

SURVEY_LIMITS = replace(LIMITS, file_bytes=2 << 30)
"""A survey as text or parquet may be larger than a workbook; what a workbook unpacks to is limited all the same."""
Surveyed = tuple[Survey | None, tuple[IndicatorTable, ...]]
"""The survey, or the tables of a project that has several, each with its part."""


class Content(Protocol):
    """How the loader reads a file."""

    def __call__(self, path: Path, limits: Limits = ..., /) -> bytes | None:
        """Give its content, remembering the digest; None, with a finding, where it cannot be had."""


@dataclass
class SurveyReader:
    """Reads it, once."""

    folder: Path
    entries: Entries
    report: Report
    content: Content
    project: ProjectWorkbook
    parallel: bool
    digests: dict[str, str] = field(default_factory=dict)
    """SHA-256 of a file that was not loaded, by its name."""

    def read(self, way: Way) -> Surveyed:
        """Read it as ``way`` says."""
        project = self.project
        systems = {t.key: t.system for t in project.tables} or {"": project.system}
        forms = Forms(self.folder, self.entries, self.report, self.content, systems, self.parallel)
        path = self._file(bool(forms.files))
        in_memory = bool(project.tables or project.system.has_classes or forms.files)  # what memory does better
        if path is not None and way.chosen(path) != "memory" and not (way.engine is None and in_memory):
            forms.leave()
            stored = self._stored(path, way)
            if stored is not None:
                return stored
        data = None if path is None else self.content(path, SURVEY_LIMITS)
        if data is None and not forms.files:
            return None, project.tables
        name = h.ENTERPRISE_FOLDER if path is None or data is None else self.entries.name(path)
        surveys: Mapping[str, Survey | None] = {}
        with self.report.about(Cell(name)):
            if not project.tables:
                return self._loaded(name, data, forms), ()
            rules = table_rules(project.tables, self._rules)
            surveys = read_tables_survey(data, name, rules, project.system, self.report, forms.behind)
        return None, tuple(replace(table, survey=surveys.get(table.key)) for table in project.tables)

    @property
    def _rules(self) -> SurveyRules:
        of = self.project
        return SurveyRules(of.system, of.settings, of.exclusions, of.unsure, of.whole)

    def _file(self, forms: bool) -> Path | None:
        """The file of 调研数据; None (with a finding) where there is none."""
        stem = h.SURVEY_STEM
        found = [p for s in h.SURVEY_SUFFIXES if self.entries.stands(p := self.folder / f"{stem}{s}")]
        if not found:
            others = [p for p in self.folder.glob(stem + ".*") if p.is_file()]
            if not others and not forms:  # which are named with everything else that is not read
                self.report.add("survey-missing", Cell(stem + h.SURVEY_SUFFIXES[0]))
            return None
        if len(found) > 1:
            files = "、".join(p.name for p in found)
            self.report.add("survey-several", Cell(self.entries.name(found[1])), files=files, file=found[0].name)
        return found[0]

    def _loaded(self, name: str, data: bytes | None, forms: Forms) -> Survey | None:
        report, rules = self.report, self._rules
        table = None if data is None else read_survey_table(data, name, rules.system, report)
        table = forms.behind(table, "", report)
        if table is None or blank([table], report):
            return None
        survey = build_survey(table, rules, report)
        table.settle(report)
        return survey

    def _stored(self, path: Path, way: Way) -> Surveyed | None:
        """The survey on disk; None where its sampling weights are such as only memory adds up, and it may."""
        name, tables = self.entries.name(path), self.project.tables
        if self.project.system.has_classes or any(table.system.has_classes for table in tables):
            self.report.add("classes-not-here", Cell(name))
            return None, tables
        with self.report.about(Cell(name)):
            with path.open("rb") as stream:
                self.digests[name] = hashlib.file_digest(stream, "sha256").hexdigest()
            try:
                if not tables:
                    return read_stored(path, self._rules, way, self.report), ()
                rules = table_rules(tables, self._rules)
                surveys = read_stored_tables(path, rules, self._rules, way, self.report)
                return None, tuple(replace(table, survey=surveys.get(table.key)) for table in tables)
            except WeightRangeError:
                return None
        return None, tables


# --- forms of enterprises ---------------------------------------------------------------------------------------------
class Forms:
    """The returned forms of a project.

    ``content``: gives the content of a file, remembering its digest; None, with a finding, where it cannot be had.
    ``systems``: what is asked for, by key of the table; of a project with one table under a blank key.
    ``parallel``: whether many forms may be read in several processes.
    """

    def __init__(
        self, root: Path, entries: Entries, report: Report, content: Callable[[Path], bytes | None],
        systems: Mapping[str, IndicatorSystem], parallel: bool,
    ) -> None:  # fmt: skip
        self._report, self._content, self._systems, self._parallel = report, content, systems, parallel
        self._entries = entries
        self.files = tuple(entries.workbooks(root / h.ENTERPRISE_FOLDER))

    def behind(self, table: SurveyTable | None, key: str, report: Report) -> SurveyTable | None:
        """The survey of a table of the standard with the forms' rows behind its own."""
        return gather(table, [form for form in self._forms if form.table == key], self._systems[key], report)

    def leave(self) -> None:
        """Say that the forms of a project whose survey is not loaded are not read."""
        if self.files:
            self._report.add("enterprise-forms-large", Cell(h.ENTERPRISE_FOLDER), count=len(self.files))

    @cached_property
    def _forms(self) -> tuple[Form, ...]:
        read = [(self._entries.name(path), data) for path in self.files if (data := self._content(path)) is not None]
        found: list[Form] = []
        for (name, _), book in zip(read, read_workbooks(read, parallel=self._parallel, tick=silent), strict=True):
            if isinstance(book, OpeningError):
                self._report.findings.append(worded(book, Cell(name)))
                continue
            self._report.name_strange(book.sheets)
            self._report.name_notes(book.sheets)
            with self._report.about(Cell(name)):
                form = read_form(book, self._systems, self._report)
                if form is not None:
                    found.append(form)
        return tuple(found)
