"""The notation of baseline cells and how it is read; the public door is :mod:`drafting.model.bounds`."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from drafting.model.bound_lexicon import (
    CHINESE_NUMBER,
    EXPONENT,
    NUMBER,
    PREFIX,
    SUFFIX,
    TIME_UNITS,
    UNIT,
    chinese_value,
    is_unit,
    number_of,
    operator_of,
    suffix_operator,
)
from drafting.model.bound_value import Bound, BoundKind, Operator
from drafting.model.characters import fold
from drafting.model.expression import ExpressionError, parse_expression

_LONGEST = 1000  # a cell that is longer is an essay, not a bound

_MISSING = re.compile(r"[-—–―─_/\\\s]*|[Nn]/?[Aa]")
_GRADES = {"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "I": "I", "II": "II", "III": "III", "一": "I", "二": "II", "三": "III",
           "1": "I", "2": "II", "3": "III"}  # fmt: skip
_GRADE = r"(?P<grade>III|II|I|[ⅠⅡⅢ一二三123])\s*级"
_SAME_AS = re.compile(rf"(?:同|与|和)\s*{_GRADE}(?:基准值|指标|要求|标准|水平)?(?:相同|一致)?|同(?:左|前)")
_ORDINAL = re.compile(
    r"(?P<subject>.*?)(?:达到|达|优于或达到|达到或优于|优于|不低于|不劣于|不差于|高于)(?:或优于|及以上)?(?P<scale>[^\d≤≥<>，。；]*?)"
    r"(?P<grade>VI|IV|V|I{1,3}|[ⅠⅡⅢⅣⅤⅥ]|[一二三四五六1-6])\s*(?P<unit>[类级])(?P<rest>.*)"
)
_DATE = re.compile(
    r"(?P<year>[0-9]{4})\s*年\s*(?:(?P<month>[0-9]{1,2})\s*月\s*)?(?:(?P<day>[0-9]{1,2})\s*[日号]\s*)?(?P<end>底)?\s*之?以?(?P<before>前)"
)
_ISO_DATE = re.compile(r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})")
_PERIOD = r"(?P<per>半?年|季度|季|个?月|周|日|天)"
_COUNT = rf"(?:[0-9]+|{CHINESE_NUMBER})"
_FREQUENCY = re.compile(
    rf"(?:每(?P<every>{_COUNT})?|(?<![0-9])(?P<plain>[0-9]{{1,2}}|{CHINESE_NUMBER})){_PERIOD}内?(?P<gap>[^0-9，,。；;、]{{0,15}}?)(?P<times>{_COUNT})\s*次"
)
_BETWEEN = re.compile(rf"(?P<low>-?{NUMBER})\s*≤[^0-9≤≥<>]*≤\s*(?P<high>-?{NUMBER})\s*(?P<unit>{UNIT})?")
# Numbers that belong to the name of something: GB 18484—2020, 第3章, 4.2.1, 2025年, PM2.5.
_NAMED = re.compile(
    r"[A-Z]{2,}(?:/[A-Z]+)?\s*[0-9]+(?:\.[0-9]+)*(?:\s*[-—–][0-9]{4})?"
    r"|第\s*[0-9]+|[0-9]+\.[0-9]+\.[0-9][0-9.]*|[0-9]{4}年(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?|(?<![0-9A-Za-z/·])(?<![0-9]\s)[A-Za-z]+[0-9][0-9.]*"
)
_SEPARATOR = r"\s*(?:~|至|到|—{1,2}|–|-{1,2})\s*"
_BEFORE = r"(?<![0-9A-Za-z.-])"
_QUANTITY = re.compile(
    rf"(?P<prefix>{PREFIX})?\s*(?P<hold>控制在|保持在|维持在|稳定在|在|为)?\s*(?P<prior>前)?\s*"
    rf"(?:{_BEFORE}(?P<number>(?:-\s?)?{NUMBER})(?P<power>{EXPONENT})?"
    rf"(?:\s*(?P<unit0>{UNIT})?(?P<sep>{_SEPARATOR})(?P<upper>-?{NUMBER})(?![0-9]|\.[0-9]))?"
    rf"|(?P<chinese>(?:百分之)?{CHINESE_NUMBER}))"
    rf"(?![0-9]|\.[0-9])\s*(?P<unit>{UNIT})?\s*(?P<suffix>{SUFFIX})?"
)
_LOOSE_UNIT = re.compile(
    r"\s*(?P<unit>(?!左右|上下|以外)[^\s0-9≤≥<>=~±+*^/，,；;、。()]{1,12})(?=$|[\s，,；;、。(])\s*"
)
_DANGLING = re.compile(rf"\s*(?:[0-9.+±^~=/-](?!\s*(?:{PREFIX}))|[*×xX·]\s*[0-9]|[≤≥<>]+(?!\s*-?\s?[0-9.])|左右|上下)")
_SUSPENDED = re.compile(r"(?:[0-9=±~+*^/-]|大?约)\s*$|[≤≥<>]")
_SCIENTIFIC = re.compile(r"[0-9][eE][-+]?[0-9]")
_LIST = re.compile(
    rf"(?:{PREFIX})?\s*-?{NUMBER}\s*(?:{UNIT})?(?:\s*[/,;，、；\s]\s*(?:{PREFIX})?\s*-?{NUMBER}\s*(?:{UNIT})?)+"
)
_ITEM = re.compile(rf"(?P<prefix>{PREFIX})?\s*(?P<number>-?{NUMBER})\s*(?P<unit>{UNIT})?")
_PARAMETER = re.compile(r"[b-zB-Z](?:_?[0-9₀-₉]+|_[A-Za-z0-9]+)?")
_ARITHMETIC = re.compile(r"[+*×^(]|.[-−]|/\s*[a-zA-Z]$|[0-9]\s*[nN]$")


def parse_bound(text: str) -> Bound:
    """
    Read a baseline or target cell. Never raises, whatever the text; what is no bound comes back as TEXT.

    Full-width forms, line breaks inside the cell, thousands separators and Chinese numerals are understood; numbers
    that belong to a name (GB 18484—2020, 15分钟政务服务圈) are not taken for bounds.
    """
    clean = _clean(text)
    if len(clean) > _LONGEST:
        return Bound(text, BoundKind.TEXT)
    for reader in (_missing, _same_as, _iso_date, _formula, _between, _ordinal, _frequency, _date, _numbers):
        found = reader(clean)
        if found is not None:
            return replace(found, text=text)
    return Bound(text, BoundKind.TEXT)


def _clean(text: str) -> str:
    # Thin and no-break spaces group digits; an ordinary space may part two numbers and stays.
    grouped = re.sub(r"(?<=[0-9])[\u2009\u202f\u00a0](?=[0-9]{3}(?![0-9]))", "", text)
    folded = fold(unicodedata.normalize("NFC", grouped))
    folded = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    # A line break inside an expression is noise, but between two digits it may part two numbers.
    folded = re.sub(r"(?<=[0-9])\s*[\r\n\t\v\f]\s*(?=[0-9])", " ", folded)
    folded = re.sub(r"\s*[\r\n\t\v\f]\s*", "", folded)
    return folded.strip().rstrip("。；;，,、.").strip()


def _missing(text: str) -> Bound | None:
    return Bound(text, BoundKind.MISSING) if _MISSING.fullmatch(text) else None


def _same_as(text: str) -> Bound | None:
    match = _SAME_AS.fullmatch(text)
    if match is None:
        return None
    return Bound(text, BoundKind.SAME_AS, reference=_GRADES.get(match["grade"] or ""))


def _iso_date(text: str) -> Bound | None:
    match = _ISO_DATE.fullmatch(text)
    if match is None:
        return None
    day = _day(int(match["year"]), int(match["month"]), int(match["day"]))
    return Bound(text, BoundKind.DATE, Operator.EQUAL, date=day) if day else Bound(text, BoundKind.TEXT)


def _date(text: str) -> Bound | None:
    match = _DATE.search(text)
    if match is None or (match["day"] and match["end"]):
        return None
    year, month = int(match["year"]), int(match["month"] or (12 if match["end"] else 1))
    if not (1 <= year <= 9999 and 1 <= month <= 12):
        return Bound(text, BoundKind.TEXT)
    whole = match["day"] is None and match["end"] is None  # 2025年6月前: before its first day
    last = calendar.monthrange(year, month)[1]
    day = _day(year, month, int(match["day"] or (1 if whole else last)))
    if day is None:
        return Bound(text, BoundKind.TEXT)
    operator = Operator.BELOW if whole else Operator.AT_MOST
    return Bound(text, BoundKind.DATE, operator, date=day, subject=text[: match.start()], remark=text[match.end() :])


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _ordinal(text: str) -> Bound | None:
    match = _ORDINAL.fullmatch(text)
    if match is None:
        return None
    return Bound(text, BoundKind.ORDINAL, unit=match["unit"], reference=match["grade"], subject=match["subject"])


def _frequency(text: str) -> Bound | None:
    match = _FREQUENCY.search(text)
    if match is None:
        return None
    every = _count(match["every"] or match["plain"] or "1")
    per = match["per"].removeprefix("个")
    gap = re.search(PREFIX, match["gap"])
    return Bound(
        text,
        BoundKind.FREQUENCY,
        operator_of(gap[0]) if gap else None,
        _count(match["times"]),
        unit=f"次/{per}" if every == 1 else f"次/{every}{per}",
        subject=text[: match.start()],
        remark=text[match.end() :],
    )


def _count(text: str) -> Decimal:
    return Decimal(text) if text[0] in "0123456789" else chinese_value(text)


def _between(text: str) -> Bound | None:
    match = _BETWEEN.fullmatch(text)
    if match is None:
        return None
    return _range(text, number_of(match["low"]), number_of(match["high"]), match["unit"])


def _range(text: str, low: Decimal, high: Decimal, unit: str | None) -> Bound:
    if low > high:
        return Bound(text, BoundKind.TEXT)
    return Bound(text, BoundKind.RANGE, number=low, upper=high, unit=unit)


def _formula(text: str) -> Bound | None:
    prefix = re.match(rf"(?:{PREFIX})\s*", text)
    body = text[prefix.end() :] if prefix else text
    if not _ARITHMETIC.search(body) or (prefix is None and body[:1] not in "0123456789(") or _SCIENTIFIC.search(body):
        return None
    # A Chinese word is a parameter only in a written product: in ≤5（新建企业） it is a condition.
    multiplied = prefix is not None and re.search(r"[*×]", body) is not None
    cut = re.fullmatch(rf"(?P<body>.*[0-9A-Za-z)])(?:(?<=\))|\s+)(?P<unit>{UNIT})", body)
    for written, unit in ((body, None), *([(cut["body"], cut["unit"])] if cut else [])):
        try:
            expression = parse_expression(written)
        except ExpressionError:
            continue
        if expression.names and all(_is_parameter(name, multiplied) for name in expression.names):
            operator = operator_of(prefix[0].strip()) if prefix else Operator.EQUAL
            return Bound(text, BoundKind.FORMULA, operator, unit=unit, expression=expression)
    return None


def _is_parameter(name: str, multiplied: bool) -> bool:
    if is_unit(name):
        return False
    return _PARAMETER.fullmatch(name) is not None or (multiplied and not name.isascii())


class _UnclearError(Exception):
    """A number whose meaning is open; the whole cell is then text. Never leaves this module."""


def _numbers(text: str) -> Bound | None:
    if _QUANTITY.fullmatch(text) is None and _LIST.fullmatch(text):
        return _list(text)
    masked = _NAMED.sub(lambda match: "□" * len(match[0]), text)
    try:
        found = list(_quantities(masked, text))
    except _UnclearError:
        return Bound(text, BoundKind.TEXT)
    bounds = [bound for bound in found if bound.kind is not BoundKind.TEXT]
    return _compound(text, bounds) if len(bounds) > 1 else next(iter([*bounds, *found]), None)


def _list(text: str) -> Bound:
    """Values by class in one cell: ≥99/≥98/≥96, also with the sign written once."""
    operator, parts = Operator.EQUAL, []
    for match in _ITEM.finditer(text):
        operator = operator_of(match["prefix"]) if match["prefix"] else operator
        written, unit = match[0].strip(), (match["unit"] or "").strip() or None
        parts.append(Bound(written, BoundKind.QUANTITY, operator, number_of(match["number"]), unit=unit))
    return _compound(text, parts)


def _compound(text: str, parts: list[Bound]) -> Bound:
    units = {part.unit for part in parts}
    return Bound(text, BoundKind.COMPOUND, unit=units.pop() if len(units) == 1 else None, parts=tuple(parts))


def _quantities(masked: str, text: str) -> Iterator[Bound]:
    position, begun = 0, 0
    while match := _QUANTITY.search(masked, position):
        unit, end = match["unit"], match.end()
        limited = match["prefix"] is not None and match["suffix"] is None
        if unit is None and limited and (loose := _LOOSE_UNIT.match(masked, end)):
            unit, end = loose["unit"], loose.end()
        bound = _quantity(match, unit, masked[begun : match.start()], masked[end:])
        if bound is not None:
            subject = text[begun : match.start()].strip(_EDGES)
            remark = text[end:].strip(_EDGES)
            written = text[match.start() : end].strip()
            yield replace(bound, text=written, subject=subject, remark=remark)
            begun = end
        position = max(end, match.start() + 1)


_EDGES = " ，,；;、。:：/或且和及"


def _quantity(match: re.Match[str], unit: str | None, before: str, after: str) -> Bound | None:
    """Read one number with what stands around it; None when it is part of a name."""
    unit = unit.strip() if unit else None
    kind, operator = BoundKind.QUANTITY, _operator(match, after)
    timed = unit is not None and unit.removeprefix("个") in TIME_UNITS
    if timed and unit is not None:
        unit = unit.removeprefix("个")
    stated = match["prefix"] is not None or match["suffix"] is not None
    if match["chinese"]:
        unit = unit or ("%" if match["chinese"].startswith("百分之") else None)
        if unit is None or not (stated or (timed and match["prior"])):
            return None
        number = chinese_value(match["chinese"].removeprefix("百分之"))
    else:
        number = number_of(match["number"], match["power"])
    if timed and match["prior"]:
        return Bound("", BoundKind.DURATION, Operator.AT_MOST, -number, unit=unit)
    if not stated and not _stands_alone(match, unit, timed, before, after):
        return Bound("", BoundKind.TEXT, unit=unit) if timed else None
    if _DANGLING.match(after) or _SUSPENDED.search(before.removesuffix("/")):
        raise _UnclearError
    if timed and match["suffix"] in ("内", "之内"):
        kind = BoundKind.DURATION
    if match["upper"] is None:
        return Bound("", kind, operator, number, unit=unit)
    first_unit, upper = match["unit0"], number_of(match["upper"])
    if stated or match["power"] or (first_unit and first_unit.strip() != unit):
        raise _UnclearError
    if number < 0 and match["sep"].strip() == "--":  # -5--1 is -5 to -1
        upper = -upper
    return _range("", number, upper, unit)


def _operator(match: re.Match[str], after: str) -> Operator:
    prefix = operator_of(match["prefix"]) if match["prefix"] else None
    suffix = suffix_operator(match["suffix"]) if match["suffix"] else None
    if suffix is not None and re.match(r"\s*\(不含", after):
        suffix = Operator.ABOVE if suffix is Operator.AT_LEAST else Operator.BELOW
    if prefix and suffix and prefix is not suffix:  # 超过5以下: the two words disagree
        raise _UnclearError
    return prefix or suffix or Operator.EQUAL


def _stands_alone(match: re.Match[str], unit: str | None, timed: bool, before: str, after: str) -> bool:
    """Whether a number without comparison word is a value rather than part of a name."""
    before, after = before.strip(), after.strip()
    if unit is None or unit in ("万", "亿"):
        introduced = not before or before[-1] in ")]:：是" or match["hold"] is not None or bool(match["upper"])
        return introduced and not after
    if not after or after[0] in "，,、；;。(（)":
        return True
    return (not timed and not unit[0].isascii()) or unit.startswith(("%", "‰"))
