"""What holds for every survey: shares are kept, grades are ordered, order and mirror images do not matter."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from baselines import Sample, achieved_share, grade_values, publish_grades

DIRECTIONS = st.sampled_from(["smaller", "larger"])
# heaped values make ties, plain floats reach the edges of the doubles
HEAPED = st.integers(-40, 40).map(lambda tenths: tenths / 10)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.lists(HEAPED | FLOATS, min_size=1, max_size=60) | st.lists(HEAPED, min_size=1, max_size=120)
SHARE = st.fractions(Fraction(1, 200), 1, max_denominator=200)
SHARES = st.tuples(SHARE, SHARE, SHARE).map(lambda shares: tuple(sorted(shares)))


@st.composite
def surveys(draw):
    values = draw(VALUES)
    weight = st.integers(0, 9) | st.sampled_from([0.1, 0.2, 0.3, 1 / 3, 1e-9, 1e12])
    weights = draw(st.none() | st.lists(weight, min_size=len(values), max_size=len(values)).filter(any))
    return values, weights


def counted(values, direction, value, weights):
    """Share by plain counting in exact fractions: the second route."""
    units = [Fraction(1)] * len(values) if weights is None else [Fraction(repr(float(w))) for w in weights]
    met = [u for v, u in zip(values, units, strict=True) if (v <= value if direction == "smaller" else v >= value)]
    return sum(met, Fraction(0)) / sum(units)


@given(surveys(), DIRECTIONS, SHARES)
def test_the_share_is_kept_and_no_stricter_value_keeps_it(survey, direction, shares):
    values, weights = survey
    got = grade_values(values, direction, shares, weights)
    for grade, share in zip(got, shares, strict=True):
        exact = counted(values, direction, grade.value, weights)
        assert exact >= share
        assert grade.share == float(exact)
        assert achieved_share(values, direction, grade.value, weights) == float(exact)
        stricter = [v for v in values if (v < grade.value if direction == "smaller" else v > grade.value)]
        assert all(counted(values, direction, v, weights) < share for v in stricter)


@given(surveys(), DIRECTIONS, SHARES, st.integers(-2, 6))
def test_the_share_is_kept_after_rounding(survey, direction, shares, decimals):
    values, weights = survey
    got = publish_grades(values, direction, decimals, shares=shares, weights=weights)
    assert got.survey is not None
    for printed, exact, share in zip(got, got.survey, shares, strict=True):
        assert counted(values, direction, float(printed.value), weights) >= share
        assert printed.share >= exact.share
        assert printed.keeps_share
    assert got.out_of_order == ()


@given(surveys(), DIRECTIONS, SHARES)
def test_grades_are_ordered(survey, direction, shares):
    values, weights = survey
    first, second, third = grade_values(values, direction, shares, weights)
    sign = 1 if direction == "smaller" else -1
    assert sign * first.value <= sign * second.value <= sign * third.value
    assert first.share <= second.share <= third.share


@given(surveys(), DIRECTIONS, SHARES, st.randoms(use_true_random=False))
def test_the_order_of_enterprises_does_not_matter(survey, direction, shares, random):
    values, weights = survey
    order = list(range(len(values)))
    random.shuffle(order)
    shuffled = grade_values([values[i] for i in order], direction, shares, weights and [weights[i] for i in order])
    plain = grade_values(values, direction, shares, weights)
    assert [(g.value, g.share) for g in shuffled] == [(g.value, g.share) for g in plain]


@given(surveys(), SHARES)
def test_both_directions_mirror_each_other(survey, shares):
    values, weights = survey
    smaller = grade_values(values, "smaller", shares, weights)
    larger = grade_values([-value for value in values], "larger", shares, weights)
    assert [(g.value, g.k, g.reached, g.ties, g.share) for g in smaller] == [
        (-g.value, g.k, g.reached, g.ties, g.share) for g in larger
    ]


@given(surveys(), DIRECTIONS, SHARES, st.integers(0, 5))
def test_missing_and_excluded_enterprises_change_nothing(survey, direction, shares, more):
    values, weights = survey
    plain = grade_values(values, direction, shares, weights)
    longer = Sample.of(
        [*values, *[np.nan] * more, -1e9, 1e9],
        excluded=[len(values) + more, len(values) + more + 1],
        weights=None if weights is None else [*weights, *[1] * (more + 2)],
    )
    padded = grade_values(longer, direction, shares)
    assert list(padded) == list(plain)
    assert (padded.n, padded.missing, padded.excluded) == (plain.n, more, 2)


@given(st.lists(st.tuples(HEAPED, st.booleans()), min_size=1, max_size=60), SHARES)
def test_shares_hold_wherever_non_detects_really_lie(entries, shares):
    """Whatever lies below the limits of detection, at least the share reported reaches the value."""
    limits = [value if censored else np.nan for value, censored in entries]
    sample = Sample.of([np.nan if censored else value for value, censored in entries], detection_limits=limits)
    got = grade_values(sample, "smaller", shares)
    truth = [value - 1000.0 if censored else value for value, censored in entries]
    barely = [value - 1e-9 if censored else value for value, censored in entries]
    for grade, share in zip(got, shares, strict=True):
        assert Fraction(grade.reached, grade.n) >= share  # as a float, 2/3 is less than the fraction
        assert achieved_share(truth, "smaller", grade.value) >= grade.share
        assert achieved_share(barely, "smaller", grade.value) == grade.share
