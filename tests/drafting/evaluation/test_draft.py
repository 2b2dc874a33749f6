"""Weights and baselines put together: what is lacking is said in words, whatever is wrong with a weight."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drafting.evaluation.draft import criterion, decimals_of, draft_of
from drafting.model.bounds import parse_bound
from drafting.model.results import Weights
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


@pytest.mark.parametrize(
    ("cells", "decimals"),
    [
        (("≤0.650", "≤0.7", "≤0.80"), 3),  # as printed: a zero at the end is a place that is compared too
        (("≤1", "≤2", "≤3"), 0),
        (("≤1.5", "≤2", "≤30"), 1),
        (("先进", "先进", "先进"), None),
        (("≤0.14+0.08n", "≤1.25", "先进"), 2),
    ],
)
def test_values_are_rounded_to_the_most_decimals_that_a_baseline_has(
    cells: tuple[str, ...], decimals: int | None
) -> None:
    """修约值比较法 of GB/T 8170 4.3.3: values are rounded to the place of the limit they are compared with."""
    inputs = project([indicator("A1", cells=cells)], {"A1": [1.0, 2.0]}, first={"能源消耗": "1"})
    _, baselines = runs(inputs)
    (found,) = baselines.indicators
    assert decimals_of(found) == decimals


def without(weights: Weights, code: str) -> Weights:
    """Leave out the second-level group that an indicator stands in."""
    kept = tuple(group for group in weights.second_level if code not in [w.key for w in group.weights])
    assert len(kept) == len(weights.second_level) - 1
    return replace(weights, second_level=kept)


@pytest.mark.parametrize("weighed", [True, False])
def test_a_bonus_group_takes_part_where_it_has_weights(weighed: bool) -> None:
    """It lies outside the sum of D.2: left out without weights; with them its points are 100·ω_i·ω_ij (5 of 0.05)."""
    plain, extra = indicator("A1", cells=("≤1", "≤2", "≤3")), indicator("B1", "加分", cells=("≤1", "≤2", "≤3"))
    inputs = project([plain, extra], {"A1": [1.0], "B1": [1.0]}, bonus={"加分": "0.05"})
    weights, baselines = runs(inputs)
    draft, lacking = draft_of(inputs, weights if weighed else without(weights, "B1"), baselines)
    assert draft is not None, lacking
    assert (draft.categories, draft.bonus) == ((("能源消耗", "加分"), {1}) if weighed else (("能源消耗",), set()))
    if weighed:
        assert draft.weight_system().bonus_points([False, True], [True, True], 100) == 5


def test_a_group_of_the_sum_without_weights_is_lacking() -> None:
    plain, other = (indicator(c, g, cells=("≤1", "≤2", "≤3")) for c, g in (("A1", "能源消耗"), ("B1", "水资源消耗")))
    inputs = project([plain, other], {"A1": [1.0], "B1": [1.0]}, first={"能源消耗": "0.5", "水资源消耗": "0.5"})
    weights, baselines = runs(inputs)
    assert draft_of(inputs, without(weights, "B1"), baselines) == (None, "没有权重的指标：指标B1")


@pytest.mark.parametrize(("lacking", "more"), [(1, ""), (5, ""), (6, " 等6个")])
def test_five_names_are_written_out(lacking: int, more: str) -> None:
    indicators = [indicator(f"A{k}", weight="1/7", cells=() if k < lacking else ("≤1", "≤2", "≤3")) for k in range(7)]
    inputs = project(indicators, {one.code: [None, None] for one in indicators}, first={"能源消耗": "1"})
    names = "、".join(f"指标A{k}" for k in range(min(lacking, 5)))
    assert draft_of(inputs, *runs(inputs)) == (None, f"没有基准值的指标：{names}{more}")


def test_a_draft_holds_what_appendix_d_needs() -> None:
    indicators = [
        indicator("A1", cells=("≤1", "≤2", "≤3"), weight="0.4", limiting=True),
        indicator("A2", cells=("≤1", "≤2", "≤3"), weight="0.6"),
    ]
    inputs = project(indicators, {"A1": [1.0, 2.0], "A2": [1.0, 2.0]}, first={"能源消耗": "1"})
    draft, words = draft_of(inputs, *runs(inputs))
    assert draft is not None
    assert words == ""
    assert (draft.names, draft.limiting.tolist(), draft.groups) == (("指标A1", "指标A2"), [True, False], (0, 0))
    assert (draft.rule.full_mark, list(draft.rule.thresholds)) == (100, [85, 85, 100])
    own = replace(draft.baselines[0], stratum="大型")
    by_stratum = replace(draft, strata={("A1", "大型"): own})
    assert by_stratum.stratum_names == ("大型",)
    assert by_stratum.baselines_in("大型") == (own, draft.baselines[1])
    assert by_stratum.baselines_in("小型") == draft.baselines
    assert [one.direction for one in map(criterion, draft.indicators, draft.baselines)] == ["smaller", "smaller"]
    assert criterion(draft.indicators[0], own).bounds[2] == parse_bound("≤3")
