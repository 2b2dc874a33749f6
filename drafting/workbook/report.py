"""What reading leaves beside the model: the findings and the cells that values came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from types import TracebackType
from typing import Any, TypeVar

from drafting.findings import Cell, Compactor, Finding, Key, Provenance, address, finding
from drafting.notation.cells_row import is_mark
from drafting.workbook.headings import key
from drafting.workbook.opening import OpeningError
from drafting.workbook.sheet_form import SheetForm
from drafting.workbook.sheets import Sheet

Where = TypeVar("Where")


@dataclass(slots=True)
class Report:
    """Collects findings and provenance while one project is read."""

    findings: list[Finding] = field(default_factory=list)
    cells: dict[Key, Cell] = field(default_factory=dict)
    grids: dict[Key, tuple[Cell, int, int]] = field(default_factory=dict)
    columns: dict[Key, tuple[Cell, Sequence[int], int]] = field(default_factory=dict)

    def add(self, code: str, place: Cell, /, *, severity: Any = None, **values: Any) -> None:
        """Word a finding and keep it; ``severity`` (a :class:`Severity`) overrides the catalogue's."""
        self.findings.append(finding(code, place, severity=severity, **values))

    def finish(self) -> None:
        """Say what can only be said once everything is reported."""

    def compact(self) -> CompactReport:
        """A report of the same places that keeps the findings of a long list compactly."""
        return CompactReport(self.findings, self.cells, self.grids, self.columns)

    def name_strange(self, sheets: Iterable[Sheet]) -> None:
        """Name cells that are not read as they look: of characters that no reader sees, and text struck through."""
        for sheet in sheets:
            for code, at in (("cell-strange-characters", sheet.strange), ("cell-struck", sorted(sheet.struck))):
                if at:
                    cells = "、".join(address(*a) for a in at[:5]) + " 等" * (len(at) > 5)
                    name = sheet.title or sheet.place.file
                    self.add(code, sheet.place.at(*at[0]), sheet=name, count=len(at), cells=cells)

    def name_notes(self, sheets: Iterable[Sheet], forms: Iterable[SheetForm] = (), *own: str) -> None:
        """Name the comments, boxes of text and pictures on cells, which nobody reads.

        Those of the program bear its name, which some programs lose: then they are known by their words, as they stand
        at the headings of forms or begin with ``own``.
        """
        ours = (*own, *(heading.note for form in forms for heading in form.headings if heading.note))
        for sheet in sheets:
            for row, column, what, says in sheet.notes:
                if not says.startswith(ours):
                    self.add("cell-note", sheet.place.at(row, column), what=what, found=" ".join(says.split()))

    def about(self, place: Cell) -> About:
        """Turn whatever is raised while a file is read into a finding about it: no content stops the other files."""
        return About(self, place)

    def take_in(self, key: str, part: Report) -> None:
        """Add what reading one table of several has left; what was found in another table as well is said once.

        The first place of a value stands for the project, each table's own place under ``("table", key)``.
        """
        known = {(f.code, f.place, f.message) for f in self.findings}
        self.findings += [f for f in part.findings if (f.code, f.place, f.message) not in known]
        _take(self.cells, part.cells, key)
        _take(self.grids, part.grids, key)
        _take(self.columns, part.columns, key)

    def provenance(self) -> Provenance:
        """Freeze the map from values to cells."""
        return Provenance(dict(self.cells), dict(self.grids), dict(self.columns))


@dataclass(slots=True)
class CompactReport(Report):
    """A report for a long list: further findings of one kind down a column are kept as ranges (:class:`Compactor`)."""

    compactor: Compactor = field(default_factory=Compactor)

    def add(self, code: str, place: Cell, /, *, severity: Any = None, **values: Any) -> None:
        """Word a finding, or keep its place."""
        self.compactor.take(code, place, lambda: finding(code, place, severity=severity, **values), self.findings)

    def finish(self) -> None:
        """Give the findings that stand for others the places of those."""
        self.compactor.finish()


def _take(mine: dict[Key, Where], its: Mapping[Key, Where], table: str) -> None:
    for at, value in its.items():
        mine.setdefault(at, value)
        mine["table", table, *at] = value


def worded(fault: OpeningError, place: Cell) -> Finding:
    """The finding that says why a file cannot be read."""
    return finding(fault.code, place, **dict[str, Any](fault.values))


@dataclass(frozen=True, slots=True)
class About:
    """The block in which one file is read, see :meth:`Report.about`."""

    report: Report
    place: Cell

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(fault, OpeningError):
            self.report.findings.append(worded(fault, self.place))
            return True
        if isinstance(fault, Exception):  # nobody foresaw it, or it would be worded; the rest is still read
            self.report.add("file-refused", self.place, reason=f"内容使读取出错（{type(fault).__name__}）")
            return True
        return False


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.5) -> str | None:
    """Find the known word that a misspelt one most likely means; None if nothing resembles it.

    Numbers count as numbers: 企业1 means 企业01, and 企业10 rather than 企业21. A footnote mark (①) is never proposed.
    """
    by_key = {_numbered(k): k for k in known if not is_mark(k)}
    meant = _numbered(word)
    if meant in by_key:
        return by_key[meant]
    found = get_close_matches(meant, list(by_key), n=_TIED, cutoff=cutoff)
    if not found:
        return None
    alike = [f for f in found if _ratio(meant, f) == _ratio(meant, found[0])]
    return by_key[min(alike, key=lambda other: _distance(meant, other))]


_TIED = 50
_NUMBER = re.compile(r"[0-9]+")


def _numbered(word: str) -> str:
    """A word for comparison, its numbers without leading zeros."""
    return _NUMBER.sub(lambda m: m[0].lstrip("0") or "0", key(word))


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, other, one).ratio()


def _distance(one: str, other: str) -> tuple[bool, int]:
    """Whether the words differ beside their numbers, and how far the numbers are apart."""
    numbers = [[int(n[:18]) for n in _NUMBER.findall(word)] for word in (one, other)]
    apart = sum(abs(a - b) for a, b in zip(*numbers, strict=False))
    return _NUMBER.sub("", one) != _NUMBER.sub("", other), apart


def suggestion(word: str, known: Iterable[str], *, cutoff: float = 0.5) -> str:
    """Word the nearest known word for a message, or list what is known when nothing resembles it."""
    choices = [k for k in known if not is_mark(k)]
    near = nearest(word, choices, cutoff=cutoff)
    if near is not None:
        return f"是否应为“{near}”？"
    shown = "、".join(choices[:12]) + (" 等" if len(choices) > 12 else "")
    return f"可用：{shown}。" if choices else ""
