"""The tree behind an arithmetic expression: its nodes, its exact value, its print as text and as LaTeX."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

_MAX_BITS = 20_000  # of an exact intermediate result; keeps 9^9^9 from filling the memory


class ExpressionError(ValueError):
    """An expression that cannot be read or computed.

    Attributes
    ----------
    position : int or None
        Index of the character at fault in the text given; None when the fault lies in the values.
    reason : str
        ``"empty"``, ``"too-long"``, ``"character"``, ``"syntax"``, ``"ambiguous"``, ``"function"``, ``"nesting"``,
        ``"unclosed"``, ``"bracket"`` (behind a name, neither a qualifier nor multiplied), ``"name"`` (no value for it),
        ``"open-sum"`` (Σ over terms that are not listed), ``"division"``, ``"domain"`` or ``"size"``.
    detail : str
        The piece of text or the name at fault.
    """

    def __init__(self, reason: str, position: int | None = None, detail: str = "") -> None:
        place = "" if position is None else f" at {position}"
        super().__init__(f"{reason}{place}: {detail!r}")
        self.reason = reason
        self.position = position
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Number:
    """A literal, as written."""

    text: str
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter or raw total that gets its value later."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation:
    """Minus one thing."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """Two things joined by ``+ - * / ^``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """One of the functions sum, min, max, sqrt, ln, exp."""

    function: str
    arguments: tuple[Node, ...]


Node = Number | Name | Negation | Binary | Call
FUNCTIONS = ("sum", "min", "max", "sqrt", "ln", "exp")
SEVERAL = ("sum", "min", "max")
"""Functions of any number of terms."""
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}


def names_in(node: Node) -> Iterator[str]:
    """Yield the names below a node, repeats included."""
    match node:
        case Name(name):
            yield name
        case Negation(operand):
            yield from names_in(operand)
        case Binary(_, left, right):
            yield from names_in(left)
            yield from names_in(right)
        case Call(_, arguments):
            for argument in arguments:
                yield from names_in(argument)
        case Number():
            return


def names_below(node: Node) -> Iterator[str]:
    """Yield the names that stand under a fraction bar."""
    match node:
        case Binary(operator, left, right):
            if operator == "/":
                yield from names_in(right)
            yield from names_below(left)
            yield from names_below(right)
        case Negation(operand):
            yield from names_below(operand)
        case Call(_, arguments):
            for argument in arguments:
                yield from names_below(argument)
        case _:
            return


def has_open_sum(node: Node) -> bool:
    """Whether Σ stands over one term only: what it runs over is not listed, so it has no value of its own."""
    match node:
        case Call("sum", (_,)):
            return True
        case Call(_, arguments):
            return any(map(has_open_sum, arguments))
        case Binary(_, left, right):
            return has_open_sum(left) or has_open_sum(right)
        case Negation(operand):
            return has_open_sum(operand)
        case _:
            return False


def zero_divisor(node: Node) -> str | None:
    """Print a divisor that is 0 whatever the names are, None where there is none."""
    match node:
        case Binary(operator, left, right):
            if operator == "/" and exponent_of(right) == 0:
                return print_text(right)
            return zero_divisor(left) or zero_divisor(right)
        case Negation(operand):
            return zero_divisor(operand)
        case Call(_, arguments):
            return next((zero for a in arguments if (zero := zero_divisor(a)) is not None), None)
        case _:
            return None


def compute(
    node: Node, values: Mapping[str, Any], number: Callable[[str], Any], functions: Mapping[str, Callable[..., Any]]
) -> Any:
    """Compute a node with the numbers and functions of one arithmetic, exact or floating."""
    match node:
        case Number(text):
            return number(text)
        case Name(name):
            if name not in values:
                raise ExpressionError("name", None, name)
            return values[name]
        case Negation(operand):
            return functions["neg"](compute(operand, values, number, functions))
        case Binary(operator, left, right):
            arguments = (compute(side, values, number, functions) for side in (left, right))
            return functions[operator](*arguments)
        case Call("sum", (_,)):
            raise ExpressionError("open-sum", None, "sum")
        case Call(function, terms):
            return functions[function](*(compute(term, values, number, functions) for term in terms))


def _sized(value: Fraction) -> Fraction:
    if value.numerator.bit_length() + value.denominator.bit_length() > _MAX_BITS:
        raise ExpressionError("size")
    return value


def _divide(left: Fraction, right: Fraction) -> Fraction:
    if right == 0:
        raise ExpressionError("division", None, "0")
    return _sized(left / right)


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        return _transcendental("pow", base, exponent)
    if base == 0 and exponent < 0:
        raise ExpressionError("division", None, "0")
    bits = base.numerator.bit_length() + base.denominator.bit_length()
    if abs(exponent.numerator) * bits > _MAX_BITS:
        raise ExpressionError("size")
    return Fraction(base**exponent.numerator)


def _transcendental(function: str, *arguments: Fraction) -> Fraction:
    try:
        name = {"ln": "log"}.get(function, function)
        return Fraction(getattr(math, name)(*map(float, arguments)))
    except (ValueError, OverflowError) as error:
        raise ExpressionError("domain", None, function) from error


