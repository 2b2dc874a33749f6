"""Where a long title is broken: between its elements, never inside brackets that fit on a line."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

_NOT_FIRST = frozenset("，。、；：）》〉」』】〕！？·—～”’,.;:)]}%")
_NOT_LAST = frozenset("（《〈「『【〔“‘([{")
_OPENING, _CLOSING = "（〔【(", "）〕】)"
_WORDS = re.compile(r"清洁生产|评价指标体系|编制说明|[A-Za-z0-9./+-]+")
_TAILS = re.compile(r"(?:制造|加工|生产和供应)?(?:行业|工业|业|企业)")
"""Words that end an element: a line may begin after, not before them."""
_ELEMENT, _BRACKET, _INDUSTRY, _WORD, _ANYWHERE, _INSIDE = 0, 1, 2, 8, 20, 60
"""Costs of breaks: at a gap between elements, at brackets, after the industry, between words, anywhere, in brackets."""


def title_lines(title: str, capacity: int) -> tuple[str, ...]:
    """Break a title into as few lines as it needs, at sensible places and of like length.

    ``title``: chinese title; elements stand apart by a gap.
    ``capacity``: width of a line in Han.
    Returns the lines; joined they give the title, less the gaps at which it was broken.
    """
    words = title.strip()
    total = han(words)
    if total <= capacity or not words:
        return (words,)
    costs = _break_costs(words)
    least = -(-total // capacity)
    ideal = total / least

    @cache
    def best(start: int, left: int) -> tuple[float, tuple[int, ...]]:
        rest = han(words[start:])
        found: tuple[float, tuple[int, ...]] = (1e9, ()) if rest > capacity else ((rest - ideal) ** 2 / 12, ())
        if left <= 1:
            return found
        for end in range(start + 1, len(words)):
            width = han(words[start:end])
            if width > capacity:
                break
            if end not in costs:
                continue
            cost, more = best(end, left - 1)
            cost += costs[end] + (width - ideal) ** 2 / 12
            if cost < found[0]:
                found = (cost, (end, *more))
        return found

    for lines in range(int(least), len(words) + 1):
        cost, ends = best(0, lines)
        if cost < 1e9:
            places = (0, *ends, len(words))
            return tuple(words[a:b].strip() for a, b in pairwise(places))
    return (words,)


def han(words: str) -> float:
    """Width in Han: Latin letters and digits are half as wide."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in words)


def _break_costs(words: str) -> dict[int, int]:
    """Cost of beginning a line at each place where one may begin."""
    borders = {place for match in _WORDS.finditer(words) for place in match.span()}
    industries = {match.end() for match in _TAILS.finditer(words)}
    inside = {place for match in _WORDS.finditer(words) for place in range(match.start() + 1, match.end())}
    inside |= {place for match in _TAILS.finditer(words) for place in range(match.start(), match.end())}
    found: dict[int, int] = {}
    depth = 0
    for place, character in enumerate(words):
        before = words[place - 1] if place else ""
        if before in _CLOSING:
            depth = max(0, depth - 1)
        if place and character not in _NOT_FIRST and before not in _NOT_LAST and place not in inside:
            if depth:
                found[place] = _INSIDE
            elif before.isspace() or character.isspace():
                if words[place:].strip()[:1] not in _NOT_FIRST and words[:place].strip()[-1:] not in _NOT_LAST:
                    found[place] = _ELEMENT
            elif character in _OPENING or before in _CLOSING:
                found[place] = _BRACKET
            elif place in industries:
                found[place] = _INDUSTRY
            else:
                found[place] = _WORD if place in borders or before in "、和及与的" else _ANYWHERE
        if character in _OPENING:
            depth += 1
    return found
