"""Who commented on the last stage, and what was decided: counts by body."""

from __future__ import annotations

from drafting.document.statement.facts import StatementFacts
from drafting.document.tables import head, text_cell
from drafting.document.tree import Cell, Column, Row, Table, Text


def bodies_table(paper: StatementFacts) -> Table:
    """Lay out the bodies that commented with how their comments were handled."""
    rows: list[Row] = []
    for one in paper.history.opinions if paper.history else ():
        counts = (one.said, one.accepted, one.partly, one.rejected, one.waiting)
        rows.append((text_cell(len(rows) + 1), Cell((Text(one.body),)), *map(text_cell, counts)))
    return Table(
        anchor="table:bodies",
        caption="各单位意见的处理情况",
        columns=(Column(8), Column(42, "left"), *(Column(10) for _ in range(5))),
        head=(head("序号", "单位", "意见条数", "采纳", "部分采纳", "不采纳", "未处理"),),
        body=tuple(rows),
    )
