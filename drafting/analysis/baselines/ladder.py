"""The values a survey-based baseline may take, strictest first, and which enterprise is admitted at which of them.

A step of a ladder is a share of enterprises and the published value that the share gives: the value of the k-th best,
rounded outward, never laxer than the mandatory limit. Where baselines are given by stratum a step is one share with a
value for every stratum. With steps instead of values, "who reaches what" is a comparison of integers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from baselines import Sample, round_outward
from baselines.attainment import Ranking
from baselines.direction import as_direction
from baselines.grades import is_laxer
from drafting.analysis.baselines.columns import sample_of
from drafting.analysis.trial.judging import Judged
from drafting.model.bounds import Operator
from drafting.model.survey import State
from drafting.model.system import Indicator
from drafting.model.terms import BaselineSource
from drafting.standard import standard


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """One indicator's steps."""

    indicator: int
    """Place in the draft."""
    shares: NDArray[np.float64]
    """(m,): share of the surveyed enterprises that reach each step; rising."""
    values: Mapping[str, tuple[Decimal, ...]]
    """Mapping of stratum ("" for pooled) to tuple of Decimal, length m."""
    position: NDArray[np.int64]
    """(E,): step from which on each enterprise is admitted; m where it never is."""
    start: tuple[int, int, int]
    """Steps of I, II, III under 5.5.2: the strictest whose share is at least the one asked."""

    def __len__(self) -> int:
        return len(self.shares)

    def step_for(self, share: float) -> int:
        """The strictest step that at least this share of the enterprises reaches; the last if none does."""
        return min(int(np.searchsorted(self.shares, share - 1e-12)), len(self) - 1)

    def text(self, step: int) -> str:
        """Value at a step; with several strata all of them."""
        if list(self.values) == [""]:
            return f"{self.values[''][step]:f}"
        return "；".join(f"{name} {values[step]:f}" for name, values in self.values.items())


def ladders(judged: Judged) -> tuple[Ladder, ...]:
    """Ladders of the indicators whose baselines the survey sets; those set by policy or in words have none."""
    found = []
    for j, (indicator, baselines) in enumerate(zip(judged.draft.indicators, judged.draft.baselines, strict=True)):
        column = judged.survey.columns.get(indicator.code)
        from_survey = any(
            baseline.exact is not None and baseline.k is not None for baseline in baselines.by_grade.values()
        )
        if column is None or not from_survey or baselines.source is BaselineSource.QUALITATIVE:
            continue
        said = baselines.details.sample if baselines.details else None
        digits = 6 if said is None else said.decimals
        sample = sample_of(judged.survey, column)
        found.append(_ladder(judged, j, indicator, sample, digits))
    return tuple(found)


def _ladder(judged: Judged, j: int, indicator: Indicator, sample: Sample, digits: int) -> Ladder:
    if judged.strata is None or (indicator.code, str(judged.strata[0])) not in judged.draft.strata:
        values, shares = _steps(sample, indicator, digits)
        by_stratum = {"": values}
    else:
        by_stratum, shares = _steps_by_stratum(judged, indicator, sample, digits)
    wanted = [float(share) for share in standard().shares()]
    ladder = Ladder(j, shares, MappingProxyType(by_stratum), _positions(judged, j, indicator, by_stratum), (0, 0, 0))
    first, second, third = (ladder.step_for(share) for share in wanted)
    return Ladder(j, shares, ladder.values, ladder.position, (first, second, third))


def _steps(sample: Sample, indicator: Indicator, digits: int) -> tuple[tuple[Decimal, ...], NDArray[np.float64]]:
    way = as_direction(indicator.direction.value)
    ranking = Ranking.of(sample, way)
    known = [v for v in ranking.values.tolist() if math.isfinite(v)]  # a non-detect sets no ≥
    printed = list(dict.fromkeys(_within(round_outward(v, digits, way), indicator) for v in known))
    shares = np.array([float(ranking.share(value)) for value in printed])
    return tuple(printed), shares


def _within(value: Decimal, indicator: Indicator) -> Decimal:
    limit = indicator.limit_number
    return limit if limit is not None and is_laxer(value, limit, indicator.direction.value) else value


def _steps_by_stratum(
    judged: Judged, indicator: Indicator, sample: Sample, digits: int
) -> tuple[dict[str, tuple[Decimal, ...]], NDArray[np.float64]]:
    assert judged.strata is not None  # asked by the caller
    way = as_direction(indicator.direction.value)
    names = np.full(len(judged.survey), "", dtype=object)
    names[judged.rows] = judged.strata
    parts = {}
    for name in judged.draft.stratum_names:
        chosen = (names == name) & sample.counts
        if chosen.any():
            weights = None if sample.weights is None else sample.weights[chosen]
            limits = np.where(sample.states == State.NON_DETECT, sample.values, np.nan)[chosen]
            parts[name] = Ranking.of(Sample.of(sample.values[chosen], detection_limits=limits, weights=weights), way)
    most = min(Fraction(int(np.isfinite(part.keys).sum()), part.n) for part in parts.values())
    shares = sorted({s for part in parts.values() for k in range(1, part.n + 1) if (s := Fraction(k, part.n)) <= most})
    values = {
        name: tuple(_within(round_outward(part.attain(share).value, digits, way), indicator) for share in shares)
        for name, part in parts.items()
    }
    return values, np.array([float(share) for share in shares])


def _positions(
    judged: Judged, j: int, indicator: Indicator, values: Mapping[str, tuple[Decimal, ...]]
) -> NDArray[np.int64]:
    sign = as_direction(indicator.direction.value).sign
    size = len(next(iter(values.values())))
    position = np.full(len(judged), size, dtype=np.int64)
    limit = indicator.mandatory_limit
    strict = limit.directed(indicator.direction.value).operator in (Operator.BELOW, Operator.ABOVE) if limit else False
    for name, steps in values.items():
        at = np.arange(len(judged)) if name == "" else np.flatnonzero(judged.strata == name)
        limits = sign * np.array([float(step) for step in steps])
        if strict and limit is not None:
            there = np.array([step == limit.number for step in steps])
            limits[there] = np.nextafter(limits[there], -np.inf)
        limits = np.maximum.accumulate(limits)
        mine = sign * judged.values[at, j]
        found = np.searchsorted(limits, mine)  # first limit that is at least the value
        never = np.isnan(mine) | (judged.below[at, j] & (sign < 0)) | ~judged.membership.applicable[at, j]
        position[at] = np.where(never, size, found)
    position.flags.writeable = False
    return position
