"""The rulebook: what GB/T 43329—2023 fixes, read from ``templates/gb-t-43329/``, each number with its clause."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Any

from drafting.model.identity import label_key
from drafting.model.terms import Grade
from drafting.resources import templates


@dataclass(frozen=True, slots=True)
class StandardCategory:
    """One of the nine first-level indicators (5.1) with the spellings met in published systems."""

    name: str
    clause: str
    prefix: str
    """First letter of the codes that a prefilled workbook gives to its indicators."""
    aliases: tuple[str, ...]

    @property
    def sheet_name(self) -> str:
        """The name as an Excel sheet title: without the characters that Excel forbids."""
        return self.name.replace("/", "")


@dataclass(frozen=True, slots=True)
class GradeRule:
    """A grade's share of enterprises (5.5.2) and the index it asks for (D.4)."""

    grade: Grade
    share: Fraction
    threshold: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Standard:
    """The numbers and lists that the program takes from the standard."""

    number: str
    title: str
    categories: tuple[StandardCategory, ...]
    grades: tuple[GradeRule, ...]
    full_mark: int
    legal_years: int
    policy_groups: tuple[str, ...]

    def category(self, text: str) -> StandardCategory | None:
        """The category that a spelling means: its name, an alias, or the name without / and spaces; None if none."""
        return self._spellings().get(normalise(text))

    def _spellings(self) -> Mapping[str, StandardCategory]:
        return _spellings(self)

    def shares(self) -> tuple[Fraction, ...]:
        """Shares of grades I, II, III."""
        return tuple(g.share for g in self.grades)

    def thresholds(self) -> Mapping[Grade, int]:
        """Index that each grade asks for."""
        return MappingProxyType({g.grade: g.threshold for g in self.grades})


def normalise(text: str) -> str:
    """Reduce the name of a category, a policy group or an industry for comparison."""
    return label_key(text)


@cache
def _spellings(standard: Standard) -> Mapping[str, StandardCategory]:
    return MappingProxyType({normalise(n): c for c in standard.categories for n in (c.name, *c.aliases)})


def read_toml(name: str) -> Mapping[str, Any]:
    """A data file of ``templates/gb-t-43329/``."""
    return tomllib.loads((templates() / "gb-t-43329" / name).read_text("utf-8"))


@cache
def standard() -> Standard:
    """GB/T 43329—2023."""
    data = read_toml("standard.toml")
    evaluation = data["evaluation"]
    return Standard(
        number=data["standard"]["number"],
        title=data["standard"]["title"],
        categories=tuple(
            StandardCategory(c["name"], c["clause"], c["prefix"], tuple(c["aliases"])) for c in data["category"]
        ),
        grades=tuple(
            GradeRule(Grade(g["grade"]), Fraction(g["share"]), evaluation[f"threshold_{g['grade']}"], g["meaning"])
            for g in data["grade"]
        ),
        full_mark=evaluation["full_mark"],
        legal_years=evaluation["legal_years"],
        policy_groups=tuple(g["name"] for g in data["policy_group"]),
    )
