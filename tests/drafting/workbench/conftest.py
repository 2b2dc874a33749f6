"""A workbench in the test's own process, and its visitor."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

for needed in ("starlette", "multipart", "httpx2", "sqlalchemy", "alembic", "argon2"):
    pytest.importorskip(needed, reason="the extras 'workbench' and 'panel' are not installed")

from starlette.testclient import TestClient  # noqa: E402 - only with the extra installed

from drafting.workbench.app import application  # noqa: E402
from drafting.workbench.bench import Bench  # noqa: E402
from drafting.workbench.home import Home  # noqa: E402
from tests.drafting.weights_projects import project  # noqa: E402

PORT = 51234
ORIGIN = f"http://127.0.0.1:{PORT}"


class Visitor:
    """A browser without script."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.http = TestClient(
            application(bench), base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=False
        )

    def enter(self) -> Visitor:
        reply = self.http.get(self.bench.new_start().removeprefix(ORIGIN))
        assert reply.status_code == 303
        return self

    def get(self, path: str, **more: Any) -> Any:
        """A page; one whose results are being computed is asked for again, as the browser does."""
        for _ in range(400):
            reply = self.http.get(path, **more)
            if 'http-equiv="refresh"' not in reply.text:
                return reply
            time.sleep(0.05)
        raise AssertionError(path)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.http.post(path, data={"csrf": self.bench.csrf, **(data or {})}, **more)

    def upload(self, project: str, slot: str, *files: tuple[str, bytes], **fields: str) -> Any:
        """Send files with what the page knows of those that are there."""
        page = self.get(f"/p/{project}/files").text
        known = dict(re.findall(r'name="(known:[^"]+)" value="([0-9a-f]+)"', page))
        sent = [("file", (name, content)) for name, content in files]
        return self.post(f"/p/{project}/files/{slot}", {**known, **fields}, files=sent)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(Home(tmp_path / "项目", tmp_path / "settings.json"), PORT)
    yield made
    made.close()


@pytest.fixture
def visitor(bench: Bench) -> Visitor:
    return Visitor(bench).enter()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Visitor]:
    """The own machine with a small committee."""
    bench = Bench(Home(tmp_path / "项目", tmp_path / "settings.json"), PORT)
    project(bench.home.root / "小组", weight_method="专家咨询法")
    visitor = Visitor(bench)
    with TestClient(visitor.http.app, base_url=ORIGIN) as running:
        visitor.http.portal = running.portal
        yield visitor.enter()
