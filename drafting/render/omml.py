"""Repairs of converted Word equations: what the schema asks for and what Word needs to draw them well."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from lxml import etree

M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LATIN_FONT, HAN_FONT = "Cambria Math", "宋体"

_OPERATIONS = frozenset("*+-−∗")
_RELATIONS = frozenset("=≤≥<>≠≈,;")
# Spacing signs as the converter writes them -> combining signs that Word takes for accents.
_ACCENTS = {"¯": "\u0305", "―": "\u0305", "^": "\u0302", "~": "\u0303", "→": "\u20d7", "˙": "\u0307", "¨": "\u0308"}


def _m(name: str) -> str:
    return f"{{{M}}}{name}"


def _text(element: etree._Element) -> str:
    return "".join(text.text or "" for text in element.iter(_m("t")))


def repair(omml: str, alignments: Sequence[tuple[str, ...]]) -> etree._Element:
    """Parse converted OMML and mend it.

    ``omml``: an ``m:oMath`` element without namespace declarations.
    ``alignments``: column alignments of the matrices, in document order.
    """
    declared = omml.replace("<m:oMath>", f'<m:oMath xmlns:m="{M}" xmlns:w="{W}">', 1)
    math = etree.fromstring(declared.encode("utf-8"), etree.XMLParser(resolve_entities=False, no_network=True))
    _unwrap_boxes(math)
    for matrix, alignment in zip(math.iter(_m("m")), alignments, strict=True):
        matrix.insert(0, _matrix_properties(alignment))
    for radical in math.iter(_m("rad")):
        _complete_radical(radical)
    for limit in list(math.iter(_m("limUpp"))):
        _accent(limit)
    for nary in list(math.iter(_m("nary"))):
        _hide_missing_limits(nary)
        _end_operand_at_relation(nary)
    _join_upright(math)
    for run in math.iter(_m("r")):
        _set_fonts(run)
    for script in math.iter(_m("sup"), _m("sub")):
        _as_words(script)
    return math


def _as_words(script: etree._Element) -> None:
    """A lone sign of an operation as a script (S*) is text: other programs look for what it operates on."""
    run = script[0] if len(script) == 1 else None
    if run is None or run.tag != _m("r") or _text(run) not in _OPERATIONS:
        return
    properties = run.find(_m("rPr"))
    if properties is not None:
        for style in properties.findall(_m("sty")):
            properties.replace(style, etree.Element(_m("nor")))


def _join_upright(math: etree._Element) -> None:
    """Make one word of upright letters that follow one another: CI is a sign, not C times I."""
    for run in list(math.iter(_m("r"))):
        before = run.getprevious()
        if before is None or before.tag != _m("r") or not (_upright(before) and _upright(run)):
            continue
        words = run.find(_m("t"))
        assert words is not None  # an upright run has letters
        words.text = _text(before) + _text(run)
        parent = run.getparent()
        assert parent is not None  # the root is m:oMath
        parent.remove(before)


def _upright(run: etree._Element) -> bool:
    style = run.find(f"{_m('rPr')}/{_m('sty')}")
    return style is not None and style.get(_m("val")) == "p" and _text(run).isascii() and _text(run).isalpha()


def _unwrap_boxes(math: etree._Element) -> None:
    """Boxes only group; Word draws them with gaps and cannot break a line there."""
    for box in list(math.iter(_m("box"))):
        parent = box.getparent()
        assert parent is not None  # the root is m:oMath
        at = parent.index(box)
        inside = [child for e in box.findall(_m("e")) for child in e]
        parent[at : at + 1] = inside


def _matrix_properties(alignment: tuple[str, ...]) -> etree._Element:
    properties = etree.Element(_m("mPr"))
    columns = etree.SubElement(properties, _m("mcs"))
    for align, same in groupby(alignment or ("center",)):
        column = etree.SubElement(etree.SubElement(columns, _m("mc")), _m("mcPr"))
        etree.SubElement(column, _m("count"), {_m("val"): str(len(tuple(same)))})
        etree.SubElement(column, _m("mcJc"), {_m("val"): align})
    return properties


def _complete_radical(radical: etree._Element) -> None:
    if radical.find(_m("deg")) is None:
        properties = etree.Element(_m("radPr"))
        etree.SubElement(properties, _m("degHide"), {_m("val"): "1"})
        radical.insert(0, properties)
        radical.insert(1, etree.Element(_m("deg")))


def _accent(limit: etree._Element) -> None:
    """Make a sign that is set over a base as a limit a true accent."""
    over = limit.find(_m("lim"))
    assert over is not None  # always written
    sign = _text(over)
    if sign not in _ACCENTS:
        return
    limit.tag = _m("acc")
    limit.remove(over)
    properties = etree.Element(_m("accPr"))
    etree.SubElement(properties, _m("chr"), {_m("val"): _ACCENTS[sign]})
    limit.insert(0, properties)


def _hide_missing_limits(nary: etree._Element) -> None:
    properties = nary.find(_m("naryPr"))
    assert properties is not None  # always written
    for name in ("sub", "sup"):
        limit = nary.find(_m(name))
        if limit is not None and len(limit) == 0:
            etree.SubElement(properties, _m(f"{name}Hide"), {_m("val"): "1"})


def _end_operand_at_relation(nary: etree._Element) -> None:
    """End the operand of a sum where a relation begins; the converter takes all that follows for its operand."""
    operand, parent = nary.find(_m("e")), nary.getparent()
    assert operand is not None  # always written
    assert parent is not None  # a sum is never the root
    for at, child in enumerate(operand):
        if at and child.tag == _m("r") and _text(child) in _RELATIONS:
            behind = parent.index(nary) + 1
            parent[behind:behind] = list(operand)[at:]
            return


def _set_fonts(run: etree._Element) -> None:
    properties = etree.Element(f"{{{W}}}rPr")
    fonts = {"ascii": LATIN_FONT, "hAnsi": LATIN_FONT, "eastAsia": HAN_FONT, "cs": LATIN_FONT}
    etree.SubElement(properties, f"{{{W}}}rFonts", {f"{{{W}}}{key}": font for key, font in fonts.items()})
    math_properties = run.find(_m("rPr"))
    run.insert(0 if math_properties is None else 1, properties)
    text = run.find(_m("t"))
    if text is not None and text.text and text.text != text.text.strip():
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
