"""Indicators computed from raw totals (原始:NAME) by their own formula, as formulas A.1–A.5 of GB/T 43329 are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from drafting.findings import Cell
from drafting.model.expression import Expression
from drafting.model.formula import formula_fault
from drafting.model.settings import Settings
from drafting.model.survey import Derivation, State, SurveyColumn
from drafting.model.system import Indicator, IndicatorSystem
from drafting.notation.conversion import UnitError
from drafting.workbook.headings import RAW_PREFIX, key
from drafting.workbook.report import Report, suggestion
from drafting.workbook.survey.decimals import computed
from drafting.workbook.survey.formula_units import FormulaUnitError, UnitReading, read_units
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.table import SurveyTable


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an indicator is computed from the raw totals of one survey."""

    reading: UnitReading
    sources: Mapping[str, str]
    """Name in the formula -> name of the raw total, as headed."""
    units: Mapping[str, str]
    """Name in the formula -> its stated unit, blank where there is none."""
    column: int
    """Column of the first raw total of the formula, where findings about a computed value point."""


@dataclass
class Deriver:
    """Computes the indicators that have no column of their own, of a whole survey or piece by piece."""

    system: IndicatorSystem
    settings: Settings
    meaning: Meaning
    report: Report
    recipes: dict[str, Recipe | None] = field(default_factory=dict)
    """By code, as far as the formulas could be read; None where units contradict each other."""

    def derive(
        self, raw: Mapping[str, NDArray[np.float64]], columns: Mapping[str, SurveyColumn], table: SurveyTable
    ) -> dict[str, SurveyColumn]:
        """Compute the rows of a table.

        Where a divisor such as the qualified output is zero or negative, the value is undefined: it is missing and the
        raw cell is reported, once however many indicators use it.

        ``raw``: values by name of the raw total.
        ``columns``: indicators with a column of their own.
        """
        if not raw:
            return {}
        reported: set[tuple[int, int]] = set()
        derived: dict[str, SurveyColumn] = {}
        for indicator in self.system.active:
            if indicator.code in columns or indicator.qualitative or not indicator.formula:
                continue
            if indicator.code not in self.recipes:
                self.recipes[indicator.code] = self._recipe(indicator, table)
            recipe = self.recipes[indicator.code]
            if recipe is not None:
                derived[indicator.code] = self._computed(indicator, recipe, raw, table, reported)
        return derived

    @property
    def factors(self) -> dict[str, Fraction]:
        """From what each formula computes to the indicator's unit, by code."""
        return {code: recipe.reading.factor for code, recipe in self.recipes.items() if recipe is not None}

    @property
    def derivations(self) -> dict[str, Derivation]:
        """How each indicator was computed, by code."""
        return {
            code: Derivation(
                recipe.reading.whole, {n: RAW_PREFIX + source for n, source in recipe.sources.items()}, recipe.units
            )
            for code, recipe in self.recipes.items() if recipe is not None
        }  # fmt: skip

    def in_words(self, code: str) -> str:
        """The formula as the committee wrote it, and how its terms were brought to one unit."""
        formula, recipe = self.system.indicator(code).formula, self.recipes.get(code)
        how = "；".join(conversion.in_words for conversion in recipe.reading.conversions) if recipe else ""
        return f"{formula}（{how}）" if how else str(formula)

    @property
    def columns(self) -> dict[str, int]:
        """Column where a finding about a computed value points, by code."""
        return {code: recipe.column for code, recipe in self.recipes.items() if recipe is not None}

    # --- one indicator -------------------------------------------------------------------------------------------
    def _computed(
        self, indicator: Indicator, recipe: Recipe, raw: Mapping[str, NDArray[np.float64]], table: SurveyTable,
        reported: set[tuple[int, int]],
    ) -> SurveyColumn:  # fmt: skip
        expression, report = recipe.reading.expression, self.report
        totals = {name: raw[source] for name, source in recipe.sources.items()}
        values = computed(expression, totals, recipe.reading.factor)
        known = np.all([np.isfinite(total) for total in totals.values()], axis=0)
        bad = np.zeros(len(table.rows), dtype=np.bool_)
        for name in expression.divisors:
            source = recipe.sources[name]
            column = self.meaning.raw[source]
            with np.errstate(invalid="ignore"):
                wrong = raw[source] <= 0
            bad |= wrong
            for index in map(int, np.flatnonzero(wrong)):
                if (index, column) not in reported:
                    reported.add((index, column))
                    report.add(
                        "survey-divisor", table.cell(index, column), heading=RAW_PREFIX + source,
                        found=f"{raw[source][index]:.10g}", name=indicator.name,
                    )  # fmt: skip
        for index in map(int, np.flatnonzero(known & ~bad & ~np.isfinite(values))):
            report.add(
                "survey-undefined", table.cell(index, recipe.column), name=indicator.name, line=table.line(index)
            )
        values[~known | bad | ~np.isfinite(values)] = np.nan
        states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
        return SurveyColumn(indicator.code, values, states)

    def _recipe(self, indicator: Indicator, table: SurveyTable) -> Recipe | None:
        stated = {name: table.units.get(column, "") for name, column in self.meaning.raw.items()}
        # 综合能耗（tce） in a formula is the column 综合能耗 in tce, whose heading says so too.
        by_key = {key(f"{name}({unit})"): name for name, unit in stated.items() if unit}
        by_key |= {key(name): name for name in self.meaning.raw}
        expression = _expression(indicator, by_key, table.place, self.report)
        if expression is None:
            return None
        sources = {name: by_key[key(name)] for name in expression.names}
        column = self.meaning.raw[next(iter(sources.values()))]
        units = {name: table.units.get(self.meaning.raw[source], "") for name, source in sources.items()}
        reading = self._reading(indicator, expression, sources, units, table)
        return None if reading is None else Recipe(reading, sources, units, column)

    def _reading(
        self, indicator: Indicator, expression: Expression, sources: Mapping[str, str], units: Mapping[str, str],
        table: SurveyTable,
    ) -> UnitReading | None:  # fmt: skip
        """Bring the formula to the indicator's unit; None (reported) where the units contradict each other."""
        report, place = self.report, self.report.cells.get(("indicator", indicator.code, "计算公式"), table.place)
        unstated = [source for name, source in sources.items() if not units[name]]
        facts = {
            "name": indicator.name, "unit": indicator.unit or "无单位",
            "units": "，".join(f"{name}（{unit}）" for name, unit in units.items()),
        }  # fmt: skip
        unchecked = UnitReading(expression, Fraction(1), (), ())
        if unstated:
            headings = "、".join(RAW_PREFIX + source for source in unstated)
            report.add(
                "formula-units-missing", table.heading_cell(self.meaning.raw[unstated[0]]), headings=headings, **facts
            )
            return unchecked
        try:
            reading = read_units(expression, units, indicator.unit, Fraction(self.settings.electricity))
        except ImportError:
            report.add("survey-units-need-extra", place, name=facts["name"], found=facts["units"], unit=facts["unit"])
            return None
        except UnitError as fault:
            report.add("formula-unit-unknown", place, found=fault.found, **facts)
            return None
        except FormulaUnitError as fault:
            factor = f"{float(fault.factor or 0):.10g}"
            code = "dimension" if fault.reason == "power" else fault.reason
            report.add(f"formula-{code}", place, factor=factor, term=fault.term, **facts)
            return unchecked if fault.reason == "coefficients" else None
        for conversion in reading.conversions:
            report.add("formula-term-converted", place, how=conversion.in_words, **facts)
        if reading.coefficients:
            report.add("formula-coefficients-assumed", place, terms="、".join(reading.coefficients), **facts)
        if reading.factor != 1:
            report.add("formula-converted", place, factor=f"{float(reading.factor):.10g}", **facts)
        return reading


def _expression(indicator: Indicator, raw: Mapping[str, str], table: Cell, report: Report) -> Expression | None:
    """Read an indicator's formula; None (reported where raw totals seem meant for it) when it cannot be computed."""
    place = report.cells.get(("indicator", indicator.code, "计算公式"), table)
    formula = indicator.formula
    expression = formula.expression
    if expression is None:
        meant = any(name in key(formula.text) for name in raw)
        if formula.fault is not None and meant and not formula.meant_as_formula:  # else its reader has said so
            reason = formula_fault(formula.fault)
            report.add("formula-unreadable", place, name=indicator.name, found=formula.text[:60], reason=reason)
        return None
    if expression.open_sum:
        if any(key(n) in raw for n in expression.names):
            report.add("formula-open-sum", place, name=indicator.name, found=formula.text[:60])
        return None
    missing = [n for n in expression.names if key(n) not in raw]
    if not missing and expression.names:
        return expression
    if len(missing) < len(expression.names):
        names = "、".join(RAW_PREFIX + n for n in missing)
        report.add(
            "formula-no-raw", place, name=indicator.name, missing=names, suggestion=suggestion(missing[0], raw.values())
        )
    return None
