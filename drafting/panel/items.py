"""Names and values of single answers: which question an item means, and what may be said to it.

Items are numbered by the frozen questionnaire: ``w.G.K`` weight of item K in group G, ``r.G.K`` rating, ``p.G.I.J``
comparison of I with J (I < J), ``o.G.K`` opinion on an item, ``a.K`` self-assessment (four bases, then familiarity),
``c.0`` comment on the whole, ``c.1`` indicators proposed.
The empty value withdraws an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drafting.model.characters import fold
from drafting.panel.definition import BASES, Definition, Group, Instrument
from drafting.workbook.contents.strange import STRANGE
from drafting.workbook.headings import FAMILIARITY, LEVELS_OF_BASIS

LONGEST_TEXT = 32_767
"""Characters of an opinion, as a spreadsheet counts them: what a cell of a mailed or exported workbook holds."""
LONGEST_NUMBER = 24
TOTAL = 100
_LETTER = {Instrument.ALLOCATION: "w", Instrument.RATING: "r", Instrument.PAIRWISE: "p"}
_PLACE = r"\.(0|[1-9][0-9]{0,2})"  # one way to write each: w.00.0 would be a second answer to the same question
_ITEM = re.compile(rf"([wro]){_PLACE}{_PLACE}|p{_PLACE}{_PLACE}{_PLACE}|a\.([0-4])|c\.[01]")
_NUMBER = re.compile(r"\+?([0-9]+\.?[0-9]*|\.[0-9]+) *%?")
_RATIO = re.compile(r"\d{1,3}(\.\d{1,17})?|\d{1,3}/[1-9]\d{0,2}", re.ASCII)
_PLACES = 10
STEPS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"1": (1.0, 1.0)}
    | {str(k): (float(k), 1 / k) for k in range(2, 10)}
    | {f"1/{k}": (1 / k, float(k)) for k in range(2, 10)}
)
"""The 1–9 scale as experts write it -> the judgement and its reciprocal."""


class AnswerError(ValueError):
    """An answer that cannot be taken; the message tells the expert why, in Chinese."""


def weight(group: int, item: int) -> str:
    """Name the weight of an item."""
    return f"w.{group}.{item}"


def rating(group: int, item: int) -> str:
    """Name the rating of an item."""
    return f"r.{group}.{item}"


def opinion(group: int, item: int) -> str:
    """Name the opinion on an item."""
    return f"o.{group}.{item}"


def pair(group: int, i: int, j: int) -> str:
    """Name a comparison."""
    return f"p.{group}.{i}.{j}"


def pairs(size: int) -> Iterator[tuple[int, int]]:
    """All comparisons of a group, in the order of the questionnaire."""
    return ((i, j) for i in range(size) for j in range(i + 1, size))


def questions(instrument: Instrument, number: int, group: Group) -> tuple[str, ...]:
    """Items of one group that want an answer, without opinions."""
    size = len(group.items)
    if instrument is Instrument.PAIRWISE:
        return tuple(pair(number, i, j) for i, j in pairs(size))
    return tuple(f"{_LETTER[instrument]}.{number}.{k}" for k in range(size))


def opinions(instrument: Instrument, number: int, group: Group) -> tuple[str, ...]:
    """Items for opinions of one group; comparisons have none."""
    return () if instrument is Instrument.PAIRWISE else tuple(opinion(number, k) for k in range(len(group.items)))


COMMENTS = ("c.0", "c.1")
SELF_ASSESSMENT = tuple(f"a.{k}" for k in range(len(BASES) + 1))


def canonical(definition: Definition, instrument: Instrument, item: str, text: str) -> str:
    """Check one answer and give it the form in which it is kept.

    Raises AnswerError: no such question in this round, or no possible answer to it.
    """
    match = _ITEM.fullmatch(item)
    if match is None:
        raise AnswerError("没有这个问题。")
    letter = item[0]
    if letter == "a":
        return _assessment(int(match[7]), text)
    if letter == "c":
        return _text(text)
    asked = {_LETTER[instrument]} | (set() if instrument is Instrument.PAIRWISE else {"o"})
    groups = definition.of(instrument)
    numbers = [int(n) for n in (match[2], match[3], match[4], match[5], match[6]) if n is not None]
    known = letter in asked and numbers[0] < len(groups) and max(numbers[1:]) < len(groups[numbers[0]].items)
    if not known or (letter == "p" and numbers[1] >= numbers[2]):
        raise AnswerError("没有这个问题。")
    if letter == "o":
        return _text(text)
    if len(text) > LONGEST_NUMBER:
        raise AnswerError("请填写一个数。")
    said = fold(text).strip()
    if not said:
        return ""
    if letter == "p":
        return _judgement(said)
    low, high = (0, TOTAL) if letter == "w" else definition.scale
    number = _number(said, low, high)
    if letter == "r" and number != number.to_integral_value():
        raise AnswerError(f"请在 {low}～{high} 之间选一个整数。")
    return f"{number:f}"


def _number(said: str, low: int, high: int) -> Decimal:
    # the pattern keeps out what Decimal reads beside numbers as people write them: 1_0, ١٠, 1e2, NaN
    number = Decimal(said.removesuffix("%").rstrip()) if _NUMBER.fullmatch(said) else Decimal(-1)
    if not low <= number <= high:
        raise AnswerError(f"请填写 {low}～{high} 之间的数。")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_PLACES:
        raise AnswerError(f"小数最多 {_PLACES} 位。")
    plain = number.normalize() + 0
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


def _judgement(said: str) -> str:
    """Take a step of the scale, or what a mailed workbook says between 1/9 and 9."""
    # the pattern keeps out 1e999999999, which would take all memory to write out
    value = Fraction(said) if _RATIO.fullmatch(said) else Fraction(0)
    if not Fraction(1, 9) <= value <= 9:
        raise AnswerError("请在 1/9～9 之间选择。")
    if value.denominator == 1 or value.numerator == 1:
        return str(value)
    return repr(float(value))


def _text(text: str) -> str:
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > LONGEST_TEXT:
        raise AnswerError(
            f"意见最多 {LONGEST_TEXT} 字，现有 {length} 字，没有存入；请精简，或分写在几处意见栏，或把全文另寄组织者。"
        )
    if (strange := STRANGE.search(text)) is not None:
        raise AnswerError(
            f"第 {strange.start() + 1} 个字是看不见的控制字符或改变文字方向的字符（U+{ord(strange[0]):04X}），"
            "没有存入；请删去这一处前后的字，重新键入。"
        )
    return text.replace("\r\n", "\n").strip()


def _assessment(number: int, text: str) -> str:
    allowed = FAMILIARITY if number == len(BASES) else LEVELS_OF_BASIS
    if text and text not in allowed:
        raise AnswerError(f"请选择{'、'.join(allowed)}之一。")
    return text


def value_of(text: str) -> float:
    """The number an answer says, NaN for none: 1/3 is the quotient, as a workbook's reader gives it."""
    if not text:
        return float("nan")
    return float(Fraction(text)) if "/" in text else float(text)


def matrix(values: Mapping[str, str], number: int, size: int) -> NDArray[np.float64]:
    """One group's judgement matrix, (size, size), NaN where a pair was not compared."""
    full = np.full((size, size), np.nan)
    np.fill_diagonal(full, 1.0)
    for i, j in pairs(size):
        text = values.get(pair(number, i, j), "")
        if text:
            full[i, j], full[j, i] = STEPS.get(text) or (float(Fraction(text)), float(1 / Fraction(text)))
    return full


def row(values: Mapping[str, str], instrument: Instrument, number: int, group: Group) -> list[float]:
    """One group's weights or ratings in order, NaN where there is none."""
    return [value_of(values.get(item, "")) for item in questions(instrument, number, group)]
