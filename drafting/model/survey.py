"""An industry survey (调研数据): enterprises in rows, one column per indicator, marks for missing, not applicable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from baselines.sample import State as State  # of a cell here: one vocabulary with the core
from drafting.model.expression import Expression
from drafting.model.labels import Labels

ANSWERS: Mapping[str, int] = MappingProxyType({"Ⅰ级": 3, "Ⅱ级": 2, "Ⅲ级": 1, "未达到": 0})
"""Qualitative answers as numbers: how many of the three grades are reached (达到 = 3)."""

MOST_DETAILED = 5000
"""Enterprises up to which everything is told one by one: findings, reasons, the record, who is near a boundary."""

UNGROUPED = "未分组"
"""Stratum of the enterprises whose 分组 is blank: a name of its own wherever strata are shown."""


def counting(states: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which entries say something that counts: a value, or that it lies below a limit of detection."""
    found: NDArray[np.bool_] = (states == State.VALUE) | (states == State.NON_DETECT)
    return found


@dataclass(frozen=True, slots=True)
class SurveyColumn:
    """One indicator's answers: values (E,) with NaN where there is none, states (E,) as :class:`State` codes.

    For a qualitative indicator the value is the number of grades reached, 0–3 (see :data:`ANSWERS`).
    """

    code: str
    values: NDArray[np.float64]
    states: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """How one column of a survey file was read: what it means, what was converted, what was left out and why."""

    heading: str
    cell: str
    """Address of the heading, empty where files have none."""
    meaning: str
    """An indicator's name, 分组, 权数 …, or 未采用."""
    code: str = ""
    stated_unit: str = ""
    unit: str = ""
    factor: str = "1"
    """Stated unit to the indicator's unit, as an exact decimal or fraction."""
    values: int = 0
    missing: int = 0
    not_applicable: int = 0
    non_detect: int = 0
    unreadable: int = 0
    """Cells that were reported and count as missing."""
    from_text: int = 0
    """Numbers that stood as text (separators, full-width digits, % signs)."""
    from_percent: int = 0
    """Numbers shown as percentages by their cell's format."""
    with_unit: int = 0
    """Cells that say the column's own unit behind the number."""
    derived_from: str = ""
    """The formula, for an indicator computed from raw totals."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a survey file, what was skipped, what was converted and why."""

    file: str
    sheet: str
    heading_row: int
    unit_row: int
    """0 where there is none."""
    rows: int
    """Rows with entries below the headings."""
    nameless: int
    """Rows skipped because they name no enterprise."""
    repeated: int
    """Further rows of an enterprise that stands more than once."""
    duplicate_rule: str
    missing_codes: str
    enterprises: int
    columns: tuple[ColumnReading, ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """How an indicator was computed from raw totals."""

    expression: Expression
    """Gives the indicator's unit: the committee's formula with the conversions of the stated units."""
    totals: Mapping[str, str]
    """Name in it -> heading of the raw total's column (原始:NAME)."""
    units: Mapping[str, str]
    """Name in it -> stated unit, blank where the survey states none."""


class Stored(Protocol):
    """The table on disk of a survey that is not loaded: a parquet file with one row per enterprise.

    Columns beside those of the indicators: :data:`POSITION`, :data:`MERGED` and :data:`WEIGHT` where there are such;
    per code a double (null unless it counts; the limit of detection for a non-detect) and, under the code with
    :data:`STATE_SUFFIX`, its mark (:data:`MARKS`).
    """

    path: Path
    memory_limit: int
    """Bytes that working on it may take."""
    weight_decimals: int | None
    """Decimals that all sampling weights print with; None without weights."""
    answer: Callable[[Path, Any], Any] | None
    """Answers questions (:class:`baselines.engines.Question`) about the file; None: DuckDB does."""
    rows_out: tuple[int | None, ...]
    """Of each row of sheet 剔除, which is applied already: its enterprise's position; None where it is not there."""

    def pieces(self, codes: Sequence[str], rows: int) -> Iterator[Survey]:
        """Some columns, some rows at a time."""


POSITION, MERGED, WEIGHT, STATE_SUFFIX = "位置", "合并分组", "权数", "·状态"
NON_DETECT_MARK = 1
"""What the engines know a non-detect by."""
MARKS: Mapping[State, int] = MappingProxyType(
    {State.VALUE: 0, State.NON_DETECT: NON_DETECT_MARK, State.MISSING: 2, State.NOT_APPLICABLE: 3, State.EXCLUDED: 4}
)
"""States as they stand in a table on disk."""
ENTRY_BYTES = 96
"""Memory that one entry takes while it is worked on, copies included."""
FEWEST_ROWS, MOST_ROWS = 256, 32_768


@dataclass(frozen=True, slots=True)
class Survey:
    """All columns of a survey, aligned with ``enterprises``; optional columns are None where absent.

    Of a survey that is not loaded (``stored``) names and columns are read when they are asked for.
    """

    enterprises: Sequence[str]
    columns: Mapping[str, SurveyColumn]
    violations: NDArray[np.bool_]
    """重大违法: excluded by the legal precondition of clause 6."""
    strata: Sequence[str] | None = None
    weights: NDArray[np.float64] | None = None
    years: Sequence[str] | None = None
    parameters: Mapping[str, NDArray[np.float64]] = field(default_factory=lambda: MappingProxyType({}))
    """参数:NAME columns, for baselines that are formulas."""
    raw: Mapping[str, NDArray[np.float64]] = field(default_factory=lambda: MappingProxyType({}))
    """原始:NAME columns: raw totals used in an indicator's formula."""
    derivations: Mapping[str, Derivation] = field(default_factory=lambda: MappingProxyType({}))
    """How the columns that are computed from raw totals were, by code."""
    reading: Reading | None = None
    """How the file was read; None for a survey made otherwise."""
    regions: Sequence[str] | None = None
    """地区: what results are summed up by."""
    outputs: tuple[Decimal | None, ...] | None = None
    """产量, in the table's unit."""
    class_outputs: Mapping[str, tuple[Decimal | None, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """产量 in the class of a class row, by its code."""
    stored: Stored | None = None

    @property
    def derived(self) -> frozenset[str]:
        """Codes of columns computed from raw totals."""
        return frozenset(self.derivations)

    def __len__(self) -> int:
        return len(self.enterprises)

    @property
    def labels(self) -> Labels | None:
        """The strata, each word once."""
        return None if self.strata is None else Labels.of(self.strata)

    @property
    def loads(self) -> bool:
        """Whether one column as a whole may be worked on."""
        return self.loads_columns(1)

    def loads_columns(self, number: int) -> bool:
        """Whether so many columns may be worked on together."""
        return self.stored is None or len(self) * number * ENTRY_BYTES <= self.stored.memory_limit

    def pieces(self, codes: Sequence[str]) -> Iterator[Survey]:
        """Some columns, consecutive rows at a time; all at once of a survey that is loaded."""
        if self.stored is None:
            yield self
            return
        most = self.stored.memory_limit // (ENTRY_BYTES * max(1, len(codes)))
        yield from self.stored.pieces(codes, max(FEWEST_ROWS, min(MOST_ROWS, most)))


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A row of sheet 剔除: an enterprise (whole) or one of its values, with the committee's reason."""

    enterprise: str
    indicator: str
    reason: str
