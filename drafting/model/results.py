"""What the runs find: weights, baselines (baselines), trial. Each figure is there exactly and as published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from drafting.model.baseline_details import BaselineDetails
from drafting.model.bounds import Bound
from drafting.model.consultation import AnswerRevision, Consultation, JudgementAdvice, PanelStanding
from drafting.model.system import CLASS_SIGN, Indicator
from drafting.model.terms import GRADES, BaselineSource, Direction, Grade
from drafting.model.trial_details import JoinedDetails, TrialDetails
from drafting.model.weight import Weight
from drafting.model.weight_details import GroupDetails, awaits_answers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# --- weights ---
@dataclass(frozen=True, slots=True)
class WeightRow:
    """One weight of a group: the category name or indicator code it belongs to, unrounded and as published.

    ``nominal`` is the published weight as a decimal where it is none itself (0.8/n, 1/3): rounded within its group,
    with everything applicable.
    """

    key: str
    name: str
    exact: float
    published: Weight
    nominal: Decimal | None = None

    @property
    def decimal(self) -> Decimal:
        """The published weight as a decimal; those of a group sum to exactly 1."""
        found = self.published.decimal if self.nominal is None else self.nominal
        return Decimal(str(self.exact)) if found is None else found


@dataclass(frozen=True, slots=True)
class WeightGroup:
    """The weights of one group (一级指标, or the indicators of a category); published ones sum to exactly 1 (C.1)."""

    group: str
    weights: tuple[WeightRow, ...]
    method: str
    """Word of setting 权重方法, or 唯一 for a group of one."""
    details: GroupDetails | None = None
    """What the papers print about this group: group matrix, consensus, intervals, round statistics."""

    def published(self, key: str) -> Weight:
        """Published weight of a category name or indicator code."""
        return next(w.published for w in self.weights if w.key == key)


@dataclass(frozen=True, slots=True)
class ExpertConsistency:
    """Consistency of one expert's matrix; ``cr`` is 0 for n ≤ 2. ``included``: used for the group result."""

    expert: str
    matrix: str
    n: int
    lambda_max: float
    ci: float
    cr: float
    consistent: bool
    included: bool = True
    missing: int = 0
    suggestions: tuple[JudgementAdvice, ...] = ()
    cycles: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of both baselines. ``provisional``: a matrix is to be revised (policy 退回), or a round is too small."""

    method: str
    first_level: WeightGroup
    second_level: tuple[WeightGroup, ...]
    experts: tuple[ExpertConsistency, ...] = ()
    provisional: bool = False
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    delphi: Consultation = field(default_factory=Consultation)
    """The consultation as a whole: response, authority, stopping, screening of candidates."""
    panel: PanelStanding = field(default_factory=PanelStanding)
    """Who has not answered, and who is asked to revise what."""
    revisions: tuple[AnswerRevision, ...] = ()
    """What experts changed in answers they had returned, each beside the version before."""

    @property
    def provisional_because(self) -> str:
        """What provisional weights wait for, in words; empty where they are final."""
        answers = any(awaits_answers(g.details) for g in (self.first_level, *self.second_level))
        revision = self.settings.get("不一致专家") == "退回" and any(not e.consistent for e in self.experts)
        words = {
            "部分专家的判断矩阵一致性超限，尚待修改": revision or not answers,
            "最近一轮的参与人数低于事先确定的最低参与": answers,
        }
        return "；".join(w for w, so in words.items() if so) if self.provisional else ""

    def category(self, name: str) -> Weight | None:
        """Published first-level weight, None for a bonus group or one without weight."""
        return next((w.published for w in self.first_level.weights if w.key == name), None)

    def indicator(self, code: str) -> Weight | None:
        """Published second-level weight, None if the indicator has none."""
        return next((w.published for g in self.second_level for w in g.weights if w.key == code), None)

    def of(self, indicator: Indicator) -> Weight | None:
        """Published second-level weight of a row; class rows share that of their indicator."""
        found = self.indicator(indicator.of or indicator.code)
        return found.pooled(indicator.of) if found is not None and indicator.of else found


# --- baselines ---
@dataclass(frozen=True, slots=True)
class Baseline:
    """The baseline of one indicator at one grade.

    ``bound`` is what the draft prints, judged as its direction reads it (:meth:`Bound.directed`); ``value`` the number
    that is judged (None for text; of a range one end), ``exact`` the unrounded k-th best value, ``share`` the share of
    valid enterprises that reach the published value, ``interval`` the exact confidence interval of the grade value (an
    end without bound is None), ``k`` the rank.
    """

    bound: Bound
    value: Decimal | None = None
    exact: float | None = None
    share: float | None = None
    interval: tuple[float | None, float | None] | None = None
    k: int | None = None
    enterprises: tuple[int, ...] = ()
    """Rows of the survey (0-based) whose value set this baseline: its provenance."""
    source: BaselineSource | None = None
    """Where this one grade's value comes from if a mandatory limit tightened it."""


