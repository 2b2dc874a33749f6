"""A survey too large for memory, read and cleaned: where its table is, and what was counted while reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from drafting.model.survey import Reading, State

POSITION, ROW, NAME, GROUP, MERGED, WEIGHT = "位置", "行", "企业", "分组", "合并分组", "权数"
VIOLATION = "重大违法"
"""Columns of the clean table beside those of the indicators."""
PARAMETER = "参数:"
"""Before the name of a parameter."""
STATE_SUFFIX = "·状态"
NON_DETECT_MARK = 1
"""What the engines know a non-detect by."""
MARKS: Mapping[State, int] = MappingProxyType(
    {State.VALUE: 0, State.NON_DETECT: NON_DETECT_MARK, State.MISSING: 2, State.NOT_APPLICABLE: 3, State.EXCLUDED: 4}
)
"""States as they stand in the clean table."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry that sheet 剔除 leaves out: its enterprise's position in the clean table, and the value (NaN: none)."""

    position: int
    value: float


@dataclass(frozen=True, slots=True)
class CleanTable:
    """One row per enterprise in a parquet file.

    Columns: position in this table, number of the row in the survey file, enterprise, stratum as written and by the
    merging rule, sampling weight, legal precondition (true: 重大违法), per code a double (null unless it counts; the
    limit of detection for a non-detect) and a state (:data:`MARKS`), per parameter a double.
    """

    path: Path
    rows: int
    codes: tuple[str, ...]
    strata: tuple[str, ...] | None
    """As written, in order of first appearance; None without such a column."""
    weight_decimals: int | None
    """Decimals that all sampling weights print with; None without weights."""
    parameters: tuple[str, ...]
    counts: Mapping[str, Mapping[str | None, Mapping[State, int]]]
    """Entries by code, stratum (merged; None: all together) and state."""
    decimals: Mapping[str, Mapping[str | None, int]]
    """Decimals of the most precise value by code and stratum (merged; None: all together)."""
    excluded: Mapping[str, tuple[LeftOut, ...]]
    matched: tuple[bool, ...]
    """Of each row of sheet 剔除: whether its enterprise is in the survey."""
    reading: Reading
    violations: bool = False
    """Whether the survey says who does not meet the legal precondition."""
