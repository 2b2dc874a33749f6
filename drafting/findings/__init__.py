"""Findings: what is wrong, where, and how to mend it. Wording lives once, in ``catalogue/*.toml``."""

from drafting.findings.compact import SHOWN, Compactor, compacted
from drafting.findings.finding import Finding, Kind, Severity, Wording, finding, known_codes, wording_of, worst
from drafting.findings.place import Cell, Key, Provenance, address, column_of, letters, runs

__all__ = [
    "SHOWN", "Cell", "Compactor", "Finding", "Key", "Kind", "Provenance", "Severity", "Wording", "address", "column_of",
    "compacted", "finding", "known_codes", "letters", "runs", "wording_of", "worst",
]  # fmt: skip
