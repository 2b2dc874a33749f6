"""Regular files and folders within a root: never through a link or junction, never waiting for a pipe."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self


class NotRegularError(OSError):
    """Something else stands where a regular file or folder is wanted.

    Attributes
    ----------
    kind : str
        ``"link"`` (a symbolic link or junction, in any part of the path), ``"special"`` (pipe, device, socket) or
        ``"folder"``.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(_KINDS[kind])
        self.kind = kind


_KINDS = {
    "link": "是链接（符号链接或联接点），不跟随；请换成真正的文件夹或文件",
    "special": "是管道、设备或套接字，不是普通文件；请移走",
    "folder": "同名的文件夹已存在；请改名或移走",
}
_AT = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW") and hasattr(os, "O_DIRECTORY")
"""Whether names can be looked up in an opened folder, which nobody can exchange for another one meanwhile."""
_ANCHORS = Path("/proc/self/fd")
"""Opened folders by descriptor, on Linux."""
_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
_SAFELY = _FLAGS | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Neither follow a link nor wait for the other end of a pipe."""


def _kind(found: os.stat_result) -> str:
    # Windows marks files kept in a cloud as reparse points too: only links and junctions lead elsewhere.
    tags = (getattr(stat, "IO_REPARSE_TAG_SYMLINK", -1), getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1))
    if stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) in tags:
        return "link"
    return "file" if stat.S_ISREG(found.st_mode) else "folder" if stat.S_ISDIR(found.st_mode) else "special"


class Folder:
    """An opened folder; its entries are looked up in it, never through a link.

    Attributes
    ----------
    path : Path
        Where it stands, for messages and for systems that look names up by their path only.
    anchor : Path
        A path that leads into this very folder while it is open, whatever takes its place meanwhile; valid in this
        process only. Where the system has none it is ``path``.
    """

    def __init__(self, path: Path, handle: int | None) -> None:
        self.path = path
        self._at = handle
        self.anchor = path if handle is None or not _ANCHORS.is_dir() else _ANCHORS / str(handle)

    def kind(self, name: str) -> str | None:
        """Tell what an entry is: ``file``, ``folder``, ``link``, ``special``; None if there is none."""
        try:
            if self._at is None:
                return _kind(os.lstat(self.path / name))
            return _kind(os.stat(name, dir_fd=self._at, follow_symlinks=False))
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
                return None
            raise

    def open(self, name: str, flags: int = os.O_RDONLY, mode: int = 0o666) -> int:
        """Open a regular file and give its descriptor.

        Raises NotRegularError if it is none; OSError if it cannot be opened.
        """
        kind = self.kind(name)  # opening a device may do something already
        if kind is not None and kind != "file":
            raise NotRegularError(kind)
        handle = os.open(self.path / name if self._at is None else name, flags | _SAFELY, mode, dir_fd=self._at)
        try:
            if (kind := _kind(os.fstat(handle))) != "file":
                raise NotRegularError(kind)
        except OSError:
            os.close(handle)
            raise
        return handle

    def enter(self, name: str, *, make: bool = False) -> Folder:
        """Open a folder in this one.

        Raises NotRegularError if it is a link or junction; OSError if it is a file, or is not there and not to be made.
        """
        path = self.path / name
        if make:
            with suppress(FileExistsError):
                os.mkdir(path if self._at is None else name, dir_fd=self._at)
        kind = self.kind(name)
        if kind == "link":
            raise NotRegularError(kind)
        if kind in ("file", "special"):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        if self._at is None:
            if kind is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
            return Folder(path, None)
        return Folder(path, os.open(name, os.O_RDONLY | os.O_DIRECTORY | _SAFELY, dir_fd=self._at))

    def names(self) -> list[str]:
        """List the names of all entries, sorted."""
        return sorted(os.listdir(self.path if self._at is None else self._at))

    def replace(self, source: Path, name: str) -> None:
        """Let a file take the place of an entry, in one step."""
        os.replace(source, self.path / name if self._at is None else name, dst_dir_fd=self._at)

    def add(self, source: Path, name: str) -> None:
        """Let a file take a place that is free.

        Raises FileExistsError if there is an entry of that name.
        """
        if self._at is None:
            os.rename(source, self.path / name)  # on Windows an entry that is there is an error
        else:
            try:
                os.link(source, name, dst_dir_fd=self._at, follow_symlinks=False)
            except FileExistsError:
                raise
            except OSError:  # a disk without hard links; the lock keeps our own away
                if self.kind(name) is not None:
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.path / name)) from None
                os.rename(source, name, dst_dir_fd=self._at)
                return
            os.unlink(source)

    def remove(self, name: str) -> None:
        """Remove a file."""
        os.unlink(self.path / name if self._at is None else name, dir_fd=self._at)

    def remove_tree(self, name: str) -> None:
        """Remove a folder with all that is in it, as far as that can be done; no link is followed."""
        if self._at is not None and shutil.rmtree.avoids_symlink_attacks:
            shutil.rmtree(name, ignore_errors=True, dir_fd=self._at)
        else:
            shutil.rmtree(self.path / name, ignore_errors=True)

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder."""
        os.rmdir(self.path / name if self._at is None else name, dir_fd=self._at)

    def settle(self) -> None:
        """Bring the names to the disk, where the system can."""
        if self._at is not None:
            with suppress(OSError):
                os.fsync(self._at)

    def __enter__(self) -> Self:
        """Nothing to do; leaving closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Give the descriptor back."""
        if self._at is not None:
            os.close(self._at)
            self._at = None


@contextmanager
def opened(root: Path, parts: Sequence[str] = (), *, make: bool = False) -> Iterator[Folder]:
    """Open a folder within ``root`` step by step; ``root`` may be a link, what lies within may not.

    Raises NotRegularError, OSError: see :meth:`Folder.enter`; also for names that climb.

    ``parts``: names of the folders on the way.
    ``make``: whether missing ones are made.
    """
    folder = Folder(root, os.open(root, os.O_RDONLY | os.O_DIRECTORY | _FLAGS) if _AT else None)
    try:
        for part in parts:
            if part in ("", ".", "..") or "/" in part or "\\" in part:
                raise NotRegularError("link")
            inner = folder.enter(part, make=make)
            folder.close()
            folder = inner
        yield folder
    finally:
        folder.close()


def open_regular(path: Path, inside: Path | None = None) -> BinaryIO:
    """Open a regular file for reading; never waits for a pipe, and never reads a device.

    Raises NotRegularError if it is no regular file, or lies behind a link; OSError if it cannot be opened.

    ``path``: the file.
    ``inside``: a folder above it: from there on nothing on the way may be a link or junction.
    """
    if inside is None:
        path = Path(os.path.realpath(path))  # unlike Path.resolve does not raise for a link that leads to itself
        inside = path.parent
    parts = path.relative_to(inside).parts
    if not parts:
        raise NotRegularError("folder")
    with opened(inside, parts[:-1]) as folder:
        return os.fdopen(folder.open(parts[-1]), "rb")


def kind_of(path: Path, inside: Path) -> str | None:
    """Tell what stands at a path within a folder, see :meth:`Folder.kind`; ``link`` also if a part of it is one."""
    parts = path.relative_to(inside).parts
    try:
        with opened(inside, parts[:-1]) as folder:
            return folder.kind(parts[-1]) if parts else "folder"
    except NotRegularError as error:
        return error.kind
    except (OSError, ValueError):
        return None
