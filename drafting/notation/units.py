"""How a unit is written: kgce/t, t/(m³·d), kgCO2/t, 吨标煤/万元, mg/m³（干基）.

One pass from left to right, without going back: factors joined by ``·`` and ``/`` (or 每), brackets around a
denominator are arithmetic, brackets with words are qualifiers. What leads from one unit to another is in
:mod:`drafting.notation.conversion`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, lru_cache

from drafting.notation.vocabulary import vocabulary

LONGEST = 80
"""Characters of the longest unit; a longer text is none."""
_DEEPEST = 4

_LETTERS = re.compile(r"[%‰‱]|N[mM](?:³|\^?3)(?![0-9])|[A-Za-zµμΩ°℃℉㎡㎥㎏㎎㎞㎝㎜ℓ㏄][A-Za-z0-9₀-₉µμΩ]*")
_POWER = re.compile(r"(?:\^|\*\*)\(?(-?[1-9])\)?(?![0-9])|([⁻-]?)([¹²³⁴⁵⁶])|-([1-4])(?![0-9.])")
_TRAILING = re.compile(r"(.*[A-Za-zµμ])([2-4₂₃₄])")
_TEN = re.compile(r"10(?:\^\(?([0-9]{1,2})\)?(?![0-9.])|([²³⁴⁵⁶⁷⁸⁹]))[*·×]?")
_HAN = "\u4e00-\u9fff"
# Words that end a unit: a comparison follows (以上, 或 …).
_FREE = re.compile(rf"(?:(?!或|及?以[上下内]|之?内|且|和|左右|上下|每)[{_HAN}]){{1,9}}")
_TIMES = re.compile(r"([0-9]{1,2}|[半双两一二三四五六七八九十])(年|个?季度|个?月|周|日|天|小时)(?![0-9])")
_SPANS = {"半": Fraction(1, 2), "双": Fraction(2), "两": Fraction(2)} | {
    word: Fraction(number) for number, word in enumerate("一二三四五六七八九十", 1)
}
_JOIN = re.compile(r"\s?([/每]|[·⋅•*×.](?=[A-Za-zµμ(%㎡㎥万千百]|[\u4e00-\u9fff]))\s?")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SUPERS = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890")
_ABOUT = re.compile(rf"以[A-Za-z0-9₀-₉{_HAN}]{{1,10}}[计表]")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written."""

    text: str
    """As it stands."""
    factors: tuple[tuple[str, int], ...]
    """Tuple of (str, int): Names in the registry with their powers, in the order of writing."""
    scale: Fraction = Fraction(1)
    """Powers of ten that are written as such (万, 10^4)."""
    qualifiers: frozenset[tuple[str, str]] = frozenset()
    """Frozenset of (str, str): Words that measure nothing, each with ``n`` or ``d`` for where it stands."""
    strange: tuple[str, ...] = ()
    """Words that are not in the vocabulary (熟料 is, 某某料 is not)."""
    ambiguous: bool = False
    """A product behind a slash without brackets: L/人·d is read by some as L/(人·d), by others as (L/人)·d."""

    @property
    def known(self) -> bool:
        """Whether every word of it is in the vocabulary."""
        return not self.strange

    @property
    def counts(self) -> bool:
        """Whether it only counts things (次, 个)."""
        return len(self.factors) == 1 and self.factors[0][0] in vocabulary().counts

    @property
    def numerator(self) -> tuple[tuple[str, int], ...]:
        """Factors with positive powers."""
        return tuple((name, power) for name, power in self.factors if power > 0)


def normalise_unit(text: str) -> str:
    """Reduce a unit for comparison: blanks, width and superscripts make no difference (m³/t is M3/t's m3/t)."""
    folded = unicodedata.normalize("NFKC", text.replace("⁻", "-")).replace("·", "*").replace("⋅", "*").replace("•", "*")
    return "".join(folded.split())


