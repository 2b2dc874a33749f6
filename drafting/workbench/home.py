"""Where the projects lie: one folder of this person's, remembered between starts."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from drafting.files import OutputError, atomic, file_stem, readable, reading_reason
from drafting.inside import kind_of

_APP = "cleaner-production-drafting"
_NAME = "清洁生产项目"
_OWN = ("项目.xlsx", "调研数据.xlsx", "调研数据.csv", "调研数据.parquet", "判断矩阵", "德尔菲", "重要性评分", "记录")
"""One of these makes a folder a project."""
_SYNCED = ("onedrive", "dropbox", "icloud", "google drive", "googledrive", "坚果云", "nutstore", "百度网盘",
           "baidunetdisk", "wpsdrive", "wps云盘", "seafile", "nextcloud", "owncloud")  # fmt: skip
"""Words in a path that tell of a folder which a program on the machine keeps in step with a server."""


@dataclass(frozen=True, slots=True)
class Place:
    """A project: its name, which is that of its folder and stands in addresses, and the folder."""

    name: str
    folder: Path


class HomeError(ValueError):
    """A folder that cannot hold projects; the message is for people."""


class Home:
    """The projects of one person on this machine.

    ``root``: the folder that holds the projects; by default the one chosen last, or one in 文档.
    ``settings``: where the choice is remembered.
    """

    def __init__(self, root: Path | None = None, settings: Path | None = None) -> None:
        self._settings = settings or Path(platformdirs.user_config_dir(_APP)) / "workbench.json"
        self.root = root or self._remembered() or Path(platformdirs.user_documents_dir()) / _NAME

    def _remembered(self) -> Path | None:
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            found = Path(json.loads(self._settings.read_text("utf-8"))["projects"])
            return found if found.is_absolute() else None
        return None

    def choose(self, text: str) -> None:
        """Take another folder and remember it.

        Raises HomeError if it is no absolute path, or a file.
        """
        path = Path(text.strip().strip('"“”'))
        if not text.strip() or not path.is_absolute():
            example = r"D:\清洁生产项目" if os.name == "nt" else "/home/我/清洁生产项目"
            raise HomeError(f"请写出完整的文件夹路径，例如 {example}。")
        if path.exists() and not path.is_dir():
            raise HomeError(f"“{path}”是文件，不是文件夹。")
        if (path / _OWN[0]).is_file():
            path = path.parent  # a project was meant: what holds it is the folder of projects
        self.root = path
        with suppress(OutputError), atomic(self._settings) as partial:  # not remembered, but taken
            partial.write_text(json.dumps({"projects": str(path)}, ensure_ascii=False), "utf-8")

    def projects(self) -> tuple[Place, ...]:
        """Give the projects whose names can stand in an address, the one changed last first.

        Raises HomeError if the folder is there and cannot be read.
        """
        found = [Place(n, self.root / n) for n in self._names() if readable(n) == n]
        return tuple(sorted(found, key=lambda p: -_changed(p.folder)))

    def nameless(self) -> tuple[str, ...]:
        """Give the projects whose names are no text, as well as they can be written: they stand in no address.

        Raises HomeError if the folder is there and cannot be read.
        """
        return tuple(readable(n) for n in self._names() if readable(n) != n)

    def _names(self) -> list[str]:
        if not self.root.exists():
            return []
        try:
            names = sorted(os.listdir(self.root))
        except OSError as error:
            raise HomeError(f"“{self.root}”不能读取：{reading_reason(error)}。") from error
        return [n for n in names if not n.startswith((".", "~")) and self._is_project(n)]

    def _is_project(self, name: str) -> bool:
        folder = self.root / name
        return kind_of(folder, self.root) == "folder" and any((folder / own).exists() for own in _OWN)

    def find(self, name: str) -> Place | None:
        """The project of a name; None if there is none: nothing but a folder right in the root is ever found."""
        if name in ("", ".", "..") or any(c in name for c in "/\\\0:") or name.startswith((".", "~")):
            return None
        return Place(name, self.root / name) if readable(name) == name and self._is_project(name) else None

    def free(self, wanted: str, default: str = "新项目", taken: Collection[str] = ()) -> Path:
        """A folder for a new project, called as wanted or as near to it as there is room; names of `taken` are not."""
        stem = file_stem(wanted, default)
        taken = set(taken)
        with suppress(OSError):
            taken |= {n.casefold() for n in os.listdir(self.root)}
        return self.root / file_stem(stem, default, taken=taken)

    @property
    def synced(self) -> str:
        """The word that tells that the folder is kept in step with a server; empty if none does."""
        path = str(self.root).casefold()
        return next((word for word in _SYNCED if word in path), "")


def _changed(folder: Path) -> float:
    """When something in a project was last changed, as far as a look at its upper entries tells."""
    times = []
    with suppress(OSError):
        times.append(folder.stat().st_mtime)
        times += [entry.stat().st_mtime for entry in os.scandir(folder)]
    return max(times, default=0.0)
