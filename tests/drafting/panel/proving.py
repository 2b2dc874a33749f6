"""What the proofs of the panel share: databases to write to, a panel that is set up, browsers, servers of their own."""

from __future__ import annotations

import html
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra “panel” is not installed")
pytest.importorskip("starlette", reason="the extra “panel” is not installed")

from sqlalchemy import Engine, create_engine, make_url, select, text
from starlette.testclient import TestClient

from drafting.document.compiled import Compiled
from drafting.panel import accounts, lifecycle, records
from drafting.panel import tables as t
from drafting.panel.config import Config
from drafting.panel.database import migrate, open_database, writing
from drafting.panel.definition import Instrument
from tests.drafting.weights_projects import CODES, project

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "a-password-of-the-tests"
LOGIN = "zuzhizhe"
BASE = "http://127.0.0.1:8433"
NOW = 1_700_000_000


# --- databases ------------------------------------------------------------------------------------
_prepared: dict[str, str] = {}


def _admin(server: str, statement: str) -> None:
    """Run a statement on a PostgreSQL server outside any transaction."""
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def empty_database(server: str) -> str:
    """URL of a new PostgreSQL database without tables."""
    name = f"panel_{secrets.token_hex(6)}"
    _admin(server, f"CREATE DATABASE {name}")
    return make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def blank_database(server: str) -> str:
    """URL of a PostgreSQL database in the present form without rows: one for all tests, as making one takes time."""
    if server not in _prepared:
        if "DRAFTING_TEST_POSTGRES" not in os.environ:
            # a server of our own need not outlive a power cut
            _admin(server, "ALTER SYSTEM SET fsync = off")
            _admin(server, "SELECT pg_reload_conf()")
        _prepared[server] = empty_database(server)
        first = open_database(_prepared[server])
        migrate(first)
        first.dispose()
    url = _prepared[server]
    name = make_url(url).database
    # what an earlier test left open would hold its locks
    _admin(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    engine = open_database(url)
    tables = ", ".join(table.name for table in t.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    engine.dispose()
    return url


@cache
def _blank_file() -> bytes:
    """A SQLite database in the present form without rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.sqlite3"
        first = open_database(f"sqlite:///{path}")
        migrate(first)
        first.dispose()
        return path.read_bytes()


def blank_sqlite(folder: Path) -> str:
    """URL of a SQLite database in the present form without rows."""
    path = folder / "panel.sqlite3"
    path.write_bytes(_blank_file())
    return f"sqlite:///{path}"


def blank(request: pytest.FixtureRequest, folder: Path) -> str:
    """URL of a database without rows, of the kind that a fixture's parameter says."""
    if request.param == "sqlite":
        return blank_sqlite(folder)
    return blank_database(request.getfixturevalue("postgres"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without rows, on SQLite and on PostgreSQL."""
    return blank(request, tmp_path)


# --- a panel that is set up ---------------------------------------------------------------------
@cache
def _source() -> lifecycle.Source:
    with tempfile.TemporaryDirectory() as folder:
        return lifecycle.read_source(project(Path(folder)))


@cache
def _hashed() -> str:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)  # weak: tests check it often


@dataclass
class Stage:
    """A panel in a database, with everybody's link."""

    url: str
    engine: Engine
    organiser_id: int
    panel_id: int
    links: dict[str, str]
    pseudonyms: dict[str, str]
    folder: Path

    def round(self, instrument: Instrument = Instrument.ALLOCATION, *, opened: bool = True) -> int:
        """Prepare and open the next round."""
        with writing(self.engine) as c:
            panel = records.panel(c, self.panel_id)
            number = lifecycle.prepare_round(c, panel, instrument, "organiser:1", NOW)
            if opened:
                lifecycle.open_round(c, number, "organiser:1", NOW)
        return number

    def close(self, round_id: int) -> str:
        """Close a round."""
        with writing(self.engine) as c:
            return lifecycle.close_round(c, round_id, "organiser:1", NOW)

    def dump(self, *leave_out: str) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that stands in the database."""
        with self.engine.connect() as c:
            return {
                table.name: sorted((tuple(row) for row in c.execute(select(table))), key=repr)
                for table in t.metadata.sorted_tables
                if table.name not in leave_out
            }

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table."""
        with self.engine.connect() as c:
            return list(c.execute(select(table)))


def set_up(
    url: str,
    folder: Path | None = None,
    codes: Sequence[str] = CODES[:6],
    login: str = LOGIN,
    title: str = "征询",
    at: int | None = None,
) -> Stage:
    """Make a database with an organiser, a panel and links; in a database that has one, another panel beside it."""
    engine = open_database(url)
    migrate(engine)
    home = folder or Path(f"/nowhere/{secrets.token_hex(4)}")
    source = replace(_source(), folder=str(home), codes=tuple(codes))
    now = int(time.time()) if at is None else at
    with writing(engine) as c:
        organiser = accounts.organiser_named(c, login)
        if organiser is None:
            values = {"login": login, "password_hash": _hashed(), "created_at": now}
            key = c.execute(t.organisers.insert().values(values)).inserted_primary_key
            organiser = int(key[0]) if key else 0
        number = lifecycle.create_panel(c, lifecycle.enter_project(c, source, organiser, now), title, source, "-", now)
        members = records.members_of(c, number)
        links = {i.code: i.token for i in accounts.invite(c, members, "-", now)}
    return Stage(url, engine, organiser, number, links, {m.code: m.pseudonym for m in members}, home)


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A panel of six experts, its project in a folder."""
    found = set_up(database_url, project(tmp_path / "水泥行业"))
    yield found
    found.engine.dispose()


@pytest.fixture
def sqlite_stage(tmp_path: Path) -> Iterator[Stage]:
    """The same on SQLite, for what only a file can suffer."""
    found = set_up(blank_sqlite(tmp_path), project(tmp_path / "水泥行业"))
    yield found
    found.engine.dispose()


@pytest.fixture
def stage_here(tmp_path: Path) -> Iterator[Stage]:
    """A panel without a project of its own, on SQLite."""
    found = set_up(f"sqlite:///{tmp_path / 'panel.sqlite3'}")
    yield found
    found.engine.dispose()


# --- browsers -------------------------------------------------------------------------------------
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Browser:
    """One person's browser: keeps cookies, reads the forms' secret from the page as a browser would."""

    client: TestClient
    csrf: str = ""

    def get(self, path: str, **more: Any) -> Any:
        """Open a page."""
        reply = self.client.get(path, **more)
        self._read(reply.text if "html" in reply.headers.get("content-type", "") else "")
        return reply

    def post(self, path: str, data: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """Send a form as the page last seen would."""
        reply = self.client.post(path, data={"csrf": self.csrf, **(data or {})}, **more)
        self._read(reply.text if "html" in reply.headers.get("content-type", "") else "")
        return reply

    def _read(self, page: str) -> None:
        found = CSRF.search(page)
        if found:
            self.csrf = html.unescape(found[1])

    def enter(self, token: str) -> Any:
        """Come in by a personal link."""
        self.get(f"/l/{token}")
        reply = self.post(f"/l/{token}")
        if reply.status_code == 303:
            self.get("/e")
        return reply

    def login(self, login: str = LOGIN, password: str = PASSWORD) -> Any:
        """Come in as an organiser."""
        self.get("/login")
        reply = self.post("/login", {"login": login, "password": password})
        if reply.status_code == 303:
            self.get("/o")
        return reply

    def answer(self, round_id: int, item: str, value: str, base: int | None = None, **headers: str) -> Any:
        """Save one answer as the page's script does."""
        body = {"item": item, "value": value, "base": base}
        return self.client.post(f"/e/{round_id}/answer", json=body, headers={"x-csrf": self.csrf, **headers})

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies by name."""
        return {c.name: c.value or "" for c in self.client.cookies.jar}


@dataclass
class Site:
    """The application on a stage, without a network."""

    app: Any
    base: str
    stage: Stage
    portal: Any
    clients: list[TestClient] = field(default_factory=list)

    def browser(self, base: str | None = None, **more: Any) -> Browser:
        """A new browser without cookies."""
        client = TestClient(
            self.app, base_url=base or self.base, follow_redirects=False, raise_server_exceptions=False, **more
        )
        client.portal = self.portal  # every browser comes to the one server, not each request to a loop of its own
        self.clients.append(client)
        return Browser(client)

    def expert(self, code: str = CODES[0], stage: Stage | None = None) -> Browser:
        """An expert who has come in."""
        browser = self.browser()
        reply = browser.enter((stage or self.stage).links[code])
        assert reply.status_code == 303, reply.text
        return browser

    def organiser(self, login: str = LOGIN) -> Browser:
        """An organiser who has come in."""
        browser = self.browser()
        reply = browser.login(login)
        assert reply.status_code == 303, reply.text
        return browser


@contextmanager
def site_of(stage: Stage, config: Config | None = None, clock: Any = time.time) -> Iterator[Site]:
    """Serve a stage within this process."""
    from drafting.panel.web.app import application
    from drafting.panel.web.service import Service

    config = config or Config()
    service = Service(stage.url, config, clock)
    service._templates.bytecode_cache = _COMPILED  # hundreds of servers, the same pages
    app = application(stage.url, config, service)
    with TestClient(app, base_url=config.base_url) as server:
        found = Site(app, config.base_url, stage, server.portal)
        yield found
        for client in found.clients:
            client.close()


@pytest.fixture
def staged(stage: Stage) -> Iterator[Site]:
    """The application on loopback, plain HTTP."""
    with site_of(stage) as found:
        yield found


_COMPILED = Compiled()


# --- servers ---------------------------------------------------------------------------------------
def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A server process."""

    process: subprocess.Popen[bytes]
    base: str
    log: Path

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask it to stop and wait until it has."""
        self.process.terminate()
        return self.process.wait(20)


@contextmanager
def serving(
    url: str, folder: Path, *options: str, port: int | None = None, prefix: Sequence[str] = ()
) -> Iterator[Server]:
    """Run ``drafting panel serve`` on loopback until the block ends."""
    import httpx2

    port = port or free_port()
    log = folder / f"server-{port}.log"
    command = [
        *prefix,
        sys.executable,
        "-m",
        "drafting",
        "panel",
        "serve",
        "--database",
        url,
        "--port",
        str(port),
        *options,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder)}
    with log.open("ab") as file:
        process = subprocess.Popen(
            command, cwd=folder, stdout=file, stderr=file, stdin=subprocess.DEVNULL, env=environment
        )
    server = Server(process, f"http://127.0.0.1:{port}", log)
    try:
        if not prefix:
            until = time.monotonic() + 30
            while True:
                assert process.poll() is None, log.read_text("utf-8")
                with suppress(httpx2.TransportError):
                    if httpx2.get(f"{server.base}/health", trust_env=False).status_code == 200:
                        break
                assert time.monotonic() < until, log.read_text("utf-8")
                time.sleep(0.05)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
