"""Pictures of baselines: each indicator as strip, distribution and benchmark curve, and a category on one page.

What they show comes from :class:`IndicatorPicture`; only where things lie is computed here. What draws the shapes
escapes text that came from people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from drafting.charts.places import FINE, Scale, box, circle, fold, nice, number, path, width
from drafting.model.drawing import Plot, Shape
from drafting.model.pictures import Cut, IndicatorPicture, Mark, apart, beside
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
_NAMED = 5
"""Values that one ring names."""
_NAMES = 130
"""Room for an indicator's name beside its strip."""
_NARROW = 280
_LOW = 140.0
"""Width of a curve where two stand side by side, and its lower edge: two pictures of two rows stand on a page."""
_FEW = 8
"""Most values to be verified whose enterprises an internal picture names."""
MOST_ON_A_PAGE, MOST_CURVES = 8, 4
"""Indicators of one picture: one that does not fit leaves less than half a page empty above it."""


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

    ``pictures``: in the order of the system; those of strata follow the one of all enterprises.
    ``internal``: whether pointing at a value to be verified gives it and names its enterprise: for the committee's own
    page.
    """
    order = {p.category: n for n, p in reversed(list(enumerate(pictures)))}
    codes = {p.code: n for n, p in reversed(list(enumerate(pictures)))}
    ordered = sorted(pictures, key=lambda p: (order[p.category], codes[p.code]))
    return tuple(
        CategoryFigures(category, tuple(_figure(p, internal=internal) for p in of))
        for category, of in groupby(ordered, key=lambda p: p.category)
    )


def _figure(picture: IndicatorPicture, *, internal: bool) -> IndicatorFigure:
    rows = tuple((c.grade.chinese, c.text, percent(c.share), interval(c.low, c.high)) for c in picture.cuts)
    return IndicatorFigure(
        picture, strip(picture, internal=internal), distribution(picture, internal=internal), benchmark_curve(picture),
        rows, _remark(picture),
    )  # fmt: skip


def _remark(picture: IndicatorPicture) -> str:
    beyond = picture.window()[2]
    return picture.legend() + (f"；另有 {beyond} 家的值在图外" if beyond else "")


def pages(
    pictures: Iterable[IndicatorPicture], most: int = MOST_ON_A_PAGE
) -> list[tuple[str, tuple[IndicatorPicture, ...]]]:
    """Pictures of all enterprises together by category, at most so many on a page; several pages are counted."""
    by_category: dict[str, list[IndicatorPicture]] = {}
    for picture in pictures:
        if not picture.stratum:
            by_category.setdefault(picture.category, []).append(picture)
    found = []
    for category, of in by_category.items():
        parts = [tuple(of[i : i + most]) for i in range(0, len(of), most)]
        found += [(f"{category}（{n}）" if len(parts) > 1 else category, part) for n, part in enumerate(parts, 1)]
    return found


def overview(category: str, pictures: Sequence[IndicatorPicture]) -> Plot:
    """Draw the indicators of a category below each other: name and sample beside the strip."""
    shapes: list[Shape] = []
    for n, picture in enumerate(pictures):
        top = n * (_STRIP + 6.0)
        unit = f"{picture.unit}，" if picture.unit else ""
        lines = (*fold(picture.title, _NAMES - 12), *fold(f"{unit}n={picture.n}", _NAMES - 12, 1))
        first = top + 30 - 7.5 * (len(lines) - 1)
        for k, words in enumerate(lines):
            look = "tick" if k == len(lines) - 1 else "name"
            shapes.append(Shape(look, text=words, x=_NAMES - 6, y=first + 15 * k + 4, anchor="end"))
        shapes += strip(picture).moved(_NAMES, top)
    names = "、".join(p.title for p in pictures)
    return Plot(
        _NAMES + WIDTH, round(len(pictures) * (_STRIP + 6)), f"{category}的调研值与各级基准值：{names}", tuple(shapes),
        f"{category}：调研值与基准值", "左好右差；细线为各企业，色段依次为Ⅰ级、Ⅱ级、Ⅲ级的范围，○ 为待核实的值",
    )  # fmt: skip


def curve_page(category: str, pictures: Sequence[IndicatorPicture]) -> Plot:
    """Draw the benchmark curves of a category, two in a row, each under its name."""
    shapes: list[Shape] = []
    wide, tall = _NARROW + 14, _LOW + 64.0
    for n, picture in enumerate(pictures):
        x, y = (n % 2) * wide, (n // 2) * tall
        (words,) = fold(picture.title, _NARROW - 10, 1)
        shapes.append(Shape("name", text=words, x=x + 2, y=y + 14))
        shapes += benchmark_curve(picture, _NARROW, _LOW).moved(x, y + 20)
    names = "、".join(p.title for p in pictures)
    rows = -(-len(pictures) // 2)
    return Plot(
        2 * wide - 14, round(rows * tall), f"{category}的对标曲线：{names}", tuple(shapes), f"{category}：对标曲线"
    )


def strip(picture: IndicatorPicture, *, internal: bool = False) -> Plot:
    """Draw the values from the best to the worst as ticks over the ranges of the grades; see :func:`distribution`."""
    low, high, _ = picture.window()
    across = Scale(low, high, 8.0, WIDTH - 8.0, turned=picture.direction is Direction.LARGER)
    edge, shapes = across(high if picture.direction is Direction.LARGER else low), []
    for cut in picture.cuts:
        at = across(cut.value)
        shapes.append(Shape(f"zone {_look(cut)}", box(edge, at, 20, 40)))
        edge = at
    shapes.append(Shape("rug", _rug(picture, low, high, across, 22, 38)))
    shapes += _rings(picture.marks, low, high, across, 30, named=internal)
    places = apart([across(c.value) for c in picture.cuts], _words_width(picture.cuts), 40.0, WIDTH - 40.0)
    for cut, place in zip(picture.cuts, places, strict=True):
        shapes.append(Shape(f"cut {_look(cut)}", f"M{across(cut.value):.1f} 17V43"))
        shapes.append(Shape(f"word {_look(cut)}", text=cut.text, x=place, y=13, anchor="middle"))
    return Plot(WIDTH, _STRIP, f"{picture.title}：{picture.n} 家企业的值与各级基准值，左好右差", tuple(shapes))


def distribution(picture: IndicatorPicture, *, internal: bool = False) -> Plot:
    """Draw the share of enterprises that reach each value, with cuts, intervals and values to be verified.

    ``internal``: whether values to be verified are given and name their enterprises, for the committee's own papers.
    """
    low, high, _ = picture.window()
    across = Scale(low, high, _LEFT, _RIGHT, turned=picture.direction is Direction.LARGER)
    up = Scale(0.0, 1.0, _TOP, _BOTTOM, turned=True)
    shapes = []
    for cut in picture.cuts:
        if cut.low is not None or cut.high is not None:
            ends = (low if cut.low is None else cut.low, high if cut.high is None else cut.high)
            left, right = (across(min(max(end, low), high)) for end in ends)
            words = f"{cut.grade.chinese}的置信区间：{interval(cut.low, cut.high)}"
            shapes.append(Shape(f"zone {_look(cut)}", box(left, right, _TOP, _BOTTOM), title=words))
    for share in (0, 0.2, 0.5, 0.8, 1):
        shapes.append(Shape("grid", f"M{_LEFT} {up(share):.1f}H{_RIGHT}"))
        shapes.append(Shape("tick", text=f"{share:.0%}", x=_LEFT - 6, y=up(share) + 4, anchor="end"))
    values, shares = picture.staircase(low, high)
    x, y = across.all(values), up.all(shares)
    shapes.append(Shape("area", f"{path(x, y)}V{_BOTTOM}H{x[0]:.1f}Z"))
    shapes.append(Shape("line", path(x, y)))
    for cut in picture.cuts:
        at, share = across(cut.value), up(cut.share or 0.0)
        shapes.append(Shape(f"cut {_look(cut)}", f"M{at:.1f} {_BOTTOM}V{share:.1f}"))
        shapes.append(Shape(f"dot {_look(cut)}", circle(at, share, _DOT)))
    shapes += _cut_words(picture.cuts, across, up)
    shapes.append(Shape("rug", _rug(picture, low, high, across, 178, 192)))
    shapes += _rings(picture.marks, low, high, across, 185, named=internal)
    shapes += _value_axis(low, high, across, 198.0)
    shapes.append(Shape("tick", text=f"{picture.axis}（左好右差）", x=_RIGHT, y=231, anchor="end"))
    cuts = "，".join(f"{c.grade.chinese} {c.text}，达到 {percent(c.share)}" for c in picture.cuts)
    label = f"{picture.title}的分布：达到各值的企业比例，{picture.n} 家企业" + (f"；{cuts}" if cuts else "")
    named = [f"{m.value:.6g} {m.enterprise}" for m in picture.marks if not m.excluded][:_FEW] if internal else []
    remark = _remark(picture) + (f"；待核实：{'，'.join(named)}" if named else "")
    return Plot(WIDTH, _PLOT, label, tuple(shapes), f"{picture.title}：达到各值的企业比例", remark)


def benchmark_curve(picture: IndicatorPicture, wide: int = WIDTH, bottom: float = _CURVE_BOTTOM) -> Plot:
    """Draw the enterprises from the best to the worst: share across, value upwards, the grades as zones below."""
    low, high, _ = picture.window()
    right = wide - WIDTH + _RIGHT
    across = Scale(0.0, 1.0, _FAR_LEFT, right)
    up = Scale(low, high, _CURVE_TOP, bottom, turned=True)
    shares, values = picture.curve()
    x, y = across.all(shares), np.clip(up.all(values), _CURVE_TOP, bottom)
    shapes = [Shape("zone rest", f"{path(x, y)}V{bottom}H{x[0]:.1f}Z")]
    left = 0.0
    for cut in picture.cuts:
        share = cut.share or 0.0
        zone = (shares >= left - 1e-12) & (shares <= share + 1e-12)
        if zone.any() and share > left:
            area = f"{path(x[zone], y[zone])}V{bottom}H{across(left):.1f}Z"
            shapes.append(Shape("paper", area))
            shapes.append(Shape(f"zone {_look(cut)}", area))
            left = share
    for value in nice(low, high):
        shapes.append(Shape("grid", f"M{_FAR_LEFT} {up(value):.1f}H{right}"))
        shapes.append(Shape("tick", text=number(value, low, high), x=_FAR_LEFT - 6, y=up(value) + 4, anchor="end"))
    shapes.append(Shape("line", path(x, y)))
    for cut in picture.cuts:
        at, height = across(cut.share or 0.0), up(cut.value)
        shapes.append(Shape(f"cut {_look(cut)}", f"M{_FAR_LEFT} {height:.1f}H{at:.1f}V{bottom}"))
    shapes += _curve_words(picture, across, up, right, bottom)
    for share in (0, 0.2, 0.4, 0.6, 1):  # 80% would touch 100%, which ends with the picture
        anchor = "end" if share == 1 else "middle"
        shapes.append(Shape("tick", text=f"{share:.0%}", x=across(share), y=bottom + 15, anchor=anchor))
    shapes.append(Shape("tick", text="企业由好到差累计", x=right, y=bottom + 30, anchor="end"))
    shapes.append(Shape("tick", text=picture.axis, x=2, y=11))
    label = f"{picture.title}的对标曲线：企业由好到差累计的比例与指标值"
    return Plot(wide, round(bottom) + 36, label, tuple(shapes), f"{picture.title}：对标曲线", _remark(picture))


def _cut_words(cuts: Sequence[Cut], across: Scale, up: Scale) -> Iterator[Shape]:
    """Grade, value and share at the right, on lines of their own clear of the dots, with a thin line to the place."""
    right, wanted = _RIGHT - 6, [_BOTTOM - up(c.share or 0.0) for c in cuts]
    texts = [f"{c.grade.chinese} {c.text}　{percent(c.share)}" for c in cuts]
    lefts = [right - width(words) - 10 for words in texts]
    under = [[h for c, h in zip(cuts, wanted, strict=True) if across(c.value) > left - _DOT] for left in lefts]
    heights = beside(wanted, _LABEL, 10.0, _BOTTOM - _TOP - 8, under, _PLATE + _DOT + 1)
    for cut, words, left, height in zip(cuts, texts, lefts, heights, strict=True):
        y, at = _BOTTOM - height, across(cut.value)
        if at < left:
            yield Shape(f"lead {_look(cut)}", f"M{at:.1f} {up(cut.share or 0.0):.1f}L{left:.1f} {y:.1f}")
        yield Shape("plate", box(left, right + 4, y - _PLATE, y + _PLATE))
        yield Shape(f"word {_look(cut)}", text=words, x=right, y=y + 4.5, anchor="end")


def _curve_words(picture: IndicatorPicture, across: Scale, up: Scale, right: float, bottom: float) -> Iterator[Shape]:
    """Each grade where the curve leaves room: above it on its way down, below it on its way up."""
    smaller = picture.direction is Direction.SMALLER
    away = 14.0 if smaller else -14.0
    wanted = [bottom - (up(c.value) + away) for c in picture.cuts]
    order = wanted if smaller else wanted[::-1]
    found = apart(order, _LABEL, 10.0, bottom - _CURVE_TOP - 6)
    for cut, height in zip(picture.cuts, found if smaller else found[::-1], strict=True):
        words = f"{cut.grade.chinese} {cut.text}（{percent(cut.share)}）"
        x = min(across(cut.share or 0.0) + 7, right - width(words) - 4)
        y = bottom - height
        yield Shape("plate", box(x - 4, x + width(words) + 4, y - 9, y + 9))
        yield Shape(f"word {_look(cut)}", text=words, x=x, y=y + 4.5)


def _value_axis(low: float, high: float, across: Scale, y: float) -> Iterator[Shape]:
    yield Shape("axis", f"M{_LEFT} {y}H{_RIGHT}")
    for value in nice(low, high):
        yield Shape("axis", f"M{across(value):.1f} {y}v4")
        yield Shape("tick", text=number(value, low, high), x=across(value), y=y + 17, anchor="middle")


def _rug(picture: IndicatorPicture, low: float, high: float, across: Scale, top: float, bottom: float) -> str:
    inside = picture.values[(picture.values >= low) & (picture.values <= high)]
    places = np.unique(np.round(across.all(inside) * FINE) / FINE)
    return "".join(f"M{x:g} {top:g}V{bottom:g}" for x in places.tolist()) or "M0 0"


def _rings(marks: Sequence[Mark], low: float, high: float, across: Scale, y: float, *, named: bool) -> Iterator[Shape]:
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
        drawn = f"M{x - 4:.1f} {y - 4}l8 8m0 -8l-8 8" if excluded else circle(x, y, 4.5)
        words = "已剔除" if excluded else "待核实"
        if named:
            more = f" 等 {len(here)} 个" if len(here) > _NAMED else ""
            words += f"：{'；'.join(f'{m.value:.6g}，{m.enterprise}' for m in here[:_NAMED])}{more}"
        elif len(here) > 1:
            words += f" {len(here)} 个"
        yield Shape("excluded" if excluded else "flag", drawn, title=words)


# --- words ---
def _look(cut: Cut) -> str:
    return f"g{GRADES.index(cut.grade) + 1}"


def _words_width(cuts: Sequence[Cut]) -> float:
    return max((width(c.text) for c in cuts), default=0.0) + 10
