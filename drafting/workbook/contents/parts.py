"""What the parts around the worksheets say: which sheets there are, what their cells' number formats show."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from drafting.workbook.contents.notes import targets_of
from drafting.workbook.contents.xml_stream import XmlError, local, stream
from drafting.workbook.limits import LIMITS, Limits
from drafting.workbook.number_formats import (
    NumberFormat,
    number_format,
    shown_by,
    shows_date,
    shows_rare_date,
    words_of,
)
from drafting.workbook.opening import CUSTOM_PROPERTIES, Archive
from drafting.workbook.sheet_marks import TRUE, OverLimitError, index_of

_BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", **dict.fromkeys((37, 38), "#,##0;(#,##0)"),
    **dict.fromkeys((39, 40), "#,##0.00;(#,##0.00)"), **dict.fromkeys((41, 42), '#,##0;-#,##0;"-"'),
    **dict.fromkeys((43, 44), '#,##0.00;-#,##0.00;"-"'),
}  # fmt: skip
"""Format codes that a file names by number alone, as far as they say something."""
_BUILT_IN_DATE = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # 27–36, 50–58: of East Asia

_MOST_PROPERTIES = 1_000


@dataclass(frozen=True, slots=True)
class Styles:
    """Indices of the cell styles whose number format matters."""

    percents: frozenset[int] = frozenset()
    """Those that show every number as a percentage."""
    by_value: Mapping[int, NumberFormat] = field(default_factory=dict)
    """Those that show some numbers so."""
    dates: frozenset[int] = frozenset()
    """Those that show dates or times."""
    words: Mapping[int, tuple[str, str, str]] = field(default_factory=dict)
    """Words in the number format, such as a unit, or in place of the number: of positive, negative, zero."""
    rare_dates: frozenset[int] = frozenset()
    """Those that show dates which libraries read as numbers."""
    struck: frozenset[int] = frozenset()
    """Those that strike the text through."""
    codes: Mapping[int, str] = field(default_factory=dict)
    """Format codes of those that show a number of decimals of their own."""

    @property
    def noted(self) -> frozenset[int]:
        """Those whose cells are to be looked at one by one."""
        worded = {style for style, words in self.words.items() if any(words[:2])}
        return self.rare_dates.union(self.by_value, self.struck, worded)

    @property
    def zeros(self) -> frozenset[int]:
        """Those that show something else for 0 alone, as accounting formats do."""
        return frozenset(self.words) - self.noted

    def beside(self, style: int, value: float) -> tuple[str, bool]:
        """What the format of a style writes beside a number, and whether it shows a date."""
        positive, negative, zero = self.words.get(style, ("", "", ""))
        return negative if value < 0 else zero if value == 0 else positive, style in self.rare_dates


def custom_properties(archive: Archive) -> dict[str, str]:
    """Texts among the custom properties, by name; none where they are not well-formed."""
    content = archive.parts.get(CUSTOM_PROPERTIES)
    found: dict[str, list[str]] = {}
    current: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "property" and len(found) < _MOST_PROPERTIES:
            current[:] = [attributes.get("name", "")]

    def text(says: str) -> None:
        if current:
            found.setdefault(current[0], []).append(says)

    if content is not None:
        with suppress(XmlError):
            stream(content, start, None, text)
    return {name: "".join(pieces).strip() for name, pieces in found.items()}


def hidden_sheets(archive: Archive) -> frozenset[str]:
    """Titles of the worksheets that the workbook does not show."""
    found: set[str] = set()

    def start(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "sheet" and attributes.get("state", "") in ("hidden", "veryHidden"):
            found.add(attributes.get("name", ""))

    stream(archive.parts[archive.workbook_part], start)
    return frozenset(found)


def sheet_parts(archive: Archive, limits: Limits = LIMITS) -> Mapping[str, str]:
    """Map the titles of worksheets to the names of their parts.

    Raises XmlError when a part is no XML; OverLimitError when there are more sheets or names than are read.
    """
    targets = targets_of(archive, archive.workbook_part)
    found: dict[str, str] = {}
    names = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal names
        name = local(name)
        if name == "sheet":
            identity = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            part = targets.get(identity, "")
            if part in archive.worksheets:
                found[attributes.get("name", "")] = part
            if len(found) > limits.sheets:
                raise OverLimitError(f"有 {limits.sheets} 张以上工作表")
        elif name == "definedName":
            names += 1
            if names > limits.names:
                raise OverLimitError(f"有 {limits.names} 个以上定义名称")

    stream(archive.parts[archive.workbook_part], start)
    return found


def cell_styles(archive: Archive, limits: Limits = LIMITS) -> Styles:
    """Read the workbook's cell styles.

    Raises XmlError when the part is no XML; OverLimitError when there are too many formats or styles, or one is too
    long.
    """
    content = next((c for n, c in archive.parts.items() if n.endswith("styles.xml")), None)
    if content is None:
        return Styles()
    reader = _StyleReader(limits)
    stream(content, reader.start, reader.end)
    return reader.styles()


class _StyleReader:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._dates = set(_BUILT_IN_DATE)
        self._codes = dict(_BUILT_IN)
        self._formats = 0
        self._fonts: list[bool] = []
        self._xfs: list[tuple[int, int]] = []
        self._inside = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "numFmt":
            self._format(attributes)
        elif name in ("cellXfs", "fonts"):
            self._inside = name
        elif name == "font" and self._inside == "fonts":
            self._fonts.append(False)
        elif name == "strike" and self._inside == "fonts" and self._fonts:
            self._fonts[-1] = attributes.get("val", "1") in TRUE
        elif name == "xf" and self._inside == "cellXfs":
            self._xfs.append((index_of(attributes.get("numFmtId", "0")), index_of(attributes.get("fontId", "0"))))
            if len(self._xfs) > self._limits.styles:
                raise OverLimitError(f"有 {self._limits.styles} 种以上单元格样式")

    def end(self, name: str) -> None:
        if local(name) == self._inside:
            self._inside = ""

    def _format(self, attributes: dict[str, str]) -> None:
        code = attributes.get("formatCode", "")
        self._formats += 1
        if self._formats > self._limits.formats:
            raise OverLimitError(f"有 {self._limits.formats} 种以上数字格式")
        if len(code) > self._limits.format_characters:
            raise OverLimitError(f"有一种数字格式长 {len(code)} 个字符")
        number = index_of(attributes.get("numFmtId", "0"))
        self._codes[number] = code
        if shows_date(code):
            self._dates.add(number)

    def styles(self) -> Styles:
        percents = {n: number_format(code) for n, code in self._codes.items() if "%" in code}
        words = {n: words_of(code) for n, code in self._codes.items()}
        rare = {n for n, code in self._codes.items() if shows_rare_date(code)}
        own = {n: code for n, code in self._codes.items() if shown_by(code, 1.0) is not None}
        numbers = {i: n for i, (n, _) in enumerate(self._xfs)}
        used = {i: percents[n] for i, n in numbers.items() if n in percents}
        fonts = dict(enumerate(self._fonts))
        return Styles(
            frozenset(i for i, form in used.items() if form.always),
            {i: form for i, form in used.items() if form.always is None},
            frozenset(i for i, n in numbers.items() if n in self._dates),
            {i: words[n] for i, n in numbers.items() if any(words.get(n, ()))},
            frozenset(i for i, n in numbers.items() if n in rare),
            struck=frozenset(i for i, (_, font) in enumerate(self._xfs) if fonts.get(font, False)),
            codes={i: own[n] for i, n in numbers.items() if n in own},
        )
