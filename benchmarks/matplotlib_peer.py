"""Matplotlib draws a picture of ours: the same paths and the same words, at the same size."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from drafting.fonts import find_fonts
from drafting.model.drawing import Plot

_STEP = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_MILLIMETRES = 25.4


def path_of(text: str, x: float, y: float) -> Path:
    """A path of SVG (M, L, H, V, Z and their small letters; an arc as a straight step) as one of Matplotlib."""
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    px = py = 0.0
    for step, given in _STEP.findall(text):
        numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+", given)]
        near = step.islower()
        match step.upper():
            case "H":
                px = numbers[-1] + px * near
            case "V":
                py = numbers[-1] + py * near
            case "M" | "L" | "A":
                px, py = numbers[-2] + px * near, numbers[-1] + py * near
        code = {"M": Path.MOVETO, "Z": Path.CLOSEPOLY}.get(step.upper(), Path.LINETO)
        points.append((px + x, py + y))
        codes.append(int(code))
    return Path(points, codes)


def draw(plots: Iterable[Plot], per_unit: float, dots: int) -> list[bytes]:
    """As PNG."""
    fonts = list(find_fonts().hei)
    made = []
    for plot in plots:
        size = (plot.width * per_unit / _MILLIMETRES, plot.height * per_unit / _MILLIMETRES)
        axes = Figure(size, dpi=dots).add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, plot.width), ylim=(plot.height, 0))
        axes.axis("off")
        for shape in plot.shapes:
            if shape.text:
                side = {"start": "left", "middle": "center", "end": "right"}[shape.anchor]
                axes.text(shape.x, shape.y, shape.text, ha=side, rotation=-shape.turn, size=8.9, family=fonts)
            elif shape.path:
                axes.add_patch(PathPatch(path_of(shape.path, shape.x, shape.y), fill=False))
        target = io.BytesIO()
        axes.figure.savefig(target, format="png")
        made.append(target.getvalue())
    return made
