"""The one place where a survey column's stated unit is brought to its indicator's, or the column is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from drafting.model.system import IndicatorSystem
from drafting.notation.conversion import UnitError, conversion
from drafting.notation.substances import unborne
from drafting.workbook.report import Report
from drafting.workbook.survey.table import SurveyTable


@dataclass(frozen=True, slots=True)
class ColumnUnits:
    """Factors from the stated units to the indicators', by code, and the codes whose column must not be used."""

    factors: Mapping[str, Fraction]
    refused: frozenset[str]


def column_units(
    columns: Iterable[tuple[str, int]],
    table: SurveyTable,
    system: IndicatorSystem,
    electricity: Decimal,
    report: Report,
) -> ColumnUnits:
    """Find what leads from each column's unit to the indicator's; a column where nothing does is reported and refused.

    Values in a unit that cannot be converted are no values of the indicator: used as they stand, a plant that states
    g/kWh would be a thousand times as good as it is.
    """
    factors: dict[str, Fraction] = {}
    refused: set[str] = set()
    for code, column in columns:
        indicator, stated = system.indicator(code), table.units.get(column, "")
        factors[code] = Fraction(1)
        if not stated or indicator.qualitative:
            continue
        place = table.place.at(table.unit_row, column) if table.unit_row else table.heading_cell(column)
        values = {"name": indicator.name, "found": stated, "unit": indicator.unit or "无单位"}
        try:
            factors[code] = conversion(stated, indicator.unit, Fraction(electricity))
        except (UnitError, ImportError) as fault:
            refused.add(code)
            word = "survey-unit" if isinstance(fault, UnitError) else "survey-units-need-extra"
            report.add(word, place, **values)
            continue
        if substance := unborne(stated, indicator.unit, indicator.name):
            refused.add(code)
            report.add("survey-substance", place, substance=substance, **values)
    return ColumnUnits(factors, frozenset(refused))
