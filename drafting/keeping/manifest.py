"""记录/成果清单.json: the digest of every file written into 成果/, and which of them belong together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drafting.model.coded import JSON

NAME = "成果清单.json"
FORMAT = 1
_WHAT = "程序写入 成果/ 的文件及其校验码，用于辨认人工改过的文件和不属于同一次输出的文件；由程序维护。"


class ManifestError(ValueError):
    """A manifest that cannot be used.

    Attributes
    ----------
    newer : bool
        Whether a newer version of the program wrote it; otherwise it is damaged.
    """

    def __init__(self, *, newer: bool) -> None:
        super().__init__("newer" if newer else "damaged")
        self.newer = newer


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as it was written."""

    sha256: str
    basis: str = ""
    """Digest of the inputs that it was made from; empty if it was there before there was a manifest."""
    instead_of: str = ""
    """The file, kept as a person left it, that this one was written beside."""


_OF_THEIR_TIME = ("问卷", "标注", "专家咨询")
_EVALUATION = "评价结果-"


def of_its_time(name: str) -> bool:
    """Whether a file belongs to the moment in which it was sent out or looked at, and to no generation."""
    first, _, _ = name.partition("/")
    return first in _OF_THEIR_TIME or first.startswith(_EVALUATION)


_NONE: Mapping[str, Entry] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands in 成果/, by path in it."""

    files: Mapping[str, Entry] = field(default_factory=lambda: _NONE)
    basis: str = ""
    """Of the files written last."""
    begun: Mapping[str, Entry] | None = None
    """Files that were about to be replaced; None once all of them were."""

    @property
    def digests(self) -> frozenset[str]:
        """Of everything that the program wrote or was about to write."""
        return frozenset(e.sha256 for e in (*self.files.values(), *(self.begun or {}).values()))

    def to_bytes(self) -> bytes:
        """The file's content; the same manifest gives the same bytes."""
        content: dict[str, JSON] = {"format": FORMAT, "what": _WHAT, "basis": self.basis, "files": _plain(self.files)}
        if self.begun is not None:
            content["begun"] = _plain(self.begun)
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "surrogateescape")


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest.

    Raises ManifestError if it is damaged, or of a newer layout.
    """
    try:
        content = json.loads(data.decode("utf-8", "surrogateescape"))
        number = content["format"]
        if isinstance(number, int) and number > FORMAT:
            raise ManifestError(newer=True)
        begun = content.get("begun")
        made = Manifest(_entries(content["files"]), _text(content["basis"]), None if begun is None else _entries(begun))
        if number != FORMAT:
            raise ManifestError(newer=False)
    except (KeyError, TypeError, AttributeError, RecursionError, ValueError) as error:
        if isinstance(error, ManifestError):
            raise
        raise ManifestError(newer=False) from error
    return made


def _plain(files: Mapping[str, Entry]) -> dict[str, dict[str, str]]:
    return {
        name: {"sha256": e.sha256, "basis": e.basis} | ({"instead_of": e.instead_of} if e.instead_of else {})
        for name, e in sorted(files.items())
    }


def _entries(content: Any) -> Mapping[str, Entry]:
    return MappingProxyType(
        {
            _path(name): Entry(_text(e["sha256"]), _text(e["basis"]), _text(e.get("instead_of", "")))
            for name, e in content.items()
        }
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _path(value: Any) -> str:
    parts = _text(value).split("/")
    if not all(parts) or {".", ".."} & {*parts} or "\0" in value:
        raise ValueError(value)
    return "/".join(parts)
