"""Weights again (5.4, Appendix C): every group from its typed weights, matrices, allocations or survey columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drafting.verification.panel import CHECKED, check_panel
from drafting.verification.verdict import RecordError, Verdict
from weighting import (
    PanelRound,
    aggregate_judgements,
    aggregate_priorities,
    allocation_weights,
    analyse,
    apportion,
    authority,
    combine,
    critic_weights,
    entropy_weights,
    importance_weights,
)
from weighting.answers import TooFewAnswersError
from weighting.authority import AuthorityTermError
from weighting.errors import DisconnectedError, PanelError, WeightingError
from weighting.group import select_experts

Vector = NDArray[np.float64]
FIRST = "一级指标"
AHP, DELPHI, ENTROPY, CRITIC = "层次分析法", "专家咨询法", "熵权法", "CRITIC法"
_METHODS = {"特征向量法": "eigenvector", "方根法": "geometric-mean", "和积法": "column-mean"}
_POLICIES = {"退回": "return", "剔除": "exclude", "保留": "keep"}
_WAYS = {"加法": "additive", "乘法": "multiplicative", "最小偏差": "minimum-deviation"}
_GROUP_FIGURES = frozenset(
    {"group_matrix", "group_lambda_max", "group_ci", "group_cr", "group_consistent", "mean_expert_cr", "vectors",
     "experts_used", "experts_excluded", "matrices", "items", "method", "aggregation", "group_note", "expert_shares"}
)  # fmt: skip


def check_weights(record: Mapping[str, Any], verdict: Verdict) -> dict[str, dict[str, str]]:
    """Compute every group again and compare; returns the published weights (text) by group and key."""
    recorded, data = record["weights"], record["data"]
    again = _Again(data, recorded, verdict)
    computed = {g["group"]: again.group(g) for g in data["groups"]}
    _check_first(recorded, computed, data, verdict)
    for group in data["groups"]:
        if group["group"] != FIRST:
            _check_group(recorded, group, computed[group["group"]], data, verdict)
    again.compare_experts()
    for label, value in recorded["settings"].items():
        verdict.compare("设置", f"weights.settings.{label}", f"设置“{label}”", value, data["settings"].get(label))
    return {
        g["group"]: {key: printed for key, (printed, _) in zip(g["keys"], figures, strict=True)}
        for g in data["groups"]
        if (figures := _published(g, computed[g["group"]], data))
    }


def _published(group: Mapping[str, Any], vector: Vector | None, data: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Published weight (as text) and exact one of every item."""
    if vector is None:
        return []
    if _given(group):
        return [(w, float(w)) for w in group["typed"]]
    if len(group["keys"]) == 1:
        return [("1", 1.0)]
    printed = apportion(vector, int(data["settings"]["权重小数位"]))
    return [(format(p, "f"), float(x)) for p, x in zip(printed, vector, strict=True)]


def _given(group: Mapping[str, Any]) -> bool:
    return bool(group["keys"]) and all(w is not None for w in group["typed"])


def _check_first(
    recorded: Mapping[str, Any], computed: Mapping[str, Vector | None], data: Mapping[str, Any], verdict: Verdict
) -> None:
    group = next(g for g in data["groups"] if g["group"] == FIRST)
    figures = _published(group, computed[FIRST], data)
    verdict.compare(
        "权重", "weights.first_level", "一级指标", [w["category"] for w in recorded["first_level"]],
        group["keys"] if figures else [],
    )  # fmt: skip
    for row, (printed, exact) in zip(recorded["first_level"], figures, strict=False):
        path, what = f"weights.first_level.{row['category']}", f"一级指标“{row['category']}”的权重"
        verdict.compare("权重", f"{path}.weight", what, row["weight"], printed)
        verdict.compare("权重", f"{path}.exact", f"{what}（未修约）", row["exact"], exact)


def _check_group(
    recorded: Mapping[str, Any], group: Mapping[str, Any], vector: Vector | None, data: Mapping[str, Any],
    verdict: Verdict,
) -> None:  # fmt: skip
    name = group["group"]
    rows = recorded["second_level"].get(name, [])
    figures = _published(group, vector, data)
    codes = [row["code"] for row in rows]
    keys = group["keys"] if figures else []
    verdict.compare("权重", f"weights.second_level.{name}", f"“{name}”的二级指标", codes, keys)
    for row, (printed, exact) in zip(rows, figures, strict=False):
        path, what = f"weights.second_level.{name}.{row['code']}", f"二级指标“{row['indicator']}”的权重"
        verdict.compare("权重", f"{path}.weight", what, row["weight"], printed)
        verdict.compare("权重", f"{path}.exact", f"{what}（未修约）", row["exact"], exact)


