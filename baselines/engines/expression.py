"""The grade values as Ibis expressions: one text for every SQL engine, exact on all of them.

Quantile functions of engines are not used: they interpolate, approximate (ClickHouse, Trino) or round ranks in floating
point. Here rows are numbered from the best and the row with the wanted number is taken; with sampling weights the row
where their running sum, in whole numbers, first reaches what is wanted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from baselines.engines.table import Question, View

if TYPE_CHECKING:
    from ibis.expr.types import Table


_ASKED = {"av": "int64", "ag": "string", "t": "int64"}


def _group(table: Table, question: Question) -> Any:
    import ibis

    by = question.by
    return ibis.literal("") if by is None else ibis.coalesce(table[by].cast("string"), ibis.literal(""))


def _weight(table: Table, question: Question) -> Any:
    """Weights as whole numbers of their last decimal."""
    import ibis

    if question.weights is None:
        return ibis.literal(1, type="int64")
    scaled: Any = table[question.weights].cast("float64") * ibis.literal(10.0**question.weight_decimals)
    return scaled.round().cast("int64")


def keys_of(table: Table, view: View, question: Question) -> Table:
    """Valid keys of one ranking: ``g, x, c, w, o``, ``x`` ascending from the best; NaN and null left out.

    ``c`` is 0 for a non-detect and 1 for a measured value, ``w`` the weight, ``o`` the number of the row.
    """
    import ibis

    value: Any = table[view.column].cast("float64")
    mark: Any = ibis.literal(False) if view.mark is None else (table[view.mark].cast("int64") == 1).fill_null(False)
    key = value if view.way.sign > 0 else -value
    if view.open_end is not None:
        key = mark.ifelse(ibis.literal(view.open_end, type="float64"), key)
    order = ibis.literal(0, type="int64") if question.order is None else table[question.order].cast("int64")
    keys = table.select(
        g=_group(table, question), v=value, x=key, c=mark.ifelse(0, 1), w=_weight(table, question), o=order
    )
    return keys.filter(_finite(keys.v)).drop("v")


def _finite(x: Any) -> Any:
    """Whether a number is neither null, NaN nor infinite.

    Not ``isnan``: the statistics of a parquet file leave NaN out, and DuckDB up to 2.0 concludes from them that there
    is none (duckdb#25521). A difference cannot be foreseen from statistics, so it is computed for every row.
    """
    return ((x - x) == 0.0).fill_null(False)


def sizes(table: Table, question: Question) -> Table:
    """By group ``g``: rows, and per column number i valid ones ``n_i``, infinite ones ``inf_i``, non-detects ``c_i``.

    With weights also their sum ``m_i`` and the sum of their squares ``s_i``, and rows of bad weight (``bad``).
    """
    columns = [*question.directions]
    marks = {i: question.non_detects[c] for i, c in enumerate(columns) if c in question.non_detects}
    named = table.select(
        g=_group(table, question),
        w=_weight(table, question),
        **{f"x_{i}": table[c].cast("float64") for i, c in enumerate(columns)},
        **{f"k_{i}": table[c].cast("int64") for i, c in marks.items()},
    )
    wide: Any = named.w.cast("decimal(19, 0)")
    figures: dict[str, Any] = {"rows": named.count(), "bad": (named.w > 0).fill_null(False).ifelse(0, 1).sum()}
    for i in range(len(columns)):
        x = named[f"x_{i}"]
        figures[f"n_{i}"] = _finite(x).ifelse(1, 0).sum()
        figures[f"inf_{i}"] = ((x == math.inf) | (x == -math.inf)).ifelse(1, 0).sum()
        if i in marks:
            figures[f"c_{i}"] = (_finite(x) & (named[f"k_{i}"] == 1).fill_null(False)).ifelse(1, 0).sum()
        if question.weights is not None:
            figures[f"m_{i}"] = _finite(x).ifelse(named.w, 0).sum()
            figures[f"s_{i}"] = _finite(x).ifelse(wide * wide, 0).sum()
    return named.group_by("g").aggregate(**figures)


def order_statistics(table: Table, question: Question, targets: Sequence[tuple[int, str, int]]) -> Table:
    """Every order statistic that is wanted, in one pass: of all rankings together, a sort each would be a job each.

    Parameters
    ----------
    targets
        Number of the view in :meth:`Question.views`, group, and the cumulative weight (without weights, the rank).

    Returns
    -------
    Table
        ``v, g, t`` as asked, rank ``r``, key ``x`` and mark ``c`` of the row where the target is reached; keys below
        that key (``below``), at or below (``reached``), and the weight of the latter (``mass``).
    """
    import ibis

    views = question.views()
    every: Any = [
        keys_of(table, view, question).mutate(v=ibis.literal(n, type="int64")) for n, view in enumerate(views)
    ]
    keys = ibis.union(*every) if len(every) > 1 else every[0]
    one, weighted = [keys.v, keys.g], question.weights is not None
    plain = ibis.window(group_by=one, order_by=[keys.x, keys.c, keys.o])
    so_far = ibis.window(group_by=one, order_by=[keys.x, keys.c, keys.o], preceding=None, following=0)
    tied = ibis.range_window(group_by=one, order_by=keys.x, preceding=None, following=0)
    rank: Any = ibis.row_number().over(plain) + 1
    reached: Any = keys.x.count().over(tied)
    numbered = keys.mutate(
        r=rank, m=keys.w.sum().over(so_far).cast("int64") if weighted else rank,
        below=ibis.rank().over(ibis.window(group_by=one, order_by=keys.x)),
        reached=reached, mass=keys.w.sum().over(tied).cast("int64") if weighted else reached,
    )  # fmt: skip
    asked = ibis.memtable([{"av": v, "ag": g, "t": t} for v, g, t in targets], schema=_ASKED)
    here: Any = numbered.m == asked.t
    if weighted:
        here = (numbered.m >= asked.t) & (numbered.m - numbered.w < asked.t)
    found: Any = numbered.join(asked, [numbered.v == asked.av, numbered.g == asked.ag, here])
    return found.select("v", "g", "t", "r", "x", "c", "below", "reached", "mass")
