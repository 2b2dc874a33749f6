"""Running the server: addresses, TLS, logs without secrets, a graceful end."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from drafting.panel.config import Config
from drafting.panel.database import migrate
from drafting.panel.web.app import application
from drafting.panel.web.service import Service
from drafting.web import patience
from drafting.web.logs import configure_logs

_GRACE_SECONDS = 10
_SWITCH_SECONDS = 0.001
"""The writer and the loop share one interpreter; shorter turns keep slow answers rare."""


class _Server(uvicorn.Server):
    """The library's server, which says when it listens and bounds TLS handshakes too."""

    def __init__(self, config: uvicorn.Config, told: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; whoever connects and never begins to speak TLS is not yet a protocol that could lose patience."""
        loop: Any = asyncio.get_running_loop()
        if self.config.is_ssl:
            loop.create_server = partial(loop.create_server, ssl_handshake_timeout=patience.HEADER_SECONDS)
        await super().startup(sockets)
        if self.started:
            self._told()


def serve(url: str, config: Config, told: Callable[[], None]) -> bool:
    """Run until told to stop; False if it could not start.

    Raises DatabaseError: another server has the database, or it cannot be used.

    ``url``, ``config``: the database and how the server is reached.
    ``told``: called once it listens.
    """
    service = Service(url, config)
    try:
        service.hold.take()
        migrate(service.engine)  # held first: another server's database is not brought up to date under it
        return run(application(url, config, service), config, told, ["drafting.panel"])
    finally:
        service.hold.let_go()
        service.engine.dispose()


def run(app: ASGIApp, config: Config, told: Callable[[], None], logs: Sequence[str]) -> bool:
    """Run an application as a server is reached; False if the address is taken."""
    configure_logs(logs)
    sys.setswitchinterval(_SWITCH_SECONDS)
    server = _Server(
        uvicorn.Config(
            app,
            http=patience.PatientProtocol,
            host=config.host,
            port=config.port,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=config.behind_proxy,
            forwarded_allow_ips="127.0.0.1",
            ssl_certfile=config.tls_cert,
            ssl_keyfile=config.tls_key,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            timeout_keep_alive=15,
            backlog=512,
            limit_concurrency=1_000,
            lifespan="on",
        ),
        told,
    )
    try:
        server.run()
    except SystemExit:  # the library ends the program where the address is taken
        return False
    return server.started
