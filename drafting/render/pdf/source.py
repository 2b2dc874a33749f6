"""The tree as Typst source: calls of the functions in ``templates/pdf/draft.typ``, every word a quoted string."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from drafting.charts.svg import svg
from drafting.document.tree import (
    END_OF_TITLE,
    Block,
    Cell,
    Clause,
    Column,
    Cover,
    Document,
    Example,
    Figure,
    Formula,
    Image,
    InlineFormula,
    ListBlock,
    Note,
    Paragraph,
    Reference,
    Row,
    Run,
    Runs,
    Strong,
    Subscript,
    Superscript,
    Table,
    TermEntry,
    Text,
    blocks,
)
from drafting.render.breaks import parts
from drafting.render.latex import FormulaError
from drafting.render.pdf.formulas import quoted, typst_math

_ALIGN = {"left": "left", "center": "center", "right": "right"}
INTERNAL = "内部资料"


def source(
    document: Document, layout: str, song: tuple[str, ...], hei: tuple[str, ...], *, report: bool = False,
    breaks: Mapping[int, tuple[int, ...]] | None = None,
) -> str:  # fmt: skip
    """Write a draft as Typst source.

    ``document``: numbered and resolved.
    ``layout``: the functions that the calls use.
    ``song``, ``hei``: font families for running text and for headings.
    ``report``: a paper: title page, contents, chapters; no cover of a standard.
    ``breaks``: position of a table -> its body rows that begin a page: cells over several rows begin again there. None:
    the rows of such tables are marked, so that :data:`PLACES` tells on which page each stands.
    """
    writer = _Writer(document, hei, breaks)
    parts = [f"#let SONG = {_array(map(quoted, song))}", f"#let HEI = {_array(map(quoted, hei))}", layout]
    day = document.date or date(2000, 1, 1)
    when = f"datetime(year: {day.year}, month: {day.month}, day: {day.day})"
    parts.append(f"#show: setup.with(title: {quoted(document.title)}, date: {when})")
    parts += writer.paper() if report else writer.whole()
    return "\n".join(parts)


def _array(items: Iterable[str]) -> str:
    return f"({''.join(f'{item}, ' for item in items)})"


class _Writer:
    """Writes one document; names of labels are short and the same every time."""

    def __init__(
        self, document: Document, families: tuple[str, ...], breaks: Mapping[int, tuple[int, ...]] | None
    ) -> None:
        self._document = document
        self._breaks = breaks
        self._tables = 0
        self._families = families
        self._names = _names(document)

    # --- parts ---
    def whole(self) -> list[str]:
        """Write cover, preliminaries, body."""
        document = self._document
        marks = [document.number, *([INTERNAL] if document.edition == "internal" else [])]
        header = _spaced("\u3000".join(m for m in marks if m))
        # Blank pages before an odd page take the page style of the document, so the mark stands there too.
        marked = [f"#set page(header: align(right, {header}))"] if document.edition == "internal" else []
        written = [*marked, self._cover(document.cover), '#pagebreak(to: "odd")', f'#paged("I", {header})[']
        written += ['#front-heading("目次", "", outlined: false)', "#contents()"]
        for front in document.front:
            written.append(f"#front-heading({quoted(front.title)}, {self._name(front.anchor)})")
            written += self.blocks(front.children)
        written += ["]", '#pagebreak(to: "odd")', f'#paged("1", {header})[', f"#body-title({quoted(document.title)})"]
        written += self.blocks(document.chapters)
        for annex in document.annexes:
            words = ", ".join(map(quoted, (annex.label, f"（{annex.nature}）", annex.title)))
            written.append(f"#annex-heading({words}, {self._name(annex.anchor)})")
            written += self.blocks(annex.children)
        if bibliography := document.bibliography:
            written.append(f"#plain-heading({quoted(bibliography.title)}, {self._name(bibliography.anchor)})")
            for number, runs in enumerate(bibliography.entries, 1):
                written.append(f"#entry({quoted(f'[{number}]')}, {self.runs(runs)})")
        return [*written, "#end-line", "]"]

    def paper(self) -> list[str]:
        """Write a paper: title page, contents, chapters, annexes."""
        document = self._document
        cover = document.cover
        header = quoted(INTERNAL if document.edition == "internal" else "")
        flags = _array(map(quoted, cover.flags))
        written = [f"#title-page({quoted(cover.title)}, {quoted(cover.completed)}, {flags})", f"#report({header})["]
        written += self.blocks(document.chapters)
        for annex in document.annexes:
            name = self._name(annex.anchor)
            written.append(f"#annex-heading({quoted(annex.label)}, none, {quoted(annex.title)}, {name})")
            written += self.blocks(annex.children)
        return [*written, "]"]

    def _cover(self, cover: Cover) -> str:
        codes = [f"{word}\u2003{code}" for word, code in (("ICS", cover.ics), ("CCS", cover.ccs)) if code]
        codes.append(cover.record)
        given: dict[str, str] = {
            name: quoted(words)
            for name, words in (
                ("code", cover.code), ("number", cover.number), ("replaces", cover.replaces), ("banner", cover.banner),
                ("title", cover.title), ("english", cover.title_en), ("published", cover.published),
                ("effective", cover.effective),
            )
        }  # fmt: skip
        given["codes"] = _array(quoted(c) for c in codes if c)
        given["lines"] = _array(map(quoted, (cover.stage, cover.completed, cover.patent_call)))
        given["flags"] = _array(map(quoted, cover.flags))
        given["issuers"] = _array(map(quoted, cover.issuers))
        return f"#cover({', '.join(f'{k}: {v}' for k, v in given.items())})"

    # --- blocks ---
    def blocks(self, blocks: Iterable[Block]) -> list[str]:
        """Write blocks in order."""
        written: list[str] = []
        for block in blocks:
            match block:
                case Clause():
                    written += self._clause(block)
                case Paragraph():
                    written.append(f"#para({self.runs(block.runs)})")
                case ListBlock():
                    written += self._list(block)
                case Table():
                    written.append(self._table(block))
                case Formula():
                    written += self._formula(block)
                case Note() | Example():
                    written.append(f"#note({quoted(block.label)}, {self.runs(block.runs)})")
                case TermEntry():
                    written += self._term(block)
                case Image():
                    written.append(self._image(block))
        return written

    def _clause(self, clause: Clause) -> list[str]:
        name = self._name(clause.anchor)
        if clause.titled:
            words = f"{quoted(clause.number)}, {quoted(clause.title)}, {name}"
            head = f"#chapter({words})" if clause.level == 1 else f"#clause({clause.level}, {words})"
            return [head, *self.blocks(clause.children)]
        first, rest = clause.children[:1], clause.children[1:]
        if first and isinstance(first[0], Paragraph):
            return [f"#untitled({quoted(clause.number)}, {name}, {self.runs(first[0].runs)})", *self.blocks(rest)]
        return [f"#untitled({quoted(clause.number)}, {name}, [])", *self.blocks(clause.children)]

    def _list(self, block: ListBlock, level: int = 1) -> list[str]:
        written: list[str] = []
        for item in block.items:
            written.append(f"#item({level}, {quoted(item.marker)}, {self.runs(item.runs)})")
            if item.sublist:
                written += self._list(item.sublist, level + 1)
        return written

    def _formula(self, formula: Formula) -> list[str]:
        body = self.math(formula.latex, formula.alt, block=True)
        written = [f"#formula({body}, {quoted(formula.label)}, {self._name(formula.anchor)})"]
        if formula.where:
            rows = ", ".join(f"({self.math(s.latex)}, {self.runs(s.meaning)})" for s in formula.where)
            width = max(_width(s.latex) for s in formula.where)
            written.append(f"#where({width:.1f}em, {rows})")
        return written

    def _term(self, term: TermEntry) -> list[str]:
        words = ", ".join(map(quoted, (term.number, term.term, term.english)))
        written = [f"#term({words}, {self._name(term.anchor)})", f"#para({self.runs(term.definition)})"]
        written += self.blocks(term.notes)
        if term.source:
            written.append(f"#para({quoted(f'[来源：{term.source}]')})")
        return written

    def _image(self, image: Image) -> str:
        kind = next((k for sign, k in _KINDS.items() if image.data.startswith(sign)), "svg")
        if image.plot is not None:
            data = f"bytes({quoted(svg(image.plot, titled=False, families=self._families))})"
        elif kind == "svg":
            data = f"bytes({quoted(image.data.decode('utf-8'))})"
        else:
            data = f"bytes(({','.join(map(str, image.data))}))"
        caption = _spaced(f"{image.label}\u3000{image.caption}" if image.number else image.caption)
        width = f"{min(image.width_mm, 165):g}mm"
        words = f"{data}, {quoted(kind)}, {quoted(image.alt)}, {width}, {caption}"
        return f"#picture({words}, {self._name(image.anchor)})"

    # --- tables ---
    def _table(self, table: Table) -> str:
        position, self._tables = self._tables, self._tables + 1
        pieces = parts(table, (self._breaks or {}).get(position, ()))
        body = [row for piece in pieces for row in piece.body]
        marked = position if self._breaks is None and merges(table) else None
        widths = _array(f"{column.width:g}" for column in table.columns)
        heads = _array(self._cells(table.head, table.columns))
        cells = _array(self._cells(body, table.columns, marked))
        caption = _spaced(f"{table.label}\u3000{table.caption}")
        remarks = [f"#remark({quoted(n.label)}, {self.runs(n.runs)})" for n in table.notes]
        remarks += [f"#remark(super({quoted(f.mark)}), {self.runs(f.runs)})" for f in table.footnotes]
        options = f", unit: {quoted(table.unit)}" if table.unit else ""
        options += f", remarks: [{' '.join(remarks)}]" if remarks else ""
        name = self._name(table.anchor) if table.anchor else quoted(f"t{table.number}")
        call = f"#ruled({widths}, {len(table.head)}, {heads}, {caption}, {name}{options}, {cells})"
        return call + (f"#metadata(none)#label({name})" if table.anchor else "")

    def _cells(self, rows: Iterable[Row], columns: tuple[Column, ...], marked: int | None = None) -> Iterable[str]:
        covered: dict[int, int] = {}  # column -> rows that a cell above still covers
        for number, row in enumerate(rows):
            last = row[-1] if marked is not None else None
            below = {column: left - 1 for column, left in covered.items() if left > 1}
            at = 0
            for cell in row:
                while at in covered:
                    at += 1
                mark = f"row-place({marked}, {number})" if cell is last else ""
                yield self._cell(cell, columns[min(at, len(columns) - 1)], mark)
                if cell.rowspan > 1:
                    below |= dict.fromkeys(range(at, at + cell.colspan), cell.rowspan - 1)
                at += cell.colspan
            covered = below

    def _cell(self, cell: Cell, column: Column, mark: str = "") -> str:
        align = cell.align or ("center" if cell.colspan > 1 else column.align)
        options = f", x: {cell.colspan}" if cell.colspan > 1 else ""
        options += f", y: {cell.rowspan}" if cell.rowspan > 1 else ""
        options += f", at: {_ALIGN[align]}" if align != "center" else ""
        return f"c({self.runs(cell.runs)}{f' + {mark}' if mark else ''}{options})"

    # --- runs ---
    def runs(self, runs: Runs) -> str:
        """Write runs as one content expression."""
        if len(runs) == 1 and isinstance(runs[0], Text | Figure):
            return _spaced(runs[0].text)
        return f"[{''.join(f'#{self._run(run)};' for run in runs)}]"

    def _run(self, run: Run) -> str:
        match run:
            case Text(words) | Figure(_, words):
                return _spaced(words)
            case Strong(words):
                return f"strong({quoted(words)})"
            case Superscript(words):
                return f"super({quoted(words)})"
            case Subscript(words):
                return f"sub({quoted(words)})"
            case InlineFormula(latex):
                return self.math(latex)
            case Reference(target, words):
                return f"see({quoted(self._names.get(target, ''))}, {quoted(words)})"

    def math(self, latex: str, alt: str = "", *, block: bool = False) -> str:
        """Write a formula with what a screen reader says instead; one that cannot be read stays as typed."""
        try:
            written = typst_math(latex, block=block)
        except FormulaError:
            return f"raw({quoted(latex)})"
        return f"math.equation(alt: {quoted(alt or latex)}, ${written}$)"

    def _name(self, anchor: str) -> str:
        return quoted(self._names.get(anchor, ""))


PLACES = "<row-place>"
"""Selects what the marks of rows say: position of the table, row, page."""


def merges(table: Table) -> bool:
    """Whether cells of a table go over several rows."""
    return any(cell.rowspan > 1 for row in table.body for cell in row)


_KINDS: Mapping[bytes, str] = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
_HAN_EM, _SIGN_EM = 1.05, 0.62


def _spaced(words: str) -> str:
    """Write words with line breaks as breaks and gaps of one Han as gaps: Typst would print a blank, a narrower gap."""
    if END_OF_TITLE not in words and "\n" not in words:
        return quoted(words)
    lines = ("#h(1em);".join(f"#{quoted(part)};" for part in line.split(END_OF_TITLE)) for line in words.splitlines())
    return f"[{'#linebreak();'.join(lines)}]"


def _names(document: Document) -> dict[str, str]:
    """Name a label for every anchor in reading order."""
    anchors = [f.anchor for f in document.front]
    anchors += [getattr(b, "anchor", "") for b in blocks(document)]
    anchors += [a.anchor for a in document.annexes]
    if document.bibliography:
        anchors.append(document.bibliography.anchor)
    return {anchor: f"a{number}" for number, anchor in enumerate(filter(None, anchors), 1)}


def _width(latex: str) -> float:
    """Estimate the width of a short formula in em, for the dashes of 式中."""
    bare = re.sub(r"\\(?:text|mathrm|operatorname)\b", "", latex)
    signs = re.sub(r"\\[A-Za-z]+", "x", bare)
    letters = [c for c in signs if c not in "{} _^"]
    raised = sum(len(m) for m in re.findall(r"[_^]\{([^{}]*)\}", signs)) * 0.25
    return 0.4 + sum(_HAN_EM if ord(c) > 0x2E80 else _SIGN_EM for c in letters) - min(raised, 1.0)