EXACT: Mapping[str, Callable[..., Fraction]] = {
    "+": lambda left, right: _sized(left + right),
    "-": lambda left, right: _sized(left - right),
    "*": lambda left, right: _sized(left * right),
    "/": _divide,
    "^": _power,
    "neg": lambda operand: -operand,
    "sum": lambda *terms: _sized(sum(terms, Fraction())),
    "min": lambda *terms: min(terms),
    "max": lambda *terms: max(terms),
    "sqrt": lambda term: _transcendental("sqrt", term),
    "ln": lambda term: _transcendental("ln", term),
    "exp": lambda term: _transcendental("exp", term),
}


def exponent_of(node: Node) -> Fraction | None:
    """The value of an exponent, None where it holds names or has no value."""
    try:
        return Fraction(compute(node, {}, Fraction, EXACT))
    except ExpressionError:
        return None


def whole_exponent(node: Node) -> int | None:
    """The value of an exponent that is a whole number, else None."""
    value = exponent_of(node)
    return int(value) if value is not None and value.denominator == 1 else None


def degree(node: Node) -> Fraction:
    """The largest product of exponents that stand one upon another, as in (a^2)^3; at least 1."""
    match node:
        case Binary("^", left, right):
            return degree(left) * max(Fraction(1), abs(exponent_of(right) or Fraction(1)))
        case Binary(_, left, right):
            return max(degree(left), degree(right))
        case Negation(operand):
            return degree(operand)
        case Call(_, arguments):
            return max(map(degree, arguments))
        case _:
            return Fraction(1)


def print_text(node: Node, context: int = 0) -> str:
    """Print a node; `context` is the strength of the operator around it."""
    match node:
        case Number(text, percent):
            return f"{text}%" if percent else text
        case Name(name):
            plain = name not in FUNCTIONS and all(is_letter(c) or c.isdecimal() for c in name) and is_letter(name[:1])
            return name if plain else f"[{name}]"
        case Call(function, arguments):
            return f"{function}({','.join(print_text(argument) for argument in arguments)})"
        case Negation(operand):
            return _bracket(f"-{print_text(operand, 3)}", context > 1)
        case Binary(operator, left, right):
            strength = _STRENGTH[operator]
            # The left side binds first, except for powers, which are read from the right.
            before = print_text(left, strength + (operator == "^"))
            after = print_text(right, strength + (operator != "^"))
            return _bracket(f"{before}{operator}{after}", strength < context)


def print_latex(node: Node, context: int = 0) -> str:
    r"""Print a node as LaTeX; a quotient is a ``\\frac`` and so needs no bracket around it."""
    match node:
        case Number(text, percent):
            return rf"{text}\%" if percent else text
        case Name(name):
            return _latex_name(name)
        case Call(function, arguments):
            inside = ", ".join(print_latex(argument) for argument in arguments)
            if function == "sum" and len(arguments) == 1:
                # A product needs no bracket after Σ, a sum does.
                bare = isinstance(arguments[0], Number | Name) or getattr(arguments[0], "operator", "+") in "*/^"
                if context > _STRENGTH["/"] + 1:
                    return _latex_bracket(print_latex(node), needed=True)
                return rf"\sum {inside}" if bare and context <= 1 else f"\\sum\\left({inside}\\right)"
            if function == "sum":  # terms that are listed are added where they stand
                added = " + ".join(print_latex(argument, 1) for argument in arguments)
                return _latex_bracket(added, context > _STRENGTH["+"])
            return rf"\sqrt{{{inside}}}" if function == "sqrt" else f"\\{function}\\left({inside}\\right)"
        case Negation(operand):
            return _latex_bracket(f"-{print_latex(operand, 3)}", context > 1)
        case Binary("/", left, right):
            fraction = f"\\frac{{{print_latex(left)}}}{{{print_latex(right)}}}"
            return _latex_bracket(fraction, context > _STRENGTH["/"] + 1)
        case Binary("^", left, right):
            return _latex_bracket(f"{print_latex(left, 5)}^{{{print_latex(right)}}}", context > _STRENGTH["^"])
        case Binary("*", left, right):
            times = " " if isinstance(left, Number) and not left.percent and _is_symbol(right) else " \\times "
            return _latex_bracket(f"{print_latex(left, 2)}{times}{print_latex(right, 3)}", context > _STRENGTH["*"])
        case Binary(operator, left, right):
            strength = _STRENGTH[operator]
            return _latex_bracket(f"{print_latex(left, 1)} {operator} {print_latex(right, 2)}", strength < context)


def is_letter(character: str) -> bool:
    """Whether a name may begin with this character."""
    return character.isalpha() or (character != "" and character in "_₀₁₂₃₄₅₆₇₈₉")


def _bracket(text: str, needed: bool) -> str:
    return f"({text})" if needed else text


def _latex_bracket(text: str, needed: bool) -> str:
    return f"\\left({text}\\right)" if needed else text


def _is_symbol(node: Node) -> bool:
    return isinstance(node, Name) and node.name.isascii()


def _latex_name(name: str) -> str:
    head, _, index = name.partition("_")
    if head.isascii() and head.isalnum() and head[:1].isalpha() and index:
        return f"{_latex_name(head)}_{{{_latex_name(index)}}}"
    if (len(name) == 1 and name.isascii() and name.isalpha()) or (name.isascii() and name.isdecimal()):
        return name
    if name.isascii() and name.isalnum():
        return rf"\mathrm{{{name}}}"
    escaped = "".join(rf"\{c}" if c in "_%#&${}" else {"\\": "", "~": " ", "^": " "}.get(c, c) for c in name)
    return f"\\text{{{escaped}}}"
