"""Reads comma-, semicolon- or tab-separated text; runs in a reader's process, or in ours where none can be started."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

from drafting.workbook.contents.message import Contents, PlainRow, SheetContents
from drafting.workbook.contents.strange import STRANGE, without_strange
from drafting.workbook.limits import LIMITS, Limits
from drafting.workbook.opening import OpeningError

ENCODINGS = ("utf-8-sig", "gb18030")
RAGGED_SHOWN = 20
"""Ragged lines reported one by one; the rest are counted."""


def read_text_file(data: bytes, limits: Limits = LIMITS) -> Contents:
    """Read text in UTF-8, GB 18030 or UTF-16 as one sheet without a title.

    A record's row number is the number of its line in the file. A line with another number of fields than the headings
    cannot be trusted – which field is missing? – and is left out.

    Raises OpeningError when it is no such text, or has more columns or lines than it may.
    """
    text = _decode(data)
    delimiter = delimiter_of(text[: text.find("\n") if "\n" in text else None])
    rows: list[PlainRow] = []
    ragged: list[tuple[int, int, int]] = []
    width = left_out = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for fields in reader:
            while len(rows) < reader.line_num - 1:
                rows.append(())  # the further lines of a quoted field that runs over several
            if not any(f.strip() for f in fields):
                rows.append(())
                continue
            width = width or len(fields)
            if width > limits.columns:
                raise OpeningError("file-over-limit", what=f"有 {width} 列")
            if len(fields) != width:
                left_out += 1
                if left_out <= RAGGED_SHOWN:
                    ragged.append((reader.line_num, len(fields), width))
                rows.append(())
                continue
            rows.append(tuple(f or None for f in fields))
            if len(rows) > limits.rows * 10:
                raise OpeningError("file-bomb", what=f"超过 {limits.rows * 10} 行")
    except csv.Error as fault:
        raise OpeningError("csv-broken", line=reader.line_num) from fault
    strange = without_strange(rows) if STRANGE.search(text) else []
    sheet = SheetContents("", rows, decimal_comma=decimal_comma(delimiter), strange=strange)
    return Contents([sheet], ragged, max(left_out - RAGGED_SHOWN, 0))


def delimiter_of(first_line: str) -> str:
    """What separates the fields of a text: comma, semicolon or tab."""
    return max(",;\t", key=first_line.count)


def decimal_comma(delimiter: str) -> bool:
    """Whether the comma is the decimal sign: where it is, programs separate fields by semicolons."""
    return delimiter == ";"


def _decode(data: bytes) -> str:
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ENCODINGS:
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            if "\0" not in text:
                return text
    raise OpeningError("csv-encoding")
