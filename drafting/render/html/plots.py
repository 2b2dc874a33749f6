"""Pictures of baselines as shapes for inline SVG: they need no library, scale with the page and follow its colours.

What they show comes from :class:`IndicatorPicture`, as in the files of ``drafting.charts``; only where things lie is
computed here. Templates draw the shapes; text that came from people is escaped there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from drafting.model.pictures import Cut, Floats, IndicatorPicture, Mark, apart, beside
from drafting.model.terms import GRADES, Direction
from drafting.words import interval, percent

WIDTH = 460
"""Units across; about as many pixels, so that letters keep their size on a phone."""
_STRIP, _PLOT = 46, 236
_LEFT, _RIGHT = 46.0, 448.0
_FAR_LEFT = 66.0
"""Left edge beside numbers of any length."""
_TOP, _BOTTOM = 14.0, 168.0
_CURVE_TOP, _CURVE_BOTTOM = 24.0, 204.0
_LABEL = 20.0
"""Distance that two lines of text need."""
_PLATE = 9.0
"""Half the height of the ground that a label stands on."""
_DOT = 3.4
_LETTER = 7.4
"""Width of a digit; a Chinese letter takes two."""
_TICKS = 5
_FINE = 4.0
"""Parts of a unit that are told apart: a survey of any size gives paths of some thousand points."""
_NAMED = 5
"""Values that one ring names."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A path or, with ``text``, a text at (x, y); ``look`` is its class, ``title`` what pointing at it says."""

    look: str
    path: str = ""
    text: str = ""
    x: float = 0.0
    y: float = 0.0
    anchor: str = "start"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing of some size in units and what it says to those who cannot see it."""

    width: int
    height: int
    label: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class IndicatorFigure:
    """One indicator on the page: its strip, and behind that its distribution, its curve and the figures in words."""

    picture: IndicatorPicture
    strip: Plot
    distribution: Plot
    curve: Plot
    rows: tuple[tuple[str, str, str, str], ...]
    """Grade, published value, share that reaches it, interval."""
    remark: str


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """The indicators of one category."""

    category: str
    figures: tuple[IndicatorFigure, ...]


def category_figures(pictures: Sequence[IndicatorPicture], *, internal: bool = False) -> tuple[CategoryFigures, ...]:
    """Prepare the pictures of all indicators, category by category.

    Parameters
    ----------
    pictures
        In the order of the system; those of strata follow the one of all enterprises.
    internal
        Whether pointing at a value to be verified names its enterprise: for the committee's own page.
    """
    order = {p.category: n for n, p in reversed(list(enumerate(pictures)))}
    codes = {p.code: n for n, p in reversed(list(enumerate(pictures)))}
    ordered = sorted(pictures, key=lambda p: (order[p.category], codes[p.code]))
    return tuple(
        CategoryFigures(category, tuple(_figure(p, internal=internal) for p in of))
        for category, of in groupby(ordered, key=lambda p: p.category)
    )


def _figure(picture: IndicatorPicture, *, internal: bool) -> IndicatorFigure:
    low, high, beyond = picture.window()
    tail = f"；另有 {beyond} 家的值在图外" if beyond else ""
    rows = tuple((c.grade.chinese, c.text, percent(c.share), interval(c.low, c.high)) for c in picture.cuts)
    return IndicatorFigure(
        picture, _strip(picture, low, high), _distribution(picture, low, high, internal=internal),
        _curve(picture, low, high), rows, picture.legend() + tail,
    )  # fmt: skip


def _strip(picture: IndicatorPicture, low: float, high: float) -> Plot:
    """The values from the best to the worst as ticks over the ranges of the grades."""
    across = _Scale(low, high, 8.0, WIDTH - 8.0, turned=picture.direction is Direction.LARGER)
    edge, shapes = across(high if picture.direction is Direction.LARGER else low), []
    for cut in picture.cuts:
        at = across(cut.value)
        shapes.append(Shape(f"zone {_look(cut)}", _box(edge, at, 20, 40)))
        edge = at
    shapes.append(Shape("rug", _rug(picture, low, high, across, 22, 38)))
    shapes += _rings(picture.marks, low, high, across, 30, named=False)
    places = apart([across(c.value) for c in picture.cuts], _words_width(picture.cuts), 40.0, WIDTH - 40.0)
    for cut, place in zip(picture.cuts, places, strict=True):
        shapes.append(Shape(f"cut {_look(cut)}", f"M{across(cut.value):.1f} 17V43"))
        shapes.append(Shape(f"word {_look(cut)}", text=cut.text, x=place, y=13, anchor="middle"))
    return Plot(WIDTH, _STRIP, f"{picture.title}：{picture.n} 家企业的值与各级基准值，左好右差", tuple(shapes))


def _distribution(picture: IndicatorPicture, low: float, high: float, *, internal: bool) -> Plot:
    """The share of enterprises that reach each value, with cuts, intervals and values to be verified."""
    across = _Scale(low, high, _LEFT, _RIGHT, turned=picture.direction is Direction.LARGER)
    up = _Scale(0.0, 1.0, _TOP, _BOTTOM, turned=True)
    shapes = []
    for cut in picture.cuts:
        if cut.low is not None or cut.high is not None:
            ends = (low if cut.low is None else cut.low, high if cut.high is None else cut.high)
            left, right = (across(min(max(end, low), high)) for end in ends)
            words = f"{cut.grade.chinese}的置信区间：{interval(cut.low, cut.high)}"
            shapes.append(Shape(f"zone {_look(cut)}", _box(left, right, _TOP, _BOTTOM), title=words))
    for share in (0, 0.2, 0.5, 0.8, 1):
        shapes.append(Shape("grid", f"M{_LEFT} {up(share):.1f}H{_RIGHT}"))
        shapes.append(Shape("tick", text=f"{share:.0%}", x=_LEFT - 6, y=up(share) + 4, anchor="end"))
    values, shares = picture.staircase(low, high)
    x, y = across.all(values), up.all(shares)
    shapes.append(Shape("area", f"{_path(x, y)}V{_BOTTOM}H{x[0]:.1f}Z"))
    shapes.append(Shape("line", _path(x, y)))
    for cut in picture.cuts:
        at, share = across(cut.value), up(cut.share or 0.0)
        shapes.append(Shape(f"cut {_look(cut)}", f"M{at:.1f} {_BOTTOM}V{share:.1f}"))
        shapes.append(Shape(f"dot {_look(cut)}", _circle(at, share, _DOT)))
    shapes += _cut_words(picture.cuts, across, up)
    shapes.append(Shape("rug", _rug(picture, low, high, across, 178, 192)))
    shapes += _rings(picture.marks, low, high, across, 185, named=internal)
    shapes += _value_axis(low, high, across, 198.0)
    shapes.append(Shape("tick", text=f"{picture.axis}（左好右差）", x=_RIGHT, y=231, anchor="end"))
    cuts = "，".join(f"{c.grade.chinese} {c.text}，达到 {percent(c.share)}" for c in picture.cuts)
    label = f"{picture.title}的分布：达到各值的企业比例，{picture.n} 家企业" + (f"；{cuts}" if cuts else "")
    return Plot(WIDTH, _PLOT, label, tuple(shapes))


def _curve(picture: IndicatorPicture, low: float, high: float) -> Plot:
    """The enterprises from the best to the worst: share across, value upwards, the grades as zones below."""
    across = _Scale(0.0, 1.0, _FAR_LEFT, _RIGHT)
    up = _Scale(low, high, _CURVE_TOP, _CURVE_BOTTOM, turned=True)
    shares, values = picture.curve()
    x, y = across.all(shares), np.clip(up.all(values), _CURVE_TOP, _CURVE_BOTTOM)
    shapes = [Shape("zone rest", f"{_path(x, y)}V{_CURVE_BOTTOM}H{x[0]:.1f}Z")]
    left = 0.0
    for cut in picture.cuts:
        share = cut.share or 0.0
        zone = (shares >= left - 1e-12) & (shares <= share + 1e-12)
        if zone.any() and share > left:
            area = f"{_path(x[zone], y[zone])}V{_CURVE_BOTTOM}H{across(left):.1f}Z"
            shapes.append(Shape("paper", area))
            shapes.append(Shape(f"zone {_look(cut)}", area))
            left = share
    for value in _nice(low, high):
        shapes.append(Shape("grid", f"M{_FAR_LEFT} {up(value):.1f}H{_RIGHT}"))
        shapes.append(Shape("tick", text=_number(value, low, high), x=_FAR_LEFT - 6, y=up(value) + 4, anchor="end"))
    shapes.append(Shape("line", _path(x, y)))
    for cut in picture.cuts:
        at, height = across(cut.share or 0.0), up(cut.value)
        shapes.append(Shape(f"cut {_look(cut)}", f"M{_FAR_LEFT} {height:.1f}H{at:.1f}V{_CURVE_BOTTOM}"))
    shapes += _curve_words(picture, across, up)
    for share in (0, 0.2, 0.4, 0.6, 0.8, 1):
        anchor = "end" if share == 1 else "middle"
        shapes.append(Shape("tick", text=f"{share:.0%}", x=across(share), y=_CURVE_BOTTOM + 15, anchor=anchor))
    shapes.append(Shape("tick", text="企业由好到差累计", x=_RIGHT, y=234, anchor="end"))
    shapes.append(Shape("tick", text=picture.axis, x=2, y=11))
    return Plot(WIDTH, _PLOT + 4, f"{picture.title}的对标曲线：企业由好到差累计的比例与指标值", tuple(shapes))


def _cut_words(cuts: Sequence[Cut], across: _Scale, up: _Scale) -> Iterator[Shape]:
    """Grade, value and share at the right, on lines of their own clear of the dots, with a thin line to the place."""
    right, wanted = _RIGHT - 6, [_BOTTOM - up(c.share or 0.0) for c in cuts]
    texts = [f"{c.grade.chinese} {c.text}　{percent(c.share)}" for c in cuts]
    lefts = [right - _width(words) - 10 for words in texts]
    under = [[h for c, h in zip(cuts, wanted, strict=True) if across(c.value) > left - _DOT] for left in lefts]
    heights = beside(wanted, _LABEL, 10.0, _BOTTOM - _TOP - 8, under, _PLATE + _DOT + 1)
    for cut, words, left, height in zip(cuts, texts, lefts, heights, strict=True):
        y, at = _BOTTOM - height, across(cut.value)
        if at < left:
            yield Shape(f"lead {_look(cut)}", f"M{at:.1f} {up(cut.share or 0.0):.1f}L{left:.1f} {y:.1f}")
        yield Shape("plate", _box(left, right + 4, y - _PLATE, y + _PLATE))
        yield Shape(f"word {_look(cut)}", text=words, x=right, y=y + 4.5, anchor="end")


def _curve_words(picture: IndicatorPicture, across: _Scale, up: _Scale) -> Iterator[Shape]:
    """Each grade where the curve leaves room: above it on its way down, below it on its way up."""
    smaller = picture.direction is Direction.SMALLER
    away = 14.0 if smaller else -14.0
    wanted = [_CURVE_BOTTOM - (up(c.value) + away) for c in picture.cuts]
    order = wanted if smaller else wanted[::-1]
    found = apart(order, _LABEL, 10.0, _CURVE_BOTTOM - _CURVE_TOP - 6)
    for cut, height in zip(picture.cuts, found if smaller else found[::-1], strict=True):
        words = f"{cut.grade.chinese} {cut.text}（{percent(cut.share)}）"
        x = min(across(cut.share or 0.0) + 7, _RIGHT - _width(words) - 4)
        y = _CURVE_BOTTOM - height
        yield Shape("plate", _box(x - 4, x + _width(words) + 4, y - 9, y + 9))
        yield Shape(f"word {_look(cut)}", text=words, x=x, y=y + 4.5)


def _value_axis(low: float, high: float, across: _Scale, y: float) -> Iterator[Shape]:
    yield Shape("axis", f"M{_LEFT} {y}H{_RIGHT}")
    for value in _nice(low, high):
        yield Shape("axis", f"M{across(value):.1f} {y}v4")
        yield Shape("tick", text=_number(value, low, high), x=across(value), y=y + 17, anchor="middle")


# --- places ---
@dataclass(frozen=True, slots=True)
class _Scale:
    """Where the values from ``low`` to ``high`` lie between two edges; ``turned`` puts the high ones at the first."""

    low: float
    high: float
    first: float
    last: float
    turned: bool = False

    def __call__(self, value: float) -> float:
        """Place of one value."""
        return float(self.all(np.array([value]))[0])

    def all(self, values: Floats) -> Floats:
        """Places of many values."""
        first, last = (self.last, self.first) if self.turned else (self.first, self.last)
        return first + (values - self.low) / ((self.high - self.low) or 1.0) * (last - first)


def _path(x: Floats, y: Floats) -> str:
    """A line through points; those that fall onto one another are left out."""
    points = np.round(np.column_stack((x, y)) * _FINE) / _FINE
    keep = np.concatenate(([True], (np.diff(points, axis=0) != 0).any(axis=1)))
    points = points[keep]
    if len(points) > 2:  # and those in the middle of a straight piece of a step
        level = (np.diff(points[:, 0]) == 0, np.diff(points[:, 1]) == 0)
        middle = (level[0][:-1] & level[0][1:]) | (level[1][:-1] & level[1][1:])
        points = points[np.concatenate(([True], ~middle, [True]))]
    return "M" + " ".join(f"{a:g},{b:g}" for a, b in points.tolist())


def _rug(picture: IndicatorPicture, low: float, high: float, across: _Scale, top: float, bottom: float) -> str:
    inside = picture.values[(picture.values >= low) & (picture.values <= high)]
    places = np.unique(np.round(across.all(inside) * _FINE) / _FINE)
    return "".join(f"M{x:g} {top:g}V{bottom:g}" for x in places.tolist()) or "M0 0"


def _rings(marks: Sequence[Mark], low: float, high: float, across: _Scale, y: float, *, named: bool) -> Iterator[Shape]:
    """Values to be verified and values left out, those out of sight at the edge; one shape where they fall together."""
    places: dict[tuple[bool, int, int], list[Mark]] = {}
    for mark in marks:
        inside = min(max(mark.value, low), high)
        beyond = (mark.value > high) - (mark.value < low)
        places.setdefault((mark.excluded, beyond, round(across(inside))), []).append(mark)
    for (excluded, beyond, _), here in places.items():
        x = across(min(max(here[0].value, low), high))
        if beyond:  # at the edge, with a point that shows where it lies
            way = 1 if x > WIDTH / 2 else -1
            x -= 8 * way
            yield Shape("excluded" if excluded else "flag", f"M{x + 6 * way:.1f} {y - 4}l{4 * way} 4l{-4 * way} 4")
        path = f"M{x - 4:.1f} {y - 4}l8 8m0 -8l-8 8" if excluded else _circle(x, y, 4.5)
        few = [f"{m.value:.6g}" + (f"，{m.enterprise}" if named else "") for m in here[:_NAMED]]
        more = f" 等 {len(here)} 个" if len(here) > _NAMED else ""
        words = f"{'已剔除' if excluded else '待核实'}：{'；'.join(few)}{more}"
        yield Shape("excluded" if excluded else "flag", path, title=words)


def _circle(x: float, y: float, radius: float) -> str:
    d = 2 * radius
    return f"M{x - radius:.1f} {y:.1f}a{radius} {radius} 0 1 0 {d:g} 0a{radius} {radius} 0 1 0 {-d:g} 0"


def _box(left: float, right: float, top: float, bottom: float) -> str:
    left, right = sorted((left, right))
    return f"M{left:.1f} {top:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}Z"


# --- words ---
def _look(cut: Cut) -> str:
    return f"g{GRADES.index(cut.grade) + 1}"


def _width(words: str) -> float:
    return sum(_LETTER if ord(c) < 0x2000 else 2 * _LETTER - 1.5 for c in words)


def _words_width(cuts: Sequence[Cut]) -> float:
    return max((_width(c.text) for c in cuts), default=0.0) + 10


def _nice(low: float, high: float) -> list[float]:
    """Round values inside a range, some five of them."""
    step = _step(low, high)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def _step(low: float, high: float) -> float:
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(m for m in (1, 2, 5, 10) if rough <= m * power * (1 + 1e-9))


def _number(value: float, low: float, high: float) -> str:
    """A number of an axis with as many digits as its steps have; very large and very small ones in powers of ten."""
    power, most = math.floor(math.log10(_step(low, high)) + 1e-9), max(abs(low), abs(high))
    if most >= 1e7 or power < -5:
        return f"{value:.{min(max(math.floor(math.log10(most)) - power + 1, 1), 17)}g}"
    return f"{value + 0.0:.{max(0, -power)}f}"
