"""Arithmetic on the decimal numbers that doubles print as: exact in between, rounded once to the nearest double.

8.88 % typed as 88.8 ‰ is 8.88 % again, and not 8.879999999999999: outward rounding to the published decimals would
turn such noise into another baseline. Whole numbers below 2⁵³ are exact as doubles, and so is a division's rounding;
what does not fit is computed with whole numbers of any length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from drafting.model.expression_tree import Binary, Call, Name, Negation, Node, Number, whole_exponent
from drafting.model.printed import DIGITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drafting.model.expression import Expression

    Floats = NDArray[np.float64]

_WHOLE = 2.0**53
_PLACES = 9


def multiplied(values: Floats, factor: Fraction, printed: Callable[[float], str] = repr) -> Floats:
    """Multiply the decimal numbers that values print as: 0.07 × 100 is 7, not 7.000000000000001.

    ``values``: NaN stays NaN.
    ``printed``: how a value of more than fifteen digits prints.
    Returns the doubles nearest to the products.
    """
    products = np.full(values.shape, np.nan)
    rest = np.isfinite(values)
    for places in (3, 6, _PLACES):
        share = factor / 10**places
        if share.denominator >= _WHOLE or share.numerator >= _WHOLE:
            continue
        with np.errstate(all="ignore"):  # what overflows does not fit
            whole = np.rint(values * 10.0**places)
            above = whole * float(share.numerator)
            fits = rest & (np.abs(whole) < DIGITS) & (whole / 10.0**places == values) & (np.abs(above) < _WHOLE)
        products[fits] = above[fits] / float(share.denominator)
        rest &= ~fits
        if not rest.any():
            return products
    top, below = factor.as_integer_ratio()
    exact = (Decimal(printed(v)).as_integer_ratio() for v in values[rest].tolist())
    products[rest] = [_quotient(n * top, d * below) for n, d in exact]
    return products


def _quotient(above: int, below: int) -> float:
    """The double nearest to a quotient; division of whole numbers rounds once."""
    try:
        return above / below if below else float("nan")
    except OverflowError:
        return float("inf") if above > 0 else float("-inf")


def computed(expression: Expression, values: Mapping[str, Floats], factor: Fraction = Fraction(1)) -> Floats:
    """Compute a formula over the decimal numbers that values print as, times a factor.

    ``values``: arrays of one length; NaN where unknown.
    Returns the doubles nearest to the exact results; NaN where a value is unknown or a divisor is zero. With sqrt, ln,
    exp or an exponent that is no whole number the formula itself is computed in floats.
    """
    if not _rational(expression.root):
        floats = np.asarray(expression.evaluate(values), dtype=np.float64)
        return multiplied(np.broadcast_to(floats, next(iter(values.values())).shape).copy(), factor)
    rest = np.all([np.isfinite(of) for of in values.values()], axis=0)
    results = np.full(rest.shape, np.nan)
    with np.errstate(all="ignore"):  # what overflows does not fit
        found = _walk(expression.root, {name: _columns(of) for name, of in values.items()}, np.ones(rest.shape))
        top, below = (float(n) if n < _WHOLE else np.inf for n in (found.scale * factor).as_integer_ratio())
        above, below = found.above * top, found.below * below
        fits = rest & found.fits & (np.abs(above) < _WHOLE) & (below < _WHOLE) & (below > 0)
        results[fits] = above[fits] / below[fits]
    rest &= ~fits
    if rest.any():
        exact = {name: _exact(of[rest]) for name, of in values.items()}
        found = _walk(expression.root, exact, np.array([1] * int(rest.sum()), dtype=object))
        top, low = (found.scale * factor).as_integer_ratio()
        results[rest] = [_quotient(n * top, d * low) for n, d in zip(found.above, found.below, strict=True)]
    return results


@dataclass(frozen=True, slots=True)
class _Ratio:
    """Rows of ``scale · above / below``: whole numbers, as doubles or as Python's own; below is not negative."""

    above: Any
    below: Any
    scale: Fraction
    fits: Any
    """Rows in which every number so far was below 2⁵³ and so exact as a double."""

    def made(self, other: _Ratio, above: Any, below: Any, scale: Fraction) -> _Ratio:
        """What an operation with another one gives."""
        return _Ratio(above, below, scale, self.fits & other.fits & _exact_doubles(above) & _exact_doubles(below))


def _exact_doubles(rows: Any) -> Any:
    return True if rows.dtype == object else np.abs(rows) < _WHOLE


