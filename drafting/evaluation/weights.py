"""Exact two-level weights and their adjustment where indicators do not apply (D.2, D.3)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from drafting.evaluation.errors import EvaluationError
from drafting.model.weight import Weight, sharers
from drafting.notation.weights import WeightError, parse_weight

AnyWeight = Weight | Decimal | Fraction | int | float | str
"""What callers may give: a weight, a number, or its text (``"0.8/n"``)."""
Read = TypeVar("Read", bound=Fraction | Weight)


@dataclass(frozen=True, slots=True)
class WeightSystem:
    """First- and second-level weights as exact numbers; made and checked by :meth:`build`.

    Attributes
    ----------
    first : tuple of Fraction, length m
        ω_i of the categories (一级指标).
    second : tuple of Weight, length J
        ω_ij of the indicators; a share such as ``0.8/n`` is divided by n, the number of indicators that apply among
        those of the category with the same share.
    groups : tuple of int, length J
        Category of each indicator.
    bonus : frozenset of int
        Categories outside the sum (附加).
    """

    first: tuple[Fraction, ...]
    second: tuple[Weight, ...]
    groups: tuple[int, ...]
    bonus: frozenset[int]

    @classmethod
    def build(
        cls,
        weights: Sequence[AnyWeight],
        groups: Sequence[int],
        category_weights: Sequence[AnyWeight],
        bonus: Collection[int] = (),
    ) -> WeightSystem:
        """Read weights and check D.2: Σω_i = 1 without the bonus categories, Σω_ij = 1 in every category.

        A float stands for the shortest decimal that denotes it, so 0.1 is one tenth.

        Raises
        ------
        EvaluationError
            Reasons ``shape``, ``weight``, ``first-level-weight``, ``group``, ``bonus``, ``empty-group``, ``group-sum``,
            ``first-level-sum``; each names everything that it applies to.
        """
        places, outside = tuple(int(group) for group in groups), frozenset(bonus)
        key = tuple((type(w), w) for w in weights), tuple((type(w), w) for w in category_weights)
        try:
            hash(key)
        except TypeError:  # something that is no weight: to be named with the others
            return cls._checked(weights, places, category_weights, outside)
        return _built(*key, places, outside)

    @classmethod
    def _checked(
        cls,
        weights: Sequence[AnyWeight],
        places: tuple[int, ...],
        category_weights: Sequence[AnyWeight],
        bonus: frozenset[int],
    ) -> WeightSystem:
        if len(weights) != len(places):
            raise EvaluationError("shape", (), (len(weights), len(places)))
        first = _all_read(category_weights, _number, "first-level-weight")
        stray = tuple(j for j, place in enumerate(places) if not 0 <= place < len(first))
        if stray:
            raise EvaluationError("group", stray, tuple(places[j] for j in stray))
        unknown = tuple(sorted(i for i in bonus if not 0 <= i < len(first)))
        if unknown:
            raise EvaluationError("bonus", unknown, unknown)
        empty = tuple(i for i in range(len(first)) if i not in places)
        if empty:
            raise EvaluationError("empty-group", empty, tuple(first[i] for i in empty))
        second = _all_read(weights, _weight, "weight")
        system = cls(first, second, places, bonus)
        system._check_sums()
        return system

    def _check_sums(self) -> None:
        everything = self.plain((True,) * len(self.second))
        sums = [
            sum((w for w, g in zip(everything, self.groups, strict=True) if g == i), Fraction()) for i in self.range
        ]
        wrong = tuple(i for i in self.range if sums[i] != 1)
        if wrong:
            raise EvaluationError("group-sum", wrong, tuple(sums[i] for i in wrong))
        total = sum((self.first[i] for i in self.range if i not in self.bonus), Fraction())
        if total != 1:
            raise EvaluationError("first-level-sum", (), (total,))

    def with_portions(self, portions: Sequence[Fraction]) -> WeightSystem:
        """The system of one enterprise whose class rows have unequal parts of their indicator's weight."""
        pairs = zip(self.second, portions, strict=True)
        return replace(self, second=tuple(replace(w, portion=p) if w.pool else w for w, p in pairs))

    @property
    def range(self) -> range:
        """Indices of the categories."""
        return range(len(self.first))

    def plain(self, applicable: Sequence[bool]) -> tuple[Fraction, ...]:
        """Weights ω_ij before D.3, shares divided; 0 where an indicator does not apply."""
        counts = sharers(self.groups, self.second, applicable)
        return tuple(
            weight.at(n) if applies else Fraction()
            for weight, n, applies in zip(self.second, counts, applicable, strict=True)
        )

    def adjusted(self, applicable: Sequence[bool]) -> tuple[Fraction, ...]:
        """Weights after D.3: ω'_ij = ω_ij / Σω''_ij over the indicators of the category that apply.

        A category of which nothing applies (or only indicators of weight 0) keeps zeros.
        """
        plain = self.plain(applicable)
        sums = [Fraction()] * len(self.first)
        for group, weight in zip(self.groups, plain, strict=True):
            sums[group] += weight
        return tuple(
            weight / sums[group] if sums[group] else Fraction()
            for group, weight in zip(self.groups, plain, strict=True)
        )

    def index(
        self, reached: Sequence[bool], applicable: Sequence[bool], full_mark: int, *, renormalise: bool = False
    ) -> Fraction:
        """Y_gk of one enterprise by D.2 and D.3, in fractions; `reached` says which indicators are in g_k."""
        adjusted = self.adjusted(applicable)
        regular = [i for i in self.range if i not in self.bonus]
        present = {group for group, weight in zip(self.groups, adjusted, strict=True) if weight}
        scale = sum((self.first[i] for i in regular if i in present), Fraction()) if renormalise else Fraction(1)
        total = Fraction()
        for group, weight, hit in zip(self.groups, adjusted, reached, strict=True):
            if hit and group not in self.bonus:
                total += self.first[group] * weight
        return full_mark * total / scale if total else total

    def bonus_points(self, reached: Sequence[bool], applicable: Sequence[bool], full_mark: int) -> Fraction:
        """Points of the bonus categories, by the same formula; they enter neither index nor grade."""
        adjusted = self.adjusted(applicable)
        rows = zip(self.groups, adjusted, reached, strict=True)
        return full_mark * sum((self.first[g] * w for g, w, hit in rows if hit and g in self.bonus), Fraction())


