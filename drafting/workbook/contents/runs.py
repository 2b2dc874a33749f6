"""Texts made of runs: how long they are, which of their characters are raised or lowered, whether some are struck.

Libraries hand over the characters alone: 2.5 with a raised footnote mark 1 comes as 2.51.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drafting.workbook.contents.xml_stream import local, stream

Raised = tuple[str, str]
"""The whole text, and what of it stands on the line."""


class Runs:
    """One text while its XML goes by: what is said about pronunciation belongs to its length, not to its words."""

    def __init__(self) -> None:
        self.length = 0
        self._whole: list[str] = []
        self._plain: list[str] = []
        self._raised = self._spoken = self._inside = self._strikes = False
        self.struck = False
        """Whether characters are struck through."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if name == "r":
            self._raised = self._strikes = False
        elif name == "vertAlign":
            self._raised = attributes.get("val") in ("superscript", "subscript")
        elif name == "strike":
            self._strikes = attributes.get("val", "1") in ("1", "true")
        elif name == "t":
            self._inside = True
        elif name == "rPh":
            self._spoken = True

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "t":
            self._inside = False
        elif name == "rPh":
            self._spoken = False
        elif name == "r":
            self._raised = self._strikes = False

    def text(self, says: str) -> None:
        """Take characters."""
        self.length += len(says)
        if self._inside and not self._spoken:
            self._whole.append(says)
            self.struck |= self._strikes and not says.isspace()
            if not self._raised:
                self._plain.append(says)

    def raised(self) -> Raised | None:
        """The text, None where nothing in it is raised or no digit stands on the line."""
        if len(self._whole) == len(self._plain):
            return None
        whole, plain = "".join(self._whole), "".join(self._plain)
        return (whole, plain) if any(map(str.isdigit, plain)) else None


@dataclass(frozen=True, slots=True)
class SharedStrings:
    """What is to be known of the shared strings: lengths in characters, those with raised and with struck ones."""

    lengths: list[int]
    raised: Mapping[int, Raised]
    struck: frozenset[int]


def shared_strings(content: bytes) -> SharedStrings:
    """Go through the part of shared strings once.

    Raises XmlError when it is none.
    """
    lengths: list[int] = []
    raised: dict[int, Raised] = {}
    struck: set[int] = set()
    runs = Runs()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal runs
        name = local(name)
        if name == "si":
            runs = Runs()
        else:
            runs.start(name, attributes)

    def end(name: str) -> None:
        name = local(name)
        if name == "si":
            if (found := runs.raised()) is not None:
                raised[len(lengths)] = found
            if runs.struck:
                struck.add(len(lengths))
            lengths.append(runs.length)
        else:
            runs.end(name)

    stream(content, start, end, lambda says: runs.text(says))
    return SharedStrings(lengths, raised, frozenset(struck))
