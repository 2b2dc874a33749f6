"""What experts write where nobody reads it: beside the answers, and as comments on cells. It is named, word by word."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count, pairwise, takewhile

from drafting.workbook import headings as h
from drafting.workbook.cells import shown, text
from drafting.workbook.questionnaires.own_words import (
    CHECKS,
    COMPARED,
    FEEDBACK_SHEET,
    IN_WORDS,
    MEANINGS_TITLE,
    OWN_ANSWER,
    PAIRS_TITLE,
    SCALE,
    SENTENCE,
    SUM,
)
from drafting.workbook.report import Report, nearest
from drafting.workbook.sheet_marks import Address
from drafting.workbook.sheets import Sheet, Workbook
from drafting.workbook.table import Table

_SCALE = {"标度": "行比列", **dict(SCALE)}
_FORMS = (h.EXPERT_SHEET, h.REMARKS, h.FIRST_LEVEL_ALLOCATION, h.SECOND_LEVEL_ALLOCATION, h.RATING)


def name_unread(book: Workbook, report: Report) -> None:
    """Name the comments on cells of a returned questionnaire, and answers typed into what is for print only."""
    report.name_notes(book.sheets, _FORMS, OWN_ANSWER)
    sheet = book.sheet(h.PRINT_SHEET)
    for row, values in enumerate(sheet.rows if sheet is not None and sheet.formulas else (), 1):
        for column, (words, typed) in enumerate(pairwise(map(text, values)), 2):
            if sheet is not None and typed and words.endswith(COMPARED) and (row, column) not in sheet.formulas:
                _name(sheet, (row, column), "各组工作表右上方的浅黄色格", "“其他意见”表", report)


def name_unknown_sheets(book: Workbook, asked: Sequence[str], report: Report, further: Sequence[str] = ()) -> None:
    """Name the sheets with numbers that are none of the questionnaire's: one renamed, copied, or of another one."""
    own = (
        *(form.title for form in (h.EXPERT_SHEET, h.REMARKS)),
        h.INSTRUCTIONS_SHEET,
        h.PRINT_SHEET,
        FEEDBACK_SHEET,
        *further,
    )
    known = {h.key(title) for title in (*asked, *own)}
    for sheet in book.sheets:
        if h.key(sheet.title) not in known and any(isinstance(v, int | float) for row in sheet.rows for v in row):
            absent = [title for title in asked if book.sheet(title) is None]
            near = nearest(sheet.title, absent) or nearest(sheet.title, (*asked, *own))
            hint = f"是否应为“{near}”？" if near else ""
            report.add("judgement-sheet-unknown", sheet.place, found=sheet.title, hint=hint)


def name_beside_list(table: Table, report: Report) -> None:
    """Name what was written beside the answers of a list; the sums are our own."""
    sheet = table.sheet
    heads = {c for c, v in enumerate(sheet.rows[table.heading_row - 1], 1) if text(v)}
    sums = table.columns.get("权重", 0) + 1
    for row in table.rows:
        for column, value in enumerate(sheet.rows[row - 1], 1):
            said = text(value)
            if said and column not in heads and not (column == sums and SUM.fullmatch(said)):
                _name(sheet, (row, column), "“权重”或“重要性”列", "“意见”列", report)


def name_beside_matrix(sheet: Sheet, report: Report) -> None:
    """Name what was written around a judgement matrix; formulas, and what the program put there, are our own."""
    down = takewhile(lambda row: text(sheet.value(row, h.MATRIX_LABEL_COLUMN)), count(h.MATRIX_FIRST_ROW))
    across = takewhile(lambda column: text(sheet.value(h.MATRIX_LABEL_ROW, column)), count(h.MATRIX_FIRST_COLUMN))
    rows, columns = {h.MATRIX_LABEL_ROW, *down}, {h.MATRIX_LABEL_COLUMN, *across}
    own = sheet.formulas.union(_own_words(sheet, rows))
    for row, values in enumerate(sheet.rows, 1):
        for column, value in enumerate(values, 1):
            inside = row in rows and column in columns
            if not inside and (row, column) not in own and text(value):
                _name(sheet, (row, column), "右上方的浅黄色格", "“其他意见”表", report)


def _own_words(sheet: Sheet, matrix: Collection[int]) -> Iterator[Address]:
    """Cells around a matrix that hold what the program wrote there: title, check, scale, pairs, meanings."""
    yield from ((1, 1), (2, 1))
    meanings = range(0)
    for row, values in enumerate(sheet.rows, 1):
        said = [*map(text, values), ""]
        for column, (word, beside) in enumerate(pairwise(said), 1):
            if word and (CHECKS.fullmatch(word) or _SCALE.get(word) == beside):
                yield from ((row, column), (row, column + 1))
        if row in matrix:
            continue
        if row in meanings:
            yield from ((row, 1), (row, 3))
        elif said[0] in (PAIRS_TITLE, MEANINGS_TITLE):
            yield row, 1
            if said[0] == MEANINGS_TITLE:  # one line to an item
                meanings = range(row + 1, row + len(matrix))
        elif SENTENCE.fullmatch(said[0]):
            yield row, 1
            if IN_WORDS.fullmatch(text(sheet.value(row, 5))):
                yield row, 5


def _name(sheet: Sheet, at: Address, answers: str, opinions: str, report: Report) -> None:
    report.add("answer-beside", sheet.place.at(*at), found=shown(sheet.value(*at)), answers=answers, opinions=opinions)
