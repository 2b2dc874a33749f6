r"""Exact order statistics of a stream: a bracket from a sample, then one counting pass.

A sample of m values of a group brackets the value at share p by its order statistics at the ranks

.. math:: m p \pm 5 \sqrt{m p (1 - p)} .

The pass counts how many values lie below the bracket and keeps those inside it, about a twentieth. If the wanted rank
falls inside, the value at it, the number of values below it and the number at or below it are exact whatever the sample
was; if it does not, or too many values lie inside, the caller takes another way for that column. The scheme is that of
Floyd and Rivest (1975, Communications of the ACM 18:165–172).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from baselines.engines.table import Question, Ranked, ranks_wanted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DEVIATIONS = 5.0
"""Half-width of a bracket in standard deviations of the sample's rank: missed about once in a million."""


def brackets(sample: Floats, shares: Iterable[Fraction]) -> tuple[tuple[float, float], ...]:
    """Closed brackets around the values at some shares, neighbours that overlap joined.

    Parameters
    ----------
    sample : ndarray, shape (m,)
        Keys, ascending is better; NaN are left out.

    Returns
    -------
    tuple of (low, high)
        Ascending. A bracket is open (±inf) where the sample cannot bound it.
    """
    keys = np.sort(sample[~np.isnan(sample)])
    size = len(keys)
    found: list[tuple[float, float]] = []
    for share in sorted(shares):
        middle = size * float(share)
        reach = DEVIATIONS * math.sqrt(size * float(share * (1 - share))) + 1
        low, high = math.floor(middle - reach) - 1, math.ceil(middle + reach)
        ends = (float(keys[low]) if low >= 0 else -math.inf, float(keys[high]) if high < size else math.inf)
        if found and ends[0] <= found[-1][1]:
            ends = (found.pop()[0], ends[1])
        found.append(ends)
    return tuple(found)


@dataclass(slots=True)
class Tally:
    """One column in one group while the stream passes."""

    brackets: tuple[tuple[float, float], ...]
    n: int = 0
    rows: int = 0
    below: list[int] = field(default_factory=list)
    kept: list[list[Floats]] = field(default_factory=list)
    held: int = 0
    """Values kept so far."""

    def __post_init__(self) -> None:
        self.below = [0] * len(self.brackets)
        self.kept = [[] for _ in self.brackets]

    def add(self, keys: Floats) -> None:
        """Take a piece of the stream; NaN are missing."""
        self.rows += len(keys)
        self.n += int(np.count_nonzero(keys == keys))
        for number, (low, high) in enumerate(self.brackets):
            inside = keys <= high
            reached = int(np.count_nonzero(inside))
            inside &= keys >= low
            kept = keys[inside.nonzero()[0]]
            self.below[number] += reached - len(kept)
            self.kept[number].append(kept)
            self.held += len(kept)

    def drop(self) -> None:
        """Give up keeping values; counting goes on."""
        self.brackets, self.below, self.kept, self.held = (), [], [], 0

    def ranked(self, question: Question) -> dict[int, Ranked] | None:
        """Order statistics at the wanted ranks, or None if one lies outside the brackets."""
        if self.n == 0:
            return {}
        wanted = ranks_wanted(self.n, question)
        found: dict[int, Ranked] = {}
        for number, below in enumerate(self.below):
            keys = np.sort(np.concatenate(self.kept[number])) if self.kept[number] else np.empty(0)
            found |= _at_ranks(keys, below, [r for r in wanted if below < r <= below + len(keys)])
        return found if len(found) == len(wanted) else None


def _at_ranks(keys: Floats, below: int, ranks: Sequence[int]) -> dict[int, Ranked]:
    values = keys[np.array(ranks, dtype=np.intp) - below - 1]
    first = np.searchsorted(keys, values, side="left")
    last = np.searchsorted(keys, values, side="right")
    # A closed bracket holds every value equal to one of its own, so both counts are whole.
    return {
        rank: Ranked(float(value), below + int(a), below + int(b))
        for rank, value, a, b in zip(ranks, values, first, last, strict=True)
    }
