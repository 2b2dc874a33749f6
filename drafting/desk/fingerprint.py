"""What the results of a project depend on: the digests of its input files, and the program's version."""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock

from drafting import __version__
from drafting.inside import open_regular

_ASIDE = {("成果",), ("记录", "版本"), ("记录", ".锁"), ("记录", "成果清单.json")}
"""What the program writes and does not read as an input; any other change is a change of the inputs."""
_REMEMBERED = 20_000
Stamp = tuple[str, int, int, int, int]


class Digests:
    """Digests of files, remembered by size, times and number of the file.

    A file that was written over without a new time of change, as a clock set back or a copying tool may do, still has
    another time of its entry where the system keeps one.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[Stamp, str] = OrderedDict()
        self._lock = Lock()

    def of(self, path: Path) -> str:
        """SHA-256 of a file; a word for what cannot be read, which is a state of its own.

        Raises FileNotFoundError if it is gone.
        """
        found = path.lstat()
        stamp = (str(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        with self._lock:
            if stamp in self._known:
                self._known.move_to_end(stamp)
                return self._known[stamp]
        try:
            with open_regular(path, path.parent) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # it reads into
        except FileNotFoundError:
            raise
        except OSError as error:
            return f"unreadable-{error.errno}"
        with self._lock:
            self._known[stamp] = digest
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return digest


def fingerprint(folder: Path, digests: Digests) -> str:
    """Digest of everything that the results of a project depend on.

    Names of files that are no inputs count as well: they may be found astray, or tell that Excel has a file open.
    """
    from drafting.changes.stages import last_stage  # not before a project is looked at

    found = {}
    for path in _files(folder):
        with suppress(FileNotFoundError):
            found[path.relative_to(folder).as_posix()] = digests.of(path)
    stage = last_stage(folder)  # of what stands in 记录/版本 the last stage alone is read: what changed since is told
    kept = None if stage is None else stage.number
    content = json.dumps([__version__, kept, sorted(found.items())], ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        at = Path(where).relative_to(folder).parts
        folders[:] = sorted(f for f in folders if (*at, f) not in _ASIDE)
        for name in sorted(names):
            if (*at, name) not in _ASIDE and not name.endswith(".part"):
                yield Path(where, name)
