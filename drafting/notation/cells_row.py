"""A baseline cell read with its row: understood wholly and judged, or the committee's text.

The row's type comes first – in a qualitative row every cell is text – and a number is judged only where all of the cell
was understood: nothing is left over, its unit is the row's or leads to it, its subject is the row's own name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from drafting.model.bound_value import Bound, BoundKind, Operator, exact_decimal
from drafting.notation.cells import parse_bound
from drafting.notation.substances import unborne
from drafting.notation.units import Unit, normalise_unit, read_unit

QUALITATIVE = "qualitative"
NO_UNIT = frozenset({"", "—", "-", "/", "无", "无量纲", "量纲一", "1"})
"""What stands in 单位 of a row without one."""
_SYMBOLS = r"[①-⑳㈠-㈩†‡]|注\s?[0-9①-⑳]{1,2}|(?<=[0-9%‰A-Za-z²³)）])注|\[[0-9]{1,2}\]"
_STARS = "*＊※∗"
_LEADING = re.compile(rf"\s*([{_STARS}]|{_SYMBOLS})\s*(?=\S)")
_TRAILING = re.compile(rf"(?<=\S)\s*([{_STARS}]|{_SYMBOLS}|[ᵃᵇᶜᵈᵉᶠᵍ])\s*$")
_LETTER = re.compile(r"(?<=[^\s])\s?([a-z])\s*$")
_INSIDE = re.compile(r"[①-⑳㈠-㈩†‡]|\[[0-9]{1,2}\]|[ᵃᵇᶜᵈᵉᶠᵍ]")
_BEFORE_BRACKET = re.compile(r"(?<=[0-9A-Za-z%‰²³])\s?([a-z])(?=\s*[(（])")
_LONE = re.compile(r"[A-Za-z](?:\(|$)")
"""A unit that is one letter, whatever is said of it in brackets: as likely a mark."""
_RAISED = dict(zip("ᵃᵇᶜᵈᵉᶠᵍ", "abcdefg", strict=True))
_APPROXIMATE = re.compile(r"左右|上下|约|±")
_DIGIT = re.compile(r"[0-9０-９零〇一二两三四五六七八九十]")


_MARKS = re.compile(rf"(?:[{_STARS}]|{_SYMBOLS}|[ᵃᵇᶜᵈᵉᶠᵍ])+")


def is_mark(text: str) -> bool:
    """Whether a text is nothing but footnote marks or stars; a letter alone may be a name."""
    return _MARKS.fullmatch("".join(text.split())) is not None


@dataclass(frozen=True, slots=True)
class Row:
    """What a cell has to fit: the row's name, unit and direction, the marks of 表注, the day of coming into force."""

    name: str = ""
    unit: str = ""
    direction: str = ""
    marks: frozenset[str] = frozenset()
    effective: date | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell as read."""

    bound: Bound
    """What is judged, where it is judged; otherwise of a kind that is not."""
    fault: str = ""
    """Why it is not judged: ``left-over``, ``no-number``, ``relative``, ``approximate``, ``several``, ``by-class``,
    ``dated``, ``two-sided``, ``unit``, ``substance``, ``no-limit``; empty where all was understood.
    """
    left: str = ""
    """The part that was not understood."""
    star: bool = False
    """A limiting mark stands in the cell."""
    factor: Fraction = Fraction(1)
    """What the typed number was multiplied by to be in the row's unit."""


def read_baseline(text: str, row: Row) -> Reading:
    """Read a baseline cell of a row. Never raises, whatever the text."""
    plain = parse_bound(text)
    if plain.kind is BoundKind.MISSING:
        return Reading(plain)
    body, marks, star = marks_of(text, row)
    if row.direction == QUALITATIVE:
        known = tuple(m for m in marks if m in row.marks)
        kind = BoundKind.SAME_AS if plain.kind is BoundKind.SAME_AS else BoundKind.TEXT
        if known != marks or star:  # a row of words: a sign that no note explains is one of its words
            body, marks = text.strip(), ()
        return Reading(_marked(Bound(text, kind, reference=plain.reference), text, *marks_inside(body, row), marks))
    body, inside = marks_inside(body, row)
    reading = _judged(parse_bound(body), body, row)
    bound = _marked(reading.bound, text, body, inside, marks)
    return (
        reading
        if bound is reading.bound and not star
        else Reading(bound, reading.fault, reading.left, star, reading.factor)
    )


