"""The stopping rule of a Delphi study: made from the settings, held against its frozen record, evaluated in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from drafting.analysis.weights.rounds import (
    BIN,
    RATED,
    Held,
    compare,
    held_rounds,
    panel_codes,
    rating_round,
    rating_rounds,
    rounds_of,
    weight_rounds,
)
from drafting.findings import Finding, Provenance, finding
from drafting.model.consultation import Stopping, StoppingCriterion, StoppingJudgement
from drafting.model.inputs import Inputs
from drafting.model.revisions import RATING_ROUND, ROUND
from drafting.model.settings import Settings
from drafting.model.weight_groups import Group, groups_of
from weighting import (
    ItemStability,
    PanelRound,
    RoundStability,
    StoppingOutcome,
    StoppingReason,
    StoppingRule,
    StoppingVerdict,
    evaluate_stopping,
    response,
    round_statistics,
)
from weighting.stopping_rule import StoppingRuleError

_LABELS: Mapping[str, str] = {
    "max_histogram_change": "停止规则：稳定限值",
    "max_cv": "停止规则：变异系数",
    "min_stable_share": "停止规则：满足比例",
    "min_consensus_share": "停止规则：满足比例",
    "max_rounds": "停止规则：最多轮次",
    "quantiles": "四分位算法",
    "class_share": "停止规则：档宽",
    "min_response": "最低参与",
    "min_pairs": "最低参与：配对人数",
}
"""Setting of the rule in the core -> its label in sheet 方法设置."""
_ADDED = ("class_share", "min_response", "min_pairs")
"""What rules frozen before do not have; they keep their hash, and nothing is held against them for it."""


def rule_of(settings: Settings) -> StoppingRule:
    """The stopping rule that the settings describe.

    Raises StoppingRuleError: a limit out of range.
    """
    return StoppingRule(
        max_histogram_change=float(settings.stop_stability), max_cv=float(settings.stop_cv),
        min_stable_share=float(settings.stop_share), min_consensus_share=float(settings.stop_share),
        max_rounds=settings.stop_rounds, quantiles=settings.quartile,
        class_share=float(settings.stop_class) or None, min_response=float(settings.min_participation) or None,
        min_pairs=settings.min_pairs or None,
    )  # fmt: skip


def in_words(rule: StoppingRule) -> str:
    """The rule as the papers print it."""
    parts = []
    if rule.max_histogram_change is not None:
        share = rule.class_share
        width = f"{BIN:g} 分" if share is None else f"该指标上一轮中位数的 {share:.0%} "
        parts.append(f"两轮间各指标意见分布的变动小于 {rule.max_histogram_change:.0%}（权重按{width}一档归组）")
    if rule.max_cv is not None:
        parts.append(f"各指标变异系数不大于 {rule.max_cv:g}")
    if rule.min_stable_share < 1:
        parts.append(f"各条件由不少于 {rule.min_stable_share:.0%} 的指标满足即可")
    parts.append(f"至少 {rule.min_rounds} 轮")
    last = f"；最多 {rule.max_rounds} 轮" if rule.max_rounds is not None else ""
    return "，且".join(parts) + "时停止" + last + f"（四分位数算法 {rule.quantiles}）。" + _least(rule)


def _least(rule: StoppingRule) -> str:
    parts = [f"答复人数不少于专家组的 {rule.min_response:.0%}"] if rule.min_response else []
    parts += [f"与上一有效轮都作答的不少于 {rule.min_pairs} 人（专家组更小时为全部）"] if rule.min_pairs else []
    return "每组" + "、".join(parts) + "，否则该轮为暂定，不据以停止，权重取最近一个达到要求的轮次。" if parts else ""


def rule_in_force(inputs: Inputs) -> StoppingRule | None:
    """The frozen rule where there is a readable record, else that of the settings; None if they describe none."""
    return governing_rule(inputs, Provenance())[0]


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
        if weight_rounds(inputs):
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
    elif present is not None and rule.sha256 != _as_old_as(rule, present).sha256:
        present = _as_old_as(rule, present)
        changed = _differences(rule, present)
        setting = where.find("setting", next(iter(changed), "停止规则：稳定限值"))
        says = "；".join(f"“{label}”由 {a} 改为 {b}" for label, (a, b) in changed.items()) or "规则的其他部分"
        found.append(
            finding("stopping-rule-changed", setting, changes=says, frozen=rule.sha256, present=present.sha256)
        )
    return rule, found


def _as_old_as(frozen: StoppingRule, present: StoppingRule) -> StoppingRule:
    """The present rule without what the frozen one cannot have said: it was frozen before there was such a setting."""
    if any(getattr(frozen, name) is not None for name in _ADDED):
        return present
    return replace(present, class_share=None, min_response=None, min_pairs=None)


def _why(error: StoppingRuleError) -> str:
    return f"值 {error.values[1]} 超出允许的范围" if len(error.values) > 1 else "规则自相矛盾"


def _differences(before: StoppingRule, now: StoppingRule) -> Mapping[str, tuple[object, object]]:
    a, b = json.loads(before.canonical_json()), json.loads(now.canonical_json())
    return {label: (a.get(name), b.get(name)) for name, label in _LABELS.items() if a.get(name) != b.get(name)}


def evaluate(inputs: Inputs, groups: Sequence[Group], where: Provenance) -> tuple[Stopping | None, list[Finding]]:
    """Hold the last round against the rule.

    Groups whose weights are typed are not asked and not judged. Rounds are counted by instrument: ratings never count
    towards the rule of the weights; without any round of weights those of the ratings are judged by themselves, all
    candidates as one group.

    Returns None before the first round.
    """
    rule, found = governing_rule(inputs, where)
    if rule is None:
        return None, found
    rounds, rated = _asked(inputs, groups), False
    if not rounds:
        rounds, rated = _rated(inputs), True
    if not rounds:
        return None, found
    number = max(n for held in rounds.values() for n, _ in held)
    panels = {name: panel_codes(inputs, None if rated else (name,)) for name in rounds}
    held = {name: held_rounds(rule, panels[name], of) for name, of in rounds.items()}
    last = {name: of[-1] for name, of in held.items() if of[-1].number == number}
    count = len({n for of in rounds.values() for n, _ in of})
    points = not rated or inputs.settings.rating_scale > 10
    statistics = [round_statistics(h.answers, convention=rule.quantiles) for h in last.values()]
    stability = [_compared(rule, h, points=points) for h in last.values()] if count > 1 else []
    answered = dict.fromkeys(e for h in last.values() for e in h.answers.experts)
    by_group = {name: dict.fromkeys((*panels[name], *h.answers.experts)) for name, h in last.items()}
    asked = tuple(dict.fromkeys(e for of in by_group.values() for e in of))
    sent = {name: len(of) for name, of in by_group.items()}
    verdict = evaluate_stopping(rule, count, statistics, stability, response=response(asked, answered), sent=sent)
    reasons = tuple(_reasons(verdict))
    name = "重要性评分" if rated else "德尔菲"
    text = "；".join(r.text for r in reasons)
    if verdict.provisional:
        text = "；".join(r.text for r in reasons if r.criterion in ("min_response", "min_pairs"))
    advice = next_round(inputs, number + 1, rated=rated)
    found.append(finding(_CODES[verdict.outcome], name=name, number=number, advice=advice, reasons=text))
    if rule.min_response is None and len(answered) < float(inputs.settings.min_participation) * len(asked):
        found.append(finding("delphi-few-answers", name=name, number=number, answered=len(answered), asked=len(asked)))
    judged = StoppingJudgement(
        round=number, rounds_held=count, stop=verdict.stop, outcome=verdict.outcome.value,
        provisional=verdict.provisional, stable=verdict.stable, consensus=verdict.consensus,
        conclusion=_conclusion(verdict, number), reasons=reasons,
    )  # fmt: skip
    return Stopping(
        rule=in_words(rule),
        rule_json=rule.canonical_json(),
        sha256=rule.sha256,
        frozen=inputs.frozen_rule is not None,
        frozen_on=inputs.frozen_rule.day if inputs.frozen_rule else None,
        instrument=name,
        class_width=(BIN if rule.class_share is None else None) if points else None,
        class_share=rule.class_share if points else None,
        verdict=judged,
    ), found


def stopped_tables(inputs: Inputs, number: int) -> tuple[str, ...]:
    """Keys of the tables, of several, that the rule has stopped by the rounds of weights before a number."""
    found = []
    for one in inputs.slices if inputs.tables else ():
        earlier = replace(one, delphi=tuple(r for r in one.delphi if r.number < number), ratings=())
        held, _ = evaluate(earlier, groups_of(one.system), Provenance())
        if held is not None and held.verdict.stop:
            found.append(one.table)
    return tuple(found)


def next_round(inputs: Inputs, number: int, *, rated: bool) -> str:
    """What a round that is to come asks for: sending it out, or collecting it where it is on record as sent."""
    if (RATING_ROUND if rated else ROUND).format(number=number) in inputs.sent:
        folder = f"{'重要性评分' if rated else '德尔菲'}/第{number}轮"
        return f"第 {number} 轮问卷已经发放（记录/问卷发放.json），请收回答卷，放入 {folder}/"
    asked = f"--delphi {number}{' --rating' if rated else ''}"
    return f"用 drafting questionnaires 项目文件夹 {asked} 发放第 {number} 轮问卷"


_CODES = {
    StoppingOutcome.CONTINUE: "delphi-go-on",
    StoppingOutcome.MAXIMUM_ROUNDS: "delphi-stopped-without-consensus",
    StoppingOutcome.STABLE_CONSENSUS: "delphi-stopped",
    StoppingOutcome.PROVISIONAL: "delphi-provisional",
}

_Rounds = Mapping[str, list[tuple[int, PanelRound]]]


def _asked(inputs: Inputs, groups: Sequence[Group]) -> _Rounds:
    """Rounds of weights by group."""
    found = {g.name: rounds_of(inputs, g) for g in groups if g.size > 1 and not g.given}
    return {name: rounds for name, rounds in found.items() if rounds}


def _rated(inputs: Inputs) -> _Rounds:
    """Rounds of ratings, all candidates as one group."""
    rounds = [(r.number, p) for r in rating_rounds(inputs) if (p := rating_round(inputs, r)) is not None]
    return {RATED: rounds} if rounds else {}


def _compared(rule: StoppingRule, held: Held, *, points: bool) -> RoundStability:
    """Stability of a group; where no expert answered both rounds every item fails, as it must."""
    before, now = held.before, held.answers
    found = compare(rule, before, now, points=points) if before is not None else None
    if found is not None:
        return found
    unpaired = tuple(ItemStability(item, 0) for item in now.items)
    return RoundStability(now.group, unpaired, (), before.experts if before else (), now.experts, None)


def _reasons(verdict: StoppingVerdict) -> Iterator[StoppingCriterion]:
    for reason in verdict.reasons:
        yield StoppingCriterion(
            criterion=reason.criterion, limit=reason.limit, observed=reason.observed, passed=reason.passed,
            failing=reason.failing, text=_in_words(reason, verdict),
        )  # fmt: skip


def _in_words(reason: StoppingReason, verdict: StoppingVerdict) -> str:
    if reason.criterion == "min_rounds":
        return f"已进行 {verdict.round_number} 轮，规则要求至少 {reason.limit} 轮"
    if reason.criterion in ("min_response", "min_pairs"):
        return _participation_in_words(reason)
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


def _participation_in_words(reason: StoppingReason) -> str:
    groups = [group for group, _ in reason.failing]
    rest = f"，{len(groups)} 组未达到：{'、'.join(groups[:6])}{'等' if len(groups) > 6 else ''}" if groups else ""
    if reason.criterion == "min_response":
        return f"答复人数占专家组的 {reason.observed or 0:.0%}，规则要求不低于 {reason.limit:.0%}{rest}"
    return f"与上一有效轮都作答的专家 {reason.observed or 0:g} 人，规则要求不少于 {reason.limit} 人{rest}"


def _conclusion(verdict: StoppingVerdict, number: int) -> str:
    match verdict.outcome:
        case StoppingOutcome.STABLE_CONSENSUS:
            return f"第 {number} 轮后停止：专家意见稳定且一致，满足事先确定的停止规则。"
        case StoppingOutcome.MAXIMUM_ROUNDS:
            return f"第 {number} 轮后停止：已达事先确定的最多轮次，未满足的条件和分歧意见如实列出。"
        case StoppingOutcome.PROVISIONAL:
            return f"第 {number} 轮为暂定：参与人数低于事先确定的最低参与，不据以停止。"
        case _:
            return f"继续咨询：第 {number} 轮尚不满足停止规则，应进行第 {number + 1} 轮。"
