"""From the judgements of a panel to one set of weights, and how far the panel agrees.

References
----------
.. [1] Aczél, J. & Saaty, T. L. (1983). Procedures for synthesizing ratio judgements. J. Mathematical Psychology 27(1),
   93–102.
.. [2] Forman, E. & Peniwati, K. (1998). Aggregating individual judgments and priorities with the analytic hierarchy
   process. European J. Operational Research 108(1), 165–169.
.. [3] Goepel, K. D. (2013). Implementing the analytic hierarchy process as a standard method for multi-criteria
   decision making in corporate enterprises. Proc. ISAHP 2013.
.. [4] Goepel, K. D. (2018). Implementation of an online software tool for the analytic hierarchy process (AHP-OS).
   Int. J. Analytic Hierarchy Process 10(3), 469–487.
.. [5] Aitchison, J. (1986). The Statistical Analysis of Compositional Data. Chapman & Hall.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
import numpy.typing as npt

from weighting.cells import as_numbers
from weighting.comparison import BoolArray, FloatArray, Judgements, read_judgements
from weighting.consistency import DEFAULT_LIMIT
from weighting.errors import OptionError, PanelError, PriorityError, ShapeError
from weighting.shares import expert_shares


def aggregate_judgements(stack: Judgements, expert_weights: npt.ArrayLike | None = None) -> FloatArray:
    """Aggregate individual judgements (AIJ): a_ij = Π_k (a_ij^(k))^(p_k), the only rule that keeps reciprocity [1]_.

    Parameters
    ----------
    stack : array_like, shape (k, n, n), or sequence of PairwiseMatrix
        One judgement matrix per expert; NaN where a pair was not compared.
    expert_weights : array_like, shape (k,), optional
        p_k, normalised here; equal by default. A pair is averaged over the experts who compared it, with their
        weights normalised again; a pair that nobody (of positive weight) compared stays NaN.

    Returns
    -------
    ndarray, shape (n, n)

    Raises
    ------
    ShapeError
        No stack of matrices.
    ExpertWeightError
        A negative or infinite expert weight, or none positive.
    ShapeError, NotANumberError, JudgementError, DiagonalError, ReciprocityError
        See :class:`~weighting.comparison.PairwiseMatrix`.

    Notes
    -----
    The group's matrix hides the inconsistency of its members. Never judge a panel by the CR of this matrix alone.
    """
    judgements = read_judgements(stack)
    if judgements.single:
        raise ShapeError("expected one matrix per expert, shape (k, n, n)", values=(judgements.values.shape[1:],))
    shares = expert_shares(expert_weights, len(judgements.values))
    n = judgements.values.shape[-1]
    rows, columns = np.triu_indices(n, 1)
    mean = weighted_log_mean(np.log(judgements.values[:, rows, columns]), shares[None])[0]
    group = np.ones((n, n))
    group[rows, columns] = np.exp(mean)
    group[columns, rows] = 1.0 / group[rows, columns]
    return group


def aggregate_priorities(
    vectors: npt.ArrayLike,
    expert_weights: npt.ArrayLike | None = None,
    mean: Literal["geometric", "arithmetic"] = "geometric",
) -> FloatArray:
    """Aggregate individual priorities (AIP): the normalised weighted mean of the experts' weights [2]_.

    Parameters
    ----------
    vectors : array_like, shape (k, n)
        One row of weights per expert; each row is normalised first. Positive for the geometric mean.
    expert_weights : array_like, shape (k,), optional
        p_k, normalised here; equal by default.
    mean : {"geometric", "arithmetic"}

    Returns
    -------
    ndarray, shape (n,), sums to 1

    Raises
    ------
    PriorityError
        A weight that is negative, not finite or, for the geometric mean, zero: ``(expert, item)`` and value.
    ExpertWeightError, OptionError, ShapeError
    """
    if mean not in ("geometric", "arithmetic"):
        raise OptionError(f"unknown mean {mean!r}; known: geometric, arithmetic", values=(mean,))
    weights = checked_priorities(vectors, positive=mean == "geometric")
    shares = expert_shares(expert_weights, len(weights))
    combined: FloatArray = shares @ (np.log(weights) if mean == "geometric" else weights)
    if mean == "geometric":
        combined = np.exp(combined - combined.max())
    combined /= combined.sum()
    return combined


class InconsistencyPolicy(StrEnum):
    """What becomes of an expert whose CR is over the limit."""

    RETURN = "return"
    """Ask the expert to revise; computed with meanwhile, the result is provisional (default)."""
    EXCLUDE = "exclude"
    """Leave the expert's matrix out."""
    KEEP = "keep"
    """Use it as it is."""


