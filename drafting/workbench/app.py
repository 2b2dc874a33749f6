"""The application: the addresses of all screens, static files, the shield around them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Router
from starlette.types import Receive, Scope, Send

from drafting.web.shield import Shield
from drafting.workbench import entry
from drafting.workbench.access import guarded
from drafting.workbench.bench import Bench
from drafting.workbench.later import Later
from drafting.workbench.trouble import PanelTroubleError
from drafting.workbench.visit import NotFoundError, Visit, fault

if TYPE_CHECKING:
    from drafting.workbench.inside import Inside

FIRST = ("projects",)
SCREENS = (
    "overview", "files", "findings", "rounds", "weights", "baselines", "trial", "calibration", "draft", "outputs",
    "versions", "opinions",
)  # fmt: skip
"""Modules of :mod:`drafting.workbench.screens` beside the list of projects, which is shown at the start."""
_IDLE_SECONDS = 1.0
_PANEL = ("/e", "/l", "/o", "/login", "/health")
"""What the addresses of the panel begin with."""


def own_routes(bench: Bench) -> list[BaseRoute]:
    """The addresses of the workbench itself, without the panel's."""
    return [*_ways(bench), *Later(FIRST).load(), *Later(_screens(bench)).load()]


def _ways(bench: Bench) -> list[BaseRoute]:
    return [*entry.routes(), bench.static.route()]


def _screens(bench: Bench) -> Sequence[str]:
    return (*SCREENS, "people") if bench.served else SCREENS


def panel_routes() -> list[BaseRoute]:
    """The addresses of the panel; its front page is the list of projects here."""
    from drafting.panel.web.app import pages

    return [r for r in pages() if getattr(r, "path", "") != "/"]


class PanelRoutes(BaseRoute):
    """The panel's pages, whose machinery is loaded when somebody first asks for one of them."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._router: Router | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether an address is one of the panel's."""
        found = scope["type"] == "http" and "/".join(scope["path"].split("/")[:2]) in _PANEL
        return (Match.FULL if found else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        try:
            running = self._bench.panel.running if self._router is not None else None
            scope["app"].state.service = running or await run_in_threadpool(self._ready)
        except (PanelTroubleError, NotFoundError) as error:
            await fault(Visit(Request(scope), self._bench, "panel"), error)(scope, receive, send)
            return
        assert self._router is not None
        await self._router(scope, receive, send)

    def _ready(self) -> Inside:
        if not self._bench.served and not self._bench.panel.is_made:
            raise NotFoundError  # nobody was ever asked here, and looking makes no database
        service = self._bench.panel.service()
        if self._router is None:
            self._router = Router([guarded(self._bench, route) for route in panel_routes()])
        return service


async def _plain_fault(request: Request, error: Exception) -> Response:
    """Faults before a page is reached: no such address, wrong method, too large."""
    status = getattr(error, "status_code", 500)
    words = {404: "没有这个页面。", 405: "不支持这种访问方式。", 413: "上传的内容超过上限，没有改动任何文件。"}
    return PlainTextResponse(words.get(status, "不能处理这个请求。"), status, getattr(error, "headers", None))


def application(bench: Bench) -> Starlette:
    """The workbench as an ASGI application."""
    guard = partial(guarded, bench)
    first, others = Later(FIRST, guard), Later(_screens(bench), guard)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        loop.call_later(_IDLE_SECONDS, loop.run_in_executor, None, others.load)  # before the first click on a project
        yield
        await run_in_threadpool(bench.close)

    config = bench.config
    stranger = "不认识的主机名。" + ("请用管理员给出的地址访问。" if config else "请从工作台的启动窗口打开。")
    shield = Middleware(
        Shield, hosts=bench.hosts, secure=config is not None and config.secure, log="drafting.workbench",
        unlogged={"static", "job", "answer"}, stranger=stranger,
    )  # fmt: skip
    # the panel's first: the answers of experts are what is asked for most
    routes = [PanelRoutes(bench), *map(guard, _ways(bench)), first, others]
    app = Starlette(
        routes=routes, lifespan=lifespan, middleware=[shield], exception_handlers={HTTPException: _plain_fault}
    )
    app.state.bench = bench
    return app
