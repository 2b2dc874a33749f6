"""Merged cells among the rows of a survey: words fill down, a number is one enterprise's and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from drafting.findings import address
from drafting.model.system import IndicatorSystem
from drafting.workbook import headings as h
from drafting.workbook.cells import is_blank, shown
from drafting.workbook.report import Report
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.table import SurveyTable


@dataclass(frozen=True, slots=True)
class Settled:
    """A table whose merged words stand in every row they cover, and the rows that are headings of a part of it."""

    table: SurveyTable
    sections: tuple[int, ...] = ()
    """Positions of rows whose name is merged over columns of numbers, such as 二、大型企业."""


def settle_merges(table: SurveyTable, meaning: Meaning, system: IndicatorSystem, report: Report) -> Settled:
    """Fill words down; report merged numbers at the merge: which of the enterprises a number belongs to is unknown.

    Such a number counts for the row in which it stands, the first one.
    """
    if not table.merges:
        return Settled(table)
    numbers, names = meaning.numbers(system), meaning.special.get(h.ENTERPRISE, 0)
    position = {row: i for i, row in enumerate(table.rows)}
    filled: dict[int, list[object]] = {}
    sections: list[int] = []
    for first_row, first_column, last_row, last_column in table.merges:
        covered = [c for c in sorted(numbers) if first_column <= c <= last_column]
        if first_row not in position:
            continue
        if covered and first_column <= names <= last_column:
            sections += [position[row] for row in range(first_row, last_row + 1) if row in position]
            continue
        cells = _cells(table, first_column, filled)
        value = cells[position[first_row]] if cells else None
        if is_blank(value):
            continue
        if covered and (last_row > first_row or last_column > first_column):
            span = f"{address(first_row, first_column)}:{address(last_row, last_column)}"
            place = table.place.at(first_row, first_column)
            report.add("survey-merged-number", place, span=span, found=shown(value), cell=place.cell)
        elif last_row > first_row:
            down = filled.setdefault(first_column, list(cells))
            for row in range(first_row + 1, last_row + 1):
                if row in position:
                    down[position[row]] = value
    return Settled(replace(table, columns={**table.columns, **filled}), tuple(sections))


def _cells(table: SurveyTable, column: int, filled: dict[int, list[object]]) -> Sequence[object]:
    if column in filled:
        return filled[column]
    return table.cells(column) if column in table.columns else ()
