"""The run from judgements, rounds or typed values to the weights of both baselines (5.4, Appendix C)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.weights.ahp import judge
from drafting.analysis.weights.authority import expert_weights
from drafting.analysis.weights.consultation import consult
from drafting.analysis.weights.delphi import by_delphi
from drafting.analysis.weights.mixture import by_combination
from drafting.analysis.weights.revisions import revisions
from drafting.findings import Cell, Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.results import ExpertConsistency, WeightGroup, WeightRow, Weights
from drafting.model.sheet import rows
from drafting.model.system import FIRST_LEVEL
from drafting.model.weight import Weight, in_full
from drafting.model.weight_details import GroupDetails, awaits_answers
from drafting.model.weight_groups import Group, groups_of
from weighting import apportion

GIVEN, ONLY = "给定", "唯一"
"""Method words of a group whose weights were typed, and of a group of one."""

_PRINTED = (
    "weight_method", "prioritisation", "random_index", "cr_limit", "inconsistent_experts", "aggregation",
    "expert_weights", "authority_table", "combination", "combination_methods", "weight_decimals", "quartile",
    "rating_scale", "screening", "stop_stability", "stop_cv", "stop_share", "stop_rounds", "stop_class",
    "min_participation", "min_pairs", "seed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    """Weights of one group, or why there are none."""

    group: Group
    method: str
    exact: NDArray[np.float64] | None = None
    published: tuple[Weight, ...] | None = None
    experts: tuple[ExpertConsistency, ...] = ()
    details: GroupDetails | None = None
    findings: tuple[Finding, ...] = ()


def weigh(inputs: Inputs, where: Provenance, *, brief: bool = False) -> tuple[Weights | None, list[Finding]]:
    """Weigh both baselines; ``brief`` leaves out how sure the weights are.

    Returns None if no group of the first level has weights. A group of the second level without weights is left out.
    """
    shares, found = expert_weights(inputs, where)
    groups = groups_of(inputs.system)
    results = [_weigh_group(inputs, group, shares, where, brief=brief) for group in groups]
    for result in results:
        found += result.findings
    experts = tuple(e for r in results for e in r.experts)
    consultation = consult(inputs, groups, experts, where)
    found += consultation.findings
    revised, more = revisions(inputs, where)
    found += [*more, *unused(inputs, groups, where)]
    if not (inputs.judgements or inputs.delphi or inputs.ratings) and not any(r.group.given for r in results):
        # Where questionnaires are awaited the reader has said so; where weights were to be typed nobody else does.
        return None, [*found, finding("weights-none")] if inputs.settings.weight_method == GIVEN else found
    for result in results:
        if result.group.bonus:
            found += _bonus_missing(inputs, result, where)
        elif result.exact is None and result.group.size > 1 and not result.group.partly:
            found.append(_missing(inputs, result, where))
    weighed = {r.group.name: _published(inputs, r, where, found) for r in results if r.exact is not None}
    first, *second = results
    if first.group.name not in weighed:
        return None, found
    over = [e for e in experts if not e.consistent]
    returned = bool(over) and inputs.settings.inconsistent_experts == "退回"
    provisional = returned or any(awaits_answers(r.details) for r in results)
    if returned:
        found.append(finding("weights-provisional", count=len(over)))
    return Weights(
        method=method_used(inputs.settings.weight_method, [g.method for g in weighed.values()]),
        first_level=weighed[first.group.name],
        second_level=tuple(weighed[r.group.name] for r in second if r.group.name in weighed),
        experts=experts,
        provisional=provisional,
        settings=settings_in_words(inputs),
        delphi=consultation.delphi,
        panel=consultation.panel,
        revisions=revised,
    ), found


def method_used(setting: str, methods: Sequence[str]) -> str:
    """The method that the draft states: 给定 where every group that could have been weighed was typed."""
    return GIVEN if GIVEN in methods and set(methods) <= {GIVEN, ONLY} else setting


def settings_in_words(inputs: Inputs) -> Mapping[str, str]:
    """The settings that the weights depend on, as the draft prints them."""
    labels = {r.field: r.label for r in rows(type(inputs.settings))}
    return MappingProxyType({labels[name]: str(getattr(inputs.settings, name)) for name in _PRINTED})


def _weigh_group(
    inputs: Inputs, group: Group, shares: Mapping[str, float] | None, where: Provenance, *, brief: bool
) -> _Found:
    if group.given:
        typed = [w for w in group.typed if w is not None]
        return _Found(group, GIVEN, np.array([float(w) for w in in_full(typed)]), tuple(typed))
    if group.partly:
        return _Found(group, GIVEN)
    if group.size == 1:
        return _Found(group, ONLY, np.ones(1), (Weight.number(1),))
    method = inputs.settings.weight_method
    if group.size == 0 or method == GIVEN:
        return _Found(group, method)
    if method == "层次分析法":
        judged = judge(inputs, group, shares, where, brief=brief)
        return _Found(group, method, judged.weights, None, judged.experts, judged.details, judged.findings)
    if method == "专家咨询法":
        consulted = by_delphi(inputs, group, shares, where)
        return _Found(group, method, consulted.weights, None, (), consulted.details, consulted.findings)
    mixed = by_combination(inputs, group, shares, where)
    return _Found(group, method, mixed.weights, None, mixed.experts, mixed.details, mixed.findings)


def _missing(inputs: Inputs, result: _Found, where: Provenance) -> Finding:
    method, group = inputs.settings.weight_method, result.group
    key = ("category" if group.name == FIRST_LEVEL else "indicator", group.keys[0])
    if method == GIVEN:
        return finding("weights-group-blank", where.find(*key), group=group.name)
    needed = {"层次分析法": "判断矩阵", "专家咨询法": "德尔菲问卷"}.get(method, "判断矩阵或问卷")
    why = "全部判断矩阵都不可用" if result.experts else f"没有收到可用的{needed}"
    return finding("weights-group-missing", where.find(*key), group=group.name, why=why, needed=needed)


def _bonus_missing(inputs: Inputs, result: _Found, where: Provenance) -> Iterator[Finding]:
    """Say what a bonus group lacks: no expert is asked for its weights, the committee types them."""
    group = result.group
    category = next(c for c in inputs.system.categories if c.name == group.name)
    lacks = []
    if category.weight is None:
        lacks.append(("一级指标权重", where.find("category", group.name, "权重")))
    if result.exact is None and not any(w is not None for w in group.typed):
        lacks.append(("二级指标权重", where.find("indicator", group.keys[0], "权重")))
    if lacks:
        what = "和".join(words for words, _ in lacks)
        yield finding("weights-bonus-missing", lacks[0][1], group=group.name, what=what)


def _published(inputs: Inputs, result: _Found, where: Provenance, found: list[Finding]) -> WeightGroup:
    group, exact = result.group, result.exact
    if exact is None:
        raise ValueError("a group without weights cannot be published")
    decimals = inputs.settings.weight_decimals
    published = result.published or tuple(map(Weight.number, apportion(exact, decimals)))
    if any(p.amount == 0 for p in published) and result.published is None:
        needed = next(d for d in range(decimals, 12) if all(p > 0 for p in apportion(exact, d)) or d == 11)
        place = where.find("setting", "权重小数位")
        found.append(finding("decimals-too-few", place, group=group.name, decimals=decimals, needed=needed))
    weights = tuple(
        WeightRow(key, name, float(x), p, nominal)
        for key, name, x, p, nominal in zip(
            group.keys, group.names, exact, published, _nominal(exact, published, decimals), strict=True
        )
    )
    return WeightGroup(group.name, weights, result.method, result.details)


def _nominal(exact: NDArray[np.float64], published: tuple[Weight, ...], decimals: int) -> tuple[Decimal | None, ...]:
    """Give decimals for a group with shares or fractions, as fine as its typed ones; None where all are decimals."""
    plain = [weight.decimal for weight in published]
    if None not in plain or not math.isclose(exact.sum(), 1):
        return (None,) * len(published)
    finest = max((-int(d.as_tuple().exponent) for d in plain if d is not None), default=0)
    return apportion(exact, max(decimals, finest))


# --- what is left aside -----------------------------------------------------------------------------------------------
def unused(inputs: Inputs, groups: Sequence[Group], where: Provenance) -> Iterator[Finding]:
    """Say which answers have no part in the weights: one finding per instrument, so that nobody thinks they have."""
    settings = inputs.settings
    weighing = settings.combination_methods if settings.weight_method == "组合" else settings.weight_method
    for instrument, method, answers in _instruments(inputs):
        typed = [g for g in groups if g.given and answers.get(g.name)]
        if answers and method not in weighing:
            place = where.find("setting", "权重方法")
            yield finding(
                "answers-other-method", place, instrument=instrument, experts=_count(answers.values()), method=method,
                setting=settings.weight_method,
            )  # fmt: skip
        elif typed:
            yield finding(
                "answers-overruled", _weight_cell(typed[0], where), instrument=instrument,
                experts=_count(answers[g.name] for g in typed), groups="、".join(f"“{g.name}”" for g in typed),
            )  # fmt: skip


def _instruments(inputs: Inputs) -> Iterator[tuple[str, str, Mapping[str, set[str]]]]:
    """Each instrument, its method, and who answered which group. Ratings choose indicators under every method."""
    matrices: dict[str, set[str]] = {}
    for m in inputs.judgements:
        matrices.setdefault(m.group, set()).add(m.expert)
    yield "判断矩阵", "层次分析法", matrices
    rounds: dict[str, set[str]] = {}
    for r in inputs.delphi:
        for answer in r.answers:
            for allocation in answer.allocations:
                rounds.setdefault(allocation.group, set()).add(answer.expert)
    yield "专家咨询问卷", "专家咨询法", rounds


def _count(answered: Iterable[set[str]]) -> int:
    return len({expert for group in answered for expert in group})


def _weight_cell(group: Group, where: Provenance) -> Cell | None:
    level = "category" if group.name == FIRST_LEVEL else "indicator"
    return where.find(level, group.keys[0], "权重")
