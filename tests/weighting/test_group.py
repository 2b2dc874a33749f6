"""Panels: reciprocity, the geometric-mean identity, policies, consensus, outliers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.weighting.judgement_matrices import blanked, from_upper, imperfect, panels
from weighting import (
    ExpertWeightError,
    InconsistencyPolicy,
    OptionError,
    PairwiseMatrix,
    PanelError,
    PriorityError,
    ShapeError,
    WeightingError,
    aggregate_judgements,
    aggregate_priorities,
    analyse,
    consensus,
    outlying_experts,
    priorities,
    select_experts,
    variation,
)

shares = st.lists(st.floats(0.05, 1), min_size=6, max_size=6)


@given(panels(), shares)
def test_the_group_matrix_is_reciprocal_and_lies_between_the_experts(panel: np.ndarray, weights: list[float]) -> None:
    group = aggregate_judgements(panel, weights[: len(panel)])
    np.testing.assert_allclose(group * group.T, 1, rtol=0, atol=4e-16)
    assert (group >= panel.min(axis=0) * (1 - 1e-12)).all()
    assert (group <= panel.max(axis=0) * (1 + 1e-12)).all()


@given(panels(), shares)
def test_geometric_weights_of_the_group_matrix_are_the_geometric_mean_of_the_experts_weights(
    panel: np.ndarray, weights: list[float]
) -> None:
    expert_weights = weights[: len(panel)]
    by_judgements = priorities(aggregate_judgements(panel, expert_weights), "geometric-mean")
    by_priorities = aggregate_priorities(priorities(panel, "geometric-mean"), expert_weights)
    np.testing.assert_allclose(by_judgements, by_priorities, rtol=1e-13)


@given(panels(), st.floats(0.1, 10))
def test_scale_and_order_of_expert_weights_do_not_matter(panel: np.ndarray, factor: float) -> None:
    weights = np.arange(1.0, len(panel) + 1)
    group = aggregate_judgements(panel, weights)
    np.testing.assert_allclose(aggregate_judgements(panel, factor * weights), group, rtol=1e-13)
    np.testing.assert_allclose(aggregate_judgements(panel[::-1], weights[::-1]), group, rtol=1e-13)


def test_one_expert_is_the_group() -> None:
    matrix = from_upper([2.0, 3.0, 4.0], 3)
    np.testing.assert_allclose(aggregate_judgements(matrix[None]), matrix, rtol=1e-15)
    np.testing.assert_allclose(aggregate_priorities([[0.2, 0.8]]), [0.2, 0.8], rtol=1e-15)


def test_expert_weights_are_exponents() -> None:
    group = aggregate_judgements([[[1, 2], [0.5, 1]], [[1, 8], [0.125, 1]]], [2, 1])
    assert group[0, 1] == pytest.approx(2 ** (2 / 3) * 8 ** (1 / 3), rel=1e-15)


def test_a_pair_is_averaged_over_those_who_compared_it() -> None:
    first = blanked(from_upper([2.0, 3.0, 4.0], 3), (0, 1))
    second = blanked(from_upper([8.0, 27.0, 5.0], 3), (1, 2))
    group = aggregate_judgements([PairwiseMatrix(first), PairwiseMatrix(second)])
    np.testing.assert_allclose(group[np.triu_indices(3, 1)], [8, 9, 4], rtol=1e-15)
    nobody = aggregate_judgements(np.stack([first, first]))
    assert np.isnan(nobody[0, 1])
    assert np.isnan(nobody[1, 0])
    assert np.isnan(aggregate_judgements(np.stack([first, second]), [1, 0])[0, 1])


def test_arithmetic_mean_by_name_only() -> None:
    vectors = [[0.9, 0.1], [0.5, 0.5]]
    np.testing.assert_allclose(aggregate_priorities(vectors, mean="arithmetic"), [0.7, 0.3], rtol=1e-15)
    np.testing.assert_allclose(aggregate_priorities(vectors), [0.75, 0.25], rtol=1e-15)  # √.45 : √.05 = 3 : 1
    with pytest.raises(OptionError):
        aggregate_priorities(vectors, mean="harmonic")  # type: ignore[arg-type]  # the point of the test


def test_the_group_matrix_hides_the_inconsistency_of_its_members() -> None:
    panel = imperfect(10, 6, np.random.default_rng(0), noise=0.8)
    assert np.mean(analyse(panel).cr) > 4 * analyse(aggregate_judgements(panel)).cr


@pytest.mark.parametrize(
    ("weights", "kind", "indices"),
    [
        ([1, -1], ExpertWeightError, (1,)),
        ([float("nan"), 1], ExpertWeightError, (0,)),
        ([1, float("inf")], ExpertWeightError, (1,)),
        ([0, 0], ExpertWeightError, (0, 1)),
        ([1, 1, 1], ShapeError, ()),
    ],
)
def test_expert_weights_at_fault(weights: list[float], kind: type[WeightingError], indices: tuple[int, ...]) -> None:
    for call in (
        lambda: aggregate_judgements(np.ones((2, 3, 3)), weights),
        lambda: aggregate_priorities([[1, 1], [1, 1]], weights),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert caught.value.indices == indices


@pytest.mark.parametrize("bad", [0.0, -0.1, float("nan"), float("inf")])
def test_weights_at_fault(bad: float) -> None:
    with pytest.raises(PriorityError) as caught:
        aggregate_priorities([[0.5, 0.5], [0.5, bad]])
    assert caught.value.indices == ((1, 1),)
    with pytest.raises(PriorityError):
        consensus([[0.0, 0.0], [1, 0]])


def test_an_empty_panel() -> None:
    for call in (lambda: aggregate_priorities(np.empty((0, 3))), lambda: select_experts([])):
        with pytest.raises(PanelError):
            call()
    with pytest.raises(ShapeError):
        aggregate_judgements(np.ones((3, 3)))
    with pytest.raises(ShapeError):
        aggregate_priorities([0.5, 0.5])


def test_policies() -> None:
    cr = [0.05, 0.1, 0.11, 0.3]
    returned = select_experts(cr)
    assert (returned.policy, returned.provisional) == (InconsistencyPolicy.RETURN, True)
    assert (returned.inconsistent, returned.included, returned.excluded) == ((2, 3), (0, 1, 2, 3), ())
    excluded = select_experts(cr, "exclude")
    assert (excluded.included, excluded.excluded, excluded.provisional) == ((0, 1), (2, 3), False)
    kept = select_experts(cr, "keep")
    assert (kept.inconsistent, kept.included, kept.provisional) == ((2, 3), (0, 1, 2, 3), False)
    assert not select_experts([0.0, 0.1]).provisional
    assert select_experts(cr, limit=0.2).inconsistent == (3,)


def test_all_experts_excluded() -> None:
    with pytest.raises(PanelError) as caught:
        select_experts([0.2, 0.3], "exclude")
    assert (caught.value.indices, caught.value.values) == ((0, 1), (0,))
    with pytest.raises(OptionError):
        select_experts([0.2], "repair")
    with pytest.raises(ShapeError):
        select_experts(0.2)


@given(st.integers(2, 12), st.integers(2, 12))
def test_consensus_ends_at_none_and_full(n: int, experts: int) -> None:
    """Goepel 2018: experts each extreme on another item give 0 %, identical weights 100 %."""
    extreme = np.ones((n, n)) + 8 * np.eye(n)
    opposed = extreme[: min(n, experts)]
    assert consensus(opposed).s_star == pytest.approx(0, abs=1e-12)
    assert consensus(np.tile(extreme[0], (experts, 1))).s_star == pytest.approx(1, abs=1e-12)


@given(panels())
def test_consensus_lies_between(panel: np.ndarray) -> None:
    found = consensus(priorities(panel))
    assert found.s_star <= 1 + 1e-12
    assert found.beta >= -1e-12
    assert found.gamma == pytest.approx(found.alpha + found.beta)


def test_consensus_by_hand() -> None:
    """Two experts, two items, weights (.75, .25) and (.25, .75), M = 9: c = e^(ln 2 − H(.9, .1))."""

    def entropy(*p: float) -> float:
        return -sum(x * np.log(x) for x in p)

    beta = np.log(2) - entropy(0.75, 0.25)
    floor = np.exp(entropy(0.9, 0.1) - np.log(2))
    assert consensus([[3, 1], [1, 3]]).s_star == pytest.approx((np.exp(-beta) - floor) / (1 - floor), abs=1e-14)


def test_consensus_needs_two_experts() -> None:
    with pytest.raises(PanelError):
        consensus([[0.5, 0.5]])
    assert consensus([[1.0], [1.0]]).s_star == 1
    with pytest.raises(OptionError):
        consensus([[1, 2], [2, 1]], scale_maximum=1)


def test_variation() -> None:
    np.testing.assert_allclose(variation([[0.2, 0.8], [0.4, 0.6]]), [np.sqrt(0.02) / 0.3, np.sqrt(0.02) / 0.7])
    assert np.isnan(variation([[0.0, 1.0], [0.0, 1.0]])[0])
    with pytest.raises(PanelError):
        variation([[0.2, 0.8]])


def test_an_outlying_expert_is_flagged() -> None:
    panel = priorities(imperfect(11, 6, np.random.default_rng(3), noise=0.2))
    panel[4] = panel[4][::-1] ** 2
    found = outlying_experts(panel)
    assert found.experts == (4,)
    assert found.distances.argmax() == 4
    assert not found.distances.flags.writeable


def test_no_outlier_where_all_agree_or_few_answered() -> None:
    assert outlying_experts(np.tile([0.5, 0.3, 0.2], (6, 1))).experts == ()
    assert outlying_experts([[0.9, 0.1], [0.1, 0.9]]).experts == ()
    one_apart = np.tile([0.5, 0.3, 0.2], (6, 1))
    one_apart[2] = [0.2, 0.3, 0.5]
    assert outlying_experts(one_apart).experts == (2,)
    with pytest.raises(PanelError):
        outlying_experts([[0.5, 0.5]])


@pytest.mark.parametrize("experts", [2, 3, 4, 7])
def test_distances_and_limit_by_a_plain_loop(experts: int) -> None:
    """Each expert's centred logarithms against the mean of the others'; scipy's deviation for the limit."""
    panel = priorities(imperfect(experts, 5, np.random.default_rng(experts), noise=0.5))
    centred = [np.log(row / stats.gmean(row)) for row in panel]
    wanted = [
        np.linalg.norm(centred[k] - np.mean([row for j, row in enumerate(centred) if j != k], axis=0))
        for k in range(experts)
    ]
    found = outlying_experts(panel)
    np.testing.assert_allclose(found.distances, wanted, rtol=1e-12)
    limit = np.median(wanted) + 3 * stats.median_abs_deviation(wanted, scale="normal") if experts >= 4 else np.inf
    assert found.limit == pytest.approx(limit, rel=1e-5)
    assert found.experts == tuple(k for k in np.argsort(wanted)[::-1] if wanted[k] > limit)
