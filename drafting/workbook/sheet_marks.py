"""What a worksheet's XML says beside its values: formulas, merges, percent formats, error values, numbers behind dates.

The libraries that read values give these slowly or not at all. One pass of a streaming parser finds them all; its time
grows with the length of the XML and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, field

from drafting.workbook.contents.runs import Raised, Runs
from drafting.workbook.contents.xml_stream import XmlError, local, parser_of, run
from drafting.workbook.limits import LIMITS, Limits

Address = tuple[int, int]
"""Row and column, from 1."""

NOWHERE: frozenset[Address] = frozenset()
NO_STYLES: frozenset[int] = frozenset()


class OverLimitError(ValueError):
    """More of something than a file may hold.

    Attributes
    ----------
    what : str
        In Chinese.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(slots=True)
class SheetMarks:
    """What one pass over a worksheet found."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    formulas: set[Address] = field(default_factory=set)
    uncached: set[Address] = field(default_factory=set)
    """Formulas without a cached value."""
    errors: dict[Address, str] = field(default_factory=dict)
    percents: set[Address] = field(default_factory=set)
    """Filled cells of the styles that always show a percentage."""
    noted: list[tuple[Address, int]] = field(default_factory=list)
    """Filled cells of the styles that are asked for, with the style."""
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row, first column, last row, last column."""
    stored: dict[Address, float] = field(default_factory=dict)
    """Numbers of cells whose style shows a date."""
    shared: list[tuple[Address, int]] = field(default_factory=list)
    """Cells that refer to shared strings, with the index, when asked for."""
    hidden: set[int] = field(default_factory=set)
    """Rows that are hidden, by hand or because a filter leaves them out."""
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    """Columns that are hidden, by hand or in a closed group: first and last."""
    raised: dict[Address, Raised] = field(default_factory=dict)
    """Texts in the sheet itself some of whose characters are raised or lowered."""
    struck: set[Address] = field(default_factory=set)
    """Those some of whose characters are struck through."""


def place_of(reference: str, limits: Limits = LIMITS) -> Address:
    """Row and column of a reference such as ``B2`` or ``$B$2``.

    Raises XmlError when it is none.

    Examples
    --------
    >>> place_of("AA10"), place_of("$b$2")
    ((10, 27), (2, 2))
    """
    if "$" in reference:
        reference = reference.replace("$", "", 2)
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if not digits or not 0 < len(letters) <= 3 or len(reference) > limits.reference_characters:
        raise XmlError("reference")
    return int(digits), column_number(letters.upper())


def column_number(letters: str) -> int:
    """Count of a column by its letters, A being 1."""
    number = 0
    for letter in letters:
        place = ord(letter) - 64
        if not 0 < place <= 26:
            raise XmlError("reference")
        number = number * 26 + place
    return number


def index_of(digits: str) -> int:
    """Read an index; more digits than any index has are none.

    Raises XmlError when it is no index.
    """
    if len(digits) > 9 or not digits.isascii() or not digits.isdigit():
        raise XmlError("index")
    return int(digits)


def sheet_marks(
    content: bytes,
    percents: Set[int] = NO_STYLES,
    noted: Set[int] = NO_STYLES,
    dates: Set[int] = NO_STYLES,
    *,
    limits: Limits = LIMITS,
    shared: bool = False,
) -> SheetMarks:
    """Go through a worksheet once.

    Raises XmlError when it is no worksheet; OverLimitError when it holds too many merged ranges.

    ``content``: XML of a worksheet.
    ``percents``, ``noted``, ``dates``: indices of the cell styles that show every number as a percentage, whose cells
    are to be noted, that show dates.
    ``shared``: whether references to shared strings are kept.
    """
    scan = _Scan(percents, noted, dates, limits, shared)
    run(scan.parser, content)
    return scan.found


