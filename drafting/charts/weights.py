"""Pictures of the weights: bars with intervals, rounds converging, how the experts differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from drafting.charts.places import Scale, box, circle, fold, nice, number, width
from drafting.model.drawing import Plot, Shape
from drafting.model.results import WeightGroup
from drafting.model.weight_details import (
    ItemStatistics,
    SurveyWeightDetails,
    WeightSpread,
    agreement_of,
    by_method,
    consulted,
    intervals_of,
)

_WIDTH, _WIDE = 460, 574
_NAMES = 152.0
_ROW = 34.0
_COLUMNS = 3
_PANEL = 122.0
_MOST_LABELLED = 40
"""Experts up to which the rows of the map carry codes and figures."""
_LESS, _NONE, _MORE = (0x8A, 0x5A, 0x12), (0xF4, 0xF5, 0xF4), (0x0A, 0x5C, 0x4A)
"""Colours of a weight far below the group's, equal to it, far above."""


def weight_bars(group: WeightGroup) -> Plot:
    """Published weights of one group as bars, with the bootstrap interval over the experts where there is one."""
    details = intervals(group)
    spread = {i.item: (i.lower, i.upper) for i in details.items} if details else {}
    ends = [max(w.exact, spread.get(w.name, (0.0, 0.0))[1]) for w in group.weights]
    across = Scale(0.0, max(ends) or 1.0, _NAMES, _WIDTH - 52.0)
    bottom = _ROW * len(group.weights)
    shapes = [Shape("grid", f"M{across(v):.1f} 0V{bottom:.1f}") for v in nice(across.low, across.high)]
    for n, (w, end) in enumerate(zip(group.weights, ends, strict=True)):
        middle = _ROW * (n + 0.5)
        shapes += names_beside(w.name, _NAMES - 8, middle)
        shapes.append(Shape("bar", box(_NAMES, across(w.exact), middle - 10, middle + 10)))
        if w.name in spread:
            low, high = (across(v) for v in spread[w.name])
            shapes.append(
                Shape("whisker", f"M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 5}v10M{high:.1f} {middle - 5}v10")
            )
        shapes.append(Shape("word count", text=str(w.published), x=across(end) + 6, y=middle + 4.5))
    for value in nice(across.low, across.high):
        words = number(value, across.low, across.high)
        shapes.append(Shape("tick", text=words, x=across(value), y=bottom + 16, anchor="middle"))
    note = "数字为公布的权重"
    if details:
        note = f"横线为对专家重抽样（{details.samples} 次）的 {details.level:.0%} 区间；{note}"
    label = f"{group.group}的权重：" + "、".join(f"{w.name}{w.published}" for w in group.weights)
    return Plot(_WIDTH, round(bottom + 20), label, tuple(shapes), f"{group.group}：权重", note)


def names_beside(name: str, right: float, middle: float) -> Iterator[Shape]:
    """A name on at most two lines that end at some place."""
    lines = fold(name, right - 2)
    for k, words in enumerate(lines):
        yield Shape("name", text=words, x=right, y=middle + 4.5 + 15 * (k - (len(lines) - 1) / 2), anchor="end")


