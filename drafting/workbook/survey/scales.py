"""Two units in one column: numbers that fall into two groups which lie a thousand times or so apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FACTORS = (1e3, 1e4, 1e6)
"""Between units that tables mix: kg and t, t and 万t, g and t; kWh and 万kWh."""
_GAP = 5
"""Powers of two without a value between the groups (more than 2⁵ = 32 times)."""
_SIDES = 2.0
"""How far one group, brought to the other's unit, may lie beyond it."""


def two_scales(values: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp], float] | None:
    """Find the two groups of a column whose values seem to be in two units.

    Parameters
    ----------
    values : ndarray, shape (rows,)
        NaN where there is none; values that are not positive say nothing.

    Returns
    -------
    smaller, larger : ndarray of int
        Positions of the values of either group.
    factor : float
        What would bring the smaller values among the larger ones.
    """
    with np.errstate(invalid="ignore"):
        at = np.flatnonzero(values > 0)
    if at.size < 4:
        return None
    powers = np.frexp(values[at])[1]
    filled = np.flatnonzero(np.bincount(powers - powers.min()))
    steps = np.diff(filled)
    if not steps.size or steps.max() <= _GAP:
        return None
    border = powers.min() + filled[int(steps.argmax())]
    smaller, larger = at[powers <= border], at[powers > border]
    least, most = float(values[larger].min()) / _SIDES, float(values[larger].max()) * _SIDES
    low, high = float(values[smaller].min()), float(values[smaller].max())
    for factor in _FACTORS:
        if least <= low * factor and high * factor <= most:
            return smaller, larger, factor
    return None
