"""What a power cut, a lost disk and a stopped server leave: everything that was acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from drafting.panel import accounts
from drafting.panel import tables as t
from drafting.panel.database import DatabaseError, backup, migrate, open_database, restore, writing
from tests.drafting.panel.proving import CODES, ROOT, Server, Site, Stage, serving, set_up, site_of

Acknowledged = list[tuple[str, str, str, int]]
ITEMS = tuple(f"o.{g}.{k}" for g in range(2) for k in range(2))


@pytest.fixture
def ground(database_url: str) -> Iterator[Stage]:
    found = set_up(database_url, codes=CODES)
    yield found
    found.engine.dispose()


def sessions(stage: Stage) -> dict[str, tuple[str, str]]:
    """A session for every expert: code -> token and the forms' secret."""
    with writing(stage.engine) as c:
        tokens = {
            code: accounts.begin_expert_session(c, link, None, int(time.time())) for code, link in stage.links.items()
        }
    return {code: (token, accounts.csrf_of(token)) for code, token in tokens.items()}


async def writers(base: str, stage: Stage, round_id: int, found: Acknowledged, seconds: float) -> None:
    """Every expert changes answers without pause and notes what was acknowledged."""
    known = sessions(stage)
    until = time.monotonic() + seconds

    async def one(client: httpx2.AsyncClient, code: str) -> None:
        token, csrf = known[code]
        headers = {"cookie": f"plain-expert={token}", "x-csrf": csrf}
        count = 0
        with contextlib.suppress(httpx2.TransportError):
            while time.monotonic() < until:
                item, value = ITEMS[count % len(ITEMS)], f"{code} 第{count}次"
                reply = await client.post(
                    f"{base}/e/{round_id}/answer", json={"item": item, "value": value}, headers=headers
                )
                if reply.status_code == 200:
                    found.append((stage.pseudonyms[code], item, value, reply.json()["version"]))
                count += 1

    async with httpx2.AsyncClient(trust_env=False, timeout=10) as client:
        await asyncio.gather(*(one(client, code) for code in stage.links))


def lost(stage: Stage, acknowledged: Acknowledged) -> set[tuple[str, str, str, int]]:
    """Acknowledged answers that the database does not know."""
    return set(acknowledged) - {(r.pseudonym, r.item, r.value, r.version) for r in stage.rows(t.history)}


def is_coherent(stage: Stage) -> None:
    """Answer, history and audit were written together or not at all."""
    steps = stage.rows(t.history)
    newest: dict[tuple[str, str], tuple[int, str]] = {}
    for r in steps:
        newest[r.pseudonym, r.item] = max(newest.get((r.pseudonym, r.item), (0, "")), (r.version, r.value))
    assert {(r.pseudonym, r.item): (r.version, r.value) for r in stage.rows(t.answers)} == newest
    assert len(steps) == sum(v for v, _ in newest.values())  # no version missing, none twice
    assert sum(r.action == "answer" for r in stage.rows(t.audit)) == len(steps)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_server_is_killed_under_load(ground: Stage, tmp_path: Path) -> None:
    number = ground.round()
    acknowledged: Acknowledged = []
    for _ in range(2):
        with serving(ground.url, tmp_path) as server:
            before = len(acknowledged)

            async def crash(server: Server = server) -> None:
                load = asyncio.create_task(writers(server.base, ground, number, acknowledged, 20))
                await asyncio.sleep(1.5)
                server.process.send_signal(signal.SIGKILL)
                await load

            asyncio.run(crash())
            assert server.process.wait(5) == -signal.SIGKILL
            assert len(acknowledged) - before > 50  # there was load
    with serving(ground.url, tmp_path) as server:
        token, _ = sessions(ground)[CODES[0]]
        page = httpx2.get(f"{server.base}/e/{number}/0", headers={"cookie": f"plain-expert={token}"}, trust_env=False)
        assert page.status_code == 200
    assert not lost(ground, acknowledged)
    is_coherent(ground)


@pytest.mark.slow
def test_a_server_told_to_stop_finishes_and_leaves_nothing_behind(ground: Stage, tmp_path: Path) -> None:
    number = ground.round()
    acknowledged: Acknowledged = []
    with serving(ground.url, tmp_path) as server:

        async def stop() -> int:
            load = asyncio.create_task(writers(server.base, ground, number, acknowledged, 20))
            await asyncio.sleep(1)
            server.process.send_signal(signal.SIGTERM)
            status = await asyncio.to_thread(server.process.wait, 15)
            load.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await load
            return status

        status = asyncio.run(stop())
        text = server.log.read_text("utf-8")
    assert status in (0, -signal.SIGTERM)
    assert "Traceback" not in text
    assert acknowledged
    assert not lost(ground, acknowledged)
    is_coherent(ground)


