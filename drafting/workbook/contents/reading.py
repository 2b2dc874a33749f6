"""Finds what a workbook holds; runs in a reader's process, or in ours where none can be started."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drafting.workbook.contents.message import Contents, Pairs, SheetContents, without_moments
from drafting.workbook.contents.notes import Note, notes_on
from drafting.workbook.contents.parts import Styles, cell_styles, custom_properties, hidden_sheets, sheet_parts
from drafting.workbook.contents.runs import SharedStrings, shared_strings
from drafting.workbook.contents.strange import may_be_strange, without_strange
from drafting.workbook.contents.xml_stream import XmlError
from drafting.workbook.limits import LIMITS, Limits
from drafting.workbook.number_formats import shown_by
from drafting.workbook.opening import Archive, OpeningError, open_archive
from drafting.workbook.sheet_marks import (
    Address,
    OverLimitError,
    SheetMarks,
    found_among_cells,
    hidden_columns,
    hidden_rows,
    sheet_marks,
    tail_marks,
)
from drafting.workbook.sheet_values import Rows, sheet_values

if TYPE_CHECKING:
    from drafting.workbook.cell_sets import CellSet

_RUNS = b"vertAlign", b"strike"
"""What runs of a text may say of their characters."""
_LARGE = 1 << 20
"""Bytes of a worksheet from which the scan over arrays of bytes pays for the import of what it needs."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A worksheet's part as it was gone through."""

    marks: SheetMarks
    percents: CellSet | None = None
    """Percentages that the scan of a large sheet has found; else they stand in ``marks``."""


def read_contents(data: bytes, limits: Limits = LIMITS) -> Contents:
    """Read all worksheets of an .xlsx file.

    Raises OpeningError when the file cannot be read, or holds more than it may.
    """
    archive = open_archive(data, limits)
    try:
        parts = sheet_parts(archive, limits)
        hidden = hidden_sheets(archive)
        styles = cell_styles(archive, limits)
        raised = any(mark in content for content in archive.strings for mark in _RUNS)
        marked = {name: _marked(content, styles, limits, raised) for name, content in archive.worksheets.items()}
        if (cells := sum(m.marks.cells for m in marked.values())) > limits.cells:
            raise OpeningError("file-bomb", what=f"{cells} 个单元格")
        refuse_long_strings(archive, parts, limits)
        shared = _strings_with_runs(archive)
    except XmlError as fault:
        raise OpeningError("file-damaged") from fault
    except OverLimitError as fault:
        raise OpeningError("file-over-limit", what=fault.what) from fault
    strange = may_be_strange((*archive.strings, *archive.worksheets.values()))
    values = sheet_values(archive, parts, {name: m.marks for name, m in marked.items()}, limits)
    return Contents(
        [
            _contents(
                title,
                values[title],
                marked[name],
                styles,
                shared,
                strange,
                hidden=title in hidden,
                notes=notes_on(archive, name, limits),
            )
            for title, name in parts.items()
            if title in values
        ],
        properties=custom_properties(archive),
    )


def _marked(content: bytes, styles: Styles, limits: Limits, raised: bool) -> Marked:
    """Go through a worksheet: a large one of numbers and texts alone as an array of bytes, any other by a parser."""
    noted = styles.noted | styles.zeros if styles.zeros and _ZERO.search(content) else styles.noted
    if len(content) > _LARGE and not noted and not raised and not _has_more_than_values(content, styles):
        from drafting.workbook.cell_scan import scan_cells
        from drafting.workbook.cell_sets import CellSet

        scan = scan_cells(content, styles.percents)
        if scan.usual and isinstance(scan.percents, CellSet):
            marks = SheetMarks(
                scan.rows,
                scan.columns,
                scan.cells,
                merges=tail_marks(content, limits),
                hidden=hidden_rows(content),
                hidden_columns=hidden_columns(content),
            )
            return Marked(marks, scan.percents)
    if len(content) <= _LARGE:  # how many decimals are shown matters for what is printed as typed, not for a survey
        noted = noted.union(styles.codes)
    return Marked(sheet_marks(content, styles.percents, noted, styles.dates, limits=limits, shared=raised))


_FORMULA, _ENDS, _ERRORS = b"<f", b" />\t\n\r", (b'"e"', b"'e'")
"""Formulas – a tag of this name, which one of these ends – and error values, as a usual sheet writes them."""


_ZERO = re.compile(rb">\s*-?0(?:\.0*)?(?:[eE][-+]?[0-9]+)?\s*<")


