"""Grade values I, II and III of one quantitative indicator: from the survey, from policy, rounded and checked.

GB/T 43329—2023, 5.5.2: as a rule 5 %, 20 % and 50 % of the domestic enterprises reach grade I, II and III.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from .attainment import Attained, Ranking
from .direction import GRADES, Direction, Grade, ShareLike, as_direction, exact_share
from .errors import BaselineError, LengthError, NoValidValueError, ShareError
from .graded import Graded
from .rounding import NumberLike, decimal_of, round_outward
from .sample import Sample, State, as_sample

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

DEFAULT_SHARES: tuple[ShareLike, ShareLike, ShareLike] = (0.05, 0.20, 0.50)
"""Clause 5.5.2, for callers without a rulebook at hand."""


class Cause(StrEnum):
    """Why two grades got the same value."""

    TIES = "ties"
    """Many enterprises report that value (heaping)."""
    FEW = "few"
    """So few enterprises, or one of such weight, that both shares end at the same rank."""
    ROUNDING = "rounding"
    """Different values, alike once published."""
    DECLARED = "declared"
    """A policy value or a mandatory limit made them alike."""


@dataclass(frozen=True, slots=True)
class Indistinguishable:
    """Two neighbouring grades with the same value: the survey cannot tell them apart."""

    stricter: Grade
    laxer: Grade
    cause: Cause


@dataclass(frozen=True, slots=True)
class GradeValues(Graded[Attained]):
    """Grade values of one indicator, exact.

    Attributes
    ----------
    direction : Direction
    I, II, III : Attained
        Each with ``.value .share .k .n .reached .ties .censored .asked``.
    n : int
        Valid enterprises.
    missing, non_detects, excluded : int
        Enterprises in those states; only non-detects are part of ``n``.
    weighted : bool
        Whether the shares are weighted.
    indistinguishable : tuple of Indistinguishable
        Neighbouring grades with the same value.
    """

    direction: Direction
    I: Attained  # noqa: E741 - the standard's name of the grade
    II: Attained
    III: Attained
    n: int
    missing: int
    non_detects: int
    excluded: int
    weighted: bool
    indistinguishable: tuple[Indistinguishable, ...]


def grade_values(
    values: ArrayLike | Sample,
    direction: Direction | str,
    shares: Sequence[ShareLike] = DEFAULT_SHARES,
    weights: ArrayLike | None = None,
) -> GradeValues:
    """Set the values of grades I, II and III: each the strictest that at least its share of the enterprises reaches.

    Parameters
    ----------
    values : array_like, shape (m,), or Sample
        One indicator over the enterprises, in its unit; NaN and None are missing and left out.
    direction : {"smaller", "larger"}
        Which values are better.
    shares : sequence of three shares
        Of grades I, II and III, each in (0, 1], not falling.
    weights : array_like, shape (m,), optional
        Sampling weights: how many domestic enterprises each one stands for.

    Returns
    -------
    GradeValues

    Raises
    ------
    BaselineError
        See :func:`baselines.attained_value`; :class:`ShareError` if the shares fall or are not three.

    Notes
    -----
    The k-th best of n enterprises with k = ⌈n·p⌉; see :mod:`baselines.attainment` for the equations.

    Examples
    --------
    >>> grades = grade_values([31.2, 28.9, 35.0, 40.1, 29.7, 33.3, 52.8, 30.0], "smaller")
    >>> grades.I.value, grades.I.share, grades.III.value
    (28.9, 0.125, 31.2)
    """
    asked = _three_shares(shares)
    sample = as_sample(values, weights)
    return _grades_of(sample, Ranking.of(sample, direction), asked)


def _grades_of(sample: Sample, ranking: Ranking, asked: tuple[Fraction, ...]) -> GradeValues:
    first, second, third = (ranking.attain(share) for share in asked)
    return GradeValues(
        direction=ranking.direction,
        I=first,
        II=second,
        III=third,
        n=ranking.n,
        missing=sample.count(State.MISSING),
        non_detects=sample.count(State.NON_DETECT),
        excluded=sample.count(State.EXCLUDED),
        weighted=sample.weights is not None,
        indistinguishable=alike((first, second, third)),
    )


class Source(StrEnum):
    """Where a published value comes from."""

    SURVEY = "survey"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class PublishedGrade:
    """One grade value as it will be printed, and what it really gets.

    Attributes
    ----------
    value : Decimal
        As printed, trailing zeros kept.
    source : Source
        ``policy`` for a policy value and for a survey value tightened to a mandatory limit.
    survey : Attained or None
        What the survey alone would give; None where the survey has no valid value.
    reached, share : int and float, or None
        Enterprises that reach the printed value, and their (weighted) share; None without survey.
    tightened_from : Decimal or None
        The value that a mandatory limit replaced, where it did.
    """

    value: Decimal
    source: Source
    survey: Attained | None
    reached: int | None
    share: float | None
    tightened_from: Decimal | None = None

    @property
    def keeps_share(self) -> bool | None:
        """Whether at least the share asked for reaches the printed value; None without survey."""
        return None if self.survey is None or self.share is None else self.share >= float(self.survey.asked)

    @property
    def censored(self) -> bool:
        """Whether the value reads "≤ limit of detection"."""
        return self.source is Source.SURVEY and self.survey is not None and self.survey.censored


@dataclass(frozen=True, slots=True)
class PublishedGrades(Graded[PublishedGrade]):
    """Grade values of one indicator as they will be printed.

    Attributes
    ----------
    direction : Direction
    I, II, III : PublishedGrade
    survey : GradeValues or None
        The exact values behind them.
    out_of_order : tuple of pairs of grades
        Neighbours where the better grade is laxer than the worse one, on the printed values.
    indistinguishable : tuple of Indistinguishable
        Neighbours with equal printed values.
    """

    direction: Direction
    I: PublishedGrade  # noqa: E741 - the standard's name of the grade
    II: PublishedGrade
    III: PublishedGrade
    survey: GradeValues | None
    out_of_order: tuple[tuple[Grade, Grade], ...]
    indistinguishable: tuple[Indistinguishable, ...]


def publish_grades(
    values: ArrayLike | Sample,
    direction: Direction | str,
    decimals: int | Sequence[int],
    *,
    shares: Sequence[ShareLike] = DEFAULT_SHARES,
    weights: ArrayLike | None = None,
    policy: Mapping[Grade, NumberLike] | None = None,
    mandatory_limit: NumberLike | None = None,
) -> PublishedGrades:
    """Set the printed grade values: outward rounding, policy, the mandatory limit, and the shares counted again.

    Parameters
    ----------
    values, direction, shares, weights
        As :func:`grade_values`. The survey may be without a valid value if ``policy`` sets all three grades.
    decimals : int, or three of them
        Decimals of the printed survey values; one per grade where a table's row has differing decimals.
    policy : mapping of grade to number, optional
        Values set by policy, printed as written and not rounded.
    mandatory_limit : number, optional
        No grade may be laxer (强制性限值): a laxer value is replaced by the limit as written.

    Returns
    -------
    PublishedGrades
        Order is checked on the printed values and reported, not repaired.

    Raises
    ------
    BaselineError
        As :func:`grade_values`; :class:`RoundingError` for decimals or numbers that cannot be read.

    Notes
    -----
    Outward rounding keeps every enterprise that reached the exact value, so the share of a survey value stays at least
    the share asked for; only a mandatory limit or a policy value can lower it.
    """
    way = as_direction(direction)
    asked = _three_shares(shares)
    places = _three_decimals(decimals)
    declared = {grade: decimal_of(value) for grade, value in (policy or {}).items()}
    if unknown := [grade for grade in declared if grade not in GRADES]:
        raise BaselineError(f"policy values are for grades I, II and III, not {unknown}", values=unknown)
    limit = None if mandatory_limit is None else decimal_of(mandatory_limit)
    sample = as_sample(values, weights)
    ranking: Ranking | None = None
    survey: GradeValues | None = None
    if sample.n or len(declared) < len(GRADES):
        ranking = Ranking.of(sample, way)
        survey = _grades_of(sample, ranking, asked)

    def count(value: Decimal) -> tuple[int, Fraction] | None:
        if ranking is None:
            return None
        reached = ranking.reached(value)
        return reached, ranking.share_of_rank(reached)

    return _published(way, survey, places, declared, limit, count)


def publish_attained(
    survey: GradeValues,
    decimals: int,
    count: Callable[[Decimal], tuple[int, Fraction] | None],
    *,
    mandatory_limit: NumberLike | None = None,
) -> PublishedGrades:
    """Set the printed values of grade values found elsewhere, as :func:`publish_grades` does for a sample.

    Parameters
    ----------
    survey : GradeValues
        Such as an engine gives for a table larger than memory.
    count : callable
        The number of enterprises that certainly reach a printed value, and their exact (weighted) share.
    decimals, mandatory_limit
        As :func:`publish_grades`.
    """
    limit = None if mandatory_limit is None else decimal_of(mandatory_limit)
    return _published(survey.direction, survey, _three_decimals(decimals), {}, limit, count)


def _published(
    way: Direction,
    survey: GradeValues | None,
    places: Sequence[int],
    declared: Mapping[Grade, Decimal],
    limit: Decimal | None,
    count: Callable[[Decimal], tuple[int, Fraction] | None],
) -> PublishedGrades:
    def printed(grade: Grade, digits: int) -> PublishedGrade:
        attained = None if survey is None else survey[grade]
        if grade in declared:
            value, source = declared[grade], Source.POLICY
        elif attained is not None:
            value, source = round_outward(attained.value, digits, way), Source.SURVEY
        else:  # unreachable: without survey every grade is declared
            raise NoValidValueError(f"nothing sets grade {grade}", values=(grade,))
        before: Decimal | None = None
        if limit is not None and is_laxer(value, limit, way):
            value, source, before = limit, Source.POLICY, value
        counted = count(value)
        if counted is None:
            return PublishedGrade(value, source, attained, None, None, before)
        return PublishedGrade(value, source, attained, counted[0], float(counted[1]), before)

    grades = [printed(grade, digits) for grade, digits in zip(GRADES, places, strict=True)]
    first, second, third = grades
    out_of_order = order_violations([grade.value for grade in grades], way)
    return PublishedGrades(way, first, second, third, survey, out_of_order, _alike_printed(grades, survey))


def is_laxer(value: NumberLike, than: NumberLike, direction: Direction | str) -> bool:
    """Whether a value asks for less than another one."""
    sign = as_direction(direction).sign
    return sign * decimal_of(value).compare(decimal_of(than)) > 0


def order_violations(
    values: Sequence[NumberLike | None], direction: Direction | str
) -> tuple[tuple[Grade, Grade], ...]:
    """Pairs of grades where the better one is laxer than a worse one (I must be at least as strict as II, II as III).

    Parameters
    ----------
    values : three numbers or None
        Of grades I, II and III; None for a grade that a table skips, whose neighbours are then compared directly.

    Raises
    ------
    LengthError
        Unless there are three.
    """
    if len(values) != len(GRADES):
        raise LengthError(f"three grades are compared, not {len(values)}", values=(len(values),))
    given = [(grade, value) for grade, value in zip(GRADES, values, strict=True) if value is not None]
    return tuple(
        (better, worse) for (better, strict), (worse, lax) in pairwise(given) if is_laxer(strict, lax, direction)
    )


def _three_shares(shares: Sequence[ShareLike]) -> tuple[Fraction, ...]:
    if isinstance(shares, str) or len(shares) != len(GRADES):
        raise ShareError(f"three shares are needed, for grades I, II and III, not {shares!r}", values=(shares,))
    exact = tuple(exact_share(share) for share in shares)
    if not exact[0] <= exact[1] <= exact[2]:
        raise ShareError(f"the shares of grades I, II and III must not fall: {tuple(shares)}", values=tuple(shares))
    return exact


def _three_decimals(decimals: int | Sequence[int]) -> tuple[int, ...]:
    if isinstance(decimals, Sequence):
        if len(decimals) != len(GRADES):
            raise LengthError(f"one or three numbers of decimals, not {len(decimals)}", values=tuple(decimals))
        return tuple(decimals)
    return (decimals,) * len(GRADES)


def alike(grades: Sequence[Attained]) -> tuple[Indistinguishable, ...]:
    """Neighbouring grades that got the same value, and why."""
    return tuple(
        Indistinguishable(GRADES[i], GRADES[i + 1], Cause.FEW if a.k == b.k else Cause.TIES)
        for i, (a, b) in enumerate(pairwise(grades))
        if a.value == b.value
    )


def _alike_printed(grades: Sequence[PublishedGrade], survey: GradeValues | None) -> tuple[Indistinguishable, ...]:
    found = {} if survey is None else {pair.stricter: pair.cause for pair in survey.indistinguishable}
    return tuple(
        Indistinguishable(
            GRADES[i],
            GRADES[i + 1],
            found.get(GRADES[i], Cause.ROUNDING) if a.source is b.source is Source.SURVEY else Cause.DECLARED,
        )
        for i, (a, b) in enumerate(pairwise(grades))
        if a.value == b.value
    )
