"""Formulas for Typst: MathML, which the strict reader has made, written as Typst mathematics."""

from __future__ import annotations

from xml.etree import ElementTree

from drafting.render.formulas import latex_to_mathml

_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_OPEN = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉"}
_ACCENTS = {"¯": "macron", "―": "macron", "^": "hat", "~": "tilde", "→": "arrow", "˙": "dot", "¨": "dot.double"}
_LIMITED = frozenset("∑∏⋃⋂")
_SCRIPTS = {"msub": "b", "msup": "t", "munder": "b", "mover": "t"}
_VARIANTS = {"normal": "upright", "bold": "bold", "double-struck": "bb", "script": "cal", "sans-serif": "sans"}


def quoted(words: str) -> str:
    """Write words as a Typst string; control characters become spaces."""
    shown = "".join(c if c.isprintable() else " " for c in words)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'


def typst_math(latex: str, *, block: bool = False) -> str:
    """Write a formula as the inside of a Typst equation.

    Raises FormulaError if the formula cannot be read.
    """
    # Parsed again from our own serialisation, not from anything that a user could shape.
    math = ElementTree.fromstring(latex_to_mathml(latex, block=block))  # noqa: S314
    inside = _row(list(math))
    return f"display({inside})" if block else inside


def _name(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(_NAMESPACE)


def _row(elements: list[ElementTree.Element]) -> str:
    return " ".join(part for part in _items(elements) if part) or '""'


def _items(elements: list[ElementTree.Element]) -> list[str]:
    """Write siblings in order; a brace before a table makes a case distinction."""
    written: list[str] = []
    at = 0
    while at < len(elements):
        element = elements[at]
        following = elements[at + 1] if at + 1 < len(elements) else None
        if _is_mark(element, "{") and following is not None and _name(following) == "mtable":
            written.append(f"cases({', '.join(_rows(following, ' quad & '))})")
            at += 2
            if at < len(elements) and _is_mark(elements[at], ""):
                at += 1
            continue
        written.append(_write(element))
        at += 1
    return written


def _is_mark(element: ElementTree.Element, mark: str) -> bool:
    return _name(element) == "mo" and (element.text or "").strip() == mark


def _write(element: ElementTree.Element) -> str:
    children = list(element)
    match _name(element):
        case "mrow" | "mstyle" | "mpadded" | "semantics" | "math":
            return _group(children)
        case "mi":
            return _identifier(element)
        case "mn":
            return quoted(element.text or "")
        case "mo":
            return _operator(element)
        case "mtext":
            return quoted((element.text or "").replace("\u00a0", " "))
        case "mfrac" if element.get("linethickness") == "0":
            return f"vec(delim: #none, {_write(children[0])}, {_write(children[1])})"
        case "mfrac":
            return f"frac({_write(children[0])}, {_write(children[1])})"
        case "msqrt":
            return f"sqrt({_row(children)})"
        case "mroot":
            return f"root({_write(children[1])}, {_write(children[0])})"
        case "mover" if (children[1].text or "") in _ACCENTS:
            accent = _ACCENTS[children[1].text or ""]
            base = _write(children[0])
            return f"overline({base})" if accent == "macron" else f"accent({base}, {accent})"
        case "msub" | "msup" | "munder" | "mover" as name:
            return f"attach({_base(children[0], name)}, {_SCRIPTS[name]}: {_write(children[1])})"
        case "msubsup" | "munderover" as name:
            scripts = f"b: {_write(children[1])}, t: {_write(children[2])}"
            return f"attach({_base(children[0], name)}, {scripts})"
        case "mtable":
            return f"mat(delim: #none, {'; '.join(_rows(element, ', '))})"
        case _:
            return _row(children) if children else quoted(element.text or "")


def _base(element: ElementTree.Element, script: str) -> str:
    """Write what carries a script: beside it or, for munder and the like, above and below it."""
    written = _write(element)
    beside = script.startswith("ms")
    if _name(element) == "mo" and (element.text or "").strip() in _LIMITED:
        return f"scripts({written})" if beside else f"limits({written})"
    return written if beside else f"limits({written})"


def _group(children: list[ElementTree.Element]) -> str:
    """Write a row; one between brackets gets brackets of its height."""
    if len(children) >= 2 and _name(children[0]) == _name(children[-1]) == "mo":
        first, last = ((c.text or "").strip() for c in (children[0], children[-1]))
        if (first in _OPEN or not first) and (last in _OPEN.values() or not last) and (first or last):
            if first == "{" and not last and _name(children[1]) == "mtable":
                return _row(children)
            left, right = (_character(m) if m else "" for m in (first, last))
            return f"lr({left} {_row(children[1:-1])} {right})"
    return _row(children) if len(children) != 1 else _write(children[0])


def _identifier(element: ElementTree.Element) -> str:
    words = element.text or ""
    if len(words) > 1:
        return f"op({quoted(words)})"
    written = _character(words) if words else '""'
    variant = _VARIANTS.get(element.get("mathvariant", ""))
    return f"{variant}({written})" if variant else written


def _operator(element: ElementTree.Element) -> str:
    words = (element.text or "").strip()
    if len(words) > 1:
        return f"op({quoted(words)})"
    return {"": "", "&": "amp"}.get(words) or (_character(words) if words else "")


def _character(sign: str) -> str:
    """Write one sign so that it is never taken for Typst's own notation."""
    if sign.isascii():
        return sign if sign.isalpha() else quoted(sign) if sign.isdecimal() else f"\\{sign}"
    return {"′": "prime", "″": "prime.double"}.get(sign, sign)


def _rows(table: ElementTree.Element, gap: str = " & ") -> list[str]:
    return [gap.join(_row(list(cell)) for cell in row) for row in table]
