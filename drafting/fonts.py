"""Chinese fonts for PDF and pictures: those of the system first, then the two Noto files of a font package."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst

SONG = ("SimSun", "宋体", "NSimSun", "Songti SC", "STSong", "Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC")
HEI = ("SimHei", "黑体", "Heiti SC", "STHeiti", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC",
       "Microsoft YaHei", "WenQuanYi Zen Hei")  # fmt: skip
LATIN = ("Times New Roman", "Liberation Serif", "Nimbus Roman", "TeX Gyre Termes", "Libertinus Serif")
_PACKAGE = "pylopdf_fonts_zh_cn"
_PACKAGED = ("NotoSerifSC-Regular.otf", "NotoSansSC-Regular.otf")


_FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts", "~/.fonts", "~/.local/share/fonts",
    "~/.config/fontconfig", "/Library/Fonts", "/System/Library/Fonts", "~/Library/Fonts", "$WINDIR/Fonts",
    "$LOCALAPPDATA/Microsoft/Windows/Fonts",
)  # fmt: skip
"""Where systems keep fonts, and what says which stands for which."""


class FontError(RuntimeError):
    """No Chinese font was found: the message, in Chinese, says where was looked and what helps."""

    def __init__(self, looked_for: Sequence[str]) -> None:
        self.looked_for = tuple(looked_for)
        super().__init__(
            f"找不到中文字体。系统中没有{'、'.join(looked_for[:3])}或思源（Noto）字体，也没有安装字体包。"
            "请安装其中任一字体，或执行 pip install pylopdf-fonts-zh-cn 后重试。"
        )


@dataclass(frozen=True)
class PdfFonts:
    """Families by role, Latin before Chinese, and the fonts as Typst holds them."""

    song: tuple[str, ...]
    hei: tuple[str, ...]
    loaded: typst.Fonts


def packaged_files() -> tuple[Path, ...]:
    """Give the Noto Serif and Sans SC files of the font package; none if it is not installed."""
    found = find_spec(_PACKAGE)
    if found is None or not found.origin:
        return ()
    folder = Path(found.origin).parent
    return tuple(path for name in _PACKAGED if (path := folder / name).is_file())


@cache
def installed_fonts(folders: Sequence[str] = _FOLDERS) -> str:
    """Digest of the fonts of this system, by name, size and time: with others, lines and pages break elsewhere."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in _files(os.path.expandvars(os.path.expanduser(folder))):
            found = os.stat(path)
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _files(folder: str) -> Iterator[str]:
    for top, below, names in os.walk(folder):
        below.sort()
        yield from (path for name in sorted(names) if os.path.isfile(path := os.path.join(top, name)))


@cache
def find_fonts(*, system: bool = True, packaged: bool = True) -> PdfFonts:
    """Look for fonts.

    Raises FontError if there is no Chinese font: tofu is never printed.
    """
    import typst

    loaded = typst.Fonts(include_system_fonts=system)
    song, hei = (_first(loaded, names) for names in (SONG, HEI))
    if (song is None or hei is None) and packaged and (files := packaged_files()):
        # Typst takes folders: ours holds those two files and none of the package's others.
        folder = mkdtemp(prefix="drafting-fonts-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        for path in files:
            shutil.copy(path, folder)
        loaded = typst.Fonts(include_system_fonts=system, font_paths=[folder])
        song, hei = (_first(loaded, names) for names in (SONG, HEI))
    song, hei = song or hei, hei or song
    if song is None or hei is None:
        raise FontError((*SONG[:2], *HEI[:2]))
    latin = _first(loaded, LATIN)
    return PdfFonts((*((latin,) if latin else ()), song), (hei,), loaded)


def _first(loaded: typst.Fonts, names: Sequence[str]) -> str | None:
    families = set(loaded.families())
    return next((name for name in names if name in families), None)
