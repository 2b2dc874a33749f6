"""Grade values over a table larger than one wants to load: our engine beside DuckDB, polars, pandas and numpy.

5 million rows × 20 indicators × 10 groups by default; every way in a process of its own, so that the peak memory is its
own. Ratios are within one run. ``python benchmarks/baselines.py [--rows N] [--table FILE] [--xlsx] [--only WAY …]``
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# This file is called like the package: its folder must not come first where modules are looked for.
sys.path[:] = [p for p in sys.path if Path(p).resolve() != Path(__file__).resolve().parent]

INDICATORS, GROUPS = 20, 10
COLUMNS = [f"E{i}" for i in range(INDICATORS)]
SHARES = [0.05, 0.20, 0.50]


def generate(path: Path, rows: int) -> None:
    """Write a synthetic survey: enterprises, ten groups, lognormal values, two per cent missing."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(1)
    names = np.array([f"第{g}组" for g in range(GROUPS)])
    writer = None
    for start in range(0, rows, 245_760):
        size = min(245_760, rows - start)
        group = rng.integers(0, GROUPS, size)
        enterprises = [f"企业{n}" for n in range(start, start + size)]
        columns = {"企业": pa.array(enterprises), "分组": pa.array(names[group].tolist())}
        for code in COLUMNS:
            values = rng.lognormal(group * 0.1, 0.5, size)
            columns[code] = pa.array(values, mask=rng.random(size) < 0.02)
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=122_880)
    assert writer is not None
    writer.close()


def engine(path: str) -> Callable[[], Any]:
    from fractions import Fraction

    import pyarrow.parquet  # noqa: F401 - imports are no part of the work
    import scipy.special  # noqa: F401 - likewise

    from baselines.direction import Direction
    from baselines.engines import Question, grades_of_table

    shares = (Fraction(1, 20), Fraction(1, 5), Fraction(1, 2))
    question = Question(dict.fromkeys(COLUMNS, Direction.SMALLER), "分组", shares)
    return lambda: grades_of_table(path, question)


def _duck() -> Any:
    import duckdb

    duck = duckdb.connect()
    duck.execute("SET enable_progress_bar = false")
    return duck


def duckdb_columns(path: str) -> Callable[[], Any]:
    duck = _duck()
    return lambda: [
        duck.execute(f"SELECT 分组, quantile_disc({c}, {SHARES}) FROM '{path}' GROUP BY 1").fetchall() for c in COLUMNS
    ]


def duckdb_one_query(path: str) -> Callable[[], Any]:
    duck = _duck()
    wanted = ", ".join(f"quantile_disc({c}, {SHARES})" for c in COLUMNS)
    return lambda: duck.execute(f"SELECT 分组, {wanted} FROM '{path}' GROUP BY 1").fetchall()


def duckdb_scan(path: str) -> Callable[[], Any]:
    duck = _duck()
    sums = ", ".join(f"sum({c})" for c in COLUMNS)
    return lambda: duck.execute(f"SELECT {sums} FROM '{path}'").fetchall()


