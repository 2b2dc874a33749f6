"""Changes to one sheet: each names the cells that it changed in place, or None where order, looks or names change."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from openpyxl.utils import get_column_letter

Places = set[tuple[str, str]]
"""Sheet and address within the mutated file."""

WORDS = (
    "·", "—", "/", "无", "不适用", "未检出", "<0.01", "1.2 3", "1,000", "１２．５", "100%", "0.5‰", "≥5", "≤3", "约10",
    "3~5", "10+5n", "0.8/n", "2025年前≤5", "同上", "姓名", "甲乙丙丁", "合计", "平均值", "是", "否", "Ⅰ级", "Ⅱ级",
    "kgce/t", "t/m2", "=1+1", "'", " ", "x" * 400, "🙂", "#N/A", "TRUE", "企业", "代码", "1e400", "-5", "0",
)  # fmt: skip
NUMBERS = (0, 1, -1, 0.5, 1e-9, 1e308, 12345678, 0.1 + 0.2, 100, 9, 1 / 3, 2024)

Change = Callable[[random.Random, Any, Any], Places | None]


def _filled(rng: random.Random, sheet: Any, *, numbers: bool = False) -> Any:
    cells = [
        c for row in sheet.iter_rows() for c in row
        if c.value is not None and hasattr(c, "hyperlink") and (not numbers or isinstance(c.value, int | float))
    ]  # fmt: skip
    return rng.choice(cells) if cells else None


def _put(sheet: Any, cell: Any, value: object) -> Places:
    cell.value = value
    return {(sheet.title, cell.coordinate)}


def replace(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Put another value into a cell."""
    cell = _filled(rng, sheet)
    return _put(sheet, cell, rng.choice((*WORDS, *NUMBERS))) if cell else None


def tweak(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Make a number a little or much different."""
    cell = _filled(rng, sheet, numbers=True)
    return _put(sheet, cell, cell.value * rng.choice((1.01, -1, 0.01, 1000, 1.5, 0.9))) if cell else None


def clear(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Empty a cell."""
    cell = _filled(rng, sheet)
    return _put(sheet, cell, None) if cell else None


def retype(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Make a number a text, with marks, blanks or a unit; a text a number if it can be one."""
    cell = _filled(rng, sheet)
    if cell is None:
        return None
    text = str(cell.value)
    form = rng.choice(("{}", " {} ", "{}a", "{}①", "{}%", "{} kg", "（{}）", "{}。", "＜{}"))
    return _put(sheet, cell, form.format(text))


def shown(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Another number format."""
    cell = _filled(rng, sheet, numbers=True)
    if cell is None:
        return None
    cell.number_format = rng.choice(("0%", "0.00%", "yyyy-mm-dd", '0.0"t/t"', "@", "0", "#,##0", "[h]:mm"))
    return {(sheet.title, cell.coordinate)}


def add(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Something beside or under the table."""
    cell = sheet.cell(sheet.max_row + rng.choice((1, 2)), rng.randint(1, sheet.max_column + 1))
    return _put(sheet, cell, rng.choice((*WORDS, *NUMBERS)))


def merge(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Merge cells down or across: a text is that of all of them, a number of none."""
    row, column = rng.randint(1, sheet.max_row), rng.randint(1, sheet.max_column)
    down, right = rng.choice(((1, 0), (0, 1), (2, 0), (3, 0), (1, 1)))
    end = f"{get_column_letter(column + right)}{row + down}"
    area = f"{get_column_letter(column)}{row}:{end}"
    cells = [cell for line in sheet[area] for cell in line]
    numbers = any(isinstance(cell.value, int | float) for cell in cells)
    sheet.merge_cells(area)
    return None if numbers else {(sheet.title, cell.coordinate) for cell in cells}


def hide(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Hide a row, a column, a sheet."""
    what = rng.choice(("row", "column", "sheet"))
    if what == "row":
        sheet.row_dimensions[rng.randint(1, sheet.max_row)].hidden = True
    elif what == "column":
        sheet.column_dimensions[get_column_letter(rng.randint(1, sheet.max_column))].hidden = True
    elif len(book.worksheets) > 1:
        sheet.sheet_state = "hidden"
    return None


def head(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Rename, blank or double a heading; in the third row of a list it is a value that is retyped."""
    cells = [c for c in sheet[rng.choice((1, 1, 3)) if sheet.max_row > 2 else 1] if isinstance(c.value, str)]
    if not cells:
        return None
    cell = rng.choice(cells)
    cell.value = rng.choice((None, "姓名", cell.value[:-1], cell.value + "（1）", rng.choice(cells).value))
    listed = sum(c.value is not None for c in sheet[1]) > 1  # a matrix has its labels in row 3, under a title
    return {(sheet.title, cell.coordinate)} if listed and cell.row > 1 else None


def insert(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Insert a blank row or column, or one with a word in it."""
    if rng.random() < 0.5:
        at = rng.randint(1, sheet.max_row + 1)
        sheet.insert_rows(at)
        cell = sheet.cell(at, rng.randint(1, sheet.max_column))
    else:
        at = rng.randint(1, sheet.max_column + 1)
        sheet.insert_cols(at)
        cell = sheet.cell(rng.randint(1, sheet.max_row), at)
    if rng.random() < 0.5:
        return _put(sheet, cell, rng.choice(("合计", "平均值", "注：见说明", "小计", "备注")))
    return None


def swap(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Exchange two rows below the headings, or two columns with their headings."""
    if rng.random() < 0.5 and sheet.max_row > 3:
        one, other = rng.sample(range(2, sheet.max_row + 1), 2)
        pairs = [(sheet.cell(one, c), sheet.cell(other, c)) for c in range(1, sheet.max_column + 1)]
    elif sheet.max_column > 1:
        one, other = rng.sample(range(1, sheet.max_column + 1), 2)
        pairs = [(sheet.cell(r, one), sheet.cell(r, other)) for r in range(1, sheet.max_row + 1)]
    else:
        return None
    for left, right in pairs:
        left.value, right.value = right.value, left.value
    return None


def sheets(rng: random.Random, book: Any, sheet: Any) -> Places | None:
    """Move, rename, double or remove a sheet."""
    what = rng.choice(("move", "rename", "double", "remove"))
    if what == "move":
        book.move_sheet(sheet, rng.choice((-1, 1, 2)))
    elif what == "rename":
        sheet.title = rng.choice(("Sheet9", sheet.title + "旧", sheet.title[:-1] or "甲"))
    elif what == "double":
        book.copy_worksheet(sheet)
    elif len(book.worksheets) > 1 and sheet.title != "剔除":  # that nothing was excluded is what its absence says
        book.remove(sheet)
    return None


CHANGES: tuple[Change, ...] = (
    replace, replace, tweak, clear, retype, retype, shown, add, merge, merge, hide, head, insert, swap, sheets,
)  # fmt: skip
