"""
Every promise of speed in one table: work, limit, best peer, ours, ratio, goal, met.

    python benchmarks/all.py [ROW …] [--list]

Each row runs in a process of its own and is compared with its peer in that same process, turn by turn; the figure that
counts is the ratio, of processor time (a process and all that it starts) unless the row says otherwise. The load
of the machine stands beside every row: figures of a loaded machine are worth little. All rows are meant to take
less than 15 minutes on two quiet cores; their processor time together is printed at the end, as a busy machine takes
longer. The program's bytecode is made first, as an installation does. Peers come with the extra ``bench``; without one
its row says so.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Another benchmark here is called as a package is: this folder must not come first where modules are looked for.
sys.path[:] = [str(ROOT), *(p for p in sys.path if Path(p).resolve() != ROOT / "benchmarks")]

PATIENCE = 400
"""Seconds that one row may take."""
HEADS = ("work", "limit", "best peer", "ours", "ratio", "goal", "met", "load")
WIDTHS = (46, 11, 34, 10, 8, 8, 4, 5)


def line(cells: tuple[str, ...]) -> str:
    """One line of the table."""
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def measured(name: str) -> list[tuple[str, ...]]:
    """Run one row in a process of its own."""
    environment = {**os.environ, "DRAFTING_CACHE": "off"}
    with subprocess.Popen(
        [sys.executable, __file__, "--here", name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            said, complained = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with LibreOffice, Java and whatever else the row started
            return [(name, "", f"stopped after {PATIENCE} s", "", "", "", "no", "")]
    if process.returncode:
        lines = complained.strip().splitlines() or ["failed"]
        return [(name, "", lines[-1][:90], "", "", "", "no", "")]
    return [tuple(cells) for cells in json.loads(said.splitlines()[-1])]


def spent() -> float:
    """Processor time of all rows so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print the table."""
    from benchmarks.rows import ROWS

    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("rows", nargs="*", help="names of rows; all by default")
    options.add_argument("--list", action="store_true", help="only the names")
    options.add_argument("--here", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.list:
        print("\n".join(ROWS))
        return
    if asked.here:
        before = os.getloadavg()[0]
        print(json.dumps([[*row.cells(), f"{before:.1f}"] for row in ROWS[asked.here]()]))
        return
    begun = time.monotonic()
    for package in ("drafting", "weighting", "baselines"):  # as pip does, also where Python was told not to
        compileall.compile_dir(ROOT / package, quiet=2)
    print(line(HEADS), "-" * sum((*WIDTHS, 2 * len(WIDTHS) - 2)), sep="\n", flush=True)
    met = count = 0
    for name in asked.rows or ROWS:
        for cells in measured(name):
            count += 1
            met += cells[6] == "yes"
            print(line(cells), flush=True)
    print(f"{met} of {count} met; {time.monotonic() - begun:.0f} s ({spent():.0f} s of processor time), ", end="")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
