"""The earlier edition in 旧版/: kept as it is printed, read with its own rules, evaluated beside the new one."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from drafting.cli.app import run
from drafting.document.statement.composing import compose_statement
from drafting.pipeline.running import build, run_project
from drafting.project.folder import Project, load_project
from drafting.render.markdown import render_markdown
from tests.drafting.earlier.printing import docx, p, tbl
from tests.drafting.earlier.test_reading_word import row
from tests.drafting.render.long_draft import HEAD

ROWS = (
    row(("资源能源消耗指标", "0.4"), "1", "*单位产品综合能耗", "kgce/t", "0.75", "≤100", "≤110", "≤120"),
    row(("", ""), "2", "单位产品取水量", "m³/t", "0.25", "≤1", "≤2", "≤3"),
    row(("清洁生产管理指标", "0.6"), "1", "清洁生产审核", "", "1", "按期完成", "开展", "开展"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("导入")
    source = place / "GB_T 12345-2015 某行业.docx"
    source.write_bytes(docx(p("表1 某行业清洁生产评价指标体系"), tbl(HEAD, *ROWS), p("注：带*的为限定性指标。")))
    assert run(["import", str(source), str(place / "新项目")]) == 0
    return place / "新项目"


def loaded(folder: Path) -> Project:
    found = load_project(folder)
    assert found.inputs is not None
    return found


def test_the_earlier_edition_keeps_its_categories_and_its_rules(folder: Path) -> None:
    old = loaded(folder / "旧版")
    assert old.inputs is not None
    assert [(c.name, str(c.weight)) for c in old.inputs.system.categories] == [
        ("资源能源消耗指标", "0.4"), ("清洁生产管理指标", "0.6")
    ]  # fmt: skip
    assert [str(i.weight) for i in old.inputs.system.indicators] == ["0.75", "0.25", "1"]
    assert old.inputs.settings.rules == "2013年试行稿"
    assert old.inputs.document.number == "GB/T 12345—2015"
    assert not [f for f in old.findings if f.severity.value == "error"]


def test_the_new_project_has_the_nine_and_the_same_codes(folder: Path) -> None:
    new, old = loaded(folder), loaded(folder / "旧版")
    assert new.inputs is not None
    assert old.inputs is not None
    assert [c.name for c in new.inputs.system.categories] == ["能源消耗", "水资源消耗", "清洁生产管理"]
    assert [i.code for i in new.inputs.system.indicators] == [i.code for i in old.inputs.system.indicators]


# Worked by hand. Weights 0.3 (limiting), 0.1 and 0.6 of the whole. By the trial rules Ⅰ asks Y_I ≥ 85 and limiting
# indicators at Ⅰ, Ⅱ the same at Ⅱ, Ⅲ Y_III = 100; nothing is asked of other indicators. By GB/T 43329 D.4 asks of
# them Ⅱ for Ⅰ and Ⅲ for Ⅱ. enterprise: 能耗, 取水, 审核, grade by the earlier edition, grade by the draft
ENTERPRISES = (
    ("甲厂", 95, 2.5, "Ⅰ级", "I", "II"),  # Y_I = 30 + 60 = 90; 取水 reaches Ⅲ only
    ("乙厂", 95, 4, "Ⅰ级", "I", None),  # Y_I = 90; 取水 reaches nothing, and Y_III = 90
    ("丙厂", 95, 0.9, "Ⅰ级", "I", "I"),  # 100
    ("丁厂", 130, 0.9, "Ⅰ级", None, None),  # the limiting indicator misses Ⅲ
    ("戊厂", 105, 1.5, "Ⅰ级", "II", "II"),  # Y_I = 60, Y_II = 100
)


@pytest.fixture(scope="module")
def surveyed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = Path(shutil.copytree(folder, tmp_path_factory.mktemp("调研") / "项目"))
    with (copy / "调研数据.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [e[:4] for e in ENTERPRISES]
        csv.writer(file).writerows([["企业", "单位产品综合能耗", "单位产品取水量", "清洁生产审核"], *rows])
    return copy


def test_enterprises_by_both_editions_as_worked_by_hand(surveyed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", str(surveyed), str(surveyed / "调研数据.csv"), "--json"]) in (0, 1)
    told = json.loads(capsys.readouterr().out)
    assert [(m["enterprise"], m["before"], m["after"]) for m in told["earlier"]["enterprises"]] == [
        (name, before, after) for name, _, _, _, before, after in ENTERPRISES
    ]
    assert [e["grade"] for e in told["enterprises"]] == [e[-1] for e in ENTERPRISES]
    assert (told["earlier"]["better"], told["earlier"]["worse"]) == (0, 2)
    why = told["earlier"]["enterprises"][0]["why"]
    assert why == ["未达到Ⅰ级：非限定性指标未达到Ⅱ级基准值：单位产品取水量"]
    book = openpyxl.load_workbook(told["files"][0])
    assert [c.value for c in book["与旧版比较"]["A"]][:5] == ["旧版＼新版", "Ⅰ级", "Ⅱ级", "Ⅲ级", "未达Ⅲ级"]


def test_an_indicator_without_data_does_not_apply_and_is_named(surveyed: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(surveyed, tmp_path / "项目"))
    book = openpyxl.load_workbook(copy / "旧版" / "项目.xlsx")
    sheet = book["二级指标"]
    names = [c.value for c in sheet[1]]
    sheet.cell(3, names.index("单位") + 1, "L/t")  # the draft's is in m³/t: no value of the one is one of the other
    sheet.cell(4, names.index("Ⅰ级基准值") + 1, "每年完成")  # whoever answers Ⅰ级 has not answered this
    book.save(copy / "旧版" / "项目.xlsx")
    run = run_project(copy, until="trial")
    assert run.results.beside is not None
    assert run.results.beside.lacking == ("单位产品取水量", "清洁生产审核")


@pytest.mark.slow
def test_the_statement_shows_who_moves(surveyed: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(surveyed, tmp_path / "项目"))
    book = openpyxl.load_workbook(copy / "项目.xlsx")
    sheet = book["文件信息"]
    for line in sheet.iter_rows(min_row=2):
        if line[0].value == "代替文件":
            line[1].value = "GB/T 12345—2015"
    book.save(copy / "项目.xlsx")
    run = build(copy, quick=True)
    draft = next(p for p in run.output.glob("*.md") if "编制说明" not in p.name).read_text("utf-8")
    assert "增加了Ⅰ级、Ⅱ级对非限定性指标的要求（见5.5）" in draft  # the clause that holds the conditions
    inputs = run.project.inputs
    assert inputs is not None
    words = render_markdown(compose_statement(inputs, run.results))
    assert "提高0家，降低2家。降低的企业中，1家综合评价指数不足、2家非限定性指标未达到要求" in words
