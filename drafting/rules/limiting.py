"""5.3: what is in principle a limiting indicator. Only notes: the clause leaves the choice to the industry."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.catalogue import catalogue
from drafting.findings import Finding, finding
from drafting.rules.case import Case


def limiting(case: Case) -> Iterator[Finding]:
    """Note indicators named by 5.3 that are neither marked nor explained (说明), and those that are absent.

    Why some are absent is told in 编制过程 and printed in the 编制说明.
    """
    active = case.inputs.system.heads
    if not active:
        return
    for indicator in active:
        rule = catalogue().limiting_rule(indicator.name)
        if rule is None or indicator.limiting or indicator.note.strip():
            continue
        place = case.place("indicator", indicator.code, "限定性", sheet="二级指标")
        yield finding(
            "limiting-unmarked", place, indicator=indicator.name, named=rule.name, anchor=f"indicator:{indicator.code}",
        )  # fmt: skip
    absent = [r.name for r in catalogue().limiting if r.patterns and not any(r.matches(i.name) for i in active)]
    if absent and not case.inputs.process.limiting.strip():
        place = case.place("indicator", active[0].code, "限定性", sheet="二级指标")
        yield finding("limiting-absent", place, named="、".join(absent), anchor="part:selection")
