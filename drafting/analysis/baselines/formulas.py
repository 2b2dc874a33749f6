"""Formula baselines (≤0.14+0.08n) over the parameter values of the survey: order of the grades and plausible values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from baselines import CurveError, check_curves
from baselines.direction import as_direction
from drafting.findings import Finding, Provenance, finding
from drafting.model.bounds import Bound, BoundKind
from drafting.model.expression import ExpressionError
from drafting.model.survey import Survey
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, Direction, Grade

Number = Fraction | Decimal


def check_formulas(
    indicator: Indicator, bounds: Mapping[Grade, Bound], survey: Survey | None, where: Provenance
) -> list[Finding]:
    """Findings where a better grade is laxer than a worse one, or a value is impossible, at a parameter of the survey.

    Linear formulas are compared at every value that the enterprises report and so over the whole range between them.
    """
    names = tuple(dict.fromkeys(n for b in bounds.values() for n in b.names))
    if not names:
        return []
    first_one = next(g for g, b in bounds.items() if b.names)
    place = where.find("indicator", indicator.code, f"{first_one.chinese}基准值")
    unknown = [n for n in names if not _points(n, survey)]
    if unknown:
        return [finding("formula-levels-parameter", place, indicator=indicator.name, parameter=n) for n in unknown]
    if len(names) != 1 or len(bounds) < len(GRADES):
        return []  # two parameters span a plane; their order is checked enterprise by enterprise through the shares
    (name,) = names
    points = _points(name, survey)
    curves = {g.value: _curve(bounds[g], name, indicator.direction) for g in GRADES}
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


def check_limit(
    indicator: Indicator, bounds: Mapping[Grade, Bound], survey: Survey | None, where: Provenance
) -> list[Finding]:
    """Findings where a grade is laxer than the mandatory limit at a parameter of the survey, one of the two a formula.

    Plain numbers on both sides are compared elsewhere.
    """
    if indicator.mandatory_limit is None or indicator.direction is Direction.QUALITATIVE:
        return []
    limit = indicator.mandatory_limit
    found: list[Finding] = []
    for grade, bound in bounds.items():
        names = tuple(dict.fromkeys((*bound.names, *limit.names)))
        if len(names) != 1:
            continue
        (name,) = names
        one, most = (_curve(b, name, indicator.direction) for b in (bound, limit))
        if one is None or most is None:
            continue
        for at in map(Fraction, _points(name, survey)):
            try:
                value, highest = _value(one, at), _value(most, at)
            except ExpressionError:
                continue  # no value there: check_formulas says so
            if as_direction(indicator.direction.value).sign * (value - highest) > 0:
                found.append(
                    finding(
                        "formula-beyond-limit", where.find("indicator", indicator.code, f"{grade.chinese}基准值"),
                        indicator=indicator.name, grade=grade.chinese[0], found=bound.format(), limit=limit.format(),
                        parameter=name, at=_text(at), value=_text(value), limit_value=_text(highest),
                    )
                )  # fmt: skip
                break
    return found


def known_parameters(bound: Bound, survey: Survey) -> NDArray[np.bool_]:
    """Which enterprises of the survey have every parameter of a bound, shape (E,); all for a bound without any."""
    known = np.ones(len(survey), dtype=np.bool_)
    for name in bound.names:
        known &= np.isfinite(survey.parameters[name]) if name in survey.parameters else False
    return known


def _points(name: str, survey: Survey | None) -> list[Decimal]:
    """Values of a parameter in the survey, rising."""
    if survey is None or name not in survey.parameters:
        return []
    known = survey.parameters[name]
    return [Decimal(repr(float(v))) for v in np.unique(known[np.isfinite(known)])]


def _value(curve: Callable[[Fraction], Fraction] | Decimal, at: Fraction) -> Fraction:
    return Fraction(curve) if isinstance(curve, Decimal) else curve(at)


def _curve(bound: Bound, name: str, direction: Direction) -> Callable[[Fraction], Fraction] | Decimal | None:
    """What a bound asks at each value of a parameter, as it is judged; None where that is no number."""
    expression = bound.expression
    if bound.kind is BoundKind.FORMULA and expression is not None:
        return lambda at: expression.evaluate_exactly({name: at})
    return bound.directed(direction.value).number if bound.judged else None


def _text(number: Fraction) -> str:
    return f"{float(number):.10g}"
