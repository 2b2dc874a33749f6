"""The application: the addresses of all screens, static files, the shield around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from drafting.web.shield import Shield
from drafting.workbench import entry
from drafting.workbench.bench import Bench
from drafting.workbench.screens import (
    baselines,
    draft,
    files,
    findings,
    opinions,
    outputs,
    overview,
    projects,
    trial,
    versions,
    weights,
)

SCREENS = (projects, overview, files, findings, weights, baselines, trial, draft, outputs, versions, opinions)


async def _plain_fault(request: Request, error: Exception) -> Response:
    """Faults before a page is reached: no such address, wrong method, too large."""
    status = getattr(error, "status_code", 500)
    words = {404: "没有这个页面。", 405: "不支持这种访问方式。", 413: "上传的内容超过上限，没有改动任何文件。"}
    return PlainTextResponse(words.get(status, "不能处理这个请求。"), status, getattr(error, "headers", None))


def application(bench: Bench) -> Starlette:
    """The workbench as an ASGI application."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(bench.close)

    shield = Middleware(
        Shield, hosts=bench.hosts, secure=False, log="drafting.workbench", unlogged={"static", "job"},
        stranger="不认识的主机名。请从工作台的启动窗口打开。",
    )  # fmt: skip
    routes = [*entry.routes(), *(r for s in SCREENS for r in s.routes()), bench.static.route()]
    app = Starlette(
        routes=routes, lifespan=lifespan, middleware=[shield], exception_handlers={HTTPException: _plain_fault}
    )
    app.state.bench = bench
    return app
