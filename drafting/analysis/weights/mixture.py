"""Combination (组合, C.1): several methods into one weight vector per group, each method's result kept beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.weights.ahp import judge
from drafting.analysis.weights.delphi import by_delphi
from drafting.analysis.weights.objective import CRITIC, ENTROPY, by_survey
from drafting.findings import Finding, Provenance, finding
from drafting.model.characters import fold
from drafting.model.inputs import Inputs
from drafting.model.results import ExpertConsistency
from drafting.model.system import FIRST_LEVEL
from drafting.model.weight_details import CombinationFigures, CombinedDetails, MethodDetails
from drafting.model.weight_groups import Group
from weighting import combine
from weighting.combine import WeightVectorError

AHP, DELPHI = "层次分析法", "专家咨询法"
PARTS = (AHP, DELPHI, ENTROPY, CRITIC)
"""Methods that may take part. Weights typed into 项目.xlsx stand as they are: a group given is never combined."""

WAYS: Mapping[str, str] = MappingProxyType(
    {"加法": "additive", "乘法": "multiplicative", "最小偏差": "minimum-deviation"}
)
"""Word of setting 组合方式 -> name in the core."""

_LONGEST = 20
_ALIASES = {"AHP": AHP, "德尔菲法": DELPHI, "DELPHI": DELPHI, "熵值法": ENTROPY, "CRITIC": CRITIC}


@dataclass(frozen=True, slots=True)
class Mixed:
    """The combined weights of one group; ``weights`` is None if no method has any."""

    weights: NDArray[np.float64] | None
    experts: tuple[ExpertConsistency, ...] = ()
    details: CombinedDetails | None = None
    findings: tuple[Finding, ...] = ()


def coefficients(text: str) -> Mapping[str, Fraction]:
    """Read setting 组合方法, e.g. ``层次分析法=0.5；专家咨询法=0.5`` or 1/3 and 2/3; without figures all share alike.

    Raises ValueError with a Chinese sentence that says what is wrong with which part.
    """
    parts = [p for p in re.split(r"[;；,，、\n]+", text) if p.strip()]
    found: dict[str, Fraction | None] = {}
    for part in parts:
        name, sign, number = fold(part).replace(" ", "").replace(":", "=").partition("=")
        word = _method(name)
        if word is None:
            raise ValueError(f"“{name}”不是可用的方法（可用：{'、'.join(PARTS)}）")
        if word in found:
            raise ValueError(f"“{word}”出现两次")
        found[word] = _coefficient(word, number) if sign else None
    if not found:
        raise ValueError("没有写明方法")
    given = [c for c in found.values() if c is not None]
    if not given:
        return MappingProxyType({word: Fraction(1, len(found)) for word in found})
    if len(given) != len(found):
        blank = "、".join(word for word, c in found.items() if c is None)
        raise ValueError(f"“{blank}”没有系数；要么都写系数，要么都不写（等权）")
    if sum(given) != 1:
        raise ValueError(f"系数之和为 {float(sum(given)):.10g}，应为 1")
    return MappingProxyType({word: c for word, c in found.items() if c is not None})


def _method(name: str) -> str | None:
    known = {**{fold(p).upper(): p for p in PARTS}, **_ALIASES}
    return known.get(name.upper())


def _coefficient(word: str, number: str) -> Fraction:
    try:
        if len(number) > _LONGEST or not set(number) <= set("0123456789./%"):
            raise ValueError(number)
        value = Fraction(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"“{word}”的系数“{number[:20]}”不是数") from None
    if not 0 < value <= 1:
        raise ValueError(f"“{word}”的系数 {number} 不在 0～1 之间")
    return value


def by_combination(inputs: Inputs, group: Group, shares: Mapping[str, float] | None, where: Provenance) -> Mixed:
    """Combine the methods of setting 组合方法 for one group.

    A method that has no weights for the group (objective weights of the first level, no questionnaires) is left out
    and the coefficients of the others are scaled to sum to 1; a finding says so.

    ``shares``: weights of the experts by code, None if all weigh the same.
    """
    settings = inputs.settings
    try:
        wanted = coefficients(settings.combination_methods)
    except ValueError as error:
        place = where.find("setting", "组合方法")
        return Mixed(None, findings=(finding("combination-invalid", place, why=str(error)),))
    vectors: dict[str, NDArray[np.float64]] = {}
    parts: dict[str, MethodDetails] = {}
    experts: tuple[ExpertConsistency, ...] = ()
    found: list[Finding] = []
    for word in wanted:
        weights: NDArray[np.float64] | None = None
        details: MethodDetails | None = None
        if word == AHP:
            judged = judge(inputs, group, shares, where)
            weights, details, experts = judged.weights, judged.details, judged.experts
            found += judged.findings
        elif word == DELPHI:
            consulted = by_delphi(inputs, group, shares, where)
            weights, details = consulted.weights, consulted.details
            found += consulted.findings
        elif group.name != FIRST_LEVEL:
            weights, details, more = by_survey(inputs, group, word, where)
            found += more
        if weights is not None and details is not None:
            vectors[word], parts[word] = weights, details
    if not vectors:
        return Mixed(None, experts, None, tuple(found))
    left_out = [word for word in wanted if word not in vectors]
    if left_out:
        why = "一级指标没有客观权重" if group.name == FIRST_LEVEL else "没有可用的数据"
        found.append(
            finding("combination-part-missing", group=group.name, left_out="、".join(left_out), why=why,
                    used="、".join(vectors))
        )  # fmt: skip
    return _combine(inputs, group, wanted, vectors, parts, experts, found)


def _combine(
    inputs: Inputs,
    group: Group,
    wanted: Mapping[str, Fraction],
    vectors: Mapping[str, NDArray[np.float64]],
    parts: Mapping[str, MethodDetails],
    experts: tuple[ExpertConsistency, ...],
    found: list[Finding],
) -> Mixed:
    way = WAYS[inputs.settings.combination]
    total = sum((wanted[w] for w in vectors), Fraction(0))
    alpha = None if way == "minimum-deviation" else [float(wanted[w] / total) for w in vectors]
    try:
        mixed = combine(np.stack(list(vectors.values())), way, alpha, labels=list(vectors))
    except WeightVectorError:  # multiplicative, and every item has weight 0 somewhere
        found.append(finding("combination-vanishes", group=group.name))
        return Mixed(None, experts, None, tuple(found))
    if mixed.sign_changed:
        found.append(finding("combination-sign-changed", group=group.name))
    figures = CombinationFigures(
        way=inputs.settings.combination,
        coefficients=dict(zip(mixed.labels, map(float, mixed.coefficients), strict=True)),
        asked={w: float(c) for w, c in wanted.items()},
        raw_coefficients=None if mixed.raw_coefficients is None else tuple(mixed.raw_coefficients.tolist()),
        sign_changed=mixed.sign_changed,
        vectors={w: tuple(v.tolist()) for w, v in vectors.items()},
    )
    details = CombinedDetails(items=group.names, combination=figures, parts=parts)
    return Mixed(mixed.weights, experts, details, tuple(found))
