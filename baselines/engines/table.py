"""What every engine is asked and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from baselines.attainment import Attained, rank_for_share
from baselines.direction import GRADES, Direction
from baselines.errors import NotFiniteError
from baselines.grades import Cause, GradeValues, Indistinguishable
from baselines.interval import Bounds, OrderStatisticInterval, order_statistic_ranks


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a table: three grades of every column, by group, with their intervals.

    Attributes
    ----------
    directions : mapping of column name to Direction
        The columns, numbers with NaN or null for missing.
    by : str or None
        Column whose values are the groups (分组); null counts as the group ``""``. None: all rows are one group ``""``.
    shares : three fractions
        Of grades I, II and III.
    confidence : float
    """

    directions: Mapping[str, Direction]
    by: str | None
    shares: tuple[Fraction, Fraction, Fraction]
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class ColumnGrades:
    """Grade values of one column in one group, exactly those of the in-memory route.

    Attributes
    ----------
    column, group : str
    grades : GradeValues or None
        None where the group has no valid value.
    intervals : tuple of OrderStatisticInterval
        Of grades I, II and III; empty where ``grades`` is None.
    missing : int
        Rows without a value.
    """

    column: str
    group: str
    grades: GradeValues | None
    intervals: tuple[OrderStatisticInterval, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """An order statistic: the key (``sign * value``) at a rank, how many keys lie below it and at or below it."""

    key: float
    below: int
    reached: int


def ranks_wanted(n: int, question: Question) -> tuple[int, ...]:
    """Ranks from the best that the answer needs: of the three shares and of the ends of their intervals."""
    wanted = {rank_for_share(n, share) for share in question.shares}
    for share in question.shares:
        ends = order_statistic_ranks(n, share, question.confidence, Bounds.BOTH)
        wanted |= {rank for rank in (ends.strict, ends.lax) if rank is not None}
    return tuple(sorted(wanted))


def answer(
    column: str, group: str, question: Question, n: int, missing: int, found: Mapping[int, Ranked]
) -> ColumnGrades:
    """Put order statistics by rank together to the answer for one column and group."""
    if n == 0:
        return ColumnGrades(column, group, None, (), missing)
    way = question.directions[column]
    attained = tuple(_attained(n, share, way, found) for share in question.shares)
    first, second, third = attained
    grades = GradeValues(
        direction=way, I=first, II=second, III=third, n=n, missing=missing, non_detects=0, excluded=0, weighted=False,
        indistinguishable=_alike(attained),
    )
    intervals = tuple(_interval(n, share, way, question.confidence, found) for share in question.shares)
    return ColumnGrades(column, group, grades, intervals, missing)


def refuse_infinite(counts: Mapping[str, int]) -> None:
    """Refuse infinite values, as the in-memory route does.

    Raises
    ------
    NotFiniteError
        With the columns.
    """
    wrong = {column: count for column, count in counts.items() if count}
    if wrong:
        words = ", ".join(f"{column} ({count})" for column, count in wrong.items())
        raise NotFiniteError(f"infinite values in {words}", values=wrong)


def _attained(n: int, share: Fraction, way: Direction, found: Mapping[int, Ranked]) -> Attained:
    rank = rank_for_share(n, share)
    at = found[rank]
    return Attained(
        _value(at.key, way), rank, n, at.reached, at.reached - at.below, float(Fraction(at.reached, n)), share, False
    )


def _value(key: float, way: Direction) -> float:
    return way.sign * key + 0.0  # + 0.0: no negative zero


def _interval(
    n: int, share: Fraction, way: Direction, confidence: float, found: Mapping[int, Ranked]
) -> OrderStatisticInterval:
    ranks = order_statistic_ranks(n, share, confidence, Bounds.BOTH)
    better = None if ranks.strict is None else _value(found[ranks.strict].key, way)
    worse = None if ranks.lax is None else _value(found[ranks.lax].key, way)
    low, high = (better, worse) if way is Direction.SMALLER else (worse, better)
    return OrderStatisticInterval(low, high, ranks, n, confidence)


def _alike(grades: Sequence[Attained]) -> tuple[Indistinguishable, ...]:
    return tuple(
        Indistinguishable(GRADES[i], GRADES[i + 1], Cause.FEW if a.k == b.k else Cause.TIES)
        for i, (a, b) in enumerate(pairwise(grades))
        if a.value == b.value
    )
