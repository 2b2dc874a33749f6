"""Rows, headings and merges of the list sheets: 项目.xlsx, comments, questionnaires follow the rules of surveys."""

from __future__ import annotations

from datetime import datetime

import openpyxl
import pytest

from drafting.model.identity import name_key
from drafting.project.folder import load_project
from drafting.workbook.headings import COMMENTS
from drafting.workbook.opinions.reading import read_opinions
from drafting.workbook.report import Report, nearest
from drafting.workbook.sheets import read_workbook
from drafting.workbook.vocabulary import asides
from tests.drafting.survey_projects import write_project


@pytest.fixture
def project(tmp_path):
    return write_project(tmp_path, [{"二级指标": "能耗"}, {"二级指标": "水耗"}])


def edited(folder, sheet: str, edit):
    path = folder / "项目.xlsx"
    book = openpyxl.load_workbook(path)
    edit(book[sheet] if sheet in book.sheetnames else book.create_sheet(sheet))
    book.save(path)
    loaded = load_project(folder)
    return loaded, {f.code: f for f in loaded.findings}


@pytest.mark.parametrize(
    ("words", "heading"),
    [("注：*为限定性指标", "一级指标"), ("*为限定性指标。", "一级指标"), ("备注", "一级指标"), ("合计", "一级指标"),
     ("编制：张三", "代码")],
)  # fmt: skip
def test_notes_under_the_indicators_are_named(project, words, heading):
    before = load_project(project)

    def note(sheet):
        column = next(c.column for c in sheet[1] if c.value == heading)
        sheet.cell(6, column, words)

    loaded, found = edited(project, "二级指标", note)
    assert "rows-left-out" in found
    assert words[:6] in found["rows-left-out"].message
    assert "6" in found["rows-left-out"].message
    assert loaded.inputs.system == before.inputs.system


def test_a_note_outside_the_columns_is_named_too(project):
    loaded, found = edited(
        project, "二级指标", lambda sheet: sheet.cell(7, sheet.max_column + 3, "以上由专家组讨论确定")
    )
    assert "以上由专家组讨论" in found["rows-left-out"].message
    assert len(loaded.inputs.system.indicators) == 2


def test_what_stands_in_a_column_without_a_heading_is_named(project):
    def write(sheet):
        sheet.cell(3, sheet.max_column + 2).value = "别忘了改"
        sheet.cell(2, sheet.max_column).value = 7

    _, found = edited(project, "二级指标", write)
    assert "有 2 个单元格" in found["cells-unheaded"].message
    assert "如“7”" in found["cells-unheaded"].message


def test_a_code_that_became_a_date_is_named(project):
    loaded, found = edited(project, "二级指标", lambda sheet: setattr(sheet["A3"], "value", datetime(2024, 1, 2)))
    assert found["cell-became-date"].place.cell == "A3"
    assert [i.code for i in loaded.inputs.system.indicators][1] == "2024-01-02"


def test_a_weight_that_its_format_rounds_is_said(project):
    """Three cells of a third show 0.33 each; what counts is what they hold."""

    def write(sheet):
        column = next(c.column for c in sheet[1] if c.value == "权重")
        for row, (number, code) in enumerate([(1 / 3, "0.00"), (0.5, "0.00")], start=2):
            sheet.cell(row, column).value = number
            sheet.cell(row, column).number_format = code

    loaded, _ = edited(project, "二级指标", write)
    (said,) = [f for f in loaded.findings if f.code == "number-shown-otherwise"]
    assert "存的是 0.333333333333333，单元格格式使它显示为 0.33" in said.message


def test_a_category_without_an_indicator_yet_is_no_note(project):
    def category(sheet):
        column = next(c.column for c in sheet[1] if c.value == "一级指标")
        sheet.cell(6, column, "水资源消耗")

    _, found = edited(project, "二级指标", category)
    assert "rows-left-out" not in found


