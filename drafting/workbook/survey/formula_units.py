"""Dimensions of a formula over raw totals: what unit it gives, and what leads from there to the indicator's unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from drafting.model.expression import Expression
from drafting.model.expression_tree import Binary, Name, Negation, Node, Number, exponent_of
from drafting.units import UnitError, measure


class FormulaUnitError(ValueError):
    """A formula whose units do not fit.

    Attributes
    ----------
    reason : str
        ``"sum"`` (things of different units are added), ``"dimension"`` (the result measures something else than the
        indicator), ``"scale"`` (the formula's own constants do not lead to the indicator's unit), ``"power"``.
    factor : Fraction or None
        With ``"scale"``: what would lead there.
    """

    def __init__(self, reason: str, factor: Fraction | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.factor = factor


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit as a multiple of base units with their powers."""

    scale: Fraction
    powers: Mapping[str, Fraction]

    def times(self, other: Measure, sign: int = 1) -> Measure:
        """Multiply by another measure, or divide with ``sign`` -1."""
        powers = dict(self.powers)
        for base, power in other.powers.items():
            powers[base] = powers.get(base, Fraction(0)) + sign * power
        return Measure(self.scale * other.scale**sign, {b: p for b, p in powers.items() if p})

    def plus(self, other: Measure) -> Measure:
        """Add; both must be the same unit."""
        if self.powers != other.powers or self.scale != other.scale:
            raise FormulaUnitError("sum")
        return self

    def power(self, exponent: Fraction) -> Measure:
        """Raise to a power."""
        if not self.powers and self.scale == 1:
            return self
        if exponent.denominator != 1:
            raise FormulaUnitError("power")
        return Measure(self.scale ** int(exponent), {b: p * exponent for b, p in self.powers.items()})


PLAIN = Measure(Fraction(1), {})


def formula_factor(expression: Expression, units: Mapping[str, str], wanted: str) -> Fraction:
    """Find the factor from what a formula computes, with totals in their stated units, to the indicator's unit.

    Numbers in the formula are plain numbers. Where they lead to the indicator's unit themselves (综合能耗×1000/产量),
    the factor is 1; where there are none, the program converts.

    Parameters
    ----------
    units
        Stated unit of every name of the formula.
    wanted
        The indicator's unit.

    Raises
    ------
    FormulaUnitError
    UnitError
        A unit that is not known.
    """
    known = {name: Measure(*measure(unit)) for name, unit in units.items()}
    found = _measure(expression.root, known)
    target = Measure(*measure(wanted))
    if found.powers != target.powers:
        raise FormulaUnitError("dimension")
    factor = found.scale / target.scale
    own = _constants(expression.root)
    if factor == 1 or prod(own, start=Fraction(1)) == factor:
        return Fraction(1)
    if any(constant != 1 for constant in own):
        raise FormulaUnitError("scale", factor)
    return factor


def _measure(node: Node, known: Mapping[str, Measure]) -> Measure:
    if isinstance(node, Binary) and node.operator == "^":
        # An exponent is a number, not a quantity.
        exponent = exponent_of(node.right)
        if exponent is None:
            raise FormulaUnitError("power")
        return _measure(node.left, known).power(exponent)
    match node:
        case Number():
            return PLAIN
        case Name(name):
            return known[name]
        case Negation(operand):
            return _measure(operand, known)
        case Binary(operator, left, right):
            one, two = _measure(left, known), _measure(right, known)
            if operator in "+-":
                return one.plus(two)
            return one.times(two, 1 if operator == "*" else -1)
        case _:
            terms = [_measure(argument, known) for argument in node.arguments]
            if node.function in ("min", "max"):
                for term in terms[1:]:
                    terms[0].plus(term)
                return terms[0]
            if node.function == "sqrt":
                return terms[0].power(Fraction(1, 2))
            return PLAIN.plus(terms[0])


def _constants(node: Node) -> list[Fraction]:
    """Numbers that multiply or divide the whole of a formula."""
    match node:
        case Number(text):
            return [Fraction(text)]
        case Negation(operand):
            return _constants(operand)
        case Binary("*", left, right):
            return [*_constants(left), *_constants(right)]
        case Binary("/", left, right):
            return [*_constants(left), *(1 / c for c in _constants(right) if c)]
        case _:
            return []


__all__ = ["FormulaUnitError", "Measure", "UnitError", "formula_factor"]
