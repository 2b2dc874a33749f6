"""Files that come in: put into the project, the present state kept as a version before any of them is replaced."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.files import OutputError
from drafting.inside import Folder, kind_of
from drafting.keeping.lock import hold
from drafting.keeping.ownership import is_open
from drafting.keeping.pending import RECEIVING, begin, end, unfinished
from drafting.keeping.version import REPLACED, Version
from drafting.keeping.version_store import digest_in, file_in
from drafting.keeping.versions import freeze_held

if TYPE_CHECKING:
    from drafting.model.coded import JSON


class Fate(Enum):
    """What became of a file that came in."""

    ADDED = "added"
    SAME = "same"
    REPLACED = "replaced"
    DIFFERS = "differs"
    """There is another file than the sender knew of; nothing was written."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of the files that came in together."""

    fates: Mapping[str, Fate]
    """By path in the project."""
    version: Version | None = None
    """The state before, where something was replaced."""

    @property
    def differing(self) -> tuple[str, ...]:
        """Files that were not taken because another one is there than the sender knew of."""
        return tuple(name for name, fate in self.fates.items() if fate is Fate.DIFFERS)


def receive(
    root: Path,
    files: Mapping[str, bytes],
    known: Mapping[str, str],
    *,
    instead: Collection[str] = (),
    now: datetime | None = None,
) -> Received:
    """Put input files into a project.

    Raises OutputError if a file cannot be written, or the one to be replaced is open in Excel. Those before it stand;
    the version has the former state.

    ``files``: content by path in the project folder, parts separated by ``/``.
    ``known``: digests of the present files as the sender knew them, by the same paths. A file that is there and has
    another digest is not replaced.
    ``instead``: files that go because these come, such as a survey with another ending. Their digests are asked for as
    well.
    If any file differs from what was known, none is written.
    """
    with hold(root) as record:
        names = (*files, *instead)
        present = {n: digest_in(root, n) if kind_of(root / n, root) else None for n in names}
        fates = {name: _fate(content, present[name], known.get(name)) for name, content in files.items()}
        going = [name for name in instead if present[name] is not None and name not in files]
        differing = {name: Fate.DIFFERS for name in going if present[name] != known.get(name)}
        if differing or Fate.DIFFERS in fates.values():
            return Received({**{n: f for n, f in fates.items() if f is Fate.DIFFERS}, **differing})
        replaced = [name for name, fate in fates.items() if fate is Fate.REPLACED]
        for name in (*replaced, *going):
            with file_in(root, name) as (folder, last):
                if is_open(folder, last):
                    raise OutputError(root / name, OSError("文件正在 Excel 中打开；请关闭后再上传"))
        version = None
        if replaced or going:
            version = freeze_held(root, record, f"更换 {_named((*replaced, *going))} 之前", REPLACED, now=now)
        coming = {n: hashlib.sha256(files[n]).hexdigest() for n, fate in fates.items() if fate is not Fate.SAME}
        left, label = unfinished(root)
        left = {n: digest for n, digest in left.items() if n not in files and n not in going}
        if len(coming) + len(going) > 1:  # one alone is there or is not
            label = version.label if version is not None else label
            begin(record, RECEIVING, _journal(left | coming | dict.fromkeys(going), label))
        for name in coming:
            _put(root, record, name, files[name])
        for name in going:
            with file_in(root, name) as (folder, last):
                folder.remove(last)
        if left:
            begin(record, RECEIVING, _journal(left, label))
        else:
            end(root, RECEIVING)
    return Received(fates, version)


def _journal(files: Mapping[str, str | None], label: str) -> dict[str, JSON]:
    what = "这些文件正在一起放入；若程序中断，请再上传一次。"
    return {"what": what, "files": dict(files), "version": label}


def _fate(content: bytes, present: str | None, known: str | None) -> Fate:
    if present is None:
        return Fate.ADDED
    if present == hashlib.sha256(content).hexdigest():
        return Fate.SAME
    return Fate.REPLACED if present == known else Fate.DIFFERS


def _named(names: Collection[str]) -> str:
    first = next(iter(names))
    return first if len(names) == 1 else f"{first} 等 {len(names)} 个文件"


def _put(root: Path, record: Folder, name: str, content: bytes) -> None:
    partial = f".{secrets.token_hex(4)}.part"
    try:
        with os.fdopen(record.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with file_in(root, name, make=True) as (folder, last):
            folder.replace(record.path / partial, last)
            folder.settle()
    except OSError as error:
        raise OutputError(root / name, error) from error
    finally:
        with suppress(OSError):
            record.remove(partial)
