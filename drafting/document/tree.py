"""The draft as a tree: what it says, numbered and cross-referenced, before anything knows about pages.

``compose`` builds the tree, ``numbering.resolve`` fixes every number and every cross-reference in it once, and each
back end (docx, HTML, Markdown, PDF) lays the same tree out. A back end therefore never counts, never looks anything up
and never formats a figure: what it prints stands in the nodes.

Three kinds of nodes::

    Document ─ Cover, Front (前言, 引言), Clause (chapters), Annex, Bibliography
    blocks   ─ Paragraph, ListBlock, Table, Formula, Note, Example, TermEntry, Image and, inside chapters, Clause
    runs     ─ Text, Strong, Superscript, Subscript, InlineFormula, Figure, Reference

Spacing is a matter of the back end: numbers are bare (``"4.1"``, ``"A.2"``), labels have no spaces (``表1``), and the
gap of one Han between a number and its title is added on rendering.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from drafting.model.drawing import Plot

DASH = "—"
"""What an empty table cell prints (一字线)."""
END_OF_TITLE = "\u3000"
"""One Han: the gap between a number and a title in running text (a label, a bookmark, the contents)."""


# --- runs -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Text:
    """Plain words."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Words in the bold face (黑体)."""

    text: str


@dataclass(frozen=True, slots=True)
class Superscript:
    """Raised: a table footnote mark, an exponent of a unit."""

    text: str


@dataclass(frozen=True, slots=True)
class Subscript:
    """Lowered."""

    text: str


@dataclass(frozen=True, slots=True)
class InlineFormula:
    r"""Mathematics inside a line, as LaTeX without delimiters: ``Y_{g_k}(x_{ij})``."""

    latex: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A published number with the key of its provenance.

    ``text`` is exactly what is printed. Keys in use: ``('weight', category)`` and ``('weight', category, code)`` (first
    and second level), ``('level', code, grade)`` with grade I, II or III and a stratum behind it where there is one,
    ``('share', code, grade)``, ``('setting', label)``, ``('consistency', group, 'min' | 'max')``,
    ``('random-index', table, n)``.
    """

    key: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A cross-reference: ``target`` is the anchor of a node, ``text`` what is printed.

    Printed forms are ``表1``, ``公式（3）``, ``图1``, ``附录A``, ``第4章``, ``4.1`` and ``[2]``.
    ``text`` is empty until :func:`drafting.document.numbering.resolve` has run.
    """

    target: str
    text: str = ""


Run: TypeAlias = Text | Strong | Superscript | Subscript | InlineFormula | Figure | Reference
Runs: TypeAlias = tuple[Run, ...]


# --- blocks ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph (段); role ``reference`` is an entry of the normative references, printed without full stop."""

    runs: Runs
    role: Literal["text", "reference"] = "text"


@dataclass(frozen=True, slots=True)
class ListItem:
    """An item (列项) with an optional list of the second level."""

    runs: Runs
    sublist: ListBlock | None = None
    marker: str = ""
    """What stands before the item: ``——``, ``a)``, ``1)``, ``·``; filled by the resolver."""


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list: ``dash`` (——; second level ·), ``letter`` (a) b) …) or ``number`` (1) 2) …)."""

    kind: Literal["dash", "letter", "number"]
    items: tuple[ListItem, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its share of the table's width (any scale) and how body cells stand in it."""

    width: float
    align: Literal["center", "left", "right"] = "center"


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; a row lists those that begin in it. ``torn``: number of one that goes on from the page before."""

    runs: Runs
    rowspan: int = 1
    colspan: int = 1
    align: Literal["center", "left", "right"] | None = None
    torn: int = 0

    @property
    def text(self) -> str:
        """Plain text."""
        return plain(self.runs)


Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote of a table; ``mark`` (a, b, …) is the superscript that cells carry."""

    mark: str
    runs: Runs


