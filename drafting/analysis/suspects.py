"""Values to look at before believing a baseline: beyond physical limits, or too good to be true. Flags, never drops."""

from __future__ import annotations

from collections.abc import Iterator

from baselines import Sample
from baselines.errors import BaselineError
from baselines.outliers import (
    Flag,
    Side,
    flag_fences,
    flag_physical,
    mad_log_fences,
    tukey_fences,
    with_and_without,
)
from drafting.analysis.samples import sample_of
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.survey import Survey
from drafting.model.system import Indicator
from drafting.model.terms import BaselineSource
from drafting.standard import standard

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
        found += _physical(indicator, sample, survey, where)
        if indicator.source is not BaselineSource.POLICY:
            found += _too_good(indicator, sample, survey, where)
    return found


def _physical(indicator: Indicator, sample: Sample, survey: Survey, where: Provenance) -> Iterator[Finding]:
    if indicator.lower is None and indicator.upper is None:
        return
    for flag in flag_physical(sample, indicator.direction.value, indicator.lower, indicator.upper):
        yield finding(
            "value-beyond-physical-limit", where.find("survey", indicator.code, str(flag.index)),
            enterprise=survey.enterprises[flag.index], indicator=indicator.name, value=f"{flag.value:g}",
            lower="—" if indicator.lower is None else indicator.lower,
            upper="—" if indicator.upper is None else indicator.upper,
        )  # fmt: skip


def too_good(indicator: Indicator, sample: Sample) -> tuple[Flag, ...]:
    """Values beyond both fences (Tukey; MAD of logarithms where all are positive) on the better side."""
    if sample.n < FEWEST:
        return ()
    direction = indicator.direction.value
    flags = {f.index: f for f in flag_fences(sample, direction, tukey_fences(sample)) if f.side is Side.GOOD}
    try:
        logs = mad_log_fences(sample)
    except BaselineError:
        logs = None  # zero or negative values: logarithms say nothing, Tukey's fences stand alone
    if logs is not None:
        beyond = {f.index for f in flag_fences(sample, direction, logs) if f.side is Side.GOOD}
        flags = {index: f for index, f in flags.items() if index in beyond}
    return tuple(flags.values())


def _too_good(indicator: Indicator, sample: Sample, survey: Survey, where: Provenance) -> Iterator[Finding]:
    flags = too_good(indicator, sample)
    if not flags:
        return
    compared = with_and_without(sample, indicator.direction.value, [f.index for f in flags], standard().shares())
    worst = max(flags, key=lambda f: abs(f.value - f.bound))
    yield finding(
        "outliers-good-side", where.find("survey", indicator.code, str(worst.index)), indicator=indicator.name,
        count=len(flags), enterprise=survey.enterprises[worst.index], value=f"{worst.value:g}",
        fence=f"{worst.bound:.4g}", with_value=f"{compared.with_them.I.value:g}",
        without_value="—" if compared.without is None else f"{compared.without.I.value:g}",
    )  # fmt: skip
