"""The setting 缺失代码: what a cell says where a value is missing."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIMPLE = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")
"""A number as files write it: Python reads it as :func:`~drafting.workbook.cells.decimal_of` does."""


def missing_codes(setting: str) -> frozenset[str]:
    """Split the setting 缺失代码 at its marks; a code may hold blanks, and blanks part codes where no mark does."""
    codes = [c for c in re.split(r"[、，,；;\r\n]+", setting) if c.strip()]
    if len(codes) == 1:
        codes += codes[0].split()
    return frozenset(code_key(c) for c in codes)


def missing_numbers(codes: frozenset[str]) -> NDArray[np.float64]:
    """Missing codes that are numbers, such as -99: a cell that holds the number says the same as one with the text."""
    return np.array([float(code) for code in sorted(codes) if SIMPLE.fullmatch(code)])


def code_key(says: str) -> str:
    """Reduce a missing code for comparison."""
    return " ".join(unicodedata.normalize("NFKC", says).split()).casefold()
