"""Writes the pictures of the trial and of a calibration into a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from drafting.charts.canvas import FORMS
from drafting.charts.trial import barrier_chart, distribution_bars, heat_map, price_curve
from drafting.files import atomic
from drafting.model.results import Trial


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


def write_trial_charts(trial: Trial, folder: Path, *, internal: bool = False) -> list[Path]:
    """Write all pictures of the trial as PNG and SVG; the heat map, which names enterprises, only if `internal`.

    Raises
    ------
    ChartError
        Matplotlib or a Chinese font is missing.
    OutputError
        If a file cannot be written.
    """
    written: list[Path] = []
    for form in FORMS:
        pictures = {
            "试评价-等级分布": distribution_bars(trial, form),
            "试评价-卡住企业的指标": barrier_chart(trial, form),
        }
        if internal:
            pictures["试评价-企业指标热图（内部）"] = heat_map(trial, form)
        written += _write(pictures, folder, form)
    return written


def write_calibration_charts(found: Proposal, folder: Path) -> list[Path]:
    """Write the trade-off curve as PNG and SVG.

    Raises
    ------
    ChartError, OutputError
        As :func:`write_trial_charts`.
    """
    points = [(point.price, point.reached) for point in found.curve]
    written: list[Path] = []
    for form in FORMS:
        written += _write({"联合校准-代价曲线": price_curve(points, found.evaluated, form)}, folder, form)
    return written


def _write(pictures: Mapping[str, bytes | None], folder: Path, form: str) -> list[Path]:
    written = []
    for name, data in pictures.items():
        if data is not None:
            path = folder / f"{name}.{form}"
            with atomic(path) as partial:
                partial.write_bytes(data)
            written.append(path)
    return written
