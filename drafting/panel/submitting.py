"""Submitting: what an expert hands in counts as it stood then; later changes count when they are handed in again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import Connection, func, insert, select

from drafting.panel import items
from drafting.panel import tables as t
from drafting.panel.definition import Definition, Group, Instrument
from drafting.panel.records import Channel, Panel, Round, RoundState, StateError, answers_of, record, round_locked


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


def group_states(
    definition: Definition, instrument: Instrument, values: Mapping[str, str], asked: Container[int] | None = None
) -> tuple[GroupState, ...]:
    """Judge all groups, or those of these numbers."""
    return tuple(
        group_state(instrument, g, group, values) for g, group in enumerate(definition.of(instrument))
        if asked is None or g in asked
    )  # fmt: skip


def fingerprint(values: Mapping[str, str]) -> tuple[str, str]:
    """Canonical JSON of answers, blank ones left out, and its SHA-256."""
    text = json.dumps({k: v for k, v in values.items() if v}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text, hashlib.sha256(text.encode()).hexdigest()


def submit(connection: Connection, owner: Panel, round_id: int, pseudonym: str, at: int) -> Submission:
    """Hand in what an expert has answered on the pages.

    Raises StateError: the round is not open, or its deadline has passed; IncompleteError: a group is answered in part
    or does not add up, or nothing is answered.
    """
    found: Round = round_locked(connection, round_id)
    if found.state is RoundState.OPEN and found.is_over(at):
        raise StateError(f"{found.title}已过截止时间，不能再提交；已填的答案都在。如仍需提交，请与组织者联系。")
    answers = answers_of(connection, round_id, pseudonym)
    values = {item: value for item, (value, _) in answers.items()}
    draft = sum(version for _, version in answers.values())
    return hand_in(connection, owner, found, pseudonym, values, at, channel=Channel.WEB, draft=draft)


def hand_in(
    connection: Connection, owner: Panel, found: Round, pseudonym: str, values: Mapping[str, str], at: int, *,
    channel: Channel, draft: int,
) -> Submission:  # fmt: skip
    """Hand in exactly these values; what the expert's draft on the pages says is not looked at.

    Raises StateError, IncompleteError.

    ``found``: held against changes (:func:`records.round_locked`).
    ``draft``: versions of the draft in all if it says the same, else -1.
    """
    round_id = found.id
    if found.state is not RoundState.OPEN:
        raise StateError(f"{found.title}{found.state.chinese}，不能提交。")
    states = group_states(owner.definition, found.instrument, values)
    faulty = [s for s in states if s.fault]
    if faulty or all(s.blank for s in states):
        raise IncompleteError(faulty)
    text, sha256 = fingerprint(values)
    s = t.submissions.c
    last = connection.scalar(select(func.max(s.number)).where(s.round_id == round_id, s.pseudonym == pseudonym)) or 0
    connection.execute(
        insert(t.submissions).values(
            round_id=round_id, pseudonym=pseudonym, number=last + 1, content=text, sha256=sha256,
            channel=str(channel), at=at, draft=draft,
        )
    )  # fmt: skip
    record(
        connection, at, pseudonym, "submitted", panel_id=owner.id, round_id=round_id,
        detail=f"第 {last + 1} 次，{channel.chinese}",
    )  # fmt: skip
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
    """What the response board shows of an expert in a round: never an answer, only how many there are."""

    answered: int = 0
    """Questions answered on the pages by who has not submitted."""
    submitted: int = 0
    """Number of the last submission, 0 for none."""
    channel: Channel | None = None
    unsubmitted: int = 0
    """Answers on the pages that differ from the last submission."""


def progress(connection: Connection, round_id: int) -> dict[str, Progress]:
    """Progress by pseudonym: answers are counted for who has not submitted, without opinions and self-assessments.

    Whether a draft differs from what was handed in is looked at in open rounds only: afterwards nothing can be done.
    """
    a, s, m = t.answers.c, t.submissions.c, t.members.c
    own = (a.round_id == round_id, a.pseudonym == m.pseudonym)
    asked = select(func.count()).where(*own, a.value != "", a.item >= "p")  # a., c. and o. come before p., r. and w.
    draft = select(func.sum(a.version)).where(*own)
    of_round = select(t.rounds.c.panel_id, t.rounds.c.state).where(t.rounds.c.id == round_id)
    panel_id, state = connection.execute(of_round).one()
    latest = select(s.pseudonym, s.number, s.channel, s.draft).where(s.round_id == round_id).order_by(s.number)
    handed = {row.pseudonym: row for row in connection.execute(latest)}
    found = {p: Progress(0, row.number, Channel(row.channel)) for p, row in handed.items()}
    done = select(s.id).where(s.round_id == round_id, s.pseudonym == m.pseudonym).exists()
    counted = select(m.pseudonym, asked.scalar_subquery().label("n")).where(m.panel_id == panel_id, ~done)
    found |= {row.pseudonym: Progress(row.n) for row in connection.execute(counted) if row.n}
    if state == RoundState.OPEN:
        now = select(m.pseudonym, draft.scalar_subquery().label("draft")).where(m.panel_id == panel_id, done)
        for row in connection.execute(now):
            if row.draft is not None and handed[row.pseudonym].draft != int(row.draft):
                changed = len(differences(connection, round_id, row.pseudonym))
                found[row.pseudonym] = replace(found[row.pseudonym], unsubmitted=changed)
    return found


def differences(connection: Connection, round_id: int, pseudonym: str) -> set[str]:
    """Items whose answer on the pages is not the one handed in last."""
    handed = latest_submission(connection, round_id, pseudonym)
    said = handed.values if handed else {}
    draft = {i: v for i, (v, _) in answers_of(connection, round_id, pseudonym).items() if v}
    return {i for i in draft.keys() | said.keys() if draft.get(i, "") != said.get(i, "")}
