"""The rows of a file on disk that are about one of several tables: the file is written out once for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from drafting.workbook.on_disk.source import Rows
from drafting.workbook.report import Report
from drafting.workbook.survey.by_table import Division
from drafting.workbook.survey.table import SurveyTable


@dataclass(frozen=True, slots=True)
class PartSource:
    """Looks like a file that has the rows of one table alone, with the numbers that they have in the whole one."""

    rows: Rows
    division: Division
    key: str
    size: int

    @property
    def table(self) -> SurveyTable:
        """Headings and units."""
        return self.division.headed(self.rows.table, self.key)

    def prepared(self, _: Path, __: Report) -> PartSource:
        """They are."""
        return self

    def __len__(self) -> int:
        return self.size

    def pieces(self, columns: Sequence[int]) -> Iterator[SurveyTable]:
        """Some columns of the rows, consecutive rows together."""
        for piece in self.rows.pieces(list(dict.fromkeys([*columns, self.division.column]))):
            part = self.division.picked(piece, self.key)
            if part.rows:
                yield part


def parts_on_disk(rows: Rows, division: Division) -> dict[str, PartSource | None]:
    """The tables' parts; None for one without rows. What is about none of them is reported."""
    sizes = dict.fromkeys(division.keys.values(), 0)
    for piece in rows.pieces(list(rows.table.headings)):
        for key, part in division.parts(piece).items():
            sizes[key] += len(part.rows)
    return {key: PartSource(rows, division, key, size) if size else None for key, size in sizes.items()}
