"""Findings: what is wrong, where, and how to mend it. Wording lives once, in ``catalogue/*.toml``."""

from drafting.findings.finding import Finding, Severity, finding, known_codes, worst
from drafting.findings.place import Cell, Key, Provenance, address

__all__ = ["Cell", "Finding", "Key", "Provenance", "Severity", "address", "finding", "known_codes", "worst"]
