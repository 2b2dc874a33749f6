"""Headings merged over several columns: one that stands over two columns of numbers names neither of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from drafting.findings import address
from drafting.workbook import headings as h
from drafting.workbook.cells import text
from drafting.workbook.sheets import Sheet
from drafting.workbook.survey.naming import INDICATOR, SPECIAL, HeadingReader

_NUMBER = re.compile(r"[<＜]?\s*[\d０-９][\d０-９.,，． ]*[%％‰]?")


@dataclass(frozen=True, slots=True)
class OverNumbers:
    """A heading over several columns of numbers: its cell, its last column, and the indicator's code if it is one's."""

    row: int
    column: int
    last: int
    code: str

    @property
    def columns(self) -> str:
        """The columns in letters."""
        return f"{address(1, self.column)[:-1]}～{address(1, self.last)[:-1]}"


def headings_over_numbers(
    sheet: Sheet, heading_row: int, headings: Mapping[int, str], own: Mapping[int, str], rows: Sequence[int],
    reader: HeadingReader,
) -> tuple[OverNumbers, ...]:  # fmt: skip
    """Find them; ``own`` are the headings that columns have under a merged one."""
    return tuple(_over_numbers(sheet, heading_row, headings, own, rows, reader))


def _over_numbers(
    sheet: Sheet, heading_row: int, headings: Mapping[int, str], own: Mapping[int, str], rows: Sequence[int],
    reader: HeadingReader,
) -> Iterator[OverNumbers]:  # fmt: skip
    for first_row, first_column, last_row, last_column in sheet.merges:
        if not first_row <= heading_row <= last_row or first_column == last_column or first_column not in headings:
            continue
        named = None if first_column in own else reader.read(headings[first_column])
        if named is None or (named.kind == SPECIAL and named.word != h.SAMPLING_WEIGHT):
            continue
        open_columns = [c for c in range(first_column, last_column + 1) if c not in own]
        if sum(_holds_numbers(sheet, column, rows) for column in open_columns) > 1:
            code = named.word if named.kind == INDICATOR else ""
            yield OverNumbers(first_row, first_column, last_column, code)


def _holds_numbers(sheet: Sheet, column: int, rows: Sequence[int]) -> bool:
    return any(_is_number(sheet.value(row, column)) for row in rows)


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return _NUMBER.fullmatch(text(value)) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)