def test_a_total_of_weights_is_no_category(project):
    loaded, found = edited(project, "一级指标", lambda sheet: sheet.append(["合计", None, 1.0]))
    assert "rows-left-out" in found
    assert "category-unknown" not in found
    assert [c.name for c in loaded.inputs.system.categories] == ["能源消耗"]


def test_a_weight_merged_over_rows_is_nobody_else_s(project):
    def merge(sheet):
        column = next(c for c in sheet[1] if c.value == "权重").column_letter
        sheet[f"{column}2"] = 0.5
        sheet.merge_cells(f"{column}2:{column}3")

    loaded, found = edited(project, "二级指标", merge)
    assert found["merged-number"].severity.value == "error"
    assert [i.weight for i in loaded.inputs.system.indicators][1] is None


def test_hidden_rows_are_read_and_said(project):
    def hide(sheet):
        sheet.row_dimensions[3].hidden = True

    loaded, found = edited(project, "二级指标", hide)
    assert "1 行" in found["rows-hidden"].message
    assert len(loaded.inputs.system.indicators) == 2


def test_hidden_columns_are_read_and_said(project):
    """A column out of sight held names that no one saw; a column that holds nothing is not worth a word."""

    def hide(sheet):
        heads = {c.value: c.column_letter for c in sheet[1]}
        sheet.column_dimensions[heads["二级指标"]].hidden = True
        sheet.cell(1, sheet.max_column + 1).value = "强制性限值"
        sheet.column_dimensions[sheet.cell(1, sheet.max_column).column_letter].hidden = True

    loaded, found = edited(project, "二级指标", hide)
    assert "有 1 列" in found["columns-hidden"].message
    assert "二级指标" in found["columns-hidden"].message
    assert [i.name for i in loaded.inputs.system.indicators] == ["能耗", "水耗"]


def test_experts_by_another_heading(project):
    def experts(sheet):
        for row in (["专家编号", "专业领域"], ["专家01", "环境"], ["专家02", "能源"], ["填表人：张三", None]):
            sheet.append(row)

    loaded, found = edited(project, "专家组", experts)
    assert [e.code for e in loaded.inputs.experts] == ["专家01", "专家02"]
    assert "rows-left-out" in found


def opinions(tmp_path, rows, *, more: bool = False):
    book = openpyxl.Workbook()
    book.active.title = COMMENTS.title
    for row in rows:
        book.active.append(row)
    if more:
        book.create_sheet("附页")["A1"] = "还有一条意见"
    book.save(tmp_path / "甲.xlsx")
    report = Report()
    found, _, _ = read_opinions(read_workbook((tmp_path / "甲.xlsx").read_bytes(), "甲.xlsx"), report)
    return found, {f.code for f in report.findings}


def test_comments_as_bodies_return_them(tmp_path):
    rows = [
        ["序号", "提出单位", "条款编号", "意见及建议", "修改意见"],
        [1, "甲协会", "5.2", "过严", "放宽"],
        ["合计", None, None, "1 条", None],
        [None, "填表人：李四", None, None, None],
    ]
    found, said = opinions(tmp_path, rows, more=True)
    assert [(o.body, o.clause, o.text) for o in found] == [("甲协会", "5.2", "过严")]
    assert "sheets-not-read" in said
    assert "rows-left-out" in said
    assert "comment-no-body" not in said


def test_of_two_names_the_better_known_one(tmp_path):
    rows = [["单位名称", "章条", "意见", "意见内容"], ["甲", "5.2", "同意原则", "过严"]]
    found, said = opinions(tmp_path, rows)
    assert [(o.body, o.text) for o in found] == [("甲", "过严")]
    assert "heading-unknown" in said
    assert "heading-twice" not in said


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("企业1", [f"企业{n:02}" for n in range(21, 0, -1)], "企业01"),
        ("企业１", ["企业21", "企业01"], "企业01"),
        ("企业9", ["企业21", "企业31", "企业10"], "企业10"),
        ("厂3号线", ["厂30号线", "厂03号线"], "厂03号线"),
        ("企业" + "9" * 30, ["企业1"], None),
        ("N1", ["①", "[1]", "注1"], None),
        ("单位产品综合能号", ["单位产品综合能耗", "单位产品取水量"], "单位产品综合能耗"),
    ],
)
def test_the_nearest_name_takes_numbers_as_numbers(word, known, meant):
    assert nearest(word, known) == meant


