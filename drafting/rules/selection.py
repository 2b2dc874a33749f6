"""4.2: how indicators are selected.

They guide, and each states to what (4.2.2); their data are easy to obtain, which is measured by the share of surveyed
enterprises that reported them (4.2.3); quantitative ones prevail, a qualitative one says why it cannot be quantified
(4.2.4); by Appendix D over the survey, weights and baselines tell enterprises apart in every grade (4.2.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from drafting.findings import Finding, finding
from drafting.model.inputs import Inputs
from drafting.model.survey import State
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, Guidance
from drafting.rules.case import Case, blank_fields
from drafting.words import percent

SCARCE = Fraction(1, 2)
"""The standard names no number: an indicator that fewer than half of those asked can report is not easy to obtain."""


def guidance(case: Case) -> Iterator[Finding]:
    """Find indicators without a direction, and directions without an indicator."""
    active = case.inputs.system.heads
    yield from blank_fields(case, "guidance-missing", "引导方向", (i for i in active if not i.guidance))
    given = {g for i in active for g in i.guidance}
    if given:
        place = case.place("indicator", active[0].code, "引导方向", sheet="二级指标")
        for direction in Guidance:
            if direction not in given:
                yield finding("guidance-uncovered", place, direction=direction.value, anchor="part:selection")


@dataclass(frozen=True, slots=True)
class Reported:
    """How many enterprises were asked for an indicator (it applies to them) and how many reported it."""

    indicator: Indicator
    reported: int
    asked: int

    @property
    def share(self) -> float | None:
        """Share of those asked, None if nobody was."""
        return self.reported / self.asked if self.asked else None


def reported(inputs: Inputs) -> tuple[Reported, ...]:
    """Count the answers of every indicator that the survey has a column for."""
    survey = inputs.survey
    if survey is None:
        return ()
    counted = []
    for indicator in inputs.system.active:
        column = survey.columns.get(indicator.code)
        if column is not None:
            asked = int(np.count_nonzero(column.states != State.NOT_APPLICABLE))
            missing = int(np.count_nonzero(column.states == State.MISSING))
            counted.append(Reported(indicator, asked - missing, asked))
    return tuple(counted)


def availability(case: Case) -> Iterator[Finding]:
    """Find indicators that few enterprises could report."""
    for one in reported(case.inputs):
        if 0 < one.reported < SCARCE * one.asked:
            yield finding(
                "availability-low", case.place("survey", one.indicator.code), indicator=one.indicator.name,
                share=percent(one.share), reported=one.reported, asked=one.asked,
                anchor=f"indicator:{one.indicator.code}",
            )  # fmt: skip


def qualitative(case: Case) -> Iterator[Finding]:
    """Find qualitative indicators without reason, and systems in which they prevail."""
    active = case.inputs.system.heads
    inexact = [i for i in active if i.qualitative]
    lacking = [i for i in inexact if not i.qualitative_reason.strip()]
    yield from blank_fields(case, "qualitative-no-reason", "定性理由", lacking)
    exact = len(active) - len(inexact)
    if inexact and len(inexact) > exact:
        place = case.place("indicator", inexact[0].code, "方向", sheet="二级指标")
        yield finding(
            "qualitative-prevails", place, qualitative=len(inexact), quantitative=exact, anchor="part:selection"
        )


def evaluation(case: Case) -> Iterator[Finding]:
    """Note grades that no surveyed enterprise attains."""
    trial = case.results.trial
    if trial is None or not any(not e.excluded for e in trial.enterprises):
        return
    for grade in GRADES:
        if trial.distribution.get(grade.value, 0) == 0:
            yield finding("trial-grade-empty", case.place("survey"), grade=grade.chinese, anchor="part:evaluation")
