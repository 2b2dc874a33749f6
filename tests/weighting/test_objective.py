"""Entropy and CRITIC weights: published examples, second routes, properties, wrong input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from weighting import (
    AnswerValueError,
    SurveyError,
    TooFewAnswersError,
    UndefinedWeightsError,
    UnknownSettingError,
    WeightingError,
    critic_weights,
    entropy_weights,
)

# Diakoulaki, Mavrotas & Papayannakis (1995): eight firms, profitability, market share, productivity
FIRMS = [
    [61, 1.08, 4.33],
    [20.7, 0.26, 4.34],
    [16.3, 1.98, 2.53],
    [9, 3.29, 1.65],
    [5.4, 2.77, 2.33],
    [4, 4.12, 1.21],
    [-6.1, 3.52, 2.10],
    [-34.6, 3.31, 0.98],
]

# Xu (2004), A note on the subjective and objective integrated approach to determine attribute weights, EJOR 156(2)
ALTERNATIVES = [[30, 30, 38, 29], [19, 54, 86, 29], [19, 15, 85, 28.9], [68, 70, 60, 29]]

# Tuş & Aytaç Adalı (2019), The new combination with CRITIC and WASPAS methods…, Opsearch 56(2), 528–538
SOFTWARE = [
    [5000, 3, 3, 4, 3, 2],
    [680, 5, 3, 2, 2, 1],
    [2000, 3, 2, 3, 4, 3],
    [600, 4, 3, 1, 2, 2],
    [800, 2, 4, 3, 3, 4],
]

surveys = hnp.arrays(
    np.float64, st.tuples(st.integers(4, 9), st.integers(2, 5)), elements=st.integers(1, 40).map(float)
)


def varying(values: np.ndarray) -> bool:
    return bool((np.ptp(values, axis=0) > 0).any())


def test_critic_of_eight_firms() -> None:
    """Printed in the paper to two decimals: 0.20, 0.48, 0.32."""
    result = critic_weights(FIRMS, ["larger"] * 3, indicators=["profit", "share", "productivity"])
    assert result.weights == pytest.approx([0.20, 0.48, 0.32], abs=5e-3)
    assert result.indicators == ("profit", "share", "productivity")
    assert result.n == (8, 8, 8)


def test_critic_of_five_programs() -> None:
    """Printed: 0.157, 0.249, 0.168, 0.121, 0.154, 0.151, from correlations that take every criterion as it stands."""
    result = critic_weights(SOFTWARE, ["larger"] * 6)
    assert result.weights == pytest.approx([0.157, 0.249, 0.168, 0.121, 0.154, 0.151], abs=5.1e-4)


def test_entropy_of_four_alternatives() -> None:
    """Xu 2004 prints 0.4630, 0.3992, 0.1378, 0.0000."""
    result = entropy_weights(ALTERNATIVES, ["larger"] * 4, shares="sum")
    assert result.weights == pytest.approx([0.4630, 0.3992, 0.1378, 0.0000], abs=5.1e-5)


@given(surveys)
def test_entropy_by_the_library_of_distributions(values: np.ndarray) -> None:
    assume((np.ptp(values, axis=0) > 0).all())
    shares = (values.max(axis=0) - values) / np.ptp(values, axis=0)
    information = 1 - stats.entropy(shares, axis=0) / np.log(len(values))
    result = entropy_weights(values, ["smaller"] * values.shape[1])
    np.testing.assert_allclose(result.weights, information / information.sum(), atol=1e-12)


@given(surveys)
def test_critic_by_matrix_algebra(values: np.ndarray) -> None:
    assume((np.ptp(values, axis=0) > 0).all())
    scaled = (values - values.min(axis=0)) / np.ptp(values, axis=0)
    information = scaled.std(axis=0) * (1 - np.corrcoef(scaled.T)).sum(axis=0)  # SD with n: only ratios matter
    assume(information.max() > 1e-9)
    result = critic_weights(values, ["larger"] * values.shape[1])
    np.testing.assert_allclose(result.weights, information / information.sum(), atol=1e-9)


@given(surveys, st.sampled_from([1e-3, 0.25, 8.0, 1e6]), st.integers(-20, 20), st.data())
def test_unit_and_origin_do_not_matter(values: np.ndarray, factor: float, shift: int, data: st.DataObject) -> None:
    assume(varying(values))
    n = values.shape[1]
    directions = data.draw(st.lists(st.sampled_from(["smaller", "larger"]), min_size=n, max_size=n))
    plain = entropy_weights(values, directions)
    np.testing.assert_allclose(entropy_weights(values * factor + shift, directions).weights, plain.weights, atol=1e-7)
    by_sum = entropy_weights(values, directions, shares="sum")
    scaled = entropy_weights(values * factor, directions, shares="sum")
    np.testing.assert_allclose(scaled.weights, by_sum.weights, atol=1e-7)
    for result in (plain, by_sum):
        assert result.weights.sum() == pytest.approx(1, abs=1e-12)
        assert (result.weights >= 0).all()


@given(surveys, st.randoms(use_true_random=False))
def test_order_of_enterprises_does_not_matter(values: np.ndarray, random: object) -> None:
    assume(varying(values))
    rows = list(range(len(values)))
    random.shuffle(rows)  # type: ignore[attr-defined]  # hypothesis types its Random as object
    directions = ["larger"] * values.shape[1]
    plain, mixed = entropy_weights(values, directions), entropy_weights(values[rows], directions)
    np.testing.assert_allclose(plain.weights, mixed.weights, atol=1e-12)


def test_reversing_a_direction_is_reversing_the_sign() -> None:
    mirrored = np.array(FIRMS) * [1, -1, 1]
    directions = ["larger", "smaller", "larger"]
    np.testing.assert_allclose(
        critic_weights(FIRMS, ["larger"] * 3).weights, critic_weights(mirrored, directions).weights
    )
    np.testing.assert_allclose(
        entropy_weights(FIRMS, ["larger"] * 3).weights, entropy_weights(mirrored, directions).weights
    )


@pytest.mark.parametrize("method", [entropy_weights, critic_weights])
class TestTraps:
    def test_constant_indicator_weighs_nothing_and_is_stated(self, method) -> None:  # type: ignore[no-untyped-def]  # either function
        values = np.column_stack([np.array(FIRMS), np.full(8, 0.3)])
        result = method(values, ["larger"] * 4)
        assert result.constant == (3,)
        assert result.weights[3] == 0
        np.testing.assert_allclose(result.weights[:3], method(FIRMS, ["larger"] * 3).weights)

    def test_missing_values_are_stated(self, method) -> None:  # type: ignore[no-untyped-def]  # either function
        values = np.array(FIRMS)
        values[2, 1] = np.nan
        whole = method(values, ["larger"] * 3)
        assert (whole.excluded, whole.n, whole.missing) == ((2,), (7, 7, 7), "listwise")
        np.testing.assert_allclose(whole.weights, method(np.delete(values, 2, axis=0), ["larger"] * 3).weights)
        available = method(values, ["larger"] * 3, missing="available")
        assert (available.excluded, available.n) == ((), (8, 7, 8))
        assert available.weights.sum() == pytest.approx(1)
        with pytest.raises(SurveyError) as caught:
            method(values, ["larger"] * 3, missing="reject")
        assert caught.value.indices == ((2, 1),)

    def test_one_indicator(self, method) -> None:  # type: ignore[no-untyped-def]  # either function
        assert method([[1], [2], [4]], ["smaller"]).weights.tolist() == [1]

    def test_nothing_varies(self, method) -> None:  # type: ignore[no-untyped-def]  # either function
        with pytest.raises(UndefinedWeightsError) as caught:
            method([[1, 2], [1, 2]], ["larger", "smaller"])
        assert (caught.value.indices, caught.value.values) == (((0,), (1,)), (1, 2))

    def test_too_few_enterprises(self, method) -> None:  # type: ignore[no-untyped-def]  # either function
        with pytest.raises(TooFewAnswersError) as caught:
            method([[1, 2], [np.nan, 3], [4, np.nan]], ["larger", "smaller"])
        assert (caught.value.indices, caught.value.values) == (((0,), (1,)), (1, 1))

    @pytest.mark.parametrize(
        ("values", "directions", "options", "error"),
        [
            ([[1, 2], [2, 1]], ["larger"], {}, SurveyError),
            ([[1, 2], [2, 1]], ["larger", "qualitative"], {}, UnknownSettingError),
            ([[1, 2], [2, 1]], ["larger", "larger"], {"missing": "mean"}, UnknownSettingError),
            ([[1, np.inf], [2, 1]], ["larger", "larger"], {}, AnswerValueError),
        ],
    )
    def test_wrong_input(  # type: ignore[no-untyped-def]  # either function
        self, method, values: object, directions: list[str], options: dict[str, str], error: type[WeightingError]
    ) -> None:
        with pytest.raises(error):
            method(values, directions, **options)

    def test_result_is_read_only(self, method) -> None:  # type: ignore[no-untyped-def]  # either function
        with pytest.raises(ValueError, match="read-only"):
            method(FIRMS, ["larger"] * 3).weights[0] = 1


def test_shares_of_the_sum_need_positive_values() -> None:
    values = [[np.nan, 1.0], [2, 3], [-1, 0], [5, 6]]
    with pytest.raises(SurveyError) as caught:
        entropy_weights(values, ["larger", "larger"], shares="sum")
    assert (caught.value.indices, caught.value.values) == (((2, 0), (2, 1)), (-1, 0))  # rows of the survey as given
    with pytest.raises(UnknownSettingError):
        entropy_weights([[1, 2], [2, 1]], ["larger"] * 2, shares="max")


def test_critic_of_perfectly_correlated_indicators_is_undefined() -> None:
    column = np.array([0.1, 0.7, 0.3, 1.9])
    with pytest.raises(UndefinedWeightsError):
        critic_weights(np.column_stack([column, 3 * column + 1]), ["larger", "larger"])


def test_critic_needs_overlap_for_a_correlation() -> None:
    values = [[1, np.nan], [2, np.nan], [3, 1], [np.nan, 2]]
    with pytest.raises(TooFewAnswersError) as caught:
        critic_weights(values, ["larger", "larger"], missing="available")
    assert caught.value.indices == ((0, 1),)


@given(surveys)
def test_smaller_is_better_is_larger_is_better_of_the_reciprocal(values: np.ndarray) -> None:
    assume(varying(values))
    n = values.shape[1]
    np.testing.assert_allclose(
        entropy_weights(values, ["smaller"] * n, shares="sum").weights,
        entropy_weights(1 / values, ["larger"] * n, shares="sum").weights,
        atol=1e-9,
    )


def test_critic_with_missing_values_by_pandas() -> None:
    """Standard deviation (n − 1) of each column's own values, correlation of each pair's common ones."""
    values = np.random.default_rng(9).lognormal(size=(9, 4))
    for row, column in ((0, 0), (3, 0), (4, 0), (1, 2), (8, 3)):
        values[row, column] = np.nan
    frame = pd.DataFrame(values)
    scaled = (frame - frame.min()) / (frame.max() - frame.min())
    information = scaled.std() * (1 - scaled.corr()).sum()
    found = critic_weights(values, ["larger"] * 4, missing="available")
    np.testing.assert_allclose(found.information, information, rtol=1e-12)
    np.testing.assert_allclose(found.weights, information / information.sum(), rtol=1e-12)
    (alone,) = critic_weights(values[:, :1], ["larger"], missing="available").information
    assert alone == pytest.approx(scaled[0].std())
