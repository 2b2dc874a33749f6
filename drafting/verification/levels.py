"""Baselines again (5.5): from the survey columns and the typed bounds, with the shares really reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from baselines import CensoredRankError, PublishedGrade, Sample, order_statistic_interval, publish_grades
from baselines.strata import merge_strata, stratum_sizes
from drafting.verification.formula import UndefinedFormulaError, names_in, value_of
from drafting.verification.level_details import details_of
from drafting.verification.verdict import Verdict

GRADES = ("I", "II", "III")
_SIGNS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">", "==": ""}
_TOWARDS = {"smaller": "<=", "larger": ">="}
_MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a grade asks: a bound as the record writes bounds, and what the draft prints for it."""

    bound: Mapping[str, Any]
    printed: str


@dataclass(frozen=True, slots=True)
class Found:
    """Baselines of one indicator, computed again: fields of the record by name, criteria by grade."""

    fields: Mapping[str, Any]
    grades: Mapping[str, Mapping[str, Any]]
    criteria: Mapping[str, Criterion]
    details: Mapping[str, Any] = field(default_factory=dict)


def check_levels(record: Mapping[str, Any], verdict: Verdict) -> tuple[dict[str, Found], dict[tuple[str, str], Found]]:
    """Compute every baseline again and compare; what was found is what the trial is computed from."""
    data, recorded = record["data"], record["baselines"]
    pooled, strata = _all(data)
    _compare(recorded["indicators"], {(code, ""): found for code, found in pooled.items()}, verdict)
    _compare(recorded["strata"], strata, verdict)
    _compare_settings(recorded["settings"], data, verdict)
    return pooled, strata


def _compare_settings(recorded: Mapping[str, str], data: Mapping[str, Any], verdict: Verdict) -> None:
    marks = zip(("Ⅰ级", "Ⅱ级", "Ⅲ级"), GRADES, strict=True)
    shares = "、".join(f"{mark}{float(100 * Fraction(data['standard']['shares'][g])):g}%" for mark, g in marks)
    known = {**data["settings"], "取值原则": f"达到企业比例：{shares}"}
    for label, value in recorded.items():
        if label not in _FIXED:
            verdict.compare("设置", f"baselines.settings.{label}", f"设置“{label}”", value, known.get(label))


_FIXED = ("分位定义", "修约")
"""How this program always does it, in words."""


def _compare(rows: Sequence[Mapping[str, Any]], found: Mapping[tuple[str, str], Found], verdict: Verdict) -> None:
    listed = [f"{row['code']}{row['stratum'] or ''}" for row in rows]
    verdict.compare("基准值", "baselines", "指标的清单", sorted(listed), sorted(f"{c}{s}" for c, s in found))
    for row in rows:
        again = found.get((row["code"], row["stratum"] or ""))
        if again is None:
            continue
        where = f"baselines.{row['code']}" + (f".{row['stratum']}" if row["stratum"] else "")
        name = f"指标“{row['indicator']}”" + (f"（{row['stratum']}）" if row["stratum"] else "")
        for key, value in again.fields.items():
            verdict.compare("样本", f"{where}.{key}", f"{name}的 {key}", row.get(key), value)
        for grade in GRADES:
            what = f"{name}的 {grade} 级基准值"
            said = {"source": None, "bound": None, "k": None, **row[grade]}
            verdict.compare_tree("基准值", f"{where}.{grade}", what, said, again.grades.get(grade, _NO_GRADE))
        verdict.compare_tree("基准值依据", f"{where}.details", name, row["details"], again.details)


_NO_GRADE = {
    "value": None, "text": None, "bound": None, "exact": None, "share": None, "interval": [None, None], "k": None,
    "source": None,
}  # fmt: skip
"""A grade without baseline; others are written over it."""


def _all(data: Mapping[str, Any]) -> tuple[dict[str, Found], dict[tuple[str, str], Found]]:
    survey = data["survey"]
    pooled: dict[str, Found] = {}
    strata: dict[tuple[str, str], Found] = {}
    for indicator in data["indicators"]:
        column = survey["columns"].get(indicator["code"]) if survey else None
        pooled[indicator["code"]] = _indicator(indicator, column, data)
        by_group = data["settings"]["分组基准"] == "是" and survey is not None and survey["strata"]
        if by_group and column is not None and _source(indicator) == "survey":
            strata |= _by_stratum(indicator, column, data)
    return pooled, strata


def _source(indicator: Mapping[str, Any]) -> str:
    if indicator["direction"] == "qualitative":
        return "qualitative"
    return str(indicator["source"] or ("policy" if indicator["typed"] else "survey"))


def _named(indicator: Mapping[str, Any], stratum: str = "") -> dict[str, Any]:
    """What the record repeats about the indicator."""
    return {
        "indicator": indicator["name"], "category": indicator["category"], "unit": indicator["unit"],
        "direction": indicator["direction"], "stratum": stratum or None,
    }  # fmt: skip


