"""What changed in meaning between two projects: indicators, weights, baselines, marks, texts, sources, settings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from drafting.model.identity import label_key
from drafting.model.process import Process
from drafting.model.sheet import rows
from drafting.model.terms import GRADES
from drafting.model.weight import Weight

if TYPE_CHECKING:
    from drafting.model.inputs import Inputs
    from drafting.model.results import IndicatorBaselines, Results
    from drafting.model.system import Indicator
    from drafting.model.tables import IndicatorTable
    from drafting.model.terms import Grade
    from drafting.run import Run


class Kind(StrEnum):
    """What sort of change."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"

    @property
    def chinese(self) -> str:
        """The word of the table."""
        return {"added": "增加", "removed": "删除", "changed": "修改", "renamed": "改名"}[self.value]


@dataclass(frozen=True, slots=True)
class Change:
    """One change: in which part, of what (``subject``), in which respect (``field``), from what to what."""

    part: str
    kind: Kind
    subject: str
    field: str
    before: str = ""
    after: str = ""


PARTS = (
    "文件信息",
    "方法设置",
    "分表",
    "表注",
    "一级指标",
    "二级指标",
    "权重",
    "基准值",
    "文字",
    "来源",
    "政策依据",
    "引用文件",
    "符号单位",
    "监测方法",
    "术语",
    "编制过程",
    "专家组",
    "剔除",
    "调研",
)
"""Parts in the order in which changes are told."""

_TEXTS = (
    ("指标解释", "explanation"), ("计算公式", "formula"), ("采集方法", "collection"), ("选取理由", "selection_reason"),
    ("定性理由", "qualitative_reason"), ("说明", "note"),
)  # fmt: skip
_EXPERT = (
    ("专业领域", "field_of_work"), ("职称", "title"), ("从业年限", "years"), ("实践经验", "practice"),
    ("理论分析", "theory"), ("国内外资料", "literature"), ("直觉", "intuition"), ("熟悉程度", "familiarity"),
)  # fmt: skip
_MONITORING = (("监测点位", "point"), ("频次", "frequency"), ("方法标准", "standards"))
_TABLE = (("表题", "caption"), ("适用", "applies"), ("产量单位", "output_unit"), ("系数", "coefficient"))
_SOURCES = (("数据来源", "data_source"), ("来源依据", "source_basis"))


def changes(before: Run, after: Run) -> tuple[Change, ...]:
    """Tell what changed from one project to another.

    Indicators are the same if their codes are the same; an indicator whose code is gone but whose name stands in the
    same category under a new code is the same one with another code.

    Raises ValueError if one of the projects could not be read.
    """
    old, new = before.project.inputs, after.project.inputs
    if old is None or new is None:
        raise ValueError("a project that cannot be read has no changes")
    found = [
        *_sheet("文件信息", old.document, new.document),
        *_sheet("方法设置", old.settings, new.settings),
        *_process(old.process, new.process),
        *_of_tables(before, after),
        *_listed("政策依据", "name", (("文号", "number"), ("类别", "group")), old.policies, new.policies),
        *_listed("引用文件", "name", (("编号", "number"),), old.references, new.references),
        *_listed("符号单位", "symbol", (("单位", "unit"), ("含义", "meaning")), old.symbol_units, new.symbol_units),
        *_listed("监测方法", "parameter", _MONITORING, old.monitoring, new.monitoring),
        *_listed(
            "术语", "term", (("定义", "definition"), ("英文", "english"), ("来源", "source")), old.terms, new.terms
        ),
        *_listed("专家组", "code", _EXPERT, old.experts, new.experts),
        *_exclusions(old, new),
    ]
    return tuple(sorted(found, key=lambda c: PARTS.index(c.part)))


def _of_tables(before: Run, after: Run) -> Iterator[Change]:
    """What changed in the indicator table; of a standard with several in each, paired by its key.

    A single table that became several, or the reverse, is compared as a whole: every indicator once.
    """
    was, now = before.of_tables, after.of_tables
    yield from _listed("分表", "key", _TABLE, _tables(before), _tables(after))
    if not (was and now):
        pairs: list[tuple[str, Run, Run]] = [("", before, after)]
    else:
        pairs = [(f"{key}·", was[key], now[key]) for key in now if key in was]
    for mark, one, other in pairs:
        old, new = one.project.inputs, other.project.inputs
        if old is None or new is None:
            continue
        for change in (
            *_notes(old, new),
            *_categories(old, new),
            *_indicators(old, new, one.results, other.results),
            *_category_weights(old, new, one.results, other.results),
            *_survey(old, new),
        ):
            yield replace(change, subject=f"{mark}{change.subject}")


def _tables(run: Run) -> Sequence[IndicatorTable]:
    return run.project.inputs.tables if run.project.inputs is not None else ()


