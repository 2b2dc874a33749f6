"""Weights: a second route, invariances, incomplete matrices, extremes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.weighting.judgement_matrices import (
    blanked,
    by_eigenvalue_routine,
    consistent,
    from_upper,
    imperfect,
    matrices,
    weight_vectors,
)
from weighting import (
    ConvergenceError,
    DisconnectedError,
    MissingJudgementError,
    OptionError,
    PairwiseMatrix,
    analyse,
    complete,
    priorities,
)

METHODS = ("eigenvector", "geometric-mean", "column-mean")


@given(matrices())
def test_eigenvector_by_a_second_route(matrix: np.ndarray) -> None:
    weights, largest = by_eigenvalue_routine(matrix)
    result = analyse(matrix)
    np.testing.assert_allclose(result.weights, weights, rtol=0, atol=1e-12)
    assert result.lambda_max == pytest.approx(largest, abs=1e-10)


@given(matrices(), st.randoms(use_true_random=False), st.sampled_from(METHODS))
def test_order_of_items_does_not_matter(matrix: np.ndarray, random: object, method: str) -> None:
    order = list(range(len(matrix)))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    shuffled = priorities(matrix[np.ix_(order, order)], method)
    np.testing.assert_allclose(shuffled, priorities(matrix, method)[order], rtol=0, atol=1e-13)


@given(matrices(), st.lists(st.floats(0.2, 5), min_size=9, max_size=9), st.sampled_from(METHODS[:2]))
def test_weights_follow_a_change_of_units(matrix: np.ndarray, units: list[float], method: str) -> None:
    scale = np.array(units[: len(matrix)])
    scaled = priorities(matrix * consistent(scale), method)
    expected = priorities(matrix, method) * scale
    np.testing.assert_allclose(scaled, expected / expected.sum(), rtol=1e-10, atol=0)


@given(weight_vectors, st.sampled_from(METHODS))
def test_consistent_judgements_give_their_weights_back(weights: np.ndarray, method: str) -> None:
    weights = weights / weights.sum()
    result = analyse(consistent(weights), method)
    np.testing.assert_allclose(result.weights, weights, rtol=1e-12)
    assert result.weights.sum() == pytest.approx(1, abs=1e-15 * len(weights))
    assert result.cr == pytest.approx(0, abs=1e-13)
    assert result.lambda_max == pytest.approx(len(weights), abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_a_stack_is_its_matrices(method: str) -> None:
    stack = imperfect(7, 8, np.random.default_rng(5))
    together = priorities(stack, method)
    assert together.shape == (7, 8)
    for one, matrix in zip(together, stack, strict=True):
        np.testing.assert_allclose(one, priorities(matrix, method), rtol=0, atol=1e-15)


@pytest.mark.parametrize("n", [14, 15, 16, 20, 40])
def test_large_groups(n: int) -> None:
    matrix = imperfect(1, n, np.random.default_rng(n), noise=0.8)[0]
    weights, largest = by_eigenvalue_routine(matrix)
    result = analyse(matrix)
    np.testing.assert_allclose(result.weights, weights, rtol=0, atol=1e-14)
    assert result.cr == pytest.approx((largest - n) / (n - 1) / result.consistency.random_index.value, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_one_and_two_items(method: str) -> None:
    assert priorities([[1]], method).tolist() == [1]
    assert priorities([[1, 3], [1 / 3, 1]], method).tolist() == pytest.approx([0.75, 0.25], abs=1e-15)


def test_geometric_mean_formula() -> None:
    matrix = imperfect(1, 5, np.random.default_rng(3))[0]
    products = matrix.prod(axis=1) ** (1 / 5)
    np.testing.assert_allclose(priorities(matrix, "geometric-mean"), products / products.sum(), rtol=1e-14)


@given(matrices(4, 7), st.data())
def test_harker_solves_his_equation(matrix: np.ndarray, data: st.DataObject) -> None:
    """B w = λ w with zeros for the blanks and 1 + their number on the diagonal, by the second route."""
    n = len(matrix)
    i, j = data.draw(st.sampled_from([(i, j) for i in range(n) for j in range(i + 1, n)]))
    harker = matrix.copy()
    harker[i, j] = harker[j, i] = 0
    harker[i, i] = harker[j, j] = 2
    np.testing.assert_allclose(priorities(blanked(matrix, (i, j))), by_eigenvalue_routine(harker)[0], atol=1e-12)


@given(weight_vectors.filter(lambda w: len(w) >= 2), st.randoms(use_true_random=False))
def test_any_spanning_tree_of_consistent_judgements_gives_the_weights(weights: np.ndarray, random: object) -> None:
    weights = weights / weights.sum()
    values = np.full((len(weights), len(weights)), np.nan)
    for i in range(1, len(weights)):
        j = random.randrange(i)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
        values[i, j] = weights[i] / weights[j]
    for method in METHODS[:2]:
        result = analyse(values, method)
        np.testing.assert_allclose(result.weights, weights, rtol=1e-9)
        assert result.cr == 0
        assert np.isnan(result.gci)
    np.testing.assert_allclose(complete(values), consistent(weights), rtol=1e-8)


def test_incomplete_least_squares_minimises_the_sum_of_squares() -> None:
    matrix = blanked(imperfect(1, 6, np.random.default_rng(8), noise=1.0)[0], (0, 1), (2, 5), (3, 4))
    rows, columns = np.nonzero(np.triu(~np.isnan(matrix), 1))
    design = np.zeros((len(rows), 6))
    design[np.arange(len(rows)), rows], design[np.arange(len(rows)), columns] = 1, -1
    scores = np.exp(np.linalg.lstsq(design, np.log(matrix[rows, columns]), rcond=None)[0])
    np.testing.assert_allclose(priorities(matrix, "geometric-mean"), scores / scores.sum(), rtol=1e-12)


@given(matrices(4, 6), st.data())
def test_the_completion_has_the_smallest_eigenvalue(matrix: np.ndarray, data: st.DataObject) -> None:
    n = len(matrix)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    blanks = data.draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=n - 3, unique=True))
    filled = complete(blanked(matrix, *blanks))
    smallest = by_eigenvalue_routine(filled)[1]
    for i, j in blanks:
        for factor in (0.99, 1.01):
            moved = filled.copy()
            moved[i, j] *= factor
            moved[j, i] = 1 / moved[i, j]
            assert by_eigenvalue_routine(moved)[1] >= smallest - 1e-12


def test_the_completion_is_settled_to_rounding() -> None:
    """Where λ is least, log x_ij is half of (log u_i − log v_i) − (log u_j − log v_j), right and left eigenvectors."""
    for seed in range(4):
        filled = complete(blanked(imperfect(1, 6, np.random.default_rng(seed), noise=1.0)[0], (0, 1), (2, 5), (3, 4)))
        right, left = (np.log(by_eigenvalue_routine(matrix)[0]) for matrix in (filled, filled.T))
        for i, j in ((0, 1), (2, 5), (3, 4)):
            optimal = (right[i] - left[i] - right[j] + left[j]) / 2
            assert np.log(filled[i, j]) == pytest.approx(optimal, abs=1e-10)


def test_a_mixed_stack_of_complete_and_incomplete_matrices() -> None:
    stack = imperfect(3, 6, np.random.default_rng(4), noise=0.8)
    stack[1] = blanked(stack[1], (0, 3), (1, 2))
    result = analyse(stack)
    for k, matrix in enumerate(stack):
        alone = analyse(matrix)
        np.testing.assert_allclose(result.weights[k], alone.weights, atol=1e-14)
        got = [float(np.asarray(getattr(result, name))[k]) for name in ("lambda_max", "ci", "cr", "gci")]
        assert got == pytest.approx([alone.lambda_max, alone.ci, alone.cr, alone.gci], abs=1e-12)
    assert np.asarray(result.consistency.missing).tolist() == [0, 2, 0]
    np.testing.assert_array_equal(complete(stack)[0], stack[0])


def test_a_long_chain_converges_although_its_gap_is_small() -> None:
    values = np.full((40, 40), np.nan)
    for i in range(39):
        values[i, i + 1] = 2 if i % 2 else 1 / 2
    np.testing.assert_allclose(priorities(values), np.tile([1 / 60, 2 / 60], 20), rtol=1e-9)


def test_extreme_ratios() -> None:
    weights = np.array([1e-9, 1e-3, 1.0, 1e3, 1e9])
    np.testing.assert_allclose(priorities(consistent(weights)), weights / weights.sum(), rtol=1e-12)
    cycle = from_upper([1e8, 1e-8, 1e8], 3)  # as inconsistent as can be, yet symmetric under rotation
    np.testing.assert_allclose(priorities(cycle), np.full(3, 1 / 3), rtol=1e-9)
    lopsided = from_upper([1e6, 1e-6, 1e6, 3.0, 5.0, 1e6], 4)
    np.testing.assert_allclose(priorities(lopsided), by_eigenvalue_routine(lopsided)[0], rtol=1e-7)


def test_beyond_the_range_of_numbers_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(ConvergenceError) as caught:
        priorities([np.ones((3, 3)), from_upper([1e200, 1e300, 1e-300], 3)])
    assert caught.value.indices == (1,)


def test_column_mean_needs_every_judgement() -> None:
    matrix = PairwiseMatrix.from_upper([2, None, 3])
    with pytest.raises(MissingJudgementError) as caught:
        priorities(matrix, "column-mean")
    assert caught.value.indices == ((0, 2),)
    with pytest.raises(MissingJudgementError) as caught:
        priorities([np.ones((3, 3)), matrix.values], "column-mean")
    assert caught.value.indices == ((1, 0, 2),)
    with pytest.raises(MissingJudgementError, match=r"\(0, 1\) and 1 more"):
        priorities(PairwiseMatrix.from_upper([None, None, 2, 3, 4, 5]), "column-mean")


def test_unknown_method() -> None:
    with pytest.raises(OptionError, match="eigenvector, geometric-mean, column-mean") as caught:
        priorities([[1]], "magic")
    assert caught.value.values == ("magic",)


def test_islands_cannot_be_completed() -> None:
    with pytest.raises(DisconnectedError):
        complete([[1, None], [None, 1]])


def test_slow_convergence_is_followed_to_its_end() -> None:
    """Of three items the eigenvector is the row geometric means, in closed form (Saaty); here |λ₂|/λ₁ is 0.8."""
    for cells in ([9, 1 / 8, 9], [9, 1 / 9, 5], [1e3, 1e-3, 900], [4.2, 1 / 4, 4.5]):
        matrix = from_upper(cells, 3)
        np.testing.assert_allclose(priorities(matrix), priorities(matrix, "geometric-mean"), rtol=0, atol=1e-15)


def test_the_general_solver_answers_where_squaring_does_not_settle() -> None:
    """Ratios up to 10¹²: balanced by its row means this matrix has a vector that solves A w = λ w to rounding."""
    cells = 10.0 ** np.random.default_rng(563).uniform(-12, 12, 10)
    matrix = from_upper(cells.tolist(), 5)
    found = analyse(matrix)
    np.testing.assert_allclose(matrix @ found.weights, found.lambda_max * found.weights, rtol=1e-11)


@pytest.mark.parametrize("seed", [2419, 4248, 228, 186])
def test_extreme_contradictions_solve_their_equation_or_are_refused(seed: int) -> None:
    """Ratios up to 10¹² in circles, at the end of what doubles can tell: A w = λ w to 10⁻⁸, or no answer."""
    cells = 10.0 ** np.random.default_rng(seed).uniform(-12, 12, 10)
    matrix = from_upper(cells.tolist(), 5)
    try:
        weights = priorities(matrix)
    except ConvergenceError:
        return
    ratios = (matrix @ weights) / weights
    assert np.abs(ratios / ratios.mean() - 1).max() < 2e-8
