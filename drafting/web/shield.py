"""The outermost layer: whom the server answers, how much it reads, what every reply carries, what is logged."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Collection
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE = "web.page"
"""Key of a request's scope under which a page puts its name, for the log."""

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_YEAR = "max-age=31536000"
_NO_NUMBER = re.compile("/[0-9]{1000}")
"""In an address of ours no number is so long; at 4,300 digits reading it fails."""
_NO_STORE = ((b"cache-control", b"no-store"),)


class Shield:
    """ASGI middleware around the whole application.

    ``hosts``: values of the Host header that are answered, in lower case.
    ``secure``: whether browsers reach the server by HTTPS.
    ``log``: name of the logger for the line of every request.
    ``unlogged``: names of pages of which an answer with status 200 is not logged.
    ``stranger``: what is said to another host.
    """

    def __init__(
        self, app: ASGIApp, hosts: Collection[str], *, secure: bool, log: str, unlogged: Collection[str] = (),
        stranger: str = "不认识的主机名。",
    ) -> None:  # fmt: skip
        self._app = app
        self._hosts = hosts
        self._log = logging.getLogger(log)
        self._unlogged = unlogged
        self._stranger = stranger
        headers = _HEADERS | ({"strict-transport-security": _YEAR} if secure else {})
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the host, add headers, write one line of log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message["headers"]
                kept = any(name == b"cache-control" for name, _ in given)
                message["headers"] = [*given, *self._headers, *(() if kept else _NO_STORE)]
            await send(message)

        app: ASGIApp = self._app
        # a monitor asks this machine by whatever name; the answer tells nothing
        known = scope["path"] == "/health" or (Headers(scope=scope).get("host") or "").lower() in self._hosts
        if not known:
            app = PlainTextResponse(self._stranger, 400)
        elif _NO_NUMBER.search(scope["path"]):
            app = PlainTextResponse("没有这个页面。", 404)
        try:
            await app(scope, receive, guarded)
        finally:
            if not (status == 200 and scope.get(PAGE) in self._unlogged):
                self._write(scope, status, began)

    def _write(self, scope: Scope, status: int, began: float) -> None:
        # the name of the page, never its address: an address can be a personal link
        line: dict[str, Any] = {
            "event": "request", "method": scope["method"], "page": scope.get(PAGE, "-"), "status": status,
            "ms": round((time.perf_counter() - began) * 1000, 1),
        }  # fmt: skip
        self._log.info(json.dumps(line, ensure_ascii=False))
