"""How the workbooks look, and the one door through which text enters a cell."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from drafting.files import atomic
from drafting.workbook.contents.notes import AUTHOR
from drafting.workbook.package import workbook_bytes

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

FONT = "微软雅黑"
INK, MUTED, WHITE = "FF1F2933", "FF6B7785", "FFFFFFFF"
TEAL, SLATE, BAND, PAPER = "FF1F6F6B", "FF5B7083", "FFF1F6F5", "FFFFFFFF"
ANSWER = "FFFFF8DC"
"""Fill of a cell that waits for an answer."""
LOCKED = "FFEDEFF2"
"""Fill of a cell that is computed or fixed."""
FAULT = "FFFF9B9B"
"""Fill of a cell with a finding."""
LINK = "FF0B5CAD"

_LINE = Side(style="thin", color="FFC9D3DC")
GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
WRAPPED = Alignment(vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_PARTS = ("fontId", "fillId", "borderId", "alignmentId", "protectionId")
_DRESSES: WeakKeyDictionary[Workbook, dict[tuple[str, bool, bool], dict[str, int]]] = WeakKeyDictionary()
"""Workbook -> how cells of its tables are dressed -> the numbers that stand for it there."""
_MOST_SIGNS = 32_767
"""Of a cell; the library cuts what is longer without a word."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_POINTS_PER_LINE = 15.5


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """Give a cell that can be written to.

    Raises TypeError if it lies inside a merged range; the workbooks written here have none.
    """
    cell = sheet.cell(row, column)
    if not isinstance(cell, Cell):
        raise TypeError(f"{sheet.title}!{cell.coordinate} lies inside a merged range")
    return cell


@cache
def fill(colour: str) -> PatternFill:
    """Make a solid fill."""
    return PatternFill("solid", fgColor=colour)


def colour_where(sheet: Worksheet, cells: str, formula: str, colour: str) -> None:
    """Colour cells while a formula, written for the first of them, holds."""
    rule = FormulaRule(formula=[formula], fill=fill(colour))  # type: ignore[no-untyped-call]  # untyped in the stubs
    sheet.conditional_formatting.add(cells, rule)


@cache
def font(*, size: float = 10, bold: bool = False, colour: str = INK) -> Font:
    """Make a font of the workbooks' one family."""
    return Font(name=FONT, size=size, bold=bold, color=colour)


def put(cell: Cell, value: str | int | float | Decimal | None) -> None:
    """Write a value; text stays text.

    Text that a spreadsheet would take for a formula (it starts with = + - @, a tab or a carriage return) is marked as
    text, and characters that no workbook can hold become U+FFFD. Text that no cell can hold ends with words that say
    so. A Decimal keeps its trailing zeros on the screen.
    """
    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
        if len(text) > _MOST_SIGNS:
            cut = f"…（原文 {len(text)} 字，一个单元格只容 {_MOST_SIGNS} 字，此处未写全）"
            text = text[: _MOST_SIGNS - len(cut)] + cut
        cell.value = text or None
        if text.startswith(_FORMULA_STARTS):
            cell.data_type = "s"
            cell.quotePrefix = True
        return
    cell.value = value
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < 0:
            cell.number_format = "0." + "0" * -exponent


