"""Numbers and times as the pages write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from drafting.panel.items import STEPS


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


def moment(seconds: int | None) -> str:
    """A time of day in the server's zone."""
    return "—" if seconds is None else datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


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


FILTERS: Mapping[str, Callable[..., Any]] = {"plain": plain, "fixed": fixed, "share": share, "moment": moment}
