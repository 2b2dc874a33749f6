"""What a trial tells beside the grades, again: obstacles, boundary cases, sensitivity, stability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drafting.verification.board import GRADES, Board, Flags, Floats, Graded
from drafting.verification.ladder import Ladder

Details = dict[str, Any]
_MOST_DETAILED = 5000
"""Enterprises beyond which the record gives counts only."""
_MOST_SETS, _ORDER = 10, 5
_POINTS, _MARGIN = 5.0, 0.10
"""An index this many points short, a value this near to its baseline, is close."""
_SHARE_STEP, _WEIGHT_STEP = 0.10, Fraction(1, 20)
_REPLICATES, _FEWEST, _MOST_CELLS = 200, 50, 4_000_000


@dataclass(frozen=True, slots=True)
class Field:
    """
    The surveyed enterprises on the board, with their names and values.

    Attributes
    ----------
    names, codes, labels, categories
        Of the enterprises, the indicators and the categories.
    limiting : which indicators are
    values : float array (E, J), as judged
    limits : float array (E, J, 3), the number that a value is held against; NaN where there is none
    strata, regions : of the enterprises, None without such a column
    merged : strata after merging where baselines are given by stratum, else None
    weights : sampling weights, or None
    ladders : of the indicators whose baselines the survey sets
    shares : of enterprises asked for I, II, III
    seed : of the random numbers
    """

    board: Board
    names: tuple[str, ...]
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    categories: tuple[str, ...]
    values: Floats
    limits: Floats
    strata: Sequence[str] | None
    regions: Sequence[str] | None
    merged: Sequence[str] | None
    weights: Floats | None
    ladders: tuple[Ladder, ...]
    shares: tuple[Fraction, ...]
    seed: int


def plain_details(field: Field, result: Graded) -> Details:
    """What every trial tells."""
    found: Details = {
        "strata": _by(result, field.strata),
        "regions": _by(result, field.regions),
        "binding": _binding(field, result),
    }
    if len(field.names) <= _MOST_DETAILED:
        marks = np.array(list("0321"))[result.reached.sum(axis=2)]
        marks[~field.board.applicable] = "-"
        marks[result.missing] = "?"
        found |= {
            "together": {label: _together(field, result, g) for g, label in enumerate(GRADES)},
            "boundary": _boundary(field, result),
            "obstacles": {label: int(result.obstacles(g).any(axis=1).sum()) for g, label in enumerate(GRADES)},
            "reached": {
                "codes": list(field.codes),
                "indicators": list(field.labels),
                "enterprises": ["".join(row) for row in marks],
            },
        }
    if field.board.bonus:
        found["bonus"] = [
            {
                "enterprise": name,
                **{
                    label: None
                    if field.board.excluded[n]
                    else float(field.board.bonus_points(n, result.reached[n, :, g]))
                    for g, label in enumerate(GRADES)
                },
            }
            for n, name in enumerate(field.names)
        ]
    return found


def deep_details(field: Field, result: Graded, without: Mapping[str, Board]) -> Details:
    """What a build adds; ``without``: the board under the weights without each expert."""
    return {
        "cumulative": {label: _cumulative(field, result, g) for g, label in enumerate(GRADES)},
        "sensitivity": _sensitivity(field, result),
        "experts": [
            {
                "expert": expert,
                "distribution": (again := board.grade()).distribution(),
                "changed": int((again.grades != result.grades).sum()),
            }
            for expert, board in without.items()
        ],
        "bootstrap": _bootstrap(field, result),
    }


def _by(result: Graded, names: Sequence[str] | None) -> Details:
    found: Details = {}
    for name in dict.fromkeys(names or ()):
        here = np.array([n == name for n in names or ()], dtype=np.bool_)
        barred = result.board.excluded
        counts = np.bincount(result.grades[here & ~barred], minlength=4).tolist()
        found[name or "（未填）"] = {
            **dict(zip(GRADES, counts[1:], strict=True)), "none": counts[0], "excluded": int((here & barred).sum()),
        }  # fmt: skip
    return found


# --- obstacles --------------------------------------------------------------------------------------------------------
def _binding(field: Field, result: Graded) -> Details:
    board = field.board
    alone = np.full((len(field.codes), 3), -1)
    if len(field.names) <= _MOST_DETAILED:
        for j in range(len(field.codes)):
            lifted = board.lifted([j])
            alone[j] = [int((result.below(g) & ~lifted.below(g)).sum()) for g in range(3)]
    evaluated = int((~board.excluded).sum())
    found = {}
    for g, label in enumerate(GRADES):
        blocked = result.obstacles(g).sum(axis=0).tolist()
        order = sorted(range(len(blocked)), key=lambda j: (-blocked[j], -int(alone[j, g]), j))
        found[label] = [
            {
                "indicator": field.labels[j], "code": field.codes[j], "limiting": bool(board.limiting[j]),
                "blocked": blocked[j], "share": round(blocked[j] / evaluated, 6) if evaluated else None,
                "alone": int(alone[j, g]) if alone[j, g] >= 0 else None,
            }
            for j in order if blocked[j]
        ]  # fmt: skip
    return found


def _together(field: Field, result: Graded, grade: int) -> list[Details]:
    sets = Counter(tuple(np.flatnonzero(row).tolist()) for row in result.obstacles(grade) if row.any())
    first = sorted(sets.items(), key=lambda item: (-item[1], len(item[0]), item[0]))[:_MOST_SETS]
    return [{"indicators": [field.labels[j] for j in one], "count": n} for one, n in first]


def _cumulative(field: Field, result: Graded, grade: int) -> list[Details]:
    """Lift one indicator after the other, each time the one that frees most enterprises."""
    blocked = result.obstacles(grade).sum(axis=0).tolist()
    candidates = [j for j, n in enumerate(blocked) if n]
    chosen: list[int] = []
    found = []
    for _ in range(min(_ORDER, len(candidates))):
        reach = {}
        for j in candidates:
            if j not in chosen:
                lifted = field.board.lifted([*chosen, j])
                reach[j] = int((~lifted.below(grade) & ~field.board.excluded).sum())
        best = max(reach, key=lambda j: (reach[j], blocked[j], -j))
        chosen.append(best)
        found.append({"indicator": field.labels[best], "reach": reach[best]})
    return found


# --- boundary ---------------------------------------------------------------------------------------------------------
def _boundary(field: Field, result: Graded) -> list[Details]:
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.abs(field.values[:, :, None] - field.limits) / np.abs(field.limits)
    found = [*_rising(result, gaps), *_falling(field, result, gaps)]
    found.sort(key=lambda c: (c[0], not c[2], -1 if c[3] is None else c[3]))
    return [
        {
            "enterprise": field.names[row], "grade": GRADES[grade], "rises": rises,
            "indicator": None if j is None else field.labels[j], "gap": None if gap is None else round(gap, 6),
            "unit": "points" if j is None else "share",
        }
        for row, grade, rises, j, gap in found
    ]  # fmt: skip


_Close = tuple[int, int, bool, int | None, float | None]


def _rising(result: Graded, gaps: Floats) -> Iterator[_Close]:
    """One obstacle short of the next grade and near to it, or a few points short and nothing else missing."""
    for grade in range(3):
        next_up = result.below(grade) & (np.where(result.grades == 0, 4, result.grades) == grade + 2)
        fails = result.obstacles(grade)
        for row in np.flatnonzero(next_up & (fails.sum(axis=1) == 1)).tolist():
            j = int(fails[row].argmax())
            gap = float(gaps[row, j, result.needed(grade, j)])
            if not gap > _MARGIN:
                yield row, grade, True, j, gap if np.isfinite(gap) else None
        short = float(result.board.thresholds[grade]) - result.indices[:, grade]
        few = (
            next_up & result.conditions(grade) & ~result.meets[:, grade] & (short <= _POINTS) & (fails.sum(axis=1) > 1)
        )
        for row in np.flatnonzero(few).tolist():
            yield row, grade, True, None, float(short[row])


def _falling(field: Field, result: Graded, gaps: Floats) -> Iterator[_Close]:
    """Whose grade falls if one value that reaches a baseline narrowly no longer does."""
    best = np.where(result.reached.any(axis=2), result.reached.argmax(axis=2), 3)
    held = np.where(result.grades == 0, 4, result.grades)
    for j in range(len(field.codes)):
        near = [
            row for row in np.flatnonzero((best[:, j] < 3) & (result.grades > 0)).tolist()
            if gaps[row, j, best[row, j]] <= _MARGIN
        ]  # fmt: skip
        worse = result.reached.copy()
        for row in near:
            at = int(best[row, j])
            worse[row, j, gaps[row, j] <= gaps[row, j, at]] = False
            worse[row, j, : at + 1] = False
        after = field.board.grade(worse).grades if near else held
        for row in near:
            if (after[row] or 4) > held[row]:
                yield row, int(result.grades[row]) - 1, False, j, float(gaps[row, j, best[row, j]])


# --- one at a time ----------------------------------------------------------------------------------------------------
def _sensitivity(field: Field, result: Graded) -> list[Details]:
    base = result.distribution()
    found = []
    for kind, subject, grade, before, after, again in _changes(field):
        there = again.distribution()
        if there != base:
            moved = sum((there[g] - base[g]) * (3 - n) for n, g in enumerate(GRADES))
            found.append(
                {"kind": kind, "subject": subject, "grade": None if grade is None else GRADES[grade], "before": before,
                 "after": after, "distribution": there, "moved": moved}
            )  # fmt: skip
    return sorted(found, key=lambda row: -abs(row["moved"]))


_Change = tuple[str, str, int | None, str, str, Graded]


def _changes(field: Field) -> Iterator[_Change]:
    """Every baseline and weight changed alone."""
    board = field.board
    for ladder in field.ladders:
        for g in range(3):
            for sign in (1, -1):
                at = _moved(ladder, g, sign)
                if at != ladder.start[g]:
                    steps = [at if n == g else step for n, step in enumerate(ladder.start)]
                    again = board.grade(_with(board.reached.copy(), ladder, steps))
                    before, after = ladder.text(ladder.start[g]), ladder.text(at)
                    yield "baseline", field.labels[ladder.indicator], g, before, after, again
    for j, label in enumerate(field.labels):
        yield "dropped", label, None, "", "", board.lifted([j])
    for j, label in enumerate(field.labels):
        group = [k for k, g in enumerate(board.groups) if g == board.groups[j]]
        own = [w for k in group if isinstance(w := board.second[k], Fraction)]
        for sign in (1, -1) if len(own) == len(group) else ():
            changed = _rescaled(own, group.index(j), sign)
            if changed is not None:
                second = list(board.second)
                for k, weight in zip(group, changed, strict=True):
                    second[k] = weight
                texts = _text(own[group.index(j)]), _text(changed[group.index(j)])
                yield "weight", label, None, *texts, board.grade(second=second)
    regular = [i for i in range(len(board.first)) if i not in board.bonus]
    for place, i in enumerate(regular):
        for sign in (1, -1):
            changed = _rescaled([board.first[k] for k in regular], place, sign)
            if changed is not None:
                first = list(board.first)
                for k, weight in zip(regular, changed, strict=True):
                    first[k] = weight
                texts = _text(board.first[i]), _text(changed[place])
                yield "category-weight", field.categories[i], None, *texts, board.grade(first=first)


def _moved(ladder: Ladder, grade: int, sign: int) -> int:
    """Ten points of the share laxer or stricter, between the neighbouring grades."""
    start = ladder.start
    at = ladder.step(min(max(float(ladder.shares[start[grade]]) + sign * _SHARE_STEP, 0.0), 1.0))
    low = start[grade - 1] if grade else 0
    high = start[grade + 1] if grade < 2 else len(ladder.shares) - 1
    return min(max(at, low), high)


def _with(reached: Flags, ladder: Ladder, steps: Sequence[int | NDArray[np.int64]]) -> Flags:
    for g, step in enumerate(steps):
        reached[:, ladder.indicator, g] = ladder.position <= step
    return reached


def _rescaled(weights: Sequence[Fraction], place: int, sign: int) -> list[Fraction] | None:
    own = weights[place]
    moved = min(max(own + sign * _WEIGHT_STEP, Fraction(0)), Fraction(1))
    if moved == own or own == 1:
        return None
    return [moved if n == place else w * (1 - moved) / (1 - own) for n, w in enumerate(weights)]


def _text(weight: Fraction) -> str:
    return f"{float(weight):.3f}".rstrip("0").rstrip(".")


# --- drawn again ------------------------------------------------------------------------------------------------------
def _bootstrap(field: Field, result: Graded) -> Details | None:
    size = len(field.names)
    if not field.ladders or size < 2:
        return None
    replicates = int(min(max(_MOST_CELLS // max(size * len(field.codes), 1), _FEWEST), _REPLICATES))
    rng = np.random.default_rng(field.seed)
    counts, same = [], np.zeros(size)
    for _ in range(replicates):
        drawn = np.bincount(_draw(field, rng), minlength=size)
        mass = np.asarray(drawn if field.weights is None else drawn * np.nan_to_num(field.weights), dtype=np.float64)
        reached = field.board.reached.copy()
        for ladder in field.ladders:
            _with(reached, ladder, _steps(field, ladder, mass))
        again = field.board.grade(reached)
        counts.append(np.bincount(again.grades[~field.board.excluded], minlength=4))
        same += again.grades == result.grades
    kept = same / replicates
    ends = [
        np.quantile(np.stack(counts), q, axis=0, method="inverted_cdf").astype(int).tolist() for q in (0.025, 0.975)
    ]
    return {
        "replicates": replicates,
        "seed": field.seed,
        "intervals": {label: [ends[0][n], ends[1][n]] for n, label in enumerate(("none", *GRADES))},
        "kept": round(float(kept.mean()), 6),
        "unsure": [
            {"enterprise": field.names[n], "kept": round(float(kept[n]), 4)}
            for n in np.argsort(kept, kind="stable")[:10].tolist()
            if kept[n] < 1
        ],
    }


def _parts(names: Sequence[str]) -> Iterator[NDArray[np.intp]]:
    array = np.array(names)
    for name in dict.fromkeys(names):
        yield np.flatnonzero(array == name)


def _draw(field: Field, rng: np.random.Generator) -> NDArray[np.intp]:
    """Enterprises with replacement, within the strata where baselines are given by stratum."""
    if field.merged is None:
        return rng.integers(0, len(field.names), len(field.names))
    return np.concatenate([part[rng.integers(0, len(part), len(part))] for part in _parts(field.merged)])


def _steps(field: Field, ladder: Ladder, mass: Floats) -> list[NDArray[np.int64]]:
    """The strictest step that the asked share of the drawn enterprises reaches, stratum by stratum."""
    steps = [np.full(len(mass), step, dtype=np.int64) for step in ladder.start]
    valid = ~np.isnan(field.values[:, ladder.indicator]) & field.board.applicable[:, ladder.indicator]
    merged = None if field.merged is None or list(ladder.values) == [""] else np.array(field.merged)
    for name in ladder.values if merged is not None else ("",):
        part = np.arange(len(mass)) if merged is None else np.flatnonzero(merged == name)
        here = part[valid[part]]
        last = len(ladder.shares)
        totals = np.bincount(ladder.position[here], weights=mass[here], minlength=last + 1).cumsum()
        if totals[-1] > 0:
            for step, share in zip(steps, field.shares, strict=True):
                wanted = float(share) * totals[-1] * (1 - 1e-12)
                step[part] = min(int(np.searchsorted(totals, wanted)), last - 1)
    return steps
