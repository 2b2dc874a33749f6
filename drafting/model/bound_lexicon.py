"""Words of the bound notation: numbers, units of measure, comparison words."""

from __future__ import annotations

import re
from decimal import Decimal

from drafting.model.bound_value import Operator

NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
EXPONENT = r"[eE][-+]?[0-9]{1,3}(?![0-9A-Za-z])|\s*[×xX*·]\s*10(?:\^\s*\(?-?[0-9]{1,3}\)?|⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})"
CHINESE_NUMBER = "[零〇一二两三四五六七八九十百千]{1,9}"

TIME_UNITS = frozenset(
    {"工作日", "自然日", "分钟", "小时", "个小时", "月", "季度", "年", "日", "天", "周", "秒", "min", "h", "d", "a"}
)
_CHINESE_UNITS = """
吨标准煤 千克标准煤 公斤标准煤 克标准煤 吨二氧化碳 千克二氧化碳 吨 千克 公斤 毫克 微克 纳克 克
标准立方米 标立方米 立方米 平方米 平方公里 公里 千米 厘米 毫米 微米 米 毫升 升 公顷 亩
千瓦时 千瓦 兆瓦时 兆瓦 度电 度 千焦 兆焦 吉焦 千帕 兆帕 帕 分贝 摄氏度 元
家次 人次 场次 车次 批次 频次 家 人 场 次 个百分点 个 项 套 台 条 份 件 座 处 户 辆 批 种 类 倍 名 篇 部
只 块 片 张 匹 双 箱 瓶 支 根 头 分 标准箱 重量箱
个工作日 工作日 自然日 个小时 小时 分钟 秒 个月 月 个季度 季度 年 周 日 天
"""
_CHINESE = "(?:" + "|".join(sorted(_CHINESE_UNITS.split(), key=len, reverse=True)) + ")"
_LATIN = r"(?:[A-Za-zµμΩ°℃℉㎡㎥㎏㎎㎞㎝㎜ℓ㏄][A-Za-z0-9µμ²³⁰¹⁴-⁹⁻₀-₉·]*(?:\([A-Za-z]{1,3}\))?)"
_PERCENT = "[%‰‱]"
_HAN = r"[\u4e00-\u9fff]"
# What a Chinese word may run up to: the end, punctuation, or a comparison word that follows the unit.
_STOP = r"(?=$|[^\u4e00-\u9fffA-Za-z0-9]|或|及以|以[上下内]|之?内)"
_FREE = rf"(?!及?以[上下内]|之?内|或|且|和){_HAN}"
_PRODUCT = rf"(?:\s?(?:{_FREE}){{1,6}}?{_STOP})"
_ATOM = rf"(?:(?:[万亿千百]{{0,2}}{_CHINESE}|{_LATIN})|[万亿]+)"
_TIMES = r"(?:[0-9]{1,2}(?:年|个月|月|周|日|天|小时)(?![0-9]))"
_DENOMINATOR = (
    rf"(?:{_TIMES}|\([^()0-9]{{1,12}}\)|(?:单位)?[万亿千百]{{0,2}}{_CHINESE}{_PRODUCT}?|{_LATIN}{_PRODUCT}?|万{_PRODUCT}?"
    rf"|(?:{_FREE}){{1,8}}?{_STOP})"
)
_FIRST = rf"(?:{_PERCENT}|(?:[万亿千百]{{0,2}}{_CHINESE}|[万亿]+(?![A-Za-z]))|[万亿]?{_LATIN}{_PRODUCT}?)"
UNIT = rf"(?:{_FIRST}(?:\s?(?:/|每|·)\s?{_DENOMINATOR})*)"
_UNIT_LETTERS = frozenset("tghdamLlsAWJVKCTGMk")

_NOT = "不(?:得|应|能|宜|可)?"
_DOWN, _UP = "降低|减少|下降|压减|降|减", "提高|提升|增加|增长|增"
_WORDS: tuple[tuple[str, Operator], ...] = (
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
PREFIX = "(?:" + "|".join(f"(?:{words})" for words, _ in _WORDS) + ")"
SUFFIX = "(?:及?以上|及?以下|以内|之内|内)"
_COMPILED = tuple((re.compile(words), operator) for words, operator in _WORDS)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def operator_of(word: str) -> Operator:
    """Return the operator that a comparison word or sign stands for."""
    return next(operator for pattern, operator in _COMPILED if pattern.match(word))


def suffix_operator(word: str) -> Operator:
    """Return the operator of 以上, 以下, 以内 …, all of which include the number."""
    return Operator.AT_LEAST if word.endswith("上") else Operator.AT_MOST


def number_of(text: str, power: str | None = None) -> Decimal:
    """Read digits as written, without thousands separators; a power of ten moves the point."""
    number = Decimal(re.sub(r"[\s,]", "", text))
    if power is None:
        return number
    exponent = int(re.sub(r"^(?:[eE]|\s*[×xX*·]\s*10\^?)|[\s()]", "", power).translate(_SUPERSCRIPTS))
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


def is_unit(name: str) -> bool:
    """Whether a name in an expression is a unit of measure and so no parameter."""
    return name in _UNIT_LETTERS or (not name.isascii() and re.fullmatch(_CHINESE, name) is not None)
