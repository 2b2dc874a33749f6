"""Running the workbench: a free port of loopback, one instance per person, logs where there is no standard error."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import platformdirs
import uvicorn

from drafting.files import OutputError, atomic
from drafting.web.logs import configure_logs
from drafting.web.patience import PatientProtocol
from drafting.workbench.app import application
from drafting.workbench.bench import Bench
from drafting.workbench.home import Home

_APP = "cleaner-production-drafting"
_GRACE_SECONDS = 10
_KNOCK_SECONDS = 2.0


def state_folder() -> Path:
    """Where this person's running workbench and its log are told of."""
    return Path(platformdirs.user_state_dir(_APP))


def log_stream(folder: Path) -> TextIO | None:
    """Where log lines go: standard error, or a file where there is none, as under pythonw."""
    if sys.stderr is not None:
        return None
    with suppress(OSError, OutputError):
        with atomic(folder / "workbench.log") as fresh:  # a new log for every start
            fresh.write_text("", "utf-8")
        return (folder / "workbench.log").open("a", encoding="utf-8", buffering=1)
    return open(os.devnull, "w", encoding="utf-8")


def running(file: Path) -> str | None:
    """A fresh start address of the workbench that runs already; None if none answers."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    import urllib.error
    import urllib.request

    try:
        request = urllib.request.Request(
            f"http://127.0.0.1:{int(found['port'])}/again", method="POST", data=b"",
            headers={"x-workbench": str(found["secret"])},
        )  # fmt: skip
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=_KNOCK_SECONDS) as reply:
            return str(json.load(reply)["start"])
    except (OSError, ValueError, KeyError, TypeError, urllib.error.URLError):
        return None


def serve(
    home: Home, *, open_browser: bool = True, told: Callable[[str], Any] = lambda _: None, port: int = 0,
    state: Path | None = None, url: str = "",
) -> bool:  # fmt: skip
    """Run until it is ended; a second start opens the one that runs.

    ``told``: called with the start address.
    ``port``: 0 for any that is free.
    ``state``: folder for the file that tells of the running one, and for the log.
    ``url``: of the panel's database; empty for the one beside the projects.
    Returns false if it could not listen.
    """
    folder = state or state_folder()
    file = folder / "workbench.json"
    present = running(file)
    if present is not None:
        told(present)
        _show(present, open_browser)
        return True
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there it would let two programs share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen()  # who comes before the server is up waits and is not refused
    except OSError:
        listening.close()
        return False
    bench = Bench(home, listening.getsockname()[1], url)
    configure_logs(["drafting.workbench", "drafting.panel"], log_stream(folder))
    server = uvicorn.Server(
        uvicorn.Config(
            application(bench), http=PatientProtocol, log_config=None, access_log=False, server_header=False,
            date_header=False, proxy_headers=False, timeout_graceful_shutdown=_GRACE_SECONDS, timeout_keep_alive=30,
            limit_concurrency=200, lifespan="on",
        )
    )  # fmt: skip
    bench.when_ended = lambda: setattr(server, "should_exit", True)
    start = bench.new_start()
    with suppress(OSError, OutputError), atomic(file) as partial:
        partial.touch(mode=0o600)
        partial.chmod(0o600)
        partial.write_text(json.dumps({"port": bench.port, "secret": bench.secret}), "utf-8")
    told(start)
    threading.Timer(0.3, _show, (start, open_browser)).start()
    try:
        server.run(sockets=[listening])
    except SystemExit:
        return False
    finally:
        listening.close()
        with suppress(OSError):
            if json.loads(file.read_text("utf-8")).get("secret") == bench.secret:
                file.unlink()
    return True


def _show(address: str, wanted: bool) -> None:
    if wanted:
        import webbrowser

        with suppress(webbrowser.Error, OSError):
            webbrowser.open(address)
