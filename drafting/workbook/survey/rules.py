"""What a survey is read against, and where its rows come from and its records go while it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from drafting.model.settings import Settings
from drafting.model.survey import Exclusion, Survey
from drafting.model.system import IndicatorSystem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from drafting.workbook.report import Report
    from drafting.workbook.survey.blocks import Block
    from drafting.workbook.survey.records import NamedRows, Plan, Written
    from drafting.workbook.survey.table import SurveyTable


@dataclass(frozen=True, slots=True)
class SurveyRules:
    """What a survey is read against."""

    system: IndicatorSystem
    settings: Settings
    exclusions: tuple[Exclusion, ...] = ()
    unsure: frozenset[str] = frozenset()
    """Codes of indicators whose direction could not be read: their values cannot be judged."""
    whole: bool = True
    """Whether the indicators could be read; if not, unknown columns are a consequence."""
    survey_of_project: bool = True
    """Whether this is the project's own survey, which has to hold every indicator and every excluded enterprise."""
    output_unit: str = ""
    """产量单位 of the table that this is the survey of."""


class Store(Protocol):
    """Keeps a survey while it is read: in memory as one piece, or on disk as many.

    What is read of it, and every rule, is the same for both; a store only hands out rows, compares names, brings
    records into order and keeps them.
    """

    table: SurveyTable
    """Headings and units; the rows as well where they are in memory."""
    marks_all: bool
    """Whether an entry that sheet 剔除 leaves out says so though it holds nothing."""

    def begin(self, report: Report) -> int:
        """Make the rows ready; gives how many there are."""

    def pieces(self, columns: Sequence[int]) -> Iterator[SurveyTable]:
        """The rows, consecutive ones together, with at least some columns."""

    def leave_out(self, rows: NDArray[np.int64]) -> None:
        """Hand out rows of these numbers no more."""

    def name(self, rows: NamedRows) -> None:
        """Take the names of some rows."""

    def repeated(self, column: int) -> Iterator[Sequence[Written]]:
        """Rows of each record that has several, in order of the first ones; names stand in a column."""

    def first_rows(self, keys: Sequence[str]) -> Sequence[int | None]:
        """Position of the first row of each enterprise; None where it has none."""

    def ordered(self, blocks: Iterator[Block], plan: Plan) -> Iterator[Block]:
        """The rows in the order of their records' first ones."""

    def keep(self, block: Block) -> None:
        """Take finished records."""

    def row_numbers(self) -> Sequence[int]:
        """Numbers of the records' rows in the file."""

    def names(self) -> Sequence[str]:
        """Names of the enterprises."""

    def survey(self, rows_out: Sequence[int | None]) -> Survey:
        """All records; ``rows_out`` are the positions of the enterprises that sheet 剔除 names."""


Columns = Mapping[str, int]
