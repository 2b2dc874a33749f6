"""Rows of the database as frozen objects, and the small questions asked of it everywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from drafting.panel import tables as t
from drafting.panel.definition import Definition, Instrument
from drafting.workbook.headings import split_tables
from weighting import StoppingRule


class RoundState(StrEnum):
    """Life of a round."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"

    @property
    def chinese(self) -> str:
        """The word on the pages."""
        return {"draft": "准备中", "open": "征询中", "closed": "已结束"}[self.value]


class Channel(StrEnum):
    """How an answer came in."""

    WEB = "web"
    MAIL = "mail"

    @property
    def chinese(self) -> str:
        """The word on the pages."""
        return {"web": "网上", "mail": "工作簿"}[self.value]


class NotFoundError(LookupError):
    """No such thing, or none of the asker's: the two look the same from outside."""


class StateError(ValueError):
    """What is asked for does not fit the state of the round or panel; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of a project; ``frozen_at`` is set with the opening of its first round."""

    id: int
    project_id: int
    project: str
    folder: str
    title: str
    definition: Definition
    definition_sha256: str
    rule: StoppingRule
    rule_sha256: str
    frozen_at: int | None


@dataclass(frozen=True, slots=True)
class Round:
    """A round of a panel."""

    id: int
    panel_id: int
    track: str
    number: int
    instrument: Instrument
    state: RoundState
    notice: str
    deadline: str
    opened_at: int | None
    closed_at: int | None
    deadline_at: int | None = None
    deadline_holds: bool = False
    asked: tuple[int, ...] | None = None
    """Numbers of the groups that it asks for; None for all."""

    @property
    def title(self) -> str:
        """Its name on the pages."""
        return f"第{self.number}轮 {self.instrument.chinese}"

    def is_over(self, at: int) -> bool:
        """Whether a deadline that is held to has passed: nothing more can be handed in on the pages."""
        return self.deadline_holds and self.deadline_at is not None and at >= self.deadline_at


@dataclass(frozen=True, slots=True)
class Member:
    """An expert of a panel: the identity side."""

    id: int
    panel_id: int
    code: str
    pseudonym: str
    tables: tuple[str, ...] = ()
    """Keys of the tables that the expert is asked for; none for all."""


@lru_cache(maxsize=64)
def _definition(text: str) -> Definition:
    return Definition.from_json(text)


@lru_cache(maxsize=64)
def _rule(text: str) -> StoppingRule:
    return StoppingRule.from_json(text)


_PANELS = select(t.panels, t.projects.c.name.label("project"), t.projects.c.folder).join(t.projects)


def _panel(row: Row[Any]) -> Panel:
    return Panel(
        id=row.id, project_id=row.project_id, project=row.project, folder=row.folder, title=row.title,
        definition=_definition(row.definition), definition_sha256=row.definition_sha256, rule=_rule(row.rule),
        rule_sha256=row.rule_sha256, frozen_at=row.frozen_at,
    )  # fmt: skip


def _round(row: Row[Any]) -> Round:
    return Round(
        id=row.id, panel_id=row.panel_id, track=row.track, number=row.number, instrument=Instrument(row.instrument),
        state=RoundState(row.state), notice=row.notice, deadline=row.deadline, opened_at=row.opened_at,
        closed_at=row.closed_at, deadline_at=row.deadline_at, deadline_holds=bool(row.deadline_holds),
        asked=tuple(json.loads(row.asked)) if row.asked else None,
    )  # fmt: skip


def member_in(row: Any, number: int) -> Member:
    """The expert of a row that holds the expert's columns."""
    return Member(number, row.panel_id, row.code, row.pseudonym, split_tables(row.tables))


def _one(connection: Connection, query: Select[Any]) -> Row[Any]:
    row = connection.execute(query).first()
    if row is None:
        raise NotFoundError
    return row


def panel(connection: Connection, panel_id: int) -> Panel:
    """One panel.

    Raises NotFoundError.
    """
    return _panel(_one(connection, _PANELS.where(t.panels.c.id == panel_id)))


def panels_of(connection: Connection, organiser_id: int) -> tuple[Panel, ...]:
    """The panels that an organiser may see."""
    own = select(t.project_organisers.c.project_id).where(t.project_organisers.c.organiser_id == organiser_id)
    rows = connection.execute(_PANELS.where(t.panels.c.project_id.in_(own)).order_by(t.panels.c.id))
    return tuple(_panel(row) for row in rows)


