"""One request as the pages see it: who asks, what was sent, how to answer."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from drafting.panel.accounts import Session, Who, new_token
from drafting.panel.records import Member, NotFoundError, StateError
from drafting.panel.web.service import Service
from drafting.panel.writer import UnavailableError
from drafting.web.bodies import TOO_LARGE, limited, typed
from drafting.web.limits import source_of
from drafting.web.shield import PAGE
from drafting.web.tokens import same

log = logging.getLogger("drafting.panel")
FORM_BYTES = 2 << 20
"""A whole group by plain form: twenty opinions of the greatest length still fit."""
_FIELDS = 4000
_LARGEST = 2**31 - 1


class CsrfError(Exception):
    """A form that did not come from a page of ours."""


class SignInError(Exception):
    """There is no session, or no longer."""

    def __init__(self, who: Who) -> None:
        super().__init__(who.value)
        self.who = who


@dataclass(slots=True)
class Visit:
    """A request with its session and form."""

    request: Request
    service: Service
    who: Who
    session: Session | None = None
    form: FormData = field(default_factory=FormData)
    guest: str = ""
    """Random value of the browser before it has a session, for the forms of the way in."""

    @property
    def number(self) -> Callable[[str], int]:
        """Whole-number parts of the address by name."""
        return lambda name: possible(int(self.request.path_params[name]))

    @property
    def member(self) -> Member:
        """The expert who asks."""
        if self.session is None or self.session.member is None:
            raise SignInError(Who.EXPERT)
        return self.session.member

    @property
    def organiser_id(self) -> int:
        """The organiser who asks."""
        if self.session is None or self.session.organiser_id is None:
            raise SignInError(Who.ORGANISER)
        return self.session.organiser_id

    @property
    def actor(self) -> str:
        """Who acts, for the audit log."""
        return f"organiser:{self.organiser_id}"

    @property
    def csrf(self) -> str:
        """What forms carry."""
        return self.session.csrf if self.session else self.guest

    @property
    def address(self) -> str:
        """The network address asked from, as failures are counted."""
        return source_of(self.request.client.host) if self.request.client else "-"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading."""
        with self.service.engine.connect() as connection:
            yield connection

    def text(self, name: str, longest: int = 200) -> str:
        """A field of the form as text, see :func:`typed`."""
        return typed(self.form.get(name), longest)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page."""
        html = self.service.render(template, visit=self, csrf=self.csrf, session=self.session, **values)
        return HTMLResponse(html, status)

    def message(self, title: str, text: str, status: int = 200, **values: Any) -> Response:
        """A page that says one thing."""
        return self.page("message.html.j2", status, title=title, text=text, **values)

    def cookie(self, who: Who) -> str | None:
        """The token that the browser holds."""
        return self.service.token(self.request, who)

    def set_cookie(self, response: Response, who: Who, token: str, seconds: int | None = None) -> None:
        """Give the browser a token that scripts and other sites cannot reach."""
        response.set_cookie(
            self.service.config.cookie(who.value), token, max_age=seconds, path="/", httponly=True,
            secure=self.service.config.secure, samesite="strict" if who is Who.ORGANISER else "lax",
        )  # fmt: skip

    def drop_cookie(self, response: Response, who: Who) -> None:
        """Take the token away."""
        response.delete_cookie(
            self.service.config.cookie(who.value), path="/", httponly=True, secure=self.service.config.secure,
            samesite="strict" if who is Who.ORGANISER else "lax",
        )  # fmt: skip


Handler = Callable[[Visit], Response]


def possible(number: int) -> int:
    """A number that a row can have.

    Raises NotFoundError: it is larger than any database counts.
    """
    if number > _LARGEST:
        raise NotFoundError
    return number


def see_other(url: str) -> Response:
    """Go to a page after a form was taken."""
    return RedirectResponse(url, 303)


def route(
    path: str, name: str, who: Who, *, get: Handler | None = None, post: Handler | None = None, bytes_: int = FORM_BYTES
) -> Route:
    """Give an address its pages; POST is refused without the right token, whatever the page does."""
    handlers = {"GET": get, "HEAD": get, "POST": post}

    async def endpoint(request: Request) -> Response:
        request.scope[PAGE] = name
        service: Service = request.app.state.service
        visit = Visit(request, service, who)
        visit.guest = visit.cookie(Who.ANYONE) or new_token()
        try:
            visit.request = limited(request, bytes_)
            response = await _answer(visit, handlers[request.method])
        except Exception as error:  # nobody may see a traceback: _fault logs it and answers with a page
            response = _fault(visit, error)
        if who is Who.ANYONE and visit.cookie(Who.ANYONE) is None:
            visit.set_cookie(response, Who.ANYONE, visit.guest)
        return response

    methods = [m for m, h in handlers.items() if h is not None]
    return Route(path, endpoint, methods=methods, name=name)


async def _answer(visit: Visit, handler: Handler | None) -> Response:
    assert handler is not None
    request = visit.request
    token = visit.cookie(visit.who) if visit.who is not Who.ANYONE else None
    if visit.who is not Who.ANYONE:
        visit.session = await run_in_threadpool(visit.service.session, token, visit.who)
        if visit.session is None:
            raise SignInError(visit.who)
    if request.method == "POST":
        async with request.form(max_fields=_FIELDS, max_files=200, max_part_size=FORM_BYTES) as form:
            visit.form = form
            _check_csrf(visit)
            return await run_in_threadpool(handler, visit)
    return await run_in_threadpool(handler, visit)


def _check_csrf(visit: Visit) -> None:
    expected = visit.session.csrf if visit.session else visit.cookie(Who.ANYONE) or ""
    sent = visit.form.get("csrf")
    if not expected or not isinstance(sent, str) or not same(sent, expected):
        raise CsrfError


def _fault(visit: Visit, error: Exception) -> Response:
    """Turn an exception into a page that says what to do."""
    match error:
        case SignInError(who=Who.EXPERT):
            return visit.message(
                "请从您的链接进入",
                "没有登录，或登录已经失效。请打开组织者发给您的专用链接，再点“开始”；已保存的答案都在。",
                401,
            )
        case SignInError():
            return see_other("/login")
        case CsrfError():
            return visit.message("请重新提交", "页面已过期，这次提交没有生效。请返回上一页、刷新后再试。", 403)
        case NotFoundError():
            return visit.message("没有这个页面", "地址不对，或者您无权查看。", 404)
        case StateError():
            return visit.message("现在不能这样做", str(error), 409)
        case UnavailableError() | DBAPIError():
            log.warning(json.dumps({"event": "database-unavailable", "kind": type(error.__cause__ or error).__name__}))
            response = visit.message(
                "暂时无法保存", "数据库暂时不可用，这次操作没有生效。请稍候再试，本页填写的内容请勿关闭。", 503
            )
            response.headers["retry-after"] = "5"
            return response
        case MultiPartException() | HTTPException(status_code=400):
            return visit.message("内容过大", "提交的内容过大或格式不对，没有保存。", 400)
        case ClientDisconnect():
            return Response(status_code=400)
        case _ if getattr(error, "status_code", None) == TOO_LARGE:
            return visit.message(
                "内容过大", "提交的内容（或填写的一段文字）超过上限，没有保存；请返回上一页，缩短后再试。", 413
            )
    log.error(json.dumps({"event": "fault", "page": visit.request.scope.get(PAGE)}), exc_info=error)
    return visit.message("程序故障", "出现了未预料的故障，已记入日志。已保存的答案不受影响，请稍后再试。", 500)


def flags(form: Mapping[str, Any], name: str) -> list[str]:
    """All values of a field that may occur several times."""
    return [v for k, v in getattr(form, "multi_items", form.items)() if k == name and isinstance(v, str)]
