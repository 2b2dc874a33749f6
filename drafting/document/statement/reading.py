"""What was read of the survey file, what was left out and what was converted, as the 编制说明 prints it."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.document.tables import head, text_cell
from drafting.document.tree import Cell, Column, Row, Table, Text
from drafting.model.survey import ColumnReading, Reading

_REPEATED = {"取最新": "采用最新年份的一行", "取平均": "取各行的平均值"}


def rows_in_words(reading: Reading | None) -> str:
    """Say how many rows became how many enterprises, and why the others did not."""
    if reading is None or reading.enterprises == reading.rows:
        return ""
    parts = [f"调研表共{reading.rows}行，采用{reading.enterprises}家企业的数据"]
    if reading.nameless:
        parts.append(f"{reading.nameless}行没有填写企业名称，未采用")
    if reading.repeated:
        how = _REPEATED.get(reading.duplicate_rule, "待企业核实")
        parts.append(f"同一企业重复填报的{reading.repeated}行{how}")
    return "；".join(parts) + "。"


def remarkable(reading: Reading | None) -> tuple[ColumnReading, ...]:
    """Columns of which something was converted, could not be read, or was not used."""
    return tuple(c for c in reading.columns if any(_words(c))) if reading is not None else ()


def conversion_table(reading: Reading) -> Table:
    """Lay out what happened to the columns that were not taken as they stand."""
    rows: tuple[Row, ...] = tuple(
        (
            text_cell(position),
            Cell((Text(column.heading or column.meaning),)),
            text_cell(column.meaning),
            text_cell(column.values),
            Cell((Text("；".join(_words(column)) + "。"),), align="left"),
        )
        for position, column in enumerate(remarkable(reading), 1)
    )
    return Table(
        anchor="table:conversions",
        caption="调研数据的换算和未采用的数据",
        columns=(Column(7), Column(22, "left"), Column(22), Column(10), Column(39, "left")),
        head=(head("序号", "列标题", "含义", "数据个数", "处理"),),
        body=rows,
    )


def _words(column: ColumnReading) -> Iterator[str]:
    if column.derived_from:
        yield f"由原始数据按公式 {column.derived_from} 计算"
    if column.factor != "1":
        stated = f"填报单位{column.stated_unit}换算为{column.unit}，" if column.stated_unit else ""
        yield f"{stated}乘以 {column.factor}"
    if column.from_percent:
        yield f"{column.from_percent}个数按单元格的百分数格式读取"
    if column.from_text:
        yield f"{column.from_text}个以文字填写的数读作数值"
    if column.with_unit:
        yield f"{column.with_unit}个数后面写有本列的单位"
    if column.unreadable:
        yield f"{column.unreadable}个不能识别，按缺失计"
    if column.meaning == "未采用" and column.values:
        yield "不是指标体系中的指标，没有采用"
