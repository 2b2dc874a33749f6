"""What the headings of a survey mean together: which column holds what, which are unknown, misspelt or there twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from drafting.model.identity import name_key
from drafting.model.system import IndicatorSystem
from drafting.workbook import headings as h
from drafting.workbook.report import Report, nearest
from drafting.workbook.survey.naming import INDICATOR, OF_CLASS, PARAMETER, RAW, SPECIAL, HeadingReader
from drafting.workbook.survey.table import SurveyTable
from drafting.workbook.vocabulary import SURVEY, rank


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the headings of a survey mean: column numbers by name."""

    special: Mapping[str, int]
    indicators: Mapping[str, int]
    raw: Mapping[str, int]
    parameters: Mapping[str, int]
    misspelt: frozenset[str]
    """Codes of indicators whose column is there but is not read, which is reported: misspelt, or one of several."""
    of_class: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Columns 类别:指标 by that indicator."""

    @property
    def classes(self) -> Mapping[str, int]:
        """Columns that say an enterprise's class: 类别 under a blank word, 类别:指标 under the indicator's."""
        plain = self.special.get(h.CLASS)
        return {**({} if plain is None else {"": plain}), **self.of_class}

    @property
    def columns(self) -> dict[str, int]:
        """Column numbers by special heading, code, or heading of a raw total or parameter."""
        raw = {h.RAW_PREFIX + name: column for name, column in self.raw.items()}
        parameters = {h.PARAMETER_PREFIX + name: column for name, column in self.parameters.items()}
        return {**self.special, **self.indicators, **raw, **parameters}

    def numbers(self, system: IndicatorSystem) -> frozenset[int]:
        """Columns that hold numbers: of indicators that are measured, raw totals, parameters, sampling weights."""
        measured = {c for code, c in self.indicators.items() if not system.indicator(code).qualitative}
        weights = {c for word, c in self.special.items() if word == h.SAMPLING_WEIGHT}
        return frozenset({*measured, *self.raw.values(), *self.parameters.values(), *weights})

    def labels(self, table: SurveyTable) -> tuple[int, ...]:
        """Columns before the one of the enterprises: 合计 may stand there, over an empty name."""
        own = self.special.get(h.ENTERPRISE, 0)
        return tuple(column for column in table.headings if column < own)


def understand(table: SurveyTable, system: IndicatorSystem, report: Report, *, whole: bool) -> Meaning:
    """Find out what each heading means; report what is unknown, misspelt or there twice.

    ``whole``: whether the indicators themselves could be read; if not, unknown columns are a consequence and not
    reported.
    """
    reader = HeadingReader(system)
    found: dict[str, dict[str, int]] = {SPECIAL: {}, INDICATOR: {}, RAW: {}, PARAMETER: {}, OF_CLASS: {}}
    unknown: list[tuple[int, str]] = []
    for column, says in table.headings.items():
        named = reader.read(says)
        if named is None:
            if h.key(says) != h.NUMBERING:
                unknown.append((column, says))
            continue
        if named.unit and name_key(named.unit) != name_key(table.units[column]):
            place = table.place.at(table.unit_row, column)
            report.add("survey-unit-twice", place, heading=says, unit=named.unit, found=table.units[column])
        target = found[named.kind]
        before = target.get(named.word)
        if before is None:
            target[named.word] = column
        elif named.kind != SPECIAL or h.key(table.headings[before]) == h.key(says):
            first = table.heading_cell(before).cell
            report.add("heading-twice", table.heading_cell(column), heading=says, first=first)
        else:  # 企业名称 beside 企业编号: the better known one is it
            worse = max(before, column, key=lambda c: rank(SURVEY, named.word, table.headings[c]))
            target[named.word] = column if worse == before else before
            unknown.append((worse, table.headings[worse]))
    special, indicators = found[SPECIAL], found[INDICATOR]
    misspelt = _unknown(unknown, table, system, special, indicators, report) if whole else frozenset()
    return Meaning(special, indicators, found[RAW], found[PARAMETER], misspelt | table.unclear, found[OF_CLASS])


def _unknown(
    unknown: Sequence[tuple[int, str]],
    table: SurveyTable,
    system: IndicatorSystem,
    special: dict[str, int],
    indicators: Mapping[str, int],
    report: Report,
) -> frozenset[str]:
    absent = {i.name: i.code for i in system.indicators if i.code not in indicators and i.code not in table.unclear}
    known = [i.name for i in system.indicators] + [s.text for s in h.SURVEY_SPECIAL]
    misspelt: set[str] = set()
    for column, says in unknown:
        place = table.heading_cell(column)
        code = HeadingReader(system).nearly(says)
        meant = next((n for n, c in absent.items() if c == code), None) or nearest(says, absent, cutoff=0.75)
        own = nearest(says, [s.text for s in h.SURVEY_SPECIAL if s.text not in special])
        if own is not None and (own == h.ENTERPRISE or len(says) > 2):
            report.add("heading-misspelt", place, found=says, heading=own)
            special[own] = column
        elif meant is not None:
            report.add("survey-column-misspelt", place, found=says, name=meant, code_word=absent[meant])
            misspelt.add(absent[meant])
        else:
            near = nearest(says, known)
            report.add("survey-column-unknown", place, found=says, near=f"是否应为“{near}”？" if near else "")
    return frozenset(misspelt)
