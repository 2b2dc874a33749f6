"""How each column of a survey is read, whatever the size of the survey."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from drafting.model.settings import Settings
from drafting.model.system import Indicator, IndicatorSystem
from drafting.workbook import headings as h
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.missing import missing_codes
from drafting.workbook.survey.table import SurveyTable
from drafting.workbook.survey.values import ColumnRule


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
