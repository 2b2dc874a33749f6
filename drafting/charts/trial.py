"""Pictures of the trial: stacked bars of grades, what stops enterprises, enterprise × indicator, price of targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from drafting.charts.canvas import GRID, INK, MUTED, PALE, TEAL, draw, shortened, tidy
from drafting.model.results import Trial
from drafting.model.terms import GRADES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Mapping[str, str] = {
    "I": "#1F6F6B", "II": "#5BA39B", "III": "#BFD9D6", "none": "#E3A08F", "excluded": "#C9CED4",
}  # fmt: skip
"""Grades from dark to light, none in red; printed in grey they still differ."""
WORDS: Mapping[str, str] = {"I": "Ⅰ级", "II": "Ⅱ级", "III": "Ⅲ级", "none": "未达Ⅲ级", "excluded": "不参与评价"}
_MOST_BARS = 12
_MOST_ROWS = 120


def distribution_bars(trial: Trial, form: str = "png") -> bytes:
    """Grades as stacked bars: overall, then by stratum and region where there are several; and each indicator alone.

    Raises
    ------
    ChartError
        See :func:`drafting.charts.canvas.draw`.
    """
    bars: list[tuple[str, Mapping[str, int]]] = [("全部企业", trial.distribution)]
    for key in ("strata", "regions"):
        found = trial.details.get(key)
        if isinstance(found, Mapping) and 1 < len(found) <= _MOST_BARS:
            bars += list(found.items())

    def paint(figure: Figure) -> None:
        axes = figure.add_subplot()
        for row, (_, counts) in enumerate(bars):
            total, left = max(sum(counts.values()), 1), 0.0
            for key, colour in COLOURS.items():
                share = counts[key] / total
                label = WORDS[key] if row == 0 else None
                axes.barh(row, share, left=left, height=0.62, color=colour, label=label, edgecolor="white")
                if share >= 0.05:
                    ink = "white" if key == "I" else INK
                    axes.text(left + share / 2, row, str(counts[key]), ha="center", va="center", color=ink)
                left += share
        axes.set_yticks(range(len(bars)), [shortened(f"{name}（{sum(c.values())}）") for name, c in bars])
        axes.invert_yaxis()
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        tidy(axes)
        axes.set_title("试评价：等级分布（条内为企业数）", loc="left", weight="bold", pad=24)
        axes.legend(ncols=len(COLOURS), loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, handlelength=1)

    return draw(paint, height=1.3 + 0.42 * len(bars), form=form)


def barrier_chart(trial: Trial, form: str = "png") -> bytes | None:
    """Which indicators stop how many enterprises on the way to each grade; None where none does.

    Raises
    ------
    ChartError
        See :func:`drafting.charts.canvas.draw`.
    """
    binding = trial.details.get("binding")
    if not isinstance(binding, Mapping):
        return None
    by_grade = {g.value: list(binding.get(g.value, ()))[:_MOST_BARS] for g in GRADES}
    shown = [g for g in reversed(GRADES) if by_grade[g.value]]
    if not shown:
        return None

    def paint(figure: Figure) -> None:
        heights = [len(by_grade[g.value]) + 1.2 for g in shown]
        grid = figure.add_gridspec(len(shown), 1, height_ratios=heights)
        for place, grade in enumerate(shown):
            axes = figure.add_subplot(grid[place])
            items = by_grade[grade.value]
            rows = range(len(items))
            axes.barh(rows, [one["blocked"] for one in items], height=0.66, color=PALE, label="卡住的企业")
            alone = [one["alone"] or 0 for one in items]
            axes.barh(rows, alone, height=0.66, color=TEAL, label="其中只差这一项")
            for k, one in enumerate(items):
                text = str(one["blocked"]) + (f"（只差它 {one['alone']}）" if one["alone"] else "")
                axes.annotate(text, (one["blocked"], k), xytext=(4, 0), textcoords="offset points", va="center")
            names = [one["indicator"] + ("＊" if one["limiting"] else "") for one in items]
            axes.set_yticks(list(rows), [shortened(name, 14) for name in names])
            axes.invert_yaxis()
            axes.set_xlim(0, max(one["blocked"] for one in items) * 1.25)
            title = f"达不到{grade.chinese}的企业卡在哪里（＊限定性指标）"
            axes.set_title(title, loc="left", weight="bold", pad=22 if place == 0 else None)
            tidy(axes)
            if place == 0:
                axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, handlelength=1)

    return draw(paint, height=0.8 + 0.3 * sum(len(by_grade[g.value]) + 1.6 for g in shown), form=form)


def heat_map(trial: Trial, form: str = "png") -> bytes | None:
    """Enterprise × indicator by the grade reached, best enterprises on top; names enterprises: internal edition only.

    Raises
    ------
    ChartError
        See :func:`drafting.charts.canvas.draw`.
    """
    reached = trial.details.get("reached")
    if not isinstance(reached, Mapping):
        return None
    marks: Sequence[str] = reached["enterprises"]
    order = sorted(range(len(marks)), key=lambda n: _rank(trial, n))[:_MOST_ROWS]
    codes = {"1": 0, "2": 1, "3": 2, "0": 3, "?": 4, "-": 5}
    table = [[codes[mark] for mark in marks[n]] for n in order]
    palette = [COLOURS["I"], COLOURS["II"], COLOURS["III"], COLOURS["none"], "#8C4A3A", "#F1F3F5"]
    words = ["Ⅰ级", "Ⅱ级", "Ⅲ级", "未达Ⅲ级", "缺数据", "不适用"]

    def paint(figure: Figure) -> None:
        from matplotlib.colors import ListedColormap
        from matplotlib.patches import Patch

        axes = figure.add_subplot()
        axes.imshow(table, aspect="auto", cmap=ListedColormap(palette), vmin=0, vmax=5, interpolation="nearest")
        axes.set_xticks(
            range(len(reached["codes"])), reached["codes"], rotation=90 if len(reached["codes"]) > 12 else 0
        )
        step = max(1, len(order) // 60)
        rows = range(0, len(order), step)
        labels = [f"{trial.enterprises[order[k]].enterprise[:10]}　{_grade(trial, order[k])}" for k in rows]
        axes.set_yticks(list(rows), labels, fontsize=6.5)
        axes.set_xticks([x - 0.5 for x in range(1, len(reached["codes"]))], minor=True)
        axes.grid(which="minor", axis="x", color="white", linewidth=0.6)
        axes.tick_params(length=0, which="both")
        cut = f"（最好的 {_MOST_ROWS} 家）" if len(marks) > _MOST_ROWS else ""
        axes.set_title(f"企业 × 指标：达到的等级{cut}　内部资料", loc="left", weight="bold", pad=22)
        patches = [Patch(color=colour, label=word) for colour, word in zip(palette, words, strict=True)]
        axes.legend(handles=patches, ncols=6, loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, handlelength=1)

    return draw(paint, height=min(1.5 + 0.125 * len(order), 11.0), form=form)


def _rank(trial: Trial, n: int) -> tuple[Any, ...]:
    one = trial.enterprises[n]
    place = 4 if one.excluded else 3 if one.grade is None else GRADES.index(one.grade)
    return (place, *(-(one.y[g] or 0) for g in GRADES), n)


def _grade(trial: Trial, n: int) -> str:
    one = trial.enterprises[n]
    return "—" if one.excluded or one.grade is None else one.grade.chinese


def price_curve(points: Sequence[tuple[float, Sequence[int]]], evaluated: int, form: str = "png") -> bytes:
    """
    What it costs to bring grades to their targets: share of enterprises over the price in percentage points.

    Parameters
    ----------
    points : sequence of (price, enterprises that reach I, II or better, III or better)
    evaluated : int

    Raises
    ------
    ChartError
        See :func:`drafting.charts.canvas.draw`.
    """
    ordered = sorted(points, key=lambda point: point[0])

    def paint(figure: Figure) -> None:
        axes = figure.add_subplot()
        prices = [price for price, _ in ordered]
        for g, (word, colour) in enumerate(
            zip(("Ⅰ级", "Ⅱ级及以上", "Ⅲ级及以上"), ("#123F3D", TEAL, "#7FB5AE"), strict=True)
        ):
            shares = [reached[g] / evaluated for _, reached in ordered]
            axes.plot(prices, shares, marker="o", markersize=4, color=colour, linewidth=1.6)
            axes.annotate(f"{word} {shares[-1]:.0%}", (prices[-1], shares[-1]), xytext=(6, 0),
                          textcoords="offset points", va="center", color=colour)  # fmt: skip
        axes.set_xlim(0, max(prices[-1], 1) * 1.22)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_xlabel("代价：各基准值的达到比例离开 5.5.2 的距离之和（百分点）", color=MUTED)
        axes.set_title("联合校准：达到各等级的企业比例与代价", loc="left", weight="bold")
        tidy(axes, grid="y")
        axes.spines["bottom"].set_color(GRID)

    return draw(paint, height=3.4, form=form)
