"""Search for the shares per indicator under which the grades are reached by the asked numbers of enterprises.

Variables are steps T[j, g] of the ladders, T[j, I] ≤ T[j, II] ≤ T[j, III], within floors and caps. Minimised in this
order: the miss Σ_g |F_g − target_g|, F_g being the enterprises that reach grade g or a better one by Appendix D; then
the price Σ_j Σ_g |share(T[j, g]) − share(start[j, g])| in percentage points, the distance from 5.5.2.

The problem contains the minimum-union problem (which m enterprises need the least room in all indicators at once?),
for which no fast exact method is known. The search is greedy with repair: enterprises are admitted to a grade one at a
time, the cheapest first, D.4's index by the cheapest points; then single baselines are pulled back towards 5.5.2 and
what is lost is admitted again elsewhere, as long as that lowers miss or price. No randomness: the same input gives the
same result. On small cases the tests compare it with all combinations of steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from drafting.evaluation.rule import GATE, LIMITING_REQUIRED, OTHERS_REQUIRED

Floats = NDArray[np.float64]
Steps = NDArray[np.int64]
Flags = NDArray[np.bool_]
_SLACK = 1e-9  # indices are sums of doubles here; the result is graded exactly by the caller
_GRADES = 3
_OVERHEAD = 4000  # a look at few enterprises costs about as much as this many more cells


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What the search needs, as arrays over E enterprises and J indicators.

    Attributes
    ----------
    position : int array (E, J)
        Step that admits the enterprise; −1 where the indicator does not apply, a number beyond every cap where never.
        Fixed indicators (policy, words) have the pseudo-steps 0, 1, 2 for the grade reached and T fixed at 0, 1, 2.
    weights : float array (E, J)
        100·ω_i·ω'_ij after D.3; 0 where not applicable.
    limiting : bool array (J,)
    counted : bool array (J,)
        Not in a bonus group.
    prices : tuple of float arrays (3, m_j)
        Price of each step at each grade, in percentage points.
    start, floor, cap : int array (J, 3)
        Steps of 5.5.2; the limits the committee sets.
    thresholds : float array (3,)
    others : tuple of int or None
        Grade that indicators that are not limiting have to reach for I, II, III, by the rules in force.
    together : tuple of tuple of int
        Class rows (类别) of one indicator of which a grade is reached by all that apply or by none (全部达到).
    """

    position: Steps
    weights: Floats
    limiting: Flags
    counted: Flags
    prices: tuple[Floats, ...]
    start: Steps
    floor: Steps
    cap: Steps
    thresholds: Floats
    together: tuple[tuple[int, ...], ...] = ()
    others: tuple[int | None, ...] = OTHERS_REQUIRED

    def reached(self, steps: Steps, rows: NDArray[np.intp] | slice = slice(None)) -> Flags:
        """Whether the steps admit enterprises, indicator by indicator: (E, J) or (E, J, 3) as the steps are."""
        position = self.position[rows]
        hit: Flags = (position if steps.ndim == position.ndim else position[:, :, None]) <= steps
        for pool in self.together:  # one that does not apply is admitted by every step
            at = list(pool)
            hit[:, at] = hit[:, at].all(axis=1, keepdims=True)
        return hit

    def holders(self, steps: Steps) -> Flags:
        """Who reaches grade g or better, (E, 3)."""
        hit = self.reached(steps[None])
        met = hit | ~self.counted[:, None]
        limiting: Flags = np.asarray(met[:, self.limiting].all(axis=1), dtype=np.bool_)
        others: Flags = np.asarray(met[:, ~self.limiting].all(axis=1), dtype=np.bool_)
        index = np.einsum("ej,ejg->eg", self.weights, hit)
        holds = index >= self.thresholds - _SLACK
        for g, required in enumerate(self.others):
            holds[:, g] &= limiting[:, LIMITING_REQUIRED[g]] & (True if required is None else others[:, required])
        holds &= limiting[:, GATE, None]
        return np.logical_or.accumulate(holds, axis=1)

    def counts(self, steps: Steps) -> Steps:
        """F_I, F_II, F_III."""
        return np.asarray(self.holders(steps).sum(axis=0), dtype=np.int64)

    def price(self, steps: Steps) -> float:
        """Distance from 5.5.2 in percentage points, summed over indicators and grades."""
        return float(sum(table[g, row[g]] for table, row in zip(self.prices, steps, strict=True) for g in range(3)))

    def score(self, steps: Steps, targets: Steps) -> tuple[int, float]:
        """Miss and price, to be compared in this order."""
        return int(np.abs(self.counts(steps) - targets).sum()), round(self.price(steps), 9)


