"""Sheets of a Delphi questionnaire: items to weigh or rate, a running sum, and from round 2 what the last round said.

The running sum stands in a column without a heading beside the answers: it is a help for the expert, and the reader,
which goes by headings, passes over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from drafting.workbook.headings import FEEDBACK, Heading, SheetForm
from drafting.workbook.questionnaires.own_words import FEEDBACK_SHEET, OWN_ANSWER
from drafting.workbook.style import (
    ANSWER,
    BAND,
    LOCKED,
    MUTED,
    PAPER,
    TEAL,
    body,
    cell_at,
    choice,
    colour_where,
    fit_row,
    folded,
    font,
    heading_row,
    note,
    print_setup,
    put,
    widths,
)
from weighting.feedback import ItemFeedback

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

HEADING_ROW = 4
ASKED = "FFFFD9A8"
"""Fill of an opinion that is asked for: the last answer lay outside the quartiles."""
HIDDEN = "—"
_OPINIONS_WIDTH = 64
_MOST_LINES = 24
"""Of a row: higher than 409 points no program makes one."""

_SUM_WIDTH = 14
_SIDES = {"below": "低于下四分位", "above": "高于上四分位"}


@dataclass(frozen=True, slots=True)
class Line:
    """One item to answer: the group it belongs to, its key, the texts before the answer, last round's feedback."""

    group: str
    key: str
    texts: tuple[str, ...]
    shown: ItemFeedback | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """How answers are given: the heading of the column, its limits, whether each group adds up, what is said above."""

    column: str
    low: int
    high: int
    total: int | None
    title: str
    hint: str


def add_answers(book: Workbook, form: SheetForm, lines: Sequence[Line], how: Answering, *, later: bool) -> Worksheet:
    """Append the sheet of one instrument.

    ``form``: title and headings.
    ``lines``: in order; the lines of a group stand together.
    ``later``: whether a round went before, so that the feedback columns are shown.
    """
    columns = _columns(form, how, later)
    sheet: Worksheet = book.create_sheet(form.title)
    sheet.sheet_properties.tabColor = TEAL[2:]
    sheet.sheet_view.showGridLines = False
    _head(sheet, how, later)
    heading_row(sheet, HEADING_ROW, [h.text if h else "" for h in columns])
    widths(sheet, [h.width if h else _SUM_WIDTH for h in columns])
    for position, heading in enumerate(columns, start=1):
        if heading:
            note(cell_at(sheet, HEADING_ROW, position), heading.note)
    answer = next(k for k, h in enumerate(columns, start=1) if h and h.text == how.column)
    row = HEADING_ROW
    for band, (_, group) in enumerate(groupby(lines, key=lambda line: line.group)):
        members = list(group)
        first = row + 1
        for line in members:
            row += 1
            _line(sheet, row, line, columns, answer, shaded=band % 2 == 1)
        if how.total is not None:
            _running_sum(sheet, first, row, answer, how.total)
    _validate(sheet, f"{get_column_letter(answer)}{HEADING_ROW + 1}:{get_column_letter(answer)}{row}", how)
    sheet.freeze_panes = f"A{HEADING_ROW + 1}"
    sheet.protection.sheet = True  # without a password: it keeps formulas from slips, it locks nobody out
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    print_setup(sheet, landscape=later, rows=f"1:{HEADING_ROW}")
    return sheet


def _columns(form: SheetForm, how: Answering, later: bool) -> tuple[Heading | None, ...]:
    """Headings in order; None is the column of the running sum."""
    shown: list[Heading | None] = []
    for heading in form.headings:
        if heading in FEEDBACK and not later:
            continue
        shown.append(heading)
        if heading.text == how.column and how.total is not None:
            shown.append(None)
    return tuple(shown)


def _head(sheet: Worksheet, how: Answering, later: bool) -> None:
    texts = [(how.title, font(size=14, bold=True, colour=TEAL), 28), (how.hint, font(size=9.5, colour=MUTED), 20)]
    if later:
        asked = "橙色的意见格：您上一轮的答案在四分位区间之外，坚持时请写明理由。“—”表示答复不足 5 份，不显示。"
        texts.append((asked, font(size=9.5, colour=MUTED), 20))
    for row, (text, look, height) in enumerate(texts, start=1):
        cell = cell_at(sheet, row, 1)
        put(cell, text)
        cell.font = look
        sheet.row_dimensions[row].height = height


def _line(
    sheet: Worksheet, row: int, line: Line, columns: Sequence[Heading | None], answer: int, *, shaded: bool
) -> None:
    texts = iter(line.texts)
    shown = line.shown
    for position, heading in enumerate(columns, start=1):
        cell = cell_at(sheet, row, position)
        if heading is None:
            continue
        if position == answer:
            body(cell, colour=ANSWER, centred=True, unlocked=True)
        elif heading in FEEDBACK:
            body(cell, colour=LOCKED, centred=True)
            put(cell, _figure(shown, heading.text))
        elif position < answer:
            body(cell, colour=BAND if shaded else PAPER)
            put(cell, next(texts))
        else:
            wanted = shown is not None and shown.reason_wanted
            body(cell, colour=ASKED if wanted else ANSWER, unlocked=True)
            if shown is not None and shown.side is not None and wanted:
                note(cell, f"{OWN_ANSWER}{_SIDES[shown.side.value]}；坚持时请写明理由。")
    fit_row(sheet, row, minimum=24)


