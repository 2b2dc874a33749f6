"""How class rows count for an enterprise that has several classes of one indicator (setting 类别计分)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from drafting.evaluation.draft import Draft
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.survey import State, Survey
from drafting.model.tables import ALL_REACHED, CLASSES_BY_OUTPUT, EQUALLY


@dataclass(frozen=True, slots=True)
class ClassScores:
    """Which rows of a survey can be judged, and what part of its weight each class row has for them."""

    rows: tuple[int, ...]
    """Rows that are judged: enterprises with several classes only as far as the setting says what they score."""
    portions: Mapping[int, tuple[Fraction, ...]] = field(default_factory=dict)
    """Position among ``rows`` -> for every indicator its multiple of the equal part; positions that are absent have 1.
    """
    together: tuple[tuple[int, ...], ...] = ()
    """Class rows (positions in the draft) of one indicator of which a grade is reached by all or by none."""


def settled(
    reached: NDArray[np.bool_], applicable: NDArray[np.bool_], together: Sequence[Sequence[int]]
) -> NDArray[np.bool_]:
    """Apply 全部达到 to memberships (E, J, 3): a class row reaches a grade only if its indicator's others do."""
    if not together:
        return reached
    result = reached.copy()
    for places in together:
        at = list(places)
        result[:, at] &= np.all(reached[:, at] | ~applicable[:, at, None], axis=1, keepdims=True)
    return result


def class_scores(
    inputs: Inputs, draft: Draft, survey: Survey, rows: Sequence[int], where: Provenance
) -> tuple[ClassScores, list[Finding]]:
    """Say how the class rows of a draft count for some rows of a survey."""
    pools: dict[str, list[int]] = {}
    for j, indicator in enumerate(draft.indicators):
        if indicator.of:
            pools.setdefault(indicator.of, []).append(j)
    setting = inputs.settings.class_score
    found: list[Finding] = []
    if not pools:
        return ClassScores(tuple(rows)), found
    applies = {code: _applies(draft, survey, places) for code, places in pools.items()}
    if setting in (ALL_REACHED, EQUALLY):
        together = tuple(tuple(p) for p in pools.values()) if setting == ALL_REACHED else ()
        return ClassScores(tuple(rows), together=together), found
    kept: list[int] = []
    portions: dict[int, tuple[Fraction, ...]] = {}
    for row in rows:
        several = [code for code in pools if np.count_nonzero(applies[code][row]) > 1]
        shares = {j: p for code in several for j, p in _shares(draft, survey, pools[code], applies[code], row).items()}
        if several and (setting != CLASSES_BY_OUTPUT or not shares):
            name = draft.indicators[pools[several[0]][0]].of_name
            code = "trial-class-outputs" if setting == CLASSES_BY_OUTPUT else "trial-two-classes"
            place = where.find("survey", "企业", str(row))
            found.append(finding(code, place, enterprise=survey.enterprises[row], name=name))
            continue
        if shares:
            portions[len(kept)] = tuple(shares.get(j, Fraction(1)) for j in range(len(draft.indicators)))
        kept.append(row)
    return ClassScores(tuple(kept), portions), found


def _applies(draft: Draft, survey: Survey, places: Sequence[int]) -> NDArray[np.bool_]:
    columns = [survey.columns.get(draft.indicators[j].code) for j in places]
    nobody = np.zeros(len(survey), dtype=np.bool_)
    return np.stack([nobody if c is None else c.states != State.NOT_APPLICABLE for c in columns], axis=1)


def _shares(
    draft: Draft, survey: Survey, places: Sequence[int], applies: NDArray[np.bool_], row: int
) -> Mapping[int, Fraction]:
    """Multiples of the equal part by output; nothing where an output is not known, or all are 0."""
    mine = [j for j, has in zip(places, applies[row].tolist(), strict=True) if has]
    told = [survey.class_outputs.get(draft.indicators[j].code) for j in mine]
    outputs = [None if of is None else of[row] for of in told]
    known = [Fraction(o) for o in outputs if o is not None]
    total = sum(known, Fraction())
    if len(known) < len(mine) or not total:
        return {}
    return {j: len(mine) * o / total for j, o in zip(mine, known, strict=True)}
