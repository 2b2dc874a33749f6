"""One indicator's survey values as a distribution with the three cuts, and as a benchmark curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drafting.charts.canvas import GRID, INK, MUTED, PALE, WIDTH, draw, shortened, tidy
from drafting.model.pictures import Cut, IndicatorPicture, Mark, apart, beside
from drafting.model.terms import Direction, Grade
from drafting.words import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {Grade.I: "#0B5D57", Grade.II: "#3F8F7F", Grade.III: "#C98A2B"}
LIGHT = {Grade.I: "#CFE3E0", Grade.II: "#DDEBE6", Grade.III: "#F6E8CF"}
FLAG = "#B3392F"
_TALL = 3.7
"""Height of a distribution in inches."""
_FULL = 1.02
"""Upper end of the shares: room for the dot at 100 %."""
_NARROW, _WIDE = 0.0135, 0.0225
"""Width of a digit and of a Chinese letter in a label, as parts of the axes' width; rather too much."""
_CLEAR = 0.075
"""Distance of a label's middle from a dot, as part of the axes' height: half a label and half a dot."""
_NAMED = 8
"""Most marks that are named in an internal picture."""


def distribution(picture: IndicatorPicture, form: str = "png", *, internal: bool = False) -> bytes:
    """Draw the share of enterprises that reach each value, the three cuts with their intervals, and suspicious values.

    Parameters
    ----------
    internal
        Whether suspicious values carry the enterprises' names, for the committee's own papers.

    Raises
    ------
    ChartError
        See :func:`drafting.charts.canvas.draw`.
    """

    def paint(figure: Figure) -> None:
        margins = {"left": 0.7 / WIDTH, "right": 1 - 0.12 / WIDTH, "bottom": 0.45 / _TALL, "top": 1 - 0.3 / _TALL}
        axes, strip = figure.subplots(2, 1, sharex=True, height_ratios=(6, 1), gridspec_kw=margins | {"hspace": 0.24})
        low, high, beyond = picture.window()
        x, y = picture.staircase(low, high)
        axes.fill_between(x, y, step=None, color=PALE, alpha=0.45, linewidth=0)
        axes.plot(x, y, color="#1F6F6B", linewidth=1.5, solid_joinstyle="miter")
        for cut in picture.cuts:
            _band(axes, cut, low, high)
            axes.plot([cut.value, cut.value], [0, cut.share or 0], color=COLOURS[cut.grade], linewidth=1.2)
            axes.plot([low, high], [cut.share or 0] * 2, color=COLOURS[cut.grade], linewidth=0.6, linestyle=(0, (2, 3)))
            axes.plot([cut.value], [cut.share or 0], marker="o", markersize=5, color=COLOURS[cut.grade], zorder=4)
        _label_cuts(axes, picture, low, high)
        strip.patch.set_visible(False)
        axes.set_ylim(0, _FULL)
        axes.set_yticks([0, 0.2, 0.5, 0.8, 1], ["0", "20%", "50%", "80%", "100%"])
        axes.set_ylabel("达到该值的企业比例")
        tidy(axes, grid="y")
        axes.set_title(picture.title, loc="left", weight="bold")
        _strip(strip, picture, low, high, internal=internal)
        strip.set_xlim((high, low) if picture.direction is Direction.LARGER else (low, high))
        tail = f"；另有 {beyond} 家的值在图外" if beyond else ""
        strip.set_xlabel(picture.legend() + tail, fontsize=7.5, color=MUTED, loc="left")
        axes.annotate(f"{picture.axis}（左好右差）", (1, 0), xycoords="axes fraction", xytext=(0, -14),
                      textcoords="offset points", ha="right", fontsize=8, color=MUTED)  # fmt: skip

    return draw(paint, height=_TALL, form=form, fixed=True)