@dataclass(slots=True)
class Effort:
    """Work that may still be done, in enterprises × indicators looked at; it makes the search end, not the clock."""

    cells: int

    def spend(self, problem: Problem) -> None:
        """Account for one look at all enterprises."""
        self.cells -= problem.position.size + _OVERHEAD

    def spent(self) -> bool:
        """Whether to stop improving."""
        return self.cells <= 0


def solve(
    problem: Problem,
    targets: Steps,
    *,
    initial: Steps | None = None,
    effort: int = 40_000_000,
    progress: Callable[[float], None] = lambda _: None,
) -> Steps:
    """Find steps that meet the targets as nearly as possible at the lowest price found.

    ``targets`` (3,): enterprises that are to reach I, II or better, III or better.
    ``initial`` (J, 3): a solution for nearby targets; the search then starts from there instead of from 5.5.2.
    ``effort``: enterprises × indicators looked at after which improving stops.
    ``progress``: gets the done fraction.
    """
    base = np.clip(problem.start, problem.floor, problem.cap)
    # The largest grade first, the best grade first, or the middle one: which order is best depends on the case.
    orders = _ORDERS if initial is None else _ORDERS[:2]
    starts = [_admit(problem, base if initial is None else initial, targets, order) for order in orders]
    distinct = sorted({start.tobytes(): start for start in starts}.values(), key=lambda s: problem.score(s, targets))
    best = distinct[0]
    left = Effort(effort)
    for n, start in enumerate(distinct):
        found = _improve(problem, start, targets, left, partial(_part, progress, n, len(distinct)))
        best = min(best, found, key=lambda s: problem.score(s, targets))
    return best


def _part(progress: Callable[[float], None], before: int, of: int, done: float) -> None:
    """Tell how far one of several searches is, as a part of all."""
    progress((before + done) / of)


_ORDERS: tuple[tuple[int, ...], ...] = ((2, 1, 0), (0, 1, 2), (1, 2, 0))


def _admit(
    problem: Problem,
    steps: Steps,
    targets: Steps,
    order: tuple[int, ...],
    effort: Effort | None = None,
    ceiling: float = np.inf,
) -> Steps:
    """Admit enterprises, the cheapest first, until every grade has its number; give up beyond a price."""
    current = steps.copy()
    for grade in order:
        while True:
            holders = problem.holders(current)[:, grade]
            rows = np.flatnonzero(~holders)
            if effort is not None:
                effort.spend(problem)
            if len(holders) - len(rows) >= targets[grade] or not len(rows):
                break
            wanted = _needed(problem, current, grade, rows)
            price = _row_prices(problem, wanted)
            price[~_feasible(problem, wanted, grade, rows)] = np.inf
            cheapest = int(np.argmin(price))
            if not np.isfinite(price[cheapest]):
                break
            current = np.asarray(wanted[cheapest])
            if price[cheapest] > ceiling:
                return current
    return current


def _needed(problem: Problem, steps: Steps, grade: int, rows: NDArray[np.intp]) -> Steps:
    """Least steps (rows, J, 3) that give each of these enterprises the grade: D.4's conditions, then the index."""
    position, weights = problem.position[rows], problem.weights[rows]
    wanted = np.broadcast_to(steps, (*position.shape, _GRADES)).copy()
    of_others = problem.others[grade]
    if of_others is None and grade == GATE:
        of_others = grade  # Y_III = 100 asks for every indicator with weight
    required = np.where(problem.limiting, LIMITING_REQUIRED[grade], -1 if of_others is None else of_others)
    for g in range(_GRADES):
        raised = problem.counted & (required == g)
        if raised.any():
            np.maximum(wanted[:, :, g], position, out=wanted[:, :, g], where=raised)
    _keep_order(wanted)
    hit = problem.reached(wanted[:, :, grade], rows)
    short = problem.thresholds[grade] - _SLACK - (weights * hit).sum(axis=1)
    more = np.flatnonzero(short > 0)
    if more.size:
        wanted[more] = _with_points(problem, wanted[more], rows[more], grade, short[more])
    return wanted


