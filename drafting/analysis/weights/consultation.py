"""The panel as a whole: who answered, who has not, who must revise what; authority, stopping and screening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drafting.analysis.weights.authority import authority_details
from drafting.analysis.weights.dissent import silent as dissenters
from drafting.analysis.weights.groups import Group
from drafting.analysis.weights.screening import CandidateScreening, screen_candidates
from drafting.analysis.weights.stopping import evaluate
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.results import ExpertConsistency
from weighting import Response, response

MATRICES = "判断矩阵"


@dataclass(frozen=True, slots=True)
class Consultation:
    """What the papers print about the panel beside the weights of each group."""

    delphi: Mapping[str, object]
    panel: Mapping[str, object]
    screening: CandidateScreening | None
    findings: tuple[Finding, ...]


def consult(
    inputs: Inputs, groups: Sequence[Group], experts: Sequence[ExpertConsistency], where: Provenance
) -> Consultation:
    """Sum up the consultation of the panel.

    Parameters
    ----------
    groups
        What is weighed.
    experts
        Consistency of every returned matrix.
    """
    found: list[Finding] = []
    delphi: dict[str, object] = {}
    responses = _responses(inputs)
    screening = None
    if inputs.delphi or inputs.frozen_rule is not None:
        delphi["response"] = {str(n): _response_plain(r) for n, r in responses.items()}
        stopping, more = evaluate(inputs, groups, where)
        found += more
        if stopping:
            delphi["stopping"] = stopping
        screening, more = screen_candidates(inputs, where)
        found += more
        if screening is not None:
            delphi["screening"] = screening.to_json()
    authority = authority_details(inputs)
    if authority is not None:
        delphi["authority"] = authority
    silent = _not_answered(inputs, groups)
    for what, codes in silent.items():
        if codes:
            found.append(finding("experts-not-answered", what=what, count=len(codes), experts="、".join(codes)))
    found += _partly_answered(inputs, groups, where)
    found += dissenters(inputs, groups, where)
    return Consultation(delphi, {"not_answered": silent, "revise": _revise(experts)}, screening, tuple(found))


def panel_codes(inputs: Inputs) -> tuple[str, ...]:
    """Everybody who was asked: sheet 专家组, or those who answered where it is empty."""
    if inputs.experts:
        return tuple(e.code for e in inputs.experts)
    answered = [m.expert for m in inputs.judgements] + [a.expert for r in inputs.delphi for a in r.answers]
    return tuple(dict.fromkeys(answered))


def _responses(inputs: Inputs) -> Mapping[int, Response]:
    asked = panel_codes(inputs)
    before: list[str] | None = None
    found: dict[int, Response] = {}
    for r in inputs.delphi:
        answered = [a.expert for a in r.answers]
        found[r.number] = response(asked, answered, responded_before=before)
        before = answered
    return found


def _response_plain(r: Response) -> Mapping[str, object]:
    return {
        "sent": r.sent, "returned": r.returned, "valid": r.valid, "rate": r.rate,
        "responded_before": r.responded_before, "retained": r.retained, "attrition": r.attrition,
        "not_returned": [code for code, state in r.states if state.value == "not-returned"],
    }  # fmt: skip


def _not_answered(inputs: Inputs, groups: Sequence[Group]) -> Mapping[str, list[str]]:
    """Members of the panel without any usable answer, by instrument; the last round only, earlier ones are closed."""
    asked = panel_codes(inputs)
    silent: dict[str, list[str]] = {}
    if inputs.judgements:
        answered = {m.expert for m in inputs.judgements}
        silent[MATRICES] = [code for code in asked if code not in answered]
    if inputs.delphi:
        last = inputs.delphi[-1]
        answered = {a.expert for a in last.answers}
        silent[f"德尔菲第{last.number}轮问卷"] = [code for code in asked if code not in answered]
    return silent


def _partly_answered(inputs: Inputs, groups: Sequence[Group], where: Provenance) -> list[Finding]:
    """Experts of the last round who left out, or got wrong, some groups that others answered."""
    if not inputs.delphi:
        return []
    last = inputs.delphi[-1]
    weighed = {a.group for answer in last.answers for a in answer.allocations}
    found = []
    for answer in last.answers:
        own = {a.group for a in answer.allocations}
        missing = [g.name for g in groups if g.name in weighed and g.name not in own]
        if missing and own:
            place = where.find("delphi", str(last.number), answer.expert)
            found.append(
                finding("expert-groups-missing", place, expert=answer.expert, number=last.number,
                        groups="、".join(missing))
            )  # fmt: skip
    return found


def _revise(experts: Sequence[ExpertConsistency]) -> list[Mapping[str, object]]:
    """Who is asked to revise which matrix, and the judgements most worth a second look."""
    return [
        {
            "expert": e.expert, "matrix": e.matrix, "cr": e.cr, "judgements": [dict(s) for s in e.suggestions],
            "cycles": [list(c) for c in e.cycles],
        }
        for e in experts if not e.consistent
    ]  # fmt: skip
