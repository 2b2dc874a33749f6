"""A font that has Chinese characters, or a clear error: never empty boxes.

Fonts of the system come first, then the Noto CJK SC files of the PyPI package ``mplfonts`` (its SimHei is not used).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "DengXian", "Noto Serif CJK SC",
    "Source Han Serif SC", "SimSun", "Songti SC", "Noto Sans CJK JP",
)  # fmt: skip
"""Families in the order of preference; the Japanese face has all the characters and often stands for its collection."""

_BUNDLED = ("NotoSansCJKsc-Regular.otf", "NotoSerifCJKsc-Regular.otf")
SAMPLE = "清洁生产评价指标体系权重轮次Ⅰ≥·（）"
"""Characters without which a font is of no use here."""

INSTALL = 'pip install "cleaner-production-drafting[charts]"'


class ChartError(Exception):
    """A picture that cannot be drawn; the message says why and what to do, in Chinese."""


class MissingLibraryError(ChartError):
    """Matplotlib is not installed."""

    def __init__(self) -> None:
        super().__init__(f"绘图需要 matplotlib，尚未安装。请运行：{INSTALL}")


class MissingFontError(ChartError):
    """No font with Chinese characters, or one without some character of the picture.

    Attributes
    ----------
    characters : str
        Those that are missing; empty if there is no Chinese font at all.
    """

    def __init__(self, characters: str = "") -> None:
        self.characters = characters
        what = f"找到的中文字体缺少这些字：{characters}" if characters else "没有找到中文字体，图中的汉字会变成空框"
        super().__init__(f"{what}。请安装思源黑体（Noto Sans CJK SC），或运行：{INSTALL}（自带该字体）。")


def chinese_family() -> str:
    """Name of a font family that Matplotlib knows and that has Chinese characters.

    Raises
    ------
    MissingLibraryError
        Without Matplotlib.
    MissingFontError
        If there is no such font.
    """
    if find_spec("matplotlib") is None:
        raise MissingLibraryError
    family = _find()
    if family is None:
        raise MissingFontError
    return family


@cache
def _find() -> str | None:
    return next((f for f in (*_of_the_system(), *_of_mplfonts())), None)


def _of_the_system() -> Iterator[str]:
    from matplotlib.font_manager import fontManager

    by_name = {entry.name: entry.fname for entry in reversed(fontManager.ttflist)}
    for family in FAMILIES:
        path = by_name.get(family)
        if path and Path(path).is_file() and not missing(path, SAMPLE):
            yield family


def _of_mplfonts() -> Iterator[str]:
    from matplotlib.font_manager import FontProperties, fontManager

    spec = find_spec("mplfonts")
    for folder in spec.submodule_search_locations or () if spec else ():
        for name in _BUNDLED:
            path = Path(folder) / "fonts" / name
            if path.is_file() and not missing(path, SAMPLE):
                fontManager.addfont(path)
                yield FontProperties(fname=path).get_name()


def missing(path: Path | str, characters: Iterable[str]) -> str:
    """Characters that a font file has no glyph for; all of them if it cannot be read."""
    from matplotlib.ft2font import FT2Font

    wanted = dict.fromkeys(c for c in characters if not c.isspace())
    try:
        known = FT2Font(str(path)).get_charmap()
    except (OSError, RuntimeError):
        return "".join(wanted)
    return "".join(c for c in wanted if ord(c) not in known)
