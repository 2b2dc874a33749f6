"""Formulas of the record (nested lists), computed in fractions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from drafting.verification.verdict import RecordError

if TYPE_CHECKING:
    from drafting.record.schema import Formula


class UndefinedFormulaError(Exception):
    """No value at these parameters: a name without value, a division by zero, a root of a negative number."""


def value_of(tree: Formula, names: Mapping[str, Fraction | None]) -> Fraction:
    """Compute ``["+", "0.14", ["*", "0.08", ["name", "n"]]]``.

    Raises UndefinedFormulaError if it has no value here; RecordError if it is no formula.
    """
    if isinstance(tree, str):
        return Fraction(tree)
    if not isinstance(tree, list) or not tree:
        raise RecordError(f"记录中的算式无法读取：{tree}")
    head, *rest = tree
    if head == "name":
        found = names.get(rest[0])
        if found is None:
            raise UndefinedFormulaError(rest[0])
        return found
    if head == "call":
        return _function(rest[0], [value_of(r, names) for r in rest[1:]])
    operands = [value_of(r, names) for r in rest]
    if head == "neg":
        return -operands[0]
    left, right = operands
    return _binary(head, left, right)


_MOST = 1000
"""A power beyond this is no baseline but an attack."""


def _binary(operator: str, left: Fraction, right: Fraction) -> Fraction:
    if operator == "^" and abs(right) > _MOST:
        raise RecordError("记录中的算式的指数过大")
    try:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case "^":
                return Fraction(left**right.numerator if right.denominator == 1 else float(left) ** float(right))
    except (ZeroDivisionError, OverflowError, ValueError, TypeError) as error:
        raise UndefinedFormulaError(operator) from error
    raise RecordError(f"记录中的算式有未知的运算：{operator}")


def _function(name: str, values: list[Fraction]) -> Fraction:
    if name == "sum":
        return sum(values, Fraction())
    if name == "min":
        return min(values)
    if name == "max":
        return max(values)
    known = {"sqrt": math.sqrt, "ln": math.log, "exp": math.exp}
    if name not in known:
        raise RecordError(f"记录中的算式有未知的函数：{name}")
    try:
        return Fraction(known[name](float(values[0])))
    except (ValueError, OverflowError) as error:
        raise UndefinedFormulaError(name) from error
