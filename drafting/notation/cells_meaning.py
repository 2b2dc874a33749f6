"""What the items of a cell mean together: the :class:`~drafting.model.bound_value.Bound` that a cell is."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from drafting.model.bound_value import Bound, BoundKind, Operator
from drafting.model.characters import fold
from drafting.model.expression import ExpressionError, parse_expression
from drafting.notation import cells_words as w
from drafting.notation.cells_grammar import Quantity, items_of
from drafting.notation.cells_tokens import Token
from drafting.notation.units import read_unit, unit_at

LONGEST = 1000
"""A cell that is longer is an essay, not a bound."""

_MISSING = re.compile(r"[-—–―─_/\\\s]*|[Nn]/?[Aa]")
_GRADES = {"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "I": "I", "II": "II", "III": "III", "一": "I", "二": "II", "三": "III",
           "1": "I", "2": "II", "3": "III"}  # fmt: skip
_GRADE = r"(?P<grade>III|II|I|[ⅠⅡⅢ一二三123])\s*级"
_SAME_AS = re.compile(rf"(?:同|与|和)\s*{_GRADE}(?:基准值|指标|要求|标准|水平)?(?:相同|一致)?|同(?:左|前)")
_ISO_DATE = re.compile(r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})")
_DANGLING = re.compile(
    rf"\s*(?:[0-9.+±^~=/-](?!\s*(?:{w.COMPARISON}))|[*×xX·]\s*[0-9]|[≤≥<>]+(?!\s*-?\s?[0-9.])|左右|上下)"
)
_SUSPENDED = re.compile(r"(?:[0-9=±~+*^/-]|大?约)\s*$|[≤≥<>]")
_SCIENTIFIC = re.compile(r"[0-9][eE][-+]?[0-9]")
_PARAMETER = re.compile(r"[b-zB-Z](?:_?[0-9₀-₉]+|_[A-Za-z0-9]+)?")
_UNIT_LETTERS = frozenset("tghdamLlsAWJVKCTGMk")
_PREFIX = re.compile(rf"(?:{w.COMPARISON})\s*")
_ARITHMETIC = re.compile(r"[+*×^(]|.[-−]|/\s*[a-zA-Z]$|[0-9]\s*[nN]$")
_POWER = re.compile(w.POWER)
_EDGES = " ，,；;、。:：/或且和及\n"
_JOINED = re.compile(r"[\s、，,和及与]*")


def clean(text: str) -> str:
    """Fold width and signs; a line break within a statement is noise, one between statements stays."""
    # Thin and no-break spaces group digits; an ordinary space may part two numbers and stays.
    grouped = text if text.isascii() else _THIN.sub("", text)
    folded = fold(unicodedata.normalize("NFC", grouped))
    if not folded.isprintable():  # control and format characters
        folded = "".join(c for c in folded if unicodedata.category(c) != "Cf")
        lines = [line.strip() for line in re.split(r"[\r\n\v\f]+", folded) if line.strip()]
        whole = len(lines) > 1 and all(_STATEMENT.search(line) for line in lines)
        folded = re.sub(r"(?<=[0-9])\s*[\r\n\t\v\f]\s*(?=[0-9])", "\n", folded)
        folded = "\n".join(lines) if whole else _BREAK.sub("", folded)
    return folded.strip().rstrip("。；;，,、.").strip()


_THIN = re.compile(r"(?<=[0-9])[\u2009\u202f\u00a0](?=[0-9]{3}(?![0-9]))")
_BREAK = re.compile(r" *[\r\t\v\f]\s*|(?<![0-9])\s*\n\s*|\s*\n\s*(?![0-9])")
_STATEMENT = re.compile(rf"(?:{w.COMPARISON})\s*-?\s?\.?[0-9]")


def bound_of(text: str) -> Bound:
    """Read a cell; see :func:`drafting.notation.cells.parse_bound`."""
    if len(text) > LONGEST:
        return Bound(text, BoundKind.TEXT)
    says = clean(text)
    found = _whole(says) or _by_items(says)
    return found if found.text == text else replace(found, text=text)


def _whole(text: str) -> Bound | None:
    """What only a whole cell can be: nothing, 同Ⅰ级, a date, a formula."""
    if _MISSING.fullmatch(text):
        return Bound(text, BoundKind.MISSING)
    if match := _SAME_AS.fullmatch(text):
        return Bound(text, BoundKind.SAME_AS, reference=_GRADES.get(match["grade"] or ""))
    if match := _ISO_DATE.fullmatch(text):
        day = _day(int(match["year"]), int(match["month"]), int(match["day"]))
        return Bound(text, BoundKind.DATE, Operator.EQUAL, date=day) if day else Bound(text, BoundKind.TEXT)
    return _formula(text)


def _formula(text: str) -> Bound | None:
    prefix = _PREFIX.match(text)
    body = text[prefix.end() :] if prefix else text
    if not _ARITHMETIC.search(body) or (prefix is None and body[:1] not in "0123456789(") or _SCIENTIFIC.search(body):
        return None
    # A Chinese word is a parameter only in a written product: in ≤5（新建企业） it is a condition.
    multiplied = prefix is not None and re.search(r"[*×]", body) is not None
    for written, unit in _splits(body):
        try:
            expression = parse_expression(written)
        except ExpressionError:
            continue
        if expression.names and all(_is_parameter(name, multiplied) for name in expression.names):
            operator = w.operator_of(prefix[0].strip()) if prefix else Operator.EQUAL
            return Bound(text, BoundKind.FORMULA, operator, unit=unit, expression=expression)
    return None


def _splits(body: str) -> Iterator[tuple[str, str | None]]:
    """The whole as an expression, then with a unit behind a bracket or a blank cut off."""
    yield body, None
    for cut in (body.rfind(")") + 1, body.find(" ") + 1):
        start = cut + len(body[cut:]) - len(body[cut:].lstrip())
        if (
            cut > 0
            and start < len(body)
            and (read := unit_at(body, start))
            and read[1] == len(body)
            and read[0].factors
        ):
            yield body[:cut].rstrip(), body[start:]


def _is_parameter(name: str, multiplied: bool) -> bool:
    if name in _UNIT_LETTERS or (not name.isascii() and read_unit(name) is not None):
        return False
    return _PARAMETER.fullmatch(name) is not None or (multiplied and not name.isascii())


class _UnclearError(Exception):
    """A number whose meaning is open; the whole cell is then text. Never leaves this module."""


def _by_items(text: str) -> Bound:
    items = items_of(text)
    quantities = [item for item in items if isinstance(item, Quantity)]
    kinds = {item.type for item in items if not isinstance(item, Quantity)}
    try:
        if "ORDINAL" in kinds or "FREQUENCY" in kinds:
            return _in_words(text, items)
        if "DATE" in kinds:
            return _dated(text, items)
        if "RELATIVE" in kinds and quantities:
            return Bound(text, BoundKind.RELATIVE)
        if "RATIO" in kinds:
            return Bound(text, BoundKind.RATIO if len(items) == 1 else BoundKind.TEXT)
        found = _two_sided(text, items) or _list(text, items)
        return found or _numbers(text, quantities)
    except _UnclearError:
        return Bound(text, BoundKind.TEXT)


def _in_words(text: str, items: Sequence[Quantity | Token]) -> Bound:
    token = next(t for t in items if not isinstance(t, Quantity) and t.type in ("ORDINAL", "FREQUENCY"))
    assert isinstance(token, Token)
    start, end = token.start_pos, token.end_pos
    if token.type == "ORDINAL":
        match = w.ORDINAL_PARTS.fullmatch(token.text)
        assert match is not None
        return Bound(text, BoundKind.ORDINAL, unit=match["unit"], reference=match["grade"], subject=text[:start])
    match = w.FREQUENCY_PARTS.fullmatch(token.text)
    assert match is not None
    every = w.count_of(match["every"] or match["plain"] or "1")
    per = match["per"].removeprefix("个")
    gap = re.search(w.COMPARISON, match["gap"])
    return Bound(
        text, BoundKind.FREQUENCY, w.operator_of(gap[0]) if gap else None, w.count_of(match["times"]),
        unit=f"次/{per}" if every == 1 else f"次/{every}{per}", subject=text[:start], remark=text[end:],
    )  # fmt: skip


# --- dates ------------------------------------------------------------------------------------------------------------
def _dated(text: str, items: Sequence[Quantity | Token]) -> Bound:
    """A date (2021年11月底前报…), or limits by date (2025年前≤5800，2025年起≤5500)."""
    dates = [t for t in items if isinstance(t, Token) and t.type == "DATE"]
    parts: list[Bound] = []
    pending: Token | None = None
    for item in items:
        if isinstance(item, Token):
            pending = item if item.type == "DATE" else pending
            if item.type not in ("DATE", "SEPARATOR"):
                pending = None
        elif pending is not None:
            bound = _quantity(item, text[item.start : item.end], "", text[item.end :])
            day, side = _date_of(pending)
            if bound is not None and day is not None:
                parts.append(replace(bound, date=day, reference=side, remark=""))
            pending = None
    if len(dates) > 1 and len(parts) == len(dates) == sum(isinstance(i, Quantity) for i in items):
        return Bound(text, BoundKind.DATED, unit=_shared_unit(parts), parts=tuple(parts))
    token = dates[0]
    match = w.DATE_PARTS.fullmatch(token.text)
    day, side = _date_of(token)
    assert match is not None
    if day is None:
        return Bound(text, BoundKind.TEXT)
    whole = match["day"] is None and match["end"] is None  # 2025年6月前: before its first day
    operator = Operator.AT_LEAST if side == "from" else Operator.BELOW if whole else Operator.AT_MOST
    start, end = token.start_pos, token.end_pos
    return Bound(text, BoundKind.DATE, operator, date=day, subject=text[:start], remark=text[end:])


def _date_of(token: Token) -> tuple[date | None, str]:
    match = w.DATE_PARTS.fullmatch(token.text)
    assert match is not None
    side = "before" if match["side"].endswith("前") else "from"
    year, month = int(match["year"]), int(match["month"] or (12 if match["end"] else 1))
    if not (1 <= year <= 9999 and 1 <= month <= 12) or (match["day"] and match["end"]):
        return None, side
    whole = match["day"] is None and match["end"] is None
    last = calendar.monthrange(year, month)[1]
    return _day(year, month, int(match["day"] or (1 if whole else last))), side


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# --- numbers ----------------------------------------------------------------------------------------------------------
def _two_sided(text: str, items: Sequence[Quantity | Token]) -> Bound | None:
    """6<pH<9: two numbers around a name, both signs pointing one way."""
    if len(items) < 4 or not isinstance(items[0], Quantity) or not isinstance(items[-1], Quantity):
        return None
    first, sign, last = items[0], items[1], items[-1]
    names = items[2:-1]
    plain = not (first.comparison or first.suffix or first.to or first.hold or last.suffix or last.to or last.hold)
    if not plain or not isinstance(sign, Token) or sign.type != "COMPARISON" or last.comparison is None:
        return None
    if any(isinstance(n, Quantity) or n.type not in ("WORDS", "NAME") for n in names):
        return None
    low, high = w.operator_of(sign.text), w.operator_of(last.comparison)
    if {low, high} <= {Operator.AT_LEAST, Operator.ABOVE}:
        first, last, low, high = last, first, _MIRRORED[high], _MIRRORED[low]
    if not {low, high} <= {Operator.AT_MOST, Operator.BELOW} or (first.unit and first.unit != last.unit):
        return None
    number, upper = _number(first), _number(last)
    if number > upper:
        return Bound(text, BoundKind.TEXT)
    subject = text[sign.end_pos : items[-1].start].strip()
    kind = BoundKind.RANGE if low is high is Operator.AT_MOST else BoundKind.TWO_SIDED
    if kind is BoundKind.RANGE:
        return Bound(text, kind, number=number, upper=upper, unit=last.unit or first.unit, subject=subject)
    return Bound(
        text, kind, _MIRRORED[low], number, upper, last.unit or first.unit, subject=subject, upper_operator=high
    )


_MIRRORED = {
    Operator.AT_MOST: Operator.AT_LEAST, Operator.BELOW: Operator.ABOVE, Operator.AT_LEAST: Operator.AT_MOST,
    Operator.ABOVE: Operator.BELOW,
}  # fmt: skip


def _list(text: str, items: Sequence[Quantity | Token]) -> Bound | None:
    """Values by class in one cell: ≥99/≥98/≥96, also with the sign written once."""
    operator, parts = Operator.EQUAL, []
    previous: Quantity | None = None
    for item in items:
        if not isinstance(item, Quantity):
            if item.type != "SEPARATOR":
                return None
            continue
        if item.suffix or item.hold or item.prior or item.to or item.excepted or item.number[0] in _HAN:
            return None
        if previous is not None and text[previous.end : item.start] == " " and _grouped(previous, item):
            return Bound(text, BoundKind.TEXT)  # 1 200 may be one number or two
        operator = w.operator_of(item.comparison) if item.comparison else operator
        written = text[item.start : item.end].strip()
        parts.append(Bound(written, BoundKind.QUANTITY, operator, _number(item), unit=item.unit))
        previous = item
    return _compound(text, parts) if len(parts) > 1 else None


def _grouped(one: Quantity, other: Quantity) -> bool:
    return (
        one.unit is None and other.comparison is None and re.fullmatch(r"-?\s?[0-9]{1,3}", one.number) is not None
        and re.fullmatch(r"[0-9]{3}(?:\.[0-9]+)?", other.number) is not None
    )  # fmt: skip


_HAN = "百千万零〇一二两三四五六七八九十"


def _shared_unit(parts: Sequence[Bound]) -> str | None:
    units = {part.unit for part in parts}
    return units.pop() if len(units) == 1 else None


def _compound(text: str, parts: Sequence[Bound]) -> Bound:
    return Bound(text, BoundKind.COMPOUND, unit=_shared_unit(parts), parts=tuple(parts))


def _numbers(text: str, quantities: Sequence[Quantity]) -> Bound:
    found: list[Bound] = []
    begun = 0
    for quantity in quantities:
        before, after = text[begun : quantity.start], text[quantity.end :]
        bound = _quantity(quantity, text[quantity.start : quantity.end].strip(), before, after)
        if bound is None:
            continue
        if found and bound.operator is Operator.EQUAL and found[-1].operator is not None and _JOINED.fullmatch(before):
            bound = replace(bound, operator=found[-1].operator)  # 不低于21.4%、23.2%和25%
        found.append(bound)
        begun = quantity.end
    bounds = [bound for bound in found if bound.kind is not BoundKind.TEXT]
    if len(bounds) > 1:
        return _compound(text, bounds)
    return next(iter([*bounds, *found]), Bound(text, BoundKind.TEXT))


def _number(quantity: Quantity) -> Decimal:
    power = _POWER.search(quantity.number)
    digits = quantity.number[: power.start()] if power else quantity.number
    return w.number_of(digits, power[0] if power else None)


def _quantity(quantity: Quantity, written: str, before: str, after: str) -> Bound | None:
    """Read one number with what stands around it; None when it is part of a name."""
    subject, remark = before.strip(_EDGES), after.strip(_EDGES)
    unit = quantity.unit
    kind, operator = BoundKind.QUANTITY, _operator(quantity)
    timed = unit is not None and unit.removeprefix("个") in w.TIME_UNITS
    if timed and unit is not None:
        unit = unit.removeprefix("个")
    stated = quantity.comparison is not None or quantity.suffix is not None
    if quantity.number[0] in _HAN:
        part = quantity.number[:3] if quantity.number.startswith(tuple(w.PARTS)) else ""
        unit = unit or w.PARTS.get(part)
        if unit is None or not (stated or (timed and quantity.prior)):
            return None
        number = w.chinese_value(quantity.number.removeprefix(part))
    else:
        number = _number(quantity)
    if timed and quantity.prior:
        return Bound(written, BoundKind.DURATION, Operator.AT_MOST, -number, unit=unit, subject=subject, remark=remark)
    subject += "前" * quantity.prior  # 前100 is a place in a list, no amount
    if not stated and not _stands_alone(quantity, unit, timed, before, after):
        return Bound(written, BoundKind.TEXT, unit=unit, subject=subject, remark=remark) if timed else None
    if _DANGLING.match(after) or _SUSPENDED.search(before.removesuffix("/")):
        raise _UnclearError
    if timed and quantity.suffix in ("内", "之内"):
        kind = BoundKind.DURATION
    if quantity.upper is None:
        return Bound(written, kind, operator, number, unit=unit, subject=subject, remark=remark)
    return replace(_range(quantity, number, unit, stated), text=written, subject=subject, remark=remark)


def _range(quantity: Quantity, number: Decimal, unit: str | None, stated: bool) -> Bound:
    assert quantity.upper is not None
    upper = w.number_of(quantity.upper)
    if stated or _POWER.search(quantity.number) or (quantity.lower_unit and quantity.lower_unit != unit):
        raise _UnclearError
    if number < 0 and quantity.to == "--":  # -5--1 is -5 to -1
        upper = -upper
    if number > upper:
        return Bound("", BoundKind.TEXT)
    ends = w.ends_out(quantity.excepted, (number, upper))
    if ends is None:
        raise _UnclearError
    if any(ends):  # 300~500(不含)
        low, high = Operator.ABOVE if ends[0] else Operator.AT_LEAST, Operator.BELOW if ends[1] else Operator.AT_MOST
        return Bound("", BoundKind.TWO_SIDED, low, number, upper, unit, upper_operator=high)
    return Bound("", BoundKind.RANGE, number=number, upper=upper, unit=unit)


def _operator(quantity: Quantity) -> Operator:
    prefix = w.operator_of(quantity.comparison) if quantity.comparison else None
    suffix = w.suffix_operator(quantity.suffix) if quantity.suffix else None
    if quantity.excepted and quantity.upper is None:
        ends = w.ends_out(quantity.excepted, () if quantity.number[0] in _HAN else (_number(quantity),))
        if ends is None:
            raise _UnclearError
        out = ends[1]
        if out and prefix is None and suffix is None:
            raise _UnclearError  # 100(不含): neither from above nor from below
        if prefix and out is (prefix in (Operator.AT_LEAST, Operator.AT_MOST)):
            raise _UnclearError  # ≤100(不含), <100(含): the sign and the bracket disagree
        if suffix is not None and out:
            suffix = Operator.ABOVE if suffix is Operator.AT_LEAST else Operator.BELOW
    if prefix and suffix and prefix is not suffix:  # 超过5以下: the two words disagree
        raise _UnclearError
    return prefix or suffix or Operator.EQUAL


def _stands_alone(quantity: Quantity, unit: str | None, timed: bool, before: str, after: str) -> bool:
    """Whether a number without comparison word is a value rather than part of a name."""
    before, after = before.strip(), after.strip()
    if unit is None or unit in ("万", "亿"):
        introduced = not before or before[-1] in ")]:：是" or quantity.hold or bool(quantity.upper)
        return introduced and not after
    if not after or after[0] in "，,、；;。(（)\n":
        return True
    return (not timed and not unit[0].isascii()) or unit.startswith(("%", "‰"))
