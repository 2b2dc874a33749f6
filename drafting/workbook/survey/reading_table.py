"""The reading table of a survey: what was read, skipped and converted, and why; for the screen and the papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from drafting.findings import Finding
from drafting.model.settings import Settings
from drafting.model.survey import ColumnReading, Reading, State, SurveyColumn
from drafting.model.system import IndicatorSystem
from drafting.workbook import headings as h
from drafting.workbook.report import Report
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.percentages import Percentages
from drafting.workbook.survey.scales import Scales
from drafting.workbook.survey.table import SurveyTable
from drafting.workbook.survey.texts import Texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drafting.workbook.survey.table import Column

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
    percentages: dict[int, Percentages] = field(default_factory=dict)
    """What is judged of whole columns, by number …"""
    scales: dict[int, Scales] = field(default_factory=dict)
    records: int = 0
    nameless: int = 0
    enterprises: int = 0

    def cells(self, piece: SurveyTable) -> None:
        """Count what stands in the cells of some rows."""
        rows = np.asarray(piece.rows)
        for number, cells in piece.columns.items():
            if number in piece.headings:
                self.filled[number] += _entries(cells)
                shown = piece.percent_rows(number)
                if shown.size:
                    self.percents[number] += _numbers(cells, np.flatnonzero(np.isin(rows, shown)))

    def answers(self, columns: Mapping[str, SurveyColumn]) -> None:
        """Count entries of indicators, as read or computed."""
        for code, column in columns.items():
            counts = np.bincount(column.states, minlength=len(State))
            self.states[code] = self.states[code] + counts if code in self.states else counts

    def report(self, table: SurveyTable, headings: Mapping[int, str], report: Report) -> None:
        """Say what is doubtful about whole columns."""
        for number, percentages in self.percentages.items():
            percentages.report(table, number, headings[number], report)
        for number, scales in self.scales.items():
            scales.report(table, number, report)

    def reading(
        self, table: SurveyTable, meaning: Meaning, system: IndicatorSystem, settings: Settings,
        formulas: Callable[[str], str], findings: Iterable[Finding],
    ) -> Reading:  # fmt: skip
        """Describe how a survey was read.

        ``formulas``: gives the formula of a computed indicator in words, by code.
        ``findings``: all that was reported.
        """
        unreadable: Counter[str] = Counter()  # by letters of the column
        for one in findings:
            if one.code in UNREADABLE:
                unreadable[one.place.cell.rstrip("0123456789")] += 1 + one.further
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
                unreadable=unreadable[cell.rstrip("0123456789")], from_percent=self.percents[number],
                from_text=self.texts[code], with_unit=self.with_unit[number],
            )  # fmt: skip
            described.append(self._counted(entry, code, system) if code in self.states else entry)
        for code in self.states:
            if code not in meaning.indicators:
                entry = ColumnReading("", "", system.indicator(code).name, code, derived_from=formulas(code))
                described.append(self._counted(entry, code, system))
        return Reading(
            table.place.file, table.place.sheet, table.heading_row, table.unit_row, rows=self.records,
            nameless=self.nameless, repeated=self.records - self.nameless - self.enterprises,
            duplicate_rule=settings.duplicates, missing_codes=settings.missing_codes, enterprises=self.enterprises,
            columns=tuple(described),
        )  # fmt: skip

    def _counted(self, entry: ColumnReading, code: str, system: IndicatorSystem) -> ColumnReading:
        of = self.states[code]
        return replace(
            entry, unit=system.indicator(code).unit, factor=_factor(self.factors.get(code)),
            values=int(of[State.VALUE]), missing=int(of[State.MISSING]), not_applicable=int(of[State.NOT_APPLICABLE]),
            non_detect=int(of[State.NON_DETECT]),
        )  # fmt: skip


def _entries(cells: Column) -> int:
    if isinstance(cells, np.ndarray):
        return int(np.count_nonzero(~np.isnan(cells)))
    return cells.entries if isinstance(cells, Texts) else len(cells) - cells.count(None) - cells.count("")


def _numbers(cells: Column, at: NDArray[np.intp]) -> int:
    if isinstance(cells, np.ndarray):
        return int(np.count_nonzero(~np.isnan(cells[at])))
    return sum(type(cells[i]) in (int, float) for i in at.tolist())


def texts_read(cells: Column, states: NDArray[np.uint8]) -> int:
    """How many of the numbers read from a column's cells stood as text."""
    if isinstance(cells, np.ndarray):
        return 0
    values = states == State.VALUE
    if isinstance(cells, Texts):
        return int(np.count_nonzero(values))
    return sum(read and isinstance(cell, str) for cell, read in zip(cells, values.tolist(), strict=True))


def _factor(factor: Fraction | None) -> str:
    if factor is None or factor == 1:
        return "1"
    number = float(factor)
    return f"{number:.10g}" if Fraction(repr(number)) == factor else f"{factor.numerator}/{factor.denominator}"
