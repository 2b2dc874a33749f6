"""Taking answers: one by one from a page with script, a whole group from a plain form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from drafting.panel import asking, items, naming, records
from drafting.panel.accounts import LONGEST_TOKEN, Who, digest
from drafting.panel.answering import Answer, Fate, Outcome, save_answers
from drafting.panel.definition import Definition
from drafting.panel.records import NotFoundError, Round, RoundState
from drafting.panel.web.service import Service
from drafting.panel.web.visit import Visit, possible
from drafting.panel.writer import UnavailableError
from drafting.web.bodies import limited
from drafting.web.shield import PAGE
from drafting.web.tokens import same

ANSWER_BYTES = 512 << 10
"""One answer; the longest opinion takes a fifth of it, and one that is too long is still told so."""
_SIGNED_OUT = "登录已失效。请用您的链接重新进入；未保存的答案留在本页。"


async def save_answer(request: Request) -> Response:
    """Save one answer: JSON in, JSON out; 200 means that it is on disk."""
    request.scope[PAGE] = "answer"
    service: Service = request.app.state.service
    try:
        answer = await _read_answer(limited(request, ANSWER_BYTES), service)
        if isinstance(answer, Response):
            return answer
        outcome = await service.writer.save(answer)
    except items.AnswerError as error:
        return _reply(422, "refused", message=str(error))
    except HTTPException as error:
        return _reply(error.status_code, "refused", message="内容过长，没有保存；请精简。")
    except NotFoundError:
        return _reply(404, "refused", message="没有这个问题。")
    except ClientDisconnect:
        return _reply(400, "refused", message="没有收完。")
    except (UnavailableError, DBAPIError):
        return _reply(503, "unavailable", message="暂时无法保存，将重试。")
    note = await _note(service, answer) if answer.item[0] in "oc" else ""
    return _told(outcome, answer.value, note)


async def _note(service: Service, answer: Answer) -> str:
    """What an opinion gives away, for its writer to see before anybody else does."""
    _, panel = await run_in_threadpool(service.remembered_round, answer.round_id)
    return naming.in_words(naming.named(answer.value, await run_in_threadpool(service.codes, panel.id)))


async def _read_answer(request: Request, service: Service) -> Answer | Response:
    """Who answers what, checked as far as memory knows; the writer checks session and round again on disk."""
    token = request.cookies.get(service.config.cookie(Who.EXPERT.value)) or ""
    token = token if len(token) <= LONGEST_TOKEN else ""
    session = service.sessions.get((Who.EXPERT, digest(token)))
    if session is None or session.expires_at <= service.now:
        session = await run_in_threadpool(service.remembered_session, token, Who.EXPERT)
    if session is None or session.member is None:
        return _reply(401, "signed-out", message=_SIGNED_OUT)
    if not same(request.headers.get("x-csrf", ""), session.csrf):
        return _reply(403, "refused", message="页面已过期，请刷新后再试。")
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return _reply(415, "refused", message="格式不对。")
    item, value, base = _read(await request.body())
    number = possible(request.path_params["round"])
    own, panel = service.rounds.get(number) or await run_in_threadpool(service.remembered_round, number)
    if own.panel_id != session.member.panel_id or own.state is RoundState.DRAFT:
        raise NotFoundError
    value = items.canonical(panel.definition, own.instrument, item, value)
    if panel.definition.tables and not _is_asked(panel.definition, own, item, session.member.tables):
        raise NotFoundError
    return Answer(session.id, own.id, session.member.pseudonym, item, value, base)


def _is_asked(definition: Definition, own: Round, item: str, tables: Sequence[str]) -> bool:
    """Whether a question belongs to a group that the round asks of an expert for these tables."""
    kind, number = item.split(".")[:2]
    return kind in "ac" or int(number) in asking.numbers(definition, own, tables)


def _read(body: bytes) -> tuple[str, str, int | None]:
    """The parts of a request; numbers must be numbers, nothing else is looked at."""
    try:
        content = json.loads(body)
        item, value, base = content["item"], content["value"], content.get("base")
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError) as error:
        raise items.AnswerError("格式不对。") from error
    if not isinstance(item, str) or not isinstance(value, str) or not (base is None or type(base) is int):
        raise items.AnswerError("格式不对。")
    return item, value, base


def _reply(status: int, state: str, **more: Any) -> Response:
    response = JSONResponse({"state": state, **more}, status)
    if status == 503:
        response.headers["retry-after"] = "2"
    return response


def _told(outcome: Outcome, value: str, note: str) -> Response:
    match outcome.fate:
        case Fate.SAVED:
            more = {"note": note} if note else {}
            return _reply(200, "saved", value=outcome.value, version=outcome.version, **more)
        case Fate.CONFLICT:
            return _reply(
                409, "conflict", value=outcome.value, version=outcome.version, sent=value,
                message="这一题已在另一个窗口改过。",
            )  # fmt: skip
        case Fate.CLOSED:
            return _reply(410, "closed", sent=value, message="本轮已结束，这个答案已留存，但不计入结果。")
        case _:
            return _reply(401, "signed-out", message=_SIGNED_OUT)


def save_form(
    visit: Visit, own: Round, definition: Definition, asked: tuple[str, ...]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Save the answers of a plain form.

    Returns item -> why it was not taken.
    Returns item -> what was typed, for those at fault, so that the page can show it again.
    """
    member, session = visit.member, visit.session
    assert session is not None
    faults: dict[str, str] = {}
    typed: dict[str, str] = {}
    base = _bases(str(visit.form.get("base") or ""))
    fresh: list[Answer] = []
    for item in asked:
        sent = visit.form.get(item)
        if not isinstance(sent, str):
            continue
        try:
            value = items.canonical(definition, own.instrument, item, sent)
        except items.AnswerError as error:
            faults[item], typed[item] = str(error), sent
            continue
        fresh.append(Answer(session.id, own.id, member.pseudonym, item, value, base.get(item, 0)))
    outcomes = visit.service.change(lambda c: save_answers(c, fresh, visit.service.now)) if fresh else []
    for answer, outcome in zip(fresh, outcomes, strict=True):
        if outcome.fate is Fate.CONFLICT:
            faults[answer.item] = f"已在另一个窗口改为“{outcome.value or '空白'}”；仍要用您刚填的值，请再保存一次。"
            typed[answer.item] = answer.value
        elif outcome.fate is Fate.CLOSED:
            faults[answer.item] = "本轮已结束，这个答案已留存，但不计入结果。"
            typed[answer.item] = answer.value
    return faults, typed


def _bases(text: str) -> Mapping[str, int]:
    """Versions that the page showed; a form without them saves only where nothing was answered yet."""
    try:
        content = json.loads(text) if len(text) < ANSWER_BYTES else {}
    except (ValueError, RecursionError):
        return {}
    return {k: v for k, v in content.items() if type(v) is int} if isinstance(content, dict) else {}


def save_kept(visit: Visit, own: Round, values: Mapping[str, str]) -> None:
    """Answer as in the round before wherever there is no answer yet; what was given in this round stays."""
    member, session = visit.member, visit.session
    assert session is not None

    def work(connection: Connection) -> None:
        present = records.answers_of(connection, own.id, member.pseudonym)
        blank = {i: v for i, v in values.items() if not present.get(i, ("", 0))[0]}
        kept = [Answer(session.id, own.id, member.pseudonym, i, v) for i, v in blank.items()]
        if kept:
            save_answers(connection, kept, visit.service.now)

    visit.service.change(work)
