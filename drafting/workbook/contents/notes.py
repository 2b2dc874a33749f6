"""Comments on cells: what somebody wrote beside the values of a workbook."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from contextlib import suppress

from drafting.workbook.contents.strange import STRANGE
from drafting.workbook.contents.xml_stream import XmlError, local, stream
from drafting.workbook.limits import LIMITS, Limits
from drafting.workbook.opening import Archive
from drafting.workbook.sheet_marks import place_of

AUTHOR = "drafting"
"""Of the comments that the program writes."""
Note = tuple[int, int, str]
"""Row, column, words."""
_FIRST = 10
"""Authors among whom the program is looked for: it writes alone, others come behind it."""
_THREAD = re.compile(r"\A\[[^\]]*\].*?(?:注释|批注|Comment|Reply|答复)[:：]\s*", re.DOTALL)
"""What Excel puts before the words of a conversation for programs that know none."""


def notes_on(archive: Archive, sheet: str, limits: Limits = LIMITS) -> list[Note]:
    """Comments on the cells of a worksheet, its part given, but for the program's own; none where they are damaged.

    Where there are more than ``limits.notes`` the last entry says so.
    """
    reader = _Reader(limits)
    with suppress(XmlError):
        parts = targets_of(archive, sheet).values() if archive.notes else ()
        part = next((part for part in parts if part in archive.notes), None)
        if part is not None:  # a sheet has one
            stream(archive.notes[part], reader.start, reader.end, reader.text)
    return reader.found


def targets_of(archive: Archive, part: str) -> Mapping[str, str]:
    """Parts that a part refers to, by the name of the relation."""
    base = posixpath.dirname(part)
    relations = f"{base}/_rels/{posixpath.basename(part)}.rels".lstrip("/")
    targets: dict[str, str] = {}

    def start(_: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "")
        path = target if target.startswith("/") else posixpath.join(base, target)
        targets[attributes.get("Id", "")] = posixpath.normpath(path).lstrip("/")

    stream(archive.parts.get(relations, b"<none/>"), start)
    return targets


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.found: list[Note] = []
        self._authors: list[str] = []
        self._inside = ""
        self._of: dict[str, str] = {}
        self._words: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._inside = local(name)
        if self._inside == "author":
            self._authors.append("")
        elif self._inside == "comment":
            self._of, self._words = attributes, []

    def text(self, says: str) -> None:
        if self._inside == "author":
            self._authors[-1] = (self._authors[-1] + says)[: 2 * len(AUTHOR)]
        elif self._inside == "t" and len(self._words) < self._limits.notes:
            self._words.append(says)

    def end(self, name: str) -> None:
        self._inside = ""
        if local(name) != "comment":
            return
        words = "".join(self._words)[: self._limits.string_characters]
        said = STRANGE.sub("", _THREAD.sub("", words)).strip()
        own = self._of.get("authorId") in {str(n) for n, of in enumerate(self._authors[:_FIRST]) if of == AUTHOR}
        if own or not said:
            return
        place = place_of(self._of.get("ref", ""), self._limits)
        if len(self.found) >= self._limits.notes:
            self.found.append((*place, "（从此格起的批注未列出）"))
            raise XmlError("enough")
        self.found.append((*place, said))
