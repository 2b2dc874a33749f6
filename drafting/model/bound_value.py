"""What a baseline cell says, as a value: the frozen :class:`Bound` and the questions that can be put to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction

from drafting.model.expression import Expression, ExpressionError
from drafting.notation.typography import typeset


class BoundKind(StrEnum):
    """What sort of statement a cell makes.

    QUANTITY and RANGE are judged as they stand, TWO_SIDED where no name stands between its ends, FORMULA after ``at``,
    DATED once a date has chosen one part.
    """

    QUANTITY = "quantity"
    RANGE = "range"
    TWO_SIDED = "two-sided"
    COMPOUND = "compound"
    BY_CLASS = "by-class"
    DATED = "dated"
    RELATIVE = "relative"
    RATIO = "ratio"
    FORMULA = "formula"
    FREQUENCY = "frequency"
    DURATION = "duration"
    DATE = "date"
    ORDINAL = "ordinal"
    SAME_AS = "same-as"
    MISSING = "missing"
    TEXT = "text"


class Operator(StrEnum):
    """How a value is held against the number. A bare number is EQUAL until a direction turns it into a limit."""

    AT_MOST = "<="
    BELOW = "<"
    AT_LEAST = ">="
    ABOVE = ">"
    EQUAL = "=="

    @property
    def symbol(self) -> str:
        """The sign a table shows; nothing for a bare number."""
        return {"<=": "≤", ">=": "≥", "==": ""}.get(self.value, self.value)


_SMALLER, _LARGER = "smaller", "larger"
_OPERATOR_OF = {_SMALLER: Operator.AT_MOST, _LARGER: Operator.AT_LEAST}


@dataclass(frozen=True, slots=True)
class Bound:
    """One cell: ``≤0.65``, ``不低于90%``, ``85～90``, ``≤0.14+0.08n``, ``同Ⅰ级``, ``—`` or plain text.

    Attributes
    ----------
    text : str
        The cell as it stands, unchanged.
    kind : BoundKind
    operator : Operator or None
        Of a two-sided bound how a value is held against `number`, as `upper_operator` against `upper`.
    number, upper : Decimal or None
        As written, trailing zeros included; `upper` only for ranges and two-sided bounds. 万 and 亿 belong to the unit.
    unit : str or None
        As it stands in the text; for a compound the unit that all its parts share.
    expression : Expression or None
        Of a formula: its tree, as read from the cell.
    date : datetime.date or None
    parts : tuple of Bound
        Of a compound, in order; of a dated bound each with its date, `reference` ``"from"`` or ``"before"`` it.
    reference : str or None
        The grade (I, II, III) that 同Ⅰ级 points at, None for 同左; the class (Ⅴ) of an ordinal.
    subject, remark : str
        Words before and after the bound proper; they may hold a condition.
    upper_operator : Operator or None
    marks : tuple of str
        Footnote marks that stand in the cell (a, ①), as typed.
    body : str or None
        The cell without its marks; None where it has none.
    inside : tuple of (int, str)
        Those of the marks that stand within the cell, each with its place in `body`; the others stand at its end.
    """

    text: str
    kind: BoundKind
    operator: Operator | None = None
    number: Decimal | None = None
    upper: Decimal | None = None
    unit: str | None = None
    expression: Expression | None = None
    date: date | None = None
    parts: tuple[Bound, ...] = ()
    reference: str | None = None
    subject: str = ""
    remark: str = ""
    upper_operator: Operator | None = None
    marks: tuple[str, ...] = ()
    body: str | None = None
    inside: tuple[tuple[int, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters of a formula; none of any other bound."""
        return () if self.expression is None else self.expression.names

    @property
    def judged(self) -> bool:
        """Whether a value can be held against it without knowing more."""
        if self.kind is BoundKind.TWO_SIDED:  # 6<pH<9 limits two ways, and only one is the indicator's direction
            return not self.subject
        return self.kind in (BoundKind.QUANTITY, BoundKind.RANGE)

    @property
    def bare(self) -> bool:
        """Whether a number stands without a comparison sign: the direction says which way it limits."""
        return self.operator is Operator.EQUAL and self.kind in (BoundKind.QUANTITY, BoundKind.FORMULA)

    def directed(self, direction: str) -> Bound:
        """Read a bare number, a bare formula or a range as a limit in the indicator's direction.

        ``5`` is ``≤5`` where smaller is better and ``≥5`` where larger is better; ``3～4`` is ``≤4`` and ``≥3``,
        because a value beyond the good end is no worse. A written operator stands, whatever the direction. This is
        how a bound is judged; what the draft prints is what was typed (:meth:`format`).

        ``direction``: ``"smaller"``, ``"larger"``; anything else leaves the bound as it is.
        """
        operator = _OPERATOR_OF.get(direction)
        if operator is None:
            return self
        if self.judged and self.upper is not None:
            down = operator is Operator.AT_MOST
            number = self.upper if down else self.number
            if self.kind is BoundKind.TWO_SIDED:  # 300~500(不含): the end that is not counted stays so
                operator = self.upper_operator if down else self.operator
            return replace(
                self, kind=BoundKind.QUANTITY, operator=operator, number=number, upper=None, upper_operator=None
            )
        if self.bare:
            return replace(self, operator=operator)
        return self

    def as_judged(self, direction: str) -> str:
        """Say in signs what is judged in a direction: ≤4 of a typed 3～4. For messages; the draft prints the cell."""
        bound = self.directed(direction)
        if bound.kind is not BoundKind.QUANTITY or bound.number is None:
            return self.format()
        return f"{bound.operator.symbol if bound.operator else ''}{bound.number:f}{bound.unit or ''}"

    def admits(self, value: float | Decimal) -> bool | None:
        """Tell whether a value meets the bound, ends included as written.

        A Decimal is compared exactly, a float with the double nearest to the number: the float 0.65 meets ≤0.65.

        Returns None where the bound cannot be judged or the value is not a number.
        """
        if math.isnan(value) or self.number is None:
            return None
        if self.kind is BoundKind.RANGE and self.upper is not None:
            return _holds(value, Operator.AT_LEAST, self.number) and _holds(value, Operator.AT_MOST, self.upper)
        if self.judged and self.upper is not None and self.operator and self.upper_operator:
            return _holds(value, self.operator, self.number) and _holds(value, self.upper_operator, self.upper)
        if self.kind is BoundKind.QUANTITY and self.operator is not None:
            return _holds(value, self.operator, self.number)
        return None

    def at(self, parameters: Mapping[str, float | Decimal]) -> Bound:
        """Put parameters into a formula; every other bound is returned as it is.

        The arithmetic is exact on the decimal digits of the parameters (a float stands for its shortest decimal), so
        ≤0.14+0.08n at n = 3 is ≤0.38.

        Raises ExpressionError when a parameter is missing, not finite, or the formula has no value there.
        """
        if self.kind is not BoundKind.FORMULA or self.expression is None:
            return self
        values = {}
        for name in self.names:
            if name not in parameters or not math.isfinite(parameters[name]):
                raise ExpressionError("name", None, name)
            values[name] = Fraction(str(parameters[name]))
        number = exact_decimal(self.expression.evaluate_exactly(values))
        return replace(self, kind=BoundKind.QUANTITY, number=number, expression=None)

    def format(self) -> str:
        """Print for a table what was typed, but for :func:`drafting.notation.typography.typeset`; — for none.

        Footnote marks are left to the table, which numbers them anew.
        """
        return "".join(self.pieces)

    @property
    def pieces(self) -> tuple[str, ...]:
        """What is printed between the marks that stand within the cell: one piece more than there are marks."""
        body = self.text if self.body is None else self.body
        for place, _ in reversed(self.inside):
            body = f"{body[:place]}{_MARK}{body[place:]}"
        return tuple(typeset(body).split(_MARK))

    @property
    def marks_behind(self) -> tuple[str, ...]:
        """The marks that stand at the end."""
        behind = list(self.marks)
        for _, mark in self.inside:
            behind.remove(mark)
        return tuple(behind)


