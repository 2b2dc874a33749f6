"""Formula baselines such as ≤0.14+0.08n: order and plausibility over the range of the parameter, and their share.

A row of formulas can be in order for a small parameter and out of it for a large one: 25+10n passes 55+5n at n = 7.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .attainment import Ranking
from .direction import GRADES, Direction, Grade, as_direction
from .errors import CurveError, LengthError
from .rounding import NumberLike, decimal_of
from .sample import Sample, as_floats, as_sample

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Exact = Fraction | int
Curve = Callable[[Fraction], Exact | float]
"""A formula baseline: takes the parameter as an exact fraction, gives the value there."""


@dataclass(frozen=True, slots=True)
class Linear:
    """The formula a + b·n, exact.

    Attributes
    ----------
    intercept, slope : Fraction
    """

    intercept: Fraction
    slope: Fraction

    @classmethod
    def of(cls, intercept: NumberLike, slope: NumberLike) -> Linear:
        """Take a and b as the decimal numbers they are written as."""
        return cls(Fraction(decimal_of(intercept)), Fraction(decimal_of(slope)))

    def __call__(self, parameter: Exact) -> Fraction:
        """Give the value at a parameter."""
        return self.intercept + self.slope * parameter


@dataclass(frozen=True, slots=True)
class CurveDisorder:
    """At this parameter the better grade is laxer than the worse one."""

    parameter: Fraction
    better: Grade
    worse: Grade
    values: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Implausible:
    """At this parameter a formula leaves the range of plausible values, or is no number."""

    parameter: Fraction
    grade: Grade
    value: float


@dataclass(frozen=True, slots=True)
class CurveCheck:
    """What is wrong with a row of formula baselines; nothing if both are empty.

    Attributes
    ----------
    disorder : tuple of CurveDisorder
    implausible : tuple of Implausible
        Both in the order of the parameter values asked for.
    """

    disorder: tuple[CurveDisorder, ...]
    implausible: tuple[Implausible, ...]


def check_curves(
    curves: Sequence[Curve | NumberLike] | Mapping[Grade, Curve | NumberLike],
    direction: Direction | str,
    parameters: Iterable[NumberLike],
    lower: NumberLike | None = None,
    upper: NumberLike | None = None,
) -> CurveCheck:
    """Check formula baselines of grades I, II and III at every parameter value of a range.

    Parameters
    ----------
    curves : three callables or numbers
        A number is a constant baseline. Functions that do exact arithmetic on fractions are compared exactly.
    direction : {"smaller", "larger"}
    parameters : iterable of numbers
        Where the formulas will be used, for example ``range(1, 21)`` layers. For linear formulas over an interval its
        two ends suffice: a difference of linear functions changes its sign at most once.
    lower, upper : number, optional
        Plausible range of the values, limits included (100 for a percentage).

    Raises
    ------
    CurveError
        Without parameter values, or if a formula cannot be evaluated at one.
    LengthError
        Unless there are three formulas.
    """
    sign = as_direction(direction).sign
    row = [curves[grade] for grade in GRADES if grade in curves] if isinstance(curves, Mapping) else list(curves)
    if len(row) != len(GRADES):
        raise LengthError(f"three formulas are compared, not {len(row)}", values=(len(row),))
    low = None if lower is None else Fraction(decimal_of(lower))
    high = None if upper is None else Fraction(decimal_of(upper))
    points = [Fraction(decimal_of(parameter)) for parameter in parameters]
    if not points:
        raise CurveError("no parameter value to check the formulas at")
    disorder: list[CurveDisorder] = []
    implausible: list[Implausible] = []
    for point in points:
        values = [_evaluate(curve, point) for curve in row]
        for grade, value in zip(GRADES, values, strict=True):
            if value is None:
                implausible.append(Implausible(point, grade, math.nan))
            elif (low is not None and value < low) or (high is not None and value > high):
                implausible.append(Implausible(point, grade, _double(value)))
        for i, (strict, lax) in enumerate(pairwise(values)):
            if strict is not None and lax is not None and sign * strict > sign * lax:
                disorder.append(CurveDisorder(point, GRADES[i], GRADES[i + 1], (_double(strict), _double(lax))))
    return CurveCheck(tuple(disorder), tuple(implausible))


def curve_share(
    values: ArrayLike | Sample,
    parameters: ArrayLike,
    direction: Direction | str,
    curve: Curve,
    weights: ArrayLike | None = None,
) -> float:
    """Share of the enterprises that reach a formula baseline, each at its own parameter, equality included.

    Parameters
    ----------
    values : array_like, shape (m,), or Sample
    parameters : array_like, shape (m,)
        The parameter of each enterprise.
    curve : callable

    Raises
    ------
    CurveError
        If a valid enterprise has no parameter, or the formula gives no number there; all of them at once.
    BaselineError
        As :func:`baselines.achieved_share`.
    """
    way = as_direction(direction)
    sample = as_sample(values, weights)
    at = as_floats(parameters, "parameters")
    if len(at) != len(sample):
        raise LengthError(f"{len(at)} parameters for {len(sample)} enterprises", values=(len(sample), len(at)))
    limits = np.full(len(sample), np.nan)
    for index in np.flatnonzero(sample.counts & ~np.isnan(at)).tolist():
        value = _evaluate(curve, Fraction(repr(float(at[index]))))
        if value is not None:
            limits[index] = _double(value)
    if len(wrong := np.flatnonzero(sample.counts & np.isnan(limits))):
        raise CurveError("no formula value for these enterprises", indices=wrong, values=at[wrong].tolist())
    ranking = Ranking.of(sample, way)
    reaches = ranking.keys <= way.sign * limits[ranking.positions]
    if ranking.cumulative is None:
        return float(Fraction(int(np.count_nonzero(reaches)), ranking.n))
    cumulative = [int(weight) for weight in ranking.cumulative]
    single = [b - a for a, b in zip([0, *cumulative], cumulative, strict=False)]
    met = sum(weight for weight, good in zip(single, reaches.tolist(), strict=True) if good)
    return float(Fraction(met, cumulative[-1]))


def _evaluate(curve: Curve | NumberLike, parameter: Fraction) -> Fraction | None:
    """Value of a formula as a fraction, None where it is no finite number."""
    if not callable(curve):
        return Fraction(decimal_of(curve))
    try:
        value = curve(parameter)
    except ZeroDivisionError:
        return None
    except (ArithmeticError, ValueError, TypeError) as error:
        raise CurveError(f"the formula fails at {parameter}: {error}", values=(parameter,)) from error
    if isinstance(value, float):
        return Fraction(repr(float(value))) if math.isfinite(value) else None
    return Fraction(value)


def _double(value: Fraction) -> float:
    """Give the nearest double, infinite beyond their range: a formula may grow without bound."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
