"""Delphi (C.2.2): the last closed round's allocations of one group to weights, with the statistics of every round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.weights.agreement import agreement
from drafting.analysis.weights.authority import authority_of
from drafting.analysis.weights.dissent import apart, dissent_plain
from drafting.analysis.weights.groups import Group
from drafting.analysis.weights.rounds import (
    Held,
    compare,
    deciding,
    held_rounds,
    panel_codes,
    rating_round,
    rating_rounds,
    rounds_of,
)
from drafting.analysis.weights.stopping import next_round, rule_in_force
from drafting.analysis.weights.uncertainty import of_allocations
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from weighting import (
    PanelRound,
    PanelWeights,
    RoundStability,
    RoundStatistics,
    StoppingRule,
    allocation_weights,
    importance_weights,
    round_statistics,
)
from weighting.answers import TooFewAnswersError


@dataclass(frozen=True, slots=True)
class Consulted:
    """What the rounds say about one group; ``weights`` is None if nobody answered for it."""

    weights: NDArray[np.float64] | None
    details: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    findings: tuple[Finding, ...] = ()


def by_delphi(inputs: Inputs, group: Group, shares: Mapping[str, float] | None, where: Provenance) -> Consulted:
    """Weigh one group by the last round in which enough experts took part.

    Direct allocations come first; a group that was only rated (重要性评分) is weighed by the ratings, with a warning.

    Parameters
    ----------
    shares
        Weights of the experts by code under setting 专家权重; the authority-weighted result stands beside the plain
        one whenever the self-assessments are complete.
    """
    rounds = rounds_of(inputs, group)
    proxy = not rounds
    if proxy:
        rounds = [(r.number, p) for r in rating_rounds(inputs) if (p := rating_round(inputs, r, group)) is not None]
    if not rounds:
        return Consulted(None)
    found: list[Finding] = []
    if len(rounds) == 1:
        found.append(finding("delphi-round-one", advice=next_round(inputs, rounds[0][0] + 1, rated=proxy)))
    rule = rule_in_force(inputs)
    held = held_rounds(None if proxy else rule, panel_codes(inputs, (group.name,)), rounds)
    decisive = deciding(held)
    number, last = decisive.number, decisive.answers
    until = [(n, p) for n, p in rounds if n <= number]
    coefficients = shares or authority_of(inputs)
    authority = [coefficients.get(e, 0.0) for e in last.experts] if coefficients else None
    try:
        weighed = (importance_weights if proxy else allocation_weights)(last, authority=authority)
    except TooFewAnswersError as error:
        names = "、".join(group.labels[i] for (i,) in error.indices) or group.name
        return Consulted(None, MappingProxyType({}), (finding("ratings-missing", group=group.name, names=names),))
    if proxy:
        advice = next_round(inputs, 1, rated=False)
        found.append(finding("weights-by-ratings", group=group.name, advice=advice))
    chosen = weighed.weights
    if shares is not None and weighed.authority_weighted is not None:
        chosen = weighed.authority_weighted
    stability = _stability(rule, held, points=not proxy or inputs.settings.rating_scale > 10)
    details: dict[str, object] = {
        "items": list(group.labels),
        "instrument": weighed.instrument,
        "proxy": weighed.proxy,
        "round": number,
        "latest_round": rounds[-1][0],
        "provisional": not held[-1].enough,
        "plain": weighed.weights.tolist(),
        "authority_weighted": None if weighed.authority_weighted is None else weighed.authority_weighted.tolist(),
        "chosen": "authority" if chosen is weighed.authority_weighted else "plain",
        "experts_used": weighed.experts,
        "spread": weighed.spread,
        "quartiles": inputs.settings.quartile,
        "rounds": {str(n): items_plain(_statistics(inputs, p)) for n, p in rounds},
        "concordance": {str(n): concordance_plain(_statistics(inputs, p)) for n, p in rounds},
        "stability": {str(n): stability_plain(s) for n, s in stability},
        "dissent": [dissent_plain(d) for d in apart(inputs, group, until)],
        **_panel_details(inputs, group, weighed, shares, found),
    }
    return Consulted(chosen, MappingProxyType(details), tuple(found))


def _panel_details(
    inputs: Inputs, group: Group, weighed: PanelWeights, shares: Mapping[str, float] | None, found: list[Finding]
) -> Mapping[str, object]:
    """Agreement and uncertainty over the experts' own allocations."""
    if weighed.vectors is None:
        return {"vectors": None}
    vectors = dict(zip(weighed.experts, weighed.vectors, strict=True))
    agreed, more = agreement(vectors, group.name, group.labels, "allocations")
    found += more
    panel = None if shares is None else [shares.get(e, 0.0) for e in weighed.experts]
    return {
        "vectors": {e: v.tolist() for e, v in vectors.items()},
        **agreed,
        **of_allocations(inputs.settings, group.name, group.labels, vectors, panel),
    }


def _statistics(inputs: Inputs, answers: PanelRound) -> RoundStatistics:
    return round_statistics(answers, convention=inputs.settings.quartile)


def _stability(rule: StoppingRule | None, held: list[Held], *, points: bool) -> list[tuple[int, RoundStability]]:
    """Each round against the one it is compared with; none where nobody answered both: the stopping rule says so."""
    pairs = ((h.number, compare(rule, h.before, h.answers, points=points)) for h in held if h.before is not None)
    return [(number, found) for number, found in pairs if found is not None]


def items_plain(statistics: RoundStatistics) -> list[Mapping[str, object]]:
    """Statistics of every item as plain values."""
    return [
        {
            "item": i.item, "n": i.n, "missing": i.missing, "mean": i.mean, "sd": i.sd, "cv": i.cv,
            "median": i.median, "q1": i.q1, "q3": i.q3, "iqr": i.iqr, "minimum": i.minimum, "maximum": i.maximum,
            "full_mark_share": i.full_mark_share, "disagreement": i.rand.disagreement if i.rand else None,
        }
        for i in statistics.items
    ]  # fmt: skip


def concordance_plain(statistics: RoundStatistics) -> Mapping[str, object]:
    """Kendall's W of one round, or why there is none."""
    w = statistics.kendall
    if w is None:
        return {"w": None, "note": statistics.kendall_note}
    return {
        "w": w.w, "chi2": w.chi2, "df": w.df, "p": w.p, "experts": w.m, "items": w.n, "tied_experts": w.tied_experts,
        "missing": w.missing, "note": statistics.kendall_note,
    }  # fmt: skip


def stability_plain(stability: RoundStability) -> Mapping[str, object]:
    """Stability of one group between two rounds as plain values."""
    return {
        "paired": list(stability.paired),
        "only_before": list(stability.only_previous),
        "only_now": list(stability.only_current),
        "class_width": stability.bin_width,
        "class_share": stability.class_share,
        "items": [asdict(i) for i in stability.items],
    }
