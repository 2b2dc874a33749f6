"""Reads back what a person decided in a table or form instead of in 记录/意见处理.xlsx."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from drafting.findings.place import Cell
from drafting.workbook.cells import text
from drafting.workbook.headings import Heading, SheetForm
from drafting.workbook.opinions.opinion import ROW_MARK, Handling, Opinion
from drafting.workbook.opinions.words import BLANK, UNDECIDED, said_of
from drafting.workbook.report import Report
from drafting.workbook.sheets import Sheet, Workbook
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
MARK = "写出时"
"""Heading of a column that a Word table does not have: its rows bear marks (:func:`mark_of`) in place of that sheet."""
_TABLE = replace(TABLE, headings=(*TABLE.headings, Heading(MARK)))


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


def digest(handling: str, reason: str) -> str:
    """Short digest of what stands under 处理 and 理由, nothing and 待处理 being the same."""
    said = "" if handling == UNDECIDED else handling
    return hashlib.sha256(f"{said}\0{reason}".encode()).hexdigest()[:12]


def mark_of(identity: str, handling: str, reason: str) -> str:
    """Name of the mark of a row: whose it is, and the digest of what was written there."""
    return f"{ROW_MARK}{identity}_{digest(handling, reason)}"


def read_typed(book: Workbook, known: Collection[str], report: Report) -> Iterator[Typed]:
    """Give the rows of a table that say something else than the program wrote there.

    ``book``: 意见汇总处理表.xlsx, or the tables of the .docx as sheets.
    ``known``: identities of the comments.
    """
    sheet = book.sheet(TABLE.title) or next((s for s in book.sheets if s.place.file.endswith(".docx")), None)
    table = read_table(sheet, _TABLE, report) if sheet is not None else None
    written = _written(book)
    for record in table.records if table is not None else ():
        opinion = Opinion("", _said(record, "章条"), _said(record, "意见内容"), _said(record, "修改建议"))
        before = written(record)
        identity = opinion.identity if opinion.identity in known else before[0]
        if digest(_said(record, "处理"), _said(record, "理由")) == before[1]:
            continue
        found = decision(record, opinion, report)
        if found is not None:
            yield replace(found, identity=identity)


def decision(record: Record, opinion: Opinion, report: Report) -> Typed | None:
    """What a row says about its comment under 处理 and 理由; None where that is none of the words."""
    said = record.text("处理")
    handling, reason, understood = said_of(said, record.text("理由"))
    if not understood:
        report.add("handling-wrong", record.cell("处理"), found=said, choices="、".join(h.value for h in Handling))
        return None
    own = record.cell("理由") if record.has("理由") else record.cell("处理")
    return Typed(opinion.identity, opinion.clause or "—", handling, reason, record.cell("处理"), own)


def _said(record: Record, heading: str) -> str:
    words = record.text(heading)
    return "" if words == BLANK else words


def _written(book: Workbook) -> Callable[[Record], tuple[str, str]]:
    """Give identity and digest of a row as the program wrote it: of nothing decided, where that is not known."""
    nothing = ("", digest("", ""))
    sheet = book.sheet(AS_WRITTEN.title)
    table = read_table(sheet, AS_WRITTEN, Report()) if sheet is not None else None
    rows = (
        {r.text("对应序号"): (r.text("编号"), digest(r.text("处理"), r.text("理由"))) for r in table.records}
        if table
        else {}
    )

    def of(record: Record) -> tuple[str, str]:
        identity, mark, kept = record.text(MARK).removeprefix(ROW_MARK).partition("_")
        return (identity, kept) if mark else rows.get(_number(record), nothing)

    return of


def _number(record: Record) -> str:
    """Number of a row: a column that tables of records pass over."""
    sheet: Sheet = record.table.sheet
    headings = [text(value) for value in sheet.rows[record.table.heading_row - 1]]
    return text(sheet.value(record.row, headings.index(NUMBER) + 1)) if NUMBER in headings else ""
