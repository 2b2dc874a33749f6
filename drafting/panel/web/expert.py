"""The experts' pages: what is to be done, the groups of a round, handing in, the receipt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from drafting.panel import checks, items, lifecycle, pictures, records, submitting
from drafting.panel.accounts import Who, digest
from drafting.panel.definition import BASES, Group, Instrument
from drafting.panel.records import NotFoundError, Panel, Round, State
from drafting.panel.web import words
from drafting.panel.web.closed import figures_of
from drafting.panel.web.saving import ANSWER_BYTES, present_values, save_answer, save_form
from drafting.panel.web.visit import Visit, route, see_other
from drafting.workbook.headings import FAMILIARITY, LEVELS_OF_BASIS
from weighting import ItemFeedback


@dataclass(frozen=True, slots=True)
class Shown:
    """One item's feedback as the page shows it."""

    figures: ItemFeedback
    picture: Markup | None
    scale: tuple[float, float]


def _round(visit: Visit) -> tuple[Round, Panel]:
    """The round asked for, if it is one of the expert's own panel and has begun."""
    with visit.read() as connection:
        own = records.round_(connection, visit.number("round"), panel_id=visit.member.panel_id)
        if own.state is State.DRAFT:
            raise NotFoundError
        return own, records.panel(connection, own.panel_id)


def _group(visit: Visit, own: Round, panel: Panel) -> tuple[int, Group]:
    number = visit.number("group")
    groups = panel.definition.of(own.instrument)
    if number >= len(groups):
        raise NotFoundError
    return number, groups[number]


def _asked(own: Round, number: int, group: Group) -> tuple[str, ...]:
    """All fields of a group: questions, then opinions."""
    return (*items.questions(own.instrument, number, group), *items.opinions(own.instrument, number, group))


def _home(visit: Visit) -> Response:
    with visit.read() as connection:
        panel = records.panel(connection, visit.member.panel_id)
        tasks: list[dict[str, Any]] = []
        for own in records.rounds_of(connection, panel.id):
            if own.state is State.DRAFT:
                continue
            values = {k: v for k, (v, _) in records.answers_of(connection, own.id, visit.member.pseudonym).items()}
            states = submitting.group_states(panel.definition, own.instrument, values)
            handed = submitting.latest_submission(connection, own.id, visit.member.pseudonym)
            tasks.append(
                {
                    "round": own,
                    "states": states,
                    "handed": handed,
                    "changed": _changed(handed, values),
                    "answered": sum(s.answered for s in states),
                    "asked": sum(s.asked for s in states),
                    "assessed": sum(bool(values.get(i)) for i in items.SELF_ASSESSMENT),
                }
            )
    tasks.sort(key=lambda task: (task["round"].state is not State.OPEN, -task["round"].id))
    return visit.page("home.html.j2", panel=panel, tasks=tasks, code=visit.member.code)


def _changed(handed: submitting.Submission | None, values: Mapping[str, str]) -> bool:
    """Whether something was changed after it was handed in."""
    return handed is not None and submitting.fingerprint(values)[1] != handed.sha256


def _first(visit: Visit) -> Response:
    """Go to the first group that is not complete."""
    own, panel = _round(visit)
    values, _ = present_values(visit, own.id)
    states = submitting.group_states(panel.definition, own.instrument, values)
    if own.state is not State.OPEN:
        return see_other(f"/e/{own.id}/review")
    todo = next((s.number for s in states if not s.complete or s.answered < s.asked), None)
    return see_other(f"/e/{own.id}/review" if todo is None else f"/e/{own.id}/{todo}")


