"""A workbench for several people in the test's own process; accounts and sessions are made in its database."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from drafting.panel import accounts, membership
from drafting.panel import tables as t
from drafting.panel.accounts import Who
from drafting.panel.config import Config
from drafting.web.roles import Role
from drafting.workbench.app import application
from drafting.workbench.bench import Bench
from drafting.workbench.home import Home
from tests.drafting.panel.client import Running

from .conftest import Visitor

ORIGIN = "http://127.0.0.1:8433"


class Colleague(Visitor):
    """Somebody with an account in a browser without script."""

    def __init__(self, house: House, token: str) -> None:
        self.bench = house.bench
        self.http = TestClient(
            house.app, base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=False
        )  # fmt: skip
        self.http.portal = house.portal
        if token:
            self.http.cookies.set(house.bench.panel.service().config.cookie("organiser"), token)
        self.csrf = accounts.csrf_of(token)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.http.post(path, data={"csrf": self.csrf, **(data or {})}, **more)


class House(Running):
    """A server with a folder of projects."""

    def __init__(self, folder: Path) -> None:
        self.bench = Bench(Home(folder / "项目", folder / "settings.json"), 8433, "", Config())
        self.app = application(self.bench)
        self._lifespan = TestClient(self.app, base_url=ORIGIN)
        self.service = self.bench.panel.service()

    def account(self, login: str, *, administrator: bool = False) -> int:
        """Enter an account that nobody signs in to by password."""

        def work(connection: Any) -> int:
            key = connection.execute(
                t.organisers.insert().values(
                    login=login, password_hash="-", created_at=0, administrator=int(administrator)
                )
            ).inserted_primary_key
            return int(key[0])

        return self.service.change(work)

    def belongs(self, number: int, folder: Path, role: Role) -> None:
        where = str(folder.resolve())
        self.service.change(lambda c: membership.join(c, where, folder.name, number, role, "-", 0))

    def colleague(self, number: int = 0) -> Colleague:
        """A browser in which somebody has signed in; 0 for nobody."""
        if not number:
            return Colleague(self, "")
        return Colleague(
            self, self.service.change(lambda c: accounts.begin_organiser_session(c, number, None, self.service.now))
        )

    def who(self, colleague: Colleague) -> Any:
        """The session of a browser."""
        cookie = colleague.http.cookies.get(self.service.config.cookie("organiser"))
        return self.service.session(cookie, Who.ORGANISER)


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page, but for that of its origin."""
    found = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return {name: value for name, value in found.items() if name != "csrf"}
