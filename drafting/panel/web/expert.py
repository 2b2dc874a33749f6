"""The experts' pages: what is to be done, the groups of a round, finishing, the receipt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from drafting.panel import checks, gaps, items, lifecycle, naming, pictures, submitting
from drafting.panel.accounts import Who
from drafting.panel.definition import BASES, Definition, Group, Instrument
from drafting.panel.figures import Figures
from drafting.panel.records import NotFoundError, Round
from drafting.panel.web import words
from drafting.panel.web.closed import comments_of, figures_of
from drafting.panel.web.saving import save_answer, save_form, save_kept
from drafting.panel.web.standing import Standing, Task, page, places, standing
from drafting.panel.web.visit import Visit, route, see_other
from drafting.workbook.headings import FAMILIARITY, LEVELS_OF_BASIS
from weighting import ItemFeedback


@dataclass(frozen=True, slots=True)
class Shown:
    """One item's feedback as the page shows it."""

    figures: ItemFeedback
    picture: Markup | None
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """The round before as one expert sees it: nothing where there is none."""

    round: Round | None = None
    mine: Mapping[str, str] | None = None
    """What the expert handed in."""
    shown: Sequence[Shown] = ()
    """By item of the group; empty where nobody answered it."""
    absent: bool = False
    pairs: Mapping[tuple[int, int], tuple[float, float, float]] | None = None
    """Median and quartiles of the group's comparisons."""
    asked: frozenset[str] = frozenset()
    """Opinions that the frozen rule asks this expert for."""


def _here(visit: Visit) -> tuple[Standing, Task]:
    where = standing(visit)
    return where, where.task(visit.number("round"))


def _group(visit: Visit, where: Standing, task: Task) -> tuple[int, Group]:
    number = visit.number("group")
    groups = where.panel.definition.of(task.round.instrument)
    if number not in task.groups:
        raise NotFoundError
    return number, groups[number]


def _asked(own: Round, number: int, group: Group) -> tuple[str, ...]:
    """All fields of a group: questions, then opinions."""
    return (*items.questions(own.instrument, number, group), *items.opinions(own.instrument, number, group))


def _home(visit: Visit) -> Response:
    where = standing(visit)
    tasks = sorted(where.tasks, key=lambda t: (not t.open, -t.round.id))
    return page(visit, where, "home.html.j2", tasks=tasks, code=visit.member.code)


def _parked(visit: Visit) -> Response:
    """Whither answers go that wait in this browser, for pages that know of no round."""
    return JSONResponse({"places": places(standing(visit)), "csrf": visit.csrf})


def _next(task: Task, after: int = -1) -> str:
    """Address of the first group after one that is not complete, else of the page where the round is finished."""
    todo = next((s.number for s in task.states if s.number > after and (not s.complete or s.answered < s.asked)), None)
    return f"/e/{task.round.id}/review" if todo is None or not task.open else f"/e/{task.round.id}/{todo}"


def _first(visit: Visit) -> Response:
    """Go to the first group that is not complete."""
    return see_other(_next(_here(visit)[1]))


