"""Opinions in Word: 意见汇总处理表, and the blank 征求意见表."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drafting.document.tree import DASH, Cell, Column, Paragraph, Row, Table, Text
from drafting.render.changes import cells, headings

_WIDTHS = (5.0, 9.0, 34.0, 26.0, 18.0, 9.0, 24.0)


def opinions_docx(
    target: Path, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], marks: Sequence[str], summary: str
) -> Path:
    """Write the table with its counts.

    ``rows``: cells under the columns; the last one, where a reason is to be written, is left blank where there is none.
    ``marks``: names of bookmarks, one for each row: what a person types into the table is told from what was written
    there.
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


_FORM_WIDTHS = (20.0, 12.0, 48.0, 40.0)
_FORM_ROWS = 12


def opinion_form_docx(target: Path, title: str, name: str, columns: Sequence[str]) -> Path:
    """Write the blank 征求意见表 for bodies that answer in Word: a row for each comment, to be put into 意见/."""
    from drafting.render.docx.working_paper import write_working_paper

    blank: Row = tuple(Cell((Text(""),)) for _ in columns)
    table = Table(
        anchor="table:form",
        caption=name,
        columns=tuple(Column(w, "left") for w in _FORM_WIDTHS),
        head=(headings(columns),),
        body=(blank,) * _FORM_ROWS,
        number="1",
    )
    said = "一行填一条意见，“章条”写条号或表号，如 5.2、表1；没有意见的，填单位，“意见内容”写“无意见”。"
    return write_working_paper(target, f"《{title}》{name}" if title else name, (Paragraph((Text(said),)), table))
