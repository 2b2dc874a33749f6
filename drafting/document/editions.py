"""Two editions: what goes out for comment names no surveyed enterprise and no expert; the committee's own does."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any, Protocol, TypeVar, cast

from drafting.document.numbering import letters
from drafting.document.tree import (
    Annex,
    Block,
    Clause,
    Document,
    Example,
    Figure,
    Formula,
    Image,
    ListBlock,
    ListItem,
    Note,
    Paragraph,
    Row,
    Run,
    Runs,
    Strong,
    Subscript,
    Superscript,
    Table,
    TermEntry,
    Text,
)
from drafting.model.inputs import Inputs

PUBLIC, INTERNAL = "public", "internal"
_JUDGEMENTS, _DELPHI, _SURVEY, _FORMS = "判断矩阵/", "德尔菲/", "调研数据.", "企业调查表/"
_COLUMN = re.compile(r"[A-Z]+(?=\d)")
_SHORTEST, _NET = 2, 4
"""Names of fewer characters are not searched for: in what is said about experts and enterprises, in the whole draft."""


@dataclass(frozen=True)
class Names:
    """What experts and enterprises are called in an edition.

    In the public edition experts are 专家A, 专家B, … and enterprises 企业1, 企业2, …, in an order that does not follow
    the lists of the project (it is that of a hash), so that nobody is found by counting.
    """

    inputs: Inputs
    edition: str = PUBLIC

    @cached_property
    def experts(self) -> Mapping[str, str]:
        """Code -> name in this edition, for everybody who was asked or answered."""
        codes = [e.code for e in self.inputs.experts] + [m.expert for m in self.inputs.judgements]
        codes += [a.expert for r in (*self.inputs.delphi, *self.inputs.ratings) for a in r.answers]
        unique = dict.fromkeys(codes)
        if self.edition == INTERNAL:
            return {code: code for code in unique}
        return {code: f"专家{letters(n, 'A')}" for n, code in enumerate(_shuffled(unique))}

    @cached_property
    def enterprises(self) -> Mapping[str, str]:
        """Name -> name in this edition, for every surveyed or excluded enterprise."""
        names = [name for of in self.inputs.slices if of.survey is not None for name in of.survey.enterprises]
        unique = dict.fromkeys(names + [e.enterprise for e in self.inputs.exclusions])
        if self.edition == INTERNAL:
            return {name: name for name in unique}
        return {name: f"企业{n}" for n, name in enumerate(_shuffled(unique), 1)}

    def expert(self, code: str) -> str:
        """Name of an expert in this edition."""
        return self.experts.get(code, code if self.edition == INTERNAL else "某专家")

    def enterprise(self, name: str) -> str:
        """Name of an enterprise in this edition."""
        return self.enterprises.get(name, name if self.edition == INTERNAL else "某企业")

    def text(self, words: str) -> str:
        """Give words about experts or enterprises with every code and name replaced."""
        return self._replaced(words, _SHORTEST)

    def net(self, words: str) -> str:
        """Give any words with the longer names replaced: a short code may also be a symbol of a formula."""
        return self._replaced(words, _NET)

    def _replaced(self, words: str, shortest: int) -> str:
        if self.edition == INTERNAL or not words:
            return words
        parts: list[str] = []
        begin = at = 0
        lengths = self._lengths[shortest]
        while at < len(words):
            found = next((n for n in lengths.get(words[at], ()) if self._stands(words, at, n)), 0)
            if found:
                parts += [words[begin:at], self._all[words[at : at + found]]]
                begin = at + found
            at += found or 1
        return "".join([*parts, words[begin:]]) if parts else words

    def _stands(self, words: str, at: int, length: int) -> bool:
        """Whether a name of this length stands here; Latin letters and digits at its ends do not continue."""
        name = words[at : at + length]
        if name not in self._all or len(name) < length or name.isdecimal():
            return False
        before, after = words[at - 1 : at], words[at + length : at + length + 1]
        return not (_latin(name[0]) and (_latin(before) or before == "_")) and not (
            _latin(name[-1]) and (_latin(after) or after == "_")
        )

    @cached_property
    def _all(self) -> Mapping[str, str]:
        return {**self.enterprises, **self.experts}

    @cached_property
    def _lengths(self) -> Mapping[int, Mapping[str, Sequence[int]]]:
        """Lengths of the names, longest first, by their first letter: a hundred thousand names make no pattern."""
        there = {(name[0], len(name)) for name in self._all if name and not name.isdecimal()}
        found: dict[int, dict[str, list[int]]] = {shortest: {} for shortest in (_SHORTEST, _NET)}
        for first, length in sorted(there, reverse=True):
            for shortest, lengths in found.items():
                if length >= shortest:
                    lengths.setdefault(first, []).append(length)
        return found


def _latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _shuffled(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: hashlib.sha256(name.encode("utf-8")).digest())


# --- where a figure comes from --------------------------------------------------------------------------------------
def public_sources(cells: Iterable[str]) -> tuple[str, ...]:
    """Say where a figure comes from without saying whose answer it was.

    ``判断矩阵/E1.xlsx·一级指标`` of twelve experts becomes ``判断矩阵（共12份）·一级指标``; a cell of the survey
    becomes its column; cells of the committee's own workbook stay.
    """
    found: dict[str, set[str]] = {}
    for cell in cells:
        file, _, place = cell.partition("·")
        sheet, _, address = place.partition("·")
        if file.startswith(_JUDGEMENTS):
            found.setdefault(f"判断矩阵（共{{n}}份）·{sheet}", set()).add(file)
        elif file.startswith(_DELPHI):
            folder = file.split("/")[1]
            found.setdefault(f"德尔菲{folder}问卷（共{{n}}份）·{sheet}", set()).add(file)
        elif file.startswith(_FORMS):
            found.setdefault("企业调查表（共{n}份）", set()).add(file)
        elif file.startswith(_SURVEY):
            column = _COLUMN.match(address or place)
            found.setdefault(f"调研数据·{column[0]}列" if column else "调研数据", set()).add(cell)
        else:
            found.setdefault(cell.replace("{", "").replace("}", ""), set()).add(cell)
    return tuple(words.replace("{n}", str(len(files))) for words, files in found.items())


# --- a net under everything that was typed --------------------------------------------------------------------------
class Net(Protocol):
    """What replaces names in any words of a document: :class:`Names`, or with every spelling a Redactor."""

    @property
    def edition(self) -> str:
        """``public`` or ``internal``."""

    def net(self, words: str) -> str:
        """The words without names."""


def published(document: Document, names: Net) -> Document:
    """Replace names in every text of a draft but its cover and preliminary parts.

    Composition itself names nobody in the public edition; this catches what a committee has typed into a reason or an
    explanation. Drafting organisations stand in 前言, where GB/T 1.1 wants them, though one may have been surveyed.
    """
    if names.edition == INTERNAL:
        return document
    change = names.net
    bibliography = document.bibliography
    if bibliography is not None:
        bibliography = replace(bibliography, entries=tuple(_runs(e, change) for e in bibliography.entries))
    return replace(
        document,
        chapters=tuple(_clause(c, change) for c in document.chapters),
        annexes=tuple(_annex(a, change) for a in document.annexes),
        bibliography=bibliography,
    )


_DRAWN = {"path", "look", "ink", "anchor"}
"""Fields of pictures that hold no words."""
_Printed = TypeVar("_Printed")


def without_names(printed: _Printed, change: Callable[[str], str]) -> _Printed:
    """Change every text in pictures, tables and key figures that stand beside a draft."""
    made: Any = printed
    if isinstance(printed, str) and not isinstance(printed, Enum):
        made = change(printed)
    elif type(printed) is tuple:
        made = tuple(without_names(one, change) for one in made)
    elif is_dataclass(printed):
        words = {f.name: getattr(printed, f.name) for f in fields(printed) if f.name not in _DRAWN}
        changed = {name: new for name, old in words.items() if (new := without_names(old, change)) is not old}
        made = replace(made, **changed) if changed else printed
    elif isinstance(printed, Mapping):
        made = {key: without_names(one, change) for key, one in printed.items()}
    return cast("_Printed", made)


def differing(document: Document, names: Net) -> int:
    """Count the texts of a draft (not of its cover and preliminary parts) that :func:`published` changes."""
    count = 0

    def change(words: str) -> str:
        nonlocal count
        shown = names.net(words)
        count += shown != words
        return shown

    for clause in document.chapters:
        _clause(clause, change)
    for annex in document.annexes:
        _annex(annex, change)
    return count


_Change = Callable[[str], str]


def _annex(annex: Annex, change: _Change) -> Annex:
    return replace(annex, title=change(annex.title), children=_blocks(annex.children, change))


def _clause(clause: Clause, change: _Change) -> Clause:
    return replace(clause, title=change(clause.title), children=_blocks(clause.children, change))


def _blocks(blocks: Iterable[Block], change: _Change) -> tuple[Block, ...]:
    return tuple(_block(b, change) for b in blocks)


def _block(block: Block, change: _Change) -> Block:
    match block:
        case Clause():
            return _clause(block, change)
        case Paragraph() | Note() | Example():
            return replace(block, runs=_runs(block.runs, change))
        case ListBlock():
            return replace(block, items=tuple(_item(i, change) for i in block.items))
        case Table():
            return replace(
                block,
                caption=change(block.caption),
                head=tuple(_row(r, change) for r in block.head),
                body=tuple(_row(r, change) for r in block.body),
                notes=tuple(replace(n, runs=_runs(n.runs, change)) for n in block.notes),
                footnotes=tuple(replace(f, runs=_runs(f.runs, change)) for f in block.footnotes),
            )
        case Formula():
            return replace(block, where=tuple(replace(s, meaning=_runs(s.meaning, change)) for s in block.where))
        case TermEntry():
            notes = tuple(replace(n, runs=_runs(n.runs, change)) for n in block.notes)
            return replace(block, definition=_runs(block.definition, change), notes=notes)
        case Image():
            return replace(block, caption=change(block.caption), alt=change(block.alt))


def _item(item: ListItem, change: _Change) -> ListItem:
    sublist = item.sublist
    if sublist is not None:
        sublist = replace(sublist, items=tuple(_item(i, change) for i in sublist.items))
    return replace(item, runs=_runs(item.runs, change), sublist=sublist)


def _row(row: Row, change: _Change) -> Row:
    return tuple(replace(c, runs=_runs(c.runs, change)) for c in row)


def _runs(runs: Runs, change: _Change) -> Runs:
    return tuple(_run(r, change) for r in runs)


def _run(run: Run, change: _Change) -> Run:
    if isinstance(run, Text | Strong | Superscript | Subscript | Figure):
        return replace(run, text=change(run.text))
    return run
