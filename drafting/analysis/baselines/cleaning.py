"""Applies sheet 剔除: the survey without what the committee left out, each omission on record."""

from __future__ import annotations

import numpy as np

from baselines import BaselineError, Sample, with_and_without
from drafting.analysis.baselines.details import values_of
from drafting.findings import Finding, Provenance, finding
from drafting.model.baseline_details import ComparedValues
from drafting.model.exclusions import apply, omissions
from drafting.model.inputs import Inputs
from drafting.model.survey import State, Survey
from drafting.standard import standard


def exclude(inputs: Inputs, survey: Survey, where: Provenance) -> tuple[Survey, list[Finding]]:
    """Mark excluded values as such.

    Returns the same survey whose excluded entries have state EXCLUDED; their values stay for comparison.
    Returns one note per exclusion, an error per row that names nothing.
    """
    found: list[Finding] = []
    left_out = omissions(inputs.exclusions, survey, inputs.system.active)
    for position, omission in enumerate(left_out):
        exclusion, place = omission.exclusion, where.find("exclusion", str(position))
        if omission.row is None or not omission.codes:
            said = where.find("exclusion", str(position), "企业")
            if omission.row is None and said is not None and said.cell:
                continue  # said by whoever read the sheet, at its cell
            what, name = ("企业", exclusion.enterprise) if omission.row is None else ("指标", exclusion.indicator)
            found.append(finding("exclusion-unknown", place, what=what, name=name))
            continue
        what = exclusion.enterprise + (f"的{exclusion.indicator}" if exclusion.indicator else "（整家企业）")
        found.append(
            finding(
                "excluded-values", place, count=len(omission.codes), what=what, reason=exclusion.reason.rstrip("。")
            )
        )
    return apply(survey, left_out), found


def effect_of_exclusions(sample: Sample, direction: str) -> ComparedValues | None:
    """Exact grade values had nothing been left out (sheet 剔除), beside those without; None if nothing was."""
    out = np.flatnonzero((sample.states == State.EXCLUDED) & ~np.isnan(sample.values)).tolist()
    if not out:
        return None
    states = sample.states.copy()
    states[out] = State.VALUE
    whole = Sample(sample.values, states, sample.weights, sample.strata)
    try:
        compared = with_and_without(whole, direction, out, standard().shares())
    except BaselineError:
        return None  # a non-detect decides, or a weight is lacking: nothing to compare
    return ComparedValues(count=len(out), with_them=values_of(compared.with_them), without=values_of(compared.without))
