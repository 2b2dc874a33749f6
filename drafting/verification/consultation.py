"""The panel as a whole again: response, stopping rule, screening, authority, who has not answered or must revise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drafting.verification.given import is_given
from drafting.verification.panel import Details, panel_authority
from drafting.verification.rounds import CLASS, RATED, allocated, class_width, rated
from drafting.verification.verdict import Verdict
from weighting import (
    ItemStability,
    PanelRound,
    RoundStability,
    StoppingRule,
    evaluate_stopping,
    response,
    round_stability,
    round_statistics,
    screen,
)
from weighting.answers import TooFewAnswersError

MATRICES = "判断矩阵"
_DECISIONS = {"keep": "保留", "discuss": "讨论", "delete": "剔除"}
_MEASURES = {"mean": "均值", "full-mark-share": "满分率", "cv": "变异系数"}
_DELETE_AT = {"三项": 3, "两项": 2}


def check_consultation(
    data: Mapping[str, Any], recorded: Mapping[str, Any], experts: Sequence[Details], verdict: Verdict
) -> None:
    """Compare what the record says about the consultation; ``experts``: consistency of every matrix again."""
    verdict.compare_tree("专家咨询", "weights.delphi", "专家咨询", recorded["delphi"], _delphi(data, recorded, verdict))
    panel = {
        "not_answered": _silent(data),
        "revise": [
            {"expert": e["expert"], "matrix": e["matrix"], "cr": e["cr"], "judgements": e["suggestions"],
             "cycles": e["cycles"]}
            for e in experts if not e["consistent"]
        ],
    }  # fmt: skip
    verdict.compare_tree("专家咨询", "weights.panel", "专家组", recorded["panel"], panel)


def _asked(data: Mapping[str, Any]) -> list[str]:
    return [e["expert"] for e in data["experts"]] or list(data["answered"])


def _delphi(data: Mapping[str, Any], recorded: Mapping[str, Any], verdict: Verdict) -> Details:
    found: Details = {}
    if data["delphi"] or data["stopping_rule"]:
        found["response"] = _responses(data)
        said = recorded["delphi"].get("stopping")
        if (stopping := _stopping(data)) is not None:
            found["stopping"] = _with_sentences(stopping, said, verdict)
        if (screening := _screening(data)) is not None:
            found["screening"] = screening
    panel = panel_authority(data)
    if panel is not None:
        found["authority"] = {
            "table": panel.table.name, "source": panel.table.source, "limit": panel.limit,
            "acceptable": panel.acceptable,
            "mean_ca": panel.mean_ca, "mean_cs": panel.mean_cs, "mean_cr": panel.mean_cr,
            "experts": [
                {"expert": e, "ca": float(ca), "cs": float(cs), "cr": float(cr)}
                for e, ca, cs, cr in zip(panel.experts, panel.ca, panel.cs, panel.cr, strict=True)
            ],
        }  # fmt: skip
    return found


def _responses(data: Mapping[str, Any]) -> Details:
    found, before = {}, None
    for answers in data["delphi"]:
        here = [a["expert"] for a in answers["answers"]]
        r = response(_asked(data), here, responded_before=before)
        found[str(answers["round"])] = {
            "sent": r.sent, "returned": r.returned, "valid": r.valid, "rate": r.rate,
            "responded_before": r.responded_before, "retained": r.retained, "attrition": r.attrition,
            "not_returned": [code for code, state in r.states if state.value == "not-returned"],
        }  # fmt: skip
        before = here
    return found


def _stopping(data: Mapping[str, Any]) -> Details | None:
    frozen, settings = data["stopping_rule"], data["settings"]
    try:
        rule = StoppingRule.from_json(frozen["text"]) if frozen else None
    except ValueError:
        rule = None
    if rule is None:
        try:
            share = float(settings["停止规则：满足比例"])
            rule = StoppingRule(
                max_histogram_change=float(settings["停止规则：稳定限值"]),
                max_cv=float(settings["停止规则：变异系数"]), min_stable_share=share, min_consensus_share=share,
                max_rounds=int(settings["停止规则：最多轮次"]), quantiles=settings["四分位算法"],
            )  # fmt: skip
        except ValueError:
            return None
    rounds = _rounds(data)
    if not rounds:
        return None
    number, last = rounds[-1]
    before = rounds[-2][1] if len(rounds) > 1 else {}
    width = CLASS if RATED not in last else class_width(data)
    found = evaluate_stopping(
        rule, number, [round_statistics(p, convention=rule.quantiles) for p in last.values()],
        [_compared(before.get(g), p, width) for g, p in last.items()] if before else [],
    )  # fmt: skip
    return {
        "rule_json": rule.canonical_json(),
        "sha256": rule.sha256,
        "frozen": frozen is not None,
        "frozen_on": frozen["day"] if frozen else None,
        "class_width": width,
        "verdict": {
            "round": number, "stop": found.stop, "outcome": found.outcome.value, "stable": found.stable,
            "consensus": found.consensus,
            "reasons": [
                {"criterion": r.criterion, "limit": r.limit, "observed": r.observed, "passed": r.passed,
                 "failing": [[group, item] for group, item in r.failing]}
                for r in found.reasons
            ],
        },
    }  # fmt: skip


def _with_sentences(stopping: Details, said: Any, verdict: Verdict) -> Details:
    """Take over the sentences of the record, which are not composed again."""
    if not isinstance(said, dict):
        return stopping
    verdict.unchecked["weights.delphi.stopping"] = 1
    found = {**stopping, "rule": said.get("rule")}
    judged = said.get("verdict", {})
    reasons = judged.get("reasons", [])
    texts = [r.get("text") for r in reasons] + [None] * len(found["verdict"]["reasons"])
    found["verdict"] = {
        **found["verdict"], "conclusion": judged.get("conclusion"),
        "reasons": [{**r, "text": text} for r, text in zip(found["verdict"]["reasons"], texts, strict=False)],
    }  # fmt: skip
    return found


def _rounds(data: Mapping[str, Any]) -> list[tuple[int, dict[str, PanelRound]]]:
    """Answers by round and group; ratings of all candidates where nobody allocated."""
    by_round: dict[int, dict[str, PanelRound]] = {}
    for group in data["groups"]:
        if len(group["keys"]) > 1 and not is_given(group):
            for number, answers in allocated(data, group):
                by_round.setdefault(number, {})[group["group"]] = answers
    if not by_round:
        by_round = {r["round"]: {RATED: p} for r in data["delphi"] if (p := rated(data, r, None)) is not None}
    return sorted(by_round.items())


def _compared(before: PanelRound | None, now: PanelRound, width: float | None) -> RoundStability:
    try:
        if before is not None:
            return round_stability(before, now, bin_width=width)
    except TooFewAnswersError:
        pass
    items = tuple(ItemStability(item, 0) for item in now.items)
    return RoundStability(now.group, items, (), before.experts if before else (), now.experts, width)


def _screening(data: Mapping[str, Any]) -> Details | None:
    rounds = [(r, p) for r in data["delphi"] if (p := rated(data, r, None)) is not None]
    if not rounds:
        return None
    last, answers = rounds[-1]
    statistics = round_statistics(answers, convention=data["settings"]["四分位算法"])
    try:
        found = screen(statistics, delete_at=_DELETE_AT[data["settings"]["界值法剔除"]])
    except TooFewAnswersError:
        return None
    limits = found.boundaries
    return {
        "round": last["round"], "experts": len(answers.experts), "scale": list(answers.scale or ()),
        "delete_at": found.delete_at,
        "boundaries": {"mean": limits.mean, "full_mark_share": limits.full_mark_share, "cv": limits.cv},
        "candidates": [
            {
                "code": i["code"], "indicator": i["name"], "category": i["category"], "n": s.n, "mean": s.mean,
                "full_mark_share": s.full_mark_share, "cv": s.cv, "median": s.median,
                "failed": [_MEASURES[m.value] for m in item.failed], "decision": _DECISIONS[item.decision.value],
                "suggestions": sorted(
                    {a["suggestions"][i["code"]] for a in last["answers"] if i["code"] in a["suggestions"]}
                ),
            }
            for i, item, s in zip(data["indicators"], found.items, statistics.items, strict=True)
        ],
    }  # fmt: skip


def _silent(data: Mapping[str, Any]) -> Details:
    asked, found = _asked(data), {}
    if data["matrices_from"]:
        found[MATRICES] = [code for code in asked if code not in data["matrices_from"]]
    if data["delphi"]:
        last = data["delphi"][-1]
        here = {a["expert"] for a in last["answers"]}
        found[f"德尔菲第{last['round']}轮问卷"] = [code for code in asked if code not in here]
    return found
