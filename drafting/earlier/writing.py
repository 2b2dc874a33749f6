"""Writes what was understood of an earlier edition: 项目.xlsx, and 导入报告.xlsx on every cell of the source."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from drafting.earlier.categories import BY_INDICATOR
from drafting.earlier.line import Verdict
from drafting.earlier.rows import Passed
from drafting.earlier.system import Edition, SheetRow
from drafting.model.document import DocumentInfo
from drafting.model.process import Process
from drafting.model.settings import OLDER_RULES, Settings
from drafting.standard import standard
from drafting.workbook.headings import CATEGORIES, IMPORT_REPORT, INDICATORS, NOTES
from drafting.workbook.project.blank import project_workbook
from drafting.workbook.style import (
    ANSWER,
    BAND,
    FAULT,
    PAPER,
    body,
    cell_at,
    choice,
    finished_bytes,
    fit_row,
    heading_row,
    print_setup,
    put,
    widths,
)

MAP_SHEET, MAP_FROM, MAP_TO = "一级指标对照", "原一级指标", "一级指标"
NOT_INCLUDED: tuple[tuple[str, str], ...] = (
    ("代码", "表中不印代码，按一级指标重新编号。"),
    ("小数位、强制性限值、下限、上限", "表中不印；需要时在 项目.xlsx 中填写。"),
    ("指标解释、计算公式、数据来源、采集方法", "印在“指标解释与数据来源”一章，不在表中；请从原件抄入。"),
    ("选取理由、定性理由、引导方向", "写在编制说明中，不在表中。"),
    ("基准值来源、来源依据", "表中不印；定量指标一律记为“政策”，依据记为原件，改为调研时清空三级基准值。"),
    ("调研数据、专家组、判断矩阵、德尔菲", "标准文本中没有。"),
    ("文件信息、政策依据、引用文件、术语", "不在指标体系表中；请从原件抄入。"),
    ("方法设置", "取默认值；权重方法记为“给定”。"),
)
"""What a project holds and a printed table does not."""
_COLOUR = {Verdict.READ: PAPER, Verdict.INFERRED: ANSWER, Verdict.NOT_READ: FAULT}


def project_bytes(edition: Edition, *, source: str, earlier: bool = False) -> bytes:
    """Give 项目.xlsx of an edition; ``earlier``: as the earlier edition itself, in 旧版/."""
    rules = OLDER_RULES if earlier and edition.older else ""
    if earlier:
        edition = edition.as_printed
    title = edition.title if edition.title.endswith("清洁生产评价指标体系") else ""
    document = DocumentInfo(title=title, number=_number(source) if earlier else "", first_edition="否")
    rows: dict[str, Sequence[SheetRow]] = {
        CATEGORIES.title: edition.categories, INDICATORS.title: edition.indicators, "分表": edition.tables,
        NOTES.title: edition.notes,
    }  # fmt: skip
    notice = f"由 {source} 导入：每个单元格的去向见 {IMPORT_REPORT}。"
    settings = Settings(weight_method="给定", rules=rules)
    book = project_workbook(document, settings, Process(), rows, merges=edition.merges, notice=notice)
    return finished_bytes(book, title=title or f"由 {source} 导入的项目")


_NUMBER = re.compile(
    r"((?:GB|DB[0-9]{2}|HJ|T|[A-Z]{2})(?:[/_ ]?T)?[/_]?[A-Z]*)\s*([0-9]+(?:\.[0-9]+)?)\s*[-—–_]\s*([0-9]{4})"
)


def _number(source: str) -> str:
    """The number of a standard, where the file is named after it (GB_T 43329-2023 …)."""
    found = _NUMBER.search(source)
    if found is None:
        return ""
    head = found[1].replace("_", "/").replace(" ", "/")
    return f"{head} {found[2]}—{found[3]}"


def report_bytes(edition: Edition, *, source: str) -> bytes:
    """Give 导入报告.xlsx: every cell with where it went, the categories, what was not read, what a table lacks."""
    book = Workbook()
    book.remove(book.worksheets[0])
    counts = {v: sum(line.verdict is v for line in edition.lines) for v in Verdict}
    _sheet(book, "概况", ("项目", "内容"), (30, 90), [
        ("原件", source),
        ("指标体系表", "、".join(str(t["表题"]) for t in edition.tables) or edition.title or "1 张"),
        ("二级指标", f"{len({r['代码'] for r in edition.indicators})} 个，{len(edition.indicators)} 行"),
        *((f"单元格：{v.value}", str(counts[v])) for v in Verdict),
        ("读懂", "原样写入 项目.xlsx，意思明确。"),
        ("推定", "按上下文、数值或惯例判断，请对照原件核对。"),
        ("未读懂", "没有判断的根据；文字原样保留在“去向”所示之处，请对照原件处理。"),
    ])  # fmt: skip
    _sheet(
        book, "问题", ("级别", "位置", "问题", "改法"), (8, 16, 70, 60),
        [(f.severity.chinese, f.place.sheet, f.message, f.remedy) for f in edition.findings],
    )  # fmt: skip
    lines = [
        (x.table, str(x.row or "表后"), str(x.column or ""), x.text, x.went, x.verdict.value, x.remark)
        for x in edition.lines
    ]
    colours = [_COLOUR[x.verdict] for x in edition.lines]
    cells = ("表", "行", "列", "原文", "去向", "判断", "说明")
    _sheet(book, "单元格", cells, (12, 6, 6, 50, 36, 9, 44), lines, colours)
    _mapping(book, edition)
    passed = [
        (p.table.place, p.table.title, f"{p.table.height}×{p.table.width}", p.reason, p.table.inside, _words(p))
        for p in edition.passed
    ]
    headings = ("表", "表题", "行×列", "没有读取的原因", "嵌套在", "表中文字")
    _sheet(book, "未读的表", headings, (12, 36, 8, 36, 20, 70), passed)
    _sheet(book, "未含", ("项目.xlsx 中的内容", "说明"), (44, 80), NOT_INCLUDED)
    return finished_bytes(book, title=f"导入报告：{source}")


def _words(passed: Passed) -> str:
    words = " | ".join(c.text.replace("\n", " ") for c in passed.table.cells if c.text)
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


_LONGEST = 2_000


def _mapping(book: Workbook, edition: Edition) -> None:
    rows = [
        (name, found.names[0] if len(found.names) == 1 else BY_INDICATOR, found.verdict.value, found.basis)
        for name, found in edition.mapping
    ]
    colours = [_COLOUR[found.verdict] for _, found in edition.mapping]
    sheet = _sheet(book, MAP_SHEET, (MAP_FROM, MAP_TO, "判断", "依据"), (32, 28, 9, 64), rows, colours)
    choice(sheet, "B2:B60", [*(c.name for c in standard().categories), BY_INDICATOR], strict=False)


def _sheet(
    book: Workbook, title: str, headings: Sequence[str], columns: Sequence[float], rows: Sequence[Sequence[str]],
    colours: Sequence[str] = (),
) -> Worksheet:  # fmt: skip
    sheet: Worksheet = book.create_sheet(title)
    heading_row(sheet, 1, headings)
    widths(sheet, columns)
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows, 2):
        colour = colours[number - 2] if colours else BAND if number % 2 else PAPER
        for column, value in enumerate(row, 1):
            cell = cell_at(sheet, number, column)
            put(cell, value)
            body(cell, colour=colour)
        fit_row(sheet, number)
    if rows:
        sheet.auto_filter.ref = sheet.dimensions
    print_setup(sheet, rows="1:1")
    return sheet