def benchmark_curve(picture: IndicatorPicture, form: str = "png") -> bytes:
    """Draw the enterprises from the best to the worst: share of enterprises across, value upwards, grades as zones.

    Raises
    ------
    ChartError
        See :func:`drafting.charts.canvas.draw`.
    """

    def paint(figure: Figure) -> None:
        axes = figure.add_subplot()
        _curve(axes, picture, size=8.5)
        axes.set_title(f"{picture.title}：对标曲线", loc="left", weight="bold")

    return draw(paint, height=3.1, form=form)


def curve_page(category: str, pictures: Sequence[IndicatorPicture], form: str = "png") -> bytes:
    """Draw the benchmark curves of a category on one page, two in a row.

    Raises
    ------
    ChartError
        See :func:`drafting.charts.canvas.draw`.
    """
    rows = -(-len(pictures) // 2)

    def paint(figure: Figure) -> None:
        figure.suptitle(f"{category}：对标曲线", x=0.01, ha="left", fontsize=11, weight="bold")
        grid = figure.subplots(rows, 2, squeeze=False).ravel()
        for axes, picture in zip(grid, pictures, strict=False):
            _curve(axes, picture, size=7)
            axes.set_title(shortened(picture.title, 20), loc="left", fontsize=8.5, weight="bold")
        for axes in grid[len(pictures) :]:
            axes.set_axis_off()

    return draw(paint, height=0.4 + 2.1 * rows, form=form)


def _curve(axes: Axes, picture: IndicatorPicture, *, size: float) -> None:
    """Paint one curve; ``size`` is that of its words."""
    low, high, beyond = picture.window()
    x, y = picture.curve()
    left = 0.0
    for cut in picture.cuts:
        share = cut.share or 0.0
        zone = (x >= left - 1e-12) & (x <= share + 1e-12)
        axes.fill_between(x[zone], y[zone], low, color=LIGHT[cut.grade], linewidth=0)
        left = share
    rest = x >= left - 1e-12
    axes.fill_between(x[rest], y[rest], low, color="#EEF0F2", linewidth=0)
    axes.plot(x, y, color=INK, linewidth=1.3 if size > 8 else 1)
    for cut in picture.cuts:
        colour, share = COLOURS[cut.grade], cut.share or 0
        axes.plot([0, share], [cut.value] * 2, color=colour, linewidth=0.8, linestyle=(0, (2, 2)))
        axes.plot([share] * 2, [low, cut.value], color=colour, linewidth=0.8)
    _label_curve(axes, picture, low, high, size)
    axes.set_xlim(0, 1)
    axes.set_ylim(low, high)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "20%", "40%", "60%", "80%", "100%"])
    tail = f"；另有 {beyond} 家的值在图外" if beyond else ""
    axes.set_xlabel(f"企业由好到差累计（n={picture.n}{tail}）", color=MUTED, fontsize=size)
    axes.set_ylabel(picture.axis, fontsize=size)
    axes.tick_params(labelsize=size)
    tidy(axes, grid="y")


def _band(axes: Axes, cut: Cut, low: float, high: float) -> None:
    """Draw the interval as a pale band; an open end runs to the edge of the picture."""
    if cut.low is None and cut.high is None:
        return
    left, right = (low if cut.low is None else cut.low), (high if cut.high is None else cut.high)
    axes.axvspan(left, right, ymax=1, color=LIGHT[cut.grade], alpha=0.75, linewidth=0, zorder=0)


def _label_cuts(axes: Axes, picture: IndicatorPicture, low: float, high: float) -> None:
    """Write grade, value and share beside each cut, far enough from each other and clear of the dots."""
    wanted = [(c.share or 0.0) / _FULL for c in picture.cuts]
    texts = [f"{c.grade.chinese} {c.text}  {percent(c.share)}" for c in picture.cuts]
    across = [(c.value - low) / (high - low) for c in picture.cuts]
    if picture.direction is Direction.LARGER:
        across = [1 - x for x in across]
    lefts = [0.985 - 0.02 - sum(_NARROW if ord(c) < 0x2000 else _WIDE for c in words) for words in texts]
    under = [[h for x, h in zip(across, wanted, strict=True) if x > left] for left in lefts]
    heights = beside(wanted, 0.125, 0.06, 0.97, under, _CLEAR)
    for cut, words, height in zip(picture.cuts, texts, heights, strict=True):
        axes.annotate(
            words, (cut.value, cut.share or 0),
            xytext=(0.985, height), textcoords="axes fraction", ha="right", va="center", fontsize=8.5,
            color=COLOURS[cut.grade], weight="bold",
            bbox={"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": GRID, "linewidth": 0.6},
            arrowprops={"arrowstyle": "-", "color": COLOURS[cut.grade], "linewidth": 0.5, "alpha": 0.6},
        )  # fmt: skip


