"""A draft with an indicator table of any length, its categories over many rows, and chapters around it."""

from __future__ import annotations

from drafting.document.numbering import resolve
from drafting.document.tree import (
    Annex,
    Cell,
    Clause,
    Column,
    Cover,
    Document,
    Footnote,
    Front,
    Note,
    Paragraph,
    Reference,
    Row,
    Table,
    Text,
)

CATEGORIES = (
    "生产工艺及装备", "能源消耗", "水资源消耗", "原/辅料资源消耗", "资源综合利用", "污染物产生与排放", "温室气体排放",
    "产品特征", "清洁生产管理",
)  # fmt: skip
HEAD = ("一级指标", "一级指标权重", "序号", "二级指标", "单位", "二级指标权重", "Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值")
_SENTENCE = "清洁生产水平的评价采用限定性指标评价与指标分级加权评价相结合的方法，按公式计算综合评价指数。"


def _cell(words: str, rowspan: int = 1) -> Cell:
    return Cell((Text(words),), rowspan)


def system_table(rows: int, grade: str = "", anchor: str = "table:system") -> Table:
    """
    Make an indicator table.

    ``grade`` are the words of the grades of every seventh row; elsewhere there are figures.
    """
    ends = [round(rows * (k + 1) / len(CATEGORIES)) for k in range(len(CATEGORIES))]
    body: list[Row] = []
    begin = 0
    for category, end in zip(CATEGORIES, ends, strict=True):
        for number in range(begin, end):
            lead = (_cell(category, end - begin), _cell("0.11", end - begin)) if number == begin else ()
            name = "单位产品主要原材料消耗量" if number % 3 else "综合能耗"
            values = (grade,) * 3 if grade and number % 7 == 0 else ("≤93", "≤100", "≤117")
            body.append((*lead, _cell(str(number - begin + 1)), _cell(f"{name}{number + 1}"), _cell("kg/t"),
                         _cell("0.12"), *map(_cell, values)))  # fmt: skip
        begin = end
    shares = (16.0, 21.0) if len(grade) > 60 else (22.0, 12.0)
    widths = (10.0, 7.5, 4.5, shares[0], 9.0, 7.5, *(shares[1],) * 3)
    columns = tuple(Column(w, "left" if at == 3 else "center") for at, w in enumerate(widths))
    return Table(
        anchor, "某行业清洁生产评价指标体系", columns, (tuple(map(_cell, HEAD)),), tuple(body),
        notes=(Note((Text("附加指标的权重不计入一级指标权重之和。"),)),),
        footnotes=(Footnote("a", (Text("限定性指标。"),)),),
    )  # fmt: skip


def long_draft(rows: int, *, before: int = 12, grade: str = "") -> Document:
    """Make a draft; ``before``: paragraphs above the table, which move the place where it begins."""
    text = Paragraph((Text(_SENTENCE * 2),))
    system = Clause(
        "指标体系表",
        (Paragraph((Text("指标见"), Reference("table:system"), Text("。"))), system_table(rows, grade), text, text),
    )
    listed = Clause(
        "样本", (Paragraph((Text("样本见"), Reference("t:sample"), Text("。"))), system_table(40, "", "t:sample"))
    )
    return resolve(
        Document(
            Cover("中华人民共和国国家标准", "GB", "GB/T 1—2026", "某行业清洁生产评价指标体系"),
            (Front("前言", (text,)),),
            (Clause("范围", (text,) * before), Clause("评价指标体系", (system,)), Clause("评价方法", (text,) * 20)),
            (Annex("样本", "资料性", (listed,), "annex:a"),),
        )
    )
