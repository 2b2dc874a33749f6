"""The rounds of a Delphi study as the core wants them: one array of answers per group and round.

Weights and importance ratings are two instruments: each has rounds and numbers of its own, and a round of ratings never
counts as one of weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from drafting.model.experts import DelphiRound
from drafting.model.inputs import Inputs
from drafting.model.system import FIRST_LEVEL
from drafting.model.weight_groups import Group
from weighting.answers import AnswerValueError, PanelRound, TooFewAnswersError
from weighting.stability import RoundStability, round_stability
from weighting.stopping import suffices
from weighting.stopping_rule import StoppingRule

BIN = 5.0
"""Width of the classes in which answers out of 100 are compared where the rule names no share, in points."""

RATED = "重要性评分"
"""Name of the one group that holds all candidates of the rating instrument."""


def panel_codes(inputs: Inputs, groups: Iterable[str] | None = None) -> tuple[str, ...]:
    """Everybody who was asked (for one of the groups): sheet 专家组, or those who answered where it is empty."""
    if inputs.experts:
        about = None if groups is None or not inputs.table else tuple(groups)
        return tuple(e.code for e in inputs.experts if about is None or any(inputs.asks(e, g) for g in about))
    answered = [m.expert for m in inputs.judgements]
    answered += [a.expert for r in (*inputs.delphi, *inputs.ratings) for a in r.answers]
    return tuple(dict.fromkeys(answered))


def weight_rounds(inputs: Inputs) -> tuple[DelphiRound, ...]:
    """Rounds in which somebody allocated weights, with the answers that did."""
    kept = ((r, tuple(a for a in r.answers if a.allocations)) for r in inputs.delphi)
    return tuple(DelphiRound(r.number, answers, r.name) for r, answers in kept if answers)


def rating_rounds(inputs: Inputs) -> tuple[DelphiRound, ...]:
    """Rounds in which somebody rated, with the answers that did."""
    kept = ((r, tuple(a for a in r.answers if a.ratings)) for r in inputs.ratings or inputs.delphi)
    return tuple(DelphiRound(r.number, answers, r.name) for r, answers in kept if answers)


def asked_in(inputs: Inputs, answers: DelphiRound) -> tuple[str, ...]:
    """Everybody who was asked in a round, or answered it: of several tables not every round asks for every group."""
    groups = dict.fromkeys(a.group for answer in answers.answers for a in answer.allocations)
    categories = {i.code: i.category for i in inputs.system.heads}
    groups |= dict.fromkeys(categories[k] for answer in answers.answers for k in answer.ratings if k in categories)
    return tuple(dict.fromkeys((*panel_codes(inputs, groups), *(a.expert for a in answers.answers))))


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


@dataclass(frozen=True, slots=True)
class Held:
    """One round of one group: its number, the answers, the round it is compared with, whether enough took part."""

    number: int
    answers: PanelRound
    before: PanelRound | None
    enough: bool

    @property
    def pairs(self) -> int | None:
        """Experts of both rounds; None without one before."""
        return None if self.before is None else len(set(self.before.experts) & set(self.answers.experts))


def held_rounds(
    rule: StoppingRule | None, panel: Sequence[str], rounds: Sequence[tuple[int, PanelRound]]
) -> list[Held]:
    """Rounds of one group in order: each is compared with the last one before it in which enough experts took part.

    An expert who left and came back is paired where both rounds have an answer, and only there. ``panel``: who is asked
    for the group.
    """
    found: list[Held] = []
    for number, answers in rounds:
        before = next((h.answers for h in reversed(found) if h.enough), found[-1].answers if found else None)
        held = Held(number, answers, before, True)
        asked = len({*panel, *answers.experts})
        if rule is not None and not suffices(rule, asked, len(answers.experts), held.pairs):
            held = Held(number, answers, before, False)
        found.append(held)
    return found


def deciding(rounds: Sequence[Held]) -> Held:
    """The round that gives the weights: the last one in which enough took part, else the last one."""
    return next((h for h in reversed(rounds) if h.enough), rounds[-1])


def compare(
    rule: StoppingRule | None, before: PanelRound, now: PanelRound, *, points: bool = True
) -> RoundStability | None:
    """Compare two rounds by the classes of the rule; None where no expert answered both.

    ``points``: whether answers are out of 100; short rating scales have a class per mark.
    """
    share = rule.class_share if rule is not None and points else None
    width = BIN if points and share is None else None
    try:
        return round_stability(before, now, bin_width=width, class_share=share)
    except TooFewAnswersError:
        return None


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
        keys, names, name = [i.code for i in inputs.system.heads], [i.name for i in inputs.system.heads], RATED
        if len(set(names)) != len(names):
            names = [f"{i.name}（{i.code}）" for i in inputs.system.heads]
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
    allocated = any(a.group == group for r in inputs.delphi for answer in r.answers for a in answer.allocations)
    rounds = weight_rounds(inputs) if allocated else rating_rounds(inputs)
    answers = {a.expert: a for r in rounds if r.number == number for a in r.answers}
    table = []
    for expert in experts:
        answer = answers[expert]
        own = next((a.opinions for a in answer.allocations if a.group == group), {})
        table.append(tuple(own.get(key) or answer.suggestions.get(key) for key in keys))
    return tuple(table)
