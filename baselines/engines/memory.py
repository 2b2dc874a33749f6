"""The in-memory route over columns that are there: what every other engine has to equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from baselines.attainment import interpolated_value
from baselines.direction import Direction
from baselines.engines.table import ColumnGrades, Question
from baselines.errors import CensoredRankError
from baselines.grades import grade_values
from baselines.interval import OrderStatisticInterval, bootstrap_interval, order_statistic_intervals
from baselines.sample import Sample, State


def grades_in_memory(
    columns: Mapping[str, NDArray[np.float64]],
    groups: Sequence[str | None] | None,
    question: Question,
    *,
    weights: NDArray[np.float64] | None = None,
    marks: Mapping[str, NDArray[np.bool_]] | None = None,
) -> tuple[ColumnGrades, ...]:
    """Answer a question about arrays with :func:`baselines.grade_values`, group by group in order of their names.

    Parameters
    ----------
    columns
        By name; NaN for missing, the limit of detection for a non-detect.
    groups
        Of each row, or None.
    weights
        Sampling weights of each row.
    marks
        By name of the column: which entries are non-detects.

    Raises
    ------
    BaselineError
        As :func:`baselines.grade_values`.
    """
    names = np.array([""] if groups is None else sorted({g or "" for g in groups}))
    of = None if groups is None else np.array([g or "" for g in groups])
    found: list[ColumnGrades] = []
    for column in question.directions:
        marked = (marks or {}).get(column)
        for name in names.tolist():
            rows = np.ones(len(columns[column]), dtype=np.bool_) if of is None else of == name
            part = columns[column][rows]
            limits = None if marked is None else np.where(marked[rows], part, np.nan)
            sample = Sample.of(part, detection_limits=limits, weights=None if weights is None else weights[rows])
            found.append(grades_of_sample(column, name, sample, question))
    return tuple(found)


def grades_of_sample(column: str, name: str, sample: Sample, question: Question) -> ColumnGrades:
    """Answer a question about one column in one group.

    Without ``question.weights`` the weight of the valid values (``mass``) is their number, whatever the sample's own.
    """
    way, missing = question.directions[column], sample.count(State.MISSING)
    if sample.n == 0:
        return ColumnGrades(column, name, None, (), missing)
    mass = sample.n
    if sample.weights is not None and question.weights is not None:
        scale = 10**question.weight_decimals
        mass = sum(round(Fraction(repr(w)) * scale) for w in sample.weights[sample.counts].tolist())
    try:
        grades = grade_values(sample, way, question.shares)
    except CensoredRankError:
        return ColumnGrades(column, name, None, (), missing, effective_n=sample.effective_n, undetected=True, mass=mass)
    intervals = order_statistic_intervals(sample, way, question.shares, question.confidence)
    if sample.weights is not None:
        return ColumnGrades(column, name, grades, intervals, missing, effective_n=sample.effective_n, mass=mass)
    bootstrap = tuple(_bootstrap(sample, way, share, question.confidence) for share in question.shares)
    percentiles = tuple(_percentile(sample, way, share) for share in question.shares)
    return ColumnGrades(
        column=column,
        group=name,
        grades=grades,
        intervals=intervals,
        missing=missing,
        bootstrap=bootstrap,
        percentiles=percentiles,
        effective_n=sample.effective_n,
        mass=mass,
    )


def _bootstrap(sample: Sample, way: Direction, share: Fraction, confidence: float) -> OrderStatisticInterval | None:
    try:
        return bootstrap_interval(sample, way, share, confidence)
    except CensoredRankError:
        return None


def _percentile(sample: Sample, way: Direction, share: Fraction) -> float | None:
    try:
        return interpolated_value(sample, way, share)
    except CensoredRankError:
        return None
