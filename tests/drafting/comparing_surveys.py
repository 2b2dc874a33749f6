"""Whether two states of the program read the same surveys alike: every figure and finding of ``baselines --json``.

    python -m tests.drafting.comparing_surveys OTHER_CHECKOUT [SURVEYS] [FIRST_SEED]

Random surveys – odd cells, repeated enterprises, strata, exclusions, rows that are none; .csv, .parquet and .xlsx – are
written once and read by both, in memory and by DuckDB. Run by hand before and after reading is rebuilt.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

FEW = 10
"""Enterprises up to which everything is told one by one, in every third survey."""


def write(folder: Path, seed: int) -> None:
    """Write one random project."""
    from tests.drafting.survey_projects import write_xlsx
    from tests.drafting.test_large_surveys import project

    draw = random.Random(seed)
    suffix = (".csv", ".parquet", ".xlsx")[seed % 3]
    project(folder, seed, draw.choice([0.02, 0.1, 0.4]), ".csv" if suffix == ".xlsx" else suffix)
    if suffix == ".parquet":
        return
    path = folder / "调研数据.csv"
    raw = path.read_bytes()
    text = next(raw.decode(e) for e in ("utf-8-sig", "gb18030") if _decodes(raw, e))
    lines = list(csv.reader(io.StringIO(text, newline="")))
    for _ in range(draw.choice([0, 0, 1, 3])):  # rows that are no enterprises
        lines.insert(draw.randint(2, len(lines)), [draw.choice(["合计", "平均值", "注：试算"]), *lines[-1][1:]])
    if suffix == ".xlsx":
        path.unlink()
        typed = [[_typed(cell) if n > 1 else cell for cell in line] for n, line in enumerate(lines)]
        cells = [f"{draw.choice('EFG')}{draw.randint(3, len(lines))}" for _ in range(4)]
        write_xlsx(folder, typed, {at: draw.choice(["0.0%", "yyyy-mm-dd", '0.0"kg"']) for at in cells})
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)


def _decodes(raw: bytes, encoding: str) -> bool:
    with contextlib.suppress(UnicodeDecodeError):
        raw.decode(encoding)
        return True
    return False


def _typed(cell: str) -> Any:
    with contextlib.suppress(ValueError):
        return float(cell)
    return cell


def read(folders: list[str]) -> None:
    """Print what each project says, one line each."""
    from drafting.cli import app
    from drafting.workbook.survey import assembly

    usual = assembly.MOST_DETAILED
    for number, folder in enumerate(folders):
        assembly.MOST_DETAILED = FEW if number % 3 == 0 else usual
        engines = ("memory",) if list(Path(folder).glob("*.xlsx"))[1:] else ("memory", "duckdb")
        for engine in engines:
            raw = io.BytesIO()
            out = io.TextIOWrapper(raw, "utf-8", write_through=True)
            with contextlib.redirect_stdout(out):
                status = app.run(["baselines", folder, "--json", "--engine", engine])
            told = [Path(folder).name, engine, status, json.loads(raw.getvalue() or b"{}")]
            sys.stdout.write(json.dumps(told) + "\n")


def said(checkout: Path, folders: list[str]) -> dict[tuple[str, str], Any]:
    """What a state of the program says."""
    code = f"import sys; sys.path[:0] = [{str(checkout)!r}]; import runpy; runpy.run_path(sys.argv[1], run_name='read')"
    asked = [sys.executable, "-c", code, str(Path(__file__).resolve()), *folders]
    lines = subprocess.run(asked, cwd=checkout, stdout=subprocess.PIPE, check=True).stdout.splitlines()
    return {(name, engine): (status, of) for name, engine, status, of in map(json.loads, lines)}


def differences(one: Any, two: Any, where: str = "") -> list[str]:
    """Every leaf that differs; findings in any order."""
    if isinstance(one, dict) and isinstance(two, dict):
        return [d for k in {**one, **two} for d in differences(one.get(k), two.get(k), f"{where}.{k}")]
    if where.endswith("findings"):
        mine, its = (Counter(json.dumps(f, ensure_ascii=False, sort_keys=True) for f in of) for of in (one, two))
        return [f"- {f}" for f in (mine - its).elements()] + [f"+ {f}" for f in (its - mine).elements()]
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        return [d for n, (a, b) in enumerate(zip(one, two, strict=True)) for d in differences(a, b, f"{where}[{n}]")]
    return [] if one == two else [f"{where}: {one!r} → {two!r}"]


def main() -> int:
    """Write, read twice, compare."""
    other, number, seed = (*sys.argv[1:], *("60", "0")[max(len(sys.argv) - 2, 0) :])
    first, checkout = int(seed), Path(other)
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch) / f"{n}" for n in range(first, first + int(number))]
        for folder in folders:
            write(folder, int(folder.name))
        names = list(map(str, folders))
        before, now = said(checkout, names), said(Path(__file__).resolve().parents[2], names)
    unlike = 0
    for at, of in before.items():
        found = differences(of[0], now[at][0]) + differences(of[1], now[at][1])
        unlike += bool(found)
        for line in found:
            sys.stdout.write(f"{' '.join(at)} {line}\n")
    sys.stdout.write(f"{len(before)} readings of {number} surveys, {unlike} differ\n")
    return bool(unlike)


if __name__ == "read":
    read(sys.argv[2:])
elif __name__ == "__main__":
    sys.exit(main())
