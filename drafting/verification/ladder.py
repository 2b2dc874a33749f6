"""The values that a baseline from the survey may take, strictest first, and the step that admits each enterprise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines import Sample, round_outward
from baselines.attainment import Ranking
from baselines.direction import as_direction
from baselines.grades import is_laxer
from baselines.sample import State as SampleState

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ladder:
    """
    One indicator's steps.

    Attributes
    ----------
    indicator : int
    shares : share of the enterprises that reach each step
    values : published values by stratum ("" for pooled)
    position : int array (E,), the step that admits each enterprise; their number where none does
    start : steps of I, II, III
    """

    indicator: int
    shares: Floats
    values: Mapping[str, tuple[Decimal, ...]]
    position: NDArray[np.int64]
    start: tuple[int, ...] = ()

    def step(self, share: float) -> int:
        """The strictest step that at least this share reaches."""
        return min(int(np.searchsorted(self.shares, share - 1e-12)), len(self.shares) - 1)

    def text(self, step: int) -> str:
        """What the draft would print."""
        if list(self.values) == [""]:
            return format(self.values[""][step], "f")
        return "；".join(f"{name} {values[step]:f}" for name, values in self.values.items())


def ladder_of(
    place: int, indicator: Mapping[str, Any], sample: Sample, decimals: int, parts: Mapping[str, NDArray[np.intp]],
    survey_rows: NDArray[np.intp], judged: Mapping[str, Any], shares: Sequence[Fraction],
) -> Ladder:  # fmt: skip
    """
    Build one indicator's ladder.

    Parameters
    ----------
    parts
        Places on the board by stratum; one part called "" where baselines are pooled.
    survey_rows
        Rows of the survey on the board.
    judged
        ``values`` and ``below`` of the indicator on the board, and where it ``applies``.
    """
    way = as_direction(indicator["direction"])
    if list(parts) == [""]:
        ranking = Ranking.of(sample, way)
        known = [v for v in ranking.values.tolist() if math.isfinite(v)]
        printed = list(dict.fromkeys(_within(round_outward(v, decimals, way), indicator) for v in known))
        values = {"": tuple(printed)}
        reached = np.array([float(ranking.share(value)) for value in printed])
    else:
        rankings = {n: r for n, at in parts.items() if (r := _ranking(sample, survey_rows[at], way)) is not None}
        most = min(Fraction(int(np.isfinite(r.keys).sum()), r.n) for r in rankings.values())
        steps = sorted({s for r in rankings.values() for k in range(1, r.n + 1) if (s := Fraction(k, r.n)) <= most})
        values = {
            name: tuple(_within(round_outward(r.attain(s).value, decimals, way), indicator) for s in steps)
            for name, r in rankings.items()
        }
        reached = np.array([float(s) for s in steps])
    position = np.full(len(survey_rows), len(reached), dtype=np.int64)
    for name, steps_of in values.items():
        at = parts[name]
        position[at] = _positions(indicator, steps_of, {key: column[at] for key, column in judged.items()})
    made = Ladder(place, reached, values, position)
    return replace(made, start=tuple(made.step(float(share)) for share in shares))


def _ranking(sample: Sample, rows: NDArray[np.intp], way: Any) -> Ranking | None:
    chosen = np.zeros(len(sample), dtype=np.bool_)
    chosen[rows] = True
    chosen &= sample.counts
    if not chosen.any():
        return None
    weights = None if sample.weights is None else sample.weights[chosen]
    limits = np.where(sample.states == SampleState.NON_DETECT, sample.values, np.nan)[chosen]
    return Ranking.of(Sample.of(sample.values[chosen], detection_limits=limits, weights=weights), way)


def _within(value: Decimal, indicator: Mapping[str, Any]) -> Decimal:
    """Never laxer than the mandatory limit."""
    limit = indicator["limit"]
    if limit is None or limit["number"] is None:
        return value
    number = Decimal(limit["number"])
    return number if is_laxer(value, number, indicator["direction"]) else value


def _positions(indicator: Mapping[str, Any], steps: Sequence[Decimal], judged: Mapping[str, Any]) -> NDArray[np.int64]:
    """First step that admits each value; a non-detect is never at least anything."""
    sign = 1.0 if indicator["direction"] == "smaller" else -1.0
    limits = sign * np.array([float(step) for step in steps])
    limit = indicator["limit"]
    if limit is not None and limit["operator"] in ("<", ">"):
        at_limit = np.array([step == Decimal(limit["number"]) for step in steps], dtype=np.bool_)
        limits[at_limit] = np.nextafter(limits[at_limit], -np.inf)
    limits = np.maximum.accumulate(limits)
    values = sign * judged["values"]
    never = np.isnan(values) | (judged["below"] & (sign < 0)) | ~judged["applies"]
    return np.where(never, len(steps), np.searchsorted(limits, values))