@pytest.mark.parametrize(
    "name",
    [
        "其中：大型", "全国平均", "2023年平均", "企业个数", "共24家企业", "Σ", "TOTAL", "Average", "汇总", "最高",
        "合计/平均", "国内先进", "行业标杆", "Ⅱ级", "（接上表）", "以上数据来源于协会", "（示例）某厂", "例：某厂",
        "序号", "企业名称", "——", "权重", "……", "（空）", "待补充", "其他", "2023年", "2023-05-01", "拟定Ⅱ级", "#N/A",
        "#DIV/0!", "TRUE", "test",
    ],
)  # fmt: skip
def test_rows_that_real_tables_have_beside_their_enterprises_are_none(name: str) -> None:
    """Each was an enterprise, and with a good value it set grade I."""
    assert asides([name_key(name)]) == [0]


def test_enterprises_whose_names_begin_or_sound_like_such_rows_stay() -> None:
    names = [
        "企业01", "其中矿业", "国内先进制造厂", "示例厂", "三级电厂", "最高建材", "总数据公司", "标杆铝业", "P50",
        "A", "12", "2023", "1958厂", "2012实验室", "其他金属公司", "无锡一厂", "空压机厂", "测试仪器厂", "#3线",
        "限定性Ⅲ级", "平均年龄研究厂", "Total能源", "某厂（合计）", "*企业03", "合格率公司",
    ]  # fmt: skip
    assert asides([name_key(name) for name in names]) == []


@pytest.mark.parametrize("name", ["①", "*", "——", "①②"])
def test_an_indicator_whose_name_is_only_a_mark_is_none(project, name: str) -> None:
    def change(sheet) -> None:
        heads = {c.value: c.column for c in sheet[1]}
        sheet.cell(2, heads["二级指标"]).value = name

    loaded, found = edited(project, "二级指标", change)
    assert f"写的是“{name}”，只有标记" in found["indicator-name-sign"].message
    assert [i.name for i in loaded.inputs.system.indicators] == ["水耗"]


def test_comments_that_name_the_body_above_dates_for_clauses_and_a_second_sheet(tmp_path):
    """“同上” was a body of its own, 5-1 a day in May, and the comments of a second sheet were a note about a sheet."""
    book = openpyxl.Workbook()
    book.active.title = "意见"
    for line in (
        ["单位", "章条", "意见内容", "修改建议"],
        ["甲院", "5.1", "一", ""],
        ["同上", datetime(2026, 5, 1), "二", ""],
        ["乙院", "5.2", "三", ""],
        ["〃", "5.3", "四", ""],
    ):
        book.active.append(line)
    for line in (["单位", "章条", "意见内容"], ["丙院", "6.1", "五"]):
        (book["续"] if "续" in book.sheetnames else book.create_sheet("续")).append(line)
    book.save(tmp_path / "意见.xlsx")
    report = Report()
    comments, _, _ = read_opinions(read_workbook((tmp_path / "意见.xlsx").read_bytes(), "意见.xlsx"), report)
    assert [c.body for c in comments] == ["甲院", "甲院", "乙院", "乙院"]
    said = {f.code: (f.severity.value, f.place.sheet, f.place.cell) for f in report.findings}
    assert said == {
        "comment-body-ditto": ("note", "意见", "A5"),
        "comment-clause-date": ("warning", "意见", "B3"),
        "comment-sheet-not-read": ("error", "续", ""),
    }
