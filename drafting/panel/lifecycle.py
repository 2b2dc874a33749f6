"""Panels and rounds: set up, frozen, opened, closed. What is closed stays as it is."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from drafting.model.asking import BETWEEN
from drafting.panel import tables as t
from drafting.panel.definition import Definition, Instrument, define
from drafting.panel.records import (
    Channel,
    Panel,
    Round,
    RoundState,
    StateError,
    members_of,
    panel,
    record,
    round_,
    round_locked,
    rounds_of,
)
from drafting.panel.submitting import latest_submissions
from drafting.panel.times import moment
from drafting.project.folder import load_project
from weighting import StoppingRule


class ProjectUnreadyError(ValueError):
    """A project folder that no panel can be made from; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a project folder gives for a panel."""

    name: str
    folder: str
    definition: Definition
    rule: str
    codes: tuple[str, ...]
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Code -> keys of the tables that the expert is asked for; an expert who is not there is asked for all."""


def read_source(folder: Path) -> Source:
    """Read a project folder.

    Raises NoProjectError: no such folder; ProjectUnreadyError: 项目.xlsx cannot be read, names no experts, or leaves
    nothing to ask.
    """
    project = load_project(folder, survey=False)
    if project.inputs is None:
        first = project.findings[0].message if project.findings else ""
        raise ProjectUnreadyError(f"项目.xlsx 无法读取：{first}")
    codes = tuple(e.code for e in project.inputs.experts)
    if not codes:
        raise ProjectUnreadyError("项目.xlsx 的“专家组”没有专家；请填写专家代号（不写姓名）后再试。")
    try:
        definition, rule = define(project.inputs)
    except ValueError as error:
        raise ProjectUnreadyError(f"“方法设置”中的停止规则不可用：{error}") from error
    if not definition.groups and not definition.rated:
        raise ProjectUnreadyError("没有需要征询的指标：权重均已给定，或没有指标。")
    tables = {e.code: e.tables for e in project.inputs.experts if e.tables and project.inputs.tables}
    name = definition.title or folder.resolve().name
    return Source(name, str(folder.resolve()), definition, rule, codes, tables)


def enter_project(connection: Connection, source: Source, organiser_id: int, at: int) -> int:
    """Enter a project, or find it, and let an organiser see it."""
    found = connection.scalar(select(t.projects.c.id).where(t.projects.c.folder == source.folder))
    if found is None:
        result = connection.execute(
            insert(t.projects).values(name=source.name, folder=source.folder, created_at=at)
        ).inserted_primary_key
        found = int(result[0]) if result else 0
    may = t.project_organisers
    known = select(may).where(may.c.project_id == found, may.c.organiser_id == organiser_id)
    if connection.execute(known).first() is None:
        connection.execute(insert(may).values(project_id=found, organiser_id=organiser_id))
    return int(found)


def create_panel(
    connection: Connection, project_id: int, title: str, source: Source, actor: str, at: int, *,
    known: int | None = None,
) -> int:  # fmt: skip
    """Set up a panel with its experts; nothing is frozen yet.

    ``known``: newest panel that whoever asks had seen, 0 for none: where the project has had one of this title since,
    it was asked twice, and that one is given.
    """
    if known is not None:
        own = (t.panels.c.project_id == project_id, t.panels.c.title == title, t.panels.c.id > known)
        twice = connection.scalar(select(t.panels.c.id).where(*own).order_by(t.panels.c.id))
        if twice is not None:
            return int(twice)
    rule = StoppingRule.from_json(source.rule)
    result = connection.execute(
        insert(t.panels).values(
            project_id=project_id, title=title, definition=source.definition.canonical_json(),
            definition_sha256=source.definition.sha256, rule=source.rule, rule_sha256=rule.sha256, created_at=at,
        )
    ).inserted_primary_key  # fmt: skip
    panel_id = int(result[0]) if result else 0
    _add_members(connection, panel_id, source.codes, source.tables)
    record(connection, at, actor, "panel-created", panel_id=panel_id, subject=title)
    return panel_id


def _add_members(
    connection: Connection, panel_id: int, codes: Iterable[str], tables: Mapping[str, tuple[str, ...]] | None = None
) -> None:
    # entered in random order would hide nothing: the pseudonym itself is random
    connection.execute(
        insert(t.members),
        [
            {"panel_id": panel_id, "code": code, "pseudonym": secrets.token_urlsafe(32),
             "tables": BETWEEN.join((tables or {}).get(code, ()))}
            for code in codes
        ],
    )  # fmt: skip


