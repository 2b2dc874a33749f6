"""The indicator system (指标体系): categories and their indicators, as a committee writes them down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType

from drafting.model.bounds import Bound
from drafting.model.formula import Formula
from drafting.model.terms import BaselineSource, Direction, Grade, Guidance
from drafting.model.weight import Weight

FIRST_LEVEL = "一级指标"
"""Name of the matrix, allocation or weight group that holds the first-level indicators."""

CLASS_SIGN = "·"
"""Between the code of an indicator and the number of its class row; no typed code holds it."""


@dataclass(frozen=True, slots=True)
class Category:
    """A first-level indicator (一级指标).

    ``weight`` is the value typed into the workbook, or None. A bonus group (附加) lies outside the sum of weights.
    """

    name: str
    adopted: bool = True
    weight: Weight | None = None
    bonus: bool = False


@dataclass(frozen=True, slots=True)
class TableNote:
    """A footnote of the indicator table (sheet 表注): its mark as typed, and its words; ``table`` blank for all."""

    mark: str
    text: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """A second-level indicator (二级指标) as typed by the committee; what the analyses find lies in ``results``."""

    code: str
    name: str
    category: str
    unit: str = ""
    direction: Direction = Direction.SMALLER
    limiting: bool = False
    weight: Weight | None = None
    """As typed: a number, or a share of the group such as ``0.8/n``."""
    baselines: Mapping[Grade, Bound] = field(default_factory=lambda: MappingProxyType({}))
    """Typed baselines; a grade whose cell is empty is absent."""
    source: BaselineSource | None = None
    source_basis: str = ""
    decimals: int | None = None
    mandatory_limit: Bound | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    explanation: str = ""
    formula: Formula = field(default_factory=Formula)
    data_source: str = ""
    collection: str = ""
    selection_reason: str = ""
    qualitative_reason: str = ""
    guidance: tuple[Guidance, ...] = ()
    note: str = ""
    marks: tuple[str, ...] = ()
    """Footnote marks behind its name, as typed."""
    merged: frozenset[Grade] = frozenset()
    """Grades whose cell is merged with that of the grade to the left: one cell in the draft, too."""
    of: str = ""
    """Code of the indicator whose class row (类别) this is; blank for an indicator of its own."""
    of_name: str = ""
    """Its name without the class."""
    class_name: str = ""
    strata: Mapping[str, Mapping[Grade, Bound]] = field(default_factory=lambda: MappingProxyType({}))
    """Baselines of the groups of enterprises (分组) that have their own, as a package publishes them."""

    @property
    def head(self) -> Indicator:
        """The indicator whose class row this is, with this row's baselines; itself where it is none."""
        if not self.of:
            return self
        weight = None if self.weight is None else self.weight.pooled("")
        return replace(self, code=self.of, name=self.of_name, weight=weight, of="", of_name="", class_name="")

    def as_class(self, name: str, number: int, weight: Weight | None) -> Indicator:
        """The same row as the class row of that name, the number-th of its indicator; its code cannot be typed."""
        shared = None if weight is None else weight.pooled(self.code)
        return replace(
            self, code=f"{self.code}{CLASS_SIGN}{number}", name=f"{self.name}（{name}）", weight=shared,
            of=self.code, of_name=self.name, class_name=name,
        )  # fmt: skip

    @property
    def measured(self) -> bool:
        """Whether its value is read from an instrument (测定, 监测 …): then there is nothing to compute."""
        return not self.qualitative and not self.formula and "测" in self.explanation

    @property
    def limit_number(self) -> Decimal | None:
        """The number that no grade may be laxer than: of a range the end that rules; None for a formula or no limit."""
        return None if self.mandatory_limit is None else self.mandatory_limit.directed(self.direction.value).number

    @property
    def qualitative(self) -> bool:
        """Whether enterprises answer with a grade instead of a number."""
        return self.direction is Direction.QUALITATIVE


@dataclass(frozen=True)
class IndicatorSystem:
    """Categories in the standard's order with their indicators in the committee's order."""

    categories: tuple[Category, ...]
    indicators: tuple[Indicator, ...]
    notes: tuple[TableNote, ...] = ()
    survey_columns: tuple[str, ...] = ()
    """Columns (类别, 产量 …) that its survey may have beside those of every survey."""

    @cached_property
    def adopted(self) -> tuple[Category, ...]:
        """Categories that are adopted and have at least one indicator."""
        used = {i.category for i in self.indicators}
        return tuple(c for c in self.categories if c.adopted and c.name in used)

    @cached_property
    def weighted(self) -> tuple[Category, ...]:
        """Adopted categories inside the sum of weights."""
        return tuple(c for c in self.adopted if not c.bonus)

    @cached_property
    def active(self) -> tuple[Indicator, ...]:
        """Indicators of adopted categories, grouped in the categories' order."""
        return tuple(i for c in self.adopted for i in self.indicators if i.category == c.name)

    def of(self, category: str) -> tuple[Indicator, ...]:
        """Indicators of one category in order, each class row for itself."""
        return tuple(i for i in self.indicators if i.category == category)

    @cached_property
    def heads(self) -> tuple[Indicator, ...]:
        """Active indicators, one with class rows once: what is weighed, explained and surveyed."""
        return _heads(self.active)

    def heads_of(self, category: str) -> tuple[Indicator, ...]:
        """Indicators of one category in order, one with class rows once."""
        return _heads(self.of(category))

    def classes_of(self, code: str) -> tuple[Indicator, ...]:
        """Class rows of an indicator in order; nothing for one without."""
        return tuple(i for i in self.indicators if i.of == code)

    @cached_property
    def surveyed(self) -> IndicatorSystem:
        """The system whose columns a survey has: an indicator with class rows is one column."""
        heads = _heads(self.indicators)
        return self if len(heads) == len(self.indicators) else replace(self, indicators=heads)

    @property
    def has_classes(self) -> bool:
        """Whether an indicator has class rows."""
        return any(i.of for i in self.indicators)

    def indicator(self, code: str) -> Indicator:
        """The indicator with that code.

        Raises KeyError if there is none.
        """
        return self._by_code[code]

    @cached_property
    def given(self) -> frozenset[str]:
        """Groups (一级指标, categories) with typed weights, at least in part: no step asks experts for them."""
        groups = {c.name for c in self.categories if any(i.weight is not None for i in self.of(c.name))}
        return frozenset(groups | ({FIRST_LEVEL} if any(c.weight is not None for c in self.weighted) else set()))

    @cached_property
    def _by_code(self) -> Mapping[str, Indicator]:
        return MappingProxyType({i.code: i for i in self.indicators})


def _heads(indicators: Iterable[Indicator]) -> tuple[Indicator, ...]:
    found: dict[str, Indicator] = {}
    for indicator in indicators:
        found.setdefault(indicator.of or indicator.code, indicator)
    return tuple(i.head for i in found.values())