def _figure(shown: ItemFeedback | None, heading: str) -> float | str:
    if shown is None:
        return HIDDEN
    value = {"上轮本人": shown.own, "中位数": shown.median, "下四分位": shown.q1, "上四分位": shown.q3}[heading]
    return HIDDEN if value is None else _plain(value)


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def _running_sum(sheet: Worksheet, first: int, last: int, answer: int, total: int) -> None:
    """Say beside the first line of a group how much of the total is given, green when it is all."""
    letter, beside = get_column_letter(answer), get_column_letter(answer + 1)
    cells = f"{letter}{first}:{letter}{last}"
    done, given = f"COUNT({cells})={last - first + 1}", f"ROUND(SUM({cells}),6)"
    cell = cell_at(sheet, first, answer + 1)
    cell.value = f'=IF(COUNT({cells})=0,"合计 {total}",{given}&" / {total}"&IF(AND({done},{given}={total})," ✓",""))'
    for row in range(first, last + 1):
        body(cell_at(sheet, row, answer + 1), colour=LOCKED, centred=True)
    cell.font = font(bold=True)
    here = f"{beside}{first}"
    for formula, colour in (
        (f"AND({done},{given}={total})", "FFC9E7D5"),
        (f"OR({given}>{total},AND({done},{given}<>{total}))", "FFFFB3B3"),
    ):
        colour_where(sheet, here, formula, colour)


def _validate(sheet: Worksheet, cells: str, how: Answering) -> None:
    if how.total is None and how.high <= 10:
        choice(sheet, cells, [str(n) for n in range(how.high, how.low - 1, -1)], prompt=how.hint)
        return
    rule = DataValidation(
        type="decimal", operator="between", formula1=str(how.low), formula2=str(how.high), allow_blank=True,
        showErrorMessage=True,
    )  # fmt: skip
    rule.errorTitle, rule.error = "超出范围", f"请填 {how.low}～{how.high} 的数。"
    rule.promptTitle, rule.prompt, rule.showInputMessage = "填写提示", how.hint, True
    sheet.add_data_validation(rule)
    rule.add(cells)


def add_feedback(
    book: Workbook, lines: Sequence[Line], headings: Sequence[str], remarks: Sequence[str] = ()
) -> Worksheet:
    """Append sheet 上轮反馈: how the answers were spread, and what the other experts wrote; nobody is named."""
    sheet: Worksheet = book.create_sheet(FEEDBACK_SHEET)
    sheet.sheet_view.showGridLines = False
    title = cell_at(sheet, 1, 1)
    put(title, "上轮反馈：答案的分布和其他各位专家的意见（不署名）")
    title.font = font(size=14, bold=True, colour=TEAL)
    sheet.row_dimensions[1].height = 28
    heading_row(sheet, 2, (*headings, "答复数", "分布（答案×人数）", "其他专家的意见"))
    widths(sheet, (*(22 for _ in headings), 9, 44, _OPINIONS_WIDTH))
    entries: list[tuple[tuple[str | int, ...], Sequence[str]]] = [
        ((*line.texts, *_story(line.shown)), line.shown.reasons if line.shown else ()) for line in lines
    ]
    blank = ("",) * (len(headings) + 1)
    entries += [(("其他意见", *blank), (remark,)) for remark in remarks]
    row = 2
    for start, said in entries:
        for part, piece in enumerate(_pieces(said)):
            row += 1
            for column, text in enumerate((*(("", *blank) if part else start), piece), start=1):
                cell = cell_at(sheet, row, column)
                body(cell, centred=column == len(headings) + 1)
                put(cell, text)
            fit_row(sheet, row, most=_MOST_LINES)
    sheet.freeze_panes = "A3"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    print_setup(sheet, rows="1:2")
    return sheet


def _story(shown: ItemFeedback | None) -> tuple[int, str]:
    """How many answered, and how the answers were spread."""
    if shown is None:
        return 0, HIDDEN
    if shown.hidden:
        return shown.n, "答复不足 5 份，不显示"
    return shown.n, "、".join(f"{value:g}×{count}" for value, count in shown.distribution if count)


def _pieces(opinions: Sequence[str]) -> list[str]:
    """Opinions as the texts of cells, at least one: a cell shows, and holds, only so much; the rest goes below it."""
    cells, taken = [""], 0
    for opinion in opinions:
        lines = [folded(line, _OPINIONS_WIDTH) for line in f"· {opinion}".splitlines()]
        if _MOST_LINES - taken < sum(map(len, lines)) <= _MOST_LINES:  # whole, if one cell takes it
            cells.append("")
            taken = 0
        for shown in lines:
            for at, part in enumerate(shown):
                if taken == _MOST_LINES:
                    cells.append("")
                    taken = 0
                cells[-1] += part if at or not taken else f"\n{part}"
                taken += 1
    return cells


Feedbacks = Mapping[str, Mapping[str, ItemFeedback]]
"""Feedback to one expert: group -> key of an item (category name, indicator code) -> what is shown."""
