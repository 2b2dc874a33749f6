"""What a worksheet shows beside the values of its cells: raised characters, units and dates that only a format writes.

Libraries hand over the characters and the number alone: 2.5 with a raised footnote mark 1 comes as 2.51, and 2.5 in the
format ``0.0"t/t"`` as 2.5 of whatever unit the column has. Both are rare; a workbook without them costs two searches.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

from drafting.workbook.cells import RaisedText, ShapedNumber
from drafting.workbook.number_formats import shows_rare_date, words_of
from drafting.workbook.opening import Archive
from drafting.workbook.sheet_marks import Address, column_number, percent_cells, style_formats

Rows = list[tuple[object, ...]]

_RAISED = b"vertAlign"
_STRING = re.compile(rb"<(?:\w+:)?si[\s>/]")
_RUN = re.compile(rb"<(?:\w+:)?r[\s>]")
_TEXT = re.compile(rb"<(?:\w+:)?t\b[^>]*>([^<]*)<")
_LEVEL = re.compile(rb"""vertAlign\b[^>]*\bval\s*=\s*["'](?:super|sub)script["']""")
_CELL = re.compile(rb"<(?:\w+:)?c\s")
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["']""")
_INDEX = re.compile(rb"<(?:\w+:)?v>\s*(\d+)\s*<")


@dataclass(frozen=True, slots=True)
class Beside:
    """What the styles and shared texts of a workbook may show beside values."""

    words: Mapping[int, tuple[str, ...]]
    """Words in the number format by style: of positive, negative, zero."""
    dates: frozenset[int]
    """Styles that show dates which libraries read as numbers."""
    raised: Mapping[int, RaisedText]
    """Shared texts with raised characters, by index."""

    def put_into(self, rows: Rows, content: bytes) -> None:
        """Put what is shown beside them into the values of a worksheet."""
        changes: dict[int, dict[int, object]] = defaultdict(dict)
        for (row, column), value in self._changes(rows, content):
            changes[row][column] = value
        for row, of in changes.items():
            values = list(rows[row - 1])
            for column, value in of.items():
                values[column - 1] = value
            rows[row - 1] = tuple(values)

    def _changes(self, rows: Rows, content: bytes) -> Iterator[tuple[Address, object]]:
        for style in {*self.words, *self.dates}:
            for address in percent_cells(content, frozenset({style})):
                value = _at(rows, address)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    words = _words(self.words.get(style, ("",)), value)
                    if words or style in self.dates:
                        yield address, ShapedNumber(value, words, style in self.dates)
        if self.raised or content.find(_RAISED) >= 0:
            for address, raised in _raised_cells(content, self.raised):
                if isinstance(_at(rows, address), str):
                    yield address, raised


def beside(archive: Archive) -> Beside:
    """Look through the styles and shared texts of a workbook."""
    formats = style_formats(archive)
    words = {style: said for style, code in formats.items() if any(said := words_of(code))}
    dates = frozenset(style for style, code in formats.items() if shows_rare_date(code))
    shared = next((c for n, c in archive.parts.items() if n.endswith("sharedStrings.xml")), b"")
    return Beside(words, dates, dict(_raised_strings(shared)) if shared.find(_RAISED) >= 0 else {})


def _words(sections: tuple[str, ...], value: float) -> str:
    at = 1 if value < 0 else 2 if value == 0 else 0
    return sections[at] if at < len(sections) else sections[0]


def _at(rows: Rows, at: Address) -> object:
    row, column = at
    return rows[row - 1][column - 1] if row <= len(rows) and column <= len(rows[row - 1]) else None


def _raised_strings(shared: bytes) -> Iterator[tuple[int, RaisedText]]:
    for index, content in enumerate(_pieces(_STRING, shared)):
        if _RAISED in content and (raised := _raised(content)) is not None:
            yield index, raised


def _pieces(begins: re.Pattern[bytes], content: bytes) -> Iterator[bytes]:
    """Cut at every match, without what stands before the first: one pass, however the elements are nested."""
    starts = [match.start() for match in begins.finditer(content)]
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        yield content[start:end]


def _raised(content: bytes) -> RaisedText | None:
    """A text of runs, None where none of them is raised or no digit stands beside it."""
    runs = [(_LEVEL.search(run) is not None, _text(run)) for run in _pieces(_RUN, content)]
    whole, plain = "".join(says for _, says in runs), "".join(says for level, says in runs if not level)
    return RaisedText(whole, plain) if whole != plain and any(map(str.isdigit, plain)) else None


def _text(run: bytes) -> str:
    return "".join(unescape(t.decode("utf-8", "replace")) for t in _TEXT.findall(run))


def _raised_cells(content: bytes, shared: Mapping[int, RaisedText]) -> Iterator[tuple[Address, RaisedText]]:
    for cell in _pieces(_CELL, content):
        tag = cell[: cell.find(b">")]
        reference = _REFERENCE.search(tag)
        raised: RaisedText | None = None
        if _SHARED.search(tag):
            index = _INDEX.search(cell)
            raised = shared.get(int(index[1])) if index else None
        elif _RAISED in cell:
            raised = _raised(cell)
        if raised is not None and reference is not None:
            yield (int(reference[2]), column_number(reference[1])), raised
