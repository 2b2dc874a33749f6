"""Screening candidate indicators by boundary values (界值法) on a round of importance ratings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from weighting.answers import AnswersError, TooFewAnswersError
from weighting.delphi import ItemStatistics, RoundStatistics

TIE = 1e-12  # an indicator exactly on a boundary is kept; this absorbs what summing in binary costs


class ScreeningDecision(Enum):
    """What the boundaries say about a candidate."""

    KEEP = "keep"
    DISCUSS = "discuss"
    DELETE = "delete"


class ScreeningMeasure(Enum):
    """The three measures of the method."""

    MEAN = "mean"
    FULL_MARK_SHARE = "full-mark-share"
    CV = "cv"


@dataclass(frozen=True, slots=True)
class ScreeningBoundaries:
    """Boundary values: keep at mean ≥ `mean`, full-mark share ≥ `full_mark_share` and CV ≤ `cv`."""

    mean: float
    full_mark_share: float
    cv: float


@dataclass(frozen=True, slots=True)
class ScreenedItem:
    """A candidate with its measures, those that fail, and the decision; `undefined` measures lead to the committee."""

    item: str
    mean: float | None
    full_mark_share: float | None
    cv: float | None
    failed: tuple[ScreeningMeasure, ...]
    undefined: tuple[ScreeningMeasure, ...]
    decision: ScreeningDecision


@dataclass(frozen=True, slots=True)
class Screening:
    """Outcome of a screening.

    Attributes
    ----------
    boundaries : ScreeningBoundaries
    computed : bool
        True where the boundaries come from the items themselves (界值法), False where they were given.
    delete_at : int
        Number of failed measures from which an item is deleted.
    items : tuple of ScreenedItem
    """

    boundaries: ScreeningBoundaries
    computed: bool
    delete_at: int
    items: tuple[ScreenedItem, ...]

    def items_with(self, decision: ScreeningDecision) -> tuple[str, ...]:
        """Labels of the items with this decision."""
        return tuple(item.item for item in self.items if item.decision is decision)


def screen(
    statistics: RoundStatistics, *, delete_at: int = 3, boundaries: ScreeningBoundaries | None = None
) -> Screening:
    """Screen candidates by the boundary-value method (界值法), or by given boundaries.

    Keep if M ≥ mean(M) − SD(M), K ≥ mean(K) − SD(K) and CV ≤ mean(CV) + SD(CV), with means and SDs (n − 1) over the
    items; delete if `delete_at` of the three fail; otherwise the committee discusses it.

    Parameters
    ----------
    statistics : RoundStatistics
        Of a round on a rating scale; the scale's maximum defines the full mark.
    delete_at : {2, 3}
        Failed measures that delete an item.
    boundaries : ScreeningBoundaries, optional
        Fixed boundaries instead of those computed from the items.

    Returns
    -------
    Screening

    Raises
    ------
    AnswersError
        `delete_at` is not 2 or 3, or the round has no scale (full-mark shares are then undefined).
    TooFewAnswersError
        Fewer than two items with defined measures, so that no boundary can be computed.
    """
    if delete_at not in (2, 3):
        raise AnswersError(f"delete_at is 2 or 3, not {delete_at}", values=(delete_at,))
    if statistics.scale is None:
        raise AnswersError("screening needs ratings on a scale, whose maximum is the full mark")
    limits = boundaries or _boundaries(statistics)
    return Screening(
        boundaries=limits,
        computed=boundaries is None,
        delete_at=delete_at,
        items=tuple(_screened(item, limits, delete_at) for item in statistics.items),
    )


def _boundaries(statistics: RoundStatistics) -> ScreeningBoundaries:
    complete = [
        (item.mean, item.full_mark_share, item.cv)
        for item in statistics.items
        if item.mean is not None and item.full_mark_share is not None and item.cv is not None
    ]
    if len(complete) < 2:
        raise TooFewAnswersError(
            f"boundaries need two items with mean, full-mark share and CV; there are {len(complete)}",
            values=(len(complete),),
        )
    measures = np.array(complete)
    centre, spread = measures.mean(axis=0), measures.std(axis=0, ddof=1)
    return ScreeningBoundaries(
        mean=float(centre[0] - spread[0]),
        full_mark_share=float(centre[1] - spread[1]),
        cv=float(centre[2] + spread[2]),
    )


def _screened(item: ItemStatistics, limits: ScreeningBoundaries, delete_at: int) -> ScreenedItem:
    passed = {
        ScreeningMeasure.MEAN: None if item.mean is None else item.mean >= limits.mean - TIE,
        ScreeningMeasure.FULL_MARK_SHARE: None
        if item.full_mark_share is None
        else item.full_mark_share >= limits.full_mark_share - TIE,
        ScreeningMeasure.CV: None if item.cv is None else item.cv <= limits.cv + TIE,
    }
    failed = tuple(measure for measure, ok in passed.items() if ok is False)
    undefined = tuple(measure for measure, ok in passed.items() if ok is None)
    if len(failed) >= delete_at:
        decision = ScreeningDecision.DELETE
    elif failed or undefined:
        decision = ScreeningDecision.DISCUSS
    else:
        decision = ScreeningDecision.KEEP
    return ScreenedItem(item.item, item.mean, item.full_mark_share, item.cv, failed, undefined, decision)
