"""Spreadsheet formulas from the toolkit's expressions and words; functions of Excel 2010, WPS and LibreOffice only."""

from __future__ import annotations

from collections.abc import Mapping

from drafting.model.expression import Expression
from drafting.model.expression_tree import Binary, Call, Name, Negation, Node, Number

_FUNCTIONS: Mapping[str, str] = {"sum": "SUM", "min": "MIN", "max": "MAX", "sqrt": "SQRT", "ln": "LN", "exp": "EXP"}


def quoted(text: str) -> str:
    """Write a text literal."""
    return '"' + text.replace('"', '""') + '"'


def formula_of(expression: Expression, cells: Mapping[str, str]) -> str:
    """Write an expression with names replaced by cell addresses.

    Every operation stands in brackets: a spreadsheet reads -2^2 as 4.

    Raises KeyError if a name has no cell.
    """
    return _write(expression.root, cells)


def _write(node: Node, cells: Mapping[str, str]) -> str:
    match node:
        case Number(text):
            return text if text[0] != "." else f"0{text}"
        case Name(name):
            return cells[name]
        case Negation(operand):
            return f"(0-{_write(operand, cells)})"
        case Binary(operator, left, right):
            return f"({_write(left, cells)}{operator}{_write(right, cells)})"
        case Call(function, arguments):
            return f"{_FUNCTIONS[function]}({','.join(_write(a, cells) for a in arguments)})"


def half_even(cell: str, decimals: int) -> str:
    """Round by GB/T 8170: half to even, on the decimal digits.

    ROUND rounds a half away from zero; where the digits beyond the last kept one are exactly a half, the even neighbour
    is taken instead. Digits are looked at to nine places beyond the last one kept.
    """
    scaled = f"ROUND(ABS({cell})*10^{decimals},9)"
    tie = f"{scaled}-INT({scaled})=0.5"
    even = f"INT({scaled})/2=INT(INT({scaled})/2)"
    return f"IF(AND({tie},{even}),SIGN({cell})*INT({scaled})/10^{decimals},ROUND({cell},{decimals}))"
