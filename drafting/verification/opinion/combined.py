"""Enterprises under several tables a second time (多表评定): D.2 and D.4 over all of an enterprise's tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from drafting.verification.opinion.baselines import GRADES, KIND
from drafting.verification.opinion.trial import Judged, judged_rows
from drafting.verification.verdict import Verdict

Data = Mapping[str, Any]


def combined_opinion(record: Data, joined: Data, verdict: Verdict) -> None:
    """Join the verdicts of each enterprise again by the rule in the settings, in fractions."""
    rule = record["tables"][0]["data"]["settings"]["多表评定"]
    thresholds = [Fraction(record["tables"][0]["data"]["standard"]["thresholds"][g]) for g in GRADES]
    found: dict[str, list[tuple[Data, Judged]]] = {}
    for table in record["tables"]:
        if table["data"]["survey"] is None or table["weights"] is None or table["baselines"] is None:
            continue
        for one in judged_rows(table["data"], table["weights"], table["baselines"]):
            found.setdefault(_key(one.name), []).append((table, one))
    for said in joined["enterprises"]:
        ones = found.get(_key(said["enterprise"]), [])
        path, who = f"combined.{said['enterprise']}", f"企业“{said['enterprise']}”的综合评定"
        grade = None if any(one.barred for _, one in ones) else _grade(rule, ones, thresholds)
        verdict.compare(KIND, f"{path}.grade", f"{who}等级", said["grade"], grade)
        for g, name in enumerate(GRADES):
            y = None if any(one.barred for _, one in ones) else _index(rule, ones, g)
            verdict.compare(
                KIND, f"{path}.Y_{name}", f"{who} Y_{name}", said[f"Y_{name}"], None if y is None else float(y)
            )


def _key(name: str) -> str:
    """A name as it is compared: width, case and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _parts(rule: str, ones: list[tuple[Data, Judged]]) -> list[Fraction]:
    if len(ones) == 1:
        return [Fraction(1)]
    if rule == "固定系数":
        given = [Fraction(table["coefficient"]) for table, _ in ones]
    else:
        given = [Fraction(one.output or 0) for _, one in ones]
    if rule == "主要产品":
        return [Fraction(int(g == max(given))) for g in given]
    return [g / sum(given) for g in given]


def _index(rule: str, ones: list[tuple[Data, Judged]], grade: int) -> Fraction:
    if rule == "取最低":
        return min(one.indices[grade] for _, one in ones)
    parts = _parts(rule, ones)
    return sum((q * one.indices[grade] for q, (_, one) in zip(parts, ones, strict=True)), Fraction())


def _grade(rule: str, ones: list[tuple[Data, Judged]], thresholds: list[Fraction]) -> str | None:
    if rule == "取最低":
        each = [one.grade(thresholds) for _, one in ones]
        worst = max(3 if g is None else g for g in each)
        return (*GRADES, None)[worst]
    counted = [one for q, (_, one) in zip(_parts(rule, ones), ones, strict=True) if q]
    for g, threshold in enumerate(thresholds):
        if _index(rule, ones, g) >= threshold and all(one.holds(g) for one in counted):
            return GRADES[g]
    return None
