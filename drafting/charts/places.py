"""Where things lie in a drawing: scales, paths, round values for axes, room that words need."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drafting.model.pictures import Floats

LETTER = 7.4
"""Width of a digit; a Chinese letter takes nearly two."""
SMALL = 6.8
"""The same at the size of an axis."""
_TICKS = 5
FINE = 4.0
"""Parts of a unit that are told apart: a survey of any size gives paths of some thousand points."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the values from ``low`` to ``high`` lie between two edges; ``turned`` puts the high ones at the first."""

    low: float
    high: float
    first: float
    last: float
    turned: bool = False

    def __call__(self, value: float) -> float:
        """Place of one value."""
        return float(self.all(np.array([value]))[0])

    def all(self, values: Floats) -> Floats:
        """Places of many values."""
        first, last = (self.last, self.first) if self.turned else (self.first, self.last)
        return first + (values - self.low) / ((self.high - self.low) or 1.0) * (last - first)


def path(x: Floats, y: Floats) -> str:
    """A line through points; those that fall onto one another are left out."""
    points = np.round(np.column_stack((x, y)) * FINE) / FINE
    keep = np.concatenate(([True], (np.diff(points, axis=0) != 0).any(axis=1)))
    points = points[keep]
    if len(points) > 2:  # and those in the middle of a straight piece of a step
        level = (np.diff(points[:, 0]) == 0, np.diff(points[:, 1]) == 0)
        middle = (level[0][:-1] & level[0][1:]) | (level[1][:-1] & level[1][1:])
        points = points[np.concatenate(([True], ~middle, [True]))]
    return "M" + " ".join(f"{a:g},{b:g}" for a, b in points.tolist())


def circle(x: float, y: float, radius: float) -> str:
    """A whole circle."""
    d = 2 * radius
    return f"M{x - radius:.1f} {y:.1f}a{radius} {radius} 0 1 0 {d:g} 0a{radius} {radius} 0 1 0 {-d:g} 0"


def box(left: float, right: float, top: float, bottom: float) -> str:
    """A rectangle, whichever side is given first."""
    left, right = sorted((left, right))
    return f"M{left:.1f} {top:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}Z"


def width(words: str, letter: float = LETTER) -> float:
    """Room that words need, rather too much."""
    return sum(letter if ord(c) < 0x2000 else 2 * letter - 1.5 for c in words)


def fold(words: str, room: float, most: int = 2, letter: float = SMALL) -> tuple[str, ...]:
    """Words on at most so many lines of some width, of about equal length; the last ends in … where there is more."""
    lines = _filled(words, room, most, letter)
    if len(lines) < 2 or lines[-1].endswith("…"):
        return lines
    even = width(words, letter) / len(lines)  # no lone letter on the last line
    for step in range(4):
        balanced = _filled(words, min(room, even + 4 + 6 * step), most, letter)
        if len(balanced) == len(lines) and not balanced[-1].endswith("…"):
            return balanced
    return lines


def _filled(words: str, room: float, most: int, letter: float) -> tuple[str, ...]:
    lines: list[str] = []
    rest = words
    while rest:
        taken = next((n for n in range(len(rest), 0, -1) if width(rest[:n], letter) <= room), 1)
        if len(lines) == most - 1 and taken < len(rest):
            return (*lines, rest[: max(taken - 1, 1)] + "…")
        lines.append(rest[:taken])
        rest = rest[taken:]
    return tuple(lines)


def nice(low: float, high: float) -> list[float]:
    """Round values inside a range, some five of them."""
    step = _step(low, high)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def _step(low: float, high: float) -> float:
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(m for m in (1, 2, 5, 10) if rough <= m * power * (1 + 1e-9))


def number(value: float, low: float, high: float) -> str:
    """A number of an axis with as many digits as its steps have; very large and very small ones in powers of ten."""
    power, most = math.floor(math.log10(_step(low, high)) + 1e-9), max(abs(low), abs(high))
    if most >= 1e7 or power < -5:
        return f"{value:.{min(max(math.floor(math.log10(most)) - power + 1, 1), 17)}g}"
    return f"{value + 0.0:.{max(0, -power)}f}"
