"""Findings of one kind down a column of a long list: the first ones whole, the places of the others as ranges."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial

from drafting.findings.finding import Finding
from drafting.findings.place import Cell

SHOWN = 20
"""Findings of one kind in one column that are worded one by one."""
AREAS = 10_000
"""Areas of one kind in one column whose places are kept; what stands beyond them is counted."""
_Kind = tuple[str, str, str, str]


@dataclass(slots=True)
class Compactor:
    """Takes findings as they are made; memory grows by a few bytes for each one beyond :data:`SHOWN` of its kind."""

    _counts: dict[_Kind, int] = field(default_factory=dict)
    _last: dict[_Kind, tuple[list[Finding], int]] = field(default_factory=dict)
    """The list and the position in it of the last finding that was kept whole."""
    _rows: dict[_Kind, array[int]] = field(default_factory=dict)
    """First and last row of one area after the other."""

    def take(self, code: str, place: Cell, make: Callable[[], Finding], into: list[Finding]) -> None:
        """Add a finding to a list, or only its place to those of its kind; what is not about one cell is kept."""
        row = place.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if not row.isdecimal():
            into.append(make())
            return
        kind = (code, place.file, place.sheet, place.cell[: -len(row)])
        self._counts[kind] = count = self._counts.get(kind, 0) + 1
        if count > SHOWN:
            _extend(self._rows.setdefault(kind, array("L")), int(row))
            return
        into.append(make())
        self._last[kind] = (into, len(into) - 1)

    def finish(self) -> None:
        """Give the last finding of each kind the places of those that were not worded."""
        for kind, ends in self._rows.items():
            column, (found, at), further = kind[3], self._last[kind], self._counts[kind] - SHOWN
            areas: list[tuple[int, int]] = []
            for first, end in sorted(zip(ends[::2], ends[1::2], strict=True)):
                if areas and first <= areas[-1][1] + 1:
                    areas[-1] = (areas[-1][0], max(areas[-1][1], end))
                else:
                    areas.append((first, end))
            more = f"，只列出其中 {AREAS} 段" if len(ends) >= 2 * AREAS else ""
            ranges = [f"{column}{a}" if a == b else f"{column}{a}:{column}{b}" for a, b in areas]
            last = found[at]
            message = f"{last.message}（{column} 列另有 {further} 处同样的问题{more}）"
            found[at] = replace(last, message=message, more=tuple(ranges), further=further)
        self._rows.clear()


def _extend(ends: array[int], row: int) -> None:
    """Take a row into the last area if it follows on it, else begin another."""
    if ends and row == ends[-1] + 1:
        ends[-1] = row
    elif len(ends) < 2 * AREAS and not (ends and row == ends[-1]):
        ends.extend((row, row))


def compacted(findings: Iterable[Finding]) -> list[Finding]:
    """Compact findings that are made one after another."""
    found: list[Finding] = []
    compactor = Compactor()
    for one in findings:
        compactor.take(one.code, one.place, partial(_as_it_is, one), found)
    compactor.finish()
    return found


def _as_it_is(one: Finding) -> Finding:
    return one
