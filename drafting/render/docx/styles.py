"""What a blueprint offers: styles by name, and automatic numbering that can start again."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from drafting.render.docx.xml import NAMESPACES, element, tag

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_NORMAL = "Normal"


@dataclass(frozen=True, slots=True)
class Style:
    """
    A paragraph style of the blueprint.

    Attributes
    ----------
    identifier : str
    list_id : str or None
        The numbering it carries; None: markers are written out.
    level : int
        Level in that list.
    linked : bool
        Whether the list's level names this style. Only then does the style number its paragraphs by itself: the level
        in a style is otherwise ignored and has to stand in the paragraph.
    frame : element or None
        Its text frame, to be repeated in the paragraph: not every program takes frames from styles.
    indent : element or None
        Its indents, to be repeated in a paragraph that names its list: the list's own would take their place.
    """

    identifier: str
    list_id: str | None = None
    level: int = 0
    linked: bool = True
    frame: etree._Element | None = None
    indent: etree._Element | None = None


@dataclass
class Blueprint:
    """The styles and lists of one blueprint while a draft is written into it."""

    document: WordDocument
    missing: set[str] = field(default_factory=set)
    """Names asked for that the blueprint lacks; Normal stood in for them."""

    def __post_init__(self) -> None:
        self._numbering = self.document.part.numbering_part.element
        owners = {o.get(tag("val")) for o in self._numbering.iterfind("w:abstractNum/w:lvl/w:pStyle", NAMESPACES)}
        self._styles = {
            (s.find("w:name", NAMESPACES).get(tag("val"))): _read(s, owners)
            for s in self.document.styles.element.iterfind("w:style[@w:type='paragraph']", NAMESPACES)
        }
        self._annex_lists: dict[tuple[str, str], str] = {}

    def style(self, name: str) -> Style:
        """Find a style by name; Normal stands in for one that is missing."""
        found = self._styles.get(name)
        if found is None:
            self.missing.add(name)
            found = self._styles.get(_NORMAL, Style(_NORMAL))
        return found

    def has(self, name: str) -> bool:
        """Whether the blueprint knows a style."""
        return name in self._styles

    def restarted(self, style: Style) -> str | None:
        """Make a new list that counts from 1 with the style's numbering; None for a style without numbering."""
        if style.list_id is None:
            return None
        abstract = self._numbering.find(f"w:num[@w:numId='{style.list_id}']/w:abstractNumId", NAMESPACES)
        return self._new_list(
            abstract.get(tag("val")), element("lvlOverride", element("startOverride", val=1), ilvl=style.level)
        )

    def annex_list(self, word: str, letter: str) -> str:
        """Give the list of an annex's captions: ``表A.1`` for word 表 and letter A."""
        if (word, letter) not in self._annex_lists:
            known = self._numbering.findall("w:abstractNum", NAMESPACES)
            identifier = 1 + max((int(a.get(tag("abstractNumId"))) for a in known), default=0)
            abstract = element(
                "abstractNum",
                element("nsid", val=f"{0x43330000 + identifier:08X}"),
                element("multiLevelType", val="singleLevel"),
                element(
                    "lvl",
                    element("start", val=1),
                    element("numFmt", val="decimal"),
                    element("suff", val="nothing"),
                    element("lvlText", val=f"{word}{letter}.%1\u3000"),
                    element("lvlJc", val="left"),
                    ilvl=0,
                ),
                abstractNumId=identifier,
            )
            if known:
                known[-1].addnext(abstract)
            else:
                self._numbering.insert(0, abstract)
            self._annex_lists[word, letter] = self._new_list(str(identifier))
        return self._annex_lists[word, letter]

    def _new_list(self, abstract: str, override: etree._Element | None = None) -> str:
        numbers = self._numbering.findall("w:num", NAMESPACES)
        identifier = str(1 + max((int(n.get(tag("numId"))) for n in numbers), default=0))
        made = element("num", element("abstractNumId", val=abstract), override, numId=identifier)
        if numbers:
            numbers[-1].addnext(made)
        else:
            self._numbering.append(made)
        return identifier


def _read(style: etree._Element, owners: Container[str | None]) -> Style:
    identifier = style.get(tag("styleId")) or ""
    number = style.find("w:pPr/w:numPr/w:numId", NAMESPACES)
    level = style.find("w:pPr/w:numPr/w:ilvl", NAMESPACES)
    return Style(
        identifier,
        None if number is None else number.get(tag("val")),
        0 if level is None else int(level.get(tag("val"), "0")),
        identifier in owners,
        style.find("w:pPr/w:framePr", NAMESPACES),
        style.find("w:pPr/w:ind", NAMESPACES),
    )