def refresh_panel(connection: Connection, found: Panel, source: Source, actor: str, at: int) -> int:
    """Take over what changed in the project: the questionnaire as long as nothing is frozen, new experts always.

    Returns how many experts were added.
    """
    if found.frozen_at is None:
        rule = StoppingRule.from_json(source.rule)
        connection.execute(
            update(t.panels).where(t.panels.c.id == found.id).values(
                definition=source.definition.canonical_json(), definition_sha256=source.definition.sha256,
                rule=source.rule, rule_sha256=rule.sha256,
            )
        )  # fmt: skip
    known = {m.code: m for m in members_of(connection, found.id)}
    fresh = [code for code in source.codes if code not in known]
    if fresh:
        _add_members(connection, found.id, fresh, source.tables)
    for code in source.codes:
        wanted = source.tables.get(code, ())
        if found.frozen_at is None and code in known and known[code].tables != wanted:
            own = t.members.c.id == known[code].id
            connection.execute(update(t.members).where(own).values(tables=BETWEEN.join(wanted)))
    record(connection, at, actor, "panel-refreshed", panel_id=found.id, detail=f"新增专家 {len(fresh)} 名")
    return len(fresh)


def prepare_round(
    connection: Connection,
    found: Panel,
    instrument: Instrument,
    actor: str,
    at: int,
    *,
    notice: str = "",
    deadline_at: int | None = None,
    deadline_holds: bool = False,
    known: int | None = None,
) -> int:
    """Make the next round of an instrument, as a draft.

    Raises StateError: the round before is not closed, the instrument has nothing to ask, or the deadline has passed.

    ``known``: newest round of the panel that whoever asks had seen, see :func:`create_panel`.
    """
    still_to_come(deadline_at, at)
    if not found.definition.of(instrument):
        raise StateError(f"没有可用“{instrument.chinese}”征询的指标。")
    from drafting.panel import asking  # which reads closed rounds

    # older programs numbered ratings and allocations together
    before = [r for r in rounds_of(connection, found.id) if r.instrument is instrument or r.track == instrument.track]
    unfinished = next((r for r in before if r.state is not RoundState.CLOSED), None)
    if unfinished is not None:
        if known is not None and unfinished.id > known:
            return unfinished.id
        raise StateError(f"{unfinished.title}还没有结束。")
    number = 1 + max((r.number for r in before), default=0)
    asked = asking.groups_to_ask(connection, found, instrument, number)
    result = connection.execute(
        insert(t.rounds).values(
            panel_id=found.id, track=instrument.track, number=number, instrument=str(instrument),
            state=str(RoundState.DRAFT), notice=notice, deadline="", deadline_at=deadline_at,
            deadline_holds=int(deadline_holds and deadline_at is not None),
            asked="" if asked is None else json.dumps(asked),
        )
    ).inserted_primary_key  # fmt: skip
    round_id = int(result[0]) if result else 0
    record(connection, at, actor, "round-prepared", panel_id=found.id, round_id=round_id, subject=str(instrument))
    return round_id


def still_to_come(deadline_at: int | None, at: int) -> None:
    """Refuse a deadline that has passed: experts would find a round over that has just begun.

    Raises StateError: it has; the message gives the server's clock, which may be wrong.
    """
    if deadline_at is not None and deadline_at <= at:
        raise StateError(
            f"截止时间 {moment(deadline_at)} 已经过去，服务器现在是 {moment(at)}。"
            "请改为以后的时间或留空；服务器时间不对的，先校准。"
        )


def set_deadline(
    connection: Connection, round_id: int, deadline_at: int | None, *, holds: bool, actor: str, at: int
) -> None:
    """Set, move or drop a round's deadline.

    Raises StateError: the round is closed, or the deadline is new and has passed.
    """
    found = round_locked(connection, round_id)
    if found.state is RoundState.CLOSED:
        raise StateError(f"{found.title}已结束，不能再改截止时间。")
    if deadline_at != found.deadline_at:  # one that has passed may be held to or not any more
        still_to_come(deadline_at, at)
    new = {"deadline": "", "deadline_at": deadline_at, "deadline_holds": int(holds and deadline_at is not None)}
    connection.execute(update(t.rounds).where(t.rounds.c.id == round_id).values(**new))
    record(connection, at, actor, "deadline-set", panel_id=found.panel_id, round_id=round_id, detail=str(deadline_at))


