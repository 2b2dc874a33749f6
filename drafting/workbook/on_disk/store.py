"""A survey's records on disk: names are compared and rows sorted by DuckDB, one row per enterprise is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drafting.model.labels import Labels
from drafting.model.printed import DIGITS, decimals_of
from drafting.model.survey import MARKS, MERGED, POSITION, STATE_SUFFIX, WEIGHT, State, Survey
from drafting.workbook import headings as h
from drafting.workbook.on_disk import source as rows_of
from drafting.workbook.on_disk.parts import PartSource
from drafting.workbook.on_disk.source import Rows, Source
from drafting.workbook.report import Report
from drafting.workbook.survey.blocks import Block
from drafting.workbook.survey.records import NamedRows, Plan, Written
from drafting.workbook.survey.stored import (
    NAME,
    PARAMETER,
    ROW,
    LeftOut,
    RowNumbers,
    StoredTable,
    WeightRangeError,
)
from drafting.workbook.survey.table import SurveyTable

FIRST, WORDS = "首行位置", "词:"
_MARKS = np.array([MARKS[state] for state in State], dtype=np.int8)


class OnDisk:
    """See :class:`~drafting.workbook.survey.rules.Store`.

    ``folder``: where files may be written.
    ``duck``: a connection of DuckDB's.
    ``memory_limit``: bytes that working on the table may take.
    ``merging``: strata that are taken together, by their own word.
    """

    marks_all = True

    def __init__(
        self, source: Source | PartSource, folder: Path, duck: Any, memory_limit: int, merging: Mapping[str, str]
    ) -> None:  # fmt: skip
        self.table = source.table
        self._source, self._folder, self._duck, self._limit, self._merging = source, folder, duck, memory_limit, merging
        self._rows: Rows | PartSource
        self._out: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._keys, self._clean = _Table(folder / "keys.parquet"), _Table(folder / "clean.parquet")
        self._words: dict[str, dict[str, int]] = {}
        self._labels: dict[str, list[NDArray[np.uint32]]] = {}
        self._violations: list[NDArray[np.bool_]] = []
        self._excluded: dict[str, list[LeftOut]] = {}
        self._parts: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._weights: _Weights | None = None
        self._stored: StoredTable

    # --- rows ----------------------------------------------------------------------------------------------------
    def begin(self, report: Report) -> int:
        """Write a .csv out once."""
        self._rows = self._source.prepared(self._folder, report)
        return len(self._rows)

    def pieces(self, columns: Sequence[int]) -> Iterator[SurveyTable]:
        """As many rows together as :data:`~drafting.workbook.on_disk.source.PIECE_ROWS` says."""
        for piece in self._rows.pieces(columns):
            out = np.isin(np.asarray(piece.rows), self._out) if len(self._out) else np.zeros(0, dtype=np.bool_)
            yield piece.picked(~out) if out.any() else piece

    def leave_out(self, rows: NDArray[np.int64]) -> None:
        """Remember them."""
        self._out = rows

    # --- names ---------------------------------------------------------------------------------------------------
    def name(self, rows: NamedRows) -> None:
        """Write the names out."""
        import pyarrow as pa

        years = pa.array(rows.years, mask=np.isnan(rows.years))
        self._keys.write(
            {"position": rows.positions, "row": rows.rows, "name": pa.array(rows.names, pa.string()),
             "key": pa.array(rows.records, pa.string()), "year": years}
        )  # fmt: skip

    def repeated(self, column: int) -> Iterator[Sequence[Written]]:
        """Compare their hashes, then those that are alike."""
        file = self._keys.closed()
        if not self._keys.rows:
            return
        self._duck.execute(
            f"CREATE TEMP TABLE twice AS SELECT hash(key) AS h FROM read_parquet('{file}') "  # noqa: S608 - a path we made
            "GROUP BY h HAVING count(*) > 1"
        )
        if not self._duck.execute("SELECT count(*) FROM twice").fetchall()[0][0]:
            return
        found = self._duck.execute(
            f"""SELECT position, row, name, year, min(position) OVER k AS first
            FROM read_parquet('{file}') WHERE hash(key) IN (SELECT h FROM twice)
            WINDOW k AS (PARTITION BY key) QUALIFY count(*) OVER k > 1 ORDER BY first, position"""  # noqa: S608 - likewise
        )
        for _, group in groupby(_fetched(found), key=itemgetter(4)):
            yield [
                Written(position, self.table.cell_in(row, column), name, np.nan if year is None else year,
                        self.table.line_in(row))
                for position, row, name, year, _ in group
            ]  # fmt: skip

    def first_rows(self, keys: Sequence[str]) -> Sequence[int | None]:
        """Ask for one after the other."""
        file = self._keys.closed()
        question = f"SELECT min(position) FROM read_parquet('{file}') WHERE key = $key"  # noqa: S608 - a path we made
        return [self._duck.execute(question, {"key": key}).fetchall()[0][0] for key in keys]

    def ordered(self, blocks: Iterator[Block], plan: Plan) -> Iterator[Block]:
        """Sort where rows do not simply follow one another, by a sort that spills to disk."""
        if not plan.rearranged:
            yield from blocks
            return
        import pyarrow.parquet as pq

        loose, target = _Table(self._folder / "loose.parquet"), self._folder / "sorted.parquet"
        like = None
        for like in blocks:
            loose.write(_columns(like))
        if like is None:
            return
        self._duck.execute("SET preserve_insertion_order = true")
        self._duck.execute(
            f"COPY (SELECT * FROM read_parquet('{loose.closed()}') ORDER BY {FIRST}, {POSITION}) "  # noqa: S608 - paths we made
            f"TO '{_quoted(target)}' (FORMAT parquet, ROW_GROUP_SIZE 32768)"
        )
        self._duck.execute("SET preserve_insertion_order = false")
        loose.path.unlink()
        with pq.ParquetFile(target) as file:
            for batch in file.iter_batches(rows_of.PIECE_ROWS):
                yield _block(batch, like)

    # --- records -------------------------------------------------------------------------------------------------
    def keep(self, block: Block) -> None:
        """Write them to the clean table."""
        import pyarrow as pa

        start = self._clean.rows
        columns: dict[str, Any] = {
            POSITION: np.arange(start, start + len(block)), ROW: block.rows, NAME: pa.array(block.names, pa.string())
        }  # fmt: skip
        for heading, words in block.words.items():
            said = Labels.of_repeated(words.words, words.at)  # in order of their first rows
            numbers = self._words.setdefault(heading, {})
            own = np.array([numbers.setdefault(w, len(numbers)) for w in said.words], dtype=np.uint32)
            self._labels.setdefault(heading, []).append(own[said.at])
            if heading == h.STRATUM:
                columns[MERGED] = _texts(said, self._merging)
        if block.weights is not None:
            columns[WEIGHT] = block.weights
            self._weights = self._weights or _Weights()
            self._weights.take(block.weights)
        if block.violations is not None:
            self._violations.append(block.violations)
        for code, values in block.values.items():
            states = block.states[code]
            valid = (states == State.VALUE) | (states == State.NON_DETECT)
            columns[code] = pa.array(values, mask=~valid)
            columns[code + STATE_SUFFIX] = _MARKS[states]
            for index in np.flatnonzero(states == State.EXCLUDED).tolist():
                self._excluded.setdefault(code, []).append(LeftOut(start + index, float(values[index])))
        columns |= {PARAMETER + name: values for name, values in block.parameters.items()}
        # Doubles hardly repeat: no dictionary, no compression is written and read fastest.
        short = [name for name in columns if name == MERGED or name.endswith(STATE_SUFFIX)]
        self._clean.write(columns, use_dictionary=short, compression="none")
        self._parts = tuple(block.values), tuple(block.parameters)

    def row_numbers(self) -> Sequence[int]:
        """Numbers of the records' rows in the file."""
        return RowNumbers(self._stored)

    def names(self) -> Sequence[str]:
        """Names of the enterprises."""
        import pyarrow.parquet as pq

        self._clean.closed()
        names: list[str] = pq.read_table(self._clean.path, columns=[NAME]).column(0).to_pylist()
        return names

    def survey(self, rows_out: Sequence[int | None]) -> Survey:
        """The table, as far as it is asked for.

        Raises WeightRangeError for sampling weights that no engine adds up exactly.
        """
        self._clean.closed()
        if self._weights is not None and not self._weights.fit:
            raise WeightRangeError("weights that cannot be added up exactly")
        labels = {word: Labels(tuple(self._words[word]), np.concatenate(at)) for word, at in self._labels.items()}
        codes, parameters = self._parts
        self._stored = StoredTable(
            path=self._clean.path, rows=self._clean.rows, codes=codes, parameters=parameters, memory_limit=self._limit,
            weight_decimals=None if self._weights is None else self._weights.decimals, labels=labels,
            violations=np.concatenate(self._violations) if self._violations else None, rows_out=tuple(rows_out),
            excluded=MappingProxyType({code: tuple(of) for code, of in self._excluded.items()}),
        )  # fmt: skip
        return self._stored.survey()


