"""The Ibis expressions put to any backend: Spark on a cluster, DuckDB in the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from baselines.engines.errors import TableError
from baselines.engines.expression import order_statistics, sizes
from baselines.engines.table import ColumnGrades, Question, Ranked, Totals, answer, plan, refuse_infinite
from baselines.errors import WeightError

if TYPE_CHECKING:
    from ibis.expr.types import Table


def grades_by_ibis(backend: Any, table: Table, question: Question) -> tuple[ColumnGrades, ...]:
    """Answer a question about a table of an Ibis backend, in two passes: sizes, then all order statistics.

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
    own = [name for name in (question.by, question.weights, question.order) if name]
    schema = table.schema()
    absent = [c for c in (*columns, *own, *question.non_detects.values()) if c not in schema]
    if absent:
        raise TableError(f"no such columns: {absent}", values=absent)
    wrong = [c for c in columns if not (schema[c].is_numeric() or schema[c].is_null())]
    if wrong:
        raise TableError(f"columns that hold no numbers: {wrong}", values=wrong)
    rows = _rows(backend, sizes(table, question))
    refuse_infinite({c: sum(int(r[f"inf_{i}"] or 0) for r in rows) for i, c in enumerate(columns)})
    bad = sum(int(r["bad"] or 0) for r in rows)
    if bad:
        raise WeightError(f"{bad} weights that do not count", values=(bad,))
    totals = [{r["g"]: _totals(r, i, question) for r in rows} for i in range(len(columns))]
    ranked = _ranked(backend, table, question, totals)
    found: list[ColumnGrades] = []
    for i, column in enumerate(columns):
        worst, *best = (n for n, view in enumerate(question.views()) if view.column == column)
        for group in sorted(totals[i]):
            strict = ranked.get((best[0], group), {}) if best else None
            found.append(answer(column, group, question, totals[i][group], ranked.get((worst, group), {}), strict))
    return tuple(found)


def _totals(row: Mapping[str, Any], i: int, question: Question) -> Totals:
    n = int(row[f"n_{i}"] or 0)
    mass, squares = (n, n) if question.weights is None else (int(row[f"m_{i}"] or 0), int(row[f"s_{i}"] or 0))
    return Totals(n, mass, squares, int(row.get(f"c_{i}") or 0), int(row["rows"]) - n)


def _ranked(
    backend: Any, table: Table, question: Question, totals: Sequence[Mapping[str, Totals]]
) -> Mapping[tuple[int, str], Mapping[int, Ranked]]:
    """Order statistics by number of the view and group, then by target."""
    views, columns = question.views(), [*question.directions]
    targets = [
        (number, group, target)
        for number, view in enumerate(views)
        for group, of in totals[columns.index(view.column)].items() if of.n
        for target in plan(of, question).wanted(
            optimistic=view.optimistic, both=sum(view.column == other.column for other in views) > 1
        )
    ]  # fmt: skip
    found: dict[tuple[int, str], dict[int, Ranked]] = {}
    for row in _rows(backend, order_statistics(table, question, targets)) if targets else ():
        figures = (int(row[name]) for name in ("below", "reached", "mass"))
        statistic = Ranked(float(row["x"]), int(row["r"]), int(row["c"]) == 0, *figures)
        found.setdefault((int(row["v"]), row["g"]), {})[int(row["t"])] = statistic
    return found


def _rows(backend: Any, expression: Table) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = backend.to_pyarrow(expression).to_pylist()
    return result
