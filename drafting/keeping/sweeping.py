"""Removes what a killed run left: its stage, and files that were being written."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from drafting.inside import Folder, opened
from drafting.keeping.lock import RECORD, RESULTS, give_back, take

STAGES = ".暂存"
PARTIAL = re.compile(r"\.(?:.{0,40}\.)?[0-9a-f]{8}\.part(?:\.\w{1,8})?", re.DOTALL)
"""Names that :func:`drafting.files.atomic` and the keeper give to files that are being written."""


def sweep(root: Path) -> None:
    """Remove leftovers; the caller holds the lock, so that nobody is just writing, but for stages that are locked."""
    with suppress(OSError), opened(root, (RESULTS, STAGES)) as stages:
        for name in stages.names():
            with suppress(OSError), stages.enter(name) as stage:
                handle = take(stage)
                if handle is None:
                    continue
                give_back(handle)
            stages.remove_tree(name)
    with suppress(OSError), opened(root, (RECORD,)) as record:
        _sweep(record, deep=False)
    with suppress(OSError), opened(root, (RESULTS,)) as results:
        _sweep(results, deep=True)


def _sweep(folder: Folder, *, deep: bool) -> None:
    for name in folder.names():
        with suppress(OSError):
            kind = folder.kind(name)
            if kind == "file" and PARTIAL.fullmatch(name):
                folder.remove(name)
            elif kind == "folder" and deep and name != STAGES:
                with folder.enter(name) as inner:
                    _sweep(inner, deep=True)
