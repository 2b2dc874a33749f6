"""One record per enterprise in a large survey: names are compared on disk, by the rules of small surveys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drafting.model.identity import name_key
from drafting.workbook.cells import text
from drafting.workbook.large.cells import CountingReport
from drafting.workbook.large.source import Source
from drafting.workbook.survey.records import LATEST, MEAN, REFUSE, first_written
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
    duck.execute(
        f"""CREATE TEMP TABLE repeated AS
        SELECT *, CASE WHEN dated AND newest = 1 THEN latest ELSE first END AS chosen,
               NOT (dated AND newest = 1) AS open
        FROM (SELECT *, sum((year = last)::INTEGER) OVER k AS newest,
                     max(CASE WHEN year = last THEN position END) OVER k AS latest
              FROM (SELECT *, min(position) OVER k AS first, min(row) OVER k AS first_row, count(*) OVER k AS size,
                           max(year) OVER k AS last, bool_and(year IS NOT NULL) OVER k AS dated
                    FROM read_parquet('{file}') WHERE hash(key) IN (SELECT h FROM twice)
                    WINDOW k AS (PARTITION BY key))
              WHERE size > 1 WINDOW k AS (PARTITION BY key))"""  # noqa: S608 - a path we made
    )
    _report(duck, source, column, policy, report)
    lost = int(duck.execute("SELECT count(*) FROM repeated WHERE position <> first").fetchall()[0][0])
    if policy == MEAN:
        moved = _positions(duck, "SELECT position FROM repeated ORDER BY position")
        first = _positions(duck, "SELECT first FROM repeated ORDER BY position")
        return Plan(np.array(nameless, dtype=np.int64), first, moved, named, named - lost)
    chosen = "chosen" if policy == LATEST else "first"
    dropped = _positions(duck, f"SELECT position FROM repeated WHERE position <> {chosen} ORDER BY position")  # noqa: S608
    elsewhere = f"position = {chosen} AND position <> first"
    moved = _positions(duck, f"SELECT position FROM repeated WHERE {elsewhere} ORDER BY position")  # noqa: S608
    first = _positions(duck, f"SELECT first FROM repeated WHERE {elsewhere} ORDER BY position")  # noqa: S608
    dropped = np.sort(np.concatenate([dropped, np.array(nameless, dtype=np.int64)]))
    return Plan(dropped, first, moved, named, named - lost)


def _positions(duck: Any, query: str) -> NDArray[np.int64]:
    found: NDArray[np.int64] = duck.execute(query).fetchnumpy().popitem()[1].astype(np.int64)
    return found


def _report(duck: Any, source: Source, column: int, policy: str, report: CountingReport) -> None:
    duck.execute(
        "SELECT r.name, r.row, r.first_row, r.open, r.size, c.row, f.name FROM repeated r "
        "LEFT JOIN repeated c ON c.position = r.chosen JOIN repeated f ON f.position = r.first "
        "WHERE r.position <> r.first ORDER BY r.first, r.position"
    )
    place = source.table.place
    while rows := duck.fetchmany(10_000):
        for name, row, first_row, unclear, size, chosen, first_name in rows:
            at = place.at(row, column)
            values = {"name": name, "first": first_written(place.at(first_row, column), first_name, name, place.file)}
            if policy == MEAN:
                report.add("survey-mean-taken", at, **values, count=size)
            elif policy == LATEST and not unclear:
                report.add("survey-latest-taken", at, **values, line=f"第 {chosen} 行")
            else:
                report.add("survey-enterprise-twice" if policy == REFUSE else "survey-no-latest", at, **values)


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
