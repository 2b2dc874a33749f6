"""Typed weights of a record: numbers, and shares of a group that its applicable indicators divide (0.8/n)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from drafting.verification.formula import UndefinedFormulaError, value_of
from drafting.verification.verdict import RecordError


@dataclass(frozen=True, slots=True)
class Share:
    """What the indicators of a category that share it weigh together, those that apply in equal parts."""

    group: int
    whole: Fraction

    @property
    def text(self) -> str:
        """How it is written where nothing says how it was."""
        return f"{self.whole}/n"


Worth = Fraction | Share


def typed_weights(group: Mapping[str, Any], place: int) -> list[Worth | None]:
    """Typed weights of a group by item; None where nothing was typed."""
    if "values" in group:
        return [_worth(value, place) for value in group["values"]]
    formulas = group["formulas"] or [None] * len(group["keys"])  # a record of before shares had a type
    return [
        _of_tree(tree, place) if tree is not None else None if typed is None else Fraction(typed)
        for typed, tree in zip(group["typed"], formulas, strict=True)
    ]


def bonus_weight(group: Mapping[str, Any]) -> Fraction:
    """First-level weight of a bonus group, outside the sum; 0 where none was typed."""
    found = group["bonus_weight"]
    return Fraction(found["number"] if isinstance(found, dict) else found or 0)


def is_given(group: Mapping[str, Any]) -> bool:
    """Whether the committee typed all weights of a group: nothing about it is computed."""
    return bool(group["keys"]) and all(w is not None for w in typed_weights(group, 0))


def is_partly_given(group: Mapping[str, Any]) -> bool:
    """Whether some weights of a group are typed and others not: nothing is weighed then."""
    return not is_given(group) and any(w is not None for w in typed_weights(group, 0))


def in_full(weights: list[Worth]) -> list[Fraction]:
    """Weights of a group where all of it applies."""
    return [w.whole / weights.count(w) if isinstance(w, Share) else w for w in weights]


def _worth(value: Mapping[str, str] | None, place: int) -> Worth | None:
    if value is None:
        return None
    return Share(place, Fraction(value["share"])) if "share" in value else Fraction(value["number"])


def _of_tree(tree: Any, place: int) -> Share:
    try:
        whole, half = (value_of(tree, {"n": Fraction(n)}) for n in (1, 2))
    except UndefinedFormulaError as error:
        raise RecordError("记录中的权重算式没有值") from error
    if half * 2 != whole:
        raise RecordError("记录中的权重不是一个数除以 n；请用 drafting build 重新生成")
    return Share(place, whole)
