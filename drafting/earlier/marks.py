"""Footnotes of an earlier edition's table: which marks it uses, what they say, which of them marks limiting indicators.

Raised letters, circled numbers and stars are marks; a raised digit is an exponent behind a unit and a mark elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from drafting.earlier.message import LOWERED, PLAIN, RAISED

Pieces = Sequence[tuple[str, int]]
Inside = tuple[tuple[int, str], ...]
"""Marks within words: the place in the words without them, and the mark."""
STARS = "*＊※∗"
_SYMBOL = r"[①-⑳㈠-㈩†‡]"
_MARKS = re.compile(rf"(?:[a-z0-9]|{_SYMBOL}|[{STARS}])+")
_SEPARATORS = re.compile(r"[\s,，、;；()（）\[\]]+")
_ONE_MARK = re.compile(rf"[a-z]|[0-9]{{1,2}}|{_SYMBOL}|[{STARS}]")
_POWER = re.compile(r"(?:[A-Za-zμ]|(?:^|[×*·xX])\s*10)$")
_RAISED_DIGITS = str.maketrans("0123456789-−+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺")
_LOWERED_DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_NOTE = re.compile(r"\s*(?:附?注|说明|备注)\s*(?:[:：]|(?=[0-9①-⑳]))\s*")
_NUMBERED_NOTE = re.compile(r"\s*注\s?[0-9]{1,2}\s*[:：.．、]\s*")
_LED = re.compile(
    rf"\s*({_SYMBOL}|[{STARS}]|[a-z](?=[\s.．、:：)）]|[\u4e00-\u9fff])|\[[0-9]{{1,2}}\]|[0-9]{{1,2}}(?=[)）]))"
    r"\s*[.．、:：)）]?\s*(?=\S)"
)
_LIMITING = re.compile(r"限定性|限制性")
_STARRED = re.compile(
    rf"(?:带|标|有|注)[^。；;]{{0,8}}[{STARS}“”\"']+[^。；;]{{0,14}}(?:限定性|限制性)[^。；;]*[。；;]?"
)
_NUMBER_ALONE = re.compile(r"(?:^|(?<=[；;。]))\s*[0-9]{1,2}\s*[.．、)）]\s*(?=[0-9]{1,2}\s*[.．、)）]|$)")
_SPLIT = re.compile(r"(?=[①-⑳])")


class Worded(NamedTuple):
    """A cell's words without its marks."""

    text: str
    marks: tuple[str, ...] = ()
    """Behind the words, in order."""
    inside: Inside = ()


def worded(pieces: Pieces) -> Worded:
    """Part raised marks from words; raised and lowered digits of units and formulas become characters of their own."""
    if len(pieces) == 1 and pieces[0][1] == PLAIN:
        return Worded(pieces[0][0].strip())
    text = ""
    marks: list[tuple[int, str]] = []
    for piece, level in pieces:
        if level == RAISED and (found := _as_marks(piece, text)):
            marks += [(len(text.rstrip()), mark) for mark in found]
        elif level == RAISED:
            text += piece.translate(_RAISED_DIGITS)
        elif level == LOWERED:
            text += piece.translate(_LOWERED_DIGITS)
        else:
            text += piece
    says, blank = text.strip(), len(text) - len(text.lstrip())
    behind = tuple(mark for place, mark in marks if place - blank >= len(says))
    return Worded(says, behind, tuple((max(place - blank, 0), m) for place, m in marks if place - blank < len(says)))


def put_in(text: str, inside: Inside) -> str:
    """Put marks back into the words in which they stood."""
    for place, mark in reversed(inside):
        text = text[:place] + mark + text[place:]
    return text


def _as_marks(piece: str, before: str) -> list[str]:
    says = _SEPARATORS.sub("", piece)
    if not says or _MARKS.fullmatch(says) is None:
        return []
    if says.isdecimal() and _POWER.search(before):
        return []
    return [m for part in _SEPARATORS.split(piece) for m in _ONE_MARK.findall(part)]


@dataclass(frozen=True, slots=True)
class Noted:
    """One footnote or note: its mark as it stands in the source (blank for a plain note) and its words."""

    mark: str
    text: str
    where: tuple[int, int] = (0, 0)
    """Row and column; row 0 for a paragraph below the table."""


