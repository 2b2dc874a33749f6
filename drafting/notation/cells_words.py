"""Words of the notation of cells: numbers, comparison words, what dates, periods and grades look like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from drafting.model.bound_value import Operator

NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
POWER = r"[eE][-+]?[0-9]{1,3}(?![0-9A-Za-z])|\s*[×xX*·]\s*10(?:\^\s*\(?-?[0-9]{1,3}\)?|⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})"
HAN_NUMBER = "[零〇一二两三四五六七八九十百千]{1,9}"
PARTS = {"百分之": "%", "千分之": "‰", "万分之": "‱"}

TIME_UNITS = frozenset(
    {"工作日", "自然日", "分钟", "小时", "个小时", "月", "季度", "年", "日", "天", "周", "秒", "min", "h", "d", "a"}
)

_NOT = "不(?:得|应|能|宜|可)?"
_DOWN, _UP = "降低|减少|下降|压减|降|减", "提高|提升|增加|增长|增"
_COMPARISONS: tuple[tuple[str, Operator], ...] = (
    (
        rf"≤|<=|=<|{_NOT}(?:超过|超出|大于|高于|多于|超)|(?:小于|低于|少于)(?:或)?等于|至多|最多|(?:{_DOWN})[至到]",
        Operator.AT_MOST,
    ),
    (
        rf"≥|>=|=>|{_NOT}(?:低于|少于|小于)|(?:大于|高于|多于)(?:或)?等于|至少|最少|达到|达(?=\s*[0-9]|$)|(?:{_UP})[至到]",
        Operator.AT_LEAST,
    ),
    (r">|超过|超出|大于|高于|多于", Operator.ABOVE),
    (r"<|小于|低于|少于|不足|不满|未满", Operator.BELOW),
    (r"==?|等于", Operator.EQUAL),
)
COMPARISON = "(?:" + "|".join(f"(?:{words})" for words, _ in _COMPARISONS) + ")"
_COMPILED = tuple((re.compile(words), operator) for words, operator in _COMPARISONS)
SUFFIX = "(?:及?以上|及?以下|以内|之内|内)"
# (不含), (含100), (不含下限): whether an end belongs to it; (不含外购电) is of another matter.
EXCEPT = rf"不?包?含\s*(?:本数|本值|此数|该值|端点|两端|上限|下限|上下限|{NUMBER})?"

_COUNT = rf"(?:[0-9]+|{HAN_NUMBER})"
_PERIOD = r"(?:半?年|季度|季|个?月|周|日|天)"
FREQUENCY = (
    rf"(?:每{_COUNT}?|(?<![0-9])(?:[0-9]{{1,2}}|{HAN_NUMBER})){_PERIOD}内?[^0-9，,。；;、]{{0,15}}?{_COUNT}\s*次(?!/)"
)
FREQUENCY_PARTS = re.compile(
    rf"(?:每(?P<every>{_COUNT})?|(?P<plain>[0-9]{{1,2}}|{HAN_NUMBER}))(?P<per>{_PERIOD})内?"
    rf"(?P<gap>[^0-9，,。；;、]{{0,15}}?)(?P<times>{_COUNT})\s*次"
)
ORDINAL_GRADE = r"(?:VI|IV|V|I{1,3}|[ⅠⅡⅢⅣⅤⅥ]|[一二三四五六1-6])"
ORDINAL = (
    r"(?:达到|达|优于或达到|达到或优于|优于|不低于|不劣于|不差于|高于)(?:或优于|及以上)?"
    rf"[^\d≤≥<>，。；]{{0,20}}?{ORDINAL_GRADE}\s*[类级]"
)
ORDINAL_PARTS = re.compile(rf".*?(?P<grade>{ORDINAL_GRADE})\s*(?P<unit>[类级])")
_DAY = r"[0-9]{4}\s*年\s*(?:[0-9]{1,2}\s*月\s*)?(?:[0-9]{1,2}\s*[日号]\s*)?底?\s*"
DATE = rf"{_DAY}(?:之?以?前|起|之?以?后|及以后)"
DATE_PARTS = re.compile(
    r"(?P<year>[0-9]{4})\s*年\s*(?:(?P<month>[0-9]{1,2})\s*月\s*)?(?:(?P<day>[0-9]{1,2})\s*[日号]\s*)?(?P<end>底)?\s*"
    r"(?P<side>.*)"
)
# Numbers that belong to the name of something: GB 18484—2020, 第3章, 4.2.1, 2025年, PM2.5.
NAME = (
    r"[A-Z]{2,}(?:/[A-Z]+)?\s*[0-9]+(?:\.[0-9]+)*(?:\s*[-—–][0-9]{4})?"
    r"|第\s*[0-9]+|[0-9]+\.[0-9]+\.[0-9][0-9.]*|[0-9]{4}年(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?"
    r"|(?<![0-9A-Za-z/·])(?<![0-9]\s)[A-Za-z]+[0-9][0-9.]*"
)
RATIO = r"[0-9]+(?:\.[0-9]+)?\s*[:∶]\s*[0-9]+(?:\.[0-9]+)?(?![0-9.])"
# A number after one of these says how much of something else it is.
RELATIVE = (
    r"百?分位[值数]?|同比|环比|相比|(?:比(?![例率重值])|较)(?=[^，,；;。]{0,20}"
    r"(?:降低|减少|下降|压减|提高|提升|增加|增长|上升|节约|节省))"
    r"|的(?=\s*[0-9.]+\s*(?:[%‰倍]|个百分点))"
)
ABOUT = r"左右|上下|大约|约|±"
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def operator_of(word: str) -> Operator:
    """Return the operator that a comparison word or sign stands for."""
    return next(operator for pattern, operator in _COMPILED if pattern.match(word))


def suffix_operator(word: str) -> Operator:
    """Return the operator of 以上, 以下, 以内 …, all of which include the number."""
    return Operator.AT_LEAST if word.endswith("上") else Operator.AT_MOST


def ends_out(bracket: str | None, ends: Sequence[Decimal]) -> tuple[bool, bool] | None:
    """Whether a bracket behind a number or range leaves out its lower and its upper end; None where it names another.

    (不含) alone speaks of the upper end.
    """
    says = bracket or ""
    named = re.search(NUMBER, says)
    if named and number_of(named[0]) not in ends:
        return None
    if "不" not in says:
        return False, False
    both = "端" in says or "上下限" in says
    lower = "下限" in says or (named is not None and number_of(named[0]) != ends[-1])
    return both or lower, both or not lower


def number_of(text: str, power: str | None = None) -> Decimal:
    """Read digits as written, without thousands separators; a power of ten moves the point."""
    number = Decimal(re.sub(r"[\s,]", "", text))
    if power is None:
        return number
    exponent = int(re.sub(r"^(?:[eE]|\s*[×xX*·]\s*10\^?)|[\s()]", "", power).translate(SUPERSCRIPTS))
    return number.scaleb(exponent)


def chinese_value(text: str) -> Decimal:
    """Read a Chinese numeral below ten thousand; digit by digit when it has no 十, 百 or 千."""
    digits = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
    places = {"十": 10, "百": 100, "千": 1000}
    if not set(text) & set(places):
        return Decimal("".join(str(digits[character]) for character in text))
    total, digit = 0, 0
    for character in text:
        if character in places:
            total += (digit or 1) * places[character]
            digit = 0
        else:
            digit = digits[character]
    return Decimal(total + digit)


def count_of(text: str) -> Decimal:
    """Read a count in digits or Chinese numerals."""
    return Decimal(text) if text[0] in "0123456789" else chinese_value(text)