def _nothing(indicator: Mapping[str, Any], counts: Mapping[str, int], stratum: str = "") -> Found:
    """No baselines: nobody answered, or a non-detect leaves the value open."""
    return Found({**_named(indicator, stratum), "n": 0, "source": "survey", "single": False, **counts}, {}, {})


def _indicator(indicator: Mapping[str, Any], column: Mapping[str, Any] | None, data: Mapping[str, Any]) -> Found:
    source = _source(indicator)
    if source == "qualitative":
        return _qualitative(indicator, column, data)
    sample = sample_of(column, data["survey"]) if column is not None else None
    if source == "policy":
        return _policy(indicator, column, sample, data)
    counts = _counts(column, data)
    if sample is None or sample.n == 0:
        return _nothing(indicator, counts)
    return _from_survey(indicator, sample, counts, data)


def _counts(column: Mapping[str, Any] | None, data: Mapping[str, Any]) -> dict[str, int]:
    names = ("missing", "not_applicable", "non_detect", "excluded")
    if column is None:
        return dict.fromkeys(names, 0)
    codes = data["survey"]["states"]
    return {name: column["states"].count(codes[name]) for name in names}


def sample_of(column: Mapping[str, Any], survey: Mapping[str, Any]) -> Sample:
    """A column of the record as the core wants it."""
    codes = survey["states"]
    rows = list(zip(column["values"], column["states"], strict=True))
    numeric = {codes["value"], codes["non_detect"], codes["excluded"]}
    return Sample.of(
        np.array([v if s in numeric and v is not None else np.nan for v, s in rows], dtype=float),
        detection_limits=np.array([v if s == codes["non_detect"] else np.nan for v, s in rows], dtype=float),
        excluded=[n for n, (v, s) in enumerate(rows) if s == codes["excluded"] and v is not None],
        weights=None if survey["weights"] is None else np.array(survey["weights"], dtype=float),
        strata=survey["strata"],
    )


# --- from the survey --------------------------------------------------------------------------------------------------
def _from_survey(
    indicator: Mapping[str, Any], sample: Sample, counts: Mapping[str, int], data: Mapping[str, Any], stratum: str = ""
) -> Found:
    decimals, way, limit = indicator["decimals"], indicator["direction"], indicator["limit"]
    if decimals is None:
        decimals = _own_decimals(sample)
    shares = [Fraction(data["standard"]["shares"][g]) for g in GRADES]
    number = Decimal(limit["number"]) if limit and limit["number"] is not None else None
    try:
        published = publish_grades(sample, way, decimals, shares=shares, mandatory_limit=number)
    except CensoredRankError:
        return _nothing(indicator, counts, stratum)
    confidence = float(data["settings"]["置信水平"])
    grades, criteria = {}, {}
    for grade, share in zip(GRADES, shares, strict=True):
        one: PublishedGrade = getattr(published, grade)
        operator = _TOWARDS[way]
        if one.tightened_from is not None and limit:
            operator = limit["operator"] or operator
        ends = order_statistic_interval(sample, way, share, confidence)
        printed = _SIGNS[operator] + format(one.value, "f")
        grades[grade] = {
            "value": format(one.value, "f"), "bound": printed, "share": one.share,
            "exact": one.survey.value if one.survey else None, "k": one.survey.k if one.survey else None,
            "interval": [ends.low, ends.high], "text": None,
            "source": "policy" if one.tightened_from is not None else None,
        }  # fmt: skip
        bound = {"kind": "quantity", "operator": operator, "number": format(one.value, "f")}
        criteria[grade] = Criterion(bound, printed)
    tightened = any(fields["source"] for fields in grades.values())
    source = "policy" if tightened else "survey"
    fields = {**_named(indicator, stratum), "n": sample.n, "source": source, "single": False, **counts}
    return Found(fields, grades, criteria, details_of(indicator, sample, published, decimals, data))


def _own_decimals(sample: Sample) -> int:
    finest = 0
    for value in sample.values[sample.counts]:
        exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
        finest = max(finest, -exponent if isinstance(exponent, int) else 0)
    return min(finest, _MOST_DECIMALS)


def _by_stratum(
    indicator: Mapping[str, Any], column: Mapping[str, Any], data: Mapping[str, Any]
) -> dict[tuple[str, str], Found]:
    sample = sample_of(column, data["survey"])
    rule = {o: n for o, n in merging(data["settings"]["分组合并"]).items() if o in data["survey"]["strata"]}
    merged = merge_strata(sample, rule) if rule else sample
    found = {}
    for name in stratum_sizes(merged):
        rows = [n for n, s in enumerate(merged.strata or ()) if s == name]
        part = {"values": [column["values"][n] for n in rows], "states": [column["states"][n] for n in rows]}
        one = merged.stratum(name)
        counts = _counts(part, data)
        found[indicator["code"], name] = (
            _from_survey(indicator, one, counts, data, name) if one.n else _nothing(indicator, counts, name)
        )
    return found


def merging(text: str) -> dict[str, str]:
    """Read setting 分组合并: ``小型=中型；微型=中型``."""
    parts = (p.partition("=") for p in text.replace(";", "；").replace("，", "；").split("；"))
    return {old.strip(): new.strip() for old, sign, new in parts if sign and old.strip() and new.strip()}


