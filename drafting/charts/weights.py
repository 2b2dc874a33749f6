"""Pictures of the weights: bars with intervals, rounds converging, how the experts differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from drafting.charts.canvas import INK, MUTED, PALE, TEAL, draw, shortened, tidy
from drafting.model.results import WeightGroup

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS = 3
_MOST_LABELLED = 40
"""Experts up to which the rows of the map carry codes and figures."""


def weight_bars(group: WeightGroup, form: str = "png") -> bytes:
    """Published weights of one group as bars, with the bootstrap interval over the experts where there is one.

    Raises
    ------
    ChartError
        See :func:`drafting.charts.canvas.draw`.
    """
    details = intervals(group)
    names = [shortened(w.name) for w in group.weights]
    values = [w.exact for w in group.weights]
    spread = {i["item"]: (float(i["lower"]), float(i["upper"])) for i in details["items"]} if details else {}

    def paint(figure: Figure) -> None:
        axes = figure.add_subplot()
        rows = range(len(names))
        axes.barh(rows, values, height=0.62, color=PALE, edgecolor=TEAL, linewidth=0.8)
        right = max(values)
        for k, w in enumerate(group.weights):
            end = w.exact
            if w.name in spread:
                low, high = spread[w.name]
                axes.plot([low, high], [k, k], color=INK, linewidth=1.1)
                axes.plot([low, low], [k - 0.14, k + 0.14], color=INK, linewidth=1.1)
                axes.plot([high, high], [k - 0.14, k + 0.14], color=INK, linewidth=1.1)
                end = max(end, high)
            right = max(right, end)
            axes.annotate(str(w.published), (end, k), xytext=(5, 0), textcoords="offset points", va="center")
        axes.set_yticks(list(rows), names)
        axes.invert_yaxis()
        axes.set_xlim(0, right * 1.14)
        axes.set_title(f"{group.group}：权重", loc="left", weight="bold")
        note = "数字为公布的权重"
        if details:
            note = f"横线为对专家重抽样（{details['samples']} 次）的 {details['level']:.0%} 区间；{note}"
        axes.set_xlabel(note, fontsize=8, color=MUTED, loc="left")
        tidy(axes)

    return draw(paint, height=1.0 + 0.36 * len(names), form=form)


def convergence(group: WeightGroup, form: str = "png") -> bytes | None:
    """Median and quartiles of every item over the rounds; None if the group was not part of a Delphi study.

    Raises
    ------
    ChartError
        See :func:`drafting.charts.canvas.draw`.
    """
    rounds = _rounds(group)
    if not rounds:
        return None
    numbers = [int(n) for n in rounds]
    items = [i["item"] for i in next(iter(rounds.values()))]
    lines = math.ceil(len(items) / _COLUMNS)

    def paint(figure: Figure) -> None:
        grid = figure.subplots(lines, _COLUMNS, sharex=True, sharey=True, squeeze=False)
        places = range(len(numbers))
        for k, item in enumerate(items):
            axes = grid[k // _COLUMNS][k % _COLUMNS]
            of = [row[k] for row in rounds.values()]
            median, q1, q3 = ([math.nan if i[f] is None else float(i[f]) for i in of] for f in ("median", "q1", "q3"))
            if len(numbers) > 1:
                axes.fill_between(places, q1, q3, color=PALE, linewidth=0)
            for x, low, high in zip(places, q1, q3, strict=True):
                axes.plot([x, x], [low, high], color=TEAL, linewidth=1)
            axes.plot(places, median, color=TEAL, linewidth=1.6, marker="o", markersize=3.5)
            axes.set_title(shortened(item, 13), fontsize=8.5, loc="left")
            tidy(axes, grid="y")
            axes.spines["left"].set_visible(False)
            axes.set_xlim(-0.3, len(numbers) - 0.7)
            axes.set_xticks(list(places), [f"第{n}轮" for n in numbers], fontsize=8)
            if k + _COLUMNS >= len(items):  # the lowest panel of its column
                axes.tick_params(labelbottom=True)
        for k in range(len(items), lines * _COLUMNS):
            grid[k // _COLUMNS][k % _COLUMNS].set_visible(False)
        figure.suptitle(f"{group.group}：各轮中位数（点）与四分位区间", x=0.01, ha="left", fontsize=10, weight="bold")

    return draw(paint, height=0.7 + 1.35 * lines, form=form)


def consensus_map(group: WeightGroup, form: str = "png", *, internal: bool = False) -> bytes | None:
    """Each expert's weights as difference from the group's, experts in rows; None with fewer than two experts.

    Rows are ordered by their distance from the group, so that their order tells nobody's code.

    Parameters
    ----------
    internal
        Whether rows carry the experts' codes, for the committee's own papers.

    Raises
    ------
    ChartError
        See :func:`drafting.charts.canvas.draw`.
    """
    vectors = _vectors(group)
    if len(vectors) < 2:
        return None
    middle = [w.exact for w in group.weights]
    apart = {e: [float(x) - m for x, m in zip(v, middle, strict=True)] for e, v in vectors.items()}
    order = sorted(apart, key=lambda e: (sum(abs(x) for x in apart[e]), apart[e]))
    table = [[100 * x for x in apart[e]] for e in order]
    most = max(max(abs(x) for x in row) for row in table) or 1.0
    labelled = len(order) <= _MOST_LABELLED

    def paint(figure: Figure) -> None:
        axes = figure.add_subplot()
        image = axes.imshow(table, cmap="BrBG", vmin=-most, vmax=most, aspect="auto")
        if labelled:
            for y, row in enumerate(table):
                for x, value in enumerate(row):
                    dark = abs(value) > 0.65 * most
                    text = f"{value:+.0f}" if abs(value) >= 0.5 else "0"
                    axes.text(x, y, text, ha="center", va="center", fontsize=7, color="white" if dark else INK)
        names = [shortened(w.name, 9) for w in group.weights]
        axes.set_xticks(range(len(names)), names, fontsize=8)
        if len(names) > 5:
            for label in axes.get_xticklabels():
                label.set(rotation=40, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(order)) if labelled and internal else [], order if labelled and internal else [])
        axes.set_ylabel("" if internal else f"{len(order)} 位专家（按偏离程度排列，不署名）", fontsize=8, color=MUTED)
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        axes.set_title(_map_title(group), loc="left", weight="bold")
        bar = figure.colorbar(image, ax=axes, shrink=0.8, pad=0.02)
        bar.outline.set_visible(False)
        bar.set_label("与专家组权重之差（百分点）", fontsize=8, color=MUTED)

    return draw(paint, height=1.7 + min(0.24 * len(order), 7.0), form=form)


def _map_title(group: WeightGroup) -> str:
    agreed = next((d["consensus"] for d in _facets(group) if d.get("consensus")), None)
    return f"{group.group}：各位专家的权重" + (f"（S*={agreed['s_star']:.2f}）" if agreed else "")


def _facets(group: WeightGroup) -> Sequence[Mapping[str, Any]]:
    """The details of a group, or of the methods that were combined for it."""
    details: Mapping[str, Any] = group.details
    return tuple(details["parts"].values()) if "parts" in details else (details,)


def intervals(group: WeightGroup) -> Mapping[str, Any] | None:
    """Bootstrap of the group's weights; None for combined weights, whose parts have their own."""
    details: Mapping[str, Any] = group.details
    found: Mapping[str, Any] | None = details.get("bootstrap")
    return found


def _rounds(group: WeightGroup) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return next((d["rounds"] for d in _facets(group) if d.get("rounds")), {})


def _vectors(group: WeightGroup) -> Mapping[str, Sequence[float]]:
    return next((d["vectors"] for d in _facets(group) if d.get("vectors")), {})
