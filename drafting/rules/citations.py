"""Designations of standards in running text (GB/T 2589—2020): finding them, telling dated from undated, comparing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CODES = r"(?:GB(?:/T|/Z)?|[A-Z]{2}(?:/T|/Z)?|DB\d{2,4}(?:/T|/Z)?|T/[A-Z]{2,10}|ISO(?:/IEC)?(?:/T[RS])?|IEC(?:/T[RS])?)"
_DESIGNATION = re.compile(
    rf"(?<![A-Za-z/])(?P<code>{_CODES})[ \u00a0\u3000]*(?P<number>\d{{2,6}}(?:\.\d+)*)"
    r"(?:[ ]?(?P<dash>[—–‒―\-:：]{1,2})[ ]?(?P<year>(?:19|20)\d{2}))?(?!\d)"
)
_SUFFIX = re.compile(
    r"[ \u3000]*+(?:中的|中|的|，|、|规定的|附录中)?[ \u3000]*+"
    r"(?P<part>第\d+章|附录[A-Z]|表[A-Z]?\.?\d+|[A-Z]\.\d+(?:\.\d+)*|\d+\.\d+(?:\.\d+)*)"
)
_NO_CODES = frozenset({"CO", "SO", "NO", "PM", "PH", "CR", "RI", "CI", "VO", "AI", "HJ2", "Y", "Q"})
WRONG_DASHES = frozenset("-–‒―")


@dataclass(frozen=True, slots=True)
class Citation:
    """One designation in a text."""

    text: str
    """As it stands."""
    code: str
    number: str
    year: str
    dash: str
    part: str = ""
    """The clause, table or annex that is cited with it."""

    @property
    def key(self) -> str:
        """The same document, dated or not: GB and GB/T are one series."""
        return f"{self.code.removesuffix('/T').removesuffix('/Z')} {self.number}"

    @property
    def undated(self) -> str:
        """The designation without year."""
        return f"{self.code} {self.number}"

    @property
    def designation(self) -> str:
        """The designation as GB/T 1.1 writes it."""
        return f"{self.undated}—{self.year}" if self.year else self.undated


def citations(text: str) -> Iterator[Citation]:
    """Find the designations of standards in a text."""
    for match in _DESIGNATION.finditer(text):
        if match["code"] in _NO_CODES:
            continue
        after = _SUFFIX.match(text, match.end())
        yield Citation(
            match[0].strip(), match["code"], match["number"], match["year"] or "", match["dash"] or "",
            after["part"] if after else "",
        )  # fmt: skip


def citation(number: str) -> Citation | None:
    """Read a cell that holds one designation; None if it is none."""
    found = list(citations(number))
    return found[0] if len(found) == 1 and number.strip().startswith(found[0].code) else None
