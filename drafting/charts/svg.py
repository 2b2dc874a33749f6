"""A picture as SVG: a file with the looks of ``templates/charts/looks.toml`` as attributes, or a part of a page.

In a page its shapes have classes in place of attributes, so that they follow the colours of the page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from drafting.charts.places import fold
from drafting.model.characters import visible
from drafting.model.drawing import Plot, Shape
from drafting.resources import templates

FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei", "sans-serif"
)  # fmt: skip
"""What a viewer may take; a picture on paper names the one font that was found."""
_MARGIN, _TITLE, _LINE = 10.0, 28.0, 17.0


def size(plot: Plot, *, titled: bool = True) -> tuple[float, float]:
    """Width and height in units, with margin, title and remark."""
    lines = len(_remark(plot))
    head = _TITLE if titled and plot.title else 0.0
    return plot.width + 2 * _MARGIN, plot.height + head + (lines * _LINE + 6 if lines else 0) + 2 * _MARGIN


def svg(plot: Plot, *, titled: bool = True, families: Sequence[str] = FAMILIES) -> str:
    """Write a picture as SVG.

    ``titled``: whether the title stands above: not where a caption says the same.
    ``families``: font families, best first.
    Returns the same for the same picture; nothing in it points elsewhere.
    """
    wide, tall = size(plot, titled=titled)
    head = _TITLE if titled and plot.title else 0.0
    shapes = [*plot.moved(_MARGIN, _MARGIN + head)]
    if head:
        (words,) = fold(plot.title, plot.width, 1, 8.0)
        shapes.insert(0, Shape("head", text=words, x=_MARGIN, y=_MARGIN + 15))
    below = _MARGIN + head + plot.height + 14
    shapes += [Shape("tick", text=t, x=_MARGIN, y=below + n * _LINE) for n, t in enumerate(_remark(plot))]
    label = quoteattr(visible(plot.label))
    family = quoteattr(", ".join(families))
    drawn = "".join(_drawn(s, _look(s.look, bool(s.text))) for s in shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {tall:g}" width="{wide:g}" height="{tall:g}" '
        f'role="img" aria-label={label} font-family={family}>'
        f'<rect width="{wide:g}" height="{tall:g}" fill="#ffffff"/>{drawn}</svg>\n'
    )


def inline(plot: Plot) -> Markup:
    """Write a picture as a part of a page; its title and remark stand beside it there."""
    label = quoteattr(visible(plot.label))
    shapes = "\n".join(_drawn(s, {"class": s.look}) for s in plot.shapes)
    head = f'<svg class="plot" viewBox="0 0 {plot.width:g} {plot.height:g}" role="img" aria-label={label}>'
    return Markup(f"{head}\n{shapes}\n</svg>")  # noqa: S704 -- every word and attribute is escaped


def words_of(plot: Plot, *, titled: bool = True) -> Iterator[str]:
    """All words that are drawn."""
    yield from (s.text for s in plot.shapes if s.text)
    yield plot.remark
    if titled:
        yield plot.title


def _remark(plot: Plot) -> tuple[str, ...]:
    return fold(plot.remark, plot.width, 4) if plot.remark else ()


def _drawn(shape: Shape, look: Mapping[str, str]) -> str:
    given = dict(look)
    if shape.ink:
        given["fill"] = shape.ink
    if shape.text:
        given |= {"x": f"{shape.x:.1f}", "y": f"{shape.y:.1f}"}
        if shape.anchor != "start":
            given["text-anchor"] = shape.anchor
        if shape.turn:
            given["transform"] = f"rotate({shape.turn:g} {shape.x:.1f} {shape.y:.1f})"
        return f"<text{_attributes(given)}>{escape(visible(shape.text))}</text>"
    if shape.x or shape.y:
        given["transform"] = f"translate({shape.x:g} {shape.y:g})"
    title = f"<title>{escape(visible(shape.title))}</title>" if shape.title else ""
    return f"<path{_attributes(given)} d={quoteattr(shape.path)}>{title}</path>"


def _attributes(given: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in given.items())


@cache
def looks() -> Mapping[str, Mapping[str, str]]:
    """Attributes by role."""
    return tomllib.loads((templates() / "charts" / "looks.toml").read_text("utf-8"))


@cache
def _look(look: str, text: bool) -> Mapping[str, str]:
    found: dict[str, str] = dict(looks()["text"]) if text else {}
    for role in (*look.split(), look):
        found |= looks().get(role, {})
    return found
