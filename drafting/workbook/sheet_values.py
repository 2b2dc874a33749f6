"""Values of the worksheets of a workbook: through python-calamine, or row by row where stray cells lie far apart."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from drafting.workbook.cell_scan import CellScan
from drafting.workbook.opening import Archive, Limits, OpeningError
from drafting.workbook.sheet_marks import column_number

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

CELLS = 40_000_000
"""Cells that the rectangle around a sheet's values may have: calamine lays it out whole in memory."""
PATIENCE = 24 << 20
"""Bytes of worksheet XML (some 5 MB packed) up to which a workbook may be read row by row, ten times slower."""

_REFERENCE = re.compile(rb"""r\s*=\s*["']\$?([A-Za-z]+)\$?(\d+)""")
_ROW = re.compile(rb"""row\b[^>]*?\br\s*=\s*["'](\d+)["']""")

Rows = list[tuple[object, ...]]


def sheet_values(
    archive: Archive, titles: tuple[str, ...], scans: Mapping[str, CellScan], limits: Limits
) -> dict[str, Rows]:
    """Read the values of all worksheets of a workbook that has passed ``open_archive``, by title.

    Parameters
    ----------
    archive
        The workbook.
    titles
        Of its worksheets.
    scans
        What a scan of each part of ``archive.worksheets`` found, by the part's name.

    Raises
    ------
    OpeningError
        When a sheet is too large or the workbook cannot be read.
    """
    # Every part is measured, whichever sheet it is said to belong to: two programs may follow its relations otherwise.
    far = next((words for name, content in archive.worksheets.items() if (words := _too_far(content, scans[name]))), "")
    if not far:
        return _at_once(archive, titles)
    if archive.unpacked > PATIENCE:
        raise OpeningError("file-bomb", what=far)
    return _row_by_row(archive, limits)


def _at_once(archive: Archive, titles: tuple[str, ...]) -> dict[str, Rows]:
    try:
        import python_calamine

        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(archive.data))
        return {t: _rows(book.get_sheet_by_name(t)) for t in titles}
    except BaseException as fault:  # a panic of the Rust library is no Exception
        if isinstance(fault, Exception) or type(fault).__name__ == "PanicException":
            raise OpeningError("file-damaged") from fault
        raise


def _too_far(content: bytes, scan: CellScan) -> str:
    """Say how far the cells of a sheet reach, if it is too far."""
    # A lone cell in the last row and column would ask for the memory of 17 thousand million.
    rows, columns = scan.rows, scan.columns
    if not scan.usual:
        references = _REFERENCE.findall(content)
        stated = max(map(int, _ROW.findall(content)), default=0) + content.count(b"row")  # rows may go without number
        rows = max(stated, max((int(row) for _, row in references), default=0))
        columns = max((column_number(c.upper()) for c in {c for c, _ in references}), default=1)
    return f"工作表的范围为 {rows} 行 × {columns} 列" if rows * columns > CELLS else ""


def _rows(sheet: CalamineSheet) -> Rows:
    """Rows from the first of the sheet on, the empty texts that stand for nothing turned into nothing."""
    left = sheet.start[1] if sheet.start else 0
    before: tuple[object, ...] = (None,) * left
    rows: Rows = []
    # One row at a time, while its values are still in the processor's cache.
    for row in sheet.iter_rows():
        empty = row.count("")
        if not empty:
            values: tuple[object, ...] = tuple(row)
        elif empty == len(row):
            rows.append(())
            continue
        else:
            values = tuple([None if v == "" else v for v in row])
        rows.append(before + values if left else values)
    above: Rows = [()] * (sheet.total_height - len(rows))  # should the iterator leave out what is empty above
    return above + rows if above else rows


def _row_by_row(archive: Archive, limits: Limits) -> dict[str, Rows]:
    """Read through openpyxl, which keeps only the cells there are."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that reading does not need
            book = openpyxl.load_workbook(io.BytesIO(archive.data), read_only=True, data_only=True, keep_links=False)
            found: dict[str, Rows] = {}
            for worksheet in book.worksheets:
                worksheet.reset_dimensions()  # the stated size is not to be believed
                rows: Rows = list(islice(worksheet.iter_rows(values_only=True), limits.rows + 1))
                if len(rows) > limits.rows:
                    raise OpeningError("file-bomb", what=f"工作表“{worksheet.title}”超过 {limits.rows} 行")
                found[worksheet.title] = rows
            book.close()
            return found
    except OpeningError:
        raise
    except Exception as fault:  # a parser of others over untrusted bytes may raise anything
        raise OpeningError("file-damaged") from fault
