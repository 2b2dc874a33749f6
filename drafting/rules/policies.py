"""4.1: the draft lists the policies it is based on, in six groups."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.findings import Finding, finding
from drafting.rules.case import Case
from drafting.standard import normalise, standard


def policies(case: Case) -> Iterator[Finding]:
    """Find groups of 4.1 without a policy."""
    sheet = case.place("policy", sheet="政策依据")
    if not case.inputs.policies:
        yield finding("policy-none", sheet, anchor="bibliography")
        return
    named = {normalise(p.group) for p in case.inputs.policies}
    last = case.place("policy", str(len(case.inputs.policies) - 1), "类别", sheet="政策依据")
    for group in standard().policy_groups:
        if normalise(group) not in named:
            yield finding("policy-group-empty", last, group=group, anchor="bibliography")
