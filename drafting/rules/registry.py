"""The rules in the order of the clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from drafting.findings import Finding, Provenance
from drafting.model.inputs import Inputs
from drafting.model.results import Results

Rule = Callable[[Inputs, Results, Provenance], Iterable[Finding]]
"""A rule looks at inputs and results and yields findings."""

RULES: tuple[Rule, ...] = ()