def _columns(values: Floats) -> _Ratio:
    """Whole numbers of the column's last decimal; what has too many digits does not fit."""
    places, rest = 0, np.isfinite(values)
    for places in range(_PLACES + 1):
        whole = np.rint(values * 10.0**places)
        rest = rest & ~((np.abs(whole) < DIGITS) & (whole / 10.0**places == values))
        if not rest.any():
            break
    whole = np.rint(values * 10.0**places)
    fits = (np.abs(whole) < DIGITS) & (whole / 10.0**places == values)
    return _Ratio(whole, np.ones(values.shape), Fraction(1, 10**places), fits)


def _exact(values: Floats) -> _Ratio:
    ratios = [Decimal(repr(v)).as_integer_ratio() for v in values.tolist()]
    above, below = np.empty(len(ratios), dtype=object), np.empty(len(ratios), dtype=object)
    above[:], below[:] = [n for n, _ in ratios], [d for _, d in ratios]
    return _Ratio(above, below, Fraction(1), True)


def _rational(node: Node) -> bool:
    match node:
        case Binary("^", left, right):
            return _rational(left) and whole_exponent(right) is not None
        case Binary(_, left, right):
            return _rational(left) and _rational(right)
        case Negation(operand):
            return _rational(operand)
        case Call(function, arguments):
            return function in ("min", "max") and all(map(_rational, arguments))
        case _:
            return True


def _walk(node: Node, values: Mapping[str, _Ratio], ones: Any) -> _Ratio:
    match node:
        case Number(text):
            return _Ratio(ones, ones, Fraction(text), True)
        case Name(name):
            return values[name]
        case Negation(operand):
            of = _walk(operand, values, ones)
            return _Ratio(-of.above, of.below, of.scale, of.fits)
        case Binary("^", left, right):
            return _raised(_walk(left, values, ones), whole_exponent(right) or 0, ones)
        case Binary(operator, left, right):
            return _OPERATIONS[operator](_walk(left, values, ones), _walk(right, values, ones))
        case Call(function, arguments):
            terms = (_walk(argument, values, ones) for argument in arguments)
            return reduce(_least if function == "min" else _most, terms)


def _common(one: _Ratio, two: _Ratio) -> tuple[Any, Any, Any, Fraction]:
    """Both numerators, over their common denominator and scale."""
    top = gcd(one.scale.numerator, two.scale.numerator) or 1
    scale = Fraction(top, lcm(one.scale.denominator, two.scale.denominator))
    left, right = (_times(of.above, int(of.scale / scale)) for of in (one, two))
    return left * two.below, right * one.below, one.below * two.below, scale


def _times(rows: Any, number: int) -> Any:
    if rows.dtype == object:
        return rows * number
    return rows * (float(number) if abs(number) < _WHOLE else np.inf)


def _plus(one: _Ratio, two: _Ratio) -> _Ratio:
    left, right, below, scale = _common(one, two)
    sides = one.made(two, left, right, scale)
    return sides.made(sides, left + right, below, scale)


def _minus(one: _Ratio, two: _Ratio) -> _Ratio:
    return _plus(one, _Ratio(-two.above, two.below, two.scale, two.fits))


def _multiply(one: _Ratio, two: _Ratio) -> _Ratio:
    return one.made(two, one.above * two.above, one.below * two.below, one.scale * two.scale)


def _divide(one: _Ratio, two: _Ratio) -> _Ratio:
    if two.scale == 0:
        return one.made(two, one.above, one.below * 0, Fraction(1))
    # What a zero divided stays so: 1/(1/0) is not 0.
    sign = (np.where(two.above < 0, -1, 1) * (two.below != 0)).astype(two.above.dtype)
    return one.made(two, one.above * two.below * sign, one.below * two.above * sign, one.scale / two.scale)


def _raised(base: _Ratio, exponent: int, ones: Any) -> _Ratio:
    if exponent < 0:
        base = _divide(_Ratio(ones, ones, Fraction(1), True), base)
    result = _Ratio(ones, ones * (base.below != 0), Fraction(1), base.fits)
    for _ in range(abs(exponent)):
        result = _multiply(result, base)
    return result


def _least(one: _Ratio, two: _Ratio) -> _Ratio:
    left, right, below, scale = _common(one, two)
    return one.made(two, left, right, scale).made(two, np.where(left <= right, left, right), below, scale)


def _most(one: _Ratio, two: _Ratio) -> _Ratio:
    left, right, below, scale = _common(one, two)
    return one.made(two, left, right, scale).made(two, np.where(left >= right, left, right), below, scale)


_OPERATIONS: Mapping[str, Callable[[_Ratio, _Ratio], _Ratio]] = {
    "+": _plus, "-": _minus, "*": _multiply, "/": _divide,
}  # fmt: skip
