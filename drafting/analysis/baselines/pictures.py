"""Prepares the pictures of baselines: empirical distributions with cuts, shares, intervals and values to look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from baselines import BaselineError, Sample, share_curve
from drafting.analysis.baselines.cleaning import exclude
from drafting.analysis.baselines.outliers import flags_of
from drafting.analysis.baselines.samples import sample_of
from drafting.findings import Provenance
from drafting.model.inputs import Inputs
from drafting.model.pictures import Cut, IndicatorPicture, Mark
from drafting.model.results import Baselines, IndicatorBaselines
from drafting.model.survey import Survey
from drafting.model.terms import GRADES


def pictures(inputs: Inputs, baselines: Baselines) -> tuple[IndicatorPicture, ...]:
    """One picture per quantitative indicator (and stratum) with survey values, in the order of the baselines."""
    if inputs.survey is None:
        return ()
    survey, _ = exclude(inputs, inputs.survey, Provenance())
    found = (_picture(inputs, survey, one) for one in (*baselines.indicators, *baselines.strata))
    return tuple(p for p in found if p is not None)


def _picture(inputs: Inputs, survey: Survey, one: IndicatorBaselines) -> IndicatorPicture | None:
    indicator = inputs.system.indicator(one.code)
    column = survey.columns.get(one.code)
    if indicator.qualitative or column is None:
        return None
    sample = sample_of(survey, column)
    rows = np.arange(len(sample))
    if one.stratum:
        if sample.strata is None or one.stratum not in sample.strata:
            return None  # merged from several strata: the pooled picture stands for it
        rows = sample.members(one.stratum)
        sample = sample.stratum(one.stratum)
    try:
        values, shares = share_curve(sample, indicator.direction.value)
    except BaselineError:
        return None  # nothing valid to show
    # Only where values were judged: a policy value does not follow from the survey, so nothing there is to be verified.
    flagged = {f.index for f in flags_of(indicator, sample)} if one.details.get("flags") else set()
    left_out = np.flatnonzero(np.isfinite(sample.values) & ~sample.counts).tolist()
    marks = marks_of(
        sample, flagged, left_out, values, shares, indicator.direction.value,
        lambda index: survey.enterprises[int(rows[index])],
    )  # fmt: skip
    return IndicatorPicture(
        one.code, indicator.name, indicator.category, indicator.unit, indicator.direction, sample.n, values, shares,
        cuts_of(one), marks, one.stratum, one.non_detect, sample.weights is not None,
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
