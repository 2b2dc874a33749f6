"""Direct allocation and importance ratings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weighting import (
    AllocationError,
    AllocationFault,
    AnswersError,
    ExpertWeightError,
    PanelRound,
    ShapeError,
    TooFewAnswersError,
    aggregate_priorities,
    allocation_weights,
    check_allocations,
    importance_weights,
)


@st.composite
def allocations(draw: st.DrawFn) -> np.ndarray:
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    rows = []
    for _ in range(m):
        cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=n - 1, max_size=n - 1)))
        rows.append(np.diff([0, *cuts, 100]))
    return np.array(rows, dtype=float)


def test_by_hand() -> None:
    result = allocation_weights(
        PanelRound([[50, 30, 20], [70, 20, 10]], experts=["A", "B"], items=["x", "y", "z"], group="g"),
        authority=[0.9, 0.6],
    )
    assert result.weights == pytest.approx([0.60, 0.25, 0.15])
    assert result.authority_weighted == pytest.approx([0.58, 0.26, 0.16])  # (0.9·50 + 0.6·70)/1.5 = 58
    assert (result.group, result.items, result.experts, result.proxy) == ("g", ("x", "y", "z"), ("A", "B"), False)
    assert result.spread == pytest.approx(4)


@given(allocations(), st.data())
def test_weights_add_up_and_stay_between_the_experts(answers: np.ndarray, data: st.DataObject) -> None:
    authority = data.draw(st.lists(st.floats(0.01, 1), min_size=len(answers), max_size=len(answers)))
    result = allocation_weights(answers, authority=authority)
    assert result.authority_weighted is not None
    for weights in (result.weights, result.authority_weighted):
        assert weights.sum() == pytest.approx(1, abs=1e-12)
        assert (weights >= answers.min(axis=0) / 100 - 1e-12).all()
        assert (weights <= answers.max(axis=0) / 100 + 1e-12).all()


@given(allocations())
def test_equal_authority_changes_nothing_and_the_total_does_not_matter(answers: np.ndarray) -> None:
    plain = allocation_weights(answers)
    np.testing.assert_allclose(
        allocation_weights(answers, authority=[0.7] * len(answers)).authority_weighted, plain.weights
    )
    np.testing.assert_allclose(allocation_weights(answers / 100, total=1).weights, plain.weights, atol=1e-15)


def test_an_expert_without_answer_is_left_out_and_stated() -> None:
    result = allocation_weights([[60, 40], [np.nan, np.nan], [40, 60]], authority=[0.9, 0, 0.3])
    assert result.weights == pytest.approx([0.5, 0.5])
    assert result.authority_weighted == pytest.approx([0.55, 0.45])
    assert (result.experts, result.without_answer) == (("1", "3"), (1,))


def test_faults_all_at_once_with_places_and_values() -> None:
    answers = [[50, 50, 0], [33, 33, 33], [40, 40, 21], [np.nan, 50, 50], [-10, 60, 50]]
    with pytest.raises(AllocationError) as caught:
        allocation_weights(answers)
    found = [(p.expert, p.item, p.fault) for p in caught.value.problems]
    assert found == [
        (1, None, AllocationFault.SUM),
        (2, None, AllocationFault.SUM),
        (3, 0, AllocationFault.PARTLY_BLANK),
        (4, 0, AllocationFault.NEGATIVE),
    ]
    assert caught.value.indices == ((1,), (2,), (3, 0), (4, 0))
    assert caught.value.values[:2] == (99, 101)
    assert caught.value.values[3] == -10
    assert "99" in str(caught.value)
    assert "101" in str(caught.value)


def test_thirds_are_not_rescaled_silently() -> None:
    assert check_allocations([[33.3, 33.3, 33.4]]) == ()
    assert [p.value for p in check_allocations([[33.3, 33.3, 33.3]])] == [pytest.approx(99.9)]
    assert check_allocations([[0.1] * 10], total=1) == ()


def test_unusable_input() -> None:
    with pytest.raises(AnswersError):
        allocation_weights([[5, 5]], total=10)
    with pytest.raises(TooFewAnswersError):
        allocation_weights([[np.nan, np.nan]])
    with pytest.raises(ShapeError):
        allocation_weights([[50, 50]], authority=[1, 1])
    with pytest.raises(ExpertWeightError) as caught:
        allocation_weights([[50, 50], [50, 50]], authority=[1, -1])
    assert (caught.value.indices, caught.value.values) == ((1,), (-1,))
    with pytest.raises(ExpertWeightError) as caught:  # the only two who answered have none; named by their seats
        allocation_weights([[np.nan, np.nan], [50, 50], [40, 60]], authority=[1, 0, 0])
    assert (caught.value.indices, caught.value.values) == ((1, 2), (0, 0))


def test_experts_count_alike_however_the_panel_was_asked() -> None:
    # huge weights do not overflow, and one check serves allocations, ratings, judgements and priorities
    weights = np.array([1e308, 1e308, 5e307])
    shares = np.array([0.4, 0.4, 0.2])
    rows = np.array([[60.0, 40.0], [50.0, 50.0], [20.0, 80.0]])
    for result in (
        allocation_weights(rows, authority=weights).authority_weighted,
        importance_weights(rows, authority=weights).authority_weighted,
        aggregate_priorities(rows, weights, mean="arithmetic"),
    ):
        assert result == pytest.approx(shares @ rows / 100, rel=1e-14)


class TestImportance:
    def test_by_hand_with_a_blank(self) -> None:
        result = importance_weights([[5, 3], [4, np.nan]], authority=[0.5, 1])
        assert result.weights == pytest.approx([4.5 / 7.5, 3 / 7.5])
        mean = (0.5 * 5 + 4) / 1.5
        assert result.authority_weighted == pytest.approx([mean / (mean + 3), 3 / (mean + 3)])
        assert (result.proxy, result.instrument, result.vectors) == (True, "importance", None)

    def test_ratio_matrix_is_no_further_evidence(self) -> None:
        """Rows of M_i/M_j: any row or column mean method gives the normalised means back."""
        means = np.array([4.54, 3.86, 3.86, 3.97])
        ratios = means[:, None] / means
        by_columns = (ratios / ratios.sum(axis=0)).mean(axis=1)
        np.testing.assert_allclose(importance_weights([means]).weights, by_columns)

    def test_unusable_input(self) -> None:
        with pytest.raises(TooFewAnswersError) as few:
            importance_weights([[5, np.nan], [4, np.nan]])
        assert few.value.indices == ((1,),)
        with pytest.raises(AnswersError) as negative:
            importance_weights([[5, -1]])
        assert (negative.value.indices, negative.value.values) == (((0, 1),), (-1,))
        assert importance_weights([[3, 0], [1, 4]]).weights.tolist() == [0.5, 0.5]  # 0 is a rating
        with pytest.raises(AnswersError):
            importance_weights([[0, 0]])
        with pytest.raises(AnswersError) as unsupported:
            importance_weights([[5, np.nan], [4, 3]], authority=[1, 0])
        assert (unsupported.value.indices, unsupported.value.values) == (((1,),), (0,))
