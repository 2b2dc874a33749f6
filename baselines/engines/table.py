"""What every engine is asked and what it answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from baselines.attainment import Attained, between, rank_for_share
from baselines.direction import Direction
from baselines.errors import NotFiniteError
from baselines.grades import GradeValues, alike
from baselines.interval import (
    Bounds,
    OrderStatisticInterval,
    RankInterval,
    bootstrap_ranks,
    order_statistic_ranks,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


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
    weights : str or None
        Column of sampling weights (权数), positive doubles.
    weight_decimals : int
        Decimals that all weights print with; weights are counted as whole numbers of that unit.
    non_detects : mapping of column name to column name
        For columns with non-detects (未检出): the whole-number column that is 1 where the value is a detection limit.
    order : str or None
        Column with the number of each row; needed where rows have no order of their own (Spark) and weights tie.
    """

    directions: Mapping[str, Direction]
    by: str | None
    shares: tuple[Fraction, Fraction, Fraction]
    confidence: float = 0.95
    weights: str | None = None
    weight_decimals: int = 0
    non_detects: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    order: str | None = None

    def views(self) -> tuple[View, ...]:
        """Rankings that the answer needs: one per column, two where there are non-detects."""
        found: list[View] = []
        for column, way in self.directions.items():
            mark = self.non_detects.get(column)
            found.append(View(column, way, mark))
            if mark is not None:
                found.append(View(column, way, mark, optimistic=True))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class View:
    """One ranking of a column: non-detects taken for as bad as they may be, or as good (``optimistic``)."""

    column: str
    way: Direction
    mark: str | None = None
    optimistic: bool = False

    @property
    def open_end(self) -> float | None:
        """Key of a non-detect where it is not its limit, as in :class:`baselines.Ranking`; None where it is."""
        if self.optimistic == (self.way is Direction.SMALLER):
            return -math.inf if self.optimistic else math.inf
        return None


