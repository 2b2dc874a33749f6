"""A panel again: its AHP matrices with consistency, agreement and uncertainty, and what everybody's answers say."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from weighting import (
    aggregate_judgements,
    aggregate_priorities,
    analyse,
    authority,
    bootstrap,
    chance_consensus,
    consensus,
    jackknife_interval,
    judgement_noise,
    kendall_w,
    leave_one_out,
    one_at_a_time,
    outlying_experts,
    preference_cycles,
    priorities,
    suggestions,
    variation,
)
from weighting.authority import Authority, AuthorityTermError
from weighting.errors import DisconnectedError, PanelError, PriorityError
from weighting.group import select_experts
from weighting.uncertainty import WeightDistribution

Vector = NDArray[np.float64]
Details = dict[str, Any]
METHODS = {"特征向量法": "eigenvector", "方根法": "geometric-mean", "和积法": "column-mean"}
_POLICIES = {"退回": "return", "剔除": "exclude", "保留": "keep"}
_TIES = 12
"""Decimals from which two weights share a rank."""
RESAMPLES, LEVEL = 2000, 0.95
_FEWEST_DRAWS, _MOST_MOVED = 200, 60_000
_LEVELS = ((0.5, "很低"), (0.625, "低"), (0.75, "中等"), (0.875, "高"))
"""Goepel (2013): words for the consensus S*."""
_NEAR = math.log(1.5)
"""Nobody within this Aitchison distance is called outlying."""


def labels_of(group: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of a group's items, with the code where two share a name."""
    names, keys = group["names"], group["keys"]
    if len(set(names)) == len(names):
        return tuple(names)
    return tuple(f"{n}（{k}）" for n, k in zip(names, keys, strict=True))


def generator(settings: Mapping[str, str], group: str, purpose: str) -> np.random.Generator:
    """The record's random numbers: the seed of 方法设置 with the names of group and purpose."""
    return np.random.default_rng([int(settings["种子"]), zlib.crc32(f"{group}\0{purpose}".encode())])


def panel_authority(data: Mapping[str, Any]) -> Authority | None:
    """Authority coefficients; None unless every self-assessment is complete."""
    experts = data["experts"]
    if not experts:
        return None
    try:
        return authority(
            [e["bases"] for e in experts], [e["familiarity"] for e in experts], data["settings"]["权威程度表"],
            experts=[e["expert"] for e in experts],
        )  # fmt: skip
    except AuthorityTermError:
        return None


def shares_of(data: Mapping[str, Any]) -> dict[str, float] | None:
    """Authority coefficient by expert, None unless all are known."""
    found = panel_authority(data)
    return None if found is None else dict(zip(found.experts, map(float, found.cr), strict=True))


# --- judgement matrices -----------------------------------------------------------------------------------------------
def judged(
    data: Mapping[str, Any], group: Mapping[str, Any], shares: Mapping[str, float] | None, *, brief: bool
) -> tuple[Vector | None, Details, dict[str, Details]]:
    """Weights of a group by its matrices, the details, and every expert's consistency."""
    settings, name, labels = data["settings"], group["group"], labels_of(group)
    method, table, limit = METHODS[settings["特征向量算法"]], settings["RI表"], float(settings["CR限值"])
    matrices, analyses = {}, {}
    for row in data["judgements"]:
        if row["group"] == name:
            values = np.array([[np.nan if x is None else x for x in line] for line in row["values"]], dtype=float)
            try:
                analyses[row["expert"]] = analyse(values, method, table, limit=limit)
            except DisconnectedError:
                continue
            matrices[row["expert"]] = values
    if not matrices:
        return None, {}, {}
    experts = list(matrices)
    try:
        chosen = select_experts([float(analyses[e].cr) for e in experts], _POLICIES[settings["不一致专家"]], limit)
        used, excluded = [experts[k] for k in chosen.included], [experts[k] for k in chosen.excluded]
    except PanelError:
        used, excluded = [], experts
    rows = {e: _consistency(matrices[e], analyses[e], e in used, table, labels if not brief else None) for e in experts}
    if not used:
        return None, {}, rows
    panel = None if shares is None else [shares.get(e, 0.0) for e in used]
    matrix = aggregate_judgements(np.stack([matrices[e] for e in used]), panel)
    whole = analyse(matrix, method, table, limit=limit)
    vectors = {e: np.asarray(analyses[e].weights) for e in used}
    weights = np.asarray(whole.weights)
    if settings["群决策"] == "AIP":
        weights = aggregate_priorities(np.stack(list(vectors.values())), panel)
    if brief:
        return weights, {}, rows
    details = {
        "items": list(labels),
        "aggregation": settings["群决策"],
        "group_matrix": _plain(matrix),
        "group_lambda_max": float(whole.lambda_max),
        "group_ci": float(whole.ci),
        "group_cr": float(whole.cr),
        "group_consistent": bool(whole.consistent),
        "mean_expert_cr": float(np.mean([float(analyses[e].cr) for e in used])),
        "experts_used": used,
        "experts_excluded": excluded,
        "expert_shares": None if panel is None else {e: p / sum(panel) for e, p in zip(used, panel, strict=True)},
        "vectors": {e: v.tolist() for e, v in vectors.items()},
        "matrices": {e: _plain(matrices[e]) for e in experts},
        **agreement(vectors, labels),
        **_uncertainty(settings, name, labels, {e: matrices[e] for e in used}, matrix, panel),
    }
    return weights, details, rows


