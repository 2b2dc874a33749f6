"""Intervals of baselines against worked numbers (item C01), scipy and enumeration."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines import (
    Bounds,
    ConfidenceError,
    NoValidValueError,
    Sample,
    ShareError,
    WeightError,
    bootstrap_distribution,
    bootstrap_interval,
    expected_share,
    minimum_n,
    order_statistic_interval,
    order_statistic_intervals,
    order_statistic_ranks,
    probability_share_kept,
    rank_for_share,
)
from baselines.interval import bootstrap_ranks

SHARES = {"I": 0.05, "II": 0.20, "III": 0.50}


def test_worked_ranks(items):
    for row in items["C01"]["rows"]:
        n = row["n"]
        for grade, share in SHARES.items():
            expected = row[grade]
            k = rank_for_share(n, share)
            ranks = order_statistic_ranks(n, share)
            assert k == expected["k"]
            assert [ranks.strict, ranks.lax] == expected["ci95_ranks"], (n, grade)
            assert ranks.coverage == pytest.approx(expected["coverage"], abs=5.1e-5)
            true_share = expected["expected_population_share_reaching_x(k)"]
            assert float(expected_share(n, k)) == pytest.approx(true_share, abs=5.1e-5)
            kept = expected["P(true share reaching x(k) >= p)"]
            assert probability_share_kept(n, k, share) == pytest.approx(kept, abs=5.1e-5)


def test_sample_sizes_a_bound_needs():
    """Baselines of 5, 20 and 50 %: the figures stated in the literature for 95 % distribution-free limits."""
    assert [minimum_n(share) for share in SHARES.values()] == [59, 14, 5]
    assert [minimum_n(share, bounds=Bounds.BOTH) for share in SHARES.values()] == [72, 17, 6]


@given(st.integers(1, 99), st.sampled_from([0.8, 0.9, 0.95, 0.99]), st.sampled_from(list(Bounds)))
def test_minimum_is_where_the_ends_appear(percent, confidence, bounds):
    share = f"{percent}/100"
    n = minimum_n(share, confidence, bounds)

    def ends(size):
        ranks = order_statistic_ranks(size, share, confidence, bounds)
        wanted = {"two-sided": (ranks.strict, ranks.lax), "strict": (ranks.strict,), "lax": (ranks.lax,)}[bounds.value]
        return None not in wanted

    assert ends(n)
    assert n == 1 or not ends(n - 1)


def test_minimum_where_a_logarithm_stands_beside_a_whole_number():
    """Powers that meet the tail exactly, and those an ulp away from it, at every size that is checked in fractions."""
    for n in range(1, 12):
        for base in ("0.5", "0.2", "0.1", "0.9"):
            confidence = float(1 - Fraction(base) ** n)
            tail = 1 - Fraction(repr(confidence))  # as it prints
            smallest = next(m for m in range(1, 40) if Fraction(base) ** m <= tail)
            assert minimum_n(1 - Fraction(base), confidence) == smallest


def test_minimum_of_a_tiny_share_is_found_at_once():
    assert minimum_n("0.000001") == 2_995_731  # ln 0.05 / ln 0.999999 = 2995730.8


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=120),
    st.sampled_from([0.05, 0.2, 0.5, 0.07]),
    # no confidence whose tail a binomial probability can equal: scipy then takes the wider of two low ends
    st.sampled_from([0.903, 0.951]),
    st.sampled_from(["smaller", "larger"]),
    st.sampled_from(list(Bounds)),
)
def test_agrees_with_scipy(values, share, confidence, direction, bounds):
    from scipy.stats import quantile_test

    sign = 1 if direction == "smaller" else -1
    alternative = {"two-sided": "two-sided", "strict": "greater", "lax": "less"}[bounds.value]
    test = quantile_test(sign * np.array(values, float), p=share, alternative=alternative)
    low, high = test.confidence_interval(confidence)
    got = order_statistic_interval(values, direction, share, confidence, bounds)
    better, worse = (got.low, got.high) if direction == "smaller" else (got.high, got.low)
    assert better == (sign * low if np.isfinite(low) else None)
    assert worse == (sign * high if np.isfinite(high) else None)


def test_coverage_by_simulation():
    """Of many samples from a known population the interval holds the true value as often as it says."""
    rng = np.random.default_rng(20)
    n, share, rounds = 40, 0.2, 4000
    ranks = order_statistic_ranks(n, share)
    samples = np.sort(rng.random((rounds, n)), axis=1)
    held = (samples[:, ranks.strict - 1] <= share) & (share <= samples[:, ranks.lax - 1])
    assert held.mean() == pytest.approx(ranks.coverage, abs=4 * np.sqrt(0.03 * 0.97 / rounds))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_bootstrap_by_enumeration(n):
    """All n**n resamples, counted."""
    resamples = np.sort(np.array(list(product(range(n), repeat=n))), axis=1)
    for k in range(1, n + 1):
        counted = [(resamples[:, k - 1] <= j).mean() for j in range(n)]
        assert bootstrap_distribution(n, k) == pytest.approx(counted, abs=1e-12)


def test_bootstrap_interval_is_read_off_its_distribution():
    values = np.arange(1.0, 41.0)
    distribution = bootstrap_distribution(40, 8)
    got = bootstrap_interval(values, "smaller", 0.2)
    assert distribution[int(got.low) - 1] >= 0.025 > distribution[int(got.low) - 2]
    assert distribution[int(got.high) - 1] >= 0.975 > distribution[int(got.high) - 2]
    mirrored = bootstrap_interval(-values, "larger", 0.2)
    assert (mirrored.low, mirrored.high) == (-got.high, -got.low)
    assert 0.95 <= got.ranks.coverage <= 1


@pytest.mark.parametrize(
    ("n", "k", "confidence"),
    [(1, 1, "0.95"), (8, 2, "0.95"), (20, 1, "0.95"), (20, 4, "0.95"), (20, 19, "0.95"), (57, 12, "0.95"),
     (212, 43, "0.95"), (212, 106, "0.9"), (20, 20, "0.01"), (20, 1, "0.01")],
)  # fmt: skip
def test_bootstrap_ranks_are_the_quantiles_of_binomial_sums(n, k, confidence):
    """The k-th best of a resample is among the r best where k of n drawings, each with chance r/n, fall there."""

    def among(r: int) -> Fraction:
        return sum(
            (comb(n, j) * Fraction(r, n) ** j * Fraction(n - r, n) ** (n - j) for j in range(k, n + 1)), Fraction()
        )

    tail = (1 - Fraction(confidence)) / 2
    ranks = bootstrap_ranks(n, k, float(confidence))
    assert ranks.strict is not None
    assert ranks.lax is not None
    assert among(ranks.strict - 1) < tail <= among(ranks.strict)
    assert among(ranks.lax - 1) < 1 - tail <= among(ranks.lax)
    assert ranks.coverage == pytest.approx(float(among(ranks.lax) - among(ranks.strict - 1)), abs=1e-9)


def test_non_detects_open_the_better_end():
    values = np.arange(1.0, 101.0)
    limits = np.full(100, np.nan)
    limits[50] = 60.0  # somewhere below 60, perhaps the best of all
    got = order_statistic_interval(Sample.of(values, detection_limits=limits), "smaller", 0.05)
    plain = order_statistic_interval(values, "smaller", 0.05)
    assert (plain.low, plain.high) == (1.0, 11.0)
    assert (got.low, got.high) == (None, 11.0)
    twenty = order_statistic_interval(Sample.of(values, detection_limits=limits), "smaller", 0.2)
    assert (twenty.low, twenty.high) == (11.0, 29.0)  # one rank stricter: the non-detect may stand before them


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=80),
    st.sampled_from([0.05, 0.2, 0.5]),
    st.sampled_from(["smaller", "larger"]),
    st.sampled_from([1, 3, 0.1, 1 / 3]),
)
def test_equal_weights_give_the_exact_interval(values, share, direction, weight):
    plain = order_statistic_interval(values, direction, share)
    weighted = order_statistic_interval(values, direction, share, weights=[weight] * len(values))
    assert (weighted.low, weighted.high, weighted.ranks, weighted.n) == (plain.low, plain.high, plain.ranks, plain.n)
    assert (plain.exact, weighted.exact) == (True, False)


def test_coverage_with_sampling_weights_by_simulation():
    """Two strata, one of them surveyed five times as densely: weights put the population together again."""
    rng = np.random.default_rng(11)
    large, small = rng.normal(0, 1, 2_000), rng.normal(3, 1, 10_000)
    truth = np.sort(np.concatenate([large, small]))[12_000 // 5 - 1]  # 20 % of all enterprises reach it
    weights = np.repeat([2_000 / 60, 10_000 / 60], 60)
    held = unweighted = 0
    for _ in range(300):
        values = np.concatenate([rng.choice(large, 60, replace=False), rng.choice(small, 60, replace=False)])
        got = order_statistic_interval(values, "smaller", 0.2, weights=weights)
        held += got.low <= truth <= got.high
        plain = order_statistic_interval(values, "smaller", 0.2)
        unweighted += plain.low <= truth <= plain.high
    assert held / 300 > 0.93
    assert unweighted / 300 < 0.1  # an unweighted interval is about another population


def test_a_tail_of_exactly_alpha_is_within_alpha():
    """One enterprise of a population in which 95 % reach the value: it reaches it with exactly 95 %."""
    assert order_statistic_ranks(1, 0.95, 0.95, "strict").strict == 1
    assert order_statistic_ranks(1, 0.05, 0.95, "lax").lax == 1
    assert minimum_n(0.95) == minimum_n(0.05, bounds="lax") == 1
    # 5.0000025 % is more than 5 %.
    assert order_statistic_ranks(1, "0.949999975", 0.95, "strict").strict is None
    assert order_statistic_ranks(1, "0.050000025", 0.95, "lax").lax is None
    assert minimum_n("0.949999975") == minimum_n("0.050000025", bounds="lax") == 2


def test_several_shares_at_once():
    values = np.random.default_rng(9).lognormal(size=150)
    several = order_statistic_intervals(values, "larger", (0.05, 0.2, 0.5), 0.9, "lax")
    assert several == tuple(order_statistic_interval(values, "larger", share, 0.9, "lax") for share in (0.05, 0.2, 0.5))


def test_the_exact_bootstrap_knows_no_weights():
    with pytest.raises(WeightError):
        bootstrap_interval(Sample.of([1.0, 2.0], weights=[1, 2]), "smaller", 0.5)


def test_bad_arguments():
    for confidence in (0, 1, 1.5, float("nan")):
        with pytest.raises(ConfidenceError):
            order_statistic_ranks(10, 0.5, confidence)
    with pytest.raises(ConfidenceError):
        order_statistic_ranks(10, 0.5, 0.95, "upper")
    with pytest.raises(ConfidenceError):
        minimum_n(1)
    with pytest.raises(NoValidValueError):
        order_statistic_ranks(0, 0.5)
    with pytest.raises(ShareError):
        minimum_n(0)
    with pytest.raises(NoValidValueError):
        bootstrap_distribution(5, 6)


@pytest.mark.parametrize("bounds", list(Bounds))
@pytest.mark.parametrize(("n", "share"), [(1, "0.05"), (8, "0.2"), (60, "0.05"), (60, "0.5"), (25, "1")])
def test_coverage_and_ranks_in_fractions(n, share, bounds):
    """P(L ≤ B ≤ U − 1) of Bin(n, p) by its terms; an end that no observation can be is open."""
    p = Fraction(share)
    ranks = order_statistic_ranks(n, share, 0.95, bounds)

    def below(rank):  # P(B < rank)
        return sum((comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(rank)), Fraction())

    tail = Fraction(1, 40 if bounds is Bounds.BOTH else 20)
    strict = [L for L in range(1, n + 1) if below(L) <= tail] if bounds is not Bounds.LAX else []
    lax = [U for U in range(1, n + 1) if 1 - below(U) <= tail] if bounds is not Bounds.STRICT else []
    assert (ranks.strict, ranks.lax) == (max(strict, default=None), min(lax, default=None))
    covered = (1 if ranks.lax is None else below(ranks.lax)) - (0 if ranks.strict is None else below(ranks.strict))
    assert ranks.coverage == pytest.approx(float(covered), abs=1e-12)


def test_no_end_is_a_negative_zero():
    for direction in ("smaller", "larger"):
        got = order_statistic_interval([0.0] * 100, direction, 0.2)
        assert (repr(got.low), repr(got.high)) == ("0.0", "0.0")
