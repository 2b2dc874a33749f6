"""A picture is one description: a file and a part of a page draw the same shapes, and words never become markup."""

from __future__ import annotations

import re

from lxml import etree

from drafting.charts.svg import inline, svg
from drafting.model.drawing import Plot, Shape

HOSTILE = '</text><script>alert(1)</script>&"'


def plot() -> Plot:
    shapes = (
        Shape("curve", path="M1 2L3 4", x=5.0, y=6.25, ink="#123456", title=HOSTILE),
        Shape("tick", text=HOSTILE, x=1.0, y=2.0, anchor="middle", turn=-90.0),
    )
    return Plot(shapes=shapes, width=100, height=50, label=HOSTILE, title="题")


def test_page_and_file_draw_the_same_shapes() -> None:
    page, file = etree.fromstring(str(inline(plot()))), etree.fromstring(svg(plot(), titled=False))
    assert [e.get("d") for e in page.iter("{*}path")] == [e.get("d") for e in file.iter("{*}path")] == ["M1 2L3 4"]
    (turned,) = page.iter("{*}text")
    assert turned.get("transform", "").startswith(
        "rotate(-90 "
    )  # a copy of the drawing forgot it, and inks, and titles
    assert turned.get("text-anchor") == "middle"
    (path,) = page.iter("{*}path")
    assert (path.get("fill"), path.get("class")) == ("#123456", "curve")
    assert path.find("{*}title").text == HOSTILE


def test_words_of_a_picture_never_become_markup() -> None:
    said = str(inline(plot()))
    assert "<script" not in said
    assert len(re.findall("<[a-z]", said)) == 4  # svg, path, title, text
    assert etree.fromstring(said).get("aria-label") == HOSTILE