@dataclass(frozen=True)
class Notes:
    """All notes of a table, and the marks of limiting indicators."""

    notes: tuple[Noted, ...] = ()
    limiting: frozenset[str] = field(default_factory=frozenset)
    defined: bool = False
    """Whether the table says which mark means limiting."""

    @cached_property
    def marks(self) -> frozenset[str]:
        """Marks that have a note or mean limiting."""
        return frozenset(n.mark for n in self.notes if n.mark) | self.limiting

    @cached_property
    def inner(self) -> tuple[str, ...]:
        """Marks that may stand within words: signs with a note, not letters or digits."""
        return tuple(sorted((m for m in self.marks if not m.isascii()), key=len, reverse=True))

    @cached_property
    def signs(self) -> tuple[str, ...]:
        """What may stand as a mark on the line: these marks and stars, the longest first."""
        return tuple(sorted(self.marks.union(STARS), key=len, reverse=True))


def notes_of(paragraphs: Iterable[tuple[Pieces, tuple[int, int]]]) -> Notes:
    """Read the notes of a table from paragraphs with their places."""
    notes: list[Noted] = []
    limiting: set[str] = set()
    for pieces, where in paragraphs:
        for mark, text in _read(pieces):
            rest = _STARRED.sub("", text) if not mark or mark in STARS else text
            if rest != text or (mark and mark in STARS and _LIMITING.search(text)):
                limiting.update(STARS)
                text = _NUMBER_ALONE.sub("", rest) if rest != text else ""
            elif mark and _LIMITING.search(text) and len(text) < 30:
                limiting.add(mark)
                text = ""
            if text.strip(" 。；;，,"):
                notes.append(Noted(mark, text.strip(), where))
    return Notes(tuple(notes), frozenset(limiting), bool(limiting))


def _read(pieces: Pieces) -> Iterator[tuple[str, str]]:
    found = worded(pieces)
    first = next((p for p in pieces if p[0].strip()), ("", PLAIN))
    if first[1] == RAISED and found.inside:
        yield found.inside[0][1], _with_marks(pieces, 1)
        return
    text = _flat(found.text)
    if numbered := _NUMBERED_NOTE.match(text):
        yield "", text[numbered.end() :]
        return
    if note := _NOTE.match(text):
        text = text[note.end() :]
    parts = [p for p in _SPLIT.split(text) if p.strip()] if text[:1] and "①" <= text[0] <= "⑳" else [text]
    for part in parts:
        if led := _LED.match(part):
            yield led[1], part[led.end() :]
        else:
            yield "", part


def _with_marks(pieces: Pieces, skip: int) -> str:
    """Words of a footnote whose first ``skip`` pieces with words are its mark."""
    rest, left = [], skip
    for piece in pieces:
        if left and piece[0].strip():
            left -= 1
            continue
        rest.append(piece)
    return _flat(worded(rest).text)


def _flat(text: str) -> str:
    return re.sub(r"\s*\n\s*", "", text.replace("\t", " ")).strip()


def is_note(pieces: Pieces, used: frozenset[str]) -> bool:
    """Whether a paragraph below a table is a note of it: it says so, or begins with a mark that the table uses."""
    first = next((p for p in pieces if p[0].strip()), ("", PLAIN))
    text = worded(pieces).text
    if first[1] == RAISED:
        return bool(worded(pieces).inside)
    if _NOTE.match(text) or _NUMBERED_NOTE.match(text):
        return True
    led = _LED.match(text)
    return led is not None and (led[1] in used or led[1] in STARS)


def new_marks(marks: Sequence[str], texts: Iterable[str]) -> Mapping[str, str]:
    """Give each mark one that 项目.xlsx cannot mistake for words: circled numbers, or 注1 where cells use circled ones.

    ``marks``: as they stand in the source, each once.
    ``texts``: words of all cells, without their marks.
    """
    circled = len(marks) <= 20 and not any("①" <= c <= "⑳" for text in texts for c in text)
    return {mark: chr(0x2460 + n) if circled else f"注{n + 1}" for n, mark in enumerate(marks)}
