"""Who is asked for a reason: only the few whose answers lie furthest out, by a rule frozen before the first round.

Of each item's answers outside the quartiles the tenth that lies furthest from the median is asked (at least one expert;
who lies equally far is asked alike), and nobody for more than three items of a round: those where the distance beyond
the quartiles, as a share of the scale, is greatest. Panels frozen without the rule ask everybody outside the quartiles.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from drafting.panel import items
from drafting.panel.definition import Instrument, ReasonRule
from weighting.feedback import MINIMUM_ANSWERS, TIE
from weighting.quantiles import quantiles

if TYPE_CHECKING:
    from drafting.panel.figures import Figures, GroupAnswers


def asked(found: Figures) -> Mapping[str, frozenset[str]]:
    """Opinions asked for, by pseudonym: names such as ``o.0.2``."""
    rule = found.definition.reasons
    far: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for number, group in found.groups.items():
        if group.instrument is Instrument.PAIRWISE:
            continue
        for k in range(len(group.group.items)):
            for pseudonym, distance in _outside(group, k, rule):
                far[pseudonym].append((-distance, items.opinion(number, k)))
    most = None if rule is None else rule.most
    return {p: frozenset(name for _, name in sorted(those)[:most]) for p, those in far.items()}


def _outside(group: GroupAnswers, k: int, rule: ReasonRule | None) -> list[tuple[str, float]]:
    """Experts of one item outside the quartiles whom the rule asks, each with the distance beyond them."""
    column = group.answers.values[:, k]
    given = column[~np.isnan(column)]
    if given.size < MINIMUM_ANSWERS:
        return []
    q1, q3 = (float(q) for q in quantiles(given, (0.25, 0.75), group.definition.quartile))
    low, high = group.answers.scale or (0.0, float(items.TOTAL))
    beyond = np.maximum(q1 - column, column - q3)
    away = np.abs(column - np.median(given))
    out = [i for i in range(len(column)) if beyond[i] > TIE]  # NaN is not
    if rule is not None and out:
        few = max(1, math.floor(rule.share * given.size))
        least = sorted((float(away[i]) for i in out), reverse=True)[:few][-1]
        out = [i for i in out if away[i] >= least - TIE]
    return [(group.answers.experts[i], float(beyond[i]) / (high - low)) for i in out]


def in_words(rule: ReasonRule | None) -> str:
    """The rule as the pages print it."""
    if rule is None:
        return "上轮答案在四分位区间以外的专家，各项都请写理由。"
    return (
        f"每项只请答案在四分位区间以外、且离中位数最远的 {rule.share:.0%} 的专家（至少 1 人，同样远的并列）写理由；"
        f"每人每轮最多 {rule.most} 项，取超出四分位区间最多的。"
    )
