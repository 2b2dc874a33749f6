"""How much of a request is read. The library's own limit answers with two English words in the place of every page."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

TOO_LARGE = 413


def limited(request: Request, most: int) -> Request:
    """The request, of whose body no more is read than a page takes.

    Raises HTTPException with status 413: here where the request says that it is larger, while it is read where it only
    turns out to be.

    ``most``: Bytes.
    """
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdecimal() and int(announced) > most:
        raise HTTPException(TOO_LARGE)
    receive, taken = request.receive, 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(TOO_LARGE)
        return message

    return Request(request.scope, counted)


def typed(value: object, longest: int) -> str:
    """What was typed into a field of a form; empty for an upload or none.

    A browser counts a new line as one character and sends two: they are one again before anything is counted.

    Raises HTTPException: it is longer than the field takes: what somebody typed is never cut.
    """
    said = value.strip().replace("\r\n", "\n") if isinstance(value, str) else ""
    if len(said) > longest:
        raise HTTPException(TOO_LARGE)
    return said
