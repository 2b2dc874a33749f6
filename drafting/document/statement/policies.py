"""政策依据 of the 编制说明: the six groups of 4.1 with the policies that the draft rests on."""

from __future__ import annotations

from drafting.document.statement.facts import StatementFacts
from drafting.document.tables import head, text_cell
from drafting.document.tree import Cell, Column, Row, Table, Text


def policy_table(paper: StatementFacts) -> Table:
    """Lay out every group; one without a policy is marked 【待补充：…】."""
    rows: list[Row] = []
    for group in paper.facts.standard.policy_groups:
        of = [(p.name, p.number) for p in paper.facts.inputs.policies if p.group == group]
        given = of or [("【待补充：本行业有关的政策，或写明没有】", "")]
        for at, (name, number) in enumerate(given):
            lead = (Cell((Text(group),), len(given)),) if at == 0 else ()
            rows.append((*lead, Cell((Text(name),)), text_cell(number)))
    return Table(
        anchor="table:policies",
        caption="政策依据",
        columns=(Column(30, "left"), Column(44, "left"), Column(26, "left")),
        head=(head("类别", "名称", "文号"),),
        body=tuple(rows),
    )
