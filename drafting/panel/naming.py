"""Words in an opinion that say who wrote it or whom it is about, and opinions that are not to be passed on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from drafting.model.characters import fold

_KEPT_BACK = re.compile(r"[\s【〔\[（(“\"]*仅供组织者")


def named(text: str, codes: Sequence[str]) -> tuple[str, ...]:
    """Codes of experts that a text contains as words of their own: E1 is not in E10, 甲 alone is not in 甲醛."""
    said = fold(text).casefold()
    return tuple(code for code in codes if _pattern(fold(code).casefold()).search(said))


def _pattern(code: str) -> re.Pattern[str]:
    if len(code) == 1 and not code.isascii():  # a single character is part of many words
        return re.compile(rf"专家{re.escape(code)}|{re.escape(code)}专家|“{re.escape(code)}”")
    before = r"(?<![0-9a-z])" if code[:1].isascii() else ""
    after = r"(?![0-9a-z])" if code[-1:].isascii() else ""
    return re.compile(before + re.escape(code) + after)


def in_words(codes: Sequence[str]) -> str:
    """What the writer is told, empty for no code."""
    if not codes:
        return ""
    return f"文字中有专家代号“{'”“'.join(codes)}”，转给其他专家时会让人认出；建议改写，不提代号。"


def passed_on(text: str | None) -> str:
    """An opinion as the other experts may read it; empty if its writer says 仅供组织者 first."""
    said = (text or "").strip()
    return "" if _KEPT_BACK.match(said) else said
