r"""The value that a given share of enterprises reaches, and the share that a given value really gets.

Clause 5.5.2 of GB/T 43329—2023 asks for values that 5 %, 20 % and 50 % of the enterprises reach. Here that is the
strictest reported value that *at least* that share reaches: of ``n`` valid enterprises the k-th best,

.. math:: k = \lceil n p \rceil ,

in integer arithmetic. With sampling weights :math:`w` it is the best value :math:`x` with

.. math:: \sum_{i:\, x_i \text{ reaches } x} w_i \ge p \sum_i w_i ,

on weights taken as the decimal numbers they print as, so that no share is lost or won by binary rounding. Both hold in
both directions; reading a quantile function at :math:`1-p` for larger-is-better is one rank too lax whenever :math:`np`
is whole.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from .direction import Direction, ShareLike, as_direction, exact_share
from .errors import BaselineError, CensoredRankError, NotFiniteError, NoValidValueError
from .rounding import NumberLike, decimal_of
from .sample import Sample, State, as_sample
from .sampling_weights import whole_weights

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Definition = Literal["type-2", "type-7"]
"""Interpolating quantile definitions of Hyndman and Fan (1996) offered for comparison; 7 is Excel's PERCENTILE."""


def rank_for_share(n: int, share: ShareLike) -> int:
    """Smallest number k of ``n`` enterprises that makes up the share: ⌈n·p⌉, exact.

    Raises
    ------
    ShareError
        For a share outside (0, 1].
    NoValidValueError
        For ``n`` below 1.

    Examples
    --------
    >>> rank_for_share(20, 0.05), rank_for_share(21, 0.05), rank_for_share(100, 0.07)
    (1, 2, 7)
    """
    if n < 1:
        raise NoValidValueError("no valid enterprise to rank", values=(n,))
    exact = exact_share(share)
    return -(-n * exact.numerator // exact.denominator)


@dataclass(frozen=True, slots=True)
class Attained:
    """A baseline as the survey gives it, and who reaches it.

    Attributes
    ----------
    value : float
        The value, exact as reported.
    k : int
        Its rank from the best; with weights, the rank at which the weighted share is first met.
    n : int
        Valid enterprises.
    reached : int
        Enterprises that reach the value, ties counted.
    ties : int
        Enterprises that report exactly this value.
    share : float
        Share that reaches the value: ``reached / n``, or the weighted share.
    asked : Fraction
        Share asked for.
    censored : bool
        The deciding enterprise is a non-detect: the baseline reads "≤ limit of detection".
    """

    value: float
    k: int
    n: int
    reached: int
    ties: int
    share: float
    asked: Fraction
    censored: bool


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The valid enterprises of a sample from the best to the worst; built once, asked often.

    Attributes
    ----------
    direction : Direction
    keys : ndarray, shape (n,)
        ``direction.sign * value``, ascending. A non-detect stands where it is at worst: at its limit of detection where
        smaller is better, at +inf where larger is better; in an optimistic ranking where it is at best: at -inf where
        smaller is better, at its limit where larger is better.
    censored : ndarray of bool, shape (n,)
    positions : ndarray of int, shape (n,)
        Position of each in the sample.
    cumulative : sequence of int, or None
        Cumulative whole-number weights in the same proportions as the sampling weights; None without weights.
    """

    direction: Direction
    keys: NDArray[np.float64]
    censored: NDArray[np.bool_]
    positions: NDArray[np.intp]
    cumulative: Sequence[int] | NDArray[np.int64] | None = None

    @classmethod
    def of(
        cls,
        values: ArrayLike | Sample,
        direction: Direction | str,
        weights: ArrayLike | None = None,
        *,
        optimistic: bool = False,
    ) -> Ranking:
        """Rank a sample; ``optimistic`` takes non-detects for as good as they may be, else as bad as they may be.

        Raises
        ------
        NoValidValueError
            If nothing is left to rank.
        BaselineError
            As :meth:`Sample.of`.
        """
        way = as_direction(direction)
        sample = as_sample(values, weights)
        positions = np.flatnonzero(sample.counts)
        if not len(positions):
            raise NoValidValueError(
                f"no valid value among {len(sample)} enterprises",
                indices=range(len(sample)),
                values=sample.values.tolist(),
            )
        keys = way.sign * sample.values[positions]
        censored = sample.states[positions] == State.NON_DETECT
        if optimistic == (way is Direction.SMALLER):
            keys[censored] = -np.inf if optimistic else np.inf
        # Ties: a non-detect is no worse than a measured value at its limit; then the order of the survey.
        order = np.lexsort((~censored, keys)) if censored.any() else np.argsort(keys, kind="stable")
        cumulative = None
        if sample.weights is not None:
            whole = whole_weights(sample.weights[positions[order]])
            cumulative = np.cumsum(whole) if isinstance(whole, np.ndarray) else tuple(accumulate(whole))
        return cls(way, keys[order], censored[order], positions[order], cumulative)

    @property
    def n(self) -> int:
        """Number of valid enterprises."""
        return len(self.keys)

    @property
    def values(self) -> NDArray[np.float64]:
        """Values from the best to the worst, as reported; -inf for a non-detect where larger is better."""
        return self.direction.sign * self.keys + 0.0  # + 0.0: no negative zero

    def rank(self, share: ShareLike) -> int:
        """Rank from the best at which the share is first met."""
        if self.cumulative is None:
            return rank_for_share(self.n, share)
        exact = exact_share(share)
        total = int(self.cumulative[-1])
        return bisect_left(self.cumulative, -(-total * exact.numerator // exact.denominator)) + 1

    def value_at(self, rank: int) -> float:
        """Value of the enterprise at a rank from the best.

        Raises
        ------
        CensoredRankError
            If that is a non-detect of a larger-is-better indicator: no value is certain to be reached.
        """
        key = float(self.keys[rank - 1])
        if math.isinf(key):  # survey values are finite: only a non-detect stands at infinity
            at = self.positions[self.censored]
            raise CensoredRankError(
                f"rank {rank} of {self.n} is a non-detect, and larger is better: no value is certain to be reached",
                indices=at,
                values=(rank,),
            )
        return self.direction.sign * key + 0.0

    def reached(self, value: NumberLike) -> int:
        """Count the enterprises that certainly reach a value, ties included."""
        return int(np.searchsorted(self.keys, self.direction.sign * _as_double(value), side="right"))

    def share_of_rank(self, rank: int) -> Fraction:
        """Exact share of the first ``rank`` enterprises."""
        if self.cumulative is None:
            return Fraction(rank, self.n)
        return Fraction(int(self.cumulative[rank - 1]) if rank else 0, int(self.cumulative[-1]))

    def share(self, value: NumberLike) -> Fraction:
        """Exact share of the enterprises that certainly reach a value."""
        return self.share_of_rank(self.reached(value))

    def attain(self, share: ShareLike) -> Attained:
        """Strictest reported value that at least the share reaches."""
        exact = exact_share(share)
        rank = self.rank(exact)
        value = self.value_at(rank)
        reached = self.reached(value)
        better = int(np.searchsorted(self.keys, self.keys[rank - 1], side="left"))
        return Attained(
            value=value,
            k=rank,
            n=self.n,
            reached=reached,
            ties=reached - better,
            share=float(self.share_of_rank(reached)),
            asked=exact,
            censored=bool(self.censored[rank - 1]),
        )


def attained_value(
    values: ArrayLike | Sample, direction: Direction | str, share: ShareLike, weights: ArrayLike | None = None
) -> Attained:
    """Strictest reported value that at least a share of the enterprises reaches.

    Parameters
    ----------
    values : array_like, shape (m,), or Sample
        NaN and None are missing.
    direction : {"smaller", "larger"}
        Which values are better.
    share : Fraction, Decimal, float, int or str
        In (0, 1], taken as its decimal text.
    weights : array_like, shape (m,), optional
        Sampling weights.

    Raises
    ------
    BaselineError
        Empty or all-missing values, infinite values, wrong weights, share or direction; a deciding non-detect where
        larger is better.
    """
    return Ranking.of(values, direction, weights).attain(share)


def achieved_share(
    values: ArrayLike | Sample, direction: Direction | str, value: NumberLike, weights: ArrayLike | None = None
) -> float:
    """Share of the enterprises that reach a value, ties counted.

    Parameters
    ----------
    values : array_like, shape (m,), or Sample
        NaN and None are missing and not counted among the enterprises.
    direction : {"smaller", "larger"}
        Which values are better.
    value : float, int, Decimal or str
        The baseline, exact or published.
    weights : array_like, shape (m,), optional
        Sampling weights.

    Returns
    -------
    float
        In [0, 1]. A non-detect counts where it reaches the value for certain: its limit of detection is at or below a
        smaller-is-better value.

    Raises
    ------
    BaselineError
        As :func:`attained_value`; also for a value that is no finite number.

    Examples
    --------
    >>> achieved_share([8, 8, 10, 12], "smaller", 8)
    0.5
    """
    return float(Ranking.of(values, direction, weights).share(value))


def share_curve(
    values: ArrayLike | Sample, direction: Direction | str, weights: ArrayLike | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the empirical distribution: each distinct value from the best to the worst, and the share that reaches it.

    Returns
    -------
    values, shares : ndarray, shape (d,)
        ``shares[i]`` of the enterprises reach ``values[i]``; rising to 1. Where larger is better, non-detects reach no
        value for certain: they are left out of the curve, which then ends below 1.

    Raises
    ------
    BaselineError
        As :func:`attained_value`.
    """
    ranking = Ranking.of(values, direction, weights)
    last = np.flatnonzero(np.append(ranking.keys[1:] != ranking.keys[:-1], True) & np.isfinite(ranking.keys))
    if ranking.cumulative is None:
        return ranking.values[last], (last + 1) / ranking.n
    return ranking.values[last], np.array([float(ranking.share_of_rank(int(at) + 1)) for at in last])


def expected_share(n: int, k: int) -> Fraction:
    r"""Give the expected share of *all* enterprises that reach the k-th best of a random sample of n: k / (n + 1).

    The share of a continuous population at or beyond its k-th best sample value is Beta(k, n − k + 1) distributed
    (David and Nagaraja 2003, Order Statistics, section 2.5). At n = 8 grade I is the best value, reached by
    1/9, not by 5 %.

    Raises
    ------
    NoValidValueError
        Unless 1 ≤ k ≤ n.
    """
    if not 1 <= k <= n:
        raise NoValidValueError(f"no rank {k} among {n} enterprises", values=(n, k))
    return Fraction(k, n + 1)


def interpolated_value(
    values: ArrayLike | Sample, direction: Direction | str, share: ShareLike, definition: Definition = "type-7"
) -> float:
    """Give what an interpolating quantile would publish: for comparison beside the k-th best, not as a baseline.

    Read from the best in both directions, so that larger-is-better mirrors smaller-is-better.

    Parameters
    ----------
    definition : {"type-7", "type-2"}
        Hyndman and Fan (1996, The American Statistician 50:361–365): 7 is Excel's PERCENTILE (PERCENTILE at 1 − p where
        larger is better), 2 averages where n·p is whole. Both keep 5 %, 20 % and 50 %, but the value may be one that
        nobody reported.

    Raises
    ------
    BaselineError
        As :func:`attained_value`, and for an unknown definition. Unweighted only.
    """
    ranking = Ranking.of(values, direction)
    exact = exact_share(share)
    if definition == "type-7":
        position = (ranking.n - 1) * exact + 1
        low, part = int(position), float(position - int(position))
    elif definition == "type-2":
        position = ranking.n * exact
        low = rank_for_share(ranking.n, exact)
        part = 0.5 if position.denominator == 1 and low < ranking.n else 0.0
    else:
        raise BaselineError(f"definition must be 'type-2' or 'type-7', not {definition!r}", values=(definition,))
    start = ranking.value_at(low)
    if part == 0.0:
        return start
    return between(start, ranking.value_at(low + 1), part)


def between(start: float, end: float, part: float) -> float:
    """Value that lies a part of the way from one to the other, without leaving the range of doubles."""
    step = end - start
    return start + part * step if math.isfinite(step) else start * (1 - part) + end * part


def _as_double(value: NumberLike) -> float:
    """Read a baseline as the double nearest to its text; survey values are such doubles, the order is kept."""
    double = float(decimal_of(value))
    if math.isinf(double):
        raise NotFiniteError(f"beyond the range of numbers: {value!r}", values=(value,))
    return double
