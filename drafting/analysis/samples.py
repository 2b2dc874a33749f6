"""A column of the survey as the baselines core wants it."""

from __future__ import annotations

import numpy as np

from baselines import Sample
from drafting.model.survey import State, Survey, SurveyColumn


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


def counts(column: SurveyColumn | None) -> dict[str, int]:
    """How many entries are missing, not applicable, below detection, excluded."""
    if column is None:
        return {}
    names = {
        "missing": State.MISSING,
        "not_applicable": State.NOT_APPLICABLE,
        "non_detect": State.NON_DETECT,
        "excluded": State.EXCLUDED,
    }
    return {name: int(np.count_nonzero(column.states == state)) for name, state in names.items()}