def note(cell: Cell, text: str) -> None:
    """Attach a cell note of a size that shows its text; nothing for an empty text."""
    if not text:
        return
    comment = Comment(text, AUTHOR)
    comment.width = 300
    comment.height = 30 + 18 * sum(1 + display_width(line) // 40 for line in text.splitlines())
    cell.comment = comment


def display_width(text: str) -> int:
    """Count columns of a text: two for a Chinese character, one for a Latin one."""
    return sum(2 if ord(character) > 0x2E7F or character in "—…“”‘’ⅠⅡⅢ≤≥" else 1 for character in text)


def lines(text: object, width: float) -> int:
    """Estimate the lines that a text takes in a column of that width."""
    usable = max(1, int(width * 1.08))
    return sum(max(1, -(-display_width(line) // usable)) for line in str(text).splitlines() or [""])


def folded(text: str, width: float) -> list[str]:
    """Split a text into rows of at most that display width: across narrow columns without a merged cell."""
    rows = [""]
    for sign in " ".join(text.splitlines()):
        if display_width(rows[-1] + sign) > width and sign not in "，。；：、）”》":  # none of these begins a row
            rows.append("")
        rows[-1] += sign
    return rows


def fit_row(sheet: Worksheet, row: int, *, minimum: float = 20, most: int = 12) -> None:
    """Make a row as high as its longest wrapped text, for programs that do not do so themselves.

    Only columns that have been given a width are looked at: a sheet asked for a row asks all its cells for the widest.
    """
    needed = 1
    for letter, column in sheet.column_dimensions.items():
        cell = sheet[f"{letter}{row}"]
        if cell.value is not None and cell.data_type != "f":
            needed = max(needed, lines(cell.value, column.width))
    sheet.row_dimensions[row].height = max(minimum, _POINTS_PER_LINE * min(needed, most) + 5)


def heading_row(sheet: Worksheet, row: int, texts: Sequence[str], *, dark: Sequence[bool] = ()) -> None:
    """Write column headings: white on teal, on slate where ``dark`` says that the column may stay empty."""
    for column, text in enumerate(texts, start=1):
        cell = cell_at(sheet, row, column)
        put(cell, text)
        cell.font = font(bold=True, colour=WHITE)
        cell.fill = fill(SLATE if dark and not dark[column - 1] else TEAL)
        cell.alignment = CENTRED
        cell.border = GRID
    sheet.row_dimensions[row].height = 30


def body(cell: Cell, *, colour: str = PAPER, centred: bool = False, unlocked: bool = False) -> None:
    """Dress a cell of a table.

    openpyxl looks each part of a dress up in the workbook by its whole content, which takes longer than all else that
    is done to a cell. So that is done once per workbook and dress; the next cells get the numbers found.
    """
    book = cell.parent.parent
    assert book is not None
    known, key = _DRESSES.setdefault(book, {}), (colour, centred, unlocked)
    if key not in known:
        cell.font = font()
        cell.fill = fill(colour)
        cell.border = GRID
        cell.alignment = CENTRED if centred else WRAPPED
        if unlocked:
            cell.protection = Protection(locked=False)
        known[key] = {part: getattr(_style(cell), part) for part in _PARTS[: 5 if unlocked else 4]}
        return
    style = _style(cell)
    for part, number in known[key].items():
        setattr(style, part, number)


def _style(cell: Any) -> StyleArray:
    """Give the numbers of a cell's style; openpyxl's own copying uses them, its stubs do not tell them."""
    if cell._style is None:
        cell._style = StyleArray()
    found: StyleArray = cell._style
    return found


def widths(sheet: Worksheet, values: Sequence[float]) -> None:
    """Set column widths in characters, from column A."""
    for column, width in enumerate(values, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def choice(
    sheet: Worksheet, cells: str, options: Sequence[str], *, strict: bool = True, source: str = "", prompt: str = ""
) -> None:
    """Give cells a drop-down.

    ``sheet``, ``cells``: Where, e.g. ``"E2:E200"``.
    ``options``: the values of the list.
    ``strict``: whether anything else is refused; otherwise the list only helps.
    ``source``: a range to take the list from instead of ``options``.
    ``prompt``: what stands beside the cell when it is chosen.
    """
    listed = source or '"' + ",".join(options) + '"'
    validation = DataValidation(type="list", formula1=listed, allow_blank=True, showErrorMessage=strict)
    validation.errorTitle = "请从列表中选择"
    validation.error = "该单元格只接受：" + "、".join(options) if options else "请从列表中选择。"
    if prompt:
        validation.promptTitle, validation.prompt, validation.showInputMessage = "填写提示", prompt, True
    sheet.add_data_validation(validation)
    validation.add(cells)


def reference(title: str, cells: str) -> str:
    """Write a reference to cells of a sheet as a formula does."""
    return f"{quote_sheetname(title)}!{cells}"


def print_setup(
    sheet: Worksheet, *, landscape: bool = True, rows: str = "", columns: str = "", across: int = 1
) -> None:
    """Set up printing: A4, ``across`` pages wide, heading rows and columns on every page, page numbers."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = across, 0
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top = sheet.page_margins.bottom = 0.75
    sheet.page_margins.header = sheet.page_margins.footer = 0.3
    sheet.print_options.horizontalCentered = True
    if rows:
        sheet.print_title_rows = rows
    if columns:
        sheet.print_title_cols = columns
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "&A"
        sheet.oddFooter.right.text = "第 &P 页，共 &N 页"


_NEVER = "XFD"
"""The last column of a sheet: nothing stands there."""


def leave_out_of_print(sheet: Worksheet) -> None:
    """Let printing pass a sheet over, as another one holds the same for paper: its print area is a hidden column."""
    sheet.column_dimensions[_NEVER].hidden = True
    sheet.print_area = f"{_NEVER}1"


def save(book: Workbook, path: Path, *, title: str) -> None:
    """Save a workbook, complete or not at all; the same content gives the same bytes.

    Raises OutputError if the file cannot be written.
    """
    with atomic(path) as partial:
        partial.write_bytes(finished_bytes(book, title=title))


def finished_bytes(book: Workbook, *, title: str) -> bytes:
    """A workbook's bytes under a title; the same content gives the same bytes."""
    book.properties.title = title[:255]
    book.properties.creator = AUTHOR
    return workbook_bytes(book)
