"""The surveyed enterprises by the earlier edition beside the draft: who moves, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from drafting.analysis.baselines.set_baselines import set_baselines
from drafting.analysis.trial.combine import Part, combine
from drafting.analysis.trial.try_out import evaluate_survey
from drafting.analysis.weights.weigh import weigh
from drafting.evaluation.draft import draft_of
from drafting.findings import Provenance
from drafting.model.editions import Side, pairs, rows_of
from drafting.model.identity import label_key
from drafting.model.inputs import Inputs
from drafting.model.results import Baselines, Beside, EnterpriseResult, Move, Results, Trial, Weights
from drafting.model.survey import State, Survey, SurveyColumn, counting
from drafting.model.system import Indicator
from drafting.model.terms import Direction
from drafting.notation.units import normalise_unit


def beside(inputs: Inputs, trial: Trial, survey: Survey) -> Beside | None:
    """Evaluate enterprises by the earlier edition as well; None where there is none that can be evaluated.

    An indicator of the earlier edition takes the values of the draft's indicator of the same name and unit; of one that
    is answered by grades the words of the grades have to be the same too. One without such a counterpart does not apply
    to anybody (D.3); its name is given. Enterprises that the draft does not evaluate are left out.

    ``inputs``: the draft's, with the earlier edition.
    ``trial``: the enterprises by the draft.
    ``survey``: their values.
    """
    old = _old(inputs, survey)
    if old is None:
        return None
    judged, _ = evaluate_survey(old.inputs, old.weights, old.baselines, old.survey, Provenance())
    return None if judged is None else _moved(judged, trial, old.lacking)


def beside_joined(inputs: Inputs, joined: Trial, surveys: Mapping[str, Survey | None]) -> Beside | None:
    """The same for enterprises over all their tables: both editions' verdicts joined by the draft's rule (多表评定).

    None where a table has no counterpart in the earlier edition.

    ``inputs``: the draft's, with several tables.
    ``joined``: the enterprises over all their tables by the draft.
    ``surveys``: their values by table.
    """
    parts: list[Part] = []
    lacking: list[str] = []
    for table, one in zip(inputs.tables, inputs.slices, strict=True):
        survey = surveys.get(table.key)
        if survey is None:
            continue
        old = _old(one, survey)
        draft = None if old is None else draft_of(old.inputs, old.weights, old.baselines)[0]
        if old is None or draft is None:
            return None
        parts.append(Part.of(table, old.inputs, draft, old.survey, surveyed=False))
        lacking += old.lacking
    judged, _ = combine(inputs, parts, Provenance())
    return None if judged is None else _moved(judged, joined, tuple(dict.fromkeys(lacking)))


@dataclass(frozen=True, slots=True)
class _Old:
    """The earlier edition's table that stands beside the draft's, with the values renamed for it."""

    inputs: Inputs
    weights: Weights
    baselines: Baselines
    survey: Survey
    lacking: tuple[str, ...]


def _old(inputs: Inputs, survey: Survey) -> _Old | None:
    if inputs.earlier is None or inputs.tables:
        return None
    earlier = _counterpart(inputs.earlier, inputs)
    if earlier is None:
        return None
    values, lacking = _renamed(earlier, inputs, survey)
    score = earlier.settings.class_score or inputs.settings.class_score
    old = replace(earlier, survey=values, settings=replace(earlier.settings, class_score=score))
    weights, _ = weigh(replace(old, survey=None), Provenance(), brief=True)
    baselines, _ = set_baselines(replace(old, survey=None), Provenance())
    return None if weights is None or baselines is None else _Old(old, weights, baselines, values, lacking)


def _counterpart(earlier: Inputs, inputs: Inputs) -> Inputs | None:
    """The earlier edition's table of the same key; else the one with most indicators of the same names, if any."""
    own = {row.key for row in rows_of(inputs, Results())}
    slices = earlier.slices
    same = next((one for one in slices if one.table and one.table == inputs.table), None)
    if same is not None or len(slices) == 1:
        return same or slices[0]
    shared = [sum(row.key in own for row in rows_of(one, Results())) for one in slices]
    return slices[shared.index(max(shared))] if any(shared) else None