def unlike(reading: Reading, before: Iterable[Reading], row: Row) -> Reading:
    """The reading of a cell in a row without a unit: quoted where an earlier cell states another unit than this one.

    With ≤0.9 kg/t beside ≤950 g/t nothing says which of them the row's numbers are in.
    """
    unit = reading.bound.unit
    if row.unit.strip() not in NO_UNIT or not unit or reading.fault:
        return reading
    stated = next((r.bound.unit for r in before if r.bound.unit and not r.fault), unit)
    if normalise_unit(stated) == normalise_unit(unit):
        return reading
    of = reading.bound
    quoted = Bound(of.text, BoundKind.TEXT, marks=of.marks, body=of.body, inside=of.inside)
    return replace(reading, bound=quoted, fault="unit", left=unit)


Inside = tuple[tuple[int, str], ...]
"""Marks within a cell, each with its place in the cell without them."""


def _marked(bound: Bound, text: str, body: str, inside: Inside, marks: tuple[str, ...]) -> Bound:
    plain = None if body == text.strip() else body
    if plain is None and not inside and not marks and bound.text == text and bound.body is None and not bound.marks:
        return bound
    return replace(bound, text=text, marks=(*(m for _, m in inside), *marks), body=plain, inside=inside)


def _signs(body: str, row: Row) -> list[re.Match[str]]:
    """What may be a mark within a cell: signs, and in a row of numbers a plain letter before a bracket."""
    if not row.marks:
        return []
    found = list(_INSIDE.finditer(body))
    if row.direction and row.direction != QUALITATIVE:
        own = parse_bound(body)
        if not (own.unit and not own.remark and row.unit and _fits(own.unit, row) is not None):
            found += _BEFORE_BRACKET.finditer(body)
    return sorted(found, key=lambda match: match.start())


def marks_inside(body: str, row: Row) -> tuple[str, Inside]:
    """Take the marks of 表注 out of a cell or name within which they stand; another sign is one of its words.

    So is a circled number before a requirement of a list ①…②…, whatever 表注 lists.
    """
    numbers = _numbers(body)
    found: list[tuple[int, str]] = []
    kept: list[str] = []
    done = 0
    for match in _signs(body, row):
        mark = match[match.lastindex or 0]
        mark = _RAISED.get(mark, mark)
        if mark in row.marks and match.start() not in numbers:
            kept.append(body[done : match.start()])
            found.append((sum(map(len, kept)), mark))
            done = match.end()
    return "".join((*kept, body[done:])), tuple(found)


def marks_of(text: str, row: Row) -> tuple[str, tuple[str, ...], bool]:
    """Part a cell or name into what it says, its footnote marks in order, and whether a limiting star stands in it.

    A plain letter is a mark only where 表注 lists it, and not where the row's unit says that it is one.
    """
    body, star = text.strip(), False
    before: list[str] = []
    after: list[str] = []
    while (match := _LEADING.match(body)) and match.start(1) not in _numbers(body):
        star |= match[1] in _STARS
        before += [] if match[1] in _STARS else [match[1]]
        body = body[match.end() :]
    while match := _TRAILING.search(body) or _letter(body, row):
        star |= match[1] in _STARS
        after[:0] = [] if match[1] in _STARS else [_RAISED.get(match[1], match[1])]
        body = body[: match.start()].rstrip()
    return body, (*before, *after), star


_NUMBER = re.compile(r"(?:^|(?<=[\n；;。，,、：:]))\s*([①-⑳])(?=\s*[^\s①-⑳；;。，,、：:])")


def _numbers(body: str) -> Mapping[int, str]:
    """Circled numbers before the requirements of a list, by their place.

    They begin with ① and follow one another, at least two, each before the words of a clause.
    """
    found: dict[int, str] = {}
    for match in _NUMBER.finditer(body):
        if match[1] == chr(ord("①") + len(found)):
            found[match.start(1)] = match[1]
    return found if len(found) > 1 else {}


def numbers_like_marks(text: str, marks: Set[str]) -> tuple[str, ...]:
    """Numbers of a list in a cell that are marks of 表注 as well: both readings are possible, and they are kept."""
    return tuple(sign for sign in _numbers(text.strip()).values() if sign in marks)


def _letter(body: str, row: Row) -> re.Match[str] | None:
    match = _LETTER.search(body)
    if match is None or match[1] not in row.marks:
        return None
    with_letter = parse_bound(body)
    if with_letter.unit and not with_letter.remark and row.unit and _fits(with_letter.unit, row) is not None:
        return None
    return match


