"""A version of a project in 记录/版本/: its manifest, which names every file by its digest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from drafting.files import file_stem

FORMAT = 1
STAGE, NAMED, BEFORE, REPLACED = "阶段", "留存", "恢复前", "更换前"
"""Why a version was kept: a stage, a person's wish, a restore or an upload that was to follow."""
MANIFEST = re.compile(r"([0-9]{4,9})-.+\.json", re.DOTALL)
_WHAT = "项目在某一时刻的全部文件：名称、校验码和字节数；内容在 块/ 中，按校验码存放。由程序维护，只增不改。"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class VersionError(ValueError):
    """A version that cannot be used.

    Attributes
    ----------
    name : str
        Of the version, or what was asked for.
    reason : str
        In Chinese.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"版本“{name}”{reason}")
        self.name = name
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a version."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Version:
    """The state of a project at one moment."""

    number: int
    """Counted from 1 in the order in which versions were kept; never given twice."""
    name: str
    """Of the stage, or as a person called it; several versions may bear the same."""
    kind: str
    """阶段, 留存, 恢复前 or 更换前."""
    time: str
    """ISO 8601 with the offset of the place."""
    files: Mapping[str, Kept]
    """By path in the project folder."""
    previous: str = ""
    """Digest of the manifest before this one; empty for the first."""
    note: str = ""
    program: str = ""
    day: str = ""
    """Of completion as the cover bears it (ISO 8601); empty where only the moment of keeping is known."""
    digest: str = ""
    """Of this version's own manifest."""

    @property
    def label(self) -> str:
        """What it is called where the name alone is not enough: ``0002-征求意见稿``."""
        return f"{self.number:04d}-{file_stem(self.name, '版本')}"

    @property
    def file(self) -> str:
        """Name of its manifest in 记录/版本/."""
        return f"{self.label}.json"

    @property
    def date(self) -> str:
        """The day of completion: a draft finished on one day may be kept after midnight."""
        return self.day or self.time[:10]

    def to_bytes(self) -> bytes:
        """The manifest's content."""
        files = {n: {"sha256": k.sha256, "bytes": k.bytes} for n, k in sorted(self.files.items())}
        content = {
            "format": FORMAT, "what": _WHAT, "number": self.number, "name": self.name, "kind": self.kind,
            "time": self.time, **({"day": self.day} if self.day else {}), "note": self.note, "program": self.program,
            "previous": self.previous, "files": files,
        }  # fmt: skip
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "surrogateescape")


def read_version(data: bytes, file: str) -> Version:
    """Read a manifest.

    Raises VersionError if it is damaged, of a newer layout, or named otherwise than it says.
    """
    name = file.removesuffix(".json")
    try:
        content = json.loads(data.decode("utf-8", "surrogateescape"))
        number = content["format"]
        if isinstance(number, int) and number > FORMAT:
            raise VersionError(name, "由较新的程序写出，本程序不能读取")
        texts = {k: _text(content[k]) for k in ("name", "kind", "time", "note", "program", "previous")}
        texts["day"] = _day(content.get("day", ""))
        files = {_path(n): Kept(_digest(k["sha256"]), _count(k["bytes"])) for n, k in content["files"].items()}
        digest = hashlib.sha256(data).hexdigest()
        made = Version(_count(content["number"]), files=MappingProxyType(files), digest=digest, **texts)
    except (KeyError, TypeError, AttributeError, RecursionError, ValueError) as error:
        if isinstance(error, VersionError):
            raise
        raise VersionError(name, "的清单已损坏") from error
    if number != FORMAT or made.file != file:
        raise VersionError(name, "的清单已损坏")
    return made


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _day(value: Any) -> str:
    return date.fromisoformat(text).isoformat() if (text := _text(value)) else ""


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(value)
    return value


def _digest(value: Any) -> str:
    if not _SHA256.fullmatch(_text(value)):
        raise ValueError(value)
    return str(value)


def _path(value: Any) -> str:
    parts = _text(value).split("/")
    if not all(parts) or {".", ".."} & {*parts} or "\0" in value or "\\" in value:
        raise ValueError(value)
    return "/".join(parts)
