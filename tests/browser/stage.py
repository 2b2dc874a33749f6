"""A real server in a process of its own and a real Chromium in front of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.request import urlopen

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 860}
UTF8 = {"LANG": "C.UTF-8", "PYTHONUTF8": "1"}


def chromium() -> str | None:
    """The system's Chromium, None to let Playwright use its own."""
    given = os.environ.get("DRAFTING_CHROMIUM")
    return given or next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Server:
    """``drafting panel serve`` as a user starts it."""

    def __init__(self, folder: Path, url: str, *more: str) -> None:
        self.folder, self.url, self._more = folder, url, more
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.log = folder.parent / f"server-{self.port}.log"
        made = self.command("create", str(folder), "--json")
        self.made: Mapping[str, Any] = json.loads(made.stdout)
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``drafting panel …`` on this database."""
        line = [sys.executable, "-m", "drafting", "panel", *arguments, "--database", self.url]
        done = subprocess.run(line, capture_output=True, text=True, env={**os.environ, **UTF8}, timeout=120)
        assert done.returncode == 0, done.stderr
        return done

    def start(self) -> None:
        """Start, and wait until it answers."""
        line = [
            sys.executable,
            "-m",
            "drafting",
            "panel",
            "serve",
            "--database",
            self.url,
            "--port",
            str(self.port),
            *self._more,
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(line, stderr=log, env={**os.environ, **UTF8})
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urlopen(f"{self.base}/health", timeout=2) as reply:
                    if reply.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text("utf-8"))

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End it and give the exit status."""
        assert self.process is not None
        self.process.send_signal(how)
        status = self.process.wait(30)
        self.process = None
        return status

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None:
            self.stop()


def copy_of_demo(into: Path) -> Path:
    """The example project without returned questionnaires."""
    source = Path(__file__).resolve().parents[2] / "examples" / "建筑陶瓷"
    folder = into / "建筑陶瓷"
    folder.mkdir(parents=True)
    shutil.copy(source / "项目.xlsx", folder)
    return folder


def sign_in(page: Any, server: Server) -> None:
    """The organiser's login through the page."""
    page.goto(f"{server.base}/login")
    page.get_by_label("用户名").fill(str(server.made["login"]))
    page.get_by_label("密码").fill(str(server.made["password"]))
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/o")


def make_links(page: Any, server: Server) -> dict[str, str]:
    """Make links for everybody and read them from the one page that shows them."""
    page.goto(f"{server.base}/o/p/{server.made['panel']}/people")
    page.get_by_role("button", name="生成链接").click()
    page.get_by_role("heading", name="邀请链接").wait_for()
    cards = page.locator(".invitation")
    found = {}
    for k in range(cards.count()):
        found[cards.nth(k).locator("h2").inner_text()] = cards.nth(k).locator(".code").inner_text()
    return found


def open_round(page: Any, server: Server, instrument: str) -> int:
    """Prepare a round and open it after its confirmation; its number."""
    page.goto(f"{server.base}/o/p/{server.made['panel']}")
    page.get_by_label(instrument, exact=True).check()
    page.get_by_role("button", name="准备这一轮").click()
    page.locator("main li a").filter(has_text=instrument).last.click()
    page.get_by_role("link", name="开始这一轮…").click()
    page.get_by_role("button", name="开始", exact=True).click()
    page.get_by_role("link", name="结束这一轮…").wait_for()
    return int(re.search(r"/o/r/(\d+)", page.url)[1])  # type: ignore[index] - the address has just been matched


def close_round(page: Any, server: Server, number: int) -> None:
    """Close a round after its confirmation."""
    page.goto(f"{server.base}/o/r/{number}/close")
    page.get_by_role("button", name="结束本轮").click()
    page.wait_for_url("**/results")


def temporary() -> Path:
    """A folder that the test removes."""
    return Path(tempfile.mkdtemp(prefix="panel-browser-"))
