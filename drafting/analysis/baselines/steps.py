"""The share that reaches a value, as a table of steps: one look instead of a count for every value that is tried."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baselines import Sample
from baselines.sampling_weights import whole_weights
from drafting.model.terms import Direction


@dataclass(frozen=True, slots=True)
class Steps:
    """Distinct values of the valid enterprises from the best to the worst, and the share that reaches each.

    A value between two of them is reached by as many as the better one of the two; one better than all by nobody.
    """

    direction: Direction
    values: tuple[float, ...]
    shares: tuple[float, ...]

    def share(self, value: float) -> float:
        """Share that reaches a value."""
        known = np.array(self.values)
        meets = known <= value if self.direction is Direction.SMALLER else known >= value
        return self.shares[int(meets.sum()) - 1] if meets.any() else 0.0


def steps_of(sample: Sample, direction: Direction) -> Steps | None:
    """Count once for all values; None without a valid value.

    The shares are those of :func:`drafting.analysis.baselines.typed.share_meeting` at each of the values: whole numbers
    are added and divided once, so that nothing depends on the order of adding.
    """
    if not sample.counts.any():
        return None
    values: NDArray[np.float64] = sample.values[sample.counts]
    order = np.argsort(values if direction is Direction.SMALLER else -values, kind="stable")
    ranked = values[order]
    weights = [1] * len(values)
    if sample.weights is not None:
        weights = [int(w) for w in whole_weights(sample.weights[sample.counts])]
    total, reached = sum(weights), 0
    if not total:
        return None
    found: dict[float, float] = {}
    for value, at in zip(ranked.tolist(), order.tolist(), strict=True):
        reached += weights[at]
        found[value] = reached / total  # of whole numbers: rounded once, like the fraction
    return Steps(direction, tuple(found), tuple(found.values()))
