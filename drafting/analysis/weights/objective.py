"""Objective companions (熵权法, CRITIC法): weights of a category's indicators from what the survey says about them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.baselines.cleaning import exclude
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.survey import counting
from drafting.model.terms import Direction
from drafting.model.weight_details import SurveyWeightDetails
from drafting.model.weight_groups import Group
from weighting import critic_weights, entropy_weights
from weighting.errors import WeightingError

ENTROPY, CRITIC = "熵权法", "CRITIC法"


def by_survey(
    inputs: Inputs, group: Group, word: str, where: Provenance
) -> tuple[NDArray[np.float64] | None, SurveyWeightDetails | None, list[Finding]]:
    """Weigh one category by the survey.

    Values that are missing, not applicable or excluded are left out, each indicator using the enterprises that have it;
    a value below the detection limit counts as the limit, a qualitative answer as the number of grades reached.

    ``word``: 熵权法 or CRITIC法.
    """
    if inputs.survey is None:
        return None, None, []
    survey, _ = exclude(inputs, inputs.survey, where)
    absent = [n for k, n in zip(group.keys, group.names, strict=True) if k not in survey.columns]
    if absent:
        return None, None, [finding("objective-no-column", group=group.name, method=word, names="、".join(absent))]
    columns = [survey.columns[key] for key in group.keys]
    values = np.column_stack([np.where(counting(c.states), c.values, np.nan) for c in columns])
    directions = [
        "smaller" if inputs.system.indicator(key).direction is Direction.SMALLER else "larger" for key in group.keys
    ]
    values = values[~np.isnan(values).all(axis=1)]
    method = entropy_weights if word == ENTROPY else critic_weights
    try:
        found = method(values, directions, missing="available", indicators=group.labels)
    except WeightingError as error:
        # which indicators stand at fault is the last index of every place
        at = sorted({place[-1] for place in error.indices if place})
        names = "、".join(group.names[j] for j in at if j < group.size) or "全部指标"
        return None, None, [finding("objective-undefined", group=group.name, method=word, names=names)]
    notes = []
    if found.constant:
        names = "、".join(group.names[j] for j in found.constant)
        notes.append(finding("objective-constant", group=group.name, method=word, names=names))
    return (
        found.weights,
        SurveyWeightDetails(
            method=word,
            weights=tuple(found.weights.tolist()),
            information=tuple(found.information.tolist()),
            enterprises=dict(zip(group.labels, found.n, strict=True)),
            constant=tuple(group.names[j] for j in found.constant),
            missing="各指标用其现有的企业",
            normalisation=found.normalisation,
        ),
        notes,
    )
