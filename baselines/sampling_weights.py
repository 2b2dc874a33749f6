"""Sampling weights as whole numbers: sums of them are exact, whatever the order."""

from __future__ import annotations

from decimal import Context, Decimal

import numpy as np
from numpy.typing import NDArray


def whole_weights(weights: NDArray[np.float64]) -> NDArray[np.int64] | list[int]:
    """Whole numbers in the same proportions as the decimal numbers that the weights print as.

    An int64 array where the sum fits, else Python integers of any size.
    """
    for decimals in range(16):
        scale = 10.0**decimals
        if float(weights.max()) * scale >= 1e15:
            break
        scaled = np.rint(weights * scale)
        # Up to 15 digits a decimal number is the only one of its length that reads as this double, so equality means
        # that the weight prints as scaled / scale.
        if np.array_equal(scaled / scale, weights):
            if float(scaled.sum()) < 2.0**62:
                return scaled.astype(np.int64)
            break
    # All moved left by as many places as the longest has decimals; 700 digits hold any two doubles side by side.
    exact = [Decimal(text) for text in map(repr, weights.tolist())]
    places = -min(int(weight.as_tuple().exponent) for weight in exact)
    wide = Context(prec=700)
    return [int(weight.scaleb(places, wide)) for weight in exact]
