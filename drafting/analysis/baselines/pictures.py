"""Prepares the pictures of baselines: empirical distributions with cuts, shares, intervals and values to look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from baselines import BaselineError, Sample, share_curve
from baselines.outliers import Flag
from drafting.analysis.baselines.cleaning import exclude
from drafting.analysis.baselines.outliers import Outliers
from drafting.analysis.baselines.strata import merged
from drafting.findings import Provenance
from drafting.model.inputs import Inputs
from drafting.model.pictures import Cut, IndicatorPicture, Mark
from drafting.model.results import Baselines, IndicatorBaselines
from drafting.model.survey import MOST_DETAILED, Survey
from drafting.model.terms import GRADES

POINTS = 2000
"""A curve through more points looks the same and makes pictures that no program opens."""
MARKS = 200
"""Values to look at that are marked in the picture of a survey of many enterprises; the worst ones."""


def pictures(inputs: Inputs, baselines: Baselines) -> tuple[IndicatorPicture, ...]:
    """One picture per quantitative indicator (and stratum) with survey values, in the order of the baselines."""
    if inputs.survey is None or not inputs.survey.loads:
        return ()
    survey, _ = exclude(inputs, inputs.survey, Provenance())
    labels = survey.labels
    together = merged(inputs, labels)
    made: dict[tuple[str, str], IndicatorPicture | None] = {}
    for pooled in baselines.indicators:
        if inputs.system.indicator(pooled.code).qualitative or pooled.code not in survey.columns:
            continue
        looked = Outliers(survey, inputs.system.indicator(pooled.code), labels, together)
        everybody = np.arange(len(survey))
        made[pooled.code, ""] = _picture(inputs, survey, pooled, looked.sample, everybody, looked.flags)
        strata = {one.stratum: one for one in baselines.strata if one.code == pooled.code}
        for name, at, part, flags in looked.strata() if strata else ():
            if name in strata:
                made[pooled.code, name] = _picture(inputs, survey, strata[name], part, at, flags)
    order = ((one.code, one.stratum) for one in (*baselines.indicators, *baselines.strata))
    return tuple(p for key in order if (p := made.get(key)) is not None)


def _picture(
    inputs: Inputs, survey: Survey, one: IndicatorBaselines, sample: Sample, rows: NDArray[np.intp],
    flags: Sequence[Flag],
) -> IndicatorPicture | None:  # fmt: skip
    indicator = inputs.system.indicator(one.code)
    try:
        values, shares = share_curve(sample, indicator.direction.value)
    except BaselineError:
        return None  # nothing valid to show
    # Only where values were judged: a policy value does not follow from the survey, so nothing there is to be verified.
    told = one.details.doubtful if one.details else None
    judged = sorted(flags if told and told.flags else (), key=lambda f: -abs(f.value - f.bound))
    left_out = np.flatnonzero(np.isfinite(sample.values) & ~sample.counts)
    most = len(survey) if len(survey) <= MOST_DETAILED else MARKS
    marks = marks_of(
        sample, {f.index for f in judged[:most]}, left_out[:most].tolist(), values, shares, indicator.direction.value,
        lambda index: survey.enterprises[int(rows[index])],
    )  # fmt: skip
    thin = np.unique(np.linspace(0, len(values) - 1, min(POINTS, len(values))).round().astype(np.intp))
    if len(survey) > MOST_DETAILED:
        values, shares = values[thin], shares[thin]
    return IndicatorPicture(
        code=one.code, name=indicator.name, category=indicator.category, unit=indicator.unit,
        direction=indicator.direction, n=sample.n, values=values, shares=shares, cuts=cuts_of(one), marks=marks,
        stratum=one.stratum, non_detects=one.non_detect, weighted=sample.weights is not None,
    )  # fmt: skip


def marks_of(
    sample: Sample,
    flagged: Set[int],
    left_out: Sequence[int],
    values: NDArray[np.float64],
    shares: NDArray[np.float64],
    direction: str,
    name: Callable[[int], str],
) -> tuple[Mark, ...]:
    """Values to look at, and values left out, at their place beside the curve; ``name`` gives the enterprise."""
    return tuple(
        Mark(
            float(sample.values[i]), _share_at(values, shares, float(sample.values[i]), direction), name(i),
            excluded=i not in flagged,
        )
        for i in sorted({*flagged, *left_out})
    )  # fmt: skip


def cuts_of(one: IndicatorBaselines) -> tuple[Cut, ...]:
    """The published values with their shares and intervals."""
    cuts = []
    for grade in GRADES:
        baseline = one.by_grade.get(grade)
        if baseline is not None and baseline.value is not None:
            low, high = baseline.interval or (None, None)
            cuts.append(Cut(grade, baseline.bound.format(), float(baseline.value), baseline.share, low, high))
    return tuple(cuts)


def _share_at(values: NDArray[np.float64], shares: NDArray[np.float64], value: float, direction: str) -> float:
    """Share that reaches a value, read off the curve."""
    better = np.flatnonzero(values <= value if direction == "smaller" else values >= value)
    return float(shares[better[-1]]) if len(better) else 0.0
