"""How the distribution of grades moves when one baseline or one weight moves, everything else held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.baselines.ladder import Ladder
from drafting.analysis.trial.binding import lifted
from drafting.analysis.trial.judging import Judged
from drafting.evaluation import GRADES, Evaluation
from drafting.evaluation.grading import distribution
from drafting.model.weight import Weight

SHARE_STEP = 0.10
"""How far the share of a baseline is moved: ten percentage points."""
WEIGHT_STEP = Fraction(1, 20)
"""How far a weight is moved; the others of its group keep their proportions."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One change and what it does. ``subject`` is an indicator's place, or a category's for a first-level weight."""

    kind: str
    """``"baseline"``, ``"dropped"`` (as if everybody reached grade I), ``"weight"``, ``"category-weight"``."""
    subject: int
    grade: int | None
    before: str
    after: str
    distribution: Mapping[str, int]

    def moved(self, base: Mapping[str, int]) -> int:
        """Enterprises by which the cumulative counts at I, II and III change, signs kept."""
        return sum(self.distribution[g] * (3 - n) - base[g] * (3 - n) for n, g in enumerate(GRADES))


def sensitivity(judged: Judged, result: Evaluation, steps: Sequence[Ladder]) -> tuple[Shift, ...]:
    """Every baseline and every weight, one at a time; those that change nothing are left out."""
    base = result.distribution()
    shifts = [
        *_baselines(judged, steps),
        *_dropped(judged),
        *_weights(judged, result),
        *_category_weights(judged, result),
    ]
    moving = [s for s in shifts if s.distribution != base]
    return tuple(sorted(moving, key=lambda s: -abs(s.moved(base))))


def _baselines(judged: Judged, steps: Sequence[Ladder]) -> Iterator[Shift]:
    moves: list[tuple[Ladder, int, int]] = []
    for ladder in steps:
        for g in range(3):
            for sign in (1, -1):
                moved = _moved(ladder, ladder.start, g, sign)
                if moved != ladder.start[g]:
                    moves.append((ladder, g, moved))

    def memberships() -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
        for ladder, g, moved in moves:
            first, second, third = (moved if n == g else step for n, step in enumerate(ladder.start))
            yield with_steps(judged, {ladder.indicator: (ladder, (first, second, third))}), judged.membership.missing

    for (ladder, g, moved), grades in zip(moves, judged.grades(memberships()), strict=True):
        before, after = ladder.text(ladder.start[g]), ladder.text(moved)
        yield Shift("baseline", ladder.indicator, g, before, after, distribution(grades, judged.excluded))


def _moved(ladder: Ladder, steps: tuple[int, int, int], grade: int, sign: int) -> int:
    """Step ten points laxer (+1) or stricter (-1), kept between the neighbouring grades' steps."""
    moved = ladder.step_for(min(max(float(ladder.shares[steps[grade]]) + sign * SHARE_STEP, 0.0), 1.0))
    low = steps[grade - 1] if grade > 0 else 0
    high = steps[grade + 1] if grade < 2 else len(ladder) - 1
    return min(max(moved, low), high)


def with_steps(judged: Judged, steps: Mapping[int, tuple[Ladder, tuple[int, int, int]]]) -> NDArray[np.bool_]:
    """Memberships with the baselines of some indicators at other steps of their ladders."""
    reached = judged.membership.reached.copy()
    for j, (ladder, chosen) in steps.items():
        for g in range(3):
            reached[:, j, g] = ladder.position <= chosen[g]
    return reached


def _dropped(judged: Judged) -> Iterator[Shift]:
    each = ((j,) for j in range(len(judged.draft.indicators)))
    for j, grades in enumerate(lifted(judged, each)):
        yield Shift("dropped", j, None, "", "", distribution(grades, judged.excluded))


def _weights(judged: Judged, result: Evaluation) -> Iterator[Shift]:
    system = result.system
    for j, weight in enumerate(system.second):
        of_group = [i for i, g in enumerate(system.groups) if g == system.groups[j]]
        owners: dict[str | int, list[int]] = {}
        for i in of_group:  # class rows have one weight together
            owners.setdefault(system.second[i].pool or i, []).append(i)
        group = [rows[0] for rows in owners.values()]
        if j not in group or any(system.second[i].shared for i in of_group):
            continue  # shares are given together; none of them can move alone
        for sign in (1, -1):
            changed = _rescaled([system.second[i].amount for i in group], group.index(j), sign)
            if changed is None:
                continue
            weights = list(system.second)
            for rows, value in zip(owners.values(), changed, strict=True):
                for i in rows:
                    weights[i] = Weight.number(value).pooled(system.second[i].pool)
            before, after = _text(weight.amount), _text(changed[group.index(j)])
            yield Shift("weight", j, None, before, after, judged.grade(weights=weights).distribution())


def _category_weights(judged: Judged, result: Evaluation) -> Iterator[Shift]:
    first = result.system.first
    regular = [i for i in range(len(first)) if i not in result.system.bonus]
    for place, i in enumerate(regular):
        for sign in (1, -1):
            changed = _rescaled([first[k] for k in regular], place, sign)
            if changed is None:
                continue
            weights = list(first)
            for k, value in zip(regular, changed, strict=True):
                weights[k] = value
            before, after = _text(first[i]), _text(changed[place])
            yield Shift(
                "category-weight", i, None, before, after, judged.grade(category_weights=weights).distribution()
            )


def _rescaled(weights: list[Fraction], place: int, sign: int) -> list[Fraction] | None:
    """One weight moved by a step, the others in proportion; None where that is not possible."""
    moved = min(max(weights[place] + sign * WEIGHT_STEP, Fraction()), Fraction(1))
    rest = 1 - weights[place]
    if moved == weights[place] or rest == 0:
        return None
    scale = (1 - moved) / rest
    return [moved if n == place else weight * scale for n, weight in enumerate(weights)]


def _text(weight: Fraction) -> str:
    return f"{float(weight):.3f}".rstrip("0").rstrip(".")
