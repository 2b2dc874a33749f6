"""Which indicators stop how many enterprises on the way to each grade, alone and together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.trial.judging import Judged
from drafting.evaluation import GRADES, Evaluation
from drafting.evaluation.rule import GATE

MOST_FOR_ALONE = 5000
"""Enterprises beyond which the question "this one alone?" (one evaluation per indicator) is not asked."""
MOST_SETS = 10
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Binding:
    """One indicator as an obstacle to one grade.

    ``blocked`` counts the enterprises below the grade of which it is one of the obstacles, ``alone`` those that would
    reach the grade if this indicator alone reached grade I (None where it was not computed).
    """

    indicator: int
    blocked: int
    alone: int | None


def obstacles(result: Evaluation, grade: int) -> Flags:
    """Obstacles of every enterprise on the way to a grade, (E, J).

    An indicator is one if it misses the grade that D.4 asks of it, or if the index is below its threshold and the
    indicator takes points off it. False for enterprises that hold the grade and for those clause 6 excludes.
    """
    regular = ~np.isin(result.system.groups, list(result.system.bonus))
    weighty = np.array([weight.amount != 0 for weight in result.system.second]) & regular
    weighty &= np.array([result.system.first[group] > 0 for group in result.system.groups])
    lacking = ~result.reached & (result.applicable & regular)[:, :, None]
    fails = lacking[:, :, GATE] & result.limiting
    for limiting in (True, False):
        required = result.rule.required(grade, limiting=limiting)
        if required is not None:
            fails |= lacking[:, :, required] & (result.limiting == limiting)
    short = result.indices[:, grade] < float(result.rule.thresholds[grade])
    fails |= lacking[:, :, grade] & weighty & short[:, None]
    return np.asarray(fails & below(result, grade)[:, None], dtype=np.bool_)


def below(result: Evaluation, grade: int) -> Flags:
    """Enterprises that were evaluated and do not hold this grade or a better one."""
    return np.asarray(~_holding(result.grades, grade) & ~result.excluded, dtype=np.bool_)


def _holding(grades: NDArray[np.int8], grade: int) -> Flags:
    return (grades >= 1) & (grades <= grade + 1)


def binding(judged: Judged, result: Evaluation) -> Mapping[str, tuple[Binding, ...]]:
    """Obstacles to each grade, those that stop most enterprises first."""
    size, indicators = len(judged), len(judged.draft.indicators)
    freed = np.full((indicators, 3), -1)
    if size <= MOST_FOR_ALONE:
        held = np.array([below(result, g) for g in range(3)])
        asked = np.flatnonzero((result.applicable & ~result.reached[:, :, 0]).any(axis=0)).tolist()
        freed[:] = 0
        for j, grades in zip(asked, lifted(judged, ((j,) for j in asked)), strict=True):
            freed[j] = [np.count_nonzero(held[g] & _holding(grades, g)) for g in range(3)]
    found = {}
    for g, label in enumerate(GRADES):
        blocked = obstacles(result, g).sum(axis=0)
        order = sorted(range(indicators), key=lambda j: (-int(blocked[j]), -int(freed[j, g]), j))
        found[label] = tuple(
            Binding(j, int(blocked[j]), int(freed[j, g]) if freed[j, g] >= 0 else None) for j in order if blocked[j]
        )
    return found


def lifted(judged: Judged, cases: Iterable[tuple[int, ...]]) -> Iterator[NDArray[np.int8]]:
    """Grade as if the indicators of each case reached grade I where they apply, also where the value is missing."""

    def memberships() -> Iterator[tuple[Flags, Flags]]:
        for indicators in cases:
            reached, missing = judged.membership.reached.copy(), judged.membership.missing.copy()
            for j in indicators:
                reached[:, j, :] = judged.membership.applicable[:, j, None]
                missing[:, j] = False
            yield reached, missing

    return judged.grades(memberships())


def together(result: Evaluation, grade: int) -> tuple[tuple[tuple[int, ...], int], ...]:
    """Sets of obstacles that stop enterprises jointly, the most frequent first, with their numbers of enterprises."""
    fails = obstacles(result, grade)
    rows = np.flatnonzero(fails.any(axis=1))
    sets = Counter(tuple(np.flatnonzero(fails[row]).tolist()) for row in rows)
    return tuple(sorted(sets.items(), key=lambda item: (-item[1], len(item[0]), item[0]))[:MOST_SETS])


def cumulative(judged: Judged, result: Evaluation, grade: int, *, steps: int = 5) -> tuple[tuple[int, int], ...]:
    """Lift one indicator after the other to grade I, each time the one that frees most enterprises.

    Returns a greedy order; ties go to the indicator that stops more enterprises, then to the first.
    """
    blocked = obstacles(result, grade).sum(axis=0)
    chosen: tuple[int, ...] = ()
    found: list[tuple[int, int]] = []
    candidates = [j for j in range(len(blocked)) if blocked[j]]
    for _ in range(min(steps, len(candidates))):
        asked = [j for j in candidates if j not in chosen]
        graded = lifted(judged, ((*chosen, j) for j in asked))
        reaching = {
            j: np.count_nonzero(_holding(grades, grade) & ~result.excluded)
            for j, grades in zip(asked, graded, strict=True)
        }
        best = max(reaching, key=lambda j: (reaching[j], int(blocked[j]), -j))
        chosen = (*chosen, best)
        found.append((best, int(reaching[best])))
    return tuple(found)
