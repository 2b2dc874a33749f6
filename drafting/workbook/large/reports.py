"""What is said about a large survey once all of it was read: places, doubtful columns, what is missing, the reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.model.survey import ColumnReading, Reading, State
from drafting.workbook import headings as h
from drafting.workbook.large.cells import CountingReport
from drafting.workbook.large.source import Source
from drafting.workbook.report import suggestion
from drafting.workbook.survey.absent import Absent
from drafting.workbook.survey.assembly import SurveyRules
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.percentages import Percentages
from drafting.workbook.survey.reading_table import NOT_USED, UNREADABLE
from drafting.workbook.survey.scales import Scales
from drafting.workbook.survey.stored import NAME

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SUGGESTED = 5000
"""Enterprises among which the one that a wrong name may mean is looked for."""


@dataclass(slots=True)
class Seen:
    """Counts made while pieces were read, by code or column number."""

    factors: dict[str, Fraction] = field(default_factory=dict)
    percentages: dict[str, Percentages] = field(default_factory=dict)
    scales: dict[str, Scales] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    states: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    """Entries as read by code and state, before repeated enterprises were brought to one record."""
    with_unit: Counter[int] = field(default_factory=Counter)
    """Cells that were read although they say their unit, by column number."""
    filled: dict[int, int] = field(default_factory=dict)
    records: int = 0
    nameless: int = 0


@dataclass(frozen=True, slots=True)
class Reports:
    """Words a survey's findings and its reading table."""

    source: Source
    inputs: SurveyRules
    meaning: Meaning
    seen: Seen
    report: CountingReport
    unsure: frozenset[str] = frozenset()
    """Codes of indicators whose direction could not be read: their columns are not."""

    def keep_places(self, columns: Mapping[str, int]) -> None:
        """Remember where the headings stand, by heading or code."""
        table, report = self.source.table, self.report
        report.cells["survey",] = table.place
        for word, column in columns.items():
            report.cells["survey", word] = table.heading_cell(column)

    def keep_rows(self, columns: Mapping[str, int], rows: Sequence[int]) -> None:
        """Remember where the values of the enterprises stand."""
        for word, column in columns.items():
            self.report.columns["survey", word] = (self.source.table.place, rows, column)

    def finish(self, codes: tuple[str, ...], matched: Sequence[bool], clean: Path) -> None:
        """Say what can only be said at the end: about whole columns, and what is not there."""
        table, report = self.source.table, self.report
        self._exclusions(matched, clean)
        for code, of in self.seen.percentages.items():
            column = self.meaning.indicators[code]
            of.report(table, column, table.headings[column], report)
        for code, scales in self.seen.scales.items():
            scales.report(table, self.meaning.indicators[code], report)
        wrong = {
            f.place.cell.rstrip("0123456789")
            for f in report.findings
            if f.place.file == table.place.file and _row(f.place.cell) > self.source.data_begins
        }

        def faulty(column: int) -> bool:
            return table.heading_cell(column).cell.rstrip("0123456789") in wrong

        entries = {code: bool(self.seen.states[code][State.MISSING] != self.seen.records) for code in codes}
        Absent(self.inputs.system, table, self.meaning, self.unsure, True).report(entries, faulty, report)
        report.finish()

    def _exclusions(self, matched: Sequence[bool], clean: Path) -> None:
        """Rows of sheet 剔除 whose enterprise is not there, with what may be meant where a look is not long."""
        import pyarrow.parquet as pq

        lost = [(n, e) for n, (e, m) in enumerate(zip(self.inputs.exclusions, matched, strict=True)) if not m]
        with pq.ParquetFile(clean) as file:
            few = bool(lost) and file.metadata.num_rows <= _SUGGESTED
            names = file.read([NAME]).column(0).to_pylist() if few else []
        for position, row in lost:
            place = self.report.cells.get(("exclusion", str(position), "企业"))
            if place is not None:
                hint = suggestion(row.enterprise, names) if names else ""
                self.report.add("exclusion-enterprise", place, found=row.enterprise, suggestion=hint)

    def reading(self, codes: tuple[str, ...], enterprises: int, formulas: Callable[[str], str]) -> Reading:
        """How the survey was read; ``formulas`` gives a computed indicator's formula in words."""
        table, system = self.source.table, self.inputs.system
        names = {c: (word, "") for word, c in self.meaning.special.items()}
        names |= {c: (system.indicator(code).name, code) for code, c in self.meaning.indicators.items()}
        names |= {c: (f"{h.RAW_PREFIX}{n}", "") for n, c in self.meaning.raw.items()}
        names |= {c: (f"{h.PARAMETER_PREFIX}{n}", "") for n, c in self.meaning.parameters.items()}
        described = []
        for number, heading in table.headings.items():
            meant, code = names.get(number, (NOT_USED, ""))
            cell = table.heading_cell(number).cell
            column = cell.rstrip("0123456789")
            entry = ColumnReading(
                heading, cell, meant, code, table.units.get(number, ""), values=self.seen.filled.get(number, 0),
                unreadable=sum(self.report.seen[c, column] for c in UNREADABLE), from_text=self.seen.texts.get(code, 0),
                with_unit=self.seen.with_unit[number],
            )  # fmt: skip
            described.append(self._counted(entry, code) if code in codes else entry)
        for code in codes:
            if code not in self.meaning.indicators:
                name = system.indicator(code).name
                described.append(self._counted(ColumnReading("", "", name, code, derived_from=formulas(code)), code))
        settings = self.inputs.settings
        return Reading(
            table.place.file, table.place.sheet, table.heading_row, table.unit_row, rows=self.seen.records,
            nameless=self.seen.nameless, repeated=self.seen.records - self.seen.nameless - enterprises,
            duplicate_rule=settings.duplicates, missing_codes=settings.missing_codes, enterprises=enterprises,
            columns=tuple(described),
        )  # fmt: skip

    def _counted(self, entry: ColumnReading, code: str) -> ColumnReading:
        of = self.seen.states[code]
        factor = self.seen.factors.get(code, Fraction(1))
        number = float(factor)
        exact = f"{number:.10g}" if Fraction(repr(number)) == factor else f"{factor.numerator}/{factor.denominator}"
        return replace(
            entry, unit=self.inputs.system.indicator(code).unit, factor=exact, values=int(of[State.VALUE]),
            missing=int(of[State.MISSING]), not_applicable=int(of[State.NOT_APPLICABLE]),
            non_detect=int(of[State.NON_DETECT]),
        )  # fmt: skip


def _row(cell: str) -> int:
    return int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)
