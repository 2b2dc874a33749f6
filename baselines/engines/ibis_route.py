"""The Ibis expressions put to any backend: Spark on a cluster, DuckDB in the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from baselines.engines.errors import TableError
from baselines.engines.expression import counts, keys_of, order_statistics, sizes
from baselines.engines.table import ColumnGrades, Question, Ranked, Totals, answer, plan, refuse_infinite
from baselines.errors import WeightError

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
    found: list[ColumnGrades] = []
    for i, column in enumerate(columns):
        totals = {r["g"]: _totals(r, i, question) for r in rows}
        plans = {group: plan(of, question) for group, of in totals.items() if of.n}
        views = [view for view in question.views() if view.column == column]
        ranked = [
            _ranked(
                backend, keys_of(table, view, question), question,
                {g: p.wanted(optimistic=view.optimistic, both=len(views) > 1) for g, p in plans.items()},
            )
            for view in views
        ]  # fmt: skip
        for group in sorted(totals):
            best = ranked[1].get(group, {}) if len(ranked) > 1 else None
            found.append(answer(column, group, question, totals[group], ranked[0].get(group, {}), best))
    return tuple(found)


def _totals(row: Mapping[str, Any], i: int, question: Question) -> Totals:
    n = int(row[f"n_{i}"] or 0)
    mass, squares = (n, n) if question.weights is None else (int(row[f"m_{i}"] or 0), int(row[f"s_{i}"] or 0))
    return Totals(n, mass, squares, int(row.get(f"c_{i}") or 0), int(row["rows"]) - n)


def _ranked(
    backend: Any, keys: Table, question: Question, targets: Mapping[str, Sequence[int]]
) -> dict[str, dict[int, Ranked]]:
    targets = {group: of for group, of in targets.items() if of}
    found: dict[str, dict[int, Ranked]] = {group: {} for group in targets}
    if not targets:
        return found
    weighted = question.weights is not None
    at: dict[str, list[dict[str, Any]]] = {group: [] for group in targets}
    for row in _rows(backend, order_statistics(keys, targets, weighted=weighted)):
        at[row["g"]].append(row)
    values = {group: sorted({float(row["x"]) for row in of}) for group, of in at.items()}
    for counted in _rows(backend, counts(keys, values)):
        group = counted["g"]
        place = {value: i for i, value in enumerate(values.get(group, ()))}
        for row in at.get(group, ()):
            i, mass, before = place[float(row["x"])], int(row["m"]), int(row["m"]) - (int(row["w"]) if weighted else 1)
            figures = (int(counted[f"below_{i}"]), int(counted[f"at_{i}"]), int(counted[f"mass_{i}"]))
            statistic = Ranked(float(row["x"]), int(row["r"]), int(row["c"]) == 0, *figures)
            found[group] |= {target: statistic for target in targets[group] if before < target <= mass}
    return found


def _rows(backend: Any, expression: Table) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = backend.to_pyarrow(expression).to_pylist()
    return result
