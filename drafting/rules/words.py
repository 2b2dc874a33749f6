"""Verbs and words that GB/T 1.1 minds (``templates/gb-t-43329/wording.toml``), found in Chinese running text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from drafting.standard import read_toml

_SENTENCE = re.compile(r"[^。；！？\n]+[。；！？]?")
_QUOTE = 36


@dataclass(frozen=True, slots=True)
class Modal:
    """A verb of requirement (应), recommendation (宜) or permission (可), and where it stands."""

    word: str
    kind: str
    quote: str


@cache
def wording() -> Mapping[str, Any]:
    """The rules of wording."""
    return read_toml("wording.toml")


@cache
def _modals() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    made = []
    for row in wording()["modal"]:
        word, before = re.escape(row["word"]), "|".join(map(re.escape, row.get("before", ())))
        inside = "|".join(re.escape(w) for w in sorted(row["part_of"], key=len, reverse=True))
        wanted = word + (f"(?={before})" if before else "")
        # A word that merely holds the verb is consumed first, so that the verb inside it is not seen.
        made.append((row["word"], row["kind"], re.compile(f"(?:{inside})|({wanted})" if inside else f"({wanted})")))
    return tuple(made)


def modals(text: str) -> Iterator[Modal]:
    """Find verbs of requirement, recommendation or permission, one per sentence and verb."""
    for sentence in sentences(text):
        for word, kind, pattern in _modals():
            if any(m[1] for m in pattern.finditer(sentence)):
                yield Modal(word, kind, quote(sentence, word))


def requires(sentence: str) -> bool:
    """Whether a sentence is a requirement (应, 不得)."""
    return any(m.kind == "要求" for m in modals(sentence))


def sentences(text: str) -> list[str]:
    """Cut a text into sentences and semicolon parts."""
    return [s.strip() for s in _SENTENCE.findall(text) if s.strip()]


def must(text: str) -> Iterator[str]:
    """Quote sentences with 必须."""
    word = wording()["words"]["must"]
    return (quote(s, word) for s in sentences(text) if word in s)


def vague(text: str) -> Iterator[tuple[str, str]]:
    """Find sentences that require something vague: (word, quotation)."""
    for sentence in sentences(text):
        word = next((w for w in wording()["words"]["vague"] if w in sentence), None)
        if word and requires(sentence):
            yield word, quote(sentence, word)


def quote(text: str, around: str = "") -> str:
    """Shorten a text to what fits into a message, around a word of it."""
    text = " ".join(text.split())
    if len(text) <= _QUOTE:
        return text
    start = max(0, min(text.find(around) - _QUOTE // 2, len(text) - _QUOTE)) if around else 0
    cut = text[start : start + _QUOTE]
    return ("…" if start else "") + cut + ("…" if start + _QUOTE < len(text) else "")
