"""Numbers and times as the pages write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drafting.panel.items import STEPS
from drafting.panel.records import Round
from drafting.panel.times import field_time, moment, zone


def plain(value: float | None, digits: int = 2) -> str:
    """A figure with at most so many decimals, — for none."""
    if value is None or value != value:
        return "—"
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"


def fixed(value: float | None, digits: int = 3) -> str:
    """A figure with exactly so many decimals, — for none."""
    return "—" if value is None or value != value else f"{value:.{digits}f}"


def share(value: float | None, digits: int = 0) -> str:
    """A share in per cent."""
    return "—" if value is None or value != value else f"{value * 100:.{digits}f} %"


def deadline(own: Round) -> str:
    """A round's deadline, empty for none; older programs kept it in words."""
    return own.deadline if own.deadline_at is None else moment(own.deadline_at)


def deadline_rule(own: Round) -> str:
    """What happens at the deadline."""
    return "到时停止接收网上提交" if own.deadline_holds else "到时不会自动停止，由组织者结束"


MEANINGS: Mapping[int, str] = {
    1: "同等重要",
    2: "介于同等与稍微之间",
    3: "稍微重要",
    4: "介于稍微与明显之间",
    5: "明显重要",
    6: "介于明显与强烈之间",
    7: "强烈重要",
    8: "介于强烈与极端之间",
    9: "极端重要",
}


def _ratio(text: str) -> tuple[float, float]:
    """A judgement beside the scale, as a returned workbook may say it: 2.5 or 1/2.5."""
    above, _, below = text.partition("/")
    return float(above) / float(below or 1), float(below or 1) / float(above)


def judgement(text: str, first: str, second: str) -> str:
    """A judgement in words: which of two is how much more important."""
    if not text:
        return "未比较"
    ratio, inverse = STEPS.get(text) or _ratio(text)
    if ratio == 1:
        return f"“{first}”与“{second}”同等重要"
    more, less, strength = (first, second, ratio) if ratio > 1 else (second, first, inverse)
    words = MEANINGS.get(round(strength), "")
    return f"“{more}”比“{less}”{words}（{strength:g}）"


def span(median: float, q1: float, q3: float, first: str, second: str) -> str:
    """The group's comparisons of two things in words: the median, and between which steps half of them lie."""

    def step(ratio: float) -> str:
        if 0.95 <= ratio <= 1.05:
            return "同等"
        more, strength = (first, ratio) if ratio > 1 else (second, 1 / ratio)
        return f"{more} {strength:.1f}".removesuffix(".0")

    return f"中位 {step(median)}（四分位 {step(q1)} ～ {step(q3)}）"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "plain": plain, "fixed": fixed, "share": share, "moment": moment, "zone": zone, "field_time": field_time,
    "deadline": deadline, "deadline_rule": deadline_rule,
}  # fmt: skip
