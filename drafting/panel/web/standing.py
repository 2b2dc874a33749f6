"""Where an expert stands in every round that has begun: what is answered, what is handed in, what still waits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from drafting.panel import asking, items, records, submitting
from drafting.panel.accounts import digest
from drafting.panel.records import NotFoundError, Panel, Round, RoundState
from drafting.panel.submitting import GroupState, Submission
from drafting.panel.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Task:
    """One round of one expert."""

    round: Round
    values: Mapping[str, str]
    versions: Mapping[str, int]
    states: Sequence[GroupState]
    handed: Submission | None
    scope: str
    over: bool

    @property
    def open(self) -> bool:
        """Whether it takes answers."""
        return self.round.state is RoundState.OPEN

    @property
    def groups(self) -> tuple[int, ...]:
        """Numbers of the groups that the expert is asked for."""
        return tuple(s.number for s in self.states)

    @property
    def answered(self) -> int:
        """Questions answered."""
        return sum(s.answered for s in self.states)

    @property
    def asked(self) -> int:
        """Questions in all."""
        return sum(s.asked for s in self.states)

    @property
    def changed(self) -> bool:
        """Whether something was changed after it was handed in."""
        return self.handed is not None and submitting.fingerprint(self.values)[1] != self.handed.sha256

    @property
    def waits(self) -> bool:
        """Whether answers stand there that do not count, because they were not handed in."""
        return self.open and (self.changed if self.handed else any(self.values.values()))


@dataclass(frozen=True, slots=True)
class Standing:
    """An expert's panel with its rounds, oldest first."""

    panel: Panel
    tasks: tuple[Task, ...]

    def task(self, round_id: int) -> Task:
        """One round.

        Raises NotFoundError: it has not begun or is none of the expert's.
        """
        found = next((t for t in self.tasks if t.round.id == round_id), None)
        if found is None:
            raise NotFoundError
        return found

    @property
    def assessed(self) -> Mapping[str, str]:
        """The self-assessment as last given in any round: it is asked once per panel."""
        return {i: v for t in self.tasks for i in items.SELF_ASSESSMENT if (v := t.values.get(i))}


def standing(visit: Visit) -> Standing:
    """Look it up."""
    member = visit.member
    with visit.read() as connection:
        panel = records.panel(connection, member.panel_id)
        found = []
        for own in records.rounds_of(connection, panel.id):
            if own.state is RoundState.DRAFT:
                continue
            asked = asking.numbers(panel.definition, own, member.tables)
            answers = records.answers_of(connection, own.id, member.pseudonym)
            if not asked and not answers:  # of tables that are none of the expert's
                continue
            values = {k: v for k, (v, _) in answers.items()}
            found.append(
                Task(
                    own, values, {k: n for k, (_, n) in answers.items()},
                    submitting.group_states(panel.definition, own.instrument, values, asked),
                    submitting.latest_submission(connection, own.id, member.pseudonym),
                    digest(f"{member.pseudonym}/{own.id}")[:16], own.is_over(visit.service.now),
                )
            )  # fmt: skip
    return Standing(panel, tuple(found))


def places(where: Standing, here: Task | None = None) -> list[dict[str, Any]]:
    """Where a page sends what is parked in the browser, by the name under which it is parked."""
    return [
        {"scope": t.scope, "save": f"/e/{t.round.id}/answer", **({"here": True} if t is here else {})}
        for t in where.tasks
    ]


def page(
    visit: Visit, where: Standing, template: str, status: int = 200, here: Task | None = None, **more: Any
) -> Response:
    """A page of an expert: it sends what other pages could not, and says what is answered but not handed in."""
    shared: dict[str, Any] = {
        "panel": where.panel,
        "places": json.dumps(places(where, here)),
        "waiting": [t for t in where.tasks if t.waits],
    }
    if here is not None:
        shared |= {
            "task": here,
            "round": here.round,
            "open": here.open,
            "values": here.values,
            "versions": here.versions,
        }
        shared |= {"states": here.states}
    return visit.page(template, status, **(shared | more))
