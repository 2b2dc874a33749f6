"""Who may do what: one table of all addresses, asked in one place before any page begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from drafting.web.roles import Role
from drafting.workbench.visit import PERSON, NotFoundError, RefusedError, StrangerError, Visit, fault, see_other

if TYPE_CHECKING:
    from drafting.workbench.bench import Bench


class Need(Enum):
    """Who may come in by an address."""

    OPEN = "whoever comes: the page itself asks for the link or session of an expert, or tells nothing"
    SERVED = "the same, and only on a server"
    LOCAL = "the same, and only on one's own machine"
    OWN = "who works on the own machine; on a server there is no such page"
    PERSON = "who is signed in"
    ADMINISTRATOR = "who may enter accounts; only on a server"
    READER = "every member of the project"
    DRAFTER = "who drafts the project, or leads it"
    LEAD = "who leads the project"
    NOBODY = "not used here: the workbench has a page of its own for it"


ROLES: Mapping[Need, Role] = {Need.READER: Role.READER, Need.DRAFTER: Role.DRAFTER, Need.LEAD: Role.LEAD}
_R, _D, _L = Need.READER, Need.DRAFTER, Need.LEAD

NEEDS: Mapping[str, tuple[Need, Need]] = {
    # address: who may look (GET), who may do (POST)
    "/": (Need.PERSON, Need.PERSON),
    "/start/{token}": (Need.LOCAL, Need.LOCAL),
    "/again": (Need.LOCAL, Need.LOCAL),
    "/end": (Need.OWN, Need.OWN),
    "/folder": (Need.OWN, Need.OWN),
    "/static/{name}": (Need.OPEN, Need.OPEN),
    "/new/example": (Need.PERSON, Need.PERSON),
    "/new/blank": (Need.PERSON, Need.PERSON),
    "/new/import": (Need.PERSON, Need.PERSON),
    "/me": (Need.PERSON, Need.PERSON),
    "/accounts": (Need.ADMINISTRATOR, Need.ADMINISTRATOR),
    # a project
    "/p/{project}": (_R, _R),
    "/p/{project}/files": (_R, _D),
    "/p/{project}/files/{slot}": (_D, _D),
    "/p/{project}/files/{slot}/blank/{name}": (_R, _D),
    "/p/{project}/files/{slot}/differs": (_D, _D),
    "/p/{project}/files/{slot}/get/{name}": (_D, _D),
    "/p/{project}/waiting/stop": (_R, _D),
    "/p/{project}/findings": (_R, _D),
    "/p/{project}/findings/annotated": (_D, _D),
    "/p/{project}/clauses": (_R, _D),
    "/p/{project}/weights": (_R, _D),
    "/p/{project}/levels": (_R, _D),
    "/p/{project}/levels/{code}": (_R, _D),
    "/p/{project}/levels/{code}/try": (_R, _R),
    "/p/{project}/levels/{code}/copy": (_D, _D),
    "/p/{project}/trial": (_R, _D),
    "/p/{project}/evaluation": (_D, _D),
    "/p/{project}/evaluation/{token}/{name}": (_D, _D),
    "/p/{project}/calibration": (_R, _D),
    "/p/{project}/draft": (_R, _D),
    "/p/{project}/outputs": (_R, _D),
    "/p/{project}/outputs/{name}": (_R, _D),
    "/p/{project}/package": (_R, _D),
    "/p/{project}/internal/{name}": (_D, _D),
    "/p/{project}/build": (_R, _D),
    "/p/{project}/build/stop": (_D, _D),
    "/p/{project}/build/state": (_R, _R),
    "/p/{project}/versions": (_R, _D),
    "/p/{project}/versions/{number}": (_R, _D),
    "/p/{project}/versions/{number}/files": (_D, _D),
    "/p/{project}/versions/{number}/changes/{name}": (_D, _D),
    "/p/{project}/versions/{number}/restore": (_L, _L),
    "/p/{project}/opinions": (_R, _D),
    "/p/{project}/opinions/{identity}": (_D, _D),
    "/p/{project}/rounds": (_R, _L),
    "/p/{project}/rounds/questionnaires": (_D, _D),
    "/p/{project}/people": (_R, _L),
    # the panel: an organiser's pages belong to the project of the panel or round in the address
    "/o": (Need.NOBODY, Need.NOBODY),
    "/o/leave": (Need.SERVED, Need.SERVED),
    "/o/p/{panel:int}": (_R, _L),
    "/o/p/{panel:int}/refresh": (_L, _L),
    "/o/p/{panel:int}/rounds": (_L, _L),
    "/o/p/{panel:int}/audit": (_D, _L),
    "/o/p/{panel:int}/people": (_L, _L),
    "/o/p/{panel:int}/people/{member:int}/revoke": (_L, _L),
    "/o/p/{panel:int}/report": (_R, _L),
    "/o/r/{round:int}": (_R, _L),
    "/o/r/{round:int}/deadline": (_L, _L),
    "/o/r/{round:int}/open": (_L, _L),
    "/o/r/{round:int}/close": (_L, _L),
    "/o/r/{round:int}/results": (_R, _L),
    "/o/r/{round:int}/dissent": (_D, _L),
    "/o/r/{round:int}/files": (_D, _D),
    "/o/r/{round:int}/upload": (_D, _D),
    "/o/r/{round:int}/answers.zip": (_D, _D),
    "/o/r/{round:int}/answers.json": (_D, _D),
    "/o/r/{round:int}/remind": (_L, _L),
    "/o/r/{round:int}/missing.xlsx": (_L, _L),
    # its ways in, and the experts' pages
    "/login": (Need.SERVED, Need.SERVED),
    "/health": (Need.SERVED, Need.SERVED),
    "/l/{token:path}": (Need.OPEN, Need.OPEN),
    "/e": (Need.OPEN, Need.OPEN),
    "/e/leave": (Need.OPEN, Need.OPEN),
    "/e/parked": (Need.OPEN, Need.OPEN),
    "/e/{round:int}": (Need.OPEN, Need.OPEN),
    "/e/{round:int}/answer": (Need.OPEN, Need.OPEN),
    "/e/{round:int}/review": (Need.OPEN, Need.OPEN),
    "/e/{round:int}/submit": (Need.OPEN, Need.OPEN),
    "/e/{round:int}/receipt": (Need.OPEN, Need.OPEN),
    "/e/{round:int}/{group:int}": (Need.OPEN, Need.OPEN),
    "/e/{round:int}/{group:int}/check": (Need.OPEN, Need.OPEN),
}
"""Every address of the application. One that is missing is for the own machine only, until somebody has decided."""
_NO_WAIT = frozenset({Need.OPEN, Need.SERVED, Need.LOCAL, Need.NOBODY})


def need(method: str, path: str) -> Need:
    """What an address asks for; HEAD is as GET."""
    look, do = NEEDS.get(path, (Need.OWN, Need.OWN))
    return do if method == "POST" else look


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks."""

    id: int
    """Number of the account; 0 on the own machine."""
    login: str
    csrf: str
    """What the forms carry."""
    administrator: bool = False
    role: Role | None = None
    """In the project of the address, where there is one."""
    local: bool = False

    @property
    def actor(self) -> str:
        """For the audit log."""
        return f"organiser:{self.id}"

    def may(self, method: str, path: str) -> bool:
        """Whether a page of the present project offers this: the same table, asked beforehand."""
        wanted = need(method, path)
        if self.local:
            return wanted not in (Need.SERVED, Need.ADMINISTRATOR, Need.NOBODY)
        if wanted in ROLES:
            return self.role is not None and self.role.covers(ROLES[wanted])
        return wanted is Need.PERSON or (wanted is Need.ADMINISTRATOR and self.administrator)


