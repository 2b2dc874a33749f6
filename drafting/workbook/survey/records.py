"""One record per enterprise: what is done with an enterprise that a survey holds more than once (重复企业)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from baselines.records import latest_rows
from drafting.findings import Cell
from drafting.model.identity import differ
from drafting.workbook.report import Report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Positions = NDArray[np.int64]

REFUSE, LATEST, MEAN = "报错", "取最新", "取平均"


@dataclass(frozen=True, slots=True)
class NamedRows:
    """Rows with the name of an enterprise, shape (rows,) each; positions count the rows from the survey's first on."""

    positions: Positions
    rows: Positions
    """Their numbers in the file."""
    names: Sequence[str]
    keys: Sequence[str]
    """Equal where the enterprise is one."""
    records: Sequence[str]
    """Equal where the record is one: of an enterprise with class rows, one per class."""
    years: NDArray[np.float64]
    """NaN: none."""

    def picked(self, at: NDArray[np.intp]) -> NamedRows:
        """Some of the rows."""
        names, keys, records = ([words[i] for i in at.tolist()] for words in (self.names, self.keys, self.records))
        return NamedRows(self.positions[at], self.rows[at], names, keys, records, self.years[at])


@dataclass(frozen=True, slots=True)
class Written:
    """A row of an enterprise: its position, the place of the name, name, year (NaN: none), what the row is called."""

    position: int
    place: Cell
    name: str
    year: float
    line: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Which rows (by position) make up the records."""

    dropped: Positions
    """Those left out, ascending: without a name, or further rows of an enterprise."""
    first: Positions
    """Of rows that stand at another place, or are averaged with others, the position of the record's first row, …"""
    moved: Positions
    """… and their own, ascending."""
    records: int

    @property
    def rearranged(self) -> bool:
        """Whether the rows kept are not simply the rows one after the other."""
        return bool(len(self.moved))


def plan_records(
    groups: Iterable[Sequence[Written]],
    nameless: Sequence[int],
    named: int,
    policy: str,
    report: Report,
    twice: str = "survey-enterprise-twice",
) -> Plan:
    """Apply the setting 重复企业; every repeated row is a finding at its own cell.

    ``groups``: the rows of each record that has several.
    ``nameless``: positions of the rows without a name, ascending.
    ``named``: how many rows have one.
    ``twice``: what a further row is found to be where the setting chooses none.
    """
    out, moved, at = array("q", nameless), array("q"), array("q")
    for group in groups:
        chosen, first = settle(group, policy, report, twice), group[0].position
        named -= len(group) - 1
        out.extend(one.position for one in group if one.position not in chosen)
        if chosen != (first,):
            moved.extend(chosen)
            at.extend([first] * len(chosen))
    order = np.argsort(np.array(moved, dtype=np.int64), kind="stable")
    return Plan(
        np.sort(np.array(out, dtype=np.int64)), np.array(at, dtype=np.int64)[order],
        np.array(moved, dtype=np.int64)[order], named,
    )  # fmt: skip


def settle(group: Sequence[Written], policy: str, report: Report, twice: str) -> tuple[int, ...]:
    """Decide which of an enterprise's rows count (positions); every further row is a finding at its own cell."""
    first, size = group[0], len(group)
    latest = latest_rows(range(size), np.array([one.year for one in group])) if policy == LATEST else ()
    for one in group[1:]:
        said = first_written(first.place, first.name, one.name, one.place.file)
        values = {"name": one.name, "first": said}
        if policy == MEAN:
            report.add("survey-mean-taken", one.place, **values, count=size)
        elif len(latest) == 1:
            report.add("survey-latest-taken", one.place, **values, line=group[latest[0]].line)
        else:
            code = twice if policy == REFUSE else "survey-no-latest"
            report.add(code, one.place, **values)
    if policy == MEAN:
        return tuple(one.position for one in group)
    return (group[latest[0]].position if len(latest) == 1 else first.position,)


def first_written(place: Cell, first: str, name: str, file: str) -> str:
    """Where an enterprise stands first, and how it is written there if the names differ in what identity ignores.

    ``file``: where it stands again.
    """
    where = place.cell if place.file == file else f"{place.file} 的 {place.cell}"
    return f"{where}，写作“{first}”" if differ(first, name) else where
