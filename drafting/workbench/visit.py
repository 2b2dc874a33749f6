"""One request as a screen sees it: which project, what was sent, how to answer."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from anyio.to_thread import run_sync
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from drafting.desk.memory import GoneError, Seen, Waiting
from drafting.files import OutputError, readable
from drafting.web.bodies import TOO_LARGE, limited, typed
from drafting.web.shield import PAGE
from drafting.web.tokens import same
from drafting.workbench.home import HomeError, Place
from drafting.workbench.navigation import navigation
from drafting.workbench.trouble import PanelTroubleError

if TYPE_CHECKING:
    from drafting.progress import Progress
    from drafting.run import Run
    from drafting.workbench.access import Person
    from drafting.workbench.bench import Bench

T = TypeVar("T")
log = logging.getLogger("drafting.workbench")
PERSON = "workbench.person"
"""Key of a request's scope under which the door puts who asks."""
FORM_BYTES = 1 << 20
_FIELDS = 500
_MOST_FILES = 2_000


class NotFoundError(Exception):
    """No such page, project or file."""


class StrangerError(Exception):
    """A request that did not come from a page of ours."""


class WaitingError(Exception):
    """Results that a page needs are being computed."""

    def __init__(self, waiting: Waiting) -> None:
        super().__init__(waiting.step.name)
        self.waiting = waiting


class RefusedError(Exception):
    """What was asked cannot be done; title and text are for people."""

    def __init__(self, title: str, text: str, status: int = 409) -> None:
        super().__init__(text)
        self.title = title
        self.text = text
        self.status = status


