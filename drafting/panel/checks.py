"""What an expert sees while comparing: progress, consistency, the judgements to revisit, cycles in words."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from drafting.analysis.weights.ahp import METHODS
from drafting.panel import items
from drafting.panel.definition import Definition, Instrument
from drafting.panel.submitting import GroupState, group_state
from weighting import analyse, preference_cycles, scale_text, suggestions
from weighting.errors import WeightingError


@dataclass(frozen=True, slots=True)
class Advice:
    """One judgement to look at again, with what a change would do to CR."""

    i: int
    j: int
    first: str
    second: str
    given: str
    proposed: str
    cr: float
    cr_after: float


@dataclass(frozen=True, slots=True)
class Check:
    """One group's comparisons so far; figures are None until they connect all items."""

    state: GroupState
    limit: float
    cr: float | None = None
    consistent: bool | None = None
    table: str = ""
    weights: tuple[tuple[str, float], ...] = ()
    advice: tuple[Advice, ...] = ()
    cycles: tuple[str, ...] = ()


_MOST_CYCLES = 6


def check(definition: Definition, number: int, values: Mapping[str, str]) -> Check:
    """Look at one expert's comparisons of one group."""
    group = definition.of(Instrument.PAIRWISE)[number]
    state = group_state(Instrument.PAIRWISE, number, group, values)
    if not state.complete:
        return Check(state, definition.cr_limit)
    matrix = items.matrix(values, number, len(group.items))
    names = [i.name for i in group.items]
    method = METHODS[str(definition.settings["prioritisation"])]
    try:
        found = analyse(matrix, method, definition.random_index, limit=definition.cr_limit)
        advice = suggestions(matrix, 3, random_index=definition.random_index) if len(names) > 2 else ()
    except WeightingError:
        return Check(state, definition.cr_limit)
    cycles = preference_cycles(matrix, [str(k) for k in range(len(names))])
    return Check(
        state=state, limit=definition.cr_limit, cr=float(np.asarray(found.cr)), consistent=bool(found.consistent),
        table=definition.random_index, weights=tuple(zip(names, (float(w) for w in found.weights), strict=True)),
        advice=tuple(
            Advice(
                i=s.pair[0], j=s.pair[1], first=names[s.pair[0]], second=names[s.pair[1]],
                given=scale_text(s.judgement), proposed=s.step_text, cr=s.cr, cr_after=s.cr_step,
            )
            for s in advice
        ),
        cycles=tuple(_words([names[int(k)] for k in cycle]) for cycle in cycles[:_MOST_CYCLES]),
    )  # fmt: skip


def _words(cycle: list[str]) -> str:
    """A cycle as a sentence: each more important than the next, the last more than the first."""
    steps = "，".join(f"“{a}”重于“{b}”" for a, b in itertools.pairwise(cycle))
    return f"{steps}，但“{cycle[-1]}”又重于“{cycle[0]}”"