def _sheet(part: str, old: Any, new: Any) -> Iterator[Change]:
    for row in rows(type(new)):
        one, other = str(getattr(old, row.field)), str(getattr(new, row.field))
        if one != other:
            yield Change(part, Kind.CHANGED, row.label, "内容", one, other)


def _process(old: Process, new: Process) -> Iterator[Change]:
    yield from _sheet("编制过程", old, new)
    before, after = dict(old.more), dict(new.more)
    for matter in dict.fromkeys((*before, *after)):
        one, other = before.get(matter, ""), after.get(matter, "")
        if one != other:
            kind = Kind.CHANGED if one and other else Kind.ADDED if other else Kind.REMOVED
            yield Change("编制过程", kind, matter, "内容", one, other)


def _listed(
    part: str, key: str, fields: Sequence[tuple[str, str]], old: Sequence[Any], new: Sequence[Any]
) -> Iterator[Change]:
    """Compare two lists of named entries; ``fields``: labels with attributes, the first also tells of whole entries."""
    one, other = ({getattr(entry, key): entry for entry in entries} for entries in (old, new))
    label, attribute = fields[0]
    for name in one:
        if name not in other:
            yield Change(part, Kind.REMOVED, name, label, str(getattr(one[name], attribute)))
    for name, entry in other.items():
        if name not in one:
            yield Change(part, Kind.ADDED, name, label, "", str(getattr(entry, attribute)))
            continue
        for label_of, attribute_of in fields:
            before, after = str(getattr(one[name], attribute_of)), str(getattr(entry, attribute_of))
            if before != after:
                yield Change(part, Kind.CHANGED, name, label_of, before, after)


def _exclusions(old: Inputs, new: Inputs) -> Iterator[Change]:
    """Values left out (剔除), without the enterprises' names: the table may go out with the draft."""
    one, other = (Counter((e.indicator or "整家企业", e.reason) for e in i.exclusions) for i in (old, new))
    for (what, reason), count in (one - other).items():
        yield Change("剔除", Kind.REMOVED, what, f"{count} 处", reason)
    for (what, reason), count in (other - one).items():
        yield Change("剔除", Kind.ADDED, what, f"{count} 处", "", reason)


def _notes(old: Inputs, new: Inputs) -> Iterator[Change]:
    """Footnotes by their marks; notes on a whole table have none, and are the same if their words are."""
    one, other = ({n.mark or n.text: n for n in i.system.notes} for i in (old, new))
    for key in dict.fromkeys((*one, *other)):
        before, after = (of[key].text if key in of else "" for of in (one, other))
        if before != after:
            kind = Kind.CHANGED if before and after else Kind.ADDED if after else Kind.REMOVED
            yield Change("表注", kind, (other.get(key) or one[key]).mark or "对整张表的注", "内容", before, after)


def _categories(old: Inputs, new: Inputs) -> Iterator[Change]:
    one, other = ({c.name: c for c in i.system.adopted} for i in (old, new))
    for name in one:
        if name not in other:
            yield Change("一级指标", Kind.REMOVED, name, "采用", "是", "否")
    for name, category in other.items():
        if name not in one:
            yield Change("一级指标", Kind.ADDED, name, "采用", "否", "是")
        elif one[name].bonus != category.bonus:
            yield Change("一级指标", Kind.CHANGED, name, "附加", _yes(one[name].bonus), _yes(category.bonus))


def _category_weights(old: Inputs, new: Inputs, was: Results, now: Results) -> Iterator[Change]:
    names = [c.name for c in new.system.adopted if any(c.name == o.name for o in old.system.adopted)]
    for name in names:
        one = was.weights.category(name) if was.weights else None
        other = now.weights.category(name) if now.weights else None
        if one != other:
            yield Change("权重", Kind.CHANGED, name, "一级指标权重", _weight(one), _weight(other))


# --- indicators -------------------------------------------------------------------------------------------------------
def _indicators(old: Inputs, new: Inputs, was: Results, now: Results) -> Iterator[Change]:
    for one, other in _pairs(old.system.active, new.system.active):
        if one is None and other is not None:
            yield Change("二级指标", Kind.ADDED, _title(other), "指标", "", other.category)
        elif other is None and one is not None:
            yield Change("二级指标", Kind.REMOVED, _title(one), "指标", one.category, "")
        elif one is not None and other is not None:
            yield from _indicator(one, other)
            yield from _figures(one, other, was, now)


def _pairs(old: Sequence[Indicator], new: Sequence[Indicator]) -> Iterator[tuple[Indicator | None, Indicator | None]]:
    codes, left = {i.code: i for i in new}, {i.code: i for i in old}
    gone = {(i.category, label_key(i.name)): i for i in old if i.code not in codes}
    for indicator in new:
        match = left.pop(indicator.code, None)
        if match is None:
            match = gone.pop((indicator.category, label_key(indicator.name)), None)
            if match is not None:
                left.pop(match.code, None)
        yield match, indicator
    for indicator in left.values():
        yield indicator, None


