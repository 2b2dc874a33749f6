"""Samples: states, weights, wrong input; one record per enterprise (item K03)."""

from __future__ import annotations

import pickle
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines import (
    BaselineError,
    DuplicateRecordError,
    DuplicateRule,
    LengthError,
    NotFiniteError,
    NotNumericError,
    NoValidValueError,
    Sample,
    State,
    WeightError,
    collapse,
    grade_values,
    mean_value,
    one_per_enterprise,
)
from baselines.sampling_weights import whole_weights


def test_states():
    sample = Sample.of([1.0, None, 3.0, np.nan, 9.0], detection_limits=[np.nan] * 3 + [0.5, np.nan], excluded=[4])
    assert sample.states.tolist() == [State.VALUE, State.MISSING, State.VALUE, State.NON_DETECT, State.EXCLUDED]
    assert (sample.n, len(sample), sample.count(State.EXCLUDED)) == (3, 5, 1)
    assert sample.values[3] == 0.5
    assert sample.values[4] == 9.0  # excluded, still on record


def test_samples_are_frozen_and_do_not_hold_the_callers_array():
    mine = np.array([1.0, 2.0])
    sample = Sample.of(mine, weights=[1, 2])
    mine[0] = 99
    assert sample.values[0] == 1.0
    for array in (sample.values, sample.states, sample.weights, sample.exclude([0]).states):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_exclusion_makes_a_new_sample():
    sample = Sample.of([1, 2, 3])
    assert (sample.exclude([0]).n, sample.n) == (2, 3)
    for wrong in ([3], [-1]):
        with pytest.raises(LengthError) as caught:
            sample.exclude(wrong)
        assert caught.value.indices == tuple(wrong)
    assert [Sample.of([1, 2, 3], excluded=[at]).n for at in (0, 2)] == [2, 2]
    for wrong in (3, -1):
        with pytest.raises(LengthError) as caught:
            Sample.of([1, 2, 3], excluded=[0, wrong])
        assert caught.value.indices == (wrong,)


def test_infinite_values_are_named():
    with pytest.raises(NotFiniteError) as caught:
        Sample.of([1, np.inf, 2, -np.inf])
    assert (caught.value.indices, caught.value.values) == ((1, 3), (np.inf, -np.inf))


def test_what_is_no_number_is_named():
    with pytest.raises(NotNumericError) as caught:
        Sample.of([1, "0.65吨", None, "x"])
    assert (caught.value.indices, caught.value.values) == ((1, 3), ("0.65吨", "x"))
    days = np.array(["2022-03-01"], "datetime64[D]")
    for wrong in ([[1.0, 2.0]], 5.0, [1 + 2j], "text", [date(2022, 3, 1)], days, [10**400]):
        with pytest.raises(NotNumericError):
            Sample.of(wrong)


def test_masked_entries_are_missing():
    masked = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
    assert grade_values(masked, "larger").n == 2


@pytest.mark.parametrize(
    ("weights", "indices"),
    [
        ([1, -1, 0], (1,)),
        ([1, np.nan, 1], (1,)),
        ([np.inf, 1, 1], (0,)),
        ([0, 0, 5], (0, 1)),
        ([1, "x", 1], (1,)),
    ],
)
def test_bad_weights(weights, indices):
    """The third value is missing, so its weight cannot make up for the others."""
    with pytest.raises(WeightError) as caught:
        Sample.of([1.0, 2.0, None], weights=weights)
    assert caught.value.indices == indices


def test_weights_of_what_does_not_count_may_be_missing():
    sample = Sample.of([1.0, None, 3.0], weights=[2, np.nan, 0])
    assert (sample.n, grade_values(sample, "smaller").III.share) == (1, 1.0)


def test_lengths():
    for wrong in ({"weights": [1]}, {"strata": ["a"]}, {"detection_limits": [0.5]}):
        with pytest.raises(LengthError):
            Sample.of([1.0, 2.0], **wrong)


def test_effective_number():
    assert Sample.of([1, 2, None]).effective_n == 2
    assert Sample.of([1, 2, 3, 4], weights=[1, 1, 1, 1]).effective_n == pytest.approx(4)
    assert Sample.of([1, 2], weights=[3e200, 1e200]).effective_n == pytest.approx(16 / 10)
    assert Sample.of([None]).effective_n == 0


