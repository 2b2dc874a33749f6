"""Reads a survey larger than memory piece by piece, by the rules of small surveys, into one clean table on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from baselines.engines import connection
from drafting.findings import Cell
from drafting.model.exclusions import codes_left_out
from drafting.model.identity import name_key
from drafting.model.labels import merging_rule
from drafting.model.survey import State, Survey, SurveyColumn
from drafting.workbook import headings as h
from drafting.workbook.cells import is_blank, is_percent_unit
from drafting.workbook.large import source as large_source
from drafting.workbook.large.attributes import PieceAttributes, cells_of
from drafting.workbook.large.blocks import Block, averaged, rearranged
from drafting.workbook.large.cells import CountingReport, is_number, numbers_of, piece_table, read_piece
from drafting.workbook.large.finish import Finisher
from drafting.workbook.large.records import Plan, names_of, note_nameless, plan_records
from drafting.workbook.large.reports import Reports, SeenInPieces
from drafting.workbook.large.source import Chunk, Source
from drafting.workbook.rows import report_asides
from drafting.workbook.survey.aside_rows import aside_rows
from drafting.workbook.survey.assembly import SurveyRules
from drafting.workbook.survey.attributes import year_of
from drafting.workbook.survey.column_rules import column_rules
from drafting.workbook.survey.column_units import column_units
from drafting.workbook.survey.derived import Deriver
from drafting.workbook.survey.meaning import Meaning, understand
from drafting.workbook.survey.percentages import Percentages
from drafting.workbook.survey.records import MEAN
from drafting.workbook.survey.scales import Scales
from drafting.workbook.survey.stored import RowNumbers, StoredTable, WeightRangeError
from drafting.workbook.survey.values import ColumnRule
from drafting.workbook.vocabulary import declared_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def clean(
    source: Source, rules: SurveyRules, folder: Path, memory_limit: int, report: CountingReport
) -> Survey | None:  # fmt: skip
    """Read a survey into ``folder``; None (with a finding) where it holds no enterprise.

    Parameters
    ----------
    report
        With the places of the project's own sheets.

    Raises
    ------
    OpeningError
        When the file breaks off.
    WeightRangeError
    baselines.engines.EngineError
        When the memory limit is too small, or DuckDB is missing.
    """
    meaning = understand(source.table, rules.system, report, whole=rules.whole)
    if h.ENTERPRISE not in meaning.special:
        report.add("heading-missing", source.table.heading_cell(1), sheet=h.SURVEY_STEM, heading=h.ENTERPRISE)
        return None
    with connection(memory_limit) as duck:
        return _Cleaner(source, rules, meaning, folder, report, duck, rules.unsure, memory_limit).clean()


@dataclass
class _Cleaner:
    source: Source
    inputs: SurveyRules
    meaning: Meaning
    folder: Path
    report: CountingReport
    duck: Any
    unsure: frozenset[str]
    memory_limit: int
    seen: SeenInPieces = field(default_factory=SeenInPieces)
    skipped: list[int] = field(default_factory=list)
    asides: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Numbers of the rows that are no enterprises."""
    weighted: bool = False
    firsts: list[int | None] = field(default_factory=list)
    """Of each row of sheet 剔除, position of its enterprise's first row."""
    named_out: list[tuple[int, Cell, str]] = field(default_factory=list)
    """Of sheet 剔除: position of the enterprise's first row, place and name as written there."""
    deriver: Deriver = field(init=False)

    def __post_init__(self) -> None:
        self.deriver = Deriver(self.inputs.system, self.inputs.settings, self.meaning, self.report)

    def clean(self) -> Survey | None:
        meaning, report = self.meaning, self.report
        electricity = self.inputs.settings.electricity
        units = column_units(self._judged(), self.source.table, self.inputs.system, electricity, report)
        self.seen.factors |= units.factors
        self.unsure |= units.refused  # their values are none of the indicator
        reports = Reports(self.source, self.inputs, meaning, self.seen, report, self.unsure)
        reports.keep_places(self.meaning.columns)
        rules = self._rules()
        raw = self._raw_table()
        plan = self._plan(raw)
        if not plan.enterprises:
            report.add("survey-empty", self.source.table.place, sheet=h.SURVEY_STEM)
            return None
        blocks = self._blocks(raw, plan, rules)
        first = next(blocks, None)
        assert first is not None  # there are enterprises
        codes, parameters = tuple(first.values), tuple(first.parameters)
        blocks = _chain(first, blocks)
        mean = self.inputs.settings.duplicates == MEAN
        if plan.rearranged:
            blocks = rearranged(self.duck, blocks, self.folder, codes, parameters)
            if mean:
                answers = frozenset(i.code for i in self.inputs.system.indicators if i.qualitative)
                blocks = averaged(blocks, self.source.table, report, answers)
        finisher = Finisher(
            self.inputs, self.source, {**self.deriver.columns, **self.meaning.indicators}, codes,
            self._left_out(codes), dict(merging_rule(self.inputs.settings.merge_strata)), report,
            self.folder / "clean.parquet",
            name_column=meaning.special[h.ENTERPRISE], named_out=self.named_out,
        )  # fmt: skip
        for block in blocks:
            finisher.take(block)
        finisher.close()
        self.seen.factors |= self.deriver.factors
        reports.keep_places(self.deriver.columns)
        reports.finish(codes, [first is not None for first in self.firsts], finisher.target)
        if self.weighted and not finisher.weights_fit:
            raise WeightRangeError("weights that cannot be added up exactly")
        table = StoredTable(
            finisher.target, finisher.rows, codes, parameters, self.memory_limit,
            finisher.weight_decimals if self.weighted else None, finisher.labels, finisher.violations,
            tuple(None if first is None else finisher.rows_out.get(first) for first in self.firsts),
            MappingProxyType({c: tuple(of) for c, of in finisher.excluded.items()}),
        )  # fmt: skip
        reports.keep_rows({**self.meaning.columns, **self.deriver.columns}, RowNumbers(table))
        reading = reports.reading(finisher.rows, self.deriver.in_words)
        return replace(table.survey(), derivations=MappingProxyType(self.deriver.derivations), reading=reading)

    # --- the file ------------------------------------------------------------------------------------------------
    def _raw_table(self) -> Path:
        """The columns that are used, as parquet: a .csv is written out once, as text."""
        if self.source.path.suffix.lower() == ".parquet":
            return self.source.path
        import pyarrow as pa
        import pyarrow.parquet as pq

        target = self.folder / "raw.parquet"
        numbers = sorted({*self._used(), *self.meaning.labels(self.source.table)})
        schema = pa.schema([("行", pa.int64()), *((f"c{n}", pa.string()) for n in numbers)])
        with pq.ParquetWriter(target, schema) as writer:
            for chunk in self.source.chunks(numbers, self.report):
                arrays = [pa.array(chunk.rows, pa.int64()), *(chunk.arrays[n] for n in numbers)]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        return target

    def _used(self) -> list[int]:
        meaning = self.meaning
        named = (meaning.special, meaning.indicators, meaning.raw, meaning.parameters)
        return sorted({number for of in named for number in of.values()})

    def _chunks(self, raw: Path, columns: list[int]) -> Iterator[Chunk]:
        """Records in pieces, without the rows that are no enterprises as far as they are known."""
        for chunk in self._all_chunks(raw, columns):
            out = np.flatnonzero(np.isin(np.asarray(chunk.rows), self.asides)).tolist() if len(self.asides) else ()
            yield chunk.without(out)

    def _all_chunks(self, raw: Path, columns: list[int]) -> Iterator[Chunk]:
        if raw == self.source.path:
            yield from self.source.chunks(columns, self.report)
            return
        import pyarrow.parquet as pq

        with pq.ParquetFile(raw, pre_buffer=False, buffer_size=1 << 18) as file:
            for batch in file.iter_batches(large_source.PIECE_ROWS, columns=["行", *(f"c{n}" for n in columns)]):
                arrays = {n: batch.column(batch.schema.get_field_index(f"c{n}")) for n in columns}
                yield Chunk(batch.column(batch.schema.get_field_index("行")).to_numpy(), arrays)

    # --- which rows ----------------------------------------------------------------------------------------------
    def _plan(self, raw: Path) -> Plan:
        import pyarrow as pa
        import pyarrow.parquet as pq

        special = self.meaning.special
        column, year, weight = special[h.ENTERPRISE], special.get(h.YEAR), special.get(h.SAMPLING_WEIGHT)
        labels = self.meaning.labels(self.source.table)
        wanted = sorted({n for n in (column, year, weight, *labels) if n is not None})
        declared = declared_keys(self.inputs.settings.named_like_totals)
        aside: dict[int, str] = {}
        keys = self.folder / "keys.parquet"
        schema = pa.schema(
            [("position", pa.int64()), ("row", pa.int64()), ("name", pa.string()), ("key", pa.string()),
             ("year", pa.int64())]
        )  # fmt: skip
        named = 0
        with pq.ParquetWriter(keys, schema) as writer:
            for chunk in self._chunks(raw, wanted):
                names, reduced = names_of(chunk.arrays[column])
                found = aside_rows(names, reduced, [cells_of(chunk.arrays[n]) for n in labels], declared)
                if found:
                    aside |= {int(chunk.rows[i]): name for i, name in sorted(found.items())}
                    chunk = chunk.without(sorted(found))
                    names, reduced = names_of(chunk.arrays[column])
                out = set(note_nameless(names, chunk.rows, self.source, column, self.report))
                self.skipped += [self.seen.records + i for i in out]
                self.seen.nameless += sum(not names[i] for i in out)
                years = [None] * len(names) if year is None else [_year(v) for v in chunk.arrays[year].to_pylist()]
                positions = np.arange(self.seen.records, self.seen.records + len(names))
                piece = pa.table(
                    [pa.array(positions), pa.array(chunk.rows, pa.int64()), pa.array(names, pa.string()),
                     pa.array(reduced, pa.string()), pa.array(years, pa.int64())], schema=schema,
                )  # fmt: skip
                if out:
                    piece = piece.filter(pa.array([i not in out for i in range(len(names))]))
                writer.write_table(piece)
                named += len(names) - len(out)
                self.seen.records += len(names)
                if weight is not None and not self.weighted:
                    array = chunk.arrays[weight]
                    self.weighted = any(not is_blank(v) for v in cells_of(array))
        report_asides(self.source.table.place, column, [*aside], [*aside.values()], "企业", self.report)
        self.asides = np.array([*aside], dtype=np.int64)
        policy = self.inputs.settings.duplicates
        return plan_records(self.duck, keys, self.source, column, policy, named, self.report, sorted(self.skipped))

    def _left_out(self, codes: tuple[str, ...]) -> dict[int, frozenset[str]]:
        """Codes that sheet 剔除 leaves out, by the position of the enterprise's first row."""
        left_out: dict[int, frozenset[str]] = {}
        self.firsts = []
        keys = str(self.folder / "keys.parquet").replace("'", "''")
        for row in self.inputs.exclusions:
            found = self.duck.execute(
                f"SELECT min(position) FROM read_parquet('{keys}') WHERE key = $key",  # noqa: S608 - a path we made
                {"key": name_key(row.enterprise)},
            ).fetchall()[0][0]
            self.firsts.append(None if found is None else int(found))
            if found is None:
                continue
            said = self.report.cells.get(("exclusion", str(len(self.firsts) - 1), "企业"))
            if said is not None:
                self.named_out.append((int(found), said, row.enterprise))
            chosen = set(codes_left_out(row, self.inputs.system.indicators))
            left_out[int(found)] = left_out.get(int(found), frozenset()) | (chosen & set(codes))
        return left_out

    def _judged(self) -> Iterator[tuple[str, int]]:
        """Columns of the indicators whose values can be judged, by code."""
        return ((code, number) for code, number in self.meaning.indicators.items() if code not in self.unsure)

    # --- what stands in them -------------------------------------------------------------------------------------
    def _rules(self) -> dict[str, ColumnRule]:
        """How each column is read, by code, or by heading for raw totals and parameters."""
        system, settings = self.inputs.system, self.inputs.settings
        for code, _ in self._judged():
            indicator = system.indicator(code)
            if not indicator.qualitative:
                self.seen.percentages[code] = Percentages()
                if not is_percent_unit(indicator.unit):
                    self.seen.scales[code] = Scales()
        return column_rules(self._judged(), self.source.table, self.meaning, system, settings, self.seen.factors)

    def _blocks(self, raw: Path, plan: Plan, rules: Mapping[str, ColumnRule]) -> Iterator[Block]:
        """Read the records and keep those that count."""
        position = 0
        for chunk in self._chunks(raw, self._used()):
            rows = np.asarray(chunk.rows, dtype=np.int64)
            block = self._block(chunk, rows, position, rules)
            first = block.first
            if len(plan.moved):
                a, b = np.searchsorted(plan.moved, [position, position + len(rows)])
                first[plan.moved[a:b] - position] = plan.first[a:b]
            a, b = np.searchsorted(plan.dropped, [position, position + len(rows)])
            position += len(rows)
            if b > a:
                keep = np.ones(len(rows), dtype=np.bool_)
                keep[plan.dropped[a:b] - (position - len(rows))] = False
                block = block.take(np.flatnonzero(keep))
            if len(block):
                yield block

    def _block(self, chunk: Chunk, rows: NDArray[np.int64], position: int, rules: Mapping[str, ColumnRule]) -> Block:
        import pyarrow as pa

        meaning, table = self.meaning, self.source.table
        for number, array in chunk.arrays.items():
            self.seen.filled[number] += _entries(array)
        columns: dict[str, SurveyColumn] = {}
        for code, number in self._judged():
            percentages = self.seen.percentages.get(code)
            read = read_piece(table, rows, number, chunk.arrays[number], rules[code], self.report, percentages)
            columns[code] = SurveyColumn(code, read.values, read.states)
            if code in self.seen.scales:
                stated = np.where(read.states == State.VALUE, read.values, np.nan) / float(self.seen.factors[code])
                self.seen.scales[code].add(stated, rows)
            self.seen.texts[code] += read.from_text
            self.seen.with_unit[number] += read.with_unit
        raw = self._plain_columns(chunk, rows, h.RAW_PREFIX, meaning.raw, rules)
        if raw:
            here = piece_table(table, rows.tolist(), {})
            columns |= self.deriver.derive(raw, columns, here)
        for code, column in columns.items():
            self.seen.take(code, column.states)
        positions, about = np.arange(position, position + len(rows)), PieceAttributes(table, meaning, self.report)
        names, _ = names_of(chunk.arrays[meaning.special[h.ENTERPRISE]])
        return Block(
            rows, positions, positions.copy(), pa.array(names, pa.string()),
            about.words(chunk, rows, strata=self.inputs.settings.by_stratum == "是"),
            about.weights(chunk, rows) if self.weighted else None, {c: col.values for c, col in columns.items()},
            {c: col.states for c, col in columns.items()},
            self._plain_columns(chunk, rows, h.PARAMETER_PREFIX, meaning.parameters, rules),
            about.violations(chunk, rows),
        )  # fmt: skip

    def _plain_columns(
        self, chunk: Chunk, rows: NDArray[np.int64], prefix: str, named: Mapping[str, int],
        rules: Mapping[str, ColumnRule],
    ) -> dict[str, Floats]:  # fmt: skip
        found = {}
        for name, number in named.items():
            read = read_piece(self.source.table, rows, number, chunk.arrays[number], rules[prefix + name], self.report)
            self.seen.with_unit[number] += read.with_unit
            found[name] = np.where(read.states == State.VALUE, read.values, np.nan)
        return found


def _entries(array: Any) -> int:
    """How many cells say something."""
    if is_number(array.type):
        return int(np.count_nonzero(~np.isnan(numbers_of(array))))
    return len(array) - int(array.null_count)


def _year(cell: object) -> int | None:
    says = year_of(cell)
    return int(says) if says.isdecimal() and len(says) < 18 else None


def _chain(first: Block, rest: Iterator[Block]) -> Iterator[Block]:
    yield first
    yield from rest
