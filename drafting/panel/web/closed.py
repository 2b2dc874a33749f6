"""Closed rounds as the pages show them: computed when a round is closed, kept in the database, then only read."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from drafting.panel import derived, items, lifecycle, naming, records, reporting
from drafting.panel.figures import Figures, figures
from drafting.panel.records import Panel, Round, RoundState
from drafting.panel.reporting import PanelReport
from drafting.panel.results import ClosedRound, closed_round
from drafting.panel.web.service import Service
from drafting.panel.writer import UnavailableError
from weighting.feedback import MINIMUM_ANSWERS

log = logging.getLogger("drafting.panel")
_REMEMBERED = 8
"""Closed rounds whose figures are at hand after a start."""


def figures_of(service: Service, connection: Connection, round_id: int) -> Figures:
    """Figures of a closed round for feedback to the experts of the next; their answers' text is left out.

    Raises StateError: the round is not closed.
    """
    found: Figures | None = service.figures.get(round_id)
    if found is None:
        found = service.figures.put(round_id, _slim(_whole(connection, round_id)))
    return found


def _whole(connection: Connection, round_id: int) -> Figures:
    snapshot = lifecycle.snapshot(connection, round_id)
    return figures(snapshot, records.panel(connection, snapshot.round.panel_id).definition)


def _slim(whole: Figures) -> Figures:
    """Without the text of the answers, which is most of the memory."""
    return replace(whole, snapshot=replace(whole.snapshot, answers={p: {} for p in whole.snapshot.answers}))


def comments_of(service: Service, connection: Connection, round_id: int, pseudonym: str) -> tuple[str, ...]:
    """What the others wrote on a closed round as a whole, sorted so that order tells nothing; from five answers."""
    said: Mapping[str, str] | None = service.shown.get(("comments", round_id))
    if said is None:
        taken = lifecycle.snapshot(connection, round_id).answers
        enough = len(taken) >= MINIMUM_ANSWERS
        found = {p: naming.passed_on(v.get(items.COMMENTS[0])) for p, v in taken.items()} if enough else {}
        said = service.shown.put(("comments", round_id), {p: text for p, text in found.items() if text})
    return tuple(sorted(text for p, text in said.items() if p != pseudonym))


def closed_of(service: Service, connection: Connection, panel: Panel, own: Round) -> tuple[Round | None, ClosedRound]:
    """The round before, and what the pages show of a closed round.

    Raises StateError: the round is not closed.
    """
    before = lifecycle.previous_round(connection, own)
    key = _round_key(connection, panel, own, before)
    found: ClosedRound | None = service.shown.get(key)
    if found is None:
        found = derived.kept(connection, ClosedRound, key)
        if found is None:
            whole = _whole(connection, own.id)
            service.figures.put(own.id, _slim(whole))
            earlier = [lifecycle.snapshot(connection, r.id) for r in _rounds_before(connection, own)]
            found = closed_round(whole, _whole(connection, before.id) if before else None, panel.rule, earlier)
        service.shown.put(key, found)
    return before, found


def _round_key(connection: Connection, panel: Panel, own: Round, before: Round | None) -> str:
    taken = lifecycle.snapshot_sha256(connection, own)
    earlier = [lifecycle.snapshot_sha256(connection, r) for r in _rounds_before(connection, own)]
    return derived.key_of("round", panel.definition_sha256, panel.rule_sha256, taken, *earlier)


def _rounds_before(connection: Connection, own: Round) -> list[Round]:
    """The closed rounds of the same instrument before one, in order: the rule counts them all."""
    return [
        r for r in records.rounds_of(connection, own.panel_id)
        if r.instrument is own.instrument and r.id < own.id and r.state is RoundState.CLOSED
    ]  # fmt: skip


def report_of(service: Service, connection: Connection, panel: Panel) -> PanelReport:
    """The report on all closed rounds of a panel."""
    rounds = [r for r in records.rounds_of(connection, panel.id) if r.state is RoundState.CLOSED]
    codes = {m.pseudonym: m.code for m in records.members_of(connection, panel.id)}
    key = _report_key(connection, panel, rounds, codes)
    found: PanelReport | None = service.shown.get(key)
    if found is None:
        found = derived.kept(connection, PanelReport, key)
        if found is None:
            taken = [lifecycle.snapshot(connection, r.id) for r in rounds]
            shown = [closed_of(service, connection, panel, r)[1] for r in rounds]
            found = reporting.report(panel, taken, shown, codes)
        service.shown.put(key, found)
    return found


def _report_key(connection: Connection, panel: Panel, rounds: Sequence[Round], codes: Mapping[str, str]) -> str:
    # experts who were added since are counted as invited, and a new title is a new report
    people = json.dumps([panel.title, panel.frozen_at, sorted(codes.items())])
    return derived.key_of(
        "report", panel.definition_sha256, panel.rule_sha256, people,
        *(lifecycle.snapshot_sha256(connection, r) for r in rounds),
    )  # fmt: skip


def keep_panel(service: Service, panel_id: int) -> None:
    """Compute what the pages show of a panel's closed rounds and keep it in the database."""
    with service.engine.connect() as connection:
        panel = records.panel(connection, panel_id)
        rounds = [r for r in records.rounds_of(connection, panel_id) if r.state is RoundState.CLOSED]
        codes = {m.pseudonym: m.code for m in records.members_of(connection, panel_id)}
        found: dict[str, Any] = {}
        for own in rounds:
            before, shown = closed_of(service, connection, panel, own)
            found[_round_key(connection, panel, own, before)] = shown
        if rounds:
            found[_report_key(connection, panel, rounds, codes)] = report_of(service, connection, panel)
    # a full disk or a locked database must not undo the closing: the pages then compute once more
    with suppress(UnavailableError):
        service.writer.change(lambda c: derived.keep(c, found))


def remember(service: Service) -> None:
    """After a start: have the newest closed rounds at hand, and keep what an older program did not."""
    try:
        with service.engine.connect() as connection:
            newest = records.newest_closed(connection, _REMEMBERED)
            for own in newest:
                figures_of(service, connection, own.id)
        for panel_id in {own.panel_id for own in newest}:
            keep_panel(service, panel_id)
    except (DBAPIError, LookupError, ValueError) as error:
        log.warning(json.dumps({"event": "figures-not-at-hand", "kind": type(error).__name__}))