def test_weights_given_later_replace_the_samples_own():
    sample = Sample.of([1, 2, 3], weights=[1, 1, 8])
    assert grade_values(sample, "smaller").III.value == 3
    assert grade_values(sample, "smaller", weights=[8, 1, 1]).III.value == 1


def test_errors_survive_pickling():
    with pytest.raises(NotFiniteError) as caught:
        Sample.of([np.inf])
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.indices, again.values) == (str(caught.value), (0,), (np.inf,))


def test_duplicates_as_worked(items):
    item = items["K03"]
    names, years, values = zip(*item["data"], strict=True)
    records = one_per_enterprise(names, "latest", [int(year) for year in years])
    latest = grade_values(collapse(values, records, "latest"), item["direction"])
    naive = grade_values(values, item["direction"])
    for got, expected in ((latest, "latest_year_per_enterprise"), (naive, "naive_rows")):
        assert {grade: got[grade].value for grade in ("I", "II", "III")} == {
            grade: float(value) for grade, value in item["expected"][expected].items()
        }


def test_mean_of_the_reported_years():
    records = one_per_enterprise(["A", "B", "A", "C", "A"], DuplicateRule.MEAN)
    assert records.groups == ((0, 2, 4), (1,), (3,))
    got = collapse([1.0, 5.0, 3.0, np.nan, np.nan], records, "mean")
    assert got.tolist()[:2] == [2.0, 5.0]
    assert np.isnan(got[2])
    assert collapse([1e308, 1e308], one_per_enterprise(["A", "A"], "mean"), "mean").tolist() == [1e308]


@given(st.decimals("0.001", "999.999", places=3), st.lists(st.decimals("0", "99.9", places=1), min_size=1, max_size=9))
def test_a_mean_is_that_of_the_decimals(value, others):
    # In floats 12.3, 12.3 and 12.3 have the mean 12.300000000000002, which rounds outward to 12.4.
    assert mean_value([float(value)] * 7) == float(value)
    records = one_per_enterprise(["A"] * len(others), "mean")
    exact = sum(Fraction(other) for other in others) / len(others)
    assert collapse([float(other) for other in others], records, "mean").tolist() == [float(exact)]


def test_a_mean_of_nothing_or_of_gaps():
    with pytest.raises(NoValidValueError) as refusal:
        mean_value([])
    assert refusal.value.values == (0,)  # how many there were
    with pytest.raises(NotFiniteError) as caught:
        mean_value([1.0, np.nan])
    assert caught.value.indices == (1,)


def test_duplicates_that_no_rule_settles():
    with pytest.raises(DuplicateRecordError) as caught:
        one_per_enterprise(["A", "B", "A", "C", "C"])
    assert (caught.value.indices, caught.value.values) == ((0, 2, 3, 4), ("A", "A", "C", "C"))
    with pytest.raises(DuplicateRecordError) as caught:
        one_per_enterprise(["A", "A", "A", "B"], "latest", [2022, 2023, 2023, 2023])
    assert caught.value.indices == (1, 2)
    for years in (None, [2022, None]):
        with pytest.raises(DuplicateRecordError):
            one_per_enterprise(["A", "A"], "latest", years)
    with pytest.raises(LengthError):
        one_per_enterprise(["A", "A"], "latest", [2022])
    with pytest.raises(BaselineError):
        one_per_enterprise(["A"], "newest")


@pytest.mark.parametrize(
    ("weights", "whole"),
    [([1.0, 3.0], [1, 3]), ([0.5, 0.25], [50, 25]), ([1.1, 2.0], [11, 20]), ([0.001, 1.0], [1, 1000])],
)
def test_sampling_weights_are_whole_numbers_that_numpy_can_sum(weights, whole):
    """In the proportions of the decimal numbers that they print as; an array wherever the sum fits."""
    found = whole_weights(np.array(weights))
    assert isinstance(found, np.ndarray)
    assert (found.dtype, found.tolist()) == (np.int64, whole)
    assert isinstance(whole_weights(np.array([*weights, 1e18])), list)
