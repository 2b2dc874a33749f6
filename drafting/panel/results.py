"""Figures of a closed round arranged for the organiser's pages and the report; no expert can be told from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from markupsafe import Markup

from drafting.analysis.weights.stopping import evaluate
from drafting.findings import Provenance
from drafting.model.weight_groups import groups_of
from drafting.panel import asking, items, naming, pictures
from drafting.panel.definition import AskedTable, Instrument
from drafting.panel.figures import Figures, GroupAnswers
from drafting.panel.lifecycle import Snapshot
from drafting.panel.records import Channel
from weighting import ItemStatistics, StoppingRule

SIDES = {"below": "低于下四分位", "above": "高于上四分位"}
MOST_DISSENT = 200
"""Answers without a reason that are listed of a group; those with one are all there, and all are counted."""


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One row of the table."""

    name: str
    n: int
    mean: float | None
    sd: float | None
    cv: float | None
    median: float | None
    q1: float | None
    q3: float | None
    full_mark_share: float | None
    change: float | None
    picture: Markup | None
    weight: float | None


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One group's table and what stands under it; below five answers only their number is known."""

    name: str
    n: int
    hidden: bool
    items: tuple[ItemResult, ...] = ()
    w: float | None = None
    w_p: float | None = None
    note: str = ""
    consistent: int | None = None
    cr_median: float | None = None
    cr_picture: Markup | None = None
    consensus: float | None = None


@dataclass(frozen=True, slots=True)
class TableResult:
    """One of several tables in a round: who was asked for it and answered, and the verdict of the frozen rule."""

    key: str
    caption: str
    asked: int
    valid: int
    reasons: tuple[tuple[str, bool], ...] = ()
    conclusion: str = ""
    stop: bool | None = None


@dataclass(frozen=True, slots=True)
class RoundResult:
    """A round: response, groups, and the verdict of the frozen rule (Delphi only); of several tables one for each."""

    asked: int
    valid: int
    web: int
    mail: int
    retained: int | None
    before: int | None
    groups: tuple[GroupResult, ...]
    reasons: tuple[tuple[str, bool], ...] = ()
    conclusion: str = ""
    stop: bool | None = None
    tables: tuple[TableResult, ...] = ()


def results(found: Figures, before: Figures | None, rule: StoppingRule, past: Sequence[Snapshot] = ()) -> RoundResult:
    """Arrange one closed round; ``past``: the closed rounds of its instrument before it, in order."""
    channels = list(found.snapshot.channels.values())
    earlier = set(before.snapshot.answers) if before else None
    groups = tuple(_group(g, before.groups.get(n) if before else None, rule) for n, g in found.groups.items())
    taken = [*(past or ([before.snapshot] if before is not None else ())), found.snapshot]
    tables = tuple(_table(found, t, taken, rule) for t in _tables(found))
    reasons, conclusion, stop = ((), "", None) if tables else _verdict(found, taken, rule)
    return RoundResult(
        asked=len(found.snapshot.members), valid=found.valid, web=channels.count(Channel.WEB),
        mail=channels.count(Channel.MAIL),
        retained=None if earlier is None else len(earlier & set(found.snapshot.answers)),
        before=None if earlier is None else len(earlier), groups=groups, reasons=reasons, conclusion=conclusion,
        stop=stop, tables=tables,
    )  # fmt: skip


def _tables(found: Figures) -> list[AskedTable]:
    """The tables that the round asked for."""
    definition, own = found.definition, found.snapshot.round
    asked = asking.numbers(definition, own, ())
    keys = {key for n in asked for key in definition.of(own.instrument)[n].tables}
    return [t for t in definition.tables if t.key in keys]


def _table(found: Figures, table: AskedTable, taken: Sequence[Snapshot], rule: StoppingRule) -> TableResult:
    snapshot, groups = found.snapshot, found.definition.of(found.snapshot.round.instrument)
    own = {n for n in asking.numbers(found.definition, snapshot.round, ()) if table.key in groups[n].tables}
    asked = {p for p in snapshot.members if any(groups[n].concerns(snapshot.tables.get(p, ())) for n in own)}
    answered = {p for n in own & found.groups.keys() for p in found.groups[n].answers.experts}
    reasons, conclusion, stop = _verdict(found, taken, rule, table.key)
    return TableResult(table.key, table.caption, len(asked | answered), len(answered), reasons, conclusion, stop)