def _plain(matrix: Vector) -> list[list[float | None]]:
    return [[None if np.isnan(x) else float(x) for x in line] for line in matrix]


def _consistency(values: Vector, found: Any, included: bool, table: str, labels: Sequence[str] | None) -> Details:
    row: Details = {
        "n": found.n, "lambda_max": float(found.lambda_max), "ci": float(found.ci), "cr": float(found.cr),
        "consistent": bool(found.consistent), "included": included, "missing": int(np.isnan(values).sum()) // 2,
        "suggestions": [], "cycles": [],
    }  # fmt: skip
    if labels is not None and not row["consistent"]:
        row["suggestions"] = [
            {"first": s.labels[0], "second": s.labels[1], "judgement": s.judgement, "consistent": s.consistent_value,
             "step": s.step_text, "cr_step": s.cr_step}
            for s in suggestions(values, random_index=table, labels=labels)
        ]  # fmt: skip
        row["cycles"] = [list(c) for c in preference_cycles(values, labels)]
    return row


# --- agreement --------------------------------------------------------------------------------------------------------
def agreement(vectors: Mapping[str, Vector], labels: Sequence[str], *, allocated: bool = False) -> Details:
    """Consensus, Kendall's W, coefficients of variation and outlying experts; None with one expert."""
    if len(vectors) < 2:
        return dict.fromkeys(("consensus", "kendall", "cv", "outliers"))
    table, experts = np.stack(list(vectors.values())), tuple(vectors)
    agreed, w = consensus(table), kendall_w(np.round(table, _TIES))
    chance = chance_consensus(len(experts), len(labels), "allocations" if allocated else "comparisons")
    return {
        "consensus": {
            "s_star": agreed.s_star, "level": _level(agreed.s_star, chance.upper), "chance": chance.mean,
            "chance_upper": chance.upper,
            "alpha": agreed.alpha, "beta": agreed.beta, "gamma": agreed.gamma,
        },
        "kendall": {"w": w.w, "chi2": w.chi2, "df": w.df, "p": w.p, "experts": w.m, "items": w.n},
        "cv": [
            {"item": name, "cv": None if np.isnan(x) else float(x)}
            for name, x in zip(labels, variation(table), strict=True)
        ],
        "outliers": _outliers(table, experts),
    }  # fmt: skip


def _level(s_star: float, chance: float) -> str:
    word = next((word for top, word in _LEVELS if s_star < top), "很高")
    return "未超过偶然水平" if s_star <= chance and word in ("中等", "高", "很高") else word


def with_intervals(resampled: Details, without: Sequence[Sequence[float]], shares: Sequence[float] | None) -> Details:
    """Intervals from leaving out one expert at a time."""
    low, high = jackknife_interval([i["weight"] for i in resampled["items"]], without, shares, level=LEVEL)
    items = [
        {**item, "lower": float(a), "upper": float(b)} for item, a, b in zip(resampled["items"], low, high, strict=True)
    ]
    return {**resampled, "interval": "jackknife-t", "items": items}


