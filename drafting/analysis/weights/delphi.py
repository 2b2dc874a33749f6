"""Delphi (C.2.2): the last closed round's allocations of one group to weights, with the statistics of every round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.weights.agreement import agreement
from drafting.analysis.weights.authority import authority_of
from drafting.analysis.weights.dissent import apart, dissenting
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
from drafting.model.weight_details import (
    ConsultedDetails,
    ItemStatistics,
    NoKendall,
    RoundKendall,
    StabilityDetails,
)
from drafting.model.weight_groups import Group
from weighting import (
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
    details: ConsultedDetails | None = None
    findings: tuple[Finding, ...] = ()


def by_delphi(inputs: Inputs, group: Group, shares: Mapping[str, float] | None, where: Provenance) -> Consulted:
    """Weigh one group by the last round in which enough experts took part.

    Direct allocations come first; a group that was only rated (重要性评分) is weighed by the ratings, with a warning.

    ``shares``: weights of the experts by code under setting 专家权重; the authority-weighted result stands beside the
    plain one whenever the self-assessments are complete.
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
        return Consulted(None, None, (finding("ratings-missing", group=group.name, names=names),))
    if proxy:
        advice = next_round(inputs, 1, rated=False)
        found.append(finding("weights-by-ratings", group=group.name, advice=advice))
    chosen = weighed.weights
    if shares is not None and weighed.authority_weighted is not None:
        chosen = weighed.authority_weighted
    stability = _stability(rule, held, points=not proxy or inputs.settings.rating_scale > 10)
    by_authority = weighed.authority_weighted
    counted = [(str(n), round_statistics(p, convention=inputs.settings.quartile)) for n, p in rounds]
    details = ConsultedDetails(
        items=group.labels,
        instrument=weighed.instrument,
        proxy=weighed.proxy,
        round=number,
        latest_round=rounds[-1][0],
        provisional=not held[-1].enough,
        plain=tuple(weighed.weights.tolist()),
        authority_weighted=None if by_authority is None else tuple(by_authority.tolist()),
        chosen="authority" if chosen is by_authority else "plain",
        experts_used=weighed.experts,
        spread=weighed.spread,
        quartiles=inputs.settings.quartile,
        rounds={n: _items(of) for n, of in counted},
        concordance={n: _concordance(of) for n, of in counted},
        stability={str(n): _described(s) for n, s in stability},
        dissent=tuple(dissenting(d) for d in apart(inputs, group, until)),
        vectors=None,
        agreement=None,
        uncertainty=None,
    )
    return Consulted(chosen, _with_panel(inputs, group, details, weighed, shares, found), tuple(found))


def _with_panel(
    inputs: Inputs, group: Group, details: ConsultedDetails, weighed: PanelWeights,
    shares: Mapping[str, float] | None, found: list[Finding],
) -> ConsultedDetails:  # fmt: skip
    """Add agreement and uncertainty over the experts' own allocations; ratings have none."""
    if weighed.vectors is None:
        return details
    vectors = dict(zip(weighed.experts, weighed.vectors, strict=True))
    agreed, more = agreement(vectors, group.name, group.labels, "allocations")
    found += more
    panel = None if shares is None else [shares.get(e, 0.0) for e in weighed.experts]
    return replace(
        details,
        vectors={e: tuple(v.tolist()) for e, v in vectors.items()},
        agreement=agreed,
        uncertainty=of_allocations(inputs.settings, group.name, group.labels, vectors, panel),
    )


def _stability(rule: StoppingRule | None, held: list[Held], *, points: bool) -> list[tuple[int, RoundStability]]:
    """Each round against the one it is compared with; none where nobody answered both: the stopping rule says so."""
    pairs = ((h.number, compare(rule, h.before, h.answers, points=points)) for h in held if h.before is not None)
    return [(number, found) for number, found in pairs if found is not None]


def _items(statistics: RoundStatistics) -> tuple[ItemStatistics, ...]:
    return tuple(
        ItemStatistics(
            item=i.item, n=i.n, missing=i.missing, mean=i.mean, sd=i.sd, cv=i.cv, median=i.median, q1=i.q1, q3=i.q3,
            iqr=i.iqr, minimum=i.minimum, maximum=i.maximum, full_mark_share=i.full_mark_share,
            disagreement=i.rand.disagreement if i.rand else None,
        )
        for i in statistics.items
    )  # fmt: skip


def _concordance(statistics: RoundStatistics) -> RoundKendall | NoKendall:
    """Kendall's W of one round, or why there is none."""
    w = statistics.kendall
    if w is None:
        return NoKendall(note=statistics.kendall_note)
    return RoundKendall(
        w=w.w, chi2=w.chi2, df=w.df, p=w.p, experts=w.m, items=w.n, tied_experts=w.tied_experts, missing=w.missing,
        note=statistics.kendall_note,
    )  # fmt: skip


def _described(stability: RoundStability) -> StabilityDetails:
    return StabilityDetails(
        paired=stability.paired,
        only_before=stability.only_previous,
        only_now=stability.only_current,
        class_width=stability.bin_width,
        class_share=stability.class_share,
        items=stability.items,
    )
