"""What a picture of baselines shows, prepared: charts draw it, nothing is computed there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drafting.model.terms import Direction, Grade


@dataclass(frozen=True, slots=True)
class Cut:
    """One grade's published value with the share that reaches it and its interval."""

    grade: Grade
    text: str
    value: float
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A value to look at: beyond a limit or a fence, or excluded by sheet 剔除."""

    value: float
    share: float
    enterprise: str
    """Named in internal papers only."""
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class IndicatorPicture:
    """One indicator over the enterprises: distinct values from the best to the worst, the share reaching each."""

    code: str
    name: str
    category: str
    unit: str
    direction: Direction
    n: int
    values: NDArray[np.float64]
    shares: NDArray[np.float64]
    cuts: tuple[Cut, ...]
    marks: tuple[Mark, ...]
    stratum: str = ""
    non_detects: int = 0
    weighted: bool = False
