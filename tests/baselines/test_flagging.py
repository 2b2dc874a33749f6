"""Physical limits and fences flag, never drop (item K05)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from baselines import (
    FenceMethod,
    NoValidValueError,
    OutlierError,
    Reason,
    Sample,
    Side,
    flag_fences,
    flag_physical,
    flag_strata,
    mad_log_fences,
    tukey_fences,
    with_and_without,
)


def test_worked_fences(items):
    item = items["K05"]
    fences = tukey_fences(item["data"])
    assert [fences.low, fences.high] == pytest.approx(item["tukey_1.5_type7"])
    flags = flag_fences(item["data"], "smaller", fences)
    assert [flag.value for flag in flags] == item["expected_flagged"]
    assert [(f.index, f.side, f.reason, f.bound) for f in flags] == [(12, Side.BAD, Reason.FENCE, fences.high)]
    both = with_and_without(item["data"], "smaller", [flag.index for flag in flags])
    assert {name: f"{both.with_them[name].value:g}" for name in ("I", "II", "III")} == item["baseline_with"]
    assert both.without is not None
    assert {name: f"{both.without[name].value:g}" for name in ("I", "II", "III")} == item["baseline_without"]
    assert (both.with_them.n, both.without.n, both.without.excluded) == (13, 12, 1)


def test_quartiles_agree_with_numpy():
    for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 57):  # one value is both its quartiles
        values = np.random.default_rng(3).lognormal(size=n)
        low, high = np.percentile(values, [25, 75])
        fences = tukey_fences(values, 3)
        assert (fences.low, fences.high) == pytest.approx((low - 3 * (high - low), high + 3 * (high - low))), n


def test_log_fences_agree_with_scipy():
    values = np.random.default_rng(4).lognormal(size=58)
    fences = mad_log_fences(values)
    spread = stats.median_abs_deviation(np.log(values), scale="normal")
    middle = np.median(np.log(values))
    ends = np.log([fences.low, fences.high])
    assert ends == pytest.approx([middle - 3.5 * spread, middle + 3.5 * spread], rel=1e-4)
    assert fences.method is FenceMethod.MAD_LOG


def test_log_fences_do_not_depend_on_the_unit():
    values = np.random.default_rng(5).lognormal(sigma=2, size=80)
    in_tonnes, in_kilograms = mad_log_fences(values), mad_log_fences(values * 1000)
    assert (in_kilograms.low, in_kilograms.high) == pytest.approx((in_tonnes.low * 1000, in_tonnes.high * 1000))


def test_log_fences_catch_a_good_looking_value_that_tukey_lets_pass():
    values = [0.002, 1.0, 1.2, 1.5, 2.0, 2.4, 3.1, 3.9, 4.6, 5.5]
    assert flag_fences(values, "smaller", tukey_fences(values)) == ()
    (flag,) = flag_fences(values, "smaller", mad_log_fences(values))
    assert (flag.index, flag.side) == (0, Side.GOOD)


def test_fences_by_stratum():
    """0.30 is ordinary among the new plants and suspiciously good among the old ones."""
    new, old = [0.29, 0.30, 0.31, 0.30, 0.29, 0.31], [0.61, 0.30, 0.60, 0.62, 0.63, 0.61, 0.95]
    sample = Sample.of([*new, *old, None], strata=["new"] * 6 + ["old"] * 7 + ["none"])
    pooled = Sample.of([*new, *old])
    assert flag_strata(pooled, "smaller") == ()
    for method in FenceMethod:
        (flag,) = flag_strata(sample, "smaller", method)
        assert (flag.index, flag.value, flag.side) == (7, 0.30, Side.GOOD)
        both = flag_strata(sample, "smaller", method, sides=tuple(Side))
        assert [flag.index for flag in both] == [7, 12]
        (other,) = flag_strata(sample, "larger", method)
        assert (other.index, other.side) == (12, Side.GOOD)
    assert flag_strata(sample, "smaller", "tukey", 100.0) == ()


def test_a_stratum_without_spread_has_no_fences_and_the_others_theirs():
    sample = Sample.of([2.0, 2.0, 2.0, 9.0, 0.01, 1.0, 1.1, 1.2, 1.3], strata=["a"] * 4 + ["b"] * 5)
    assert [flag.index for flag in flag_strata(sample, "smaller", "mad-log")] == [4]


def test_errors_by_stratum_name_positions_in_the_whole_sample():
    sample = Sample.of([1.0, 2.0, 3.0, 0.0], strata=["a", "b", "a", "b"])
    with pytest.raises(OutlierError) as caught:
        flag_strata(sample, "smaller", "mad-log")
    assert caught.value.indices == (3,)
    with pytest.raises(OutlierError):
        flag_strata(sample, "smaller", "sigma")


def test_log_fences_need_positive_values():
    with pytest.raises(OutlierError) as caught:
        mad_log_fences([1.0, 0.0, None, -2.0])
    assert (caught.value.indices, caught.value.values) == ((1, 3), (0.0, -2.0))


def test_no_spread_no_fences():
    assert mad_log_fences([2.0, 2.0, 2.0, 9.0]) is None


def test_log_fences_at_the_edge_of_doubles():
    fences = mad_log_fences([1e-300, 1.0, 1e300])
    assert (fences.low, fences.high) == (0.0, np.inf)


@pytest.mark.parametrize(("direction", "good"), [("smaller", 0), ("larger", 3)])
def test_physical_limits_and_their_good_side(direction, good):
    values = [-1.0, 0.0, 100.0, 100.5, None]
    flags = flag_physical(values, direction, lower=0, upper="100")
    assert [(flag.index, flag.reason) for flag in flags] == [(0, Reason.BELOW_LIMIT), (3, Reason.ABOVE_LIMIT)]
    assert [flag.index for flag in flags if flag.side is Side.GOOD] == [good]


def test_only_counted_measured_values_are_flagged():
    sample = Sample.of([5.0, 50.0, 50.0], detection_limits=[np.nan, 50.0, np.nan], excluded=[2])
    assert flag_physical(sample, "smaller", upper=10) == ()


def test_wrong_limits_and_multipliers():
    with pytest.raises(OutlierError):
        flag_physical([1.0], "smaller", lower=2, upper=1)
    for multiplier in (0, -1, np.nan, np.inf):
        with pytest.raises(OutlierError):
            tukey_fences([1.0, 2.0], multiplier)
    with pytest.raises(NoValidValueError):
        tukey_fences([None])


def test_without_anybody_left():
    assert with_and_without([1.0, 2.0], "smaller", [0, 1, 1]).without is None


def test_the_fences_of_the_literature_unless_told_otherwise():
    """Tukey's 1.5 IQR; 3.5 · 1.4826 MAD of logarithms (Iglewicz and Hoaglin): a value either side of each."""
    evenly = [10.0, 10.0, 20.0, 20.0]  # Q1 = 10, Q3 = 20 with one value below: fence at 10 − 15 = −5
    for worst, flagged in ((-4.999, 0), (-5.0, 0), (-5.001, 1)):
        values = [worst, *evenly, 15.0, 15.0, 10.0, 20.0]
        assert tuple(np.percentile(values, [25, 75])) == (10, 20)
        for sample in (Sample.of(values), Sample.of(values, strata=["a"] * 9)):
            assert len(flag_strata(sample, "smaller")) == flagged
        assert len(flag_fences(values, "smaller", tukey_fences(values))) == flagged
    for reach, flagged in ((3.5 * 1.4826 - 1e-6, 0), (3.5 * 1.4826 + 1e-6, 1)):
        logs = [-reach, -2.0, -1.0, -1.0, 0.0, 1.0, 1.0, 2.0, 1.0]  # median 0, deviations' median 1
        assert (np.median(logs), np.median(np.abs(logs))) == (0, 1)
        values = np.exp(logs)
        assert len(flag_strata(Sample.of(values), "smaller", FenceMethod.MAD_LOG)) == flagged
        assert len(flag_fences(values, "smaller", mad_log_fences(values))) == flagged


def test_one_side_of_the_fences_alone():
    values, fences = [-9.0, 1.0, 2.0, 3.0, 40.0], tukey_fences([1.0, 2.0, 3.0])
    for direction, good, bad in (("smaller", 0, 4), ("larger", 4, 0)):
        found = {side: [flag.index for flag in flag_fences(values, direction, fences, side)] for side in (*Side, None)}
        assert found == {Side.GOOD: [good], Side.BAD: [bad], None: [0, 4]}
