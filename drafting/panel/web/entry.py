"""The ways in and out: personal links, the organisers' login, health."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from drafting.panel import accounts, records
from drafting.panel.accounts import Who
from drafting.panel.database import is_alive
from drafting.panel.records import NotFoundError
from drafting.panel.web.visit import Visit, route, see_other
from drafting.web.shield import PAGE

log = logging.getLogger("drafting.panel")


def _too_often(visit: Visit, seconds: float) -> Response:
    log.warning(json.dumps({"event": "too-many-failures"}))
    wait = max(1, round(seconds + 0.5))
    said = f"{wait} 秒" if wait < 120 else f"{-(-wait // 60)} 分钟"
    response = visit.message("请稍后再试", f"从这里连续失败多次，请 {said}后再试；其他人不受影响。", 429)
    response.headers["retry-after"] = str(wait)
    return response


def _token(visit: Visit) -> str:
    return accounts.token_in(visit.request.path_params["token"])


def _start_page(visit: Visit) -> Response:
    """First touch of a link: says what it is and waits for 开始; nothing changes, so that a mail scanner may look."""
    token = _token(visit)
    try:
        with visit.read() as connection:
            _, member = accounts.link_member(connection, token, visit.service.now)
            panel = records.panel(connection, member.panel_id)
            present = accounts.session_for(connection, visit.cookie(Who.EXPERT), Who.EXPERT, visit.service.now)
    except NotFoundError:
        return _no_link(visit)
    other = present.member if present is not None and present.member != member else None
    own = present is not None and other is None
    return visit.page("start.html.j2", panel=panel, code=member.code, own=own, other=other)


def _no_link(visit: Visit) -> Response:
    """The link was looked at first: only who has none waits, whoever else comes from the same address."""
    wait = visit.service.link_limit.wait(visit.address)
    if wait:
        return _too_often(visit, wait)
    visit.service.link_limit.failed(visit.address)
    return visit.message(
        "链接不能使用",
        "这个链接不完整、已过期，或已被组织者停用。请完整复制收到的链接再试，或向组织者索取新的链接；已保存的答案都在。",
        404,
    )


def _start(visit: Visit) -> Response:
    """Swap the link for a session; from here on no address carries the token."""
    token, old = _token(visit), visit.cookie(Who.EXPERT)
    try:
        session = visit.service.change(lambda c: accounts.begin_expert_session(c, token, old, visit.service.now))
    except NotFoundError:
        return _no_link(visit)
    response = see_other("/e")
    visit.set_cookie(response, Who.EXPERT, session, accounts.EXPERT_SESSION)
    return response


def _leave(visit: Visit) -> Response:
    token = visit.cookie(visit.who)
    visit.service.change(lambda c: accounts.end_session(c, token, visit.service.now))
    if visit.who is Who.ORGANISER:
        response = see_other("/login")
    else:
        visit.session = None
        response = visit.message("已退出", "您的答案已保存。征询结束前，可随时用原链接再次进入。")
    visit.drop_cookie(response, visit.who)
    return response


def _login_page(visit: Visit) -> Response:
    return visit.page("login.html.j2", login="", fault="")


def _login(visit: Visit) -> Response:
    login, password = visit.text("login"), str(visit.form.get("password") or "")
    service, address = visit.service, visit.address
    limits = ((service.login_limit, f"{address}|{login}"), (service.source_limit, address))
    wait = max(limit.wait(key) for limit, key in limits)
    if wait:
        return _too_often(visit, wait)
    if not service.login_line.acquire(blocking=False):
        return _too_often(visit, 2)
    try:
        with visit.read() as connection:
            found = accounts.password_hash(connection, login)
        fits = accounts.password_fits(found[1] if found else None, password)
    finally:
        service.login_line.release()
    if not fits or found is None:
        for limit, key in limits:
            limit.failed(key)
        service.change(lambda c: records.record(c, service.now, "-", "login-failed"))
        return visit.page("login.html.j2", 401, login=login, fault="用户名或密码不对。")
    for limit, key in limits:
        limit.succeeded(key)
    number, old = found[0], visit.cookie(Who.ORGANISER)
    token = service.change(lambda c: accounts.begin_organiser_session(c, number, old, service.now))
    response = see_other(service.home)
    visit.set_cookie(response, Who.ORGANISER, token)
    return response


async def _health(request: Request) -> Response:
    """Whether the server and its database answer; tells nothing else."""
    request.scope[PAGE] = "health"
    alive = await run_in_threadpool(is_alive, request.app.state.service.engine)
    return JSONResponse({"status": "ok" if alive else "database unavailable"}, 200 if alive else 503)


def _front(visit: Visit) -> Response:
    return visit.page("front.html.j2")


def routes() -> Sequence[BaseRoute]:
    """Addresses of this module."""
    return (
        route("/", "front", Who.ANYONE, get=_front),
        route("/l/{token:path}", "link", Who.ANYONE, get=_start_page, post=_start, bytes_=4_096),
        route("/e/leave", "leave", Who.EXPERT, post=_leave),
        route("/login", "login", Who.ANYONE, get=_login_page, post=_login, bytes_=4_096),
        route("/o/leave", "organiser-leave", Who.ORGANISER, post=_leave),
        Route("/health", _health, methods=["GET"], name="health"),
    )