class _Table:
    """A parquet file that grows."""

    def __init__(self, path: Path) -> None:
        self.path, self.rows = path, 0
        self._writer: Any = None

    def write(self, columns: Mapping[str, Any], **options: Any) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table(dict(columns))
        self._writer = self._writer or pq.ParquetWriter(self.path, table.schema, **options)
        self._writer.write_table(table)
        self.rows += table.num_rows

    def closed(self) -> str:
        """End it; gives its path for a question."""
        if self._writer is not None:
            self._writer.close()
        return _quoted(self.path)


class _Weights:
    """What decides whether sampling weights are whole numbers of their last decimal that an engine can add up."""

    def __init__(self) -> None:
        self.decimals, self._total, self._largest = 0, 0.0, 0.0

    def take(self, weights: NDArray[np.float64]) -> None:
        self.decimals = max(self.decimals, decimals_of(weights, 15))
        self._total += float(weights.sum())
        self._largest = max(self._largest, float(weights.max(initial=0.0)))

    @property
    def fit(self) -> bool:
        scale = 10.0**self.decimals
        return self._largest * scale < DIGITS and self._total * scale < 2.0**61


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _fetched(rows: Any) -> Iterator[tuple[Any, ...]]:
    while some := rows.fetchmany(10_000):
        yield from some


