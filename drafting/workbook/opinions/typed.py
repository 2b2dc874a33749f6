"""Reads back what a person decided in 成果/意见汇总处理表.xlsx instead of in 记录/意见处理.xlsx."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from drafting.findings.place import Cell
from drafting.workbook.cells import text
from drafting.workbook.headings import Heading, SheetForm, key
from drafting.workbook.opinions.opinion import Handling, Opinion
from drafting.workbook.report import Report
from drafting.workbook.sheets import Workbook
from drafting.workbook.table import Record, read_table

NUMBER = "序号"
TABLE = SheetForm(
    "意见汇总处理表",
    (
        Heading(NUMBER), Heading("章条", required=True), Heading("意见内容", required=True),
        Heading("修改建议"), Heading("提出单位"), Heading("处理", required=True), Heading("理由", required=True),
    ),
)  # fmt: skip
AS_WRITTEN = SheetForm(
    "写出时", tuple(Heading(word, required=True) for word in ("对应序号", "编号", "处理", "理由"))
)  # fmt: skip
"""A hidden sheet: what stood in the table when it was written, so that what was typed since can be told."""
UNDECIDED = "待处理"


@dataclass(frozen=True, slots=True)
class Typed:
    """A decision that a person typed into a row of the table."""

    identity: str
    """Of the comment; empty where it cannot be told any more."""
    part: str
    handling: Handling | None
    reason: str
    place: Cell
    reason_place: Cell

    @property
    def words(self) -> str:
        """The decision as findings quote it."""
        return quoted(self.handling, self.reason)


def quoted(handling: Handling | None, reason: str) -> str:
    """A decision as findings quote it."""
    return "：".join(word for word in (handling.value if handling else "", reason) if word) or "空白"


def read_typed(book: Workbook, known: Collection[str], report: Report) -> Iterator[Typed]:
    """
    Give the rows of a table that say something else than the program wrote there.

    Parameters
    ----------
    known
        Identities of the comments.
    """
    sheet = book.sheet(TABLE.title)
    table = read_table(sheet, TABLE, report) if sheet is not None else None
    written = _written(book)
    for record in table.records if table is not None else ():
        said, reason = record.text("处理"), record.text("理由")
        number = _number(record)
        opinion = Opinion("", record.text("章条"), record.text("意见内容"), record.text("修改建议"))
        before = written.get(number, ("", UNDECIDED, ""))
        identity = opinion.identity if opinion.identity in known else before[0]
        now = ("" if said == UNDECIDED else said, reason)
        if now == ("" if before[1] == UNDECIDED else before[1], before[2]):
            continue
        handling = next((h for h in Handling if key(h.value) == key(now[0])), None)
        if now[0] and handling is None:
            choices = "、".join(h.value for h in Handling)
            report.add("handling-wrong", record.cell("处理"), found=said, choices=choices)
            continue
        yield Typed(
            identity, opinion.clause or "—", handling, reason, record.cell("处理"), record.cell("理由")
        )  # fmt: skip


def _written(book: Workbook) -> Mapping[str, tuple[str, str, str]]:
    """Identity, handling and reason by number, as the program wrote them; nothing in a table of an earlier version."""
    sheet = book.sheet(AS_WRITTEN.title)
    table = read_table(sheet, AS_WRITTEN, Report()) if sheet is not None else None

    def row(record: Record) -> tuple[str, str, str]:
        return record.text("编号"), record.text("处理"), record.text("理由")

    return {record.text("对应序号"): row(record) for record in table.records} if table is not None else {}


def _number(record: Record) -> str:
    """Number of a row: a column that tables of records pass over."""
    sheet = record.table.sheet
    headings = [text(value) for value in sheet.rows[record.table.heading_row - 1]]
    return text(sheet.value(record.row, headings.index(NUMBER) + 1)) if NUMBER in headings else ""
