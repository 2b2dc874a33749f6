"""The reading table of a survey: what was read, skipped and converted, and why; for the screen and the papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from drafting.model.settings import Settings
from drafting.model.survey import ColumnReading, Reading, State, SurveyColumn
from drafting.model.system import IndicatorSystem
from drafting.workbook import headings as h
from drafting.workbook.cells import is_blank
from drafting.workbook.report import Report
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.records import Selection
from drafting.workbook.survey.table import SurveyTable

UNREADABLE = (
    "survey-not-a-number", "survey-date-format", "survey-unit-in-cell", "survey-not-a-grade",
    "survey-no-detection-limit",
)  # fmt: skip
"""Findings after which a cell counts as missing."""
NOT_USED = "未采用"


def reading_of(
    table: SurveyTable,
    meaning: Meaning,
    system: IndicatorSystem,
    settings: Settings,
    columns: Mapping[str, SurveyColumn],
    factors: Mapping[str, Fraction],
    with_unit: Mapping[int, int],
    formulas: Mapping[str, str],
    selection: Selection,
    report: Report,
) -> Reading:
    """Describe how a survey was read.

    Parameters
    ----------
    columns
        As read, before repeated enterprises were brought to one record; derived ones included.
    factors
        From the stated unit to the indicator's, by code.
    with_unit
        Cells that were read although they say their unit, by column number.
    formulas
        Of computed indicators, in words, by code.
    """
    unreadable = Counter(table.column_at(f.place) for f in report.findings if f.code in UNREADABLE)
    names = {c: (word, "") for word, c in meaning.special.items()}
    names |= {c: (system.indicator(code).name, code) for code, c in meaning.indicators.items()}
    names |= {c: (f"{h.RAW_PREFIX}{n}", "") for n, c in meaning.raw.items()}
    names |= {c: (f"{h.PARAMETER_PREFIX}{n}", "") for n, c in meaning.parameters.items()}
    described: list[ColumnReading] = []
    for number, heading in table.headings.items():
        meant, code = names.get(number, (NOT_USED, ""))
        cell = table.heading_cell(number).cell
        entry = ColumnReading(
            heading, cell, meant, code, table.units.get(number, ""), values=_entries(table, number),
            unreadable=unreadable[number], from_percent=_percentages(table, number),
            from_text=_texts(table, number, columns.get(code), system), with_unit=with_unit.get(number, 0),
        )  # fmt: skip
        described.append(_counted(entry, columns[code], system, factors) if code in columns else entry)
    for code, column in columns.items():
        if code not in meaning.indicators:
            entry = ColumnReading("", "", system.indicator(code).name, code, derived_from=formulas[code])
            described.append(_counted(entry, column, system, factors))
    used = sum(len(r) for r in selection.records)
    kept = len(selection.records)
    named = len(table.rows) - sum(map(is_blank, table.cells(meaning.special[h.ENTERPRISE])))
    return Reading(
        table.place.file, table.place.sheet, table.heading_row, table.unit_row, rows=len(table.rows),
        nameless=len(table.rows) - named, repeated=max(named - kept, used - kept), duplicate_rule=settings.duplicates,
        missing_codes=settings.missing_codes, enterprises=kept, columns=tuple(described),
    )  # fmt: skip


def _counted(
    entry: ColumnReading, column: SurveyColumn, system: IndicatorSystem, factors: Mapping[str, Fraction]
) -> ColumnReading:
    def count(state: State) -> int:
        return int(np.count_nonzero(column.states == state))

    return replace(
        entry, unit=system.indicator(column.code).unit, factor=_factor(factors.get(column.code)),
        values=count(State.VALUE), missing=count(State.MISSING), not_applicable=count(State.NOT_APPLICABLE),
        non_detect=count(State.NON_DETECT),
    )  # fmt: skip


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


def _texts(table: SurveyTable, number: int, column: SurveyColumn | None, system: IndicatorSystem) -> int:
    cells = table.columns[number]
    if column is None or isinstance(cells, np.ndarray) or system.indicator(column.code).qualitative:
        return 0
    values = (column.states == State.VALUE).tolist()
    return sum(read and isinstance(cell, str) for cell, read in zip(cells, values, strict=True))


def _factor(factor: Fraction | None) -> str:
    if factor is None or factor == 1:
        return "1"
    number = float(factor)
    return f"{number:.10g}" if Fraction(repr(number)) == factor else f"{factor.numerator}/{factor.denominator}"
