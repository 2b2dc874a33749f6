"""项目.xlsx and 调研数据.xlsx: what a blank form offers, and that a filled one is read back as it was written."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from drafting.catalogue import catalogue
from drafting.model.bounds import parse_bound
from drafting.model.document import DocumentInfo, Policy, Reference, Term
from drafting.model.experts import Expert
from drafting.model.expression import parse_expression
from drafting.model.formula import Formula
from drafting.model.inputs import Inputs
from drafting.model.settings import Settings
from drafting.model.survey import Derivation, Exclusion, Survey, SurveyColumn
from drafting.model.system import Category, Indicator, IndicatorSystem
from drafting.model.terms import BaselineSource, Direction, Grade, Guidance
from drafting.model.weight import Weight
from drafting.project.folder import load_project
from drafting.standard import standard
from drafting.workbook.headings import LIST_SHEETS, PROJECT_SHEETS, SETTINGS_ROWS
from drafting.workbook.project.blank import prefilled, write_project
from drafting.workbook.style import put
from drafting.workbook.survey.form import write_blank_survey, write_survey


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    path = tmp_path_factory.mktemp("blank") / "新 项目" / "项目.xlsx"
    write_project(path)
    return load_workbook(path)


def column(sheet: Worksheet, heading: str) -> list[object]:
    at = next(c.column for c in sheet[1] if c.value == heading)
    return [sheet.cell(row, at).value for row in range(2, sheet.max_row + 1)]


def test_a_blank_form_has_every_sheet_and_every_heading_with_a_note(blank: Workbook) -> None:
    assert set(blank.sheetnames) == {form.title for form in PROJECT_SHEETS} | {"填写说明"}
    for form in (form.used_by(()) for form in PROJECT_SHEETS):
        headings = blank[form.title][1]
        assert tuple(c.value for c in headings) == form.texts
        for cell, heading in zip(headings, form.headings, strict=True):
            assert (heading.note in cell.comment.text) if heading.note else True
            assert all(word in cell.comment.text for word in heading.choices)


def test_a_blank_form_holds_table_a1(blank: Workbook) -> None:
    sheet = blank["二级指标"]
    rows = [(i.category, i.code, i.name, i.unit or None, "是" if i.limiting else "否") for i in catalogue().indicators]
    columns = [column(sheet, h)[: len(rows)] for h in ("一级指标", "代码", "二级指标", "单位", "限定性")]
    assert list(zip(*columns, strict=True)) == rows
    assert set(column(sheet, "权重")) == {None}
    assert column(blank["一级指标"], "一级指标")[:9] == [c.name for c in standard().categories]


def test_a_blank_form_holds_every_setting_with_its_default(blank: Workbook) -> None:
    sheet = blank["方法设置"]
    says = {sheet.cell(r, 1).value: sheet.cell(r, 2).value for r in range(2, sheet.max_row + 1)}
    shown = [row for row in SETTINGS_ROWS if not row.quiet]
    assert set(says) == {row.label for row in shown}
    for row in shown:
        found = says[row.label] if says[row.label] is not None else ""
        if isinstance(row.default, Decimal):
            assert Decimal(str(found)) == row.default
        else:
            assert str(found) == str(row.default)


def test_every_closed_vocabulary_has_a_drop_down(blank: Workbook) -> None:
    for form in (form.used_by(()) for form in LIST_SHEETS):
        sheet = blank[form.title]
        lists = {str(v.sqref).split(":")[0]: v for v in sheet.data_validations.dataValidation}
        for at, heading in enumerate(form.headings):
            if heading.choices:
                validation = lists[f"{sheet.cell(2, at + 1).coordinate}"]
                assert validation.formula1 == '"' + ",".join(heading.choices) + '"'
                assert validation.showErrorMessage is (heading.text != "引导方向")
    category = next(v for v in blank["二级指标"].data_validations.dataValidation if str(v.sqref).startswith("A2"))
    assert category.formula1 == "'一级指标'!$A$2:$A$40"
    for title, rows in (("文件信息", ("文件类别", "阶段", "首次发布")), ("方法设置", ("权重方法", "群决策", "RI表"))):
        sheet = blank[title]
        covered = {str(v.sqref) for v in sheet.data_validations.dataValidation}
        for row in range(2, sheet.max_row + 1):
            assert (f"B{row}" in covered) or sheet.cell(row, 1).value not in rows


def test_forms_are_made_for_screen_and_paper(blank: Workbook) -> None:
    for sheet in blank.worksheets:
        assert sheet.page_setup.paperSize == 9  # A4
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert not sheet.merged_cells.ranges
        if sheet.title != "填写说明":
            assert sheet.freeze_panes
            assert sheet.print_title_rows == "$1:$1"


def test_an_empty_project_is_read_back_as_prefilled(tmp_path: Path) -> None:
    write_project(tmp_path / "项目.xlsx")
    project = load_project(tmp_path)
    assert project.inputs is not None
    assert project.inputs.system == prefilled().system
    assert project.inputs.settings == Settings()
    assert project.inputs.document == DocumentInfo()


FULL = Inputs(
    document=DocumentInfo(title="=1+1 行业", number="T/X 1—2026", published="2026-06-01", industry_code="3071"),
    settings=dataclasses.replace(Settings(), cr_limit=Decimal("0.08"), weight_decimals=3, seed=7, by_stratum="是"),
    system=IndicatorSystem(
        (Category("能源消耗"), Category("清洁生产管理", weight=None), Category("产品特征", adopted=False)),
        (
            Indicator(
                "N1", "单位产品综合能耗", "能源消耗", "kgce/t", Direction.SMALLER, limiting=True,
                weight=Weight.number(Decimal("0.60")),
                source=BaselineSource.SURVEY, decimals=2, mandatory_limit=parse_bound("≤117"),
                lower=Decimal("0"), upper=Decimal("500.5"), explanation="@解释\n第二行",
                formula=Formula.read("综合能耗/产量*1000"),
                data_source="报表", collection="统计", selection_reason="-理由",
                guidance=(Guidance.SOURCE, Guidance.PROCESS), note="+注",
            ),
            Indicator(
                "N2", "余热利用率", "能源消耗", "%", Direction.LARGER, weight=Weight.number(Decimal("0.40")),
                source=BaselineSource.POLICY, source_basis="GB 1—2020",
                baselines=MappingProxyType({Grade.I: parse_bound("≥90"), Grade.II: parse_bound("85～90")}),
            ),
            Indicator(
                "Q1", "审核制度", "清洁生产管理", "", Direction.QUALITATIVE, source=BaselineSource.QUALITATIVE,
                baselines=MappingProxyType({Grade.I: parse_bound("按期完成")}), qualitative_reason="不能量化",
            ),
            Indicator(
                "Q2", "管理体系", "清洁生产管理", "", Direction.QUALITATIVE, source=BaselineSource.QUALITATIVE,
                baselines=MappingProxyType({g: parse_bound(f"{g.chinese}要求") for g in Grade}),
            ),
        ),
    ),
    policies=(Policy("产业政策", "目录", "令第7号"),),
    references=(Reference("GB/T 2589—2020", "综合能耗计算通则"),),
    terms=(Term("术语", "term", "定义", "来源"),),
    experts=(Expert("专家01", "环境", "教授", "20", "大", "中", "小", "小", "熟悉"),),
    exclusions=(Exclusion("=企业2", "N1", "填错"), Exclusion("企业3", "", "停产")),
)  # fmt: skip

SURVEY = Survey(
    ("企业1", "=企业2", "企业3", "企业4"),
    MappingProxyType(
        {
            "N1": SurveyColumn("N1", np.array([3.25, 4.0, 0.5, np.nan]), np.array([0, 0, 3, 1], np.uint8)),
            "N2": SurveyColumn("N2", np.array([90.5, np.nan, 70, 60]), np.array([0, 2, 0, 0], np.uint8)),
            "Q1": SurveyColumn("Q1", np.array([3.0, 0, 3, np.nan]), np.array([0, 0, 0, 2], np.uint8)),
            "Q2": SurveyColumn("Q2", np.array([3.0, 2, 1, 0]), np.array([0, 0, 0, 0], np.uint8)),
        }
    ),
    np.array([False, True, False, False]),
    strata=("大型", "小型", "小型", "大型"),
    weights=np.array([1.0, 2.5, 1.0, 1.0]),
    years=("2024",) * 4,
)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    write_project(tmp_path / "项目.xlsx", FULL)
    write_survey(tmp_path / "调研数据.xlsx", FULL.system, SURVEY)
    read = load_project(tmp_path).inputs
    assert read is not None
    for part in ("document", "settings", "policies", "references", "terms", "experts", "exclusions"):
        assert getattr(read, part) == getattr(FULL, part), part
    assert [(c.name, c.adopted) for c in read.system.categories if c.adopted] == [
        ("能源消耗", True), ("清洁生产管理", True)
    ]  # fmt: skip
    assert read.system.indicators == FULL.system.indicators


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    write_project(tmp_path / "项目.xlsx", FULL)
    write_survey(tmp_path / "调研数据.xlsx", FULL.system, SURVEY)
    for name in ("项目.xlsx", "调研数据.xlsx"):
        for sheet in load_workbook(tmp_path / name).worksheets:
            assert not [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert load_workbook(tmp_path / "调研数据.xlsx").active["A4"].quotePrefix


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@SUM(A1)", "\t=1", "\r=1", "a\x00b"])
def test_hostile_text_stays_text(tmp_path: Path, text: str) -> None:
    book = Workbook()
    put(book.active["A1"], text)
    book.save(tmp_path / "a.xlsx")
    cell = load_workbook(tmp_path / "a.xlsx").active["A1"]
    assert cell.data_type == "s"
    assert cell.value.strip("\t\r\n") == text.replace("\x00", "\ufffd").strip("\t\r\n")


def test_a_survey_is_written_with_marks_words_and_units(tmp_path: Path) -> None:
    write_survey(tmp_path / "调研数据.xlsx", FULL.system, SURVEY, notice="合成数据")
    rows = list(load_workbook(tmp_path / "调研数据.xlsx").active.iter_rows(values_only=True))
    assert rows[0] == (
        "企业",
        "分组",
        "权数",
        "年份",
        "重大违法",
        "单位产品综合能耗",
        "余热利用率",
        "审核制度",
        "管理体系",
    )
    assert rows[1] == ("单位", None, None, None, None, "kgce/t", "%", None, None)
    assert rows[2] == ("企业1", "大型", 1, 2024, "否", 3.25, 90.5, "达到", "Ⅰ级")
    assert rows[3] == ("=企业2", "小型", 2.5, 2024, "是", 4, "不适用", "未达到", "Ⅱ级")
    assert rows[4] == ("企业3", "小型", 1, 2024, "否", "<0.5", 70, "达到", "Ⅲ级")
    assert rows[5] == ("企业4", "大型", 1, 2024, "否", None, 60, "不适用", "未达到")


def test_a_survey_is_read_back_as_it_was(tmp_path: Path) -> None:
    write_project(tmp_path / "项目.xlsx", dataclasses.replace(FULL, exclusions=()))
    write_survey(tmp_path / "调研数据.xlsx", FULL.system, SURVEY)
    read = load_project(tmp_path).inputs
    assert read is not None
    assert read.survey is not None
    assert read.survey.enterprises == SURVEY.enterprises
    assert (read.survey.strata, read.survey.years) == (SURVEY.strata, SURVEY.years)
    np.testing.assert_array_equal(read.survey.weights, SURVEY.weights)
    np.testing.assert_array_equal(read.survey.violations, SURVEY.violations)
    for code, written in SURVEY.columns.items():
        np.testing.assert_array_equal(read.survey.columns[code].states, written.states, err_msg=code)
        np.testing.assert_array_equal(read.survey.columns[code].values, written.values, err_msg=code)


def test_a_blank_survey_form_offers_the_answers(tmp_path: Path) -> None:
    write_blank_survey(tmp_path / "调研数据.xlsx", {"": FULL.system})
    sheet = load_workbook(tmp_path / "调研数据.xlsx").active
    lists = {v.formula1 for v in sheet.data_validations.dataValidation}
    assert lists == {'"是,否"', '"达到,未达到,不适用"', '"Ⅰ级,Ⅱ级,Ⅲ级,未达到,不适用"'}
    assert all(c.value is None for row in sheet.iter_rows(min_row=3) for c in row)


def test_units_may_stand_in_the_notes_alone(tmp_path: Path) -> None:
    write_survey(tmp_path / "调研数据.xlsx", FULL.system, SURVEY, unit_row=False)
    sheet = load_workbook(tmp_path / "调研数据.xlsx").active
    assert [c.value for c in sheet["A"]] == ["企业", *SURVEY.enterprises]
    assert "kgce/t" in sheet["F1"].comment.text
    assert sheet.freeze_panes == "B2"


def test_raw_totals_take_the_place_of_the_column_they_give(tmp_path: Path) -> None:
    raw = MappingProxyType({"综合能耗": np.array([1.0, 2, np.nan, 4]), "产量": np.array([1.0, 1, 1, 1])})
    names = ("综合能耗", "产量")
    derivation = Derivation(
        parse_expression("综合能耗/产量"), {n: f"原始:{n}" for n in names}, dict(zip(names, ("kgce", "t"), strict=True))
    )
    survey = dataclasses.replace(SURVEY, raw=raw, derivations=MappingProxyType({"N1": derivation}))
    write_survey(tmp_path / "调研数据.xlsx", FULL.system, survey)
    sheet = load_workbook(tmp_path / "调研数据.xlsx").active
    headings = [c.value for c in sheet[1]]
    assert "单位产品综合能耗" not in headings
    assert headings[-2:] == ["原始:综合能耗", "原始:产量"]
    assert [sheet.cell(r, len(headings) - 1).value for r in range(3, 7)] == [1, 2, None, 4]
    assert [sheet.cell(2, len(headings) - 1 + n).value for n in (0, 1)] == ["kgce", "t"]


def test_text_that_no_cell_holds_says_that_it_is_cut() -> None:
    cell = Workbook().worksheets[0]["A1"]
    put(cell, "甲" * 32_767)
    assert cell.value == "甲" * 32_767
    put(cell, "甲" * 40_000)
    assert len(cell.value) == 32_767
    assert cell.value.endswith("甲…（原文 40000 字，一个单元格只容 32767 字，此处未写全）")
