"""Delphi rounds again: weights by the last round, statistics and stability of every round, dissent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from drafting.verification.panel import (
    LEVEL,
    RESAMPLES,
    Details,
    Vector,
    agreement,
    generator,
    labels_of,
    shares_of,
    with_intervals,
)
from weighting import (
    PanelRound,
    RoundStability,
    RoundStatistics,
    StoppingRule,
    allocation_weights,
    dissent,
    importance_weights,
    round_stability,
    round_statistics,
)
from weighting.answers import AnswerValueError, TooFewAnswersError
from weighting.stopping import suffices
from weighting.uncertainty import rank_switches

FIRST = "一级指标"
RATED = "重要性评分"
CLASS = 5.0
"""Points of one class of a histogram, where answers are out of 100."""
_SIDES = {"below": "低于下四分位", "above": "高于上四分位"}
_SAME = 1e-12


def consulted(
    data: Mapping[str, Any], group: Mapping[str, Any], shares: Mapping[str, float] | None, *, brief: bool
) -> tuple[Vector | None, Details]:
    """Weights of a group by the last round that allocated to it (or rated it), and the details."""
    rounds, proxy = allocated(data, group), False
    if not rounds and group["group"] != FIRST:
        rounds, proxy = [(r["round"], p) for r in rating_rounds(data) if (p := rated(data, r, group)) is not None], True
    if not rounds:
        return None, {}
    rule = stopping_rule(data)
    held = held_rounds(None if proxy else rule, len(asked_experts(data)), rounds)
    number, last, _, _ = next((h for h in reversed(held) if h[3]), held[-1])
    until = [(n, p) for n, p in rounds if n <= number]
    coefficients = shares or shares_of(data)
    panel = [coefficients.get(e, 0.0) for e in last.experts] if coefficients else None
    try:
        found = (importance_weights if proxy else allocation_weights)(last, authority=panel)
    except TooFewAnswersError:
        return None, {}
    by_authority = shares is not None and found.authority_weighted is not None
    weights = np.asarray(found.authority_weighted if by_authority else found.weights)
    if brief:
        return weights, {}
    convention = data["settings"]["四分位算法"]
    statistics = {str(n): round_statistics(p, convention=convention) for n, p in rounds}
    points = not proxy or float(data["settings"]["评分上限"]) > 10
    details: Details = {
        "items": list(labels_of(group)),
        "instrument": found.instrument,
        "proxy": found.proxy,
        "round": number,
        "latest_round": rounds[-1][0],
        "provisional": not held[-1][3],
        "plain": found.weights.tolist(),
        "authority_weighted": None if found.authority_weighted is None else found.authority_weighted.tolist(),
        "chosen": "authority" if by_authority else "plain",
        "experts_used": list(found.experts),
        "spread": found.spread,
        "quartiles": convention,
        "rounds": {n: _items(s) for n, s in statistics.items()},
        "concordance": {n: _concordance(s) for n, s in statistics.items()},
        "stability": _stability(rule, held, points=points),
        "dissent": _dissent(data, group, until, convention),
        "vectors": None,
    }
    if found.vectors is not None:
        vectors = dict(zip(found.experts, found.vectors, strict=True))
        used = None if shares is None else [shares.get(e, 0.0) for e in found.experts]
        details |= {
            "vectors": {e: v.tolist() for e, v in vectors.items()},
            **agreement(vectors, labels_of(group), allocated=True),
            **_uncertainty(data["settings"], group, vectors, used),
        }
    return weights, details


def allocated(data: Mapping[str, Any], group: Mapping[str, Any]) -> list[tuple[int, PanelRound]]:
    """Rounds in which somebody allocated to a group."""
    found = []
    for answers in data["delphi"]:
        rows = {
            (a["expert"], n): [_number(x["weights"].get(key)) for key in group["keys"]]
            for a in answers["answers"]
            for n, x in enumerate(a["allocations"])
            if x["group"] == group["group"]
        }
        if rows:
            experts = [expert for expert, _ in rows]
            found.append((answers["round"], PanelRound(list(rows.values()), experts, labels_of(group), group["group"])))
    return found


def rated(data: Mapping[str, Any], answers: Mapping[str, Any], group: Mapping[str, Any] | None) -> PanelRound | None:
    """Ratings of a group's items in one round; of all candidates without a group."""
    if group is None:
        everybody = data["indicators"]
        group = {"group": RATED, "keys": [i["code"] for i in everybody], "names": [i["name"] for i in everybody]}
    rows = {a["expert"]: [_number(a["ratings"].get(key)) for key in group["keys"]] for a in answers["answers"]}
    given = {e: row for e, row in rows.items() if not all(np.isnan(row))}
    if not given:
        return None
    top = float(data["settings"]["评分上限"])
    scale = (0.0 if top == 100 else 1.0, top)
    try:
        return PanelRound(list(given.values()), list(given), labels_of(group), group["group"], scale)
    except AnswerValueError:
        return None


