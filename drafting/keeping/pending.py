"""What was begun on the inputs of a project and not finished: said until it is done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.files import OutputError
from drafting.findings import Cell, Finding, finding
from drafting.inside import Folder
from drafting.keeping.lock import RECORD
from drafting.keeping.ownership import content_of, write
from drafting.keeping.version_store import digest_in, file_in

if TYPE_CHECKING:
    from drafting.model.coded import JSON

RESTORING, RECEIVING = "恢复中.json", "上传中.json"
_SHOWN = 3


def begin(record: Folder, journal: str, content: Mapping[str, JSON]) -> None:
    """Put on record what is about to be done; ``record`` is 记录/ as the lock gives it."""
    write(record, journal, json.dumps(content, ensure_ascii=False).encode())


def end(root: Path, journal: str) -> None:
    """Say that it is done; nothing where it was never begun."""
    with file_in(root, f"{RECORD}/{journal}") as (folder, last), suppress(FileNotFoundError):
        folder.remove(last)


def pending(root: Path | str) -> Iterator[Finding]:
    """Say that a restore was stopped half-way, or files that came in together did not all take their places."""
    path = Path(root)
    restoring = _read(path, RESTORING)
    if restoring is not None:
        yield finding("restore-interrupted", Cell(f"{RECORD}/{RESTORING}"), name=str(restoring.get("version", "？")))
    waiting, label = unfinished(path)
    if waiting:
        names = list(waiting)
        named = "、".join(names[:_SHOWN]) + (f" 等 {len(names)} 个文件" if len(names) > _SHOWN else "")
        back = f"；要回到上传之前，恢复版本“{label}”" if label else ""
        yield finding("upload-interrupted", Cell(f"{RECORD}/{RECEIVING}"), files=named, back=back)


def unfinished(root: Path) -> tuple[dict[str, str | None], str]:
    """Files that came in together and did not take their places: their digests, None for one that was to go.

    The label is that of the version that keeps the state before; empty if nothing was replaced.
    """
    found = _read(root, RECEIVING) or {}
    files = found.get("files")
    waiting = {n: d for n, d in files.items() if _now(root, n) != d} if isinstance(files, dict) else {}
    return waiting, str(found.get("version") or "")


def _now(root: Path, name: str) -> str | None:
    with suppress(OutputError, OSError, ValueError):
        return digest_in(root, name)
    return None


def _read(root: Path, journal: str) -> dict[str, JSON] | None:
    """A journal; an empty one where it cannot be understood, None where there is none."""
    try:
        with file_in(root, f"{RECORD}/{journal}") as (folder, last):
            data = content_of(folder, last)
    except (OSError, OutputError):
        return None
    if data is None:
        return None
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
