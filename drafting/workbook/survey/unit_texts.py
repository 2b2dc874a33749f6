"""A number with its unit in one cell, such as ``6.27 kgce/m²``: read where the unit is the column's own."""

from __future__ import annotations

import re
from collections.abc import Iterable

from drafting.model.characters import fold
from drafting.notation.units import normalise_unit
from drafting.workbook.cells import text

_WITH_UNIT = re.compile(
    r"(<?\s*[+-]?(?:\d[\d, ]{0,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,4})?)\s*"
    r"((?![eE][+-]?\d)[^\d\s.,%‰+-][^%‰]{0,40})"
)
_NO_UNIT = frozenset({"无", "无量纲", "量纲一"})


def number_and_unit(cell: str) -> tuple[str, str] | None:
    """Take apart a number (or ``<`` a number) and what is written behind it; None where that is no such cell.

    Examples
    --------
    >>> number_and_unit("1,310 kgce/t"), number_and_unit("约 3 t")
    (('1,310', 'kgce/t'), None)
    """
    match = _WITH_UNIT.fullmatch(fold(text(cell)))
    return (match[1].strip(), match[2]) if match else None


def same_unit(found: str, wanted: str) -> bool:
    """Whether both are one unit but for blanks, width and superscripts; another scale of it is another unit."""
    unit = normalise_unit(found)
    if unit != normalise_unit(wanted) or unit in _NO_UNIT or "%" in unit or "‰" in unit:
        return False  # percentages are read as such
    return any(map(str.isalpha, unit))


def might_carry(words: Iterable[str]) -> bool:
    """Whether one of them, a missing code for example, is itself a number with something behind it."""
    return any(number_and_unit(word) for word in words)
