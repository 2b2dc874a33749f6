"""A .csv or .parquet survey in pieces: what stands in its columns, never more of it than one piece."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TextIO

from drafting.files import reading_reason
from drafting.findings import Cell
from drafting.model.system import IndicatorSystem
from drafting.workbook.cells import is_blank
from drafting.workbook.contents.message import PlainRow
from drafting.workbook.contents.strange import STRANGE, STRANGE_SHOWN, without_strange
from drafting.workbook.contents.text_file import ENCODINGS, RAGGED_SHOWN, decimal_comma, delimiter_of
from drafting.workbook.opening import OpeningError
from drafting.workbook.report import Report
from drafting.workbook.sheets import Address, Sheet
from drafting.workbook.survey.naming import HeadingReader
from drafting.workbook.survey.stored import ROW
from drafting.workbook.survey.table import SurveyTable, report_unheaded, table_of
from drafting.workbook.survey.texts import column_of

PIECE_ROWS = 32_768
_HEAD_RECORDS = 40
_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class Source:
    """A survey file with its headings understood; ``table`` has headings and units, no rows."""

    path: Path
    table: SurveyTable
    encoding: str = ""
    delimiter: str = ""
    strange: bool = False
    """Whether the text holds characters that no reader sees."""

    def prepared(self, folder: Path, report: Report) -> Rows:
        """The rows as they are read again and again: a .csv is written out once, as text.

        Ragged lines and columns without a heading are reported.

        Raises OpeningError when the file breaks off or cannot be read as what its suffix says.
        """
        if self.path.suffix.lower() == ".parquet":
            return Rows(self.path, self.table, {number: str(name) for number, name in self.table.headings.items()})
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = Rows(folder / "raw.parquet", self.table, {number: f"c{number}" for number in self.table.headings}, ROW)
        schema = pa.schema([(ROW, pa.int64()), *((name, pa.string()) for name in rows.names.values())])
        with pq.ParquetWriter(rows.path, schema) as writer:
            for numbers, columns in self._records(report):
                texts = [pa.array(columns.get(n, [None] * len(numbers)), pa.string()) for n in rows.names]
                writer.write_table(pa.Table.from_arrays([pa.array(numbers, pa.int64()), *texts], schema=schema))
        return rows

    def _records(self, report: Report) -> Iterator[tuple[list[int], Mapping[int, Sequence[str | None]]]]:
        """Numbers and fields of the lines of a .csv, some of them together."""
        with open_text(self.path, self.encoding) as stream:
            lines = _Lines(stream, self.delimiter, self.strange, self.table.place, report)
            records = (r for r in lines if r[0] > self.table.headings_end)
            unheaded: Counter[int] = Counter()
            while taken := list(islice(records, PIECE_ROWS)):
                turned = dict(enumerate(zip(*(fields for _, fields in taken), strict=True), 1))
                for number in turned.keys() - self.table.headings.keys():
                    unheaded[number] += sum(not is_blank(f) for f in turned.pop(number))
                yield [n for n, _ in taken], {c: [f or None for f in fields] for c, fields in turned.items()}
            lines.finish()
        for number, count in sorted(unheaded.items()):
            report_unheaded(self.table.heading_cell(number), count, report)


@dataclass(frozen=True, slots=True)
class Rows:
    """The cells of a survey in a parquet file."""

    path: Path
    table: SurveyTable
    names: Mapping[int, str]
    """What columns are called in the file; several may be called alike."""
    numbers: str = ""
    """Column of the rows' numbers; blank where they follow on the headings."""

    def __len__(self) -> int:
        import pyarrow.parquet as pq

        with _damaged(), pq.ParquetFile(self.path) as file:
            count: int = file.metadata.num_rows
        return count

    def pieces(self, columns: Sequence[int]) -> Iterator[SurveyTable]:
        """Some columns of the rows, consecutive rows together.

        Raises OpeningError when the file breaks off.
        """
        import pyarrow.parquet as pq

        wanted = list(dict.fromkeys([*([self.numbers] if self.numbers else []), *(self.names[n] for n in columns)]))
        alike = {number: [n for n, name in self.names.items() if name == self.names[number]] for number in columns}
        before = 0
        with _damaged(), pq.ParquetFile(self.path, pre_buffer=False, buffer_size=1 << 18) as file:
            for batch in file.iter_batches(PIECE_ROWS, columns=wanted):
                rows: Sequence[int] = range(before + 2, before + batch.num_rows + 2)
                if self.numbers:
                    rows = batch.column(batch.schema.get_field_index(self.numbers)).to_pylist()
                cells = {}
                for number, same in alike.items():
                    at = batch.schema.get_all_field_indices(self.names[number])[same.index(number)]
                    cells[number] = column_of(batch.column(at))
                yield replace(self.table, rows=rows, columns=cells)
                before += batch.num_rows


@contextmanager
def _damaged() -> Iterator[None]:
    import pyarrow

    try:
        yield
    except OpeningError:
        raise
    except (pyarrow.ArrowException, OSError, ValueError) as fault:
        raise OpeningError("file-damaged") from fault


