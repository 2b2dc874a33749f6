"""A survey too large for memory: where its columns are and how their cells become values; nothing of it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LargeColumn:
    """One indicator's column: its heading, unit, and the factor from there to the indicator's unit."""

    heading: str
    stated_unit: str = ""
    factor: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class LargeSurvey:
    """A .csv or .parquet file described by its headings."""

    path: Path
    file: str
    columns: Mapping[str, LargeColumn]
    """By indicator code."""
    enterprise: str
    stratum: str | None = None
    year: str | None = None
    weight: str | None = None
    skip_lines: int = 0
    """Lines above the first record of a .csv, headings and units included."""
    headings: tuple[str, ...] = ()
    """All headings of a .csv in order."""
    encoding: str = "utf-8"
    delimiter: str = ","
    ignored: tuple[str, ...] = ()
    """Headings that are not used."""
