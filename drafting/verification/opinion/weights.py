"""Weights and consistency a second time (5.4, Appendix C), and the statistics of the rounds they rest on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import mul
from typing import TYPE_CHECKING, TypeAlias

from msgspec import UNSET

from drafting.model.weight_details import CombinedDetails, ConsultedDetails, by_method
from drafting.verification.opinion.arithmetic import (
    RANDOM_INDEX,
    column_shares,
    concordance,
    eigenvector,
    largest_remainders,
    normalised,
    quantile,
    row_means,
)
from drafting.verification.verdict import Verdict

if TYPE_CHECKING:
    from drafting.model.results import ExpertConsistency, WeightGroup, Weights
    from drafting.model.weight_details import GroupDetails, ItemStatistics
    from drafting.record.schema import Evidence, GroupData

KIND = "另法复算"
FIRST = "一级指标"
AHP, DELPHI, ONLY, GIVEN, MIXED = "层次分析法", "专家咨询法", "唯一", "给定", "组合"
Matrix: TypeAlias = Sequence[Sequence[float]]


def weights_opinion(data: Evidence, weights: Weights, verdict: Verdict) -> None:
    """Hold the weights of every group, the experts' consistency and the rounds' statistics against the second route."""
    experts = () if weights.delphi.authority is None else weights.delphi.authority.experts
    shares = {e.expert: e.cr for e in experts} if data.settings["专家权重"] != "相同" and experts else None
    weighed = {g.group: g for g in (weights.first_level, *weights.second_level)}
    for group in data.groups:
        found = weighed.get(group.group)
        if found is None:
            continue
        own = _by(found.method, data, group, found.details, weights, shares, verdict)
        _hold_rounds(data, group, found.details, verdict)
        if own is None:
            verdict.unchecked["另法复算：权重"] = verdict.unchecked.get("另法复算：权重", 0) + len(found.weights)
            continue
        path = "weights.first_level" if group.group == FIRST else f"weights.second_level.{group.group}"
        printed = largest_remainders(own, int(data.settings["权重小数位"]))
        for row, exact, figure in zip(found.weights, own, printed, strict=True):
            what = f"“{row.name}”的权重"
            verdict.compare(KIND, f"{path}.{row.key}.exact", f"{what}（未修约）", row.exact, exact)
            verdict.compare(KIND, f"{path}.{row.key}.weight", what, row.decimal, figure)
    for group in data.groups:
        _hold_typed(group, weighed.get(group.group), verdict)


def _hold_typed(group: GroupData, found: WeightGroup | None, verdict: Verdict) -> None:
    """What was typed is printed as it was typed."""
    if found is not None and found.method == GIVEN and group.values is not UNSET:
        for row, text in zip(found.weights, group.typed, strict=True):
            path, what = f"weights.{group.group}", f"“{group.group}”给定的权重"
            verdict.compare(KIND, path, what, str(row.published), text)


def _by(
    method: str, data: Evidence, group: GroupData, details: GroupDetails | None, weights: Weights,
    shares: Mapping[str, float] | None, verdict: Verdict,
) -> list[float] | None:  # fmt: skip
    if method == ONLY:
        return [1.0]
    if method == AHP:
        return _judged(data, group, weights, shares, verdict)
    if method == DELPHI and isinstance(details, ConsultedDetails):
        return _consulted(data, group, details, shares)
    if method == MIXED and data.settings["组合方式"] == "加法" and isinstance(details, CombinedDetails):
        asked = details.combination.coefficients
        parts = {m: _by(m, data, group, details.parts[m], weights, shares, verdict) for m in asked}
        if any(p is None for p in parts.values()):
            return None
        columns = zip(*(parts[m] or () for m in asked), strict=True)
        return normalised([math.fsum(a * x for a, x in zip(asked.values(), c, strict=True)) for c in columns])
    return None


# --- judgement matrices -----------------------------------------------------------------------------------------------
_METHODS = {"特征向量法": lambda m: eigenvector(m)[0], "方根法": row_means, "和积法": column_shares}


def _judged(
    data: Evidence, group: GroupData, weights: Weights, shares: Mapping[str, float] | None, verdict: Verdict
) -> list[float] | None:
    """AIJ or AIP of the matrices that the policy keeps; None where a pair was left out of a matrix."""
    settings, name = data.settings, group.group
    solve, limit = _METHODS[settings["特征向量算法"]], float(settings["CR限值"])
    matrices: dict[str, Matrix] = {}
    for judged in (j for j in data.judgements if j.group == name):
        compared = [[v for v in line if v is not None] for line in judged.values]
        if any(len(line) < len(judged.values) for line in compared):
            return None
        matrices[judged.expert] = compared
    if not matrices:
        return None
    said = {e.expert: e for e in weights.experts if e.matrix == name}
    kept: dict[str, Matrix] = {}
    for expert, matrix in matrices.items():
        ratio = _hold_consistency(matrix, said[expert], settings, f"weights.experts.{expert}.{name}", verdict)
        if settings["不一致专家"] != "剔除" or (ratio if ratio is not None else said[expert].cr) <= limit:
            kept[expert] = matrix
    if not kept:
        return None
    parts = normalised([1.0 if shares is None else shares.get(e, 0.0) for e in kept])
    if settings["群决策"] == "AIP":
        vectors = [solve(m) for m in kept.values()]
        return normalised([_geometric(column, parts) for column in zip(*vectors, strict=True)])
    size = range(len(group.keys))
    return solve([[_geometric([m[i][j] for m in kept.values()], parts) for j in size] for i in size])


def _geometric(values: Sequence[float], parts: Sequence[float]) -> float:
    return math.exp(math.fsum(p * math.log(v) for v, p in zip(values, parts, strict=True)))


def _hold_consistency(
    matrix: Matrix, said: ExpertConsistency, settings: Mapping[str, str], path: str, verdict: Verdict
) -> float | None:
    """λmax, CI and CR = CI/RI of one matrix; the CR where the table of random indices is Saaty's."""
    size = len(matrix)
    what = f"专家“{said.expert}”的“{said.matrix}”判断矩阵"
    if settings["特征向量算法"] == "特征向量法":
        top = eigenvector(matrix)[1]
    else:  # the customary approximation, mean of (Aw)/w
        vector = _METHODS[settings["特征向量算法"]](matrix)
        top = math.fsum(math.fsum(map(mul, row, vector)) / w for row, w in zip(matrix, vector, strict=True)) / size
    top = max(top, float(size))
    index = (top - size) / (size - 1) if size > 1 else 0.0
    verdict.compare(KIND, f"{path}.lambda_max", f"{what}的 λmax", round(said.lambda_max, 8), round(top, 8))
    verdict.compare(KIND, f"{path}.ci", f"{what}的 CI", round(said.ci, 8), round(index, 8))
    if settings["RI表"] != "saaty-1980" or size > len(RANDOM_INDEX):
        return None
    ratio = index / RANDOM_INDEX[size - 1] if size > 2 else 0.0
    verdict.compare(KIND, f"{path}.cr", f"{what}的 CR", round(said.cr, 8), round(ratio, 8))
    return ratio


