"""What a blueprint offers: styles by name, and automatic numbering that can start again."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from drafting.document.tree import END_OF_TITLE
from drafting.render.docx.xml import NAMESPACES, element, tag

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_NORMAL = "Normal"


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style of the blueprint."""

    identifier: str
    list_id: str | None = None
    """The numbering it carries; None: markers are written out."""
    level: int = 0
    """Level in that list."""
    linked: bool = True
    """Whether the list's level names this style. Only then does the style number its paragraphs by itself: the level in
    a style is otherwise ignored and has to stand in the paragraph.
    """
    frame: etree._Element | None = None
    """Its text frame, to be repeated in the paragraph: not every program takes frames from styles."""
    indent: etree._Element | None = None
    """Its indents, to be repeated in a paragraph that names its list: the list's own would take their place."""
    spaced: bool = False
    """Whether its list itself keeps number and text apart."""
    keeps: bool = False
    """Whether its paragraphs stay with what follows."""
    stops: tuple[tuple[str, str], ...] = ()
    """Tuple of (str, str): Kind and position of its tab stops."""


@dataclass
class Blueprint:
    """The styles and lists of one blueprint while a draft is written into it."""

    document: WordDocument
    missing: set[str] = field(default_factory=set)
    """Names asked for that the blueprint lacks; Normal stood in for them."""

    def __post_init__(self) -> None:
        self._numbering = self.document.part.numbering_part.element
        spaced = _apart(self._numbering)
        owners = {o.get(tag("val")) for o in self._numbering.iterfind("w:abstractNum/w:lvl/w:pStyle", NAMESPACES)}
        self._styles = {
            (s.find("w:name", NAMESPACES).get(tag("val"))): _read(s, owners, spaced)
            for s in self.document.styles.element.iterfind("w:style[@w:type='paragraph']", NAMESPACES)
        }
        self._keeping = {s.identifier for s in self._styles.values() if s.keeps}

    def style(self, name: str) -> Style:
        """Find a style by name; Normal stands in for one that is missing."""
        found = self._styles.get(name)
        if found is None:
            self.missing.add(name)
            found = self._styles.get(_NORMAL, Style(_NORMAL))
        return found

    def numbers(self, name: str) -> bool:
        """Whether the blueprint knows a style, and Word numbers its paragraphs."""
        return name in self._styles and self._styles[name].list_id is not None

    def keeps(self, paragraph: etree._Element) -> bool:
        """Whether a paragraph stays with the one behind it, by itself or by its style."""
        if paragraph.find("w:pPr/w:keepNext", NAMESPACES) is not None:
            return True
        style = paragraph.find("w:pPr/w:pStyle", NAMESPACES)
        return style is not None and style.get(tag("val")) in self._keeping

    def restarted(self, style: Style) -> str | None:
        """Make a new list that counts from 1 with the style's numbering; None for a style without numbering."""
        if style.list_id is None:
            return None
        abstract = self._numbering.find(f"w:num[@w:numId='{style.list_id}']/w:abstractNumId", NAMESPACES)
        return self._new_list(
            abstract.get(tag("val")), element("lvlOverride", element("startOverride", val=1), ilvl=style.level)
        )

    def _new_list(self, abstract: str, override: etree._Element | None = None) -> str:
        numbers = self._numbering.findall("w:num", NAMESPACES)
        identifier = str(1 + max((int(n.get(tag("numId"))) for n in numbers), default=0))
        made = element("num", element("abstractNumId", val=abstract), override, numId=identifier)
        if numbers:
            numbers[-1].addnext(made)
        else:
            self._numbering.append(made)
        return identifier


def _apart(numbering: etree._Element) -> set[tuple[str, int]]:
    """Find the lists and levels that keep number and text apart by themselves.

    A gap that is part of the number would stand in every reference to it (表1　的规定): it is taken from the number,
    and written before the text instead.
    """
    found: set[tuple[str, int]] = set()
    abstract: dict[str, list[int]] = {}
    for one in numbering.iterfind("w:abstractNum", NAMESPACES):
        levels = abstract[one.get(tag("abstractNumId")) or ""] = []
        for level in one.iterfind("w:lvl", NAMESPACES):
            gap = level.find("w:suff", NAMESPACES)
            words = level.find("w:lvlText", NAMESPACES)
            if gap is None or gap.get(tag("val")) != "nothing":
                levels.append(int(level.get(tag("ilvl"), "0")))
            elif words is not None and (text := words.get(tag("val"), "")).endswith((END_OF_TITLE, " ")):
                words.set(tag("val"), text.rstrip(f" {END_OF_TITLE}"))
    for number in numbering.iterfind("w:num", NAMESPACES):
        kind = number.find("w:abstractNumId", NAMESPACES)
        levels = abstract.get(kind.get(tag("val")) or "", []) if kind is not None else []
        found |= {(number.get(tag("numId")) or "", level) for level in levels}
    return found


def _read(style: etree._Element, owners: Container[str | None], spaced: Container[tuple[str, int]]) -> Style:
    identifier = style.get(tag("styleId")) or ""
    number = style.find("w:pPr/w:numPr/w:numId", NAMESPACES)
    level = style.find("w:pPr/w:numPr/w:ilvl", NAMESPACES)
    list_id = None if number is None else number.get(tag("val"))
    at = 0 if level is None else int(level.get(tag("val"), "0"))
    return Style(
        identifier=identifier,
        list_id=list_id,
        level=at,
        linked=identifier in owners,
        frame=style.find("w:pPr/w:framePr", NAMESPACES),
        indent=style.find("w:pPr/w:ind", NAMESPACES),
        spaced=(list_id or "", at) in spaced,
        keeps=style.find("w:pPr/w:keepNext", NAMESPACES) is not None,
        stops=tuple(
            (t.get(tag("val")) or "", t.get(tag("pos")) or "") for t in style.iterfind("w:pPr/w:tabs/w:tab", NAMESPACES)
        ),
    )


def _value(found: etree._Element, name: str) -> str:
    return found.get(tag(name)) or ""
