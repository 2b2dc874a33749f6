"""What stands in a project folder: regular files and folders only; links, pipes and devices are named and passed by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from drafting.files import readable, reading_reason
from drafting.findings import Cell
from drafting.inside import kind_of
from drafting.workbook.headings import LOCK_PREFIX, RECORD_FOLDER, RESULT_FOLDER
from drafting.workbook.report import Report

_WHAT = {"link": "链接（符号链接或联接点）", "special": "管道、设备或套接字", "file": "文件"}


class Entries:
    """Looks into a project folder; what is passed by is a finding of the report."""

    def __init__(self, root: Path, report: Report) -> None:
        self._root, self._report = root, report

    def name(self, path: Path) -> str:
        """Path in the folder, as findings write it."""
        return path.relative_to(self._root).as_posix()

    def stands(self, path: Path) -> bool:
        """Whether there is an entry that is no folder; what is no regular file is refused when it is read."""
        return kind_of(path, self._root) not in (None, "folder")

    def is_folder(self, path: Path) -> bool:
        """Whether a path is a real folder; a link, pipe or device in its place is a finding."""
        kind = kind_of(path, self._root)
        if kind in ("link", "special"):
            code = "file-outside" if kind == "link" else "file-special"
            self._report.add(code, Cell(self.name(path)), file=self.name(path))
        return kind == "folder"

    def workbooks(self, folder: Path) -> Iterator[Path]:
        """Give the workbooks of a folder in order, whatever they are; Excel's lock files are none."""
        for path in self.listed(folder):
            if path.suffix.lower() == ".xlsx" and not path.name.startswith(LOCK_PREFIX):
                yield path

    def folders(self, folder: Path) -> Iterator[Path]:
        """Give the real folders in a folder in order."""
        for path in self.listed(folder):
            if self.is_folder(path):
                yield path

    def listed(self, folder: Path) -> list[Path]:
        """List a folder in order; nothing where there is none."""
        if folder != self._root and not self.is_folder(folder):
            return []
        try:
            # by stem: 专家02.xlsx before its copy 专家02 - 副本.xlsx, which would otherwise be the one that counts
            return sorted(self._named(folder), key=lambda path: (path.stem, path.name))
        except OSError as error:
            place, why = Cell("" if folder == self._root else self.name(folder)), reading_reason(error)
            self._report.add("folder-unreadable", place, reason=why)
            return []

    def _named(self, folder: Path) -> Iterator[Path]:
        """Give what has a name that is text; the rest could stand in no finding and no record."""
        for path in folder.iterdir():
            if readable(path.name) == path.name:
                yield path
            elif folder != self._root:  # there they are told of with the other strays
                self._report.add("file-misnamed", Cell(self.name(folder)), file=readable(path.name))

    def note_unusable(self) -> None:
        """Say where the program cannot write, and reads nothing from."""
        for name in (RESULT_FOLDER, RECORD_FOLDER):
            kind = kind_of(self._root / name, self._root)
            if kind not in (None, "folder"):
                self._report.add("folder-unusable", Cell(name), file=name, what=_WHAT[kind])
