"""5.4, B.1.1 and C.1: published weights sum to exactly 1 on both levels; their basis and the experts are on record."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from drafting.findings import Cell, Finding, finding
from drafting.model.results import WeightGroup
from drafting.model.system import FIRST_LEVEL
from drafting.model.weight import in_full
from drafting.notation.weights import COUNT
from drafting.rules.case import Case

GIVEN = "给定"


def sums(case: Case) -> Iterator[Finding]:
    """Check every group's published weights; a group of one indicator has weight 1."""
    weights = case.results.weights
    if weights is None:
        return
    bonus = {c.name for c in case.inputs.system.categories if c.bonus}
    for group in (weights.first_level, *weights.second_level):
        total = sum(in_full(w.published for w in group.weights), Fraction(0))
        if total != 1 and group.group not in bonus:
            yield finding(
                "weights-not-one", _place(case, group), group=group.group, total=f"{float(total):.10g}",
                anchor="table:system",
            )  # fmt: skip


def basis(case: Case) -> Iterator[Finding]:
    """Note groups whose weights were typed: nothing but the committee's word supports them."""
    weights = case.results.weights
    groups = [g for g in (weights.first_level, *weights.second_level) if g.method == GIVEN] if weights else []
    if groups:
        names = "、".join(f"“{g.group}”" for g in groups[:3]) + (f" 等 {len(groups)} 组" if len(groups) > 3 else "")
        yield finding("weights-given", _place(case, groups[0]), groups=names, anchor="part:weights")


def count(case: Case) -> Iterator[Finding]:
    """Report a baseline that calls a parameter n where n is what shares of the weights are divided by: one letter."""
    active = case.inputs.system.active
    shared = next((i.weight for i in active if i.weight is not None and i.weight.shared), None)
    using = [(i, g, b) for i in active for g, b in i.baselines.items() if COUNT in b.names]
    if shared is not None and using:
        first, grade, bound = using[0]
        names = "、".join(dict.fromkeys(f"“{i.name}”" for i, _, _ in using[:9]))
        yield finding(
            "weights-n-twice", case.place("indicator", first.code, f"{grade.chinese}基准值", sheet="二级指标"),
            indicators=names, found=bound.text, weight=shared, anchor="table:system",
        )  # fmt: skip


def panel(case: Case) -> Iterator[Finding]:
    """Note a panel that is not on record, and experts without field."""
    if not case.inputs.experts:
        yield finding("panel-none", case.place("expert", sheet="专家组"), anchor="part:weights")
    for position, expert in enumerate(case.inputs.experts):
        if not expert.field_of_work.strip():
            place = case.place("expert", str(position), "专业领域", sheet="专家组")
            yield finding("expert-no-field", place, expert=expert.code, anchor="part:weights")


def _place(case: Case, group: WeightGroup) -> Cell:
    if group.group == FIRST_LEVEL:
        return case.place("category", group.weights[0].key, "权重", sheet="一级指标")
    return case.place("indicator", group.weights[0].key, "权重", sheet="二级指标")