def numpy_columns(path: str) -> Callable[[], Any]:
    import numpy as np
    import pyarrow.parquet as pq

    def work() -> Any:
        group = pq.read_table(path, columns=["分组"]).column(0).combine_chunks().dictionary_encode().indices.to_numpy()
        found = []
        for column in COLUMNS:
            values = pq.read_table(path, columns=[column]).column(0).to_numpy()
            for g in range(GROUPS):
                part = values[group == g]
                part = np.sort(part[~np.isnan(part)])
                found.append([part[-(-len(part) * p // 100) - 1] for p in (5, 20, 50)])
        return found

    return work


def pandas_groupby(path: str) -> Callable[[], Any]:
    import pandas as pd

    return lambda: (
        pd.read_parquet(path, columns=["分组", *COLUMNS])
        .groupby("分组")[COLUMNS]
        .quantile(SHARES, interpolation="higher")
    )


def polars_lazy(path: str) -> Callable[[], Any]:
    import polars as pl

    wanted = [pl.col(c).quantile(p, "higher").alias(f"{c}_{p}") for c in COLUMNS for p in SHARES]
    return lambda: pl.scan_parquet(path).group_by("分组").agg(wanted).collect()


WAYS: dict[str, Callable[[str], Callable[[], Any]]] = {
    "scan (DuckDB sum)": duckdb_scan,
    "baselines.engines": engine,
    "DuckDB quantile_disc, a column at a time": duckdb_columns,
    "DuckDB quantile_disc, one query": duckdb_one_query,
    "numpy, a column at a time": numpy_columns,
    "polars": polars_lazy,
    "pandas": pandas_groupby,
}


def child(way: str, path: str) -> None:
    work = WAYS[way](path)
    times = []
    for _ in range(2 if "pandas" not in way else 1):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
        if len(times) == 1:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": min(times), "peak": peak}))


def excel(folder: Path) -> None:
    """Read a survey of 50,000 × 40 cells as the project does, beside bare calamine."""
    import openpyxl
    from python_calamine import CalamineWorkbook

    path = folder / "调研数据.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("调研数据")
    sheet.append(["企业", *(f"E{i}" for i in range(39))])
    for n in range(50_000):
        sheet.append([f"企业{n}", *((n * 7 + i * 13) % 997 / 10 for i in range(39))])
    book.save(path)
    from drafting.model.settings import Settings
    from drafting.model.system import Category, Indicator, IndicatorSystem
    from drafting.workbook.report import Report
    from drafting.workbook.survey.assembly import build_survey
    from drafting.workbook.survey.files import read_survey_table
    from drafting.workbook.survey.rules import SurveyRules

    system = IndicatorSystem(
        (Category("能源消耗"),), tuple(Indicator(f"E{i}", f"指标{i}", "能源消耗") for i in range(39))
    )
    times: dict[str, list[float]] = {"calamine": [], "cells": [], "survey": []}
    for _ in range(3):
        begun = time.perf_counter()
        CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        times["calamine"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        report = Report()
        table = read_survey_table(path.read_bytes(), path.name, system, report)
        times["cells"].append(time.perf_counter() - begun)
        assert table is not None
        survey = build_survey(table, SurveyRules(system, Settings()), report)
        times["survey"].append(time.perf_counter() - begun)
        assert survey is not None
        assert len(survey) == 50_000
    bare, cells, whole = (min(of) for of in times.values())
    print(f"xlsx 50,000 × 40: bare calamine {bare:.2f} s")
    print(f"table with percent formats {cells:.2f} s ({cells / bare:.2f}×)")
    print(f"whole survey               {whole:.2f} s ({whole / bare:.2f}×)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--table", type=Path, help="a file made by an earlier run")
    parser.add_argument("--only", nargs="*", help="names of ways, in part")
    parser.add_argument("--xlsx", action="store_true", help="the Excel survey instead")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(*given.child)
        return
    with tempfile.TemporaryDirectory() as folder:
        if given.xlsx:
            excel(Path(folder))
            return
        path = given.table or Path(folder) / "survey.parquet"
        if not path.exists():
            generate(path, given.rows)
        with path.open("rb") as stream:  # into the cache of the system
            while stream.read(1 << 22):
                pass
        found: dict[str, dict[str, float]] = {}
        for way in WAYS:
            if given.only and not any(o in way for o in given.only):
                continue
            done = subprocess.run([sys.executable, __file__, "--child", way, str(path)], capture_output=True, text=True)
            if done.returncode:
                print(f"{way:42s} {done.stderr.strip().splitlines()[-1][:70]}")
                continue
            found[way] = json.loads(done.stdout.splitlines()[-1])
        peer = found.get("DuckDB quantile_disc, a column at a time", {}).get("seconds")
        scan = found.get("scan (DuckDB sum)", {}).get("seconds")
        print(f"{'way':42s} {'s':>7s} {'peak MB':>8s} {'/ column at a time':>19s} {'/ scan':>7s}")
        for way, of in found.items():
            to_peer = f"{of['seconds'] / peer:.2f}" if peer else "—"
            to_scan = f"{of['seconds'] / scan:.1f}" if scan else "—"
            print(f"{way:42s} {of['seconds']:7.2f} {of['peak']:8.0f} {to_peer:>19s} {to_scan:>7s}")


if __name__ == "__main__":
    main()
