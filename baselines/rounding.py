"""Rounding to published decimals: GB/T 8170—2008 on decimal text, and outward rounding of baselines.

Numbers are taken as written: text by its digits, a float by the shortest text that reads back as it (``repr``).
Python's ``round(2.675, 2)`` rounds the binary number beside 2.675 and answers 2.67; GB/T 8170 asks for 2.68. All
arithmetic here is on integers, in one step, so nothing is lost between the text and the result.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from numbers import Real
from operator import index
from typing import TYPE_CHECKING

from .direction import Direction, as_direction
from .errors import RoundingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NumberLike = Decimal | float | int | str
"""A number as callers write it; text is taken digit by digit."""

# Decimal("1e999999999") is legal text whose plain form fills the memory; the range of doubles is 1e±324.
_LARGEST_EXPONENT = 400
_FAST_DECIMALS = 15


class Comparison(StrEnum):
    """How a measured value is held against a limit (GB/T 8170—2008, clause 4.3)."""

    FULL_VALUE = "full-value"
    """全数值比较法: the value as measured; in force where a draft is silent."""
    ROUNDED_VALUE = "rounded-value"
    """修约值比较法: rounded to the decimals of the limit first."""


def decimal_of(value: NumberLike | Real) -> Decimal:
    """Give the decimal number that ``value`` prints as, trailing zeros kept.

    Raises
    ------
    RoundingError
        For text that is no number, NaN, infinities, booleans, and exponents beyond 400.
    """
    try:
        if isinstance(value, bool):
            raise TypeError  # True is an int to Python, never a measured number
        if isinstance(value, (Decimal, int)):
            exact = Decimal(value)
        elif isinstance(value, float):
            exact = Decimal(repr(float(value)))  # float() first: numpy's float64 prints its type
        elif isinstance(value, str):
            if "_" in value:
                raise ValueError
            exact = Decimal(value.strip())
        elif isinstance(value, Real):  # numpy's float32 by its own shortest text
            exact = Decimal(str(value))
        else:
            raise TypeError
    except (InvalidOperation, ValueError, TypeError):
        raise RoundingError(f"not a decimal number: {value!r}", values=(value,)) from None
    if not exact.is_finite():
        raise RoundingError(f"not a finite number: {value!r}", values=(value,))
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _LARGEST_EXPONENT or abs(exact.adjusted()) > _LARGEST_EXPONENT:
        raise RoundingError(f"a number too large or too small to print: {value!r}", values=(value,))
    return exact


def _scaled(number: Decimal, places: int) -> int:
    """Give ``number * 10**places`` as an integer, for places at least the number's own decimals."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # decimal_of lets finite numbers pass only
    magnitude = int("".join(map(str, digits))) * int(10 ** (exponent + places))
    return -magnitude if sign else magnitude


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def _half_even(dividend: int, divisor: int) -> int:
    quotient, rest = divmod(abs(dividend), divisor)
    if 2 * rest > divisor or (2 * rest == divisor and quotient % 2):
        quotient += 1
    return quotient if dividend >= 0 else -quotient


