"""Columns of the survey as the baselines core wants them, and what is counted in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from baselines import Sample
from drafting.model.labels import Labels
from drafting.model.printed import decimals_of
from drafting.model.survey import State, Survey, SurveyColumn, counting
from drafting.model.system import Indicator

MOST_DECIMALS = 6
"""Survey values are not printed with more decimals than this unless the committee asks for it."""


def sample_of(survey: Survey, column: SurveyColumn) -> Sample:
    """A survey column as the core wants it, without its strata (see :func:`parts`)."""
    states = column.states
    numeric = counting(states) | (states == State.EXCLUDED)
    values = np.where(numeric, column.values, np.nan)
    limits = np.where(states == State.NON_DETECT, column.values, np.nan)
    excluded = np.flatnonzero((states == State.EXCLUDED) & ~np.isnan(column.values))
    return Sample.of(values, detection_limits=limits, excluded=excluded.tolist(), weights=survey.weights)


def parts(sample: Sample, labels: Labels | None) -> Iterator[tuple[str, NDArray[np.intp] | None, Sample]]:
    """Samples of the strata one by one, with their rows; without strata all rows are one, called ``""`` (None)."""
    if labels is None:
        yield "", None, sample
        return
    for name, at in labels.rows():
        weights = None if sample.weights is None else sample.weights[at]
        yield name, at, Sample(sample.values[at], sample.states[at], weights)


@dataclass(slots=True)
class Tally:
    """Entries of one column by stratum (after merging; None: all) and state, and the decimals of the finest value."""

    states: dict[str | None, dict[State, int]] = field(default_factory=dict)
    decimals: dict[str | None, int] = field(default_factory=dict)

    @classmethod
    def of(cls, survey: Survey, indicator: Indicator, labels: Labels | None) -> Tally:
        """Count piece by piece."""
        found, row = cls(), 0
        for name in (None, *(labels.words if labels is not None else ())):
            found.states[name], found.decimals[name] = dict.fromkeys(State, 0), 0
        for piece in survey.pieces([indicator.code]):
            own = None if labels is None else labels.at[row : row + len(piece)]
            found._add(piece.columns[indicator.code], labels, own, numbers=not indicator.qualitative)
            row += len(piece)
        return found

    def size(self, stratum: str | None) -> int:
        """All entries."""
        return sum(self.states[stratum].values())

    def _add(
        self, column: SurveyColumn, labels: Labels | None, at: NDArray[np.unsignedinteger] | None, *, numbers: bool
    ) -> None:
        values, states = column.values, column.states
        valid = counting(states) if numbers else np.zeros(len(states), np.bool_)
        self._take(None, np.bincount(states, minlength=len(State)), values[valid])
        if labels is None or at is None:
            return
        table = np.bincount(at.astype(np.intp) * len(State) + states, minlength=len(labels.words) * len(State))
        for number, (name, counts) in enumerate(zip(labels.words, table.reshape(-1, len(State)), strict=True)):
            finer = self.decimals[name] < self.decimals[None]  # no stratum's value is finer than the finest of all
            self._take(name, counts, values[valid & (at == number)] if finer else values[:0])

    def _take(self, name: str | None, counts: NDArray[np.intp], values: NDArray[np.float64]) -> None:
        into = self.states[name]
        for state in State:
            into[state] += int(counts[state])
        if self.decimals[name] < MOST_DECIMALS:
            self.decimals[name] = max(self.decimals[name], decimals_of(values, MOST_DECIMALS))


@dataclass(frozen=True, slots=True)
class Counted:
    """What the findings ask of a sample that may not be loaded."""

    n: int
    size: int
    non_detects: int

    @classmethod
    def of(cls, n: int, states: Mapping[State, int]) -> Counted:
        """Take what was counted while the grades were found, and in a :class:`Tally`."""
        return cls(n, sum(states.values()), states[State.NON_DETECT])


def count(column: SurveyColumn, state: State) -> int:
    """How many entries of a column are in a state."""
    return int(np.count_nonzero(column.states == state))
