"""Rows of 二级指标 that are one indicator: its class rows (类别), and its rows in several tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from drafting.findings import Cell
from drafting.model.identity import label_key
from drafting.notation.cells_row import Row, marks_inside, marks_of
from drafting.workbook.cells import is_blank
from drafting.workbook.headings import CLASS, INDICATORS, TABLE, key
from drafting.workbook.report import Report
from drafting.workbook.table import Record, Table

if TYPE_CHECKING:
    from drafting.workbook.project.indicators import IndicatorRow

_DECISIVE = ("单位", "方向")
"""What has to agree wherever an indicator stands: an indicator in another unit is another one."""
_ONCE = ("指标解释", "计算公式", "数据来源", "采集方法", "选取理由", "定性理由", "引导方向", "说明")
"""What is said of an indicator once, wherever it is said."""
_BY_INDICATOR = ("代码", *_DECISIVE, *_ONCE)
_BY_CLASS = ("一级指标", "限定性", "基准值来源", "来源依据", "小数位", "下限", "上限", TABLE)
"""What a class row takes from the first one of its indicator where its own cell is blank."""


def name_of(record: Record, marks: frozenset[str]) -> tuple[str, tuple[str, ...], bool]:
    """An indicator's name without its marks, the marks in order, and whether a limiting star stands there."""
    row = Row(marks=marks)
    name, behind, star = marks_of(record.text("二级指标"), row)
    name, inside = marks_inside(name, row)
    return name, (*(mark for _, mark in inside), *behind), star


def joined(table: Table, marks: frozenset[str], report: Report) -> Table:
    """Let rows that are one indicator share what is said of it once; contradictions are reported.

    A row with a 类别 and without a name is a class row of the indicator above. The result reads shared cells from the
    first row that fills them; a sheet with neither 分表 nor 类别 is returned as it is.
    """
    if CLASS not in table.columns and TABLE not in table.columns:
        return table
    filled = dict(table.filled)

    def inherit(record: Record, heading: str, source: Record) -> None:
        column = table.columns.get(heading)
        if column is not None and source.row != record.row:
            filled[record.row, column] = filled.get((source.row, column), source.row)

    now = replace(table, filled=filled)  # filled grows below, and records read from it
    named: Record | None = None
    firsts: dict[tuple[str, str], Record] = {}
    sources: dict[tuple[str, str], Record] = {}
    for record in now.records:
        if record.blank("二级指标"):
            if record.blank(CLASS):
                continue
            if named is None:
                report.add("class-of-nothing", record.cell(CLASS), found=record.text(CLASS))
                continue
            inherit(record, "二级指标", named)
        else:
            named = record
        name = key(name_of(record, marks)[0])
        if not record.blank(CLASS):
            above = firsts.get((name, label_key(record.text(TABLE)))) or firsts.get((name, ""))
            if record.blank(TABLE) and above is None:
                above = next((r for (n, _), r in firsts.items() if n == name), None)
            if above is not None:
                for heading in _BY_CLASS:
                    if record.blank(heading):
                        inherit(record, heading, above)
            firsts.setdefault((name, label_key(record.text(TABLE))), record)
        for heading in _BY_INDICATOR:
            source = sources.setdefault((name, heading), record) if not record.blank(heading) else None
            source = source or sources.get((name, heading))
            if source is None or source.row == record.row:
                continue
            if not record.blank(heading) and label_key(record.text(heading)) != label_key(source.text(heading)):
                if heading != "代码":
                    _differs(record, source, heading, report)
                if heading in _ONCE:
                    inherit(record, heading, source)
            elif record.blank(heading):
                inherit(record, heading, source)
    return now


def _differs(record: Record, source: Record, heading: str, report: Report) -> None:
    code = "shared-differs" if heading in _DECISIVE else "shared-text-differs"
    report.add(
        code, record.cell(heading), name=record.text("二级指标"), heading=heading, found=record.shown(heading)[:40],
        other=source.shown(heading)[:40], first=source.cell(heading).cell,
    )  # fmt: skip


def spanned(table: Table) -> frozenset[Cell]:
    """First cells of weights that are merged over the class rows of one indicator: they say what they seem to say."""
    column = table.columns.get("权重")
    if column is None or CLASS not in table.columns:
        return frozenset()
    names: Mapping[int, str] = {r.row: key(r.text("二级指标")) for r in table.records if not r.blank(CLASS)}
    found = set()
    for first_row, first_column, last_row, _ in table.sheet.merges:
        covered = {names.get(row, "") for row in range(first_row, last_row + 1)}
        if first_column == column and len(covered) == 1 and "" not in covered:
            found.add(table.sheet.place.at(first_row, first_column))
    return frozenset(found)


def with_classes(rows: Sequence[IndicatorRow], report: Report) -> tuple[IndicatorRow, ...]:
    """Make rows with a 类别 class rows of their indicator, sharing its weight; what contradicts is reported."""
    groups: dict[str, list[IndicatorRow]] = {}
    for row in rows:
        groups.setdefault(row.indicator.code, []).append(row)
    result: list[IndicatorRow] = []
    for row in rows:
        group = groups[row.indicator.code]
        if is_blank(row.record.value(CLASS)):
            result.append(row)
            continue
        _check(row, group, report)
        typed = next((r.indicator.weight for r in group if r.indicator.weight is not None), None)
        one = row.indicator.as_class(row.record.text(CLASS), group.index(row) + 1, typed)
        report.cells["indicator", one.code] = row.record.cell(CLASS)
        for heading in INDICATORS.texts:
            if row.record.has(heading):
                report.cells["indicator", one.code, heading] = row.record.cell(heading)
        result.append(replace(row, indicator=one))
    return tuple(result)


def _check(row: IndicatorRow, group: Sequence[IndicatorRow], report: Report) -> None:
    """Hold a class row against the first of its indicator."""
    first = group[0]
    if row is first:
        if len(group) == 1:
            report.add("class-alone", row.record.cell(CLASS), name=row.indicator.name, found=row.record.text(CLASS))
        return
    one, other = row.indicator, first.indicator
    typed = next((r for r in group if r.indicator.weight is not None), None)
    if one.weight is not None and typed is not None and one.weight != typed.indicator.weight:
        report.add(
            "class-weights-differ", row.record.cell("权重"), name=one.name, found=row.record.shown("权重"),
            other=typed.record.shown("权重"), first=typed.record.cell("权重").cell,
        )  # fmt: skip
    for heading, differs in (("一级指标", one.category != other.category), ("限定性", one.limiting != other.limiting)):
        if differs and heading not in row.unsure | first.unsure:
            report.add(
                "class-rows-differ", row.record.cell(heading), name=one.name, heading=heading,
                found=row.record.shown(heading), other=first.record.shown(heading),
                first=first.record.cell(heading).cell,
            )  # fmt: skip
