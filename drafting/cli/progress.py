"""A progress bar on standard error: only on a terminal, and only once the work has taken a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from drafting.project.folder import Project

_DELAY = 1.0
_WIDTH = 28


@contextmanager
def progress(label: str, stream: TextIO | None = None) -> Iterator[Callable[[int, int], None]]:
    """Give a function to call with the number done and the number to do; the bar is wiped away at the end."""
    out = stream or sys.stderr
    shown = False
    started, last = time.monotonic(), 0.0

    def tick(done: int, total: int) -> None:
        nonlocal shown, last
        now = time.monotonic()
        if not out.isatty() or now - started < _DELAY or (now - last < 0.1 and done < total):
            return
        shown, last = True, now
        filled = _WIDTH * done // max(total, 1)
        out.write(f"\r{label} [{'#' * filled}{'-' * (_WIDTH - filled)}] {done}/{total}")
        out.flush()

    try:
        yield tick
    finally:
        if shown:
            out.write("\r\x1b[K")
            out.flush()


def read_project(folder: Path | str, *, survey: bool = True) -> Project:
    """Read a project folder on all cores, with a bar for the questionnaires; ``survey``: 调研数据 as well."""
    from drafting.project.folder import load_project

    with progress("读取问卷") as tick:
        return load_project(folder, tick=tick, parallel=True, survey=survey)
