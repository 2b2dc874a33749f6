"""Properties of a paragraph in the order that the schema asks for."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from functools import cache

from lxml import etree

from drafting.render.docx.blueprint import looks
from drafting.render.docx.xml import element, tag

_ORDER = {
    name: position
    for position, name in enumerate(
        ("keepNext", "pageBreakBefore", "framePr", "numPr", "pBdr", "tabs", "snapToGrid", "spacing", "ind", "jc")
    )
}


def off_grid(**spacing: object) -> list[etree._Element]:
    """Take a paragraph off the line grid, with the grid's pitch as the least distance of lines."""
    pitch = round(looks()["page"]["grid_pt"] * 20)
    return [element("snapToGrid", val=0), element("spacing", **spacing, line=pitch, lineRule="atLeast")]


def paragraph_properties(style: str, given: Iterable[etree._Element]) -> etree._Element:
    """Make the properties of a paragraph in the order that the schema asks for."""
    made = deepcopy(_styled(style))
    made.extend(sorted(given, key=lambda e: _ORDER[etree.QName(e).localname]))
    return made


@cache
def _styled(style: str) -> etree._Element:
    return element("pPr", element("pStyle", val=style))


def begin_page(paragraph: etree._Element) -> None:
    """Let a paragraph of ours begin a new page."""
    properties = paragraph.find(tag("pPr"))
    assert properties is not None  # every paragraph has a style
    style, *given = properties
    given.append(element("pageBreakBefore"))
    properties.extend((style, *sorted(given, key=lambda e: _ORDER[etree.QName(e).localname])))
