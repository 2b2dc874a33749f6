"""Consistency: definitions by a second route, small orders, two verdicts, incomplete matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from tests.weighting.judgement_matrices import blanked, by_eigenvalue_routine, from_upper, imperfect, matrices
from weighting import Method, OptionError, analyse, consistency, priorities, random_index


@given(matrices())
def test_definitions_by_a_second_route(matrix: np.ndarray) -> None:
    n = len(matrix)
    found = consistency(matrix, random_index="saaty-2005")
    ci = (by_eigenvalue_routine(matrix)[1] - n) / (n - 1)
    assert found.ci == pytest.approx(ci, abs=1e-10)
    assert found.cr == pytest.approx(ci / random_index(n, "saaty-2005").value, abs=1e-10)
    weights = matrix.prod(axis=1) ** (1 / n)
    residuals = np.log(matrix * weights / weights[:, None])
    expected = 2 / ((n - 1) * (n - 2)) * (np.triu(residuals, 1) ** 2).sum()
    assert found.gci == pytest.approx(expected, rel=1e-10, abs=1e-24)


@pytest.mark.parametrize("method", ["geometric-mean", "column-mean"])
def test_other_methods_take_the_mean_ratio(method: str) -> None:
    matrix = imperfect(1, 5, np.random.default_rng(1))[0]
    weights = priorities(matrix, method)
    result = analyse(matrix, method)
    assert result.lambda_max == pytest.approx((matrix @ weights / weights).mean(), abs=1e-12)
    assert result.method is Method(method)
    assert result.lambda_max > 5


@pytest.mark.parametrize("n", [1, 2])
def test_nothing_can_be_inconsistent_with_one_or_two_items(n: int) -> None:
    for values in (from_upper([9.0] * (n - 1), n), np.stack([from_upper([9.0] * (n - 1), n)] * 3)):
        result = analyse(values)
        assert np.all(np.asarray(result.cr) == 0)
        assert np.all(np.asarray(result.ci) == 0)
        assert np.all(np.isnan(result.gci))
        assert np.all(result.consistent)
        assert np.all(result.consistency.consistent_by_gci)
        assert np.isnan(result.consistency.gci_limit)


@given(matrices(low=2))
def test_no_index_is_negative(matrix: np.ndarray) -> None:
    for method in Method:
        found = consistency(matrix, method)
        assert found.lambda_max >= found.n
        assert found.ci >= 0
        assert found.cr >= 0


def test_two_verdicts_where_the_tables_disagree() -> None:
    """n = 3: Saaty's 1980 index .58 lets pass up to CI .058, the simulated .5243 up to .0524."""
    found = consistency(from_upper([1.0, 1.0, 2.75], 3))
    third = 2.75 ** (1 / 3)  # n = 3: λ = 1 + q + 1/q with q the cube root of a12 a23 a31 (or its inverse)
    ci = (third + 1 / third - 2) / 2
    assert 0.0524 < ci < 0.058
    assert found.ci == pytest.approx(ci, abs=1e-14)
    assert found.consistent
    assert not found.consistent_simulated
    assert found.tables_disagree
    assert found.cr_simulated == pytest.approx(ci / 0.5243, abs=1e-12)
    stack = consistency(np.stack([from_upper([1.0, 1.0, x], 3) for x in (1.0, 2.75, 9.0)]))
    assert np.asarray(stack.tables_disagree).tolist() == [False, True, False]
    assert np.asarray(stack.consistent).tolist() == [True, True, False]


def test_the_limit_is_a_setting() -> None:
    matrix = from_upper([1.0, 1.0, 2.75], 3)
    assert not analyse(matrix, limit=0.05).consistent
    assert analyse(matrix, limit=0.05).consistency.limit == 0.05
    for bad in (0, -1, float("nan")):
        with pytest.raises(OptionError):
            analyse(matrix, limit=bad)


def test_missing_judgements() -> None:
    """The 4×4 example of Bozóki, Fülöp & Rónyai 2010: λ of the best completion 4.092367, RI(4, 1) = .9 · 2/3."""
    found = consistency([[1, 1, 5, 2], [1, 1, 3, 4], [None, None, 1, None], [None, None, None, 1]])
    assert found.missing == 1
    assert found.lambda_max == pytest.approx(4.09236729, abs=1e-8)
    assert found.effective_random_index == pytest.approx(0.6)
    assert found.cr == pytest.approx(0.09236729 / 3 / 0.6, abs=1e-8)


def test_gci_of_an_incomplete_matrix_is_the_residual_variance() -> None:
    matrix = blanked(imperfect(1, 5, np.random.default_rng(2), noise=1.0)[0], (0, 1), (2, 4))
    rows, columns = np.nonzero(np.triu(~np.isnan(matrix), 1))
    design = np.zeros((len(rows), 5))
    design[np.arange(len(rows)), rows], design[np.arange(len(rows)), columns] = 1, -1
    squares = np.linalg.lstsq(design[:, 1:], np.log(matrix[rows, columns]), rcond=None)[1][0]
    assert consistency(matrix).gci == pytest.approx(squares / (8 - 4), rel=1e-10)


def test_results_are_frozen_and_read_only() -> None:
    result = analyse(np.ones((2, 4, 4)))
    for array in (result.weights, result.cr, result.ci, result.gci, result.lambda_max, result.consistency.missing):
        assert not np.asarray(array).flags.writeable
    with pytest.raises(AttributeError):
        result.method = Method.COLUMN_MEAN  # type: ignore[misc]  # frozen
    assert isinstance(analyse(np.ones((4, 4))).cr, float)


def test_judgements_that_cannot_contradict_each_other_are_consistent_by_either_index() -> None:
    """RI(2) = 0, and RI(3, 1) = 0: CR is 0 by definition, alone and in a stack."""
    chain = [[1, 2, None], [None, 1, 3], [None, None, 1]]
    for matrix in ([[1, 3], [1 / 3, 1]], chain):
        for found in (analyse(matrix).consistency, analyse(np.array([matrix, matrix], dtype=float)).consistency):
            assert np.all(np.asarray(found.cr) == 0)
            assert np.all(np.asarray(found.cr_simulated) == 0)
            assert np.all(np.asarray(found.effective_random_index) == 0)


def test_incomplete_judgements_without_contradiction_have_no_residual() -> None:
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    found = analyse(blanked(weights[:, None] / weights, (0, 3))).consistency
    assert (found.missing, found.gci) == (1, pytest.approx(0, abs=1e-20))


@pytest.mark.parametrize(("cr", "consistent"), [(0.0995, True), (0.1005, False)])
def test_saaty_s_tenth_is_the_limit_unless_told_otherwise(cr: float, consistent: bool) -> None:
    """Saaty 1980: a consistency ratio of 0.10 or less."""
    matrix = from_upper([2.0, 1 / 3, 4.0], 3)
    ci = analyse(matrix).consistency.ci
    found = analyse(matrix, random_index=ci / cr).consistency
    assert (found.cr, found.consistent, found.limit) == (pytest.approx(cr), consistent, 0.1)
