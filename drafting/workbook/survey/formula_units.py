"""Units in a formula over raw totals: terms that are added are brought to one unit, the result to the indicator's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import prod

from drafting.model.expression import Expression
from drafting.model.expression_tree import Binary, Call, Name, Negation, Node, Number, exponent_of, names_in, print_text
from drafting.notation.conversion import UnitError, above_heat, measure, speaks_of_coal, speaks_of_electricity

CLOSE = Fraction(2, 1000)
"""Coefficients are published rounded (29.27 GJ a tonne of coal): so near to the exact one they are the same."""
_COAL_UNITS = ("tce", "kgce", "gce")


class FormulaUnitError(ValueError):
    """A formula whose units do not fit.

    Attributes
    ----------
    reason : str
        ``"sum"`` (things that measure something else are added), ``"coefficient"`` (a term's number is not the one that
        leads to the unit of the others), ``"coefficients"`` (the numbers in the sum carry units that cannot be told),
        ``"dimension"`` (the result measures something else than the indicator), ``"scale"`` (the formula's own
        constants do not lead to the indicator's unit), ``"power"``.
    factor : Fraction or None
        With ``"scale"`` and ``"coefficient"``: what would lead there.
    term : str
        With ``"coefficient"``: the term.
    """

    def __init__(self, reason: str, factor: Fraction | None = None, term: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.factor = factor
        self.term = term


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit as a multiple of base units with their powers."""

    scale: Fraction
    powers: Mapping[str, Fraction]

    @classmethod
    def of(cls, unit: str, above: Fraction = Fraction(1)) -> Measure:
        """Take apart a unit as written; ``above`` is what electricity counts for, as a multiple of its heat."""
        scale, powers = measure(unit)
        counted = speaks_of_electricity(unit) and not speaks_of_coal(unit)
        return cls(scale * above if counted else scale, powers)

    def times(self, other: Measure, sign: int = 1) -> Measure:
        """Multiply by another measure, or divide with ``sign`` -1."""
        powers = dict(self.powers)
        for base, power in other.powers.items():
            powers[base] = powers.get(base, Fraction(0)) + sign * power
        return Measure(self.scale * other.scale**sign, {b: p for b, p in powers.items() if p})

    def power(self, exponent: Fraction) -> Measure:
        """Raise to a power."""
        if not self.powers and self.scale == 1:
            return self
        if exponent.denominator != 1:
            raise FormulaUnitError("power")
        return Measure(self.scale ** int(exponent), {b: p * exponent for b, p in self.powers.items()})


PLAIN = Measure(Fraction(1), {})


@dataclass(frozen=True, slots=True)
class Conversion:
    """A term of a sum that is brought to the unit of the others."""

    term: str
    factor: Fraction
    like: str
    """The term whose unit is taken."""

    @property
    def in_words(self) -> str:
        """For findings and papers."""
        return f"“{self.term}”乘以 {float(self.factor):.10g}，换算为“{self.like}”的单位"


@dataclass(frozen=True, slots=True)
class UnitReading:
    """A formula with its conversions."""

    expression: Expression
    """The formula, with the numbers that bring added terms to one unit."""
    factor: Fraction
    """From what it computes to the indicator's unit."""
    conversions: tuple[Conversion, ...]
    coefficients: tuple[str, ...]
    """Terms whose number has to carry a unit (0.7143 tce/t), which nothing but its writer can vouch for."""

    @property
    def whole(self) -> Expression:
        """The formula that gives the indicator's unit."""
        if self.factor == 1:
            return self.expression
        return Expression(Binary("*", self.expression.root, _number(self.factor)))


def read_units(expression: Expression, units: Mapping[str, str], wanted: str, electricity: Fraction) -> UnitReading:
    """Find what leads from totals in their stated units to the indicator's unit.

    Numbers in the formula are plain numbers, or the conversion itself where they are the ones that lead to the unit
    (综合能耗×1000/产量, 燃料+电力×1.229); where there are none, the program converts.

    Raises FormulaUnitError; UnitError: a unit that is not known.

    ``units``: stated unit of every name of the formula.
    ``wanted``: the indicator's unit.
    ``electricity``: coal equivalent of electricity, kgce/kWh: what it counts for where the units speak of standard coal
    as well.
    """
    coal = any(map(speaks_of_coal, (*units.values(), wanted)))
    above = above_heat(electricity) if coal else Fraction(1)
    reader = _Reader({name: Measure.of(unit, above) for name, unit in units.items()})
    found, root = reader.read(expression.root)
    target = Measure.of(wanted, above)
    if found.powers != target.powers:
        raise FormulaUnitError("dimension")
    factor, own = found.scale / target.scale, _constants(expression.root)
    if factor != 1 and any(constant != 1 for constant in own):
        if not _close(prod(own, start=Fraction(1)), factor):
            raise FormulaUnitError("scale", factor)
        factor = Fraction(1)
    return UnitReading(Expression(root), factor, tuple(reader.conversions), tuple(reader.coefficients))


@dataclass
class _Reader:
    known: Mapping[str, Measure]
    conversions: list[Conversion] = field(default_factory=list)
    coefficients: list[str] = field(default_factory=list)

    def read(self, node: Node) -> tuple[Measure, Node]:
        """Unit of a part of the formula, and the part with its conversions."""
        match node:
            case Number():
                return PLAIN, node
            case Name(name):
                return self.known[name], node
            case Negation(operand):
                unit, inner = self.read(operand)
                return unit, Negation(inner)
            case Binary("^", left, right):
                # An exponent is a number, not a quantity.
                exponent = exponent_of(right)
                if exponent is None:
                    raise FormulaUnitError("power")
                unit, inner = self.read(left)
                return unit.power(exponent), Binary("^", inner, right)
            case Binary("+" | "-"):
                terms = _terms(node)
                unit, inner_terms = self._alike([term for _, term in terms])
                root = inner_terms[0]
                for (sign, _), term in zip(terms[1:], inner_terms[1:], strict=True):
                    root = Binary(sign, root, term)
                return unit, root
            case Binary(operator, left, right):
                (one, above), (two, below) = self.read(left), self.read(right)
                return one.times(two, 1 if operator == "*" else -1), Binary(operator, above, below)
            case Call("sum" | "min" | "max" as function, arguments):
                unit, inner_terms = self._alike(arguments)
                return unit, Call(function, tuple(inner_terms))
            case Call(function, arguments):
                unit, inner = self.read(arguments[0])
                if function == "sqrt":
                    unit = unit.power(Fraction(1, 2))
                elif (unit.powers, unit.scale) != (PLAIN.powers, PLAIN.scale):
                    raise FormulaUnitError("sum")
                return unit, Call(function, (inner,))

    def _alike(self, terms: Sequence[Node]) -> tuple[Measure, list[Node]]:
        """Bring terms that are added or compared to one unit."""
        read = [self.read(term) for term in terms]
        units = [unit for unit, _ in read]
        if all((u.powers, u.scale) == (units[0].powers, units[0].scale) for u in units):
            return units[0], [inner for _, inner in read]
        weights = [prod(_constants(term), start=Fraction(1)) for term in terms]
        common, like = self._common(terms, units, weights)
        return common, [
            self._converted(term, inner, unit, weight, common, like)
            for term, (unit, inner), weight in zip(terms, read, weights, strict=True)
        ]

    def _common(
        self, terms: Sequence[Node], units: Sequence[Measure], weights: Sequence[Fraction]
    ) -> tuple[Measure, str]:
        """Unit of a sum: of the first term without a number of its own, else the one that the numbers lead to."""
        for term, unit, weight in zip(terms, units, weights, strict=True):
            if weight == 1 and any(names_in(term)):
                return unit, print_text(term)
        for term, unit, weight in zip(terms, units, weights, strict=True):
            for word in _COAL_UNITS:  # energy is summed as standard coal (GB/T 2589)
                coal = Measure.of(word)
                if unit.powers == coal.powers and weight > 0 and _close(weight, unit.scale / coal.scale):
                    return coal, print_text(term)
        if all(unit.powers == units[0].powers for unit in units) and weights[0] > 0:
            return replace(units[0], scale=units[0].scale / weights[0]), print_text(terms[0])
        raise FormulaUnitError("coefficients")

    def _converted(self, term: Node, inner: Node, unit: Measure, weight: Fraction, common: Measure, like: str) -> Node:
        named = any(names_in(term))
        if unit.powers != common.powers:
            if weight in (0, 1) or not named:
                raise FormulaUnitError("sum")
            self.coefficients.append(print_text(term))
            return inner
        expected = unit.scale / common.scale
        if expected == 1 or _close(weight, expected):
            return inner
        if weight != 1 or not named:
            raise FormulaUnitError("coefficient" if named else "sum", expected, print_text(term))
        self.conversions.append(Conversion(print_text(term), expected, like))
        return Binary("*", inner, _number(expected))


def _terms(node: Node) -> list[tuple[str, Node]]:
    """Terms of a sum with the signs before them."""
    if isinstance(node, Binary) and node.operator in "+-":
        return [*_terms(node.left), (node.operator, node.right)]
    return [("+", node)]


def _number(value: Fraction) -> Node:
    decimal = f"{float(value):.15f}".rstrip("0").removesuffix(".")
    if Fraction(decimal) == value:
        return Number(decimal)
    return Binary("/", Number(str(value.numerator)), Number(str(value.denominator)))


def _close(own: Fraction, exact: Fraction) -> bool:
    """Whether a formula's own number is the exact one, as it may be rounded; powers of ten never are."""
    if exact > 0 and set(f"{exact.numerator}{exact.denominator}") <= {"1", "0"}:
        return own == exact
    return abs(own - exact) <= CLOSE * abs(exact)


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


__all__ = ["Conversion", "FormulaUnitError", "Measure", "UnitError", "UnitReading", "read_units"]
