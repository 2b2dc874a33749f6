"""A figure in the project's look, and its bytes: no window, no global state, no clock."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from drafting.charts.fonts import MissingFontError, chinese_family

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, GRID = "#1F2933", "#6B7785", "#DDE3E8"
TEAL, PALE = "#1F6F6B", "#BFD9D6"
WIDTH = 6.3
"""Inches: the width of the text on an A4 page of a standard."""
_DOTS = 200
_MISSING = re.compile(r"Glyph (\d+)")
FORMS = ("png", "svg")


def draw(paint: Callable[[Figure], None], *, height: float, form: str, fixed: bool = False) -> bytes:
    """Paint a figure and return its bytes.

    Parameters
    ----------
    paint
        Draws onto the empty figure.
    height
        In inches; the width is that of a page.
    form
        ``"png"`` or ``"svg"`` (with letters as outlines, so that it looks the same everywhere).
    fixed
        Whether the painter sets the margins itself; finding them takes as long as painting.

    Raises
    ------
    ChartError
        Matplotlib or a Chinese font is missing, or the font lacks a character of the figure.
    ValueError
        Unknown form.
    """
    if form not in FORMS:
        raise ValueError(f"unknown form {form!r}; known: {', '.join(FORMS)}")
    family = chinese_family()
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    look: dict[Any, Any] = {  # Matplotlib's stubs name every key
        "font.family": [family], "axes.unicode_minus": False, "svg.fonttype": "path", "svg.hashsalt": "drafting",
        "text.parse_math": False,  # a name with dollar signs is no formula
        "font.size": 9, "axes.edgecolor": MUTED, "axes.labelcolor": INK, "text.color": INK, "xtick.color": MUTED,
        "ytick.color": INK, "axes.linewidth": 0.7, "axes.titlesize": 10, "figure.facecolor": "white",
    }  # fmt: skip
    metadata = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
    with matplotlib.rc_context(look), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        layout: Any = "constrained" if form == "svg" and not fixed else None
        figure = Figure(figsize=(WIDTH, height), dpi=_DOTS, layout=layout)
        paint(figure)
        if form == "png" and not fixed:
            # Layout here, once: savefig would paint the whole figure a second time only to find it.
            FigureCanvasAgg(figure)
            ConstrainedLayoutEngine().execute(figure)
        data = io.BytesIO()
        figure.savefig(data, format=form, dpi=_DOTS, metadata=metadata)
    absent = [m[1] for w in caught if (m := _MISSING.search(str(w.message)))]
    if absent:
        raise MissingFontError("".join(dict.fromkeys(chr(int(code)) for code in absent)))
    return data.getvalue()


def tidy(axes: Axes, *, grid: str = "x") -> None:
    """Take away what carries no information."""
    for side in ("top", "right", "left" if grid == "x" else "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.grid(axis="x" if grid == "x" else "y", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)


def shortened(text: str, most: int = 16) -> str:
    """A label that fits beside an axis, folded into two lines where it is long."""
    if len(text) <= most:
        return text
    head, tail = text[:most], text[most:]
    return f"{head}\n{tail if len(tail) <= most else tail[: most - 1] + '…'}"