@dataclass(frozen=True, slots=True)
class PanelSelection:
    """Who is computed with, and why.

    Attributes
    ----------
    policy : InconsistencyPolicy
        The policy applied.
    limit : float
        The limit of CR.
    inconsistent : tuple of int
        Experts over the limit.
    included : tuple of int
        Experts computed with, in order.
    excluded : tuple of int
        Experts left out.
    provisional : bool
        Whether somebody has been asked to revise.
    """

    policy: InconsistencyPolicy
    limit: float
    inconsistent: tuple[int, ...]
    included: tuple[int, ...]
    excluded: tuple[int, ...]
    provisional: bool


def select_experts(
    cr: npt.ArrayLike, policy: str = InconsistencyPolicy.RETURN, limit: float = DEFAULT_LIMIT
) -> PanelSelection:
    """Apply the policy for inconsistent experts to their consistency ratios.

    Parameters
    ----------
    cr : array_like, shape (k,)
        CR of each expert's matrix.
    policy : {"return", "exclude", "keep"}
    limit : float
        CR up to which an expert is consistent.

    Raises
    ------
    PanelError
        No expert remains; ``indices`` are those excluded.
    OptionError
        Unknown policy.
    ShapeError
        `cr` is not one row of numbers.
    """
    try:
        chosen = InconsistencyPolicy(policy)
    except ValueError:
        known = ", ".join(InconsistencyPolicy)
        raise OptionError(f"unknown policy {policy!r}; known: {known}", values=(policy,)) from None
    ratios = as_numbers(cr)
    if ratios.ndim != 1:
        raise ShapeError(f"expected one CR per expert, got shape {ratios.shape}", values=(ratios.shape,))
    over = tuple(int(k) for k in np.flatnonzero(~(ratios <= limit)))
    excluded = over if chosen is InconsistencyPolicy.EXCLUDE else ()
    included = tuple(k for k in range(len(ratios)) if k not in excluded)
    if not included:
        raise PanelError(
            f"no expert remains: all {len(excluded)} are over the limit {limit}", indices=excluded, values=(0,)
        )
    provisional = chosen is InconsistencyPolicy.RETURN and bool(over)
    return PanelSelection(chosen, limit, over, included, excluded, provisional)


@dataclass(frozen=True, slots=True)
class Consensus:
    """Goepel's consensus indicator and the entropies behind it (natural logarithms).

    Attributes
    ----------
    s_star : float
        S*, 1 for identical weights, 0 when every expert puts another item to the scale's extreme.
    alpha, beta, gamma : float
        Mean entropy within experts H_α, between experts H_β = H_γ − H_α, of the panel's mean weights H_γ.
    """

    s_star: float
    alpha: float
    beta: float
    gamma: float


def consensus(vectors: npt.ArrayLike, scale_maximum: float = 9.0) -> Consensus:
    r"""Consensus S* of a panel [3]_, [4]_.

    .. math:: S^* = \frac{e^{-H_\beta} - 1/c}{1 - 1/c}, \quad c = e^{H_{\gamma,\max} - H_{\alpha,\min}}

    H_α,min is the entropy of an expert at the scale's extreme, one weight M/(n + M − 1), the others 1/(n + M − 1).
    H_γ,max is that of the mean of experts each extreme on another item: ln n with at least n experts.

    Parameters
    ----------
    vectors : array_like, shape (k, n)
        One row of weights per expert; the experts count equally.
    scale_maximum : float
        M, the largest judgement of the scale.

    Raises
    ------
    PanelError
        Fewer than two experts.
    PriorityError, ShapeError, OptionError

    Notes
    -----
    S* of weights more extreme than the scale allows can fall below 0. With one item there is nothing to disagree about:
    S* = 1.
    """
    weights = checked_priorities(vectors, positive=False)
    experts, n = weights.shape
    if experts < 2:
        raise PanelError("consensus needs at least two experts", values=(experts,))
    if not 1 < scale_maximum < float("inf"):
        raise OptionError(f"the scale's maximum is above 1, not {scale_maximum}", values=(scale_maximum,))
    alpha = float(_entropy(weights).mean())
    gamma = float(_entropy(weights.mean(axis=0)))
    found = 1.0 if n == 1 else float(consensus_of_many(weights[None], scale_maximum)[0])
    return Consensus(found, alpha, gamma - alpha, gamma)


def consensus_of_many(panels: FloatArray, scale_maximum: float = 9.0) -> FloatArray:
    """S* (b,) of many panels (b, k, n) of normalised weights, n ≥ 2; see :func:`consensus`."""
    experts, n = panels.shape[1:]
    beta = _entropy(panels.mean(axis=1)) - _entropy(panels).mean(axis=1)
    extreme = np.ones((min(experts, n), n))
    np.fill_diagonal(extreme, scale_maximum)
    extreme /= n + scale_maximum - 1
    floor = np.exp(float(_entropy(extreme[0])) - float(_entropy(extreme.mean(axis=0))))  # 1/c
    found: FloatArray = (np.exp(-beta) - floor) / (1.0 - floor)
    return found


