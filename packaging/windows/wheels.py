"""What goes into the folder: the closure of a wheel's requirements on Windows, and wheels unpacked by digest."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import stat
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.parser import BytesParser
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TARGET = {
    "os_name": "nt",
    "sys_platform": "win32",
    "platform_system": "Windows",
    "platform_machine": "AMD64",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
    "platform_release": "10",
    "platform_version": "10.0.19045",
    "python_version": "3.12",
    "python_full_version": "3.12.9",
    "implementation_version": "3.12.9",
}
"""What markers are judged by; pip judges them by the machine it runs on, whatever platform it downloads for."""

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"|?*\\]')


class RefusedError(Exception):
    """Something must not go into the folder; the message says what and why, in Chinese."""


@dataclass(frozen=True)
class Wheel:
    """A wheel file as it describes itself.

    Attributes
    ----------
    name : str
        Canonical name of the distribution.
    requires : tuple of str
        Its requirements with markers, as in its metadata.
    """

    path: Path
    name: str
    version: str
    requires: tuple[str, ...]


def described(path: Path) -> Wheel:
    """Read a wheel's own description.

    Raises
    ------
    RefusedError
        When it is no wheel.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = [n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n)]
            if len(found) != 1:
                raise RefusedError(f"{path.name}：不是 wheel（没有唯一的 METADATA）。")
            metadata = BytesParser().parsebytes(archive.read(found[0]))
    except zipfile.BadZipFile as fault:
        raise RefusedError(f"{path.name}：不是 wheel（压缩包已损坏）。") from fault
    name, version = canonicalize_name(str(metadata["Name"])), str(metadata["Version"])
    return Wheel(path, name, version, tuple(str(r) for r in metadata.get_all("Requires-Dist", [])))


def active(requires: Iterable[str], extras: Iterable[str]) -> list[Requirement]:
    """Requirements that hold on the target with these extras."""
    wanted = ["", *extras]
    return [
        parsed
        for parsed in map(Requirement, requires)
        if parsed.marker is None or any(parsed.marker.evaluate({**TARGET, "extra": e}) for e in wanted)
    ]


def closure(root: Wheel, extras: Sequence[str], present: Mapping[str, Wheel]) -> tuple[set[str], list[str]]:
    """Walk the requirements of a wheel as they hold on Windows.

    Returns
    -------
    set of str
        Names reached: what belongs into the folder.
    list of str
        Requirements for which no wheel is present.

    Raises
    ------
    RefusedError
        When a wheel that is present has a version that somebody forbids.
    """
    reached: dict[str, set[str]] = {root.name: set()}
    missing: dict[str, str] = {}
    waiting: list[tuple[Wheel, frozenset[str]]] = [(root, frozenset(extras))]
    while waiting:
        wheel, wanted = waiting.pop()
        for need in active(wheel.requires, wanted):
            name = canonicalize_name(need.name)
            found = root if name == root.name else present.get(name)
            if found is None:
                missing[name] = str(need).split(";")[0].strip()
                continue
            if not need.specifier.contains(found.version, prereleases=True):
                raise RefusedError(f"{wheel.path.name} 要求 {need}，得到的是 {found.version}。")
            if name not in reached or need.extras - reached[name]:
                reached.setdefault(name, set()).update(need.extras)
                waiting.append((found, frozenset(reached[name])))
    return set(reached), sorted(missing.values())


def safe(member: str, where: str) -> PurePosixPath:
    """A path inside an archive as a path inside a folder of Windows.

    Raises
    ------
    RefusedError
        When it climbs, is absolute, or Windows could not make it as it stands.
    """
    parts = member.split("/")
    bad = member.startswith("/") or any(
        p in ("", ".", "..") or p[-1] in ". " or _FORBIDDEN.search(p) or _RESERVED.fullmatch(p) for p in parts
    )
    if bad:
        raise RefusedError(f"{where}：路径“{member}”会落到文件夹之外，或 Windows 不接受。")
    return PurePosixPath(*parts)


def _placed(member: str, where: str) -> PurePosixPath | None:
    """Where a member goes below site-packages; None for scripts and shared data, which nothing here calls."""
    path = safe(member, where)
    if not path.parts[0].endswith(".data"):
        return path
    if len(path.parts) > 2 and path.parts[1] in ("purelib", "platlib"):
        return PurePosixPath(*path.parts[2:])
    return None


def _digests(archive: zipfile.ZipFile, where: str) -> dict[str, str]:
    """What RECORD says of each member: its SHA-256, empty where it has none (RECORD itself)."""
    names = [n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/RECORD", n)]
    if len(names) != 1:
        raise RefusedError(f"{where}：没有 RECORD，无法核对内容。")
    rows = csv.reader(io.StringIO(archive.read(names[0]).decode("utf-8")))
    return {row[0]: row[1] for row in rows if row}


def unpack(wheel: Path, folder: Path, taken: dict[str, str]) -> int:
    """Unpack a wheel into site-packages, every member checked against RECORD; nothing is written if it is refused.

    Parameters
    ----------
    taken
        Lower-case path -> wheel that brought it; added to. Windows knows no difference of case.

    Returns
    -------
    int
        Number of files written.

    Raises
    ------
    RefusedError
        For a path that climbs, a link, a file in the place of another, a digest that is not RECORD's, a .pth file.
    """
    where = wheel.name
    ready: dict[PurePosixPath, bytes] = {}
    with zipfile.ZipFile(wheel) as archive:
        said = _digests(archive, where)
        for member in archive.infolist():
            if member.is_dir():
                safe(member.filename.rstrip("/"), where)
                continue
            if stat.S_ISLNK(member.external_attr >> 16):
                raise RefusedError(f"{where}：“{member.filename}”是链接，不采用。")
            path = _placed(member.filename, where)
            content = archive.read(member)
            digest = "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            if not member.filename.endswith(".dist-info/RECORD") and said.get(member.filename) != digest:
                raise RefusedError(f"{where}：“{member.filename}”与 RECORD 中的校验值不符。")
            if path is None:
                continue
            if len(path.parts) == 1 and path.suffix == ".pth":
                raise RefusedError(f"{where}：“{path}”要在启动时执行，便携文件夹不执行 .pth。")
            if (other := taken.get(str(path).lower())) is not None:
                raise RefusedError(f"{where}：“{path}”与 {other} 中的文件同名。")
            ready[path] = content
            taken[str(path).lower()] = where
    for path, content in ready.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return len(ready)
