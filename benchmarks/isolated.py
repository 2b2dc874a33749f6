"""What it costs that files are opened in a process of their own: ``python -m benchmarks.isolated [EXPERTS]`` (500).

The bundled example and a project with that many experts' questionnaires are loaded with readers and without (as where
none can be started), in turns. Processor time counts the readers'; the aims are 1.1 times for ordinary projects and 1.3
times for the questionnaires. The first start of a reader, which a command pays once, is shown beside it.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.workbooks import make
from drafting.isolation.readers import READERS
from drafting.project.examples import write_example
from drafting.project.folder import load_project


def used() -> float:
    """Seconds of processor time of this process and of the readers that wait for the next file."""
    tick = os.sysconf("SC_CLK_TCK")
    stats = [
        Path(f"/proc/{one._process.pid}/stat").read_text("ascii").rpartition(")")[2].split() for one in READERS._idle
    ]
    return time.process_time() + sum((int(s[11]) + int(s[12])) / tick for s in stats)


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    wall, processor = time.perf_counter(), used()
    work()
    return time.perf_counter() - wall, used() - processor


def compare(label: str, work: Callable[[], object], turns: int) -> None:
    """Measure with readers and without, in turns, and print the ratios of the medians."""
    found: dict[str, list[tuple[float, float]]] = {"": [], "试验": []}
    for _ in range(turns):
        for missing, times in found.items():
            READERS.missing = missing
            times.append(measured(work))
    READERS.missing = ""
    with_readers, without = (tuple(map(statistics.median, zip(*of, strict=True))) for of in found.values())
    print(
        f"{label:<28} {with_readers[0]:7.2f} s by the clock, {with_readers[0] / without[0]:5.2f}×; "
        f"processor {with_readers[1]:7.2f} s, {with_readers[1] / without[1]:5.2f}×"
    )


def main() -> None:
    """Compare."""
    experts = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as name:
        example, many = Path(name) / "示例", Path(name) / "许多"
        write_example(example)
        many.mkdir()
        make(many, experts)
        began = time.perf_counter()
        READERS.warm()
        load_project(example)
        print(f"the first load with the start of a reader {time.perf_counter() - began:.2f} s")
        compare("the example", lambda: load_project(example), 7)
        compare(f"{experts} experts, all cores", lambda: load_project(many), 3)


if __name__ == "__main__":
    main()
