"""What an expert sees of the round before: own answer, quartiles, distribution, every opinion of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from drafting.analysis.weights.opinions import shared_with
from drafting.analysis.weights.rounds import RATED, panel_round, rating_round, rating_rounds, weight_rounds
from drafting.analysis.weights.stopping import stopped_tables
from drafting.model.system import FIRST_LEVEL
from drafting.model.weight_groups import groups_of
from weighting import PanelRound, feedback

if TYPE_CHECKING:
    from drafting.model.asking import AskedGroup
    from drafting.model.experts import DelphiRound
    from drafting.model.inputs import Inputs
    from drafting.workbook.questionnaires.delphi_sheets import Feedbacks
    from weighting import ItemFeedback


@dataclass(frozen=True, slots=True)
class Before:
    """The round before as one table has it: answers by group, and the groups as experts are asked for them."""

    inputs: Inputs
    answers: Mapping[str, tuple[PanelRound, tuple[str, ...]]]
    """Group -> answers, with the keys of their items."""
    asked: Mapping[str, AskedGroup]
    """Group -> what it is called in the questionnaire."""


def round_before(inputs: Inputs, number: int, *, rating: bool) -> DelphiRound | None:
    """The round before a number of the same instrument; None where nobody answered it."""
    rounds = rating_rounds(inputs) if rating else weight_rounds(inputs)
    return next((r for r in rounds if r.number == number - 1), None)


def groups_of_round(inputs: Inputs, number: int, *, rating: bool) -> tuple[tuple[AskedGroup, ...], tuple[str, ...]]:
    """Give the groups that a round asks for.

    Of several tables those that the stopping rule has stopped are not asked again, nor are groups that they share;
    where it has stopped all of them another round is the committee's wish and asks for everything, as with one table.

    Returns keys of the tables that are left out.
    """
    if rating:
        return tuple(a for a in inputs.asked if a.group != FIRST_LEVEL), ()
    groups = tuple(a for a in inputs.asked if a.open)
    stopped = stopped_tables(inputs, number)
    rest = tuple(a for a in groups if not set(stopped) & set(a.tables))
    return (rest, stopped) if rest else (groups, ())


def rounds_before(inputs: Inputs, number: int, *, rating: bool) -> tuple[Before, ...]:
    """The round before of every table that somebody answered it for."""
    found = []
    for one in inputs.slices:
        before = round_before(one, number, rating=rating)
        asked = {a.group: a for a in inputs.asked if not one.table or one.table in a.tables}
        answers = _answers(one, before, rating=rating) if before is not None else {}
        if answers:
            found.append(Before(one, answers, asked))
    return tuple(found)


def _answers(inputs: Inputs, before: DelphiRound, *, rating: bool) -> Mapping[str, tuple[PanelRound, tuple[str, ...]]]:
    if rating:
        rated = rating_round(inputs, before)
        return {} if rated is None else {RATED: (rated, tuple(i.code for i in inputs.system.heads))}
    answers = ((g, panel_round(g, before)) for g in groups_of(inputs.system) if g.asked)
    return {g.name: (p, g.keys) for g, p in answers if p is not None}


def feedback_for(inputs: Inputs, before: Sequence[Before], expert: str, number: int, *, rating: bool) -> Feedbacks:
    """Put together what one expert is shown.

    ``number``: the round before.
    """
    said = shared_with(inputs, expert, number, rated=rating)
    shown: dict[str, dict[str, ItemFeedback]] = {}
    for one in before:
        groups = {i.code: one.asked[i.category] for i in one.inputs.system.heads} if rating else {}
        for group, (answers, keys) in one.answers.items():
            name = RATED if rating else one.asked[group].name
            for key, item in zip(keys, _items(inputs, answers, expert), strict=True):
                called = groups[key].rated(key) if rating else key
                shown.setdefault(name, {})[called] = replace(item, reasons=said.get((name, called), ()))
    return shown


def _items(inputs: Inputs, answers: PanelRound, expert: str) -> tuple[ItemFeedback, ...]:
    if expert not in answers.experts:  # did not answer the round before, and sees what the others said
        silent = np.full((1, len(answers.items)), np.nan)
        answers = PanelRound(
            np.vstack([answers.values, silent]), (*answers.experts, expert), answers.items, answers.group, answers.scale
        )
    return feedback(answers, expert, convention=inputs.settings.quartile).items
