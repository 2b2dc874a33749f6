"""Writes pictures into a folder, each as PNG and SVG under the name of what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from drafting.charts.indicators import benchmark_curve, distribution, overview, pages
from drafting.charts.raster import png
from drafting.charts.svg import svg
from drafting.charts.trial import barrier_chart, distribution_bars, heat_map, price_curve
from drafting.charts.weights import consensus_map, convergence, weight_bars
from drafting.files import atomic, file_stem
from drafting.model.drawing import Plot
from drafting.model.pictures import IndicatorPicture
from drafting.model.results import Trial, Weights


class Point(Protocol):
    """One point of the trade-off curve."""

    @property
    def reached(self) -> tuple[int, int, int]:
        """Enterprises that reach I, II or better, III or better."""

    @property
    def price(self) -> float:
        """Percentage points."""


class Proposal(Protocol):
    """What the picture needs of a calibration."""

    @property
    def curve(self) -> tuple[Point, ...]:
        """From 5.5.2 to the targets."""

    @property
    def evaluated(self) -> int:
        """Enterprises that take part."""


def write_weight_charts(weights: Weights, folder: Path, *, internal: bool = False) -> list[Path]:
    """Write all pictures of the weights.

    Raises ChartError: Typst, a Chinese font or a character of it is missing; OutputError if a file cannot be written.

    ``internal``: whether the map of the experts names their codes; it is then written under another name.
    """
    drawn: dict[str, Plot | None] = {}
    taken: set[str] = set()
    for group in (weights.first_level, *weights.second_level):
        if len(group.weights) > 1:
            stem = file_stem(group.group, "组", taken=taken)
            drawn[f"权重-{stem}"] = weight_bars(group)
            drawn[f"收敛-{stem}"] = convergence(group)
            drawn[f"共识-{stem}{'（内部）' if internal else ''}"] = consensus_map(group, internal=internal)
    return _write(drawn, folder)


def write_baseline_charts(pictures: Sequence[IndicatorPicture], folder: Path, *, internal: bool = False) -> list[Path]:
    """Write all pictures of the baselines.

    Raises ChartError, OutputError as :func:`write_weight_charts`.

    ``internal``: whether suspicious values carry the enterprises' names; those pictures are written under another name.
    """
    drawn: dict[str, Plot | None] = {}
    taken: set[str] = set()
    for category, of in pages(pictures):
        drawn[file_stem(f"基准值总览-{category}", "图", taken=taken)] = overview(category, of)
    for picture in pictures:
        stem = f"{picture.code}-{picture.title}"
        named = file_stem(f"分布-{stem}{'（内部）' if internal else ''}", "图", taken=taken)
        drawn[named] = distribution(picture, internal=internal)
        drawn[file_stem(f"对标曲线-{stem}", "图", taken=taken)] = benchmark_curve(picture)
    return _write(drawn, folder)


def write_trial_charts(trial: Trial, folder: Path, *, internal: bool = False) -> list[Path]:
    """Write all pictures of the trial; the heat map, which names enterprises, only if `internal`.

    Raises ChartError, OutputError as :func:`write_weight_charts`.
    """
    drawn = {"试评价-等级分布": distribution_bars(trial), "试评价-卡住企业的指标": barrier_chart(trial)}
    if internal:
        drawn["试评价-企业指标热图（内部）"] = heat_map(trial)
    return _write(drawn, folder)


def write_calibration_charts(found: Proposal, folder: Path) -> list[Path]:
    """Write the trade-off curve.

    Raises ChartError, OutputError as :func:`write_weight_charts`.
    """
    points = [(point.price, point.reached) for point in found.curve]
    return _write({"联合校准-代价曲线": price_curve(points, found.evaluated)}, folder)


def _write(drawn: Mapping[str, Plot | None], folder: Path) -> list[Path]:
    kept = {name: plot for name, plot in drawn.items() if plot is not None}
    images = png(tuple(kept.values()), titled=True)
    contents = {f"{name}.png": data for name, data in zip(kept, images, strict=True)}
    contents |= {f"{name}.svg": svg(plot).encode("utf-8") for name, plot in kept.items()}
    for name, data in contents.items():
        with atomic(folder / name) as partial:
            partial.write_bytes(data)
    return [folder / name for name in contents]
