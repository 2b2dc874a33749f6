"""The application: addresses, static files, the shield around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from drafting.panel.accounts import Who
from drafting.panel.config import Config
from drafting.panel.web import closed, entry, expert
from drafting.panel.web.service import Service
from drafting.panel.web.visit import Visit
from drafting.web.shield import Shield


async def _plain_fault(request: Request, error: Exception) -> Response:
    """Faults before a page is reached: no such address, wrong method, too large.

    A browser gets a page, which sends what is parked there.
    """
    status = getattr(error, "status_code", 500)
    words = {404: "没有这个页面。", 405: "不支持这种访问方式。", 413: "提交的内容超过上限，没有保存。"}
    said = words.get(status, "不能处理这个请求。")
    if "text/html" not in request.headers.get("accept", ""):
        return PlainTextResponse(said, status, getattr(error, "headers", None))
    visit = Visit(request, request.app.state.service, Who.ANYONE)
    response = visit.message(
        said.partition("，")[0].rstrip("。"), f"{said}请返回上一页，或从您的链接重新进入。", status
    )
    response.headers.update(getattr(error, "headers", None) or {})
    return response


def pages() -> list[BaseRoute]:
    """The addresses of all pages, without static files; those asked for most come first."""
    from drafting.panel.web import organiser, organiser_people, organiser_rounds

    return [
        *expert.routes(), *entry.routes(), *organiser.routes(), *organiser_people.routes(), *organiser_rounds.routes(),
    ]  # fmt: skip


def application(url: str, config: Config, service: Service | None = None) -> Starlette:
    """The panel server as an ASGI application; the database is opened when it starts."""
    own = service or Service(url, config)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(own.start)
        warming = Thread(target=closed.remember, args=(own,), name="panel-results", daemon=True)
        warming.start()
        yield
        await run_in_threadpool(warming.join)
        await run_in_threadpool(own.stop)

    routes = [*pages(), own.static.route()]
    # a saved answer has its line in the audit log; thousands a second would only hide what matters in the other one
    shield = Middleware(
        Shield, hosts=config.allowed_hosts, secure=config.secure, log="drafting.panel", unlogged={"answer"},
        stranger="不认识的主机名。请用组织者给出的地址访问。",
    )  # fmt: skip
    app = Starlette(
        routes=routes, lifespan=lifespan, middleware=[shield],
        exception_handlers={HTTPException: _plain_fault},
    )  # fmt: skip
    app.state.service = own
    return app
