"""Screening of a candidate indicator library by boundary values (界值法), on the last round of importance ratings."""

from __future__ import annotations

from collections.abc import Mapping

from drafting.analysis.weights.rounds import rating_round, rating_rounds
from drafting.findings import Finding, Provenance, finding
from drafting.model.consultation import Candidate, Screening, ScreeningBoundaries
from drafting.model.inputs import Inputs
from weighting import ScreeningDecision, ScreeningMeasure, round_statistics, screen
from weighting.answers import TooFewAnswersError

DECISIONS: Mapping[ScreeningDecision, str] = {
    ScreeningDecision.KEEP: "保留",
    ScreeningDecision.DISCUSS: "讨论",
    ScreeningDecision.DELETE: "剔除",
}
MEASURES: Mapping[ScreeningMeasure, str] = {
    ScreeningMeasure.MEAN: "均值",
    ScreeningMeasure.FULL_MARK_SHARE: "满分率",
    ScreeningMeasure.CV: "变异系数",
}
_DELETE_AT: Mapping[str, int] = {"三项": 3, "两项": 2}


def screen_candidates(inputs: Inputs, where: Provenance) -> tuple[Screening | None, list[Finding]]:
    """Screen all active indicators by the last round that rated them.

    Nothing is deleted: the committee decides, the result says what the boundaries suggest.

    Returns None if nobody rated, or too few did for boundaries.
    """
    rated = [(r, p) for r in rating_rounds(inputs) if (p := rating_round(inputs, r)) is not None]
    if not rated:
        return None, []
    last, answers = rated[-1]
    try:
        result = screen(
            round_statistics(answers, convention=inputs.settings.quartile),
            delete_at=_DELETE_AT[inputs.settings.screening],
        )
    except TooFewAnswersError:
        return None, [finding("screening-too-few", number=last.number)]
    statistics = round_statistics(answers, convention=inputs.settings.quartile).items
    candidates = tuple(
        Candidate(
            code=indicator.code, indicator=indicator.name, category=indicator.category, n=s.n, mean=s.mean,
            full_mark_share=s.full_mark_share, cv=s.cv, median=s.median,
            failed=tuple(MEASURES[m] for m in item.failed), decision=DECISIONS[item.decision],
            suggestions=tuple(
                sorted({a.suggestions[indicator.code] for a in last.answers if indicator.code in a.suggestions})
            ),
        )
        for indicator, item, s in zip(inputs.system.heads, result.items, statistics, strict=True)
    )  # fmt: skip
    found = []
    for decision, code in (("剔除", "screening-delete"), ("讨论", "screening-discuss")):
        names = [c.indicator for c in candidates if c.decision == decision]
        if names:
            found.append(finding(code, count=len(names), names="、".join(names)))
    limits, scale = result.boundaries, answers.scale or (1.0, float(inputs.settings.rating_scale))
    boundaries = ScreeningBoundaries(mean=limits.mean, full_mark_share=limits.full_mark_share, cv=limits.cv)
    return Screening(
        round=last.number, experts=len(answers.experts), scale=scale, delete_at=result.delete_at,
        boundaries=boundaries, candidates=candidates,
    ), found  # fmt: skip
