"""Tables larger than memory: DuckDB prepares and sorts, a bracket and one counting pass find the grade values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from baselines.direction import Direction
from baselines.engines.bracket import Tally, brackets
from baselines.engines.errors import EngineMissingError, MemoryLimitError
from baselines.engines.parquet import ParquetTable, Piece
from baselines.engines.table import ColumnGrades, Question, Ranked, answer, ranks_wanted, refuse_infinite

DEFAULT_LIMIT = 80 << 20
LEAST_LIMIT = 48 << 20
"""DuckDB cannot sort with less, nor would a piece of the table fit."""
_PIECE_ROWS = 122_880


def grades_of_table(
    path: Path | str, question: Question, *, memory_limit: int = DEFAULT_LIMIT, threads: int | None = None
) -> tuple[ColumnGrades, ...]:
    """Answer a question about a parquet table without loading it.

    Parameters
    ----------
    path : path
        A parquet file.
    memory_limit : int
        Bytes for the data in work, beside what the interpreter and its libraries take themselves.
    threads : int, optional
        Of DuckDB; all cores by default.

    Returns
    -------
    tuple of ColumnGrades
        By column, then by name of the group; exactly what :func:`baselines.engines.grades_in_memory` gives.

    Raises
    ------
    TableError, MemoryLimitError, EngineMissingError
    NotFiniteError
        For infinite values.
    """
    if memory_limit < LEAST_LIMIT:
        raise MemoryLimitError(f"{memory_limit} bytes are too few", values=(memory_limit, LEAST_LIMIT))
    source = ParquetTable(Path(path), question.by)
    source.check([*question.directions])
    columns = list(question.directions)
    width = max(1, min(len(columns), memory_limit // _column_cost(source.rows)))
    tallies: dict[str, dict[str, Tally]] = {}
    infinite: dict[str, int] = {}
    for start in range(0, len(columns), width):
        part = {c: question.directions[c] for c in columns[start : start + width]}
        tallies |= _count(source, part, question, _kept_bytes(memory_limit, len(part)), infinite)
    refuse_infinite(infinite)
    found: list[ColumnGrades] = []
    for column in columns:
        ranked = {group: tally.ranked(question) for group, tally in tallies[column].items()}
        if any(r is None for r in ranked.values()):
            sizes = {group: tally.n for group, tally in tallies[column].items()}
            ranked = {**_sorted(Path(path), column, sizes, question, memory_limit, threads)}
        for group in sorted(ranked):
            tally, ranks = tallies[column][group], ranked[group]
            assert ranks is not None  # the sorted table has every rank
            found.append(answer(column, group, question, tally.n, tally.rows - tally.n, ranks))
    return tuple(found)


def reached_in_table(
    path: Path | str,
    directions: Mapping[str, Direction],
    by: str | None,
    values: Mapping[str, Mapping[str, Sequence[float]]],
) -> dict[str, dict[str, tuple[int, ...]]]:
    """Count who reaches given values, in one pass: by column and group, one count per value."""
    source = ParquetTable(Path(path), by)
    source.check([*directions])
    counts: dict[str, dict[str, list[int]]] = {c: {} for c in directions}
    for piece in source.pieces(directions, _PIECE_ROWS):
        for keys, (column, way) in zip(piece.keys(), directions.items(), strict=True):
            for number, group in enumerate(source.groups):
                part = keys[piece.starts[number] : piece.starts[number + 1]]
                asked = values[column].get(group, ())
                into = counts[column].setdefault(group, [0] * len(asked))
                for place, value in enumerate(asked):
                    into[place] += int(np.count_nonzero(part <= way.sign * value))
    return {c: {g: tuple(n) for g, n in of.items()} for c, of in counts.items()}


def _column_cost(rows: int) -> int:
    """Bytes that one column of a pass takes: what is kept of it, and its pieces on their way."""
    return int(rows * 8 * 0.08) + _PIECE_ROWS * 8 * 4


def _kept_bytes(memory_limit: int, columns: int) -> int:
    """Bytes of values that may be kept per column."""
    return memory_limit // (2 * columns)


def _count(
    source: ParquetTable, directions: Mapping[str, Direction], question: Question, budget: int, infinite: dict[str, int]
) -> dict[str, dict[str, Tally]]:
    """Make one counting pass over some columns; ``budget`` bytes of values may be kept per column."""
    sampled, numbers = source.sample(directions)
    # The ends of the intervals lie a few standard deviations of the survey itself from the share: brackets of a sample,
    # which is smaller, hold them nearly always.
    limits = {
        column: [brackets(keys[numbers == g], question.shares) for g in range(len(source.groups))]
        for column, keys in sampled.items()
    }
    tallies: dict[str, list[Tally]] = {
        column: [Tally(limits[column][g]) for g in range(len(source.groups))] for column in directions
    }
    del sampled, numbers
    pieces = source.pieces(directions, _PIECE_ROWS)
    with ThreadPoolExecutor(1) as reader:  # the next piece is read while this one is counted
        ahead = reader.submit(next, pieces, None)
        while (piece := ahead.result()) is not None:
            groups = source.groups
            ahead = reader.submit(next, pieces, None)
            _take(piece, groups, tallies, infinite, budget)
    return {c: dict(zip(source.groups, of, strict=True)) for c, of in tallies.items()}


def _take(
    piece: Piece, groups: Sequence[str], tallies: dict[str, list[Tally]], infinite: dict[str, int], budget: int
) -> None:
    for keys, (column, of) in zip(piece.keys(), tallies.items(), strict=True):
        beyond = int(np.count_nonzero(np.isinf(keys)))
        if beyond:
            infinite[column] = infinite.get(column, 0) + beyond
        while len(of) < len(groups):
            of.append(Tally(()))  # a group that the sample did not meet: counted here, sorted later
        for number, tally in enumerate(of[: len(piece.starts) - 1]):
            part = keys[piece.starts[number] : piece.starts[number + 1]]
            if len(part):
                tally.add(part)
        if sum(tally.held for tally in of) * 8 > budget:
            for tally in of:
                tally.drop()


def _sorted(
    path: Path, column: str, sizes: Mapping[str, int], question: Question, memory_limit: int, threads: int | None
) -> dict[str, dict[int, Ranked]]:
    """Order statistics of one column from a sort that spills to disk."""
    sign = question.directions[column].sign
    by = "''" if question.by is None else f"coalesce(CAST({quoted(question.by)} AS VARCHAR), '')"
    key = f"{sign} * CAST({quoted(column)} AS DOUBLE)"
    wanted = [(g, r) for g, n in sizes.items() if n for r in ranks_wanted(n, question)]
    query = f"""
        WITH keys AS (
            SELECT {by} AS g, {key} AS x FROM read_parquet($path)
            WHERE isfinite(CAST({quoted(column)} AS DOUBLE))
        ), ranked AS (
            SELECT g, x, row_number() OVER (PARTITION BY g ORDER BY x) AS r,
                   rank() OVER (PARTITION BY g ORDER BY x) AS first,
                   count(*) OVER (PARTITION BY g ORDER BY x) AS reached
            FROM keys
        )
        SELECT ranked.g, r, x, first - 1, reached FROM ranked
        JOIN (SELECT unnest($groups) AS g, unnest($ranks) AS wanted) AS w ON ranked.g = w.g AND r = wanted
    """  # noqa: S608 - names are quoted, values are parameters
    found: dict[str, dict[int, Ranked]] = {group: {} for group in sizes}
    with connection(memory_limit, threads) as duck:
        rows = duck.execute(
            query, {"path": str(path), "groups": [g for g, _ in wanted], "ranks": [r for _, r in wanted]}
        ).fetchall()
    for group, rank, x, below, reached in rows:
        found[group][int(rank)] = Ranked(float(x), int(below), int(reached))
    return found


@contextmanager
def connection(memory_limit: int, threads: int | None = None) -> Iterator[Any]:
    """Open DuckDB with a memory limit; what does not fit goes to files beside the system's temporary ones.

    Raises
    ------
    EngineMissingError
        Without DuckDB.
    MemoryLimitError
        When the limit is too small for the work done in the block.
    """
    import tempfile

    try:
        import duckdb
    except ImportError as fault:
        raise EngineMissingError("large tables need duckdb", values=("duckdb",)) from fault
    with tempfile.TemporaryDirectory(prefix="baselines-") as folder:
        duck = duckdb.connect(":memory:")
        try:
            duck.execute(f"SET memory_limit = '{memory_limit} B'")
            duck.execute("SET enable_progress_bar = false")
            duck.execute(f"SET temp_directory = '{folder}'")
            duck.execute("SET preserve_insertion_order = false")
            if threads is not None:
                duck.execute(f"SET threads = {int(threads)}")
            yield duck
        except duckdb.OutOfMemoryException as fault:
            raise MemoryLimitError(f"{memory_limit} bytes are too few", values=(memory_limit,)) from fault
        finally:
            duck.close()


def quoted(name: str) -> str:
    """Quote a column's name for SQL."""
    return '"' + name.replace('"', '""') + '"'
