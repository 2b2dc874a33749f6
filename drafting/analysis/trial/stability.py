"""How stable the trial's grades are: one expert left out at a time, enterprises drawn again with replacement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.baselines.ladder import Ladder
from drafting.analysis.trial.judging import Judged
from drafting.analysis.weights.weigh import weigh
from drafting.evaluation import GRADES, Evaluation
from drafting.evaluation.draft import draft_of
from drafting.findings import Provenance
from drafting.model.inputs import Inputs
from drafting.model.results import Baselines
from drafting.model.trial_details import TrialWithoutExpert
from drafting.standard import standard

REPLICATES = 200
MOST_CELLS = 4_000_000
"""Replicates are fewer where replicates × enterprises × indicators would pass this, never fewer than 50."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Baselines set again on enterprises drawn with replacement, and the surveyed enterprises graded by them."""

    replicates: int
    intervals: Mapping[str, tuple[int, int]]
    """Mapping of grade (or "none") to (low, high): 2.5 % and 97.5 % of the counts."""
    kept: NDArray[np.float64]
    """(E,): share of the replicates in which the enterprise has the grade it has in the trial."""


def leave_one_out(
    inputs: Inputs, baselines: Baselines, judged: Judged, result: Evaluation
) -> tuple[TrialWithoutExpert, ...]:
    """Weigh again without each expert; nothing where weights do not come from experts or only one answered."""
    experts = dict.fromkeys(m.expert for m in inputs.judgements)
    experts |= dict.fromkeys(a.expert for r in (*inputs.delphi, *inputs.ratings) for a in r.answers)
    found = []
    for expert in experts if len(experts) > 1 else ():
        delphi, ratings = (
            tuple(replace(r, answers=tuple(a for a in r.answers if a.expert != expert)) for r in rounds)
            for rounds in (inputs.delphi, inputs.ratings)
        )
        rest = replace(
            inputs,
            judgements=tuple(m for m in inputs.judgements if m.expert != expert),
            delphi=tuple(r for r in delphi if r.answers),
            ratings=tuple(r for r in ratings if r.answers),
            experts=tuple(e for e in inputs.experts if e.code != expert),
        )
        weights, _ = weigh(rest, Provenance(), brief=True)
        draft = draft_of(rest, weights, baselines)[0] if weights else None
        if draft is None:
            continue
        again = judged.grade(draft=draft)
        changed = int(np.count_nonzero(again.grades != result.grades))
        found.append(TrialWithoutExpert(expert=expert, distribution=again.distribution(), changed=changed))
    return tuple(found)


def bootstrap(judged: Judged, result: Evaluation, steps: Sequence[Ladder], seed: int) -> Bootstrap | None:
    """Draw the enterprises again; None where no baseline comes from the survey, and there are no ladders."""
    size, indicators = len(judged), len(judged.draft.indicators)
    if not steps or size < 2:
        return None
    replicates = int(min(max(MOST_CELLS // max(size * indicators, 1), 50), REPLICATES))
    generator = np.random.default_rng(seed)
    counts = np.zeros((replicates, 4), dtype=np.int64)
    same = np.zeros(size)

    def redrawn() -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
        for _ in range(replicates):
            drawn = np.bincount(_draw(judged, generator), minlength=size)
            reached = judged.membership.reached.copy()
            for ladder in steps:
                for g, step in enumerate(_steps_on(ladder, drawn, judged)):
                    reached[:, ladder.indicator, g] = ladder.position <= step
            yield reached, judged.membership.missing

    for n, grades in enumerate(judged.grades(redrawn())):
        counts[n] = np.bincount(grades[~judged.excluded], minlength=4)
        same += grades == result.grades
    low, high = (np.quantile(counts, q, axis=0, method="inverted_cdf").astype(int) for q in (0.025, 0.975))
    labels = ("none", *GRADES)
    intervals = {label: (int(low[k]), int(high[k])) for k, label in enumerate(labels)}
    return Bootstrap(replicates, MappingProxyType(intervals), same / replicates)


def _draw(judged: Judged, generator: np.random.Generator) -> NDArray[np.intp]:
    """Rows with replacement, within the strata where baselines are given by stratum."""
    size = len(judged)
    if judged.strata is None:
        return generator.integers(0, size, size)
    parts = [np.flatnonzero(judged.strata == name) for name in dict.fromkeys(judged.strata.tolist())]
    return np.concatenate([part[generator.integers(0, len(part), len(part))] for part in parts])


def _steps_on(ladder: Ladder, drawn: NDArray[np.intp], judged: Judged) -> list[NDArray[np.int64]]:
    """Steps of I, II, III on a redrawn survey, one per enterprise: the k-th best of the n drawn values, k = ⌈n·p⌉.

    The position of a value is the step of the published value that it gives, and publishing keeps the order, so the
    k-th smallest position is the step of the k-th best value. Values beyond the mandatory limit have no step of their
    own; they count among the n.
    """
    weights = judged.survey.weights
    mass = drawn.astype(np.float64) if weights is None else drawn * np.nan_to_num(weights[judged.rows])
    valid = ~np.isnan(judged.values[:, ladder.indicator]) & judged.membership.applicable[:, ladder.indicator]
    by_stratum = judged.strata is not None and list(ladder.values) != [""]
    parts = [np.flatnonzero(judged.strata == name) for name in ladder.values] if by_stratum else [np.arange(len(drawn))]
    steps = [np.full(len(drawn), step, dtype=np.int64) for step in ladder.start]
    for part in parts:
        here = part[valid[part]]
        totals = np.bincount(ladder.position[here], weights=mass[here], minlength=len(ladder) + 1).cumsum()
        if totals[-1] <= 0:
            continue
        for step, share in zip(steps, standard().shares(), strict=True):
            found = int(np.searchsorted(totals, float(share) * totals[-1] * (1 - 1e-12)))
            step[part] = min(found, len(ladder) - 1)
    return steps
