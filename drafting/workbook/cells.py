"""What one cell says: text, number, yes or no, a word of a list, a grade."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from drafting.model.characters import fold
from drafting.model.survey import ANSWERS
from drafting.workbook.headings import SINGLE_ANSWER, key
from drafting.workbook.limits import LIMITS
from drafting.workbook.number_formats import HIDES

LARGEST = 1e100
"""No quantity of an industry is larger; beyond it sums and squares leave the range of floats."""


class CellError(str):
    """An error value of the spreadsheet, such as ``#DIV/0!``."""

    __slots__ = ()


class RaisedText(str):
    """A text of which some characters are raised or lowered: ``plain`` is what stands on the line.

    2.5 with a footnote's mark 1 reads as 2.51 wherever only characters are looked at.
    """

    __slots__ = ("plain",)
    plain: str

    def __new__(cls, whole: str, plain: str) -> RaisedText:
        """Keep both."""
        made = super().__new__(cls, whole)
        made.plain = plain
        return made


class ShapedNumber(float):
    """A number whose format says more than its digits: ``words`` such as a unit, or that it is a ``date``."""

    __slots__ = ("date", "words")
    words: str
    date: bool

    def __new__(cls, number: float, words: str, date: bool) -> ShapedNumber:
        """Keep the format beside the number."""
        made = super().__new__(cls, number)
        made.words, made.date = words, date
        return made


class CellFaultError(ValueError):
    """A cell that does not say what it should; ``reason`` is a word for the message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\r"))
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([,'\s])\d{3})(?:\1\d{3})*(?:\.\d*)?")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")
_COMMA_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.'\s])\d{3})(?:\1\d{3})*,\d*|[+-]?\d{1,3}(?:\.\d{3}){2,}")
_COMMA_PLAIN = re.compile(r"[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d{1,4})?")
COMMA_UNSURE = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
"""Where the comma is the decimal sign: a thousand and more, or three decimals behind a foreign point."""


SMALLEST = 1e-100
"""Nor smaller, unless it is zero."""


def text(value: object) -> str:
    """Show a cell as text: without outer and invisible blanks, whole numbers without ``.0``, dates as 2026-06-01."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if value.isalnum() else value.translate(_INVISIBLE).strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def shown(value: object, percent: bool = False) -> str:
    """Show a cell as the user sees it, for a message; long text is cut."""
    if percent and isinstance(value, int | float):
        return f"{Decimal(repr(value)) * 100:f}".rstrip("0").rstrip(".") + "%"
    says = text(value).replace("\n", " ")
    if isinstance(value, ShapedNumber) and value.words and not value.words.startswith(HIDES):
        says += f" {value.words}"
    return says if len(says) <= 40 else says[:39] + "…"


