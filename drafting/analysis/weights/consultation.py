"""The panel as a whole: who answered, who has not, who must revise what; authority, stopping and screening."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from drafting.analysis.weights.authority import authority_details
from drafting.analysis.weights.dissent import silent as dissenters
from drafting.analysis.weights.opinions import opinion_findings, public_opinions
from drafting.analysis.weights.rounds import asked_in, panel_codes, rating_rounds, weight_rounds
from drafting.analysis.weights.screening import screen_candidates
from drafting.analysis.weights.stopping import evaluate
from drafting.findings import Finding, Provenance, finding
from drafting.model.consultation import Consultation, PanelStanding, RevisionAsked, RoundResponse
from drafting.model.experts import DelphiRound
from drafting.model.inputs import Inputs
from drafting.model.results import ExpertConsistency
from drafting.model.revisions import RATED, RATING_ROUND, ROUND
from drafting.model.weight_groups import Group
from weighting import Response, response

MATRICES = "判断矩阵"


@dataclass(frozen=True, slots=True)
class PanelFound:
    """What the papers print about the panel beside the weights of each group."""

    delphi: Consultation
    panel: PanelStanding
    findings: tuple[Finding, ...]


def consult(
    inputs: Inputs, groups: Sequence[Group], experts: Sequence[ExpertConsistency], where: Provenance
) -> PanelFound:
    """Sum up the consultation of the panel.

    ``groups``: what is weighed.
    ``experts``: consistency of every returned matrix.
    """
    found: list[Finding] = []
    delphi = Consultation(opinions=public_opinions(inputs) or None, authority=authority_details(inputs))
    if inputs.delphi or inputs.ratings or inputs.frozen_rule is not None:
        stopping, more = evaluate(inputs, groups, where)
        screening, others = screen_candidates(inputs, where)
        found += [*more, *others]
        delphi = replace(delphi, response=_responses(inputs), stopping=stopping, screening=screening)
    silent = _not_answered(inputs)
    found += _silent_findings(inputs, silent)
    found += _returned_findings(inputs)
    found += _partly_answered(inputs, groups, where)
    found += dissenters(inputs, groups, where)
    found += opinion_findings(inputs, where)
    return PanelFound(delphi, PanelStanding(not_answered=silent, revise=_revise(experts)), tuple(found))


def _instruments(inputs: Inputs) -> Iterator[tuple[str, str, DelphiRound]]:
    """Key of the record, name and answers of every round, weights before ratings; their numbers are apart."""
    for r in weight_rounds(inputs):
        yield str(r.number), ROUND.format(number=r.number), r
    for r in rating_rounds(inputs):
        yield f"{RATED}{r.number}", r.name or RATING_ROUND.format(number=r.number), r


def _responses(inputs: Inputs) -> Mapping[str, RoundResponse]:
    before: dict[bool, list[str]] = {}
    found: dict[str, RoundResponse] = {}
    for key, name, r in _instruments(inputs):
        answered = [a.expert for a in r.answers]
        rated = key.startswith(RATED)
        counted = response(asked_in(inputs, r), answered, responded_before=before.get(rated))
        found[key] = _response(inputs, counted, name, r.number)
        before[rated] = answered
    return found


def _response(inputs: Inputs, r: Response, name: str, number: int) -> RoundResponse:
    silent = tuple(code for code, state in r.states if state.value == "not-returned")
    unusable, withdrew = _reasons_for_silence(inputs, silent, name, number)
    return RoundResponse(
        name=name,
        sent=r.sent, returned=r.returned, valid=r.valid, rate=r.rate,
        responded_before=r.responded_before, retained=r.retained, attrition=r.attrition,
        not_returned=silent, unusable=unusable or None, withdrew=withdrew or None,
    )  # fmt: skip


def _reasons_for_silence(
    inputs: Inputs, silent: Sequence[str], name: str, number: int | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of those who sent nothing usable, whose file could not be used, and who has left the panel."""
    came_back = inputs.unusable.get(name, ())
    left = {e.code for e in inputs.experts if e.left_in and (number is None or number >= e.left_in)}
    unusable = tuple(code for code in silent if code in came_back)
    return unusable, tuple(code for code in silent if code not in came_back and code in left)


def _not_answered(inputs: Inputs) -> Mapping[str, tuple[str, ...]]:
    """Members of the panel without any usable answer, by instrument; the last round only, earlier ones are closed."""
    asked = panel_codes(inputs)
    silent: dict[str, tuple[str, ...]] = {}
    if inputs.judgements:
        answered = {m.expert for m in inputs.judgements}
        silent[MATRICES] = tuple(code for code in asked if code not in answered)
    for rounds, name in ((weight_rounds(inputs), ROUND), (rating_rounds(inputs), RATING_ROUND)):
        if rounds:
            last = rounds[-1]
            answered = {a.expert for a in last.answers}
            said = f"{last.name or name.format(number=last.number)}问卷"
            silent[said] = tuple(code for code in asked_in(inputs, last) if code not in answered)
    return silent


def _silent_findings(inputs: Inputs, silent: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    for what, codes in silent.items():
        name = what.removesuffix("问卷")
        digits = "".join(c for c in name if c.isdecimal())
        unusable, withdrew = _reasons_for_silence(inputs, codes, name, int(digits) if digits else None)
        nothing = [c for c in codes if c not in unusable and c not in withdrew]
        for code, of in (
            ("experts-not-answered", nothing), ("experts-unusable", unusable), ("experts-withdrew", withdrew),
        ):  # fmt: skip
            if of:
                yield finding(code, what=what, count=len(of), experts="、".join(of))


def _returned_findings(inputs: Inputs) -> Iterator[Finding]:
    """Experts who are said to have left and have answered all the same: what is there counts, and it is said."""
    left = {e.code: e.left_in for e in inputs.experts if e.left_in}
    for _, name, r in _instruments(inputs):
        for answer in r.answers:
            since = left.get(answer.expert)
            if since is not None and r.number >= since:
                yield finding("expert-returned", expert=answer.expert, since=since, what=name)


def _partly_answered(inputs: Inputs, groups: Sequence[Group], where: Provenance) -> list[Finding]:
    """Experts of the last round who left out, or got wrong, some groups that others answered."""
    rounds = weight_rounds(inputs)
    if not rounds:
        return []
    last = rounds[-1]
    weighed = {a.group for answer in last.answers for a in answer.allocations}
    found = []
    for answer in last.answers:
        own = {a.group for a in answer.allocations}
        missing = [
            g.name for g in groups if g.name in weighed - own and answer.expert in panel_codes(inputs, (g.name,))
        ]
        if missing and own:
            place = where.find("delphi", str(last.number), answer.expert)
            found.append(
                finding("expert-groups-missing", place, expert=answer.expert, number=last.number,
                        groups="、".join(missing))
            )  # fmt: skip
    return found


def _revise(experts: Sequence[ExpertConsistency]) -> tuple[RevisionAsked, ...]:
    """Who is asked to revise which matrix, and the judgements most worth a second look."""
    return tuple(
        RevisionAsked(expert=e.expert, matrix=e.matrix, cr=e.cr, judgements=e.suggestions, cycles=e.cycles)
        for e in experts
        if not e.consistent
    )
