"""4.2.2: indicators guide source reduction, clean processes and green products; each states which."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.findings import Finding, finding
from drafting.model.terms import Guidance
from drafting.rules.case import Case, blank_fields


def guidance(case: Case) -> Iterator[Finding]:
    """Find indicators without a direction, and directions without an indicator."""
    active = case.inputs.system.heads
    yield from blank_fields(case, "guidance-missing", "引导方向", (i for i in active if not i.guidance))
    given = {g for i in active for g in i.guidance}
    if given:
        place = case.place("indicator", active[0].code, "引导方向", sheet="二级指标")
        for direction in Guidance:
            if direction not in given:
                yield finding("guidance-uncovered", place, direction=direction.value, anchor="part:selection")