@lru_cache(maxsize=64)
def _built(
    weights: tuple[tuple[type, AnyWeight], ...],
    category_weights: tuple[tuple[type, AnyWeight], ...],
    places: tuple[int, ...],
    bonus: frozenset[int],
) -> WeightSystem:
    """Read and check weights once: a trial is graded a thousand times under the same ones.

    Types belong to the key, as a float equals the Fraction of its binary value but is read as its shortest decimal.
    """
    return WeightSystem._checked([w for _, w in weights], places, [w for _, w in category_weights], bonus)


def _all_read(weights: Sequence[AnyWeight], read: Callable[[AnyWeight], Read | None], reason: str) -> tuple[Read, ...]:
    """Read every weight, or name all that cannot be read."""
    found = [read(weight) for weight in weights]
    wrong = tuple(place for place, value in enumerate(found) if value is None)
    if wrong:
        raise EvaluationError(reason, wrong, tuple(weights[place] for place in wrong))
    return tuple(value for value in found if value is not None)


def _number(weight: AnyWeight) -> Fraction | None:
    """Read a weight that has to be a number; None where it is none or negative."""
    found = _weight(weight)
    return None if found is None or found.shared else found.amount


def _weight(weight: AnyWeight) -> Weight | None:
    """Read a weight; None where it is none or negative."""
    if isinstance(weight, Weight):
        return weight if weight.amount >= 0 else None
    try:
        value = Fraction(str(weight)) if isinstance(weight, float) else Fraction(weight)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        return _written(weight) if isinstance(weight, str) else None
    return Weight.number(value) if value >= 0 else None


def _written(text: str) -> Weight | None:
    try:
        return parse_weight(text)
    except WeightError:
        return None
