"""What Word counts, from numbering.xml, styles.xml and the paragraphs of a .docx alone."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter

from lxml import etree

from drafting.document.numbering import letters

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NS = {"w": W[1:-1]}


def part(content: bytes, name: str) -> etree._Element:
    """A part of a .docx."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return etree.fromstring(package.read(name))


def text_of(element: etree._Element) -> str:
    """The words in a paragraph, cell or table."""
    return "".join(t.text or "" for t in element.iter(f"{W}t"))


class Numbering:
    """What Word counts: a second route to the numbers, from numbering.xml, styles.xml and the paragraphs alone."""

    def __init__(self, content: bytes) -> None:
        numbering = part(content, "word/numbering.xml")
        self._baselines = {
            a.get(f"{W}abstractNumId"): {int(v.get(f"{W}ilvl", "0")): v for v in a.iterfind("w:lvl", NS)}
            for a in numbering.iterfind("w:abstractNum", NS)
        }
        self._lists = {n.get(f"{W}numId"): n for n in numbering.iterfind("w:num", NS)}
        self._owner = {
            v.find("w:pStyle", NS).get(f"{W}val"): (a, level)
            for a, baselines in self._baselines.items()
            for level, v in baselines.items()
            if v.find("w:pStyle", NS) is not None
        }
        self._styles = {
            s.get(f"{W}styleId"): s.find("w:pPr/w:numPr/w:numId", NS)
            for s in part(content, "word/styles.xml").iterfind("w:style", NS)
        }
        self._counts: dict[str, Counter[int]] = {}
        self._begun: set[str] = set()

    def label(self, paragraph: etree._Element) -> str:
        """The automatic number of the next paragraph."""
        style = paragraph.find("w:pPr/w:pStyle", NS)
        name = "" if style is None else style.get(f"{W}val")
        number = paragraph.find("w:pPr/w:numPr/w:numId", NS)
        if number is not None:
            level = int(paragraph.find("w:pPr/w:numPr/w:ilvl", NS).get(f"{W}val"))
        elif self._styles.get(name) is not None and name in self._owner:
            number, level = self._styles[name], self._owner[name][1]
        else:
            return ""
        identifier = number.get(f"{W}val")
        entry = self._lists[identifier]
        abstract = entry.find("w:abstractNumId", NS).get(f"{W}val")
        counts = self._counts.setdefault(abstract, Counter())
        if identifier not in self._begun and entry.find("w:lvlOverride/w:startOverride", NS) is not None:
            counts[level] = 0
        self._begun.add(identifier)
        counts[level] += 1
        for deeper in [d for d in counts if d > level]:
            counts[deeper] = 0
        return self._format(abstract, level, counts)

    def _format(self, abstract: str, level: int, counts: Counter[int]) -> str:
        def number(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            form = self._baselines[abstract][place].find("w:numFmt", NS).get(f"{W}val")
            count = counts[place]
            return {"upperLetter": letters(count - 1, "A"), "lowerLetter": letters(count - 1)}.get(form, str(count))

        text = self._baselines[abstract][level].find("w:lvlText", NS).get(f"{W}val")
        return re.sub(r"%(\d)", number, text)