@dataclass(frozen=True, slots=True)
class IndicatorBaselines:
    """The baselines of one indicator (optionally of one stratum) with the sample that they rest on."""

    code: str
    direction: Direction
    source: BaselineSource | None
    n: int
    by_grade: Mapping[Grade, Baseline]
    stratum: str = ""
    single: bool = False
    """One baseline for all grades (5.5.3)."""
    missing: int = 0
    not_applicable: int = 0
    non_detect: int = 0
    excluded: int = 0
    details: BaselineDetails | None = None

    @property
    def complete(self) -> bool:
        """Whether the three grades all say something."""
        return len(self.by_grade) == 3


@dataclass(frozen=True, slots=True)
class Baselines:
    """Baselines of all indicators; ``strata`` holds those per stratum where the committee asked for them."""

    indicators: tuple[IndicatorBaselines, ...]
    strata: tuple[IndicatorBaselines, ...] = ()
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, code: str) -> IndicatorBaselines | None:
        """Pooled baselines of one indicator."""
        return next((i for i in self.indicators if i.code == code), None)

    @property
    def by_indicator(self) -> Mapping[str, tuple[IndicatorBaselines, ...]]:
        """Pooled baselines by the indicator's code: one with class rows is one indicator with several."""
        found: dict[str, tuple[IndicatorBaselines, ...]] = {}
        for one in self.indicators:
            code = one.code.partition(CLASS_SIGN)[0]
            found[code] = (*found.get(code, ()), one)
        return MappingProxyType(found)


# --- trial ---
@dataclass(frozen=True, slots=True)
class EnterpriseResult:
    """Appendix D for one enterprise. Indices are exact decimals or None where the legal precondition excludes."""

    enterprise: str
    y: Mapping[Grade, Decimal | None]
    grade: Grade | None
    excluded: bool
    reasons: tuple[str, ...]
    stratum: str = ""
    region: str = ""


@runtime_checkable
class ManyResults(Protocol):
    """Results of so many enterprises that each is made when it is asked for."""

    @property
    def rows(self) -> NDArray[np.intp]:
        """Row of the survey of each."""

    def __len__(self) -> int:
        """How many there are."""

    def at(self, places: NDArray[np.intp]) -> Iterable[EnterpriseResult]:
        """Those at some places, in their order."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Appendix D over a set of enterprises, with the distribution of grades and what stops whom."""

    enterprises: Sequence[EnterpriseResult]
    """A tuple; of more than :data:`drafting.model.survey.MOST_DETAILED` a sequence that makes each when it is asked."""
    distribution: Mapping[str, int]
    """Counts under I, II, III, none, excluded."""
    details: TrialDetails | None = None
    joined: JoinedDetails | None = None
    """How the verdicts were joined, of a trial over several tables; it has no ``details``."""
    category_weights: Mapping[str, Weight] = field(default_factory=lambda: MappingProxyType({}))
    weights: Mapping[str, Weight] = field(default_factory=lambda: MappingProxyType({}))
    """What it was made with: first-level weights by category, second-level ones by code."""


# --- the earlier edition ---
@dataclass(frozen=True, slots=True)
class Move:
    """One enterprise under both editions; ``why`` says in words what keeps it from the better of the two grades."""

    enterprise: str
    before: Grade | None
    after: Grade | None
    why: tuple[str, ...] = ()

    @property
    def direction(self) -> int:
        """1 for a better grade by the new edition, -1 for a worse one, 0 for the same."""
        before, after = (len(GRADES) if g is None else GRADES.index(g) for g in (self.before, self.after))
        return (before > after) - (before < after)


@dataclass(frozen=True, slots=True)
class Beside:
    """Both editions over the same enterprises."""

    earlier: Trial
    moves: tuple[Move, ...] = ()
    counts: Mapping[tuple[Grade | None, Grade | None], int] = field(default_factory=lambda: MappingProxyType({}))
    """Grade by the earlier edition and by the draft -> enterprises."""
    lacking: tuple[str, ...] = ()
    """Indicators of the earlier edition without data here: taken as not applicable."""

    @property
    def better(self) -> int:
        """How many get a better grade by the draft."""
        return sum(m.direction > 0 for m in self.moves)

    @property
    def worse(self) -> int:
        """How many get a worse one."""
        return sum(m.direction < 0 for m in self.moves)


@dataclass(frozen=True, slots=True)
class Results:
    """What one build found; a run that could not be made is None."""

    weights: Weights | None = None
    baselines: Baselines | None = None
    trial: Trial | None = None
    tables: Mapping[str, Results] = field(default_factory=lambda: MappingProxyType({}))
    """Of a standard with several tables: the results of each by its key; then the others are None."""
    combined: Trial | None = None
    """Enterprises over all their tables (多表评定); None where each table is evaluated for itself."""
    beside: Beside | None = None
    """The surveyed enterprises by the earlier edition as well; None where there is none."""

    @property
    def levels(self) -> Baselines | None:
        """The baselines, by the name that a committee's own templates of earlier versions use."""
        return self.baselines
