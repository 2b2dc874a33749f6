"""Figures, times and sizes as the pages write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from drafting.desk.remedies import on_page
from drafting.words import percent

if TYPE_CHECKING:
    from markupsafe import Markup

    from drafting.model.drawing import Plot


def moment(seconds: float) -> str:
    """A time of day on this machine: 今天 14:05, else 2026-11-30 14:05."""
    then = datetime.fromtimestamp(seconds).astimezone()
    if then.date() == datetime.now().astimezone().date():
        return f"今天 {then:%H:%M}"
    return f"{then:%Y-%m-%d %H:%M}"


def size(count: int) -> str:
    """A number of bytes."""
    return f"{count / 1048576:.1f} MB" if count >= 1048576 else f"{max(1, round(count / 1024))} kB"


def drawn(plot: Plot) -> Markup:
    """A picture as SVG of the page; what draws it is loaded with the first one: a start waits for no numbers."""
    from drafting.charts.svg import inline

    return inline(plot)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "drawn": drawn,
    "percent": percent,
    "moment": moment,
    "size": size,
    "on_page": on_page,
}
