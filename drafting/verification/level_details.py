"""What stands behind a baseline again: ranks, intervals, bootstrap, Excel's value, suspicious values, exclusions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from baselines import (
    Bounds,
    Flag,
    PublishedGrade,
    PublishedGrades,
    Sample,
    bootstrap_interval,
    expected_share,
    interpolated_value,
    minimum_n,
    order_statistic_interval,
    probability_share_kept,
    with_and_without,
)
from baselines.errors import BaselineError
from baselines.grades import GradeValues
from baselines.outliers import Side, flag_fences, flag_physical, mad_log_fences, tukey_fences
from baselines.sample import State as SampleState

GRADES = ("I", "II", "III")
_FEWEST = 8
"""Fences over fewer values than this say nothing."""
Details = dict[str, Any]


def details_of(
    indicator: Mapping[str, Any], sample: Sample, published: PublishedGrades, decimals: int, data: Mapping[str, Any]
) -> Details:
    """Everything the record says about one indicator's sample."""
    way, shares = indicator["direction"], [Fraction(data["standard"]["shares"][g]) for g in GRADES]
    confidence = float(data["settings"]["置信水平"])
    flags = flags_of(indicator, sample)
    return {
        "decimals": decimals,
        "weighted": sample.weights is not None,
        "effective_n": round(sample.effective_n, 2),
        "grades": {
            g: _grade(sample, way, share, getattr(published, g), confidence)
            for g, share in zip(GRADES, shares, strict=True)
        },
        "flags": [
            {"row": f.index, "value": f.value, "reason": f.reason.value, "side": f.side.value, "bound": f.bound}
            for f in flags
        ],
        "with_and_without": _without(sample, way, [f.index for f in flags], shares),
        "excluded_effect": _exclusions(sample, way, shares),
    }


def _grade(sample: Sample, way: str, share: Fraction, one: PublishedGrade, confidence: float) -> Details:
    attained, weighted = one.survey, sample.weights is not None
    assert attained is not None  # published from a survey
    interval = order_statistic_interval(sample, way, share, confidence)
    return {
        "asked": float(share),
        "k": attained.k,
        "n": attained.n,
        "exact": attained.value,
        "reached": attained.reached,
        "ties": attained.ties,
        "share_exact": attained.share,
        "censored": attained.censored,
        "tightened_from": None if one.tightened_from is None else format(one.tightened_from, "f"),
        "excel_percentile": None if weighted else _percentile(sample, way, share),
        "expected_share": None if weighted else float(expected_share(attained.n, attained.k)),
        "probability_share_kept": None if weighted else probability_share_kept(attained.n, attained.k, share),
        "interval": [interval.low, interval.high],
        "interval_ranks": [interval.ranks.strict, interval.ranks.lax],
        "coverage": interval.ranks.coverage,
        "interval_exact": interval.exact,
        "bootstrap": None if weighted else _bootstrap(sample, way, share, confidence),
        "minimum_n": {
            "one_sided": minimum_n(share, confidence, Bounds.STRICT),
            "two_sided": minimum_n(share, confidence, Bounds.BOTH),
        },
    }


def _percentile(sample: Sample, way: str, share: Fraction) -> float | None:
    try:
        return interpolated_value(sample, way, share)
    except BaselineError:
        return None


def _bootstrap(sample: Sample, way: str, share: Fraction, confidence: float) -> list[float | None] | None:
    try:
        found = bootstrap_interval(sample, way, share, confidence)
    except BaselineError:
        return None
    return [found.low, found.high]


def _without(sample: Sample, way: str, rows: Sequence[int], shares: Sequence[Fraction]) -> Details | None:
    if not rows:
        return None
    found = with_and_without(sample, way, rows, shares)
    return {"count": len(found.indices), "with": _values(found.with_them), "without": _values(found.without)}


def _values(grades: GradeValues | None) -> Details:
    return {g: None if grades is None else getattr(grades, g).value for g in GRADES}


def _exclusions(sample: Sample, way: str, shares: Sequence[Fraction]) -> Details | None:
    """Grade values had nothing been excluded, beside those without."""
    out = np.flatnonzero((sample.states == SampleState.EXCLUDED) & ~np.isnan(sample.values)).tolist()
    if not out:
        return None
    states = sample.states.copy()
    states[out] = SampleState.VALUE
    try:
        return _without(Sample(sample.values, states, sample.weights, sample.strata), way, out, shares)
    except BaselineError:
        return None


# --- suspicious values ------------------------------------------------------------------------------------------------
def flags_of(indicator: Mapping[str, Any], sample: Sample) -> list[Flag]:
    """Values beyond physical limits, then those that are too good for their stratum."""
    lower, upper = (None if (x := indicator[end]) is None else Decimal(x) for end in ("lower", "upper"))
    found = {f.index: f for f in flag_physical(sample, indicator["direction"], lower, upper)}
    beyond = list(found.values())
    good: dict[int, Flag] = {}
    for rows in _judged_together(sample):
        weights = None if sample.weights is None else sample.weights[rows]
        part = Sample(sample.values[rows], sample.states[rows], weights)
        if part.n >= _FEWEST:
            for flag in _too_good(part, indicator["direction"]):
                index = int(rows[flag.index])
                good.setdefault(index, replace(flag, index=index))
    return [*beyond, *(good[index] for index in sorted(good) if index not in found)]


def _judged_together(sample: Sample) -> list[Any]:
    """Rows of each stratum that is large enough, else all rows."""
    if sample.strata is None:
        return [np.arange(len(sample))]
    names = np.array(sample.strata)
    parts = [np.flatnonzero(names == name) for name in dict.fromkeys(sample.strata)]
    large = [rows for rows in parts if int(sample.counts[rows].sum()) >= _FEWEST]
    return large or [np.arange(len(sample))]


def _too_good(part: Sample, way: str) -> list[Flag]:
    """On the better side beyond Tukey's fence and, where logarithms exist, beyond that of their median deviation."""
    try:
        flags = [f for f in flag_fences(part, way, tukey_fences(part)) if f.side is Side.GOOD]
    except BaselineError:
        return []
    try:
        logs = mad_log_fences(part)
    except BaselineError:
        return flags
    if logs is None:
        return flags
    both = {f.index for f in flag_fences(part, way, logs) if f.side is Side.GOOD}
    return [f for f in flags if f.index in both]
