"""AHP (C.2.1): the panel's judgement matrices of one group to its weights and every expert's consistency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.weights.agreement import agreement
from drafting.analysis.weights.uncertainty import of_judgements
from drafting.findings import Cell, Finding, Provenance, finding
from drafting.model.consultation import JudgementAdvice
from drafting.model.inputs import Inputs
from drafting.model.results import ExpertConsistency
from drafting.model.weight_details import JudgementDetails
from drafting.model.weight_groups import Group
from weighting.consistency import Analysis, analyse
from weighting.errors import DisconnectedError, PanelError
from weighting.group import PanelSelection, aggregate_judgements, aggregate_priorities, select_experts
from weighting.suggestions import Suggestion, preference_cycles, scale_text, suggestions

METHODS: Mapping[str, str] = MappingProxyType(
    {"特征向量法": "eigenvector", "方根法": "geometric-mean", "和积法": "column-mean"}
)
"""Word of setting 特征向量算法 -> name in the core."""

POLICIES: Mapping[str, str] = MappingProxyType({"退回": "return", "剔除": "exclude", "保留": "keep"})
"""Word of setting 不一致专家 -> name in the core."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One expert's matrix in the group's order (NaN where a pair was not compared), analysed."""

    expert: str
    values: NDArray[np.float64]
    analysis: Analysis
    order: tuple[int, ...]
    """Position of each of the group's items among the labels of the questionnaire."""

    @property
    def missing(self) -> int:
        """Pairs not compared."""
        return int(np.isnan(self.values).sum()) // 2


@dataclass(frozen=True, slots=True)
class Judged:
    """What AHP finds for one group; ``weights`` is None if no matrix may be used."""

    group: Group
    weights: NDArray[np.float64] | None
    experts: tuple[ExpertConsistency, ...] = ()
    findings: tuple[Finding, ...] = ()
    details: JudgementDetails | None = None


def judge(
    inputs: Inputs, group: Group, shares: Mapping[str, float] | None, where: Provenance, *, brief: bool = False
) -> Judged:
    """Weigh one group by the judgement matrices of the panel.

    ``inputs``: matrices and settings.
    ``group``: what is weighted; matrices whose labels do not fit it are left to the reader's findings.
    ``shares``: weights of the experts by code, None if all weigh the same.
    ``where``: for the places of findings.
    ``brief``: leave out how sure the weights are (resampling), which takes most of the time.
    """
    answers, found = answers_of(inputs, group, where)
    settings = inputs.settings
    if not answers:
        return Judged(group, None, (), tuple(found))
    for answer in answers:
        found += _consistency_findings(inputs, group, answer, where)
    try:
        chosen = selection(answers, settings.inconsistent_experts, float(settings.cr_limit))
    except PanelError:
        found.append(finding("experts-all-excluded", where.find("setting", "不一致专家"), group=group.name))
        rows = tuple(_row(inputs, a, group, included=False) for a in answers)
        return Judged(group, None, rows, tuple(found))
    experts = tuple(_row(inputs, a, group, included=k in chosen.included) for k, a in enumerate(answers))
    used = [answers[k] for k in chosen.included]
    panel = None if shares is None else [shares.get(a.expert, 0.0) for a in used]
    weights, matrix, analysis = aggregate(inputs, group, used, panel)
    consistent = bool(analysis.consistent)
    if consistent and any(not a.analysis.consistent for a in used):
        found.append(
            finding("group-hides-inconsistency", group=group.name, cr=f"{float(analysis.cr):.3f}",
                    worst=f"{max(float(a.analysis.cr) for a in used):.3f}")
        )  # fmt: skip
    vectors = {a.expert: a.analysis.weights for a in used}
    matrices = {a.expert: a.values for a in used}
    agreed, more = agreement(vectors, group.name, group.labels)
    method = METHODS[settings.prioritisation]
    details = JudgementDetails(
        items=group.labels,
        aggregation=settings.aggregation,
        group_matrix=plain_matrix(matrix),
        group_lambda_max=float(analysis.lambda_max),
        group_ci=float(analysis.ci),
        group_cr=float(analysis.cr),
        group_consistent=consistent,
        group_note="群体判断矩阵的一致性比例会掩盖个体的不一致，不得单独用来判断专家组，须同时看各专家的 CR。",
        mean_expert_cr=float(np.mean([float(a.analysis.cr) for a in used])),
        experts_used=tuple(vectors),
        experts_excluded=tuple(answers[k].expert for k in chosen.excluded),
        expert_shares=None if panel is None else _normalised(vectors, panel),
        vectors={e: tuple(v.tolist()) for e, v in vectors.items()},
        matrices={a.expert: plain_matrix(a.values) for a in answers},
        agreement=agreed,
        uncertainty=None
        if brief
        else of_judgements(settings, method, group.name, group.labels, matrices, matrix, panel),
    )
    return Judged(group, weights, experts, (*found, *more), details)


