"""Figures of closed rounds: the same functions that weigh a project, on what the snapshot holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.weights.ahp import METHODS
from drafting.analysis.weights.rounds import compare
from drafting.panel import furthest, items, naming
from drafting.panel.definition import Definition, Group, Instrument
from drafting.panel.lifecycle import Snapshot
from weighting import (
    Analysis,
    Consensus,
    Dissent,
    Feedback,
    PanelRound,
    PanelWeights,
    RoundStability,
    RoundStatistics,
    StoppingRule,
    aggregate_judgements,
    aggregate_priorities,
    allocation_weights,
    analyse,
    consensus,
    dissent,
    feedback,
    importance_weights,
    round_statistics,
)
from weighting.errors import WeightingError
from weighting.feedback import MINIMUM_ANSWERS
from weighting.quantiles import quantiles


@dataclass(frozen=True, eq=False)
class GroupAnswers:
    """One group's answers in one closed round."""

    number: int
    group: Group
    instrument: Instrument
    definition: Definition
    answers: PanelRound
    """By pseudonym, (experts, items): points, ratings, or for comparisons the weights they imply, out of 100."""
    reasons: tuple[tuple[str | None, ...], ...]
    """Opinions, (experts, items)."""
    matrices: NDArray[np.float64] | None = None
    """Ndarray or None: (experts, n, n) for comparisons."""
    analysis: Analysis | None = None
    """Weights and consistency of every matrix."""

    @property
    def enough(self) -> bool:
        """Whether group figures may be shown: from five answers."""
        return len(self.answers.experts) >= MINIMUM_ANSWERS

    @cached_property
    def statistics(self) -> RoundStatistics:
        """Statistics of every item."""
        return round_statistics(self.answers, convention=self.definition.quartile)

    def others_said(self, pseudonym: str, k: int) -> tuple[str, ...]:
        """What the other experts wrote on an item, sorted so that their order tells nothing; from five answers."""
        given = self.answers.values[:, k]
        if int(np.sum(~np.isnan(given))) < MINIMUM_ANSWERS:
            return ()
        rows = zip(self.answers.experts, self.reasons, strict=True)
        return tuple(sorted(said for p, texts in rows if p != pseudonym and (said := naming.passed_on(texts[k]))))

    @cached_property
    def pair_figures(self) -> Mapping[tuple[int, int], tuple[float, float, float]]:
        """Median and quartiles of each comparison, on the logarithmic scale of judgements; from five answers."""
        found: dict[tuple[int, int], tuple[float, float, float]] = {}
        if self.matrices is None:
            return found
        for i, j in items.pairs(len(self.group.items)):
            given = np.log(self.matrices[:, i, j])
            given = given[~np.isnan(given)]
            if given.size >= MINIMUM_ANSWERS:
                q1, q3 = quantiles(given, (0.25, 0.75), self.definition.quartile)
                found[i, j] = (float(np.exp(np.median(given))), float(np.exp(q1)), float(np.exp(q3)))
        return found

    def feedback(self, pseudonym: str) -> Feedback | None:
        """What one expert sees of this round; None for who did not answer the group (see :meth:`bystander`)."""
        if pseudonym not in self.answers.experts:
            return None
        return feedback(self.answers, pseudonym, reasons=self.reasons, convention=self.definition.quartile)

    @cached_property
    def bystander(self) -> Feedback:
        """What an expert sees who did not answer: the group's figures without an own answer."""
        values = np.vstack([self.answers.values, np.full((1, len(self.group.items)), np.nan)])
        widened = PanelRound(
            values, (*self.answers.experts, ""), self.answers.items, self.answers.group, self.answers.scale
        )
        reasons = (*self.reasons, (None,) * len(self.group.items))
        return feedback(widened, "", reasons=reasons, convention=self.definition.quartile)

    @cached_property
    def weights(self) -> PanelWeights | None:
        """Weights of the group by points or ratings, all experts alike."""
        try:
            if self.instrument is Instrument.ALLOCATION:
                return allocation_weights(self.answers)
            return importance_weights(self.answers) if self.instrument is Instrument.RATING else None
        except WeightingError:
            return None

    @cached_property
    def compared(self) -> NDArray[np.float64] | None:
        """Weights of the group by comparisons, all experts used, aggregated as the settings say."""
        if self.matrices is None or self.analysis is None or np.isnan(self.matrices).any():
            if self.analysis is None:
                return None
            return np.asarray(aggregate_priorities(self.analysis.weights))
        method = METHODS[str(self.definition.settings["prioritisation"])]
        if self.definition.settings["aggregation"] == "AIP":
            return np.asarray(aggregate_priorities(self.analysis.weights))
        return np.asarray(analyse(aggregate_judgements(self.matrices), method, self.definition.random_index).weights)

    @cached_property
    def consensus(self) -> Consensus | None:
        """How far the experts' weights agree; for comparisons."""
        if self.analysis is None or len(self.answers.experts) < 2:
            return None
        return consensus(self.analysis.weights)

    def dissent(self, before: GroupAnswers | None) -> tuple[Dissent, ...]:
        """Answers outside the quartiles."""
        previous = before.answers if before is not None else None
        return dissent(self.answers, previous, reasons=self.reasons, convention=self.definition.quartile)

    def stability(self, before: GroupAnswers | None, rule: StoppingRule | None = None) -> RoundStability | None:
        """Change since the round before, over the experts of both, by the classes of the rule."""
        if before is None:
            return None
        wide = self.instrument is not Instrument.RATING or self.definition.scale[1] > 10
        return compare(rule, before.answers, self.answers, points=wide)


