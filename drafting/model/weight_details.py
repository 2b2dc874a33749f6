"""What the papers print about the weights of a group: consistency, agreement, intervals, rounds of a consultation.

Weights are shares of 1. A figure is None where it is undefined with so few answers. The keys of 结果.json are the names
of the fields (:mod:`drafting.model.coded`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from drafting.model.coded import INLINE, LEFT_OUT

if TYPE_CHECKING:
    from weighting import ItemStability

Pair: TypeAlias = tuple[str, str]
"""Names of two items."""


# --- agreement of the panel ---
@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """Shannon consensus S* of the panel (Goepel 2013), what experts who answer at random reach, and its parts."""

    s_star: float
    level: str
    """Goepel's word, or that it is no more than chance."""
    chance: float
    """Mean of S* by chance."""
    chance_upper: float
    """Its 95 % quantile."""
    alpha: float
    beta: float
    gamma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kendall:
    """Kendall's coefficient of concordance, corrected for ties; ``w`` is None where every expert ties everything."""

    w: float | None
    chi2: float | None
    df: int
    p: float | None
    experts: int
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """Coefficient of variation of the experts' weights of one item."""

    item: str
    cv: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outliers:
    """Aitchison distance of every expert from the others, and who lies beyond the limit."""

    distances: Mapping[str, float]
    limit: float | None
    experts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far the experts agree about one group; with one expert nothing is said."""

    consensus: Consensus | None = None
    kendall: Kendall | None = None
    cv: tuple[Variation, ...] | None = None
    outliers: Outliers | None = None


# --- how sure the weights are ---
@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSpread:
    """Weight of one item with the ends of its interval, and how often it came out at each rank."""

    item: str
    weight: float
    lower: float
    upper: float
    rank_frequencies: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSpread:
    """Weights under resampling: ``samples`` draws were used and ``discarded`` ones gave no weights."""

    level: float
    """Of the intervals, 0.95."""
    samples: int
    discarded: int
    items: tuple[ItemSpread, ...]
    interval: str | None = field(default=None, metadata=LEFT_OUT)
    """How the ends were found where not from the draws themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutExpert:
    """Weights of the group without one expert, and the pairs of items that change places."""

    expert: str
    weights: tuple[float, ...]
    rank_switches: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LargestChange:
    """The step of one judgement of the group matrix that moves one weight most."""

    pair: Pair
    judgement: float
    shifted: float
    item: str
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchingStep:
    """A step of one judgement that changes the ranking."""

    pair: Pair
    judgement: float
    shifted: float
    rank_switches: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAtATime:
    """Each judgement of the group matrix one step down and up."""

    largest_change: LargestChange | None
    switching: tuple[SwitchingStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementUncertainty:
    """Other experts, slightly other judgements (±½ step), one judgement, or one expert at a time."""

    bootstrap: WeightSpread | None
    noise: WeightSpread
    one_at_a_time: OneAtATime
    leave_one_out: tuple[WithoutExpert, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationUncertainty:
    """Other experts, or one expert fewer."""

    bootstrap: WeightSpread | None
    leave_one_out: tuple[WithoutExpert, ...] | None


# --- rounds of a consultation ---
@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStatistics:
    """One item in one round, in the unit of the answers (points out of 100, or of the rating scale)."""

    item: str
    n: int
    missing: int
    mean: float | None
    sd: float | None
    cv: float | None
    median: float | None
    q1: float | None
    q3: float | None
    iqr: float | None
    minimum: float | None
    maximum: float | None
    full_mark_share: float | None
    disagreement: bool | None
    """By the RAND rule; None where it does not apply."""

    @property
    def middle(self) -> tuple[float, float, float] | None:
        """Lower quartile, median and upper quartile; None where there are none."""
        if self.q1 is None or self.median is None or self.q3 is None:
            return None
        return self.q1, self.median, self.q3


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundKendall:
    """Kendall's W of one round."""

    w: float | None
    chi2: float | None
    df: int
    p: float | None
    experts: int
    items: int
    tied_experts: int
    missing: str
    """What was done with experts or items that have gaps."""
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoKendall:
    """Why there is no W of a round."""

    w: None = None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityDetails:
    """One group between two rounds, over the experts who answered both."""

    paired: tuple[str, ...]
    only_before: tuple[str, ...]
    only_now: tuple[str, ...]
    class_width: float | None
    class_share: float | None
    items: tuple[ItemStability, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DissentingAnswer:
    """An answer outside the quartiles of the last round; ``persistent``: of the round before, too (None: of none)."""

    expert: str
    item: str
    value: float
    median: float
    q1: float
    q3: float
    side: str
    persistent: bool | None
    reason: str | None


# --- by method ---
@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementDetails:
    """A group weighed by pairwise comparison matrices (C.2.1)."""

    items: tuple[str, ...]
    aggregation: str
    """AIJ or AIP (setting 群决策)."""
    group_matrix: tuple[tuple[float | None, ...], ...]
    group_lambda_max: float
    group_ci: float
    group_cr: float
    group_consistent: bool
    group_note: str
    mean_expert_cr: float
    experts_used: tuple[str, ...]
    experts_excluded: tuple[str, ...]
    expert_shares: Mapping[str, float] | None
    """Weights of the experts, which sum to 1; None where all weigh the same."""
    vectors: Mapping[str, tuple[float, ...]]
    """Priority vector of every expert used."""
    matrices: Mapping[str, tuple[tuple[float | None, ...], ...]]
    """Every matrix that fits the group, None where a pair was not compared."""
    agreement: Agreement = field(metadata=INLINE)
    uncertainty: JudgementUncertainty | None = field(metadata=INLINE)
    """None where only the weights were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultedDetails:
    """A group weighed by the rounds of a consultation (C.2.2)."""

    items: tuple[str, ...]
    instrument: str
    proxy: bool
    """Weighed by importance ratings, for want of allocations."""
    round: int
    """The round that the weights come from."""
    latest_round: int
    provisional: bool
    """The latest round is below the least participation."""
    plain: tuple[float, ...]
    authority_weighted: tuple[float, ...] | None
    chosen: str
    """Which of the two is used: plain or authority."""
    experts_used: tuple[str, ...]
    spread: float | None
    """Largest weight over the smallest."""
    quartiles: str
    rounds: Mapping[str, tuple[ItemStatistics, ...]]
    concordance: Mapping[str, RoundKendall | NoKendall]
    stability: Mapping[str, StabilityDetails]
    dissent: tuple[DissentingAnswer, ...]
    vectors: Mapping[str, tuple[float, ...]] | None
    """Weights of every expert; None for ratings."""
    agreement: Agreement | None = field(metadata=INLINE)
    uncertainty: AllocationUncertainty | None = field(metadata=INLINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyWeightDetails:
    """A group weighed by what the survey says about it (熵权法, CRITIC法)."""

    method: str
    weights: tuple[float, ...]
    information: tuple[float, ...]
    enterprises: Mapping[str, int]
    """Enterprises with a value, by item."""
    constant: tuple[str, ...]
    """Items that tell no enterprises apart."""
    missing: str
    normalisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinationFigures:
    """How the methods were combined (C.1)."""

    way: str
    coefficients: Mapping[str, float]
    asked: Mapping[str, float]
    raw_coefficients: tuple[float, ...] | None
    sign_changed: bool
    vectors: Mapping[str, tuple[float, ...]]


MethodDetails: TypeAlias = JudgementDetails | ConsultedDetails | SurveyWeightDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedDetails:
    """A group weighed by several methods, each with its own details."""

    items: tuple[str, ...]
    combination: CombinationFigures
    parts: Mapping[str, MethodDetails]


GroupDetails: TypeAlias = MethodDetails | CombinedDetails


def by_method(details: GroupDetails | None) -> Mapping[str, MethodDetails]:
    """Details of every method that was combined, else of the only one, named ''; nothing for typed weights."""
    if isinstance(details, CombinedDetails):
        return details.parts
    return {} if details is None else {"": details}


def consulted(details: GroupDetails | None) -> ConsultedDetails | None:
    """What the consultation says of a group, whether it stands alone or was combined with other methods."""
    return next((d for d in by_method(details).values() if isinstance(d, ConsultedDetails)), None)


def awaits_answers(details: GroupDetails | None) -> bool:
    """Whether the last round of a group, alone or as a part of a combination, is below the least participation."""
    found = consulted(details)
    return found is not None and found.provisional


def agreement_of(details: MethodDetails) -> Agreement:
    """Agreement of the experts behind a method; nothing is said where there are none."""
    found = None if isinstance(details, SurveyWeightDetails) else details.agreement
    return found or Agreement()


def intervals_of(details: MethodDetails) -> WeightSpread | None:
    """Intervals of the weights over the experts."""
    found = None if isinstance(details, SurveyWeightDetails) else details.uncertainty
    return None if found is None else found.bootstrap