def panel_for(connection: Connection, organiser_id: int, panel_id: int) -> Panel:
    """One panel if it is the organiser's.

    Raises NotFoundError.
    """
    found = panel(connection, panel_id)
    may = select(t.project_organisers).where(
        t.project_organisers.c.organiser_id == organiser_id, t.project_organisers.c.project_id == found.project_id
    )
    _one(connection, may)
    return found


def round_(connection: Connection, round_id: int, *, panel_id: int | None = None) -> Round:
    """One round; with ``panel_id`` only if it belongs to that panel.

    Raises NotFoundError.
    """
    found = _round(_one(connection, select(t.rounds).where(t.rounds.c.id == round_id)))
    if panel_id is not None and found.panel_id != panel_id:
        raise NotFoundError
    return found


def round_locked(connection: Connection, round_id: int) -> Round:
    """One round, held against changes until the transaction ends.

    Raises NotFoundError.
    """
    return _round(_one(connection, select(t.rounds).where(t.rounds.c.id == round_id).with_for_update()))


def rounds_of(connection: Connection, panel_id: int) -> tuple[Round, ...]:
    """All rounds of a panel in the order made."""
    rows = connection.execute(select(t.rounds).where(t.rounds.c.panel_id == panel_id).order_by(t.rounds.c.id))
    return tuple(_round(row) for row in rows)


def newest_closed(connection: Connection, most: int) -> tuple[Round, ...]:
    """The rounds that were closed last, of all panels."""
    closed = (
        select(t.rounds).where(t.rounds.c.state == str(RoundState.CLOSED)).order_by(t.rounds.c.id.desc()).limit(most)
    )
    return tuple(_round(row) for row in connection.execute(closed))


def members_of(connection: Connection, panel_id: int) -> tuple[Member, ...]:
    """All experts of a panel in the project's order."""
    rows = connection.execute(select(t.members).where(t.members.c.panel_id == panel_id).order_by(t.members.c.id))
    return tuple(member_in(row, row.id) for row in rows)


def member(connection: Connection, member_id: int, *, panel_id: int | None = None) -> Member:
    """One expert; with ``panel_id`` only of that panel.

    Raises NotFoundError.
    """
    row = _one(connection, select(t.members).where(t.members.c.id == member_id))
    if panel_id is not None and row.panel_id != panel_id:
        raise NotFoundError
    return member_in(row, row.id)


def answers_of(connection: Connection, round_id: int, pseudonym: str) -> Mapping[str, tuple[str, int]]:
    """One expert's present answers: item -> value and version."""
    a = t.answers.c
    rows = connection.execute(
        select(a.item, a.value, a.version).where(a.round_id == round_id, a.pseudonym == pseudonym)
    )
    return {row.item: (row.value, row.version) for row in rows}


def record(
    connection: Connection, at: int, actor: str, action: str, *, panel_id: int | None = None,
    round_id: int | None = None, subject: str = "", detail: str = "",
) -> None:  # fmt: skip
    """Write one line of the audit log; never a secret, never the value of an answer."""
    connection.execute(
        insert(t.audit).values(
            at=at, actor=actor, action=action, panel_id=panel_id, round_id=round_id, subject=subject, detail=detail
        )
    )


def audit_of(
    connection: Connection, panel_id: int, *, before: int | None = None, limit: int = 200
) -> tuple[Row[Any], ...]:
    """The organiser's view of the audit log, newest first: everything but single answers (they are counted)."""
    a = t.audit.c
    query = select(t.audit).where(a.panel_id == panel_id, a.action != "answer")
    if before is not None:
        query = query.where(a.id < before)
    return tuple(connection.execute(query.order_by(a.id.desc()).limit(limit)))


def recorded(connection: Connection, round_id: int, action: str) -> bool:
    """Whether the audit log knows an action of a round."""
    query = select(t.audit.c.id).where(t.audit.c.round_id == round_id, t.audit.c.action == action).limit(1)
    return connection.scalar(query) is not None


def answers_saved(connection: Connection, round_id: int) -> int:
    """How many times an answer was saved in a round."""
    return int(
        connection.scalar(select(func.count()).select_from(t.history).where(t.history.c.round_id == round_id)) or 0
    )
