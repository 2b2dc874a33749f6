"""Contents and （续） without Word: what pages things fall on is measured on a copy that LibreOffice has laid out.

First layout: every row of a table carries a bookmark, so that its height is known. From these heights it is computed
once where each table breaks (:mod:`drafting.render.docx.breaking`). Second layout: the tables are cut, the page labels
are read, and it is seen whether every part stands on its page. A table of which that is not so is left whole, with its
header rows repeated.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from itertools import pairwise

from lxml import etree

from drafting.document.tree import Block, Document, Table, blocks, walk
from drafting.fonts import installed_fonts
from drafting.recall import keep, key_of, recalled
from drafting.render.breaks import NO_BREAKS, Breaks
from drafting.render.docx.breaking import Measured, plan
from drafting.render.docx.copies import CONTENTS, HEAD, NEXT, ROW, edited, mark_rows, measurable, without_pictures
from drafting.render.docx.estimate import roman
from drafting.render.docx.office import Office, OfficeError
from drafting.render.docx.references import bookmark_names

_PART = "word/document.xml"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known about the pages of a .docx that is to be rendered."""

    labels: Mapping[str, str] | None = None
    """Page labels by anchor; None: they are estimated."""
    breaks: Breaks = NO_BREAKS
    """Where tables break."""
    final: bool = False
    """Whether the labels are right; otherwise Word is asked to refresh them."""


Render = Callable[[Wanted], tuple[bytes, tuple[str, ...]]]
"""Gives the .docx and the names of missing styles."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A .docx with what is known about its pages.

    ``outcome`` is ``measured``, or why the contents refresh in Word instead: ``absent`` (no LibreOffice or no pypdf),
    ``timeout``, ``failed``, ``unsettled`` (the tables ``loose`` repeat their header rows).
    """

    content: bytes
    missing: tuple[str, ...]
    outcome: str
    labels: Mapping[str, str] = field(default_factory=dict)
    breaks: Breaks = NO_BREAKS
    loose: tuple[str, ...] = ()


def lay_out(document: Document, render: Render, office: Office | None = None) -> Laid:
    """Render a draft with page labels in its contents and （续） captions where its tables break.

    Without LibreOffice, or when it hangs or fails, the draft comes all the same: page labels are estimated and
    refreshed by Word, header rows repeated.

    ``document``: the composed tree.
    ``render``: makes the .docx of that tree.
    ``office``: LibreOffice; None where there is none.
    """
    together = Together(office)
    together.take(laying(document, render))
    while True:
        for _, laid in together.step():
            return laid


Laying = Generator[bytes, "_Seen", Laid]
"""The steps of laying out one document: gives copies to lay out, is told what was seen, ends with the result."""


class Together:
    """Documents that are being laid out, each at its own step; others may join between two steps.

    ``office``: LibreOffice; None where there is none.
    """

    def __init__(self, office: Office | None) -> None:
        self._office = office if find_spec("pypdf") is not None else None
        self._wanted: dict[int, tuple[Laying, bytes | None]] = {}

    def __len__(self) -> int:
        return len(self._wanted)

    def take(self, one: Laying) -> None:
        """Join a document."""
        self._wanted[id(one)] = (one, None)

    def step(self) -> list[tuple[int, Laid]]:
        """Go one step with each; gives those that have ended, by the identity of their steps."""
        for key, (one, copy) in [*self._wanted.items()]:
            if copy is None:
                self._wanted[key] = (one, next(one))
        copies = [copy for _, copy in self._wanted.values() if copy is not None]
        ended: list[tuple[int, Laid]] = []
        for (key, (one, _)), seen in zip([*self._wanted.items()], _seen_in(self._office, copies), strict=True):
            try:
                told = one.throw(seen) if isinstance(seen, OfficeError) else one.send(seen)
                self._wanted[key] = (one, told)
            except StopIteration as end:
                del self._wanted[key]
                ended.append((key, end.value))
        return ended


def laying(document: Document, render: Render) -> Laying:
    """Begin to lay out a document, see :func:`lay_out`."""
    content, missing = render(Wanted())
    try:
        return (yield from _settle(document, render, content))
    except OfficeError as error:
        return Laid(content, missing, error.reason)