def open_source(path: Path, file: str, system: IndicatorSystem, report: Report) -> Source | None:
    """Find headings and units of a survey file; None (with a finding) where there are none.

    Raises OpeningError when the file cannot be read as what its suffix says.
    """
    if path.suffix.lower() == ".parquet":
        return _open_parquet(path, file, system, report)
    if path.suffix.lower() != ".csv":
        raise OpeningError("engine-file", suffix=path.suffix)
    if path.stat().st_size == 0:
        raise OpeningError("file-empty")
    encoding, strange = _encoding(path)
    with open_text(path, encoding) as stream:
        first = stream.readline()
        delimiter = delimiter_of(first)
    with open_text(path, encoding) as stream:
        rows: list[tuple[object, ...]] = []
        for number, fields in islice(_Lines(stream, delimiter, strange, Cell(file), Report()), _HEAD_RECORDS):
            rows += [()] * (number - 1 - len(rows))
            rows.append(tuple(f or None for f in fields))
    sheet = Sheet(Cell(file), tuple(rows), decimal_comma=decimal_comma(delimiter))
    table = table_of(sheet, system, report, whole=False)
    return None if table is None else Source(path, table, encoding, delimiter, strange)


def _open_parquet(path: Path, file: str, system: IndicatorSystem, report: Report) -> Source | None:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as fault:
        raise OpeningError("parquet-needs-extra") from fault
    with _damaged(), pyarrow.parquet.ParquetFile(path) as opened:
        names, rows = opened.schema_arrow.names, opened.metadata.num_rows
    if not rows:
        report.add("survey-empty", Cell(file), sheet=file)
        return None
    headings = {number: str(name) for number, name in enumerate(names, 1)}
    units = HeadingReader(system).units(headings)
    return Source(path, SurveyTable(Cell(file), 1, headings, units, 0, (), {}))


def open_text(path: Path, encoding: str) -> TextIO:
    """Open the text of a .csv survey as the csv module wants it."""
    return path.open(encoding=encoding, newline="", errors="replace" if encoding == "utf-16" else "strict")


def _encoding(path: Path) -> tuple[str, bool]:
    """Find the encoding that reads the whole file, a piece at a time, and whether it holds strange characters."""
    with path.open("rb") as stream:
        if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16", True  # looked for line by line
    for encoding in ENCODINGS:
        decoder, strange = codecs.getincrementaldecoder(encoding)(), False
        try:
            with path.open("rb") as stream:
                while piece := stream.read(_BYTES):
                    text = decoder.decode(piece)
                    if "\0" in text:
                        raise OpeningError("csv-encoding")
                    strange = strange or STRANGE.search(text) is not None
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding, strange
    raise OpeningError("csv-encoding")


@dataclass
class _Lines:
    """Records of a .csv with the numbers of their lines, by the rules of :mod:`drafting.workbook.survey.files`.

    Blank records are passed over; a record with another number of fields than the first one is reported and left out.
    """

    stream: TextIO
    delimiter: str
    strange: bool
    place: Cell
    report: Report
    ragged: int = field(default=0)
    cells: list[Address] = field(default_factory=list)
    """Where strange characters were taken out."""

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(self.stream, delimiter=self.delimiter, strict=True)
        width = 0
        try:
            for fields in reader:
                if self.strange and len(fields) == (width or len(fields)):
                    fields = self._seen(reader.line_num, fields)
                if len(fields) == width:
                    if fields[0][:1].isalnum() or not all(map(is_blank, fields)):
                        yield reader.line_num, fields
                elif any(f.strip() for f in fields):
                    if not width:
                        width = len(fields)
                        yield reader.line_num, fields
                        continue
                    self.ragged += 1
                    if self.ragged <= RAGGED_SHOWN:
                        place = self.place.at(reader.line_num, 1)
                        self.report.add("csv-ragged", place, line=reader.line_num, found=len(fields), needed=width)
        except csv.Error as fault:
            raise OpeningError("csv-broken", line=reader.line_num) from fault
        except OSError as fault:
            raise OpeningError("file-unreadable", reason=reading_reason(fault)) from fault

    def _seen(self, line: int, fields: list[str]) -> list[str]:
        """The fields without characters that no reader sees."""
        rows: list[PlainRow] = [tuple(fields)]
        odd = without_strange(rows)
        if len(self.cells) < STRANGE_SHOWN:
            self.cells += [(line, column) for _, column in odd]
        return [str(field or "") for field in rows[0]] if odd else fields

    def finish(self) -> None:
        """Say how many more lines were ragged than were reported one by one, and what was taken out of the others."""
        self.report.name_strange([Sheet(self.place, (), strange=tuple(self.cells[:STRANGE_SHOWN]))])
        if self.ragged > RAGGED_SHOWN:
            self.report.add("csv-ragged-more", self.place, count=self.ragged - RAGGED_SHOWN)
