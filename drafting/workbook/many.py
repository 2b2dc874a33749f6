"""Many returned workbooks: read on all the cores there are, handed over one by one in their order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from drafting.workbook.opening import OpeningError
from drafting.workbook.sheets import Workbook, read_workbook

PARALLEL_FROM = 200
"""Files from which starting other processes pays: a file takes some 5 ms, a process half a second to start."""
_CHUNK = 16

Tick = Callable[[int, int], None]
"""Called after each file with the number done and the number to do."""


def silent(_: int, __: int) -> None:
    """Nobody watches."""


Read = Workbook | OpeningError


def read_workbooks(files: Sequence[tuple[str, bytes]], *, parallel: bool, tick: Tick) -> Iterator[Read]:
    """Read workbooks in the order given; one that cannot be read gives its error instead of raising it.

    Parameters
    ----------
    files
        Names in the project folder, and contents.
    parallel
        Whether other processes may be started. They import the caller's main module, which must therefore be guarded
        by ``if __name__ == "__main__"`` in a script; the commands are.
    """
    cores = os.cpu_count() or 1
    if parallel and cores > 1 and len(files) >= PARALLEL_FROM:
        results = _in_parallel(files, min(cores, -(-len(files) // _CHUNK)))
    else:
        results = map(_read, files)
    for done, result in enumerate(results, 1):
        tick(done, len(files))
        yield result


def _in_parallel(files: Sequence[tuple[str, bytes]], workers: int) -> Iterator[Read]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # spawned, not forked: numpy's threads do not survive a fork, and all systems then behave alike
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_read, files, chunksize=_CHUNK)


def _read(file: tuple[str, bytes]) -> Read:
    name, data = file
    try:
        return read_workbook(data, name)
    except OpeningError as fault:
        return fault
