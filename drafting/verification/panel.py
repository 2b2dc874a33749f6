"""Agreement and uncertainty of a panel's AHP weights again: consensus, Kendall's W, CV, outliers, resampling."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from drafting.verification.verdict import Verdict
from weighting import bootstrap, consensus, judgement_noise, kendall_w, leave_one_out, outlying_experts, variation
from weighting.errors import PriorityError
from weighting.uncertainty import WeightDistribution

Vector = NDArray[np.float64]
CHECKED = frozenset({"consensus", "kendall", "cv", "outliers", "bootstrap", "noise", "leave_one_out"})
"""Keys of a group's details that are computed again here."""
_TIES = 12
"""Decimals from which two weights share a rank."""


def check_panel(
    group: str,
    details: Mapping[str, Any],
    vectors: Mapping[str, Vector],
    matrices: Mapping[str, Vector],
    panel: Sequence[float] | None,
    settings: Mapping[str, str],
    method: str,
    verdict: Verdict,
) -> None:
    """Compare what the record says about one group's panel."""

    def compare(field: str, recorded: Any, computed: Any) -> None:
        path = f"weights.groups.{group}.{field}"
        verdict.compare("专家组", path, f"“{group}”的 {field}", recorded, computed)

    if len(vectors) > 1:
        _agreement(details, np.stack(list(vectors.values())), tuple(vectors), compare)
    _resampling(group, details, np.stack(list(matrices.values())), tuple(matrices), panel, settings, method, compare)


def _agreement(details: Mapping[str, Any], table: Vector, experts: tuple[str, ...], compare: Any) -> None:
    agreed, said = consensus(table), details.get("consensus") or {}
    for field in ("s_star", "alpha", "beta", "gamma"):
        compare(f"consensus.{field}", said.get(field), float(getattr(agreed, field)))
    w, said = kendall_w(np.round(table, _TIES)), details.get("kendall") or {}
    for field in ("w", "chi2", "df", "p"):
        compare(f"kendall.{field}", said.get(field), getattr(w, field))
    cv = [None if np.isnan(x) else float(x) for x in variation(table)]
    compare("cv", [row["cv"] for row in details.get("cv") or []], cv)
    try:
        apart = outlying_experts(table)
    except PriorityError:
        return
    said = details.get("outliers") or {}
    distances = {e: float(d) for e, d in zip(experts, apart.distances, strict=True)}
    compare("outliers.distances", said.get("distances"), distances)
    compare("outliers.experts", said.get("experts"), [experts[k] for k in apart.experts])


def _resampling(
    group: str, details: Mapping[str, Any], stack: Vector, experts: tuple[str, ...], panel: Sequence[float] | None,
    settings: Mapping[str, str], method: str, compare: Any,
) -> None:  # fmt: skip
    way: Literal["judgements", "priorities"] = "priorities" if settings["群决策"] == "AIP" else "judgements"
    if said := details.get("bootstrap"):
        found = bootstrap(
            stack, _generator(settings, group, "bootstrap"), resamples=said["samples"] + said["discarded"],
            level=said["level"], method=method, aggregation=way, expert_weights=panel,
        )  # fmt: skip
        _compare_distribution("bootstrap", said, found, compare)
    if said := details.get("noise"):
        found = judgement_noise(
            stack, _generator(settings, group, "noise"), draws=said["samples"] + said["discarded"],
            level=said["level"], method=method, expert_weights=panel,
        )  # fmt: skip
        _compare_distribution("noise", said, found, compare)
    if details.get("leave_one_out"):
        again = leave_one_out(stack, method=method, aggregation=way, expert_weights=panel)
        weights = {experts[i.expert]: i.weights.tolist() for i in again}
        compare("leave_one_out", {row["expert"]: row["weights"] for row in details["leave_one_out"]}, weights)


def _generator(settings: Mapping[str, str], group: str, purpose: str) -> np.random.Generator:
    """The record's random numbers: the seed of 方法设置 with the names of group and purpose."""
    return np.random.default_rng([int(settings["种子"]), zlib.crc32(f"{group}\0{purpose}".encode())])


def _compare_distribution(name: str, said: Mapping[str, Any], found: WeightDistribution, compare: Any) -> None:
    for field in ("weight", "lower", "upper"):
        own = getattr(found, "weights" if field == "weight" else field).tolist()
        compare(f"{name}.{field}", [row[field] for row in said["items"]], own)
    ranks = found.rank_frequencies.tolist()
    compare(f"{name}.rank_frequencies", [row["rank_frequencies"] for row in said["items"]], ranks)
