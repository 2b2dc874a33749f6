"""Rows of returned workbooks that are no records, or that their senders do not see: left out or read, and said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drafting.findings import Cell, address
from drafting.workbook.cells import is_blank
from drafting.workbook.report import Report
from drafting.workbook.sheets import Sheet, empty_row
from drafting.workbook.vocabulary import spans

_SHOWN = 6
_NAMED = 12
"""Sheets that a finding lists by name."""


def report_asides(
    place: Cell, column: int, rows: Sequence[int], names: Sequence[str], what: str, report: Report
) -> None:
    """Name the rows that were left out because they summarise or explain others; one finding for all of them.

    ``place``: of the sheet; the finding stands at the first of the cells.
    ``column``, ``rows``, ``names``: where the names stand, and what they are.
    ``what``: what the rows are not: 企业, 意见 ….
    """
    if not rows:
        return
    said = "、".join(dict.fromkeys(short(name) for name in names[:_SHOWN]))
    more = " 等" if len(names) > _SHOWN else ""
    letters = place.at(1, column).cell[:-1]
    cells = "、".join(_range(letters, part) for part in spans(rows).split("、"))
    report.add(
        "rows-left-out", place.at(rows[0], column), rows=spans(rows), cells=cells, names=said + more, what=what,
        count=len(rows),
    )  # fmt: skip


def short(name: str) -> str:
    """A name as a finding lists it."""
    return name if len(name) <= 16 else name[:15] + "…"


def _range(letters: str, rows: str) -> str:
    first, _, last = rows.partition("～")
    return f"{letters}{first}:{letters}{last}" if last else f"{letters}{first}"


def report_unread(sheets: Sequence[Sheet], chosen: Sequence[Sheet], report: Report) -> None:
    """Name the sheets beside the chosen ones that hold something and are not read; one finding for all of them."""
    others = [sheet for sheet in sheets if sheet not in chosen and not all(map(empty_row, sheet.rows))]
    if others:
        names = "、".join(f"“{s.title}”" + "（隐藏）" * s.hidden for s in others[:_NAMED])
        more = f" 等 {len(others)} 张" if len(others) > _NAMED else ""
        report.add("sheets-not-read", others[0].place, sheets=names + more, chosen="”、“".join(s.title for s in chosen))


def report_hidden(sheet: Sheet, rows: Sequence[int], report: Report) -> None:
    """Say which of the rows are hidden or filtered out; they are read like the others."""
    hidden = sorted(sheet.hidden_rows & set(rows)) if sheet.hidden_rows else []
    if hidden:
        place = sheet.place.at(hidden[0], 1)
        report.add("rows-hidden", place, count=len(hidden), rows=spans(hidden), all="全部" * (len(hidden) == len(rows)))


def report_hidden_columns(sheet: Sheet, columns: Mapping[int, str], rows: Sequence[int], report: Report) -> None:
    """Say which of the columns are hidden though they hold something; they are read like the others.

    ``columns``: those that are read, with their headings.
    """
    hidden = [c for c in sorted(columns) if sheet.unseen(0, c)]
    filled = [c for c in hidden if any(not is_blank(sheet.value(row, c)) for row in rows)]
    if filled:
        letters = "、".join(address(1, c)[:-1] for c in filled[:_NAMED]) + " 等" * (len(filled) > _NAMED)
        names = "、".join(short(columns[c]) for c in filled[:_SHOWN]) + " 等" * (len(filled) > _SHOWN)
        place = sheet.place.at(rows[0], filled[0])
        report.add("columns-hidden", place, count=len(filled), columns=letters, names=names)
