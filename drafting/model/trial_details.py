"""What a trial tells beside the grades; counts are enterprises, grades are called I, II, III.

The keys of 结果.json are the names of the fields (:mod:`drafting.model.coded`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drafting.model.coded import INLINE, LEFT_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingIndicator:
    """An indicator as an obstacle to a grade."""

    indicator: str
    code: str
    limiting: bool
    blocked: int
    """Enterprises below the grade of which it is one of the obstacles."""
    share: float | None
    """Of those evaluated; None where nobody was."""
    alone: int | None
    """Those that would reach the grade if this indicator alone reached grade I; None where it was not computed."""

    @property
    def marked(self) -> str:
        """Its name, with ＊ for a limiting indicator."""
        return self.indicator + ("＊" if self.limiting else "")

    @property
    def only(self) -> str:
        """How many it stops alone, in words: — where that was not computed."""
        return "—" if self.alone is None else str(self.alone)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSet:
    """Indicators that stop enterprises together."""

    indicators: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseEnterprise:
    """An enterprise close to a boundary: a little short of ``grade``, or about to lose it."""

    enterprise: str
    grade: str
    rises: bool
    indicator: str | None
    """The one that decides; None where it is the index alone."""
    gap: float | None
    """From the baseline, as a share of it, or from the threshold in points."""
    unit: str
    """``share`` or ``points``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedGrades:
    """Grade that every enterprise reaches by every indicator.

    A text per enterprise with one mark per indicator: 1, 2, 3; 0 none; - not applicable; ? missing.
    """

    codes: tuple[str, ...]
    indicators: tuple[str, ...]
    enterprises: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTrial:
    """What is told of enterprises one by one, where they are few enough."""

    together: Mapping[str, tuple[IndicatorSet, ...]]
    boundary: tuple[CloseEnterprise, ...]
    obstacles: Mapping[str, int]
    """Enterprises with any obstacle, by grade."""
    reached: ReachedGrades


@dataclass(frozen=True, slots=True, kw_only=True)
class BonusPoints:
    """Points of one enterprise in the bonus groups, by grade; they enter neither index nor grade."""

    enterprise: str
    points: Mapping[str, float | None] = field(metadata=INLINE)


# --- what takes seconds ---
@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeReach:
    """Enterprises that reach the grade once this indicator and those before it are lifted to grade I."""

    indicator: str
    reach: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftEffect:
    """One baseline or weight moved, everything else held."""

    kind: str
    """``baseline``, ``dropped``, ``weight`` or ``category-weight``."""
    subject: str
    grade: str | None
    before: str
    after: str
    distribution: Mapping[str, int]
    moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialWithoutExpert:
    """The trial with one expert's answers left out; ``changed`` counts enterprises whose grade differs."""

    expert: str
    distribution: Mapping[str, int]
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsureGrade:
    """An enterprise with the share of the replicates in which its grade stays."""

    enterprise: str
    kept: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBootstrap:
    """Baselines set again on enterprises drawn with replacement."""

    replicates: int
    seed: int
    intervals: Mapping[str, tuple[int, int]]
    """2.5 % and 97.5 % of the counts by grade."""
    kept: float
    """Mean share of the replicates in which an enterprise keeps its grade."""
    unsure: tuple[UnsureGrade, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepTrial:
    """Sensitivity and stability."""

    cumulative: Mapping[str, tuple[CumulativeReach, ...]]
    sensitivity: tuple[ShiftEffect, ...]
    experts: tuple[TrialWithoutExpert, ...]
    bootstrap: TrialBootstrap | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialDetails:
    """Joint effect of the baselines in a sentence, distributions, obstacles."""

    sentence: str
    strata: Mapping[str, Mapping[str, int]]
    regions: Mapping[str, Mapping[str, int]]
    binding: Mapping[str, tuple[BindingIndicator, ...]]
    """By grade, those that stop most first."""
    listed: ListedTrial | None = field(default=None, metadata=INLINE)
    bonus: tuple[BonusPoints, ...] | None = field(default=None, metadata=LEFT_OUT)
    """None without bonus groups."""
    deep: DeepTrial | None = field(default=None, metadata=INLINE)

    @property
    def bootstrap(self) -> TrialBootstrap | None:
        """Stability over the enterprises, where it was computed."""
        return None if self.deep is None else self.deep.bootstrap

    def get(self, name: str) -> object:
        """A figure by its name, as texts of committees ask for it; None where there is none of the name."""
        return getattr(self, name, None)


# --- several tables ---
@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedEnterprise:
    """Tables of one enterprise with their parts q (fractions as text, sum 1), grades and exact indices."""

    enterprise: str
    tables: tuple[str, ...]
    shares: tuple[str, ...]
    grades: tuple[str | None, ...]
    exact: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedDetails:
    """How the verdicts over several tables were joined (setting 多表评定)."""

    rule: str
    enterprises: tuple[JoinedEnterprise, ...]
