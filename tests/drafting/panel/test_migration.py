"""A database of an older program with a study in it comes into the present form, on SQLite and on PostgreSQL."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select, text

from drafting.panel import lifecycle, membership, records, submitting
from drafting.panel import tables as t
from drafting.panel.database import migrate, open_database, writing
from drafting.panel.definition import Instrument
from drafting.web.roles import Role
from tests.drafting.panel.proving import CODES, empty_database

OLD = Path(__file__).parent / "old" / "form_0002.sql"
"""A panel as form 0002 held it: six experts, a closed round, an open one with one answer and a deadline in words."""
SNAPSHOT = "47cabfd733d78a8f58280d71619eb30e4630b18e1a61059738ae4f1793b324e3"
ADDED = {
    "rounds": {"deadline_at", "deadline_holds", "asked"}, "members": {"tables"}, "submissions": {"draft"},
    "organisers": {"administrator"}, "project_organisers": {"role"},
}  # fmt: skip


def old_file(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD.read_text("utf-8"))
    return f"sqlite:///{path}"


def old_postgres(server: str, old: Path) -> str:
    """The same rows in tables without the columns that came later."""
    old_file(old)
    url = empty_database(server)
    engine = open_database(url)
    migrate(engine)
    with engine.begin() as connection, closing(sqlite3.connect(old)) as source:
        connection.execute(text("SET session_replication_role = replica"))  # rows of closed rounds come in as they are
        for table in t.metadata.sorted_tables:
            names = [c.name for c in table.columns if c.name not in ADDED.get(table.name, ())]
            for row in source.execute(f"SELECT {', '.join(names)} FROM {table.name}"):
                connection.execute(insert(table).values(dict(zip(names, row, strict=True))))
            if "id" in table.c:
                connection.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                        f"coalesce((SELECT max(id) FROM {table.name}), 0) + 1, false)"
                    )
                )
        for name, columns in ADDED.items():
            for column in columns:
                connection.execute(text(f"ALTER TABLE {name} DROP COLUMN {column}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    engine.dispose()
    return url


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_older_database_migrates_with_its_study(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "old.sqlite3"
    url = old_file(path) if kind == "sqlite" else old_postgres(request.getfixturevalue("postgres"), path)
    engine = open_database(url)
    before = {c["name"] for c in inspect(engine).get_columns("rounds")}
    assert not before & ADDED["rounds"]
    migrate(engine)
    migrate(engine)  # a second time changes nothing
    with engine.connect() as connection:
        first, second = records.rounds_of(connection, 1)
        panel = records.panel(connection, 1)
        taken = lifecycle.snapshot(connection, first.id)
        # what was frozen keeps its words and hashes
        assert taken.sha256 == SNAPSHOT == lifecycle.snapshot_sha256(connection, first)
        assert hashlib.sha256(panel.definition.canonical_json().encode()).hexdigest() == panel.definition_sha256
        assert panel.rule.sha256 == panel.rule_sha256
        assert len(taken.answers) == len(CODES[:6])
        assert (second.deadline, second.deadline_at, second.deadline_holds) == ("2026年12月1日下班前", None, False)
        people = {m.code: m.pseudonym for m in records.members_of(connection, 1)}
        assert records.answers_of(connection, second.id, people[CODES[0]])["w.0.0"] == ("44", 1)
        assert submitting.progress(connection, first.id)[people[CODES[0]]].submitted == 1
        assert submitting.progress(connection, first.id)[people[CODES[0]]].unsubmitted == 0
        assert lifecycle.previous_round(connection, second) == first
        assert membership.role_in(connection, 1, panel.folder) is Role.LEAD  # who was an organiser leads the project
        assert not membership.has_administrator(connection)
    with writing(engine) as connection:
        lifecycle.set_deadline(connection, second.id, 1_800_000_000, holds=True, actor="organiser:1", at=0)
        lifecycle.close_round(connection, second.id, "organiser:1", 0)
        third = lifecycle.prepare_round(connection, panel, Instrument.ALLOCATION, "organiser:1", 0)
        assert records.round_(connection, third).number == 3
    with engine.connect() as connection:
        assert connection.scalar(select(t.rounds.c.deadline_at).where(t.rounds.c.id == second.id)) == 1_800_000_000
    engine.dispose()
