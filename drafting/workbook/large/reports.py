"""What is said about a large survey once all of it was read: places, doubtful columns, what is missing, the reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.model.survey import Reading, State
from drafting.workbook.large.cells import CountingReport
from drafting.workbook.large.source import Source
from drafting.workbook.report import suggestion
from drafting.workbook.survey.absent import Absent
from drafting.workbook.survey.assembly import SurveyRules
from drafting.workbook.survey.meaning import Meaning
from drafting.workbook.survey.percentages import Percentages
from drafting.workbook.survey.reading_table import UNREADABLE, Seen
from drafting.workbook.survey.scales import Scales
from drafting.workbook.survey.stored import NAME

if TYPE_CHECKING:
    pass

_SUGGESTED = 5000
"""Enterprises among which the one that a wrong name may mean is looked for."""


@dataclass(slots=True)
class SeenInPieces(Seen):
    """Counts made while pieces were read, and what is judged of whole columns."""

    percentages: dict[str, Percentages] = field(default_factory=dict)
    scales: dict[str, Scales] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reports:
    """Words a survey's findings and its reading table."""

    source: Source
    inputs: SurveyRules
    meaning: Meaning
    seen: SeenInPieces
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

    def reading(self, enterprises: int, formulas: Callable[[str], str]) -> Reading:
        """How the survey was read; ``formulas`` gives a computed indicator's formula in words."""

        def unreadable(column: str) -> int:
            return sum(self.report.seen[code, column] for code in UNREADABLE)

        of = self.inputs
        return self.seen.reading(
            self.source.table, self.meaning, of.system, of.settings, enterprises, formulas, unreadable
        )


def _row(cell: str) -> int:
    return int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)
