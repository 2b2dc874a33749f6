"""Rulebooks: what a general standard fixes for the systems made after it, as data (``templates/rulebooks``).

Data are the first-level indicators with their spellings and order, whether that list is open, the grades with their
meanings, shares and thresholds, what is asked of indicators that are not limiting where that differs from D.4, and the
numerator of D.3. Code is the same under all of them: membership, the conditions of D.4
(``drafting/evaluation/rule.py``), comparison, k-th best, checks. A score other than the step of D.1 would be a module
behind the points of enterprise, indicator and grade.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from drafting.model.identity import label_key
from drafting.model.settings import OLDER_RULES
from drafting.model.terms import GRADES, Grade
from drafting.resources import templates
from drafting.standard import GradeRule, standard

CURRENT, TRIAL_2013 = "gb-t-43329-2023", "trial-rules-2013"
KEYS: tuple[str, ...] = (CURRENT, TRIAL_2013)
_WORDS = {"": CURRENT, "GB/T 43329—2023": CURRENT, OLDER_RULES: TRIAL_2013}


@dataclass(frozen=True, slots=True)
class RuleCategory:
    """A first-level indicator: its name, other spellings, and what takes it over in GB/T 43329."""

    name: str
    aliases: tuple[str, ...]
    becomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One general standard.

    Attributes
    ----------
    key, title, number : str
    categories : tuple of RuleCategory
        In the standard's order.
    open : bool
        Whether a system may have other first-level indicators.
    grades : tuple of GradeRule
        Share, threshold and meaning of grades I, II, III.
    others : tuple of (Grade or None), or None
        What indicators that are not limiting have to reach for grades I, II, III; None: what D.4 asks.
    numerator : str
        Of D.3: ``1``, or ``W_i`` where second-level weights are printed as absolute ones. Weights are kept relative,
        and relative weights are adjusted alike under both.
    """

    key: str
    title: str
    number: str
    categories: tuple[RuleCategory, ...]
    open: bool
    grades: tuple[GradeRule, ...]
    others: tuple[Grade | None, ...] | None
    numerator: str

    def category(self, text: str) -> RuleCategory | None:
        """The category that a spelling means; None if none."""
        return _spellings(self).get(label_key(text))

    def meaning(self, grade: Grade) -> str:
        """What a grade is called."""
        return next(g.meaning for g in self.grades if g.grade is grade)


@cache
def _spellings(book: Rulebook) -> Mapping[str, RuleCategory]:
    return {label_key(n): c for c in book.categories for n in (c.name, *c.aliases)}


@cache
def rulebook(key: str = CURRENT) -> Rulebook:
    """Give a rulebook by its key, or by the word of setting 评价规则.

    Raises KeyError if there is none.
    """
    name = _WORDS.get(key, key)
    if name not in KEYS:
        raise KeyError(key)
    data = tomllib.loads((templates() / "rulebooks" / f"{name}.toml").read_text("utf-8"))
    head, rules = data["rulebook"], data["rules"]
    own = tuple(RuleCategory(c["name"], tuple(c["aliases"]), tuple(c["becomes"])) for c in data.get("category", ()))
    nine = tuple(RuleCategory(c.name, c.aliases, (c.name,)) for c in standard().categories)
    return Rulebook(
        key=head["key"], title=head["title"], number=head["number"], categories=own or nine, open=rules["open"],
        grades=tuple(map(_grade, data["grade"])) if "grade" in data else standard().grades,
        others=_required(rules["others"]) if "others" in rules else None, numerator=rules["numerator"],
    )  # fmt: skip


def _grade(row: Mapping[str, Any]) -> GradeRule:
    return GradeRule(Grade(row["grade"]), Fraction(row["share"]), row["threshold"], row["meaning"])


def _required(words: Sequence[str]) -> tuple[Grade | None, ...]:
    return tuple(Grade(word) if word else None for word in words)


def places(required: Sequence[Grade | None]) -> tuple[int | None, ...]:
    """Grades as their places in I, II, III."""
    return tuple(None if grade is None else GRADES.index(grade) for grade in required)
