"""One record per enterprise: what is done with an enterprise that a survey holds more than once (重复企业)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from baselines.records import DuplicateRule, Records, collapse, latest_rows, mean_value, rows_by_enterprise
from drafting.findings import Cell
from drafting.model.identity import differ
from drafting.model.survey import State, SurveyColumn
from drafting.workbook.report import Report
from drafting.workbook.survey.aside_rows import Named
from drafting.workbook.survey.table import SurveyTable, is_unit_label

if TYPE_CHECKING:
    from numpy.typing import NDArray

REFUSE, LATEST, MEAN = "报错", "取最新", "取平均"


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows (positions in the table) that make up each enterprise's record: one, or several to be averaged."""

    names: tuple[str, ...]
    records: tuple[tuple[int, ...], ...]

    _first: NDArray[np.intp] = field(init=False, repr=False, compare=False)
    _averaged: tuple[tuple[int, tuple[int, ...]], ...] = field(init=False, repr=False, compare=False)
    """Position and rows of the records that several rows make up."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_first", np.array([r[0] for r in self.records], dtype=np.intp))
        object.__setattr__(self, "_averaged", tuple((i, r) for i, r in enumerate(self.records) if len(r) > 1))

    def words(self, values: Sequence[str] | None) -> tuple[str, ...] | None:
        """Words of the enterprises, of the first row where several are averaged."""
        return None if values is None else tuple(values[r[0]] for r in self.records)

    def any_true(self, values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether any row of an enterprise says yes."""
        marks = values[self._first]
        for position, record in self._averaged:
            marks[position] = values[list(record)].any()
        marks.setflags(write=False)
        return marks

    def numbers(self, values: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        """Numbers of the enterprises, None where the column is absent."""
        return None if values is None else self.mean(values)

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean of the known values of each enterprise's rows, NaN where none is known."""
        picked = collapse(values, Records(tuple(self._first.tolist()), self.records), DuplicateRule.MEAN)
        picked.setflags(write=False)
        return picked

    def merge(self, column: SurveyColumn, report: Report, table: SurveyTable, *, answers: bool = False) -> SurveyColumn:
        """Bring a column to one value per enterprise; ``answers``: of a qualitative indicator, which have no mean."""
        values, states = column.values[self._first].copy(), column.states[self._first].copy()
        for position, record in self._averaged:
            found = column.states[list(record)]
            known = column.values[list(record)][found == State.VALUE]
            censored = column.values[list(record)][found == State.NON_DETECT]
            if answers and np.unique(known).size > 1:
                values[position], states[position] = np.nan, State.MISSING
                self._report(position, "survey-mean-answers", column, report, table)
            elif known.size and not censored.size:
                values[position], states[position] = mean_value(known.tolist()), State.VALUE
            elif censored.size and not known.size:
                values[position], states[position] = censored.max(), State.NON_DETECT
            elif known.size:
                # A number and a "less than" have no mean; half the limit would be a value nobody measured.
                values[position], states[position] = np.nan, State.MISSING
                self._report(position, "survey-mean-non-detect", column, report, table)
        return SurveyColumn(column.code, values, states)

    def _report(self, position: int, code: str, column: SurveyColumn, report: Report, table: SurveyTable) -> None:
        place = report.cells.get(("survey", column.code), table.place)
        rows = "、".join(table.line(i) for i in self.records[position])
        report.add(code, place, enterprise=self.names[position], lines=rows)


def select(
    named: Named,
    years: Sequence[str] | None,
    column: int,
    policy: str,
    report: Report,
) -> Selection:
    """Group the rows by enterprise and apply the setting 重复企业; every repeated row is a finding at its own cell."""
    names, table = named.names, named.table
    units = {index for index, name in enumerate(names) if is_unit_label(name)}
    for index in sorted(units):
        report.add("survey-second-unit-row", table.cell(index, column), name=names[index])
    counted = [index for index, name in enumerate(names) if name and index not in units]
    groups = rows_by_enterprise([named.keys[index] for index in counted])
    if len(groups) == len(counted):  # nobody twice, as in most surveys
        return Selection(tuple([names[index] for index in counted]), tuple(zip(counted, strict=True)))

    def written(index: int) -> Written:
        year = float(years[index]) if years is not None and years[index].isdecimal() else np.nan
        return Written(index, table.cell(index, column), names[index], year, table.line(index))

    records: list[tuple[int, ...]] = []
    for group in groups:
        indices = tuple(counted[member] for member in group)
        records.append(indices if len(indices) == 1 else settle(list(map(written, indices)), policy, report))
    return Selection(tuple(names[r[0]] for r in records), tuple(records))


@dataclass(frozen=True, slots=True)
class Written:
    """A row of an enterprise: its position, the place of the name, name, year (NaN: none), what the row is called."""

    position: int
    place: Cell
    name: str
    year: float
    line: str


def settle(group: Sequence[Written], policy: str, report: Report) -> tuple[int, ...]:
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
            code = "survey-enterprise-twice" if policy == REFUSE else "survey-no-latest"
            report.add(code, one.place, **values)
    if policy == MEAN:
        return tuple(one.position for one in group)
    return (group[latest[0]].position if len(latest) == 1 else first.position,)


def first_written(place: Cell, first: str, name: str, file: str) -> str:
    """Where an enterprise stands first, and how it is written there if the names differ in what identity ignores.

    Parameters
    ----------
    file
        Where it stands again.
    """
    where = place.cell if place.file == file else f"{place.file} 的 {place.cell}"
    return f"{where}，写作“{first}”" if differ(first, name) else where
