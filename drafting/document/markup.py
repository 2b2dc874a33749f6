"""The plain notation of clause texts (``templates/gb-t-43329/draft/*.j2``) and its reading into blocks.

One line is one block::

    # 标题 @anchor          a clause one level below the part; ## a level deeper
    #- 条文                 a clause without title (无标题条); ##- a level deeper
    —— 列项    a) 列项      lists; · and 1) are the second level
    $$ latex $$ @anchor     a formula on its own line; @- leaves it without number
    式中：                  followed by lines "$symbol$ —— meaning"
    注：…   示例：…         note, example
    [[name]]                blocks that the program makes: a table, the explanations of the indicators
    anything else           a paragraph

In a line: ``$latex$``, ``**bold**``, and what the functions ``ref(anchor)`` and ``figure(key…, text)`` leave. Values
that a user typed are quoted by :func:`quote`: none of their characters is taken for notation. What a Jinja macro or a
``{% set %}`` block returns counts as such a value; use ``{% include %}`` for shared notation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from drafting.document.tree import (
    Block,
    Clause,
    Example,
    Figure,
    Formula,
    InlineFormula,
    ListBlock,
    ListItem,
    Note,
    Paragraph,
    Reference,
    Run,
    Runs,
    Strong,
    Symbol,
    Text,
)

# Private-use characters; quote() removes them from what users type.
_QUOTED = "\ue000"  # stands before a quoted value, so that no line begins with a user's character
_SHIFT = 0xE100  # a quoted character c is chr(_SHIFT + ord(c))
_OPEN, _NEXT, _CLOSE = "\ue010", "\ue011", "\ue012"
_SPECIAL = "$*[]@#\n"
_TO_QUOTED = {ord(c): chr(_SHIFT + ord(c)) for c in _SPECIAL} | dict.fromkeys(range(57344, 63744))
_FROM_QUOTED = {_SHIFT + ord(c): c for c in _SPECIAL} | {ord(_QUOTED): None}
_QUOTED_BREAK = chr(_SHIFT + ord("\n"))

_HEADING = re.compile(r"(#+)(-?)\s+(.*?)(?:\s*@([\w:.-]+))?\s*")
_FORMULA = re.compile(r"\$\$\s*(.+?)\s*\$\$(?:\s*@([\w:.-]+))?\s*")
_SYMBOL = re.compile(r"\$(.+?)\$\s*——\s*(.+)")
_INSERT = re.compile(r"\[\[([\w:.-]+)\]\]")
_LISTS: tuple[tuple[re.Pattern[str], Literal["dash", "letter", "number"], int], ...] = (
    (re.compile(r"——\s*(.+)"), "dash", 1),
    (re.compile(r"·\s*(.+)"), "dash", 2),
    (re.compile(r"[a-z]\)\s*(.+)"), "letter", 1),
    (re.compile(r"\d+\)\s*(.+)"), "number", 2),
)
_INLINE = re.compile(rf"\$(?P<math>[^$]+)\$|\*\*(?P<strong>[^*]+)\*\*|{_OPEN}(?P<mark>[^{_CLOSE}]*){_CLOSE}")


class MarkupError(ValueError):
    """A clause text that does not follow the notation.

    Attributes
    ----------
    reason : {"symbol", "insert", "depth"}
        A line under 式中 that is no symbol line; an unknown name in ``[[…]]``; a heading that skips a level.
    line : str
        The line, shortened.
    """

    def __init__(self, reason: Literal["symbol", "insert", "depth"], line: str) -> None:
        super().__init__(f"{reason}: {line[:60]!r}")
        self.reason = reason
        self.line = line[:60]


class Marked(str):
    """Text in this notation, made by the program: not quoted again."""

    __slots__ = ()


def quote(value: object) -> str:
    """Quote a value for a line of text; a line break in it begins a new paragraph."""
    if isinstance(value, Marked):
        return value
    text = "\n".join(line.strip() for line in str(value).splitlines() if line.strip())
    return _QUOTED + text.translate(_TO_QUOTED)


def reference(anchor: str) -> Marked:
    """Notation of a cross-reference."""
    return Marked(f"{_OPEN}ref{_NEXT}{anchor}{_CLOSE}")


def figure(*words: object) -> Marked:
    """Notation of a published figure: the words of its provenance key, then the text to print."""
    return Marked(_OPEN + _NEXT.join(["figure", *(quote(str(w)).lstrip(_QUOTED) for w in words)]) + _CLOSE)


def math(latex: str) -> Marked:
    """Notation of a formula inside a line."""
    return Marked(f"{_OPEN}math{_NEXT}{latex}{_CLOSE}")


def runs(text: str) -> Runs:
    """Read the notation inside a line."""
    found: list[Run] = []
    end = 0
    for match in _INLINE.finditer(text):
        if match.start() > end:
            found.append(Text(_plain(text[end : match.start()])))
        found.append(_run(match))
        end = match.end()
    if end < len(text):
        found.append(Text(_plain(text[end:])))
    return tuple(r for r in found if not (isinstance(r, Text) and not r.text))


def _plain(text: str) -> str:
    return text.translate(_FROM_QUOTED).replace("\n", "")


def _run(match: re.Match[str]) -> Run:
    if match["math"]:
        return InlineFormula(_plain(match["math"]).strip())
    if match["strong"]:
        return Strong(_plain(match["strong"]))
    kind, *words = match["mark"].split(_NEXT)
    if kind == "ref":
        return Reference(words[0])
    if kind == "math":
        return InlineFormula(words[0])
    return Figure(tuple(_plain(w) for w in words[:-1]), _plain(words[-1]))


@dataclass
class _Open:
    """A clause that is still being read."""

    title: str = ""
    anchor: str = ""
    blocks: list[Block] = field(default_factory=list)

    def close(self) -> Clause:
        return Clause(self.title, tuple(self.blocks), self.anchor)


Inserts = Callable[[str], tuple[Block, ...] | None]
"""Gives the blocks of a name in ``[[…]]``, None for an unknown name."""


def read(text: str, inserts: Inserts = lambda name: None) -> tuple[Block, ...]:
    """Read a clause text into blocks.

    Raises MarkupError where the notation is broken.
    """
    stack = [_Open()]
    lines = _Lines(text)
    for line in lines:
        if match := _HEADING.fullmatch(line):
            depth = len(match[1])
            if depth > len(stack):
                raise MarkupError("depth", line)
            _close(stack, depth)
            if match[2]:
                stack.append(_Open(anchor=match[4] or "", blocks=list(_paragraphs(match[3]))))
            else:
                stack.append(_Open(_plain(match[3]), match[4] or ""))
        else:
            blocks = _block(line, lines, inserts)
            if any(isinstance(b, Clause) for b in blocks):
                _close(stack, 1)  # clauses that the program makes stand beside those of the text
            stack[-1].blocks.extend(blocks)
    _close(stack, 1)
    return tuple(stack[0].blocks)


def _close(stack: list[_Open], depth: int) -> None:
    while len(stack) > depth:
        clause = stack.pop().close()
        stack[-1].blocks.append(clause)


class _Lines:
    """The non-empty lines of a text, with a look ahead."""

    def __init__(self, text: str) -> None:
        self._lines = [line.strip() for line in text.split("\n") if line.strip()]
        self._next = 0

    def __iter__(self) -> Iterator[str]:
        while self._next < len(self._lines):
            self._next += 1
            yield self._lines[self._next - 1]

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take the next line if it matches."""
        if self._next < len(self._lines) and (match := pattern.fullmatch(self._lines[self._next])):
            self._next += 1
            return match
        return None

    def back(self) -> None:
        self._next -= 1


