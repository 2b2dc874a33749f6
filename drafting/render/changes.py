"""变化对照: the list of changes as .docx and .xlsx."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drafting.document.tree import DASH, Cell, Column, Paragraph, Row, Table, Text

HEADINGS = ("序号", "部分", "变化", "对象", "内容", "原", "新")
_WIDTHS = (5.0, 9.0, 7.0, 24.0, 13.0, 30.0, 30.0)


def changes_docx(target: Path, title: str, lead: str, rows: Sequence[Sequence[str]]) -> Path:
    """Write the changes as a Word table."""
    from drafting.render.docx.working_paper import write_working_paper

    table = Table(
        anchor="table:changes",
        caption="变化对照",
        columns=tuple(Column(w, "left" if w > 20 else "center") for w in _WIDTHS),
        head=(headings(HEADINGS),),
        body=tuple(cells((str(n), *row)) for n, row in enumerate(rows, 1)) or (cells([DASH] * len(HEADINGS)),),
        number="1",
    )
    return write_working_paper(target, title, (Paragraph((Text(lead),)), table))


def headings(texts: Sequence[str]) -> Row:
    """Make a header row."""
    return tuple(Cell((Text(t),), align="center") for t in texts)


def cells(texts: Sequence[str]) -> Row:
    """Make a table row; an empty cell prints —."""
    return tuple(Cell((Text(t.strip() or DASH),)) for t in texts)
