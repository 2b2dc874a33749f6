"""The k-th best value and achieved shares against worked numbers (items V and W)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from baselines import (
    BaselineError,
    CensoredRankError,
    DirectionError,
    NotFiniteError,
    NoValidValueError,
    RoundingError,
    Sample,
    ShareError,
    achieved_share,
    attained_value,
    exact_share,
    expected_share,
    grade_values,
    interpolated_value,
    rank_for_share,
    share_curve,
)
from baselines.sampling_weights import whole_weights

SHARES = {"I": 0.05, "II": 0.20, "III": 0.50}


@pytest.mark.parametrize("case", ["V01", "V02", "V03", "V04", "V06", "V08", "V10", "V12"])
def test_worked_grade_values(items, case):
    item = items[case]
    weights = item.get("weights")
    got = grade_values(item["data"], item["direction"], weights=weights)
    for grade, expected in item["expected_at_least_p"].items():
        assert got[grade].value == float(expected["value"])
        assert got[grade].share == pytest.approx(expected["share"], abs=5e-7)
        if weights is None:
            assert (got[grade].k, got[grade].reached) == (expected["rank"], expected["reach"])
        assert achieved_share(item["data"], item["direction"], expected["value"], weights) == got[grade].share


@pytest.mark.parametrize("case", ["V01", "V02", "V03", "V04", "V06", "V08", "V10"])
@pytest.mark.parametrize("definition", ["type2", "type7"])
def test_worked_interpolating_quantiles(items, case, definition):
    item = items[case]
    for grade, expected in item["expected_HF"][definition].items():
        value = interpolated_value(item["data"], item["direction"], SHARES[grade], definition.replace("type", "type-"))
        assert value == pytest.approx(expected["value"], abs=5e-7)
        assert achieved_share(item["data"], item["direction"], value) == pytest.approx(expected["share"], abs=5e-7)
        assert expected["share_ok"]  # both keep the share: the reason why these two are offered


@pytest.mark.parametrize("case", ["V03", "V04"])
def test_shares_of_definitions_that_are_not_offered(items, case):
    """The recorded shares of all nine definitions, and which of them fall short, follow from our count."""
    item = items[case]
    for grades in item["expected_HF"].values():
        for grade, expected in grades.items():
            share = achieved_share(item["data"], item["direction"], expected["value"])
            assert share == pytest.approx(expected["share"], abs=5e-7)
            assert (share >= SHARES[grade]) is expected["share_ok"]


@pytest.mark.parametrize(
    ("case", "reference"),
    [
        ("W01", "type1_inverse_cdf (svyquantile math/hf1, numpy weights)"),
        ("W02", "type1_inverse_cdf"),
    ],
)
def test_weighted_inverse_distribution(items, case, reference):
    item = items[case]
    for probability, expected in zip(item["probs"], item["expected"][reference], strict=True):
        if probability == 0:
            continue  # the minimum by convention; no share is asked of it
        assert attained_value(item["data"], "smaller", probability, item["weights"]).value == expected


def test_mixtools_convention_breaks_the_share(items):
    item = items["W02"]
    wrong = item["expected"]["mixtools"][0]
    assert achieved_share(item["data"], "smaller", wrong, item["weights"]) == pytest.approx(10 / 55)
    assert attained_value(item["data"], "smaller", 0.25, item["weights"]).value > wrong


def test_discrete_median_is_the_lower_one(items):
    item = items["W04"]
    assert attained_value(item["data"], "smaller", item["p"]).value == item["expected"]["percentile_disc/type1"]


def test_equal_weights_are_no_weights():
    """W06: with equal weights the weighted rule is the inverse of the empirical distribution function."""
    values = np.random.default_rng(7).normal(size=83)
    for share in (0.05, 0.07, 0.14, 0.2, 0.5, 1):
        plain = attained_value(values, "larger", share)
        assert attained_value(values, "larger", share, np.full(83, 0.1)).value == plain.value
        assert attained_value(values, "larger", share, np.full(83, 1 / 3)).value == plain.value


@pytest.mark.parametrize(
    ("n", "share", "k"),
    [
        (100, 0.07, 7),
        (100, 0.14, 14),
        (100, 0.28, 28),
        (100, 0.29, 29),
        (20, 0.05, 1),
        (21, 0.05, 2),
        (212, 0.05, 11),
        (1, 0.05, 1),
        (3, 1, 3),
        (3, "1/3", 1),
        (10, Fraction(3, 10), 3),
        (10, Decimal("0.3"), 3),
        (5_000_000, 0.05, 250_000),
    ],
)
def test_rank_is_whole_arithmetic(n, share, k):
    assert rank_for_share(n, share) == k


def test_float_ceiling_would_be_wrong():
    """Why ranks are computed in whole numbers: the float product of 100 and 7 % or 14 % is above the whole number."""
    assert int(np.ceil(100 * 0.07)) == 8
    assert int(np.ceil(100 * 0.14)) == 15


def test_numpy_floats_are_taken_by_their_text():
    assert exact_share(np.float64(0.07)) == Fraction(7, 100)
    assert exact_share(np.float32(0.5)) == Fraction(1, 2)
    assert exact_share("1e-400") == Fraction(1, 10**400)
    with pytest.raises(ShareError):  # a fraction of so many digits is a way to fill the memory
        exact_share("1e-401")


@pytest.mark.parametrize(
    "share",
    [
        0,
        -0.1,
        1.01,
        float("nan"),
        float("inf"),
        "a half",
        "1/0",
        None,
        True,
        "1e-999999999",
        "1e999999999",
    ],
)
def test_bad_share(share):
    with pytest.raises(ShareError) as caught:
        exact_share(share)
    assert repr(caught.value.values) == repr((share,))


@pytest.mark.parametrize("direction", ["up", "", None, 1, "SMALLER"])
def test_bad_direction(direction):
    with pytest.raises(DirectionError):
        achieved_share([1.0], direction, 1)


def test_empty_and_all_missing():
    for values in ([], [None, float("nan")]):
        with pytest.raises(NoValidValueError):
            attained_value(values, "smaller", 0.5)
    with pytest.raises(NoValidValueError) as caught:
        attained_value([float("nan")] * 3, "larger", 0.5)
    assert caught.value.indices == (0, 1, 2)


def test_bad_baseline_value():
    with pytest.raises(RoundingError):
        achieved_share([1.0, 2.0], "smaller", float("nan"))
    with pytest.raises(NotFiniteError):
        achieved_share([1.0, 2.0], "smaller", Decimal("1e399"))


def test_published_decimal_reaches_the_float_it_came_from():
    assert achieved_share([0.0969, 0.1], "smaller", Decimal("0.0969")) == 0.5
    assert achieved_share([0.0969, 0.1], "smaller", "0.09690") == 0.5
    assert achieved_share([0.1 + 0.2], "smaller", "0.3") == 0.0  # 0.30000000000000004 was measured


def test_weights_are_decimal_numbers():
    """0.1 + 0.2 out of 0.6 is exactly one half, though the binary numbers beside them are not."""
    got = attained_value([1, 2, 3], "smaller", 0.5, [0.1, 0.2, 0.3])
    assert (got.value, got.share, got.k) == (2.0, 0.5, 2)
    ten_sevenths = attained_value(range(100), "larger", "7/100", [0.1] * 100)
    assert (ten_sevenths.value, ten_sevenths.share) == (93.0, 0.07)


@pytest.mark.parametrize(
    "weights",
    [
        [0.1, 0.25, 3],
        [1e-300, 1e300, 1],
        [1 / 3, 2 / 3, 1e-17],
        [1e15, 0.1, 7],
        [5e-324, 1, 1],
        [2.0**61, 2.0**61, 1],
        [2.0**60, 1, 1],
    ],
)
def test_whole_weights_keep_proportions(weights):
    whole = [int(weight) for weight in whole_weights(np.array(weights, dtype=float))]
    exact = [Fraction(repr(float(weight))) for weight in weights]
    assert all(a * whole[0] == b * exact[0] for a, b in zip(exact, whole, strict=True))


def test_sums_of_weights_beyond_64_bits():
    got = attained_value(range(20_000), "smaller", 0.5, np.full(20_000, 9e14))
    assert (got.k, got.share) == (10_000, 0.5)


def test_enterprises_without_weight_do_not_count():
    got = attained_value([1, 2, 3], "smaller", 0.5, [0, 1, 1])
    assert (got.value, got.n, got.share) == (2.0, 2, 0.5)


def test_expected_share():
    assert expected_share(8, 1) == Fraction(1, 9)
    for n, k in ((8, 0), (8, 9)):
        with pytest.raises(NoValidValueError):
            expected_share(n, k)


@pytest.mark.parametrize("weights", [None, [1, 0, 2, 1, 0.5, 0.25]])
@pytest.mark.parametrize("direction", ["smaller", "larger"])
def test_share_curve(direction, weights):
    values = [3.0, 1.0, 2.0, 2.0, np.nan, -0.0]
    at, shares = share_curve(values, direction, weights)
    assert shares.tolist() == [achieved_share(values, direction, float(value), weights) for value in at]
    assert sorted(at.tolist(), reverse=direction == "larger") == at.tolist()
    assert (len(at), shares[-1]) == (4 if weights is None else 3, 1.0)


def test_share_curve_ends_where_non_detects_begin():
    sample = Sample.of([5.0, np.nan], detection_limits=[np.nan, 1.0])
    assert [part.tolist() for part in share_curve(sample, "larger")] == [[5.0], [0.5]]
    assert [part.tolist() for part in share_curve(sample, "smaller")] == [[1.0, 5.0], [0.5, 1.0]]


def test_interpolation_at_the_edge_of_doubles():
    assert interpolated_value([1e308, 1.2e308], "smaller", 0.5) == pytest.approx(1.1e308)
    assert interpolated_value([-1.5e308, 1.5e308], "smaller", 0.5) == 0.0
    with pytest.raises(BaselineError):
        interpolated_value([1, 2], "smaller", 0.5, "type-6")


def test_non_detects_as_worked(items):
    item = items["K01"]
    limits = [float(text[1:]) if text.startswith("<") else np.nan for text in item["data"]]
    values = [np.nan if text.startswith("<") else float(text) for text in item["data"]]
    got = grade_values(Sample.of(values, detection_limits=limits), item["direction"])
    assert [(g.value, g.censored) for g in got] == [(0.5, True), (0.5, True), (0.8, False)]
    assert got.I.share == 0.2
    assert got.non_detects == 2
    assert all(f"{g.value:g}" in item["expected"][name] for name, g in zip(("I", "II", "III"), got, strict=True))


def test_a_non_detect_counts_only_from_its_limit_on():
    sample = Sample.of([np.nan, 1.0, 3.0], detection_limits=[2.0, np.nan, np.nan])
    assert achieved_share(sample, "smaller", 1.9) == pytest.approx(1 / 3)
    assert achieved_share(sample, "smaller", 2) == pytest.approx(2 / 3)
    assert achieved_share(sample, "larger", 0.001) == pytest.approx(2 / 3)


def test_a_non_detect_stands_before_a_value_measured_at_its_limit():
    sample = Sample.of([0.5, np.nan, 0.5], detection_limits=[np.nan, 0.5, np.nan])
    assert [attained_value(sample, "smaller", f"{k}/3").censored for k in (1, 2, 3)] == [True, False, False]
    assert attained_value(sample, "smaller", "1/3").ties == 3


def test_larger_is_better_cannot_rest_on_a_non_detect():
    sample = Sample.of([5.0, np.nan, np.nan], detection_limits=[np.nan, 1.0, 1.0])
    assert attained_value(sample, "larger", "1/3").value == 5.0
    with pytest.raises(CensoredRankError) as caught:
        attained_value(sample, "larger", 0.5)
    assert caught.value.indices == (1, 2)


def test_no_baseline_is_a_negative_zero():
    """Keys are negated where larger is better; "-0.0" would be printed."""
    for direction in ("smaller", "larger"):
        got = attained_value([0.0, -0.0], direction, 1)
        assert (repr(got.value), got.ties) == ("0.0", 2)
        for nought in (0.0, -0.0):
            assert [repr(x) for x in share_curve([nought] * 2, direction)[0].tolist()] == ["0.0"]
