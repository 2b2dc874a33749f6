"""The trial under other baselines, at once: only the columns that change are judged again, nobody is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from drafting.analysis.baselines.what_if import Change, Effect, Shares, try_baselines
from drafting.analysis.trial.binding import obstacles
from drafting.analysis.trial.judging import Judged, memberships, table_of
from drafting.analysis.trial.try_out import judge_trial
from drafting.evaluation import Evaluation
from drafting.evaluation.draft import Draft
from drafting.findings import Provenance
from drafting.model.inputs import Inputs
from drafting.model.results import Baselines, Weights
from drafting.model.terms import GRADES, Grade

_MOST = 5


@dataclass(frozen=True, slots=True)
class Holding:
    """An indicator that stops enterprises short of a grade, and how many."""

    code: str
    name: str
    blocked: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What other baselines would do.

    Attributes
    ----------
    effects : tuple of Effect
        For each change the share that its value gets.
    before, after : mapping of str to int, or None
        Distribution of trial grades; None where no trial is possible.
    moved : int
        Enterprises that get another grade.
    holding : mapping of Grade to tuple of Holding
        For each grade that was changed: the other indicators that stop most enterprises short of it then.
    """

    effects: tuple[Effect, ...]
    before: Mapping[str, int] | None
    after: Mapping[str, int] | None
    moved: int
    holding: Mapping[Grade, tuple[Holding, ...]]


class Live:
    """One project's trial, ready to be tried under other baselines.

    ``weights``: none where there are none yet: then only shares are given.
    """

    def __init__(self, inputs: Inputs, weights: Weights | None, baselines: Baselines) -> None:
        self._inputs, self._weights, self._baselines = inputs, weights, baselines
        self.shares = Shares(inputs)
        self._judged: Judged | None = None
        if weights is not None and inputs.survey is not None:
            self._judged = judge_trial(inputs, weights, baselines, inputs.survey, Provenance())[0]
        self._result: Evaluation | None = None if self._judged is None else self._judged.grade()

    def try_out(self, changes: Sequence[Change]) -> Tried:
        """Try changes, all at once; the figures are those of :func:`drafting.analysis.baselines.what_if.what_if`.

        Raises drafting.analysis.baselines.what_if.WhatIfError as there.
        """
        effects, changed = try_baselines(self._inputs, self._baselines, changes, self.shares)
        judged, result = self._judged, self._result
        if judged is None or result is None:
            return Tried(effects, None, None, 0, MappingProxyType({}))
        codes = {c.code for c in changes}
        at = [j for j, one in enumerate(judged.draft.indicators) if one.code in codes]
        after = self._graded(judged, changed, at) if at else result
        moved = int(np.count_nonzero(after.grades != result.grades))
        holding = {g: tuple(_holding(judged, after, g, at)) for g in dict.fromkeys(c.grade for c in changes)}
        return Tried(
            effects, MappingProxyType(result.distribution()), MappingProxyType(after.distribution()), moved,
            MappingProxyType(holding),
        )  # fmt: skip

    def _graded(self, judged: Judged, baselines: Baselines, at: Sequence[int]) -> Evaluation:
        if not any(judged.draft.indicators[j].of for j in at):
            return _again(judged, _with(judged.draft, baselines), at)
        # class rows of one indicator count together (类别计分): all columns are judged as in a full trial
        inputs, weights = self._inputs, self._weights
        assert inputs.survey is not None  # there is a trial
        assert weights is not None
        whole, _ = judge_trial(inputs, weights, baselines, inputs.survey, Provenance())
        return judged.grade() if whole is None else whole.grade()


def _with(draft: Draft, baselines: Baselines) -> Draft:
    found = {one.code: one for one in baselines.indicators}
    strata = {(one.code, one.stratum): one for one in baselines.strata}
    return replace(draft, baselines=tuple(found[i.code] for i in draft.indicators), strata=MappingProxyType(strata))


def _again(judged: Judged, draft: Draft, at: Sequence[int]) -> Evaluation:
    """Judge some columns again; the others reach what they reached."""
    part = replace(
        draft, indicators=tuple(draft.indicators[j] for j in at), baselines=tuple(draft.baselines[j] for j in at)
    )  # fmt: skip
    values, not_applicable, below = table_of(part, judged.survey, judged.rows)
    found, _ = memberships(
        draft=part, survey=judged.survey, rows=judged.rows, values=values, not_applicable=not_applicable, below=below,
        strata=judged.strata, where=Provenance(),
    )  # fmt: skip
    reached, missing = judged.membership.reached.copy(), judged.membership.missing.copy()
    reached[:, at], missing[:, at] = found.reached, found.missing
    return judged.grade(reached, missing=missing, draft=draft)


def _holding(judged: Judged, result: Evaluation, grade: Grade, changed: Sequence[int]) -> Iterator[Holding]:
    blocked = obstacles(result, GRADES.index(grade)).sum(axis=0)
    blocked[list(changed)] = 0
    for j in np.argsort(-blocked, kind="stable")[:_MOST].tolist():
        if blocked[j]:
            yield Holding(judged.draft.indicators[j].code, judged.draft.indicators[j].name, int(blocked[j]))