def _with_points(problem: Problem, wanted: Steps, rows: NDArray[np.intp], grade: int, short: Floats) -> Steps:
    """Raise further indicators to the grade, those with the cheapest points first, until the index suffices."""
    position, weights = problem.position[rows], problem.weights[rows].copy()
    open_ = (position > wanted[:, :, grade]) & (weights > 0) & (position <= problem.cap[:, grade])
    cost = np.zeros(position.shape)
    for j, table in enumerate(problem.prices):
        at = np.flatnonzero(open_[:, j])
        for g in range(grade, _GRADES):
            now = wanted[at, j, g]
            cost[at, j] += table[g, np.maximum(now, position[at, j])] - table[g, now]
    for pool in problem.together:  # they bring points only all at once: the first one stands for them
        rows_of, first = list(pool), pool[0]
        lacking = position[:, rows_of] > wanted[:, rows_of, grade]
        can = (position[:, rows_of] <= problem.cap[rows_of, grade]).all(axis=1) & lacking.any(axis=1)
        cost[:, first] = np.where(lacking, cost[:, rows_of], 0.0).sum(axis=1)
        weights[:, first] = np.where(can, weights[:, rows_of].sum(axis=1), 0.0)
        open_[:, rows_of] = False
        open_[:, first] = can & (weights[:, first] > 0)
    ratio = np.where(open_, cost / np.where(weights > 0, weights, 1.0), np.inf)
    order = np.argsort(ratio, axis=1, kind="stable")
    gained = np.cumsum(np.take_along_axis(np.where(open_, weights, 0.0), order, axis=1), axis=1)
    before = np.concatenate([np.zeros((len(rows), 1)), gained[:, :-1]], axis=1)
    take_sorted = (before < short[:, None]) & np.isfinite(np.take_along_axis(ratio, order, axis=1))
    # The last one taken may make an earlier, dearer one needless: drop what is not needed, the dearest first.
    surplus = np.where(take_sorted, np.take_along_axis(weights, order, axis=1), 0.0).sum(axis=1) - short
    costs = np.where(take_sorted, np.take_along_axis(cost, order, axis=1), -1.0)
    for _ in range(3):
        droppable = take_sorted & (np.take_along_axis(weights, order, axis=1) <= surplus[:, None]) & (costs > 0)
        dearest = np.where(droppable, costs, -1.0).argmax(axis=1)
        some = np.flatnonzero(droppable[np.arange(len(rows)), dearest])
        if not some.size:
            break
        take_sorted[some, dearest[some]] = False
        surplus[some] -= np.take_along_axis(weights, order, axis=1)[some, dearest[some]]
    take = np.zeros_like(take_sorted)
    np.put_along_axis(take, order, take_sorted, axis=1)
    for pool in problem.together:
        take[:, list(pool)] = take[:, [pool[0]]]
    raised = wanted.copy()
    np.maximum(raised[:, :, grade], position, out=raised[:, :, grade], where=take)
    _keep_order(raised)
    return raised


def _keep_order(steps: Steps) -> None:
    for g in (1, 2):
        np.maximum(steps[..., g], steps[..., g - 1], out=steps[..., g])


def _feasible(problem: Problem, wanted: Steps, grade: int, rows: NDArray[np.intp]) -> Flags:
    """Whether the steps are within the caps and really give the grade."""
    within = (wanted <= problem.cap).all(axis=(1, 2))
    index = (problem.weights[rows] * problem.reached(wanted[:, :, grade], rows)).sum(axis=1)
    return np.asarray(within & (index >= problem.thresholds[grade] - _SLACK), dtype=np.bool_)


def _row_prices(problem: Problem, wanted: Steps) -> Floats:
    total = np.zeros(len(wanted))
    for j, table in enumerate(problem.prices):
        inside = np.minimum(wanted[:, j], table.shape[1] - 1)
        for g in range(_GRADES):
            total += table[g, inside[:, g]]
    return total