def _group(own: GroupAnswers, before: GroupAnswers | None, rule: StoppingRule) -> GroupResult:
    n = len(own.answers.experts)
    if not own.enough:
        return GroupResult(own.group.name, n, hidden=True)
    stability = own.stability(before, rule)
    changes = {i.item: i for i in stability.items} if stability else {}
    statistics = own.statistics
    scale = own.answers.scale or (0.0, float(min(100, max(20, -(-np.nanmax(own.answers.values) // 20) * 20))))
    weights = own.compared if own.instrument is Instrument.PAIRWISE else (own.weights.weights if own.weights else None)
    rows = tuple(
        ItemResult(
            name=s.item, n=s.n, mean=s.mean, sd=s.sd, cv=s.cv, median=s.median, q1=s.q1, q3=s.q3,
            full_mark_share=s.full_mark_share, change=changes[s.item].histogram_change if s.item in changes else None,
            picture=_box(s, scale), weight=None if weights is None else float(weights[k]),
        )
        for k, s in enumerate(statistics.items)
    )  # fmt: skip
    w = statistics.kendall
    found = GroupResult(
        own.group.name, n, False, rows, w.w if w else None, w.p if w else None, statistics.kendall_note or ""
    )
    if own.analysis is None:
        return found
    cr, limit, agreed = np.atleast_1d(np.asarray(own.analysis.cr)), own.definition.cr_limit, own.consensus
    return replace(
        found, consistent=int(np.sum(cr <= limit)), cr_median=float(np.median(cr)), cr_picture=_ratios(cr, limit),
        consensus=None if agreed is None else float(agreed.s_star),
    )  # fmt: skip


def _box(s: ItemStatistics, scale: tuple[float, float]) -> Markup | None:
    if None in (s.minimum, s.q1, s.median, s.q3, s.maximum):
        return None
    minimum, q1, median, q3, maximum = (float(v or 0) for v in (s.minimum, s.q1, s.median, s.q3, s.maximum))
    return pictures.boxplot(minimum, q1, median, q3, maximum, scale, s.item)


def _ratios(cr: Any, limit: float) -> Markup:
    """How many experts have which CR, in classes of half the limit."""
    step = limit / 2
    edges = [0, step, limit, 1.5 * limit, 2 * limit, 3 * limit, np.inf]
    counts, _ = np.histogram(np.maximum(cr, 0), bins=edges)
    # a CR at the limit counts as consistent
    names = [f"≤{edges[k + 1]:.2g}" if k < len(counts) - 1 else f">{edges[k]:.2g}" for k in range(len(counts))]
    return pictures.bars([(n, float(c)) for n, c in zip(names, counts, strict=True)], "各专家 CR 的人数")


def _verdict(
    found: Figures, taken: Sequence[Snapshot], rule: StoppingRule, table: str = ""
) -> tuple[tuple[tuple[str, bool], ...], str, bool | None]:
    """Hold the round, of one of several tables, against the frozen rule: the analysis of a project does it."""
    if found.snapshot.round.instrument is Instrument.PAIRWISE or not found.groups:
        return (), "", None
    inputs = asking.as_inputs(found.definition, rule, taken)
    inputs = inputs.for_table(table) if table else inputs
    held, _ = evaluate(inputs, groups_of(inputs.system), Provenance())
    if held is None:
        return (), "", None
    verdict = held.verdict
    # what is closed here takes nothing more: only another round can reach the least participation
    more = f"本轮已结束，不再收答复；应再征询一轮（第 {verdict.round + 1} 轮）。" if verdict.provisional else ""
    return tuple((r.text, r.passed) for r in verdict.reasons), verdict.conclusion + more, verdict.stop


@dataclass(frozen=True, slots=True)
class DissentLine:
    """One answer outside the quartiles, without a name."""

    item: str
    value: float
    median: float
    q1: float
    q3: float
    side: str
    persistent: bool | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class GroupDissent:
    """One group: how many answers lie outside the quartiles, and which, in an order that tells nothing."""

    name: str
    count: int
    lines: tuple[DissentLine, ...]


def dissents(found: Figures, before: Figures | None) -> tuple[GroupDissent, ...]:
    """Collect the answers outside the quartiles by group, those with a reason first."""
    shown: list[GroupDissent] = []
    for number, group in found.groups.items():
        if not group.enough or group.instrument is Instrument.PAIRWISE:
            continue
        lines = [
            DissentLine(
                item=d.item_label,
                value=d.value,
                median=d.median,
                q1=d.q1,
                q3=d.q3,
                side=SIDES[d.side.value],
                persistent=d.persistent,
                reason=d.reason,
            )
            for d in group.dissent(before.groups.get(number) if before else None)
        ]
        order = list(group.answers.items)
        lines.sort(key=lambda d: (d.reason is None, order.index(d.item), d.value, d.reason or ""))
        most = max(MOST_DISSENT, sum(d.reason is not None for d in lines))
        shown.append(GroupDissent(group.group.name, len(lines), tuple(lines[:most])))
    return tuple(shown)


@dataclass(frozen=True, slots=True)
class Opinion:
    """One thing that was written in a round, without its writer; ``passed_on`` to the other experts or not."""

    about: str
    text: str
    passed_on: bool


WHOLE, PROPOSED = "问卷或指标", "建议增加或删去的指标"


def opinions(found: Figures) -> tuple[Opinion, ...]:
    """Everything that was written, also on groups that its writer left blank; in an order that tells nothing."""
    instrument, said = found.snapshot.round.instrument, []
    places = {
        name: f"{group.name} · {group.items[k].name}"
        for g, group in enumerate(found.definition.of(instrument))
        for k, name in enumerate(items.opinions(instrument, g, group))
    }
    whole, proposed = items.COMMENTS
    places |= {whole: WHOLE, proposed: PROPOSED}
    for values in found.snapshot.answers.values():
        for name, about in places.items():
            if text := (values.get(name) or "").strip():
                kept_back = name == proposed or not naming.passed_on(text)
                said.append((list(places).index(name), Opinion(about, text, not kept_back)))
    return tuple(o for _, o in sorted(said, key=lambda s: (s[0], s[1].text)))


@dataclass(frozen=True, slots=True)
class ClosedRound:
    """All that the pages show of a closed round."""

    shown: RoundResult
    dissent: tuple[GroupDissent, ...]
    opinions: tuple[Opinion, ...] = ()


def closed_round(
    found: Figures, before: Figures | None, rule: StoppingRule, past: Sequence[Snapshot] = ()
) -> ClosedRound:
    """Compute it; parameters as :func:`results`."""
    return ClosedRound(results(found, before, rule, past), dissents(found, before), opinions(found))
