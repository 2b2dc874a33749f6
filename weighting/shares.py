"""How much each expert of a panel counts, whichever way the panel was asked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from weighting.cells import as_numbers
from weighting.comparison import BoolArray, FloatArray
from weighting.errors import ExpertWeightError, PanelError, ShapeError


def expert_shares(
    expert_weights: npt.ArrayLike | None, experts: int, answered: npt.NDArray[np.bool_] | None = None
) -> FloatArray:
    """Shares of the experts, summing to 1: p_k / Σ p over those who answered; equal without weights.

    Parameters
    ----------
    expert_weights : array_like, shape (experts,), or None
        Non-negative weights of the whole panel, e.g. authority coefficients Cr.
    experts : int
        Size of the panel.
    answered : bool array, shape (experts,), optional
        Who answered; everybody by default.

    Returns
    -------
    ndarray, shape (number of experts who answered,)

    Raises
    ------
    PanelError
        Nobody answered.
    ShapeError
        Not one weight per expert.
    ExpertWeightError
        A weight that is negative or not finite, or none above zero among those who answered; ``indices`` are
        positions in the whole panel.
    """
    there = np.ones(experts, dtype=np.bool_) if answered is None else answered
    if not there.any():
        raise PanelError("the panel is empty", values=(0,))
    if expert_weights is None:
        return np.full(int(there.sum()), 1.0 / int(there.sum()))
    weights = as_numbers(expert_weights)
    if weights.shape != (experts,):
        raise ShapeError(
            f"expected {experts} expert weights, got shape {weights.shape}", values=(weights.shape, experts)
        )
    wrong: BoolArray = ~((weights >= 0) & np.isfinite(weights))
    if wrong.any():
        at = tuple(int(k) for k in np.flatnonzero(wrong))
        raise ExpertWeightError(
            f"the weight of expert {at[0]} is {weights[at[0]]}",
            indices=at,
            values=tuple(float(v) for v in weights[wrong]),
        )
    used: FloatArray = weights[there]
    if not used.any():
        at = tuple(int(k) for k in np.flatnonzero(there))
        raise ExpertWeightError("all expert weights are zero", indices=at, values=(0.0,) * len(at))
    shares: FloatArray = used / used.max()  # first to at most 1, so that the sum of huge weights stays finite
    shares /= shares.sum()
    return shares