@lru_cache(maxsize=1 << 12)
def read_unit(text: str) -> Unit | None:
    """Read a text that is a unit and nothing else; None where it is none."""
    says = "".join(c for c in _folded(text) if not c.isspace())
    if not says or len(says) > LONGEST:
        return None
    found = unit_at(says, 0, whole=True)
    return None if found is None or found[1] != len(says) else found[0]


def _folded(text: str) -> str:
    width = unicodedata.normalize("NFC", text).translate(_WIDTH)
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in width)


_WIDTH = str.maketrans({"\u3000": " ", "−": "-", "∕": "/", "⁄": "/", "﹪": "%"})


def unit_at(text: str, start: int, *, whole: bool = False) -> tuple[Unit, int] | None:
    """Read the unit that begins at a place of a text.

    ``whole``: the text is meant as a unit: any bracket with words is a qualifier. Within a sentence only known words
    are.
    Returns it with the place where it ends; None where none begins.
    """
    reader = _Reader(text, start, whole)
    if not reader.product(1, 0):
        return None
    unit = Unit(
        text[start : reader.at].strip(), tuple(reader.factors), reader.scale, frozenset(reader.qualifiers),
        tuple(reader.strange), reader.ambiguous,
    )  # fmt: skip
    return unit, reader.at


_ONE = Fraction(1)


@dataclass(slots=True)
class _Reader:
    text: str
    at: int
    whole: bool
    factors: list[tuple[str, int]] = field(default_factory=list)
    scale: Fraction = _ONE
    qualifiers: set[tuple[str, str]] = field(default_factory=set)
    strange: list[str] = field(default_factory=list)
    ambiguous: bool = False

    def product(self, sign: int, depth: int) -> bool:
        """Factors joined by · and /; whatever does not fit stays unread."""
        if depth > _DEEPEST or not self._factor(sign, depth, first=depth == 0):
            return False
        divided = False
        while len(self.factors) < 12 and (join := _JOIN.match(self.text, self.at)):
            before = self.at, len(self.factors)
            below = join[1] in "/每"
            self.at = join.end()
            if not self._factor(-sign if below else sign, depth, first=False):
                self.at = before[0]
                del self.factors[before[1] :]
                break
            self.ambiguous |= divided and not below
            divided |= below
        if depth == 0:
            self._brackets(sign)
        return True

    def _factor(self, sign: int, depth: int, *, first: bool) -> bool:
        if not first and self.text.startswith("(", self.at):
            return self._group(sign, depth)
        if (times := _TIMES.match(self.text, self.at)) and sign < 0:  # 次/5年
            self.scale *= (_SPANS.get(times[1]) or Fraction(int(times[1]))) ** sign
            self.factors.append((vocabulary().names[times[2]], sign))
            self.at = times.end()
            return True
        start, scale = self.at, self._multiplier()
        found = self._atom(sign)
        if not found:
            # 万/户 counts ten thousands; a denominator may be words alone (吨每单位产品).
            found = scale != 1 or (sign < 0 and self._words(sign, alone=True))
        if not found:
            self.at = start
            return False
        if scale != 1:
            self.scale *= scale**sign
        return True

    def _group(self, sign: int, depth: int) -> bool:
        start, before = self.at, len(self.factors)
        self.at += 1
        if self.product(sign, depth + 1) and self.text.startswith(")", self.at):
            self.at += 1
            self._words(sign)
            return True
        self.at = start
        del self.factors[before:]
        return False

    def _multiplier(self) -> Fraction:
        if self.text.startswith("10", self.at) and (ten := _TEN.match(self.text, self.at)):
            self.at = ten.end()
            return Fraction(10 ** int(ten[1] or ten[2].translate(_SUPERS)))
        if self.text[self.at : self.at + 1] not in "百千万亿十":
            return _ONE
        if (match := _multipliers().match(self.text, self.at)) and not _chinese().match(self.text, self.at):
            self.at = match.end()
            return Fraction(vocabulary().multipliers[match[0]])
        return _ONE

    def _atom(self, sign: int) -> bool:
        if match := _LETTERS.match(self.text, self.at):
            found = _resolved(match[0])
            if found is None:
                return False
            name, power, substance = found
            self.at = match.end()
            if substance:
                self.qualifiers.add(("n" if sign > 0 else "d", substance))
        elif match := _chinese().match(self.text, self.at):
            name, power = vocabulary().names[match[0]], 1
            self.at = match.end()
        else:
            return False
        if power == 1 and (raised := _POWER.match(self.text, self.at)):
            power = int(
                raised[1] or (raised[4] and f"-{raised[4]}") or f"{raised[2] and '-'}{raised[3].translate(_SUPERS)}"
            )
            self.at = raised.end()
        self.factors.append((name, sign * power))
        self._words(sign, latin=match[0][0].isalpha() and match[0].isascii())
        return True

    def _words(self, sign: int, *, latin: bool = False, alone: bool = False) -> bool:
        """Words behind a unit that say of what it is (t钢, kg产品); any words where they cannot be anything else."""
        side = "n" if sign > 0 else "d"
        gap = 1 if self.text[self.at : self.at + 1] == " " and not alone else 0
        known = _qualifiers().match(self.text, self.at + gap)
        free = _FREE.match(self.text, self.at + gap)
        if known and (free is None or free.end() <= known.end()):
            self.qualifiers.add((side, known[0]))
            self.at = known.end()
            return True
        if free is None or not (latin or alone or sign < 0) or not _stops(self.text, free.end()):
            return False
        self.qualifiers.add((side, free[0]))
        self.strange.append(free[0])
        self.at = free.end()
        return True

    def _brackets(self, sign: int) -> None:
        while (self.text[self.at : self.at + 1]) == "(":
            end = self.text.find(")", self.at, self.at + 24)
            inner = self.text[self.at + 1 : end].strip() if end > 0 else ""
            listed = inner in vocabulary().words or inner in vocabulary().substances or _ABOUT.fullmatch(inner)
            if not inner or not (listed or (self.whole and not set(inner) & set("0123456789/*^·<>≤≥"))):
                return
            self.qualifiers.add(("b", inner))
            if not (listed or self.whole):
                self.strange.append(inner)
            self.at = end + 1


