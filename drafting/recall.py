"""What was made before is taken up again where nothing that it depends on has changed: a cache on the user's disk.

A step is kept under the digest of everything it depends on. What is found there counts only if its own digest fits, so
that a damaged or foreign entry is made anew; a folder that is full, read-only or gone costs time and nothing else. The
outputs are the same bytes with and without it. ``DRAFTING_CACHE=off`` keeps and reads nothing, a folder named there is
used instead of the user's own; ``--fresh`` reads nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

MOST_BYTES = 256 << 20
"""Of all that is kept; the longest unused goes first."""
_LARGEST = 32 << 20
_DIGEST = 32
_SUFFIX = ".kept"
OFF = "off"
SWITCH = "DRAFTING_CACHE"
_FRESH: list[bool] = []


@cache
def _folder(named: str) -> Path | None:
    if named == OFF:
        return None
    from platformdirs import user_cache_path

    return Path(named) if named else user_cache_path("drafting", appauthor=False) / "steps"


def ignore() -> None:
    """From now on make everything anew, and keep it."""
    _FRESH.append(True)


def key_of(step: str, *parts: object) -> str:
    """Digest of what a step depends on: its name, the program itself, and the parts given (plain values, bytes)."""
    digest = hashlib.sha256(f"{step}\0{_program()}".encode())
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, ensure_ascii=False, sort_keys=True).encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


@cache
def _program() -> str:
    """Version of everything that computes: names, sizes and times of the program's files, versions of libraries."""
    top = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for part in ("drafting", "weighting", "baselines", "templates"):
        for path in sorted((top / part).rglob("*")):
            if path.suffix != ".pyc" and path.is_file():
                found = path.stat()
                digest.update(f"{path.relative_to(top)}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    for name in sorted(_installed()):
        digest.update(name.encode())
    return digest.hexdigest()


def _installed() -> Iterator[str]:
    """Names of what libraries left of themselves where Python looks: they hold the version; none need be opened."""
    for place in sys.path:
        with suppress(OSError):
            yield from (name for name in os.listdir(place) if name.endswith((".dist-info", ".egg-info")))


def recalled(key: str) -> bytes | None:
    """What was kept under a key; None where nothing, or nothing trustworthy, was."""
    folder = _folder(os.environ.get(SWITCH, ""))
    if folder is None or _FRESH:
        return None
    path = folder / f"{key}{_SUFFIX}"
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + _DIGEST + 1)
        os.utime(path)  # used: it stays longer
    except OSError:
        return None
    content = data[_DIGEST:]
    return content if hashlib.sha256(key.encode() + content).digest() == data[:_DIGEST] else None


def keep(key: str, content: bytes) -> None:
    """Keep what a step made; where that cannot be done nothing happens."""
    folder = _folder(os.environ.get(SWITCH, ""))
    if folder is None or len(content) > _LARGEST:
        return
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, partial = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(key.encode() + content).digest() + content)
            os.replace(partial, folder / f"{key}{_SUFFIX}")
        except OSError:
            Path(partial).unlink(missing_ok=True)
            raise
        _prune(folder)


def once(key: str, make: Callable[[], bytes]) -> bytes:
    """What was kept under a key, else made and kept."""
    found = recalled(key)
    if found is None:
        found = make()
        keep(key, found)
    return found


def together(keys: Mapping[str, int], make: Callable[[list[int]], Iterable[bytes]]) -> dict[str, bytes]:
    """Results of several steps, those that are not kept made in one go.

    ``keys``: key of each -> its place, which ``make`` is asked for.
    ``make``: makes the results at some places, in their order.
    """
    found = {key: data for key in keys if (data := recalled(key)) is not None}
    lacking = [key for key in keys if key not in found]
    if lacking:
        for key, data in zip(lacking, make([keys[key] for key in lacking]), strict=True):
            found[key] = data
            keep(key, data)
    return found


def _prune(folder: Path) -> None:
    """Remove what was not used for longest where there is too much, and what an interrupted writing left."""
    entries = []
    for entry in os.scandir(folder):
        with suppress(OSError):
            found = entry.stat()
            entries.append((found.st_mtime, found.st_size, entry.path))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= MOST_BYTES:
            break
        with suppress(OSError):
            os.unlink(path)
            total -= size
