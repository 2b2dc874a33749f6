"""Pictures as files: the same bytes twice, real fonts or a clear error, words stay words, every look is known."""

from __future__ import annotations

import re
import struct
import zlib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from drafting.charts import raster
from drafting.charts.places import SMALL, fold, width
from drafting.charts.raster import MissingFontError, MissingLibraryError, png
from drafting.charts.svg import looks, size, svg
from drafting.charts.weights import weight_bars
from drafting.fonts import FontError
from drafting.model.drawing import PER_UNIT, Plot, Shape
from drafting.model.results import WeightGroup, WeightRow
from drafting.resources import templates

typst = pytest.importorskip("typst", reason="PNG needs the extra “pdf”")


def bars(*names: str) -> Plot:
    share = Decimal(1) / len(names)
    weights = tuple(WeightRow(f"N{k}", name, float(share), share) for k, name in enumerate(names))
    return weight_bars(WeightGroup("能源消耗", weights, "给定"))


def test_a_png_is_as_large_as_its_units_say_and_the_same_twice() -> None:
    plots = [bars("综合能耗", "水耗"), bars("余热利用率")]
    one, two = png(plots), png(plots)
    assert one == two
    for plot, data in zip(plots, one, strict=True):
        assert data.startswith(b"\x89PNG")
        pixels = struct.unpack(">II", data[16:24])
        wanted = [units * PER_UNIT / 25.4 * raster.DOTS for units in size(plot, titled=False)]
        assert pixels == pytest.approx(wanted, abs=1.5)


def test_no_picture_is_no_run() -> None:
    assert png([]) == []


def test_a_picture_shows_ink_where_words_and_bars_are() -> None:
    blank = png([Plot(400, 80, "", ())])[0]
    drawn = png([bars("综合能耗")], titled=True)[0]
    assert len(set(zlib.decompress(pixels_of(blank)))) < 5
    assert len(set(zlib.decompress(pixels_of(drawn)))) > 100


def pixels_of(data: bytes) -> bytes:
    """The packed pixels of a PNG."""
    found, at = b"", 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        found += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return found


HOSTILE = (
    "<script>alert(1)</script>",
    '"]]><x',
    "a&b",
    "$\\frac$",
    "#import",
    "\u202e反向",
    "控制\x0b符",
    "半\ud800个",
)


@pytest.mark.parametrize("words", HOSTILE)
def test_words_are_words(words: str) -> None:
    drawn = svg(bars(words, "水耗"))
    tree = etree.fromstring(drawn.encode("utf-8"))
    assert {etree.QName(e).localname for e in tree.iter()} <= {"svg", "rect", "path", "text", "title"}
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e]", drawn)
    assert png([bars(words, "水耗")])


def test_a_file_points_nowhere() -> None:
    assert re.findall(r"https?://[^\"]+", svg(bars("综合能耗"))) == ["http://www.w3.org/2000/svg"]


def test_a_character_that_the_font_lacks_is_an_error_never_a_box() -> None:
    with pytest.raises(MissingFontError) as error:
        png([bars("能源\uf8ff消耗\uf8fe")])
    assert set(error.value.characters) == {"\uf8ff", "\uf8fe"}
    assert "\uf8ff" in str(error.value)


def test_without_a_chinese_font_or_typst_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_font() -> None:
        raise FontError(("宋体", "黑体"))

    monkeypatch.setattr(raster, "find_fonts", no_font)
    with pytest.raises(MissingFontError, match="没有找到中文字体"):
        png([bars("综合能耗")])

    def no_typst() -> None:
        raise ImportError

    monkeypatch.setattr(raster, "find_fonts", no_typst)
    with pytest.raises(MissingLibraryError, match="typst"):
        png([bars("综合能耗")])


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=60), st.integers(20, 200), st.integers(1, 3))
def test_folded_words_fit_and_say_where_they_were_cut(words: str, room: int, most: int) -> None:
    lines = fold(words, room, most)
    assert len(lines) <= most
    for line in lines:
        assert width(line.removesuffix("…"), SMALL) <= room or len(line) == 1
    whole = "".join(lines)
    assert whole == words or (whole.endswith("…") and words.startswith(whole[:-1]))


def test_every_look_is_known_to_the_file_and_to_the_page() -> None:
    """A shape without a look would be a black area."""
    style = (templates() / "html" / "style.css").read_text("utf-8")
    charts = Path(raster.__file__).parent
    code = "".join(p.read_text("utf-8") for p in charts.glob("*.py"))
    words = set(re.findall(r'Shape\(\s*f?"([a-z ]+)', code))
    roles = {role for look in words for role in look.split()} - {"g", "share", "zone", "dot", "head"}
    assert len(roles) > 12
    for role in roles:
        assert role in looks(), role
        assert re.search(rf"\.plot[^{{]*\.{role}\b", style), role


def test_shapes_of_a_moved_plot_keep_their_paths() -> None:
    plot = Plot(10, 10, "", (Shape("line", "M0 0H10"), Shape("tick", text="一", x=1, y=2)))
    path, text = plot.moved(5, 7)
    assert (path.path, path.x, path.y) == ("M0 0H10", 5, 7)
    assert (text.x, text.y) == (6, 9)
    assert 'transform="translate(15 17)"' in svg(Plot(20, 20, "", (path,)))
