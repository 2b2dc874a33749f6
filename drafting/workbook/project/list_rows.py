"""Model objects as rows of the list sheets: heading to cell value. The reverse of reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

from drafting.model.inputs import Inputs
from drafting.model.system import Category, Indicator, IndicatorSystem
from drafting.model.terms import GRADES
from drafting.model.weight import Weight
from drafting.workbook.headings import (
    CATEGORIES,
    CLASS,
    EXCLUSIONS,
    EXPERTS,
    INDICATORS,
    MONITORING,
    NOTES,
    POLICIES,
    REFERENCES,
    SYMBOL_UNITS,
    TABLE,
    TABLES,
    TERMS,
    SheetForm,
)

Value = str | int | float | Decimal | None
SheetRow = Mapping[str, Value]


def yes_no(value: bool) -> str:
    """Say 是 or 否."""
    return "是" if value else "否"


def sheet_rows(inputs: Inputs, form: SheetForm) -> Iterator[SheetRow]:
    """Give the rows of a list sheet."""
    match form.title:
        case CATEGORIES.title:
            yield from _by_table(inputs, lambda system: map(_category, system.categories))
        case INDICATORS.title:
            yield from _by_table(inputs, lambda system: map(_indicator, system.indicators))
        case TABLES.title:
            for t in inputs.tables:
                yield dict(zip(TABLES.texts, (t.key, t.caption, t.applies, t.output_unit, t.coefficient), strict=True))
        case NOTES.title:
            notes = dict.fromkeys((*inputs.system.notes, *(n for t in inputs.tables for n in t.system.notes)))
            yield from ({"标记": n.mark, "内容": n.text, "分表": n.table} for n in notes)
        case SYMBOL_UNITS.title:
            yield from ({"符号": u.symbol, "含义": u.meaning, "单位": u.unit} for u in inputs.symbol_units)
        case MONITORING.title:
            for m in inputs.monitoring:
                yield {"参数": m.parameter, "监测点位": m.point, "频次": m.frequency, "方法标准": m.standards}
        case POLICIES.title:
            yield from ({"类别": p.group, "名称": p.name, "文号": p.number} for p in inputs.policies)
        case REFERENCES.title:
            yield from ({"编号": r.number, "名称": r.name} for r in inputs.references)
        case TERMS.title:
            yield from (
                {"术语": t.term, "英文": t.english, "定义": t.definition, "来源": t.source} for t in inputs.terms
            )
        case EXPERTS.title:
            for e in inputs.experts:
                values = (e.code, e.field_of_work, e.title, e.years, e.practice, e.theory, e.literature, e.intuition)
                more = (e.familiarity, "、".join(e.tables), e.left_in)
                yield dict(zip(EXPERTS.texts, (*values, *more), strict=True))
        case EXCLUSIONS.title:
            yield from ({"企业": e.enterprise, "指标": e.indicator, "理由": e.reason} for e in inputs.exclusions)
        case _:
            raise KeyError(form.title)


def _by_table(inputs: Inputs, rows: Callable[[IndicatorSystem], Iterable[SheetRow]]) -> Iterator[SheetRow]:
    """Rows of every table; one that is the same in all of them stands once, without 分表."""
    if not inputs.tables:
        yield from rows(inputs.system)
        return
    of = {t.key: list(rows(t.system)) for t in inputs.tables}
    common = [row for row in next(iter(of.values())) if all(row in own for own in of.values())]
    for key, own in of.items():
        yield from ({**row, TABLE: key} for row in own if row not in common)
    yield from common


def _category(category: Category) -> SheetRow:
    return {
        "一级指标": category.name,
        "采用": yes_no(category.adopted),
        "权重": _weight(category.weight),
        "附加": yes_no(category.bonus),
    }


def _weight(weight: Weight | None) -> Value:
    """Give a number as a number, a share or a fraction as its text."""
    if weight is None:
        return None
    return weight.text if weight.shared or "/" in weight.text else weight.decimal


def _indicator(indicator: Indicator) -> SheetRow:
    baselines = {
        f"{grade.chinese}基准值": indicator.baselines[grade].text for grade in GRADES if grade in indicator.baselines
    }
    return {
        "一级指标": indicator.category,
        "代码": indicator.of or indicator.code,
        "二级指标": (indicator.of_name or indicator.name) + "".join(indicator.marks),
        CLASS: indicator.class_name,
        "单位": indicator.unit,
        "方向": indicator.direction.chinese,
        "限定性": yes_no(indicator.limiting),
        "权重": _weight(indicator.weight),
        **baselines,
        "基准值来源": indicator.source.chinese if indicator.source else "",
        "来源依据": indicator.source_basis,
        "小数位": indicator.decimals,
        "强制性限值": indicator.mandatory_limit.text if indicator.mandatory_limit else "",
        "下限": indicator.lower,
        "上限": indicator.upper,
        "指标解释": indicator.explanation,
        "计算公式": indicator.formula.text,
        "数据来源": indicator.data_source,
        "采集方法": indicator.collection,
        "选取理由": indicator.selection_reason,
        "定性理由": indicator.qualitative_reason,
        "引导方向": "、".join(indicator.guidance),
        "说明": indicator.note,
    }