def _outliers(table: Vector, experts: tuple[str, ...]) -> Details | None:
    try:
        apart = outlying_experts(table)
    except PriorityError:
        return None
    return {
        "distances": {e: float(d) for e, d in zip(experts, apart.distances, strict=True)},
        "limit": float(apart.limit) if np.isfinite(apart.limit) else None,
        "experts": [experts[k] for k in apart.experts if apart.distances[k] > _NEAR],
    }


# --- uncertainty ------------------------------------------------------------------------------------------------------
def _uncertainty(
    settings: Mapping[str, str], group: str, labels: Sequence[str], matrices: Mapping[str, Vector], matrix: Vector,
    panel: Sequence[float] | None,
) -> Details:  # fmt: skip
    method = METHODS[settings["特征向量算法"]]
    stack, experts = np.stack(list(matrices.values())), tuple(matrices)
    way: Literal["judgements", "priorities"] = "priorities" if settings["群决策"] == "AIP" else "judgements"
    resampled = influence = None
    if len(experts) > 1 and (panel is None or sum(p > 0 for p in panel) > 1):
        found = bootstrap(
            stack, generator(settings, group, "bootstrap"), resamples=RESAMPLES, level=LEVEL, method=method,
            aggregation=way, expert_weights=panel,
        )  # fmt: skip
        resampled = _distribution(found, labels)
        left_out = leave_one_out(stack, method=method, aggregation=way, expert_weights=panel)
        influence = [
            {
                "expert": experts[i.expert],
                "weights": i.weights.tolist(),
                "rank_switches": _pairs(i.rank_switches, labels),
            }
            for i in left_out
        ]
        used = None if panel is None else [panel[i.expert] for i in left_out]
        resampled = with_intervals(resampled, [i.weights.tolist() for i in left_out], used)
    draws = min(RESAMPLES, max(_FEWEST_DRAWS, _MOST_MOVED // len(stack)))
    noise = judgement_noise(
        stack, generator(settings, group, "noise"), draws=draws, level=LEVEL, method=method, expert_weights=panel
    )
    return {
        "bootstrap": resampled,
        "noise": _distribution(noise, labels),
        "one_at_a_time": _one_at_a_time(matrix, method, labels),
        "leave_one_out": influence,
    }


def _pairs(pairs: Sequence[tuple[int, int]], labels: Sequence[str]) -> list[list[str]]:
    return [[labels[a], labels[b]] for a, b in pairs]


def _distribution(found: WeightDistribution, labels: Sequence[str]) -> Details:
    rows = zip(labels, found.weights, found.lower, found.upper, found.rank_frequencies, strict=True)
    return {
        "level": found.level,
        "samples": len(found.samples),
        "discarded": found.discarded,
        "items": [
            {"item": name, "weight": float(w), "lower": float(a), "upper": float(b), "rank_frequencies": r.tolist()}
            for name, w, a, b, r in rows
        ],
    }


def _one_at_a_time(matrix: Vector, method: str, labels: Sequence[str]) -> Details:
    """Every judgement of the group's matrix one step up and down: the largest change, and what changes the order."""
    shifts, before = one_at_a_time(matrix, method=method), priorities(matrix, method)
    if not shifts:
        return {"largest_change": None, "switching": []}
    changes = [np.abs(s.weights - before) for s in shifts]
    best = int(np.argmax([c.max() for c in changes]))
    item, largest = int(changes[best].argmax()), shifts[best]

    def described(shift: Any) -> Details:
        return {
            "pair": [labels[i] for i in shift.pair], "judgement": shift.judgement, "shifted": shift.shifted,
        }  # fmt: skip

    return {
        "largest_change": {
            **described(largest), "item": labels[item], "before": float(before[item]),
            "after": float(largest.weights[item]),
        },
        "switching": [
            {**described(s), "rank_switches": _pairs(s.rank_switches, labels)} for s in shifts if s.rank_switches
        ],
    }  # fmt: skip
