"""Pictures as PNG: one run of Typst draws all, with a font that has every character, or says which is missing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from drafting.charts.svg import size, svg, words_of
from drafting.fonts import FontError, find_fonts, installed_fonts
from drafting.model.characters import visible
from drafting.model.drawing import PER_UNIT, Plot
from drafting.recall import key_of, together

DOTS = 220
"""Per inch on paper."""
_ABSENT = re.compile(r'the text `"(.+?)"` could not be displayed')
_MOST_ABSENT = 40
_PAGES = """#let all = json(bytes(sys.inputs.all))
#for one in all {
  page(width: one.wide * 1mm, height: one.tall * 1mm, margin: 0pt, fill: white,
    image(bytes(one.svg), format: "svg", width: 100%))
}
"""
_LETTERS = """#set document(title: "letters")
#set text(font: json(bytes(sys.inputs.fonts)), fallback: false, lang: "zh")
#sys.inputs.letters
"""


class ChartError(Exception):
    """A picture that cannot be drawn; the message says why and what to do, in Chinese."""


class MissingLibraryError(ChartError):
    """Typst is not installed."""

    def __init__(self) -> None:
        super().__init__('绘制 PNG 图需要 typst，尚未安装。请运行：pip install "cleaner-production-drafting[charts]"')


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
        super().__init__(f"{what}。请安装思源黑体（Noto Sans CJK SC），或改用字体中有的字。")


def png(plots: Sequence[Plot], *, titled: bool = False, dots: int = DOTS) -> list[bytes]:
    """Draw pictures as PNG, each as large on paper as its units say.

    Raises MissingLibraryError without Typst; MissingFontError if no font has all the characters: empty boxes are never
    drawn.

    ``titled``: see :func:`drafting.charts.svg.svg`.
    ``dots``: per inch.
    """
    if not plots:
        return []
    families = _families()
    words = (word for plot in plots for word in words_of(plot, titled=titled))
    absent = missing("".join(words), families)
    if absent:
        raise MissingFontError(absent)
    pages: list[dict[str, str | float]] = []
    for plot in plots:
        wide, tall = size(plot, titled=titled)
        drawn = svg(plot, titled=titled, families=families)
        pages.append({"svg": drawn, "wide": wide * PER_UNIT, "tall": tall * PER_UNIT})
    keys = [key_of("png", dots, page, families, installed_fonts()) for page in pages]
    made = together({key: n for n, key in enumerate(keys)}, lambda places: _drawn([pages[n] for n in places], dots))
    return [made[key] for key in keys]


def _drawn(pages: Sequence[Mapping[str, str | float]], dots: int) -> list[bytes]:
    import typst

    compiler = typst.Compiler(_PAGES.encode(), font_paths=find_fonts().loaded, sys_inputs={"all": json.dumps(pages)})
    made = compiler.compile(format="png", ppi=dots)
    assert made is not None
    return [made] if isinstance(made, bytes) else list(made)


def missing(words: Iterable[str], families: tuple[str, ...] | None = None) -> str:
    """Characters that the font has no glyph for, at most forty of them.

    Raises ChartError: see :func:`png`.
    """
    wanted = "".join(dict.fromkeys(c for c in visible("".join(words)) if not c.isspace()))
    return _missing(wanted, families or _families())


@cache
def _missing(letters: str, families: tuple[str, ...]) -> str:
    """Typst refuses a PDF/A with a missing glyph and names it; asked again without it until nothing is missing."""
    import typst

    found = ""
    while letters and len(found) < _MOST_ABSENT:
        given = {"fonts": json.dumps(families), "letters": letters}
        try:
            typst.Compiler(_LETTERS.encode(), font_paths=find_fonts().loaded, sys_inputs=given).compile(
                format="pdf", pdf_standards=["a-2b"], timestamp=0
            )
        except typst.TypstError as error:
            named = _ABSENT.search(str(error))
            if named is None:
                raise ChartError(f"无法绘图：{error}") from error
            absent = _unescaped(named[1])
            found += absent
            letters = "".join(c for c in letters if c not in absent)
        else:
            break
    return found


def _unescaped(said: str) -> str:
    return re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda m: chr(int(m[1], 16)), said)


def _families() -> tuple[str, ...]:
    try:
        fonts = find_fonts()
    except ImportError as error:
        raise MissingLibraryError from error
    except FontError as error:
        raise MissingFontError from error
    return fonts.hei
