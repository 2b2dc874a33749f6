"""How long a connection may take to say what it wants: without a proxy in front nobody else would end it."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 15.0
"""From the first byte, or the connection, to the end of the headers."""
QUIET_SECONDS = 30.0
"""Between two pieces of a body."""


class PatientProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, closing connections that hold on without sending."""

    _timer: asyncio.TimerHandle | None = None
    _body = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for headers."""
        super().connection_made(transport)
        self._wait(HEADER_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Headers have one time in all, a body a time for each piece."""
        if self._body:
            self._wait(QUIET_SECONDS)
        elif self._timer is None:
            self._wait(HEADER_SECONDS)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._body = True
        self._wait(QUIET_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._body = False
        self._rest()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for."""
        self._rest()
        super().connection_lost(exc)

    def _wait(self, seconds: float) -> None:
        self._rest()
        self._timer = self.loop.call_later(seconds, self._give_up)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        transport: Any = self.transport
        if not transport.is_closing():
            transport.abort()  # closing a TLS connection in order would wait for the other side once more
