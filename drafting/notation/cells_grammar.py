"""The grammar of cells (LALR): what belongs to one number, and what stands between the numbers.

Every sequence of tokens is a cell – the lexer leaves out nothing but blanks – so that parsing cannot fail and what was
not understood is there to be named. What the items mean together is told in :mod:`drafting.notation.cells_meaning`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from drafting.notation.cells_tokens import Token, tokens_of

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = r"""
start: (quantity | range
     | WORDS | COMPARISON | SEPARATOR | ABOUT | NAME | RATIO | RELATIVE | DATE | FREQUENCY | ORDINAL)*
quantity: COMPARISON? HOLD? PRIOR? NUMBER UNIT? SUFFIX? EXCEPT?
range: COMPARISON? HOLD? PRIOR? NUMBER UNIT? TO NUMBER UNIT? SUFFIX? EXCEPT?
     | COMPARISON? HOLD? ROPEN NUMBER UNIT? TO NUMBER UNIT? RCLOSE UNIT? SUFFIX? EXCEPT?

%declare WORDS COMPARISON SEPARATOR ABOUT NAME RATIO RELATIVE DATE FREQUENCY ORDINAL
%declare HOLD PRIOR NUMBER UNIT SUFFIX EXCEPT TO ROPEN RCLOSE
"""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number, or the two ends of a range, with what belongs to it; ``start`` and ``end`` are places in the cell."""

    start: int
    end: int
    number: str
    comparison: str | None = None
    hold: bool = False
    prior: bool = False
    unit: str | None = None
    """Of a range the unit behind its upper end."""
    lower_unit: str | None = None
    to: str | None = None
    upper: str | None = None
    suffix: str | None = None
    excepted: str | None = None


def _quantity(tokens: list[Token]) -> Quantity:
    parts: dict[str, Any] = {}
    number = ""
    for token in tokens:
        match token.type:
            case "NUMBER":
                if number:
                    parts["upper"] = token.text
                else:
                    number = token.text
            case "UNIT":
                parts["unit"] = token.text
            case "TO":
                parts["to"] = token.text
                parts["lower_unit"] = parts.pop("unit", None)
            case "COMPARISON":
                parts["comparison"] = token.text
            case "SUFFIX":
                parts["suffix"] = token.text
            case "EXCEPT":
                parts["excepted"] = token.text
            case "HOLD":
                parts["hold"] = True
            case "PRIOR":
                parts["prior"] = True
    return Quantity(tokens[0].start_pos, tokens[-1].end_pos, number, **parts)


@cache
def _parser() -> Lark:
    # Loaded when the first cell is read: the command's help needs no grammar.
    from lark import Lark, Transformer
    from lark.lexer import Lexer

    class CellLexer(Lexer):
        def __init__(self, lexer_conf: object) -> None:
            """Take what lark hands over; nothing of it is needed."""

        def lex(self, data: Any) -> Iterator[Any]:  # type: ignore[override]
            return iter(Token(kind, "", place, place + 1) for place, kind in enumerate(data))

    class Items(Transformer[Any, list[Any]]):
        def start(self, items: list[Any]) -> list[Any]:
            return [i if isinstance(i, slice) else i.start_pos for i in items]

        def quantity(self, tokens: list[Any]) -> slice:
            return slice(tokens[0].start_pos, tokens[-1].end_pos)

        range = quantity

    return Lark(GRAMMAR, parser="lalr", lexer=CellLexer, transformer=Items(), maybe_placeholders=False)


@lru_cache(maxsize=1 << 12)
def _structure(kinds: tuple[str, ...]) -> tuple[slice | int, ...]:
    """Which tokens belong to one number, and which stand alone: the grammar asks for their kinds only."""
    return tuple(_parser().parse(kinds))  # type: ignore[arg-type]  # the lexer is our own


def items_of(text: str) -> list[Quantity | Token]:
    """Parse a cell, cleaned of width and blanks, into its items."""
    tokens = tokens_of(text)
    return [
        _quantity(tokens[place]) if isinstance(place, slice) else tokens[place]
        for place in _structure(tuple([token.type for token in tokens]))
    ]
