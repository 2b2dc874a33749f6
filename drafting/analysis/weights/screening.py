"""Screening of a candidate indicator library by boundary values (界值法), on the last round of importance ratings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drafting.analysis.weights.rounds import rating_round, rating_rounds
from drafting.findings import Finding, Provenance, finding
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate indicator: what the panel thinks of it and what the boundaries say."""

    code: str
    name: str
    category: str
    n: int
    mean: float | None
    full_mark_share: float | None
    cv: float | None
    median: float | None
    failed: tuple[str, ...]
    decision: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CandidateScreening:
    """The screened library with the boundaries that were used."""

    round: int
    experts: int
    scale: tuple[float, float]
    mean_at_least: float
    full_mark_share_at_least: float
    cv_at_most: float
    delete_at: int
    candidates: tuple[Candidate, ...]

    def to_json(self) -> Mapping[str, object]:
        """Plain values."""
        return {
            "round": self.round, "experts": self.experts, "scale": list(self.scale), "delete_at": self.delete_at,
            "boundaries": {
                "mean": self.mean_at_least, "full_mark_share": self.full_mark_share_at_least, "cv": self.cv_at_most,
            },
            "candidates": [
                {
                    "code": c.code, "indicator": c.name, "category": c.category, "n": c.n, "mean": c.mean,
                    "full_mark_share": c.full_mark_share, "cv": c.cv, "median": c.median, "failed": list(c.failed),
                    "decision": c.decision, "suggestions": list(c.suggestions),
                }
                for c in self.candidates
            ],
        }  # fmt: skip


def screen_candidates(inputs: Inputs, where: Provenance) -> tuple[CandidateScreening | None, list[Finding]]:
    """Screen all active indicators by the last round that rated them.

    Nothing is deleted: the committee decides, the result says what the boundaries suggest.

    Returns
    -------
    CandidateScreening or None
        None if nobody rated, or too few did for boundaries.
    list of Finding
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
            indicator.code, indicator.name, indicator.category, s.n, s.mean, s.full_mark_share, s.cv, s.median,
            tuple(MEASURES[m] for m in item.failed), DECISIONS[item.decision],
            tuple(sorted({a.suggestions[indicator.code] for a in last.answers if indicator.code in a.suggestions})),
        )
        for indicator, item, s in zip(inputs.system.heads, result.items, statistics, strict=True)
    )  # fmt: skip
    found = []
    for decision, code in (("剔除", "screening-delete"), ("讨论", "screening-discuss")):
        names = [c.name for c in candidates if c.decision == decision]
        if names:
            found.append(finding(code, count=len(names), names="、".join(names)))
    limits, scale = result.boundaries, answers.scale or (1.0, float(inputs.settings.rating_scale))
    return CandidateScreening(
        last.number, len(answers.experts), scale, limits.mean, limits.full_mark_share, limits.cv, result.delete_at,
        candidates,
    ), found  # fmt: skip