@dataclass(frozen=True, slots=True)
class Table:
    """A table (表): caption above, thick frame, header rows; notes and footnotes in last full-width rows inside it."""

    anchor: str
    caption: str
    columns: tuple[Column, ...]
    head: tuple[Row, ...]
    body: tuple[Row, ...]
    notes: tuple[Note, ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    unit: str = ""
    """Statement above the frame on the right, such as 单位为千克; empty if the cells or headings name units."""
    number: str = ""

    @property
    def label(self) -> str:
        """``表1`` or ``表A.1``."""
        return f"表{self.number}"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A line of 式中: the symbol (LaTeX) and what it means, closing mark included (； or 。)."""

    latex: str
    meaning: Runs


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula (数学公式) on its own line with its 式中 list; ``number`` stays empty if ``numbered`` is False."""

    latex: str
    anchor: str = ""
    where: tuple[Symbol, ...] = ()
    numbered: bool = True
    number: str = ""
    alt: str = ""
    """What a screen reader says instead of the formula; empty if the LaTeX must do."""

    @property
    def label(self) -> str:
        """``（1）`` or ``（A.1）``; empty for a formula without number."""
        return f"（{self.number}）" if self.number else ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note (注); ``label`` 注： or 注1： is set by the resolver."""

    runs: Runs
    label: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """An example (示例); ``label`` as with notes."""

    runs: Runs
    label: str = ""


@dataclass(frozen=True, slots=True)
class TermEntry:
    """A term (术语条目): number line, term with English equivalent, definition, notes, source."""

    term: str
    english: str
    definition: Runs
    notes: tuple[Note, ...] = ()
    source: str = ""
    anchor: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture (图) with caption below."""

    anchor: str
    caption: str
    alt: str
    data: bytes = b""
    """PNG or SVG; of a picture with ``plot`` the PNG that Word needs, empty until then."""
    width_mm: float = 140.0
    number: str = ""
    plot: Plot | None = None
    """The drawing itself, which the page and the PDF take."""

    @property
    def label(self) -> str:
        """``图1`` or ``图A.1``."""
        return f"图{self.number}"


@dataclass(frozen=True, slots=True)
class Clause:
    """A chapter (章, level 1) or clause (条, level 2–6).

    Without title (无标题条) the first child is a paragraph that runs on after the number. In an annex the first level
    is 2: ``A.1``. The resolver gives an anchor to every clause that has none.
    """

    title: str
    children: tuple[Block, ...]
    anchor: str = ""
    level: int = 1
    number: str = ""

    @property
    def titled(self) -> bool:
        """Whether it has a title and may stand in the contents."""
        return bool(self.title)


Block: TypeAlias = Paragraph | ListBlock | Table | Formula | Note | Example | TermEntry | Image | Clause


# --- the document ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Cover:
    """The cover. Lines that do not apply are empty."""

    banner: str
    """中华人民共和国国家标准, …行业标准, …地方标准 or 团体标准."""
    code: str
    """The document code in special lettering, e.g. GB, HJ, DB11, T/ABC."""
    number: str
    title: str
    ics: str = ""
    ccs: str = ""
    record: str = ""
    replaces: str = ""
    """代替 + number."""
    title_en: str = ""
    stage: str = ""
    """（征求意见稿） and so on, brackets included."""
    completed: str = ""
    """本稿完成日期：2026-06-01."""
    patent_call: str = ""
    published: str = ""
    """2026-06-01 发布, or ××××-××-×× 发布."""
    effective: str = ""
    issuers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    """Marks across the cover, such as 内部资料 or 权重暂定."""


@dataclass(frozen=True, slots=True)
class Front:
    """A preliminary part without number: 前言 or 引言."""

    title: str
    children: tuple[Block, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex (附录): letter, nature (规范性 or 资料性), title; its clauses and tables restart as A.1, 表A.1."""

    title: str
    nature: Literal["规范性", "资料性"]
    children: tuple[Block, ...]
    anchor: str = ""
    letter: str = ""

    @property
    def label(self) -> str:
        """``附录A``."""
        return f"附录{self.letter}"


@dataclass(frozen=True, slots=True)
class Bibliography:
    """参考文献: entries without closing mark, numbered [1], [2], … by position."""

    entries: tuple[Runs, ...]
    title: str = "参考文献"
    anchor: str = "bibliography"


@dataclass(frozen=True, slots=True)
class Document:
    """A draft ready for rendering. ``date`` is the day it was composed for; nothing in it comes from the clock."""

    cover: Cover
    front: tuple[Front, ...]
    chapters: tuple[Clause, ...]
    annexes: tuple[Annex, ...] = ()
    bibliography: Bibliography | None = None
    date: date | None = None
    edition: Literal["public", "internal"] = "public"
    language: str = "zh-CN"
    organisation: str = ""
    """Who is responsible for it: 归口单位, else 提出单位, else the first 起草单位."""
    stage: str = ""
    """征求意见稿 and so on, without brackets."""

    @property
    def title(self) -> str:
        """The title that opens the body."""
        return self.cover.title

    @property
    def number(self) -> str:
        """The document number that stands in the page headers."""
        return self.cover.number


def plain(runs: Runs) -> str:
    """Return the words of some runs without any markup; formulas as their LaTeX."""
    return "".join(run.latex if isinstance(run, InlineFormula) else run.text for run in runs)


def walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Every block below, parents first."""
    for block in blocks:
        yield block
        if isinstance(block, Clause):
            yield from walk(block.children)


def blocks(document: Document) -> Iterator[Block]:
    """Every block of the document in reading order."""
    for front in document.front:
        yield from walk(front.children)
    yield from walk(document.chapters)
    for annex in document.annexes:
        yield from walk(annex.children)
