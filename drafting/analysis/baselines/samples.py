"""A column of the survey as the baselines core wants it."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from baselines import Sample
from baselines.sample import State as SampleState
from drafting.model.survey import State, Survey, SurveyColumn


class Counted(Protocol):
    """What is counted in a sample, whether it is in memory or not."""

    @property
    def n(self) -> int:
        """Number of valid enterprises."""

    def __len__(self) -> int: ...

    def count(self, state: SampleState) -> int:
        """Count the enterprises in a state."""


def sample_of(survey: Survey, column: SurveyColumn) -> Sample:
    """A survey column as the core wants it."""
    states = column.states
    numeric = (states == State.VALUE) | (states == State.NON_DETECT) | (states == State.EXCLUDED)
    values = np.where(numeric, column.values, np.nan)
    limits = np.where(states == State.NON_DETECT, column.values, np.nan)
    excluded = np.flatnonzero((states == State.EXCLUDED) & ~np.isnan(column.values))
    return Sample.of(
        values, detection_limits=limits, excluded=excluded.tolist(), weights=survey.weights, strata=survey.strata
    )


def count(column: SurveyColumn, state: State) -> int:
    """How many entries of a column are in a state."""
    return int(np.count_nonzero(column.states == state))