def open_round(connection: Connection, round_id: int, actor: str, at: int) -> None:
    """Open a round; the panel's first opening freezes questionnaire and rules.

    Raises StateError: it is not a draft, or its deadline has passed since it was made.
    """
    found = round_locked(connection, round_id)
    if found.state is not RoundState.DRAFT:
        raise StateError(f"{found.title}{found.state.chinese}，不能再开始。")
    still_to_come(found.deadline_at, at)
    owner = panel(connection, found.panel_id)
    if owner.frozen_at is None:
        connection.execute(update(t.panels).where(t.panels.c.id == owner.id).values(frozen_at=at))
        detail = f"问卷 {owner.definition_sha256} 停止规则 {owner.rule_sha256}"
        record(connection, at, actor, "rules-frozen", panel_id=owner.id, detail=detail)
    connection.execute(
        update(t.rounds).where(t.rounds.c.id == round_id).values(state=str(RoundState.OPEN), opened_at=at)
    )
    record(connection, at, actor, "round-opened", panel_id=owner.id, round_id=round_id)


def close_round(connection: Connection, round_id: int, actor: str, at: int) -> str:
    """Close a round: its submissions become a snapshot that nothing changes any more.

    Raises StateError: it is not open.

    Returns SHA-256 of the snapshot.
    """
    found = round_locked(connection, round_id)
    if found.state is not RoundState.OPEN:
        raise StateError(f"{found.title}{found.state.chinese}，不能结束。")
    owner = panel(connection, found.panel_id)
    content = _snapshot(connection, owner, found)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    connection.execute(insert(t.snapshots).values(round_id=round_id, content=text, sha256=fingerprint))
    connection.execute(
        update(t.rounds).where(t.rounds.c.id == round_id).values(state=str(RoundState.CLOSED), closed_at=at)
    )
    record(connection, at, actor, "round-closed", panel_id=owner.id, round_id=round_id, detail=f"快照 {fingerprint}")
    return fingerprint


def _snapshot(connection: Connection, owner: Panel, found: Round) -> Mapping[str, Any]:
    from drafting.panel import asking

    submitted = latest_submissions(connection, found.id)
    members = [
        m for m in members_of(connection, owner.id)
        if m.pseudonym in submitted or asking.numbers(owner.definition, found, m.tables)
    ]  # fmt: skip
    tables = {m.pseudonym: list(m.tables) for m in members if m.tables}
    return {
        "version": 1, "track": found.track, "number": found.number, "instrument": str(found.instrument),
        "definition": owner.definition_sha256, "rule": owner.rule_sha256,
        "members": [m.pseudonym for m in members], **({"tables": tables} if tables else {}),
        "answers": {p: {"channel": str(s.channel), "values": s.values} for p, s in sorted(submitted.items())},
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A closed round as it was: who was asked, and what they submitted, by pseudonym."""

    round: Round
    sha256: str
    members: tuple[str, ...]
    answers: Mapping[str, Mapping[str, str]]
    channels: Mapping[str, Channel]
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By pseudonym the tables asked for; who is not there was asked for all."""


def snapshot(connection: Connection, round_id: int) -> Snapshot:
    """Read a closed round.

    Raises StateError: the round is not closed: its figures are nobody's yet.
    """
    found = round_(connection, round_id)
    row = connection.execute(select(t.snapshots).where(t.snapshots.c.round_id == round_id)).first()
    if row is None:
        raise StateError(f"{found.title}尚未结束，结束前不显示结果。")
    content = json.loads(row.content)
    return Snapshot(
        found, row.sha256, tuple(content["members"]),
        {p: a["values"] for p, a in content["answers"].items()},
        {p: Channel(a["channel"]) for p, a in content["answers"].items()},
        {p: tuple(of) for p, of in content.get("tables", {}).items()},
    )  # fmt: skip


def snapshot_sha256(connection: Connection, found: Round) -> str:
    """The fingerprint of a closed round.

    Raises StateError: the round is not closed.
    """
    fingerprint = connection.scalar(select(t.snapshots.c.sha256).where(t.snapshots.c.round_id == found.id))
    if fingerprint is None:
        raise StateError(f"{found.title}尚未结束，结束前不显示结果。")
    return str(fingerprint)


def previous_round(connection: Connection, found: Round) -> Round | None:
    """The closed round of the same instrument before this one, whose results its experts see."""
    before = [
        r
        for r in rounds_of(connection, found.panel_id)
        if r.instrument is found.instrument and r.id < found.id and r.state is RoundState.CLOSED
    ]
    return before[-1] if before else None