@dataclass(frozen=True, slots=True)
class ColumnGrades:
    """Grade values of one column in one group, exactly those of the in-memory route.

    Attributes
    ----------
    column, group : str
    grades : GradeValues or None
        None where the group has no valid value, or a non-detect decides a grade where larger is better.
    intervals : tuple of OrderStatisticInterval
        Of grades I, II and III; empty where ``grades`` is None.
    missing : int
        Rows without a value.
    bootstrap : tuple of OrderStatisticInterval or None
        Intervals of the exact bootstrap; None where a non-detect leaves an end open, empty with weights.
    percentiles : tuple of float or None
        Excel's PERCENTILE at the shares, from the best; empty with weights.
    effective_n : float
        Kish's effective number of enterprises.
    undetected : bool
        Whether ``grades`` is None because of a non-detect.
    mass : int
        Weight of the valid values as a whole number; their number without weights.
    """

    column: str
    group: str
    grades: GradeValues | None
    intervals: tuple[OrderStatisticInterval, ...]
    missing: int
    bootstrap: tuple[OrderStatisticInterval | None, ...] = ()
    percentiles: tuple[float | None, ...] = ()
    effective_n: float = 0.0
    undetected: bool = False
    mass: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """One column in one group: valid values, their weight, squares of the weights, non-detects, rows without value."""

    n: int
    mass: int
    squares: int
    non_detects: int
    missing: int

    @property
    def effective_n(self) -> float:
        """Kish's effective number (Σw)²/Σw²."""
        return float(Fraction(self.mass * self.mass, self.squares)) if self.squares else 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """An order statistic: the key (``sign * value``) where the cumulative weight first reaches a target.

    ``below`` keys are better, ``reached`` as good or better, of weight ``mass``.
    """

    key: float
    rank: int
    censored: bool
    below: int
    reached: int
    mass: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Cumulative weights (ranks, without weights) at which order statistics are wanted, for each use."""

    shares: tuple[int, ...]
    ranks: tuple[RankInterval, ...]
    strict: tuple[int | None, ...]
    lax: tuple[int | None, ...]
    bootstrap: tuple[RankInterval, ...]
    excel: tuple[tuple[int, float], ...]
    """Rank below, and the part of the way to the next one."""
    size: int

    def wanted(self, *, optimistic: bool, both: bool) -> tuple[int, ...]:
        """Targets of one ranking; ``both``: whether there is an optimistic one beside the other."""
        strict = {t for t in self.strict if t is not None}
        if optimistic:
            return tuple(sorted(strict))
        found = {*self.shares, *(t for t in self.lax if t is not None)} | (set() if both else strict)
        for ends in self.bootstrap:
            found |= {r for r in (ends.strict, ends.lax) if r is not None}
        for low, part in self.excel:
            found |= {low, low + 1} if part else {low}
        return tuple(sorted(found))


def plan(totals: Totals, question: Question) -> Plan:
    """Work out where in the rankings the answer stands; for at least one valid value."""
    weighted = question.weights is not None
    size = max(1, math.floor(totals.effective_n)) if weighted else totals.n
    ranks = tuple(order_statistic_ranks(size, share, question.confidence, Bounds.BOTH) for share in question.shares)

    def target(share: Fraction) -> int:
        return -(-totals.mass * share.numerator // share.denominator)

    bootstrap: tuple[RankInterval, ...] = ()
    excel: tuple[tuple[int, float], ...] = ()
    if not weighted:
        chosen = [rank_for_share(totals.n, share) for share in question.shares]
        bootstrap = tuple(bootstrap_ranks(totals.n, k, question.confidence) for k in chosen)
        places = [(totals.n - 1) * share + 1 for share in question.shares]
        excel = tuple((int(place), float(place - int(place))) for place in places)
    return Plan(
        tuple(target(share) for share in question.shares), ranks,
        tuple(None if r.strict is None else target(Fraction(r.strict, size)) for r in ranks),
        tuple(None if r.lax is None else target(Fraction(r.lax, size)) for r in ranks),
        bootstrap, excel, size,
    )  # fmt: skip


Found = Mapping[int, Ranked]


def answer(
    column: str, group: str, question: Question, totals: Totals, worst: Found, best: Found | None = None
) -> ColumnGrades:
    """Put order statistics together to the answer for one column and group.

    Parameters
    ----------
    worst, best
        Order statistics by target, of the ranking that takes non-detects for as bad as they may be, and of the
        optimistic one where there is one.
    """
    if totals.n == 0:
        return ColumnGrades(column, group, None, (), totals.missing)
    way, weighted = question.directions[column], question.weights is not None
    wanted = plan(totals, question)
    effective = totals.effective_n if weighted else float(totals.n)
    at = [worst[target] for target in wanted.shares]
    if any(math.isinf(found.key) for found in at):
        return ColumnGrades(
            column, group, None, (), totals.missing, effective_n=effective, undetected=True, mass=totals.mass
        )
    attained = tuple(
        Attained(
            value=_value(f.key, way), k=f.rank, n=totals.n, reached=f.reached, ties=f.reached - f.below,
            share=float(Fraction(f.mass, totals.mass)), asked=share, censored=f.censored,
        )
        for f, share in zip(at, question.shares, strict=True)
    )  # fmt: skip
    first, second, third = attained
    grades = GradeValues(
        direction=way,
        I=first,
        II=second,
        III=third,
        n=totals.n,
        missing=totals.missing,
        non_detects=totals.non_detects,
        excluded=0,
        weighted=weighted,
        indistinguishable=alike(attained),
    )
    intervals = []
    for ranks, strict, lax in zip(wanted.ranks, wanted.strict, wanted.lax, strict=True):
        better, worse = _end(worst if best is None else best, strict, way), _end(worst, lax, way)
        low, high = (better, worse) if way is Direction.SMALLER else (worse, better)
        intervals.append(OrderStatisticInterval(low, high, ranks, wanted.size, question.confidence, exact=not weighted))
    return ColumnGrades(
        column=column, group=group, grades=grades, intervals=tuple(intervals), missing=totals.missing,
        bootstrap=tuple(_bootstrap(ranks, totals.n, worst, way, question.confidence) for ranks in wanted.bootstrap),
        percentiles=tuple(_percentile(low, part, worst, way) for low, part in wanted.excel), effective_n=effective,
        mass=totals.mass,
    )  # fmt: skip


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


def _value(key: float, way: Direction) -> float:
    return way.sign * key + 0.0  # + 0.0: no negative zero


def _end(found: Found, target: int | None, way: Direction) -> float | None:
    if target is None:
        return None
    key = found[target].key
    return None if math.isinf(key) else _value(key, way)


def _bootstrap(
    ranks: RankInterval, n: int, found: Found, way: Direction, confidence: float
) -> OrderStatisticInterval | None:
    ends = [_end(found, rank, way) for rank in (ranks.strict, ranks.lax)]
    known = sorted(end for end in ends if end is not None)
    if len(known) < len(ends):
        return None
    return OrderStatisticInterval(known[0], known[1], ranks, n, confidence)


def _percentile(low: int, part: float, found: Found, way: Direction) -> float | None:
    start = _end(found, low, way)
    if start is None or not part:
        return start
    end = _end(found, low + 1, way)
    return None if end is None else between(start, end, part)
