"""Dissent (分歧): answers outside the quartiles of the last round, and who keeps to one without giving a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drafting.analysis.weights.rounds import opinions, rounds_of
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.weight_details import DissentingAnswer
from drafting.model.weight_groups import Group
from weighting import Dissent, PanelRound, dissent

SIDES: Mapping[str, str] = {"below": "低于下四分位", "above": "高于上四分位"}
_NAMED = 4


def apart(inputs: Inputs, group: Group, rounds: Sequence[tuple[int, PanelRound]]) -> tuple[Dissent, ...]:
    """All answers of the last round outside the quartiles, with the reason that was given."""
    number, last = rounds[-1]
    said = opinions(inputs, number, group.name, group.keys, last.experts)
    before = rounds[-2][1] if len(rounds) > 1 else None
    return dissent(last, before, reasons=said, convention=inputs.settings.quartile)


def dissenting(d: Dissent) -> DissentingAnswer:
    """One answer outside the quartiles as the papers print it."""
    return DissentingAnswer(
        expert=d.expert_label, item=d.item_label, value=d.value, median=d.median, q1=d.q1, q3=d.q3,
        side=SIDES[d.side.value], persistent=d.persistent, reason=d.reason,
    )  # fmt: skip


def silent(inputs: Inputs, groups: Sequence[Group], where: Provenance) -> list[Finding]:
    """Experts who stayed outside the quartiles on the same side for two rounds and gave no reason: one finding each."""
    found: dict[str, list[tuple[int, Group, Dissent]]] = {}
    for group in groups:
        rounds = rounds_of(inputs, group)
        if len(rounds) > 1:
            for d in apart(inputs, group, rounds):
                if d.persistent and d.reason is None:
                    found.setdefault(d.expert_label, []).append((rounds[-1][0], group, d))
    result = []
    for expert, of in sorted(found.items()):
        number, group, first = of[0]
        place = where.find("delphi", str(number), expert, group.name, group.keys[first.item])
        named = "；".join(
            f"{d.item_label} {d.value:g}（{SIDES[d.side.value]}，区间 {d.q1:g}～{d.q3:g}）" for _, _, d in of[:_NAMED]
        )
        more = f"；等 {len(of)} 项" if len(of) > _NAMED else ""
        result.append(finding("dissent-without-reason", place, expert=expert, count=len(of), items=named + more))
    return result
