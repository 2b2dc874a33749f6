"""How far a panel agrees about one group: consensus S*, Kendall's W, coefficients of variation, outlying experts."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from drafting.findings import Finding, finding
from drafting.model.weight_details import Agreement, Consensus, Kendall, Outliers, Variation
from weighting import chance_consensus, consensus, kendall_w, outlying_experts, variation
from weighting.chance import Answers
from weighting.errors import PriorityError

LOW_CONSENSUS = 0.5
"""S* below which Goepel (2013) speaks of very low consensus."""

_LEVELS = ((0.5, "很低"), (0.625, "低"), (0.75, "中等"), (0.875, "高"))
BY_CHANCE = "未超过偶然水平"
"""In place of 中等, 高 and 很高 where experts who answer at random would come to as much."""
MATERIAL = math.log(1.5)
"""Aitchison distance below which nobody is called outlying: where all nearly agree, the farthest is near."""

_SAME_RANK = 12
"""Decimals to which two weights of one expert count as tied: what solving for an eigenvector may cost."""

FEW_EXPERTS = 2


def agreement(
    vectors: Mapping[str, NDArray[np.float64]], group: str, names: tuple[str, ...], answers: Answers = "comparisons"
) -> tuple[Agreement, list[Finding]]:
    """Agreement of the experts' weights for one group.

    ``vectors``: by expert, weights that sum to 1.
    ``group``, ``names``: what is weighed.
    ``answers``: how the weights were given, for the level that chance would reach.
    Returns nothing of it where there is one expert only.
    """
    if len(vectors) < FEW_EXPERTS:
        return Agreement(), [finding("panel-one-expert")]
    found: list[Finding] = []
    table, experts = np.stack(list(vectors.values())), tuple(vectors)
    agreed = consensus(table)
    chance = chance_consensus(len(experts), len(names), answers)
    word = level(agreed.s_star, chance.upper)
    if word == BY_CHANCE:
        found.append(
            finding("consensus-by-chance", group=group, value=f"{agreed.s_star:.2f}", upper=f"{chance.upper:.2f}",
                    experts=len(experts), items=len(names))
        )  # fmt: skip
    if agreed.s_star < LOW_CONSENSUS:
        found.append(finding("consensus-low", group=group, value=f"{agreed.s_star:.2f}", limit=LOW_CONSENSUS))
    cv = variation(table)
    return Agreement(
        consensus=Consensus(
            s_star=agreed.s_star, level=word, chance=chance.mean, chance_upper=chance.upper,
            alpha=agreed.alpha, beta=agreed.beta, gamma=agreed.gamma,
        ),
        kendall=_concordance(table, group, found),
        cv=tuple(Variation(item=name, cv=None if np.isnan(x) else float(x)) for name, x in zip(names, cv, strict=True)),
        outliers=_outliers(table, experts, group, found),
    ), found  # fmt: skip


def level(s_star: float, chance: float) -> str:
    """Goepel's words for a consensus; the better ones only above what chance would reach."""
    word = next((word for limit, word in _LEVELS if s_star < limit), "很高")
    return BY_CHANCE if word not in ("很低", "低") and s_star <= chance else word


def _concordance(table: NDArray[np.float64], group: str, found: list[Finding]) -> Kendall:
    w = kendall_w(np.round(table, _SAME_RANK))
    if w.w is None:
        found.append(finding("kendall-undefined", group=group))
    elif w.m == FEW_EXPERTS:
        found.append(finding("kendall-two-experts"))
    return Kendall(w=w.w, chi2=w.chi2, df=w.df, p=w.p, experts=w.m, items=w.n)


def _outliers(
    table: NDArray[np.float64], experts: tuple[str, ...], group: str, found: list[Finding]
) -> Outliers | None:
    try:
        outliers = outlying_experts(table)
    except PriorityError:  # a direct allocation may give nothing to an item; its logarithm does not exist
        return None
    flagged = tuple(experts[k] for k in outliers.experts if outliers.distances[k] > MATERIAL)
    if flagged:
        found.append(finding("experts-outlying", group=group, experts="、".join(flagged)))
    return Outliers(
        distances={e: float(d) for e, d in zip(experts, outliers.distances, strict=True)},
        limit=float(outliers.limit) if np.isfinite(outliers.limit) else None,
        experts=flagged,
    )
