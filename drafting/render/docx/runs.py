"""Runs, fields and links of a paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from functools import lru_cache
from xml.sax.saxutils import escape

from lxml import etree

from drafting.document.tree import (
    Figure,
    InlineFormula,
    Reference,
    Run,
    Strong,
    Subscript,
    Superscript,
    Text,
)
from drafting.render.docx.xml import M, element, printable, text
from drafting.render.formulas import FormulaError, latex_to_omml

# Characters that Word sets in the Latin face unless told otherwise: dashes, quotes, signs and Roman numerals.
_AMBIGUOUS = re.compile("[—…“”‘’·×÷±≤≥≠≈°′″℃§①-⑳Ⅰ-Ⅻ〔〕]")


def run(words: str, *properties: etree._Element | None) -> etree._Element:
    """Make a run of words."""
    hint = element("rFonts", hint="eastAsia") if _AMBIGUOUS.search(words) else None
    fonts = next((p for p in properties if p is not None and p.tag.endswith("}rFonts")), None)
    if fonts is not None:
        if hint is not None:
            fonts.set(next(iter(hint.attrib)), "eastAsia")
        hint = None
    given = [p for p in (hint, *properties) if p is not None]
    return element("r", element("rPr", *given) if given else None, text(words))


def plain_run(words: str) -> str:
    """Print the XML of :func:`run` without properties: cells by the thousand are made as text, not as elements."""
    hint = '<w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>' if _AMBIGUOUS.search(words) else ""
    space = ' xml:space="preserve"' if words[:1].isspace() or words[-1:].isspace() else ""
    return f"<w:r>{hint}<w:t{space}>{escape(printable(words))}</w:t></w:r>"


def bold_face(words: str) -> etree._Element:
    """Make a run in 黑体."""
    return run(words, element("rFonts", ascii="黑体", hAnsi="黑体", eastAsia="黑体"))


def spaced(words: str, twips: int) -> Iterator[etree._Element]:
    """Make a title whose characters stand apart (前　言): the gap belongs to all but the last."""
    if len(words) > 1:
        yield run(words[:-1], element("spacing", val=twips))
    yield run(words[-1:])


def tab() -> etree._Element:
    """Make a run with a tab."""
    return element("r", element("tab"))


def line_break() -> etree._Element:
    """Make a run with a line break."""
    return element("r", element("br"))


def broken(words: str) -> Iterator[etree._Element]:
    """Make a run for every line, with line breaks between them."""
    for position, line in enumerate(words.split("\n") if words else ()):
        if position:
            yield line_break()
        yield run(line)


def field(instruction: str, *result: etree._Element, dirty: bool = False) -> tuple[etree._Element, ...]:
    """Make a complex field with its stored result."""
    return (*open_field(instruction, dirty=dirty), *result, close_field())


def open_field(instruction: str, *, dirty: bool = False) -> tuple[etree._Element, ...]:
    """Begin a complex field whose result follows, perhaps over several paragraphs."""
    code = element("instrText")
    code.text = f" {instruction} "
    code.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return (
        element("r", element("fldChar", fldCharType="begin", dirty="true" if dirty else None)),
        element("r", code),
        element("r", element("fldChar", fldCharType="separate")),
    )


def close_field() -> etree._Element:
    """End a complex field."""
    return element("r", element("fldChar", fldCharType="end"))


def hidden_field(instruction: str) -> tuple[etree._Element, ...]:
    """Make a field without result, such as TC."""
    begin, code, _ = open_field(instruction)
    return begin, code, close_field()


@lru_cache(maxsize=4096)
def _equation(latex: str) -> etree._Element:
    try:
        return latex_to_omml(latex)
    except FormulaError:
        # The draft comes all the same: the formula stands there as typed, inside an equation, for Word to edit.
        made = etree.Element(f"{{{M}}}oMath", nsmap={"m": M})
        etree.SubElement(etree.SubElement(made, f"{{{M}}}r"), f"{{{M}}}t").text = printable(latex)
        return made


def equation(latex: str, *, in_line: bool = False) -> etree._Element:
    """Make a Word equation; in a line of text the limits of a sum stand beside it, not above and below."""
    made = deepcopy(_equation(latex))
    if in_line:
        for place in made.iter(f"{{{M}}}limLoc"):
            place.set(f"{{{M}}}val", "subSup")
    return made


def display(latex: str) -> etree._Element:
    """Make a formula on a line of its own: fractions stand at full size, limits above and below their sums."""
    made = etree.Element(f"{{{M}}}oMathPara", nsmap={"m": M})
    properties = etree.SubElement(made, f"{{{M}}}oMathParaPr")
    etree.SubElement(properties, f"{{{M}}}jc", {f"{{{M}}}val": "center"})
    made.append(equation(latex))
    return made


def inline(runs: Iterable[Run], refer: Callable[[Reference], Iterable[etree._Element]]) -> Iterator[etree._Element]:
    """Make the elements of some runs; ``refer`` makes those of a reference."""
    for one in runs:
        match one:
            case Text(words) | Figure(_, words):
                yield from broken(words) if "\n" in words else (run(words),)
            case Strong(words):
                yield bold_face(words)
            case Superscript(words):
                yield run(words, element("vertAlign", val="superscript"))
            case Subscript(words):
                yield run(words, element("vertAlign", val="subscript"))
            case InlineFormula(latex):
                yield equation(latex, in_line=True)
            case Reference():
                yield from refer(one)


_UPRIGHT = re.compile(r"\\(?:text|mathrm|operatorname)\{([^{}]*)\}")
_FUNCTION = re.compile(r"\\(max|min|ln|log|exp|sum|lim)\b")
_COMMAND = re.compile(r"\\[A-Za-z]+\s*")
_INDEX = re.compile(r"[_^](?:\{([^{}]*)\}|(.))")
_BASE, _CAPITAL, _INDEXED, _HAN = 150, 190, 100, 220


def width(latex: str) -> int:
    """Estimate, on the generous side, the width of a short formula in twips: for the tab stops of 式中."""
    flat = _COMMAND.sub("x", _FUNCTION.sub(r"\1", _UPRIGHT.sub(r"\1", latex)))
    total = 0
    while match := _INDEX.search(flat):  # innermost indices first: they hold no braces
        total += _INDEXED * len((match[1] or match[2] or "").replace(" ", ""))
        flat = flat[: match.start()] + flat[match.end() :]
    return total + sum(_width_of(c) for c in flat if c not in "{} ")


def _width_of(character: str) -> int:
    if ord(character) > 0x2E80:
        return _HAN
    return _CAPITAL if character.isupper() else _BASE
