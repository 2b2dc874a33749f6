"""Exact two-level weights and their adjustment where indicators do not apply (D.2, D.3)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from drafting.evaluation.errors import EvaluationError
from drafting.model.expression import Expression, ExpressionError, parse_expression

Weight = Decimal | Fraction | int | float | str
Read = TypeVar("Read", bound=Fraction | Expression)


@dataclass(frozen=True, slots=True)
class WeightSystem:
    """
    First- and second-level weights as exact numbers; made and checked by :meth:`build`.

    Attributes
    ----------
    first : tuple of Fraction, length m
        ω_i of the categories (一级指标).
    second : tuple of Fraction or Expression, length J
        ω_ij of the indicators; an Expression such as ``0.8/n`` depends on n, the number of indicators that apply among
        those of the category with the same formula.
    groups : tuple of int, length J
        Category of each indicator.
    bonus : frozenset of int
        Categories outside the sum (附加).
    """

    first: tuple[Fraction, ...]
    second: tuple[Fraction | Expression, ...]
    groups: tuple[int, ...]
    bonus: frozenset[int]

    @classmethod
    def build(
        cls,
        weights: Sequence[Weight],
        groups: Sequence[int],
        category_weights: Sequence[Weight],
        bonus: Collection[int] = (),
    ) -> WeightSystem:
        """
        Read weights and check D.2: Σω_i = 1 without the bonus categories, Σω_ij = 1 in every category.

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
        weights: Sequence[Weight],
        places: tuple[int, ...],
        category_weights: Sequence[Weight],
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
        keys = list(zip(places, second, strict=True))
        wrong = tuple(j for j, key in enumerate(keys) if not _valid_for_all(key[1], keys.count(key)))
        if wrong:
            raise EvaluationError("weight", wrong, tuple(weights[j] for j in wrong))
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

    @property
    def range(self) -> range:
        """Indices of the categories."""
        return range(len(self.first))

    def plain(self, applicable: Sequence[bool]) -> tuple[Fraction, ...]:
        """Weights ω_ij before D.3, formulas put in; 0 where an indicator does not apply."""
        keys = [(group, weight) for group, weight in zip(self.groups, self.second, strict=True)]
        here = [key for key, applies in zip(keys, applicable, strict=True) if applies]
        return tuple(
            Fraction()
            if not applies
            else (value_at(key[1], here.count(key)) if isinstance(key[1], Expression) else key[1])
            for key, applies in zip(keys, applicable, strict=True)
        )

    def adjusted(self, applicable: Sequence[bool]) -> tuple[Fraction, ...]:
        """
        Weights after D.3: ω'_ij = ω_ij / Σω''_ij over the indicators of the category that apply.

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
    weights: tuple[tuple[type, Weight], ...],
    category_weights: tuple[tuple[type, Weight], ...],
    places: tuple[int, ...],
    bonus: frozenset[int],
) -> WeightSystem:
    """
    Read and check weights once: a trial is graded a thousand times under the same ones.

    Types belong to the key, as a float equals the Fraction of its binary value but is read as its shortest decimal.
    """
    return WeightSystem._checked([w for _, w in weights], places, [w for _, w in category_weights], bonus)


@lru_cache(maxsize=1024)
def value_at(weight: Expression, count: int) -> Fraction:
    """Return a weight formula's value where `count` indicators share it."""
    return weight.evaluate_exactly({"n": count})


def _all_read(weights: Sequence[Weight], read: Callable[[Weight], Read | None], reason: str) -> tuple[Read, ...]:
    """Read every weight, or name all that cannot be read."""
    found = [read(weight) for weight in weights]
    wrong = tuple(place for place, value in enumerate(found) if value is None)
    if wrong:
        raise EvaluationError(reason, wrong, tuple(weights[place] for place in wrong))
    return tuple(value for value in found if value is not None)


def _number(weight: Weight) -> Fraction | None:
    """Read a weight as an exact number; None where it is none or negative."""
    try:
        value = Fraction(str(weight)) if isinstance(weight, float) else Fraction(weight)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        return None
    return value if value >= 0 else None


def _weight(weight: Weight) -> Fraction | Expression | None:
    """Read a weight as a number or a formula in n; None where it is neither."""
    if not isinstance(weight, str):
        return _number(weight)
    try:
        expression = parse_expression(weight)
    except ExpressionError:
        return None
    if not expression.names:
        return _number(weight)
    return expression if expression.names == ("n",) else None


def _valid_for_all(weight: Fraction | Expression, most: int) -> bool:
    """Whether a formula has a value and none below 0, however many of its `most` indicators apply."""
    try:
        return isinstance(weight, Fraction) or all(value_at(weight, n) >= 0 for n in range(1, most + 1))
    except ExpressionError:
        return False