@pytest.mark.slow
def test_a_backup_taken_under_load_is_whole_and_can_be_restored(tmp_path: Path) -> None:
    stage = set_up(f"sqlite:///{tmp_path / 'panel.sqlite3'}", codes=CODES)
    number = stage.round()
    acknowledged: Acknowledged = []
    copy = tmp_path / "备份.sqlite3"
    command = [sys.executable, "-m", "drafting", "panel", "backup", str(copy), "--database", stage.url]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command[:4], *arguments, "--database", stage.url],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    with serving(stage.url, tmp_path) as server:

        async def save() -> Acknowledged:
            load = asyncio.create_task(writers(server.base, stage, number, acknowledged, 6))
            await asyncio.sleep(1)
            so_far = list(acknowledged)
            assert (await asyncio.to_thread(run, "backup", str(copy))).returncode == 0
            await load
            return so_far

        so_far = asyncio.run(save())
        in_use = run("restore", str(copy))
        assert in_use.returncode == 1
        assert "正在使用" in in_use.stderr
        assert server.stop() in (0, -signal.SIGTERM)
    assert so_far
    assert len(acknowledged) > len(so_far)
    stage.engine.dispose()
    assert not lost(stage, acknowledged)  # the refused restore changed nothing
    stage.engine.dispose()
    done = run("restore", str(copy))
    assert done.returncode == 0, done.stderr
    assert not lost(stage, so_far)
    is_coherent(stage)
    assert (tmp_path / "panel.sqlite3.恢复前").exists()
    stage.engine.dispose()


# --- a database that cannot be written --------------------------------------------------------------------
def answered(stage: Stage) -> dict[str, str]:
    return {r.item: r.value for r in stage.rows(t.answers)}


