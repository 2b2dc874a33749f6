"""Exact indices as decimal numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def to_decimal(exact: Fraction) -> Decimal:
    """Write a fraction as a Decimal: exact where it ends, else the decimal text of its nearest double."""
    rest, places = exact.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest, count = rest // prime, count + 1
        places = max(places, count)
    if rest != 1 or places > 400:
        return Decimal(repr(float(exact)))
    digits = tuple(int(digit) for digit in str(exact.numerator * (10**places // exact.denominator)))
    return Decimal((0, digits, -places))