class _Scan:
    """The handlers of one pass."""

    def __init__(self, percents: Set[int], noted: Set[int], dates: Set[int], limits: Limits, shared: bool) -> None:
        self.found = SheetMarks()
        self._limits, self._shared = limits, shared
        self._percents, self._noted, self._dates = (frozenset(map(str, styles)) for styles in (percents, noted, dates))
        self._runs: Runs | None = None
        self._row = self._column = 0
        self._type = self._style = ""
        self._formula = self._filled = False
        self._text: list[str] | None = None
        self._merged_rows = 0
        self.parser = parser_of(self._start, self._end)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = local(name)
        if self._runs is not None:
            self._runs.start(name, attributes)
        elif name == "c":
            self._open_cell(attributes)
        elif name == "v":
            self._filled = True
            if self._formula or self._type in ("e", "s") or self._style in self._dates:
                self._text = []
                self.parser.CharacterDataHandler = self._text.append
        elif name == "f":
            self._formula = self._filled = True
        elif name == "is":
            self._filled = True
            self._runs = Runs()
            self.parser.CharacterDataHandler = self._runs.text
        elif name == "row":
            said = attributes.get("r")
            self._row = self._row + 1 if said is None else index_of(said)
            self._column = 0
            self.found.rows = max(self.found.rows, self._row)
            if _unseen(attributes, "ht"):
                self.found.hidden.add(self._row)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name == "col":
            self._columns(attributes)

    def _columns(self, attributes: dict[str, str]) -> None:
        if _unseen(attributes, "width") and len(self.found.hidden_columns) < _MOST_COLUMNS:
            first = index_of(attributes.get("min", ""))
            self.found.hidden_columns.append((first, index_of(attributes.get("max", str(first)))))

    def _open_cell(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r")
        if said is None:
            self._column += 1
        else:
            self._row, self._column = place_of(said, self._limits)
        found = self.found
        found.cells += 1
        if self._row > found.rows:
            found.rows = self._row
        if self._column > found.columns:
            found.columns = self._column
        self._type, self._style = attributes.get("t", ""), attributes.get("s", "")
        self._formula = self._filled = False

    def _end(self, name: str) -> None:
        if ":" in name:
            name = local(name)
        if self._runs is not None:
            self._runs.end(name)
            if name == "is":
                self.parser.CharacterDataHandler = None
                if (raised := self._runs.raised()) is not None:
                    self.found.raised[self._row, self._column] = raised
                if self._runs.struck:
                    self.found.struck.add((self._row, self._column))
                self._runs = None
        elif name == "v" and self._text is not None:
            self.parser.CharacterDataHandler = None
            self._value("".join(self._text))
        elif name == "c":
            at = self._row, self._column
            if self._formula:
                self.found.formulas.add(at)
                # An empty text is a cached value (t="str"), an absent number is none.
                if self._type != "str" and not (self._text and "".join(self._text).strip()):
                    self.found.uncached.add(at)
            if self._filled and self._style:
                if self._style in self._percents:
                    self.found.percents.add(at)
                if self._style in self._noted:
                    self.found.noted.append((at, int(self._style)))
            self._text = None

    def _value(self, says: str) -> None:
        at = self._row, self._column
        if self._type == "e":
            self.found.errors[at] = says[:40]
        elif self._type == "s":
            if self._shared:
                self.found.shared.append((at, index_of(says.strip())))
        elif self._style in self._dates and len(says) <= self._limits.number_characters:
            try:
                self.found.stored[at] = float(says)
            except ValueError:  # a date in ISO 8601 (t="d"), a text
                return

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        (top, left), (bottom, right) = place_of(first, self._limits), place_of(last or first, self._limits)
        self.found.merges.append((top, left, bottom, right))
        self._merged_rows += max(bottom - top, 0)
        if len(self.found.merges) > self._limits.merges or self._merged_rows > self._limits.merged_rows:
            raise OverLimitError(f"中的合并单元格超过 {self._limits.merges} 处或 {self._limits.merged_rows} 行")


def tail_marks(content: bytes, limits: Limits = LIMITS) -> list[tuple[int, int, int, int]]:
    """Merged ranges of a worksheet whose cells have been scanned: only what follows the cells is gone through."""
    at = content.rfind(b"</sheetData>")
    if b"mergeCell" not in content[max(at, 0) :]:
        return []
    if at < 0 or not content[:400].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<worksheet")):
        return sheet_marks(content, limits=limits).merges
    try:
        return sheet_marks(b"<worksheet><sheetData>" + content[at:], limits=limits).merges
    except XmlError:  # a prefix before the outermost name
        return sheet_marks(content, limits=limits).merges


def hidden_columns(content: bytes) -> list[tuple[int, int]]:
    """Hidden columns of a worksheet whose cells have been scanned: only what precedes the cells is gone through."""
    at = content.find(b"<sheetData")
    if at < 0 or not (b"hidden" in content[:at] or b'width="0' in content[:at]):
        return []
    try:
        return sheet_marks(content[:at] + b"</worksheet>").hidden_columns
    except XmlError:
        return sheet_marks(content).hidden_columns


TRUE = ("1", "true")
"""How XML says yes."""
_MOST_COLUMNS = 1 << 14
"""Columns that a sheet can have."""
_ROW = re.compile(rb"<row\b([^>]*)>")
_NUMBER = re.compile(rb"""\br=["'](\d{1,7})["']""")
_HIDDEN = re.compile(rb"""\b(?:hidden=["'](?:1|true)|ht=["']0(?:\.[0-9]*)?)["']""")
_NOUGHT = re.compile(r"0(?:\.[0-9]*)?")
"""Less than a point of height or a digit's width: nothing of it can be read on the screen."""


def _unseen(attributes: dict[str, str], size: str) -> bool:
    """Whether a row or column is hidden, or as good as without height or width."""
    return attributes.get("hidden") in TRUE or _NOUGHT.fullmatch(attributes.get(size, "")) is not None


_CELLS = b"sheetData"


def found_among_cells(content: bytes, marks: tuple[bytes, ...], letter: bytes) -> int:
    """Where one of the marks stands among the cells, -1 if none does; their letter, rare there, is looked for first."""
    first = content.find(letter, max(content.find(_CELLS) + len(_CELLS), 0))
    found = (content.find(mark, max(first - len(mark), 0)) for mark in marks if first >= 0)
    return next((at for at in found if at >= 0), -1)


def hidden_rows(content: bytes) -> set[int]:
    """Hidden rows of a worksheet whose cells have been scanned; one without them costs the search for rare letters."""
    if found_among_cells(content, (b"hidden",), b"d") < 0 and found_among_cells(content, (b'ht="0',), b"h") < 0:
        return set()
    found: set[int] = set()
    number = 0
    for match in _ROW.finditer(content):
        stated = _NUMBER.search(match[1])
        number = int(stated[1]) if stated else number + 1
        if _HIDDEN.search(match[1]):
            found.add(number)
    return found
