"""The panel as a whole again: response, stopping rule, screening, authority, who has not answered or must revise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drafting.verification.given import is_given
from drafting.verification.panel import Details, panel_authority
from drafting.verification.rounds import (
    CLASS,
    RATED,
    allocated,
    asked_experts,
    compared,
    held_rounds,
    rated,
    rating_rounds,
    stopping_rule,
)
from drafting.verification.verdict import Verdict
from weighting import (
    ItemStability,
    PanelRound,
    RoundStability,
    StoppingRule,
    evaluate_stopping,
    response,
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


def _delphi(data: Mapping[str, Any], recorded: Mapping[str, Any], verdict: Verdict) -> Details:
    found: Details = {}
    if data["delphi"] or data.get("ratings") or data["stopping_rule"]:
        found["response"] = _responses(data)
        said = recorded["delphi"].get("stopping")
        if (stopping := _stopping(data)) is not None:
            found["stopping"] = _with_sentences(stopping, said, verdict)
        if (screening := _screening(data)) is not None:
            found["screening"] = screening
    if said := recorded["delphi"].get("opinions"):  # sentences, taken over as they are
        found["opinions"] = said
        verdict.unchecked["weights.delphi.opinions"] = len(said)
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


def _instruments(data: Mapping[str, Any]) -> Iterator[tuple[str, str, bool, Mapping[str, Any]]]:
    """Key, name, whether rated, and answers of every round: weights before ratings."""
    for r in data["delphi"]:
        answers = [a for a in r["answers"] if a["allocations"]]
        if answers:
            yield str(r["round"]), f"德尔菲第{r['round']}轮", False, {**r, "answers": answers}
    for r in rating_rounds(data):
        answers = [a for a in r["answers"] if a["ratings"]]
        name = r.get("name") or f"重要性评分第{r['round']}轮"
        yield f"{RATED}{r['round']}", name, True, {**r, "answers": answers}


def _responses(data: Mapping[str, Any]) -> Details:
    found: Details = {}
    before: dict[bool, list[str]] = {}
    for key, name, is_rating, answers in _instruments(data):
        here = [a["expert"] for a in answers["answers"]]
        r = response(asked_experts(data), here, responded_before=before.get(is_rating))
        silent = [code for code, state in r.states if state.value == "not-returned"]
        back = data.get("unusable", {}).get(name, ())
        left = {e["expert"] for e in data["experts"] if e.get("left_in") and answers["round"] >= e["left_in"]}
        apart = {
            "unusable": [c for c in silent if c in back], "withdrew": [c for c in silent if c in left and c not in back]
        }  # fmt: skip
        found[key] = {
            "name": name, "sent": r.sent, "returned": r.returned, "valid": r.valid, "rate": r.rate,
            "responded_before": r.responded_before, "retained": r.retained, "attrition": r.attrition,
            "not_returned": silent, **{k: codes for k, codes in apart.items() if codes},
        }  # fmt: skip
        before[is_rating] = here
    return found


def _stopping(data: Mapping[str, Any]) -> Details | None:
    rule, frozen = stopping_rule(data), data["stopping_rule"]
    if rule is None:
        return None
    rounds, is_rating = _rounds(data), False
    if not rounds:
        of = [(r["round"], p) for r in rating_rounds(data) if (p := rated(data, r, None)) is not None]
        rounds, is_rating = ({RATED: of} if of else {}), True
    if not rounds:
        return None
    asked = asked_experts(data)
    held = {g: held_rounds(rule, len(asked), of) for g, of in rounds.items()}
    numbers = {n for of in rounds.values() for n, _ in of}
    last = [of[-1] for of in held.values() if of[-1][0] == max(numbers)]
    points = not is_rating or float(data["settings"]["评分上限"]) > 10
    back = dict.fromkeys(e for _, p, _, _ in last for e in p.experts)
    found = evaluate_stopping(
        rule, len(numbers), [round_statistics(p, convention=rule.quantiles) for _, p, _, _ in last],
        [_compared(rule, before, p, points=points) for _, p, before, _ in last] if len(numbers) > 1 else [],
        response=response(asked, back),
    )  # fmt: skip
    return {
        "rule_json": rule.canonical_json(),
        "sha256": rule.sha256,
        "frozen": frozen is not None,
        "frozen_on": frozen["day"] if frozen else None,
        "instrument": "重要性评分" if is_rating else "德尔菲",
        "class_width": (CLASS if rule.class_share is None else None) if points else None,
        "class_share": rule.class_share if points else None,
        "verdict": {
            "round": max(numbers), "rounds_held": len(numbers), "stop": found.stop, "outcome": found.outcome.value,
            "provisional": found.provisional, "stable": found.stable, "consensus": found.consensus,
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


def _rounds(data: Mapping[str, Any]) -> dict[str, list[tuple[int, PanelRound]]]:
    """Rounds of weights by group."""
    found = {g["group"]: allocated(data, g) for g in data["groups"] if len(g["keys"]) > 1 and not is_given(g)}
    return {name: of for name, of in found.items() if of}


def _compared(rule: StoppingRule, before: PanelRound | None, now: PanelRound, *, points: bool) -> RoundStability:
    found = compared(rule, before, now, points=points) if before is not None else None
    if found is not None:
        return found
    items = tuple(ItemStability(item, 0) for item in now.items)
    return RoundStability(now.group, items, (), before.experts if before else (), now.experts, None)


def _screening(data: Mapping[str, Any]) -> Details | None:
    rounds = [(r, p) for r in rating_rounds(data) if (p := rated(data, r, None)) is not None]
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
    asked, found = asked_experts(data), {}
    if data["matrices_from"]:
        found[MATRICES] = [code for code in asked if code not in data["matrices_from"]]
    last: dict[bool, tuple[str, Mapping[str, Any]]] = {
        is_rating: (name, answers) for _, name, is_rating, answers in _instruments(data)
    }
    for name, answers in last.values():
        here = {a["expert"] for a in answers["answers"]}
        found[f"{name}问卷"] = [code for code in asked if code not in here]
    return found
