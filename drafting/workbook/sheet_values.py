"""Values of the worksheets of a workbook: through python-calamine, or row by row where stray cells lie far apart."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from drafting.workbook.limits import Limits
from drafting.workbook.opening import Archive, OpeningError
from drafting.workbook.sheet_marks import SheetMarks

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Rows = list[tuple[object, ...]]


def sheet_values(
    archive: Archive, parts: Mapping[str, str], marks: Mapping[str, SheetMarks], limits: Limits
) -> dict[str, Rows]:
    """Read the values of all worksheets of a workbook that has passed ``open_archive``, by title.

    Raises OpeningError when the sheets are too large or the workbook cannot be read.

    ``archive``: the workbook.
    ``parts``: titles of its worksheets, and the names of their parts.
    ``marks``: what was found in each part of ``archive.worksheets``, by the part's name.
    """
    # Every part is measured, whichever sheet it is said to belong to: two programs may follow its relations otherwise.
    # A lone cell in the last row and column would ask for the memory of 17 thousand million.
    listed = [*parts.values(), *(name for name in marks if name not in set(parts.values()))]
    area = sum(marks[name].rows * marks[name].columns for name in listed)
    if area <= limits.area:
        return _at_once(archive, tuple(parts))
    if archive.unpacked > limits.patience or sum(marks[name].rows for name in listed) > limits.rows:
        far = max((marks[name] for name in listed), key=lambda m: m.rows * m.columns)
        raise OpeningError("file-bomb", what=f"工作表的范围为 {far.rows} 行 × {far.columns} 列")
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
