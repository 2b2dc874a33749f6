"""What a list sheet is: its title, its columns, what each of them says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its heading, allowed values, what a cell note says about it, its width in characters.

    A sheet without a ``required`` column cannot be understood; a missing other column is the same as an empty one.
    """

    text: str
    note: str = ""
    choices: tuple[str, ...] = ()
    width: int = 14
    required: bool = False
    optional: bool = False
    """Written only into a workbook that uses it."""


@dataclass(frozen=True, slots=True)
class SheetForm:
    """A list sheet: title, columns in the order of writing, and whether a workbook without it is wrong."""

    title: str
    headings: tuple[Heading, ...]
    required: bool = True
    note: str = ""
    names: str = ""
    """Column that says what each row is; rows called 合计 or 注：… are none. Blank where such words may be names."""
    record: str = ""
    """What a row is, for messages."""

    def heading(self, text: str) -> Heading:
        """Return the column with that heading.

        Raises KeyError if there is none.
        """
        for heading in self.headings:
            if heading.text == text:
                return heading
        raise KeyError(text)

    def used_by(self, rows: Sequence[Mapping[str, object]]) -> SheetForm:
        """The form without the optional columns that no row fills."""
        used = tuple(h for h in self.headings if not h.optional or any(row.get(h.text) for row in rows))
        return replace(self, headings=used)

    def led_by(self, heading: Heading) -> SheetForm:
        """The form with one more column in front."""
        return replace(self, headings=(heading, *self.headings))

    @property
    def texts(self) -> tuple[str, ...]:
        """All headings in order."""
        return tuple(h.text for h in self.headings)
