"""What one heading of a survey names – 企业 and the like, an indicator, a raw total, a parameter – and its unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drafting.model.system import IndicatorSystem
from drafting.notation.conversion import everyday_unit
from drafting.notation.units import normalise_unit, read_unit
from drafting.workbook import headings as h
from drafting.workbook.vocabulary import SURVEY, spellings

OF_CLASS = "类别:"
"""Before the name of the indicator that an enterprise's class is about, where the classes of indicators differ."""
SPECIAL, INDICATOR, RAW, PARAMETER = "special", "indicator", h.RAW_PREFIX, h.PARAMETER_PREFIX


@dataclass(frozen=True, slots=True)
class Named:
    """What one heading means."""

    kind: str
    """``special``, ``indicator``, or the prefix of a raw total or parameter."""
    word: str
    """The heading as the toolkit knows it, the indicator's code, or the name behind the prefix."""
    unit: str = ""
    """As the heading states it, blank where it does not."""


class HeadingReader:
    """Reads headings against an indicator system: 企业名称, 单位产品综合能耗（kgce/t）, 水耗/(m³/t), 原始:产量（t）.

    An indicator with class rows is one column, whether the system is given with or without them.
    """

    def __init__(self, system: IndicatorSystem) -> None:
        system = system.surveyed
        self._special = spellings(SURVEY, (*(s.text for s in h.SURVEY_SPECIAL), *system.survey_columns))
        self._codes = {h.key(i.name): i.code for i in system.indicators}
        self._codes |= {h.key(i.code): i.code for i in system.indicators}
        self._system = system

    def read(self, says: str) -> Named | None:
        """Find what a heading means, None where it names nothing that is known."""
        prefixed = _prefixed(says)
        if prefixed is not None:
            return prefixed
        known = h.key(says)
        # A name of the system's own comes first: 企业代号 may be an indicator's name, and 水耗（新水） is another one.
        if known in self._codes:
            return Named(INDICATOR, self._codes[known])
        if known in self._special:
            return Named(SPECIAL, self._special[known])
        if h.CLASS in self._system.survey_columns and (of := _of_class(says)):
            return Named(OF_CLASS, of)
        for name, unit in _parts(says):
            if self._special.get(h.key(name)) == h.OUTPUT and everyday_unit(unit):
                return Named(SPECIAL, h.OUTPUT, unit)
            code = self._codes.get(h.key(name))
            if code is not None and self._is_unit(unit, code):
                return Named(INDICATOR, code, unit)
        return None

    def nearly(self, says: str) -> str | None:
        """Code of the indicator before a bracket that is no unit: 综合能耗（2022年）; None where none stands there."""
        return next((code for name, _ in _parts(says) if (code := self._codes.get(h.key(name))) is not None), None)

    def _is_unit(self, says: str, code: str) -> bool:
        indicator, unit = self._system.indicator(code), normalise_unit(says)
        if indicator.qualitative or not unit or _YEAR.match(unit):
            return False
        if unit == normalise_unit(indicator.unit) or unit in _SHARES:
            return True
        read = read_unit(says)
        return read is not None and bool(read.factors) and read.known

    def units(self, headings: Mapping[int, str]) -> dict[int, str]:
        """Units that headings state, by column."""
        named = ((column, self.read(says)) for column, says in headings.items())
        return {column: of.unit for column, of in named if of is not None and of.unit}


_SHARES = frozenset({"%", "‰"})
_YEAR = re.compile(r"\d{4}")
_UNIT_AFTER_NAME = re.compile(r"([^()（）]+)[(（]([^()（）]+)[)）]")
_OPENING, _CLOSING = "(（[【", ")）]】"


def _prefixed(says: str) -> Named | None:
    folded = says.replace("：", ":").replace(" ", "")
    for prefix in (RAW, PARAMETER):
        if folded.startswith(prefix) and len(folded) > len(prefix):
            name = folded[len(prefix) :]
            bracket = _UNIT_AFTER_NAME.fullmatch(name) if prefix == RAW else None
            if bracket and everyday_unit(bracket[2]):
                return Named(prefix, bracket[1], bracket[2])
            return Named(prefix, name)
    return None


def _of_class(says: str) -> str:
    folded = says.replace("：", ":").replace(" ", "")
    return folded.removeprefix(OF_CLASS) if folded.startswith(OF_CLASS) else ""


def _parts(says: str) -> Iterator[tuple[str, str]]:
    """Name and unit, in every way that a heading may hold both: in brackets at its end, behind a slash or a comma."""
    says = says.strip()
    if says[-1:] in _CLOSING:
        depth = 0
        for at in range(len(says) - 1, 0, -1):
            depth += (says[at] in _CLOSING) - (says[at] in _OPENING)
            if not depth:
                yield says[:at], says[at + 1 : -1]
                break
    for at, character in enumerate(says):
        if at and character in "/／，,":
            unit = says[at + 1 :].strip()
            bare = unit[1:-1] if unit[:1] in _OPENING and unit[-1:] in _CLOSING else unit
            yield says[:at], bare or unit
