"""Applies sheet 剔除: the survey without what the committee left out, each omission on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from baselines import BaselineError, Sample, with_and_without
from baselines.sample import State as SampleState
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.survey import Exclusion, State, Survey, SurveyColumn
from drafting.model.system import Indicator
from drafting.model.terms import GRADES
from drafting.standard import normalise, standard


def exclude(inputs: Inputs, survey: Survey, where: Provenance) -> tuple[Survey, list[Finding]]:
    """Mark excluded values as such.

    Returns
    -------
    Survey
        The same survey whose excluded entries have state EXCLUDED; their values stay for comparison.
    list of Finding
        One note per exclusion, an error per row that names nothing.
    """
    found: list[Finding] = []
    marks: dict[str, set[int]] = {}
    rows = {normalise(name): row for row, name in enumerate(survey.enterprises)}
    for position, exclusion in enumerate(inputs.exclusions):
        place = where.find("exclusion", str(position))
        row = rows.get(normalise(exclusion.enterprise))
        codes = codes_left_out(exclusion, inputs.system.active)
        if row is None or not codes:
            said = where.find("exclusion", str(position), "企业")
            if row is None and said is not None and said.cell:
                continue  # said by whoever read the sheet, at its cell
            what, name = ("企业", exclusion.enterprise) if row is None else ("指标", exclusion.indicator)
            found.append(finding("exclusion-unknown", place, what=what, name=name))
            continue
        for code in codes:
            marks.setdefault(code, set()).add(row)
        what = exclusion.enterprise + (f"的{exclusion.indicator}" if exclusion.indicator else "（整家企业）")
        found.append(finding("excluded-values", place, count=len(codes), what=what, reason=exclusion.reason))
    columns = {code: _marked(column, marks.get(code, ())) for code, column in survey.columns.items()}
    return replace(survey, columns=MappingProxyType(columns)), found


def excluded_enterprises(inputs: Inputs) -> frozenset[str]:
    """Names (normalised) of enterprises that are left out as a whole."""
    return frozenset(normalise(e.enterprise) for e in inputs.exclusions if not e.indicator)


def effect_of_exclusions(sample: Sample, direction: str) -> Mapping[str, Any] | None:
    """Exact grade values had nothing been left out (sheet 剔除), beside those without; None if nothing was."""
    out = np.flatnonzero((sample.states == SampleState.EXCLUDED) & ~np.isnan(sample.values)).tolist()
    if not out:
        return None
    states = sample.states.copy()
    states[out] = SampleState.VALUE
    whole = Sample(sample.values, states, sample.weights, sample.strata)
    try:
        compared = with_and_without(whole, direction, out, standard().shares())
    except BaselineError:
        return None  # a non-detect decides, or a weight is lacking: nothing to compare
    return {
        "count": len(out),
        "with": {g.value: compared.with_them[g.value].value for g in GRADES},
        "without": {g.value: None if compared.without is None else compared.without[g.value].value for g in GRADES},
    }


def codes_left_out(exclusion: Exclusion, indicators: Iterable[Indicator]) -> list[str]:
    """Codes of the indicators that a row of sheet 剔除 names; empty if there is none."""
    if not exclusion.indicator:
        return [i.code for i in indicators]
    wanted = normalise(exclusion.indicator)
    return [i.code for i in indicators if wanted in (normalise(i.code), normalise(i.name))]


def _marked(column: SurveyColumn, rows: Iterable[int]) -> SurveyColumn:
    chosen = list(rows)
    if not chosen:
        return column
    states = column.states.copy()
    states[chosen] = State.EXCLUDED
    states.flags.writeable = False
    return replace(column, states=states)
