"""4.2.3: data are easy to obtain; measured by the share of surveyed enterprises that reported each indicator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from drafting.findings import Finding, finding
from drafting.model.inputs import Inputs
from drafting.model.survey import State
from drafting.model.system import Indicator
from drafting.rules.case import Case
from drafting.words import percent

SCARCE = Fraction(1, 2)
"""The standard names no number: an indicator that fewer than half of those asked can report is not easy to obtain."""


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
