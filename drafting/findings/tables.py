"""Findings about one table of several: which table they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from drafting.findings.finding import Finding

IN_TABLE = "in_table"
"""Value of a finding of one table among several: the table's key."""


def before(key: str) -> str:
    """Say which table a message is about, before it."""
    return f"表“{key}”："


def told_by_table(said: Mapping[str, Sequence[Finding]]) -> list[Finding]:
    """Findings of the tables' runs: what all of them say once, the rest with the table before it."""
    everywhere = [f for f in next(iter(said.values()), ()) if all(_told(f, of) for of in said.values())]
    found = list(everywhere)
    for key, of in said.items():
        found += [
            replace(f, message=before(key) + f.message, values={**f.values, IN_TABLE: key})
            for f in of
            if not _told(f, everywhere)
        ]
    return found


def _told(one: Finding, among: Sequence[Finding]) -> bool:
    return any((f.code, f.place, f.message) == (one.code, one.place, one.message) for f in among)
