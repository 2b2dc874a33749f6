"""Values to look at before believing a baseline: beyond physical limits, or too good to be true. Flags, never drops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from baselines import Sample
from baselines.errors import BaselineError
from baselines.outliers import (
    Flag,
    Side,
    flag_fences,
    flag_physical,
    mad_log_fences,
    tukey_fences,
)
from drafting.analysis.baselines.details import compared_without
from drafting.analysis.baselines.samples import sample_of
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.survey import Survey
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, BaselineSource

FEWEST = 8
"""Fences over fewer values than this say nothing."""


def suspicious(inputs: Inputs, survey: Survey, where: Provenance) -> list[Finding]:
    """Findings about survey values that deserve a look."""
    found: list[Finding] = []
    for indicator in inputs.system.active:
        column = survey.columns.get(indicator.code)
        if column is None or indicator.qualitative:
            continue
        sample = sample_of(survey, column)
        if sample.n == 0:
            continue
        if indicator.source is not BaselineSource.POLICY:
            found += _too_good(indicator, sample, survey, where)
    return found


def flags_of(indicator: Indicator, sample: Sample) -> tuple[Flag, ...]:
    """Everything to look at: values beyond physical limits, then values that are too good for their stratum."""
    direction = indicator.direction.value
    beyond = flag_physical(sample, direction, indicator.lower, indicator.upper)
    known = {f.index for f in beyond}
    return (*beyond, *(f for f in too_good(indicator, sample) if f.index not in known))


def too_good(indicator: Indicator, sample: Sample) -> tuple[Flag, ...]:
    """Values on the better side beyond both fences, Tukey's and the MAD of logarithms, of their own stratum.

    Strata with fewer than :data:`FEWEST` valid values are too small to judge; if all are, all rows are judged together.
    Logarithms are left out where a value is zero or negative.
    """
    direction = indicator.direction.value
    flags: list[Flag] = []
    for at in _circles(sample):
        part = Sample(sample.values[at], sample.states[at], None if sample.weights is None else sample.weights[at])
        if part.n < FEWEST:
            continue
        found = beyond_both(part, direction)
        flags += [replace(f, index=int(at[f.index])) for f in found]
    first: dict[int, Flag] = {}
    for flag in flags:
        first.setdefault(flag.index, flag)
    return tuple(first[index] for index in sorted(first))


def _circles(sample: Sample) -> list[NDArray[np.intp]]:
    """Rows that are judged together: each stratum large enough, else all rows."""
    everybody = np.arange(len(sample))
    if sample.strata is None:
        return [everybody]
    names = np.array(sample.strata)
    strata = [np.flatnonzero(names == name) for name in dict.fromkeys(sample.strata)]
    large = [at for at in strata if int(np.count_nonzero(sample.counts[at])) >= FEWEST]
    return large or [everybody]


def beyond_both(part: Sample, direction: str) -> list[Flag]:
    """Values on the better side beyond Tukey's fence and, where logarithms can be taken, that of their MAD."""
    try:
        flags = [*flag_fences(part, direction, tukey_fences(part), Side.GOOD)]
    except BaselineError:
        return []  # only non-detects: nothing measured to set fences by
    try:
        logs = mad_log_fences(part)
    except BaselineError:
        logs = None
    if logs is None:
        return flags
    beyond = {f.index for f in flag_fences(part, direction, logs, Side.GOOD)}
    return [f for f in flags if f.index in beyond]


def _too_good(indicator: Indicator, sample: Sample, survey: Survey, where: Provenance) -> Iterator[Finding]:
    flags = too_good(indicator, sample)
    if flags:
        yield from too_good_finding(indicator, sample, flags, survey, where, lambda row: _stratum_of(sample, row))


def too_good_finding(
    indicator: Indicator,
    sample: Sample,
    flags: Sequence[Flag],
    survey: Survey,
    where: Provenance,
    stratum_of: Callable[[int], str],
) -> Iterator[Finding]:
    """Say what the values beyond the fences do to grade I.

    ``stratum_of`` names the stratum within which a row was judged, blank where all rows were judged together.
    """
    compared = compared_without(sample, indicator.direction.value, flags)
    if compared is None:
        return  # a non-detect decides where larger is better; that is reported with the baselines
    first = GRADES[0].value
    before, after = compared["with"][first], compared["without"][first]
    worst = max(flags, key=lambda f: abs(f.value - f.bound))
    place = where.find("survey", indicator.code, str(worst.index))
    stratum = stratum_of(worst.index)
    yield finding(
        "outliers-good-side" if before != after else "outliers-harmless", place, indicator=indicator.name,
        count=len(flags), than="比同一分组的其他企业" if stratum else "比其他企业",
        group=f"“{stratum}”组中 " if stratum else " ", enterprise=survey.enterprises[worst.index],
        value=f"{worst.value:g}", fence=f"{worst.bound:.4g}", with_value=f"{before:g}",
        without_value="—" if after is None else f"{after:g}",
    )  # fmt: skip


def _stratum_of(sample: Sample, row: int) -> str:
    """The stratum whose values a row was compared with; blank where all rows were judged together."""
    if sample.strata is None:
        return ""
    circle = next((at for at in _circles(sample) if row in at), None)
    return sample.strata[row] if circle is not None and len(circle) < len(sample) else ""