def _group_page(
    visit: Visit, faults: Mapping[str, str] | None = None, typed: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    own, panel = _round(visit)
    number, group = _group(visit, own, panel)
    values, versions = present_values(visit, own.id)
    states = submitting.group_states(panel.definition, own.instrument, values)
    asked = _asked(own, number, group)
    before, shown, shown_missing = _feedback(visit, own, number)
    shared: dict[str, Any] = {
        "panel": panel,
        "round": own,
        "group": group,
        "number": number,
        "states": states,
        "state": states[number],
        "values": {**values, **(typed or {})},
        "faults": faults or {},
        "items": items,
        "before": before,
        "shown": shown,
        "shown_missing": shown_missing,
        "open": own.state is State.OPEN,
        "last": number + 1 == len(states),
        "base": json.dumps({q: versions[q] for q in asked if q in versions}),
        "scope": _scope(visit, own),
        "versions": versions,
    }
    if own.instrument is Instrument.PAIRWISE:
        shared |= {
            "check": checks.check(panel.definition, number, values),
            "meanings": words.MEANINGS,
            "judgement": words.judgement,
            "pairs": list(items.pairs(len(group.items))),
            "meter": pictures.meter,
            "mine": _handed_in(visit, before),
        }
    else:
        shared |= {"scale": panel.definition.scale}
    return visit.page(f"{own.instrument}.html.j2", status, **shared)


def _scope(visit: Visit, own: Round) -> str:
    """Names the place in the browser where unsaved answers wait; tells apart experts who share a computer."""
    return digest(f"{visit.member.pseudonym}/{own.id}")[:16]


def _feedback(visit: Visit, own: Round, number: int) -> tuple[Round | None, Sequence[Shown], bool]:
    """The round before, its figures for this group, and whether the expert's own answer is missing in it."""
    with visit.read() as connection:
        before = lifecycle.previous_round(connection, own)
        if before is None:
            return None, (), False
        answers = figures_of(visit.service, connection, before.id).groups.get(number)
    if answers is None:
        return before, (), False
    found = answers.feedback(visit.member.pseudonym)
    seen = found or answers.bystander
    scale = answers.answers.scale or _breadth(answers.answers.values.max())
    return before, tuple(Shown(i, _picture(i, scale), scale) for i in seen.items), found is None


def _handed_in(visit: Visit, before: Round | None) -> Mapping[str, str]:
    """What the expert handed in last in the round before."""
    if before is None:
        return {}
    with visit.read() as connection:
        handed = submitting.latest_submission(connection, before.id, visit.member.pseudonym)
    return handed.values if handed else {}


def _breadth(largest: float) -> tuple[float, float]:
    """Points out of 100 are drawn as far as anybody went, in steps of twenty."""
    return (0.0, float(min(100, max(20, -(-largest // 20) * 20))))


def _picture(item: ItemFeedback, scale: tuple[float, float]) -> Markup | None:
    if item.hidden or item.q1 is None or item.median is None or item.q3 is None:
        return None
    rounded: dict[float, int] = {}
    for value, count in item.distribution:
        rounded[round(value, 1)] = rounded.get(round(value, 1), 0) + count
    return pictures.distribution(sorted(rounded.items()), item.q1, item.median, item.q3, item.own, scale)


def _save_group(visit: Visit) -> Response:
    own, panel = _round(visit)
    number, group = _group(visit, own, panel)
    asked = _asked(own, number, group)
    faults, typed = save_form(visit, own, panel.definition, asked)
    if faults:
        return _group_page(visit, faults, typed, 422)
    if visit.text("go") != "next":
        return see_other(f"/e/{own.id}/{number}")
    last = number + 1 == len(panel.definition.of(own.instrument))
    return see_other(f"/e/{own.id}/review" if last else f"/e/{own.id}/{number + 1}")


def _check(visit: Visit) -> Response:
    """The consistency of one group, for the page to show while comparing."""
    own, panel = _round(visit)
    number, group = _group(visit, own, panel)
    if own.instrument is not Instrument.PAIRWISE:
        raise NotFoundError
    values, _ = present_values(visit, own.id)
    return visit.page(
        "checked.html.j2",
        check=checks.check(panel.definition, number, values),
        group=group,
        number=number,
        meter=pictures.meter,
        judgement=words.judgement,
    )


def _assessment_page(visit: Visit, faults: Mapping[str, str] | None = None) -> Response:
    own, panel = _round(visit)
    values, versions = present_values(visit, own.id)
    questions: list[tuple[str, str, Sequence[str]]] = [
        (item, label, LEVELS_OF_BASIS) for item, label in zip(items.SELF_ASSESSMENT, BASES, strict=False)
    ]
    questions.append((items.SELF_ASSESSMENT[-1], "熟悉程度", FAMILIARITY))
    base = json.dumps({q: versions[q] for q in items.SELF_ASSESSMENT if q in versions})
    return visit.page(
        "assessment.html.j2",
        422 if faults else 200,
        panel=panel,
        round=own,
        questions=questions,
        values=values,
        base=base,
        faults=faults or {},
        open=own.state is State.OPEN,
        scope=_scope(visit, own),
        versions=versions,
    )


def _save_assessment(visit: Visit) -> Response:
    own, panel = _round(visit)
    faults, _ = save_form(visit, own, panel.definition, items.SELF_ASSESSMENT)
    return _assessment_page(visit, faults) if faults else see_other("/e")


def _review(visit: Visit, fault: str = "", status: int = 200) -> Response:
    own, panel = _round(visit)
    values, _ = present_values(visit, own.id)
    states = submitting.group_states(panel.definition, own.instrument, values)
    with visit.read() as connection:
        handed = submitting.latest_submission(connection, own.id, visit.member.pseudonym)
    ready = all(not s.fault for s in states) and any(s.answered for s in states)
    inconsistent = []
    if own.instrument is Instrument.PAIRWISE:
        found = [checks.check(panel.definition, s.number, values) for s in states if s.complete]
        inconsistent = [c for c in found if c.consistent is False]
    return visit.page(
        "review.html.j2",
        status,
        panel=panel,
        round=own,
        states=states,
        handed=handed,
        ready=ready,
        fault=fault,
        changed=_changed(handed, values),
        open=own.state is State.OPEN,
        inconsistent=inconsistent,
        assessed=sum(bool(values.get(i)) for i in items.SELF_ASSESSMENT),
        wanted=len(items.SELF_ASSESSMENT),
        scope=_scope(visit, own),
    )


def _submit(visit: Visit) -> Response:
    own, panel = _round(visit)
    member = visit.member
    try:
        visit.service.change(lambda c: submitting.submit(c, panel, own.id, member.pseudonym, visit.service.now))
    except submitting.IncompleteError as error:
        return _review(visit, str(error), 422)
    return see_other(f"/e/{own.id}/receipt")


def _receipt(visit: Visit) -> Response:
    own, panel = _round(visit)
    with visit.read() as connection:
        handed = submitting.latest_submission(connection, own.id, visit.member.pseudonym)
    if handed is None:
        return see_other(f"/e/{own.id}/review")
    values, _ = present_values(visit, own.id)
    groups = panel.definition.of(own.instrument)
    said = [any(handed.values.get(q) for q in _asked(own, g, group)) for g, group in enumerate(groups)]
    return visit.page(
        "receipt.html.j2",
        panel=panel,
        round=own,
        handed=handed,
        code=visit.member.code,
        items=items,
        answered=[(g, group) for g, group in enumerate(groups) if said[g]],
        blank=[group.name for g, group in enumerate(groups) if not said[g]],
        pairs=items.pairs,
        judgement=words.judgement,
        changed=_changed(handed, values),
        bases=(*BASES, "熟悉程度"),
    )


def routes() -> Sequence[BaseRoute]:
    """Addresses of this module."""
    expert = Who.EXPERT
    return (
        # first, for it is asked for most
        Route("/e/{round:int}/answer", save_answer, methods=["POST"], name="answer", max_body_size=ANSWER_BYTES),
        route("/e", "home", expert, get=_home),
        route("/e/{round:int}", "round", expert, get=_first),
        route("/e/{round:int}/review", "review", expert, get=_review),
        route("/e/{round:int}/submit", "submit", expert, post=_submit),
        route("/e/{round:int}/receipt", "receipt", expert, get=_receipt),
        route("/e/{round:int}/assessment", "assessment", expert, get=_assessment_page, post=_save_assessment),
        route("/e/{round:int}/{group:int}", "group", expert, get=_group_page, post=_save_group),
        route("/e/{round:int}/{group:int}/check", "check", expert, get=_check),
    )