@dataclass(frozen=True, eq=False)
class Figures:
    """All groups of a closed round; groups that nobody answered are absent."""

    snapshot: Snapshot
    definition: Definition
    groups: Mapping[int, GroupAnswers]

    @property
    def valid(self) -> int:
        """Experts who submitted."""
        return len(self.snapshot.answers)

    @cached_property
    def reasons_asked(self) -> Mapping[str, frozenset[str]]:
        """Opinions that the next round asks for, by pseudonym."""
        return furthest.asked(self)


def figures(snapshot: Snapshot, definition: Definition) -> Figures:
    """Arrange a snapshot by groups."""
    instrument = snapshot.round.instrument
    found = {}
    for number, group in enumerate(definition.of(instrument)):
        own = (
            _compared(snapshot.answers, number, group, definition)
            if instrument is Instrument.PAIRWISE
            else _answered(snapshot.answers, number, group, definition, instrument)
        )
        if own is not None:
            found[number] = own
    return Figures(snapshot, definition, found)


def _names(group: Group) -> tuple[str, ...]:
    names = tuple(i.name for i in group.items)
    return names if len(set(names)) == len(names) else tuple(f"{i.name}（{i.key}）" for i in group.items)


def _answered(
    submitted: Mapping[str, Mapping[str, str]],
    number: int,
    group: Group,
    definition: Definition,
    instrument: Instrument,
) -> GroupAnswers | None:
    experts, rows, reasons = [], [], []
    size = range(len(group.items))
    for pseudonym, values in submitted.items():
        row = items.row(values, instrument, number, group)
        if not all(np.isnan(row)):
            experts.append(pseudonym)
            rows.append(row)
            reasons.append(tuple(values.get(items.opinion(number, k)) or None for k in size))
    if not rows:
        return None
    scale = (float(definition.scale[0]), float(definition.scale[1])) if instrument is Instrument.RATING else None
    answers = PanelRound(rows, experts, _names(group), group.name, scale)
    return GroupAnswers(number, group, instrument, definition, answers, tuple(reasons))


def _compared(
    submitted: Mapping[str, Mapping[str, str]], number: int, group: Group, definition: Definition
) -> GroupAnswers | None:
    size = len(group.items)
    asked = items.questions(Instrument.PAIRWISE, number, group)
    given = {p: values for p, values in submitted.items() if any(values.get(q) for q in asked)}
    if not given:
        return None
    stack = _stack(given.values(), asked, size)
    method = METHODS[str(definition.settings["prioritisation"])]
    analysis = analyse(stack, method, definition.random_index, limit=definition.cr_limit, labels=_names(group))
    answers = PanelRound(analysis.weights * items.TOTAL, list(given), _names(group), group.name)
    blank = tuple((None,) * size for _ in given)
    return GroupAnswers(
        number=number,
        group=group,
        instrument=Instrument.PAIRWISE,
        definition=definition,
        answers=answers,
        reasons=blank,
        matrices=stack,
        analysis=analysis,
    )


def _stack(submitted: Any, asked: Sequence[str], size: int) -> NDArray[np.float64]:
    """All matrices at once; the same numbers as :func:`items.matrix` one by one."""
    none = (np.nan, np.nan)
    flat = np.array(
        [[items.STEPS.get(v.get(q, ""), none) for q in asked] for v in submitted], dtype=np.float64
    )  # (experts, pairs, 2)
    rows, columns = np.triu_indices(size, 1)
    stack = np.tile(np.eye(size), (len(flat), 1, 1))
    stack[:, rows, columns], stack[:, columns, rows] = flat[:, :, 0], flat[:, :, 1]
    for k, values in enumerate(submitted):  # what a mailed workbook says beside the scale
        for at, q in enumerate(asked):
            text = values.get(q, "")
            if text and text not in items.STEPS:
                number = items.value_of(text)
                stack[k, rows[at], columns[at]], stack[k, columns[at], rows[at]] = number, 1 / number
    return stack