def _indicator(one: Indicator, other: Indicator) -> Iterator[Change]:
    title = _title(other)
    if one.name != other.name:
        yield Change("二级指标", Kind.RENAMED, title, "名称", one.name, other.name)
    plain = (
        ("代码", one.code, other.code),
        ("一级指标", one.category, other.category),
        ("单位", one.unit, other.unit),
        ("方向", one.direction.chinese, other.direction.chinese),
        ("限定性", _yes(one.limiting), _yes(other.limiting)),
        ("引导方向", "、".join(one.guidance), "、".join(other.guidance)),
        ("表注标记", "、".join(one.marks), "、".join(other.marks)),
        ("合并的等级", _grades(one), _grades(other)),
        ("强制性限值", _text(one.mandatory_limit), _text(other.mandatory_limit)),
        ("小数位", _plain(one.decimals), _plain(other.decimals)),
        ("下限", _plain(one.lower), _plain(other.lower)),
        ("上限", _plain(one.upper), _plain(other.upper)),
    )
    for field, before, after in plain:
        if before != after:
            yield Change("二级指标", Kind.CHANGED, title, field, before, after)
    for part, fields in (("文字", _TEXTS), ("来源", _SOURCES)):
        for field, name in fields:
            before, after = str(getattr(one, name)), str(getattr(other, name))
            if before != after:
                yield Change(part, Kind.CHANGED, title, field, before, after)
    source = tuple(i.source.chinese if i.source else "" for i in (one, other))
    if source[0] != source[1]:
        yield Change("来源", Kind.CHANGED, title, "基准值来源", *source)


def _figures(one: Indicator, other: Indicator, was: Results, now: Results) -> Iterator[Change]:
    title = _title(other)
    before = was.weights.of(one) if was.weights else one.weight
    after = now.weights.of(other) if now.weights else other.weight
    if before != after:
        yield Change("权重", Kind.CHANGED, title, "二级指标权重", _weight(before), _weight(after))
    old, new = (_by_stratum(r, i) for r, i in ((was, one), (now, other)))
    for stratum in dict.fromkeys((*old, *new)):
        for grade in GRADES:
            first, second = (_level(of.get(stratum), i, grade) for of, i in ((old, one), (new, other)))
            if first != second:
                group = f"（{stratum}）" if stratum else ""
                yield Change("基准值", Kind.CHANGED, title, f"{grade.chinese}基准值{group}", first, second)


def _by_stratum(results: Results, indicator: Indicator) -> Mapping[str, IndicatorBaselines | None]:
    """Baselines of all enterprises under an empty name, and those of the groups that have their own (分组基准)."""
    found = results.baselines
    own = () if found is None else (one for one in found.strata if one.code == indicator.code)
    return {"": found.of(indicator.code) if found else None, **{one.stratum: one for one in own}}


def _grades(indicator: Indicator) -> str:
    return "、".join(g.chinese for g in GRADES if g in indicator.merged)


def _weight(weight: Weight | None) -> str:
    return "—" if weight is None else str(weight)


def _level(found: IndicatorBaselines | None, indicator: Indicator, grade: Grade) -> str:
    level = found.by_grade.get(grade) if found is not None else None
    if level is not None:
        return level.bound.format()
    typed = indicator.baselines.get(grade)
    return typed.format() if typed else "—"


def _survey(old: Inputs, new: Inputs) -> Iterator[Change]:
    """Counts only: whose values changed is not told."""
    one, other = (str(len(i.survey)) if i.survey is not None else "无" for i in (old, new))
    if one != other:
        yield Change("调研", Kind.CHANGED, "调研数据", "企业数", one, other)
    was, now = (_answers(i) for i in (old, new))
    moved = Counter(code for code, row in was.keys() & now.keys() if was[code, row] != now[code, row])
    for indicator in new.system.active:
        if count := moved[indicator.code]:
            yield Change("调研", Kind.CHANGED, _title(indicator), "数值不同的企业数", "", str(count))


def _answers(inputs: Inputs) -> Mapping[tuple[str, str], tuple[int, float | None]]:
    """State and value by indicator and enterprise."""
    survey = inputs.survey
    if survey is None:
        return {}
    return {
        (code, name): (int(state), None if math.isnan(value) else float(value))
        for code, column in survey.columns.items()
        for name, state, value in zip(survey.enterprises, column.states, column.values, strict=True)
    }


def _title(indicator: Indicator) -> str:
    return f"{indicator.code} {indicator.name}"


def _yes(value: bool) -> str:
    return "是" if value else "否"


def _plain(value: Any) -> str:
    return "—" if value is None else str(value)


def _text(bound: Any) -> str:
    return bound.text if bound is not None else ""
