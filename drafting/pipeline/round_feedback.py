"""What an expert sees of the round before: own answer, quartiles, distribution, every opinion of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from drafting.analysis.weights.opinions import shared_with
from drafting.analysis.weights.rounds import RATED, panel_round, rating_round, rating_rounds, weight_rounds

if TYPE_CHECKING:
    from drafting.analysis.weights.groups import Group
    from drafting.model.experts import DelphiRound
    from drafting.model.inputs import Inputs
    from drafting.workbook.questionnaires.delphi_sheets import Feedbacks
    from weighting import ItemFeedback, PanelRound

Previous = Mapping[str, tuple["PanelRound", tuple[str, ...]]]
"""Answers of the round before by group, with the keys of their items."""


def round_before(inputs: Inputs, number: int, *, rating: bool) -> DelphiRound | None:
    """The round before a number of the same instrument; None where nobody answered it."""
    rounds = rating_rounds(inputs) if rating else weight_rounds(inputs)
    return next((r for r in rounds if r.number == number - 1), None)


def previous(inputs: Inputs, groups: Sequence[Group], before: DelphiRound | None, *, rating: bool) -> Previous:
    """Answers of the round before as arrays."""
    if before is None:
        return {}
    if rating:
        rated = rating_round(inputs, before)
        return {} if rated is None else {RATED: (rated, tuple(i.code for i in inputs.system.active))}
    answers = ((g, panel_round(g, before)) for g in groups)
    return {g.name: (p, g.keys) for g, p in answers if p is not None}


def feedback_for(inputs: Inputs, before: Previous, expert: str, number: int, *, rating: bool) -> Feedbacks:
    """
    Put together what one expert is shown.

    Parameters
    ----------
    number
        The round before.
    """
    said = shared_with(inputs, expert, number, rated=rating)
    shown: dict[str, Mapping[str, ItemFeedback]] = {}
    for group, (answers, keys) in before.items():
        items = _items(inputs, answers, expert)
        shown[group] = {
            key: replace(item, reasons=said.get((group, key), ())) for key, item in zip(keys, items, strict=True)
        }
    return shown


def _items(inputs: Inputs, answers: PanelRound, expert: str) -> tuple[ItemFeedback, ...]:
    import numpy as np

    from weighting import PanelRound, feedback

    if expert not in answers.experts:  # did not answer the round before, and sees what the others said
        silent = np.full((1, len(answers.items)), np.nan)
        answers = PanelRound(
            np.vstack([answers.values, silent]), (*answers.experts, expert), answers.items, answers.group, answers.scale
        )
    return feedback(answers, expert, convention=inputs.settings.quartile).items
