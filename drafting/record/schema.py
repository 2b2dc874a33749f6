"""The schema of 结果.json, class by class: written by :mod:`drafting.record.codec`, read back by msgspec.

A field is one key, in the order of the file. ``UNSET`` is a key that is not there: of a part that a project does not
have, or that an earlier version did not write. What stands in ``groups``, ``delphi``, ``panel`` and ``details`` is
written from the results' own classes (:mod:`drafting.model.weight_details` and its neighbours) and read by nobody: it
is compared leaf by leaf with what a second run writes. Numbers of cells are decimal text, fractions ``a/b``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from msgspec import UNSET, Struct, UnsetType, field
from numpy.typing import NDArray

Formula: TypeAlias = str | list[Any]
"""A number, or ``[operator, left, right]``, ``["name", name]``, ``["neg", operand]``, ``["call", name, argument]``."""
Number: TypeAlias = int | float
Floats: TypeAlias = NDArray[np.float64]


# --- data: what the figures were computed from ------------------------------------------------------------------------
class StandardNumbers(Struct, frozen=True, kw_only=True):
    """What GB/T 43329 fixes: shares (fractions) and thresholds by grade."""

    shares: dict[str, str]
    thresholds: dict[str, Number]
    full_mark: Number


class WeightValue(Struct, frozen=True, kw_only=True):
    """What a typed weight is worth: a number, or what a share is together."""

    number: str | UnsetType = UNSET
    share: str | UnsetType = UNSET

    @property
    def amount(self) -> str:
        """The number either way."""
        return self.share if self.share is not UNSET else self.number if self.number is not UNSET else ""


class GroupData(Struct, frozen=True, kw_only=True):
    """Items that are weighed against each other, with the weights that were typed."""

    group: str
    keys: tuple[str, ...]
    names: tuple[str, ...]
    typed: tuple[str | None, ...]
    values: tuple[WeightValue | None, ...] | UnsetType = UNSET
    bonus: bool
    bonus_weight: WeightValue | str | None = None
    """Records of before have its text."""
    formulas: tuple[Formula | None, ...] | UnsetType | None = UNSET
    """Shares, before they had a type."""


class BoundData(Struct, frozen=True, kw_only=True):
    """A bound: ``text`` is the cell, ``printed`` what the draft shows, the others what is judged."""

    text: str
    printed: str
    kind: str
    operator: str | None
    number: str | None
    upper: str | None
    formula: Formula | None
    reference: str | None


class IndicatorData(Struct, frozen=True, kw_only=True):
    """One indicator as it was typed; of a class row also the indicator it belongs to."""

    code: str
    name: str
    category: str
    unit: str
    direction: str
    limiting: bool
    of: str | UnsetType = UNSET
    of_name: str | UnsetType = UNSET
    class_name: str | UnsetType = field(name="class", default=UNSET)
    source: str | None
    decimals: int | None
    lower: str | None
    upper: str | None
    limit: BoundData | None
    typed: dict[str, BoundData]

    @property
    def owner(self) -> str:
        """Code of the indicator whose weight it has, or has a part of."""
        return self.code if self.of is UNSET else self.of


class ExpertData(Struct, frozen=True, kw_only=True):
    """One expert's self-assessment, without a name."""

    expert: str
    bases: dict[str, str]
    familiarity: str
    left_in: int | None = None
    tables: tuple[str, ...] | UnsetType = UNSET


class JudgementData(Struct, frozen=True, kw_only=True):
    """A matrix in its group's order; null where a pair was not compared."""

    expert: str
    group: str
    values: tuple[tuple[float | None, ...], ...]


class RuleData(Struct, frozen=True, kw_only=True):
    """The stopping rule as it was frozen."""

    text: str
    sha256: str
    day: str | None


class AllocationData(Struct, frozen=True, kw_only=True):
    """Points of one expert for one group, and what was said to them."""

    group: str
    weights: dict[str, float | None]
    opinions: dict[str, str]


class AnswerData(Struct, frozen=True, kw_only=True):
    """One questionnaire of a round."""

    expert: str
    allocations: tuple[AllocationData, ...]
    ratings: dict[str, float | None]
    suggestions: dict[str, str]


class RoundData(Struct, frozen=True, kw_only=True):
    """One round of a consultation."""

    round: int
    name: str | None = None
    answers: tuple[AnswerData, ...]


class ColumnData(Struct, frozen=True, kw_only=True):
    """One indicator over the enterprises; null for what is missing, states by the codes of the survey."""

    values: tuple[float | None, ...]
    states: tuple[int, ...]


class StatesData(Struct, frozen=True, kw_only=True):
    """All that stands in the record of a survey that is kept in a table beside it."""

    states: dict[str, int]


class SurveyData(StatesData, frozen=True, kw_only=True):
    """The survey with the marks of sheet 剔除."""

    enterprises: tuple[str, ...] = ()
    left_out: tuple[int, ...] = ()
    violations: tuple[bool, ...] = ()
    strata: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None
    weights: tuple[float | None, ...] | None = None
    parameters: dict[str, tuple[float | None, ...]] = {}
    outputs: tuple[str | None, ...] | UnsetType = UNSET
    class_outputs: dict[str, tuple[str | None, ...]] | UnsetType = UNSET
    columns: dict[str, ColumnData] = {}


