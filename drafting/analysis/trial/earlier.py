"""The surveyed enterprises by the earlier edition beside the draft: who moves, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from drafting.analysis.baselines.set_baselines import set_baselines
from drafting.analysis.trial.try_out import evaluate_survey
from drafting.analysis.weights.weigh import weigh
from drafting.findings import Provenance
from drafting.model.editions import Side, pairs, rows_of
from drafting.model.identity import label_key
from drafting.model.inputs import Inputs
from drafting.model.results import Beside, EnterpriseResult, Move, Results, Trial
from drafting.model.survey import State, Survey, SurveyColumn
from drafting.notation.units import normalise_unit


def beside(inputs: Inputs, trial: Trial, survey: Survey) -> Beside | None:
    """
    Evaluate enterprises by the earlier edition as well; None where there is none that can be evaluated.

    An indicator of the earlier edition takes the values of the draft's indicator of the same name and unit; of one that
    is answered by grades the words of the grades have to be the same too. One without such a counterpart does not apply
    to anybody (D.3); its name is given. Enterprises that the draft does not evaluate are left out.

    Parameters
    ----------
    inputs
        The draft's, with the earlier edition.
    trial
        The enterprises by the draft.
    survey
        Their values.
    """
    earlier = inputs.earlier
    if earlier is None or earlier.tables or inputs.tables:
        return None
    values, lacking = _renamed(earlier, inputs, survey)
    old = replace(earlier, survey=values)
    weights, _ = weigh(replace(old, survey=None), Provenance(), brief=True)
    baselines, _ = set_baselines(replace(old, survey=None), Provenance())
    if weights is None or baselines is None:
        return None
    judged, _ = evaluate_survey(old, weights, baselines, values, Provenance())
    if judged is None:
        return None
    by_name = {e.enterprise: e for e in judged.enterprises}
    both = [(by_name[e.enterprise], e) for e in trial.enterprises if not e.excluded and e.enterprise in by_name]
    moves = tuple(_move(one, other) for one, other in both)
    counts = Counter((m.before, m.after) for m in moves)
    return Beside(judged, moves, MappingProxyType(dict(counts)), lacking)


def _renamed(earlier: Inputs, inputs: Inputs, survey: Survey) -> tuple[Survey, tuple[str, ...]]:
    """The survey under the earlier edition's codes."""
    rows = pairs(rows_of(earlier, Results()), rows_of(inputs, Results()))
    found = {p.old.row: (p.old, p.new) for p in rows if p.old is not None and p.new is not None}
    columns: dict[str, SurveyColumn] = {}
    lacking: list[str] = []
    nothing = np.full(len(survey), np.nan)
    not_applicable = np.full(len(survey), State.NOT_APPLICABLE, dtype=np.uint8)
    for indicator in earlier.system.active:
        both = found.get(indicator.code)
        column = None if both is None else survey.columns.get(both[1].row)
        if column is None or both is None or not _same(*both, qualitative=indicator.qualitative):
            columns[indicator.code] = SurveyColumn(indicator.code, nothing, not_applicable)
            lacking.append(indicator.name)
        else:
            columns[indicator.code] = replace(column, code=indicator.code)
    plain = replace(survey, columns=MappingProxyType(columns), strata=None, derivations=MappingProxyType({}))
    return plain, tuple(dict.fromkeys(lacking))


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
