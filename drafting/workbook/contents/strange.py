"""Characters that no reader sees: control characters, halves of pairs, marks that turn the reading direction.

Word and Excel files cannot hold the first, and the last show a text as what it is not. They are taken out where a file
is read, once, and the cells are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from drafting.workbook.contents.message import PlainRow

STRANGE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_SHOWN = 1000
"""Cells that are named; there is no use in more."""
_BYTES = (b"_x00", b"&#", b"\xe2\x80\x8e", b"\xe2\x80\x8f", b"\xd8\x9c", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\x7f",
          *(b"\xe2\x80" + bytes([n]) for n in range(0xAA, 0xAF)),
          *(b"\xe2\x81" + bytes([n]) for n in range(0xA6, 0xAA)),
          *(b"\xc2" + bytes([n]) for n in range(0x80, 0xA0)))  # fmt: skip
"""How XML writes them: as they are, as a reference, or as Excel does (``_x000B_``)."""


def may_be_strange(parts: Iterable[bytes]) -> bool:
    """Whether XML may hold such characters: a few searches, so that hardly any workbook is gone through."""
    return any(mark in content for content in parts for mark in _BYTES)


def without_strange(rows: list[PlainRow]) -> list[tuple[int, int]]:
    """Take such characters out of all texts and give the cells."""
    found: list[tuple[int, int]] = []
    for number, row in enumerate(rows):
        odd = [c for c, value in enumerate(row) if isinstance(value, str) and STRANGE.search(value)]
        if odd:
            values = list(row)
            for column in odd:
                values[column] = STRANGE.sub("", str(values[column])) or None
            rows[number] = tuple(values)
            found += ((number + 1, column + 1) for column in odd)
    return found[:_SHOWN]
