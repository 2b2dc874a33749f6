"""Logs as JSON lines: the name of a page, never its address or what somebody sent."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any


class _Line(logging.Formatter):
    """One JSON object per line; messages of other libraries are quoted."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
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


def configure_logs(names: Sequence[str], stream: Any = None) -> None:
    """Send structured lines of some loggers, and of uvicorn, to a stream (standard error by default)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Line())
    for name in (*names, "uvicorn.error", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name != "uvicorn.error" else []
        logger.setLevel(logging.INFO)
        logger.propagate = name == "uvicorn.error"