def _texts(words: Labels, names: Mapping[str, str] = MappingProxyType({})) -> Any:
    import pyarrow as pa

    return pa.array([names.get(word, word) for word in words.words], pa.string()).take(pa.array(words.at))


def _columns(block: Block) -> dict[str, Any]:
    """A block as columns of a file; raw totals are not kept."""
    import pyarrow as pa

    columns: dict[str, Any] = {
        POSITION: block.positions, FIRST: block.first, ROW: block.rows, NAME: pa.array(block.names, pa.string())
    }  # fmt: skip
    columns |= {WORDS + word: _texts(of) for word, of in block.words.items()}
    columns |= {} if block.weights is None else {WEIGHT: block.weights}
    columns |= {} if block.violations is None else {h.VIOLATION: block.violations}
    for code, values in block.values.items():
        columns |= {code: values, code + STATE_SUFFIX: block.states[code]}
    return columns | {PARAMETER + name: values for name, values in block.parameters.items()}


def _block(batch: Any, like: Block) -> Block:
    """What :func:`_columns` made of a block with the columns of another."""

    def column(name: str) -> Any:
        return batch.column(batch.schema.get_field_index(name))

    def numbers(name: str) -> Any:
        return column(name).to_numpy(zero_copy_only=False)

    return Block(
        rows=numbers(ROW), positions=numbers(POSITION), first=numbers(FIRST),
        names=np.array(column(NAME).to_pylist(), dtype=np.object_),
        words={word: Labels.of(column(WORDS + word).to_pylist()) for word in like.words},
        weights=None if like.weights is None else numbers(WEIGHT), values={code: numbers(code) for code in like.values},
        states={code: numbers(code + STATE_SUFFIX) for code in like.values},
        parameters={name: numbers(PARAMETER + name) for name in like.parameters},
        violations=None if like.violations is None else numbers(h.VIOLATION),
    )  # fmt: skip
