"""
Start of the workbench beside the bare import of Starlette and uvicorn: ``python benchmarks/starting.py [REPEATS]``.

Processor time of whole processes, the least of many runs; the figure that counts is the ratio (aim: at most 2). A start
is the command, from its interpreter to the list of projects in the browser's hands.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path

_BARE = "import starlette.applications, uvicorn"
_START = re.compile(r"http://127\.0\.0\.1:\d+/start/[\w-]+")


def spent(run: Callable[[], subprocess.Popen[str]]) -> float:
    """Seconds of processor time of a process that ends."""
    with run() as process:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return used.ru_utime + used.ru_stime


def bare() -> subprocess.Popen[str]:
    """The import alone."""
    return subprocess.Popen([sys.executable, "-c", _BARE], text=True)


def started(folder: Path) -> subprocess.Popen[str]:
    """A workbench that is asked for the list of projects, and told to end."""
    environment = {**os.environ, "XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    line = [sys.executable, "-m", "drafting", "workbench", str(folder / "项目"), "--no-browser"]
    process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment)
    assert process.stderr is not None
    start = _START.search(process.stderr.readline())
    assert start is not None
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
    )
    with opener.open(start[0]) as reply:
        assert "打开示例项目" in reply.read().decode("utf-8")
    process.terminate()
    return process


def ratio(repeats: int) -> tuple[float, float]:
    """Seconds of the bare import and of a start."""
    with tempfile.TemporaryDirectory() as folder:
        least = min(spent(bare) for _ in range(repeats))
        return least, min(spent(lambda: started(Path(folder))) for _ in range(repeats))


def main() -> None:
    """Measure and print."""
    least, whole = ratio(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
    print(f"import of Starlette and uvicorn {least * 1e3:6.0f} ms of processor time")
    print(f"workbench to its first page     {whole * 1e3:6.0f} ms   ratio {whole / least:.2f} (aim: at most 2)")


if __name__ == "__main__":
    main()