# --- rounds -----------------------------------------------------------------------------------------------------------
def _answers(data: Evidence, group: GroupData, number: int, *, rated: bool) -> dict[str, list[float | None]]:
    """Answers of one round by expert, in the group's order."""
    found: dict[str, list[float | None]] = {}
    for said in (data.ratings or data.delphi) if rated else data.delphi:
        for answer in said.answers if said.round == number else ():
            given = [answer.ratings] if rated else [x.weights for x in answer.allocations if x.group == group.group]
            for of in given:
                row = [of.get(key) for key in group.keys]
                if any(v is not None for v in row):
                    found[answer.expert] = row
    return found


def _consulted(
    data: Evidence, group: GroupData, details: ConsultedDetails, shares: Mapping[str, float] | None
) -> list[float] | None:
    """Means of the last round that counts: of allocations as shares of 100, of ratings as their means."""
    rows = _answers(data, group, details.round, rated=details.proxy)
    if not rows:
        return None
    if shares is None and details.chosen == "authority":
        return None
    part = {e: 1.0 if details.chosen != "authority" or shares is None else shares.get(e, 0.0) for e in rows}
    means = []
    for j in range(len(group.keys)):
        given = [(row[j], part[e]) for e, row in rows.items() if row[j] is not None]
        means.append(math.fsum((v or 0.0) * p for v, p in given) / math.fsum(p for _, p in given))
    return normalised(means)


def _hold_rounds(data: Evidence, group: GroupData, details: GroupDetails | None, verdict: Verdict) -> None:
    """Mean, standard deviation (n − 1), coefficient of variation, quartiles and Kendall's W of every round."""
    consulted = [d for d in by_method(details).values() if isinstance(d, ConsultedDetails)]
    for part, number, items in ((c, number, items) for c in consulted for number, items in c.rounds.items()):
        rows = _answers(data, group, int(number), rated=part.proxy)
        path = f"weights.groups.{group.group}.rounds.{number}"
        for j, said in enumerate(items):
            _hold_item(said, [row[j] for row in rows.values()], part.quartiles, f"{path}.{said.item}", verdict)
        complete = [[v for v in row if v is not None] for row in rows.values() if None not in row]
        if len(complete) > 1 and len(items) > 1:
            what, published = f"“{group.group}”第{number}轮的 W", part.concordance[number].w
            verdict.compare(KIND, f"{path}.w", what, published, concordance(complete))


def _hold_item(
    said: ItemStatistics, answers: Sequence[float | None], convention: str, path: str, verdict: Verdict
) -> None:
    given = [v for v in answers if v is not None]
    n = len(given)
    figures: dict[str, float | None] = {"n": n, "missing": len(answers) - n}
    if n:
        mean = math.fsum(given) / n
        deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in given) / (n - 1)) if n > 1 else None
        figures |= {
            "mean": mean, "sd": deviation, "cv": None if deviation is None or mean == 0 else deviation / mean,
            "median": quantile(given, 0.5, "type-7"), "q1": quantile(given, 0.25, convention),
            "q3": quantile(given, 0.75, convention), "minimum": min(given), "maximum": max(given),
        }  # fmt: skip
    for name, figure in figures.items():
        verdict.compare(KIND, f"{path}.{name}", f"“{said.item}”的 {name}", getattr(said, name), figure)


__all__ = ["KIND", "weights_opinion"]
