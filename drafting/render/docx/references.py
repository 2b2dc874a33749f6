"""References as fields: where the number of each anchor stands in a Word file, and what a field asks of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from drafting.document.tree import (
    END_OF_TITLE,
    Block,
    Clause,
    Document,
    Formula,
    Image,
    Reference,
    Table,
    TermEntry,
    walk,
)
from drafting.render.docx.runs import field, run
from drafting.render.docx.xml import element

_DEGREES = ("一级", "二级", "三级", "四级", "五级")


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference leads to."""

    name: str
    """Name of its bookmark."""
    number: str = ""
    """How it is numbered in running text: ``4.1``, ``表1``, ``附录A``, ``（3）``; empty for a part without number."""
    style: str = ""
    """Style of the paragraph that bears the number; empty where the number is written by a field."""


def targets(document: Document) -> dict[str, Target]:
    """Name a bookmark for every anchor, in reading order: the names are short, ASCII and the same every time."""
    found: list[tuple[str, str, str]] = [(f.anchor, "", "") for f in document.front]
    for front in document.front:
        found += _numbered(front.children, annexed=False)
    found += _numbered(document.chapters, annexed=False)
    for annex in document.annexes:
        found += _numbered(annex.children, annexed=True)
    found += [(a.anchor, a.label, ANNEX) for a in document.annexes]
    if document.bibliography:
        found.append((document.bibliography.anchor, "", ""))
    named = [one for one in found if one[0]]
    return {anchor: Target(f"_Ref{n:08d}", number, style) for n, (anchor, number, style) in enumerate(named, 1)}


def bookmark_names(document: Document) -> dict[str, str]:
    """Give the name of the bookmark of every anchor."""
    return {anchor: target.name for anchor, target in targets(document).items()}


ANNEX = "标准文件_附录标识"


def _numbered(blocks: tuple[Block, ...], *, annexed: bool) -> Iterator[tuple[str, str, str]]:
    for block in walk(blocks):
        match block:
            case Clause():
                yield block.anchor, block.number, clause_style(block, annexed=annexed)
            case Table() | Image():
                yield block.anchor, block.label, caption_style(block.label[:1], annexed=annexed)
            case Formula():
                yield block.anchor, block.label, ""
            case TermEntry():
                yield block.anchor, block.number, TERM


TERM = "标准文件_术语条一"
LETTERS = "标准文件_附录表标号"
"""Style of the line that nobody sees and that tells the letter of an annex to its tables and formulas."""


def clause_style(clause: Clause, *, annexed: bool) -> str:
    """Name the style of a chapter or clause, with or without title."""
    place = "附录" if annexed else ""
    if clause.level == 1:
        return "标准文件_章标题"
    return f"标准文件_{place}{_DEGREES[clause.level - 2]}{'条标题' if clause.titled else '无标题'}"


def caption_style(word: str, *, annexed: bool) -> str:
    """Name the style of the captions of tables (表) or figures (图)."""
    return f"标准文件_{'附录' if annexed else '正文'}{word}标题"


def title_mark(name: str) -> str:
    """Name the bookmark around a title where the other one stands around the number before it."""
    return f"{name}T"


def refer(reference: Reference, target: Target | None, automatic: Callable[[str], bool]) -> Iterator[etree._Element]:
    """Make a reference: a field for the number, with what is printed around it (第…章) as words.

    ``automatic``: whether Word itself numbers the paragraphs of a style.
    """
    words = reference.text
    if target is None:
        yield run(words)
        return
    before, number, after = words.partition(target.number) if target.number else (words, "", "")
    if not number:  # a paper says 第三章 where 三、 stands: the words lead there, but no field can say them
        yield element("hyperlink", run(words), anchor=target.name, history=1)
        return
    if before:
        yield run(before)
    yield from number_field(target, automatic)
    if after:
        yield run(after)


def number_field(target: Target, automatic: Callable[[str], bool]) -> tuple[etree._Element, ...]:
    """Make the field that says the number of a target."""
    switch = "\\n " if target.style and automatic(target.style) else ""
    return tuple(deepcopy(_field(f"REF {target.name} {switch}\\h", target.number)))


@lru_cache(maxsize=1024)
def _field(instruction: str, words: str) -> etree._Element:
    """What holds the runs of a field: made once: a copy costs a tenth of making them."""
    return element("p", *field(instruction, run(words)))


def letter_mark(letter: str) -> str:
    """Name the bookmark of the line that tells the letter of an annex."""
    return f"_Letter{letter}"


CONTINUED = "（续）"


def continued(table: Table, target: Target | None, automatic: Callable[[str], bool]) -> tuple[etree._Element, ...]:
    """Make the words of the caption of a continued table: fields that say what its own caption says, then （续）."""
    face = element("rFonts", ascii="宋体", hAnsi="宋体", eastAsia="宋体")
    last = run(CONTINUED, face)
    if target is None:
        return run(f"{table.label}{END_OF_TITLE}{table.caption}"), last
    title = target.name if automatic(target.style) else title_mark(target.name)
    words = field(f"REF {title} \\h", run(table.caption))
    return (*number_field(target, automatic), run(END_OF_TITLE), *words, last)
