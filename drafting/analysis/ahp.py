"""AHP (C.2.1): the panel's judgement matrices of one group to its weights and every expert's consistency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.groups import Group
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.results import ExpertConsistency
from weighting.consistency import Analysis, analyse
from weighting.errors import DisconnectedError
from weighting.group import aggregate_judgements, aggregate_priorities
from weighting.priorities import complete
from weighting.suggestions import Suggestion, preference_cycles, scale_text, suggestions

METHODS: Mapping[str, str] = MappingProxyType(
    {"特征向量法": "eigenvector", "方根法": "geometric-mean", "和积法": "column-mean"}
)
"""Word of setting 特征向量算法 -> name in the core."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What AHP finds for one group; ``weights`` is None if no matrix may be used."""

    group: Group
    weights: NDArray[np.float64] | None
    experts: tuple[ExpertConsistency, ...] = ()
    findings: tuple[Finding, ...] = ()
    matrices: Mapping[str, NDArray[np.float64]] = field(default_factory=lambda: MappingProxyType({}))
    """Matrices used, by expert, in the group's order and complete."""
    vectors: Mapping[str, NDArray[np.float64]] = field(default_factory=lambda: MappingProxyType({}))
    group_matrix: NDArray[np.float64] | None = None
    group_analysis: Analysis | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    expert: str
    values: NDArray[np.float64]
    analysis: Analysis

    @property
    def missing(self) -> int:
        return int(np.isnan(self.values).sum()) // 2


def judge(inputs: Inputs, group: Group, shares: Mapping[str, float] | None, where: Provenance) -> Judged:
    """Weigh one group by the judgement matrices of the panel.

    Parameters
    ----------
    inputs
        Matrices and settings.
    group
        What is weighted; matrices whose labels do not fit it are left to the reader's findings.
    shares
        Weights of the experts by code, None if all weigh the same.
    where
        For the places of findings.
    """
    settings = inputs.settings
    answers: list[_Answer] = []
    found: list[Finding] = []
    for matrix in inputs.judgements:
        order = group.order_of(matrix.labels) if matrix.group == group.name else None
        if order is None:
            continue
        values = matrix.values[np.ix_(order, order)]
        try:
            analysis = analyse(
                values, METHODS[settings.prioritisation], settings.random_index, limit=float(settings.cr_limit),
                labels=group.names,
            )  # fmt: skip
        except DisconnectedError as error:
            found.append(_disconnected(error, matrix.expert, group, where))
            continue
        answers.append(_Answer(matrix.expert, values, analysis))
    exclude = settings.inconsistent_experts == "剔除"
    used = [a for a in answers if a.analysis.consistent or not exclude]
    experts = tuple(_row(inputs, a, group, included=any(a is u for u in used)) for a in answers)
    for answer in answers:
        found += _consistency_findings(inputs, group, answer, where)
    if not used:
        if answers:
            found.append(finding("experts-all-excluded", group=group.name))
        return Judged(group, None, experts, tuple(found))
    return _aggregate(inputs, group, used, shares, experts, found)


def _aggregate(
    inputs: Inputs,
    group: Group,
    used: list[_Answer],
    shares: Mapping[str, float] | None,
    experts: tuple[ExpertConsistency, ...],
    found: list[Finding],
) -> Judged:
    settings = inputs.settings
    matrices = {a.expert: complete(a.values) if a.missing else a.values for a in used}
    vectors = {a.expert: a.analysis.weights for a in used}
    panel = None if shares is None else [shares.get(a.expert, 0.0) for a in used]
    matrix = aggregate_judgements(np.stack(list(matrices.values())), panel)
    method, limit = METHODS[settings.prioritisation], float(settings.cr_limit)
    analysis = analyse(matrix, method, settings.random_index, limit=limit, labels=group.names)
    weights = analysis.weights
    if settings.aggregation == "AIP":
        weights = aggregate_priorities(np.stack(list(vectors.values())), panel)
    return Judged(
        group, weights, experts, tuple(found), MappingProxyType(matrices), MappingProxyType(vectors), matrix, analysis
    )


def _row(inputs: Inputs, answer: _Answer, group: Group, *, included: bool) -> ExpertConsistency:
    analysis = answer.analysis
    plain = ExpertConsistency(
        answer.expert, group.name, analysis.n, float(analysis.lambda_max), float(analysis.ci), float(analysis.cr),
        bool(analysis.consistent), included, answer.missing,
    )  # fmt: skip
    if analysis.consistent:
        return plain
    revisit = suggestions(answer.values, random_index=inputs.settings.random_index, labels=group.names)
    described = tuple(
        MappingProxyType(
            {"first": s.labels[0], "second": s.labels[1], "judgement": s.judgement, "consistent": s.consistent_value,
             "step": s.step_text, "cr_step": s.cr_step}
        )
        for s in revisit
    )  # fmt: skip
    return replace(plain, suggestions=described, cycles=preference_cycles(answer.values, group.names))


def _disconnected(error: DisconnectedError, expert: str, group: Group, where: Provenance) -> Finding:
    islands = "；".join("、".join(group.names[i] for i in island) for island in error.islands)
    place = where.find("judgement", expert, group.name)
    return finding("judgements-disconnected", place, expert=expert, group=group.name, islands=islands)


def _consistency_findings(inputs: Inputs, group: Group, answer: _Answer, where: Provenance) -> Iterator[Finding]:
    settings, analysis = inputs.settings, answer.analysis
    place = where.find("judgement", answer.expert, group.name)
    if answer.missing:
        yield finding("expert-incomplete", place, expert=answer.expert, group=group.name, missing=answer.missing)
    if not analysis.consistent:
        yield finding(
            "expert-inconsistent", place, expert=answer.expert, group=group.name, cr=f"{float(analysis.cr):.3f}",
            limit=settings.cr_limit, policy=settings.inconsistent_experts,
            advice=advice(suggestions(answer.values, random_index=settings.random_index, labels=group.names)),
        )  # fmt: skip
        for cycle in preference_cycles(answer.values, group.names):
            words = "＞".join((*cycle, cycle[0]))
            yield finding("expert-cycle", place, expert=answer.expert, group=group.name, cycle=words)
    if analysis.consistency.tables_disagree:
        yield finding(
            "random-index-verdict", place, expert=answer.expert, group=group.name, table=settings.random_index,
            cr=f"{float(analysis.cr):.3f}", other=f"{float(analysis.consistency.cr_simulated):.3f}",
        )  # fmt: skip


def advice(found: tuple[Suggestion, ...]) -> str:
    """Say which judgements to revisit, to what, and the CR that would follow."""
    parts = []
    for s in found:
        change = f"由 {scale_text(s.judgement)} 改为 {s.step_text}（CR 变为 {s.cr_step:.3f}）"
        parts.append(f"“{s.labels[0]}”比“{s.labels[1]}”{change}")
    return "请专家复核，最值得复核的判断：" + "；".join(parts) + "。" if parts else "请专家复核判断。"
