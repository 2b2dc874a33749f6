"""Qualitative indicators (定性指标): the share of the enterprises whose answer reaches each grade."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from .direction import GRADES, Grade
from .errors import AnswerError, NoValidValueError
from .sample import Sample
from .sampling_weights import whole_weights

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Answer(StrEnum):
    """What an enterprise may answer."""

    I = "I"  # noqa: E741 - the standard's name of the grade
    II = "II"
    III = "III"
    NONE = "none"
    """未达到: below grade III."""
    NOT_APPLICABLE = "not-applicable"
    """不适用: not counted among the enterprises."""


_SPELLINGS = {
    "I": Answer.I,
    "I级": Answer.I,
    "达到": Answer.I,
    "II": Answer.II,
    "II级": Answer.II,
    "III": Answer.III,
    "III级": Answer.III,
    "未达到": Answer.NONE,
    "none": Answer.NONE,
    "不适用": Answer.NOT_APPLICABLE,
    "not-applicable": Answer.NOT_APPLICABLE,
}


@dataclass(frozen=True, slots=True)
class AnswerShare:
    """Who reaches one grade: number and (weighted) share of the enterprises, cumulative."""

    reached: int
    share: float


@dataclass(frozen=True, slots=True)
class QualitativeGrades:
    """Shares of the answers.

    Attributes
    ----------
    I, II, III : AnswerShare
        Cumulative: an enterprise at grade I reaches II and III too (otherwise condition D.4.3 could not hold).
    n : int
        Enterprises that answered and to which the indicator applies.
    missing, not_applicable : int
    """

    I: AnswerShare  # noqa: E741 - the standard's name of the grade
    II: AnswerShare
    III: AnswerShare
    n: int
    missing: int
    not_applicable: int

    def __iter__(self) -> Iterator[AnswerShare]:
        return iter((self.I, self.II, self.III))

    def __getitem__(self, grade: Grade) -> AnswerShare:
        return dict(zip(GRADES, self, strict=True))[grade]


def read_answer(text: Answer | str) -> Answer:
    """Read one answer: Ⅰ级, II, 达到 (the single baseline of clause 5.5.3: all three grades), 未达到, 不适用.

    Full- and half-width forms and spaces do not matter.

    Raises
    ------
    AnswerError
        For anything else.
    """
    found = _SPELLINGS.get("".join(unicodedata.normalize("NFKC", str(text)).split()))
    if found is None:
        raise AnswerError(f"not an answer: {text!r}", values=(text,))
    return found


def qualitative_shares(answers: Sequence[Answer | str | None], weights: ArrayLike | None = None) -> QualitativeGrades:
    """Count which share of the enterprises reaches each grade by its answer.

    Parameters
    ----------
    answers : sequence
        One per enterprise as :func:`read_answer` takes it; None or blank text is missing.
    weights : array_like, optional
        Sampling weights.

    Raises
    ------
    AnswerError
        With the positions and texts of all answers that name no grade.
    NoValidValueError
        If nobody answered.
    WeightError, LengthError
        As :meth:`baselines.Sample.of`.
    """
    read: list[Answer | None] = []
    wrong: list[int] = []
    for index, text in enumerate(answers):
        try:
            read.append(None if text is None or not str(text).strip() else read_answer(text))
        except AnswerError:
            wrong.append(index)
            read.append(None)
    if wrong:
        raise AnswerError(
            f"not answers: {[answers[index] for index in wrong[:5]]}",
            indices=wrong,
            values=[answers[index] for index in wrong],
        )
    # Grades as numbers, 1 best: the machinery of samples then checks the weights and counts.
    order: dict[Answer | None, float] = {Answer.I: 1.0, Answer.II: 2.0, Answer.III: 3.0, Answer.NONE: 4.0}
    sample = Sample.of([order.get(answer, math.nan) for answer in read], weights=weights)
    counted = sample.counts
    if not sample.n:
        raise NoValidValueError("nobody answered", values=(len(read),))
    units = [1] * sample.n if sample.weights is None else [int(w) for w in whole_weights(sample.weights[counted])]
    levels = sample.values[counted].tolist()

    def share(worst: int) -> AnswerShare:
        met = [unit for level, unit in zip(levels, units, strict=True) if level <= worst]
        return AnswerShare(len(met), float(Fraction(sum(met), sum(units))))

    return QualitativeGrades(
        share(1), share(2), share(3), sample.n, read.count(None), read.count(Answer.NOT_APPLICABLE)
    )