def _moved(judged: Trial, trial: Trial, lacking: tuple[str, ...]) -> Beside:
    by_name = {e.enterprise: e for e in judged.enterprises}
    both = [(by_name[e.enterprise], e) for e in trial.enterprises if not e.excluded and e.enterprise in by_name]
    moves = tuple(_move(one, other) for one, other in both)
    counts = Counter((m.before, m.after) for m in moves)
    return Beside(judged, moves, MappingProxyType(dict(counts)), lacking)


def _renamed(earlier: Inputs, inputs: Inputs, survey: Survey) -> tuple[Survey, tuple[str, ...]]:
    """The survey under the earlier edition's codes."""
    draft_rows = rows_of(inputs, Results())
    rows = pairs(rows_of(earlier, Results()), draft_rows)
    found = {p.old.row: (p.old, p.new) for p in rows if p.old is not None and p.new is not None}
    columns: dict[str, SurveyColumn] = {}
    lacking: list[str] = []
    nothing = np.full(len(survey), np.nan)
    not_applicable = np.full(len(survey), State.NOT_APPLICABLE, dtype=np.uint8)
    for indicator in earlier.system.active:
        both = found.get(indicator.code)
        column = None if both is None else survey.columns.get(both[1].row)
        if both is None and (whole := _of_classes(indicator, draft_rows, survey)) is not None:
            columns[indicator.code] = whole
        elif column is None or both is None or not _same(*both, qualitative=indicator.qualitative):
            columns[indicator.code] = SurveyColumn(indicator.code, nothing, not_applicable)
            lacking.append(indicator.name)
        else:
            columns[indicator.code] = replace(column, code=indicator.code)
    outputs = {old.row: survey.class_outputs[new.row] for old, new in found.values() if new.row in survey.class_outputs}
    plain = replace(
        survey, columns=MappingProxyType(columns), strata=None, derivations=MappingProxyType({}),
        class_outputs=MappingProxyType(outputs),
    )  # fmt: skip
    return plain, tuple(dict.fromkeys(lacking))


def _of_classes(indicator: Indicator, rows: Sequence[Side], survey: Survey) -> SurveyColumn | None:
    """Values of an indicator that the draft divides into classes and the earlier edition did not.

    Of an enterprise with several classes the worst value counts, as one limit held for all of them; an answer that is
    missing in one of them is missing.
    """
    if indicator.qualitative or indicator.of:
        return None
    name, unit = label_key(indicator.name), normalise_unit(indicator.unit)
    own = [r for r in rows if r.class_name and label_key(r.name) == name and normalise_unit(r.unit) == unit]
    columns = [survey.columns[r.row] for r in own if r.row in survey.columns]
    if not own or len(columns) < len(own):
        return None
    states = np.stack([c.states for c in columns])
    applies = states != State.NOT_APPLICABLE
    worst, beyond = (np.nanmax, -np.inf) if indicator.direction is Direction.SMALLER else (np.nanmin, np.inf)
    told = np.where(applies & counting(states), np.stack([c.values for c in columns]), beyond)
    values = worst(told, axis=0)
    at = np.argmax(told == values, axis=0)
    state = np.where(applies.any(axis=0), np.take_along_axis(states, at[None], axis=0)[0], State.NOT_APPLICABLE)
    unknown = (applies & ~counting(states)).any(axis=0)
    state = np.where(unknown, State.MISSING, state)
    known = counting(state)
    return SurveyColumn(indicator.code, np.where(known, values, np.nan), state.astype(np.uint8))


def _same(old: Side, new: Side, *, qualitative: bool) -> bool:
    """Whether an answer to the new one answers the old one."""
    if normalise_unit(old.unit) != normalise_unit(new.unit):
        return False
    return not qualitative or [*map(label_key, old.baselines)] == [*map(label_key, new.baselines)]


def _move(one: EnterpriseResult, other: EnterpriseResult) -> Move:
    """Why: the conditions of the edition by which the grade is worse."""
    move = Move(one.enterprise, one.grade, other.grade)
    if not move.direction:
        return move
    return replace(move, why=(other if move.direction < 0 else one).reasons)
