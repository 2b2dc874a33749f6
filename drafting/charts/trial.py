"""Pictures of the trial: stacked bars of grades, what stops enterprises, enterprise × indicator, price of targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from drafting.charts.places import Scale, box, circle, fold, nice, number, width
from drafting.charts.weights import names_beside
from drafting.model.drawing import Plot, Shape
from drafting.model.pictures import apart
from drafting.model.results import Trial
from drafting.model.terms import GRADES
from drafting.model.trial_details import BindingIndicator
from drafting.words import OUTCOMES

_WIDTH, _WIDE = 460, 574
_NAMES = 156.0
_ROW = 32.0
_MOST_BARS = 12
_MOST_BARRIERS = 5
"""Bars for each grade: the picture stands on half a page beside the table that lists them all."""
_MOST_ROWS = 120
_MARKS = {"1": "I", "2": "II", "3": "III", "0": "none", "?": "missing", "-": "absent"}
_LOOKS = {**{key: f"share {key}" for key in OUTCOMES}, "excluded": "share void"}
_STATES = {**{k: OUTCOMES[k] for k in ("I", "II", "III", "none")}, "missing": "缺数据", "absent": "不适用"}


def distribution_bars(trial: Trial) -> Plot:
    """Grades as stacked bars: overall, then by stratum and region where there are several."""
    bars: list[tuple[str, Mapping[str, int]]] = [("全部企业", trial.distribution)]
    for found in (trial.details.strata, trial.details.regions) if trial.details else ():
        if 1 < len(found) <= _MOST_BARS:
            bars += [(name, counts) for name, counts in found.items() if counts]  # few: not in the public edition
    across = Scale(0.0, 1.0, _NAMES, _WIDTH - 20.0)
    shapes = list(_legend(OUTCOMES, _WIDTH))
    top = 8.0 + max(s.y for s in shapes)
    for n, (name, counts) in enumerate(bars):
        middle, total, left = top + _ROW * (n + 0.5), max(sum(counts.values()), 1), 0.0
        shapes += names_beside(f"{name}（{sum(counts.values())}）", _NAMES - 8, middle)
        for key in OUTCOMES:
            share = counts[key] / total
            if share:
                shapes.append(Shape(_LOOKS[key], box(across(left), across(left + share), middle - 10, middle + 10)))
            if share >= 0.05:
                look = "count light" if key == "I" else "count"
                x = across(left + share / 2)
                shapes.append(Shape(look, text=str(counts[key]), x=x, y=middle + 4.5, anchor="middle"))
            left += share
    bottom = top + _ROW * len(bars)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        shapes.append(Shape("tick", text=f"{share:.0%}", x=across(share), y=bottom + 14, anchor="middle"))
    label = "试评价的等级分布：" + "、".join(f"{OUTCOMES[k]}{n}家" for k, n in trial.distribution.items())
    return Plot(_WIDTH, round(bottom + 20), label, tuple(shapes), "试评价：等级分布", "条内为企业数")


def _legend(words: Mapping[str, str], wide: float) -> Iterator[Shape]:
    """What the areas mean, on as many lines as they need."""
    x, y = 0.0, 4.0
    for key, said in words.items():
        room = width(said) + 30
        if x and x + room > wide:
            x, y = 0.0, y + 20
        yield Shape(_LOOKS.get(key, f"share {key}"), box(x, x + 12, y, y + 12))
        yield Shape("tick", text=said, x=x + 17, y=y + 10.5)
        x += room


def barrier_chart(trial: Trial) -> Plot | None:
    """Which indicators stop how many enterprises on the way to each grade; None where none does."""
    if trial.details is None:
        return None
    by_grade = {g: trial.details.binding.get(g.value, ())[:_MOST_BARRIERS] for g in reversed(GRADES)}
    shown = [g for g, of in by_grade.items() if of]
    if not shown:
        return None
    shapes: list[Shape] = []
    y = 0.0
    for grade in shown:
        items = by_grade[grade]
        across = Scale(0.0, max(one.blocked for one in items), _NAMES, _WIDTH - 104.0)
        shapes.append(Shape("word count", text=f"未达到{grade.chinese}的企业数，按指标", x=0, y=y + 15))
        y += 24
        for one in items:
            pitch = 28 if len(fold(one.marked, _NAMES - 10)) > 1 else 20
            shapes += _barrier(one, across, y + pitch / 2)
            y += pitch
        y += 12
    label = "制约评级的主要指标：" + "、".join(one.indicator for one in by_grade[shown[0]])
    note = f"浅色为该项未达到的企业，深色为其中仅因该项的；＊ 为限定性指标；各等级画出企业最多的 {_MOST_BARRIERS} 项"
    return Plot(_WIDTH, round(y - 10), label, tuple(shapes), "制约评级的主要指标", note)


def _barrier(one: BindingIndicator, across: Scale, middle: float) -> Iterator[Shape]:
    yield from names_beside(one.marked, _NAMES - 8, middle)
    yield Shape("bar", box(_NAMES, across(one.blocked), middle - 8, middle + 8))
    if one.alone:
        yield Shape("strong", box(_NAMES, across(one.alone), middle - 8, middle + 8))
    text = str(one.blocked) + (f"（仅因该项 {one.alone}）" if one.alone else "")
    yield Shape("count", text=text, x=across(one.blocked) + 6, y=middle + 4.5)


def heat_map(trial: Trial) -> Plot | None:
    """Enterprise × indicator by the grade reached, the best on top; for internal editions: names enterprises."""
    if trial.details is None or trial.details.listed is None:
        return None
    reached = trial.details.listed.reached
    marks, codes = reached.enterprises, reached.codes
    order = sorted(range(len(marks)), key=lambda n: _rank(trial, n))[:_MOST_ROWS]
    shapes = list(_legend(_STATES, _WIDE))
    tall, left = 13.0, 190.0
    top = 22.0 + max(s.y for s in shapes) + 7.0 * max((len(c) for c in codes), default=1)
    wide = (_WIDE - left) / max(len(codes), 1)
    for n, code in enumerate(codes):
        x = left + (n + 0.5) * wide
        shapes.append(Shape("tick", text=code, x=x + 4, y=top - 5, turn=-90 if len(codes) > 12 else 0, anchor="start"))
    for row, n in enumerate(order):
        y = top + row * tall
        for first, last in _runs(marks[n]):
            at = f"share {_MARKS[marks[n][first]]}"
            shapes.append(Shape(at, box(left + first * wide, left + last * wide, y + 0.5, y + tall - 0.5)))
        if len(order) <= 60 or row % 2 == 0:
            (words,) = fold(trial.enterprises[n].enterprise, left - 44, 1)
            shapes.append(Shape("tick", text=words, x=left - 38, y=y + tall - 2, anchor="end"))
            shapes.append(Shape("tick", text=_grade(trial, n), x=left - 6, y=y + tall - 2, anchor="end"))
    cut = f"（最好的 {_MOST_ROWS} 家）" if len(marks) > _MOST_ROWS else ""
    return Plot(
        _WIDE, round(top + tall * len(order)), "企业各项指标达到的等级", tuple(shapes),
        f"企业 × 指标：达到的等级{cut}　内部资料",
    )  # fmt: skip


def _runs(marks: str) -> Iterator[tuple[int, int]]:
    """First and one past the last of neighbours that are alike."""
    edges = [0, *(n for n in range(1, len(marks)) if marks[n] != marks[n - 1]), len(marks)]
    return pairwise(edges)


def _rank(trial: Trial, n: int) -> tuple[int | Decimal, ...]:
    one = trial.enterprises[n]
    place = 4 if one.excluded else 3 if one.grade is None else GRADES.index(one.grade)
    return (place, *(-(one.y[g] or 0) for g in GRADES), n)


def _grade(trial: Trial, n: int) -> str:
    one = trial.enterprises[n]
    return "—" if one.excluded or one.grade is None else one.grade.chinese


def price_curve(points: Sequence[tuple[float, Sequence[int]]], evaluated: int) -> Plot:
    """What it costs to bring grades to their targets: share of enterprises over the price in percentage points."""
    ordered = sorted(points, key=lambda point: point[0])
    prices = [price for price, _ in ordered]
    words = ("Ⅰ级", "Ⅱ级及以上", "Ⅲ级及以上")
    shares = [[reached[g] / evaluated for _, reached in ordered] for g in range(3)]
    top, bottom = 12.0, 190.0
    across = Scale(0.0, max(prices[-1], 1.0), 48.0, _WIDTH - 118.0)
    up = Scale(0.0, max(max(of) for of in shares) or 1.0, top, bottom, turned=True)
    shapes = []
    for value in nice(up.low, up.high):
        shapes.append(Shape("grid", f"M48 {up(value):.1f}H{_WIDTH - 118}"))
        shapes.append(Shape("tick", text=f"{value:.0%}", x=42, y=up(value) + 4, anchor="end"))
    for value in nice(across.low, across.high):
        at = number(value, across.low, across.high)
        shapes.append(Shape("tick", text=at, x=across(value), y=bottom + 17, anchor="middle"))
    ends = [bottom - up(of[-1]) for of in shares]
    order = sorted(range(3), key=lambda g: ends[g])
    heights = dict(zip(order, apart([ends[g] for g in order], 17.0, 0.0, bottom - top), strict=True))
    for g, of in enumerate(shares):
        line = "L".join(f"{across(p):.1f} {up(s):.1f}" for p, s in zip(prices, of, strict=True))
        shapes.append(Shape(f"cut g{g + 1}", f"M{line}"))
        shapes += [Shape(f"dot g{g + 1}", circle(across(p), up(s), 3)) for p, s in zip(prices, of, strict=True)]
        y = bottom - heights[g] + 4.5
        shapes.append(Shape(f"word g{g + 1}", text=f"{words[g]} {of[-1]:.0%}", x=across(prices[-1]) + 9, y=y))
    note = "横轴为代价：各基准值的达到比例离开 5.5.2 的距离之和（百分点）"
    label = "联合校准：达到各等级的企业比例随代价的变化"
    return Plot(_WIDTH, 212, label, tuple(shapes), "联合校准：达到各等级的企业比例与代价", note)
