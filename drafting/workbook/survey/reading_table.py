"""The reading table of a survey: what was read, skipped and converted, and why; for the screen and the papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from drafting.model.settings import Settings
from drafting.model.survey import ColumnReading, Reading, State, SurveyColumn
from drafting.model.system import IndicatorSystem
from drafting.workbook import headings as h
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.table import SurveyTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNREADABLE = (
    "survey-not-a-number", "survey-date-format", "survey-unit-in-cell", "survey-not-a-grade",
    "survey-no-detection-limit",
)  # fmt: skip
"""Findings after which a cell counts as missing."""
NOT_USED = "未采用"


@dataclass(slots=True)
class Seen:
    """What was counted while a survey was read, by code or column number."""

    factors: dict[str, Fraction] = field(default_factory=dict)
    """From the stated unit to the indicator's, by code."""
    states: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    """Entries by code and state, before repeated enterprises were brought to one record; computed ones included."""
    texts: Counter[str] = field(default_factory=Counter)
    """Numbers that stood as text, by code."""
    with_unit: Counter[int] = field(default_factory=Counter)
    """Cells that were read although they say their unit, by column number."""
    filled: Counter[int] = field(default_factory=Counter)
    percents: Counter[int] = field(default_factory=Counter)
    """Numbers shown as percentages."""
    records: int = 0
    nameless: int = 0

    def take(self, code: str, states: NDArray[np.uint8]) -> None:
        """Count entries of an indicator."""
        counts = np.bincount(states, minlength=len(State))
        self.states[code] = self.states[code] + counts if code in self.states else counts

    def reading(
        self, table: SurveyTable, meaning: Meaning, system: IndicatorSystem, settings: Settings, enterprises: int,
        formulas: Callable[[str], str], unreadable: Callable[[str], int],
    ) -> Reading:  # fmt: skip
        """Describe how a survey was read.

        Parameters
        ----------
        enterprises
            How many there are.
        formulas
            Gives the formula of a computed indicator in words, by code.
        unreadable
            How many cells of a column, by its letters, were reported and count as missing.
        """
        names = {c: (word, "") for word, c in meaning.special.items()}
        names |= {c: (system.indicator(code).name, code) for code, c in meaning.indicators.items()}
        names |= {c: (f"{h.RAW_PREFIX}{n}", "") for n, c in meaning.raw.items()}
        names |= {c: (f"{h.PARAMETER_PREFIX}{n}", "") for n, c in meaning.parameters.items()}
        described: list[ColumnReading] = []
        for number, heading in table.headings.items():
            meant, code = names.get(number, (NOT_USED, ""))
            cell = table.heading_cell(number).cell
            entry = ColumnReading(
                heading, cell, meant, code, table.units.get(number, ""), values=self.filled[number],
                unreadable=unreadable(cell.rstrip("0123456789")), from_percent=self.percents[number],
                from_text=self.texts[code], with_unit=self.with_unit[number],
            )  # fmt: skip
            described.append(self._counted(entry, code, system) if code in self.states else entry)
        for code in self.states:
            if code not in meaning.indicators:
                entry = ColumnReading("", "", system.indicator(code).name, code, derived_from=formulas(code))
                described.append(self._counted(entry, code, system))
        return Reading(
            table.place.file, table.place.sheet, table.heading_row, table.unit_row, rows=self.records,
            nameless=self.nameless, repeated=self.records - self.nameless - enterprises,
            duplicate_rule=settings.duplicates, missing_codes=settings.missing_codes, enterprises=enterprises,
            columns=tuple(described),
        )  # fmt: skip

    def _counted(self, entry: ColumnReading, code: str, system: IndicatorSystem) -> ColumnReading:
        of = self.states[code]
        return replace(
            entry, unit=system.indicator(code).unit, factor=_factor(self.factors.get(code)),
            values=int(of[State.VALUE]), missing=int(of[State.MISSING]), not_applicable=int(of[State.NOT_APPLICABLE]),
            non_detect=int(of[State.NON_DETECT]),
        )  # fmt: skip


def seen_of(
    table: SurveyTable, meaning: Meaning, system: IndicatorSystem, columns: Mapping[str, SurveyColumn], nameless: int
) -> Seen:
    """Count what stands in a table that is read at once; ``columns`` as read, computed ones included."""
    seen = Seen(records=len(table.rows), nameless=nameless)
    codes = {column: code for code, column in meaning.indicators.items()}
    for number in table.headings:
        seen.filled[number], seen.percents[number] = _entries(table, number), _percentages(table, number)
        code = codes.get(number, "")
        if code in columns:
            seen.texts[code] = _texts(table, number, columns[code], system)
    for code, column in columns.items():
        seen.take(code, column.states)
    return seen


def _percentages(table: SurveyTable, number: int) -> int:
    shown = table.percent_rows(number)
    if not shown.size:
        return 0
    marked = np.isin(np.array(table.rows), shown)
    cells = table.columns[number]
    if isinstance(cells, np.ndarray):
        return int(np.count_nonzero(marked & ~np.isnan(cells)))
    return sum(type(cells[i]) in (int, float) for i in map(int, np.flatnonzero(marked)))


def _entries(table: SurveyTable, number: int) -> int:
    cells = table.columns[number]
    if isinstance(cells, np.ndarray):
        return int(np.count_nonzero(~np.isnan(cells)))
    return len(cells) - cells.count(None) - cells.count("")


def _texts(table: SurveyTable, number: int, column: SurveyColumn, system: IndicatorSystem) -> int:
    cells = table.columns[number]
    if isinstance(cells, np.ndarray) or system.indicator(column.code).qualitative:
        return 0
    values = (column.states == State.VALUE).tolist()
    return sum(read and isinstance(cell, str) for cell, read in zip(cells, values, strict=True))


def _factor(factor: Fraction | None) -> str:
    if factor is None or factor == 1:
        return "1"
    number = float(factor)
    return f"{number:.10g}" if Fraction(repr(number)) == factor else f"{factor.numerator}/{factor.denominator}"
