"""Advice on judgements: the planted slip is found, the promised CR comes true, circles are named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from tests.weighting.judgement_matrices import blanked, by_eigenvalue_routine, consistent, from_upper, matrices
from weighting import (
    OptionError,
    PairwiseMatrix,
    ShapeError,
    analyse,
    nearest_step,
    preference_cycles,
    scale_text,
    suggestions,
)


def test_a_slip_is_found_and_its_remedy_named() -> None:
    weights = np.array([8.0, 4.0, 2.0, 1.0])
    matrix = consistent(weights)
    matrix[1, 3], matrix[3, 1] = 1 / 4, 4  # meant 4, wrote 1/4
    found = suggestions(PairwiseMatrix(matrix, ("水", "能", "料", "废")))[0]
    assert (found.pair, found.labels, found.judgement) == ((1, 3), ("能", "废"), 0.25)
    assert found.consistent_value == pytest.approx(4, rel=1e-12)
    assert (found.nearest_step, found.step_text) == (4, "4")
    assert found.epsilon < 1
    assert found.cr == analyse(matrix).cr > 0.1
    assert (found.cr_consistent, found.cr_step) == pytest.approx((0, 0), abs=1e-12)


@given(matrices(low=3, high=6))
def test_what_is_promised_comes_true(matrix: np.ndarray) -> None:
    weights, _ = by_eigenvalue_routine(matrix)
    epsilon = np.abs(np.log(matrix * weights / weights[:, None]))
    last = np.inf
    for found in suggestions(matrix):
        i, j = found.pair
        assert i < j
        assert abs(np.log(found.epsilon)) == pytest.approx(epsilon[i, j], abs=1e-9)
        assert epsilon[i, j] <= last + 1e-9
        last = epsilon[i, j]
        for value, promised in ((found.consistent_value, found.cr_consistent), (found.nearest_step, found.cr_step)):
            changed = matrix.copy()
            changed[i, j], changed[j, i] = value, 1 / value
            assert analyse(changed).cr == pytest.approx(promised, abs=1e-12)
        if len(matrix) == 3:  # the other two judgements cannot contradict each other
            assert found.cr_consistent == pytest.approx(0, abs=1e-12)


@given(matrices(low=4, high=6))
def test_the_most_suspicious_judgement_tops_the_list(matrix: np.ndarray) -> None:
    weights, _ = by_eigenvalue_routine(matrix)
    epsilon = np.abs(np.log(matrix * weights / weights[:, None]))
    found = suggestions(matrix, top=1)
    if epsilon.max() > 1e-6:
        assert abs(np.log(found[0].epsilon)) == pytest.approx(epsilon.max(), abs=1e-9)


def test_a_bridge_takes_nobody_s_place_on_the_list() -> None:
    # Items 0–2 contradict each other badly, 3–5 a little; (2, 3) alone connects them, and its ε is second.
    matrix = np.full((6, 6), np.nan)
    np.fill_diagonal(matrix, 1)
    matrix[0, 1], matrix[1, 2], matrix[0, 2] = 3, 3, 1 / 9
    matrix[3, 4], matrix[4, 5], matrix[3, 5] = 2, 2, 4.2
    matrix[2, 3] = 2
    weights = by_eigenvalue_routine(harker(matrix))[0]
    deviation = abs(np.log(matrix * weights / weights[:, None]))
    assert sorted(deviation[np.triu_indices(6, 1)][~np.isnan(matrix[np.triu_indices(6, 1)])])[-2] == deviation[2, 3]
    assert {one.pair for one in suggestions(matrix, 3)} == {(0, 1), (1, 2), (0, 2)}
    assert [one.pair in {(3, 4), (4, 5), (3, 5)} for one in suggestions(matrix, 4)] == [False] * 3 + [True]


def harker(matrix: np.ndarray) -> np.ndarray:
    """B of Harker (1987), from the cells above the diagonal."""
    filled = np.nan_to_num(np.triu(matrix, 1))
    filled += np.divide(1, filled, out=np.zeros_like(filled), where=filled > 0).T
    return filled + np.diag((filled == 0).sum(axis=1))  # the diagonal's own 0 is the 1 of 1 + missing


def test_incomplete_matrices_and_bridges() -> None:
    matrix = blanked(from_upper([2.0, 1 / 4, 5.0, 3.0, 1.0, 1.0], 4), (0, 3), (1, 3))  # (2, 3) alone leads to item 3
    found = suggestions(matrix, top=9)
    assert found
    assert (2, 3) not in [suggestion.pair for suggestion in found]
    tree = PairwiseMatrix.from_upper([2, 3, None])
    assert suggestions(tree) == ()


@pytest.mark.parametrize("values", [[[1]], [[1, 9], [1 / 9, 1]], consistent(np.array([4.0, 2.0, 1.0]))])
def test_nothing_to_say(values: object) -> None:
    assert suggestions(values) == ()  # type: ignore[arg-type]  # mixed list of lists and arrays
    assert preference_cycles(values) == ()  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (1.0, 1.0, "1"),
        (1.4, 1.0, "1"),
        (1.5, 1.0, "1"),
        (2.6, 3.0, "3"),
        (14.0, 9.0, "9"),
        (0.4, 1 / 2, "1/2"),
        (0.01, 1 / 9, "1/9"),
    ],
)
def test_nearest_step(value: float, step: float, text: str) -> None:
    assert nearest_step(value) == step
    assert scale_text(step) == text
    assert nearest_step(1 / value) == pytest.approx(1 / step)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_nearest_step_of_no_ratio(bad: float) -> None:
    with pytest.raises(OptionError):
        nearest_step(bad)


def test_circular_triads_in_words() -> None:
    matrix = PairwiseMatrix.from_upper([3, 1 / 2, 4, 5, 6, 7], ("A", "B", "C", "D"))  # A > B > C > A, all above D
    assert preference_cycles(matrix) == (("A", "B", "C"),)
    slight = from_upper([1.005, 1 / 1.005, 1.005], 3)  # more than equal is a preference, however slight
    assert preference_cycles(slight, list("ABC")) == (("A", "B", "C"),)
    assert preference_cycles(from_upper([1, 1 / 2, 2], 3)) == ()
    reverse = PairwiseMatrix.from_upper([1 / 3, 2, 4, 1 / 5, 6, 7], ("A", "B", "C", "D"))
    assert preference_cycles(reverse) == (("A", "C", "B"),)


def test_a_circle_of_four_without_a_triad() -> None:
    matrix = PairwiseMatrix.from_upper([2, 1, 1 / 2, 2, 1, 2], ("A", "B", "C", "D"))  # A > B > C > D > A, ties across
    assert preference_cycles(matrix) == (("A", "B", "C", "D"),)
    missing = PairwiseMatrix.from_upper([2, None, 1 / 2, 2, None, 2], ("A", "B", "C", "D"))
    assert preference_cycles(missing) == (("A", "B", "C", "D"),)


@given(matrices(low=3, high=7))
def test_every_cycle_is_one_and_none_is_listed_twice(matrix: np.ndarray) -> None:
    cycles = preference_cycles(matrix)
    assert len({frozenset(cycle) for cycle in cycles}) == len(cycles)
    for cycle in cycles:
        items = [int(label) - 1 for label in cycle]
        assert all(matrix[i, j] > 1 for i, j in zip(items, [*items[1:], items[0]], strict=True))
    prefers = matrix > 1
    triads = np.trace(np.linalg.matrix_power(prefers.astype(int), 3)) // 3  # closed walks of length three, second route
    assert sum(len(cycle) == 3 for cycle in cycles) == triads


def test_one_expert_at_a_time() -> None:
    for function in (suggestions, preference_cycles):
        with pytest.raises(ShapeError):
            function(np.ones((2, 3, 3)))  # type: ignore[operator]  # both take a matrix first
    with pytest.raises(OptionError):
        suggestions(np.ones((3, 3)), top=0)


def test_three_are_listed_unless_asked_for_and_what_is_no_more_than_rounding_never() -> None:
    weights = np.array([8.0, 4.0, 2.0, 1.0])
    rng = np.random.default_rng(1)
    for scatter, listed in ((0.3, 3), (1e-7, 3), (1e-11, 0)):
        cells = [weights[i] / weights[j] * np.exp(rng.normal(0, scatter)) for i in range(4) for j in range(i + 1, 4)]
        matrix = from_upper(cells, 4)
        assert len(suggestions(matrix)) == listed
        assert len(suggestions(matrix, top=1)) == min(listed, 1)
