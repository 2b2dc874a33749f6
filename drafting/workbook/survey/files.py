"""The files a survey may come in: .xlsx, .csv, .parquet; each becomes a table of headed columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drafting.findings import Cell
from drafting.model.system import IndicatorSystem
from drafting.workbook.contents.asking import contents_of
from drafting.workbook.contents.columns import Column, columns_of
from drafting.workbook.contents.message import moment_of
from drafting.workbook.headings import PROJECT_FILE, SURVEY_SUFFIXES
from drafting.workbook.limits import LIMITS
from drafting.workbook.opening import OpeningError
from drafting.workbook.report import Report
from drafting.workbook.sheets import Sheet, read_workbook, taken_in
from drafting.workbook.survey.naming import HeadingReader
from drafting.workbook.survey.sheet_choice import choose_sheet
from drafting.workbook.survey.table import SurveyTable, table_of


def read_survey_table(data: bytes, file: str, system: IndicatorSystem, report: Report) -> SurveyTable | None:
    """Read a survey file by its suffix.

    Raises OpeningError when the file cannot be read as what its suffix says.
    """
    suffix = Path(file).suffix.lower()
    if suffix == ".csv":
        return table_of(read_csv(data, file, report), system, report)
    if suffix == ".parquet":
        return read_parquet(data, file, system, report)
    if suffix != ".xlsx":
        raise OpeningError(
            "file-unreadable", reason=f"不认识的类型 {suffix or PROJECT_FILE}，应为 {'、'.join(SURVEY_SUFFIXES)}"
        )
    book = read_workbook(data, file)
    report.name_strange(book.sheets)
    sheet = choose_sheet(book, report)
    return table_of(sheet, system, report) if sheet is not None else None


def read_csv(data: bytes, file: str, report: Report) -> Sheet:
    """Read separated text as a sheet; lines that were left out are findings."""
    place = Cell(file)
    contents = contents_of("csv", data, LIMITS)
    for line, found, needed in contents.ragged:
        report.add("csv-ragged", place.at(line, 1), line=line, found=found, needed=needed)
    if contents.ragged_more:
        report.add("csv-ragged-more", place, count=contents.ragged_more)
    (sheet,) = taken_in(contents.sheets[:1], file)
    report.name_strange([sheet])
    return sheet


def read_parquet(data: bytes, file: str, system: IndicatorSystem, report: Report) -> SurveyTable | None:
    """Read a parquet file; column names are the headings, the first record has row number 2."""
    columns = columns_of(data)
    place = Cell(file)
    if not columns.rows:
        report.add("survey-empty", place, sheet=file)
        return None
    headings = {number: column.name for number, column in enumerate(columns.columns, 1)}
    values = {number: _column(column, columns.rows) for number, column in enumerate(columns.columns, 1)}
    units = HeadingReader(system).units(headings)
    return SurveyTable(place, 1, headings, units, 0, tuple(range(2, columns.rows + 2)), values)


def _column(column: Column, rows: int) -> Sequence[object] | NDArray[np.float64]:
    """Numbers as an array with NaN for null, everything else as values."""
    try:
        if column.numbers is not None:
            numbers = np.frombuffer(column.numbers, dtype=np.float64)
            if len(numbers) == rows:
                return numbers.copy()
        values: list[object] = [*column.values]
        for row, _, kind, says in column.moments:
            values[row - 1] = moment_of(kind, says)
        if len(values) == rows:
            return values
    except (ValueError, IndexError) as fault:
        raise OpeningError("file-refused", reason="读取结果不合约定") from fault
    raise OpeningError("file-refused", reason="读取结果不合约定")