def answers_of(
    inputs: Inputs, group: Group, where: Provenance, method: str = "", table: str = ""
) -> tuple[list[Answer], list[Finding]]:
    """Analyse the matrices that fit a group; those that leave islands are findings instead.

    ``method``, ``table``: core names of prioritisation and RI table; those of the settings by default.
    """
    settings = inputs.settings
    chosen = (method or METHODS[settings.prioritisation], table or settings.random_index)
    limit = float(settings.cr_limit)
    fitting = [
        (m.expert, m.values[np.ix_(order, order)], tuple(order))
        for m in inputs.judgements
        if m.group == group.name and (order := group.order_of(m.labels)) is not None
    ]
    complete = [k for k, (_, values, _) in enumerate(fitting) if not np.isnan(values).any()]
    solved: dict[int, Analysis] = {}
    if complete:  # all of them in one solve
        stack = analyse(np.stack([fitting[k][1] for k in complete]), *chosen, limit=limit, labels=group.labels)
        solved = {k: _one(stack, position) for position, k in enumerate(complete)}
    answers: list[Answer] = []
    found: list[Finding] = []
    for k, (expert, values, places) in enumerate(fitting):
        try:
            analysis = solved.get(k) or analyse(values, *chosen, limit=limit, labels=group.labels)
        except DisconnectedError as error:
            found.append(_disconnected(error, expert, group, places, where))
            continue
        answers.append(Answer(expert, values, analysis, places))
    return answers, found


def _one(stack: Analysis, k: int) -> Analysis:
    """One matrix of an analysed stack."""
    whole = stack.consistency
    lambda_max, ci, cr, gci = (
        float(np.asarray(figure)[k]) for figure in (whole.lambda_max, whole.ci, whole.cr, whole.gci)
    )
    own = replace(whole, lambda_max=lambda_max, ci=ci, cr=cr, gci=gci, missing=0)
    return replace(stack, weights=stack.weights[k], consistency=own)


def selection(answers: list[Answer], policy: str, limit: float) -> PanelSelection:
    """Apply setting 不一致专家.

    Raises PanelError if nobody remains.
    """
    return select_experts([float(a.analysis.cr) for a in answers], POLICIES[policy], limit)


def aggregate(
    inputs: Inputs, group: Group, used: list[Answer], panel: list[float] | None, method: str = "", table: str = ""
) -> tuple[NDArray[np.float64], NDArray[np.float64], Analysis]:
    """Weights of the group by setting 群决策, its matrix (AIJ) and that matrix's analysis."""
    settings = inputs.settings
    matrix = aggregate_judgements(np.stack([a.values for a in used]), panel)
    analysis = analyse(
        matrix, method or METHODS[settings.prioritisation], table or settings.random_index,
        limit=float(settings.cr_limit), labels=group.labels,
    )  # fmt: skip
    if settings.aggregation == "AIP":
        return aggregate_priorities(np.stack([a.analysis.weights for a in used]), panel), matrix, analysis
    return analysis.weights, matrix, analysis


def plain_matrix(values: NDArray[np.float64]) -> tuple[tuple[float | None, ...], ...]:
    """A matrix as plain values, None where a pair was not compared."""
    return tuple(tuple(None if np.isnan(x) else float(x) for x in row) for row in values)


def _normalised(experts: Iterable[str], panel: list[float]) -> Mapping[str, float]:
    return {e: p / sum(panel) for e, p in zip(experts, panel, strict=True)}


