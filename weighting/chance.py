"""Consensus by chance: the S* of a panel whose experts answer at random.

S* of random answers is far from 0, and the more so the more experts and items there are: judgements thrown with dice
give weights that differ little. A figure says something only beside what chance would give.

References
----------
.. [1] Goepel, K. D. (2018). Implementation of an online software tool for the analytic hierarchy process (AHP-OS).
   Int. J. Analytic Hierarchy Process 10(3), 469–487.
.. [2] Hope, A. C. A. (1968). A simplified Monte Carlo significance test procedure. J. R. Statist. Soc. B 30, 582–598.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from weighting.comparison import FloatArray
from weighting.errors import OptionError, PanelError
from weighting.group import consensus_of_many
from weighting.priorities import principal

Answers = Literal["comparisons", "allocations"]
PANELS, POOL, SEED = 1000, 2000, 43329
"""Panels drawn, experts at random they are drawn from, start of the random numbers (the result is a table's)."""
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class ChanceConsensus:
    """What S* comes to by chance.

    Attributes
    ----------
    mean : float
        Of random panels.
    upper : float
        What 95 % of them stay below.
    """

    mean: float
    upper: float


@lru_cache(maxsize=256)
def chance_consensus(experts: int, items: int, answers: Answers = "comparisons") -> ChanceConsensus:
    """S* of experts who answer at random (Monte Carlo, the same figures every time).

    Parameters
    ----------
    experts, items : int
        Of the panel, ≥ 2.
    answers : {"comparisons", "allocations"}
        Judgements drawn evenly from 1/9 … 1 … 9, weighted by the eigenvector; or points drawn evenly from all ways of
        sharing out 100.

    Raises
    ------
    PanelError
        Fewer than two experts or items.
    OptionError
        Unknown kind of answers.
    """
    if experts < 2 or items < 2:
        raise PanelError("chance needs at least two experts and two items", values=(experts, items))
    if answers not in ("comparisons", "allocations"):
        raise OptionError(f"unknown answers {answers!r}; known: comparisons, allocations", values=(answers,))
    rng = np.random.default_rng([SEED, items, answers == "comparisons"])
    pool = _comparisons(rng, items) if answers == "comparisons" else rng.dirichlet(np.ones(items), size=POOL)
    panels = max(100, min(PANELS, 1_000_000 // (experts * items)))
    found = consensus_of_many(pool[rng.integers(0, POOL, size=(panels, experts))])
    return ChanceConsensus(float(found.mean()), float(np.quantile(found, LEVEL)))


def _comparisons(rng: np.random.Generator, items: int) -> FloatArray:
    scale = np.array([1 / k for k in range(9, 1, -1)] + [float(k) for k in range(1, 10)])
    rows, columns = np.triu_indices(items, 1)
    drawn = rng.choice(scale, size=(POOL, len(rows)))
    stack = np.ones((POOL, items, items))
    stack[:, rows, columns], stack[:, columns, rows] = drawn, 1.0 / drawn
    return principal(stack)[0]
