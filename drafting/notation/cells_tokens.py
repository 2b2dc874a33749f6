"""The lexer of cells: one pass that parts a cell into numbers, units, comparison words and other words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from drafting.notation import cells_words as w
from drafting.notation.units import unit_at

_SIGNED = rf"(?:-\s?)?{w.NUMBER}"
_END = r"(?![0-9]|\.[0-9])"
_MASTER = re.compile(
    rf"(?P<ORDINAL>{w.ORDINAL})|(?P<FREQUENCY>{w.FREQUENCY})|(?P<DATE>{w.DATE})|(?P<NAME>{w.NAME})"
    rf"|(?P<RATIO>(?<![0-9.]){w.RATIO})|(?P<RELATIVE>{w.RELATIVE})|(?P<COMPARISON>{w.COMPARISON})"
    r"|(?P<HOLD>(?:控制在|保持在|维持在|稳定在|在|为)(?=\s*(?:-\s?)?\.?[0-9]))"
    rf"|(?P<PRIOR>前(?=\s*(?:[0-9]|{w.HAN_NUMBER})))|(?P<ABOUT>{w.ABOUT})"
    rf"|(?P<ROPEN>\((?=\s*{_SIGNED}[^()0-9]{{0,9}}(?:~|至|到|[-—–]{{1,2}})\s*{_SIGNED}[^()0-9]{{0,9}}\)))"
    rf"|(?P<NUMBER>(?<![0-9A-Za-z.\-]){_SIGNED}{_END}(?:(?:{w.POWER}){_END})?)"
    rf"|(?P<HAN>(?:{'|'.join(w.PARTS)})?{w.HAN_NUMBER})"
    r"|(?P<SEPARATOR>[，,；;、。/\n])"
)
_TO = re.compile(rf"\s*(~|至|到|—{{1,2}}|–|-{{1,2}})\s*(?={_SIGNED}{_END})")
_UPPER = re.compile(_SIGNED)
_SUFFIX = re.compile(rf"\s*({w.SUFFIX})")
_EXCEPT = re.compile(rf"\s*(\({w.EXCEPT}\))")
_NO_UNIT = re.compile(r"\s*(?:百?分位|分之)")
_CLOSE = re.compile(r"\s*\)")


@dataclass(slots=True)
class Token:
    """A piece of a cell: what the parser asks a token for, and nothing more (lark's own is a string, and slower)."""

    type: str
    text: str
    start_pos: int
    end_pos: int
    line: ClassVar[None] = None
    column: ClassVar[None] = None
    end_line: ClassVar[None] = None
    end_column: ClassVar[None] = None


def tokens_of(text: str) -> list[Token]:
    """Part a cell into tokens, in order; words that mean nothing to the grammar are WORDS."""
    found: list[Token] = []
    at = done = 0
    size = len(text)
    while at < size and (match := _MASTER.search(text, at)):
        kind, start = str(match.lastgroup), match.start()
        number = kind in ("NUMBER", "HAN")
        if kind == "HAN" and not _counts(text, match):
            at = match.end()
            continue
        if start > done:
            _words(found, text, done, start)
        if number:
            at = done = _number(found, text, match)
        else:
            found.append(Token(kind, match[0], start, match.end()))
            at = done = match.end()
    if done < size:
        _words(found, text, done, size)
    for position, token in enumerate(found):
        dangling = token.type in ("HOLD", "PRIOR") and not _leads(found, position)
        if dangling or (token.type == "ROPEN" and not _range_follows(found, position)):
            token.type = "WORDS"
    return found


def _words(found: list[Token], text: str, start: int, end: int) -> None:
    if not text[start:end].isspace():
        found.append(Token("WORDS", text[start:end], start, end))


def _counts(text: str, match: re.Match[str]) -> bool:
    """Whether a Chinese numeral counts something: 百分之三, 三个工作日; not 一般, 三同时."""
    if match[0].startswith(tuple(w.PARTS)):
        return True
    at = match.end()
    found = None if _NO_UNIT.match(text, at) else unit_at(text, at)
    return found is not None and bool(found[0].factors) and found[0].known


def _number(found: list[Token], text: str, match: re.Match[str]) -> int:
    """Add a number with its unit, the other end of a range, and 以上 or (不含) behind them."""
    start = match.start()
    found.append(Token("NUMBER", match[0], start, match.end()))
    at = _unit(found, text, match.end())
    if match.lastgroup == "NUMBER" and (to := _TO.match(text, at)):
        upper = _UPPER.match(text, to.end())
        assert upper is not None  # the look ahead found it
        found.append(Token("TO", to[1], to.start(1), to.end(1)))
        found.append(Token("NUMBER", upper[0], upper.start(), upper.end()))
        at = _unit(found, text, upper.end())
        opened = any(t.type == "ROPEN" for t in found[-6:])
        if opened and (close := _CLOSE.match(text, at)):
            found.append(Token("RCLOSE", ")", close.end() - 1, close.end()))
            at = _unit(found, text, close.end())
    for pattern, kind in ((_SUFFIX, "SUFFIX"), (_EXCEPT, "EXCEPT")):
        if more := pattern.match(text, at):
            found.append(Token(kind, more[1], more.start(1), more.end()))
            at = more.end()
    return at


def _unit(found: list[Token], text: str, at: int) -> int:
    if at >= len(text) or _NO_UNIT.match(text, at):
        return at
    start = at
    while text[start : start + 1] == " ":
        start += 1
    read = unit_at(text, start)
    if read is None:
        return at
    found.append(Token("UNIT", text[start : read[1]].strip(), start, read[1]))
    return read[1]


def _leads(found: list[Token], position: int) -> bool:
    following = found[position + 1].type if position + 1 < len(found) else ""
    if following == "PRIOR" and found[position].type == "HOLD":
        return _leads(found, position + 1)
    return following == "NUMBER" or (following == "ROPEN" and found[position].type == "HOLD")


def _range_follows(found: list[Token], position: int) -> bool:
    types = [t.type for t in found[position + 1 : position + 7]]
    return types[:1] == ["NUMBER"] and "TO" in types and "RCLOSE" in types
