"""Formulas: LaTeX to MathML (pages) and to OMML (Word equations)."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from drafting.render.latex import FormulaError, Reading, read_latex

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["FormulaError", "latex_to_mathml", "latex_to_omml"]

# Widths of mspace in em and the nearest space characters: spaces are written as text, which both readers keep.
_SPACES = ((0.9, "\u2003"), (0.4, "\u2002"), (0.25, "\u2005"), (0.0, "\u2009"))
_NAMED_WIDTHS = {"thinmathspace": 0.167, "thickmathspace": 0.278}


def latex_to_mathml(latex: str, alt: str | None = None, *, block: bool = False) -> str:
    r"""Write a formula as a ``<math>`` element.

    Raises FormulaError if the formula cannot be read.

    ``latex``: LaTeX mathematics; Chinese words may stand bare or in ``\text{…}``.
    ``alt``: what a reader hears where the formula cannot be spoken; the LaTeX itself if not given.
    ``block``: set as a displayed formula: limits above and below sums.
    """
    math = _mathml(latex, block=block)
    math.set("alttext", alt or latex)
    # Browsers follow MathML Core, which knows no columnalign; alignment is a matter of style there.
    for cell in math.iter("mtd"):
        if align := cell.attrib.pop("columnalign", None):
            cell.set("class", f"math-{align}")
    return ElementTree.tostring(math, encoding="unicode")


def latex_to_omml(latex: str) -> etree._Element:
    """Write a formula as an ``m:oMath`` element that is valid against ECMA-376 and looks right in Word.

    Raises FormulaError if the formula cannot be read.
    """
    import mathml2omml

    from drafting.render.omml import repair

    math = _mathml(latex, block=True)
    alignments = [_column_alignment(table) for table in math.iter("mtable")]
    for element in math.iter():
        if element.tag == "mo" and element.get("accent") != "true" and element.text in _ACCENT_SIGNS:
            element.set("stretchy", "false")  # a stretchy accent is written as broken XML
        if element.tag == "mi" and element.text and not element.text.isalpha():
            element.set("mathvariant", "normal")  # %, ′ and the like are not slanted
    try:
        written = mathml2omml.convert(ElementTree.tostring(math, encoding="unicode"))
        return repair(written, alignments)
    except Exception as error:  # the converter raises bare RuntimeErrors and SAX errors
        raise FormulaError(latex, 0, "converter", str(error)) from error


_SUMS = frozenset("∑∏")
_DISPLAYED = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_BRACKETS = {")": "(", "]": "["}
_ACCENT_SIGNS = frozenset("¯―^~→˙¨")


def _mathml(latex: str, *, block: bool) -> ElementTree.Element:
    from latex2mathml.converter import Converter

    reading = read_latex(latex)
    try:
        math = Converter(display="block" if block else "inline").convert_to_element(reading.latex)
    except Exception as error:  # the converter's errors share no base class
        raise FormulaError(latex, 0, "converter", type(error).__name__) from error
    for element in math.iter():
        _settle(element, reading)
    for element in math.iter() if block else ():
        if element.tag in _DISPLAYED and element[0].text in _SUMS:
            element.tag = _DISPLAYED[element.tag]  # the converter does so outside brackets only
    for element in list(math.iter()):
        _gather_brackets(element)
    return math


def _gather_brackets(parent: ElementTree.Element) -> None:
    """Make (a - b) the base of the script in (a - b)², where the converter takes the closing bracket alone."""
    at = 0
    while at < len(parent):
        script = parent[at]
        if script.tag in _DISPLAYED and len(script) and script[0].text in _BRACKETS:
            start = _opening(parent, at, _BRACKETS[script[0].text])
            if start is not None:
                base = ElementTree.Element("mrow")
                base.extend((*parent[start:at], script[0]))
                for bracket, form in ((base[0], "prefix"), (base[-1], "postfix")):
                    bracket.attrib.update(stretchy="true", fence="true", form=form)
                script[0] = base
                del parent[start:at]
                at = start
        at += 1


def _opening(parent: ElementTree.Element, end: int, bracket: str) -> int | None:
    closing = next(c for c, o in _BRACKETS.items() if o == bracket)
    depth = 1
    for at in range(end - 1, -1, -1):
        depth += (parent[at].text == closing) - (parent[at].text == bracket)
        if depth == 0:
            return at
    return None


def _settle(element: ElementTree.Element, reading: Reading) -> None:
    """Turn the converter's character references into characters, spaces into text, placeholders into their texts."""
    if element.tag == "mspace":
        width = element.attrib.pop("width", "")
        element.attrib.clear()
        em = _NAMED_WIDTHS.get(width) or (float(width[:-2]) if width.endswith("em") else 0.0)
        element.tag, element.text = "mtext", next(space for least, space in _SPACES if em >= least)
    elif element.text:
        element.text = reading.restore(html.unescape(element.text))
        if element.tag == "mtext":
            element.text = element.text.replace(" ", "\u00a0")


def _column_alignment(table: ElementTree.Element) -> tuple[str, ...]:
    rows = [[cell.get("columnalign", "center") for cell in row if cell.tag == "mtd"] for row in table]
    widest = max((len(row) for row in rows), default=0)
    return next((tuple(row) for row in rows if len(row) == widest), ())
