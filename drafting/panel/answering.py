"""Saving single answers: many in one transaction, each with its history and a line in the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, String, Table, bindparam, insert, select, text
from sqlalchemy.dialects import sqlite

from drafting.panel import tables as t
from drafting.panel.records import Channel, State


class Fate(StrEnum):
    """What became of an answer."""

    SAVED = "saved"
    CONFLICT = "conflict"
    """Another window has changed it since; nothing was written."""
    CLOSED = "closed"
    """The round is over; kept among the late answers, not counted."""
    SIGNED_OUT = "signed-out"
    """The session or its link was revoked meanwhile; nothing was written."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer on its way: who, where, what; ``base`` is the version that the page showed (None: do not ask)."""

    session_id: int | None
    round_id: int
    pseudonym: str
    item: str
    value: str
    base: int | None = None
    channel: Channel = Channel.WEB


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer, and what stands in the database now."""

    fate: Fate
    value: str
    version: int


_STATES = (
    select(t.rounds.c.id, t.rounds.c.state, t.rounds.c.panel_id)
    .where(t.rounds.c.id.in_(bindparam("ids", expanding=True)))
    .with_for_update(read=True)
)
_SESSIONS = (
    select(t.sessions.c.id)
    .where(t.sessions.c.id.in_(bindparam("ids", expanding=True)), t.sessions.c.revoked_at.is_(None))
    .with_for_update(read=True)
)
_PRESENT = select(
    t.answers.c.round_id, t.answers.c.pseudonym, t.answers.c.item, t.answers.c.value, t.answers.c.version
).where(
    t.answers.c.round_id.in_(bindparam("rounds", expanding=True)),
    t.answers.c.pseudonym.in_(bindparam("who", expanding=True)),
    t.answers.c.item.in_(bindparam("items", expanding=True)),
)
_Key = tuple[int, str, str]


_ANSWER_KEY = ("round_id", "pseudonym", "item")
_ANSWER_REST = ("value", "version", "channel")


@cache
def _statement(dialect: str, table: Table, columns: tuple[str, ...]) -> Executable:
    """Insert many rows; an answer that is there is replaced.

    PostgreSQL gets all rows as one array per column: a statement per row would cost a round trip's work each.
    """
    if dialect != "postgresql":
        single = sqlite.insert(table)
        if table is not t.answers:
            return single
        new = {name: single.excluded[name] for name in _ANSWER_REST}
        return single.on_conflict_do_update(index_elements=_ANSWER_KEY, set_=new)
    types = {name: "text[]" if isinstance(table.c[name].type, String) else "bigint[]" for name in columns}
    arrays = ", ".join(f"CAST(:{name} AS {types[name]})" for name in columns)
    end = ""
    if table is t.answers:
        end = f" ON CONFLICT ({', '.join(_ANSWER_KEY)}) DO UPDATE SET " + ", ".join(
            f"{name} = excluded.{name}" for name in _ANSWER_REST
        )
    return text(f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT * FROM unnest({arrays}){end}")  # noqa: S608 - names of our own tables


def _write(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = tuple(rows[0])
    statement = _statement(connection.dialect.name, table, columns)
    if connection.dialect.name == "postgresql":
        connection.execute(statement, {name: [row[name] for row in rows] for name in columns})
    else:
        connection.execute(statement, list(rows))


def save_answers(connection: Connection, answers: Sequence[Answer], at: int) -> list[Outcome]:
    """Save answers in the order given.

    An answer equal to what is there changes nothing: a page that repeats itself after a lost acknowledgement is
    answered as the first time.

    Parameters
    ----------
    connection : Connection
        In a transaction that writes.
    answers : sequence of Answer
        Checked values; this function checks that the round is open and the session good, in the same transaction.
    at : int
        For the record.
    """
    states = {row.id: row for row in connection.execute(_STATES, {"ids": sorted({a.round_id for a in answers})})}
    asked = sorted({a.session_id for a in answers if a.session_id is not None})
    alive = {row.id for row in connection.execute(_SESSIONS, {"ids": asked})} if asked else set()
    present = _present(connection, answers)
    outcomes: list[Outcome] = []
    changed: dict[_Key, dict[str, Any]] = {}
    steps: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    late: list[dict[str, Any]] = []
    for answer in answers:
        key = (answer.round_id, answer.pseudonym, answer.item)
        value, version = present.get(key, ("", 0))
        if answer.session_id is not None and answer.session_id not in alive:
            outcomes.append(Outcome(Fate.SIGNED_OUT, value, version))
            continue
        found = states.get(answer.round_id)
        if found is None or found.state != State.OPEN:
            row = {"round_id": answer.round_id, "pseudonym": answer.pseudonym, "item": answer.item, "at": at}
            late.append(row | {"value": answer.value})
            outcomes.append(Outcome(Fate.CLOSED, value, version))
            continue
        if answer.value == value:
            outcomes.append(Outcome(Fate.SAVED, value, version))
            continue
        if answer.base is not None and answer.base < version:
            outcomes.append(Outcome(Fate.CONFLICT, value, version))
            continue
        version += 1
        present[key] = (answer.value, version)
        row = {
            "round_id": answer.round_id, "pseudonym": answer.pseudonym, "item": answer.item, "value": answer.value,
            "version": version, "channel": str(answer.channel),
        }  # fmt: skip
        changed[key] = row
        steps.append(row | {"at": at})
        lines.append(
            {"at": at, "actor": answer.pseudonym, "action": "answer", "panel_id": found.panel_id,
             "round_id": answer.round_id, "subject": answer.item, "detail": ""}
        )  # fmt: skip
        outcomes.append(Outcome(Fate.SAVED, answer.value, version))
    if changed:
        _write(connection, t.answers, list(changed.values()))
        _write(connection, t.history, steps)
        _write(connection, t.audit, lines)
    known = [row for row in late if row["round_id"] in states]
    if known:
        connection.execute(insert(t.late_answers), known)
    return outcomes


def _present(connection: Connection, answers: Sequence[Answer]) -> dict[_Key, tuple[str, int]]:
    wanted = {(a.round_id, a.pseudonym, a.item) for a in answers}
    rows = connection.execute(
        _PRESENT,
        {
            "rounds": sorted({w[0] for w in wanted}), "who": sorted({w[1] for w in wanted}),
            "items": sorted({w[2] for w in wanted}),
        },
    )  # fmt: skip
    return {key: (r.value, r.version) for r in rows if (key := (r.round_id, r.pseudonym, r.item)) in wanted}
