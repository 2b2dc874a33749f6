"""Method comparison: three prioritisations × RI tables side by side, and where verdict or ranking depend on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

import numpy as np

from drafting.analysis.weights.ahp import METHODS, aggregate, answers_of, selection
from drafting.analysis.weights.authority import expert_weights
from drafting.findings import Provenance
from drafting.model.coded import keyed
from drafting.model.inputs import Inputs
from drafting.model.weight_groups import Group, groups_of
from weighting import RANDOM_INDEX_TABLES, apportion
from weighting.errors import PanelError
from weighting.random_index import SIMULATED

SIMULATED_WORD = "模拟值"
_SAME = 1e-12


@dataclass(frozen=True, slots=True)
class Variant:
    """One group's weights by one prioritisation and one RI table; empty where policy 剔除 leaves nobody."""

    method: str
    table: str = field(metadata=keyed("random_index"))
    exact: tuple[float, ...]
    published: tuple[Decimal, ...] = field(metadata=keyed("weights"))
    ranking: tuple[str, ...]
    """Items, the heaviest first."""
    excluded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpertVerdicts:
    """CR of one expert's matrix by method and table."""

    expert: str
    cr: Mapping[str, Mapping[str, float]]
    consistent: Mapping[str, Mapping[str, bool]]
    depends: bool
    """Whether the verdict depends on the choice."""

    @classmethod
    def of(
        cls, expert: str, cr: Mapping[str, Mapping[str, float]], consistent: Mapping[str, Mapping[str, bool]]
    ) -> ExpertVerdicts:
        """Say whether the verdicts differ."""
        found = {verdict for by_table in consistent.values() for verdict in by_table.values()}
        return cls(expert, cr, consistent, len(found) > 1)


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """All variants of one group, with what they mean in words."""

    group: str
    items: tuple[str, ...]
    variants: tuple[Variant, ...]
    experts: tuple[ExpertVerdicts, ...]
    words: tuple[str, ...]


def tables() -> Mapping[str, str]:
    """RI tables compared: name in the core -> word on the screen; the simulated one last."""
    named = {name: name for name in RANDOM_INDEX_TABLES if name != SIMULATED}
    return {**named, SIMULATED: SIMULATED_WORD}


def compare(inputs: Inputs) -> tuple[GroupComparison, ...]:
    """Compare the methods on every group for which judgement matrices came back.

    Groups of the system that nobody compared are left out. Nothing is decided here: the settings stay what they are.
    """
    shares, _ = expert_weights(inputs, Provenance())
    found = (_compare(inputs, group, shares) for group in groups_of(inputs.system) if group.size > 1)
    return tuple(c for c in found if c is not None)


def _compare(inputs: Inputs, group: Group, shares: Mapping[str, float] | None) -> GroupComparison | None:
    settings, nowhere = inputs.settings, Provenance()
    variants: list[Variant] = []
    cr: dict[str, dict[str, dict[str, float]]] = {}
    verdicts: dict[str, dict[str, dict[str, bool]]] = {}
    for word, method in METHODS.items():
        for table, table_word in tables().items():
            answers, _ = answers_of(inputs, group, nowhere, method, table)
            if not answers:
                return None
            for a in answers:
                cr.setdefault(a.expert, {}).setdefault(word, {})[table_word] = float(a.analysis.cr)
                verdicts.setdefault(a.expert, {}).setdefault(word, {})[table_word] = bool(a.analysis.consistent)
            try:
                chosen = selection(answers, settings.inconsistent_experts, float(settings.cr_limit))
            except PanelError:
                variants.append(Variant(word, table_word, (), (), (), tuple(a.expert for a in answers)))
                continue
            used = [answers[k] for k in chosen.included]
            panel = None if shares is None else [shares.get(a.expert, 0.0) for a in used]
            weights, _, _ = aggregate(inputs, group, used, panel, method, table)
            variants.append(
                Variant(
                    word, table_word, tuple(weights.tolist()), apportion(weights, settings.weight_decimals),
                    tuple(group.names[i] for i in np.argsort(-weights, kind="stable")),
                    tuple(answers[k].expert for k in chosen.excluded),
                )
            )  # fmt: skip
    experts = tuple(ExpertVerdicts.of(e, cr[e], verdicts[e]) for e in cr)
    words = tuple(_words(group, variants, experts))
    return GroupComparison(group.name, group.names, tuple(variants), experts, words)


def _words(group: Group, variants: list[Variant], experts: tuple[ExpertVerdicts, ...]) -> Iterator[str]:
    weighed = [v for v in variants if v.exact]
    if not weighed:
        yield "各种算法和 RI 表下全部专家都被剔除，没有权重。"
    else:
        yield from _ranking_words(group, weighed)
        yield from _published_words(group, weighed)
    if len(weighed) not in (0, len(variants)):
        empty = "、".join(sorted({v.table for v in variants if not v.exact}))
        yield f"采用 RI 表 {empty} 时全部专家都被剔除，没有权重。"
    for e in experts:
        if e.depends:
            yield f"专家“{e.expert}”的判断矩阵是否一致取决于所选方法：{_verdict_words(e)}。"
    if not any(e.depends for e in experts):
        over = sum(not all(v for t in e.consistent.values() for v in t.values()) for e in experts)
        yield f"各专家是否一致与算法、RI 表的选择无关（{len(experts)} 位中 {over} 位超限）。"


def _ranking_words(group: Group, weighed: list[Variant]) -> Iterator[str]:
    """Pairs of items whose order is not the same in all variants, with who puts which first."""
    stable = True
    for i, j in combinations(range(group.size), 2):
        first = [v for v in weighed if v.exact[i] > v.exact[j] + _SAME]
        second = [v for v in weighed if v.exact[j] > v.exact[i] + _SAME]
        if first and second:
            stable = False
            here, there = _labels(first, second)
            a, b = group.names[i], group.names[j]
            yield f"排序取决于所选方法：{here}下“{a}”高于“{b}”，{there}下相反。"
    if stable:
        yield "指标的排序与算法、RI 表的选择无关。"


def _labels(first: list[Variant], second: list[Variant]) -> tuple[str, str]:
    """Name two sets of variants by method where that tells them apart, else by method and table."""
    by_method = [tuple(dict.fromkeys(v.method for v in side)) for side in (first, second)]
    if not set(by_method[0]) & set(by_method[1]):
        return "、".join(by_method[0]), "、".join(by_method[1])
    a, b = ("、".join(f"{v.method}·{v.table}" for v in side) for side in (first, second))
    return a, b


def _published_words(group: Group, weighed: list[Variant]) -> Iterator[str]:
    changed = []
    for k, name in enumerate(group.names):
        values = sorted({v.published[k] for v in weighed})
        if len(values) > 1:
            changed.append(f"{name} {values[0]}～{values[-1]}")
    if changed:
        yield f"公布的权重随所选方法变化：{'，'.join(changed)}。"
    else:
        yield "公布的权重与算法、RI 表的选择无关。"


def _verdict_words(verdicts: ExpertVerdicts) -> str:
    """Methods and tables under which the matrix passes, and those under which it fails."""
    passes: list[str] = []
    fails: list[str] = []
    for method, by_table in verdicts.consistent.items():
        for table, good in by_table.items():
            text = f"{method}·{table}（CR={verdicts.cr[method][table]:.4f}）"
            (passes if good else fails).append(text)
    return f"一致——{'、'.join(passes)}；超限——{'、'.join(fails)}"