def _block(line: str, lines: _Lines, inserts: Inserts) -> tuple[Block, ...]:
    if match := _INSERT.fullmatch(line.replace(_QUOTED, "")):
        made = inserts(match[1])
        if made is None:
            raise MarkupError("insert", line)
        return made
    if match := _FORMULA.fullmatch(line):
        return (_formula(match, lines),)
    if line.startswith("注："):
        return (Note(runs(line[2:])),)
    if line.startswith("示例："):
        return (Example(runs(line[3:])),)
    for pattern, kind, level in _LISTS:
        if level == 1 and pattern.fullmatch(line):
            lines.back()
            return (_list(kind, pattern, lines),)
    return _paragraphs(line)


def _paragraphs(line: str) -> tuple[Block, ...]:
    """Paragraphs of a line; a value that says nothing makes none."""
    return tuple(Paragraph(found) for part in line.split(_QUOTED_BREAK) if (found := runs(part)))


def _formula(match: re.Match[str], lines: _Lines) -> Formula:
    mark = match[2] or ""
    where: list[Symbol] = []
    if lines.take(_WHERE):
        while symbol := lines.take(_SYMBOL):
            where.append(Symbol(_plain(symbol[1]).strip(), runs(symbol[2])))
        if not where:
            raise MarkupError("symbol", match[0])
    return Formula(_plain(match[1]), mark if mark != "-" else "", tuple(where), numbered=mark != "-")


_WHERE = re.compile(r"式中：")


def _list(kind: Literal["dash", "letter", "number"], pattern: re.Pattern[str], lines: _Lines) -> ListBlock:
    items: list[ListItem] = []
    while match := lines.take(pattern):
        items.append(ListItem(runs(match[1]), _sublist(lines)))
    return ListBlock(kind, tuple(items))


def _sublist(lines: _Lines) -> ListBlock | None:
    for pattern, kind, level in _LISTS:
        if level == 2:
            items: list[ListItem] = []
            while match := lines.take(pattern):
                items.append(ListItem(runs(match[1])))
            if items:
                return ListBlock(kind, tuple(items))
    return None
