"""What the rows of ``benchmarks/all.py`` share: a line, processor time of processes and calls, projects of any size."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "建筑陶瓷"


@dataclass(frozen=True)
class Row:
    """One line: the ratio of ours to the peer's counts, ``limit`` says of what."""

    work: str
    limit: str
    peer: str
    theirs: float
    ours: float
    goal: float
    unit: str = "s"

    def cells(self) -> tuple[str, ...]:
        """In words, all but the load."""
        ratio = self.ours / self.theirs if self.theirs else float("inf")
        met = "yes" if ratio <= self.goal else "no"
        goal = f"{self.goal:.2f}" if self.goal < 1 else f"{self.goal:g}"
        peer = f"{self.peer} {self.theirs:.3g} {self.unit}"
        return (self.work, self.limit, peer, f"{self.ours:.3g} {self.unit}", f"{ratio:.2f}", goal, met)


@dataclass(frozen=True)
class Used:
    """What a process and all that it started used: seconds of processor time, the largest one's peak in MB."""

    seconds: float
    peak: float


def used(*line: str, cache: Path | None = None) -> Used:
    """Run Python with these arguments."""
    environment = {**os.environ, "DRAFTING_CACHE": str(cache) if cache else "off", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, *line], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, cwd=ROOT
    ) as process:
        _, status, of = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # 1: findings forbid submission
        raise RuntimeError(f"{line}: {process.returncode}")
    return Used(of.ru_utime + of.ru_stime, of.ru_maxrss / 1024)


def apart(code: str) -> None:
    """
    Prepare something in a process of its own.

    What this process holds at its peak counts as the peak of every process that it starts afterwards (Linux keeps it
    over the start of another program).
    """
    used("-c", f"from pathlib import Path; {code}")


def drafting(*arguments: str, cache: Path | None = None) -> Used:
    """Run the command ``drafting``."""
    return used("-m", "drafting", *arguments, cache=cache)


def spent(work: Callable[[], object]) -> float:
    """Processor time of a call in this process."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def paired(ours: Callable[[], float], theirs: Callable[[], float], runs: int = 3) -> tuple[float, float]:
    """Medians of two measurements, turn by turn, after one of each."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(runs)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def example(folder: Path) -> Path:
    """A copy of the bundled example."""
    return Path(shutil.copytree(EXAMPLE, folder / "项目"))


def enlarged(folder: Path, enterprises: int) -> Path:
    """The example with so many enterprises: its own rows again and again, each number moved a little."""
    import csv
    import random

    from python_calamine import CalamineWorkbook

    project = example(folder)
    survey = project / "调研数据.xlsx"
    heads, *rows = CalamineWorkbook.from_path(str(survey)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    survey.unlink()
    named = [row for row in rows if row[heads.index("企业")]]
    draw = random.Random(1)
    with (project / "调研数据.csv").open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(heads)
        for n in range(enterprises):
            row = [_moved(value, draw) for value in named[n % len(named)]]
            row[heads.index("企业")] = f"企业{n:06d}"
            lines.writerow(row)
    return project


def _moved(value: object, draw: object) -> object:
    if isinstance(value, float) and not (value.is_integer() and 1900 < value < 2100):
        return round(value * draw.uniform(0.97, 1.03), 3)  # type: ignore[attr-defined]  # a random.Random
    return int(value) if isinstance(value, float) else value