def _row(inputs: Inputs, answer: Answer, group: Group, *, included: bool) -> ExpertConsistency:
    analysis = answer.analysis
    plain = ExpertConsistency(
        expert=answer.expert, matrix=group.name, n=analysis.n, lambda_max=float(analysis.lambda_max),
        ci=float(analysis.ci), cr=float(analysis.cr), consistent=bool(analysis.consistent), included=included,
        missing=answer.missing,
    )  # fmt: skip
    if analysis.consistent:
        return plain
    revisit = suggestions(answer.values, random_index=inputs.settings.random_index, labels=group.labels)
    described = tuple(
        JudgementAdvice(
            first=s.labels[0], second=s.labels[1], judgement=s.judgement, consistent=s.consistent_value,
            step=s.step_text, cr_step=s.cr_step,
        )
        for s in revisit
    )  # fmt: skip
    return replace(plain, suggestions=described, cycles=preference_cycles(answer.values, group.labels))


def _disconnected(
    error: DisconnectedError, expert: str, group: Group, order: tuple[int, ...], where: Provenance
) -> Finding:
    islands = "；".join("、".join(group.labels[i] for i in island) for island in error.islands)
    bridge = sorted(order[island[0]] for island in error.islands[:2])  # a comparison that would join two of them
    place = where.find("judgement", expert, group.name, *map(str, bridge))
    return finding("judgements-disconnected", place, expert=expert, group=group.name, islands=islands)


def _consistency_findings(inputs: Inputs, group: Group, answer: Answer, where: Provenance) -> Iterator[Finding]:
    settings, analysis = inputs.settings, answer.analysis
    place = where.find("judgement", answer.expert, group.name)
    if answer.missing:
        yield finding("expert-incomplete", place, expert=answer.expert, group=group.name, missing=answer.missing)
    if not analysis.consistent:
        revisit = suggestions(answer.values, random_index=settings.random_index, labels=group.labels)
        cells = [_cell(s, answer, group, where) for s in revisit]
        yield finding(
            "expert-inconsistent", cells[0] if cells else place, expert=answer.expert, group=group.name,
            cr=f"{float(analysis.cr):.3f}", limit=settings.cr_limit, policy=settings.inconsistent_experts,
            advice=advice(revisit, cells),
        )  # fmt: skip
        for cycle in preference_cycles(answer.values, group.labels):
            words = "＞".join((*cycle, cycle[0]))
            yield finding("expert-cycle", place, expert=answer.expert, group=group.name, cycle=words)
    if analysis.consistency.tables_disagree:
        yield finding(
            "random-index-verdict", place, expert=answer.expert, group=group.name, table=settings.random_index,
            cr=f"{float(analysis.cr):.3f}", other=f"{float(analysis.consistency.cr_simulated):.3f}",
        )  # fmt: skip


def _cell(suggested: Suggestion, answer: Answer, group: Group, where: Provenance) -> Cell | None:
    """Cell of a judgement as the returned questionnaire orders the items."""
    i, j = (str(answer.order[k]) for k in suggested.pair)
    return where.find("judgement", answer.expert, group.name, i, j)


def advice_for(inputs: Inputs, groups: Sequence[Group], where: Provenance) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """By expert over the CR limit: the groups to revise, each with its CR and the judgements most worth a look."""
    asked: dict[str, list[tuple[str, str]]] = {}
    for group in groups:
        for answer in answers_of(inputs, group, where)[0]:
            if not answer.analysis.consistent:
                revisit = suggestions(answer.values, random_index=inputs.settings.random_index, labels=group.labels)
                cells = [_cell(s, answer, group, where) for s in revisit]
                words = f"CR={float(answer.analysis.cr):.3f}，{advice(revisit, cells)}"
                asked.setdefault(answer.expert, []).append((group.name, words))
    return MappingProxyType({expert: tuple(of) for expert, of in asked.items()})


def advice(found: tuple[Suggestion, ...], cells: Sequence[Cell | None] = ()) -> str:
    """Say which judgements to revisit, to what, and the CR that would follow."""
    parts = []
    for k, s in enumerate(found):
        cell = cells[k] if k < len(cells) else None
        change = f"由 {scale_text(s.judgement)} 改为 {s.step_text}（CR 变为 {s.cr_step:.3f}）"
        at = f"（{cell.cell}）" if cell is not None and cell.cell else ""
        parts.append(f"“{s.labels[0]}”比“{s.labels[1]}”{at}{change}")
    return "请专家复核，最值得复核的判断：" + "；".join(parts) + "。" if parts else "请专家复核判断。"
