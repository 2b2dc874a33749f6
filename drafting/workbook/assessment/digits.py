"""Exact numbers on a sheet: a whole part and K digits of base 10^4, each in a cell of its own, cut off behind the last.

A spreadsheet computes in doubles and compares with a tolerance. Here every cell holds a whole number far below 2^46:
quotients are written out by long division, parts a/O of a number likewise, and sums are carried from the right. With an
error of at most E units of the last digit, the number that E of them are added to tells the floor to four decimals, and
whether anything follows it, wherever true values that are no such decimal lie further than E units from the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drafting.findings import letters

Put = Callable[[int, int, str | int], str]
"""Writes a content at row and column; gives the cell as formulas name it."""

BASE = 10**4
LARGEST = 2**46
"""Whole numbers below it are told apart by every spreadsheet, whose comparisons forgive 2^-48 of the value."""
LARGEST_WHOLE = 10**9
"""What the outputs of one enterprise may sum to, as whole numbers: products with digits stay below :data:`LARGEST`."""
_FIRST_DIGIT = 3
"""Column of the whole part; a digit and its remainder have two columns."""


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of numbers written in digits."""

    units: str
    """Cell of the whole part."""
    digits: tuple[str, ...]
    """Cells of the digits, the first behind the point first."""
    slack: int
    """Units of the last digit by which it may be too large."""

    @property
    def cells(self) -> tuple[str, ...]:
        """Whole part and digits."""
        return (self.units, *self.digits)


def digits_for(bound: int) -> int:
    """K for values whose denominators, times the errors' units, stay below a bound.

    The first digit is read, the others decide what follows it.
    """
    return 1 + max(1, -(-len(str(bound)) // 4))


def divide(put: Put, row: int, numerator: str, denominator: str, digits: int) -> None:
    """Write numerator, denominator and the digits of the quotient."""
    over, under = put(row, 1, numerator), put(row, 2, denominator)
    rest = over
    for k in range(digits + 1):
        rest = _digit(put, row, k, rest if k == 0 else f"({rest}*{BASE})", under)


def part_of(put: Put, row: int, cells: Sequence[str], part: str, whole: str) -> None:
    """Write the digits of a number times part over whole; the cells are its whole part and its digits."""
    over, under = put(row, 1, part), put(row, 2, whole)
    rest = ""
    for k, cell in enumerate(cells):
        rest = _digit(put, row, k, f"({f'{rest}*{BASE}+' if rest else ''}{cell}*{over})", under)


def digit_cells(row: int, digits: int) -> tuple[str, ...]:
    """Cells that :func:`divide` and :func:`part_of` write the whole part and the digits to."""
    return tuple(f"${letters(_FIRST_DIGIT + 2 * k)}${row}" for k in range(digits + 1))


def _digit(put: Put, row: int, k: int, scaled: str, denominator: str) -> str:
    quotient = f"INT({scaled}/{denominator})"
    left = f"{scaled}-{quotient}*{denominator}"
    at = _FIRST_DIGIT + 2 * k
    digit = put(row, at, f"={quotient}+IF({left}<0,-1,IF({left}>={denominator},1,0))")
    return put(row, at + 1, f"={scaled}-{digit}*{denominator}")


def add(put: Put, row: int, rows: tuple[int, int], digits: int, *, added: int, slack: int) -> Total:
    """Add the digits of the first to the last of the rows: sums in this row, carried and what stays in the next.

    ``added`` units of the last digit make up for what the terms were cut off; ``slack`` of them may be too many.
    """
    first, last = rows
    carry, found = str(added), [""] * digits
    for k in reversed(range(digits + 1)):
        at = _FIRST_DIGIT + 2 * k
        letter = letters(at)
        total = put(row, at, f"=SUM({letter}{first}:{letter}{last})+{carry}")
        if k == 0:
            break
        carry = put(row + 1, at, f"=INT({total}/{BASE})")
        found[k - 1] = put(row + 1, at + 1, f"={total}-{carry}*{BASE}")
    return Total(total, tuple(found), slack)


def conclude(put: Put, row: int, total: Total) -> None:
    """Write B floor(10^4·value), C whether more follows, D the value in words, E as a number."""
    beyond = [f"{cell}>{total.slack if n == 0 else 0}" for n, cell in enumerate(reversed(total.digits[1:]))]
    put(row, 2, f"={total.units}*{BASE}+{total.digits[0]}")
    put(row, 3, f"=IF(OR({','.join(beyond)}),1,0)")
    put(row, 4, _words(total.units, total.digits[0], f"C{row}"))
    put(row, 5, f"=B{row}/{BASE}")


def _words(units: str, decimals: str, more: str) -> str:
    """The value as the engine writes it: cut off after four decimals, … where more follows, else without end zeros."""
    four = f'TEXT({decimals},"0000")'
    trimmed = four
    for digits, power in (("000", 10), ("00", 100), ("0", 1000)):
        trimmed = f'IF(INT({decimals}/{power})*{power}={decimals},TEXT({decimals}/{power},"{digits}"),{trimmed})'
    plain = f'IF({decimals}=0,"","."&{trimmed})'
    return f'={units}&IF({more}=1,"."&{four}&"…",{plain})'
