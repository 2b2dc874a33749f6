"""Writes files complete or not at all, and says in Chinese why one cannot be written."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_REASONS = {
    errno.EACCES: "没有写入权限，或文件正在 Excel、Word 中打开；请关闭文件或检查权限后重试",
    errno.EPERM: "没有写入权限，或文件正在 Excel、Word 中打开；请关闭文件或检查权限后重试",
    errno.EBUSY: "文件正被其他程序使用；请关闭后重试",
    errno.ETXTBSY: "文件正被其他程序使用；请关闭后重试",
    errno.EROFS: "所在磁盘为只读；请换一个可写的文件夹",
    errno.ENOSPC: "磁盘空间不足；请清理后重试",
    errno.EDQUOT: "磁盘配额已满；请清理后重试",
    errno.ENAMETOOLONG: "文件名或路径过长；请换用较短的名称",
    errno.ENOTDIR: "路径中有一段是文件而不是文件夹",
    errno.EEXIST: "路径中有一段是文件而不是文件夹",
    errno.EISDIR: "同名的文件夹已存在；请改名或移走",
    errno.ENOENT: "文件夹不存在",
    errno.ELOOP: "是链接（符号链接或联接点），不跟随；请换成真正的文件夹或文件",
    errno.ENOLCK: "所在磁盘（如网络共享）不支持文件锁；请把项目放在本机磁盘上",
    errno.ENOTSUP: "所在磁盘（如网络共享）不支持文件锁；请把项目放在本机磁盘上",
}
_READING = {
    errno.ENOENT: "文件不存在，可能已被移走、改名，或还没有从网盘下载到本机",
    errno.EACCES: "没有读取权限，或文件正被其他程序（如 Excel）占用",
    errno.EPERM: "没有读取权限，或文件正被其他程序（如 Excel）占用",
    errno.EBUSY: "文件正被其他程序占用",
    errno.ETXTBSY: "文件正被其他程序占用",
    errno.EISDIR: "它是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段是文件而不是文件夹",
    errno.ENAMETOOLONG: "文件名或路径过长",
    errno.ELOOP: "快捷链接指来指去，没有指向任何文件",
    errno.EIO: "磁盘或网络盘读取出错",
    errno.ETIMEDOUT: "网络盘没有应答",
    errno.ESTALE: "网络盘上的文件已被移走或替换",
    errno.ENODEV: "磁盘已断开",
    errno.ENXIO: "它不是普通文件",
    errno.EMFILE: "打开的文件过多",
    errno.ENFILE: "打开的文件过多",
    errno.ENOMEM: "内存不足",
}


def reading_reason(error: OSError) -> str:
    """Say in Chinese why a file could not be read; the system's own words are English on most machines.

    Parameters
    ----------
    error : OSError
        What reading raised; a number without words of its own is named (错误号 5).
    """
    number = error.errno
    return _READING.get(number or 0) or (f"系统报告错误（错误号 {number}）" if number else "系统报告错误")


_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069]+')
"""What no name may hold, and marks that turn the reading direction: a name is to end where it seems to end."""
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
NAME_BYTES = 255
"""What Linux gives a name."""
_MOST_BYTES = 180
"""Of the 255 bytes that Linux gives a name, what a stem may take: an ending and a suffix are still to come."""


def readable(name: str) -> str:
    """A file's name as it can be written down: unpacked with another machine's signs it need not be text."""
    return name.encode("utf-8", "replace").decode()


def file_stem(text: str, default: str, *, taken: set[str] | None = None) -> str:
    """Turn a text into a file name that Windows and Linux accept and that climbs no folder; the ending is the caller's.

    Parameters
    ----------
    text
        What the file is called after.
    default
        What it is called if nothing of ``text`` may stand in a name; put before names that Windows keeps for devices.
    taken
        Names given so far, folded; an equal one gets a number behind it, and the new one is added.
    """
    stem = _FORBIDDEN.sub("", text).encode("utf-8", "ignore")[:_MOST_BYTES].decode("utf-8", "ignore").strip(" .")
    stem = stem or default
    if _RESERVED.fullmatch(stem):
        stem = f"{default}{stem}"
    if taken is None:
        return stem
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}（{number}）"
    taken.add(name.casefold())
    return name


MOST_RECORD = 32 << 20
"""Bytes of a record in 记录/: as JSON of nothing but empty lists it takes 0.9 GB of memory and 2 s to be read."""


class OutputError(Exception):
    """A file or folder that cannot be written.

    Parameters
    ----------
    path : Path
        What could not be written.
    error : OSError
        Why; the message puts the common reasons into words.

    Attributes
    ----------
    path : Path
    reason : str
        In Chinese.
    """

    def __init__(self, path: Path, error: OSError) -> None:
        # An OSError made with a sentence instead of a number carries the sentence as its only argument.
        own = str(error.args[0]) if error.errno is None and error.args else ""
        self.path = path
        self.reason = own or _REASONS.get(error.errno or 0) or f"系统报告错误（错误号 {error.errno or '不详'}）"
        super().__init__(f"无法写入“{path}”：{self.reason}。")


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Write a file complete or not at all.

    Yields the path of a new file in the same folder (with the same ending) to write to; when the block ends well it
    takes the place of ``path``, otherwise it is removed and what stood at ``path`` is kept. Missing folders are made.

    Raises
    ------
    OutputError
        If the folder or the file cannot be written: locked by another program, read-only, disk full.
    """
    path = Path(path)
    partial = path.with_name(f".{path.stem[:40]}.{secrets.token_hex(4)}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        partial.touch(exist_ok=False)
    except OSError as error:
        raise OutputError(path, error) from error
    try:
        yield partial
        _settle(partial)
        os.replace(partial, path)
    except OSError as error:
        # A fault of reading something else inside the block is not a fault of this output.
        if error.filename is None or Path(os.fsdecode(error.filename)) in (partial, path):
            raise OutputError(path, error) from error
        raise
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _settle(partial: Path) -> None:
    """Bring the content to the disk before the name changes, so that a power cut leaves the old file or the new one."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