def _group_page(
    visit: Visit, faults: Mapping[str, str] | None = None, typed: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    where, task = _here(visit)
    own = task.round
    number, group = _group(visit, where, task)
    asked = _asked(own, number, group)
    before = _before(visit, task, number)
    mine = before.mine or {}
    rest = [q for q in items.questions(own.instrument, number, group) if mine.get(q) and not task.values.get(q)]
    place = task.groups.index(number)
    state = task.states[place]
    shared: dict[str, Any] = {
        "group": group,
        "number": number,
        "place": place,
        "state": state,
        "tables": _tables(where.panel.definition, group),
        "values": {**task.values, **(typed or {})},
        "faults": faults or {},
        "items": items,
        "before": before,
        "keep": ("" if not rest or not task.open else "all" if state.blank else "rest"),
        "others": _others(task, where.panel.definition, mine, number) if task.open else 0,
        "last": place + 1 == len(task.states),
        "base": json.dumps({q: task.versions[q] for q in asked if q in task.versions}),
        "notes": _notes(visit, task, asked),
        "judgement": words.judgement,
    }
    if own.instrument is Instrument.PAIRWISE:
        shared |= {
            "check": checks.check(where.panel.definition, number, task.values),
            "meanings": words.MEANINGS,
            "pairs": list(items.pairs(len(group.items))),
            "meter": pictures.meter,
            "span": words.span,
        }
    else:
        shared |= {"scale": where.panel.definition.scale}
    return page(visit, where, f"{own.instrument}.html.j2", status, here=task, **shared)


def _tables(definition: Definition, group: Group) -> str:
    """What the page says of the tables that a group weighs; nothing where there is but one table."""
    captions = {t.key: t.caption for t in definition.tables}
    named = [key if captions[key] == key else f"{key}（{captions[key]}）" for key in group.tables]
    if len(named) > 1:
        return f"{'、'.join(named)}共用，只答一次"
    return "".join(named)


def _others(task: Task, definition: Definition, mine: Mapping[str, str], here: int) -> int:
    """Number of other groups in which something was answered in the round before and is not yet in this one."""
    asked = task.round.instrument
    return sum(
        g != here and any(mine.get(q) and not task.values.get(q) for q in items.questions(asked, g, own))
        for g, own in enumerate(definition.of(asked))
        if g in task.groups
    )


def _notes(visit: Visit, task: Task, asked: Sequence[str]) -> dict[str, str]:
    """What opinions give away, by item."""
    codes = visit.service.codes(visit.member.panel_id)
    found = {i: naming.in_words(naming.named(task.values.get(i, ""), codes)) for i in asked if i[0] in "oc"}
    return {i: said for i, said in found.items() if said}


def _before(visit: Visit, task: Task, number: int | None = None) -> Before:
    """The round before; without a group only what concerns the whole round."""
    own, pseudonym = task.round, visit.member.pseudonym
    with visit.read() as connection:
        before = lifecycle.previous_round(connection, own)
        if before is None:
            return Before()
        handed = submitting.latest_submission(connection, before.id, pseudonym)
        figures: Figures = figures_of(visit.service, connection, before.id)
    mine = handed.values if handed else {}
    asked = figures.reasons_asked.get(pseudonym, frozenset())
    answers = figures.groups.get(number) if number is not None else None
    if answers is None:
        return Before(before, mine, asked=asked)
    found = answers.feedback(pseudonym)
    seen = found or answers.bystander
    scale = answers.answers.scale or _breadth(answers.answers.values.max())
    shown = tuple(Shown(i, _picture(i, scale), answers.others_said(pseudonym, k)) for k, i in enumerate(seen.items))
    return Before(before, mine, shown, found is None, answers.pair_figures, asked)


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
    where, task = _here(visit)
    number, group = _group(visit, where, task)
    asked = _asked(task.round, number, group)
    faults, typed = save_form(visit, task.round, where.panel.definition, asked)
    if faults:
        return _group_page(visit, faults, typed, 422)
    go = visit.text("go")
    if go in ("keep", "keep-all"):
        mine = _before(visit, task).mine or {}
        chosen = None if go == "keep-all" else number
        groups = where.panel.definition.of(task.round.instrument)
        asked = tuple(
            q for g, own in enumerate(groups) if chosen in (None, g) and g in task.groups
            for q in items.questions(task.round.instrument, g, own)
        )  # fmt: skip
        save_kept(visit, task.round, {q: v for q in asked if (v := mine.get(q))})
    if go == "keep-all":
        return see_other(f"/e/{task.round.id}/review")
    if go not in ("keep", "next"):
        return see_other(f"/e/{task.round.id}/{number}")
    _, now = _here(visit)
    place = now.groups.index(number)
    if go == "keep" and now.states[place].fault:  # some was changed and the rest kept: the sum no longer fits
        return see_other(f"/e/{task.round.id}/{number}")
    after = now.groups[place + 1 :]
    return see_other(_next(now, number) if go == "keep" else f"/e/{task.round.id}/{after[0] if after else 'review'}")


def _check(visit: Visit) -> Response:
    """The consistency of one group, for the page to show while comparing."""
    where, task = _here(visit)
    number, group = _group(visit, where, task)
    if task.round.instrument is not Instrument.PAIRWISE:
        raise NotFoundError
    found = checks.check(where.panel.definition, number, task.values)
    return visit.page(
        "checked.html.j2", check=found, group=group, number=number, meter=pictures.meter, judgement=words.judgement
    )


_AT_THE_END = (*items.SELF_ASSESSMENT, *items.COMMENTS)


def _review(
    visit: Visit, problem: str = "", faults: Mapping[str, str] | None = None, typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    """The one page where a round is finished: what is missing, the self-assessment, comments, handing in."""
    where, task = _here(visit)
    definition, own = where.panel.definition, task.round
    found = []
    if own.instrument is Instrument.PAIRWISE:
        found = [checks.check(definition, s.number, task.values) for s in task.states if s.complete]
    before = _before(visit, task)
    groups = definition.of(own.instrument)
    wanted = [
        (f"/e/{own.id}/{g}#{name}", groups[g].items[k].name)
        for name in sorted(before.asked)
        for g, k in [tuple(map(int, name.split(".")[1:]))]
        if not task.values.get(name) and g in task.groups
    ]
    assessed = {**where.assessed, **(typed or {})}
    questions: list[tuple[str, str, Sequence[str]]] = [
        (item, label, LEVELS_OF_BASIS) for item, label in zip(items.SELF_ASSESSMENT, BASES, strict=False)
    ]
    questions.append((items.SELF_ASSESSMENT[-1], "熟悉程度", FAMILIARITY))
    everything = [i for g, group in enumerate(groups) for i in _asked(own, g, group)]
    return page(
        visit, where, "review.html.j2", status, here=task, problem=problem, faults=faults or {},
        gaps=gaps.of_round(definition, own.instrument, task.states, task.values),
        ready=all(not s.fault for s in task.states) and task.answered > 0,
        inconsistent=[c for c in found if c.consistent is False], wanted=wanted,
        questions=questions, assessed=assessed, values={**task.values, **(typed or {})}, comments=items.COMMENTS,
        base=json.dumps({q: task.versions[q] for q in _AT_THE_END if q in task.versions}),
        notes=_notes(visit, task, [*everything, *items.COMMENTS]), heard=_heard(visit, before),
    )  # fmt: skip


def _heard(visit: Visit, before: Before) -> tuple[str, ...]:
    """What others wrote on the whole in the round before."""
    if before.round is None:
        return ()
    with visit.read() as connection:
        return comments_of(visit.service, connection, before.round.id, visit.member.pseudonym)


def _submit(visit: Visit) -> Response:
    """Save what the page itself asks, then hand everything in."""
    where, task = _here(visit)
    member, panel = visit.member, where.panel
    faults, typed = save_form(visit, task.round, panel.definition, _AT_THE_END) if task.open else ({}, {})
    if faults:
        return _review(visit, "有填写的内容没有保存，见下面标红处。", faults, typed, 422)
    try:
        visit.service.change(lambda c: submitting.submit(c, panel, task.round.id, member.pseudonym, visit.service.now))
    except submitting.IncompleteError as error:
        return _review(visit, str(error), status=422)
    return see_other(f"/e/{task.round.id}/receipt")


def _receipt(visit: Visit) -> Response:
    where, task = _here(visit)
    if task.handed is None:
        return see_other(f"/e/{task.round.id}/review")
    groups = where.panel.definition.of(task.round.instrument)
    said = [any(task.handed.values.get(q) for q in _asked(task.round, g, group)) for g, group in enumerate(groups)]
    return page(
        visit,
        where,
        "receipt.html.j2",
        here=task,
        handed=task.handed,
        code=visit.member.code,
        items=items,
        answered=[(g, group) for g, group in enumerate(groups) if said[g]],
        blank=[group.name for g, group in enumerate(groups) if not said[g] and g in task.groups],
        pairs=items.pairs,
        judgement=words.judgement,
        bases=(*BASES, "熟悉程度"),
        assessed=where.assessed,
    )


def routes() -> Sequence[BaseRoute]:
    """Addresses of this module."""
    expert = Who.EXPERT
    return (
        # first, for it is asked for most
        Route("/e/{round:int}/answer", save_answer, methods=["POST"], name="answer"),
        route("/e", "home", expert, get=_home),
        route("/e/parked", "parked", expert, get=_parked),
        route("/e/{round:int}", "round", expert, get=_first),
        route("/e/{round:int}/review", "review", expert, get=_review),
        route("/e/{round:int}/submit", "submit", expert, post=_submit),
        route("/e/{round:int}/receipt", "receipt", expert, get=_receipt),
        route("/e/{round:int}/{group:int}", "group", expert, get=_group_page, post=_save_group),
        route("/e/{round:int}/{group:int}/check", "check", expert, get=_check),
    )
