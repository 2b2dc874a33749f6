"""Appendix D again, written from the standard in fractions: membership, index, adjusted weights, grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from baselines import round_half_even
from drafting.verification.formula import value_of
from drafting.verification.levels import GRADES, Found, meets, merging, parameters_of
from drafting.verification.verdict import RecordError, Verdict

FIRST = "一级指标"


def check_trial(
    record: Mapping[str, Any],
    published: Mapping[str, Mapping[str, str]],
    pooled: Mapping[str, Found],
    strata: Mapping[tuple[str, str], Found],
    verdict: Verdict,
) -> None:
    """Evaluate every surveyed enterprise again and compare indices, grades and their distribution."""
    data, recorded = record["data"], record["trial"]
    survey = data["survey"]
    if survey is None:
        raise RecordError("记录中有试评价，却没有调研数据")
    weights = _Weights(data, published)
    rows = [n for n in range(len(survey["enterprises"])) if n not in set(survey["left_out"])]
    names = [survey["enterprises"][n] for n in rows]
    listed = [e["enterprise"] for e in recorded["enterprises"]]
    verdict.compare("试评价", "trial.enterprises", "参与试评价的企业", listed, names)
    counts = dict.fromkeys((*GRADES, "none", "excluded"), 0)
    for n, row in enumerate(rows):
        indices, grade = _evaluate(data, weights, pooled, strata, row)
        excluded = survey["violations"][row]
        counts["excluded" if excluded else grade or "none"] += 1
        if n < len(recorded["enterprises"]):
            _compare(recorded["enterprises"][n], indices, grade, excluded, verdict)
    for key, count in counts.items():
        what = f"试评价结果为“{key}”的企业数"
        verdict.compare("试评价", f"trial.distribution.{key}", what, recorded["distribution"].get(key), count)


def _compare(
    row: Mapping[str, Any], indices: Sequence[Fraction], grade: str | None, excluded: bool, verdict: Verdict
) -> None:
    path, who = f"trial.{row['enterprise']}", f"企业“{row['enterprise']}”"
    verdict.compare("试评价", f"{path}.excluded", f"{who}是否不参与评价", row["excluded"], excluded)
    verdict.compare("试评价", f"{path}.grade", f"{who}的等级", row["grade"], None if excluded else grade)
    for name, index in zip(GRADES, indices, strict=True):
        what = f"{who}的 Y_{name}"
        computed = None if excluded else float(index)
        verdict.compare("试评价", f"{path}.Y_{name}", what, row[f"Y_{name}"], computed)
        exact = row["exact"][f"Y_{name}"]
        text = None if excluded else _decimal(index)
        verdict.compare("试评价", f"{path}.exact.Y_{name}", f"{what}（未修约）", _plain(exact), text)


def _plain(text: str | None) -> str | None:
    return None if text is None else format(Decimal(text).normalize(), "f")


def _decimal(value: Fraction) -> str:
    """All digits of a number that ends, else the text of the nearest double."""
    places = next((p for p in range(400) if 10**p % value.denominator == 0), None)
    if places is None:
        return format(Decimal(repr(float(value))).normalize(), "f")
    whole = value.numerator * (10**places // value.denominator)
    return format(Decimal((0 if whole >= 0 else 1, tuple(map(int, str(abs(whole)))), -places)).normalize(), "f")


class _Weights:
    """Published weights, computed again, as fractions; formulas in n are put in per enterprise."""

    def __init__(self, data: Mapping[str, Any], published: Mapping[str, Mapping[str, str]]) -> None:
        self.first = {key: Fraction(text) for key, text in published.get(FIRST, {}).items()}
        self.bonus = {g["group"] for g in data["groups"] if g["bonus"]}
        self._second = {
            key: Fraction(text) for group, rows in published.items() if group != FIRST for key, text in rows.items()
        }
        self._formulas = {
            key: formula
            for g in data["groups"]
            for key, formula in zip(g["keys"], g["formulas"] or [None] * len(g["keys"]), strict=True)
            if formula is not None
        }

    def of(self, indicators: Sequence[Mapping[str, Any]]) -> dict[str, Fraction]:
        """Weights of the indicators that apply, after D.3: they sum to 1 in every category that has any."""
        shared: dict[tuple[str, str], int] = {}
        for i in indicators:
            if (formula := self._formulas.get(i["code"])) is not None:
                key = (i["category"], repr(formula))
                shared[key] = shared.get(key, 0) + 1
        plain = {}
        for i in indicators:
            formula = self._formulas.get(i["code"])
            if formula is None:
                plain[i["code"]] = self._second.get(i["code"], Fraction(0))
            else:
                plain[i["code"]] = value_of(formula, {"n": Fraction(shared[i["category"], repr(formula)])})
        sums: dict[str, Fraction] = {}
        for i in indicators:
            sums[i["category"]] = sums.get(i["category"], Fraction(0)) + plain[i["code"]]
        return {
            i["code"]: plain[i["code"]] / sums[i["category"]] if sums[i["category"]] else Fraction(0)
            for i in indicators
        }


def _evaluate(
    data: Mapping[str, Any],
    weights: _Weights,
    pooled: Mapping[str, Found],
    strata: Mapping[tuple[str, str], Found],
    row: int,
) -> tuple[list[Fraction], str | None]:
    """Indices and grade of one enterprise."""
    applying, reached = [], {}
    stratum = _stratum(data, strata, row)
    for indicator in data["indicators"]:
        column = data["survey"]["columns"].get(indicator["code"])
        state = column["states"][row] if column else None
        if state == data["survey"]["states"]["not_applicable"]:
            continue
        applying.append(indicator)
        found = strata.get((indicator["code"], stratum), pooled[indicator["code"]])
        reached[indicator["code"]] = _reached(data, indicator, found, row)
    adjusted = weights.of(applying)
    present = {i["category"] for i in applying if adjusted[i["code"]]} - weights.bonus
    scale = Fraction(1)
    if data["settings"]["整类不适用"] == "重新归一":
        scale = sum((w for c, w in weights.first.items() if c in present), Fraction(0)) or Fraction(1)
    mark = data["standard"]["full_mark"]
    regular = [i for i in applying if i["category"] not in weights.bonus]
    indices = []
    for place in range(3):
        total = sum(
            (weights.first.get(i["category"], Fraction(0)) * adjusted[i["code"]] for i in regular
             if reached[i["code"]][place]), Fraction(0),
        )  # fmt: skip
        indices.append(mark * total / scale)
    return indices, _grade(data, regular, reached, indices)


def _grade(
    data: Mapping[str, Any], regular: Sequence[Mapping[str, Any]], reached: Mapping[str, Sequence[bool]],
    indices: Sequence[Fraction],
) -> str | None:  # fmt: skip
    """D.4: the gate of clause 6, then I, II, III."""
    limiting = [reached[i["code"]] for i in regular if i["limiting"]]
    others = [reached[i["code"]] for i in regular if not i["limiting"]]
    if not all(r[2] for r in limiting):
        return None
    thresholds = [Fraction(data["standard"]["thresholds"][g]) for g in GRADES]
    for place in (0, 1):
        strict = all(r[place] for r in limiting) and all(r[place + 1] for r in others)
        if indices[place] >= thresholds[place] and strict:
            return GRADES[place]
    return GRADES[2] if indices[2] >= thresholds[2] else None


def _stratum(data: Mapping[str, Any], strata: Mapping[tuple[str, str], Found], row: int) -> str:
    if not strata or not data["survey"]["strata"]:
        return ""
    own: str = data["survey"]["strata"][row]
    return merging(data["settings"]["分组合并"]).get(own, own)


def _reached(data: Mapping[str, Any], indicator: Mapping[str, Any], found: Found, row: int) -> list[bool]:
    """Which grades a value reaches, cumulatively; nothing for a value that is missing or excluded."""
    survey = data["survey"]
    column = survey["columns"].get(indicator["code"])
    codes = survey["states"]
    if column is None or column["states"][row] not in (codes["value"], codes["non_detect"]):
        return [False] * 3
    value = column["values"][row]
    if value is None:
        return [False] * 3
    if indicator["direction"] == "qualitative":
        return [value >= 3 - place for place in range(3)]
    below = column["states"][row] == codes["non_detect"]
    if data["settings"]["比较方法"] == "修约值":
        value = _rounded(value, found)
    parameters = parameters_of(survey, row)
    own = []
    for bound in _judged(found):
        met = bound is not None and meets(bound, value, parameters) is True
        # The true value of a non-detect lies below its limit: it can meet ≤, never ≥.
        own.append(met and not (below and bound is not None and bound["operator"] not in ("<=", "<")))
    return [any(own[: place + 1]) for place in range(3)]


def _judged(found: Found) -> list[Mapping[str, Any] | None]:
    """The bound of each grade; where one is — the next stricter stands in, else the next laxer."""
    own = [found.criteria[g].bound if g in found.criteria else None for g in GRADES]
    filled = [b is not None and b["kind"] not in ("missing", "same-as") for b in own]
    result: list[Mapping[str, Any] | None] = []
    for place in range(3):
        order = [place, *range(place - 1, -1, -1), *range(place + 1, 3)]
        source = next((p for p in order if filled[p]), None)
        bound = None if source is None else own[source]
        result.append(bound if bound is not None and bound["kind"] in ("quantity", "range", "formula") else None)
    return result


def _rounded(value: float, found: Found) -> float:
    numbers = [g["value"] for g in found.grades.values() if g.get("value") is not None]
    if not numbers:
        return value
    return float(round_half_even(value, max(len(n.partition(".")[2]) for n in numbers)))
