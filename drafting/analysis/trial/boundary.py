"""Enterprises close to a boundary: a little short of the next grade, or about to lose the one they hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.trial.binding import below, obstacles
from drafting.analysis.trial.judging import Judged, bounds_of
from drafting.evaluation import Evaluation

POINTS = 5.0
"""An index this much below its threshold is close."""
MARGIN = 0.10
"""A value within this share of the baseline is close."""


@dataclass(frozen=True, slots=True)
class Close:
    """An enterprise close to a boundary.

    ``rises``: short of ``grade`` (0, 1, 2) by one indicator or by a few points; otherwise about to lose ``grade``.
    ``indicator`` is the one that decides, None where it is the index alone; ``gap`` is the distance of its value from
    the baseline as a share of the baseline (None where there is no number), or in points for the index.
    """

    enterprise: int
    grade: int
    rises: bool
    indicator: int | None
    gap: float | None


def close_to_boundary(judged: Judged, result: Evaluation) -> tuple[Close, ...]:
    """Find them, in the order of the enterprises."""
    limits = bounds_of(judged.draft, judged.strata, len(judged))
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.abs(judged.values[:, :, None] - limits) / np.abs(limits)
    found = [*_rising(result, gaps), *_falling(judged, result, gaps)]
    return tuple(sorted(found, key=lambda c: (c.enterprise, not c.rises, -1 if c.indicator is None else c.indicator)))


def _rising(result: Evaluation, gaps: NDArray[np.float64]) -> list[Close]:
    found = []
    held = np.where(result.grades == 0, 4, result.grades)
    for grade in range(3):
        next_up = below(result, grade) & (held == grade + 2)
        fails = obstacles(result, grade)
        for row in np.flatnonzero(next_up & (fails.sum(axis=1) == 1)):
            j = int(np.flatnonzero(fails[row])[0])
            level = _baseline_needed(result, grade, j)
            gap = float(gaps[row, j, level])
            if not gap > MARGIN:  # a text has no distance: one answer short is close
                found.append(Close(int(row), grade, True, j, gap if np.isfinite(gap) else None))
        short = float(result.rule.thresholds[grade]) - result.indices[:, grade]
        conditions = _conditions(result, grade)
        few = next_up & conditions & (short > 0) & (short <= POINTS) & (fails.sum(axis=1) > 1)
        found += [Close(int(row), grade, True, None, float(short[row])) for row in np.flatnonzero(few)]
    return found


def _baseline_needed(result: Evaluation, grade: int, j: int) -> int:
    required = result.rule.required(grade, limiting=bool(result.limiting[j]))
    return grade if required is None else required


def _conditions(result: Evaluation, grade: int) -> NDArray[np.bool_]:
    """Whether everything that D.4 asks besides the index is met."""
    regular = ~np.isin(result.system.groups, list(result.system.bonus))
    met = result.reached | ~(result.applicable & regular)[:, :, None]
    holds = result.gate.copy()
    for limiting in (True, False):
        required = result.rule.required(grade, limiting=limiting)
        if required is not None:
            holds &= met[:, result.limiting == limiting, required].all(axis=1)
    return np.asarray(holds)


def _falling(judged: Judged, result: Evaluation, gaps: NDArray[np.float64]) -> list[Close]:
    """Whose grade falls if one value that reaches a baseline by less than MARGIN no longer does."""
    found = []
    reached = result.reached
    best = np.where(reached.any(axis=2), reached.argmax(axis=2), 3)  # grade reached, 3 for none
    for j in range(reached.shape[1]):
        rows = np.flatnonzero((best[:, j] < 3) & (result.grades > 0))
        near = rows[gaps[rows, j, best[rows, j]] <= MARGIN]
        if not near.size:
            continue
        worse = reached.copy()
        # A value just beyond the baseline of its grade misses every grade whose baseline is that same number.
        for row in near.tolist():
            at = best[row, j]
            same = gaps[row, j] <= gaps[row, j, at]
            worse[row, j, same] = False
            worse[row, j, : at + 1] = False
        regraded = judged.grade(worse)
        held, after = (np.where(one.grades == 0, 4, one.grades) for one in (result, regraded))
        found += [
            Close(row, int(result.grades[row]) - 1, False, j, float(gaps[row, j, best[row, j]]))
            for row in near.tolist()
            if after[row] > held[row]
        ]
    return found
