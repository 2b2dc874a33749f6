"""The running text that the committee typed, each piece with its cell and its place in the draft."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drafting.findings import Cell, Provenance
from drafting.model.terms import GRADES

if TYPE_CHECKING:
    from drafting.model.inputs import Inputs

_PROJECT = "项目.xlsx"
_FIELDS = (
    ("指标解释", "explanation"), ("计算公式", "formula"), ("数据来源", "data_source"), ("采集方法", "collection"),
    ("来源依据", "source_basis"), ("单位", "unit"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """A piece of text: ``where`` says what it is, ``anchor`` where the draft prints it."""

    text: str
    where: str
    place: Cell
    anchor: str
    cell: bool = False
    """Whether it stands in a table cell of the draft."""


def typed_texts(inputs: Inputs, where: Provenance) -> Iterator[Typed]:
    """Every piece of text that the draft prints as the committee typed it."""

    def place(sheet: str, *key: str) -> Cell:
        return where.find(*key) or Cell(_PROJECT, sheet)

    if inputs.document.scope.strip():
        yield Typed(inputs.document.scope, "适用范围", place("文件信息", "info", "适用范围"), "part:scope")
    for n, term in enumerate(inputs.terms):
        yield Typed(term.definition, f"术语“{term.term}”的定义", place("术语", "term", str(n), "定义"), f"term:{n + 1}")
    for n, row in enumerate(inputs.monitoring):
        for heading, text in (("监测点位", row.point), ("频次", row.frequency), ("方法标准", row.standards)):
            if text.strip():
                cell = place("监测方法", "monitoring", str(n), heading)
                yield Typed(text, f"“{row.parameter}”的{heading}", cell, "table:monitoring", cell=True)
    for one in inputs.slices:
        yield from _of_indicators(one, where.for_table(one.table))


def _of_indicators(inputs: Inputs, where: Provenance) -> Iterator[Typed]:
    """What the draft prints of the indicators of one table; what several tables share is told for each."""

    def place(*key: str) -> Cell:
        return where.find(*key) or Cell(_PROJECT, "二级指标")

    for indicator in inputs.system.active:
        anchor, name = f"indicator:{indicator.of or indicator.code}", indicator.name
        for heading, field in _FIELDS:
            text = str(getattr(indicator, field))
            if text.strip():
                cell = place("indicator", indicator.code, heading)
                yield Typed(text, f"“{name}”的{heading}", cell, anchor, heading in ("单位", "来源依据"))
        for grade in GRADES:
            bound = indicator.baselines.get(grade)
            if bound is not None and bound.text.strip():
                heading = f"{grade.chinese}基准值"
                cell = place("indicator", indicator.code, heading)
                yield Typed(bound.text, f"“{name}”的{heading}", cell, "table:system", cell=True)
