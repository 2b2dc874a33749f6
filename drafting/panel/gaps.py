"""What is still missing of a round, question by question, with the place on the page where it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drafting.panel import items
from drafting.panel.definition import Definition, Group, Instrument
from drafting.panel.submitting import GroupState


@dataclass(frozen=True, slots=True)
class Gap:
    """One question without an answer; ``place`` is its anchor on the group's page."""

    name: str
    place: str


@dataclass(frozen=True, slots=True)
class GroupGaps:
    """One group that is not complete: why, and its missing questions."""

    state: GroupState
    missing: tuple[Gap, ...]

    @property
    def hinders(self) -> bool:
        """Whether it keeps the round from being handed in."""
        return bool(self.state.fault)


def of_round(
    definition: Definition, instrument: Instrument, states: Sequence[GroupState], values: Mapping[str, str]
) -> tuple[GroupGaps, ...]:
    """All groups with something missing, those that keep from handing in first."""
    groups = definition.of(instrument)
    found = [
        GroupGaps(s, () if s.blank else missing(instrument, s.number, groups[s.number], values))
        for s in states
        if s.fault or s.answered < s.asked
    ]
    return tuple(sorted(found, key=lambda g: not g.hinders))


def missing(instrument: Instrument, number: int, group: Group, values: Mapping[str, str]) -> tuple[Gap, ...]:
    """Questions of a group without an answer."""
    names = [i.name for i in group.items]
    if instrument is Instrument.PAIRWISE:
        return tuple(
            Gap(f"{names[i]} 与 {names[j]}", f"pair-{i}-{j}")
            for i, j in items.pairs(len(names))
            if not values.get(items.pair(number, i, j))
        )
    asked = items.questions(instrument, number, group)
    return tuple(Gap(n, q) for n, q in zip(names, asked, strict=True) if not values.get(q))
