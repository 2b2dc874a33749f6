"""企业调查表/: returned forms of enterprises, read as rows of the survey."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from drafting.findings import Cell
from drafting.model.system import IndicatorSystem
from drafting.project.entries import Entries
from drafting.workbook import headings as h
from drafting.workbook.enterprise.gathered import gather
from drafting.workbook.enterprise.reading import Form, read_form
from drafting.workbook.many import read_workbooks, silent
from drafting.workbook.opening import OpeningError
from drafting.workbook.report import Report, worded
from drafting.workbook.survey.table import SurveyTable


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
