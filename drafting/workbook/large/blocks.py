"""Pieces of a survey as read, on their way to the clean table: written, put in order, brought to one per enterprise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drafting.model.survey import POSITION, STATE_SUFFIX, WEIGHT, SurveyColumn
from drafting.workbook import headings as h
from drafting.workbook.large.cells import piece_table
from drafting.workbook.report import Report
from drafting.workbook.survey.records import Selection
from drafting.workbook.survey.stored import NAME, PARAMETER, ROW
from drafting.workbook.survey.table import SurveyTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FIRST, WORDS = "首行位置", "词:"
PIECE_ROWS = 32_768


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows: numbers of their rows in the file, positions among the records, and what was read."""

    rows: NDArray[np.int64]
    positions: NDArray[np.int64]
    first: NDArray[np.int64]
    """Position of the enterprise's first row."""
    names: Any
    words: Mapping[str, Any]
    """Strata, regions, years, by heading, as pyarrow arrays of text; and so are the names."""
    weights: Floats | None
    values: Mapping[str, Floats]
    states: Mapping[str, NDArray[np.uint8]]
    parameters: Mapping[str, Floats]
    violations: NDArray[np.bool_] | None = None
    """重大违法; None without the column."""

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, at: NDArray[np.intp]) -> Block:
        """Some of the rows."""
        import pyarrow as pa

        index = pa.array(at)
        return Block(
            self.rows[at], self.positions[at], self.first[at], self.names.take(index),
            {word: of.take(index) for word, of in self.words.items()},
            None if self.weights is None else self.weights[at],
            {c: v[at] for c, v in self.values.items()}, {c: s[at] for c, s in self.states.items()},
            {n: v[at] for n, v in self.parameters.items()}, None if self.violations is None else self.violations[at],
        )  # fmt: skip

    def to_arrow(self) -> Any:
        """The rows as a table."""
        import pyarrow as pa

        columns: dict[str, Any] = {POSITION: self.positions, FIRST: self.first, ROW: self.rows, NAME: self.names}
        columns |= {WORDS + word: of for word, of in self.words.items()}
        if self.weights is not None:
            columns[WEIGHT] = self.weights
        if self.violations is not None:
            columns[h.VIOLATION] = self.violations
        for code, values in self.values.items():
            columns |= {code: values, code + STATE_SUFFIX: self.states[code]}
        return pa.table(columns | {PARAMETER + n: v for n, v in self.parameters.items()})

    @classmethod
    def of_arrow(cls, batch: Any, codes: Sequence[str], parameters: Sequence[str]) -> Block:
        """The rows of a table that :meth:`to_arrow` made."""

        def numbers(name: str) -> Any:
            return batch.column(batch.schema.get_field_index(name)).to_numpy(zero_copy_only=False)

        names = set(batch.schema.names)
        return cls(
            numbers(ROW), numbers(POSITION), numbers(FIRST), batch.column(batch.schema.get_field_index(NAME)),
            {n.removeprefix(WORDS): batch.column(i) for i, n in enumerate(batch.schema.names) if n.startswith(WORDS)},
            numbers(WEIGHT) if WEIGHT in names else None, {c: numbers(c) for c in codes},
            {c: numbers(c + STATE_SUFFIX) for c in codes}, {n: numbers(PARAMETER + n) for n in parameters},
            numbers(h.VIOLATION) if h.VIOLATION in names else None,
        )  # fmt: skip


def rearranged(
    duck: Any, blocks: Iterator[Block], folder: Path, codes: Sequence[str], parameters: Sequence[str]
) -> Iterator[Block]:
    """Put rows in the order of their enterprises' first rows, by a sort that spills to disk."""
    import pyarrow.parquet as pq

    loose, sorted_file = folder / "loose.parquet", folder / "sorted.parquet"
    writer = None
    for block in blocks:
        table = block.to_arrow()
        writer = writer or pq.ParquetWriter(loose, table.schema)
        writer.write_table(table)
    if writer is None:
        return
    writer.close()
    source, target = (str(p).replace("'", "''") for p in (loose, sorted_file))
    duck.execute("SET preserve_insertion_order = true")
    duck.execute(
        f"COPY (SELECT * FROM read_parquet('{source}') ORDER BY {FIRST}, {POSITION}) "  # noqa: S608 - paths we made
        f"TO '{target}' (FORMAT parquet, ROW_GROUP_SIZE 32768)"
    )
    duck.execute("SET preserve_insertion_order = false")
    loose.unlink()
    with pq.ParquetFile(sorted_file) as file:
        for batch in file.iter_batches(PIECE_ROWS):
            yield Block.of_arrow(batch, codes, parameters)


def averaged(
    blocks: Iterator[Block], table: SurveyTable, report: Report, answers: frozenset[str] = frozenset()
) -> Iterator[Block]:
    """Bring rows that stand enterprise by enterprise to one each, by the rules of small surveys (取平均).

    Parameters
    ----------
    answers
        Codes of qualitative indicators.
    """
    tail: Block | None = None
    for block in blocks:
        joined = block if tail is None else _joined(tail, block)
        last = int(np.searchsorted(joined.first, joined.first[-1]))
        tail = joined.take(np.arange(last, len(joined)))
        if last:
            yield _averaged(joined.take(np.arange(last)), table, report, answers)
    if tail is not None:
        yield _averaged(tail, table, report, answers)


def _joined(one: Block, other: Block) -> Block:
    import pyarrow as pa

    table = pa.concat_tables([one.to_arrow(), other.to_arrow()]).combine_chunks()
    return Block.of_arrow(table.to_batches()[0], [*one.values], [*one.parameters])


def _averaged(block: Block, table: SurveyTable, report: Report, answers: frozenset[str]) -> Block:
    starts = np.flatnonzero(np.append(True, block.first[1:] != block.first[:-1]))
    ends = np.append(starts[1:], len(block))
    if len(starts) == len(block):
        return block
    names = block.names.take(starts).to_pylist()
    records = tuple(tuple(range(a, b)) for a, b in zip(starts.tolist(), ends.tolist(), strict=True))
    selection = Selection(tuple(names), records)
    here = piece_table(table, block.rows.tolist(), {})
    merged = {
        code: selection.merge(SurveyColumn(code, values, block.states[code]), report, here, answers=code in answers)
        for code, values in block.values.items()
    }
    first = block.take(starts)
    return Block(
        first.rows, first.positions, first.first, first.names, first.words, selection.numbers(block.weights),
        {c: m.values for c, m in merged.items()}, {c: m.states for c, m in merged.items()},
        {n: selection.mean(v) for n, v in block.parameters.items()},
        None if block.violations is None else selection.any_true(block.violations),
    )  # fmt: skip
