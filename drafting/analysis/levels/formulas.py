"""Formula baselines (≤0.14+0.08n) over the parameter values of the survey: order of the grades and plausible values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np

from baselines import CurveError, check_curves
from drafting.findings import Finding, Provenance, finding
from drafting.model.bounds import Bound, BoundKind
from drafting.model.expression import ExpressionError, parse_expression
from drafting.model.survey import Survey
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, Grade

Number = Fraction | Decimal


def check_formulas(
    indicator: Indicator, bounds: Mapping[Grade, Bound], survey: Survey | None, where: Provenance
) -> list[Finding]:
    """Findings where a better grade is laxer than a worse one, or a value is impossible, at a parameter of the survey.

    Linear formulas are compared at every value that the enterprises report and so over the whole range between them.
    """
    formulas = [b for b in bounds.values() if b.kind is BoundKind.FORMULA and b.expression]
    if not formulas or len(bounds) < len(GRADES):
        return []
    names = tuple(dict.fromkeys(n for b in formulas for n in parse_expression(b.expression or "").names))
    place = where.find("indicator", indicator.code, f"{GRADES[0].chinese}基准值")
    if len(names) != 1:
        return []  # two parameters span a plane; their order is checked enterprise by enterprise through the shares
    (name,) = names
    known = np.empty(0) if survey is None or name not in survey.parameters else survey.parameters[name]
    points = [Decimal(repr(float(v))) for v in np.unique(known[np.isfinite(known)])]
    if not points:
        return [finding("formula-levels-parameter", place, indicator=indicator.name, parameter=name)]
    curves = {g.value: _curve(bounds[g], name) for g in GRADES}
    if any(c is None for c in curves.values()):
        return []
    row = [c for c in curves.values() if c is not None]
    try:
        check = check_curves(row, indicator.direction.value, points, indicator.lower, indicator.upper)
    except (CurveError, ExpressionError):
        return [finding("formula-levels-parameter", place, indicator=indicator.name, parameter=name)]
    found: list[Finding] = []
    if check.disorder:
        first = check.disorder[0]
        found.append(
            finding(
                "formula-levels-disorder", place, indicator=indicator.name, parameter=name, at=_text(first.parameter),
                better=Grade(first.better).chinese[0], worse=Grade(first.worse).chinese[0],
                better_value=f"{first.values[0]:.10g}", worse_value=f"{first.values[1]:.10g}",
            )
        )  # fmt: skip
    for grade in GRADES:
        beyond = next((i for i in check.implausible if i.grade == grade.value), None)
        if beyond is not None:
            found.append(
                finding(
                    "formula-levels-implausible", where.find("indicator", indicator.code, f"{grade.chinese}基准值"),
                    indicator=indicator.name, grade=grade.chinese[0], parameter=name, at=_text(beyond.parameter),
                    value=f"{beyond.value:.10g}", lower="—" if indicator.lower is None else indicator.lower,
                    upper="—" if indicator.upper is None else indicator.upper,
                )
            )  # fmt: skip
    return found


def _curve(bound: Bound, name: str) -> Callable[[Fraction], Fraction] | Decimal | None:
    if bound.kind is BoundKind.FORMULA and bound.expression:
        expression = parse_expression(bound.expression)
        return lambda at: expression.evaluate_exactly({name: at})
    return bound.number if bound.judged else None


def _text(number: Fraction) -> str:
    return f"{float(number):.10g}"
