"""Small pictures as inline SVG: they need no script, scale with the page and have a text that says the same."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from markupsafe import Markup, escape

_WIDTH = 280
_MARGIN = 10


def _svg(width: int, height: int, label: str, body: str) -> Markup:
    # the body holds numbers only; text that came from people is escaped into the label
    return Markup(  # noqa: S704 - see the line above
        f'<svg class="picture" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}" '
        f'preserveAspectRatio="xMinYMid meet">{body}</svg>'
    )


def _span(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - 1, high + 1)


def distribution(
    answers: Sequence[tuple[float, int]], q1: float, median: float, q3: float, own: float | None,
    scale: tuple[float, float],
) -> Markup:  # fmt: skip
    """The group's answers as bars over the scale, with quartiles, median and the own answer."""
    low, high = _span(*scale)
    steps = [v for v, _ in answers]

    def place(value: float) -> float:
        return _MARGIN + (value - low) / (high - low) * (_WIDTH - 2 * _MARGIN)

    most = max((n for _, n in answers), default=1)
    gap = min((b - a for a, b in itertools.pairwise(steps)), default=high - low)
    width = min(max(0.75 * (place(low + gap) - place(low)), 2.0), 14.0)
    parts = [
        f'<rect class="box" x="{place(q1):.1f}" y="6" width="{max(place(q3) - place(q1), 2):.1f}" height="44"/>',
        f'<line class="axis" x1="{_MARGIN}" y1="50.5" x2="{_WIDTH - _MARGIN}" y2="50.5"/>',
    ]
    for value, count in answers:
        tall = 36 * count / most
        parts.append(
            f'<rect class="bar" x="{place(value) - width / 2:.1f}" y="{50 - tall:.1f}" '
            f'width="{width:.1f}" height="{tall:.1f}"/>'
        )
    parts.append(f'<line class="median" x1="{place(median):.1f}" y1="4" x2="{place(median):.1f}" y2="54"/>')
    if own is not None:
        x = place(own)
        parts.append(f'<path class="own" d="M{x:.1f} 52 l6 9 h-12 z"/>')
    parts += [
        f'<text x="{_MARGIN}" y="66">{low:g}</text>',
        f'<text x="{_WIDTH - _MARGIN}" y="66" text-anchor="end">{high:g}</text>',
    ]
    told = "，".join(f"{v:g} 有 {n} 人" for v, n in answers if n)
    mine = f"；您上轮 {own:g}" if own is not None else ""
    label = f"上一轮分布：{told}；中位数 {median:g}，四分位 {q1:g}～{q3:g}{mine}"
    return _svg(_WIDTH, 70, label, "".join(parts))


def boxplot(
    minimum: float, q1: float, median: float, q3: float, maximum: float, scale: tuple[float, float], label: str
) -> Markup:
    """Range, quartiles and median of one item."""
    low, high = _span(*scale)

    def place(value: float) -> float:
        return _MARGIN + (value - low) / (high - low) * (_WIDTH - 2 * _MARGIN)

    body = (
        f'<line class="axis" x1="{_MARGIN}" y1="12" x2="{_WIDTH - _MARGIN}" y2="12"/>'
        f'<line class="whisker" x1="{place(minimum):.1f}" y1="12" x2="{place(maximum):.1f}" y2="12"/>'
        f'<rect class="box" x="{place(q1):.1f}" y="4" width="{max(place(q3) - place(q1), 2):.1f}" height="16"/>'
        f'<line class="median" x1="{place(median):.1f}" y1="2" x2="{place(median):.1f}" y2="22"/>'
    )
    said = f"{label}：最小 {minimum:g}，下四分位 {q1:g}，中位数 {median:g}，上四分位 {q3:g}，最大 {maximum:g}"
    return _svg(_WIDTH, 24, said, body)


def bars(rows: Sequence[tuple[str, float]], label: str) -> Markup:
    """Counts or shares of a few classes as upright bars with their numbers."""
    most = max((v for _, v in rows), default=0) or 1
    step = (_WIDTH - 2 * _MARGIN) / max(len(rows), 1)
    parts = [f'<line class="axis" x1="{_MARGIN}" y1="60.5" x2="{_WIDTH - _MARGIN}" y2="60.5"/>']
    for k, (name, value) in enumerate(rows):
        x, tall = _MARGIN + k * step, 42 * value / most
        middle = x + step / 2
        parts += [
            f'<rect class="bar" x="{x + step * 0.15:.1f}" y="{60 - tall:.1f}" '
            f'width="{step * 0.7:.1f}" height="{tall:.1f}"/>',
            f'<text x="{middle:.1f}" y="{56 - tall:.1f}" text-anchor="middle">{value:g}</text>',
            f'<text x="{middle:.1f}" y="73" text-anchor="middle">{escape(name)}</text>',
        ]
    said = f"{label}：" + "，".join(f"{name} {value:g}" for name, value in rows)
    return _svg(_WIDTH, 78, said, "".join(parts))


def meter(value: float, most: float = 1.0) -> Markup:
    """A bar filled to a share; the number beside it says the same, so it is hidden from readers."""
    filled = 100 * min(max(value / most if most else 0, 0), 1)
    return Markup(  # noqa: S704 - one number, formatted
        f'<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="box" width="100" height="8"/><rect class="bar" width="{filled:.1f}" height="8"/></svg>'
    )