def _has_more_than_values(content: bytes, styles: Styles) -> bool:
    if styles.dates:
        return True
    # A letter that is rare in sheets is found many times as fast as a mark that begins with it or holds it.
    rare = (b"g", _RUNS[:1]), (b"k", _RUNS[1:]), (b"e", _ERRORS)
    marked = any(found_among_cells(content, marks, letter) >= 0 for letter, marks in rare)
    return marked or _has_formula(content)


def _has_formula(content: bytes) -> bool:
    at = found_among_cells(content, (_FORMULA,), b"f")
    while at >= 0 and content[at + 2 : at + 3] not in _ENDS:
        at = content.find(_FORMULA, at + 1)
    return at >= 0


def refuse_long_strings(archive: Archive, parts: Mapping[str, str], limits: Limits = LIMITS) -> None:
    """Refuse a workbook whose cells, each with its own copy of the shared string it names, would not fit.

    Raises OverLimitError, XmlError.
    """
    if not archive.strings:
        return
    # First a bound from above that costs little: the longest piece between two strings, for every cell there is.
    longest = max(len(piece) for content in archive.strings for piece in content.split(b"si>"))
    cells = {name: content.count(b"</v") + content.count(b":v>") for name, content in archive.worksheets.items()}
    listed = [*parts.values(), *(name for name in archive.worksheets if name not in parts.values())]
    if longest <= limits.string_characters and longest * sum(cells[n] for n in listed) <= limits.text_characters:
        return
    lengths = max((shared_strings(content).lengths for content in archive.strings), key=sum)
    if (most := max(lengths, default=0)) > limits.string_characters:
        raise OverLimitError(f"有一段文字长 {most} 个字符")
    total = 0
    for name in listed:
        marks = sheet_marks(archive.worksheets[name], limits=limits, shared=True)
        total += sum(lengths[i] for _, i in marks.shared if i < len(lengths))
        if total > limits.text_characters:
            raise OverLimitError(f"中各单元格的文字合计 {total >> 20} MB 以上")


def _contents(
    title: str,
    rows: Rows,
    marked: Marked,
    styles: Styles,
    shared: SharedStrings | None,
    look_for_strange: bool,
    *,
    hidden: bool,
    notes: list[Note],
) -> SheetContents:
    """Bring values and marks together."""
    marks = marked.marks
    waiting = {row for row, _ in marks.uncached}
    while rows and not any(v is not None for v in rows[-1]) and len(rows) not in waiting:
        rows.pop()
    shown: set[Address] = set()
    shaped: list[tuple[int, int, str, bool]] = []
    displays: list[tuple[int, int, str]] = []
    struck = marks.struck.union(at for at, index in marks.shared if shared is not None and index in shared.struck)
    for at, style in marks.noted:
        value = _at(rows, at)
        if value is not None and style in styles.struck:
            struck.add(at)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if style in styles.by_value and styles.by_value[style].shows_percent(value):
                shown.add(at)
            words, date = styles.beside(style, value)
            if words or date:
                shaped.append((*at, words, date))
            elif (display := shown_by(styles.codes.get(style, ""), value)) is not None:
                displays.append((*at, display))
    of = shared.raised if shared is not None else {}
    raised = {at: of[index] for at, index in marks.shared if index in of} | marks.raised
    percents = Pairs.of(marks.percents | shown)
    if marked.percents is not None:
        percents = Pairs(*marked.percents.buffers())
    plain, moments = without_moments(rows)
    strange = without_strange(plain) if look_for_strange else []
    return SheetContents(
        title=title, rows=plain, moments=moments, errors=[(*at, text) for at, text in marks.errors.items()],
        percents=percents, formulas=Pairs.of(marks.formulas), uncached=Pairs.of(marks.uncached), merges=marks.merges,
        stored=Pairs.of(marks.stored), numbers=array("d", marks.stored.values()).tobytes(), shaped=shaped,
        raised=[(*at, *texts) for at, texts in raised.items() if isinstance(_at(rows, at), str)], strange=strange,
        hidden=hidden, hidden_rows=sorted(marks.hidden), hidden_columns=marks.hidden_columns,
        struck=sorted(struck), displays=displays, notes=notes,
    )  # fmt: skip


def _at(rows: Rows, at: Address) -> object:
    row, column = at
    return rows[row - 1][column - 1] if 0 < row <= len(rows) and 0 < column <= len(rows[row - 1]) else None


def _strings_with_runs(archive: Archive) -> SharedStrings | None:
    """What runs say of the shared strings; a workbook without them costs one search."""
    content = next((c for c in archive.strings if any(mark in c for mark in _RUNS)), None)
    return None if content is None else shared_strings(content)
