"""Who is asked for which group of a round: of a standard with several tables not everybody for everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from drafting.analysis.weights.stopping import stopped_tables
from drafting.model.experts import Expert, FrozenRule
from drafting.model.inputs import Inputs
from drafting.panel import records
from drafting.panel.converting import delphi_rounds
from drafting.panel.definition import Definition, Instrument
from drafting.panel.items import questions
from drafting.panel.lifecycle import Snapshot, snapshot
from drafting.panel.records import Member, Panel, Round, RoundState
from weighting import StoppingRule


def numbers(definition: Definition, own: Round, tables: Sequence[str]) -> tuple[int, ...]:
    """Numbers of the groups that a round asks of an expert for these tables (none: for all)."""
    groups = definition.of(own.instrument)
    asked = range(len(groups)) if own.asked is None else own.asked
    return tuple(n for n in asked if groups[n].concerns(tables))


def counts(definition: Definition, own: Round, members: Sequence[Member]) -> Mapping[str, int]:
    """How many questions a round asks of each expert, by code; 0 for who weighs none of its tables."""
    count = [len(questions(own.instrument, g, group)) for g, group in enumerate(definition.of(own.instrument))]
    return {m.code: sum(count[g] for g in numbers(definition, own, m.tables)) for m in members}


def as_inputs(definition: Definition, rule: StoppingRule, snapshots: Sequence[Snapshot]) -> Inputs:
    """Closed rounds of one instrument as the analyses want them, pseudonyms in the place of codes."""
    last = snapshots[-1]
    everybody = {p: p for taken in snapshots for p in (*taken.members, *taken.answers)}
    people = [Expert(p, tables=last.tables.get(p, ())) for p in last.members]
    inputs = definition.inputs(people, delphi=delphi_rounds(definition, snapshots, everybody))
    return replace(inputs, frozen_rule=FrozenRule(rule.canonical_json(), rule.sha256))


def stopped(connection: Connection, owner: Panel, instrument: Instrument, number: int) -> tuple[str, ...]:
    """Keys of the tables that the frozen rule has stopped by the closed rounds before a number."""
    if instrument is not Instrument.ALLOCATION or not owner.definition.tables:
        return ()
    before = [
        snapshot(connection, r.id) for r in records.rounds_of(connection, owner.id)
        if r.instrument is instrument and r.state is RoundState.CLOSED and r.number < number
    ]  # fmt: skip
    if not any(taken.answers for taken in before):
        return ()
    return stopped_tables(as_inputs(owner.definition, owner.rule, before), number)


def groups_to_ask(connection: Connection, owner: Panel, instrument: Instrument, number: int) -> tuple[int, ...] | None:
    """Give the groups that the next round asks for; None for all.

    Those of tables that the rule has stopped are left out, with what they share; if nothing were left, all are asked.
    """
    done = set(stopped(connection, owner, instrument, number))
    groups = owner.definition.of(instrument)
    rest = tuple(n for n, g in enumerate(groups) if not done & set(g.tables))
    return rest if done and rest else None


def left_out(definition: Definition, own: Round) -> tuple[str, ...]:
    """Keys of the tables that a round does not ask for any more."""
    if own.asked is None:
        return ()
    groups = definition.of(own.instrument)
    asked = {key for n in own.asked for key in groups[n].tables}
    return tuple(t.key for t in definition.tables if t.key not in asked)
