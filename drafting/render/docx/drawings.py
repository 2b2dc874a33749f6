"""Pictures in a Word file, with their alternative text."""

from __future__ import annotations

import io
from typing import Any

from lxml import etree

from drafting.document.tree import Image

_EMU = 36000
"""Units of drawings in a millimetre."""
_TALLEST = 220 * _EMU
"""Height of a picture that leaves room for its caption on a page."""


def drawing(part: Any, image: Image, number: int) -> etree._Element:
    """Make a picture that stands in a line; ``part`` is the part of the document, ``number`` counts its pictures."""
    made = part.new_pic_inline(io.BytesIO(image.data), width=round(image.width_mm * _EMU))
    if made.extent.cy > _TALLEST:
        narrowed = str(round(made.extent.cx * _TALLEST / made.extent.cy))
        for size in made.xpath("./wp:extent | .//pic:spPr/a:xfrm/a:ext"):
            size.set("cx", narrowed)
            size.set("cy", str(_TALLEST))
    properties = made.docPr
    properties.set("id", str(number))
    properties.set("descr", image.alt)
    properties.set("name", image.label)
    found: etree._Element = made
    return found
