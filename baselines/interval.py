r"""How sure a baseline is: exact order-statistic intervals, the exact bootstrap, and the sample size a bound needs.

Ranks count from the best enterprise, so both directions share one theory. For a simple random sample of n enterprises
the number B that lie beyond the population's p-quantile (from the best) is binomial, and

.. math:: P(x_{(L)} \le q_p \le x_{(U)}) \ge P(L \le B \le U - 1), \qquad B \sim \mathrm{Bin}(n, p)

whatever the distribution, with equality for continuous ones (Thompson 1936, Annals of Mathematical Statistics
7:122–128; Conover 1999, Practical Nonparametric Statistics, section 3.2).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .attainment import Ranking, expected_share, rank_for_share
from .direction import Direction, ShareLike, as_direction, exact_share
from .errors import ConfidenceError, WeightError
from .sample import as_sample

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .sample import Sample


class Bounds(StrEnum):
    """Which ends an interval has."""

    BOTH = "two-sided"
    STRICT = "strict"
    """Only the end on the better side: "the true value is no stricter than this"."""
    LAX = "lax"
    """Only the end on the worse side: "the true value is no laxer than this"."""


@dataclass(frozen=True, slots=True)
class RankInterval:
    """Ranks (from the best, from 1) whose values bound a quantile.

    Attributes
    ----------
    strict, lax : int or None
        Rank of the end on the better and on the worse side; None where no observation can serve.
    coverage : float
        Exact probability (continuous values) that the interval holds the true value; at least the confidence where an
        open end counts as unbounded.
    """

    strict: int | None
    lax: int | None
    coverage: float


@dataclass(frozen=True, slots=True)
class OrderStatisticInterval:
    """Confidence interval of a baseline.

    Attributes
    ----------
    low, high : float or None
        Ends in the unit of the indicator, low ≤ high; None where there is no bound.
    ranks : RankInterval
        Among ``n`` enterprises.
    n : int
        Valid enterprises; with sampling weights the effective number, rounded down.
    confidence : float
        Confidence asked for.
    exact : bool
        Whether the coverage is guaranteed (simple random sample) or approximate (sampling weights).
    """

    low: float | None
    high: float | None
    ranks: RankInterval
    n: int
    confidence: float
    exact: bool = True


def order_statistic_interval(
    values: ArrayLike | Sample,
    direction: Direction | str,
    share: ShareLike,
    confidence: float = 0.95,
    bounds: Bounds | str = Bounds.BOTH,
    weights: ArrayLike | None = None,
) -> OrderStatisticInterval:
    """Give the distribution-free confidence interval of the value that a share of *all* enterprises reaches.

    Parameters
    ----------
    values : array_like, shape (m,), or Sample
        NaN and None are missing. A simple random sample, or a sample with sampling weights.
    direction : {"smaller", "larger"}
        Which values are better.
    share : Fraction, Decimal, float, int or str
        Share of the enterprises, in (0, 1).
    confidence : float
        In (0, 1); the default 95 % is split evenly over both ends.
    bounds : {"two-sided", "strict", "lax"}
        Which ends.
    weights : array_like, shape (m,), optional
        Sampling weights; they replace the sample's own.

    Returns
    -------
    OrderStatisticInterval
        An end that would fall on a non-detect is None where the non-detect leaves it open.

    Raises
    ------
    ConfidenceError
        For an unknown kind of bounds or a confidence outside (0, 1).
    BaselineError
        As :func:`baselines.attained_value`.

    Notes
    -----
    Without weights the same ends as ``scipy.stats.quantile_test(...).confidence_interval()``, which reports a missing
    end as NaN. With sampling weights no exact interval exists: the ranks are those of a simple random sample of Kish's
    effective number of enterprises, read off the weighted distribution at the same shares (the inversion of Woodruff
    1952, Journal of the American Statistical Association 47:635–646, with the effective number as in Korn and Graubard
    1998, Survey Methodology 24:193–201). Equal weights give the exact interval.
    """
    return order_statistic_intervals(values, direction, (share,), confidence, bounds, weights)[0]


def order_statistic_intervals(
    values: ArrayLike | Sample,
    direction: Direction | str,
    shares: Sequence[ShareLike],
    confidence: float = 0.95,
    bounds: Bounds | str = Bounds.BOTH,
    weights: ArrayLike | None = None,
) -> tuple[OrderStatisticInterval, ...]:
    """Give the intervals of several shares, as :func:`order_statistic_interval` does, ranking the enterprises once."""
    way = as_direction(direction)
    sample = as_sample(values, weights)
    pessimistic = Ranking.of(sample, way)
    # The better end holds only if it holds wherever below its limit of detection a non-detect lies.
    optimistic = Ranking.of(sample, way, optimistic=True) if pessimistic.censored.any() else pessimistic
    size = max(1, math.floor(sample.effective_n))
    intervals = []
    for share in shares:
        ranks = order_statistic_ranks(size, share, confidence, bounds)
        better = _end(optimistic, ranks.strict, size)
        worse = _end(pessimistic, ranks.lax, size)
        low, high = (better, worse) if way is Direction.SMALLER else (worse, better)
        intervals.append(OrderStatisticInterval(low, high, ranks, size, confidence, exact=sample.weights is None))
    return tuple(intervals)


def order_statistic_ranks(
    n: int, share: ShareLike, confidence: float = 0.95, bounds: Bounds | str = Bounds.BOTH
) -> RankInterval:
    r"""Ranks that bound the value which a share p of all enterprises reaches, for a sample of n.

    The better end is the rank L with :math:`P(B < L) \le \alpha/2 < P(B \le L)`, the worse end U with
    :math:`P(B \ge U) \le \alpha/2 < P(B \ge U - 1)`, :math:`B \sim \mathrm{Bin}(n, p)`; one end alone takes the whole
    :math:`\alpha`.

    Raises
    ------
    ConfidenceError, ShareError, NoValidValueError

    Examples
    --------
    >>> order_statistic_ranks(8, 0.05).lax, order_statistic_ranks(100, 0.05).strict
    (3, 1)
    """
    exact = exact_share(share)
    rank_for_share(n, exact)  # refuses n < 1
    return _ranks(n, exact, *_tails(confidence, bounds))


@lru_cache(maxsize=4096)
def _ranks(n: int, share: Fraction, strict_tail: float | None, lax_tail: float | None) -> RankInterval:
    strict = None if strict_tail is None else _binomial_quantile(n, share, strict_tail) or None
    lax: int | None = None
    if lax_tail is not None:
        # By symmetry the worse end is the better one of the n − B enterprises on the other side.
        other = _binomial_quantile(n, 1 - share, lax_tail)
        lax = None if other == 0 else n - other + 1
    above = 1.0 if lax is None else binomial_cdf(n, share, lax - 1)
    below = 0.0 if strict is None else binomial_cdf(n, share, strict - 1)
    return RankInterval(strict, lax, above - below)


def probability_share_kept(n: int, k: int, share: ShareLike) -> float:
    """Probability that at least ``share`` of all enterprises reach the k-th best of a random sample of n.

    P(Beta(k, n − k + 1) ≥ p) = P(Bin(n, p) ≤ k − 1); at n = 8 grade I is kept with 66 %, II with 50 %, III with 36 %.

    Raises
    ------
    ShareError, NoValidValueError
    """
    expected_share(n, k)  # refuses ranks outside the sample
    return binomial_cdf(n, exact_share(share), k - 1)


def minimum_n(share: ShareLike, confidence: float = 0.95, bounds: Bounds | str = Bounds.STRICT) -> int:
    r"""Fewest enterprises for which every end of the interval exists.

    The better end needs :math:`(1-p)^n \le \alpha`, the worse end :math:`p^n \le \alpha` (:math:`\alpha/2` for both);
    59, 14 and 5 enterprises for a better end of the grades of clause 5.5.2 at 95 %, 72, 17 and 6 for both ends.

    Raises
    ------
    ConfidenceError, ShareError
        Also for a share of 1, which no sample bounds.
    """
    exact = exact_share(share)
    if exact == 1:
        raise ConfidenceError("no sample bounds the value that all enterprises reach", values=(share,))
    strict_tail, lax_tail = _tails(confidence, bounds)
    return max(
        1 if strict_tail is None else _smallest_power(1 - exact, strict_tail),
        1 if lax_tail is None else _smallest_power(exact, lax_tail),
    )


def bootstrap_distribution(n: int, k: int) -> NDArray[np.float64]:
    r"""Exact distribution function of the bootstrapped k-th best, over the ranks of the original sample.

    A resample's k-th best is at or better than the j-th best of the survey if at least k of its n draws are among the
    best j:

    .. math:: P(X^*_{(k)} \le x_{(j)}) = P(\mathrm{Bin}(n, j/n) \ge k)

    (Hutson and Ernst 2000, Journal of the Royal Statistical Society B 62:89–94). No resampling, no Monte Carlo error.

    Returns
    -------
    ndarray, shape (n,)
        At j = 1 … n, rising to 1.

    Raises
    ------
    NoValidValueError
        Unless 1 ≤ k ≤ n.
    """
    from scipy.special import betainc

    expected_share(n, k)
    return np.asarray(betainc(float(k), float(n - k + 1), np.arange(1, n + 1) / n), dtype=np.float64)


def bootstrap_interval(
    values: ArrayLike | Sample, direction: Direction | str, share: ShareLike, confidence: float = 0.95
) -> OrderStatisticInterval:
    """Give the percentile interval of the exact bootstrap: usually narrower, and short of its coverage if n is small.

    Raises
    ------
    BaselineError
        As :func:`order_statistic_interval`; :class:`WeightError` for a sample with sampling weights, whose bootstrap
        has no such form. A non-detect counts as its limit of detection.
    """
    ranking = Ranking.of(values, direction)
    if ranking.cumulative is not None:
        raise WeightError("the exact bootstrap is for samples without sampling weights")
    ranks = bootstrap_ranks(ranking.n, rank_for_share(ranking.n, share), confidence)
    assert ranks.strict is not None  # the bootstrap's interval
    assert ranks.lax is not None  # has both ends
    ends = sorted((ranking.value_at(ranks.strict), ranking.value_at(ranks.lax)))
    return OrderStatisticInterval(ends[0], ends[1], ranks, ranking.n, confidence)


@lru_cache(maxsize=4096)
def bootstrap_ranks(n: int, k: int, confidence: float = 0.95) -> RankInterval:
    """Ranks between which the bootstrapped k-th best of n lies, by bisection on :func:`bootstrap_distribution`.

    Raises
    ------
    NoValidValueError, ConfidenceError
    """
    from scipy.special import betainc

    expected_share(n, k)  # refuses ranks outside the sample
    tail, _ = _tails(confidence, Bounds.BOTH)
    assert tail is not None  # two-sided intervals have both tails

    def distribution(rank: int) -> float:
        return float(betainc(float(k), float(n - k + 1), rank / n))

    strict = bisect_left(range(1, n + 1), tail, key=distribution) + 1
    lax = bisect_left(range(1, n + 1), 1 - tail, key=distribution) + 1  # 1 at rank n: never beyond it
    return RankInterval(strict, lax, distribution(lax) - distribution(strict - 1))


def binomial_cdf(n: int, share: Fraction, successes: int) -> float:
    """P(Bin(n, p) ≤ successes), 0 ≤ successes ≤ n."""
    from scipy.special import bdtr

    return float(bdtr(float(successes), n, float(share)))


def _binomial_quantile(n: int, share: Fraction, probability: float) -> int:
    """Find the smallest b with P(Bin(n, p) ≤ b) > probability, by bisection on the distribution function."""
    from scipy.special import bdtr

    p, low, high = float(share), -1, n
    # A tail of exactly α, as 0.05**1 beside 5 %, is within α whatever the last bit says.
    above = probability * (1 + 1e-12)
    while high - low > 1:
        middle = (low + high) // 2
        if bdtr(float(middle), n, p) > above:
            high = middle
        else:
            low = middle
    return high


def _tails(confidence: float, bounds: Bounds | str) -> tuple[float | None, float | None]:
    """Probability beyond the better and the worse end."""
    if not 0 < confidence < 1:
        raise ConfidenceError(f"confidence must lie between 0 and 1, not {confidence!r}", values=(confidence,))
    alpha = float(1 - Fraction(repr(float(confidence))))  # 1 - 0.95 in floats is 0.050000000000000044
    match bounds:
        case Bounds.BOTH:
            return alpha / 2, alpha / 2
        case Bounds.STRICT:
            return alpha, None
        case Bounds.LAX:
            return None, alpha
        case _:
            known = [kind.value for kind in Bounds]
            raise ConfidenceError(f"bounds must be one of {known}, not {bounds!r}", values=(bounds,))


def _smallest_power(base: Fraction, ceiling: float) -> int:
    """Smallest n ≥ 1 with base**n ≤ ceiling, 0 < base < 1."""
    # Logarithms of 1 − p through p keep their digits for tiny shares.
    guess = math.log(ceiling) / (math.log1p(-float(1 - base)) if base > Fraction(1, 2) else math.log(base))
    n = max(1, math.ceil(guess))
    if n <= 2000:  # the quotient of logarithms may stand a rounding error beside a whole number
        limit = Fraction(repr(ceiling))
        while n > 1 and base ** (n - 1) <= limit:
            n -= 1
        while base**n > limit:
            n += 1
    return n


def _end(ranking: Ranking, rank: int | None, size: int) -> float | None:
    if rank is None:
        return None
    key = float(ranking.keys[ranking.rank(Fraction(rank, size)) - 1])
    return None if math.isinf(key) else ranking.direction.sign * key + 0.0
