"""Weights from a Delphi round: direct allocation (the standard's own question) and, as a proxy, importance ratings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from weighting.answers import (
    AnswersError,
    FloatArray,
    PanelRound,
    TooFewAnswersError,
    as_round,
    frozen_array,
)
from weighting.shares import expert_shares

TOTALS = (1.0, 100.0)
SUM_TOLERANCE = 1e-9  # of the total: what adding decimals in binary may cost, far below any unit an expert can write


class AllocationFault(Enum):
    """Kinds of faults in an allocation."""

    PARTLY_BLANK = "partly-blank"
    NEGATIVE = "negative"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class AllocationProblem:
    """One fault: `item` is ``None`` for a wrong sum, `value` what stands there (the sum found)."""

    expert: int
    item: int | None
    fault: AllocationFault
    value: float


class AllocationError(AnswersError):
    """Allocations that are blank in part, negative, or do not add up; all of them at once in `problems`."""

    def __init__(self, problems: Iterable[AllocationProblem], total: float) -> None:
        self.problems = tuple(problems)
        self.total = total
        said = "; ".join(
            f"expert {p.expert}" + ("" if p.item is None else f" item {p.item}") + f" {p.fault.value} {p.value:.10g}"
            for p in self.problems
        )
        super().__init__(
            f"each group must be filled in with values ≥ 0 that add up to {total:g}: {said}",
            [(p.expert,) if p.item is None else (p.expert, p.item) for p in self.problems],
            [p.value for p in self.problems],
        )


@dataclass(frozen=True, slots=True, eq=False)
class PanelWeights:
    """A group's weights by a panel, plain and authority-weighted side by side.

    Attributes
    ----------
    group : str
    items : tuple of str
    weights : ndarray, shape (items,)
        Experts weighted equally; adds up to 1.
    authority_weighted : ndarray or None
        Experts weighted by their authority coefficients; ``None`` where none were given.
    experts : tuple of str
        Experts used.
    without_answer : tuple of int
        Rows without any answer, left out.
    instrument : str
        ``"allocation"`` or ``"importance"``.
    proxy : bool
        True for importance ratings: a warning to print, see :func:`importance_weights`.
    spread : float or None
        Largest over smallest plain weight; ``None`` if the smallest is 0.
    vectors : ndarray or None, shape (experts used, items)
        Normalised allocation of each expert; ``None`` for importance ratings.
    """

    group: str
    items: tuple[str, ...]
    weights: FloatArray
    authority_weighted: FloatArray | None
    experts: tuple[str, ...]
    without_answer: tuple[int, ...]
    instrument: str
    proxy: bool
    spread: float | None
    vectors: FloatArray | None


def check_allocations(answers: PanelRound | npt.ArrayLike, total: float = 100.0) -> tuple[AllocationProblem, ...]:
    """List every fault of direct allocations to one group; empty when they are in order.

    A row without any entry is an expert who did not answer, which is no fault; a row partly blank is one, and its
    sum is then not judged as well.

    Parameters
    ----------
    answers : PanelRound or array_like, shape (experts, items)
        Values ≥ 0 that add up to `total` per expert.
    total : {1, 100}
    """
    if total not in TOTALS:
        raise AnswersError(f"allocations add up to 1 or 100, not {total}", values=(total,))
    problems = []
    for i, row in enumerate(as_round(answers).values):
        blank = np.isnan(row)
        if blank.all():
            continue
        problems += [AllocationProblem(i, int(j), AllocationFault.PARTLY_BLANK, np.nan) for j in np.flatnonzero(blank)]
        problems += [
            AllocationProblem(i, int(j), AllocationFault.NEGATIVE, float(row[j])) for j in np.flatnonzero(row < 0)
        ]
        if not blank.any() and abs(row.sum() - total) > SUM_TOLERANCE * total:
            problems.append(AllocationProblem(i, None, AllocationFault.SUM, float(row.sum())))
    return tuple(problems)


def allocation_weights(
    answers: PanelRound | npt.ArrayLike, *, total: float = 100.0, authority: npt.ArrayLike | None = None
) -> PanelWeights:
    """Weights of one group from direct allocations: w_j = Σ_i Cr_i w_ij / Σ_i Cr_i.

    Parameters
    ----------
    answers : PanelRound or array_like, shape (experts, items)
        Per expert values ≥ 0 that add up to `total`; a row without any entry did not answer.
    total : {1, 100}
    authority : array_like, shape (experts,), optional
        Authority coefficients Cr_i of all experts.

    Returns
    -------
    PanelWeights

    Raises
    ------
    AllocationError
        Faulty allocations (99 or 101 instead of 100 among them), all at once. Nothing is rescaled silently.
    TooFewAnswersError
        Nobody answered.
    AnswersError
        `total` is neither 1 nor 100.
    ShapeError, ExpertWeightError
        `authority` unusable.
    """
    asked = as_round(answers)
    problems = check_allocations(asked, total)
    if problems:
        raise AllocationError(problems, total)
    used = np.asarray(~np.isnan(asked.values).any(axis=1))
    if not used.any():
        raise TooFewAnswersError("nobody answered", values=(0,))
    rows = asked.values[used]
    vectors = rows / rows.sum(axis=1, keepdims=True)
    coefficients = None
    if authority is not None:
        coefficients = expert_shares(authority, len(asked.experts), used)
    return _panel_weights(
        asked,
        used,
        plain=vectors.mean(axis=0),
        weighted=None if coefficients is None else coefficients @ vectors,
        instrument="allocation",
        vectors=vectors,
    )


def importance_weights(answers: PanelRound | npt.ArrayLike, *, authority: npt.ArrayLike | None = None) -> PanelWeights:
    """Weights of one group from importance ratings: normalised means M_j / Σ M_j, with a warning (`proxy`).

    Ratings are a proxy: experts were asked how important an indicator is, not for its weight, and normalised means
    of a rating scale lie close together (typically within some 11 % of equal weights). Use them for screening. The
    ratio matrix M_i/M_j yields the same weights by construction and is no further evidence.

    Parameters
    ----------
    answers : PanelRound or array_like, shape (experts, items)
        Ratings ≥ 0; NaN = no answer, each item uses the answers it has.
    authority : array_like, shape (experts,), optional
        Authority coefficients Cr_i; the weighted mean of an item runs over the experts who rated it.

    Returns
    -------
    PanelWeights

    Raises
    ------
    AnswersError
        A negative rating, or all means zero.
    ShapeError, ExpertWeightError
        `authority` unusable.
    TooFewAnswersError
        An item without any answer; ``indices`` are ``(item,)``.
    """
    asked = as_round(answers)
    values = asked.values
    negative = [(int(i), int(j)) for i, j in np.argwhere(values < 0)]
    if negative:
        raise AnswersError(
            f"negative ratings at (expert, item) {negative}", negative, [float(values[place]) for place in negative]
        )
    given = ~np.isnan(values)
    empty = [int(j) for j in np.flatnonzero(~given.any(axis=0))]
    if empty:
        raise TooFewAnswersError(f"items without any rating: {empty}", [(j,) for j in empty], [0] * len(empty))
    filled = np.where(given, values, 0.0)
    plain = filled.sum(axis=0) / given.sum(axis=0)
    weighted = None
    if authority is not None:
        coefficients = expert_shares(authority, len(asked.experts))
        support = coefficients @ given
        unsupported = [int(j) for j in np.flatnonzero(support == 0)]
        if unsupported:
            raise AnswersError(
                f"items rated only by experts of authority 0: {unsupported}",
                [(j,) for j in unsupported],
                [0.0] * len(unsupported),
            )
        weighted = coefficients @ filled / support
    if not plain.any() or (weighted is not None and not weighted.any()):
        raise AnswersError("all mean ratings are zero", values=plain.tolist())
    return _panel_weights(asked, np.asarray(given.any(axis=1)), plain, weighted, "importance", None)


def _panel_weights(
    asked: PanelRound,
    used: npt.NDArray[np.bool_],
    plain: FloatArray,
    weighted: FloatArray | None,
    instrument: str,
    vectors: FloatArray | None,
) -> PanelWeights:
    weights = plain / plain.sum()
    return PanelWeights(
        group=asked.group,
        items=asked.items,
        weights=frozen_array(weights),
        authority_weighted=None if weighted is None else frozen_array(weighted / weighted.sum()),
        experts=tuple(label for label, there in zip(asked.experts, used, strict=True) if there),
        without_answer=tuple(int(k) for k in np.flatnonzero(~used)),
        instrument=instrument,
        proxy=instrument == "importance",
        spread=float(weights.max() / weights.min()) if weights.min() > 0 else None,
        vectors=None if vectors is None else frozen_array(vectors),
    )
