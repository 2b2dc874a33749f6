"""Published weights: sum exactly 1, nothing moved by a whole unit, ties by position."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.weighting.judgement_matrices import from_upper
from weighting import OptionError, PriorityError, apportion, priorities


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.integers(1, 9))
def test_sum_and_movement(weights: list[float], decimals: int) -> None:
    total = sum(map(Fraction, weights))
    assume(total > 1e-300)
    published = apportion(weights, decimals)
    assert sum(published) == 1
    unit = Decimal(1).scaleb(-decimals)
    for weight, decimal in zip(weights, published, strict=True):
        assert decimal.as_tuple().exponent == -decimals
        assert 0 <= decimal <= 1
        assert abs(Fraction(decimal) - Fraction(weight) / total) < Fraction(unit)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=20), st.integers(1, 6))
def test_largest_remainders_by_a_second_route(counts: list[int], decimals: int) -> None:
    """Hand out the units one at a time to whoever is farthest below its exact share after the floors."""
    units, total = 10**decimals, sum(counts)
    seats = [count * units // total for count in counts]
    behind = [Fraction(count * units, total) - seat for count, seat in zip(counts, seats, strict=True)]
    while sum(seats) < units:
        at = behind.index(max(behind))
        seats[at] += 1
        behind[at] -= 1
    resolvable = all(a == b or abs(a - b) > Fraction(units, 10**11) for i, a in enumerate(behind) for b in behind[:i])
    assume(resolvable)  # closer shares than 1e-11 count as ties, by position
    assert [int(weight * units) for weight in apportion(counts, decimals)] == seats


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=20), st.integers(1, 6))
def test_larger_weights_are_not_published_smaller(counts: list[int], decimals: int) -> None:
    published = apportion(counts, decimals)
    for i, a in enumerate(counts):
        for j, b in enumerate(counts):
            assert not (a > b and published[i] < published[j])


def test_ties_by_position() -> None:
    assert [str(w) for w in apportion([1, 1, 1], 2)] == ["0.34", "0.33", "0.33"]
    assert [str(w) for w in apportion([2, 1, 2, 1], 1)] == ["0.3", "0.2", "0.3", "0.2"]


def test_equal_weights_tie_although_their_last_bits_differ() -> None:
    sixth = 1 / 6
    noisy = [np.nextafter(sixth, 0), sixth, np.nextafter(sixth, 1), sixth, np.nextafter(sixth, 1), sixth]
    assert [str(w) for w in apportion(noisy, 2)] == ["0.17", "0.17", "0.17", "0.17", "0.16", "0.16"]


def test_any_kind_of_number() -> None:
    expected = (Decimal("0.125"), Decimal("0.875"))
    for weights in ([0.125, 0.875], [Decimal("0.125"), Decimal("0.875")], [Fraction(1, 8), Fraction(7, 8)], [1, 7]):
        assert apportion(weights, 3) == expected
    assert apportion(np.array([1, 7]), 3) == expected
    assert apportion([1], 3) == (Decimal("1.000"),)


def test_too_few_decimals_make_a_small_weight_vanish_and_the_sum_still_holds() -> None:
    assert apportion([0.97, 0.02, 0.01], 1) == (Decimal("1.0"), Decimal("0.0"), Decimal("0.0"))


def test_naive_rounding_would_often_miss() -> None:
    """What the function is for: about half of random 9×9 matrices do not sum to 1 when rounded one by one."""
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(200):
        weights = priorities(from_upper(list(rng.choice([1 / 5, 1 / 3, 1, 3, 5], 36)), 9))
        missed += round(sum(round(w, 2) for w in weights), 2) != 1
        assert sum(apportion(weights, 2)) == 1
    assert missed > 60


@pytest.mark.parametrize("decimals", [0, -1, 10, 2.0, True, "2"])
def test_decimals_out_of_range(decimals: object) -> None:
    with pytest.raises(OptionError):
        apportion([1, 2], decimals)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize("bad", [-0.1, float("nan"), float("inf"), None, "x", Decimal("NaN")])
def test_weights_at_fault(bad: object) -> None:
    with pytest.raises(PriorityError) as caught:
        apportion([0.5, bad], 2)  # type: ignore[list-item]  # the point of the test
    assert caught.value.indices == (1,)


@pytest.mark.parametrize("weights", [[], [0, 0], [[0.5, 0.5]], 1.0])
def test_no_weights_to_speak_of(weights: object) -> None:
    with pytest.raises(PriorityError):
        apportion(weights, 2)  # type: ignore[arg-type]  # the point of the test