def _stops(text: str, at: int) -> bool:
    """Whether a free word may end here: at the end, at punctuation, before a comparison word; not within a name."""
    following = text[at : at + 1]
    return (
        not following or not (following.isalnum() or "\u4e00" <= following <= "\u9fff") or bool(_ENDS.match(text, at))
    )


_ENDS = re.compile(r"或|及?以[上下内]|之?内")


@cache
def _chinese() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, vocabulary().chinese)))


@cache
def _multipliers() -> re.Pattern[str]:
    words = sorted(vocabulary().multipliers, key=len, reverse=True)
    return re.compile("|".join(words))


@cache
def _qualifiers() -> re.Pattern[str]:
    own = vocabulary()
    words = sorted({w for w in own.words | own.substances if w[0] > "\u2e80"}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


@lru_cache(maxsize=1 << 12)
def _resolved(run: str) -> tuple[str, int, str] | None:
    """Registry name, power and substance of a run of letters and digits: m3, kgCO2, kWh; None where it is no unit."""
    own = vocabulary()
    if run in own.names:
        return own.names[run], 1, ""
    if (match := _TRAILING.fullmatch(run)) and match[1] in own.names:
        return own.names[match[1]], int(match[2].translate(_DIGITS)), ""
    plain = run.translate(_DIGITS)
    for cut in range(min(len(run) - 1, 4), 0, -1):
        if run[:cut] in own.names and plain[cut:] in own.substances:
            return own.names[run[:cut]], 1, plain[cut:]
    return None


__all__ = ["LONGEST", "Unit", "normalise_unit", "read_unit", "unit_at"]
