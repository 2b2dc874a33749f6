"""The grammar costs no more than half as much again as the regular expressions that it replaced."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from drafting.model.bounds import parse_bound

OLD = 31.5
"""Time of the reader before the grammar for ``bounds.json``, in times of :func:`_yardstick` on the same texts: the
median of five runs of processor time on the last commit that had it (1.92–2.09 ms against 0.061–0.064 ms)."""
_YARDSTICK = re.compile(r"[0-9]+(?:\.[0-9]+)?|[一-龥]+|[^\s]")


def _yardstick(texts: list[str]) -> int:
    return sum(len(match[0]) for text in texts for match in _YARDSTICK.finditer(text))


def _best(run: Callable[[], object], repeat: int) -> float:
    found = []
    for _ in range(25):
        begun = time.process_time()
        for _ in range(repeat):
            run()
        found.append((time.process_time() - begun) / repeat)
    return min(found)


@pytest.mark.slow
def test_reading_cells_is_no_slower_than_half_as_much_again(cases: Path) -> None:
    texts = [item["text"] for item in json.loads((cases / "bounds.json").read_text("utf-8"))]
    unit = _best(lambda: _yardstick(texts), 50)
    as_used = _best(lambda: [parse_bound(text) for text in texts], 20)
    assert as_used <= 1.5 * OLD * unit
    never_seen = _best(lambda: [parse_bound.__wrapped__(text) for text in texts], 10)
    assert never_seen <= 1.5 * OLD * unit  # without the memory of cells: measured 1.0


def test_neither_grammar_nor_units_are_loaded_for_the_help() -> None:
    """The command's --help stays below 1.3 times bare click: nothing of the notation is loaded for it."""
    words = "import sys, drafting.cli.app; print([m for m in ('lark', 'pint') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
