"""Running the server: addresses, TLS, logs without secrets, a graceful end."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from typing import Any

import uvicorn

from drafting.panel.config import Config
from drafting.panel.patience import PatientProtocol
from drafting.panel.web.app import application
from drafting.panel.web.service import Service

_GRACE_SECONDS = 10
_SWITCH_SECONDS = 0.001
"""The writer and the loop share one interpreter; shorter turns keep slow answers rare."""


class _Line(logging.Formatter):
    """One JSON object per line; messages of other libraries are quoted."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        import json

        text = record.getMessage()
        content: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds"),
            "level": record.levelname.lower(),
        }
        try:
            content |= json.loads(text)
        except ValueError:
            content |= {"event": "message", "text": text}
        if record.exc_info and record.exc_info[1] is not None:
            # the kind and place of a fault, never its words: those may quote what somebody sent
            error = record.exc_info[1]
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
            content |= {"kind": type(error).__name__, "where": where}
        return json.dumps(content, ensure_ascii=False)


def configure_logs(stream: Any = None) -> None:
    """Send structured lines to standard error."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Line())
    for name in ("drafting.panel", "uvicorn.error", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name != "uvicorn.error" else []
        logger.setLevel(logging.INFO)
        logger.propagate = name == "uvicorn.error"


def serve(url: str, config: Config) -> bool:
    """Run until told to stop; False if it could not start.

    Raises
    ------
    DatabaseError
        Another server has the database.
    """
    service = Service(url, config)
    service.hold.take()
    configure_logs()
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