# --- typed ------------------------------------------------------------------------------------------------------------
def _spread(typed: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """A single baseline holds for all grades; 同Ⅰ级 and 同左 take the bound that they point at."""
    if len(typed) == 1:
        return dict.fromkeys(GRADES, next(iter(typed.values())))
    found: dict[str, Mapping[str, Any]] = {}
    for place, grade in enumerate(GRADES):
        bound = typed.get(grade)
        if bound is None:
            continue
        if bound["kind"] == "same-as":
            target = bound["reference"] if bound["reference"] in GRADES else GRADES[max(place - 1, 0)]
            bound = typed.get(target, found.get(target, bound))
        found[grade] = bound
    return found


def _policy(
    indicator: Mapping[str, Any], column: Mapping[str, Any] | None, sample: Sample | None, data: Mapping[str, Any]
) -> Found:
    grades, criteria = {}, {}
    for grade, bound in _spread(indicator["typed"]).items():
        single = bound["kind"] in ("quantity", "range")
        value = bound["number"] if single else None
        grades[grade] = {
            **_NO_GRADE, "value": value, "text": None if single else bound["printed"], "bound": bound["printed"],
            "exact": None if value is None else float(value), "share": _share(bound, sample, data["survey"]),
            "source": "policy",
        }  # fmt: skip
        criteria[grade] = Criterion(bound, bound["printed"])
    fields = {
        **_named(indicator), "n": sample.n if sample else 0, "source": "policy", "single": len(indicator["typed"]) == 1,
        **_counts(column, data),
    }  # fmt: skip
    return Found(fields, grades, criteria)


def _share(bound: Mapping[str, Any], sample: Sample | None, survey: Mapping[str, Any] | None) -> float | None:
    if sample is None or survey is None or sample.n == 0:
        return None
    met = total = 0.0
    asked = names_in(bound.get("formula"))
    for row in np.flatnonzero(sample.counts).tolist():
        parameters = parameters_of(survey, row)
        if any(parameters.get(name) is None for name in asked):
            continue  # without its parameter an enterprise is not compared
        answer = meets(bound, float(sample.values[row]), parameters)
        if answer is None:
            return None
        weight = 1.0 if sample.weights is None else float(np.nan_to_num(sample.weights[row]))
        total += weight
        met += weight if answer else 0.0
    return met / total if total else None


def parameters_of(survey: Mapping[str, Any], row: int) -> dict[str, Fraction | None]:
    """An enterprise's own parameters of formula baselines."""
    return {k: None if v[row] is None else Fraction(str(v[row])) for k, v in survey["parameters"].items()}


def meets(bound: Mapping[str, Any], value: float, parameters: Mapping[str, Fraction | None]) -> bool | None:
    """Hold a value against a bound, as fractions of their shortest decimals; None where it cannot be judged."""
    exact = Fraction(repr(value))
    match bound["kind"]:
        case "range":
            return Fraction(bound["number"]) <= exact <= Fraction(bound["upper"])
        case "quantity":
            limit = Fraction(bound["number"])
        case "formula":
            try:
                limit = value_of(bound["formula"], parameters)
            except UndefinedFormulaError:
                return None
        case _:
            return None
    match bound["operator"]:
        case "<=":
            return exact <= limit
        case "<":
            return exact < limit
        case ">=":
            return exact >= limit
        case ">":
            return exact > limit
        case "==":
            return exact == limit
    return None


def _qualitative(indicator: Mapping[str, Any], column: Mapping[str, Any] | None, data: Mapping[str, Any]) -> Found:
    n, shares = 0, dict.fromkeys(GRADES, None) if column is None else _cumulative(column, data["survey"])
    if column is not None:
        n = sum(1 for v, s in _answers(column, data["survey"]))
    grades = {
        g: {
            **_NO_GRADE, "text": bound["printed"], "bound": bound["printed"], "share": shares[g],
            "source": "qualitative",
        }
        for g, bound in _spread(indicator["typed"]).items()
    }  # fmt: skip
    fields = {
        **_named(indicator), "n": n, "source": "qualitative", "single": len(indicator["typed"]) == 1,
        **_counts(column, data),
    }  # fmt: skip
    return Found(fields, grades, {}, {"answers": n})


def _answers(column: Mapping[str, Any], survey: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Answers (grades reached) with the enterprise's sampling weight."""
    weights = survey["weights"] or [1.0] * len(column["values"])
    code = survey["states"]["value"]
    rows = zip(column["values"], column["states"], weights, strict=True)
    return [(v, w or 0.0) for v, s, w in rows if s == code and v is not None]


def _cumulative(column: Mapping[str, Any], survey: Mapping[str, Any]) -> dict[str, float | None]:
    answers = _answers(column, survey)
    total = sum(w for _, w in answers)
    if not total:
        return dict.fromkeys(GRADES, None)
    return {g: sum(w for v, w in answers if v >= len(GRADES) - i) / total for i, g in enumerate(GRADES)}
