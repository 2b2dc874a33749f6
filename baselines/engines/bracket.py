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
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from baselines.engines.table import Ranked, Totals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Marks = NDArray[np.bool_]
    Whole = NDArray[np.int64]
    Part = tuple[Floats, Marks | None, Whole | None]

DEVIATIONS = 5.0
"""Half-width of a bracket in standard deviations of the sample's rank: missed about once in a million."""


def brackets(
    sample: Floats, shares: Iterable[Fraction], weights: Whole | None = None
) -> tuple[tuple[float, float], ...]:
    """Closed brackets around the values at some shares, neighbours that overlap joined.

    Parameters
    ----------
    sample : ndarray, shape (m,)
        Keys, ascending is better; NaN are left out.
    weights : ndarray, shape (m,), optional
        The brackets are then those of Kish's effective number of values.

    Returns
    -------
    tuple of (low, high)
        Ascending. A bracket is open (±inf) where the sample cannot bound it.
    """
    valid = ~np.isnan(sample)
    if weights is None:
        keys = np.sort(sample[valid])
        size: float = len(keys)
        rank = None
    else:
        order = np.argsort(sample[valid])
        keys = sample[valid][order]
        heavy = weights[valid][order] / max(1.0, float(weights.max(initial=0)))
        size = float(heavy.sum() ** 2 / (heavy**2).sum()) if len(keys) else 0.0
        rank = np.cumsum(heavy) / heavy.sum() * size
    found: list[tuple[float, float]] = []
    for share in sorted(shares):
        middle = size * float(share)
        reach = DEVIATIONS * math.sqrt(size * float(share * (1 - share))) + 1
        low, high = math.floor(middle - reach) - 1, math.ceil(middle + reach)
        if rank is not None:
            low, high = (int(at) for at in np.searchsorted(rank, [low, high]))
            low -= 1
        ends = (float(keys[low]) if low >= 0 else -math.inf, float(keys[high]) if high < len(keys) else math.inf)
        if found and ends[0] <= found[-1][1]:
            ends = (found.pop()[0], ends[1])
        found.append(ends)
    return tuple(found)


@dataclass(slots=True)
class Tally:
    """One ranking in one group while the stream passes."""

    brackets: tuple[tuple[float, float], ...]
    n: int = 0
    rows: int = 0
    mass: int = 0
    squares: int = 0
    marked: int = 0
    """Non-detects."""
    below: list[tuple[int, int]] = field(default_factory=list)
    """Number and weight of the keys below each bracket."""
    kept: list[list[Part]] = field(default_factory=list)
    held: int = 0
    """Values kept so far."""

    def __post_init__(self) -> None:
        self.below = [(0, 0)] * len(self.brackets)
        self.kept = [[] for _ in self.brackets]

    @property
    def totals(self) -> Totals:
        """What has passed so far."""
        return Totals(self.n, self.mass, self.squares, self.marked, self.rows - self.n)

    def add(self, keys: Floats, marks: Marks | None = None, weights: Whole | None = None) -> None:
        """Take a piece of the stream; NaN are missing, ``marks`` tell the non-detects."""
        self.rows += len(keys)
        valid = keys == keys
        count = int(np.count_nonzero(valid))
        self.n += count
        if marks is not None:
            self.marked += int(np.count_nonzero(marks & valid))
        if weights is None:
            self.mass += count
            self.squares += count
        else:
            used = weights[valid]
            self.mass += int(used.sum())
            self.squares += _squares(used)
        for number, (low, high) in enumerate(self.brackets):
            inside = keys <= high
            reached = int(np.count_nonzero(inside))
            mass = reached if weights is None else int(weights[inside].sum())
            inside &= keys >= low
            at = inside.nonzero()[0]
            heavy = None if weights is None else weights[at]
            before, lighter = self.below[number]
            mass -= len(at) if heavy is None else int(heavy.sum())
            self.below[number] = (before + reached - len(at), lighter + mass)
            self.kept[number].append((keys[at], None if marks is None else marks[at], heavy))
            self.held += len(at) if heavy is None else 2 * len(at)

    def drop(self) -> None:
        """Give up keeping values; counting goes on."""
        self.brackets, self.below, self.kept, self.held = (), [], [], 0

    def ranked(self, wanted: Iterable[int]) -> dict[int, Ranked] | None:
        """Order statistics at cumulative weights, or None if one lies outside the brackets."""
        targets = set(wanted)
        found: dict[int, Ranked] = {}
        for (below, lighter), parts in zip(self.below, self.kept, strict=True):
            if parts:
                found |= _at_targets(parts, below, lighter, targets - found.keys())
        return found if targets <= found.keys() else None


def _squares(weights: Whole) -> int:
    """Sum of squares, exact."""
    if not len(weights) or int(weights.max()) < 1 << 22:  # squares of a piece stay within 62 bits
        return int(np.dot(weights, weights))
    return sum(w * w for w in weights.tolist())


def _at_targets(parts: list[Part], below: int, lighter: int, targets: Iterable[int]) -> dict[int, Ranked]:
    keys = np.concatenate([keys for keys, _, _ in parts])
    marks = None if parts[0][1] is None else np.concatenate([m for _, m, _ in parts if m is not None])
    weights = None if parts[0][2] is None else np.concatenate([w for _, _, w in parts if w is not None])
    if marks is None and weights is None:
        keys = np.sort(keys)
    else:  # as in baselines.Ranking: a non-detect before a measured value at its limit, then the order of the rows
        order = np.argsort(keys, kind="stable") if marks is None else np.lexsort((~marks, keys))
        keys = keys[order]
        marks = None if marks is None else marks[order]
        weights = None if weights is None else weights[order]
    cumulative = np.arange(1, len(keys) + 1) if weights is None else np.cumsum(weights)
    total = int(cumulative[-1]) if len(cumulative) else 0
    found: dict[int, Ranked] = {}
    for target in targets:
        if not lighter < target <= lighter + total:
            continue
        at = int(np.searchsorted(cumulative, target - lighter))
        # A closed bracket holds every value equal to one of its own, so both counts are whole.
        first = int(np.searchsorted(keys, keys[at], side="left"))
        last = int(np.searchsorted(keys, keys[at], side="right"))
        found[target] = Ranked(
            float(keys[at]), below + at + 1, marks is not None and bool(marks[at]), below + first, below + last,
            lighter + int(cumulative[last - 1]),
        )  # fmt: skip
    return found
