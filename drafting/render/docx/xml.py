"""WordprocessingML elements in few words, and the units it counts in."""

from __future__ import annotations

from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XML = "http://www.w3.org/XML/1998/namespace"
NAMESPACES = {"w": W, "m": M, "r": R}
_OWN = {"w": W}

HAN = 210
"""Width of one Han of 10.5 pt in twips: the unit of indents."""

_PREFIX = f"{{{W}}}"
_SPACE = f"{{{XML}}}space"
_make = etree.Element
_cache: dict[str, str] = {}


def tag(name: str) -> str:
    """Give the qualified name of a ``w:`` element or attribute."""
    found = _cache.get(name)
    if found is None:
        found = _cache[name] = _PREFIX + name
    return found


def element(name: str, /, *children: etree._Element | None, **attributes: object) -> etree._Element:
    """Make a ``w:`` element; None among the children is left out.

    ``element("jc", val="center")`` is ``<w:jc w:val="center"/>``. Attributes that are None are left out too.
    """
    given = {tag(key): str(value) for key, value in attributes.items() if value is not None} if attributes else None
    made = _make(tag(name), given, _OWN)
    if children:
        made.extend([child for child in children if child is not None])
    return made


def text(words: str) -> etree._Element:
    """Make a ``w:t`` that keeps its spaces."""
    made = _make(tag("t"), nsmap=_OWN)
    made.text = printable(words)
    if words[:1].isspace() or words[-1:].isspace():
        made.set(_SPACE, "preserve")
    return made


def printable(words: str) -> str:
    """Drop the control characters that XML 1.0 cannot hold."""
    if words.isprintable():
        return words
    return "".join(c for c in words if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))


def serial(one: etree._Element) -> str:
    """Print an element, to be put into a larger text of XML."""
    return etree.tostring(one, encoding="unicode")


def twips(millimetres: float) -> int:
    """Millimetres in twentieths of a point."""
    return round(millimetres * 1440 / 25.4)
