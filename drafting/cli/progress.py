"""Progress bars on standard error: only on a terminal, and only once the work has taken a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Timer
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from drafting.progress import Progress
    from drafting.project.folder import Project
    from drafting.workbook.survey.ways import Way

_DELAY = 1.0
_PAUSE = 0.1
_WIDTH = 28


@contextmanager
def progress(label: str, stream: TextIO | None = None) -> Iterator[Callable[[int, int], None]]:
    """Give a function to call with the number done and the number to do; the bar is wiped away at the end."""
    with _line(stream) as write:

        def tick(done: int, total: int) -> None:
            write(f"{label} {_bar(done / max(total, 1))} {done}/{total}", last=done >= total)

        yield tick


@contextmanager
def steps(stream: TextIO | None = None) -> Iterator[Progress]:
    """Give a progress whose steps are shown with their names and a bar over all of them."""
    from drafting.progress import Progress, Step

    with _line(stream) as write:
        shown = 0

        def report(step: Step) -> None:
            nonlocal shown
            write(f"{_bar(step.whole)} {step.number}/{step.of} {step.name}", last=step.number != shown)
            shown = step.number

        yield Progress(report)


def _bar(share: float) -> str:
    filled = int(_WIDTH * share)
    return f"[{'#' * filled}{'-' * (_WIDTH - filled)}]"


@contextmanager
def _line(stream: TextIO | None) -> Iterator[Callable[..., None]]:
    """A line that is written over itself, at most ten times a second, and wiped away at the end."""
    out = stream or sys.stderr
    if out is None or not out.isatty():
        yield lambda text, *, last: None
        return
    lock = Lock()
    due, latest, shown = time.monotonic() + _DELAY, "", False

    def show() -> None:
        nonlocal shown, due
        with lock:
            if latest:
                shown, due = True, time.monotonic() + _PAUSE
                out.write(f"\r{latest}\x1b[K")
                out.flush()

    def write(text: str, *, last: bool) -> None:
        nonlocal latest
        latest = text
        if time.monotonic() >= due or (last and shown):
            show()

    late = Timer(_DELAY, show)  # what has begun before and goes on is to be seen too
    late.daemon = True
    late.start()
    try:
        yield write
    finally:
        late.cancel()
        with lock:
            latest = ""
            if shown:
                out.write("\r\x1b[K")
                out.flush()


def read_project(folder: Path | str, *, survey: bool = True, way: Way | None = None) -> Project:
    """Read a project folder on all cores, with a bar for the questionnaires; ``survey``: 调研数据 as well."""
    from drafting.project.folder import BY_SIZE, load_project

    with progress("读取问卷") as tick:
        return load_project(folder, tick=tick, parallel=True, survey=survey, way=way or BY_SIZE)
