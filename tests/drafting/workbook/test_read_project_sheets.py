"""项目.xlsx with one cell broken at a time: the finding names what is wrong, its sheet and its cell."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from drafting.model.terms import Direction, Grade
from drafting.model.weight import Weight

S = "二级指标"
# columns of the right project: A 一级指标 B 代码 C 二级指标 D 单位 E 方向 F 限定性 G 权重 H I J 基准值 K 来源
# L 依据 M 小数位 N 强制性限值 O 下限 P 上限 Q 计算公式 R 引导方向

CELLS = [
    (S, "A2", "能源消化", "category-unknown", "error", "能源消耗"),
    (S, "A2", None, "cell-blank", "error", "一级指标"),
    (S, "B3", "N1", "code-twice", "error", "B2"),
    (S, "B3", "N 1/?", "code-wrong", "error", "N 1/?"),
    (S, "C3", " 单位产品综合能耗", "indicator-twice", "error", "C2"),
    (S, "E2", "越少越好吧", "not-a-choice", "error", "越小越好"),
    (S, "E2", None, "cell-blank", "error", "方向"),
    (S, "F2", "也许", "not-yes-or-no", "error", "也许"),
    (S, "F7", "是", "limiting-on-nothing", "error", "没有二级指标"),
    (S, "M2", "很多", "decimals-wrong", "error", "很多"),
    (S, "M2", 1.5, "decimals-wrong", "error", "整数"),
    (S, "N2", "执行国家标准", "limit-wrong", "error", "执行国家标准"),
    (S, "O2", "零", "not-a-number", "error", "零"),
    (S, "P2", 0, "limits-crossed", "error", "下限"),
    (S, "K3", "听说", "not-a-choice", "error", "政策"),
    (S, "L3", None, "policy-no-basis", "error", "来源依据"),
    (S, "H2", "≤100", "survey-wins", "warning", "调研"),
    (S, "K3", None, "source-blank", "error", "来源"),
    (S, "K5", "调研", "source-direction", "error", "定性"),
    (S, "H5", None, "qualitative-no-text", "warning", "定性指标"),
    (S, "R2", "末端治理", "not-a-choice", "error", "源头减量"),
    (S, "G2", "一半", "weight-wrong", "error", "一半"),
    (S, "G2", 25, "weight-wrong", "error", "0 与 1"),
    (S, "G2", "0.8/m+n", "weight-formula-wrong", "error", "0.8/m+n"),
    ("一级指标", "A3", "水资源消化", "category-unknown", "error", "水资源消耗"),
    ("一级指标", "B3", "大概", "not-yes-or-no", "error", "大概"),
    ("一级指标", "C3", -0.2, "weight-wrong", "error", "-0.2"),
    ("方法设置", "B2", "层次分析", "setting-not-a-choice", "error", "层次分析法"),
    ("方法设置", "B3", "百分之十", "setting-not-a-number", "error", "百分之十"),
    ("方法设置", "B3", 7, "setting-not-a-number", "error", "7"),
    ("方法设置", "A3", "CR限直", "setting-misspelt", "error", "CR限值"),
    ("方法设置", "A4", "权重方法", "setting-twice", "error", "A2"),
    ("文件信息", "B3", "征求意见", "setting-not-a-choice", "error", "征求意见稿"),
    ("政策依据", "A2", "生态政策", "policy-group-unknown", "warning", "生态环境保护政策"),
    ("引用文件", "A2", None, "cell-blank", "error", "编号"),
    ("术语", "C2", None, "cell-blank", "error", "定义"),
    ("专家组", "A3", "E1", "expert-twice", "error", "A2"),
    ("专家组", "B3", "很熟", "not-a-choice", "error", "很熟悉"),
]


@pytest.mark.parametrize(("sheet", "cell", "value", "code", "severity", "says"), CELLS)
def test_one_broken_cell_is_one_finding_at_that_cell(folder, sheet, cell, value, code, severity, says):
    for file in (folder.path / "判断矩阵").iterdir():  # they would speak of experts and indicators as well
        file.unlink()
    (folder.path / "调研数据.xlsx").unlink()
    folder.put(sheet, cell, value)
    findings = [f for f in folder.load().findings if f.severity.value != "note"]
    assert [(f.code, f.severity.value, f.place.sheet, f.place.cell) for f in findings] == [
        (code, severity, sheet, cell)
    ]
    assert says in findings[0].message + findings[0].remedy
    assert findings[0].place.file == "项目.xlsx"
    assert findings[0].remedy


def test_a_policy_value_is_needed_where_the_source_is_policy(folder):
    for cell in ("H3", "I3", "J3"):
        folder.put(S, cell, None)
    assert folder.findings() == [("policy-no-value", S, "H3")]


def test_a_misspelt_required_heading_is_one_error_and_its_column_is_read(folder):
    folder.put(S, "F1", "限定姓")
    project = folder.load()
    assert [(f.code, f.severity.value, f.place.cell) for f in project.findings] == [("heading-misspelt", "error", "F1")]
    assert "限定性" in project.findings[0].message
    assert "限定姓" in project.findings[0].message
    assert [i.limiting for i in project.inputs.system.indicators] == [True, False, True, False, False]


def test_an_unknown_heading_is_a_warning_that_names_the_nearest(folder):
    folder.put(S, "L1", "来源依椐")
    folder.put(S, "K3", "定性")
    folder.put(S, "E3", "定性")
    found = [f for f in folder.load().findings if f.code == "heading-unknown"]
    assert [(f.severity.value, f.place.cell) for f in found] == [("warning", "L1")]
    assert "来源依据" in found[0].message


def test_a_missing_required_heading_is_one_error(folder):
    folder.edit(lambda b: b[S].delete_cols(6))
    found = [f for f in folder.load().findings if f.place.sheet == S]
    assert [f.code for f in found] == ["heading-missing"]
    assert "限定性" in found[0].message


def test_a_missing_sheet_is_named_once(folder):
    folder.edit(lambda b: b.remove(b[S]))
    project = folder.load()
    assert [(f.code, f.place.file) for f in project.findings] == [("sheet-missing", "项目.xlsx")]
    assert S in project.findings[0].message
    assert project.inputs is not None


def test_headings_may_stand_lower_in_any_order_and_width(folder):
    def shuffle(book):
        sheet = book[S]
        for row in sheet.iter_rows():
            row[0].value, row[4].value = row[4].value, row[0].value
        sheet["H1"] = "I级 基准值"
        sheet["C1"] = " 二级 指标"
        sheet.insert_rows(1, 3)
        sheet["A1"] = "××行业二级指标表"
        sheet.insert_cols(1)
        sheet["A4"] = "序号"
        for row in range(5, 10):
            sheet.cell(row, 1, row - 4)

    folder.edit(shuffle)
    project = folder.load()
    assert project.findings == ()
    assert project.inputs.system.indicators[1].baselines[Grade.I].number == 30
    assert str(project.provenance.find("indicator", "N1", "方向")) == f"项目.xlsx·{S}·B5"


def test_a_category_merged_over_its_rows_fills_down(folder):
    def merge(book):
        sheet = book[S]
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("A4:A6")

    folder.edit(merge)
    project = folder.load()
    assert project.findings == ()
    assert [i.category for i in project.inputs.system.indicators] == ["能源消耗"] * 2 + ["水资源消耗"] * 3


def test_a_formula_without_a_cached_value_is_an_error(folder):
    folder.put(S, "M2", "=1+1")
    assert folder.findings() == [("formula-no-value", S, "M2")]


def test_missing_codes_are_assigned_from_the_categorys_prefix(folder):
    folder.put(S, "B2", None)
    folder.put("调研数据", "F1", "可再生能源比例", "调研数据.xlsx")
    project = folder.load()
    assert [(f.code, f.severity.value, f.place.cell) for f in project.findings] == [("code-assigned", "note", "B2")]
    assert project.inputs.system.indicators[0].code == "N1"


@pytest.mark.parametrize(
    ("weights", "code", "cell"),
    [((0.58, 0.4), "weights-sum", "C2"), ((0.6, None), "weights-partly-typed", "C3"), ((0.6, 0.4), None, "")],
)
def test_first_level_weights(folder, weights, code, cell):
    for row, weight in enumerate(weights, 2):
        folder.put("一级指标", f"C{row}", weight)
    project = folder.load()
    assert [(f.code, f.place.cell) for f in project.findings] == ([(code, cell)] if code else [])
    if code == "weights-sum":
        assert "0.98" in project.findings[0].message
    if code is None:
        assert [c.weight.decimal for c in project.inputs.system.categories] == [Decimal("0.6"), Decimal("0.4")]


def test_weights_may_be_percentages_and_shares_of_n(folder):
    for cell, value in (("G4", "0.8/n"), ("G5", "0.8/n"), ("G6", "20%")):
        folder.put(S, cell, value)
    folder.put(S, "G2", 0.3, number_format="0%")
    folder.put(S, "G3", "０．７")
    project = folder.load()
    assert project.findings == ()
    first, second, third, fourth, fifth = project.inputs.system.indicators
    assert (first.weight.decimal, second.weight.decimal, fifth.weight.decimal) == (
        Decimal("0.3"), Decimal("0.7"), Decimal("0.2"),
    )  # fmt: skip
    assert third.weight == fourth.weight == Weight("0.8/n", Fraction(4, 5), shared=True)


def test_yes_no_and_direction_words_in_usual_spellings(folder):
    for cell, value in (("F2", "√"), ("F3", "N"), ("F4", "*"), ("E2", "逆向"), ("E3", "正向")):
        folder.put(S, cell, value)
    project = folder.load()
    assert project.findings == ()
    assert [i.limiting for i in project.inputs.system.indicators[:3]] == [True, False, True]
    assert [i.direction for i in project.inputs.system.indicators[:2]] == [Direction.SMALLER, Direction.LARGER]


def test_a_bonus_group_may_bear_a_name_of_its_own(folder):
    folder.edit(lambda b: b["一级指标"].append(["资源循环", "是", None, "是"]))
    folder.edit(
        lambda b: b[S].append(["资源循环", "X1", "再生料比例", None, "定性", "否", None, "有", *[None] * 2, "定性"])
    )
    project = folder.load()
    assert [f.code for f in project.findings] == ["survey-indicator-missing"]
    assert project.findings[0].severity.value == "warning"
    assert project.inputs.system.categories[-1].bonus


def test_a_category_not_listed_is_reported_once(folder):
    folder.edit(lambda b: b["一级指标"].delete_rows(3))
    found = [f for f in folder.load().findings if f.place.sheet == S]
    assert [(f.code, f.place.cell) for f in found] == [("category-not-listed", "A4")]


def test_dates_of_the_cover_are_read_and_checked(folder):
    folder.edit(lambda b: b["文件信息"].append(["发布日期", "2026年6月1日", ""]))
    folder.edit(lambda b: b["文件信息"].append(["实施日期", "2026-13-01", ""]))
    project = folder.load()
    assert project.inputs.document.published == "2026-06-01"
    assert [(f.code, f.place.cell) for f in project.findings] == [("setting-not-a-date", "B5")]


def test_exclusions_name_enterprise_indicator_and_reason(folder):
    folder.edit(lambda b: b["剔除"].append(["企业02", "单位产品综合能耗", "停产"]))
    folder.edit(lambda b: b["剔除"].append(["企业99", None, "停产"]))
    folder.edit(lambda b: b["剔除"].append(["企业03", "没有的指标", "停产"]))
    folder.edit(lambda b: b["剔除"].append(["企业03", None, None]))
    project = folder.load()
    assert {(f.code, f.place.cell) for f in project.findings} == {
        ("exclusion-enterprise", "A3"), ("exclusion-indicator", "B4"), ("cell-blank", "C5"),
    }  # fmt: skip
    assert project.inputs.survey.columns["N1"].states[1] == 4
    assert project.inputs.survey.columns["N1"].values[1] == 102


def test_sheet_titles_without_forbidden_characters_are_found(folder):
    folder.edit(lambda b: setattr(b["方法设置"], "title", "方法 设置"))
    assert folder.findings() == []
