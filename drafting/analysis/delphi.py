"""Delphi (C.2.2): the last closed round's allocations to weights, with the statistics of every round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.groups import Group
from drafting.findings import Finding, Provenance, finding
from drafting.model.experts import DelphiRound
from drafting.model.inputs import Inputs
from weighting import allocation_weights, round_statistics
from weighting.answers import PanelRound


@dataclass(frozen=True, slots=True)
class Consulted:
    """What the rounds say about one group; ``weights`` is None if nobody answered for it."""

    weights: NDArray[np.float64] | None
    details: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    findings: tuple[Finding, ...] = ()


def panel_round(group: Group, answers: DelphiRound) -> PanelRound | None:
    """The allocations of one round to one group, (experts, items), NaN where an expert left an item blank."""
    rows: list[Sequence[float]] = []
    experts: list[str] = []
    for answer in answers.answers:
        for allocation in answer.allocations:
            if allocation.group == group.name:
                rows.append([allocation.weights.get(key, np.nan) for key in group.keys])
                experts.append(answer.expert)
    return PanelRound(rows, experts, group.names, group.name) if rows else None


def by_delphi(inputs: Inputs, group: Group, shares: Mapping[str, float] | None, where: Provenance) -> Consulted:
    """Weigh one group by the last round."""
    rounds = [(r.number, p) for r in inputs.delphi if (p := panel_round(group, r)) is not None]
    if not rounds:
        return Consulted(None)
    found: list[Finding] = []
    if len(rounds) == 1:
        found.append(finding("delphi-round-one"))
    number, last = rounds[-1]
    authority = None if shares is None else [shares.get(e, 0.0) for e in last.experts]
    weights = allocation_weights(last, authority=authority)
    chosen = weights.weights if weights.authority_weighted is None else weights.authority_weighted
    details = {
        "round": number,
        "plain": weights.weights.tolist(),
        "authority_weighted": None if weights.authority_weighted is None else weights.authority_weighted.tolist(),
        "rounds": {str(n): _statistics(inputs, p) for n, p in rounds},
    }
    return Consulted(chosen, MappingProxyType(details), tuple(found))


def _statistics(inputs: Inputs, answers: PanelRound) -> list[Mapping[str, object]]:
    statistics = round_statistics(answers, convention=inputs.settings.quartile)
    return [
        {"item": i.item, "n": i.n, "mean": i.mean, "sd": i.sd, "cv": i.cv, "median": i.median, "q1": i.q1, "q3": i.q3}
        for i in statistics.items
    ]
