"""How much a file may hold: one table for all that is read, per file and not per part, each limit with its reason.

The limits lie far above any real workbook and far below what harms a machine. They hold before anything is parsed by a
library of others; time and memory of the reader (:mod:`drafting.isolation`) are bounded beside them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one file."""

    file_bytes: int = 200 << 20
    """As it came. The largest workbooks that Excel still opens at ease."""
    part_bytes: int = 400 << 20
    """One part unpacked: a full sheet of 12 million cells is some 350 MB of XML."""
    total_bytes: int = 600 << 20
    """All parts unpacked: they are held in memory at once."""
    parts: int = 5_000
    """Files in the archive: a workbook has some ten and one per sheet."""
    ratio: int = 250
    """Unpacked to packed, looked at once a part exceeds ``ratio_from`` bytes: XML of real tables stays below 100."""
    ratio_from: int = 32 << 20
    cells: int = 12_000_000
    """Cells with a tag of their own, over all sheets: each becomes an object of some 50 bytes."""
    rows: int = 1_048_576
    """Rows of a sheet, as in Excel."""
    columns: int = 16_384
    """Columns of a sheet, as in Excel; of a text file too, whose headings are each compared with all indicators."""
    area: int = 40_000_000
    """Rows times columns around the cells, over all sheets: calamine lays the rectangle out whole."""
    patience: int = 24 << 20
    """Bytes of sheets (some 5 MB packed) up to which far-flung cells are read row by row, ten times slower."""
    sheets: int = 500
    """Every sheet is read; several may name one part, which is then read as often."""
    formats: int = 10_000
    """Number formats; Excel allows some 250, other programs leave unused ones behind."""
    format_characters: int = 1_024
    """Of one number format, which is looked at by patterns; Excel allows 255."""
    styles: int = 70_000
    """Cell styles; Excel allows 65,490."""
    names: int = 50_000
    """Defined names; they are passed by, but every library keeps them."""
    string_characters: int = 40_000
    """Of one shared string; Excel allows 32,767 in a cell."""
    text_characters: int = 256 << 20
    """Over all cells that refer to shared strings: each reference becomes a copy."""
    notes: int = 200
    """Comments on cells of a sheet that are named one by one; that there are more is told."""
    merges: int = 100_000
    """Merged ranges; every one is looked through row by row."""
    merged_rows: int = 4_000_000
    """Rows of all merged ranges together."""
    reference_characters: int = 10
    """Of a cell's reference; XFD1048576 is the last there is. Bounds the digits that become a number."""
    number_characters: int = 400
    """Of a number in a cell: a float has at most 17 digits that count, and 309 before the point."""


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class WordLimits:
    """Limits of one Word file whose tables are read; a standard with eleven tables stays below a tenth of each."""

    file_bytes: int = 64 << 20
    """As it came: a standard full of pictures."""
    part_bytes: int = 64 << 20
    """The text unpacked: some 30 bytes of tags to a character, held as a tree of ten times as much."""
    total_bytes: int = 64 << 20
    parts: int = 5_000
    ratio: int = 250
    ratio_from: int = 8 << 20
    tables: int = 500
    rows: int = 3_000
    """Of one table."""
    columns: int = 100
    """Of one table; Word allows 63."""
    cells: int = 60_000
    cell_characters: int = 20_000
    characters: int = 5_000_000
    paragraphs_after: int = 40
    """Behind a table, in which its notes are looked for."""


WORD_LIMITS = WordLimits()
