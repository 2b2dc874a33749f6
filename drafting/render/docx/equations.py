"""A formula with its number: the formula in the middle of its line at full size, the number at the end of a leader.

Word sets a formula at full size (``m:oMathPara``) only where no other words stand in its paragraph. Formula and number
therefore stand in the cells of a line without frame.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from drafting.document.tree import Formula
from drafting.render.docx.references import letter_mark
from drafting.render.docx.runs import field, run, width
from drafting.render.docx.xml import element

_LEAST_SIDE, _MARGIN = 1100, 500
"""Least width beside a formula in twips, for number and leader, and what is left free around the formula."""
_WIDER = 1.3
"""Estimates of width are for symbols in a line of text; signs stand further apart in a formula of its own."""


def number_words(label: str, *, lettered: bool) -> tuple[etree._Element, ...]:
    """Make the number of a formula, （1） or （A.1）, which Word counts on.

    ``lettered``: whether there is a line in the annex that tells its letter.
    """
    annex, _, position = label.strip("（）").rpartition(".")
    count = field(f"SEQ 公式{annex} \\* ARABIC", run(position))
    if not annex:
        return (run("（"), *count, run("）"))
    letter = field(f"REF {letter_mark(annex)} \\n \\h", run(annex)) if lettered else (run(annex),)
    return (run("（"), *letter, run("."), *count, run("）"))


def sides(latex: str, whole: int) -> int:
    """Width of the cells beside a formula in twips: equal, so that it stands in the middle."""
    wanted = round(width(latex) * _WIDER) + _MARGIN
    return max(_LEAST_SIDE, min((whole - wanted) // 2, whole // 3))


def line_of(formula: Formula, cells: Iterable[etree._Element], whole: int) -> etree._Element:
    """Make the line.

    ``cells``: three paragraphs: an empty one, the formula's and the number's.
    ``whole``: width of the line in twips.
    """
    side = sides(formula.latex, whole)
    widths = (side, whole - 2 * side, side)
    properties = element(
        "tblPr",
        element("tblW", w=whole, type="dxa"),
        element("jc", val="center"),
        element("tblLayout", type="fixed"),
        element("tblCellMar", *(element(name, w=0, type="dxa") for name in ("left", "right"))),
        element("tblLook", val="0000", firstRow=0, lastRow=0, firstColumn=0, lastColumn=0, noHBand=1, noVBand=1),
        element("tblCaption", val=f"公式{formula.label}"),
        element("tblDescription", val=formula.alt or formula.latex),
    )
    made = [
        element("tc", element("tcPr", element("tcW", w=w, type="dxa"), element("vAlign", val="center")), cell)
        for cell, w in zip(cells, widths, strict=True)
    ]
    grid = element("tblGrid", *(element("gridCol", w=w) for w in widths))
    return element("tbl", properties, grid, element("tr", *made))


def number_stops(given: Iterable[tuple[str, str]], side: int) -> etree._Element:
    """Make the tab stops of the number's paragraph: a leader to its right edge, none of those of its style."""
    cleared = (element("tab", val="clear", pos=at) for kind, at in given if kind != "clear")
    return element("tabs", *cleared, element("tab", val="right", leader="middleDot", pos=side))
