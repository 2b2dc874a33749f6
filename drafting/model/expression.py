"""Small arithmetic expressions: formula baselines (0.14+0.08n) and formulas of indicators (综合能耗/合格产品产量).

The grammar, parsed by recursive descent (nothing is ever handed to the Python interpreter)::

    sum      = term { ("+" | "-") term }
    term     = factor { ("*" | "/" | nothing) factor }     nothing: implicit product, as in 0.08n or 2(n+1)
    factor   = ("+" | "-") factor | power
    power    = atom [ "^" factor ]
    atom     = number ["%"] | name | function "(" sum { "," sum } ")" | "(" sum ")"

Names are Latin or Chinese identifiers; a name holding other characters is put in square brackets. A bracket behind a
Chinese name belongs to it where it holds words only (综合能耗（标煤）) and is refused otherwise: a product is written
with its sign. Behind a single Latin letter a bracket is a factor, behind a Latin word a function's. Functions are
sum (Σ), min, max, sqrt (√), ln, exp, in any case of letters. A percent sign after a number marks the unit in which the
result is given, as in "利用量/产生量×100%"; it is printed and counts as 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

from drafting.model.characters import fold
from drafting.model.expression_tree import (
    EXACT,
    FUNCTIONS,
    SEVERAL,
    Binary,
    Call,
    ExpressionError,
    Name,
    Negation,
    Node,
    Number,
    compute,
    degree,
    has_open_sum,
    is_letter,
    names_below,
    names_in,
    print_latex,
    print_text,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Expression", "ExpressionError", "parse_expression"]

_MAX_DEPTH = 40
_MAX_LENGTH = 1000
_MAX_TOKENS = 200  # a tree is walked by recursion; this bounds its depth
_MAX_DEGREE = 16  # formulas of the standard have none beyond 1; exact powers of 9^9^9 would never come back
_SIGNS_OF = {"Σ": "sum", "∑": "sum", "√": "sqrt"}
_LETTER = re.compile(r"[A-Za-z](?:_?[0-9₀-₉]+|_[A-Za-z0-9]+)?|[^\x00-\x7f\u2e80-\U0003ffff]")
"""A single letter, perhaps with an index: behind it a bracket is a factor."""
_QUALIFIER = re.compile(r"\s*\((?=[^()]*[^\W\d_])[\w、·.\s]{1,30}\)")
"""A bracket that holds words, no arithmetic."""
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression; made by :func:`parse_expression`."""

    root: Node

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, each once, in order of appearance."""
        return tuple(dict.fromkeys(names_in(self.root)))

    @property
    def open_sum(self) -> bool:
        """Whether a Σ in it runs over terms that are not listed; it has no value then."""
        return has_open_sum(self.root)

    @property
    def divisors(self) -> tuple[str, ...]:
        """Names under a fraction bar: where such an output is zero or negative, an indicator has no value."""
        return tuple(dict.fromkeys(names_below(self.root)))

    def evaluate(self, values: Mapping[str, float | NDArray[Any]]) -> float | NDArray[Any]:
        """Compute in floats.

        Raises ExpressionError with reason ``"name"`` when a name has no value.

        ``values``: arrays broadcast. A division by zero or a root of a negative number gives inf or nan where it
        happens.
        Returns an array when any value is an array.
        """
        import numpy as np

        functions: dict[str, Callable[..., Any]] = {
            "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power, "neg": np.negative,
            "sum": lambda *terms: reduce(np.add, terms),
            "min": lambda *terms: reduce(np.minimum, terms), "max": lambda *terms: reduce(np.maximum, terms),
            "sqrt": np.sqrt, "ln": np.log, "exp": np.exp,
        }  # fmt: skip
        known = {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}
        with np.errstate(all="ignore"):
            result = np.asarray(compute(self.root, known, np.float64, functions))
        return result if result.ndim else float(result)

    def evaluate_exactly(self, values: Mapping[str, Fraction | Decimal | int]) -> Fraction:
        """Compute in rational numbers, so that 0.14 + 0.08·3 is 0.38 and nothing else.

        sqrt, ln, exp and broken exponents have no rational value in general; they are computed in floats and the float
        is taken as it is.

        Raises ExpressionError: ``"name"``, ``"division"``, ``"domain"`` or ``"size"``.
        """
        known = {name: Fraction(value) for name, value in values.items()}
        result = compute(self.root, known, Fraction, EXACT)
        return Fraction(result)

    def __str__(self) -> str:
        """Give the canonical print."""
        return self.to_text()

    def to_text(self) -> str:
        """Print with explicit ``*`` and no bracket more than needed; :func:`parse_expression` reads it back."""
        return print_text(self.root)

    def to_latex(self) -> str:
        """Print as LaTeX mathematics: fractions stacked, Chinese names upright, 2n without a sign."""
        return print_latex(self.root)


def parse_expression(text: str) -> Expression:
    """Read an expression.

    Raises ExpressionError with the position of the first character that cannot be read. ``a/2n`` is refused as
    ambiguous: it is read as (a/2)·n by one and as a/(2n) by the next. Exponents beyond 16, or that multiply to more,
    are refused (``"size"``).
    """
    if len(text) > _MAX_LENGTH:
        raise ExpressionError("too-long", _MAX_LENGTH, text[:20])
    tokens = tuple(_tokens(fold(text, arithmetic=True)))
    if len(tokens) > _MAX_TOKENS:
        raise ExpressionError("too-long", tokens[_MAX_TOKENS].position, tokens[_MAX_TOKENS].text)
    return Expression(_Parser(tokens).parse())


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, name, sign, power (superscript digits), end
    text: str
    position: int


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        start, character = at, text[at]
        if character.isspace():
            at += 1
        elif character in "0123456789" or (character == "." and text[at + 1 : at + 2] in set("0123456789")):
            while at < len(text) and text[at] in "0123456789.":
                at += 1
            if text.count(".", start, at) > 1 or at - start > 40:
                raise ExpressionError("syntax", start, text[start:at])
            yield _Token("number", text[start:at], start)
        elif character == "[":
            at = text.find("]", start) + 1
            if at < start + 3:
                raise ExpressionError("unclosed", start, text[start : start + 20])
            yield _Token("quoted", text[start + 1 : at - 1].strip(), start)
        elif is_letter(character) and character not in _SIGNS_OF:
            while at < len(text) and (is_letter(text[at]) or text[at] in "0123456789") and text[at] not in _SIGNS_OF:
                at += 1
            if not text[start:at].isascii() and (qualifier := _QUALIFIER.match(text, at)):
                at = qualifier.end()
            yield _Token("name", "".join(text[start:at].split()), start)
        elif character in _SIGNS_OF:
            at += 1
            yield _Token("name", _SIGNS_OF[character], start)
        elif character in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻":
            while at < len(text) and text[at] in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻":
                at += 1
            yield _Token("power", text[start:at].translate(_SUPERSCRIPTS), start)
        elif character in "+-*/^(),%":
            at += 2 if text[at : at + 2] == "**" else 1
            yield _Token("sign", "^" if at - start == 2 else character, start)
        else:
            raise ExpressionError("character", start, character)
    yield _Token("end", "", len(text))


class _Parser:
    """Recursive descent over a tuple of tokens."""

    def __init__(self, tokens: tuple[_Token, ...]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def parse(self) -> Node:
        if self._token.kind == "end":
            raise ExpressionError("empty", 0)
        node = self._sum()
        if self._token.kind != "end":
            raise self._fault("syntax")
        return node

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _fault(self, reason: str) -> ExpressionError:
        return ExpressionError(reason, self._token.position, self._token.text)

    def _accept(self, signs: str) -> str | None:
        token = self._token
        if token.kind == "sign" and token.text in signs:
            self._next += 1
            return token.text
        return None

    def _sum(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._fault("nesting")
        node = self._term()
        while sign := self._accept("+-"):
            node = Binary(sign, node, self._term())
        self._depth -= 1
        return node

    def _term(self) -> Node:
        node, divided = self._factor(), False
        while True:
            if sign := self._accept("*/"):
                divided = sign == "/"
                node = Binary(sign, node, self._factor())
            elif self._may_multiply():
                if divided:
                    raise self._fault("ambiguous")
                node = Binary("*", node, self._factor())
            else:
                return node

    def _may_multiply(self) -> bool:
        # A name after a name is a slip of the pen ("n kWh"), not a product; after a number or a bracket it is one.
        before, token = self._tokens[self._next - 1], self._token
        opens = token.kind in ("name", "quoted") or token.text == "("
        closes = before.kind in ("number", "power") or before.text == ")"
        if before.kind == "name" and token.text == "(" and not _LETTER.fullmatch(before.text):
            raise ExpressionError("function" if before.text.isascii() else "bracket", before.position, before.text)
        return opens and (closes or (before.kind in ("name", "quoted") and token.text == "("))

    def _factor(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._fault("nesting")
        sign = self._accept("+-")
        node = self._power() if sign is None else self._factor()
        self._depth -= 1
        return Negation(node) if sign == "-" else node

    def _power(self) -> Node:
        base = self._atom()
        if self._token.kind == "power":
            digits = self._token.text
            if not digits.removeprefix("-").isdecimal():
                raise self._fault("syntax")
            exponent: Node = Number(digits.removeprefix("-"))
            power = Binary("^", base, Negation(exponent) if digits.startswith("-") else exponent)
            if degree(power) > _MAX_DEGREE:
                raise self._fault("size")
            self._next += 1
            return power
        if not self._accept("^"):
            return base
        begin = self._token
        power = Binary("^", base, self._factor())
        if degree(power) > _MAX_DEGREE:
            raise ExpressionError("size", begin.position, begin.text)
        return power

    def _atom(self) -> Node:
        token = self._token
        if token.kind == "number":
            self._next += 1
            return Number(token.text, percent=self._accept("%") is not None)
        if token.kind == "quoted":
            self._next += 1
            return Name(token.text)
        if token.kind == "name":
            self._next += 1
            function = token.text.lower()
            if function in FUNCTIONS and self._accept("("):
                return self._call(function, token)
            if function in FUNCTIONS:
                raise ExpressionError("function", token.position, token.text)
            return Name(token.text)
        if self._accept("("):
            node = self._sum()
            self._close(token)
            return node
        raise self._fault("syntax")

    def _call(self, function: str, token: _Token) -> Node:
        arguments = [self._sum()]
        while self._accept(","):
            arguments.append(self._sum())
        self._close(token)
        if len(arguments) != 1 and function not in SEVERAL:
            raise ExpressionError("function", token.position, token.text)
        return Call(function, tuple(arguments))

    def _close(self, opened: _Token) -> None:
        if not self._accept(")"):
            raise ExpressionError("unclosed", opened.position, opened.text)
