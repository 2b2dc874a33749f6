"""Clause-by-clause checks of a draft: GB/T 43329 on the indicator system, GB/T 1.1 on the wording."""

from __future__ import annotations

from drafting.findings import Finding, Provenance
from drafting.model.inputs import Inputs
from drafting.model.results import Results


def check(inputs: Inputs, results: Results, where: Provenance) -> list[Finding]:
    """Every finding of every rule, in the order of the clauses."""
    from drafting.rules.registry import RULES

    return [found for rule in RULES for found in rule(inputs, results, where)]