class _Again:
    """Computes groups again; keeps the consistency of every matrix for the comparison at the end."""

    def __init__(self, data: Mapping[str, Any], recorded: Mapping[str, Any], verdict: Verdict) -> None:
        self._data, self._recorded, self._verdict = data, recorded, verdict
        self._settings: Mapping[str, str] = data["settings"]
        self._shares = self._expert_shares()
        self._experts: dict[tuple[str, str], dict[str, Any]] = {}

    def group(self, group: Mapping[str, Any]) -> Vector | None:
        """Weights of one group, None if there are none."""
        if _given(group):
            return np.array([float(w) for w in group["typed"]])
        if len(group["keys"]) == 1:
            return np.ones(1)
        method = self._settings["权重方法"]
        if method == "组合":
            return self._combined(group)
        return self._by(method, group)

    def _by(self, method: str, group: Mapping[str, Any]) -> Vector | None:
        if method == AHP:
            return self._ahp(group)
        if method == DELPHI:
            return self._delphi(group)
        if method in (ENTROPY, CRITIC) and group["group"] != FIRST:
            return self._objective(method, group)
        return None

    # --- AHP ---
    def _ahp(self, group: Mapping[str, Any]) -> Vector | None:
        name, settings = group["group"], self._settings
        method, table, limit = _METHODS[settings["特征向量算法"]], settings["RI表"], float(settings["CR限值"])
        matrices, analyses = {}, {}
        for row in self._data["judgements"]:
            if row["group"] == name:
                values = np.array([[np.nan if x is None else x for x in line] for line in row["values"]], dtype=float)
                try:
                    analyses[row["expert"]] = analyse(values, method, table, limit=limit)
                except DisconnectedError:
                    continue
                matrices[row["expert"]] = values
        if not matrices:
            return None
        experts = list(matrices)
        try:
            chosen = select_experts([float(analyses[e].cr) for e in experts], _POLICIES[settings["不一致专家"]], limit)
            used = [experts[k] for k in chosen.included]
        except PanelError:
            used = []
        for expert, found in analyses.items():
            self._experts[expert, name] = {
                "n": found.n, "lambda_max": float(found.lambda_max), "ci": float(found.ci), "cr": float(found.cr),
                "consistent": bool(found.consistent), "included": expert in used,
                "missing": int(np.isnan(matrices[expert]).sum()) // 2,
            }  # fmt: skip
        if not used:
            return None
        panel = None if self._shares is None else [self._shares.get(e, 0.0) for e in used]
        matrix = aggregate_judgements(np.stack([matrices[e] for e in used]), panel)
        whole = analyse(matrix, method, table, limit=limit)
        vectors = {e: np.asarray(analyses[e].weights) for e in used}
        self._compare_details(
            name,
            {
                "group_matrix": [[None if np.isnan(x) else float(x) for x in line] for line in matrix],
                "group_lambda_max": float(whole.lambda_max),
                "group_ci": float(whole.ci),
                "group_cr": float(whole.cr),
                "group_consistent": bool(whole.consistent),
                "mean_expert_cr": float(np.mean([float(analyses[e].cr) for e in used])),
                "experts_used": used,
                "vectors": {e: v.tolist() for e, v in vectors.items()},
            },
        )
        check_panel(
            name, self._details(name), vectors, {e: matrices[e] for e in used}, panel, settings, method, self._verdict
        )
        if settings["群决策"] == "AIP":
            return aggregate_priorities(np.stack(list(vectors.values())), panel)
        return np.asarray(whole.weights)

    # --- Delphi ---
    def _delphi(self, group: Mapping[str, Any]) -> Vector | None:
        rounds = [r for r in self._data["delphi"] if self._allocated(r, group)]
        proxy = not rounds
        if proxy:
            if group["group"] == FIRST:
                return None
            rounds = [r for r in self._data["delphi"] if self._rated(r, group)]
        if not rounds:
            return None
        last = rounds[-1]
        table = self._rated(last, group) if proxy else self._allocated(last, group)
        experts = list(table)
        scale = self._scale() if proxy else None
        answers = PanelRound(np.array(list(table.values()), dtype=float), experts, scale=scale)
        coefficients = None if self._shares is None else [self._shares.get(e, 0.0) for e in experts]
        try:
            found = (importance_weights if proxy else allocation_weights)(answers, authority=coefficients)
        except TooFewAnswersError:
            return None
        if coefficients is not None and found.authority_weighted is not None:
            return np.asarray(found.authority_weighted)
        return np.asarray(found.weights)

    def _allocated(self, answers: Mapping[str, Any], group: Mapping[str, Any]) -> dict[str, list[float]]:
        table: dict[str, list[float]] = {}
        for answer in answers["answers"]:
            for allocation in answer["allocations"]:
                if allocation["group"] == group["group"]:
                    table[answer["expert"]] = _row(allocation["weights"], group["keys"])
        return table

    def _rated(self, answers: Mapping[str, Any], group: Mapping[str, Any]) -> dict[str, list[float]]:
        table = {a["expert"]: _row(a["ratings"], group["keys"]) for a in answers["answers"]}
        return {e: row for e, row in table.items() if not all(np.isnan(row))}

    def _scale(self) -> tuple[float, float]:
        top = float(self._settings["评分上限"])
        return (0.0 if top == 100 else 1.0, top)

    # --- objective and combined ---
    def _objective(self, method: str, group: Mapping[str, Any]) -> Vector | None:
        survey = self._data["survey"]
        if survey is None or any(key not in survey["columns"] for key in group["keys"]):
            return None
        used = {survey["states"]["value"], survey["states"]["non_detect"]}
        columns = [survey["columns"][key] for key in group["keys"]]
        values = np.array(
            [
                [v if s in used and v is not None else np.nan for v, s in zip(c["values"], c["states"], strict=True)]
                for c in columns
            ],
            dtype=float,
        ).T
        values = values[~np.isnan(values).all(axis=1)]
        directions = {i["code"]: i["direction"] for i in self._data["indicators"]}
        ways = ["smaller" if directions[key] == "smaller" else "larger" for key in group["keys"]]
        try:
            found = (entropy_weights if method == ENTROPY else critic_weights)(values, ways, missing="available")
        except WeightingError:
            return None
        return np.asarray(found.weights)

    def _combined(self, group: Mapping[str, Any]) -> Vector | None:
        wanted = coefficients(self._settings["组合方法"])
        vectors = {m: v for m in wanted if (v := self._by(m, group)) is not None}
        if not vectors:
            return None
        way = _WAYS[self._settings["组合方式"]]
        total = sum((wanted[m] for m in vectors), Decimal(0))
        alpha = None if way == "minimum-deviation" else [float(wanted[m] / total) for m in vectors]
        return np.asarray(combine(np.stack(list(vectors.values())), way, alpha).weights)

    def _expert_shares(self) -> Mapping[str, float] | None:
        if self._settings["专家权重"] == "相同" or not self._data["experts"]:
            return None
        experts = self._data["experts"]
        try:
            found = authority(
                [e["bases"] for e in experts], [e["familiarity"] for e in experts], self._settings["权威程度表"],
                experts=[e["expert"] for e in experts],
            )  # fmt: skip
        except AuthorityTermError:
            return None
        return dict(zip(found.experts, map(float, found.cr), strict=True))

    # --- comparisons ---
    def compare_experts(self) -> None:
        """Compare the consistency of every matrix."""
        recorded = {(e["expert"], e["matrix"]): e for e in self._recorded["experts"]}
        pairs = sorted(f"{e}·{m}" for e, m in recorded)
        again = sorted(f"{e}·{m}" for e, m in self._experts)
        self._verdict.compare("一致性", "weights.experts", "判断矩阵的清单", pairs, again)
        for key, found in self._experts.items():
            for field, value in found.items():
                what = f"专家“{key[0]}”的“{key[1]}”判断矩阵的 {field}"
                path = f"weights.experts.{key[0]}.{key[1]}.{field}"
                self._verdict.compare("一致性", path, what, recorded.get(key, {}).get(field), value)

    def _details(self, name: str) -> Mapping[str, Any]:
        details: Mapping[str, Any] = self._recorded["groups"].get(name, {})
        return details.get("parts", {}).get(AHP, details) if self._settings["权重方法"] == "组合" else details

    def _compare_details(self, name: str, found: Mapping[str, Any]) -> None:
        details = self._details(name)
        for field, value in found.items():
            path = f"weights.groups.{name}.{field}"
            self._verdict.compare("群体判断", path, f"“{name}”的 {field}", details.get(field), value)
        for field in details.keys() - _GROUP_FIGURES - CHECKED:
            label = f"weights.groups.*.{field}"
            self._verdict.unchecked[label] = self._verdict.unchecked.get(label, 0) + 1


def _row(weights: Mapping[str, float | None], keys: Sequence[str]) -> list[float]:
    return [np.nan if (x := weights.get(key)) is None else float(x) for key in keys]


def coefficients(text: str) -> dict[str, Decimal]:
    """Read ``层次分析法=0.5；专家咨询法=0.5``; without figures the methods share equally."""
    known = {"AHP": AHP, "德尔菲法": DELPHI, "DELPHI": DELPHI, "熵值法": ENTROPY, "CRITIC": CRITIC}
    for mark in ";,，、\n":
        text = text.replace(mark, "；")
    pieces = (p.replace(" ", "").replace("＝", "=").replace(":", "=") for p in text.split("；"))
    parts = [p.partition("=") for p in pieces if p]
    if not parts:
        raise RecordError("记录中的“组合方法”是空的")
    found = {}
    for name, sign, number in parts:
        method = known.get(name.upper(), name)
        try:
            share = Decimal(number.removesuffix("%")) / (100 if number.endswith("%") else 1) if sign else None
        except InvalidOperation:
            raise RecordError(f"记录中的组合系数无法读取：{number}") from None
        found[method] = Decimal(1) / len(parts) if share is None else share
    return found
