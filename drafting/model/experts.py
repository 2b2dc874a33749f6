"""The expert panel (专家组) and what it answered: judgement matrices and Delphi rounds. Codes only, no names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray


def _empty() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Expert:
    """A member of the panel, known by a code; self-assessment words as in the workbook ('' = not answered)."""

    code: str
    field_of_work: str = ""
    title: str = ""
    years: str = ""
    practice: str = ""
    theory: str = ""
    literature: str = ""
    intuition: str = ""
    familiarity: str = ""
    left_in: int | None = None
    """The round from which the expert takes no part any more; None for who stays."""
    tables: tuple[str, ...] = ()
    """Keys of the tables that the expert is asked for; nothing for all."""


@dataclass(frozen=True, slots=True)
class JudgementMatrix:
    """One expert's pairwise matrix for one group (一级指标 or a category): (n, n), full, NaN where not answered."""

    expert: str
    group: str
    labels: tuple[str, ...]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Allocation:
    """One expert's direct weights for one group, keyed by category name or indicator code, as answered (sum 100)."""

    group: str
    weights: Mapping[str, float]
    opinions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class DelphiAnswer:
    """What one expert returned in one round: allocations per group and/or importance ratings by indicator code."""

    expert: str
    allocations: tuple[Allocation, ...] = ()
    ratings: Mapping[str, float] = field(default_factory=_empty)
    suggestions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Remark:
    """What an expert wrote beside the answers: an opinion about nothing in particular, or an indicator proposed."""

    expert: str
    instrument: str
    """Instrument and round: 判断矩阵, 德尔菲第1轮 …"""
    text: str
    proposal: bool = False
    private: bool = False
    """Meant for the committee alone (仅供组织者)."""


@dataclass(frozen=True, slots=True)
class DelphiRound:
    """A closed round: number (1, 2, …) and the answers that came back.

    ``name`` is set where the round is not called after its instrument, as ratings read from the folder of weights.
    """

    number: int
    answers: tuple[DelphiAnswer, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class FrozenRule:
    """The stopping rule as put on record before round 1 (记录/停止规则.json): canonical JSON, its SHA-256, the day."""

    text: str
    sha256: str
    day: str = ""
