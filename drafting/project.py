"""A project folder: what is read from where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from drafting.findings import Cell, Finding, Provenance
from drafting.model.inputs import Inputs
from drafting.workbook import headings as h
from drafting.workbook.opening import OpeningError, read_bytes
from drafting.workbook.project_workbook import read_project_workbook
from drafting.workbook.report import Report, nearest
from drafting.workbook.sheets import Workbook, read_workbook


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder as read: inputs as far as they could be understood, and everything that is wrong with them."""

    folder: Path
    inputs: Inputs | None
    """None only when 项目.xlsx itself cannot be read."""
    provenance: Provenance = field(default_factory=Provenance)
    findings: tuple[Finding, ...] = ()
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """SHA-256 of every file that was read, by its path in the folder."""
    skipped: tuple[str, ...] = ()
    """Files that were passed over, such as Excel's lock files."""


def load_project(folder: Path | str) -> Project:
    """Read a project folder.

    Nothing is written and nothing raises for what stands in the folder: whatever is wrong is a finding.

    Parameters
    ----------
    folder
        The folder that holds 项目.xlsx.
    """
    return _Loader(Path(folder)).load()


class _Loader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._report = Report()
        self._files: dict[str, str] = {}
        self._skipped: list[str] = []

    def load(self) -> Project:
        inputs = self._inputs()
        return Project(
            self._folder, inputs, self._report.provenance(), tuple(self._report.findings),
            MappingProxyType(self._files), tuple(self._skipped),
        )  # fmt: skip

    def _inputs(self) -> Inputs | None:
        if not self._folder.is_dir():
            code = "folder-not-a-folder" if self._folder.exists() else "folder-missing"
            self._report.add(code, Cell(), folder=self._folder)
            return None
        self._note_open_files()
        book = self._project_workbook()
        if book is None:
            return None
        project = read_project_workbook(book, self._report)
        return Inputs(
            project.document, project.settings, project.system, project.policies, project.references, project.terms,
            project.experts,
        )  # fmt: skip

    def _note_open_files(self) -> None:
        for path in sorted(self._folder.rglob(h.LOCK_PREFIX + "*")):
            name = self._name(path)
            if name.split("/")[0] not in (h.RESULT_FOLDER, h.RECORD_FOLDER) and path.is_file():
                self._skipped.append(name)
                self._report.add("file-open", Cell(name), file=name.replace(h.LOCK_PREFIX, "", 1))

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _project_workbook(self) -> Workbook | None:
        path = self._folder / h.PROJECT_FILE
        if not path.is_file():
            others = [self._name(p) for p in self._workbooks(self._folder)]
            meant = nearest(h.PROJECT_FILE, others)
            hint = f"“{meant}”是否应改名为 {h.PROJECT_FILE}？" if meant else ""
            self._report.add("project-file-missing", Cell(h.PROJECT_FILE), suggestion=hint)
            return None
        return self._workbook(path)

    def _workbooks(self, folder: Path) -> Iterator[Path]:
        if folder.is_dir():
            yield from sorted(
                p for p in folder.iterdir() if p.suffix.lower() == ".xlsx" and not p.name.startswith(h.LOCK_PREFIX)
            )

    def _workbook(self, path: Path) -> Workbook | None:
        data = self._bytes(path)
        if data is None:
            return None
        try:
            return read_workbook(data, self._name(path))
        except OpeningError as fault:
            self._report.add(fault.code, Cell(self._name(path)), **fault.values)
            return None

    def _bytes(self, path: Path) -> bytes | None:
        """Read a file of the folder, remembering its hash; None with a finding when that is impossible."""
        name = self._name(path)
        if not path.resolve().is_relative_to(self._folder.resolve()):
            self._report.add("file-outside", Cell(name), file=name)
            return None
        try:
            data = read_bytes(path)
        except OpeningError as fault:
            self._report.add(fault.code, Cell(name), **fault.values)
            return None
        self._files[name] = hashlib.sha256(data).hexdigest()
        return data
