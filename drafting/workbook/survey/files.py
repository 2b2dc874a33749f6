"""The files a survey may come in: .xlsx, .csv, .parquet; each becomes a table of headed columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drafting.findings import Cell
from drafting.model.system import IndicatorSystem
from drafting.workbook.headings import PROJECT_FILE, SURVEY_SUFFIXES
from drafting.workbook.opening import LIMITS, OpeningError
from drafting.workbook.report import Report
from drafting.workbook.sheets import Sheet, read_workbook
from drafting.workbook.survey.table import SurveyTable, choose_sheet, table_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENCODINGS = ("utf-8-sig", "gb18030")
RAGGED_SHOWN = 20
"""Ragged lines reported one by one; the rest are counted."""


def read_survey_table(data: bytes, file: str, system: IndicatorSystem, report: Report) -> SurveyTable | None:
    """Read a survey file by its suffix.

    Raises
    ------
    OpeningError
        When the file cannot be read as what its suffix says.
    """
    suffix = Path(file).suffix.lower()
    if suffix == ".csv":
        return table_of(read_csv(data, file, report), system, report)
    if suffix == ".parquet":
        return read_parquet(data, file, report)
    if suffix != ".xlsx":
        raise OpeningError(
            "file-unreadable", reason=f"不认识的类型 {suffix or PROJECT_FILE}，应为 {'、'.join(SURVEY_SUFFIXES)}"
        )
    sheet = choose_sheet(read_workbook(data, file))
    return table_of(sheet, system, report) if sheet is not None else None


def read_csv(data: bytes, file: str, report: Report) -> Sheet:
    """Read comma-, semicolon- or tab-separated text in UTF-8, GB 18030 or UTF-16 as a sheet.

    A record's row number is the number of its line in the file. A line with another number of fields than the headings
    cannot be trusted – which field is missing? – and is left out with a finding.
    """
    text = _decode(data)
    if "\0" in text:
        raise OpeningError("file-damaged")
    delimiter = delimiter_of(text[: text.find("\n") if "\n" in text else None])
    rows: list[tuple[object, ...]] = []
    width = ragged = 0
    place = Cell(file)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for fields in reader:
            while len(rows) < reader.line_num - 1:
                rows.append(())  # the further lines of a quoted field that runs over several
            if not any(f.strip() for f in fields):
                rows.append(())
                continue
            width = width or len(fields)
            if len(fields) != width:
                ragged += 1
                if ragged <= RAGGED_SHOWN:
                    report.add(
                        "csv-ragged",
                        place.at(reader.line_num, 1),
                        line=reader.line_num,
                        found=len(fields),
                        needed=width,
                    )
                rows.append(())
                continue
            rows.append(tuple(f or None for f in fields))
            if len(rows) > LIMITS.rows * 10:
                raise OpeningError("file-bomb", what=f"超过 {LIMITS.rows * 10} 行")
    except csv.Error as fault:
        raise OpeningError("csv-broken", line=reader.line_num) from fault
    if ragged > RAGGED_SHOWN:
        report.add("csv-ragged-more", place, count=ragged - RAGGED_SHOWN)
    return Sheet(place, tuple(rows), decimal_comma=decimal_comma(delimiter))


def delimiter_of(first_line: str) -> str:
    """What separates the fields of a text: comma, semicolon or tab."""
    return max(",;\t", key=first_line.count)


def decimal_comma(delimiter: str) -> bool:
    """Whether the comma is the decimal sign: where it is, programs separate fields by semicolons."""
    return delimiter == ";"


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise OpeningError("csv-encoding")


def read_parquet(data: bytes, file: str, report: Report) -> SurveyTable | None:
    """Read a parquet file; column names are the headings, the first record has row number 2."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as fault:
        raise OpeningError("parquet-needs-extra") from fault
    try:
        content = pyarrow.parquet.read_table(pyarrow.BufferReader(data))
    except (pyarrow.ArrowException, OSError, ValueError) as fault:
        raise OpeningError("file-damaged") from fault
    place = Cell(file)
    if not content.num_rows:
        report.add("survey-empty", place, sheet=file)
        return None
    headings = {number: str(name) for number, name in enumerate(content.column_names, 1)}
    columns = {number: _arrow_column(content.column(number - 1)) for number in headings}
    return SurveyTable(place, 1, headings, {}, 0, tuple(range(2, content.num_rows + 2)), columns)


def _arrow_column(column: Any) -> Sequence[object] | NDArray[np.float64]:
    """Numbers as an array with NaN for null, everything else as Python values."""
    import pyarrow

    kind = column.type
    if pyarrow.types.is_floating(kind) or pyarrow.types.is_integer(kind):
        numbers: NDArray[np.float64] = column.cast(pyarrow.float64(), safe=False).to_numpy().astype(np.float64)
        return numbers
    if pyarrow.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    values: Sequence[object] = column.to_pylist()
    return values
