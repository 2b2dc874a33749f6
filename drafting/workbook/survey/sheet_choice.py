"""Which sheet of a workbook is the survey; every other sheet that holds something is named."""

from __future__ import annotations

from collections.abc import Sequence

from drafting.workbook import headings as h
from drafting.workbook.report import Report
from drafting.workbook.rows import report_unread
from drafting.workbook.sheets import Sheet, Workbook, empty_row
from drafting.workbook.table import HEADING_ROWS
from drafting.workbook.vocabulary import SURVEY, spellings


def choose_sheet(book: Workbook, report: Report) -> Sheet | None:
    """Take the sheet named like the survey, else the first one with the heading 企业, else the first one.

    A sheet that the workbook shows comes before one that it hides, whatever their names. Sheets that could be the
    survey as well are findings of their own: an error where nothing tells which is meant.
    """
    filled = [sheet for sheet in book.sheets if not all(map(empty_row, sheet.rows))]
    surveys = [sheet for sheet in filled if lists_enterprises(sheet)]
    shown = [sheet for sheet in surveys if not sheet.hidden]
    named = book.sheet(h.SURVEY_STEM)
    if named is not None and named.hidden and shown:
        named = None
    open_sheets = [sheet for sheet in filled if not sheet.hidden]
    chosen = named or next(iter([*shown, *surveys, *open_sheets, *book.sheets]), None)
    if chosen is None:
        return None
    if chosen.hidden and chosen in filled:
        report.add("sheet-hidden-read", chosen.place, sheet=chosen.title)
    for sheet in surveys:
        if sheet is not chosen:
            sure = named is not None or sheet.hidden
            code = "survey-sheet-not-read" if sure else "survey-sheets-several"
            hidden = "（隐藏）" if sheet.hidden else ""
            report.add(code, sheet.place, sheet=sheet.title, hidden=hidden, chosen=chosen.title)
    report_unread([s for s in filled if s not in surveys and h.key(s.title) not in _OURS], [chosen], report)
    return chosen


def report_others(book: Workbook, chosen: Sequence[Sheet], keys: str, report: Report) -> None:
    """Name what is not read of a workbook with a sheet for each of several tables, and chosen sheets that it hides."""
    filled = [sheet for sheet in book.sheets if not all(map(empty_row, sheet.rows))]
    others = [sheet for sheet in filled if sheet not in chosen and h.key(sheet.title) not in _OURS]
    surveys = [sheet for sheet in others if lists_enterprises(sheet)]
    for sheet in (s for s in filled if s.hidden and s in chosen):
        report.add("sheet-hidden-read", sheet.place, sheet=sheet.title)
    for sheet in surveys:
        code = "survey-sheet-not-read" if sheet.hidden else "survey-sheet-no-table"
        report.add(
            code, sheet.place, sheet=sheet.title, hidden="（隐藏）", chosen=keys.replace("、", "”、“"), keys=keys
        )
    report_unread([s for s in others if s not in surveys], chosen, report)


_OURS = frozenset({h.key(h.INSTRUCTIONS_SHEET)})
"""Sheets that the toolkit itself puts beside a survey."""


def lists_enterprises(sheet: Sheet) -> bool:
    """Whether a sheet has the heading 企业 and rows under it."""
    words = spellings(SURVEY, tuple(s.text for s in h.SURVEY_SPECIAL))
    for number, row in enumerate(sheet.rows[:HEADING_ROWS], 1):
        if any(isinstance(v, str) and words.get(h.key(v)) == h.ENTERPRISE for v in row):
            return not all(map(empty_row, sheet.rows[number:]))
    return False
