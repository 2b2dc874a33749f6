"""Removes what a killed run left: its stage, and files that were being written."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from drafting.inside import opened
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
            shutil.rmtree(stages.path / name, ignore_errors=True)
    with suppress(OSError), opened(root, (RECORD,)) as record:
        for name in record.names():
            if PARTIAL.fullmatch(name) and record.kind(name) == "file":
                with suppress(OSError):
                    record.remove(name)
    for where, folders, files in os.walk(root / RESULTS):  # follows no link
        folders[:] = [f for f in folders if f != STAGES and not Path(where, f).is_symlink()]
        for name in files:
            if PARTIAL.fullmatch(name):
                with suppress(OSError):
                    Path(where, name).unlink()
