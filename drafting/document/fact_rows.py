"""Rows of what a draft states: settings, and first-level indicators with theirs."""

from __future__ import annotations

from dataclasses import dataclass

from drafting.model.system import Category, Indicator


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One named setting as the draft prints it."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """A first-level indicator with its second-level indicators in order."""

    category: Category
    number: int
    indicators: tuple[Indicator, ...]
    """One with class rows once."""
    rows: tuple[Indicator, ...] = ()
    """Each class row for itself, as the table prints them."""

    @property
    def name(self) -> str:
        """Name of the first-level indicator."""
        return self.category.name

    @property
    def limiting(self) -> tuple[Indicator, ...]:
        """Its limiting indicators (限定性指标)."""
        return tuple(i for i in self.indicators if i.limiting)