class Evidence(Struct, frozen=True, kw_only=True):
    """Everything that the figures of a record were computed from."""

    standard: StandardNumbers
    settings: dict[str, str]
    groups: tuple[GroupData, ...]
    indicators: tuple[IndicatorData, ...]
    experts: tuple[ExpertData, ...]
    judgements: tuple[JudgementData, ...]
    answered: tuple[str, ...] = ()
    matrices_from: tuple[str, ...]
    stopping_rule: RuleData | None
    delphi: tuple[RoundData, ...]
    ratings: tuple[RoundData, ...] | UnsetType = UNSET
    unusable: dict[str, tuple[str, ...]] | UnsetType = UNSET
    table: str | UnsetType = UNSET
    shared: dict[str, tuple[str, ...]] | UnsetType = UNSET
    survey: SurveyData | None

    @property
    def by_an_earlier_version(self) -> bool:
        """Whether it was written before ratings and the values of typed weights stood in it."""
        return self.ratings is UNSET or any(g.values is UNSET for g in self.groups)


# --- what is printed --------------------------------------------------------------------------------------------------
class FirstLevelLine(Struct, frozen=True, kw_only=True):
    """Weight of a category."""

    category: str
    weight: str
    printed: str | UnsetType = UNSET
    exact: float


class SecondLevelLine(Struct, frozen=True, kw_only=True):
    """Weight of an indicator."""

    indicator: str
    code: str
    weight: str
    printed: str | UnsetType = UNSET
    exact: float


class NoGradeLine(Struct, frozen=True, kw_only=True):
    """A grade without a baseline."""

    value: None = None
    exact: None = None
    share: None = None
    interval: tuple[None, None] = (None, None)
    text: None = None


class GradeLine(Struct, frozen=True, kw_only=True):
    """A grade with its baseline: ``value`` is the number that is judged, ``text`` stands where there is none."""

    value: str | None
    text: str | None
    bound: str
    exact: float | None
    share: float | None
    interval: tuple[float | None, float | None]
    k: int | None
    source: str | UnsetType = UNSET


class PrintedWeights(Struct, frozen=True, kw_only=True):
    """Of ``weights``, what a draft prints."""

    first_level: tuple[FirstLevelLine, ...]
    second_level: dict[str, tuple[SecondLevelLine, ...]]


class PrintedGrade(Struct, frozen=True, kw_only=True):
    """Of one grade, what a draft prints."""

    bound: str | None = None
    printed: str | None = None


class PrintedIndicator(Struct, frozen=True, kw_only=True):
    """Of one indicator's baselines, what a draft prints."""

    indicator: str
    category: str
    unit: str | None = None
    class_of: str | None = None
    single: bool = False
    I: PrintedGrade  # noqa: E741 -- the key of the grade
    II: PrintedGrade
    III: PrintedGrade


class PrintedBaselines(Struct, frozen=True, kw_only=True):
    """Of ``baselines``, what a draft prints."""

    indicators: tuple[PrintedIndicator, ...]


# --- the file ---------------------------------------------------------------------------------------------------------
class Aside(Struct, frozen=True, kw_only=True):
    """Where the enterprises of a large survey stand."""

    file: str
    rows: int
    sha256: str


class DeepDetails(Struct, frozen=True, kw_only=True):
    """Of the details of a trial, what only a deepened one has."""

    sensitivity: tuple[Any, ...] | UnsetType = UNSET

    @property
    def deepened(self) -> bool:
        """Whether sensitivity and stability were looked at."""
        return self.sensitivity is not UNSET


class TrialSaid(Struct, frozen=True, kw_only=True):
    """Of ``trial``, what decides what is run again."""

    details: DeepDetails


class RecordedTable(Struct, frozen=True, kw_only=True):
    """The sections of one table: figures, and what they were computed from."""

    weights: PrintedWeights | None
    baselines: PrintedBaselines | None
    trial: TrialSaid | None
    data: Evidence | None
    digests: dict[str, str]


class OneOfTables(RecordedTable, frozen=True, kw_only=True):
    """One table of a standard with several."""

    key: str
    caption: str
    applies: str
    output_unit: str
    coefficient: str | None


class Record(RecordedTable, frozen=True, kw_only=True):
    """结果.json; under several tables its own sections are null."""

    tables: tuple[OneOfTables, ...] | None = None
    enterprises: Aside | None = None
    findings: tuple[Any, ...]


# --- a survey as arrays -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Column:
    """One indicator: numbers (NaN for none) and states of all enterprises."""

    values: Floats
    states: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RecordedSurvey:
    """The survey of a record, wherever it stands: in it (:func:`survey_of`), or in a table beside it."""

    states: Mapping[str, int]
    enterprises: Sequence[str]
    left_out: Sequence[int]
    """Rows that take no part."""
    violations: NDArray[np.bool_]
    strata: Sequence[str] | None
    regions: Sequence[str] | None
    weights: Floats | None
    parameters: Mapping[str, Floats]
    outputs: Sequence[str | None] | None
    class_outputs: Mapping[str, Sequence[str | None]]
    columns: Mapping[str, Column]


def survey_of(said: SurveyData | None) -> RecordedSurvey | None:
    """The survey that stands in the record itself."""
    if said is None:
        return None
    return RecordedSurvey(
        states=said.states,
        enterprises=said.enterprises,
        left_out=said.left_out,
        violations=np.array(said.violations, dtype=np.bool_),
        strata=said.strata,
        regions=said.regions,
        weights=None if said.weights is None else floats(said.weights),
        parameters={name: floats(values) for name, values in said.parameters.items()},
        outputs=None if said.outputs is UNSET else said.outputs,
        class_outputs={} if said.class_outputs is UNSET else said.class_outputs,
        columns={c: Column(floats(of.values), np.array(of.states, dtype=np.uint8)) for c, of in said.columns.items()},
    )


def floats(values: Sequence[float | None]) -> Floats:
    """Numbers as an array, NaN for none."""
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
