"""The ways in and out: the start address, the end."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from drafting.web.shield import PAGE
from drafting.web.tokens import same
from drafting.workbench.bench import Bench
from drafting.workbench.visit import RefusedError, Visit, screen, see_other


async def _start(request: Request) -> Response:
    """Swap the start token, which is good for once, for the cookie; a browser that has the cookie just goes in."""
    request.scope[PAGE] = "start"
    bench: Bench = request.app.state.bench
    known = same(request.cookies.get(bench.cookie, ""), bench.session)
    if not known and not bench.take_start(request.path_params["token"]):
        text = "启动地址只能用一次。请关闭这个页面，重新双击“工作台”或运行 drafting workbench。"
        return HTMLResponse(bench.render("outside.html.j2", title="请重新启动工作台", text=text), 403)
    response = see_other("/")
    response.set_cookie(bench.cookie, bench.session, path="/", httponly=True, samesite="strict")
    return response


def _end(visit: Visit) -> Response:
    """End the workbench; a job whose files are taking their places is waited for."""
    if any(job.running for job in visit.bench.jobs.all()) and not visit.text("anyway"):
        text = "有项目正在生成草案。现在退出会停止它，原来的成果不变。"
        raise RefusedError("正在生成", text)
    response = visit.page("ended.html.j2")
    response.background = BackgroundTask(visit.bench.when_ended)
    return response


async def _again(request: Request) -> Response:
    """Give a fresh start address to a second start of this person's, who can read the secret."""
    request.scope[PAGE] = "again"
    bench: Bench = request.app.state.bench
    if not same(request.headers.get("x-workbench", ""), bench.secret):
        return JSONResponse({}, 403)
    return JSONResponse({"start": bench.new_start()})


def routes() -> Sequence[BaseRoute]:
    """Addresses of this module."""
    return (
        Route("/start/{token}", _start, methods=["GET"], name="start"),
        Route("/again", _again, methods=["POST"], name="again"),
        screen("/end", "end", post=_end),
    )
