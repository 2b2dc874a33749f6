"""Reads comments on a draft (意见/*.xlsx) and the committee's handling of them (记录/意见处理.xlsx)."""

from __future__ import annotations

from dataclasses import replace

from drafting.model.identity import DITTO
from drafting.workbook.headings import COMMENTS, INSTRUCTIONS_SHEET, Heading, SheetForm, key
from drafting.workbook.opinions.opinion import Handled, Handling, Opinion
from drafting.workbook.opinions.typed import Typed, decision
from drafting.workbook.report import Report
from drafting.workbook.rows import report_unread
from drafting.workbook.sheets import Sheet, Workbook, is_date
from drafting.workbook.table import Record, Table, read_table

NOTHING = ("无意见", "无", "没有意见", "同意", "无修改意见")
"""A body that answers so has commented nothing."""

HANDLING = SheetForm(
    "意见处理",
    (
        Heading("编号", "意见的固定编号，请勿改动。", width=14, required=True),
        Heading("章条", width=12, required=True),
        Heading("意见内容", width=48, required=True),
        Heading("修改建议", width=36),
        Heading("单位", "同一意见由几个单位提出时用顿号隔开。", width=24, required=True),
        Heading("处理", "采纳、部分采纳或不采纳。", tuple(h.value for h in Handling), 10, required=True),
        Heading("理由", "部分采纳、不采纳时必填。", width=36, required=True),
    ),
)


_COMMENTS = replace(COMMENTS, headings=(*COMMENTS.headings, Heading("处理"), Heading("理由")))
"""What bodies return may hold what was decided about it as well."""


def read_opinions(book: Workbook, report: Report) -> tuple[tuple[Opinion, ...], tuple[str, ...], tuple[Typed, ...]]:
    """Read the comments of one workbook.

    Returns them in the order of the rows.
    Returns bodies that answered without comment.
    Returns what a person decided about comments in the same rows.
    """
    sheet = _sheet(book, COMMENTS)
    if sheet is not None:
        ours = {key(INSTRUCTIONS_SHEET), key(HANDLING.title)}
        others = [s for s in book.sheets if key(s.title) not in ours]
        further = [s for s in others if s is not sheet and _has_comments(s)]
        for other in further:
            report.add("comment-sheet-not-read", other.place, other=other.title, chosen=sheet.title)
        report_unread([s for s in others if s not in further], [sheet], report)
    table = read_table(sheet, _COMMENTS, report) if sheet is not None else None
    if table is None:
        return (), (), ()
    opinions: list[Opinion] = []
    silent: list[str] = []
    decided: list[Typed] = []
    above = ""
    for record in table.records:
        body, said = record.text("单位"), record.text("意见内容")
        if not said and record.blank("修改建议") and ((record.blank("章条") and not body) or _is_title(record)):
            continue
        if body in DITTO and above:
            report.add("comment-body-ditto", record.cell("单位"), row=record.row, found=body, meant=above)
            body = above
        above = body
        if is_date(record.value("章条")):
            report.add("comment-clause-date", record.cell("章条"), row=record.row, found=record.shown("章条"))
        if not body:
            report.add("comment-no-body", record.cell("单位"), row=record.row)
        if not said and record.blank("修改建议"):
            report.add("comment-blank", record.cell("意见内容"), body=body or "（未写单位）")
            continue
        if said.rstrip("。") in NOTHING and record.blank("修改建议"):
            silent.append(body)
            continue
        place = record.cell("章条") if record.has("章条") else record.cell("意见内容")
        opinions.append(Opinion(body, record.text("章条"), said, record.text("修改建议"), place))
        typed = decision(record, opinions[-1], report)
        if typed is not None and (typed.handling is not None or typed.reason):
            decided.append(typed)
    return tuple(opinions), tuple(silent), tuple(decided)


def _has_comments(sheet: Sheet) -> bool:
    table = read_table(sheet, COMMENTS, Report())
    return table is not None and bool(table.records)


def _is_title(record: Record) -> bool:
    """Whether a row is one cell over clause and comment (一、总体意见), which heads those below it."""
    first, last = (record.table.columns.get(heading, 0) for heading in ("章条", "意见内容"))
    return any(
        top == bottom == record.row and left <= min(first, last) and right >= max(first, last)
        for top, left, bottom, right in record.table.sheet.merges
    )


def read_handling(book: Workbook, report: Report) -> tuple[Handled, ...]:
    """Read what the committee has decided so far; decisions that cannot be read are findings."""
    sheet = _sheet(book, HANDLING)
    table = read_table(sheet, HANDLING, report) if sheet is not None else None
    return tuple(_handled(record, table, report) for record in table.records) if table else ()


def _handled(record: Record, table: Table, report: Report) -> Handled:
    opinion = Opinion(
        record.text("单位"), record.text("章条"), record.text("意见内容"), record.text("修改建议"), record.cell("处理")
    )
    typed = decision(record, opinion, report)
    handling, reason = (typed.handling, typed.reason) if typed is not None else (None, record.text("理由"))
    if handling in (Handling.PARTLY, Handling.REJECTED) and not reason:
        clause = opinion.clause or "—"
        report.add("handling-no-reason", record.cell("理由"), handling=handling.value, part=clause)
    bodies = tuple(b.strip() for b in opinion.body.split("、") if b.strip())
    return Handled(opinion, bodies, handling, reason, reason_place=record.cell("理由"))


def _sheet(book: Workbook, form: SheetForm) -> Sheet | None:
    """The sheet of that title, else the first one: bodies return their comments under any title."""
    return book.sheet(form.title) or next(iter([*(s for s in book.sheets if not s.hidden), *book.sheets]), None)
