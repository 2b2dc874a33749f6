"""The stopping rule of a Delphi study: made from the settings, held against its frozen record, evaluated in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from drafting.analysis.weights.groups import Group
from drafting.analysis.weights.rounds import BIN, RATED, rating_round, rounds_of
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.settings import Settings
from weighting import (
    ItemStability,
    PanelRound,
    RoundStability,
    StoppingOutcome,
    StoppingReason,
    StoppingRule,
    StoppingVerdict,
    evaluate_stopping,
    round_stability,
    round_statistics,
)
from weighting.answers import TooFewAnswersError
from weighting.stopping_rule import StoppingRuleError

_LABELS: Mapping[str, str] = {
    "max_histogram_change": "停止规则：稳定限值",
    "max_cv": "停止规则：变异系数",
    "min_stable_share": "停止规则：满足比例",
    "min_consensus_share": "停止规则：满足比例",
    "max_rounds": "停止规则：最多轮次",
    "quantiles": "四分位算法",
}
"""Setting of the rule in the core -> its label in sheet 方法设置."""


def rule_of(settings: Settings) -> StoppingRule:
    """The stopping rule that the settings describe.

    Raises
    ------
    StoppingRuleError
        A limit out of range.
    """
    return StoppingRule(
        max_histogram_change=float(settings.stop_stability), max_cv=float(settings.stop_cv),
        min_stable_share=float(settings.stop_share), min_consensus_share=float(settings.stop_share),
        max_rounds=settings.stop_rounds, quantiles=settings.quartile,
    )  # fmt: skip


def in_words(rule: StoppingRule) -> str:
    """The rule as the papers print it."""
    parts = []
    if rule.max_histogram_change is not None:
        parts.append(f"两轮间各指标意见分布的变动小于 {rule.max_histogram_change:.0%}（权重按 {BIN:g} 分一档归组）")
    if rule.max_cv is not None:
        parts.append(f"各指标变异系数不大于 {rule.max_cv:g}")
    if rule.min_stable_share < 1:
        parts.append(f"各条件由不少于 {rule.min_stable_share:.0%} 的指标满足即可")
    parts.append(f"至少 {rule.min_rounds} 轮")
    last = f"；最多 {rule.max_rounds} 轮" if rule.max_rounds is not None else ""
    return "，且".join(parts) + "时停止" + last + f"（四分位数算法 {rule.quantiles}）。"


def governing_rule(inputs: Inputs, where: Provenance) -> tuple[StoppingRule | None, list[Finding]]:
    """The rule that counts: the frozen one where there is a record, else that of the settings.

    A record that differs from the settings, or that contradicts its own hash, is a finding; the record still counts
    unless it cannot be read.
    """
    found: list[Finding] = []
    try:
        present: StoppingRule | None = rule_of(inputs.settings)
    except StoppingRuleError as error:
        label = _LABELS.get(str(error.values[0]) if error.values else "", "停止规则：稳定限值")
        found.append(finding("stopping-rule-invalid", where.find("setting", label), label=label, why=_why(error)))
        present = None
    frozen = inputs.frozen_rule
    if frozen is None:
        if inputs.delphi:
            found.append(finding("stopping-rule-not-frozen"))
        return present, found
    place = where.find("stopping-rule")
    try:
        rule = StoppingRule.from_json(frozen.text)
    except ValueError:  # the record was edited by hand; StoppingRuleError and UnknownSettingError are both ValueErrors
        found.append(finding("stopping-record-unreadable", place))
        return present, found
    if rule.sha256 != frozen.sha256:
        found.append(finding("stopping-record-altered", place, stated=frozen.sha256, real=rule.sha256))
    elif present is not None and rule.sha256 != present.sha256:
        changed = _differences(rule, present)
        setting = where.find("setting", next(iter(changed), "停止规则：稳定限值"))
        says = "；".join(f"“{label}”由 {a} 改为 {b}" for label, (a, b) in changed.items()) or "规则的其他部分"
        found.append(
            finding("stopping-rule-changed", setting, changes=says, frozen=rule.sha256, present=present.sha256)
        )
    return rule, found


def _why(error: StoppingRuleError) -> str:
    return f"值 {error.values[1]} 超出允许的范围" if len(error.values) > 1 else "规则自相矛盾"


def _differences(before: StoppingRule, now: StoppingRule) -> Mapping[str, tuple[object, object]]:
    a, b = json.loads(before.canonical_json()), json.loads(now.canonical_json())
    return {label: (a[name], b[name]) for name, label in _LABELS.items() if a[name] != b[name]}


def evaluate(inputs: Inputs, groups: Sequence[Group], where: Provenance) -> tuple[Mapping[str, object], list[Finding]]:
    """Hold the last round against the rule.

    Groups whose weights are typed are not asked and not judged. Without allocations the ratings of all candidates are
    judged as one group.

    Returns
    -------
    mapping
        Empty before the first round; else ``rule``, ``sha256``, ``frozen`` and the ``verdict`` with its reasons.
    list of Finding
    """
    rule, found = governing_rule(inputs, where)
    if rule is None or not inputs.delphi:
        return {}, found
    rounds = _asked(inputs, groups)
    if not rounds:
        return {}, found
    number, last = rounds[-1]
    before = rounds[-2][1] if len(rounds) > 1 else {}
    statistics = [round_statistics(p, convention=rule.quantiles) for p in last.values()]
    width = BIN if RATED not in last or inputs.settings.rating_scale > 10 else None
    stability = [_compared(before.get(g), p, width) for g, p in last.items()] if before else []
    verdict = evaluate_stopping(rule, number, statistics, stability)
    reasons = list(_reasons(verdict))
    conclusion = _conclusion(verdict)
    code = {
        StoppingOutcome.CONTINUE: "delphi-go-on", StoppingOutcome.MAXIMUM_ROUNDS: "delphi-stopped-without-consensus",
        StoppingOutcome.STABLE_CONSENSUS: "delphi-stopped",
    }[verdict.outcome]  # fmt: skip
    found.append(finding(code, number=number, following=number + 1, reasons="；".join(str(r["text"]) for r in reasons)))
    return {
        "rule": in_words(rule),
        "rule_json": rule.canonical_json(),
        "sha256": rule.sha256,
        "frozen": inputs.frozen_rule is not None,
        "frozen_on": inputs.frozen_rule.day if inputs.frozen_rule else None,
        "class_width": width,
        "verdict": {
            "round": number, "stop": verdict.stop, "outcome": verdict.outcome.value, "stable": verdict.stable,
            "consensus": verdict.consensus, "conclusion": conclusion, "reasons": reasons,
        },
    }, found  # fmt: skip


def _asked(inputs: Inputs, groups: Sequence[Group]) -> list[tuple[int, dict[str, PanelRound]]]:
    """Answers by round and group; allocations if there are any, else ratings."""
    by_round: dict[int, dict[str, PanelRound]] = {}
    for group in groups:
        if group.size > 1 and not group.given:
            for number, answers in rounds_of(inputs, group):
                by_round.setdefault(number, {})[group.name] = answers
    if not by_round:
        by_round = {r.number: {RATED: p} for r in inputs.delphi if (p := rating_round(inputs, r)) is not None}
    return sorted(by_round.items())


def _compared(before: PanelRound | None, now: PanelRound, width: float | None) -> RoundStability:
    """Stability of a group; where no expert answered both rounds every item fails, as it must."""
    if before is not None:
        try:
            return round_stability(before, now, bin_width=width)
        except TooFewAnswersError:
            pass
    unpaired = tuple(ItemStability(item, 0) for item in now.items)
    return RoundStability(now.group, unpaired, (), before.experts if before else (), now.experts, width)


def _reasons(verdict: StoppingVerdict) -> Iterator[dict[str, object]]:
    for reason in verdict.reasons:
        yield {
            "criterion": reason.criterion, "limit": reason.limit, "observed": reason.observed, "passed": reason.passed,
            "failing": [[group, item] for group, item in reason.failing], "text": _in_words(reason, verdict),
        }  # fmt: skip


def _in_words(reason: StoppingReason, verdict: StoppingVerdict) -> str:
    if reason.criterion == "min_rounds":
        return f"已进行 {verdict.round_number} 轮，规则要求至少 {reason.limit} 轮"
    what, sign = {
        "max_histogram_change": ("两轮间意见分布的最大变动", "小于"),
        "max_cv": ("最大变异系数", "不大于"),
    }[reason.criterion]
    share = reason.criterion == "max_histogram_change"
    limit = f"{reason.limit:.0%}" if share else f"{reason.limit:g}"
    if reason.observed is None:
        return f"{what}尚不能计算（须有两轮以上、同一专家的答复），规则要求{sign} {limit}"
    seen = f"{reason.observed:.1%}" if share else f"{reason.observed:.3f}"
    failing = [f"{group}·{item}" if item else group for group, item in reason.failing]
    rest = f"，{len(failing)} 项未满足：{'、'.join(failing[:6])}{'等' if len(failing) > 6 else ''}" if failing else ""
    return f"{what}为 {seen}，规则要求{sign} {limit}{rest}"


def _conclusion(verdict: StoppingVerdict) -> str:
    match verdict.outcome:
        case StoppingOutcome.STABLE_CONSENSUS:
            return f"第 {verdict.round_number} 轮后停止：专家意见稳定且一致，满足事先确定的停止规则。"
        case StoppingOutcome.MAXIMUM_ROUNDS:
            return f"第 {verdict.round_number} 轮后停止：已达事先确定的最多轮次，未满足的条件和分歧意见如实列出。"
        case _:
            return f"继续咨询：第 {verdict.round_number} 轮尚不满足停止规则，应进行第 {verdict.round_number + 1} 轮。"
