"""The inputs as the public edition prints them: every cell of free text judged, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from drafting.document.editions import Names
from drafting.document.redaction import Redactor
from drafting.findings import Cell
from drafting.model.inputs import Inputs
from drafting.model.process import Process
from drafting.model.sheet import rows
from drafting.model.survey import Reading, Survey
from drafting.model.system import IndicatorSystem

FIELDS: Mapping[str, str] = {
    "explanation": "指标解释", "data_source": "数据来源", "collection": "采集方法", "selection_reason": "选取理由",
    "qualitative_reason": "定性理由", "note": "说明", "source_basis": "来源依据",
}  # fmt: skip
"""Columns of 二级指标 that are typed freely and may be printed, by attribute."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of free text and what became of it."""

    key: tuple[str, ...]
    """Of the cell, see :class:`drafting.findings.Provenance`."""
    heading: str
    """Its column."""
    changed: bool
    """Whether something was replaced."""
    unsure: bool
    """Whether something that may name an enterprise or a person was left as it stands."""
    at: Cell | None = None
    """Where the key does not tell."""


class Told(Protocol):
    """Takes down a cell of free text and gives what may be printed of it."""

    def __call__(
        self, key: tuple[str, ...], heading: str, words: str, /, *, name: bool = False, at: Cell | None = None
    ) -> str:
        """See :meth:`Redactor.judge`; ``name`` for words that others refer to."""


def public_inputs(
    inputs: Inputs, opinions: Iterable[tuple[tuple[str, ...], str]] = ()
) -> tuple[Inputs, tuple[Place, ...]]:
    """Give the inputs as the public edition may print them, and the cells that were changed or cannot be judged.

    ``opinions``: cell and words of what experts wrote for all to read. The answers stay as they are, the paper that
    prints them asks :class:`Redactor` itself; here their cells are judged.
    """
    redactor = Redactor(Names(inputs), inputs)
    places: list[Place] = []

    def told(key: tuple[str, ...], heading: str, words: str, *, name: bool = False, at: Cell | None = None) -> str:
        shown, unsure = redactor.judge_name(words) if name else redactor.judge(words)
        unsure = unsure and heading != "职称"  # 高级工程师 is a title here, no person
        if shown != words or unsure:
            places.append(Place(key, heading, shown != words, unsure, at))
        return shown

    exclusions = tuple(
        replace(one, reason=told(("exclusion", str(i), "理由"), "理由", one.reason))
        for i, one in enumerate(inputs.exclusions)
    )

    def printed(system: IndicatorSystem, *table: str) -> IndicatorSystem:
        indicators = []
        for one in system.indicators:
            typed: dict[str, Any] = {
                field: told((*table, "indicator", one.code, heading), heading, getattr(one, field))
                for field, heading in FIELDS.items()
            }
            indicators.append(replace(one, **typed))
        notes = tuple(
            replace(one, text=told(("table-note", one.mark, one.table), "表注", one.text)) for one in system.notes
        )
        return replace(system, indicators=tuple(indicators), notes=notes)

    system = printed(inputs.system)
    tables = tuple(
        replace(
            t, system=printed(t.system, "table", t.key),
            applies=told(("tables", t.key, "适用"), "适用", t.applies),
        )
        for t in inputs.tables
    )  # fmt: skip
    terms = tuple(
        replace(
            one,
            term=told(("term", str(n), "术语"), "术语", one.term, name=True),
            english=told(("term", str(n), "英文"), "英文", one.english),
            definition=told(("term", str(n), "定义"), "定义", one.definition),
            source=told(("term", str(n), "来源"), "来源", one.source),
        )
        for n, one in enumerate(inputs.terms)
    )
    document = replace(inputs.document, scope=told(("info", "适用范围"), "适用范围", inputs.document.scope))
    process = inputs.process
    matters: dict[str, Any] = {
        row.field: told(("process", row.label), row.label, getattr(process, row.field)) for row in rows(Process)
    }
    more = tuple(
        (told(("process", label), label, label), told(("process", label), label, said)) for label, said in process.more
    )
    for key, words in opinions:
        told(key, "意见", words)
    policies = tuple(
        replace(
            one,
            name=told(("policy", str(n), "名称"), "名称", one.name),
            number=told(("policy", str(n), "文号"), "文号", one.number, name=True),
        )
        for n, one in enumerate(inputs.policies)
    )
    references = tuple(
        replace(one, name=told(("reference", str(n), "名称"), "名称", one.name))
        for n, one in enumerate(inputs.references)
    )
    monitoring = tuple(
        replace(
            one, point=told(("monitoring", str(n), "监测点位"), "监测点位", one.point),
            frequency=told(("monitoring", str(n), "频次"), "频次", one.frequency),
            parameter=told(("monitoring", str(n), "参数"), "参数", one.parameter, name=True),
            standards=told(("monitoring", str(n), "方法标准"), "方法标准", one.standards, name=True),
        )
        for n, one in enumerate(inputs.monitoring)
    )  # fmt: skip
    experts = tuple(
        replace(
            one, field_of_work=told(("expert", str(n), "专业领域"), "专业领域", one.field_of_work),
            title=told(("expert", str(n), "职称"), "职称", one.title),
        )
        for n, one in enumerate(inputs.experts)
    )  # fmt: skip
    symbols = tuple(
        replace(one, meaning=told(("symbol", one.key, "含义"), "含义", one.meaning)) for one in inputs.symbol_units
    )
    surveys: dict[str, Survey | None] = {}
    for of in inputs.slices:  # other words refer to these: the net over the document replaces full names
        _names_told(of, told)
        read = None if of.survey is None else _columns_told(of.survey.reading, told)
        surveys[of.table] = None if of.survey is None else replace(of.survey, reading=read)
    tables = tuple(replace(t, survey=surveys[t.key]) for t in tables)
    for t in inputs.tables:
        told(("tables", t.key, "表题"), "表题", t.caption, name=True)
    if not places:
        return inputs, ()
    process = replace(process, **matters, more=more)
    changed = replace(
        inputs, exclusions=exclusions, system=system, terms=terms, document=document, process=process,
        policies=policies, references=references, survey=surveys.get(""), monitoring=monitoring, symbol_units=symbols,
        tables=tables, experts=experts,
    )  # fmt: skip
    return changed, tuple(places)


