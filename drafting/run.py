"""What one way through the house found: the project as read, the results, everything to report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.files import file_stem
from drafting.findings import Finding, Severity
from drafting.model.results import Results

if TYPE_CHECKING:
    from drafting.project.folder import Project

OUTPUT = "成果"
"""Folder of a project that holds everything the program writes."""


@dataclass(frozen=True, slots=True)
class Run:
    """One way through the house: the project as read, what was found, everything to report."""

    project: Project
    results: Results
    findings: tuple[Finding, ...]
    of_files: tuple[Finding, ...] = ()
    """Of the findings those that only making the files told: pages not measured, a paper left out, gaps of a text."""

    @property
    def of_tables(self) -> Mapping[str, Run]:
        """The run of each table of a standard that has several, by its key; each as one of an ordinary project."""
        found: dict[str, Run] = {}
        inputs = self.project.inputs
        for one in inputs.slices if inputs is not None and inputs.tables else ():
            part = replace(self.project, inputs=one, provenance=self.project.provenance.for_table(one.table))
            found[one.table] = Run(part, self.results.tables.get(one.table, Results()), self.findings)
        return found

    @property
    def failed(self) -> bool:
        """Whether a finding forbids submission."""
        return any(f.severity is Severity.ERROR for f in self.findings)

    @property
    def output(self) -> Path:
        """Where this project's results go."""
        return self.project.folder / OUTPUT

    @property
    def draft_name(self) -> str:
        """File name of the draft without its ending: title and stage."""
        inputs = self.project.inputs
        title = file_stem(inputs.document.title if inputs else "", "清洁生产评价指标体系")
        return f"{title}（{file_stem(inputs.document.stage, '草案')}）" if inputs and inputs.document.stage else title
