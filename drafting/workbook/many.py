"""Many returned workbooks: read by as many readers as there are cores, handed over one by one in their order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from drafting.workbook.opening import OpeningError
from drafting.workbook.sheets import Workbook, read_workbook

PARALLEL_FROM = 40
"""Files from which a second reader pays: a file takes some 10 ms, a reader a fifth of a second to start."""

Tick = Callable[[int, int], None]
"""Called after each file with the number done and the number to do."""


def silent(_: int, __: int) -> None:
    """Nobody watches."""


Read = Workbook | OpeningError


def read_workbooks(files: Sequence[tuple[str, bytes]], *, parallel: bool, tick: Tick) -> Iterator[Read]:
    """Read workbooks in the order given; one that cannot be read gives its error instead of raising it.

    ``files``: names in the project folder, and contents.
    ``parallel``: whether several readers may be at work at once.
    """
    cores = os.cpu_count() or 1
    if parallel and cores > 1 and len(files) >= PARALLEL_FROM:
        results = _in_parallel(files, cores)
    else:
        results = map(_read, files)
    for done, result in enumerate(results, 1):
        tick(done, len(files))
        yield result


def _in_parallel(files: Sequence[tuple[str, bytes]], readers: int) -> Iterator[Read]:
    with ThreadPoolExecutor(readers) as pool:  # a thread waits for its reader, which does the work
        yield from pool.map(_read, files)


def _read(file: tuple[str, bytes]) -> Read:
    name, data = file
    try:
        return read_workbook(data, name)
    except OpeningError as fault:
        return fault
