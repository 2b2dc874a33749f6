"""What a picture of baselines shows, prepared: charts draw it, nothing is computed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drafting.model.terms import Direction, Grade

Floats = NDArray[np.float64]

_TAIL = 0.975
"""The worst values beyond this share are cut off the picture where they would squeeze it; it says so."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One grade's published value with the share that reaches it and its interval."""

    grade: Grade
    text: str
    value: float
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A value to look at: beyond a limit or a fence, or excluded by sheet 剔除."""

    value: float
    share: float
    enterprise: str
    """Named in internal papers only."""
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class IndicatorPicture:
    """One indicator over the enterprises: distinct values from the best to the worst, the share reaching each."""

    code: str
    name: str
    category: str
    unit: str
    direction: Direction
    n: int
    values: Floats
    shares: Floats
    cuts: tuple[Cut, ...]
    marks: tuple[Mark, ...]
    stratum: str = ""
    non_detects: int = 0
    weighted: bool = False

    @property
    def title(self) -> str:
        """Name of the picture with its stratum."""
        return self.name + (f"〔{self.stratum}〕" if self.stratum else "")

    @property
    def axis(self) -> str:
        """Unit of the values, or a word where there is none."""
        return self.unit or "数值"

    def window(self) -> tuple[float, float, int]:
        """Range of values shown, and how many enterprises lie beyond it on the worse side."""
        values = self.values
        reach = [c.value for c in self.cuts] + [e for c in self.cuts for e in (c.low, c.high) if e is not None]
        last = values[min(int(np.searchsorted(self.shares, _TAIL)), len(values) - 1)]
        inside = [values[0], last, *reach, *(m.value for m in self.marks if not m.excluded)]
        low, high = float(min(inside)), float(max(inside))
        whole = abs(float(values[-1]) - float(values[0]))
        if whole <= 1.6 * (high - low):  # not worth cutting off
            low, high = min(low, float(values.min())), max(high, float(values.max()))
        room = (high - low) * 0.04 or abs(high) * 0.04 or 1.0
        shown = (values >= low) & (values <= high)
        beyond = round((1 - float(self.shares[shown][-1])) * self.n) if shown.any() and not shown[-1] else 0
        floor = low - room
        return (max(floor, 0.0) if low >= 0 and floor < 0 else floor), high + room, beyond

    def staircase(self, low: float, high: float) -> tuple[Floats, Floats]:
        """Values and the share that reaches each, as corners of the steps inside the range."""
        inside = (self.values >= low) & (self.values <= high)
        values, shares = self.values[inside], self.shares[inside]
        begin, end = (low, high) if self.direction is Direction.SMALLER else (high, low)
        before = np.concatenate(([0.0], shares))
        # The last step runs level to the edge: what lies beyond it is not drawn as if it lay there.
        return np.concatenate(([begin], np.repeat(values, 2), [end])), np.concatenate(
            ([0.0], np.ravel(np.column_stack((before[:-1], shares))), before[-1:])
        )

    def curve(self) -> tuple[Floats, Floats]:
        """Shares of the enterprises from the best to the worst, and their values, as corners of the steps."""
        starts = np.concatenate(([0.0], self.shares[:-1]))
        return np.ravel(np.column_stack((starts, self.shares))), np.repeat(self.values, 2)

    def legend(self) -> str:
        """What the marks of a picture mean, with their counts."""
        parts = [f"n={self.n}" + ("（按权数计比例）" if self.weighted else "")]
        if any(c.low is not None or c.high is not None for c in self.cuts):
            parts.append("色带为置信区间")
        flagged = sum(not m.excluded for m in self.marks)
        if flagged:
            parts.append(f"○ 待核实 {flagged} 个")
        if len(self.marks) > flagged:
            parts.append(f"× 已剔除 {len(self.marks) - flagged} 个")
        if self.non_detects:
            parts.append(f"未检出 {self.non_detects} 个，按检出限")
        return "；".join(parts)


def apart(heights: list[float], least: float, bottom: float, top: float) -> list[float]:
    """Move labels so that neighbours (ascending) are at least so far apart."""
    moved: list[float] = []
    for height in heights:
        moved.append(max(height, moved[-1] + least if moved else bottom))
    for number in range(len(moved) - 1, -1, -1):
        ceiling = moved[number + 1] - least if number + 1 < len(moved) else top
        moved[number] = min(moved[number], ceiling)
    return moved


_PLACES = 201
"""Heights that are tried for a label which has to avoid points."""


def beside(
    heights: list[float], least: float, bottom: float, top: float, points: Sequence[Sequence[float]], room: float
) -> list[float]:
    """Move labels as :func:`apart` does, and no nearer than ``room`` to the points that each would cover.

    ``points``: heights of the points that lie within the width of each label.
    Returns the heights nearest to the wanted ones, in sum; those of :func:`apart` where no heights are free.
    """
    moved = apart(heights, least, bottom, top)
    if all(abs(at - point) >= room for at, of in zip(moved, points, strict=True) for point in of):
        return moved
    places = np.unique(np.concatenate((np.linspace(bottom, top, _PLACES), np.clip(heights, bottom, top))))
    below = np.searchsorted(places, places - least + 1e-9 * (top - bottom), side="right") - 1
    total, choices = np.zeros(len(places)), []
    for number, (height, of) in enumerate(zip(heights, points, strict=True)):
        taken = np.any([np.abs(places - point) < room for point in of], axis=0) if of else False
        cost = np.where(taken, np.inf, np.abs(places - height))
        if number:  # the best place of the label before, at or below the one that leaves room for this
            best = np.minimum.accumulate(total)
            first = np.maximum.accumulate(np.where(total == best, np.arange(len(places)), 0))
            choices.append(first[below])
            cost = cost + np.where(below < 0, np.inf, best[below])
        total = cost
    at = int(total.argmin())
    if not np.isfinite(total[at]):
        return moved
    found = [at]
    for choice in reversed(choices):
        found.append(int(choice[found[-1]]))
    return [float(places[place]) for place in reversed(found)]
