"""The earlier edition beside a standard with several tables: each table's enterprises, and the joined verdicts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from drafting.cli.app import run
from drafting.document.statement.composing import compose_statement
from drafting.model.terms import Grade
from drafting.pipeline.running import run_project
from drafting.render.markdown import render_markdown
from tests.drafting.tables_projects import worked

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The earlier edition asked ≤18 of N1 in 乙工序 for Ⅰ, its tables are called 表1 and 表2."""
    made = worked(tmp_path_factory.mktemp("editions") / "项目")
    (made / "旧版").mkdir()
    book = openpyxl.load_workbook(made / "项目.xlsx")
    for title in ("一级指标", "二级指标", "分表", "表注"):
        for line in book[title].iter_rows(min_row=2):
            named = {"甲工序": "表1", "乙工序": "表2"}.get(str(line[0].value))
            line[0].value = named or line[0].value
    sheet = book["二级指标"]
    at = [c.value for c in sheet[1]].index("Ⅰ级基准值") + 1
    (row,) = (r for r in range(2, sheet.max_row + 1) if sheet.cell(r, at).value == "≤20")
    sheet.cell(row, at).value = "≤18"
    book.save(made / "旧版" / "项目.xlsx")
    return made


def moved(told: dict[str, object]) -> list[tuple[object, ...]]:
    return [(m["enterprise"], m["before"], m["after"]) for m in told["enterprises"]]  # type: ignore[index,attr-defined]


def test_who_moves_in_each_table_and_joined(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """E1 in 乙工序: N1 19 is Ⅰ by ≤20 and Ⅱ by ≤18. Y_I 60 for 88, joined 0.3·80 + 0.7·60 = 66 for 85.6."""
    for command in (["trial", str(folder)], ["evaluate", str(folder), str(folder / "调研数据.xlsx")]):
        run([*command, "--json"])
        told = json.loads(capsys.readouterr().out)
        first, second = (t["earlier"] for t in told["tables"])
        assert (first["better"], first["worse"]) == (0, 0)
        assert moved(second) == [("E1", "II", "I"), ("E4", None, None)]
        assert moved(told["earlier"]) == [("E1", "II", "I"), ("E2", "II", "II"), ("E3", "II", "II"), ("E4", None, None)]
        assert told["earlier"]["lacking"] == []
        (e1,) = (m for m in told["earlier"]["enterprises"] if m["enterprise"] == "E1")
        assert e1["why"][0] == "综合指数YⅠ为66，低于85"


@pytest.mark.slow
def test_it_is_shown_and_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["trial", str(folder)])
    assert capsys.readouterr().out.count("与旧版比较") == 3
    found = run_project(folder, until="trial")
    assert found.project.inputs is not None
    text = render_markdown(compose_statement(found.project.inputs, found.results, findings=found.findings))
    assert text.count("按旧版与按本文件评价的等级") >= 2
    assert "按旧版与按本文件综合评价的等级" in text
    assert "都以上述方式综合" in text


def test_an_indicator_that_had_no_classes_takes_the_enterprises_own(folder: Path, tmp_path: Path) -> None:
    """By one limit for all depths (≤110, ≤130, ≤150) E3, with 105 and 125, is judged by 125: Ⅱ of N1, and of all."""
    copy = Path(shutil.copytree(folder, tmp_path / "项目"))
    book = openpyxl.load_workbook(copy / "旧版" / "项目.xlsx")
    sheet = book["二级指标"]
    heads = [c.value for c in sheet[1]]
    sheet.delete_rows(3)
    sheet.cell(2, heads.index("类别") + 1).value = None
    for grade, limit in (("Ⅰ级", "≤110"), ("Ⅱ级", "≤130"), ("Ⅲ级", "≤150")):
        sheet.cell(2, heads.index(f"{grade}基准值") + 1).value = limit
    book.save(copy / "旧版" / "项目.xlsx")
    found = run_project(copy, until="trial").results.tables["甲工序"].beside
    assert found is not None
    assert "单位产品综合能耗" not in found.lacking
    (e3,) = (e for e in found.earlier.enterprises if e.enterprise == "E3")
    assert e3.grade is Grade.II
    assert e3.y[Grade.II] == 100


@pytest.mark.slow
def test_one_earlier_table_stands_beside_each_of_several(folder: Path, tmp_path: Path) -> None:
    """An edition with one table was not compared with a draft with several at all."""
    copy = Path(shutil.copytree(folder, tmp_path / "项目"))
    book = openpyxl.load_workbook(copy / "旧版" / "项目.xlsx")
    for title in ("一级指标", "二级指标"):
        sheet = book[title]
        for number in range(sheet.max_row, 1, -1):
            if sheet.cell(number, 1).value == "表1":
                sheet.delete_rows(number)
            else:
                sheet.cell(number, 1).value = None
    del book["分表"], book["表注"]
    book.save(copy / "旧版" / "项目.xlsx")
    found = run_project(copy, until="trial").results
    assert found.beside is not None
    first, second = (found.tables[key].beside for key in ("甲工序", "乙工序"))
    assert first is not None
    assert second is not None
    assert "单位产品废水产生量" in first.lacking  # 甲工序 has no such indicator
    assert "单位产品废水产生量" not in second.lacking
    assert [(m.before, m.after) for m in second.moves if m.enterprise == "E1"] == [(Grade.II, Grade.I)]


@pytest.mark.parametrize(("rules", "grade"), [("2013年试行稿", Grade.I), ("", Grade.II)])
def test_joined_verdicts_are_those_of_the_earlier_editions_own_rules(
    folder: Path, tmp_path: Path, rules: str, grade: Grade
) -> None:
    """W1 of E1 is 1.2: not Ⅰ (≤1.0), and with Ⅱ at ≤1.1 not Ⅱ. Y_I stays 0.3·80 + 0.7·88 = 85.6.

    The trial rules ask nothing of indicators that are not limiting, so 85.6 is Ⅰ. D.4.1 a) asks for Ⅱ of them, D.4.2
    for Ⅲ, and Y_Ⅱ = 0.3·100 + 0.7·88 = 91.6 is Ⅱ.
    """
    copy = Path(shutil.copytree(folder, tmp_path / "项目"))
    path = copy / "旧版" / "项目.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["二级指标"]
    heads = [c.value for c in sheet[1]]
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, heads.index("Ⅰ级基准值") + 1).value == "≤18":
            sheet.cell(row, heads.index("Ⅰ级基准值") + 1).value = "≤20"
        if sheet.cell(row, heads.index("代码") + 1).value == "W1":
            sheet.cell(row, heads.index("Ⅱ级基准值") + 1).value = "≤1.1"
    if rules:
        book["方法设置"].append(["评价规则", rules])
    book.save(path)
    beside = run_project(copy, until="trial").results.beside
    assert beside is not None
    (e1,) = (m for m in beside.moves if m.enterprise == "E1")
    assert (e1.before, e1.after) == (grade, Grade.I)