def _judged(bound: Bound, body: str, row: Row) -> Reading:
    match bound.kind:
        case BoundKind.QUANTITY | BoundKind.RANGE | BoundKind.FORMULA:
            return _with_unit(bound, body, row)
        case BoundKind.TWO_SIDED:
            # Which side is good is the direction's to say; two limits in one cell need two rows.
            return Reading(bound, "two-sided") if bound.subject else _with_unit(bound, body, row)
        case BoundKind.DATED:
            chosen = at_date(bound, row.effective)
            return Reading(bound, "dated") if chosen is None else _with_unit(chosen, body, row)
        case BoundKind.COMPOUND:
            classed = all(part.subject.strip() and part.operator is not Operator.EQUAL for part in bound.parts)
            if classed and not bound.parts[-1].remark:
                return Reading(replace(bound, kind=BoundKind.BY_CLASS), "by-class")
            return Reading(bound, "several")
        case BoundKind.RELATIVE:
            return Reading(bound, "relative")
        case BoundKind.SAME_AS:
            return Reading(bound)
        case BoundKind.TEXT:
            quoted = Bound(body, BoundKind.TEXT)
            if not _DIGIT.search(body) or not _says_number(body):
                return Reading(quoted, "no-number")
            return Reading(quoted, "approximate" if _APPROXIMATE.search(body) else "left-over", body)
        case _:
            return Reading(bound, "no-limit")


def _says_number(body: str) -> bool:
    return any("0" <= c <= "9" for c in unicodedata.normalize("NFKC", body))


def at_date(bound: Bound, day: date | None) -> Bound | None:
    """Choose the part of a dated bound that holds on a day; None where none does or the day is not known."""
    if day is None:
        return None
    holding = [p for p in bound.parts if p.date and (day >= p.date if p.reference == "from" else day < p.date)]
    begun = [p for p in holding if p.reference == "from"]
    if begun:
        return replace(max(begun, key=lambda p: p.date or day), text=bound.text)
    ending = [p for p in holding if p.reference == "before"]
    return replace(min(ending, key=lambda p: p.date or day), text=bound.text) if ending else None


def _with_unit(bound: Bound, body: str, row: Row) -> Reading:
    if bound.subject and not _own(bound.subject, row):
        return Reading(Bound(body, BoundKind.TEXT), "left-over", bound.subject)
    unit = bound.unit
    if bound.remark:
        if normalise_unit(f"{unit or ''}{bound.remark}") != normalise_unit(row.unit):  # dB(A), 某单位
            return Reading(Bound(body, BoundKind.TEXT), "left-over", bound.remark)
        unit = row.unit
    if not unit:
        return Reading(bound)
    quoted = Bound(body, BoundKind.TEXT)
    factor = _fits(unit, row)
    if factor is None:
        return Reading(quoted, "left-over" if _LONE.match(unit) else "unit", unit)
    if substance := unborne(unit, row.unit, row.name):
        return Reading(quoted, "substance", substance)
    if factor == 1:
        return Reading(bound)
    if bound.kind is BoundKind.FORMULA or bound.number is None:
        return Reading(quoted, "unit", unit)
    upper = None if bound.upper is None else exact_decimal(Fraction(bound.upper) * factor)
    number = exact_decimal(Fraction(bound.number) * factor)
    return Reading(replace(bound, number=_plain(number), upper=upper and _plain(upper), unit=row.unit), factor=factor)


def _plain(number: Decimal) -> Decimal:
    """Write out a power of ten: 2E+4 is 20000."""
    exponent = number.as_tuple().exponent
    return number.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else number


def _own(subject: str, row: Row) -> bool:
    """Whether words before a limit are the row's own name, or its end (综合能耗 of 单位产品综合能耗)."""
    says, name = _key(subject).strip(":"), _key(row.name)
    return bool(says) and (says == name or (len(says) > 1 and name.endswith(says)))


def _key(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _fits(unit: str, row: Row) -> Fraction | None:
    """What leads from a cell's unit to the row's; None where nothing does, or where the unit is not known."""
    wanted = row.unit.strip()
    if normalise_unit(unit) == normalise_unit(wanted):
        return Fraction(1)
    read = read_unit(unit)
    if read is not None and not read.factors:  # 2万, in the row's own unit
        return read.scale
    if wanted in NO_UNIT:
        return Fraction(1) if read is not None and read.known and not _LONE.match(unit) else None
    return _factor(unit, read, wanted)


def _factor(unit: str, read: Unit | None, wanted: str) -> Fraction | None:
    from drafting.notation.conversion import UnitError, conversion, electricity_as_coal

    target = read_unit(wanted)
    counted = read is not None and read.counts and not read.qualifiers  # 3次/某期 is of a period of its own
    if read is not None and target is not None and counted and target.numerator == read.factors:
        return Fraction(1)  # 3次 in a row of 次/年
    if electricity_as_coal(unit, wanted) or electricity_as_coal(wanted, unit):
        return None  # depends on a coefficient that the cell does not state
    try:
        return conversion(unit, wanted)
    except UnitError:
        return None
