"""What stands behind a baseline: rank, intervals, bootstrap, Excel's value, doubtful values.

Values are in the indicator's unit, shares of 1; grades are called I, II, III. The keys of 结果.json are the names of
the fields (:mod:`drafting.model.coded`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from drafting.model.coded import INLINE, LEFT_OUT, keyed


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededEnterprises:
    """How many valid enterprises close one end of the interval, and both."""

    one_sided: int
    two_sided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeDetails:
    """The k-th best value of a sample and how sure it is."""

    asked: float
    """Share of 5.5.2."""
    k: int
    n: int
    exact: float
    reached: int
    """Enterprises whose value is as good as the k-th best."""
    ties: int
    share_exact: float
    censored: bool
    """Whether a value below the detection limit decides."""
    tightened_from: Decimal | None
    """What the survey would have given where a mandatory limit is stricter."""
    excel_percentile: float | None
    """PERCENTILE.INC, for comparison; None with sampling weights, or where a non-detect leaves it open."""
    expected_share: float | None
    """Of the whole industry, k/(n + 1)."""
    probability_share_kept: float | None
    interval: tuple[float | None, float | None]
    interval_ranks: tuple[int | None, int | None]
    coverage: float | None
    interval_exact: bool
    """False with sampling weights."""
    bootstrap: tuple[float | None, float | None] | None
    minimum_n: NeededEnterprises


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDetails:
    """The sample that the grades were set from."""

    decimals: int
    weighted: bool
    effective_n: float
    grades: Mapping[str, GradeDetails]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulValue:
    """A value to look at: its row in the sample, never the name of an enterprise."""

    row: int
    value: float
    reason: str
    side: str
    bound: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedValues:
    """Exact grade values with and without some values; None where nothing is left."""

    count: int
    with_them: Mapping[str, float | None] = field(metadata=keyed("with"))
    without: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulValues:
    """Values to look at, and what they and the exclusions change."""

    flags: tuple[DoubtfulValue, ...]
    with_and_without: ComparedValues | None
    excluded_effect: ComparedValues | None
    """Had nothing been left out (sheet 剔除), beside what was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineDetails:
    """What the statement prints about an indicator's baselines."""

    sample: SampleDetails | None = field(default=None, metadata=INLINE)
    doubtful: DoubtfulValues | None = field(default=None, metadata=INLINE)
    answers: int | None = field(default=None, metadata=LEFT_OUT)
    """Of a qualitative indicator: enterprises that answered."""
