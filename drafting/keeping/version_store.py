"""记录/版本/ as it stands on the disk: manifests in a row, contents by their digest; added to, never changed."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from drafting.files import OutputError
from drafting.inside import Folder, opened
from drafting.keeping.lock import NAME as LOCK
from drafting.keeping.lock import RECORD, RESULTS
from drafting.keeping.ownership import content_of
from drafting.keeping.sweeping import PARTIAL, STAGES
from drafting.keeping.version import MANIFEST, Kept, Version, VersionError, read_version

VERSIONS, BLOBS = "版本", "块"
_CHUNK = 1 << 20
_OPEN_MARKS = ("~$", ".~lock.")


def state_of(root: Path) -> Iterator[tuple[str, bool]]:
    """Walk over everything that belongs to the state of a project: inputs, 记录/ and 成果/, but for the versions.

    Yields the path in the folder, and whether it is a regular file: links and pipes are no part of a version.
    """
    with opened(root) as top:
        yield from _within(top, "")


def _within(folder: Folder, before: str) -> Iterator[tuple[str, bool]]:
    for name in folder.names():
        path = before + name
        kind = folder.kind(name)
        if path in (f"{RECORD}/{VERSIONS}", f"{RESULTS}/{STAGES}") or name == LOCK or PARTIAL.fullmatch(name):
            continue
        if name.startswith(_OPEN_MARKS):
            continue
        if kind == "folder":
            with folder.enter(name) as inner:
                yield from _within(inner, f"{path}/")
        elif kind is not None:
            yield path, kind == "file"


@contextmanager
def file_in(root: Path, name: str, *, make: bool = False) -> Iterator[tuple[Folder, str]]:
    """Open the folder that a path leads to; gives it with the last part. OSError becomes an OutputError."""
    *parts, last = PurePosixPath(name).parts
    try:
        with opened(root, parts, make=make) as folder:
            yield folder, last
    except OSError as error:
        raise OutputError(root / name, error) from error


def digest_in(root: Path, name: str) -> str | None:
    """Digest of a file of the project; None if there is none, or not even its folder."""
    *parts, last = PurePosixPath(name).parts
    try:
        with opened(root, parts) as folder:
            if folder.kind(last) is None:
                return None
            with os.fdopen(folder.open(last), "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(root / name, error) from error


class Store:
    """The versions of one project.

    ``root``: the project folder.
    ``record``: 记录/ as given by the lock, where anything is to be written; files on their way stand there, so that
    what a stop leaves is swept.
    """

    def __init__(self, root: Path, record: Folder | None = None) -> None:
        self._root, self._record = root, record

    # --- manifests ---
    def manifests(self) -> list[str]:
        """Names of the manifests, in their order."""
        try:
            with opened(self._root, (RECORD, VERSIONS)) as folder:
                found = [n for n in folder.names() if MANIFEST.fullmatch(n) and folder.kind(n) == "file"]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise OutputError(self._root / RECORD / VERSIONS, error) from error
        return sorted(found, key=lambda n: (int(n.split("-")[0]), n))

    def manifest(self, name: str) -> Version:
        """Read one.

        Raises VersionError if it cannot be read or used.
        """
        try:
            with opened(self._root, (RECORD, VERSIONS)) as folder:
                data = content_of(folder, name)
        except OSError as error:
            raise VersionError(name.removesuffix(".json"), "的清单不能读取") from error
        if data is None:
            raise VersionError(name.removesuffix(".json"), "的清单不存在")
        return read_version(data, name)

    def add(self, version: Version) -> Version:
        """Let a manifest stand; from then on the version is there. One that stands is never replaced."""
        data = version.to_bytes()
        with self._partial() as (partial, file):
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            with file_in(self._root, f"{RECORD}/{VERSIONS}/{version.file}", make=True) as (folder, last):
                file.close()
                folder.add(partial, last)
                folder.settle()
        return read_version(data, version.file)

    # --- contents ---
    def take(self, name: str) -> Kept:
        """Copy a file of the project; one whose content is there already, and whole, is read only."""
        with file_in(self._root, name) as (folder, last), os.fdopen(folder.open(last), "rb") as source:
            known = Kept(hashlib.file_digest(source, "sha256").hexdigest(), source.tell())
            if self.whole(known):
                return known
            source.seek(0)
            with self._partial() as (partial, file):
                found = hashlib.sha256()
                while piece := source.read(_CHUNK):  # it may have been changed meanwhile: what is copied counts
                    found.update(piece)
                    file.write(piece)
                size = file.tell()
                file.flush()
                os.fsync(file.fileno())
                file.close()
                with file_in(self._root, _blob(found.hexdigest()), make=True) as (folder, last):
                    folder.replace(partial, last)
                    folder.settle()
        return Kept(found.hexdigest(), size)

    @contextmanager
    def content(self, sha256: str) -> Iterator[BufferedReader]:
        """Open a content for reading."""
        *parts, last = PurePosixPath(_blob(sha256)).parts
        with opened(self._root, parts) as folder, os.fdopen(folder.open(last), "rb") as file:
            yield file

    def whole(self, kept: Kept) -> bool:
        """Whether a content is there and as it was."""
        try:
            with self.content(kept.sha256) as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == kept.sha256
        except OSError:
            return False

    def put(self, sha256: str, name: str) -> None:
        """Let a content take the place of a file of the project, in one step."""
        with self._partial() as (partial, file), self.content(sha256) as source:
            while piece := source.read(_CHUNK):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            with file_in(self._root, name, make=True) as (folder, last):
                folder.replace(partial, last)
                folder.settle()

    @contextmanager
    def _partial(self) -> Iterator[tuple[Path, BinaryIO]]:
        """Make a file on its way in 记录/; gone when the block ends, unless it took its place."""
        assert self._record is not None, "writing needs the lock"
        name = f".{secrets.token_hex(4)}.part"
        try:
            with os.fdopen(self._record.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
                yield self._record.anchor / name, file
        except OSError as error:
            raise OutputError(self._root / RECORD / VERSIONS, error) from error
        finally:
            with suppress(OSError):
                self._record.remove(name)


def _blob(sha256: str) -> str:
    return f"{RECORD}/{VERSIONS}/{BLOBS}/{sha256[:2]}/{sha256}"
