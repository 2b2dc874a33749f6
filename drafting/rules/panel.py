"""B.1.1: the expert group and its fields of work are on record."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.findings import Finding, finding
from drafting.rules.case import Case


def panel(case: Case) -> Iterator[Finding]:
    """Note a panel that is not on record, and experts without field."""
    if not case.inputs.experts:
        yield finding("panel-none", case.place("expert", sheet="专家组"), anchor="part:weights")
    for position, expert in enumerate(case.inputs.experts):
        if not expert.field_of_work.strip():
            place = case.place("expert", str(position), "专业领域", sheet="专家组")
            yield finding("expert-no-field", place, expert=expert.code, anchor="part:weights")