def guarded(bench: Bench, route: BaseRoute) -> BaseRoute:
    """The same address behind its row of the table."""
    assert isinstance(route, Route)
    inner, path = route.app, route.path

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            wanted = need(request.method, path)
            if wanted in _NO_WAIT:
                _there(bench, wanted)
            else:
                scope[PERSON] = await run_in_threadpool(_admitted, bench, request, wanted)
        except Exception as error:  # nobody may see a traceback: fault logs it and answers with a page
            await _refusal(bench, request, error)(scope, receive, send)
            return
        if request.method != "POST" or not bench.served or wanted in _NO_WAIT:
            await inner(scope, receive, send)
            return
        refused: list[Exception] = []

        async def arrived() -> Message:
            """What comes in; once all of it is there it is asked again who may: a large file takes its time."""
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body") and not refused:
                try:
                    scope[PERSON] = await run_in_threadpool(_admitted, bench, request, wanted)
                except Exception as error:
                    refused.append(error)
                    raise ClientDisconnect from error  # for who reads it as if it had broken off
            return message

        async def answered(message: Message) -> None:
            if not refused:
                await send(message)

        await inner(scope, arrived, answered)
        for reason in refused:
            await _refusal(bench, request, reason)(scope, receive, send)

    route.app = app
    return route


def _there(bench: Bench, wanted: Need) -> None:
    served = {Need.SERVED: True, Need.LOCAL: False}.get(wanted, bench.served)
    if wanted is Need.NOBODY or served is not bench.served:
        raise NotFoundError


def _admitted(bench: Bench, request: Request, wanted: Need) -> Person:
    """Who asks, if that is enough.

    Raises StrangerError, NotFoundError, RefusedError.
    """
    if not bench.served:
        if wanted is Need.ADMINISTRATOR:
            raise NotFoundError
        return bench.own(request)
    if wanted is Need.OWN:
        raise NotFoundError
    folder = _folder(bench, request.path_params) if wanted in ROLES else None
    found = bench.panel.person(request, folder)
    if wanted in ROLES:
        if found.role is None:  # another's project looks as if there was none
            raise NotFoundError
        if not found.role.covers(ROLES[wanted]):
            text = f"您在这个项目中是“{found.role.chinese}”，这里要“{ROLES[wanted].chinese}”才能做。没有改动任何内容。"
            raise RefusedError("您没有这项权限", text, 403)
    if wanted is Need.ADMINISTRATOR and not found.administrator:
        raise NotFoundError
    return found


def _folder(bench: Bench, parts: Mapping[str, Any]) -> str:
    """The folder of the project that an address belongs to.

    Raises NotFoundError.
    """
    if "project" in parts:
        place = bench.home.find(str(parts["project"]))
        if place is not None:
            return str(place.folder.resolve())
        raise NotFoundError
    return bench.panel.folder(panel=parts.get("panel"), round_=parts.get("round"))


def _refusal(bench: Bench, request: Request, error: Exception) -> Response:
    if isinstance(error, StrangerError) and bench.served:
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse({"fate": "none"}, 401)
        return see_other("/login")
    return fault(Visit(request, bench, "refused"), error)
