"""Writes the blank 征求意见表: what a body fills in and sends back, to be put into 意见/."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook

from drafting.workbook.headings import COMMENTS
from drafting.workbook.style import body, cell_at, heading_row, note, print_setup, save, widths

_ROWS = 30


def write_form(path: Path, title: str) -> None:
    """Write the form.

    Raises OutputError if the file cannot be written.

    ``path``: Where; an existing file is replaced.
    ``title``: of the draft that is asked about; stands above every printed page.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = COMMENTS.title
    heading_row(sheet, 1, COMMENTS.texts)
    widths(sheet, [h.width for h in COMMENTS.headings])
    for column, heading in enumerate(COMMENTS.headings, 1):
        note(cell_at(sheet, 1, column), heading.note)
        for row in range(2, _ROWS + 2):
            body(cell_at(sheet, row, column))
    sheet.freeze_panes = "A2"
    if sheet.oddHeader is not None:
        sheet.oddHeader.center.text = f"{f'《{title}》' if title else ''}征求意见表".replace(
            "&", "&&"
        )  # a single & starts a code
    print_setup(sheet, rows="1:1")
    save(book, path, title="征求意见表")