@dataclass(slots=True)
class Visit:
    """A request with its project and form."""

    request: Request
    bench: Bench
    screen: str
    form: FormData = field(default_factory=FormData)
    _place: Place | None = None

    @property
    def person(self) -> Person:
        """Who asks, as the door found."""
        found: Person | None = self.request.scope.get(PERSON)
        if found is None:
            raise StrangerError
        return found

    def part(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    @property
    def place(self) -> Place:
        """The project of the address.

        Raises NotFoundError if there is none of that name.
        """
        if self._place is None:
            self._place = self.bench.home.find(self.part("project"))
            if self._place is None:
                raise NotFoundError
        return self._place

    def url(self, *parts: str, **query: str) -> str:
        """Address of a page of the project."""
        return address(self.place.name, *parts, **query)

    def seen(self, patience: float = 0.6) -> Seen:
        """Results of the project as its files stand now.

        Raises WaitingError if they are being computed: a page that says so is shown, and asks again.
        """
        found = self.bench.memory.ask(self.place.folder, patience)
        if isinstance(found, Waiting):
            raise WaitingError(found)
        return found

    def of_table(self, patience: float = 0.6) -> tuple[Seen, dict[str, Any]]:
        """Results of the table that the address names, the first of several; and what the page shows of the choice."""
        seen = self.seen(patience)
        inputs = seen.run.project.inputs
        tables = inputs.tables if inputs is not None else ()
        wanted = self.text("table") or (tables[0].key if tables else "")
        found = seen.of_table(wanted) if tables else seen
        if found is None:
            raise NotFoundError
        captions = [(t.key, t.caption or t.key) for t in tables]
        return found, {"tables": captions, "table": wanted if tables else ""}

    def made(self, seen: Seen, name: str, first: str, make: Callable[[Run, Progress], T]) -> T:
        """What takes long to make from results, see :meth:`Memory.make`; raises WaitingError while it is made."""
        found = self.bench.memory.make(seen, name, first, make)
        if isinstance(found, Waiting):
            raise WaitingError(found)
        return found

    def text(self, name: str, longest: int = 300) -> str:
        """A field of the form, or of the query, as text, see :func:`typed`."""
        return typed((self.form if self.request.method == "POST" else self.request.query_params).get(name), longest)

    def uploads(self, name: str) -> list[UploadFile]:
        """Files of a field; a field where none was chosen gives none."""
        return [f for f in self.form.getlist(name) if isinstance(f, UploadFile) and f.filename]

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page; one of a project carries the way to its other screens and says what runs."""
        project, person = self._place, self.request.scope.get(PERSON)
        values = {"tables": (), "table": ""} | values
        shared: dict[str, Any] = {
            "csrf": person.csrf if person else "", "screen": self.screen, "project": project, "person": person,
            "navigation": navigation(served=self.bench.served),
            "home": self.bench.home, "job": self.bench.jobs.of(project.folder) if project else None,
            "with_table": {"table": values["table"]} if values["table"] else {},
            "url": (lambda *parts, **query: address(project.name, *parts, **query)) if project else None,
        }  # fmt: skip
        return HTMLResponse(readable(self.bench.render(template, **shared, **values)), status)

    def message(self, title: str, text: str, status: int = 200, **values: Any) -> Response:
        """A page that says one thing."""
        return self.page("message.html.j2", status, title=title, text=text, **values)


def address(project: str, *parts: str, **query: str) -> str:
    """Address of a page of a project."""
    path = "/".join(("/p", *(quote(p, safe="", errors="replace") for p in (project, *parts))))
    return path + ("?" + "&".join(f"{k}={quote(v, safe='')}" for k, v in query.items()) if query else "")


Handler = Callable[[Visit], Response]


def see_other(url: str) -> Response:
    """Go to a page after a form was taken."""
    return RedirectResponse(url, 303)


def attachment(content: bytes, name: str, media: str = "application/octet-stream") -> Response:
    """A file to be saved under a name; never shown by the browser itself."""
    return Response(
        content,
        media_type=media,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"},
    )


def screen(
    path: str, name: str, *, get: Handler | None = None, post: Handler | None = None, bytes_: int = FORM_BYTES
) -> Route:
    """Give an address its pages; who may come is decided at the door (:mod:`access`), before."""
    handlers = {"GET": get, "HEAD": get, "POST": post}

    async def endpoint(request: Request) -> Response:
        request.scope[PAGE] = name
        visit = Visit(request, request.app.state.bench, name)
        try:
            visit.request = limited(request, bytes_)
            return await _answer(visit, handlers[request.method])
        except Exception as error:  # nobody may see a traceback: _fault logs it and answers with a page
            return fault(visit, error)

    methods = [m for m, h in handlers.items() if h is not None]
    return Route(path, endpoint, methods=methods, name=name)


async def _answer(visit: Visit, handler: Handler | None) -> Response:
    assert handler is not None
    request, person, threads = visit.request, visit.person, visit.bench.threads
    if request.method == "POST":
        _check_origin(visit)
        async with request.form(max_fields=_FIELDS, max_files=_MOST_FILES, max_part_size=FORM_BYTES) as form:
            visit.form = form
            sent = form.get("csrf")
            if not isinstance(sent, str) or not same(sent, person.csrf):
                raise StrangerError
            return await run_sync(partial(handler, visit), limiter=threads)
    return await run_sync(partial(handler, visit), limiter=threads)


def _check_origin(visit: Visit) -> None:
    """Refuse a form of another site; browsers say from where a form comes.

    Our own pages send no referrer, so that Chromium and Firefox write "null" for them; the other heading tells then.
    """
    origin = visit.request.headers.get("origin", "null")
    if origin not in {"null", *visit.bench.origins}:
        raise StrangerError
    if visit.request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise StrangerError


def fault(visit: Visit, error: Exception) -> Response:
    """Turn an exception into a page that says what to do."""
    match error:
        case WaitingError():
            if "application/json" in visit.request.headers.get("accept", ""):
                return JSONResponse({"waiting": True})
            return visit.page("waiting.html.j2", waiting=error.waiting, step=error.waiting.step)
        case RefusedError():
            return visit.message(error.title, error.text, error.status)
        case StrangerError():
            if visit.bench.served:
                return visit.message(
                    "请重新提交", "页面已过期，或不是本站的页面。没有改动任何内容，请刷新后再试。", 403
                )
            text = "请从“工作台”的启动窗口或图标重新打开；启动地址只能用一次。已保存的内容都在。"
            return visit.page("outside.html.j2", 403, title="请从工作台进入", text=text)
        case NotFoundError() | GoneError():
            visit._place = None
            text = "地址不对，或者项目文件夹已被移走、改名" + (
                "，或者您不是这个项目的成员。" if visit.bench.served else "。"
            )
            return visit.message("没有这个页面", text, 404)
        case HomeError():
            return visit.message("项目文件夹不能使用", str(error), 409)
        case PanelTroubleError():
            return visit.message("专家咨询现在不能用", str(error), 503)
        case OutputError():
            return visit.message("没有写入", f"{error} 原有文件没有改动。", 409)
        case MultiPartException() | HTTPException(status_code=400):
            return visit.message("没有收到完整的文件", "上传中断，或格式不对；没有改动任何文件，请再试一次。", 400)
        case ClientDisconnect():
            return Response(status_code=400)
        case _ if getattr(error, "status_code", None) == TOO_LARGE:
            return visit.message(
                "内容过大", "上传的文件或填写的文字超过上限，没有改动任何内容；请返回上一页，缩短后再试。", 413
            )
    log.error(json.dumps({"event": "fault", "page": visit.screen}), exc_info=error)
    return visit.message("程序故障", "出现了未预料的故障，已记入日志。项目里的文件没有改动，请再试一次。", 500)
