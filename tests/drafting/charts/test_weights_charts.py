"""Pictures of the weights: lengths are the figures, no codes in public, what is not there is left out."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from drafting.charts.svg import svg
from drafting.charts.weights import consensus_map, convergence, weight_bars
from drafting.model.drawing import Plot
from drafting.model.results import WeightGroup, WeightRow
from drafting.model.weight import Weight
from drafting.model.weight_details import (
    Agreement,
    AllocationUncertainty,
    CombinationFigures,
    CombinedDetails,
    Consensus,
    ConsultedDetails,
    ItemSpread,
    ItemStatistics,
    WeightSpread,
)

NAMES = ("单位产品综合能耗", "余热利用率", "清洁能源占比")
VECTORS = {"专家01": (0.6, 0.3, 0.1), "专家02": (0.5, 0.2, 0.3), "甲乙丙": (0.4, 0.4, 0.2)}


def group(**details: Any) -> WeightGroup:
    weights = tuple(
        WeightRow(f"N{k}", n, x, Weight.number(Decimal(str(x))))
        for k, (n, x) in enumerate(zip(NAMES, (0.5, 0.3, 0.2), strict=True))
    )
    items = tuple(
        ItemSpread(item=w.name, weight=w.exact, lower=w.exact - 0.05, upper=w.exact + 0.04, rank_frequencies=())
        for w in weights
    )
    spread = WeightSpread(level=0.95, samples=2000, discarded=0, items=items)
    nothing = dict.fromkeys(("mean", "sd", "cv", "iqr", "minimum", "maximum", "full_mark_share", "disagreement"))
    rounds = {
        str(r): tuple(
            ItemStatistics(item=n, n=3, missing=0, median=30 + k, q1=25 + k + r, q3=40 + k - r, **nothing)
            for k, n in enumerate(NAMES)
        )
        for r in (1, 2)
    }
    agreed = Consensus(s_star=0.8, level="高", chance=0.5, chance_upper=0.6, alpha=1, beta=1, gamma=1)
    told = ConsultedDetails(
        items=NAMES, instrument="allocation", proxy=False, round=2, latest_round=2, provisional=False,
        plain=(0.5, 0.3, 0.2), authority_weighted=None, chosen="plain", experts_used=tuple(VECTORS), spread=None,
        quartiles="", rounds=rounds, concordance={}, stability={}, dissent=(), vectors=VECTORS,
        agreement=Agreement(consensus=agreed),
        uncertainty=AllocationUncertainty(bootstrap=spread, leave_one_out=None),
    )  # fmt: skip
    return WeightGroup("能源消耗", weights, "专家咨询法", replace(told, **details))


def numbers(path: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", path)]


def texts(plot: Plot | None) -> list[str]:
    assert plot is not None
    return [s.text for s in plot.shapes if s.text]


def test_bars_are_as_long_as_the_weights_and_whiskers_end_at_the_interval() -> None:
    plot = weight_bars(group())
    bars = [numbers(s.path) for s in plot.shapes if s.look == "bar"]
    left, unit = bars[0][0], (bars[0][2] - bars[0][0]) / 0.5
    assert [(b[2] - b[0]) / unit for b in bars] == pytest.approx([0.5, 0.3, 0.2], abs=0.001)
    whiskers = [numbers(s.path) for s in plot.shapes if s.look == "whisker"]
    ends = [((w[0] - left) / unit, (w[2] - left) / unit) for w in whiskers]
    assert ends == [pytest.approx((x - 0.05, x + 0.04), abs=0.001) for x in (0.5, 0.3, 0.2)]
    assert {"0.5", "0.3", "0.2"} <= set(texts(plot))
    assert "2000 次" in plot.remark


def test_medians_of_all_rounds_stand_at_their_values() -> None:
    plot = convergence(group())
    assert plot is not None
    points = [numbers(s.path) for s in plot.shapes if s.look == "point"]
    assert len(points) == 2 * len(NAMES)
    assert len({round(p[1], 1) for p in points[:2]}) == 1  # the median does not move between the rounds
    assert points[0][1] > points[2][1] > points[4][1]  # 30 < 31 < 32: higher values stand higher
    assert [t for t in texts(plot) if t.startswith("第")] == ["第1轮", "第2轮"] * 3


def test_public_maps_carry_no_code_and_internal_ones_do() -> None:
    public, internal = (consensus_map(group(), internal=i) for i in (False, True))
    assert public is not None
    for code in VECTORS:
        assert code not in svg(public)
        assert code in texts(internal)


def test_a_map_tells_more_from_less_and_writes_the_difference() -> None:
    plot = consensus_map(group(), internal=True)
    assert plot is not None
    first = [s for s in plot.shapes if s.look == "cell"][:3]  # 专家02 against 0.5, 0.3, 0.2
    assert [t for t in texts(plot) if re.fullmatch(r"[+-]?\d+", t)][:3] == ["0", "-10", "+10"]
    assert first[0].ink == "#f4f5f4"
    assert len({s.ink for s in first}) == 3


def test_what_cannot_be_drawn_is_left_out() -> None:
    assert convergence(group(rounds={})) is None
    assert consensus_map(group(vectors={"专家01": [1, 0, 0]})) is None
    assert not [s for s in weight_bars(group(uncertainty=None)).shapes if s.look == "whisker"]


def test_combined_weights_take_their_pictures_from_the_parts() -> None:
    figures = CombinationFigures(
        way="加法", coefficients={}, asked={}, raw_coefficients=None, sign_changed=False, vectors={}
    )
    details = CombinedDetails(items=NAMES, combination=figures, parts={"专家咨询法": group().details})
    combined = WeightGroup("能源消耗", group().weights, "组合", details)
    assert convergence(combined)
    assert consensus_map(combined)