def _names_told(inputs: Inputs, told: Told) -> None:
    """Judge what the draft names of one table: indicators, grades in words, categories, strata and regions."""
    table = ("table", inputs.table) if inputs.table else ()
    for one in inputs.system.indicators:
        told((*table, "indicator", one.code, "二级指标"), "二级指标", one.name, name=True)
        for grade, bound in one.baselines.items() if one.qualitative else ():
            heading = f"{grade.chinese}基准值"
            told((*table, "indicator", one.code, heading), heading, bound.format(), name=True)
    for category in inputs.system.categories:
        told((*table, "category", category.name), "一级指标", category.name, name=True)
    survey = inputs.survey
    for heading, said in (("分组", survey.strata), ("地区", survey.regions)) if survey is not None else ():
        for group in dict.fromkeys(said or ()):
            told((*table, "survey", heading), heading, group, name=True)


def _columns_told(reading: Reading | None, told: Told) -> Reading | None:
    """Headings and units of the survey, which the table of conversions quotes."""
    if reading is None:
        return None
    columns = []
    for one in reading.columns:
        at = Cell(reading.file, reading.sheet, one.cell)
        heading = told(("survey", one.code or one.meaning), "列标题", one.heading, at=at)
        unit = told(("survey", one.code or one.meaning), "单位", one.stated_unit, at=at)
        columns.append(replace(one, heading=heading, stated_unit=unit))
    return replace(reading, columns=tuple(columns))
