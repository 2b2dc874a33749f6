"""The lock of a project folder (记录/.锁): the system's own, gone with the process that held it."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drafting.files import OutputError
from drafting.inside import Folder, opened

RECORD, RESULTS = "记录", "成果"
"""The two folders of a project that are written."""
NAME = ".锁"
WAIT = 60.0
"""Seconds to wait for another program that writes into the folder; a build writes within a second."""
_PAUSE = 0.02

if sys.platform == "win32":
    import msvcrt

    _HELD = (errno.EACCES, errno.EDEADLK)

    def _try(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _free(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    _HELD = (errno.EWOULDBLOCK, errno.EAGAIN)

    def _try(handle: int) -> None:
        # Belongs to this opening of the file, not to the process: two threads exclude each other too.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _free(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


def take(folder: Folder) -> int | None:
    """Lock a folder by its lock file and give the descriptor; None if another program holds it.

    Raises OSError if there can be no lock: no permission, or a disk that has none.
    """
    handle = folder.open(NAME, os.O_RDWR | os.O_CREAT)
    try:
        _try(handle)
    except OSError as error:
        os.close(handle)
        if error.errno in _HELD:
            return None
        raise
    return handle


def give_back(handle: int) -> None:
    """Unlock."""
    try:
        _free(handle)
    finally:
        os.close(handle)


@contextmanager
def hold(root: Path, wait: float = WAIT) -> Iterator[Folder]:
    """Hold the lock of a project folder; gives 记录/. Both folders are made if they are missing.

    Raises OutputError if 记录/ cannot be written, is a link or a file, or another program holds the lock too long.
    """
    path = root / RECORD
    until = time.monotonic() + wait
    try:
        root.mkdir(parents=True, exist_ok=True)
        with opened(root, (RECORD,), make=True) as folder:
            while (handle := take(folder)) is None:
                if time.monotonic() > until:
                    raise OSError("另一个程序正在写入这个项目；请等它结束后重试")
                time.sleep(_PAUSE)
            try:
                yield folder
            finally:
                give_back(handle)
    except OSError as error:
        raise OutputError(path, error) from error