def _settle(document: Document, render: Render, plain: bytes) -> Laying:
    parts = [n for n, part in enumerate(_flows(document)) for b in walk(part) if isinstance(b, Table)]
    tables = [b for b in blocks(document) if isinstance(b, Table)]
    names = bookmark_names(document)
    first = yield edited(without_pictures(plain), measurable)
    breaks = plan([_measured(n, table, part, first) for n, (table, part) in enumerate(zip(tables, parts, strict=True))])
    made, missing = render(Wanted(_labels(document, names, first.pages), breaks))
    mark = partial(mark_rows, cuts=breaks.cuts)
    second = yield edited(without_pictures(made), mark)
    labels = _labels(document, names, second.pages)
    loose = {n for n in range(len(tables)) if not _stands(n, breaks.cuts.get(n, ()), second.pages)}
    if loose:
        kept = breaks.without(loose)
        content = render(Wanted(labels, kept))[0]
        return Laid(content, missing, "unsettled", labels, kept, tuple(tables[n].label for n in sorted(loose)))
    return Laid(render(Wanted(labels, breaks, final=True))[0], missing, "measured", labels, breaks)


def _flows(document: Document) -> Iterator[tuple[Block, ...]]:
    """Give what flows on from page to page; each begins on a new page."""
    yield from (front.children for front in document.front)
    yield document.chapters
    yield from (annex.children for annex in document.annexes)


def _stands(table: int, cuts: tuple[int, ...], pages: Mapping[str, int]) -> bool:
    """Whether the rows of each part of a table stand on one page, and each part on another than the one before."""
    rows = {int(name.rpartition("x")[2]): page for name, page in pages.items() if name.startswith(f"{ROW}{table}x")}
    return all((rows[b] != rows[a]) == (b in cuts) for a, b in pairwise(sorted(rows)))


# --- reading the laid-out copy ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Seen:
    """Page (from 0) of every bookmark, and its height above the lower edge in points."""

    pages: dict[str, int]
    tops: dict[str, float]


def _measured(number: int, table: Table, flow: int, seen: _Seen) -> Measured:
    """Gather what was seen of a table: its header, its rows and what stands behind it."""
    marks = [f"{HEAD}{number}"]
    marks += [f"{ROW}{number}x{row}" for row in range(len(table.body) + bool(table.notes or table.footnotes))]
    marks.append(f"{NEXT}{number}")
    places = [(seen.pages[m], seen.tops[m]) if m in seen.tops else None for m in marks]
    return Measured(number, table, flow, tuple(places))


def _seen_in(office: Office | None, copies: Sequence[bytes]) -> list[_Seen | OfficeError]:
    """Where things fall when copies are laid out; known already where the same copy was."""
    if office is None:
        return [OfficeError("absent") for _ in copies]
    keys = [key_of("layout", office.version, installed_fonts(), copy) for copy in copies]
    found = {key: data for key in dict.fromkeys(keys) if (data := recalled(key)) is not None}
    lacking = {key: copy for key, copy in zip(keys, copies, strict=True) if key not in found}
    failed: dict[str, OfficeError] = {}
    for key, made in _made(office, lacking).items():
        if isinstance(made, OfficeError):
            failed[key] = made
        else:
            seen = _read(made)
            found[key] = json.dumps([seen.pages, seen.tops]).encode()
            keep(key, found[key])
    return [failed[key] if key in failed else _Seen(*json.loads(found[key])) for key in keys]


def _made(office: Office, copies: Mapping[str, bytes]) -> dict[str, bytes | OfficeError]:
    """PDFs of copies: in one go, those that this does not give one by one."""
    made: dict[str, bytes | OfficeError] = {}
    try:
        several = office.to_pdfs([*copies.values()]) if len(copies) > 1 else [None] * len(copies)
    except OfficeError as error:
        return dict.fromkeys(copies, error)
    for (key, copy), pdf in zip(copies.items(), several, strict=True):
        try:
            made[key] = pdf if pdf is not None else office.to_pdf(copy)
        except OfficeError as error:
            made[key] = error
    return made


def _read(pdf: bytes) -> _Seen:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(pdf))
    pages: dict[str, int] = {}
    tops: dict[str, float] = {}
    for name, destination in reader.named_destinations.items():
        number = reader.get_destination_page_number(destination)
        if number is not None:
            # Names of PDF objects write the underscore as its code.
            mark = "_" + name.removeprefix("/").removeprefix("5F").removeprefix("_")
            pages[mark] = number
            if isinstance(destination.top, int | float):
                tops[mark] = float(destination.top)
    return _Seen(pages, tops)


def _labels(document: Document, names: Mapping[str, str], seen: Mapping[str, int]) -> dict[str, str]:
    """Page labels by anchor: Roman in the preliminaries, Arabic from 1 where the first chapter stands."""
    first = min((seen[names[c.anchor]] for c in document.chapters if names.get(c.anchor) in seen), default=0)
    contents = seen.get(CONTENTS, 1)
    labels: dict[str, str] = {}
    for anchor, name in names.items():
        if name in seen:
            page = seen[name]
            labels[anchor] = str(page - first + 1) if page >= first else roman(page - contents + 1)
    return labels