def typed(value: object, display: str | None, *, percent: bool) -> str:
    """A cell as it was typed: with the decimals that its format shows, where these round nothing away."""
    says = shown(value, True) if percent and isinstance(value, int | float) else text(value)
    same = display is not None and Decimal(display.removesuffix("%")) == Decimal(says.removesuffix("%"))
    return display if display is not None and same else says


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing that can be seen."""
    return value is None or (isinstance(value, str) and not value[:1].isalnum() and not text(value))


def decimal_of(value: object, *, percent: bool = False, unit: str = "", comma: bool = False) -> Decimal:
    """Read a number exactly: the one reading of numbers in cells, whatever file and sheet they stand in.

    Raises CellFaultError when the cell holds no such number.

    ``value``: a number, or text with full-width digits, thousands separators (groups of three), ``%`` or ``‰``.
    ``percent``: the cell's number format shows a percentage.
    ``unit``: unit in which the number is wanted: ``%``, ``‰``, nothing (a pure number), or another one, in which a
    percentage has no meaning.
    ``comma``: the comma is the decimal sign, as in files whose fields are separated by semicolons.
    """
    if isinstance(value, bool):
        raise CellFaultError("是逻辑值，不是数")
    if isinstance(value, datetime | date | time | timedelta):
        raise CellFaultError("是日期，不是数")
    if isinstance(value, CellError):
        raise CellFaultError("是公式的错误值")
    if isinstance(value, ShapedNumber):
        _refuse_shape(value, unit)
    if isinstance(value, int | float):
        if not math.isfinite(value) or abs(value) > LARGEST:
            raise CellFaultError("超出数的合理范围")
        number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
        return _in_unit(number * 100, unit) if percent else number
    if isinstance(value, RaisedText):
        raise CellFaultError(f"含有上标或下标（“{value.plain}”之外的字），如脚注号，连起来不是所填的数")
    return _decimal_of_text(text(value), unit, comma)


def _refuse_shape(number: ShapedNumber, unit: str) -> None:
    if number.date:
        raise CellFaultError("单元格设成了日期格式")
    if number.words.startswith(HIDES):
        raise CellFaultError(f"单元格里存的是 {number:.15g}，而格式使它{number.words}")
    same = is_percent_unit(unit) if number.words == "%" else _reduced(number.words) == _reduced(unit)
    if not same:
        raise CellFaultError(f"单元格格式里写着“{number.words}”")


def _reduced(unit: str) -> str:
    return "".join(unicodedata.normalize("NFKC", unit).split())


def _decimal_of_text(says: str, unit: str, comma: bool) -> Decimal:
    if len(says) > LIMITS.number_characters:  # before any pattern: their time grows with the square of the length
        raise CellFaultError("不是数（文字过长）")
    folded = fold(says).replace("\u3000", " ")
    mark = folded[-1:] if folded[-1:] in ("%", "‰") else ""
    digits = folded.removesuffix(mark).rstrip()
    if digits[:1] in ("+", "-"):
        digits = digits[0] + digits[1:].lstrip()
    if comma and "," in digits:
        if _COMMA_PLAIN.fullmatch(digits) is None and _COMMA_GROUPED.fullmatch(digits) is None:
            raise CellFaultError("不是数（本文件以分号分隔，逗号是小数点）")
        digits = re.sub(r"[.'\s]", "", digits).replace(",", ".")
    elif comma and COMMA_UNSURE.fullmatch(digits):
        raise CellFaultError("看不出是几：本文件以分号分隔，逗号是小数点，这里的“.”可能是千位分隔符，也可能是小数点")
    elif (_COMMA_GROUPED if comma else _GROUPED).fullmatch(digits):
        digits = re.sub(r"[.'\s]" if comma else r"[,'\s]", "", digits)
    if not _PLAIN.fullmatch(digits):
        inside = "中间有空格，" if re.search(r"\d\s+\d", digits) else ""
        raise CellFaultError(f"{inside}不是数")
    try:
        number = Decimal(digits)
    except InvalidOperation as fault:
        raise CellFaultError("不是数") from fault
    if abs(number) > Decimal(LARGEST) or (number and abs(number) < Decimal(SMALLEST)):
        raise CellFaultError("超出数的合理范围")
    if not mark:
        return number
    return _in_unit(number if mark == "%" else number / 10, unit)


def is_percent_unit(unit: str) -> bool:
    """Whether values in that unit are percentages, as in ``%`` or ``%（质量分数）``."""
    return fold(unit).strip().startswith("%")


def _in_unit(percentage: Decimal, unit: str) -> Decimal:
    folded = fold(unit).strip()
    if folded.startswith("%"):
        return percentage
    if folded.startswith("‰"):
        return percentage * 10
    if folded in ("", "1", "-", "—", "无", "无量纲", "量纲一"):
        return percentage / 100
    raise CellFaultError(f"是百分数，而单位为 {unit}")


_YES = {"是", "√", "✓", "✔", "☑", "y", "yes", "true", "1", "有"}
_NO = {"", "否", "×", "✗", "✘", "x", "☐", "n", "no", "false", "0", "无", "-", "—"}


def yes_no(value: object) -> bool | None:
    """Read 是 or 否 in its usual spellings; blank is None.

    Raises CellFaultError when the cell says something else.
    """
    says = text(value).casefold()
    if not says:
        return None
    word = unicodedata.normalize("NFKC", says)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellFaultError("既不是“是”也不是“否”")


def choice(value: object, choices: Iterable[str], others: Mapping[str, str] | None = None) -> str | None:
    """Find the allowed word that a cell means, ``others`` being further spellings; blank is None.

    Raises CellFaultError when it is none of them.
    """
    says = text(value)
    if not says:
        return None
    known = {key(c): c for c in choices} | {key(k): v for k, v in (others or {}).items()}
    found = known.get(key(says))
    if found is None and (isinstance(value, bool) or set(known.values()) <= {"是", "否"}):
        answer = yes_no(value)
        return {True: "是", False: "否"}.get(answer) if answer is not None else None
    if found is None:
        raise CellFaultError("不在可用的值之中")
    return found


_REACHED = {"达到", "达标", "符合", "满足", "是", "√", "✓"}
_NOT_REACHED = {"未达到", "未达", "不达标", "未达标", "达不到", "不符合", "不满足", "否", "×"}
_NUMERALS = {
    "i": "Ⅰ级",
    "1": "Ⅰ级",
    "一": "Ⅰ级",
    "ii": "Ⅱ级",
    "2": "Ⅱ级",
    "二": "Ⅱ级",
    "iii": "Ⅲ级",
    "3": "Ⅲ级",
    "三": "Ⅲ级",
}


def grade_spellings(*, single: bool) -> Mapping[int, tuple[str, ...]]:
    """Spell every answer that :func:`grades_reached` reads, by the number of grades reached; case makes no difference.

    For formulas of a workbook, which compare words and cannot fold them.
    """
    found: dict[int, list[str]] = {ANSWERS["未达到"]: sorted(_NOT_REACHED)}
    if single:
        found[max(ANSWERS.values())] = sorted(_REACHED)
    for stem, grade in {**_NUMERALS, **{g.removesuffix("级"): g for g in _NUMERALS.values()}}.items():
        forms = [f"{stem}级"] if stem.isdecimal() else [f"{stem}级", stem]
        found.setdefault(ANSWERS[grade], []).extend(forms)
    return {grades: tuple(words) for grades, words in found.items()}


def grades_reached(value: object, *, single: bool) -> int:
    """Read a qualitative answer as the number of grades reached (0 to 3).

    Raises CellFaultError when it is no such answer.

    ``value``: Ⅰ级, Ⅱ级, Ⅲ级, 未达到, also as I级 or 1级; 达到 where the indicator has one baseline for all grades.
    ``single``: the indicator has one baseline only (5.5.3).
    """
    if isinstance(value, CellError):
        raise CellFaultError("是公式的错误值")
    word = key(text(value))
    if word in map(key, _NOT_REACHED):
        return ANSWERS["未达到"]
    if word in map(key, _REACHED):
        if single:
            return max(ANSWERS.values())
        raise CellFaultError(f"只写“{SINGLE_ANSWER}”未说明达到哪一级")
    stem = word.removesuffix("级")
    if stem in _NUMERALS and (stem != word or not stem.isdecimal()):
        return ANSWERS[_NUMERALS[stem]]
    raise CellFaultError("不是等级答案")
