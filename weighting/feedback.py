"""What an expert sees before the next Delphi round, and who stayed apart at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from weighting.answers import AnswersError, FloatArray, PanelRound, UnknownExpertError, as_round
from weighting.quantiles import DEFAULT_CONVENTION, QuantileConvention, quantile_convention, quantiles

MINIMUM_ANSWERS = 5
TIE = 1e-9  # an answer on a quartile lies within; this absorbs what interpolating in binary costs

Reasons = Sequence[Sequence[str | None]]


class QuartileSide(Enum):
    """Where an answer lies relative to the group's quartiles."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class ItemFeedback:
    """Feedback on one item to one expert.

    Attributes
    ----------
    item : str
    own : float or None
        The expert's answer in the round before; ``None`` if there was none. Never a preset for the next one.
    n : int
        Answers of the group.
    hidden : bool
        True below five answers: all group figures are then ``None`` or empty.
    median, q1, q3 : float or None
    distribution : tuple of (float, int)
        Answer and how often it was given, ascending; on an integer scale unused points appear with 0.
    side : QuartileSide or None
        Where the own answer lies; outside the quartiles the expert is asked for a reason.
    reasons : tuple of str
        Reasons of the *others* outside the quartiles, sorted so that their order tells nothing.
    """

    item: str
    own: float | None
    n: int
    hidden: bool
    median: float | None
    q1: float | None
    q3: float | None
    distribution: tuple[tuple[float, int], ...]
    side: QuartileSide | None
    reasons: tuple[str, ...]

    @property
    def reason_wanted(self) -> bool:
        """Whether the expert is asked why the answer lies outside the quartiles."""
        return self.side in (QuartileSide.BELOW, QuartileSide.ABOVE)


@dataclass(frozen=True, slots=True)
class Feedback:
    """Feedback on one group of items to one expert."""

    expert: str
    group: str
    items: tuple[ItemFeedback, ...]
    quantiles: QuantileConvention
    minimum_answers: int


@dataclass(frozen=True, slots=True)
class Dissent:
    """One answer outside the quartiles, for the report.

    Attributes
    ----------
    expert, item : int
        Zero-based positions.
    expert_label, item_label, group : str
    value, median, q1, q3 : float
    side : QuartileSide
        ``BELOW`` or ``ABOVE``.
    persistent : bool or None
        Outside on the same side in the round before as well; ``None`` without a paired answer.
    reason : str or None
    """

    expert: int
    item: int
    expert_label: str
    item_label: str
    group: str
    value: float
    median: float
    q1: float
    q3: float
    side: QuartileSide
    persistent: bool | None
    reason: str | None


def _side(value: float, q1: float, q3: float) -> QuartileSide:
    if value < q1 - TIE:
        return QuartileSide.BELOW
    return QuartileSide.ABOVE if value > q3 + TIE else QuartileSide.WITHIN


def _quartiles(column: FloatArray, convention: str) -> tuple[float, float]:
    q1, q3 = quantiles(column, (0.25, 0.75), convention)
    return float(q1), float(q3)


def _check_reasons(reasons: Reasons | None, answers: PanelRound) -> None:
    if reasons is None:
        return
    if len(reasons) != len(answers.experts) or any(len(row) != len(answers.items) for row in reasons):
        raise AnswersError(
            f"reasons must have shape {answers.values.shape}", values=(len(reasons), *(len(row) for row in reasons))
        )


def feedback(
    previous: PanelRound | npt.ArrayLike,
    expert: str,
    *,
    reasons: Reasons | None = None,
    convention: str = DEFAULT_CONVENTION,
    minimum_answers: int = MINIMUM_ANSWERS,
) -> Feedback:
    """Give one expert what is to be shown of the round before.

    Parameters
    ----------
    previous : PanelRound or array_like, shape (experts, items)
        The closed round.
    expert : str
        Label of the expert addressed (running number from ``"1"`` for a bare array).
    reasons : sequence of shape (experts, items), optional
        Reasons given, ``None`` or blank where there is none.
    convention : str
        Sample quantile.
    minimum_answers : int
        Group figures are hidden below this number; at least 5, so that no answer can be inferred.

    Returns
    -------
    Feedback

    Raises
    ------
    UnknownExpertError
        The expert does not belong to the round.
    AnswersError
        `reasons` has another shape, or `minimum_answers` is below 5.
    """
    asked = as_round(previous)
    _check_reasons(reasons, asked)
    if minimum_answers < MINIMUM_ANSWERS:
        raise AnswersError(f"group figures need at least {MINIMUM_ANSWERS} answers", values=(minimum_answers,))
    if expert not in asked.experts:
        raise UnknownExpertError(f"expert {expert!r} does not belong to the round", values=(expert,))
    row = asked.experts.index(expert)
    items = tuple(_item_feedback(asked, row, j, reasons, convention, minimum_answers) for j in range(len(asked.items)))
    return Feedback(expert, asked.group, items, quantile_convention(convention), minimum_answers)