def _upwards(dividend: int, divisor: int) -> int:
    return -(-dividend // divisor)


def _downwards(dividend: int, divisor: int) -> int:
    return dividend // divisor


def _to_multiple(value: NumberLike, interval: Decimal, divide: Callable[[int, int], int]) -> Decimal:
    """Round to a multiple of ``interval``; the result shows as many decimals as the interval has."""
    number = decimal_of(value)
    places = max(_places(number), _places(interval))
    steps = divide(_scaled(number, places), _scaled(interval, places))
    shown = _places(interval)
    units = steps * _scaled(interval, shown)
    # Built from its digits: Decimal arithmetic would round to the context's 28 figures. An int has no negative zero.
    return Decimal((int(units < 0), tuple(map(int, str(abs(units)))), -shown))


def _unit(decimals: int) -> Decimal:
    try:
        if isinstance(decimals, bool):
            raise TypeError
        places = index(decimals)  # numpy's integers as well
    except TypeError:
        places = _LARGEST_EXPONENT + 1
    if abs(places) > _LARGEST_EXPONENT:
        raise RoundingError(
            f"decimals must be a whole number within ±{_LARGEST_EXPONENT}, not {decimals!r}", values=(decimals,)
        )
    return Decimal((0, (1,), -places))


def _interval(interval: NumberLike) -> Decimal:
    exact = decimal_of(interval)
    if exact <= 0 or exact.normalize().as_tuple().digits not in {(1,), (2,), (5,)}:
        raise RoundingError(
            f"a rounding interval of GB/T 8170 is 1, 0.5 or 0.2 times a power of ten, not {interval!r}",
            values=(interval,),
        )
    return exact


def round_half_even(value: NumberLike, decimals: int) -> Decimal:
    """Round to a number of decimals by GB/T 8170 (四舍六入五成双).

    Parameters
    ----------
    value : Decimal, float, int or str
        Text is taken as written, a float by its ``repr``.
    decimals : int
        Decimals of the result; negative for tens, hundreds …

    Returns
    -------
    Decimal
        With exactly ``decimals`` decimals, trailing zeros kept; no negative zero.

    Raises
    ------
    RoundingError
        If ``value`` is no finite number or ``decimals`` no whole number.

    Notes
    -----
    GB/T 8170—2008, clause 3.2: below half the last place down, above it up, exactly half to the even digit; negative
    numbers by their absolute value; in one step, never successively.

    Examples
    --------
    >>> str(round_half_even("2.675", 2)), str(round_half_even("60.5", 0)), str(round_half_even(1268, -2))
    ('2.68', '60', '1300')
    """
    return _to_multiple(value, _unit(decimals), _half_even)


def round_values(values: NDArray[np.float64], decimals: int) -> NDArray[np.float64]:
    """Round an array: of every number the double nearest to :func:`round_half_even` of it; NaN stays.

    Parameters
    ----------
    values : float array, shape (m,)
    decimals : int

    Raises
    ------
    RoundingError
        For infinite values, and as :func:`round_half_even`.
    """
    import numpy as np

    result = values.copy()
    rest = ~np.isnan(values)
    if 0 <= decimals <= _FAST_DECIMALS:
        scale = 10.0**decimals
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = values * scale
            whole = np.rint(scaled)
            # The decimal number that a double prints as, moved left, lies within 2.3e-16 of the product: unless half a
            # place is as near as that, both round to the same whole number, and its quotient is the nearest double.
            clear = np.abs(np.abs(scaled - whole) - 0.5) > 1e-15 * np.abs(scaled)
        result[clear] = whole[clear] / scale + 0.0  # + 0.0: no negative zero
        rest &= ~clear
    for at in np.flatnonzero(rest).tolist():
        result[at] = float(round_half_even(float(values[at]), decimals))
    return result


def round_to_interval(value: NumberLike, interval: NumberLike) -> Decimal:
    """Round to a rounding interval (修约间隔) of 1, 0.5 or 0.2 times a power of ten by GB/T 8170.

    The 0.5 and 0.2 unit rules of clause 3.4 (take two or five times the number, round, divide back) are rounding to the
    nearest multiple with ties to the even multiple; the result shows the decimals of ``interval``.

    Raises
    ------
    RoundingError
        If ``value`` is no finite number or ``interval`` none that the standard knows.

    Examples
    --------
    >>> str(round_to_interval("60.25", "0.5")), str(round_to_interval("830", "20"))
    ('60.0', '840')
    """
    return _to_multiple(value, _interval(interval), _half_even)


def round_outward(value: NumberLike, decimals: int, direction: Direction | str) -> Decimal:
    """Round a baseline so that every enterprise that reached it still does: up where smaller is better, else down.

    Rounding by GB/T 8170 may lose the very enterprise that set the value (12.34 to 12.3). The share that the rounded
    value gets is to be counted again: it can only grow.

    Raises
    ------
    RoundingError, DirectionError

    Examples
    --------
    >>> str(round_outward("12.34", 1, "smaller")), str(round_outward("88.49", 1, "larger"))
    ('12.4', '88.4')
    """
    return _to_multiple(value, _unit(decimals), _outwards(direction))


def round_outward_to_interval(value: NumberLike, interval: NumberLike, direction: Direction | str) -> Decimal:
    """Round a baseline outward, as :func:`round_outward`, to a multiple of ``interval``."""
    return _to_multiple(value, _interval(interval), _outwards(direction))


def _outwards(direction: Direction | str) -> Callable[[int, int], int]:
    return _upwards if as_direction(direction) is Direction.SMALLER else _downwards


def meets_limit(
    measured: NumberLike,
    operator: str,
    limit: NumberLike,
    comparison: Comparison | str = Comparison.FULL_VALUE,
) -> bool:
    """Say whether a measured value meets a limit, by GB/T 8170—2008, clause 4.3.

    Parameters
    ----------
    measured, limit : Decimal, float, int or str
        The limit's decimals as written decide what the rounded-value comparison rounds to.
    operator : {"<=", ">=", "<", ">", "=="}
        How the limit reads.
    comparison : Comparison or str
        ``"full-value"`` (全数值比较法, default) or ``"rounded-value"`` (修约值比较法).

    Raises
    ------
    RoundingError
        For an unknown operator or comparison, or something that is no number.
    """
    if comparison not in tuple(Comparison):
        raise RoundingError(
            f"comparison must be one of {[c.value for c in Comparison]}, not {comparison!r}", values=(comparison,)
        )
    bound = decimal_of(limit)
    number = decimal_of(measured)
    if comparison == Comparison.ROUNDED_VALUE:
        number = round_half_even(number, _places(bound))
    match operator:
        case "<=":
            return number <= bound
        case ">=":
            return number >= bound
        case "<":
            return number < bound
        case ">":
            return number > bound
        case "==":
            return number == bound
        case _:
            raise RoundingError(f"operator must be one of <=, >=, <, >, ==, not {operator!r}", values=(operator,))
