"""The oddest cells (27), typed into the example: letter by letter in the .docx, the page and the workbook."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import docx
import openpyxl
import pytest
from lxml import html

from drafting.cli import app

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "建筑陶瓷"
GRADES = ("Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值")
# Code of the row -> what is typed, and what has to stand there: as typed but for the table of typography and marks.
CELLS = {
    "G3": (("100", "≥９0％", "不低于百分之八十"), ("100", "≥90％", "不低于百分之八十")),
    "N1": (("≤5.5 kgce/m2", "≤6.0a", "3000吨标煤以下"), ("≤5.5 kgce/m²", "≤6.0", "3000吨标煤以下")),
    "N2": (("不低于国家标准的90%", "低于全国同行业20分位值", "比2020年降低5%"),) * 2,
    "S1": (("≤100①", "100~150(不含)", "100L/m2左右"), ("≤100", "100～150(不含)", "100L/m²左右")),
    "Y1": (
        ("无低温热回收≤-110；有低温热回收≤-120", "山区≥60\n丘陵区≥40", "≤1 200"),
        ("无低温热回收≤−110；有低温热回收≤−120", "山区≥60\n丘陵区≥40", "≤1 200"),
    ),
    "W1": (("≤10+(5n)", "2025年前≤58g/m2，2025年起≤55g/m2", "6<pH<9"),
           ("≤10+(5n)", "2025年前≤58g/m²，2025年起≤55g/m²", "6<pH<9")),
    "Q1": (("达到一般水平", "达到三同时要求", "不低于一般企业水平"),) * 2,
    "T1": (("≤50 kgCO2/t", "≤100吨标煤/万元", "≤300gce/(kW·h)"), ("≤50 kgCO₂/t", "≤100吨标煤/万元", "≤300gce/(kW·h)")),
    "Q3": (("≥1.5t/(m2·d)", "4:6", "不低于千分之三"), ("≥1.5t/(m²·d)", "4:6", "不低于千分之三")),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("odd") / "建筑陶瓷"
    shutil.copytree(EXAMPLE, target)
    book = openpyxl.load_workbook(target / "项目.xlsx")
    sheet = book["二级指标"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        code = row[heads["代码"] - 1].value
        if code not in CELLS:
            continue
        for grade, typed in zip(GRADES, CELLS[code][0], strict=True):
            sheet.cell(row[0].row, heads[grade]).value = typed
        if row[heads["方向"] - 1].value != "定性":
            row[heads["基准值来源"] - 1].value, row[heads["来源依据"] - 1].value = "政策", "合成"
        if code == "W1":
            row[heads["二级指标"] - 1].value = "*单位产品颗粒物产生量b"
    notes = book.create_sheet("表注")
    for line in (("标记", "内容"), ("a", "含自备电厂"), ("①", "不含生活用水。"), ("b", "按月平均。")):
        notes.append(line)
    book.save(target / "项目.xlsx")
    app.run(["render", str(target), "--to", "docx,html,workbook"])
    return target


def _without_marks(rows: dict[str, list[str]]) -> None:
    for code, (_, printed) in CELLS.items():
        assert rows[code] == list(printed), code


NAMES = {"G3": "生产过程自动化控制率", "N1": "单位产品综合能耗", "N2": "非化石能源消耗占比", "S1": "单位产品取水量",
         "Y1": "单位产品主要原材料消耗量", "W1": "单位产品颗粒物产生量",
         "T1": "单位产品二氧化碳排放量", "Q1": "清洁生产审核制度执行情况",
         "Q3": "环境管理体系实施情况"}  # fmt: skip


@pytest.mark.slow
def test_the_word_draft_prints_what_was_typed(folder: Path) -> None:
    path = next(p for p in (folder / "成果").glob("*.docx") if "指标体系" in p.name)
    document = docx.Document(str(path))
    found: dict[str, list[str]] = {}
    marks: dict[str, list[str]] = {}
    for table in document.tables:
        for row in table.rows:
            cells = [c for n, c in enumerate(row.cells) if not n or c._tc is not row.cells[n - 1]._tc]
            texts = ["".join(r.text for p in c.paragraphs for r in p.runs if not r.font.superscript) for c in cells]
            raised = ["".join(r.text for p in c.paragraphs for r in p.runs if r.font.superscript) for c in cells]
            for code, name in NAMES.items():
                if name in texts and len(texts) >= 7 and code not in found:
                    found[code], marks[code] = texts[-3:], [raised[texts.index(name)], *raised[-3:]]
    _without_marks(found)
    # Marks are numbered anew in the order of appearance: the limiting rows come first here.
    assert marks["N1"] == ["a", "", "b", ""]
    assert marks["S1"] == ["a", "c", "", ""]
    assert marks["W1"] == ["a,d", "", "", ""]
    words = "\n".join(c.text for t in document.tables for r in t.rows for c in r.cells)
    assert re.search(r"b\s*含自备电厂。", words)
    assert re.search(r"c\s*不含生活用水。", words)


@pytest.mark.slow
def test_the_page_prints_what_was_typed(folder: Path) -> None:
    page = html.fromstring(next((folder / "成果").glob("*指标体系*.html")).read_text("utf-8"))
    for br in page.iter("br"):
        br.tail = "\n" + (br.tail or "")
    for node in page.xpath("//sup | //*[@class='source']"):
        node.drop_tree()
    rows = [[td.text_content().strip() for td in row.iter("td", "th")] for row in page.iter("tr")]
    for code, (_, printed) in CELLS.items():
        assert any(NAMES[code] in texts and texts[-3:] == list(printed) for texts in rows), code


@pytest.mark.slow
def test_the_workbook_prints_what_was_typed(folder: Path) -> None:
    path = next(p for p in (folder / "成果").rglob("*.xlsx") if "自评" in p.name)
    sheet = openpyxl.load_workbook(path)["自评表"]
    found: dict[str, list[str]] = {}
    for row in sheet.iter_rows(values_only=True):
        for code, name in NAMES.items():
            if name in row:
                found[code] = [str(v) for v in row[6:9]]
    _without_marks(found)
    said = {c.comment.text for row in sheet.iter_rows() for c in row if c.comment}
    assert {"含自备电厂", "不含生活用水。", "按月平均。"} <= said  # the footnotes, at the cells that bear their marks


@pytest.mark.slow
def test_what_is_not_judged_is_said_at_its_cell(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    capfdbinary.readouterr()
    app.run(["check", str(folder), "--json"])
    said = json.loads(capfdbinary.readouterr().out)["findings"]
    codes = {f["code"] for f in said if f["sheet"] == "二级指标"}
    assert {"baseline-unit", "baseline-relative", "baseline-approximate", "baseline-by-class", "baseline-left-over",
            "baseline-two-sided", "star-against-limiting"} <= codes  # fmt: skip
    assert not {"mark-without-note", "note-without-mark"} & {f["code"] for f in said}
