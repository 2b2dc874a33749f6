"""Weights and baselines put together: what is lacking is said in words, whatever is wrong with a weight."""

from __future__ import annotations

import pytest

from drafting.evaluation.draft import draft_of
from tests.drafting.analysis.trial_projects import indicator, project, runs


@pytest.mark.parametrize("weight", ["0.3/n", "0.3", "1/3"])
def test_weights_that_do_not_sum_to_one_are_blamed_on_their_category(weight: str) -> None:
    indicators = [indicator(f"A{k}", cells=("≤1", "≤2", "≤3"), weight="0.25") for k in range(4)]
    indicators += [indicator("B1", "水资源消耗", cells=("≤1", "≤2", "≤3"), weight="0.6")]
    indicators += [indicator("B2", "水资源消耗", cells=("≤1", "≤2", "≤3"), weight=weight)]
    inputs = project(
        indicators, {one.code: [1.0, 2.0] for one in indicators}, first={"能源消耗": "0.5", "水资源消耗": "0.5"}
    )
    draft, lacking = draft_of(inputs, *runs(inputs))
    assert (draft, lacking) == (None, "“水资源消耗”的权重不可用（和应恰为 1）")
