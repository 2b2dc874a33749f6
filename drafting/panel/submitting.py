"""Submitting: what an expert hands in counts as it stood then; later changes count when they are handed in again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, func, insert, select

from drafting.panel import items
from drafting.panel import tables as t
from drafting.panel.definition import Definition, Group, Instrument
from drafting.panel.records import Channel, Panel, Round, State, StateError, answers_of, record, round_locked


@dataclass(frozen=True, slots=True)
class GroupState:
    """How far one group is answered; ``fault`` says in Chinese why it cannot be handed in."""

    number: int
    name: str
    asked: int
    answered: int
    total: Decimal | None = None
    fault: str = ""

    @property
    def blank(self) -> bool:
        """Nothing answered: the expert passes over the group."""
        return self.answered == 0

    @property
    def complete(self) -> bool:
        """Ready to be handed in."""
        return self.answered > 0 and not self.fault


@dataclass(frozen=True, slots=True)
class Submission:
    """What an expert handed in last."""

    number: int
    channel: Channel
    at: int
    sha256: str
    values: Mapping[str, str]


class IncompleteError(ValueError):
    """Answers that cannot be handed in yet; ``groups`` are those at fault."""

    def __init__(self, groups: Sequence[GroupState]) -> None:
        super().__init__("；".join(f"{g.name}：{g.fault}" for g in groups) or "还没有回答任何一组。")
        self.groups = tuple(groups)


def group_state(instrument: Instrument, number: int, group: Group, values: Mapping[str, str]) -> GroupState:
    """Judge one group's answers."""
    asked = items.questions(instrument, number, group)
    given = [values[q] for q in asked if values.get(q)]
    total = sum(map(Decimal, given), Decimal(0)) if instrument is Instrument.ALLOCATION else None
    fault = ""
    if 0 < len(given) < len(asked) and instrument is not Instrument.PAIRWISE:
        fault = f"还有 {len(asked) - len(given)} 项没有填写"
    elif instrument is Instrument.ALLOCATION and given and total != items.TOTAL:
        assert total is not None
        off = items.TOTAL - total
        fault = f"合计 {total:f}，{'还差' if off > 0 else '多出'} {abs(off):f}"
    elif instrument is Instrument.PAIRWISE and given and not _connected(number, group, values):
        fault = "已填的比较还不能把各项连在一起，请再补几次比较"
    return GroupState(number, group.name, len(asked), len(given), total, fault)


def _connected(number: int, group: Group, values: Mapping[str, str]) -> bool:
    reached, waiting = {0}, [0]
    size = len(group.items)
    while waiting:
        i = waiting.pop()
        for j in range(size):
            if j not in reached and values.get(items.pair(number, min(i, j), max(i, j))):
                reached.add(j)
                waiting.append(j)
    return len(reached) == size


def group_states(definition: Definition, instrument: Instrument, values: Mapping[str, str]) -> tuple[GroupState, ...]:
    """Judge all groups."""
    return tuple(group_state(instrument, g, group, values) for g, group in enumerate(definition.of(instrument)))


def fingerprint(values: Mapping[str, str]) -> tuple[str, str]:
    """Canonical JSON of answers, blank ones left out, and its SHA-256."""
    text = json.dumps({k: v for k, v in values.items() if v}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text, hashlib.sha256(text.encode()).hexdigest()


def submit(
    connection: Connection, owner: Panel, round_id: int, pseudonym: str, at: int, *, channel: Channel = Channel.WEB
) -> Submission:
    """Hand in what is answered.

    Raises
    ------
    StateError
        The round is not open.
    IncompleteError
        A group is answered in part or does not add up, or nothing is answered.
    """
    found: Round = round_locked(connection, round_id)
    if found.state is not State.OPEN:
        raise StateError(f"{found.title}{found.state.chinese}，不能提交。")
    values = {item: value for item, (value, _) in answers_of(connection, round_id, pseudonym).items()}
    states = group_states(owner.definition, found.instrument, values)
    faulty = [s for s in states if s.fault]
    if faulty or all(s.blank for s in states):
        raise IncompleteError(faulty)
    text, sha256 = fingerprint(values)
    s = t.submissions.c
    last = connection.scalar(select(func.max(s.number)).where(s.round_id == round_id, s.pseudonym == pseudonym)) or 0
    connection.execute(
        insert(t.submissions).values(
            round_id=round_id,
            pseudonym=pseudonym,
            number=last + 1,
            content=text,
            sha256=sha256,
            channel=str(channel),
            at=at,
        )
    )
    record(
        connection,
        at,
        pseudonym,
        "submitted",
        panel_id=owner.id,
        round_id=round_id,
        detail=f"第 {last + 1} 次，{channel.chinese}",
    )
    return Submission(last + 1, channel, at, sha256, json.loads(text))


def latest_submission(connection: Connection, round_id: int, pseudonym: str) -> Submission | None:
    """What one expert handed in last."""
    s = t.submissions.c
    row = connection.execute(
        select(t.submissions).where(s.round_id == round_id, s.pseudonym == pseudonym).order_by(s.number.desc()).limit(1)
    ).first()
    return (
        None
        if row is None
        else Submission(row.number, Channel(row.channel), row.at, row.sha256, json.loads(row.content))
    )


def latest_submissions(connection: Connection, round_id: int) -> dict[str, Submission]:
    """What everybody handed in last, by pseudonym."""
    s = t.submissions.c
    rows = connection.execute(select(t.submissions).where(s.round_id == round_id).order_by(s.number))
    newest = {row.pseudonym: row for row in rows}
    return {
        p: Submission(r.number, Channel(r.channel), r.at, r.sha256, json.loads(r.content)) for p, r in newest.items()
    }


@dataclass(frozen=True, slots=True)
class Progress:
    """What the response board shows of an expert in a round: never an answer; submitted, or how many answered."""

    answered: int = 0
    submitted: int = 0
    channel: Channel | None = None


def progress(connection: Connection, round_id: int) -> dict[str, Progress]:
    """Progress by pseudonym: answers are counted for who has not submitted, without opinions and self-assessments."""
    a, s, m = t.answers.c, t.submissions.c, t.members.c
    own = select(func.count()).where(
        a.round_id == round_id, a.pseudonym == m.pseudonym, a.value != "",
        a.item >= "p",  # a. and o. come before p., r. and w.
    )  # fmt: skip
    of_panel = select(t.rounds.c.panel_id).where(t.rounds.c.id == round_id).scalar_subquery()
    done = select(s.id).where(s.round_id == round_id, s.pseudonym == m.pseudonym).exists()
    counted = connection.execute(
        select(m.pseudonym, own.scalar_subquery().label("n")).where(m.panel_id == of_panel, ~done)
    )
    answered = {row.pseudonym: row.n for row in counted if row.n}
    handed = {
        row.pseudonym: row
        for row in connection.execute(
            select(s.pseudonym, s.number, s.channel).where(s.round_id == round_id).order_by(s.number)
        )
    }
    return {
        p: Progress(
            answered.get(p, 0),
            handed[p].number if p in handed else 0,
            Channel(handed[p].channel) if p in handed else None,
        )
        for p in answered.keys() | handed.keys()
    }
