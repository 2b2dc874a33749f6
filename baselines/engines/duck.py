"""Tables larger than memory: DuckDB prepares and sorts, a bracket and one counting pass find the grade values."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from baselines.engines.bracket import Tally, brackets
from baselines.engines.errors import EngineMissingError, MemoryLimitError, ScratchError
from baselines.engines.parquet import Columns, ParquetTable, Piece
from baselines.engines.table import ColumnGrades, Question, Ranked, View, answer, plan, refuse_infinite

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
    views = question.views()
    source.check([*Columns(views, question.weights).names])
    width = max(1, min(len(views), memory_limit // _column_cost(source.rows, question)))
    tallies: dict[View, dict[str, Tally]] = {}
    infinite: dict[str, int] = {}
    for start in range(0, len(views), width):
        part = Columns(views[start : start + width], question.weights, question.weight_decimals)
        tallies |= _count(source, part, question, _kept_bytes(memory_limit, len(part.views)), infinite)
    refuse_infinite(infinite)
    found: list[ColumnGrades] = []
    for column in question.directions:
        worst, best = _views_of(column, views)
        totals = {group: tally.totals for group, tally in tallies[worst].items()}
        plans = {group: plan(of, question) for group, of in totals.items() if of.n}
        ranked: dict[View, dict[str, dict[int, Ranked]]] = {}
        for view in (worst, best) if best else (worst,):
            wanted = {g: p.wanted(optimistic=view.optimistic, both=best is not None) for g, p in plans.items()}
            direct = {group: tallies[view][group].ranked(targets) for group, targets in wanted.items()}
            complete = {group: of for group, of in direct.items() if of is not None}
            if len(complete) < len(direct):
                complete = _sorted(Path(path), view, wanted, question, memory_limit, threads)
            ranked[view] = complete
        for group in sorted(totals):
            other = None if best is None else ranked[best].get(group, {})
            found.append(answer(column, group, question, totals[group], ranked[worst].get(group, {}), other))
    return tuple(found)


def _views_of(column: str, views: Sequence[View]) -> tuple[View, View | None]:
    own = [view for view in views if view.column == column]
    return own[0], own[1] if len(own) > 1 else None


def reached_in_table(
    path: Path | str, question: Question, values: Mapping[str, Mapping[str, Sequence[float]]]
) -> dict[str, dict[str, tuple[tuple[int, int], ...]]]:
    """Count who certainly reaches given values, in one pass: by column and group, (number, weight) for each value."""
    source = ParquetTable(Path(path), question.by)
    views = tuple(view for view in question.views() if not view.optimistic)
    columns = Columns(views, question.weights, question.weight_decimals)
    source.check([*columns.names])
    counts: dict[str, dict[str, list[tuple[int, int]]]] = {c: {} for c in question.directions}
    for piece in source.pieces(columns, _PIECE_ROWS):
        weights = piece.weights()
        for (keys, _, _), view in zip(piece.keys(), views, strict=True):
            for number, group in enumerate(source.groups[: len(piece.starts) - 1]):
                rows = slice(piece.starts[number], piece.starts[number + 1])
                asked = values.get(view.column, {}).get(group, ())
                into = counts[view.column].setdefault(group, [(0, 0)] * len(asked))
                for place, value in enumerate(asked):
                    reached = keys[rows] <= view.way.sign * value
                    count = int(np.count_nonzero(reached))
                    mass = count if weights is None else int(weights[rows][reached].sum())
                    into[place] = (into[place][0] + count, into[place][1] + mass)
    return {c: {g: tuple(n) for g, n in of.items()} for c, of in counts.items()}


def _column_cost(rows: int, question: Question) -> int:
    """Bytes that one column of a pass takes: what is kept of it, and its pieces on their way."""
    each = 8 + (8 if question.weights else 0) + (1 if question.non_detects else 0)
    return int(rows * each * 0.08) + _PIECE_ROWS * each * 4


def _kept_bytes(memory_limit: int, columns: int) -> int:
    """Bytes of values that may be kept per column."""
    return memory_limit // (2 * columns)


def _count(
    source: ParquetTable, columns: Columns, question: Question, budget: int, infinite: dict[str, int]
) -> dict[View, dict[str, Tally]]:
    """Make one counting pass over some columns; ``budget`` bytes of values may be kept per column."""
    sampled, numbers, heavy = source.sample(columns)
    # The ends of the intervals lie a few standard deviations of the survey itself from the share: brackets of a sample,
    # which is smaller, hold them nearly always.
    tallies: dict[View, list[Tally]] = {view: [] for view in columns.views}
    for g in range(len(source.groups)):
        own = numbers == g
        weights = None if heavy is None else heavy[own]
        for view, keys in sampled.items():
            tallies[view].append(Tally(brackets(keys[own], question.shares, weights)))
    del sampled, numbers, heavy
    pieces = source.pieces(columns, _PIECE_ROWS)
    with ThreadPoolExecutor(1) as reader:  # the next piece is read while this one is counted
        ahead = reader.submit(next, pieces, None)
        while (piece := ahead.result()) is not None:
            groups = source.groups
            ahead = reader.submit(next, pieces, None)
            _take(piece, groups, tallies, infinite, budget)
    return {c: dict(zip(source.groups, of, strict=True)) for c, of in tallies.items()}


def _take(
    piece: Piece, groups: Sequence[str], tallies: dict[View, list[Tally]], infinite: dict[str, int], budget: int
) -> None:
    weights = piece.weights()
    for (keys, marks, beyond), (view, of) in zip(piece.keys(), tallies.items(), strict=True):
        if beyond:
            infinite[view.column] = infinite.get(view.column, 0) + beyond
        while len(of) < len(groups):
            of.append(Tally(()))  # a group that the sample did not meet: counted here, sorted later
        for number, tally in enumerate(of[: len(piece.starts) - 1]):
            rows = slice(piece.starts[number], piece.starts[number + 1])
            if rows.stop > rows.start:
                heavy = None if weights is None else weights[rows]
                tally.add(keys[rows], None if marks is None else marks[rows], heavy)
        if sum(tally.held for tally in of) * 8 > budget:
            for tally in of:
                tally.drop()


def _sorted(
    path: Path, view: View, wanted: Mapping[str, Sequence[int]], question: Question, memory_limit: int,
    threads: int | None,
) -> dict[str, dict[int, Ranked]]:  # fmt: skip
    """Order statistics of one ranking from a sort that spills to disk."""
    by = "''" if question.by is None else f"coalesce(CAST({quoted(question.by)} AS VARCHAR), '')"
    value = f"CAST({quoted(view.column)} AS DOUBLE)"
    mark = "false" if view.mark is None else f"coalesce({quoted(view.mark)}::INTEGER = 1, false)"
    key = f"{view.way.sign} * {value}"
    if view.open_end is not None and view.mark is not None:
        key = f"CASE WHEN {mark} THEN CAST('{view.open_end}' AS DOUBLE) ELSE {key} END"
    weight = "1"
    if question.weights is not None:
        weight = f"CAST(round(CAST({quoted(question.weights)} AS DOUBLE) * 1e{question.weight_decimals}) AS BIGINT)"
    pairs = [(g, t) for g, targets in wanted.items() for t in targets]
    query = f"""
        WITH keys AS (
            SELECT {by} AS g, {key} AS x, {mark} AS c, {weight} AS w, file_row_number AS number
            FROM read_parquet($path, file_row_number = true) WHERE isfinite({value})
        ), ranked AS (
            SELECT g, x, c, w, row_number() OVER o AS r, sum(w) OVER o AS m,
                   rank() OVER t AS first, count(*) OVER t AS reached, sum(w) OVER t AS mass
            FROM keys WINDOW o AS (PARTITION BY g ORDER BY x, c DESC, number ROWS UNBOUNDED PRECEDING),
                             t AS (PARTITION BY g ORDER BY x)
        )
        SELECT ranked.g, wanted, x, r, c, first - 1, reached, mass FROM ranked
        JOIN (SELECT unnest($groups) AS g, unnest($targets) AS wanted) AS q
        ON ranked.g = q.g AND m >= wanted AND m - w < wanted
    """  # noqa: S608 - names are quoted, values are parameters
    found: dict[str, dict[int, Ranked]] = {group: {} for group in wanted}
    with connection(memory_limit, threads) as duck:
        rows = duck.execute(
            query, {"path": str(path), "groups": [g for g, _ in pairs], "targets": [t for _, t in pairs]}
        ).fetchall()
    for group, target, x, rank, censored, below, reached, mass in rows:
        found[group][int(target)] = Ranked(float(x), int(rank), bool(censored), int(below), int(reached), int(mass))
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
    ScratchError
        When files cannot be written: the disk is full, for example.
    """
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
        except duckdb.IOException as fault:  # it says the system's words, not its number
            known = (n for n in (errno.ENOSPC, errno.EDQUOT, errno.EROFS) if os.strerror(n) in str(fault))
            raise ScratchError("files that cannot be written", values=(next(known, 0),)) from fault
        finally:
            duck.close()


def quoted(name: str) -> str:
    """Quote a column's name for SQL."""
    return '"' + name.replace('"', '""') + '"'
