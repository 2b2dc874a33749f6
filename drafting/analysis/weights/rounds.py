"""The rounds of a Delphi study as the core wants them: one array of answers per group and round."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drafting.analysis.weights.groups import Group
from drafting.model.experts import DelphiRound
from drafting.model.inputs import Inputs
from drafting.model.system import FIRST_LEVEL
from weighting.answers import AnswerValueError, PanelRound

BIN = 5.0
"""Width of the classes of the histogram in which answers out of 100 are compared between rounds, in points."""

RATED = "重要性评分"
"""Name of the one group that holds all candidates of the rating instrument."""


def panel_round(group: Group, answers: DelphiRound) -> PanelRound | None:
    """The allocations of one round to one group, (experts, items), NaN where an expert left an item blank."""
    rows: list[Sequence[float]] = []
    experts: list[str] = []
    for answer in answers.answers:
        for allocation in answer.allocations:
            if allocation.group == group.name:
                rows.append([allocation.weights.get(key, np.nan) for key in group.keys])
                experts.append(answer.expert)
    return PanelRound(rows, experts, group.labels, group.name) if rows else None


def rounds_of(inputs: Inputs, group: Group) -> list[tuple[int, PanelRound]]:
    """All rounds in which somebody allocated to a group, with their numbers."""
    return [(r.number, p) for r in inputs.delphi if (p := panel_round(group, r)) is not None]


def scale_of(inputs: Inputs) -> tuple[float, float]:
    """Ends of the rating scale: 1 to 5 or 9, 0 to 100."""
    top = float(inputs.settings.rating_scale)
    return (0.0 if top == 100 else 1.0, top)


def rating_round(inputs: Inputs, answers: DelphiRound, group: Group | None = None) -> PanelRound | None:
    """The importance ratings of one round: those of a category's indicators, or of all candidates.

    Experts who rated none of them are left out. None if nobody rated, for the first level (which is not rated), and
    where the scale has changed since so that answers lie outside it.
    """
    if group is None:
        keys, names, name = [i.code for i in inputs.system.active], [i.name for i in inputs.system.active], RATED
        if len(set(names)) != len(names):
            names = [f"{i.name}（{i.code}）" for i in inputs.system.active]
    elif group.name == FIRST_LEVEL:
        return None
    else:
        keys, names, name = list(group.keys), list(group.labels), group.name
    rows = {a.expert: [a.ratings.get(key, np.nan) for key in keys] for a in answers.answers}
    given = {e: row for e, row in rows.items() if not all(np.isnan(row))}
    if not given:
        return None
    try:
        return PanelRound(list(given.values()), list(given), names, name, scale_of(inputs))
    except AnswerValueError:
        return None


def opinions(
    inputs: Inputs, number: int, group: str, keys: Sequence[str], experts: Sequence[str]
) -> tuple[tuple[str | None, ...], ...]:
    """Opinions written in one round about a group's items, (experts, items); ratings have a column of their own."""
    answers = {a.expert: a for r in inputs.delphi if r.number == number for a in r.answers}
    table = []
    for expert in experts:
        answer = answers[expert]
        own = next((a.opinions for a in answer.allocations if a.group == group), {})
        table.append(tuple(own.get(key) or answer.suggestions.get(key) for key in keys))
    return tuple(table)
