"""Folding of character variants that mean the same in a table cell."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Signs that Unicode keeps apart and NFKC does not unite, though a drafter types them for one another.
_SAME = {
    "≦": "≤", "⩽": "≤", "≲": "≤", "≧": "≥", "⩾": "≥", "≳": "≥",
    "〜": "~", "∼": "~", "∽": "~", "⁓": "~",
    "−": "-", "‐": "-", "‑": "-", "‒": "-", "﹣": "-",
    "×": "*", "✕": "*", "∗": "*", "⋅": "*", "·": "*", "÷": "/", "∕": "/", "⁄": "/",
}  # fmt: skip
_WIDTH_TAGS = ("<wide>", "<narrow>", "<noBreak>", "<font>", "<small>")


def visible(text: str) -> str:
    """Text without what no reader sees: control characters, halves of pairs, marks that turn the reading direction."""
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs"} and c not in _TURNING)


_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def fold(text: str, *, arithmetic: bool = False) -> str:
    """Fold full-width and compatibility forms, one character to one character.

    It is NFKC restricted to differences of width and font: Roman numerals (Ⅴ), superscripts (m³), ℃ and ㎡ keep their
    form, because plain NFKC would turn "10³" into "103" and a class Ⅴ into a letter. Positions in the result are
    positions in `text`.

    ``text``: any text.
    ``arithmetic``: fold multiplication and division signs as well; outside expressions "·" and "×" keep their form.
    """
    if text.isascii():  # as nearly every number is
        return text
    return "".join(_fold_character(character, arithmetic) for character in text)


@lru_cache(maxsize=1 << 14)
def _fold_character(character: str, arithmetic: bool) -> str:
    if character.isascii():
        return character
    same = _SAME.get(character)
    if same is not None and (arithmetic or same not in "*/"):
        return same
    if unicodedata.decomposition(character).startswith(_WIDTH_TAGS):
        folded = unicodedata.normalize("NFKC", character)
        if len(folded) == 1:
            return _fold_character(folded, arithmetic)
    return character
