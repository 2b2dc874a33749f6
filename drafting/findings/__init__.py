"""Findings: what is wrong, where, and how to mend it. Wording lives once, in ``catalogue/*.toml``."""

from drafting.findings.finding import Finding, Kind, Severity, Wording, finding, known_codes, wording_of, worst
from drafting.findings.place import Cell, Key, Provenance, address

__all__ = [
    "Cell", "Finding", "Key", "Kind", "Provenance", "Severity", "Wording", "address", "finding", "known_codes",
    "wording_of", "worst",
]  # fmt: skip
