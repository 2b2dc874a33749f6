"""How sure the weights are: other experts, slightly other judgements, one judgement or one expert at a time.

References
----------
.. [1] Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall. Percentile intervals.
.. [2] Goepel, K. D. (2018). Implementation of an online software tool for the analytic hierarchy process (AHP-OS).
   Int. J. Analytic Hierarchy Process 10(3), 469–487. Rounding of judgements by half a scale point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt

from weighting.comparison import FloatArray, Judgements, JudgementStack, islands, read_judgements
from weighting.errors import OptionError, PanelError, ShapeError
from weighting.group import weighted_log_mean
from weighting.priorities import Method, method_named, solve
from weighting.shares import expert_shares

_SAME = 1e-12  # weights closer than this share a rank


@dataclass(frozen=True, slots=True, eq=False)
class WeightDistribution:
    """How weights scatter over resamples or draws; all arrays read-only.

    Attributes
    ----------
    weights : ndarray, shape (n,)
        The weights of the data as they are.
    lower, upper : ndarray, shape (n,)
        Percentile interval of each weight [1]_.
    level : float
        Its nominal coverage.
    rank_frequencies : ndarray, shape (n, n)
        Entry [i, r] is the share of samples in which item i has rank r + 1; equal weights share the better rank.
    samples : ndarray, shape (b, n)
        Every sample's weights.
    discarded : int
        Samples that could not be solved because their judgements left islands (incomplete matrices only).
    labels : tuple of str
        The items.
    """

    weights: FloatArray
    lower: FloatArray
    upper: FloatArray
    level: float
    rank_frequencies: FloatArray
    samples: FloatArray
    discarded: int
    labels: tuple[str, ...]


def bootstrap(
    stack: Judgements,
    rng: np.random.Generator,
    *,
    resamples: int = 2000,
    level: float = 0.95,
    method: str = Method.EIGENVECTOR,
    aggregation: Literal["judgements", "priorities"] = "judgements",
    expert_weights: npt.ArrayLike | None = None,
    labels: Sequence[str] | None = None,
) -> WeightDistribution:
    """Draw panels of the same size from the experts, with replacement, and weigh again.

    Parameters
    ----------
    stack : array_like, shape (k, n, n), or sequence of PairwiseMatrix
        One judgement matrix per expert; NaN where a pair was not compared.
    rng : numpy.random.Generator
        Source of randomness.
    resamples : int
        Number of panels drawn.
    level : float
        Coverage of the intervals.
    method : {"eigenvector", "geometric-mean", "column-mean"}
    aggregation : {"judgements", "priorities"}
        AIJ, or the geometric mean of the experts' weights (AIP).
    expert_weights : array_like, shape (k,), optional
        An expert keeps the weight in every panel drawn.

    Raises
    ------
    PanelError
        Fewer than two experts of positive weight, or no resample could be solved.
    OptionError
        An option outside its range.
    WeightingError
        The subclasses named at :func:`~weighting.priorities.priorities` and
        :func:`~weighting.group.aggregate_judgements`.
    """
    _check_sampling(resamples, level)
    panel = _Panel.read(stack, method, aggregation, expert_weights, labels)
    drawn = np.flatnonzero(panel.shares > 0)
    if len(drawn) < 2:
        raise PanelError("a bootstrap over experts needs at least two of them", values=(len(drawn),))
    counts = rng.multinomial(len(drawn), np.full(len(drawn), 1.0 / len(drawn)), size=resamples)
    shares = np.zeros((resamples, len(panel.shares)))
    shares[:, drawn] = counts * panel.shares[drawn]
    return _distribution(panel.weights(panel.shares[None])[0], panel.weights(shares, skip=True), level, panel.labels)


def judgement_noise(
    values: Judgements,
    rng: np.random.Generator,
    *,
    draws: int = 2000,
    half_width: float = 0.5,
    level: float = 0.95,
    method: str = Method.EIGENVECTOR,
    expert_weights: npt.ArrayLike | None = None,
    labels: Sequence[str] | None = None,
) -> WeightDistribution:
    """Move every judgement evenly within ± half a point of its scale and weigh again (Monte Carlo) [2]_.

    A judgement of 3 becomes anything from 2.5 to 3.5, one of 1/3 from 1/3.5 to 1/2.5, one of 1 from 1/1.5 to 1.5. Ends
    of the scale are not held: 9 goes to 9.5.

    Parameters
    ----------
    values : array_like, shape (n, n) or (k, n, n), or PairwiseMatrix
        Judgements; a stack is aggregated by AIJ after every expert's judgements have been moved.
    rng : numpy.random.Generator
        Source of randomness.
    draws : int
        Number of draws.
    half_width : float
        Scale points, > 0.
    level, method, expert_weights, labels
        As for :func:`bootstrap`.

    Raises
    ------
    OptionError, WeightingError
        As for :func:`bootstrap`.
    """
    _check_sampling(draws, level)
    if not 0 < half_width < 9:
        raise OptionError(f"the half width is 0 to 9 scale points, not {half_width}", values=(half_width,))
    panel = _Panel.read(values, method, "judgements", expert_weights, labels)
    exact = panel.weights(panel.shares[None])[0]
    positions = _position(np.exp(panel.logs))
    samples = np.empty((draws, panel.n))
    block = max(1, 2_000_000 // max(1, positions.size))  # bounded memory however large the panel
    for start in range(0, draws, block):
        size = min(block, draws - start)
        moved = positions + rng.uniform(-half_width, half_width, size=(size, *positions.shape))
        logs = np.log(_ratio(moved))
        known = ~np.isnan(panel.logs)
        total = panel.shares @ known
        means = np.einsum("k,bkp->bp", panel.shares, np.where(known, logs, 0.0))
        means = np.divide(means, total, out=np.full(means.shape, np.nan), where=total > 0)
        samples[start : start + size] = panel.solve(means)
    return _distribution(exact, samples, level, panel.labels)


@dataclass(frozen=True, slots=True, eq=False)
class JudgementShift:
    """What one judgement moved by a step of its scale does to the weights.

    Attributes
    ----------
    pair : (int, int)
        Items i < j.
    judgement, shifted : float
        a_ij before and after.
    weights : ndarray, shape (n,)
        Weights after, read-only.
    rank_switches : tuple of (int, int)
        Items (a, b) of which a was ahead before and b is ahead now.
    """

    pair: tuple[int, int]
    judgement: float
    shifted: float
    weights: FloatArray
    rank_switches: tuple[tuple[int, int], ...]


def one_at_a_time(
    values: Judgements, *, step: float = 1.0, method: str = Method.EIGENVECTOR, scale_maximum: float = 9.0
) -> tuple[JudgementShift, ...]:
    """Move each judgement alone by a step up and a step down its scale and see what happens.

    Parameters
    ----------
    values : array_like, shape (n, n), or PairwiseMatrix
        Judgements of an expert or a group; judgements not made stay so.
    step : float
        Scale points, > 0. On the scale 3 follows 2, 2 follows 1 and 1 follows 1/2.
    method : {"eigenvector", "geometric-mean", "column-mean"}
    scale_maximum : float
        Shifts end there; a judgement at the end is moved one way only.

    Returns
    -------
    tuple of JudgementShift
        In the order of the pairs, down before up.

    Raises
    ------
    OptionError, WeightingError
        As for :func:`bootstrap`.
    """
    if not step > 0:
        raise OptionError(f"a step is positive, not {step}", values=(step,))
    judgements = read_judgements(values)
    if not judgements.single:
        raise ShapeError("expected one matrix; aggregate a panel first", values=(judgements.values.shape,))
    chosen = method_named(method)
    matrix = judgements.values[0]
    before = solve(judgements, chosen)[0]
    moves: list[tuple[int, int, float]] = []
    for i, j in combinations(range(len(matrix)), 2):
        position = float(_position(matrix[i, j]))
        end = max(scale_maximum - 1.0, abs(position))
        targets = (max(-end, position - step), min(end, position + step))
        moves.extend((i, j, float(_ratio(target))) for target in targets if abs(target - position) > _SAME)
    if not moves:
        return ()
    changed = np.repeat(matrix[None], len(moves), axis=0)
    for at, (i, j, ratio) in enumerate(moves):
        changed[at, i, j], changed[at, j, i] = ratio, 1.0 / ratio
    after = solve(JudgementStack(changed, False, judgements.labels, judgements.complete), chosen)
    after.setflags(write=False)
    return tuple(
        JudgementShift((i, j), float(matrix[i, j]), ratio, after[at], rank_switches(before, after[at]))
        for at, (i, j, ratio) in enumerate(moves)
    )


@dataclass(frozen=True, slots=True, eq=False)
class ExpertInfluence:
    """What leaving one expert out does to the group's weights.

    Attributes
    ----------
    expert : int
        Who was left out.
    weights : ndarray, shape (n,)
        Weights of the others, read-only.
    rank_switches : tuple of (int, int)
        Items (a, b) of which a was ahead with the whole panel and b is without this expert.
    """

    expert: int
    weights: FloatArray
    rank_switches: tuple[tuple[int, int], ...]


def leave_one_out(
    stack: Judgements,
    *,
    method: str = Method.EIGENVECTOR,
    aggregation: Literal["judgements", "priorities"] = "judgements",
    expert_weights: npt.ArrayLike | None = None,
) -> tuple[ExpertInfluence, ...]:
    """Leave each expert of positive weight out in turn; parameters and errors as :func:`bootstrap`."""
    panel = _Panel.read(stack, method, aggregation, expert_weights, None)
    members = np.flatnonzero(panel.shares > 0)
    if len(members) < 2:
        raise PanelError("leaving one out needs at least two experts", values=(len(members),))
    shares = np.repeat(panel.shares[None], len(members), axis=0)
    shares[np.arange(len(members)), members] = 0.0
    whole, others = panel.weights(panel.shares[None])[0], panel.weights(shares)
    others.setflags(write=False)
    return tuple(
        ExpertInfluence(int(expert), weights, rank_switches(whole, weights))
        for expert, weights in zip(members, others, strict=True)
    )


def rank_switches(before: npt.ArrayLike, after: npt.ArrayLike) -> tuple[tuple[int, int], ...]:
    """Items (a, b) of which a weighed more before and b weighs more after."""
    old, new = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    switched = (old[:, None] > old + _SAME) & (new[:, None] < new - _SAME)
    return tuple((int(a), int(b)) for a, b in np.argwhere(switched))


@dataclass(frozen=True, slots=True, eq=False)
class _Panel:
    """Experts' answers reduced to what resampling needs: logarithms above the diagonal, or log weights."""

    n: int
    logs: FloatArray  # (k, pairs), NaN where missing; (k, n) for priorities
    shares: FloatArray  # (k,)
    method: Method
    aggregation: str
    labels: tuple[str, ...]

    @classmethod
    def read(
        cls,
        stack: Judgements,
        method: str,
        aggregation: str,
        expert_weights: npt.ArrayLike | None,
        labels: Sequence[str] | None,
    ) -> _Panel:
        if aggregation not in ("judgements", "priorities"):
            raise OptionError(
                f"unknown aggregation {aggregation!r}; known: judgements, priorities", values=(aggregation,)
            )
        judgements = read_judgements(stack, labels)
        chosen = method_named(method)
        n = judgements.values.shape[-1]
        if aggregation == "judgements":
            logs = np.log(judgements.values[(slice(None), *np.triu_indices(n, 1))])
        else:
            logs = np.log(solve(judgements, chosen))
        shares = expert_shares(expert_weights, len(logs))
        return cls(n, logs, shares, chosen, aggregation, judgements.labels)

    def weights(self, shares: FloatArray, *, skip: bool = False) -> FloatArray:
        """Group weights (b, n) for sets of expert shares (b, k); `skip` gives NaN where islands are left."""
        means = weighted_log_mean(self.logs, shares)
        if self.aggregation == "judgements":
            return self.solve(means, skip=skip)
        weights: FloatArray = np.exp(means - means.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        return weights

    def solve(self, means: FloatArray, *, skip: bool = False) -> FloatArray:
        """Weights (b, n) of the matrices with these logarithms (b, pairs) above the diagonal."""
        rows, columns = np.triu_indices(self.n, 1)
        ratios = np.exp(means)
        stack = np.ones((len(means), self.n, self.n))
        stack[:, rows, columns] = ratios
        stack[:, columns, rows] = 1.0 / ratios
        complete = not np.isnan(ratios).any()
        good = np.ones(len(stack), dtype=bool)
        if skip and not complete:
            good = np.array([len(islands(~np.isnan(matrix))) == 1 for matrix in stack])
        weights = np.full((len(stack), self.n), np.nan)
        if good.any():
            weights[good] = solve(JudgementStack(stack[good], False, self.labels, complete), self.method)
        return weights


def _check_sampling(count: int, level: float) -> None:
    if count < 1:
        raise OptionError(f"draw at least one sample, not {count}", values=(count,))
    if not 0 < level < 1:
        raise OptionError(f"a level lies between 0 and 1, not {level}", values=(level,))


def _distribution(
    weights: FloatArray, samples: FloatArray, level: float, labels: tuple[str, ...]
) -> WeightDistribution:
    solved = samples[~np.isnan(samples[:, 0])]
    if not len(solved):
        raise PanelError("no resample connects all items", values=(0,))
    lower, upper = np.quantile(solved, [(1 - level) / 2, (1 + level) / 2], axis=0)
    n = solved.shape[1]
    ranks = np.zeros(solved.shape, dtype=np.intp)
    for j in range(n):
        ranks += solved[:, j, None] > solved + _SAME
    frequencies = np.bincount((ranks + np.arange(n) * n).ravel(), minlength=n * n).reshape(n, n) / len(solved)
    for array in (weights, lower, upper, frequencies, solved):
        array.setflags(write=False)
    return WeightDistribution(
        weights=weights,
        lower=lower,
        upper=upper,
        level=level,
        rank_frequencies=frequencies,
        samples=solved,
        discarded=len(samples) - len(solved),
        labels=labels,
    )


def _position(ratio: npt.ArrayLike) -> FloatArray:
    """Place on the scale … 1/3, 1/2, 1, 2, 3 … counted in points from 1: 3 is at 2, 1/3 at −2."""
    a = np.asarray(ratio, dtype=np.float64)
    position: FloatArray = np.where(a >= 1, a - 1.0, 1.0 - 1.0 / a)
    return position


def _ratio(position: npt.ArrayLike) -> FloatArray:
    """Ratio at a place on the scale; the inverse of :func:`_position`."""
    s = np.asarray(position, dtype=np.float64)
    ratio: FloatArray = np.where(s >= 0, 1.0 + s, 1.0 / (1.0 + np.abs(s)))
    return ratio
