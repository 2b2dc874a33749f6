"""Saving single answers: many in one transaction, each with its history and a line in the audit log."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Executable, TextClause, bindparam, insert, select, text

from drafting.panel import tables as t
from drafting.panel.records import Channel, RoundState


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
_Key = tuple[int, str, str]


_ROW = ("round_id", "pseudonym", "item", "value", "version", "channel")
_INTO_ANSWERS = f"INSERT INTO answers ({', '.join(_ROW)})"
_INTO_HISTORY = f"INSERT INTO answer_history ({', '.join(_ROW)}, at)"
_INTO_AUDIT = "INSERT INTO audit (at, actor, action, panel_id, round_id, subject, detail)"
_REPLACED = (
    "ON CONFLICT (round_id, pseudonym, item) DO UPDATE SET "
    "value = excluded.value, version = excluded.version, channel = excluded.channel"
)
_LINE = ":at, pseudonym, 'answer', panel_id, round_id, item, ''"


def _sqlite() -> tuple[TextClause, ...]:
    """Three statements for a group of any size, which reach all rows by one parameter."""
    fields = [f"json_extract(value, '$[{n}]') AS {name}" for n, name in enumerate((*_ROW, "panel_id"))]
    # in order of the steps, so that of two answers to one question the later one stays
    rows = f"(SELECT {', '.join(fields)} FROM json_each(:rows) ORDER BY key)"  # noqa: S608 - names of our own columns
    columns = ", ".join(_ROW)
    return (
        text(f"{_INTO_ANSWERS} SELECT {columns} FROM {rows} WHERE 1 {_REPLACED}"),  # noqa: S608 - see above
        text(f"{_INTO_HISTORY} SELECT {columns}, :at FROM {rows}"),  # noqa: S608 - see above
        text(f"{_INTO_AUDIT} SELECT {_LINE} FROM {rows}"),  # noqa: S608 - see above
    )


def _postgresql() -> tuple[TextClause, ...]:
    """One statement for a group of any size."""
    kinds = {"round_id": "bigint", "version": "bigint", "panel_id": "bigint"}
    names = (*_ROW, "panel_id")
    arrays = ", ".join(f"CAST(:{name} AS {kinds.get(name, 'text')}[])" for name in names)
    columns = ", ".join(_ROW)
    return (
        text(
            f"WITH steps AS (SELECT * FROM unnest({arrays}) WITH ORDINALITY AS s({', '.join(names)}, place)), "  # noqa: S608 - see above
            f"present AS ({_INTO_ANSWERS} SELECT DISTINCT ON (round_id, pseudonym, item) {columns} FROM steps "
            f"ORDER BY round_id, pseudonym, item, place DESC {_REPLACED}), "
            f"past AS ({_INTO_HISTORY} SELECT {columns}, CAST(:at AS bigint) FROM steps ORDER BY place) "
            f"{_INTO_AUDIT} SELECT {_LINE.replace(':at', 'CAST(:at AS bigint)')} FROM steps ORDER BY place"
        ),
    )


_STATEMENTS = {"sqlite": _sqlite(), "postgresql": _postgresql()}
"""By dialect. A statement per row, or Python for every value of it, would be most of what an answer costs."""
_KEY = _ROW[:3]
_FOUND = f"SELECT {', '.join(f'a.{name}' for name in _ROW[:5])} FROM"
_PRESENT: Mapping[str, Executable] = {
    "sqlite": text(  # one parameter and one text whatever is asked for: it is prepared once
        f"{_FOUND} json_each(:wanted) AS w CROSS JOIN answers AS a ON "
        + " AND ".join(f"a.{name} = json_extract(w.value, '$[{n}]')" for n, name in enumerate(_KEY))
    ),
    "postgresql": select(*(t.answers.c[name] for name in _ROW[:5])).where(  # arrays and joins are planned as scans
        *(t.answers.c[name].in_(bindparam(name, expanding=True)) for name in _KEY)
    ),
}


def _write(connection: Connection, steps: Sequence[tuple[Any, ...]], at: int) -> None:
    """Write answers, history and audit; ``steps`` are rows of :data:`_ROW` and the panel, one per version."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        values: dict[str, Any] = {
            n: list(of) for n, of in zip((*_ROW, "panel_id"), zip(*steps, strict=True), strict=True)
        }
    else:
        values = {"rows": json.dumps(steps, ensure_ascii=False)}
    for statement in _STATEMENTS[dialect]:
        connection.execute(statement, values | {"at": at})


def save_answers(connection: Connection, answers: Sequence[Answer], at: int) -> list[Outcome]:
    """Save answers in the order given.

    An answer equal to what is there changes nothing: a page that repeats itself after a lost acknowledgement is
    answered as the first time.

    ``connection``: in a transaction that writes.
    ``answers``: checked values; this function checks that the round is open and the session good, in the same
    transaction.
    ``at``: for the record.
    """
    states = {row.id: row for row in connection.execute(_STATES, {"ids": sorted({a.round_id for a in answers})})}
    asked = sorted({a.session_id for a in answers if a.session_id is not None})
    alive = {row.id for row in connection.execute(_SESSIONS, {"ids": asked})} if asked else set()
    present = _present(connection, answers)
    outcomes: list[Outcome] = []
    steps: list[tuple[Any, ...]] = []
    late: list[dict[str, Any]] = []
    for answer in answers:
        key = (answer.round_id, answer.pseudonym, answer.item)
        value, version = present.get(key, ("", 0))
        if answer.session_id is not None and answer.session_id not in alive:
            outcomes.append(Outcome(Fate.SIGNED_OUT, value, version))
            continue
        found = states.get(answer.round_id)
        if found is None or found.state != RoundState.OPEN:
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
        steps.append((*key, answer.value, version, str(answer.channel), found.panel_id))
        outcomes.append(Outcome(Fate.SAVED, answer.value, version))
    if steps:
        _write(connection, steps, at)
    known = [row for row in late if row["round_id"] in states]
    if known:
        connection.execute(insert(t.late_answers), known)
    return outcomes


def _present(connection: Connection, answers: Sequence[Answer]) -> dict[_Key, tuple[str, int]]:
    """Value and version of what stands there of these questions."""
    wanted = sorted({(a.round_id, a.pseudonym, a.item) for a in answers})
    if not wanted:
        return {}
    dialect = connection.dialect.name
    if dialect == "postgresql":
        asked: dict[str, Any] = {
            name: sorted(set(of)) for name, of in zip(_KEY, zip(*wanted, strict=True), strict=True)
        }
    else:
        asked = {"wanted": json.dumps(wanted, ensure_ascii=False)}
    rows = connection.execute(_PRESENT[dialect], asked)
    found = {(r.round_id, r.pseudonym, r.item): (r.value, r.version) for r in rows}
    return {key: found[key] for key in wanted if key in found}
