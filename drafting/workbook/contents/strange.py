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
STRANGE_SHOWN = 1000
"""Cells that are named; there is no use in more."""
_REFERENCE = re.compile(rb"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));")
_BYTES = re.compile(rb"\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xc2[\x80-\x9f]|\xd8\x9c|\xef\xbf[\xbe\xbf]")
"""How UTF-8 writes those beyond ASCII. XML may write any as a reference, and Excel writes ``_x000B_``."""


def may_be_strange(parts: Iterable[bytes]) -> bool:
    """Whether XML may hold such characters: quick searches, so that hardly any workbook is gone through."""
    return any(_may_be_strange(content) for content in parts)


def _may_be_strange(content: bytes) -> bool:
    # Single bytes are found many times as fast as marks; sheets that keep their texts elsewhere are ASCII throughout.
    if b"\x7f" in content or ((first := content.find(b"_")) >= 0 and content.find(b"_x00", first) >= 0):
        return True
    if not content.isascii() and _BYTES.search(content):
        return True
    return (first := content.find(b"&")) >= 0 and content.find(b"&#", first) >= 0 and _refers_to_strange(content)


def _refers_to_strange(content: bytes) -> bool:
    """Whether a reference names such a character; some programs write every Chinese one as a reference."""
    numbers = {int(of, 16) if of else int(plain) for of, plain in set(_REFERENCE.findall(content))}
    return any(number > 0x10FFFF or STRANGE.match(chr(number)) for number in numbers)


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
    return found[:STRANGE_SHOWN]
