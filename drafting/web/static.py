"""Style and scripts: an address with a mark of the content, so that browsers may keep them for good."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from drafting.web.shield import PAGE

_YEAR = "public, max-age=31536000, immutable"


class Static:
    """The static files of one server.

    ``files``: name in the address -> file. Nothing else is served.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    def __call__(self, name: str) -> str:
        """Address of a file."""
        return f"/static/{name}?{self._marks[name]}"

    @cached_property
    def _marks(self) -> dict[str, str]:
        return {n: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for n, path in self._files.items()}

    async def _answer(self, request: Request) -> Response:
        request.scope[PAGE] = "static"
        path = self._files.get(request.path_params["name"])
        if path is None:
            raise HTTPException(404)
        return FileResponse(path, headers={"cache-control": _YEAR})

    def route(self) -> Route:
        """Where they are served."""
        return Route("/static/{name}", self._answer, methods=["GET"], name="static")
