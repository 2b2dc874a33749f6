"""The draft as GitHub-flavoured Markdown: for reading in a repository, for reviewing line by line, for plain diffs.

Markdown has no merged cells. A cell that spans columns is repeated in each of them (the value holds for each); a cell
that spans rows stands in its first row and is left blank below, as a reader of a ruled table sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from drafting.document.tree import (
    Annex,
    Block,
    Clause,
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
)
from drafting.render.latex import FormulaError, read_latex

_HAN = "\u3000"
_MARKUP = re.compile(r"[\\`*_\[\]<>|$~&]")
_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+=](?=\s|$)|[-=]{2,}$|\d+[.)](?=\s|$))")
_RULES = {"left": ":---", "center": ":---:", "right": "---:"}
# Where the gap around an inline formula (written as NUL) is not wanted: at brackets, marks, spaces and ends.
_NO_GAP = re.compile(r"\x00(?=[，。；：、）〕】》！？,.;:)\s])|(?<=[（〔【《(\s])\x00|^\x00|\x00$")


def render_markdown(document: Document) -> str:
    r"""Render a draft as Markdown.

    Numbers, labels and cross-references are plain text; formulas stand between dollar signs with their number as
    ``\tag``. A formula that cannot be read is printed as code. What a user typed is escaped: it never becomes markup.

    ``document``: numbered and resolved.
    """
    parts = [*_cover(document)]
    for front in document.front:
        parts += [f"## {_escape(front.title)}", *_blocks(front.children)]
    for chapter in document.chapters:
        parts += _clause(chapter)
    for annex in document.annexes:
        parts += _annex(annex)
    if document.bibliography:
        parts.append(f"## {_escape(document.bibliography.title)}")
        parts += [f"\\[{n}\\] {_runs(entry)}" for n, entry in enumerate(document.bibliography.entries, 1)]
    return "\n\n".join(part for part in (*parts, "---") if part) + "\n"


# --- parts ------------------------------------------------------------------------------------------------------------
def _cover(document: Document) -> Iterator[str]:
    cover = document.cover
    yield f"# {_escape(cover.title)}"
    flags = [*(["内部资料"] if document.edition == "internal" and "内部资料" not in cover.flags else []), *cover.flags]
    if flags:
        yield "> " + " · ".join(f"**{_escape(flag)}**" for flag in flags)
    ics = f"ICS {cover.ics.removeprefix('ICS').strip()}" if cover.ics else ""
    ccs = f"CCS {cover.ccs.removeprefix('CCS').strip()}" if cover.ccs else ""
    issuers = f"{_HAN.join(cover.issuers)}{_HAN}发布" if cover.issuers else ""
    lines = (
        cover.banner, ics, ccs, cover.record, cover.number, cover.replaces, cover.title_en, cover.stage,
        cover.completed, cover.patent_call, cover.published, cover.effective, issuers,
    )  # fmt: skip
    yield "\n".join(f"- {_escape(line)}" for line in lines if line)


def _annex(annex: Annex) -> Iterator[str]:
    yield f"## 附录 {annex.letter}（{annex.nature}）{_escape(annex.title)}"
    yield from _blocks(annex.children)


def _clause(clause: Clause) -> Iterator[str]:
    if clause.titled:
        yield f"{'#' * min(clause.level + 1, 6)} {clause.number}{_HAN}{_escape(clause.title)}"
        yield from _blocks(clause.children)
        return
    first, *others = clause.children or (Paragraph(()),)
    if isinstance(first, Paragraph):
        yield f"**{clause.number}**{_HAN}{_runs(first.runs)}"
        yield from _blocks(others)
    else:
        yield f"**{clause.number}**"
        yield from _blocks(clause.children)


def _blocks(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Paragraph():
                yield _line(block.runs)
            case ListBlock():
                yield "\n".join(_list(block))
            case Table():
                yield from _table(block)
            case Formula():
                yield from _formula(block)
            case Note() | Example():
                yield f"{_escape(block.label)}{_runs(block.runs)}"
            case TermEntry():
                yield from _term(block)
            case Image():
                label = f"{block.label}{_HAN}" if block.number else ""
                yield f"*{_escape(label + block.caption)}*（{_escape(block.alt)}）"
            case Clause():
                yield from _clause(block)


def _list(block: ListBlock, indent: str = "") -> Iterator[str]:
    for item in block.items:
        marker = "" if block.kind == "dash" else f"{item.marker} "
        # A number with a bracket is a list marker of Markdown itself; letters are not.
        bullet = f"{indent}{item.marker} " if block.kind == "number" else f"{indent}- {marker}"
        yield f"{bullet}{_line(item.runs)}"
        if item.sublist:
            yield from _list(item.sublist, indent + " " * (len(item.marker) + 1 if block.kind == "number" else 2))


def _term(entry: TermEntry) -> Iterator[str]:
    yield f"**{entry.number}**"
    yield f"**{_escape(entry.term)}**" + (f"{_HAN}{_escape(entry.english)}" if entry.english else "")
    yield _line(entry.definition)
    yield from _blocks(entry.notes)
    if entry.source:
        source = entry.source if entry.source.startswith(("[", "［")) else f"[来源：{entry.source}]"
        yield _escape(source)


def _formula(formula: Formula) -> Iterator[str]:
    if _readable(formula.latex):
        number = f" \\tag{{{formula.number}}}" if formula.number else ""
        yield f"$$\n{_one_line(formula.latex)}{number}\n$$"
    else:
        yield f"{_code(formula.latex)}{_HAN}{formula.label}".rstrip(_HAN)
    if formula.where:
        yield "式中："
        yield "\n".join(f"- {_math(symbol.latex).strip()} —— {_runs(symbol.meaning)}" for symbol in formula.where)


# --- tables -----------------------------------------------------------------------------------------------------------
def _table(table: Table) -> Iterator[str]:
    width = max(len(table.columns), 1)
    yield f"**{_escape(table.label)}{_HAN}{_escape(table.caption)}**"
    if table.unit:
        yield f"*{_escape(table.unit)}*"
    heads = _grid(table.head, width)
    head = ["<br>".join(text for text in texts if text) for texts in zip(*heads, strict=True)] or [""] * width
    lines = [head, [_RULES[column.align] for column in table.columns] or [_RULES["left"]]]
    lines += _grid(table.body, width)
    yield "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    yield from _blocks(table.notes)
    for footnote in table.footnotes:
        yield f"<sup>{_escape(footnote.mark)}</sup> {_runs(footnote.runs)}"


def _grid(rows: Sequence[Row], width: int) -> list[list[str]]:
    """Write merged cells out: columns repeated, rows below blank."""
    grid: list[list[str]] = [[] for _ in rows]
    covered: set[tuple[int, int]] = set()  # (row, column) below the first row of a merged cell
    for number, row in enumerate(rows):
        cells = iter(row)
        line = grid[number]
        while len(line) < width:
            cell = None if (number, len(line)) in covered else next(cells, None)
            if cell is None:
                line.append("")
                continue
            text = _runs(cell.runs)
            start = len(line)
            for at in range(start, min(start + cell.colspan, width)):
                line.append(text)
                covered.update((number + below, at) for below in range(1, cell.rowspan))
    return grid


# --- runs -------------------------------------------------------------------------------------------------------------
def _line(runs: Runs) -> str:
    """A paragraph; its first characters must not make it a heading or a list."""
    return _LINE_START.sub(lambda match: f"{match[1]}{_hide(match[2])}", _runs(runs))


def _hide(marker: str) -> str:
    return f"{marker[:-1]}\\{marker[-1]}" if marker[0].isdigit() else f"\\{marker}"


def _runs(runs: Runs) -> str:
    written = "".join(_run(run) for run in runs)
    return re.sub(r"\x00+", " ", _NO_GAP.sub("", written)).strip()


def _run(run: Run) -> str:
    match run:
        case Figure() | Text():
            return "<br>".join(_escape(line) for line in run.text.split("\n"))
        case Reference():
            return _escape(run.text)
        case Strong():
            return _strong(run.text)
        case Superscript():
            return f"<sup>{_escape(run.text)}</sup>"
        case Subscript():
            return f"<sub>{_escape(run.text)}</sub>"
        case InlineFormula():
            return f"\x00{_math(run.latex)}\x00"  # a space there, unless punctuation follows


def _strong(text: str) -> str:
    if not text.strip():
        return ""
    # Asterisks beside a quotation mark or bracket and a Han character are no emphasis to CommonMark.
    plain = text[0].isalnum() and text[-1].isalnum()
    return f"**{_escape(text)}**" if plain else f"<strong>{_escape(text)}</strong>"


def _math(latex: str) -> str:
    if not _readable(latex):
        return _code(latex)
    # A bar would end a table cell.
    return f"${_one_line(latex).replace(chr(92) + '|', chr(92) + 'Vert ').replace('|', chr(92) + 'vert ')}$"


def _readable(latex: str) -> bool:
    try:
        read_latex(latex)
    except FormulaError:
        return False
    return True


def _code(text: str) -> str:
    words = _one_line(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", words)), default=0) + 1)
    return f"{fence} {words.replace('|', chr(92) + '|')} {fence}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _escape(text: str) -> str:
    """Words as words: no emphasis, link, tag, formula, entity or table border comes of them."""
    return _MARKUP.sub(lambda match: f"\\{match[0]}", re.sub(r"[\x00-\x1f\x7f\s]+", _blank, text))


def _blank(match: re.Match[str]) -> str:
    return match[0] if set(match[0]) <= {" ", _HAN, "\u00a0", "\u2009"} else " "
