"""One record per enterprise in a large survey: names are compared on disk, by the rules of small surveys."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drafting.model.identity import name_key
from drafting.workbook.cells import text
from drafting.workbook.large.cells import CountingReport
from drafting.workbook.large.source import Source
from drafting.workbook.survey.records import Written, settle
from drafting.workbook.survey.table import is_unit_label

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Such names are their own keys but for the case of letters, and no compatibility form changes them.
_SIMPLE = r"^[0-9A-Za-z\x{4e00}-\x{9fff}_\-.()#]+$"


def names_of(array: Any) -> tuple[list[str], list[str]]:
    """Names as shown, and as compared, of one piece; empty where nothing stands."""
    import pyarrow.compute as pc
    import pyarrow.types as types

    if not types.is_string(array.type):
        names = [text(v) for v in array.to_pylist()]
        return names, [name_key(n) for n in names]
    simple = pc.fill_null(pc.match_substring_regex(array, _SIMPLE), False).to_pylist()
    names = array.to_pylist()
    keys = pc.ascii_lower(array).to_pylist()
    for index, plain in enumerate(simple):
        if not plain:
            names[index] = text(names[index])
            keys[index] = name_key(names[index])
    return names, keys


@dataclass(frozen=True, slots=True)
class Plan:
    """Which rows (by position among the records of the file) make up the enterprises."""

    dropped: NDArray[np.int64]
    """Positions that are left out, ascending: without a name, or further rows of an enterprise."""
    first: NDArray[np.int64]
    """Positions of rows that stand at another place, or are averaged with others, and ..."""
    moved: NDArray[np.int64]
    """... the position of the enterprise's first row, of each."""
    named: int
    enterprises: int

    @property
    def rearranged(self) -> bool:
        """Whether the rows kept are not simply the records one after the other."""
        return bool(len(self.moved))


def plan_records(
    duck: Any, keys: Path, source: Source, column: int, policy: str, named: int, report: CountingReport,
    nameless: Sequence[int],
) -> Plan:  # fmt: skip
    """Apply the setting 重复企业; every repeated row is a finding at its own cell.

    Parameters
    ----------
    keys
        Parquet with ``position, row, name, key, year``, of the rows that have a name.
    nameless
        Positions of the rows without.
    """
    file = str(keys).replace("'", "''")
    duck.execute(
        f"CREATE TEMP TABLE twice AS SELECT hash(key) AS h FROM read_parquet('{file}') "  # noqa: S608 - a path we made
        "GROUP BY h HAVING count(*) > 1"
    )
    none = np.empty(0, dtype=np.int64)
    if not duck.execute("SELECT count(*) FROM twice").fetchall()[0][0]:
        return Plan(np.array(nameless, dtype=np.int64), none, none, named, named)
    rows = duck.execute(
        f"""SELECT position, row, name, year, min(position) OVER k AS first
        FROM read_parquet('{file}') WHERE hash(key) IN (SELECT h FROM twice)
        WINDOW k AS (PARTITION BY key) QUALIFY count(*) OVER k > 1 ORDER BY first, position"""  # noqa: S608 - likewise
    )
    place, lost = source.table.place, 0
    out, moved, at = array("q", nameless), array("q"), array("q")
    for first, repeated in groupby(_fetched(rows), key=itemgetter(4)):
        group = [
            Written(position, place.at(row, column), name, math.nan if year is None else year, f"第 {row} 行")
            for position, row, name, year, _ in repeated
        ]
        chosen = settle(group, policy, report)
        lost += len(group) - 1
        out.extend(one.position for one in group if one.position not in chosen)
        if chosen != (first,):  # it stands at another place, or is averaged
            moved.extend(chosen)
            at.extend([first] * len(chosen))
    order = np.argsort(np.array(moved, dtype=np.int64), kind="stable")
    return Plan(
        np.sort(np.array(out, dtype=np.int64)), np.array(at, dtype=np.int64)[order],
        np.array(moved, dtype=np.int64)[order], named, named - lost,
    )  # fmt: skip


def _fetched(rows: Any) -> Iterator[tuple[Any, ...]]:
    while some := rows.fetchmany(10_000):
        yield from some


def note_nameless(
    names: Sequence[str], rows: Sequence[int], source: Source, column: int, report: CountingReport
) -> Iterator[int]:
    """Report rows that name no enterprise, or are a second row of units; yields their indices in the piece."""
    for index, name in enumerate(names):
        if not name:
            report.add("survey-no-enterprise", source.table.place.at(rows[index], column), row=rows[index])
            yield index
        elif "单" in name and is_unit_label(name):
            report.add("survey-second-unit-row", source.table.place.at(rows[index], column), name=name)
            yield index