def rating_rounds(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Rounds in which somebody rated; records of old keep ratings with the weights."""
    return [r for r in data.get("ratings") or data["delphi"] if any(a["ratings"] for a in r["answers"])]


def asked_experts(data: Mapping[str, Any]) -> list[str]:
    """Everybody who was asked."""
    return [e["expert"] for e in data["experts"]] or list(data["answered"])


def stopping_rule(data: Mapping[str, Any]) -> StoppingRule | None:
    """The rule on record, else that of the settings; None where they describe none."""
    frozen, settings = data["stopping_rule"], data["settings"]
    with suppress(ValueError):
        if frozen:
            return StoppingRule.from_json(frozen["text"])
    with suppress(ValueError):
        share = float(settings["停止规则：满足比例"])
        return StoppingRule(
            max_histogram_change=float(settings["停止规则：稳定限值"]),
            max_cv=float(settings["停止规则：变异系数"]), min_stable_share=share, min_consensus_share=share,
            max_rounds=int(settings["停止规则：最多轮次"]), quantiles=settings["四分位算法"],
            class_share=float(settings.get("停止规则：档宽", 0)) or None,
            min_response=float(settings.get("最低参与", 0)) or None,
            min_pairs=int(settings.get("最低参与：配对人数", 0)) or None,
        )  # fmt: skip
    return None


Held = tuple[int, PanelRound, PanelRound | None, bool]
"""Number, answers, the round compared with, whether enough experts took part."""


def held_rounds(rule: StoppingRule | None, asked: int, rounds: Sequence[tuple[int, PanelRound]]) -> list[Held]:
    """Rounds of one group, each with the last one before it in which enough took part."""
    held: list[Held] = []
    for number, answers in rounds:
        counted = [h for h in held if h[3]] or held[-1:]
        before = counted[-1][1] if counted else None
        both = None if before is None else len(set(before.experts) & set(answers.experts))
        enough = rule is None or suffices(rule, max(asked, 1), len(answers.experts), both)
        held.append((number, answers, before, enough))
    return held


def compared(rule: StoppingRule | None, before: PanelRound, now: PanelRound, *, points: bool) -> RoundStability | None:
    """Two rounds by the classes of the rule; None without a pair."""
    share = rule.class_share if rule is not None and points else None
    try:
        return round_stability(before, now, bin_width=CLASS if points and share is None else None, class_share=share)
    except TooFewAnswersError:
        return None


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _items(statistics: RoundStatistics) -> list[Details]:
    fields = (
        "item", "n", "missing", "mean", "sd", "cv", "median", "q1", "q3", "iqr", "minimum", "maximum",
        "full_mark_share",
    )  # fmt: skip
    return [
        {**{f: getattr(i, f) for f in fields}, "disagreement": i.rand.disagreement if i.rand else None}
        for i in statistics.items
    ]


def _concordance(statistics: RoundStatistics) -> Details:
    w = statistics.kendall
    if w is None:
        return {"w": None, "note": statistics.kendall_note}
    return {
        "w": w.w, "chi2": w.chi2, "df": w.df, "p": w.p, "experts": w.m, "items": w.n, "tied_experts": w.tied_experts,
        "missing": w.missing, "note": statistics.kendall_note,
    }  # fmt: skip


def _stability(rule: StoppingRule | None, held: Sequence[Held], *, points: bool) -> Details:
    found = {}
    for number, now, before, _ in held:
        pair = compared(rule, before, now, points=points) if before is not None else None
        if pair is not None:
            found[str(number)] = stability_json(pair)
    return found


def stability_json(found: RoundStability) -> Details:
    """One group between two rounds."""
    fields = (
        "item", "pairs", "cv_before", "cv_now", "cv_change", "histogram_change", "wilcoxon", "wilcoxon_p", "changed",
        "kappa", "median_before", "median_now", "mean_absolute_change",
    )  # fmt: skip
    return {
        "paired": list(found.paired),
        "only_before": list(found.only_previous),
        "only_now": list(found.only_current),
        "class_width": found.bin_width,
        "class_share": found.class_share,
        "items": [{f: getattr(i, f) for f in fields} for i in found.items],
    }


def _dissent(
    data: Mapping[str, Any], group: Mapping[str, Any], rounds: Sequence[tuple[int, PanelRound]], convention: str
) -> list[Details]:
    number, last = rounds[-1]
    given = data["delphi"] if allocated(data, group) else rating_rounds(data)
    answers = {a["expert"]: a for r in given if r["round"] == number for a in r["answers"]}
    said = []
    for expert in last.experts:
        own: Mapping[str, str] = next(
            (x["opinions"] for x in answers[expert]["allocations"] if x["group"] == group["group"]), {}
        )
        said.append(tuple(own.get(k) or answers[expert]["suggestions"].get(k) for k in group["keys"]))
    before = rounds[-2][1] if len(rounds) > 1 else None
    return [
        {
            "expert": d.expert_label, "item": d.item_label, "value": d.value, "median": d.median, "q1": d.q1,
            "q3": d.q3, "side": _SIDES[d.side.value], "persistent": d.persistent, "reason": d.reason,
        }
        for d in dissent(last, before, reasons=tuple(said), convention=convention)
    ]  # fmt: skip


def _uncertainty(
    settings: Mapping[str, str], group: Mapping[str, Any], vectors: Mapping[str, Vector], panel: list[float] | None
) -> Details:
    """Percentile intervals over panels drawn with replacement; each expert left out."""
    if len(vectors) < 2:
        return {"bootstrap": None, "leave_one_out": None}
    table, experts, labels = np.stack(list(vectors.values())), list(vectors), labels_of(group)
    size = len(experts)
    shares = np.ones(size) if panel is None else np.array(panel, dtype=np.float64)
    draws = generator(settings, group["group"], "bootstrap").multinomial(size, np.full(size, 1 / size), size=RESAMPLES)
    mass = draws * shares
    mass = mass[mass.sum(axis=1) > 0]
    means = mass @ table / mass.sum(axis=1)[:, None]
    weights = shares @ table / shares.sum()
    items = []
    for j, label in enumerate(labels):
        rank = (means > means[:, j, None] + _SAME).sum(axis=1)
        items.append(
            {"item": label, "weight": float(weights[j]),
             "rank_frequencies": [float((rank == r).mean()) for r in range(len(labels))]}
        )  # fmt: skip
    influence = []
    for k, expert in enumerate(experts):
        rest = shares.copy()
        rest[k] = 0
        if rest.any():
            without = rest @ table / rest.sum()
            switched = [[labels[a], labels[b]] for a, b in rank_switches(weights, without)]
            influence.append({"expert": expert, "weights": without.tolist(), "rank_switches": switched})
    if len(influence) < 2:
        return {"bootstrap": None, "leave_one_out": influence}
    drawn = {"level": LEVEL, "samples": len(mass), "discarded": RESAMPLES - len(mass), "items": items}
    used = None if panel is None else [s for k, s in enumerate(shares) if np.delete(shares, k).any()]
    return {
        "bootstrap": with_intervals(drawn, [list(i["weights"]) for i in influence], used),
        "leave_one_out": influence,
    }