def _item_feedback(
    asked: PanelRound, row: int, j: int, reasons: Reasons | None, convention: str, minimum: int
) -> ItemFeedback:
    column = asked.values[:, j]
    given = column[~np.isnan(column)]
    own = None if np.isnan(column[row]) else float(column[row])
    n = int(given.size)
    if n < minimum:
        return ItemFeedback(
            item=asked.items[j],
            own=own,
            n=n,
            hidden=True,
            median=None,
            q1=None,
            q3=None,
            distribution=(),
            side=None,
            reasons=(),
        )
    q1, q3 = _quartiles(given, convention)
    outside = [i for i, value in enumerate(column) if _side(float(value), q1, q3) is not QuartileSide.WITHIN]
    others = [(reasons[i][j] or "").strip() for i in outside if i != row] if reasons is not None else []
    heard = sorted(text for text in others if text)
    return ItemFeedback(
        item=asked.items[j],
        own=own,
        n=n,
        hidden=False,
        median=float(np.median(given)),
        q1=q1,
        q3=q3,
        distribution=_distribution(given, asked.scale),
        side=None if own is None else _side(own, q1, q3),
        reasons=tuple(heard),
    )


def _distribution(given: FloatArray, scale: tuple[float, float] | None) -> tuple[tuple[float, int], ...]:
    values, counts = np.unique(given, return_counts=True)
    seen = {float(value): int(count) for value, count in zip(values, counts, strict=True)}
    # a 0–100 scale would show a hundred empty points
    if scale is not None and all(end.is_integer() for end in scale) and scale[1] - scale[0] <= 10:
        seen = {float(point): 0 for point in range(int(scale[0]), int(scale[1]) + 1)} | seen
    return tuple(sorted(seen.items()))


def dissent(
    current: PanelRound | npt.ArrayLike,
    previous: PanelRound | npt.ArrayLike | None = None,
    *,
    reasons: Reasons | None = None,
    convention: str = DEFAULT_CONVENTION,
) -> tuple[Dissent, ...]:
    """List the answers outside the group's quartiles, for the report on the treatment of dissent.

    Parameters
    ----------
    current : PanelRound or array_like, shape (experts, items)
    previous : PanelRound or array_like, optional
        The round before, paired by labels, to tell who stayed apart.
    reasons : sequence of shape (experts, items), optional
    convention : str

    Returns
    -------
    tuple of Dissent
        By item, then expert.

    Raises
    ------
    AnswersError
        `reasons` has another shape.
    """
    asked = as_round(current)
    _check_reasons(reasons, asked)
    before = None if previous is None else as_round(previous)
    found = []
    for j, item in enumerate(asked.items):
        column = asked.values[:, j]
        if np.isnan(column).all():
            continue
        q1, q3 = _quartiles(column, convention)
        for i, value in enumerate(column):
            if np.isnan(value) or _side(float(value), q1, q3) is QuartileSide.WITHIN:
                continue
            side = _side(float(value), q1, q3)
            text = reasons[i][j] if reasons is not None else None
            found.append(
                Dissent(
                    expert=i,
                    item=j,
                    expert_label=asked.experts[i],
                    item_label=item,
                    group=asked.group,
                    value=float(value),
                    median=float(np.nanmedian(column)),
                    q1=q1,
                    q3=q3,
                    side=side,
                    persistent=_was(before, asked.experts[i], item, side, convention),
                    reason=text.strip() or None if text else None,
                )
            )
    return tuple(found)


def _was(before: PanelRound | None, expert: str, item: str, side: QuartileSide, convention: str) -> bool | None:
    if before is None or expert not in before.experts or item not in before.items:
        return None
    column = before.values[:, before.items.index(item)]
    value = float(column[before.experts.index(expert)])
    return None if np.isnan(value) else _side(value, *_quartiles(column, convention)) is side
