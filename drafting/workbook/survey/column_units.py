"""How each column of a survey is read: its stated unit brought to its indicator's, or the column refused; its rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from drafting.model.settings import Settings
from drafting.model.system import Indicator, IndicatorSystem
from drafting.notation.conversion import UnitError, conversion
from drafting.notation.substances import unborne
from drafting.workbook import headings as h
from drafting.workbook.report import Report
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.missing import missing_codes
from drafting.workbook.survey.table import SurveyTable
from drafting.workbook.survey.values import ColumnRule


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


# --- how a column is read ---------------------------------------------------------------------------------------------
def column_rules(
    judged: Iterable[tuple[str, int]], table: SurveyTable, meaning: Meaning, system: IndicatorSystem,
    settings: Settings, factors: Mapping[str, Fraction],
) -> dict[str, ColumnRule]:  # fmt: skip
    """Rules by the code of an indicator, or by the heading of a raw total or parameter.

    ``judged``: codes and columns of the indicators that are read.
    ``factors``: from the stated unit to the indicator's, by code.
    """
    missing = missing_codes(settings.missing_codes)
    rules: dict[str, ColumnRule] = {}
    for code, column in judged:
        indicator = system.indicator(code)
        wanted = "grade" if indicator.qualitative else "number"
        rules[code] = ColumnRule(
            table.headings[column], indicator.unit, missing, factors[code], wanted, _single(indicator)
        )
    for prefix, named in ((h.RAW_PREFIX, meaning.raw), (h.PARAMETER_PREFIX, meaning.parameters)):
        rules |= {
            prefix + name: ColumnRule(prefix + name, table.units.get(column, ""), missing, wanted="total")
            for name, column in named.items()
        }
    return rules


def _single(indicator: Indicator) -> bool:
    """Whether one baseline serves all grades (5.5.3), or none is written yet."""
    texts = {h.key(b.text) for b in indicator.baselines.values()}
    return len(indicator.baselines) <= 1 or len(texts) == 1
