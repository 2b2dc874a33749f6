"""The decimal numbers that doubles print as."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIGITS = 1e15
"""Up to fifteen digits a decimal number is the only one of its length that reads as its double."""


def decimals_of(values: NDArray[np.float64], most: int) -> int:
    """Decimals of the most precise number as it prints, no more than ``most``."""
    for decimals in range(most):
        scale = 10.0**decimals
        with np.errstate(over="ignore"):  # what overflows does not fit
            scaled = np.rint(values * scale)
        fits = np.abs(scaled) < DIGITS
        values = values[~(fits & (scaled / scale == values))]
        if not values.size:
            return decimals
        beyond = ~(np.abs(values) < DIGITS / (scale * 10))
        if beyond.any():
            finest = max(_printed(v) for v in np.unique(values[beyond]).tolist())
            if finest >= most:
                return most
            rest = values[~beyond]
            return max(finest, decimals + 1 if rest.size else 0, decimals_of(rest, most) if rest.size else 0)
    return most


def _printed(value: float) -> int:
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
