"""What stands behind a baseline: ranks, intervals, bootstrap, Excel's value, suspicious values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from baselines import (
    Bounds,
    Direction,
    Flag,
    Sample,
    State,
    expected_share,
    minimum_n,
    probability_share_kept,
    rank_for_share,
    with_and_without,
)
from baselines.engines import ColumnGrades
from baselines.errors import CensoredRankError
from baselines.grades import GradeValues, PublishedGrade, PublishedGrades
from drafting.model.baseline_details import ComparedValues, GradeDetails, NeededEnterprises, SampleDetails
from drafting.model.terms import GRADES, Grade
from drafting.standard import standard


def details_of(
    a: ColumnGrades, published: PublishedGrades, decimals: int, confidence: float, *, weighted: bool
) -> SampleDetails:
    """What the statement says about one indicator's sample, by grade and as a whole, but for doubtful values."""
    return SampleDetails(
        decimals=decimals,
        weighted=weighted,
        effective_n=round(a.effective_n, 2),
        grades={
            grade.value: _grade(published[grade.value], a, place, confidence, weighted=weighted)
            for place, grade in enumerate(GRADES)
        },
    )


def _grade(printed: PublishedGrade, a: ColumnGrades, place: int, confidence: float, *, weighted: bool) -> GradeDetails:
    attained, interval = printed.survey, a.intervals[place]
    assert attained is not None  # a survey value was asked for
    bootstrap = None if weighted else a.bootstrap[place]
    return GradeDetails(
        asked=float(attained.asked),
        k=attained.k,
        n=attained.n,
        exact=attained.value,
        reached=attained.reached,
        ties=attained.ties,
        share_exact=attained.share,
        censored=attained.censored,
        tightened_from=printed.tightened_from,
        excel_percentile=None if weighted else a.percentiles[place],
        expected_share=None if weighted else float(expected_share(attained.n, attained.k)),
        probability_share_kept=None if weighted else probability_share_kept(attained.n, attained.k, attained.asked),
        interval=(interval.low, interval.high),
        interval_ranks=(interval.ranks.strict, interval.ranks.lax),
        coverage=interval.ranks.coverage,
        interval_exact=interval.exact,
        bootstrap=None if bootstrap is None else (bootstrap.low, bootstrap.high),
        minimum_n=NeededEnterprises(
            one_sided=minimum_n(attained.asked, confidence, Bounds.STRICT),
            two_sided=minimum_n(attained.asked, confidence, Bounds.BOTH),
        ),
    )


def compared_without(sample: Sample, direction: str, flags: Sequence[Flag]) -> ComparedValues | None:
    """Exact grade values with and without the flagged values; None where a non-detect would decide without them."""
    if not flags:
        return None
    out = [f.index for f in flags]
    if sample.weights is None and not sample.count(State.NON_DETECT):
        rest = sample.counts.copy()
        rest[out] = False
        return ComparedValues(
            count=len(set(out)), with_them=_chosen(sample.values[sample.counts], direction),
            without=_chosen(sample.values[rest], direction),
        )  # fmt: skip
    try:
        compared = with_and_without(sample, direction, out, standard().shares())
    except CensoredRankError:
        return None
    return ComparedValues(
        count=len(compared.indices), with_them=values_of(compared.with_them), without=values_of(compared.without)
    )


def _chosen(values: NDArray[np.float64], direction: str) -> Mapping[str, float | None]:
    """The k-th best values without a full sort, None where nothing is left."""
    if not len(values):
        return {g.value: None for g in GRADES}
    sign = Direction(direction).sign
    ranks = [rank_for_share(len(values), share) - 1 for share in standard().shares()]
    ordered = np.partition(sign * values, ranks)
    return {g.value: float(sign * ordered[rank]) + 0.0 for g, rank in zip(GRADES, ranks, strict=True)}


def values_of(grades: GradeValues | None) -> Mapping[str, float | None]:
    """Exact values by grade."""
    return {g.value: None if grades is None else grades[g.value].value for g in GRADES}


def too_few(n: int, confidence: float) -> Mapping[Grade, int]:
    """Grades whose interval has an open end for want of enterprises, with the number that would close both ends."""
    needed = {g.grade: minimum_n(g.share, confidence, Bounds.BOTH) for g in standard().grades}
    return MappingProxyType({grade: least for grade, least in needed.items() if n < least})
