"""Which judgements to look at again, and to what they would have to change. Advice only: nothing is changed here.

References
----------
.. [1] Saaty, T. L. (2003). Decision-making with the AHP: why is the principal eigenvector necessary.
   European J. Operational Research 145(1), 85–91.
.. [2] Harker, P. T. (1987). Incomplete pairwise comparisons in the analytic hierarchy process.
   Mathematical Modelling 9(11), 837–848.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from weighting.comparison import BoolArray, FloatArray, Judgements, JudgementStack, islands, read_judgements
from weighting.consistency import analyse
from weighting.errors import OptionError, ShapeError
from weighting.priorities import Method, solve
from weighting.random_index import DEFAULT_TABLE

SCALE: tuple[float, ...] = (*(1 / k for k in range(9, 1, -1)), *(float(k) for k in range(1, 10)))
"""Saaty's scale (1–9 标度法): 1/9, 1/8, …, 1/2, 1, 2, …, 9."""

_NEGLIGIBLE = 1e-9  # |ln ε| below which a judgement is perfectly consistent with the others


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One judgement worth a second look.

    Attributes
    ----------
    pair : (int, int)
        Items i < j, zero-based.
    labels : (str, str)
        Their names.
    judgement : float
        a_ij as given.
    epsilon : float
        ε_ij = a_ij w_j/w_i; far from 1 (in either direction) is suspicious [1]_.
    consistent_value : float
        w_i/w_j of the other judgements alone: the pair blanked, solved by Harker's method [2]_.
    nearest_step : float
        The step of the scale 1/9 … 9 nearest to `consistent_value`.
    cr : float
        CR as it is.
    cr_consistent, cr_step : float
        CR if this judgement alone became `consistent_value`, or `nearest_step`.
    """

    pair: tuple[int, int]
    labels: tuple[str, str]
    judgement: float
    epsilon: float
    consistent_value: float
    nearest_step: float
    cr: float
    cr_consistent: float
    cr_step: float

    @property
    def step_text(self) -> str:
        """The nearest step as experts write it: "3" or "1/3"."""
        return scale_text(self.nearest_step)


def nearest_step(value: float) -> float:
    """Nearest step of the scale 1/9 … 9: nearest whole number, for ratios below 1 nearest in the reciprocal."""
    if not 0 < value < float("inf"):
        raise OptionError(f"a ratio is positive and finite, not {value}", values=(value,))
    ratio = max(value, 1.0 / value)
    step = min(range(1, 10), key=lambda whole: (abs(whole - ratio), whole))
    return float(step) if value >= 1 else 1.0 / step


def scale_text(step: float) -> str:
    """A step of the scale as experts write it: "3" or "1/3"."""
    ratio = max(step, 1.0 / step)
    whole = f"{ratio:.10g}"
    return whole if step >= 1 else f"1/{whole}"


def suggestions(
    values: Judgements,
    top: int = 3,
    *,
    random_index: str | float = DEFAULT_TABLE,
    labels: Sequence[str] | None = None,
) -> tuple[Suggestion, ...]:
    """Rank the judgements by |ln ε_ij| and say for the first few what would be consistent and what CR it would give.

    Parameters
    ----------
    values : array_like, shape (n, n), or PairwiseMatrix
        Judgements of one expert; NaN where a pair was not compared.
    top : int
        How many.
    random_index : str or float
        As for :func:`~weighting.consistency.analyse`.
    labels : sequence of str, optional
        Names of the items.

    Returns
    -------
    tuple of Suggestion
        Most suspicious first; empty when every judgement agrees with the others, or for n ≤ 2. A judgement that alone
        connects two groups of items contradicts nothing and is never listed.

    Raises
    ------
    WeightingError
        The subclasses named at :func:`~weighting.priorities.priorities`.
    """
    judgements = _one(values, labels)
    if top < 1:
        raise OptionError(f"ask for at least one suggestion, not {top}", values=(top,))
    matrix = judgements.values[0]
    weights = solve(judgements, Method.EIGENVECTOR)[0]
    rows, columns = np.triu_indices(len(matrix), 1)
    epsilon = matrix[rows, columns] * weights[columns] / weights[rows]
    deviation = np.nan_to_num(np.abs(np.log(epsilon)), nan=0.0)
    worst = [
        (int(rows[at]), int(columns[at]), float(epsilon[at]))
        for at in np.argsort(-deviation, kind="stable")[: top + len(matrix)]  # bridges, at most n − 1, drop out below
        if deviation[at] > _NEGLIGIBLE and len(islands(_compared_without(matrix, rows[at], columns[at]))) == 1
    ][:top]
    if not worst:
        return ()
    blanked = np.stack([_with(matrix, i, j, np.nan) for i, j, _ in worst])
    others = solve(JudgementStack(blanked, False, judgements.labels, False), Method.EIGENVECTOR)
    targets = [float(w[i] / w[j]) for w, (i, j, _) in zip(others, worst, strict=True)]
    changed = [_with(matrix, i, j, target) for (i, j, _), target in zip(worst, targets, strict=True)]
    stepped = [_with(matrix, i, j, nearest_step(target)) for (i, j, _), target in zip(worst, targets, strict=True)]
    cr = np.asarray(analyse(np.stack([matrix, *changed, *stepped]), random_index=random_index).cr)
    count = len(worst)
    return tuple(
        Suggestion(
            pair=(i, j),
            labels=(judgements.labels[i], judgements.labels[j]),
            judgement=float(matrix[i, j]),
            epsilon=ratio,
            consistent_value=targets[k],
            nearest_step=nearest_step(targets[k]),
            cr=float(cr[0]),
            cr_consistent=float(cr[1 + k]),
            cr_step=float(cr[1 + count + k]),
        )
        for k, (i, j, ratio) in enumerate(worst)
    )


def preference_cycles(values: Judgements, labels: Sequence[str] | None = None) -> tuple[tuple[str, ...], ...]:
    """Circular preferences, such as ("A", "B", "C") for A > B, B > C and yet C > A.

    All circular triads are listed. Where ties or missing judgements leave a circle of more items without any triad
    inside, one shortest circle is given for it.

    Parameters
    ----------
    values : array_like, shape (n, n), or PairwiseMatrix
        Judgements of one expert; NaN where a pair was not compared. Equal importance (1) prefers neither item.
    labels : sequence of str, optional
        Names of the items, "1", "2", … by default.

    Returns
    -------
    tuple of tuples of str
        Each starts with its first item in the order of the matrix; the last is preferred to the first.
    """
    judgements = _one(values, labels)
    with np.errstate(invalid="ignore"):
        prefers: BoolArray = judgements.values[0] > 1.0
    found: list[tuple[int, ...]] = []
    for i, j, k in combinations(range(len(prefers)), 3):
        if prefers[i, j] and prefers[j, k] and prefers[k, i]:
            found.append((i, j, k))
        elif prefers[i, k] and prefers[k, j] and prefers[j, i]:
            found.append((i, k, j))
    in_triads = {item for cycle in found for item in cycle}
    longer = [group for group in _circular_groups(prefers) if not in_triads.intersection(group)]
    found.extend(_shortest_cycle(prefers, group) for group in longer)
    return tuple(tuple(judgements.labels[item] for item in cycle) for cycle in found)


def _one(values: Judgements, labels: Sequence[str] | None) -> JudgementStack:
    judgements = read_judgements(values, labels)
    if not judgements.single:
        raise ShapeError("expected the judgements of one expert", values=(judgements.values.shape,))
    return judgements


def _with(matrix: FloatArray, i: int, j: int, value: float) -> FloatArray:
    changed = matrix.copy()
    changed[i, j], changed[j, i] = value, 1.0 / value
    return changed


def _compared_without(matrix: FloatArray, i: int, j: int) -> BoolArray:
    compared = ~np.isnan(matrix)
    compared[i, j] = compared[j, i] = False
    return compared


def _circular_groups(prefers: BoolArray) -> tuple[tuple[int, ...], ...]:
    """Groups of items each of which is preferred, by some chain, to every other of its group."""
    n = len(prefers)
    reach = prefers | np.eye(n, dtype=bool)
    for _ in range(n.bit_length()):
        reach = (reach.astype(np.int64) @ reach.astype(np.int64)) > 0
    return tuple(group for group in islands(reach & reach.T) if len(group) > 1)


def _shortest_cycle(prefers: BoolArray, group: tuple[int, ...]) -> tuple[int, ...]:
    """Breadth-first search from every item of a circular group."""
    best: tuple[int, ...] = ()
    for start in group:
        paths: list[tuple[int, ...]] = [(start,)]
        seen = {start}
        while paths and not (best and len(paths[0]) >= len(best)):
            closed = next((path for path in paths if prefers[path[-1], start]), None)
            if closed:
                best = closed
                break
            longer = []
            for path in paths:
                for item in group:
                    if prefers[path[-1], item] and item not in seen:
                        seen.add(item)
                        longer.append((*path, item))
            paths = longer
    return best
