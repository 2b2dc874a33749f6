"""A picture as data: shapes with a role each; page, papers and files draw the same one, each in its own colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

PER_UNIT = 0.26
"""Millimetres on paper of one unit: letters of 12 units are printed at 8.9 pt."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A path, moved by (x, y), or, with ``text``, a text at (x, y)."""

    look: str
    """Its role, one or two words: a class on the page, attributes in a file (``templates/charts/looks.toml``)."""
    path: str = ""
    text: str = ""
    x: float = 0.0
    y: float = 0.0
    anchor: str = "start"
    title: str = ""
    """What pointing at it says."""
    turn: float = 0.0
    """Degrees by which a text is turned about its place."""
    ink: str = ""
    """A colour that is itself a figure (a map); empty where the look gives it."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing of some size in units.

    Attributes
    ----------
    label
        What it says to those who cannot see it.
    title, remark
        Words above and below; the title only where no caption stands beside the picture.
    """

    width: int
    height: int
    label: str
    shapes: tuple[Shape, ...]
    title: str = ""
    remark: str = ""

    @property
    def width_mm(self) -> float:
        """Width on paper."""
        return self.width * PER_UNIT

    def moved(self, x: float, y: float) -> Iterator[Shape]:
        """Its shapes at another place of a larger drawing."""
        return (replace(s, x=s.x + x, y=s.y + y) for s in self.shapes)
