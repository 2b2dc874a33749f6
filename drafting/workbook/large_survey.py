"""Describes a survey file that is not loaded: headings, units and meaning of its columns, from its first lines."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from drafting.findings import Cell
from drafting.model.large import LargeColumn, LargeSurvey
from drafting.model.system import IndicatorSystem
from drafting.workbook import headings as h
from drafting.workbook.opening import OpeningError
from drafting.workbook.report import Report
from drafting.workbook.survey_files import ENCODINGS, read_csv
from drafting.workbook.survey_table import Meaning, SurveyTable, table_of, understand

_HEAD_BYTES = 1 << 18
_HEAD_LINES = 20


def describe(path: Path, file: str, system: IndicatorSystem, report: Report) -> LargeSurvey | None:
    """Describe a .csv or .parquet survey; None (with a finding) where it cannot be understood.

    Raises
    ------
    OpeningError
        When the file cannot be read as what its suffix says.
    """
    if path.suffix.lower() == ".parquet":
        return _of(_parquet_table(path, file), path, file, system, report)
    if path.suffix.lower() != ".csv":
        raise OpeningError("file-unreadable", reason="只有 .csv 和 .parquet 可以不装入内存计算")
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    encoding = _encoding(path)
    text = head.decode(encoding, "ignore")
    lines = text.splitlines(keepends=True)[:_HEAD_LINES]
    sheet = read_csv("".join(lines).encode("utf-8"), file, Report())
    table = table_of(sheet, system, report)
    if table is None:
        return None
    described = _of(table, path, file, system, report)
    if described is None:
        return None
    first = lines[table.heading_row - 1]
    delimiter = max(",;\t", key=first.count)
    headings = tuple(str(v or "") for v in sheet.rows[table.heading_row - 1])
    return LargeSurvey(
        path, file, described.columns, described.enterprise, described.stratum, described.year, described.weight,
        max(table.heading_row, table.unit_row), headings, encoding, delimiter, described.ignored,
    )  # fmt: skip


def _encoding(path: Path) -> str:
    """Find the encoding that reads the whole file, a piece at a time."""
    import codecs

    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as stream:
                while piece := stream.read(1 << 22):
                    decoder.decode(piece)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise OpeningError("csv-encoding")


def _parquet_table(path: Path, file: str) -> SurveyTable:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as fault:
        raise OpeningError("parquet-needs-extra") from fault
    try:
        names = pyarrow.parquet.read_schema(path).names
    except (pyarrow.ArrowException, OSError, ValueError) as fault:
        raise OpeningError("file-damaged") from fault
    headings = {number: str(name) for number, name in enumerate(names, 1)}
    return SurveyTable(Cell(file), 1, headings, {}, 0, (), {})


def _of(table: SurveyTable, path: Path, file: str, system: IndicatorSystem, report: Report) -> LargeSurvey | None:
    meaning = understand(table, system, report, whole=True)
    if h.ENTERPRISE not in meaning.special:
        report.add("heading-missing", table.heading_cell(1), sheet=h.SURVEY_STEM, heading=h.ENTERPRISE)
        return None
    columns = {
        code: LargeColumn(
            table.headings[number], table.units.get(number, ""), _factor(table, number, code, system, report)
        )
        for code, number in meaning.indicators.items()
    }
    for code, number in meaning.indicators.items():
        report.cells["survey", code] = table.heading_cell(number)
    report.cells["survey",] = table.place
    special = {word: table.headings[number] for word, number in meaning.special.items()}
    return LargeSurvey(
        path, file, MappingProxyType(columns), special[h.ENTERPRISE], special.get(h.STRATUM), special.get(h.YEAR),
        special.get(h.SAMPLING_WEIGHT), ignored=_ignored(table, meaning),
    )  # fmt: skip


def _ignored(table: SurveyTable, meaning: Meaning) -> tuple[str, ...]:
    used = {*meaning.special.values(), *meaning.indicators.values()}
    return tuple(heading for number, heading in table.headings.items() if number not in used)


def _factor(table: SurveyTable, number: int, code: str, system: IndicatorSystem, report: Report) -> Fraction:
    from drafting.units import UnitError, conversion

    indicator, stated = system.indicator(code), table.units.get(number, "")
    if not stated or indicator.qualitative:
        return Fraction(1)
    try:
        return conversion(stated, indicator.unit)
    except (UnitError, ImportError) as fault:
        finding = "survey-unit" if isinstance(fault, UnitError) else "survey-units-need-extra"
        place = table.place.at(table.unit_row, number)
        report.add(finding, place, name=indicator.name, found=stated, unit=indicator.unit or "无单位")
        return Fraction(1)
