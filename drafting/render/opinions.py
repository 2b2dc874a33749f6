"""意见汇总处理表 as a Word table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drafting.document.tree import DASH, Cell, Column, Paragraph, Table, Text
from drafting.render.changes import cells, headings

_WIDTHS = (5.0, 9.0, 34.0, 26.0, 18.0, 9.0, 24.0)


def opinions_docx(
    target: Path, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], marks: Sequence[str], summary: str
) -> Path:
    """
    Write the table with its counts.

    Parameters
    ----------
    rows
        Cells under the columns; the last one, where a reason is to be written, is left blank where there is none.
    marks
        Names of bookmarks, one for each row: what a person types into the table is told from what was written there.
    """
    from drafting.render.docx.working_paper import write_working_paper

    table = Table(
        anchor="table:opinions",
        caption=title,
        columns=tuple(Column(w, "left" if w > 20 else "center") for w in _WIDTHS),
        head=(headings(columns),),
        body=tuple((*cells(row[:-1]), Cell((Text(row[-1]),))) for row in rows) or (cells([DASH] * len(columns)),),
        number="1",
    )
    return write_working_paper(target, title, (Paragraph((Text(summary),)), table), marks)
