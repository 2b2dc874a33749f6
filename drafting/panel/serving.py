"""Running the server: addresses, TLS, logs without secrets, a graceful end."""

from __future__ import annotations

import sys

import uvicorn

from drafting.panel.config import Config
from drafting.panel.web.app import application
from drafting.panel.web.service import Service
from drafting.web.logs import configure_logs
from drafting.web.patience import PatientProtocol

_GRACE_SECONDS = 10
_SWITCH_SECONDS = 0.001
"""The writer and the loop share one interpreter; shorter turns keep slow answers rare."""


def serve(url: str, config: Config) -> bool:
    """Run until told to stop; False if it could not start.

    Raises
    ------
    DatabaseError
        Another server has the database.
    """
    service = Service(url, config)
    service.hold.take()
    configure_logs(["drafting.panel"])
    sys.setswitchinterval(_SWITCH_SECONDS)
    server = uvicorn.Server(
        uvicorn.Config(
            application(url, config, service),
            http=PatientProtocol,
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
        )
    )
    try:
        server.run()
    except SystemExit:  # the library ends the program where the address is taken
        return False
    finally:
        service.hold.let_go()
    return server.started
