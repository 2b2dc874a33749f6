"""Values of large worksheets through python-calamine."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from drafting.workbook.cell_scan import CellScan
from drafting.workbook.opening import Archive, OpeningError
from drafting.workbook.sheet_marks import column_number

CELLS = 40_000_000
"""Cells that the rectangle around a sheet's values may have: calamine lays it out whole in memory."""

_REFERENCE = re.compile(rb"""r\s*=\s*["']\$?([A-Za-z]+)\$?(\d+)""")
_ROW = re.compile(rb"""row\b[^>]*?\br\s*=\s*["'](\d+)["']""")

Rows = list[tuple[object, ...]]


def large_values(archive: Archive, parts: Mapping[str, bytes], scans: Mapping[str, CellScan]) -> dict[str, Rows]:
    """Read the values of all worksheets of a workbook that has passed ``open_archive``, by title.

    Parameters
    ----------
    archive
        The workbook.
    parts, scans
        XML of the worksheets and what a scan of it found, by title.

    Raises
    ------
    OpeningError
        When a sheet is too large or the workbook cannot be read.
    """
    for title, content in parts.items():
        _check_extent(title, content, scans[title])
    try:
        import python_calamine

        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(archive.data))
        return {t: _rows(book.get_sheet_by_name(t).to_python(skip_empty_area=False)) for t in parts}
    except BaseException as fault:  # a panic of the Rust library is no Exception
        if isinstance(fault, Exception) or type(fault).__name__ == "PanicException":
            raise OpeningError("file-damaged") from fault
        raise


def _check_extent(title: str, content: bytes, scan: CellScan) -> None:
    # A single cell in the last row and column would ask for the memory of 17 thousand million.
    rows, columns = scan.rows, scan.columns
    if not scan.usual:
        references = _REFERENCE.findall(content)
        stated = max(map(int, _ROW.findall(content)), default=0) + content.count(b"row")  # rows may go without number
        rows = max(stated, max((int(row) for _, row in references), default=0))
        columns = max((column_number(c.upper()) for c in {c for c, _ in references}), default=1)
    if rows * columns > CELLS:
        raise OpeningError("file-bomb", what=f"工作表“{title}”的范围为 {rows} 行 × {columns} 列")


def _rows(values: list[list[Any]]) -> Rows:
    """Turn the empty texts that stand for nothing into nothing."""
    rows: Rows = []
    for row in values:
        empty = row.count("")
        if not empty:
            rows.append(tuple(row))
        elif empty == len(row):
            rows.append(())
        else:
            rows.append(tuple([None if v == "" else v for v in row]))
    return rows
