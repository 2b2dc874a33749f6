"""The resolver: one pass gives every node its number, a second puts the numbers into the cross-references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from drafting.document.tree import (
    Annex,
    Bibliography,
    Block,
    Clause,
    Document,
    Example,
    Formula,
    Image,
    ListBlock,
    ListItem,
    Note,
    Paragraph,
    Reference,
    Row,
    Runs,
    Table,
    TermEntry,
)

MAX_LEVEL = 6
"""A chapter and five levels of clauses below it (GB/T 1.1—2020)."""


class CrossReferenceError(ValueError):
    """A cross-reference or an anchor that cannot be resolved.

    Attributes
    ----------
    reason : {"unresolved", "twice"}
        No node has the anchor, or two nodes have it.
    anchor : str
        The anchor.
    place : str
        Number or title of the chapter, annex or preliminary part in which it stands.
    """

    def __init__(self, reason: Literal["unresolved", "twice"], anchor: str, place: str) -> None:
        super().__init__(f"{reason} anchor {anchor!r} in {place!r}")
        self.reason = reason
        self.anchor = anchor
        self.place = place


def letters(position: int, first: str = "a") -> str:
    """Letter of a position from 0: a … z, then aa, ab … (``first="A"``: capitals, for annexes).

    Raises ValueError if the position is negative.
    """
    if position < 0:
        raise ValueError(position)
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(ord(first) + rest) + text
    return text


def resolve(document: Document) -> Document:
    """Give every node its number and fill in the cross-references.

    Raises CrossReferenceError if an anchor is used twice or a reference names no node.
    """
    numbered = _Numbers()
    front = tuple(replace(f, children=numbered.blocks(f.children, "", f.title)) for f in document.front)
    chapters = tuple(numbered.clause(c, str(i), 1, str(i)) for i, c in enumerate(document.chapters, 1))
    annexes = tuple(numbered.annex(a, letters(i, "A")) for i, a in enumerate(document.annexes))
    texts = numbered.texts
    return replace(
        document,
        front=tuple(replace(f, children=_linked(f.children, texts, f.title)) for f in front),
        chapters=tuple(replace(c, children=_linked(c.children, texts, c.number)) for c in chapters),
        annexes=tuple(replace(a, children=_linked(a.children, texts, a.label)) for a in annexes),
        bibliography=_bibliography(document.bibliography, texts),
    )


@dataclass
class _Numbers:
    """Counters of one document: tables, figures and formulas restart in every annex."""

    texts: dict[str, str] = field(default_factory=dict)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def anchor(self, anchor: str, text: str, place: str) -> None:
        if not anchor:
            return
        if anchor in self.texts:
            raise CrossReferenceError("twice", anchor, place)
        self.texts[anchor] = text

    def next(self, kind: str, annex: str) -> str:
        self.counts[kind, annex] += 1
        number = str(self.counts[kind, annex])
        return f"{annex}.{number}" if annex else number

    def annex(self, annex: Annex, letter: str) -> Annex:
        lettered = replace(annex, letter=letter)
        self.anchor(annex.anchor, lettered.label, lettered.label)
        return replace(lettered, children=self.blocks(annex.children, letter, lettered.label, f"{letter}.", 2))

    def clause(self, clause: Clause, number: str, level: int, place: str, annex: str = "") -> Clause:
        if level > MAX_LEVEL:
            raise ValueError(f"clause {number} lies deeper than GB/T 1.1 allows")
        anchor = clause.anchor or f"clause-{number}"  # the contents lead to every clause
        self.anchor(anchor, f"第{number}章" if level == 1 else number, place)
        children = self.blocks(clause.children, annex, place, f"{number}.", level + 1)
        return replace(clause, number=number, level=level, children=children, anchor=anchor)

    def blocks(
        self, blocks: Iterable[Block], annex: str, place: str, prefix: str = "", level: int = 2
    ) -> tuple[Block, ...]:
        """Count through the children of one part; clauses and terms share a count under ``prefix``."""
        blocks = tuple(blocks)
        totals = Counter(type(b) for b in blocks)
        done: list[Block] = []
        items, notes, examples = 0, 0, 0
        for block in blocks:
            match block:
                case Clause():
                    items += 1
                    done.append(self.clause(block, f"{prefix}{items}", level, place, annex))
                case TermEntry():
                    items += 1
                    number = f"{prefix}{items}"
                    self.anchor(block.anchor, number, place)
                    done.append(replace(block, number=number, notes=_labelled(block.notes)))
                case Note():
                    notes += 1
                    done.append(replace(block, label=_label("注", notes, totals[Note])))
                case Example():
                    examples += 1
                    done.append(replace(block, label=_label("示例", examples, totals[Example])))
                case ListBlock():
                    done.append(_marked(block))
                case Table() | Image() | Formula():
                    done.append(self._counted(block, annex, place))
                case Paragraph():
                    done.append(block)
        return tuple(done)

    def _counted(self, block: Table | Image | Formula, annex: str, place: str) -> Block:
        match block:
            case Table():
                table = replace(block, number=self.next("table", annex), notes=_labelled(block.notes))
                self.anchor(table.anchor, table.label, place)
                return table
            case Image():
                image = replace(block, number=self.next("image", annex))
                self.anchor(image.anchor, image.label, place)
                return image
            case Formula():
                formula = replace(block, number=self.next("formula", annex)) if block.numbered else block
                self.anchor(formula.anchor, f"公式{formula.label}", place)
                return formula


def _label(word: str, position: int, total: int) -> str:
    return f"{word}：" if total == 1 else f"{word}{position}："


def _labelled(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    return tuple(replace(n, label=_label("注", i, len(notes))) for i, n in enumerate(notes, 1))


def _marked(block: ListBlock, level: int = 1) -> ListBlock:
    def marker(position: int) -> str:
        match block.kind:
            case "dash":
                return "——" if level == 1 else "·"
            case "letter":
                return f"{letters(position)})"
            case "number":
                return f"{position + 1})"

    return replace(
        block,
        items=tuple(
            replace(item, marker=marker(i), sublist=_marked(item.sublist, level + 1) if item.sublist else None)
            for i, item in enumerate(block.items)
        ),
    )


# --- second pass ------------------------------------------------------------------------------------------------------
def _linked(blocks: Iterable[Block], texts: dict[str, str], place: str) -> tuple[Block, ...]:
    def runs(those: Runs) -> Runs:
        return _runs(those, texts, place)

    return tuple(_link(b, texts, place, runs) for b in blocks)


def _runs(runs: Runs, texts: dict[str, str], place: str) -> Runs:
    if not any(isinstance(r, Reference) for r in runs):
        return runs
    for run in runs:
        if isinstance(run, Reference) and run.target not in texts:
            raise CrossReferenceError("unresolved", run.target, place)
    return tuple(replace(r, text=texts[r.target]) if isinstance(r, Reference) else r for r in runs)


def _link(block: Block, texts: dict[str, str], place: str, runs: Callable[[Runs], Runs]) -> Block:
    match block:
        case Clause():
            return replace(block, children=_linked(block.children, texts, block.number))
        case Paragraph() | Note() | Example():
            return replace(block, runs=runs(block.runs))
        case ListBlock():
            return replace(block, items=tuple(_item(i, texts, place, runs) for i in block.items))
        case Table():
            return replace(
                block,
                head=tuple(_row(r, runs) for r in block.head),
                body=tuple(_row(r, runs) for r in block.body),
                notes=tuple(replace(n, runs=runs(n.runs)) for n in block.notes),
                footnotes=tuple(replace(f, runs=runs(f.runs)) for f in block.footnotes),
            )
        case Formula():
            return replace(block, where=tuple(replace(s, meaning=runs(s.meaning)) for s in block.where))
        case TermEntry():
            notes = tuple(replace(n, runs=runs(n.runs)) for n in block.notes)
            return replace(block, definition=runs(block.definition), notes=notes)
        case Image():
            return block


def _item(item: ListItem, texts: dict[str, str], place: str, runs: Callable[[Runs], Runs]) -> ListItem:
    sublist = item.sublist
    if sublist is not None:
        sublist = replace(sublist, items=tuple(_item(i, texts, place, runs) for i in sublist.items))
    return replace(item, runs=runs(item.runs), sublist=sublist)


def _row(row: Row, runs: Callable[[Runs], Runs]) -> Row:
    return tuple(replace(c, runs=runs(c.runs)) for c in row)


def _bibliography(bibliography: Bibliography | None, texts: dict[str, str]) -> Bibliography | None:
    if bibliography is None:
        return None
    return replace(bibliography, entries=tuple(_runs(e, texts, bibliography.title) for e in bibliography.entries))
