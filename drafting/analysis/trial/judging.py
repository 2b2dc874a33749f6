"""From survey columns to memberships and grades: the part of the trial that every question about it repeats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from baselines import round_values
from drafting.analysis.trial.classes import class_scores, settled
from drafting.evaluation import Evaluation, Membership, evaluate, membership
from drafting.evaluation.draft import Draft, criterion, decimals_of
from drafting.evaluation.membership import resolve
from drafting.evaluation.weights import AnyWeight
from drafting.findings import Finding, Provenance, finding
from drafting.model.bounds import Bound
from drafting.model.exclusions import taking_part
from drafting.model.inputs import Inputs
from drafting.model.labels import Labels, merging_rule
from drafting.model.results import IndicatorBaselines
from drafting.model.survey import State, Survey, counting
from drafting.model.terms import GRADES

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
_TOGETHER = 8192
"""Enterprises graded in one go where they are graded again and again."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Enterprises with the grades their values reach, ready to be graded again under other weights or baselines."""

    draft: Draft
    survey: Survey
    rows: NDArray[np.intp]
    """(E,): rows of the survey that take part."""
    values: Floats
    """(E, J): as judged: NaN where missing, rounded under 修约值比较法."""
    below: Flags
    """(E, J): Non-detects."""
    strata: NDArray[np.str_] | None
    """(E,) or None: where baselines are given by stratum: the stratum after merging."""
    membership: Membership
    excluded: Flags
    """(E,): clause 6."""
    portions: Mapping[int, tuple[Fraction, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Enterprise -> what its class rows have of their indicator's weight (类别计分 = 按产量)."""
    together: tuple[tuple[int, ...], ...] = ()
    """Class rows that reach a grade together or not at all (类别计分 = 全部达到); memberships are before that."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the enterprises."""
        return tuple(self.survey.enterprises[row] for row in self.rows.tolist())

    def grades(self, cases: Iterable[tuple[Flags, Flags]]) -> Iterator[NDArray[np.int8]]:
        """Grade the same enterprises under many memberships, each ``(reached, missing)``; gives the grades of each.

        Small surveys are put below each other: a call for each would take longer than its grading.
        """
        size, given = len(self), iter(cases)
        while chosen := [*islice(given, max(1, _TOGETHER // max(size, 1)))]:
            count = len(chosen)
            applicable = np.tile(self.membership.applicable, (count, 1))
            reached, missing = (np.concatenate(arrays) for arrays in zip(*chosen, strict=True))
            portions = {n * size + row: of for n in range(count) for row, of in self.portions.items()}
            excluded = np.tile(self.excluded, count)
            stacked = replace(
                self, rows=np.tile(self.rows, count), membership=Membership(reached, applicable, missing, ()),
                excluded=excluded, portions=portions,
            )  # fmt: skip
            yield from stacked.grade().grades.reshape(count, size)

    def grade(
        self,
        reached: NDArray[np.bool_] | None = None,
        *,
        missing: NDArray[np.bool_] | None = None,
        weights: Sequence[AnyWeight] | None = None,
        category_weights: Sequence[AnyWeight] | None = None,
        draft: Draft | None = None,
    ) -> Evaluation:
        """Grade by Appendix D; what is not given stays as the draft has it."""
        of = draft or self.draft
        own = self.membership.reached if reached is None else reached
        return evaluate(
            settled(own, self.membership.applicable, self.together),
            of.weights if weights is None else weights,
            groups=of.groups,
            category_weights=of.category_weights if category_weights is None else category_weights,
            limiting=of.limiting,
            rule=of.rule,
            applicable=self.membership.applicable,
            missing=self.membership.missing if missing is None else missing,
            excluded=self.excluded,
            bonus=of.bonus,
            empty_category="renormalise" if of.renormalise else "as-printed",
            portions=self.portions,
        )


def judge_survey(
    inputs: Inputs, draft: Draft, survey: Survey, rows: Sequence[int], where: Provenance
) -> tuple[Judged, list[Finding]]:
    """Judge the values of some rows of a survey against the draft's baselines."""
    classes, found = class_scores(inputs, draft, survey, rows, where)
    chosen = np.array(classes.rows, dtype=np.intp)
    values, not_applicable, below = table_of(draft, survey, chosen)
    strata = _strata(inputs, draft, survey, chosen)
    if strata is not None:
        found += _unknown_strata(draft, survey, chosen, strata, where)
    judged, notes = memberships(
        draft=draft,
        survey=survey,
        rows=chosen,
        values=values,
        not_applicable=not_applicable,
        below=below,
        strata=strata,
        where=where,
    )
    found += notes
    barred = survey.violations[chosen]
    return Judged(
        draft=draft,
        survey=survey,
        rows=chosen,
        values=values,
        below=below,
        strata=strata,
        membership=judged,
        excluded=barred,
        portions=classes.portions,
        together=classes.together,
    ), found


def judged_pieces(
    inputs: Inputs, drafts: Sequence[Draft], survey: Survey, where: Provenance
) -> Iterator[tuple[tuple[Judged, ...], list[Finding]]]:
    """Judge the enterprises of a survey that take part, piece by piece, by drafts of the same indicators.

    ``survey`` has the marks of sheet 剔除; findings are those by the first draft.
    """
    taking, row = np.asarray(taking_part(inputs.exclusions, survey), dtype=np.intp), 0
    for piece in survey.pieces([i.code for i in drafts[0].indicators]):
        first, last = np.searchsorted(taking, [row, row + len(piece)])
        rows, here = (taking[first:last] - row).tolist(), where.from_row(row) if row else where
        judged = [judge_survey(inputs, draft, piece, rows, here) for draft in drafts]
        yield tuple(one for one, _ in judged), judged[0][1]
        row += len(piece)


def memberships(
    draft: Draft,
    survey: Survey,
    rows: NDArray[np.intp],
    values: Floats,
    *,
    not_applicable: Flags,
    below: Flags,
    strata: NDArray[np.str_] | None,
    where: Provenance,
) -> tuple[Membership, list[Finding]]:
    """Who reaches what; by stratum where baselines are given by stratum."""
    parameters = {name: column[rows] for name, column in survey.parameters.items()}
    reached = np.zeros((*values.shape, len(GRADES)), dtype=np.bool_)
    missing = np.zeros(values.shape, dtype=np.bool_)
    found: list[Finding] = []
    for at, baselines in _parts(draft, strata, len(rows)):
        part = membership(
            values[at],
            [criterion(i, one) for i, one in zip(draft.indicators, baselines, strict=True)],
            not_applicable=not_applicable[at],
            below_detection=below[at],
            parameters=_parameters(draft, parameters, at),
        )
        reached[at], missing[at] = part.reached, part.missing
        found += _unjudged(part, draft, where)
    return Membership(reached, ~not_applicable, missing, ()), found


def bounds_of(draft: Draft, strata: NDArray[np.str_] | None, size: int) -> NDArray[np.float64]:
    """Give the number that each enterprise's value is held against, (E, J, 3); NaN where there is no single number."""
    limits = np.full((size, len(draft.indicators), len(GRADES)), np.nan)
    for at, baselines in _parts(draft, strata, size):
        for j, (indicator, one) in enumerate(zip(draft.indicators, baselines, strict=True)):
            if indicator.qualitative:
                continue
            for g, bound in enumerate(resolve(criterion(indicator, one), j, [])):
                number = _number(bound)
                if number is not None:
                    limits[at, j, g] = number
    return limits


def _number(bound: Bound | None) -> float | None:
    if bound is None or not bound.judged or bound.number is None or bound.upper is not None:
        return None
    return float(bound.number)


def _parts(
    draft: Draft, strata: NDArray[np.str_] | None, size: int
) -> Iterator[tuple[NDArray[np.intp], tuple[IndicatorBaselines, ...]]]:
    """Rows that are judged alike, with the baselines that hold for them."""
    if strata is None:
        yield np.arange(size), draft.baselines
        return
    for name in dict.fromkeys(strata.tolist()):
        yield np.flatnonzero(strata == name), draft.baselines_in(name)


def _parameters(draft: Draft, known: dict[str, Floats], at: NDArray[np.intp]) -> dict[str, Floats]:
    """Parameters of formula baselines; a column that the survey does not have is one without values."""
    parts = {name: column[at] for name, column in known.items()}
    for one in (*draft.baselines, *draft.strata.values()):
        for level in one.by_grade.values():
            for name in level.bound.names:
                parts.setdefault(name, np.full(len(at), np.nan))
    return parts


def _strata(inputs: Inputs, draft: Draft, survey: Survey, rows: NDArray[np.intp]) -> NDArray[np.str_] | None:
    if not draft.strata or survey.strata is None:
        return None
    labels = Labels.of(survey.strata).renamed(dict(merging_rule(inputs.settings.merge_strata)))
    named: NDArray[np.str_] = np.array(labels.words, dtype=np.str_)[labels.at[rows]]
    return named


def _unknown_strata(
    draft: Draft, survey: Survey, rows: NDArray[np.intp], strata: NDArray[np.str_], where: Provenance
) -> Iterator[Finding]:
    for name in dict.fromkeys(strata.tolist()):
        if name not in draft.stratum_names:
            row = int(rows[np.flatnonzero(strata == name)[0]])
            place = where.find("survey", "分组", str(row))
            who = survey.enterprises[row]
            known = "、".join(draft.stratum_names)
            yield finding("evaluation-unknown-stratum", place, enterprise=who, stratum=name, known=known)


def table_of(draft: Draft, survey: Survey, rows: NDArray[np.intp]) -> tuple[Floats, Flags, Flags]:
    """Values (enterprises, indicators), NaN where missing; marks 不适用; marks of non-detects."""
    shape = (len(rows), len(draft.indicators))
    values = np.full(shape, np.nan)
    not_applicable, below = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for j, (indicator, baselines) in enumerate(zip(draft.indicators, draft.baselines, strict=True)):
        column = survey.columns.get(indicator.code)
        if column is None:
            continue
        states = column.states[rows]
        values[:, j] = np.where(counting(states), column.values[rows], np.nan)
        not_applicable[:, j] = states == State.NOT_APPLICABLE
        below[:, j] = states == State.NON_DETECT
        decimals = decimals_of(baselines)
        if draft.rounded and not indicator.qualitative and decimals is not None:
            values[:, j] = round_values(values[:, j], decimals)
    return values, not_applicable, below


def _unjudged(judged: Membership, draft: Draft, where: Provenance) -> Iterator[Finding]:
    for note in judged.notes:
        if note.code == "not-judged":
            indicator, grade = draft.indicators[note.indicator], GRADES[note.grade]
            level = draft.baselines[note.indicator].by_grade.get(grade)
            yield finding(
                "baseline-not-judged", where.find("indicator", indicator.code, f"{grade.chinese}基准值"),
                indicator=indicator.name, grade=grade.chinese[0], text=level.bound.format() if level else "—",
            )  # fmt: skip