def _improve(
    problem: Problem, steps: Steps, targets: Steps, effort: Effort, progress: Callable[[float], None]
) -> Steps:
    """Pull single baselines back, repair what is lost, keep what is better; until a whole pass changes nothing."""
    current, score = steps, problem.score(steps, targets)
    everything = max(effort.cells, 1)
    while not effort.spent():
        before = score
        for j, g in _dearest(problem, current):
            for trial in _pulled(problem, current, j, g, wide=score[0] > 0):
                found = _repaired(problem, trial, targets, effort, score)
                better = problem.score(found, targets)
                if better < score:
                    current, score = found, better
            progress(1 - max(effort.cells, 0) / everything)
            if effort.spent():
                break
        if score == before:
            current, score = _two_at_once(problem, current, targets, effort, score)
            if score == before:
                break
    progress(1.0)
    return current


def _two_at_once(
    problem: Problem, steps: Steps, targets: Steps, effort: Effort, score: tuple[int, float]
) -> tuple[Steps, tuple[int, float]]:
    """Where a target is still missed: move two baselines at once, e.g. one grade laxer here and stricter there."""
    best = steps
    if score[0] == 0:
        return best, score
    for j, g in _dearest(problem, steps):
        for one in _pulled(problem, steps, j, g, wide=True):
            for k, h in _dearest(problem, one):
                if (k, h) <= (j, g):
                    continue
                for two in _pulled(problem, one, k, h, wide=True):
                    effort.spend(problem)
                    found = problem.score(two, targets)
                    if found < score:
                        best, score = two, found
                if effort.spent():
                    return best, score
    return best, score


def _repaired(problem: Problem, trial: Steps, targets: Steps, effort: Effort, score: tuple[int, float]) -> Steps:
    """Admit again what a pull has lost, in two orders, and return the better result."""
    miss, price = score
    ceiling = price if miss == 0 else np.inf  # with targets met only a lower price is an improvement
    results = [trial]
    for order in _ORDERS[:2]:
        results.append(_admit(problem, trial, targets, order, effort, ceiling))
        if (results[-1] == trial).all():
            break
    return min(results, key=lambda s: problem.score(s, targets))


def _dearest(problem: Problem, steps: Steps) -> list[tuple[int, int]]:
    """Baselines off their start first, by price, then the others (for grades that too many reach)."""
    priced = [(table[g, steps[j, g]], j, g) for j, table in enumerate(problem.prices) for g in range(_GRADES)]
    free = [(price, j, g) for price, j, g in priced if problem.floor[j, g] < problem.cap[j, g]]
    return [(j, g) for _, j, g in sorted(free, key=lambda item: (-item[0], item[1], item[2]))]


def _pulled(problem: Problem, steps: Steps, j: int, g: int, *, wide: bool) -> Iterator[Steps]:
    """The same steps with one baseline a little, further, and all the way back; also one step stricter than 5.5.2.

    `wide` adds steps to both sides: a grade that too many reach may need one baseline stricter and another laxer.
    """
    now, start = int(steps[j, g]), int(np.clip(problem.start[j, g], problem.floor[j, g], problem.cap[j, g]))
    used = np.unique(problem.position[:, j])
    lower = used[(used < now) & (used >= max(int(problem.floor[j, g]), 0))][::-1]
    wanted: list[int] = []
    if now > start:
        reachable = [int(step) for step in lower if step >= start]
        wanted = [reachable[k] for k in (0, 1, 3, 7, 15) if k < len(reachable)]
        wanted.append(start)
    elif lower.size:
        wanted = [int(lower[0])]
    if now < start:
        wanted.append(start)
    if wide:
        higher = used[(used > now) & (used <= problem.cap[j, g])]
        wanted += [int(step) for step in (*lower[:4], *higher[:3])]
    for step in dict.fromkeys(wanted):
        changed = steps.copy()
        changed[j, g] = step
        for worse in range(g + 1, _GRADES):
            changed[j, worse] = max(changed[j, worse], step)
        for better in range(g):
            changed[j, better] = min(changed[j, better], step)
        if (changed >= problem.floor).all() and (changed <= problem.cap).all():
            yield changed