def _label_curve(axes: Axes, picture: IndicatorPicture, low: float, high: float, size: float) -> None:
    """Write each grade where the curve leaves room: below it on its way up, above it on its way down."""
    smaller = picture.direction is Direction.SMALLER
    places = [(c.value - low) / (high - low) for c in picture.cuts]
    places = [p - 0.055 if smaller else p + 0.055 for p in places]
    ascending = places if smaller else places[::-1]
    least, rightmost = (0.1, 0.7) if size > 8 else (0.13, 0.62)
    moved = apart(ascending, least, 0.05, 0.95)
    heights = moved if smaller else moved[::-1]
    for cut, height in zip(picture.cuts, heights, strict=True):
        axes.annotate(
            f"{cut.grade.chinese} {cut.text}（{percent(cut.share)}）", (cut.share or 0, cut.value),
            xytext=(min((cut.share or 0) + 0.012, rightmost), height), textcoords="axes fraction", ha="left",
            va="center", fontsize=size, color=COLOURS[cut.grade], weight="bold",
        )  # fmt: skip


def _strip(axes: Axes, picture: IndicatorPicture, low: float, high: float, *, internal: bool) -> None:
    """One small tick per distinct value, suspicious ones as rings, excluded ones as crosses."""
    shown = picture.values[(picture.values >= low) & (picture.values <= high)]
    axes.plot(shown, np.full(len(shown), 0.5), linestyle="none", marker="|", markersize=7, markeredgewidth=0.6,
              color="#1F6F6B", alpha=max(0.25, min(0.8, 60 / max(len(shown), 1))))  # fmt: skip
    inside = [m for m in picture.marks if low <= m.value <= high]
    for excluded, colour, form in ((False, FLAG, "o"), (True, MUTED, "x")):
        at = [m.value for m in inside if m.excluded is excluded]
        marks = [m.value for m in picture.marks if m.excluded is excluded]
        for below, beyond in ((True, [v for v in marks if v < low]), (False, [v for v in marks if v > high])):
            if beyond:
                _at_edge(axes, picture, below, beyond, form, colour)
        axes.plot(at, [0.5] * len(at), linestyle="none", marker=form, markersize=6, markerfacecolor="none",
                  markeredgecolor=colour, markeredgewidth=1.2)  # fmt: skip
    if internal:
        for place, mark in enumerate(_few(inside)):
            axes.annotate(mark.enterprise, (mark.value, 0.5), xytext=(0, 9 + 9 * (place % 3)), ha="center",
                          textcoords="offset points", fontsize=6.5, color=FLAG)  # fmt: skip
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=2)


def _at_edge(axes: Axes, picture: IndicatorPicture, low: bool, values: list[float], form: str, colour: str) -> None:
    """Say at the edge above the strip which marked values lie beyond it."""
    left = low is (picture.direction is Direction.SMALLER)
    words = f"{values[0]:.6g}" + (f" 等 {len(values)} 个" if len(values) > 1 else "")
    sign = {"o": "○", "x": "×"}[form]
    height = (1.3 if left else 0.98) - (0.3 if form == "o" else 0)
    axes.annotate(f"← {sign} {words}" if left else f"{words} {sign} →", (0 if left else 1, height), fontsize=7,
                  xycoords="axes fraction", ha="left" if left else "right", va="center", color=colour)  # fmt: skip


def _few(marks: list[Mark]) -> list[Mark]:
    return marks[:_NAMED]
