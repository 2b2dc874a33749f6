"""Published weights: decimals that sum to exactly 1.

Rounding each weight by itself breaks the sum for more than half of all 9-item groups at two decimals; here the units of
the last decimal are apportioned by the method of the largest remainder (最大余数法) in whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from weighting.errors import OptionError, PriorityError

MOST_DECIMALS = 9

# Weights that agree to 12 digits are one number computed twice; their remainders tie and the earlier one wins.
_RESOLUTION = 10**12


def apportion(weights: npt.ArrayLike | Sequence[Decimal] | Sequence[Fraction], decimals: int) -> tuple[Decimal, ...]:
    """Normalise the weights and round them so that they sum to exactly 1.

    Each weight gets the whole units 10^−decimals it contains; the units left over go to the largest remainders, ties
    by position. No weight moves by as much as one unit. This always succeeds: with too few decimals a small weight
    becomes 0, which the caller may want to report.

    Parameters
    ----------
    weights : sequence of float, Decimal or Fraction
        Non-negative, not all zero; need not sum to 1.
    decimals : int
        Decimals of the published weights, 1 to 9.

    Returns
    -------
    tuple of Decimal
        In the order given, each with exactly `decimals` decimals.

    Raises
    ------
    PriorityError
        No weights, a negative one or one that is not finite (with its index), or all zero.
    OptionError
        `decimals` outside 1 to 9.

    Examples
    --------
    >>> [str(weight) for weight in apportion([1, 1, 1], 2)]
    ['0.34', '0.33', '0.33']
    """
    if isinstance(decimals, bool) or not isinstance(decimals, int | np.integer) or not 1 <= decimals <= MOST_DECIMALS:
        raise OptionError(f"decimals is a whole number from 1 to {MOST_DECIMALS}, not {decimals!r}", values=(decimals,))
    cells = np.asarray(weights, dtype=object)
    if cells.ndim != 1 or not cells.size:
        raise PriorityError(f"expected one row of weights, got shape {cells.shape}", values=(cells.shape,))
    exact = tuple(_exact(cell) for cell in cells)
    wrong = tuple(i for i, weight in enumerate(exact) if weight is None or weight < 0)
    if wrong:
        found = tuple(cells[i] for i in wrong)
        raise PriorityError(
            f"weights are finite and not negative; weight {wrong[0]} is {found[0]}", indices=wrong, values=found
        )
    numbers = [weight for weight in exact if weight is not None]
    total = sum(numbers, Fraction(0))
    if total == 0:
        raise PriorityError("all weights are zero", indices=tuple(range(len(numbers))), values=tuple(cells))
    fine = [round(weight * _RESOLUTION / total) for weight in numbers]
    units = 10 ** int(decimals)
    shares = [divmod(weight * units, sum(fine)) for weight in fine]
    left = units - sum(whole for whole, _ in shares)
    first = sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))[:left]
    return tuple(
        Decimal(whole + (i in first)).scaleb(-int(decimals)).quantize(Decimal(1).scaleb(-int(decimals)))
        for i, (whole, _) in enumerate(shares)
    )


def _exact(cell: Any) -> Fraction | None:
    """Exact value of any kind of number; None for what is not a finite number."""
    if isinstance(cell, bool | str):
        return None
    try:
        return Fraction(cell if isinstance(cell, int | Decimal | Fraction) else float(cell))
    except (TypeError, ValueError, OverflowError):
        return None
