"""监测与采样方法: what is measured where, how often and by which standards (clause 6 of a draft)."""

from __future__ import annotations

from drafting.document.facts import Facts
from drafting.document.tables import head, text_cell
from drafting.document.tree import Column, Table


def monitoring_table(facts: Facts) -> Table:
    """Lay out the committee's rows; what a row leaves open is —, and a finding names it."""
    return Table(
        anchor="table:monitoring",
        caption="监测与采样方法",
        columns=(Column(18), Column(28, "left"), Column(20), Column(34, "left")),
        head=(head("污染物或参数", "监测点位", "频次", "方法标准"),),
        body=tuple(
            (text_cell(m.parameter), text_cell(m.point), text_cell(m.frequency), text_cell("、\n".join(m.listed)))
            for m in facts.inputs.monitoring
        ),
    )
