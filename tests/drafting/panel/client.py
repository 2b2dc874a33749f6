"""A panel server and its visitors for tests, without a network."""

from __future__ import annotations

import re
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest import mock

import httpx2 as httpx
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from drafting.panel import accounts, records
from drafting.panel.config import Config
from drafting.panel.records import Member
from drafting.panel.setting_up import set_up
from drafting.panel.web.app import application
from drafting.panel.web.service import Service

ORIGIN = "http://127.0.0.1:8433"


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Visitor:
    """A browser without script: cookies, pages, forms."""

    def __init__(self, site: Site) -> None:
        self.site = site
        # a TestClient of its own for every visitor: cookies are not shared
        self.http = TestClient(site.app, base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=False)
        self.http.portal = site.portal  # one server for all, not a loop of its own for each request

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.http.get(path, **more)

    def csrf(self, path: str) -> str:
        """The token in the forms of a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert found, path
        return found[1]

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, page: str | None = None, **more: Any
    ) -> httpx.Response:
        """Send a form as a page would."""
        return self.http.post(path, data={"csrf": self.csrf(page or path), **(data or {})}, **more)

    def enter(self, token: str) -> Visitor:
        """Use a personal link."""
        assert self.post(f"/l/{token}").headers["location"] == "/e"
        return self

    def login(self) -> Visitor:
        """Sign in as the organiser."""
        reply = self.post("/login", {"login": self.site.login, "password": self.site.password})
        assert reply.status_code == 303, reply.text
        return self

    def answer(self, round_id: int, item: str, value: str, base: int | None = None, **headers: str) -> httpx.Response:
        """Save one answer as the page's script does."""
        if not hasattr(self, "_csrf"):
            self._csrf = self.csrf("/e")
        body = {"item": item, "value": value, "base": base}
        return self.http.post(f"/e/{round_id}/answer", json=body, headers={"x-csrf": self._csrf, **headers})


def _weak_hasher() -> PasswordHasher:
    """Every test signs in; how strong the hashes are is tested in test_security_sessions.py."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class Running:
    """An application that runs while the block does."""

    _lifespan: TestClient

    def __enter__(self) -> Self:
        self._lifespan.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lifespan.__exit__(kind, error, trace)

    @property
    def portal(self) -> Any:
        """The loop in which the server runs."""
        return self._lifespan.portal


class Site(Running):
    """A running application with one panel."""

    def __init__(self, url: str, folder: Path, config: Config | None = None) -> None:
        self.url, self.folder, self.clock = url, folder, Clock()
        with mock.patch.object(accounts, "_hasher", _weak_hasher):
            made = set_up(url, folder, "组织者")
        self.panel_id, self.login, self.password = made.panel_id, made.login, made.password
        self.config = config or Config()
        self.service = Service(url, self.config, self.clock)
        self.app = application(url, self.config, self.service)
        self._lifespan = TestClient(self.app, base_url=ORIGIN)

    def visitor(self) -> Visitor:
        return Visitor(self)

    @property
    def members(self) -> tuple[Member, ...]:
        with self.service.engine.connect() as connection:
            return records.members_of(connection, self.panel_id)

    def organiser(self) -> Visitor:
        return self.visitor().login()

    def links(self, organiser: Visitor, codes: list[str] | None = None) -> dict[str, str]:
        """Make links on the page and read them from it: code -> token."""
        path = f"/o/p/{self.panel_id}/people"
        chosen = [str(m.id) for m in self.members if codes is None or m.code in codes]
        page = organiser.post(path, {"member": chosen, "days": "60"}).text
        names = re.findall(r"<h2>([^<]+)</h2><p class=\"code\">[^<]*/l/([^<]+)</p>", page)
        assert len(names) == len(chosen), page[:2000]
        return dict(names)

    def round(self, organiser: Visitor, instrument: str = "allocation", *, opened: bool = True) -> int:
        """Prepare and open the next round; its number in the database."""
        organiser.post(f"/o/p/{self.panel_id}/rounds", {"instrument": instrument}, page=f"/o/p/{self.panel_id}")
        with self.service.engine.connect() as connection:
            own = records.rounds_of(connection, self.panel_id)[-1]
        if opened:
            assert organiser.post(f"/o/r/{own.id}/open").status_code == 303
        return own.id

    def close(self, organiser: Visitor, round_id: int) -> httpx.Response:
        return organiser.post(f"/o/r/{round_id}/close")
