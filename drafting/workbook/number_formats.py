"""Which number formats show a value as a percentage or a date (ECMA-376 part 1, 18.8.30–31): literals do neither."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\*.')
"""Quoted text, an escaped character, room as wide as a character, a character that fills the cell."""
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[\d.]+(?:[eE][+-]?\d+)?)\]")
_BRACKETS = re.compile(r"\[[^\[\]]*\]")  # not over a further bracket: each is looked at once
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)
_RARE_DATE_LETTERS = re.compile(r"a{3,4}|e(?![+-])|g{1,3}(?=e)|b{2,4}", re.IGNORECASE)
"""Weekdays (aaa, aaaa), years of an era (e, ggge), Buddhist years (bb): dates that libraries take for numbers."""
_GENERAL = re.compile(r"general|g/通用格式", re.IGNORECASE)
_WORDS = re.compile(r'"([^"]*)"?|\\(.)|([^\x00-\x7f]+)')
"""Quoted text, an escaped character, and text that some programs write without quotes."""
_SCALED = re.compile(r"[0#?](,+)(?![0#?,])")
"""Commas behind the last digit show a thousandth each; between digits they group."""
_SCALES = ("", "千", "百万")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "<>": operator.ne,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """The sections of a format code that numbers may be shown by."""

    sections: tuple[tuple[tuple[str, float] | None, bool], ...]
    """Tuple of (condition, percent): A condition is an operator and a number, or None; ``percent`` says whether the
    section scales by a hundred.
    """

    @property
    def always(self) -> bool | None:
        """Whether every number is shown as a percentage, or none; None where that depends on the number."""
        found = {percent for _, percent in self.sections[:2]} if self._plain else {p for _, p in self.sections}
        return found.pop() if len(found) == 1 else None

    def shows_percent(self, value: float) -> bool:
        """Whether this number is shown as a percentage."""
        if self._plain:  # positive; negative; zero
            at = 0 if len(self.sections) == 1 or value >= 0 else 1
            return self.sections[at][1]
        for condition, percent in self.sections:
            if condition is None or _COMPARE[condition[0]](value, condition[1]):
                return percent
        return False

    @property
    def _plain(self) -> bool:
        return all(condition is None for condition, _ in self.sections)


def number_format(code: str) -> NumberFormat:
    """Read a format code.

    Examples
    --------
    >>> number_format("0.0%").always, number_format('0.0"%"').always, number_format('[>1]0.0"%";0.0%').always
    (True, False, None)
    """
    found: list[tuple[tuple[str, float] | None, bool]] = []
    for section in _LITERAL.sub("", code).split(";")[:3]:
        says = _CONDITION.search(section)
        try:
            condition = (says[1], float(says[2])) if says else None
        except ValueError:
            condition = None
        found.append((condition, "%" in _BRACKETS.sub("", section)))
    return NumberFormat(tuple(found))


def shows_date(code: str) -> bool:
    """Whether a format code shows numbers as dates, times or time spans.

    Examples
    --------
    >>> [shows_date(code) for code in ("yyyy-mm-dd", "[h]:mm", '0.0"d"', "[Red]0.00", "General")]
    [True, True, False, False, False]
    """
    bare = _LITERAL.sub("", code)
    return bool(_ELAPSED.search(bare) or _DATE_LETTERS.search(_BRACKETS.sub("", bare)))


def shows_rare_date(code: str) -> bool:
    """Whether a format code shows numbers as dates by letters that libraries do not know for such.

    Examples
    --------
    >>> [shows_rare_date(code) for code in ("aaaa", 'e"年"', "0.00E+00", "General", "yyyy-mm-dd")]
    [True, True, False, False, False]
    """
    bare = _BRACKETS.sub("", _LITERAL.sub("", _GENERAL.sub("", code)))
    return not shows_date(code) and bool(_RARE_DATE_LETTERS.search(bare))


_PLACES = re.compile(r"[#0?,]*[#0?](?:\.([#0?]*))?")


def shown_by(code: str, value: float) -> str | None:
    """The digits that a format code shows of a number; None where it shows as many as there are, or something else.

    Examples
    --------
    >>> shown_by("0.00", 95.0), shown_by("0.0%", 0.956), shown_by("#,##0.0#", -1200.456), shown_by("General", 1.5)
    ('95.00', '95.6%', '-1200.46', None)
    """
    if "[" in code and (_CONDITION.search(code) or "DBNUM" in code.upper()):
        return None
    sections = _SECTION.findall(code) or [""]
    section = _LITERAL.sub("", _BRACKETS.sub("", sections[1] if value < 0 and len(sections) > 1 else sections[0]))
    places = _PLACES.fullmatch(section.replace("%", "").strip(" ()-"))
    if places is None or section.count("%") > 1:
        return None
    decimals = places[1] or ""
    try:
        number = Decimal(f"{value:.15g}") * (100 if "%" in section else 1)
        number = number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    except InvalidOperation:
        return None
    whole, _, behind = f"{number:f}".partition(".")
    behind = behind[: decimals.count("0")] + behind[decimals.count("0") :].rstrip("0")
    return whole + f".{behind}" * bool(behind) + "%" * ("%" in section)


HIDES = "显示为"
"""How the words begin of a format that shows no number: 0 as “-”, anything as nothing."""


def words_of(code: str) -> tuple[str, str, str]:
    """What a format code shows beside a positive, a negative and a zero number, or in its place: what is in no cell.

    Examples
    --------
    >>> words_of('0.0"t/t"'), words_of('#,##0.0_ '), words_of('0.0"%"')
    (('t/t', 't/t', 't/t'), ('', '', ''), ('%', '%', '%'))
    >>> words_of("0,,;-0"), words_of('0"."00')[0], words_of('"-"0.0')[:2]
    (('以百万为单位显示', '', '以百万为单位显示'), '.', ('-', ''))
    >>> words_of('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '), words_of("0;;")[1:]
    (('', '', '显示为“-”'), ('显示为空白', '显示为空白'))
    """
    sections = _SECTION.findall(code)
    if shows_date(code) or not code:
        return ("", "", "")
    of = [sections[i] if i < len(sections) else sections[0] for i in range(3)]
    return _words(of[0], 1), _words(of[1], -1), _words(of[2], 0)


_SECTION = re.compile(r'(?:^|(?<=;))((?:"[^"]*"?|\\.|[^;"\\])*)')
_SILENT = frozenset(" ()（）+,、:：_")
"""What may stand beside a number without saying anything else of it."""


def _words(section: str, sign: int) -> str:
    bare = _GENERAL.sub("0", re.sub(r"_.|\*.", "", _BRACKETS.sub("", section)))
    digits = _LITERAL.sub("", bare)
    said = "".join("".join(of) for of in _WORDS.findall(bare)).strip()
    if not re.search(r"[A-Za-z@]" + ("|0|[?]/" if sign == 0 else "|[0#?]"), digits):
        return f"{HIDES}“{said}”" if said else f"{HIDES}空白"
    minus = "-" if sign > 0 and digits.lstrip().startswith("-") else ""
    telling = set(said) - _SILENT - ({"-"} if sign < 0 else set())
    scaled = _SCALED.search(digits)
    return (minus + said if minus or telling else "") + (
        f"以{_SCALES[min(len(scaled[1]), 2)]}为单位显示" if scaled else ""
    )
