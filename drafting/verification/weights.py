"""Weights again (5.4, Appendix C): every group from its typed weights, matrices, allocations or survey columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drafting.verification.consultation import check_consultation
from drafting.verification.given import Share, Worth, in_full, is_given, is_partly_given, typed_weights
from drafting.verification.panel import judged, labels_of, shares_of
from drafting.verification.rounds import consulted
from drafting.verification.verdict import RecordError, Verdict
from weighting import apportion, combine, critic_weights, entropy_weights
from weighting.errors import WeightingError

Vector = NDArray[np.float64]
FIRST = "一级指标"
AHP, DELPHI, ENTROPY, CRITIC = "层次分析法", "专家咨询法", "熵权法", "CRITIC法"
_WAYS = {"加法": "additive", "乘法": "multiplicative", "最小偏差": "minimum-deviation"}
GIVEN, ONLY = "给定", "唯一"


def check_weights(record: Mapping[str, Any], verdict: Verdict) -> dict[str, dict[str, str]]:
    """Compute every group again and compare; returns the published weights (text) by group and key."""
    recorded, data = record["weights"], record["data"]
    again = Again(data)
    computed = {g["group"]: again.group(g) for g in data["groups"]}
    _check_first(recorded, computed, data, verdict)
    for group in data["groups"]:
        if group["group"] != FIRST:
            _check_group(recorded, group, computed[group["group"]], data, verdict)
    _check_details(recorded, data, again, computed, verdict)
    experts = [{"expert": e, "matrix": m, **row} for (e, m), row in again.experts.items()]
    _check_experts(recorded, experts, verdict)
    check_consultation(data, recorded, experts, verdict)
    over = any(not e["consistent"] for e in experts) and data["settings"]["不一致专家"] == "退回"
    short = any(p.get("provisional") for d in again.details.values() for p in (d, *d.get("parts", {}).values()))
    verdict.compare("权重", "weights.provisional", "权重是否暂定", recorded["provisional"], over or short)
    methods = {again.method(g) for g in data["groups"] if computed[g["group"]] is not None}
    used = GIVEN if GIVEN in methods and methods <= {GIVEN, ONLY} else data["settings"]["权重方法"]
    if any("values" in g for g in data["groups"]):  # records of before state the setting, used or not
        verdict.compare("设置", "weights.method", "权重方法", recorded["method"], used)
    for label, value in recorded["settings"].items():
        verdict.compare("设置", f"weights.settings.{label}", f"设置“{label}”", value, data["settings"].get(label))
    return published(data, computed)


def published(data: Mapping[str, Any], computed: Mapping[str, Vector | None]) -> dict[str, dict[str, str]]:
    """Published weights as printed, by group and key."""
    return {
        g["group"]: {key: figure.printed for key, figure in zip(g["keys"], figures, strict=True)}
        for g in data["groups"]
        if (figures := _published(g, computed[g["group"]], data))
    }


def _check_details(
    recorded: Mapping[str, Any], data: Mapping[str, Any], again: Again, computed: Mapping[str, Vector | None],
    verdict: Verdict,
) -> None:  # fmt: skip
    """What stands behind the weights of every group: matrices, statistics, uncertainty."""
    expected = {
        g["group"]: {"method": again.method(g), **again.details[g["group"]]}
        for g in data["groups"]
        if computed[g["group"]] is not None
    }
    verdict.compare("群体判断", "weights.groups", "有权重的各组", list(recorded["groups"]), list(expected))
    for name, details in expected.items():
        said = recorded["groups"].get(name, {})
        _take_over_note(details, said)
        verdict.compare_tree("群体判断", f"weights.groups.{name}", f"“{name}”", said, details)


def _take_over_note(details: dict[str, Any], said: Mapping[str, Any]) -> None:
    """A fixed sentence of the record is no figure."""
    if "group_note" in said:
        details["group_note"] = said["group_note"]
    for method, part in details.get("parts", {}).items():
        _take_over_note(part, said.get("parts", {}).get(method, {}))


def _check_experts(recorded: Mapping[str, Any], experts: Sequence[Mapping[str, Any]], verdict: Verdict) -> None:
    """Consistency of every matrix, judgement by judgement where it is asked back."""
    said = {(e["expert"], e["matrix"]): e for e in recorded["experts"]}
    pairs, again = sorted("·".join(key) for key in said), sorted(f"{e['expert']}·{e['matrix']}" for e in experts)
    verdict.compare("一致性", "weights.experts", "判断矩阵的清单", pairs, again)
    for row in experts:
        what = f"专家“{row['expert']}”的“{row['matrix']}”判断矩阵"
        path = f"weights.experts.{row['expert']}.{row['matrix']}"
        verdict.compare_tree("一致性", path, what, said.get((row["expert"], row["matrix"]), {}), dict(row))


@dataclass(frozen=True, slots=True)
class _Figure:
    """One weight: as printed (0.30, 0.8/n), as a decimal, and exactly; the latter two with everything applicable."""

    printed: str
    decimal: str
    exact: float

    def compare(self, row: Mapping[str, Any], path: str, what: str, verdict: Verdict) -> None:
        """Hold a row of the record against it."""
        verdict.compare("权重", f"{path}.weight", what, row["weight"], self.decimal)
        verdict.compare("权重", f"{path}.exact", f"{what}（未修约）", row["exact"], self.exact)
        if "printed" in row:  # records of before shares had a type print decimals only
            verdict.compare("权重", f"{path}.printed", f"{what}（草案所印）", row["printed"], self.printed)


def _published(group: Mapping[str, Any], vector: Vector | None, data: Mapping[str, Any]) -> list[_Figure]:
    """Published weight and exact one of every item."""
    if vector is None:
        return []
    decimals = int(data["settings"]["权重小数位"])
    if not is_given(group):
        ones = len(group["keys"]) == 1
        texts = ["1"] if ones else [format(p, "f") for p in apportion(vector, decimals)]
        return [_Figure(t, t, float(x)) for t, x in zip(texts, vector, strict=True)]
    worths = [w for w in typed_weights(group, 0) if w is not None]
    printed = [
        w.text if isinstance(w, Share) and t is None else str(t) for t, w in zip(group["typed"], worths, strict=True)
    ]
    plain = [_plain(text, w) for text, w in zip(printed, worths, strict=True)]
    shown = [format(d, "f") for d in plain if d is not None]
    if len(shown) < len(plain):
        finest = max((-int(d.as_tuple().exponent) for d in plain if d is not None), default=0)
        exact = math.isclose(vector.sum(), 1)
        shown = [format(p, "f") for p in apportion(vector, max(decimals, finest))] if exact else list(map(str, vector))
    return [_Figure(p, d, float(x)) for p, d, x in zip(printed, shown, vector, strict=True)]


def _plain(text: str, worth: Worth) -> Decimal | None:
    """Write a typed weight as a decimal; None for a share and for a fraction without end."""
    if isinstance(worth, Share):
        return None
    if set(text) <= set("0123456789."):
        return Decimal(text)
    places = next((p for p in range(25) if 10**p % worth.denominator == 0), None)
    return None if places is None else Decimal(worth.numerator * 10**places // worth.denominator).scaleb(-places)


def _check_first(
    recorded: Mapping[str, Any], computed: Mapping[str, Vector | None], data: Mapping[str, Any], verdict: Verdict
) -> None:
    group = next(g for g in data["groups"] if g["group"] == FIRST)
    figures = _published(group, computed[FIRST], data)
    verdict.compare(
        "权重", "weights.first_level", "一级指标", [w["category"] for w in recorded["first_level"]],
        group["keys"] if figures else [],
    )  # fmt: skip
    for row, figure in zip(recorded["first_level"], figures, strict=False):
        path, what = f"weights.first_level.{row['category']}", f"一级指标“{row['category']}”的权重"
        figure.compare(row, path, what, verdict)


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
    for row, figure in zip(rows, figures, strict=False):
        path, what = f"weights.second_level.{name}.{row['code']}", f"二级指标“{row['indicator']}”的权重"
        figure.compare(row, path, what, verdict)


class Again:
    """
    Computes the weights of groups again.

    Attributes
    ----------
    details
        By group, what stands behind its weights.
    experts
        Consistency by expert and group.
    """

    def __init__(self, data: Mapping[str, Any], *, brief: bool = False) -> None:
        self._data, self._brief = data, brief
        self._settings: Mapping[str, str] = data["settings"]
        self._shares = None if self._settings["专家权重"] == "相同" else shares_of(data)
        self.details: dict[str, dict[str, Any]] = {}
        self.experts: dict[tuple[str, str], dict[str, Any]] = {}

    def method(self, group: Mapping[str, Any]) -> str:
        """How a group is weighed, in the record's word."""
        if is_given(group):
            return GIVEN
        return ONLY if len(group["keys"]) == 1 else self._settings["权重方法"]

    def group(self, group: Mapping[str, Any]) -> Vector | None:
        """Weights of one group, None if there are none."""
        self.details[group["group"]] = {}
        if is_given(group):
            return np.array([float(w) for w in in_full([w for w in typed_weights(group, 0) if w is not None])])
        if "values" in group and is_partly_given(group):
            return None
        if len(group["keys"]) == 1:
            return np.ones(1)
        method = self._settings["权重方法"]
        vector, details = self._combined(group) if method == "组合" else self._by(method, group)
        self.details[group["group"]] = details
        return vector

    def _by(self, method: str, group: Mapping[str, Any]) -> tuple[Vector | None, dict[str, Any]]:
        if method == AHP:
            vector, details, experts = judged(self._data, group, self._shares, brief=self._brief)
            self.experts |= {(expert, group["group"]): row for expert, row in experts.items()}
            return vector, details
        if method == DELPHI:
            return consulted(self._data, group, self._shares, brief=self._brief)
        if method in (ENTROPY, CRITIC) and group["group"] != FIRST:
            return self._objective(method, group)
        return None, {}

    # --- objective and combined ---
    def _objective(self, method: str, group: Mapping[str, Any]) -> tuple[Vector | None, dict[str, Any]]:
        survey, labels = self._data["survey"], labels_of(group)
        if survey is None or any(key not in survey["columns"] for key in group["keys"]):
            return None, {}
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
            return None, {}
        return np.asarray(found.weights), {
            "method": method,
            "weights": found.weights.tolist(),
            "information": found.information.tolist(),
            "enterprises": dict(zip(labels, found.n, strict=True)),
            "constant": [group["names"][j] for j in found.constant],
            "missing": "各指标用其现有的企业",
            "normalisation": found.normalisation,
        }

    def _combined(self, group: Mapping[str, Any]) -> tuple[Vector | None, dict[str, Any]]:
        wanted = coefficients(self._settings["组合方法"])
        parts = {m: p for m in wanted if (p := self._by(m, group))[0] is not None}
        vectors = {m: v for m, (v, _) in parts.items() if v is not None}
        if not vectors:
            return None, {}
        way = _WAYS[self._settings["组合方式"]]
        total = sum((wanted[m] for m in vectors), Fraction(0))
        alpha = None if way == "minimum-deviation" else [float(wanted[m] / total) for m in vectors]
        mixed = combine(np.stack(list(vectors.values())), way, alpha, labels=list(vectors))
        raw = mixed.raw_coefficients
        return np.asarray(mixed.weights), {
            "items": list(group["names"]),
            "combination": {
                "way": self._settings["组合方式"],
                "coefficients": dict(zip(mixed.labels, map(float, mixed.coefficients), strict=True)),
                "asked": {m: float(c) for m, c in wanted.items()},
                "raw_coefficients": None if raw is None else raw.tolist(),
                "sign_changed": mixed.sign_changed,
                "vectors": {m: v.tolist() for m, v in vectors.items()},
            },
            "parts": {m: details for m, (_, details) in parts.items()},
        }


def coefficients(text: str) -> dict[str, Fraction]:
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
            share = Fraction(number.removesuffix("%")) / (100 if number.endswith("%") else 1) if sign else None
        except (ValueError, ZeroDivisionError):
            raise RecordError(f"记录中的组合系数无法读取：{number}") from None
        found[method] = Fraction(1, len(parts)) if share is None else share
    return found