def test_a_locked_database_is_said_and_waited_out(sqlite_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from drafting.panel import database

    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.3)
    with site_of(sqlite_stage) as site:
        number = sqlite_stage.round()
        me = site.expert(CODES[0])
        other = sqlite3.connect(str(sqlite_stage.engine.url.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        reply = me.answer(number, "w.0.0", "5")
        assert reply.status_code == 503
        assert reply.headers["retry-after"]
        assert me.get(f"/e/{number}/0").status_code == 200  # reading goes on
        form = me.post(f"/e/{number}/0", {"w.0.1": "6"})
        assert form.status_code == 503
        assert "没有生效" in form.text
        other.execute("ROLLBACK")
        other.close()
        assert me.answer(number, "w.0.0", "5").status_code == 200
        assert answered(sqlite_stage) == {"w.0.0": "5"}


def test_a_full_disk_is_said_and_loses_nothing(sqlite_stage: Stage) -> None:
    """The database may not grow: what SQLite does on a disk without room."""
    with site_of(sqlite_stage) as site:
        number = sqlite_stage.round()
        me = site.expert(CODES[0])
        assert me.answer(number, "w.0.0", "5").status_code == 200
        with site.app.state.service.engine.connect() as c:
            pages = c.exec_driver_sql("PRAGMA page_count").scalar()
        _everywhere(site, f"PRAGMA max_page_count = {pages}")
        refused = 0
        kept = {"w.0.0": "5"}
        for k in range(40):
            reply = me.answer(number, "o.0.0", f"{k}" + "满" * 3_000)
            refused += reply.status_code == 503
            if reply.status_code == 200:
                kept["o.0.0"] = f"{k}" + "满" * 3_000
        assert refused > 0
        assert answered(sqlite_stage) == kept
        _everywhere(site, "PRAGMA max_page_count = 1000000")
        assert me.answer(number, "o.0.0", "又有空间").status_code == 200
        is_coherent(sqlite_stage)


def _everywhere(site: Site, pragma: str) -> None:
    """Set something on the writer's connection: the pool hands out the last one given back, so all are held once."""
    engine = site.app.state.service.engine
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(engine.connect()).exec_driver_sql(pragma)


def test_a_read_only_database_is_said(sqlite_stage: Stage) -> None:
    with site_of(sqlite_stage) as site:
        number = sqlite_stage.round()
        me = site.expert(CODES[0])
        _everywhere(site, "PRAGMA query_only = ON")
        assert me.answer(number, "w.0.0", "5").status_code == 503
        assert me.get("/e").status_code == 200
        _everywhere(site, "PRAGMA query_only = OFF")
        assert me.answer(number, "w.0.0", "5").status_code == 200


def test_a_database_that_is_gone_for_a_while_comes_back(ground: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections break and new ones cannot be made; then they can again, without a restart of the server."""
    from sqlalchemy import event

    with site_of(ground) as site:
        number = ground.round()
        me = site.expert(CODES[0])
        assert me.answer(number, "w.0.0", "5").status_code == 200
        engine = site.app.state.service.engine

        def gone(*_: object) -> None:
            raise engine.dialect.loaded_dbapi.OperationalError("server closed the connection")

        event.listen(engine, "do_connect", gone)
        engine.dispose()
        assert me.answer(number, "w.0.0", "6").status_code == 503
        assert me.get("/e").status_code == 503
        assert site.browser().get("/health").status_code == 503
        event.remove(engine, "do_connect", gone)
        assert me.answer(number, "w.0.0", "6").status_code == 200
        assert site.browser().get("/health").json() == {"status": "ok"}
    assert answered(ground) == {"w.0.0": "6"}


@pytest.mark.slow
def test_postgresql_that_drops_every_connection_is_asked_again(postgres: str) -> None:
    from sqlalchemy import text

    from tests.drafting.panel.proving import blank_database

    stage = set_up(blank_database(postgres))
    with site_of(stage) as site:
        number = stage.round()
        me = site.expert(CODES[0])
        assert me.answer(number, "w.0.0", "5").status_code == 200
        with stage.engine.connect() as c:
            c.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        codes = [me.answer(number, "w.0.0", str(k)).status_code for k in (6, 7)]
        assert set(codes) <= {200, 503}
        assert codes[-1] == 200
        assert answered(stage) == {"w.0.0": "7"}
        is_coherent(stage)
    stage.engine.dispose()


# --- backup, restore, upgrade -------------------------------------------------------------------------------
def test_damaged_or_foreign_backups_are_refused(sqlite_stage: Stage, tmp_path: Path) -> None:
    sqlite_stage.round()
    before = sqlite_stage.dump()
    copy = tmp_path / "copy.sqlite3"
    backup(sqlite_stage.engine, copy)
    sqlite_stage.engine.dispose()
    torn = tmp_path / "torn.sqlite3"
    torn.write_bytes(copy.read_bytes()[:20_000])
    foreign = tmp_path / "foreign.sqlite3"
    with contextlib.closing(sqlite3.connect(foreign)) as c:
        c.execute("CREATE TABLE x (y)")
    text = tmp_path / "text.sqlite3"
    text.write_text("not a database", "utf-8")
    for wrong in (torn, foreign, text, tmp_path / "absent.sqlite3"):
        with pytest.raises(DatabaseError):
            restore(sqlite_stage.engine, wrong)
        sqlite_stage.engine.dispose()
        assert sqlite_stage.dump() == before
        sqlite_stage.engine.dispose()
    restore(sqlite_stage.engine, copy)
    assert sqlite_stage.dump() == before


def test_a_database_of_the_first_form_is_upgraded_with_its_rows(database_url: str) -> None:
    """Migrating step by step from 0001 ends where a fresh database begins, and loses nothing."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import inspect, text

    if database_url.startswith("postgresql"):
        from drafting.panel.database import open_database as opened

        clean = opened(database_url)
        with clean.begin() as c:
            c.execute(text("DROP SCHEMA public CASCADE"))
            c.execute(text("CREATE SCHEMA public"))
        clean.dispose()
    engine = open_database(database_url)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "drafting" / "panel" / "migrations"))
    with writing(engine) as c:
        config.attributes["connection"] = c
        command.upgrade(config, "0001")
    with writing(engine) as c:
        c.execute(t.organisers.insert().values(login="früher", password_hash="x", created_at=1))
    migrate(engine)
    with engine.connect() as c:
        assert (
            c.execute(text("SELECT version_num FROM alembic_version")).scalar()
            == ScriptDirectory.from_config(config).get_current_head()
        )
        assert c.execute(t.organisers.select()).one().login == "früher"
        found = {n: {col["name"] for col in inspect(c).get_columns(n)} for n in inspect(c).get_table_names()}
    assert {n: cols for n, cols in found.items() if n != "alembic_version"} == {
        table.name: {col.name for col in table.c} for table in t.metadata.sorted_tables
    }
    engine.dispose()


def test_a_database_of_a_newer_program_is_left_alone(database_url: str) -> None:
    from sqlalchemy import text

    engine = open_database(database_url)
    migrate(engine)
    with writing(engine) as c:
        present = c.execute(text("SELECT version_num FROM alembic_version")).scalar()
        c.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="更新的版本"):
        migrate(engine)
    with writing(engine) as c:
        c.execute(text("UPDATE alembic_version SET version_num = :present"), {"present": present})
    engine.dispose()
