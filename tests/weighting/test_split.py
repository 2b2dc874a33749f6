"""Split questionnaires: regular, connected, evenly covering."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.weighting.judgement_matrices import consistent
from weighting import OptionError, PanelError, aggregate_judgements, islands, priorities, split_questionnaire


@given(st.integers(4, 40), st.integers(1, 25), st.integers(0, 999), st.data())
def test_every_expert_s_part_is_regular_and_connected(n: int, experts: int, seed: int, data: st.DataObject) -> None:
    degrees = [d for d in range(2, n) if n * d % 2 == 0]
    degree = data.draw(st.sampled_from(degrees))
    split = split_questionnaire(n, experts, np.random.default_rng(seed), degree)
    assert len(split.pairs) == experts
    for pairs in split.pairs:
        assert len(set(pairs)) == len(pairs) == n * degree // 2
        graph = np.zeros((n, n), dtype=bool)
        for i, j in pairs:
            assert 0 <= i < j < n
            graph[i, j] = graph[j, i] = True
        assert (graph.sum(axis=1) == degree).all()
        assert len(islands(graph)) == 1
    counts = split.coverage.values()
    assert len(counts) == n * (n - 1) // 2
    assert max(counts) - min(counts) <= 1


def test_fourteen_indicators_and_twenty_experts() -> None:
    split = split_questionnaire(14, 20, np.random.default_rng(1))
    assert split.degree == 6
    assert {len(pairs) for pairs in split.pairs} == {42}
    assert set(split.coverage.values()) <= {9, 10}


def test_default_degrees_are_possible() -> None:
    for n in range(4, 41):
        degree = split_questionnaire(n, 1, np.random.default_rng(0)).degree
        assert degree == 2 or abs(degree - (n - 1) / 2) <= 1.5


def test_the_generator_decides() -> None:
    parts = [split_questionnaire(12, 3, np.random.default_rng(seed)).pairs for seed in (1, 1, 2)]
    assert parts[0] == parts[1]
    assert parts[0] != parts[2]


def test_consistent_experts_lose_nothing() -> None:
    weights = np.arange(1.0, 12.0)
    full = consistent(weights)
    answers = np.full((3, 11, 11), np.nan)
    for expert, pairs in enumerate(split_questionnaire(11, 3, np.random.default_rng(3)).pairs):
        for i, j in pairs:
            answers[expert, i, j] = full[i, j]
    np.testing.assert_allclose(priorities(aggregate_judgements(answers)), weights / weights.sum(), rtol=1e-10)
    np.testing.assert_allclose(priorities(answers), np.tile(weights / weights.sum(), (3, 1)), rtol=1e-10)


@pytest.mark.parametrize(("n", "degree"), [(3, None), (10, 1), (10, 10), (11, 5), (11, 0)])
def test_impossible_splits(n: int, degree: int | None) -> None:
    with pytest.raises(OptionError):
        split_questionnaire(n, 5, np.random.default_rng(0), degree)


def test_no_expert() -> None:
    with pytest.raises(PanelError):
        split_questionnaire(10, 0, np.random.default_rng(0))
