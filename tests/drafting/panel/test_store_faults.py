"""A store that is locked, read-only, full or gone, as the operating system and the server make it, not as a stub."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from drafting.panel import database
from drafting.panel import tables as t
from tests.drafting.panel.proving import CODES, Browser, Site, Stage, _admin, blank_database, set_up, site_of
from tests.drafting.panel.test_crash import answered, is_coherent

LONG = "".join(random.Random(43329).choices([chr(c) for c in range(0x4E00, 0x9FA5)], k=3_900))
"""An opinion that PostgreSQL cannot make smaller."""


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for locks ends sooner."""
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.5)


def goes_on(site: Site, me: Browser, number: int) -> None:
    """After the fault saving works again without a restart, and everything fits together."""
    assert me.answer(number, "o.0.2", "又能保存了").status_code == 200
    assert answered(site.stage)["o.0.2"] == "又能保存了"
    is_coherent(site.stage)


@contextlib.contextmanager
def locked(stage: Stage) -> Iterator[None]:
    """Somebody else holds what the writer needs."""
    if stage.engine.dialect.name == "sqlite":
        with contextlib.closing(sqlite3.connect(str(stage.engine.url.database), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
        return
    engine = create_engine(make_url(stage.url).set(drivername="postgresql+psycopg"))
    with engine.connect() as other:
        other.execute(text("LOCK TABLE answers IN SHARE MODE"))
        yield
        other.rollback()
    engine.dispose()


def test_a_locked_store_is_said_and_waited_out(hasty: None, stage: Stage) -> None:
    with site_of(stage) as site:
        number = stage.round()
        me = site.expert()
        assert me.answer(number, "w.0.0", "5").status_code == 200
        me.get(f"/e/{number}/0")
        with locked(stage):
            began = time.monotonic()
            reply = me.answer(number, "w.0.0", "6")
            assert reply.status_code == 503
            assert reply.json()["state"] == "unavailable"
            form = me.post(f"/e/{number}/0", {"w.0.1": "7"})
            assert form.status_code == 503
            assert "没有生效" in form.text
            assert time.monotonic() - began < 10  # the writer is not held for good
            assert me.get(f"/e/{number}/0").status_code == 200  # reading goes on
        assert answered(stage) == {"w.0.0": "5"}
        goes_on(site, me, number)


@pytest.fixture
def small_disk() -> Iterator[Callable[..., Path]]:
    """Makes file systems of a few megabytes in memory, or gives them another size."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("a small file system needs Linux and root")
    place = Path(tempfile.mkdtemp(prefix="panel-disk-"))
    place.chmod(0o755)  # another user's PostgreSQL must get there
    mounted: list[Path] = []

    def make(options: str) -> Path:
        again = "remount," if place in mounted else ""
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", again + options, "tmpfs", str(place)], capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
        if not again:
            mounted.append(place)
        return place

    yield make
    for disk in mounted:
        subprocess.run(["umount", "-l", str(disk)], check=False)
    place.rmdir()


def fill(site: Site, me: Browser, number: int) -> dict[str, str]:
    """Save long opinions until nothing more is taken; what was acknowledged."""
    kept: dict[str, str] = {}
    refused = 0
    for k in range(3_000):
        item, value = f"o.0.{k % 2}", f"{k} {LONG}"
        reply = me.answer(number, item, value)
        assert reply.status_code in (200, 503), reply.text
        if reply.status_code == 200:
            kept[item] = value
        else:
            refused += 1
            if refused == 3:
                break
    assert refused == 3, "the disk never became full"
    assert kept
    return kept


def test_a_disk_that_is_really_full_loses_nothing_acknowledged(small_disk: Callable[..., Path]) -> None:
    place = small_disk("size=1m")
    stage = set_up(f"sqlite:///{place / 'panel.sqlite3'}")
    with site_of(stage) as site:
        number = stage.round()
        me = site.expert()
        kept = fill(site, me, number)
        assert answered(stage) == kept
        is_coherent(stage)
        assert me.get(f"/e/{number}/0").status_code == 200  # reading goes on
        small_disk("size=8m")
        goes_on(site, me, number)
    stage.engine.dispose()


@pytest.mark.slow
def test_a_full_disk_under_postgresql_loses_nothing_acknowledged(
    small_disk: Callable[..., Path], postgres: str
) -> None:
    if "DRAFTING_TEST_POSTGRES" in os.environ:
        pytest.skip("the given PostgreSQL server may lie on another machine")
    place = small_disk("size=14m")
    engine = create_engine(make_url(postgres).set(drivername="postgresql+psycopg"))
    with engine.connect() as c:
        owner = Path(str(c.execute(text("SHOW data_directory")).scalar())).stat()
    engine.dispose()
    space = place / "space"
    space.mkdir()
    os.chown(space, owner.st_uid, owner.st_gid)
    _admin(postgres, "DROP DATABASE IF EXISTS panel_full")
    _admin(postgres, f"CREATE TABLESPACE small LOCATION '{space}'")
    _admin(postgres, "CREATE DATABASE panel_full TABLESPACE small")
    url = make_url(postgres).set(drivername="postgresql", database="panel_full").render_as_string(hide_password=False)
    stage = set_up(url)
    try:
        with site_of(stage) as site:
            number = stage.round()
            me = site.expert()
            kept = fill(site, me, number)
            assert answered(stage) == kept
            is_coherent(stage)
            small_disk("size=40m")
            goes_on(site, me, number)
    finally:
        stage.engine.dispose()
        _admin(postgres, "DROP DATABASE panel_full WITH (FORCE)")
        _admin(postgres, "DROP TABLESPACE small")


def test_a_disk_mounted_read_only_is_said(small_disk: Callable[..., Path]) -> None:
    place = small_disk("size=8m")
    stage = set_up(f"sqlite:///{place / 'panel.sqlite3'}")
    with site_of(stage) as site:
        number = stage.round()
        me = site.expert()
        assert me.answer(number, "w.0.0", "5").status_code == 200
        moved = place / "panel.sqlite3"
        stage.engine.dispose()
        site.app.state.service.engine.dispose()
        small_disk("size=8m,ro")
        assert me.answer(number, "w.0.0", "6").status_code == 503
        small_disk("size=8m,rw")
        assert moved.exists()
        assert answered(stage) == {"w.0.0": "5"}
        goes_on(site, me, number)
        stage.engine.dispose()


def test_a_read_only_postgresql_is_said(postgres: str) -> None:
    stage = set_up(blank_database(postgres))
    name = make_url(stage.url).database
    with site_of(stage) as site:
        number = stage.round()
        me = site.expert()
        assert me.answer(number, "w.0.0", "5").status_code == 200
        me.get(f"/e/{number}/0")
        try:
            _admin(postgres, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            _admin(postgres, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            assert {me.answer(number, "w.0.0", str(k)).status_code for k in (6, 7)} == {503}
            assert me.get(f"/e/{number}/0").status_code == 200  # reading goes on
            assert me.post(f"/e/{number}/0", {"w.0.1": "7"}).status_code == 503
        finally:
            _admin(postgres, f"ALTER DATABASE {name} RESET default_transaction_read_only")
        _admin(postgres, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        me.answer(number, "w.0.0", "8")  # may still meet a broken connection
        assert answered(stage)["w.0.0"] in ("5", "8")
        goes_on(site, me, number)
    stage.engine.dispose()


class Cable:
    """A cable to a PostgreSQL server that can be cut: bytes are passed on until then, new calls are refused."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._joined = True
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._joined:
                near.close()
                continue
            far = self._connect()
            self._open += [near, far]
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(a, b), daemon=True).start()

    @staticmethod
    def _pass_on(a: socket.socket, b: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                b.sendall(data)
        for end in (a, b):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Break what runs and refuse what comes."""
        self._joined = False
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def join(self) -> None:
        """Let new calls through."""
        self._joined = True

    def close(self) -> None:
        """End it."""
        self.cut()
        self._listener.close()


@pytest.fixture
def cable(postgres: str) -> Iterator[tuple[Cable, str]]:
    """A cable to the tests' server, and the address of a blank database at its end."""
    url = make_url(blank_database(postgres))
    folder = str(url.query.get("host", ""))

    def connect() -> socket.socket:
        if folder.startswith("/"):
            found = socket.socket(socket.AF_UNIX)
            found.connect(f"{folder}/.s.PGSQL.{url.port or 5432}")
            return found
        return socket.create_connection((url.host or "127.0.0.1", url.port or 5432))

    made = Cable(connect)
    there = url.set(host="127.0.0.1", port=made.port).update_query_dict({"sslmode": "disable"})
    there = there.difference_update_query(["host"])
    yield made, there.render_as_string(hide_password=False)
    made.close()


@pytest.mark.slow
def test_postgresql_gone_for_ten_seconds_comes_back(cable: tuple[Cable, str]) -> None:
    line, url = cable
    stage = set_up(url)
    with site_of(stage) as site:
        number = stage.round()
        me = site.expert()
        acknowledged = {}
        assert me.answer(number, "w.0.0", "5").status_code == 200
        line.cut()
        stage.engine.dispose()
        until = time.monotonic() + 10
        codes = set()
        while time.monotonic() < until:
            began = time.monotonic()
            codes.add(me.answer(number, "w.0.0", "6").status_code)
            assert time.monotonic() - began < 8  # said soon, not hung
            assert site.browser().get("/health").status_code == 503
            time.sleep(1)
        assert codes == {503}
        line.join()
        for k in range(7, 10):
            if me.answer(number, "w.0.0", str(k)).status_code == 200:
                acknowledged = {"w.0.0": str(k)}
        assert acknowledged == {"w.0.0": "9"}  # at the latest the second try meets a new connection
        assert answered(stage) == acknowledged
        goes_on(site, me, number)
    stage.engine.dispose()


@pytest.mark.slow
def test_a_sqlite_file_gone_for_ten_seconds_is_not_begun_anew(sqlite_stage: Stage) -> None:
    """A disk taken off: new connections are refused instead of making an empty database in its place."""
    file = Path(str(sqlite_stage.engine.url.database))
    away = file.with_name("away")
    with site_of(sqlite_stage) as site:
        number = sqlite_stage.round()
        me = site.expert(CODES[0])
        assert me.answer(number, "w.0.0", "5").status_code == 200
        engine = site.app.state.service.engine
        sqlite_stage.engine.dispose()
        engine.dispose()
        file.rename(away)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            assert me.answer(number, "w.0.0", "6").status_code == 503
            assert me.get("/e").status_code == 503
            assert site.browser().get("/health").status_code == 503
            assert not file.exists()
            time.sleep(1)
        away.rename(file)
        assert {r.value for r in sqlite_stage.rows(t.answers)} == {"5"}
        goes_on(site, me, number)
