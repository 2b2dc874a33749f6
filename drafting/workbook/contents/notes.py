"""Comments, boxes of text and pictures: what somebody put on the cells of a workbook beside their values."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from contextlib import suppress

from drafting.workbook.contents.strange import STRANGE
from drafting.workbook.contents.xml_stream import XmlError, local, stream
from drafting.workbook.limits import LIMITS, Limits
from drafting.workbook.opening import Archive
from drafting.workbook.sheet_marks import Address, index_of, place_of

AUTHOR = "drafting"
"""Of the comments that the program writes."""
Note = tuple[int, int, str, str]
"""Row, column, what it is, words."""
COMMENTS, DRAWINGS = "comment", "drawing"
"""How the names of parts begin."""
_FIRST = 10
"""Authors among whom the program is looked for: it writes alone, others come behind it."""
_THREAD = re.compile(r"\A\[[^\]]*\].*?(?:注释|批注|Comment|Reply|答复)[:：]\s*", re.DOTALL)
"""What Excel puts before the words of a conversation for programs that know none."""


def notes_on(archive: Archive, sheet: str, limits: Limits = LIMITS) -> list[Note]:
    """What stands on the cells of a worksheet, its part given, but for the program's own; none where it is damaged.

    Where there are more than ``limits.notes`` the last entry says so.
    """
    found: list[Note] = []
    with suppress(XmlError):
        targets = targets_of(archive, sheet).values() if archive.notes else ()
        for begins, reader_of in ((COMMENTS, _Comments), (DRAWINGS, _Drawings)):
            parts = (part for part in targets if part in archive.notes and file_of(part).startswith(begins))
            if part := next(parts, None):  # a sheet has one of each
                reader = reader_of(found, limits)
                with suppress(XmlError):
                    stream(archive.notes[part], reader.start, reader.end, reader.text)
    return found


def file_of(part: str) -> str:
    """Name of a part without its folders."""
    return part.rpartition("/")[2]


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
    def __init__(self, found: list[Note], limits: Limits) -> None:
        self._found, self._limits = found, limits
        self._most = len(found) + limits.notes
        self._inside = ""
        self._words: list[str] = []

    def text(self, says: str) -> None:
        if self._inside == "t" and len(self._words) < self._limits.notes:
            self._words.append(says)

    def _keep(self, place: Address, what: str, words: str) -> None:
        said = STRANGE.sub("", words[: self._limits.string_characters]).strip()
        if not said:
            return
        if len(self._found) >= self._most:
            self._found.append((*place, what, "（从此格起未列出）"))
            raise XmlError("enough")
        self._found.append((*place, what, said))


class _Comments(_Reader):
    def __init__(self, found: list[Note], limits: Limits) -> None:
        super().__init__(found, limits)
        self._authors: list[str] = []
        self._of: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._inside = local(name)
        if self._inside == "author":
            self._authors.append("")
        elif self._inside == "comment":
            self._of, self._words = attributes, []

    def text(self, says: str) -> None:
        super().text(says)
        if self._inside == "author":
            self._authors[-1] = (self._authors[-1] + says)[: 2 * len(AUTHOR)]

    def end(self, name: str) -> None:
        self._inside = ""
        own = {str(n) for n, of in enumerate(self._authors[:_FIRST]) if of == AUTHOR}
        if local(name) == "comment" and self._of.get("authorId") not in own:
            place = place_of(self._of.get("ref", ""), self._limits)
            self._keep(place, "批注", _THREAD.sub("", "".join(self._words)))


class _Drawings(_Reader):
    def __init__(self, found: list[Note], limits: Limits) -> None:
        super().__init__(found, limits)
        self._corner: dict[str, str] = {}
        self._picture = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._inside = local(name)
        if self._inside.endswith("Anchor"):
            self._words, self._corner, self._picture = [], {}, ""
        elif self._inside == "cNvPr":
            self._picture = attributes.get("descr") or attributes.get("name") or "无名"

    def text(self, says: str) -> None:
        super().text(says)
        if self._inside in ("col", "row"):
            self._corner.setdefault(self._inside, says)

    def end(self, name: str) -> None:
        self._inside = ""
        if local(name).endswith("Anchor"):
            row, column = (index_of(self._corner.get(of, "0")) + 1 for of in ("row", "col"))
            words = "".join(self._words)
            self._keep((row, column), "文本框" if words.strip() else "图片或图形", words or self._picture)
