"""Which way is better, and shares as exact fractions: the two words every module of the core speaks."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from .errors import DirectionError, ShareError

ShareLike = Fraction | Decimal | float | int | str
"""A share as callers write it; a float counts as the decimal number it prints as."""

Grade = Literal["I", "II", "III"]
"""Grades of clause 5.5.1: I (标杆), II (准入), III (一般)."""

GRADES: tuple[Grade, Grade, Grade] = ("I", "II", "III")
"""The grades, the strictest first."""

_LARGEST_EXPONENT = 400


class Direction(StrEnum):
    """Which values are better (越小越好, 越大越好)."""

    SMALLER = "smaller"
    LARGER = "larger"

    @property
    def sign(self) -> int:
        """1 where smaller is better, -1 where larger is: ``sign * value`` ascends from the best to the worst."""
        return 1 if self is Direction.SMALLER else -1


def as_direction(direction: Direction | str) -> Direction:
    """Read a direction.

    Raises
    ------
    DirectionError
        For anything but ``"smaller"`` and ``"larger"``.
    """
    try:
        return Direction(direction)
    except ValueError:
        raise DirectionError(
            f"direction must be 'smaller' or 'larger', not {direction!r}", values=(direction,)
        ) from None


def exact_share(share: ShareLike) -> Fraction:
    """Turn a share into the exact fraction that its decimal text means.

    The float ``0.07`` is read as 7/100, not as the binary number next to it: ``math.ceil(100 * 0.07)`` is 8 and sets a
    baseline one rank too lax.

    Parameters
    ----------
    share : Fraction, Decimal, float, int or str
        In (0, 1]; text may be ``"0.05"`` or ``"1/20"``.

    Raises
    ------
    ShareError
        Outside (0, 1] or not a number.
    """
    try:
        if isinstance(share, bool):
            raise TypeError  # True is 1 to Python, never a share
        if isinstance(share, Fraction):
            exact = share
        elif isinstance(share, str) and "/" in share:
            exact = Fraction(share.strip())
        else:
            decimal = Decimal(share if isinstance(share, (Decimal, int, str)) else repr(float(share)))
            # Decimal("1e-999999999") is legal; as a fraction it would fill the memory.
            if not (decimal.is_finite() and abs(decimal.adjusted()) <= _LARGEST_EXPONENT):
                raise ValueError
            exact = Fraction(decimal)
    except (ValueError, ArithmeticError, TypeError):
        raise ShareError(f"a share must be a number in (0, 1], not {share!r}", values=(share,)) from None
    if not 0 < exact <= 1:
        raise ShareError(f"a share must lie in (0, 1], not {share!r}", values=(share,))
    return exact
