"""An industry survey (调研数据): enterprises in rows, one column per indicator, marks for missing and not applicable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray


class State(IntEnum):
    """What a survey cell is."""

    VALUE = 0
    MISSING = 1
    NOT_APPLICABLE = 2
    NON_DETECT = 3
    """Below the detection limit; the column's value is that limit."""
    EXCLUDED = 4
    """Left out by a row of sheet 剔除; the value is kept for the comparison with and without."""


ANSWERS: Mapping[str, int] = MappingProxyType({"Ⅰ级": 3, "Ⅱ级": 2, "Ⅲ级": 1, "未达到": 0})
"""Qualitative answers as numbers: how many of the three grades are reached (达到 = 3)."""


@dataclass(frozen=True, slots=True)
class SurveyColumn:
    """One indicator's answers: values (E,) with NaN where there is none, states (E,) as :class:`State` codes.

    For a qualitative indicator the value is the number of grades reached, 0–3 (see :data:`ANSWERS`).
    """

    code: str
    values: NDArray[np.float64]
    states: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Survey:
    """All columns of a survey, aligned with ``enterprises``; optional columns are None where absent."""

    enterprises: tuple[str, ...]
    columns: Mapping[str, SurveyColumn]
    violations: NDArray[np.bool_]
    """重大违法: excluded by the legal precondition of clause 6."""
    strata: tuple[str, ...] | None = None
    weights: NDArray[np.float64] | None = None
    years: tuple[str, ...] | None = None
    parameters: Mapping[str, NDArray[np.float64]] = field(default_factory=lambda: MappingProxyType({}))
    """参数:NAME columns, for baselines that are formulas."""
    raw: Mapping[str, NDArray[np.float64]] = field(default_factory=lambda: MappingProxyType({}))
    """原始:NAME columns: raw totals used in an indicator's formula."""
    derived: frozenset[str] = frozenset()
    """Codes of columns computed from raw totals."""
    regions: tuple[str, ...] | None = None
    """地区: what results are summed up by."""

    def __len__(self) -> int:
        return len(self.enterprises)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A row of sheet 剔除: an enterprise (whole) or one of its values, with the committee's reason."""

    enterprise: str
    indicator: str
    reason: str
