"""The grade values as Ibis expressions: one text for every SQL engine, exact on all of them.

Quantile functions of engines are not used: they interpolate, approximate (ClickHouse, Trino) or round ranks in floating
point. Here rows are numbered from the best and the row with the wanted number is taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from baselines.direction import Direction

if TYPE_CHECKING:
    from ibis.expr.types import Table


def keys_of(table: Table, column: str, by: str | None, way: Direction) -> Table:
    """Valid keys of one column with their group: ``g`` and ``x``, ascending from the best; NaN and null left out."""
    import ibis

    group = ibis.literal("") if by is None else ibis.coalesce(table[by].cast("string"), ibis.literal(""))
    value: Any = table[column].cast("float64")
    keys = table.select(g=group, x=value if way is Direction.SMALLER else -value)
    return keys.filter(_finite(keys.x))


def _finite(x: Any) -> Any:
    """Whether a number is neither null, NaN nor infinite.

    Not ``isnan``: the statistics of a parquet file leave NaN out, and DuckDB up to 2.0 concludes from them that there
    is none (duckdb#25521). A difference cannot be foreseen from statistics, so it is computed for every row.
    """
    return ((x - x) == 0.0).fill_null(False)


def sizes(table: Table, columns: Sequence[str], by: str | None) -> Table:
    """By group ``g``: rows, and per column number i the valid ones ``n_i`` and the infinite ones ``inf_i``."""
    import ibis

    group = ibis.literal("") if by is None else ibis.coalesce(table[by].cast("string"), ibis.literal(""))
    named = table.select(g=group, **{f"x_{i}": table[c].cast("float64") for i, c in enumerate(columns)})
    figures: dict[str, Any] = {"rows": named.count()}
    for i in range(len(columns)):
        x = named[f"x_{i}"]
        figures[f"n_{i}"] = _finite(x).ifelse(1, 0).sum()
        figures[f"inf_{i}"] = ((x == math.inf) | (x == -math.inf)).ifelse(1, 0).sum()
    return named.group_by("g").aggregate(**figures)


def order_statistics(keys: Table, ranks: dict[str, Sequence[int]]) -> Table:
    """Rows ``g, r, x`` at the wanted ranks r (from 1) of each group."""
    import ibis

    window = ibis.window(group_by=keys.g, order_by=keys.x)
    numbered = keys.mutate(r=ibis.row_number().over(window) + 1)
    wanted: Any = ibis.literal(False)
    for group, of in ranks.items():
        wanted = wanted | ((numbered.g == group) & numbered.r.isin(list(of)))
    return numbered.filter(wanted).select("g", "r", "x")


def counts(keys: Table, values: dict[str, Sequence[float]]) -> Table:
    """By group: per value number i of that group, how many keys lie below it (``below_i``), at or below (``at_i``)."""
    import ibis

    figures: dict[str, Any] = {}
    for i in range(max(map(len, values.values()))):
        limit: Any = ibis.cases(
            *((keys.g == group, ibis.literal(of[i], type="float64")) for group, of in values.items() if i < len(of)),
            else_=ibis.null("float64"),
        )
        figures[f"below_{i}"] = (keys.x < limit).ifelse(1, 0).sum()
        figures[f"at_{i}"] = (keys.x <= limit).ifelse(1, 0).sum()
    return keys.group_by("g").aggregate(**figures)
