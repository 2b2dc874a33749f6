"""The Ibis expressions put to any backend: Spark on a cluster, DuckDB in the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baselines.engines.errors import TableError
from baselines.engines.expression import counts, keys_of, order_statistics, sizes
from baselines.engines.table import ColumnGrades, Question, Ranked, answer, ranks_wanted, refuse_infinite

if TYPE_CHECKING:
    from ibis.expr.types import Table


def grades_by_ibis(backend: Any, table: Table, question: Question) -> tuple[ColumnGrades, ...]:
    """Answer a question about a table of an Ibis backend, a column at a time.

    Parameters
    ----------
    backend : ibis.backends.BaseBackend
    table : ibis.expr.types.Table

    Raises
    ------
    TableError
        For columns that are not there or hold no numbers.
    NotFiniteError
        For infinite values.
    """
    columns = [*question.directions]
    schema = table.schema()
    absent = [c for c in (*columns, *([question.by] if question.by else [])) if c not in schema]
    if absent:
        raise TableError(f"no such columns: {absent}", values=absent)
    wrong = [c for c in columns if not (schema[c].is_numeric() or schema[c].is_null())]
    if wrong:
        raise TableError(f"columns that hold no numbers: {wrong}", values=wrong)
    rows = _rows(backend, sizes(table, columns, question.by))
    refuse_infinite({c: sum(int(r[f"inf_{i}"] or 0) for r in rows) for i, c in enumerate(columns)})
    found: list[ColumnGrades] = []
    for i, column in enumerate(columns):
        n = {r["g"]: int(r[f"n_{i}"] or 0) for r in rows}
        total = {r["g"]: int(r["rows"]) for r in rows}
        ranked = _ranked(backend, table, column, question, n)
        found += [
            answer(column, group, question, n[group], total[group] - n[group], ranked[group]) for group in sorted(n)
        ]
    return tuple(found)


def _ranked(
    backend: Any, table: Table, column: str, question: Question, n: dict[str, int]
) -> dict[str, dict[int, Ranked]]:
    wanted = {group: ranks_wanted(size, question) for group, size in n.items() if size}
    found: dict[str, dict[int, Ranked]] = {group: {} for group in n}
    if not wanted:
        return found
    keys = keys_of(table, column, question.by, question.directions[column])
    at: dict[str, dict[int, float]] = {group: {} for group in wanted}
    for row in _rows(backend, order_statistics(keys, {**wanted})):
        at[row["g"]][int(row["r"])] = float(row["x"])
    values = {group: sorted(set(of.values())) for group, of in at.items()}
    for row in _rows(backend, counts(keys, {**values})):
        group = row["g"]
        if group not in at:
            continue
        place = {value: i for i, value in enumerate(values[group])}
        found[group] = {
            rank: Ranked(key, int(row[f"below_{place[key]}"]), int(row[f"at_{place[key]}"]))
            for rank, key in at[group].items()
        }
    return found


def _rows(backend: Any, expression: Table) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = backend.to_pyarrow(expression).to_pylist()
    return result
