"""4.2.4: quantitative indicators prevail; a qualitative one says why it cannot be quantified."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.findings import Finding, finding
from drafting.rules.case import Case, blank_fields


def qualitative(case: Case) -> Iterator[Finding]:
    """Find qualitative indicators without reason, and systems in which they prevail."""
    active = case.inputs.system.heads
    inexact = [i for i in active if i.qualitative]
    lacking = [i for i in inexact if not i.qualitative_reason.strip()]
    yield from blank_fields(case, "qualitative-no-reason", "定性理由", lacking)
    exact = len(active) - len(inexact)
    if inexact and len(inexact) > exact:
        place = case.place("indicator", inexact[0].code, "方向", sheet="二级指标")
        yield finding(
            "qualitative-prevails", place, qualitative=len(inexact), quantitative=exact, anchor="part:selection"
        )
