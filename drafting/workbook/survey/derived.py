"""Indicators computed from raw totals (原始:NAME) by their own formula, as formulas A.1–A.5 of GB/T 43329 are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from drafting.findings import Cell
from drafting.model.expression import Expression, ExpressionError, parse_expression
from drafting.model.expression_tree import Binary, Call, Negation, Node, names_in
from drafting.model.survey import State, SurveyColumn
from drafting.model.system import Indicator, IndicatorSystem
from drafting.units import UnitError
from drafting.workbook.headings import RAW_PREFIX, key
from drafting.workbook.report import Report, suggestion
from drafting.workbook.survey.decimals import computed
from drafting.workbook.survey.formula_units import FormulaUnitError, formula_factor
from drafting.workbook.survey.table import Meaning, SurveyTable

if TYPE_CHECKING:
    from numpy.typing import NDArray


def derive(
    system: IndicatorSystem,
    meaning: Meaning,
    raw: Mapping[str, NDArray[np.float64]],
    columns: Mapping[str, SurveyColumn],
    table: SurveyTable,
    report: Report,
    factors: dict[str, Fraction],
) -> dict[str, SurveyColumn]:
    """Compute the indicators that have no column of their own.

    Where a divisor such as the qualified output is zero or negative, the value is undefined: it is missing and the raw
    cell is reported, once however many indicators use it.
    """
    if not raw:
        return {}
    by_key = {key(name): name for name in raw}
    reported: set[tuple[int, int]] = set()
    derived: dict[str, SurveyColumn] = {}
    for indicator in system.active:
        if indicator.code in columns or indicator.qualitative or not indicator.formula:
            continue
        expression = _expression(indicator, by_key, table.place, report)
        if expression is None:
            continue
        names = {name: by_key[key(name)] for name in expression.names}
        units = {name: table.units.get(meaning.raw[source], "") for name, source in names.items()}
        factor = _factor(indicator, expression, units, report)
        values = computed(expression, {name: raw[source] for name, source in names.items()}, factor or Fraction(1))
        known = np.all([np.isfinite(raw[source]) for source in names.values()], axis=0)
        bad = np.zeros(len(table.rows), dtype=np.bool_)
        for name in dict.fromkeys(_divisors(expression.root)):
            source = names[name]
            column = meaning.raw[source]
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
            column = meaning.raw[next(iter(names.values()))]
            report.add("survey-undefined", table.cell(index, column), name=indicator.name, row=table.rows[index])
        if factor is None:
            continue
        factors[indicator.code] = factor
        values[~known | bad | ~np.isfinite(values)] = np.nan
        states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
        derived[indicator.code] = SurveyColumn(indicator.code, values, states)
    return derived


def _factor(indicator: Indicator, expression: Expression, units: Mapping[str, str], report: Report) -> Fraction | None:
    """From what the formula computes to the indicator's unit; None (reported) where the units contradict each other.

    Totals without a stated unit cannot be checked; the formula is then taken to give the indicator's unit.
    """
    if not all(units.values()):
        return Fraction(1)
    place = report.cells[("indicator", indicator.code, "计算公式")]
    stated = "，".join(f"{name}（{unit}）" for name, unit in units.items())
    try:
        factor = formula_factor(expression, units, indicator.unit)
    except ImportError:
        report.add("survey-units-need-extra", place, name=indicator.name, found=stated, unit=indicator.unit or "无单位")
        return None
    except UnitError as fault:
        report.add("formula-unit-unknown", place, name=indicator.name, found=fault.found, units=stated)
        return None
    except FormulaUnitError as fault:
        wanted = {"name": indicator.name, "units": stated, "unit": indicator.unit or "无单位"}
        if fault.reason == "scale":
            report.add("formula-scale", place, **wanted, factor=f"{float(fault.factor or 0):.10g}")
        else:
            report.add("formula-sum" if fault.reason == "sum" else "formula-dimension", place, **wanted)
        return None
    if factor != 1:
        report.add(
            "formula-converted",
            place,
            name=indicator.name,
            units=stated,
            unit=indicator.unit,
            factor=f"{float(factor):.10g}",
        )
    return factor


def _expression(indicator: Indicator, raw: Mapping[str, str], table: Cell, report: Report) -> Expression | None:
    """Read an indicator's formula; None (reported where raw totals seem meant for it) when it cannot be computed."""
    place = report.cells.get(("indicator", indicator.code, "计算公式"), table)
    formula = indicator.formula.split("=", 1)[-1] if indicator.formula.count("=") == 1 else indicator.formula
    try:
        expression = parse_expression(formula)
    except ExpressionError as fault:
        if any(name in key(indicator.formula) for name in raw):
            at = "" if fault.position is None else f"第 {fault.position + 1} 个字符“{fault.detail}”处"
            report.add("formula-unreadable", place, name=indicator.name, found=indicator.formula[:60], at=at)
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


def _divisors(node: Node) -> Iterator[str]:
    """Names that stand below a fraction bar."""
    if isinstance(node, Binary):
        if node.operator == "/":
            yield from names_in(node.right)
        yield from _divisors(node.left)
        yield from _divisors(node.right)
    elif isinstance(node, Negation):
        yield from _divisors(node.operand)
    elif isinstance(node, Call):
        for argument in node.arguments:
            yield from _divisors(argument)
