"""Answers that came back and weigh nothing: other weights stand in the workbook, or another method is set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from drafting.findings import Cell, Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.system import FIRST_LEVEL
from drafting.model.weight_groups import Group


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
