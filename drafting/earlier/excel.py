"""The tables of an .xlsx file: each sheet as one grid, with its merged cells and the lines above and below."""

from __future__ import annotations

from drafting.earlier.message import PLAIN, RAISED, Source, SourceCell, SourceTable, Trait, words_of
from drafting.workbook.cells import RaisedText, is_blank, typed
from drafting.workbook.limits import WORD_LIMITS
from drafting.workbook.opening import OpeningError
from drafting.workbook.sheets import Sheet, Workbook


def read(book: Workbook) -> Source:
    """Give the sheets as tables.

    Raises OpeningError when there are more cells than an edition has.
    """
    tables = [_table(sheet) for sheet in book.sheets if any(not is_blank(v) for row in sheet.rows for v in row)]
    if sum(len(t.cells) for t in tables) > WORD_LIMITS.cells:
        raise OpeningError("import-too-large", what=f"{sum(len(t.cells) for t in tables)} 个单元格")
    characters = sum(len(c.text) for t in tables for c in t.cells)
    return Source(tuple(tables), 0, characters)


def _table(sheet: Sheet) -> SourceTable:
    height = min(len(sheet.rows), WORD_LIMITS.rows)
    width = max((len(row) for row in sheet.rows), default=0)
    if width > WORD_LIMITS.columns:
        width = max((c for row in sheet.rows for c, v in enumerate(row, 1) if not is_blank(v)), default=0)
    if len(sheet.rows) > WORD_LIMITS.rows or width > WORD_LIMITS.columns:
        raise OpeningError("import-too-large", what=f"{len(sheet.rows)} 行、{width} 列")
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for top, left, bottom, right in sheet.merges:
        bottom, right = min(bottom, height), min(right, width)
        if top > bottom or left > right:
            continue
        spans[top, left] = (bottom - top + 1, right - left + 1)
        if len(covered) + spans[top, left][0] * spans[top, left][1] > WORD_LIMITS.cells:
            raise OpeningError("import-too-large", what="合并的单元格过多")
        covered.update((r, c) for r in range(top, bottom + 1) for c in range(left, right + 1) if (r, c) != (top, left))
    cells = [
        _cell(sheet, row, column, *spans.get((row, column), (1, 1)))
        for row in range(1, height + 1)
        for column in range(1, width + 1)
        if (row, column) not in covered
    ]
    first = [c for c in cells if c.row == 1 and c.text]
    title = first[0].text if len(first) == 1 and first[0].column == 1 else ""
    return SourceTable(f"工作表“{sheet.title}”", title or sheet.title, tuple(cells), height, width)


def _cell(sheet: Sheet, row: int, column: int, rows: int, columns: int) -> SourceCell:
    pieces = _pieces(sheet, row, column)
    traits = Trait(0)
    if pieces and (row, column) in sheet.struck:
        traits |= Trait.STRUCK
    if pieces and sheet.unseen(row, column):
        traits |= Trait.UNSEEN
    return SourceCell(row, column, rows, columns, pieces, int(traits), words_of(pieces))


def _pieces(sheet: Sheet, row: int, column: int) -> tuple[tuple[str, int], ...]:
    value = sheet.value(row, column)
    if is_blank(value):
        return ()
    if isinstance(value, RaisedText):
        return _raised(str(value), value.plain)
    return ((typed(value, sheet.displays.get((row, column)), percent=(row, column) in sheet.percents), PLAIN),)


def _raised(whole: str, plain: str) -> tuple[tuple[str, int], ...]:
    """Part a text from the characters that do not stand on its line: those that ``plain`` lacks."""
    pieces: list[tuple[str, int]] = []
    at = 0
    for character in whole:
        level = PLAIN if at < len(plain) and plain[at] == character else RAISED
        at += level == PLAIN
        if pieces and pieces[-1][1] == level:
            pieces[-1] = (pieces[-1][0] + character, level)
        else:
            pieces.append((character, level))
    return tuple(pieces)
