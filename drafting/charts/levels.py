"""Pictures of the baselines of a whole category, and the files of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drafting.charts.canvas import FORMS, GRID, MUTED, draw, shortened
from drafting.charts.distribution import COLOURS, FLAG, LIGHT, benchmark_curve, distribution
from drafting.files import atomic, file_stem
from drafting.model.pictures import IndicatorPicture, apart
from drafting.model.terms import Direction

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ON_A_PAGE, MOST_CURVES = 14, 8


def overview(category: str, pictures: Sequence[IndicatorPicture], form: str = "png") -> bytes:
    """Draw one page for a category: each indicator's values as a strip from the best to the worst, with its cuts.

    Raises
    ------
    ChartError
        See :func:`drafting.charts.canvas.draw`.
    """

    def paint(figure: Figure) -> None:
        figure.suptitle(f"{category}：调研值与基准值", x=0.01, ha="left", fontsize=11, weight="bold")
        grid = figure.subplots(len(pictures), 1, squeeze=False)
        for axes, picture in zip(grid[:, 0], pictures, strict=True):
            _row(axes, picture)
        note = "左好右差；细线为各企业，色段依次为Ⅰ级、Ⅱ级、Ⅲ级的范围，○ 为待核实的值"
        figure.supxlabel(note, fontsize=7.5, color=MUTED, x=0.01, ha="left")

    return draw(paint, height=0.8 + 0.78 * len(pictures), form=form)


def _row(axes: Axes, picture: IndicatorPicture) -> None:
    low, high, _ = picture.window()
    smaller = picture.direction is Direction.SMALLER
    edge = low if smaller else high
    for cut in picture.cuts:
        left, right = sorted((edge, cut.value))
        axes.axvspan(left, right, ymin=0.12, ymax=0.62, color=LIGHT[cut.grade], linewidth=0)
        edge = cut.value
    shown = picture.values[(picture.values >= low) & (picture.values <= high)]
    axes.plot(shown, np.full(len(shown), 0.37), linestyle="none", marker="|", markersize=9, markeredgewidth=0.5,
              color="#33484A", alpha=max(0.2, min(0.7, 60 / max(len(shown), 1))))  # fmt: skip
    flagged = [m.value for m in picture.marks if not m.excluded and low <= m.value <= high]
    axes.plot(flagged, [0.37] * len(flagged), linestyle="none", marker="o", markersize=5, markerfacecolor="none",
              markeredgecolor=FLAG, markeredgewidth=1)  # fmt: skip
    span = high - low
    at = [(c.value - low) / span if smaller else (high - c.value) / span for c in picture.cuts]
    places = apart(at, 0.11, 0.04, 0.96)
    for cut, place in zip(picture.cuts, places, strict=True):
        axes.plot([cut.value] * 2, [0.08, 0.66], color=COLOURS[cut.grade], linewidth=1.6)
        axes.annotate(cut.text, (cut.value, 0.66), xytext=(place, 0.72), textcoords="axes fraction", ha="center",
                      va="bottom", fontsize=7.5, color=COLOURS[cut.grade], weight="bold")  # fmt: skip
    axes.set_xlim((low, high) if smaller else (high, low))
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    unit = f"（{picture.unit}）" if picture.unit else ""
    name = shortened(picture.title, 12)
    axes.set_ylabel(f"{name}\n{unit}n={picture.n}", rotation=0, ha="right", va="center", fontsize=8)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    axes.tick_params(length=2, labelsize=7, colors=MUTED)
    axes.locator_params(axis="x", nbins=6)


def pages(
    pictures: Iterable[IndicatorPicture], most: int = MOST_ON_A_PAGE
) -> list[tuple[str, tuple[IndicatorPicture, ...]]]:
    """Pictures of all enterprises together by category, at most so many on a page."""
    by_category: dict[str, list[IndicatorPicture]] = {}
    for picture in pictures:
        if not picture.stratum:
            by_category.setdefault(picture.category, []).append(picture)
    found = []
    for category, of in by_category.items():
        found += [(category, tuple(of[i : i + most])) for i in range(0, len(of), most)]
    return found


def write_level_charts(
    pictures: Sequence[IndicatorPicture], folder: Path, *, internal: bool = False, forms: Sequence[str] = FORMS
) -> list[Path]:
    """Write all pictures of the baselines as PNG and SVG.

    Parameters
    ----------
    internal
        Whether suspicious values carry the enterprises' names; those pictures are written under another name.

    Raises
    ------
    ChartError
        Matplotlib or a Chinese font is missing.
    OutputError
        If a file cannot be written.
    """
    written: list[Path] = []
    for form in forms:
        taken: set[str] = set()
        for category, of in pages(pictures):
            name = file_stem(f"基准值总览-{category}", "图", taken=taken)
            written.append(_write(folder, name, form, overview(category, of, form)))
        for picture in pictures:
            stem = f"{picture.code}-{picture.title}"
            inside = "（内部）" if internal else ""
            data = distribution(picture, form, internal=internal)
            named = file_stem(f"分布-{stem}{inside}", "图", taken=taken)
            written.append(_write(folder, named, form, data))
            named = file_stem(f"对标曲线-{stem}", "图", taken=taken)
            written.append(_write(folder, named, form, benchmark_curve(picture, form)))
    return written


def _write(folder: Path, stem: str, form: str, data: bytes) -> Path:
    path = folder / f"{stem}.{form}"
    with atomic(path) as partial:
        partial.write_bytes(data)
    return path
