"""Writes the blocks of the tree as paragraphs and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import zip_longest
from typing import Any

from lxml import etree

from drafting.document.tree import (
    END_OF_TITLE,
    Annex,
    Bibliography,
    Block,
    Clause,
    Example,
    Figure,
    Footnote,
    Formula,
    Front,
    Image,
    InlineFormula,
    ListBlock,
    ListItem,
    Note,
    Paragraph,
    Reference,
    Run,
    Runs,
    Table,
    TermEntry,
    Text,
    plain,
)
from drafting.render.breaks import NO_BREAKS, Breaks
from drafting.render.docx.blueprint import looks, type_width
from drafting.render.docx.drawings import drawing
from drafting.render.docx.equations import line_of, number_stops, number_words, sides
from drafting.render.docx.paragraphs import begin_page, off_grid, paragraph_properties
from drafting.render.docx.references import (
    ANNEX,
    LETTERS,
    TERM,
    Target,
    caption_style,
    clause_style,
    continued,
    letter_mark,
    refer,
    title_mark,
)
from drafting.render.docx.runs import (
    bold_face,
    display,
    equation,
    hidden_field,
    inline,
    line_break,
    plain_run,
    run,
    spaced,
    tab,
    width,
)
from drafting.render.docx.styles import Blueprint
from drafting.render.docx.tables import stand_in, table_xml
from drafting.render.docx.tearing import pieces_of
from drafting.render.docx.xml import HAN, element, serial, twips
from drafting.render.docx.xml import tag as tag_of

_TITLE_GAP = 320
"""One Han of 16 pt between the characters of 前　言, in twips."""
_HALF_HAN = 105


class Writer:
    """Collects the body of a draft, paragraph by paragraph.

    Parameters
    ----------
    blueprint
        Styles and lists to write with.
    targets
        Anchor -> what a reference to it leads to.
    breaks
        Where tables break.

    Attributes
    ----------
    out, tables
        What has been written, and the tables as text: a stand-in in ``out`` has the place of each until it is packed.
    """

    def __init__(self, blueprint: Blueprint, targets: Mapping[str, Target], breaks: Breaks = NO_BREAKS) -> None:
        self.out: list[etree._Element] = []
        self.tables: list[str] = []
        self._blueprint = blueprint
        self._targets = targets
        self._breaks = breaks
        self._annex = ""
        self._marks = 0
        self._tables = 0
        self._images = 0
        self._cell_openings: dict[tuple[str | None, bool, bool], str] = {}
        self._width = type_width()
        self._gridded = True

    # --- paragraphs ---
    def paragraph(
        self,
        style: str,
        *content: etree._Element,
        marker: str = "",
        gap: str = "",
        list_id: str | None = None,
        anchor: str = "",
        extra: Sequence[etree._Element] = (),
    ) -> etree._Element:
        """Make a paragraph.

        ``marker`` is the number or mark before the text: left to the style's automatic numbering where it has one (or
        where ``list_id`` gives it one), written out where it has none. ``gap`` stands between it and the text; where
        Word writes the number, the list may keep them apart itself.
        """
        found = self._blueprint.style(style)
        given = [deepcopy(e) for e in (found.frame,) if e is not None] + list(extra)
        listed = list_id or (found.list_id if not found.linked else None)
        if listed is not None:
            given.append(element("numPr", element("ilvl", val=found.level), element("numId", val=listed)))
            if found.indent is not None:
                given.append(deepcopy(found.indent))
        properties = paragraph_properties(found.identifier, given)
        made = element("p", properties)
        typed = bool(marker) and found.list_id is None and list_id is None
        name = self._targets[anchor].name if anchor in self._targets else ""
        if typed:
            made.extend(self._marked(name, (run(marker),)))
        if gap == "\t":  # lists have their own
            made.extend((tab(),) if typed else ())
        elif gap and (typed or not found.spaced):
            made.append(run(gap))
        made.extend(self._marked(title_mark(name) if typed and name else name, content))
        return made

    def _marked(self, name: str, content: Iterable[etree._Element]) -> Iterator[etree._Element]:
        if not name:
            yield from content
            return
        self._marks += 1
        identifier = self._marks
        yield element("bookmarkStart", id=identifier, name=name)
        yield from content
        yield element("bookmarkEnd", id=identifier)

    def add(self, style: str, *content: etree._Element, **options: Any) -> None:
        """Make a paragraph and put it at the end."""
        self.out.append(self.paragraph(style, *content, **options))

    def _text(self, style: str, runs: Runs, *, after_table: bool = False, keep: bool = False, **options: Any) -> None:
        """Write a paragraph of running text.

        A line with a formula is taller than the grid's and would take two of its lines: such a paragraph leaves the
        grid and keeps its distance. A paragraph that ends with a colon stays with what follows.
        """
        extra: list[etree._Element] = []
        gap = {"beforeLines": 50, "before": 156} if after_table else {}
        if self._gridded and any(isinstance(r, InlineFormula) for r in runs):
            extra += off_grid(**gap)
        elif gap:
            extra.append(element("spacing", **gap))
        if keep or plain(runs[-1:]).endswith("："):
            extra.append(element("keepNext"))
        self.add(style, *self._inline(runs), extra=extra, **options)

    def _inline(self, runs: Iterable[Run]) -> Iterator[etree._Element]:
        return inline(runs, self._refer)

    def _refer(self, reference: Reference) -> Iterator[etree._Element]:
        return refer(reference, self._targets.get(reference.target), self._blueprint.numbers)

    # --- parts ---
    def front(self, front: Front) -> None:
        """Write 前言 or 引言 on a page of its own."""
        self.add("标准文件_前言、引言标题", *spaced(front.title, _TITLE_GAP), anchor=front.anchor)
        self.blocks(front.children)

    def annex(self, annex: Annex) -> None:
        """Write an annex: mark, nature and title on three lines, on a new page.

        They are one paragraph, so that the navigation pane shows mark and title together.
        """
        self._annex = annex.letter
        words = f"{annex.label}（{annex.nature}）{END_OF_TITLE}{annex.title}".replace('"', "").replace("\\", "")
        # The contents take the annex as one line: Word finds it in this TC field when it refreshes them.
        listed = hidden_field(f'TC "{words}" \\f a \\l 1')
        lines = (line_break(), run(f"（{annex.nature}）"), line_break(), *listed, run(annex.title))
        self.add(ANNEX, *lines, marker=annex.label, anchor=annex.anchor)
        for style in (LETTERS, "标准文件_附录图标号"):
            if self._blueprint.numbers(style):
                name = letter_mark(annex.letter) if style == LETTERS else ""
                self.out.append(self.paragraph(style))
                self.out[-1].extend(self._marked(name, ()))
        self.blocks(annex.children)
        self._annex = ""

    def bibliography(self, bibliography: Bibliography) -> None:
        """Write 参考文献."""
        self.add("标准文件_参考文献标题", *spaced(bibliography.title, _HALF_HAN), anchor=bibliography.anchor)
        for number, entry in enumerate(bibliography.entries, 1):
            self.add("标准文件_参考文献条目", *self._inline(entry), marker=f"[{number}]", gap=END_OF_TITLE)

    def end_line(self) -> None:
        """Write 终结线: a thick line of a quarter of the width, kept on the page of what stands before it."""
        lines = looks()["lines"]
        side = (self._width - twips(lines["end_mm"])) // 2
        border = element("pBdr", element("bottom", val="single", sz=lines["end_eighths"], space=1, color="auto"))
        self.add("标准文件_终结线", extra=(border, element("ind", left=side, right=side)))

    def blocks(self, blocks: Sequence[Block]) -> None:
        """Write blocks in order; notes and examples that follow one another are counted as one list.

        The last paragraph is kept with the one before: a single line at the head of a page looks lost.
        """
        counted: dict[type, str | None] = {}
        previous: Block | None = None
        last = blocks[-1] if blocks and isinstance(blocks[-1], Paragraph) else None
        for block, following in zip_longest(blocks, blocks[1:]):
            match block:
                case Clause():
                    self._clause(block)
                case Paragraph():
                    keep = following is not None and following is last
                    self._text("标准文件_段", block.runs, after_table=isinstance(previous, Table), keep=keep)
                case ListBlock():
                    self._list(block)
                case Table():
                    self._table(block)
                case Formula():
                    self._formula(block)
                case Note() | Example():
                    if type(block) not in counted:
                        counted[type(block)] = self._blueprint.restarted(self._blueprint.style(_label_style(block)))
                    self.out.append(self._labelled(block, counted[type(block)]))
                case TermEntry():
                    self._term(block)
                case Image():
                    self._image(block)
            previous = block

    def _clause(self, clause: Clause) -> None:
        style = clause_style(clause, annexed=bool(self._annex))
        numbered: dict[str, Any] = {"marker": clause.number, "gap": END_OF_TITLE, "anchor": clause.anchor}
        if clause.titled:
            self.add(style, run(clause.title), **numbered)
            self.blocks(clause.children)
            return
        first, *rest = clause.children
        self._text(style, first.runs if isinstance(first, Paragraph) else (), **numbered)
        self.blocks(rest if isinstance(first, Paragraph) else clause.children)

    # --- blocks ---
    def _list(self, block: ListBlock, level: int = 1) -> None:
        style = {
            ("dash", 1): "标准文件_破折号列项",
            ("dash", 2): "标准文件_圆点列项",
            ("letter", 1): "标准文件_字母编号列项（一级）",
            ("number", 2): "标准文件_数字编号列项（二级）",
        }.get((block.kind, level), "标准文件_数字编号列项（二级）" if level == 2 else "标准文件_字母编号列项（一级）")
        found = self._blueprint.style(style)
        list_id = None if block.kind == "dash" else self._blueprint.restarted(found)
        for item in block.items:
            self._item(item, style, list_id, level)

    def _item(self, item: ListItem, style: str, list_id: str | None, level: int) -> None:
        self._text(style, item.runs, marker=item.marker, gap="\t", list_id=list_id)
        if item.sublist:
            self._list(item.sublist, level + 1)

    def _labelled(self, block: Note | Example, list_id: str | None) -> etree._Element:
        style = _label_style(block)
        found = self._blueprint.style(style)
        if found.list_id is None:
            return self.paragraph(style, bold_face(block.label), *self._inline(block.runs))
        counts = style.endswith("×：")
        return self.paragraph(style, *self._inline(block.runs), list_id=list_id if counts else None)

    def _term(self, term: TermEntry) -> None:
        head = run(f"{term.term}{END_OF_TITLE}{term.english}" if term.english else term.term)
        self.add(TERM, line_break(), head, marker=term.number, anchor=term.anchor)
        self.add("标准文件_段", *self._inline(term.definition))
        self.blocks(term.notes)
        if term.source:
            self.add("标准文件_段", run(f"[来源：{term.source}]"))

    def _formula(self, formula: Formula) -> None:
        style = "标准文件_附录公式" if self._annex else "标准文件_正文公式"
        together = (element("keepNext"),) if formula.where else ()
        if formula.number:
            self._line(formula, style, together)
        else:
            self.add(style, display(formula.latex), extra=together)
        if formula.where:
            self._where(formula)

    def _line(self, formula: Formula, style: str, together: Sequence[etree._Element]) -> None:
        name = self._targets[formula.anchor].name if formula.anchor in self._targets else ""
        side = sides(formula.latex, self._width)
        stops = number_stops(self._blueprint.style(style).stops, side)
        number = (tab(), *self._marked(name, number_words(formula.label, lettered=self._blueprint.numbers(LETTERS))))
        cells = (
            self.paragraph(style, extra=deepcopy(together)),
            self.paragraph(style, display(formula.latex), extra=deepcopy(together)),
            self.paragraph(style, *number, extra=(*deepcopy(together), stops)),
        )
        if self.out and self.out[-1].tag == tag_of("tbl"):  # Word would make one table of two that touch
            self.add(style, extra=(element("spacing", before=0, after=0, line=20, lineRule="exact"),))
        self.out.append(line_of(formula, cells, self._width))

    def _where(self, formula: Formula) -> None:
        self.add("标准文件_段", run("式中："), extra=(element("keepNext"),))
        dash = 2 * HAN + max(width(s.latex) for s in formula.where) + 60
        left = dash + 2 * HAN + 110
        tabs = element("tabs", element("tab", val="left", pos=dash), element("tab", val="left", pos=left))
        indent = element("ind", left=left, hanging=left - 2 * HAN, firstLineChars=0)
        for symbol in formula.where:
            content = (equation(symbol.latex, in_line=True), tab(), run("——"), tab(), *self._inline(symbol.meaning))
            self.add("标准文件_式中", *content, extra=(deepcopy(tabs), deepcopy(indent), *off_grid()))

    # --- tables and pictures ---
    def _table(self, table: Table) -> None:
        position, before, self._tables = self._tables, len(self.out), self._tables + 1
        self._caption("表", table.label, table.caption, table.anchor)
        if position in self._breaks.moved:
            self._on_new_page(before)
        remarks = [*self._table_notes(table.notes), *(self._footnote(f) for f in table.footnotes)]
        pieces = pieces_of(table, position, self._breaks)
        for piece in pieces:
            if piece is not pieces[0]:
                self._continued(table)
            if table.unit:
                self.add("标准文件_表中单位", run(table.unit))
            self.out.append(stand_in(len(self.tables)))
            left = remarks if piece is pieces[-1] else ()
            self.tables.append(table_xml(piece, self._width, self._cell, left))

    def _on_new_page(self, at: int) -> None:
        """Begin a new page before a paragraph and those that shall stay with it."""
        while at and self.out[at - 1].tag == tag_of("p") and self._blueprint.keeps(self.out[at - 1]):
            at -= 1
        begin_page(self.out[at])

    def _continued(self, table: Table) -> None:
        """Write the caption of a part of a table, which says what the table's own says."""
        words = continued(table, self._targets.get(table.anchor), self._blueprint.numbers)
        self.add("标准文件_表格续", *words, extra=(element("keepNext"), element("pageBreakBefore")))

    def _caption(self, word: str, label: str, caption: str, anchor: str) -> None:
        style = caption_style(word, annexed=bool(self._annex))
        self.add(style, run(caption), marker=label, gap=END_OF_TITLE, anchor=anchor)

    def _cell(self, runs: Runs, align: str | None, keep: bool) -> str:
        high = any(isinstance(r, InlineFormula) for r in runs)  # an exact line would cut it off
        if (align, keep, high) not in self._cell_openings:
            extra = [element("keepNext")] if keep else []
            extra += [element("spacing", line=240, lineRule="atLeast")] if high else []
            extra += [element("jc", val=align)] if align not in (None, "center") else []
            style = self._blueprint.style("标准文件_表格").identifier
            self._cell_openings[align, keep, high] = serial(paragraph_properties(style, extra))
        content = "".join(
            plain_run(r.text) if isinstance(r, Text | Figure) else "".join(map(serial, self._inline((r,))))
            for r in runs
        )
        return f"<w:p>{self._cell_openings[align, keep, high]}{content}</w:p>"

    def _table_notes(self, notes: tuple[Note, ...]) -> Iterator[etree._Element]:
        list_id = self._blueprint.restarted(self._blueprint.style(_label_style(notes[0]))) if notes else None
        for note in notes:
            yield self._labelled(note, list_id)

    def _footnote(self, footnote: Footnote) -> etree._Element:
        mark = run(footnote.mark, element("vertAlign", val="superscript"))
        return self.paragraph("标准文件_表脚注", mark, tab(), *self._inline(footnote.runs))

    def _image(self, image: Image) -> None:
        self._images += 1
        made = drawing(self._blueprint.document.part, image, self._images)
        self.add("标准文件_图", element("r", element("drawing", made)))
        self._caption("图", image.label, image.caption, image.anchor)


def _label_style(block: Note | Example) -> str:
    word = "注" if isinstance(block, Note) else "示例"
    return f"标准文件_{word}{'：' if block.label == f'{word}：' else '×：'}"