_MARK = "\ue000"
"""Stands for a mark within a cell while the cell is printed; no reader sees it."""


def _holds(value: float | Decimal, operator: Operator, number: Decimal) -> bool:
    limit: float | Decimal = number if isinstance(value, Decimal | int) else float(number)
    match operator:
        case Operator.AT_MOST:
            return value <= limit
        case Operator.BELOW:
            return value < limit
        case Operator.AT_LEAST:
            return value >= limit
        case Operator.ABOVE:
            return value > limit
        case Operator.EQUAL:
            return value == limit


def exact_decimal(value: Fraction) -> Decimal:
    """Exact where the decimal ends, to 50 digits where it does not."""
    denominator, places = value.denominator, 0
    while denominator % 10 == 0:
        denominator, places = denominator // 10, places + 1
    twos = (denominator & -denominator).bit_length() - 1
    odd, fives = denominator >> twos, 0
    while odd % 5 == 0:
        odd, fives = odd // 5, fives + 1
    if odd == 1 and places + max(twos, fives) <= 400:
        places += max(twos, fives)
        digits = value.numerator * 10**places // value.denominator
        return Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), -places)) if places else Decimal(digits)
    context = Context(prec=50)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


def bound_for(direction: str, value: Decimal) -> Bound:
    """Make the bound that a numeric baseline is: ``≤value`` where smaller is better, ``≥value`` where larger is.

    Raises ValueError when `direction` is neither.
    """
    if direction not in _OPERATOR_OF:
        raise ValueError(f"a numeric baseline needs the direction 'smaller' or 'larger', not {direction!r}")
    operator = _OPERATOR_OF[direction]
    return Bound(f"{operator.symbol}{value:f}", BoundKind.QUANTITY, operator, value)


def is_stricter(bound: Bound, other: Bound, direction: str) -> bool | None:
    """Tell whether `bound` asks strictly more than `other` of an indicator of this direction.

    Returns None where the two cannot be compared (text, compound, formula, different units, opposed operators).
    """
    one, two = bound.directed(direction), other.directed(direction)
    if one.kind is not BoundKind.QUANTITY or two.kind is not BoundKind.QUANTITY or direction not in _OPERATOR_OF:
        return None
    if one.number is None or two.number is None or (one.unit and two.unit and one.unit != two.unit):
        return None
    good = {Operator.AT_MOST, Operator.BELOW} if direction == _SMALLER else {Operator.AT_LEAST, Operator.ABOVE}
    if one.operator not in good or two.operator not in good:
        return None
    if one.number == two.number:
        strict = {Operator.BELOW, Operator.ABOVE}
        return one.operator in strict and two.operator not in strict
    return (one.number < two.number) is (direction == _SMALLER)
