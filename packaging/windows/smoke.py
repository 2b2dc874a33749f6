"""Start the workbench by a given command, go in by its start address as a browser does, and end it.

python packaging/windows/smoke.py FOLDER -- COMMAND...
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

_LONGEST_START = 120.0
_EXPECTED = "<title>项目 · 工作台</title>"
"""Of the list of projects, whether there are any or none."""


def address(said: str) -> str:
    """Find the start address in a line of the workbench; empty if the line has none."""
    found = re.search(r"http://127\.0\.0\.1:\d+/start/[\w-]+", said)
    return found.group(0) if found else ""


def page(start: str) -> str:
    """Give the first page, by the start address and the cookie that it sets; no proxy between."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    until = time.monotonic() + _LONGEST_START
    while True:
        try:
            with opener.open(start, timeout=30) as reply:
                return str(reply.read().decode("utf-8"))
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:  # the address is told a moment before it is answered
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def main(arguments: Sequence[str]) -> int:
    """Run it: 0 when the list of projects came."""
    folder, command = arguments[0], list(arguments[2:])
    process = subprocess.Popen(  # noqa: S603 -- the command whose work is to be seen
        [*command, "workbench", "--no-browser", folder], stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    watchdog = threading.Timer(_LONGEST_START, process.kill)
    watchdog.start()
    said = []
    try:
        for line in process.stderr or ():
            said.append(line)
            if start := address(line):
                good = _EXPECTED in page(start)
                sys.stdout.write("ok\n" if good else f"the first page has no {_EXPECTED}\n")
                return 0 if good else 1
        sys.stdout.write("no start address:\n" + "".join(said))
        return 1
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main(sys.argv[1:]))
