"""A build whose inputs have not changed since the last one, and whose files stand as it wrote them: what it said."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from drafting.desk.fingerprint import Digests, fingerprint
from drafting.inside import open_regular
from drafting.recall import keep, key_of, recalled

_SWITCHES = ("DRAFTING_TEMPLATES", "DRAFTING_HOME", "LANG", "LC_ALL")


@dataclass(frozen=True, slots=True)
class Said:
    """What a build left on the screen, and its exit status."""

    text: str
    status: int


def said_before(folder: Path, options: Sequence[object], aside: tuple[Path, ...]) -> Said | None:
    """What the last build said, if this one would read the same and find its files as they were written.

    ``options``: what else it depends on, as plain values in an order of the caller's.
    ``aside``: files and programs outside the folder that count.
    """
    kept = recalled(_key(folder, options, aside))
    if kept is None:
        return None
    found = json.loads(kept)
    return Said(found["text"], found["status"]) if found["outputs"] == _outputs(folder) else None


def remember(folder: Path, options: Sequence[object], aside: tuple[Path, ...], said: Said) -> None:
    """Keep what a build said, under the inputs as it left them."""
    found = {"text": said.text, "status": said.status, "outputs": _outputs(folder)}
    keep(_key(folder, options, aside), json.dumps(found, ensure_ascii=False).encode())


def _key(folder: Path, options: Sequence[object], aside: tuple[Path, ...]) -> str:
    around = {name: os.environ.get(name) for name in _SWITCHES}
    stamps = {}
    for path in aside:
        with suppress(OSError):
            found = path.stat()
            stamps[str(path)] = [found.st_size, found.st_mtime_ns]
    inputs = fingerprint(folder, Digests())
    return key_of("build", str(folder.absolute()), inputs, options, around, stamps, date.today().isoformat())


def _outputs(folder: Path) -> dict[str, str]:
    """Digests of everything in 成果/."""
    found = {}
    for where, _, names in os.walk(folder / "成果"):
        for name in names:
            path = Path(where, name)
            with suppress(OSError), open_regular(path, folder) as file:
                digest = hashlib.sha256()
                while block := file.read(1 << 20):
                    digest.update(block)
                found[path.relative_to(folder).as_posix()] = digest.hexdigest()
    return found