def convergence(group: WeightGroup) -> Plot | None:
    """Median and quartiles of every item over the rounds; None if the group was not part of a Delphi study."""
    rounds = _rounds(group)
    if not rounds:
        return None
    items = [i.item for i in next(iter(rounds.values()))]
    lines = math.ceil(len(items) / _COLUMNS)
    ends = [end for of in rounds.values() for i in of for end in (i.median, i.q1, i.q3) if end is not None]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    room = (high - low) * 0.08 or abs(high) * 0.08 or 1.0
    up = Scale(max(low - room, 0.0) if low >= 0 else low - room, high + room, 24.0, _PANEL - 26, turned=True)
    wide = (_WIDE - 30.0) / _COLUMNS
    shapes: list[Shape] = []
    for k, item in enumerate(items):
        left, top = 30 + (k % _COLUMNS) * wide, (k // _COLUMNS) * _PANEL
        panel = Plot(0, 0, "", tuple(_panel(item, rounds, k, up, wide - 14)))
        shapes += panel.moved(left, top)
        if k % _COLUMNS == 0:
            for value in nice(up.low, up.high):
                words = number(value, up.low, up.high)
                shapes.append(Shape("tick", text=words, x=left - 6, y=top + up(value) + 4, anchor="end"))
    label = f"{group.group}各指标在各轮咨询中的中位数和四分位区间"
    title, note = f"{group.group}：各轮意见的收敛", "点为中位数，竖线为四分位区间"
    return Plot(_WIDE, round(lines * _PANEL), label, tuple(shapes), title, note)


def _panel(
    item: str, rounds: Mapping[str, Sequence[ItemStatistics]], k: int, up: Scale, wide: float
) -> Iterator[Shape]:
    (words,) = fold(item, wide, 1)
    yield Shape("name", text=words, x=0, y=13)
    for value in nice(up.low, up.high):
        yield Shape("grid", f"M0 {up(value):.1f}H{wide:.1f}")
    places = Scale(0, max(len(rounds) - 1, 1), 24.0, wide - 24.0)
    middles = [places(n) if len(rounds) > 1 else wide / 2 for n in range(len(rounds))]
    drawn = [
        (x, *map(up, ends))
        for x, of in zip(middles, rounds.values(), strict=True)
        if (ends := of[k].middle) is not None
    ]
    if len(drawn) > 1:
        lower = "L".join(f"{x:.1f} {q1:.1f}" for x, q1, _, _ in drawn)
        upper = "L".join(f"{x:.1f} {q3:.1f}" for x, _, _, q3 in reversed(drawn))
        yield Shape("band", f"M{lower}L{upper}Z")
        yield Shape("median", "M" + "L".join(f"{x:.1f} {m:.1f}" for x, _, m, _ in drawn))
    for x, q1, middle, q3 in drawn:
        yield Shape("median", f"M{x:.1f} {q1:.1f}V{q3:.1f}")
        yield Shape("point", circle(x, middle, 3))
    for x, name in zip(middles, rounds, strict=True):
        yield Shape("tick", text=f"第{int(name)}轮", x=x, y=_PANEL - 10, anchor="middle")


def consensus_map(group: WeightGroup, *, internal: bool = False) -> Plot | None:
    """Each expert's weights as difference from the group's, experts in rows; None with fewer than two experts.

    Rows are ordered by their distance from the group, so that their order tells nobody's code.

    ``internal``: whether rows carry the experts' codes, for the committee's own papers.
    """
    vectors = _vectors(group)
    if len(vectors) < 2:
        return None
    middle = [w.exact for w in group.weights]
    apart = {e: [float(x) - m for x, m in zip(v, middle, strict=True)] for e, v in vectors.items()}
    order = sorted(apart, key=lambda e: (sum(abs(x) for x in apart[e]), apart[e]))
    most = max(abs(x) for of in apart.values() for x in of) * 100 or 1.0
    labelled = len(order) <= _MOST_LABELLED
    left = max((width(e) for e in order), default=0.0) + 10 if internal and labelled else 12.0
    wide, tall = (_WIDE - left) / len(middle), 20.0 if labelled else max(600 / len(order), 1.5)
    top = 36.0
    shapes: list[Shape] = []
    for n, w in enumerate(group.weights):
        for k, words in enumerate(fold(w.name, wide - 6)):
            shapes.append(Shape("tick", text=words, x=left + (n + 0.5) * wide, y=13 + 15 * k, anchor="middle"))
    for row, expert in enumerate(order):
        y = top + row * tall
        if internal and labelled:
            shapes.append(Shape("tick", text=expert, x=left - 6, y=y + tall / 2 + 4, anchor="end"))
        for n, away in enumerate(100 * x for x in apart[expert]):
            x = left + n * wide
            shapes.append(Shape("cell", box(x, x + wide, y, y + tall), ink=_colour(away / most)))
            if labelled:
                look = "tick light" if abs(away) > 0.55 * most else "tick count"
                text = f"{away:+.0f}" if abs(away) >= 0.5 else "0"
                shapes.append(Shape(look, text=text, x=x + wide / 2, y=y + tall / 2 + 4, anchor="middle"))
    shapes += _scale_of(most, left, top + tall * len(order) + 12)
    who = "" if internal and labelled else f"{len(order)} 位专家，按偏离程度排列，不署名；"
    note = f"{who}颜色为与专家组权重之差（百分点）"
    height = round(top + tall * len(order) + 44)
    label = f"{group.group}：各位专家的权重与专家组权重之差"
    return Plot(_WIDE, height, label, tuple(shapes), _map_title(group), note)


def _scale_of(most: float, left: float, top: float) -> Iterator[Shape]:
    """What the colours mean."""
    for n, part in enumerate((-1.0, -0.5, 0.0, 0.5, 1.0)):
        x = left + 58 * n
        yield Shape("cell", box(x, x + 58, top, top + 10), ink=_colour(part))
        yield Shape("tick", text=f"{part * most:+.0f}" if part else "0", x=x + 29, y=top + 25, anchor="middle")


def _colour(part: float) -> str:
    """From one end through near-white to the other, by the part of the greatest difference."""
    end = _MORE if part > 0 else _LESS
    share = min(abs(part), 1.0)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(_NONE, end, strict=True))


def _map_title(group: WeightGroup) -> str:
    methods = by_method(group.details).values()
    agreed = next((found for d in methods if (found := agreement_of(d).consensus)), None)
    return f"{group.group}：各位专家的权重" + (f"（S*={agreed.s_star:.2f}）" if agreed else "")


def intervals(group: WeightGroup) -> WeightSpread | None:
    """Bootstrap of the group's weights; None for combined weights, whose parts have their own."""
    of = by_method(group.details).get("")
    return None if of is None else intervals_of(of)


def _rounds(group: WeightGroup) -> Mapping[str, Sequence[ItemStatistics]]:
    found = consulted(group.details)
    return {} if found is None else found.rounds


def _vectors(group: WeightGroup) -> Mapping[str, Sequence[float]]:
    """Weights of every expert, by the first method that has them."""
    methods = (d for d in by_method(group.details).values() if not isinstance(d, SurveyWeightDetails))
    return next((d.vectors for d in methods if d.vectors), {})
