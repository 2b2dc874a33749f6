"""Enterprises under several tables a second time (多表评定): D.2 and D.4 over all of an enterprise's tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from drafting.model.terms import GRADES, Grade
from drafting.record.schema import survey_of
from drafting.verification.opinion.baselines import KIND
from drafting.verification.opinion.trial import Judged, Judging, judged_rows
from drafting.verification.verdict import Verdict

if TYPE_CHECKING:
    from drafting.model.results import Trial
    from drafting.record.schema import OneOfTables
    from drafting.verification.rerun import Again

Ones: TypeAlias = "list[tuple[OneOfTables, Judged]]"


def combined_opinion(tables: Sequence[OneOfTables], ran: Sequence[Again], joined: Trial, verdict: Verdict) -> None:
    """Join the verdicts of each enterprise again by the rule in the settings, in fractions."""
    first = tables[0].data
    if first is None:
        return
    rule = first.settings["多表评定"]
    thresholds = [Fraction(first.standard.thresholds[g]) for g in GRADES]
    found: dict[str, Ones] = {}
    for table, again in zip(tables, ran, strict=True):
        survey = None if table.data is None else survey_of(table.data.survey)
        if table.data is None or survey is None or again.weights is None or again.baselines is None:
            continue
        for one in judged_rows(Judging(table.data, survey, again.weights, again.baselines)):
            found.setdefault(_key(one.name), []).append((table, one))
    for said in joined.enterprises:
        ones = found.get(_key(said.enterprise), [])
        path, who = f"combined.{said.enterprise}", f"企业“{said.enterprise}”的综合评定"
        barred = any(one.barred for _, one in ones)
        grade = None if barred else _grade(rule, ones, thresholds)
        verdict.compare(KIND, f"{path}.grade", f"{who}等级", said.grade, grade)
        for g, name in enumerate(GRADES):
            y, published = None if barred else float(_index(rule, ones, g)), said.y[name]
            told = None if published is None else float(published)
            verdict.compare(KIND, f"{path}.Y_{name}", f"{who} Y_{name}", told, y)


def _key(name: str) -> str:
    """A name as it is compared: width, case and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _parts(rule: str, ones: Ones) -> list[Fraction]:
    if len(ones) == 1:
        return [Fraction(1)]
    if rule == "固定系数":
        given = [Fraction(table.coefficient or 0) for table, _ in ones]
    else:
        given = [Fraction(one.output or 0) for _, one in ones]
    if rule == "主要产品":
        return [Fraction(int(g == max(given))) for g in given]
    return [g / sum(given) for g in given]


def _index(rule: str, ones: Ones, grade: int) -> Fraction:
    if rule == "取最低":
        return min(one.indices[grade] for _, one in ones)
    parts = _parts(rule, ones)
    return sum((q * one.indices[grade] for q, (_, one) in zip(parts, ones, strict=True)), Fraction())


def _grade(rule: str, ones: Ones, thresholds: list[Fraction]) -> Grade | None:
    if rule == "取最低":
        each = [one.grade(thresholds) for _, one in ones]
        worst = max(3 if g is None else g for g in each)
        return (*GRADES, None)[worst]
    counted = [one for q, (_, one) in zip(_parts(rule, ones), ones, strict=True) if q]
    for g, threshold in enumerate(thresholds):
        if _index(rule, ones, g) >= threshold and all(one.holds(g) for one in counted):
            return GRADES[g]
    return None
