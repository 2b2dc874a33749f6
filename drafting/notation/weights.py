"""The notation of weights: a number (0.15, 15%, 1/3) or a share of a group (0.8/n, 1/n).

A share is a number divided by n, however it is written (0.8/n, (0.5+0.3)/n, 80%/n): only then do the weights of a group
keep their sum whatever number of its indicators applies.
"""

from __future__ import annotations

from fractions import Fraction

from drafting.model.characters import fold
from drafting.model.expression import ExpressionError, parse_expression
from drafting.model.expression_tree import EXACT, Binary, Call, Name, Negation, Node, Number
from drafting.model.weight import Weight

COUNT = "n"
"""The only letter of a weight: the number of indicators that share it and apply."""
COUNTED = "同一一级指标下权重以该式给出、且适用于被评价企业的二级指标项数"
"""What n is, as the draft and the self-assessment workbook say it."""
_LONGEST = 60


class WeightError(ValueError):
    """A text that is no weight.

    Attributes
    ----------
    reason : str
        ``"text"`` (not arithmetic), ``"letter"`` (another letter than n), ``"left-over"`` (words behind n), ``"form"``
        (n, but not a number divided by n), ``"division"`` (by 0), ``"zero"`` (a share of nothing), ``"range"`` (not
        between 0 and 1), ``"too-long"``.
    detail : str
        The piece of text at fault.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail!r}")
        self.reason = reason
        self.detail = detail


def parse_weight(text: str) -> Weight:
    """Read a weight.

    Raises WeightError.
    """
    written = fold(text).strip()
    if len(written) > _LONGEST:
        raise WeightError("too-long", written[:20])
    try:
        root = parse_expression(written).root
        amount, power = _monomial(root)
    except ExpressionError as error:
        raise WeightError("division" if error.reason == "division" else "text", error.detail) from error
    if power not in (0, -1) or (power and amount < 0):
        raise WeightError("form", written)
    if power and not amount:
        raise WeightError("zero", written)
    if not 0 <= amount <= 1:
        raise WeightError("range", written)
    if power:
        return Weight("".join(written.split()), amount, shared=True)
    as_written = isinstance(root, Binary) or (isinstance(root, Number) and not root.percent)
    return Weight("".join(written.split()) if as_written else Weight.number(amount).text, amount)


def _monomial(node: Node) -> tuple[Fraction, int]:
    """Reduce a tree to a number times a power of n."""
    match node:
        case Number(text, percent):
            return Fraction(text) / (100 if percent else 1), 0
        case Name(name) if name == COUNT:
            return Fraction(1), 1
        case Name(name):
            rest = name.removeprefix(COUNT)
            raise WeightError("left-over", rest) if rest != name and not rest.isascii() else WeightError("letter", name)
        case Negation(operand):
            amount, power = _monomial(operand)
            return -amount, power
        case Binary("*", left, right):
            (one, above), (two, more) = _monomial(left), _monomial(right)
            return one * two, above + more
        case Binary("/", left, right):
            (one, above), (two, below) = _monomial(left), _monomial(right)
            return EXACT["/"](one, two), above - below
        case Binary("^", left, right):
            (one, power), (exponent, none) = _monomial(left), _monomial(right)
            if none or exponent.denominator != 1:
                raise WeightError("form", COUNT)
            return EXACT["^"](one, exponent), power * int(exponent)
        case Binary(sign, left, right):
            (one, power), (two, other) = _monomial(left), _monomial(right)
            if power != other:
                raise WeightError("form", sign)
            return EXACT[sign](one, two), power
        case Call(function, _):
            raise WeightError("form", function)


__all__ = ["COUNT", "COUNTED", "WeightError", "parse_weight"]
