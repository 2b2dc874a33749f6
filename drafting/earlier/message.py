"""What a reader sends back about the tables of an earlier edition: plain cells on a grid, checked when taken in."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag

import msgspec

PLAIN, RAISED, LOWERED = 0, 1, 2
"""How a piece of text stands on its line."""


class Trait(IntFlag):
    """What a cell holds beside words."""

    NESTED = 1
    """A table of its own."""
    PICTURE = 2
    """A picture, drawing or embedded object."""
    TRACKED = 4
    """Tracked changes: insertions are read, deletions are not."""
    VERTICAL = 8
    """Text that runs from top to bottom."""
    EQUATION = 16
    """An equation, of which the letters are read in their order."""
    HIDDEN = 32
    """Text that Word does not show; it is not read."""
    COVERED = 64
    """Text in a cell that a merged cell above covers; it is not read."""
    STRUCK = 128
    """Text that is struck through; it is read."""
    UNSEEN = 256
    """In a hidden row or column of a worksheet; it is read."""


class SourceCell(msgspec.Struct, array_like=True, frozen=True, gc=False):
    r"""One cell as it is seen: a merged one once, with what it covers.

    Rows and columns count from 1; ``pieces`` are texts with how they stand on the line; lines end in ``\\n``.
    """

    row: int
    column: int
    rows: int
    columns: int
    pieces: tuple[tuple[str, int], ...] = ()
    traits: int = 0
    text: str = ""
    """All of its words."""


def words_of(pieces: Iterable[tuple[str, int]]) -> str:
    """Words of pieces, without blanks around them."""
    return "".join([piece for piece, _ in pieces]).strip()


class SourceTable(msgspec.Struct, array_like=True, frozen=True):
    """A table with what stands around it.

    ``title`` is its caption, ``before`` how many paragraphs with words lie between it and the table before (the caption
    included), ``after`` the paragraphs that follow it, ``inside`` the table and cell that a nested one stands in.
    """

    place: str
    title: str
    cells: tuple[SourceCell, ...]
    height: int
    width: int
    before: int = 0
    after: tuple[tuple[tuple[str, int], ...], ...] = ()
    inside: str = ""
    marks: tuple[tuple[int, str], ...] = ()
    """Rows with the names of the program's own marks in them."""


class Source(msgspec.Struct, array_like=True, frozen=True):
    """All tables of a file; or why it is not read: the code of a finding and the values of its wording."""

    tables: tuple[SourceTable, ...] = ()
    pictures: int = 0
    characters: int = 0
    """Of all words in and outside tables: next to none beside pictures is a scan."""
    code: str = ""
    values: dict[str, str | int] = {}


DECODER: msgspec.msgpack.Decoder[Source] = msgspec.msgpack.Decoder(Source)