def variation(vectors: npt.ArrayLike) -> FloatArray:
    """Coefficient of variation per item, SD/mean over the experts' weights, SD with k − 1; NaN where the mean is 0.

    Raises
    ------
    PanelError
        Fewer than two experts.
    PriorityError, ShapeError
    """
    weights = checked_priorities(vectors, positive=False)
    if len(weights) < 2:
        raise PanelError("a coefficient of variation needs at least two experts", values=(len(weights),))
    mean = weights.mean(axis=0)
    ratio: FloatArray = np.divide(weights.std(axis=0, ddof=1), mean, out=np.full(len(mean), np.nan), where=mean > 0)
    return ratio


@dataclass(frozen=True, slots=True, eq=False)
class Outliers:
    """Experts far from the rest of the panel.

    Attributes
    ----------
    distances : ndarray, shape (k,)
        Aitchison distance [5]_ of each expert's weights from the geometric mean of all the others, read-only.
    limit : float
        Distance above which an expert is flagged; infinite with fewer than four experts.
    experts : tuple of int
        Those flagged, the farthest first.
    """

    distances: FloatArray
    limit: float
    experts: tuple[int, ...]


def outlying_experts(vectors: npt.ArrayLike, factor: float = 3.0) -> Outliers:
    """Flag experts whose weights lie far from those of all the others; for a second look, never for exclusion.

    The limit is median + `factor` × 1.4826 × median absolute deviation of the distances.

    Parameters
    ----------
    vectors : array_like, shape (k, n)
        One row of positive weights per expert.
    factor : float
        Robust standard deviations.

    Raises
    ------
    PanelError
        Fewer than two experts.
    PriorityError, ShapeError
    """
    weights = checked_priorities(vectors, positive=True)
    experts = len(weights)
    if experts < 2:
        raise PanelError("an outlying expert needs others to compare with", values=(experts,))
    logs = np.log(weights)
    logs -= logs.mean(axis=1, keepdims=True)
    others = (logs.sum(axis=0) - logs) / (experts - 1)
    distances = np.sqrt(((logs - others) ** 2).sum(axis=1))
    distances.setflags(write=False)
    if experts < 4:
        return Outliers(distances, float("inf"), ())
    middle = float(np.median(distances))
    # A panel that agrees to rounding has no spread; differences at that level are no finding.
    limit = middle + factor * 1.4826 * float(np.median(np.abs(distances - middle))) + 1e-9
    flagged = sorted(np.flatnonzero(distances > limit), key=lambda k: -distances[k])
    return Outliers(distances, limit, tuple(int(k) for k in flagged))


def checked_priorities(vectors: npt.ArrayLike, *, positive: bool) -> FloatArray:
    """Experts' weight vectors (k, n) with normalised rows.

    Raises
    ------
    PriorityError, PanelError, ShapeError
    """
    weights = as_numbers(vectors)
    if weights.ndim != 2 or weights.shape[-1] == 0:
        raise ShapeError(f"expected one row of weights per expert, got shape {weights.shape}", values=(weights.shape,))
    if not len(weights):
        raise PanelError("the panel is empty", values=(0,))
    wrong: BoolArray = ~(np.isfinite(weights) & ((weights > 0) if positive else (weights >= 0)))
    wrong |= ~wrong.any(axis=1, keepdims=True) & (weights.sum(axis=1, keepdims=True) == 0)
    if wrong.any():
        cells = tuple((int(k), int(i)) for k, i in np.argwhere(wrong))
        found = tuple(float(v) for v in weights[wrong])
        kind = "positive" if positive else "not negative, and not all zero"
        raise PriorityError(f"weights are {kind}; expert, item {cells[0]}: {found[0]}", indices=cells, values=found)
    normalised: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return normalised


def weighted_log_mean(logs: FloatArray, shares: FloatArray) -> FloatArray:
    """Means over the experts of log judgements (k, pairs) for many sets of shares (b, k); NaN where nobody answered."""
    known = ~np.isnan(logs)
    means: FloatArray
    if known.all():
        means = shares @ logs / shares.sum(axis=1, keepdims=True)
        return means
    total = shares @ known.astype(np.float64)
    sums = shares @ np.where(known, logs, 0.0)
    means = np.divide(sums, total, out=np.full(total.shape, np.nan), where=total > 0)
    return means


def _entropy(weights: FloatArray) -> FloatArray:
    """−Σ p ln p along the last axis, 0 ln 0 = 0."""
    logs = np.log(weights, out=np.zeros_like(weights), where=weights > 0)
    entropy: FloatArray = -(weights * logs).sum(axis=-1)
    return entropy
