"""调研数据: what its cells mean, and what is said of cells that mean nothing."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drafting.findings import Cell
from drafting.model.survey import State

FILE, S = "调研数据.xlsx", "调研数据"
# columns: A 企业 B 分组 C 年份 D 重大违法 E 单位产品综合能耗 F N2(%) G 原始:取水总量 H 原始:产品产量 I S2 J S3


def column(folder, code):
    found = folder.load().inputs.survey.columns[code]
    return found.values, found.states


def test_columns_are_found_by_code_or_name_and_derived_from_raw_totals(folder):
    survey = folder.load().inputs.survey
    np.testing.assert_array_equal(survey.columns["N1"].values, np.arange(101.0, 111.0))
    np.testing.assert_array_equal(survey.columns["S1"].values, (50 + np.arange(1.0, 11.0)) / 10)
    np.testing.assert_array_equal(survey.columns["S2"].values, [3, 0] * 5)
    np.testing.assert_array_equal(survey.columns["S3"].values, [2] * 10)
    assert survey.derived == {"S1"}
    assert survey.strata == ("大型",) * 10
    assert survey.years == ("2024",) * 10
    assert not survey.violations.any()
    assert not survey.columns["N1"].values.flags.writeable


@pytest.mark.parametrize(
    ("cell", "typed", "value", "state"),
    [
        ("E3", "１，２３４．５", 1234.5, State.VALUE),
        ("E3", "1,234.5", 1234.5, State.VALUE),
        ("E3", " 98.50 ", 98.5, State.VALUE),
        ("E3", "1.2e2", 120.0, State.VALUE),
        ("E3", None, np.nan, State.MISSING),
        ("E3", "—", np.nan, State.MISSING),
        ("E3", "n/a", np.nan, State.MISSING),
        ("E3", "不适用", np.nan, State.NOT_APPLICABLE),
        ("E3", "<0.01", 0.01, State.NON_DETECT),
        ("E3", "＜ 0.01", 0.01, State.NON_DETECT),
        ("E3", "未检出（0.05）", 0.05, State.NON_DETECT),
        ("E3", "ND(<0.05)", 0.05, State.NON_DETECT),
        ("E3", 1 / 3, 1 / 3, State.VALUE),
        ("F3", "95%", 95.0, State.VALUE),
        ("F3", "9.5‰", 0.95, State.VALUE),
        ("I3", "达标", 3, State.VALUE),
        ("J3", "I级", 3, State.VALUE),
        ("J3", "2级", 2, State.VALUE),
        ("J3", "Ⅲ", 1, State.VALUE),
        ("J3", "未达到", 0, State.VALUE),
        ("J3", "不适用", np.nan, State.NOT_APPLICABLE),
    ],
)
def test_spellings(folder, cell, typed, value, state):
    folder.put("二级指标", "P2", None)  # no upper limit
    folder.put(S, cell, typed, FILE)
    project = folder.load()
    assert project.findings == ()
    found = project.inputs.survey.columns[{"E": "N1", "F": "N2", "I": "S2", "J": "S3"}[cell[0]]]
    np.testing.assert_array_equal(found.values[1], value)
    assert found.states[1] == state


BAD = [
    ("E6", "大概三左右", "survey-not-a-number", "error", "大概三左右"),
    ("E6", "95%", "survey-not-a-number", "error", "kgce/t"),
    ("E6", "NaN", "survey-not-a-number", "error", "NaN"),
    ("E6", "1e308", "survey-not-a-number", "error", "范围"),
    ("E6", 1e308, "survey-not-a-number", "error", "范围"),
    ("E6", "未检出", "survey-no-detection-limit", "error", "检出限"),
    ("E6", True, "survey-not-a-number", "error", "逻辑值"),
    ("E6", -5, "survey-outside-limits", "warning", "下限 0"),
    ("E6", "=1+2", "formula-no-value", "error", "公式"),
    ("F6", 0.95, "survey-percent-mixed", "error", "0.95"),
    ("J6", "达到", "survey-not-a-grade", "error", "哪一级"),
    ("J6", "优秀", "survey-not-a-grade", "error", "优秀"),
    ("J6", 1, "survey-not-a-grade", "error", "等级"),
    ("D6", "可能", "not-yes-or-no", "error", "可能"),
    ("A6", None, "survey-no-enterprise", "error", "企业"),
    ("A6", "企业01", "survey-enterprise-twice", "error", "A2"),
    ("H6", 0, "survey-divisor", "error", "产品产量"),
    ("H6", -3, "survey-divisor", "error", "-3"),
    ("K1", "单位产品魔法消耗", "survey-column-unknown", "warning", "单位产品魔法消耗"),
    ("E1", "单位产品综合能号", "survey-column-misspelt", "error", "单位产品综合能耗"),
    ("K1", "N1", "heading-twice", "error", "E1"),
]


@pytest.mark.parametrize(("cell", "value", "code", "severity", "says"), BAD)
def test_one_broken_cell_is_one_finding_at_that_cell(folder, cell, value, code, severity, says):
    folder.put(S, cell, value, FILE)
    found = folder.one()
    assert (found.code, found.severity.value, found.place.file, found.place.sheet, found.place.cell) == (
        code, severity, FILE, S, cell,
    )  # fmt: skip
    assert says in found.message


def test_a_date_in_a_number_cell_is_an_error(folder):
    folder.put(S, "E6", 45000, FILE, number_format="yyyy-mm-dd")
    assert "日期" in folder.one().message


def test_a_cell_shown_as_a_percentage_is_read_as_it_is_shown(folder):
    folder.put(S, "F4", 0.07, FILE, number_format="0.00%")
    values, _ = column(folder, "N2")
    assert values[2] == 7.0
    assert folder.findings() == []


def test_a_percentage_shown_in_a_column_of_another_unit_is_an_error(folder):
    folder.put(S, "E4", 0.5, FILE, number_format="0%")
    assert folder.one().code == "survey-not-a-number"


def test_small_and_large_percentages_that_belong_together_are_no_mix(folder):
    def fill(book):
        for row, value in enumerate([0.6, 0.8, 0.9, 1.1, 1.4, 1.9, 2.2, 2.5, 2.8, 3.1], 2):
            book[S].cell(row, 6, value)

    folder.edit(fill, FILE)
    assert folder.findings() == []


def test_a_percentage_column_of_fractions_only_is_a_warning_at_its_heading(folder):
    def fill(book):
        for row in range(2, 12):
            book[S].cell(row, 6, 0.9 + row / 1000)

    folder.edit(fill, FILE)
    found = folder.one()
    assert (found.code, found.severity.value, found.place.cell) == ("survey-percent-fractions", "warning", "F1")


def test_the_row_of_units_converts_or_is_an_error_at_its_cell(folder):
    pytest.importorskip("pint")

    def units(book):
        book[S].insert_rows(2)
        book[S]["A2"], book[S]["E2"], book[S]["F2"] = "单位", "tce/t", "％"
        for row in range(3, 13):
            book[S].cell(row, 5, 0.1 + row / 1000)

    folder.edit(units, FILE)
    project = folder.load()
    assert project.findings == ()
    np.testing.assert_array_equal(project.inputs.survey.columns["N1"].values, [100 + r for r in range(3, 13)])
    assert str(project.provenance.find("survey", "N1", "0")) == f"{FILE}·{S}·E3"
    folder.put(S, "E2", "元", FILE)
    assert [(f[0], f[2]) for f in folder.findings()] == [("survey-unit", "E2")]
    assert "N1" not in folder.load().inputs.survey.columns  # its values are none of the indicator
    folder.put(S, "E2", "tce/(t)", FILE)
    assert folder.load().inputs.survey.columns["N1"].values[0] == 103


def test_an_indicator_without_column_is_an_error_at_the_indicator(folder):
    folder.edit(lambda b: b[S].delete_cols(5), FILE)
    found = folder.one()
    assert (found.code, found.severity.value, str(found.place)) == (
        "survey-indicator-missing", "error", "项目.xlsx·二级指标·C2",
    )  # fmt: skip


def test_an_empty_column_and_an_empty_survey(folder):
    def empty(book):
        for row in range(2, 12):
            book[S].cell(row, 5).value = None

    folder.edit(empty, FILE)
    assert [(f[0], f[2]) for f in folder.findings()] == [("survey-column-empty", "E1")]
    folder.edit(lambda b: b[S].delete_rows(2, 20), FILE)
    assert [f[0] for f in folder.findings()] == ["survey-blank"]
    folder.edit(lambda b: b[S].delete_rows(1, 20), FILE)
    assert [f[0] for f in folder.findings()] == ["survey-empty"]


@pytest.mark.parametrize(
    ("policy", "years", "code", "values"),
    [
        ("取最新", (2023, 2024), "survey-latest-taken", [12.0]),
        ("取最新", (2024, 2024), "survey-no-latest", [10.0]),
        ("取平均", (2023, 2024), "survey-mean-taken", [11.0]),
        ("报错", (2023, 2024), "survey-enterprise-twice", [10.0]),
    ],
)
def test_an_enterprise_twice_is_named_at_its_second_row(folder, policy, years, code, values):
    folder.put("方法设置", "B4", policy)

    def twice(book):
        for row, year, value in ((2, years[0], 10.0), (5, years[1], 12.0)):
            book[S].cell(row, 1, "企业０1" if row == 5 else "企业01")
            book[S].cell(row, 3, year)
            book[S].cell(row, 5, value)
            book[S].cell(row, 9, "达到")

    folder.edit(twice, FILE)
    project = folder.load()
    assert [(f.code, f.place.cell) for f in project.findings] == [(code, "A5")]
    assert [project.inputs.survey.columns["N1"].values[0]] == values
    assert len(project.inputs.survey) == 9


def test_a_mean_with_a_non_detect_is_no_number(folder):
    folder.put("方法设置", "B4", "取平均")
    folder.put(S, "A3", "企业01", FILE)
    folder.put(S, "E3", "<5", FILE)
    folder.put(S, "I3", "达到", FILE)
    project = folder.load()
    assert [f.code for f in project.findings] == ["survey-mean-taken", "survey-mean-non-detect"]
    assert project.inputs.survey.columns["N1"].states[0] == State.MISSING


def test_answers_that_differ_have_no_mean(folder):
    """Between 达到 and 未达到 lies no answer; where all years say the same it stays."""
    folder.put("方法设置", "B4", "取平均")
    folder.put(S, "A3", "企业01", FILE)  # S2: 达到 and 未达到; S3: the same twice
    project = folder.load()
    assert [(f.code, f.place.cell) for f in project.findings] == [
        ("survey-mean-taken", "A3"), ("survey-mean-answers", "I1")
    ]  # fmt: skip
    assert "第 2 行、第 3 行" in project.findings[1].message
    columns = project.inputs.survey.columns
    assert (columns["S2"].states[0], columns["S3"].values[0]) == (State.MISSING, 2)


@pytest.mark.parametrize("value", [0, -1, None, "很大"])
def test_sampling_weights_are_positive(folder, value):
    def weights(book):
        book[S]["K1"] = "权数"
        for row in range(2, 12):
            book[S].cell(row, 11, 1.5)
        book[S]["K4"] = value

    folder.edit(weights, FILE)
    assert [(f[0], f[2]) for f in folder.findings()] == [("survey-weight", "K4")]


def test_formulas_that_cannot_be_computed(folder):
    folder.put("二级指标", "Q4", "取水总量/产品产量)")
    assert [(f[0], f[2]) for f in folder.findings()] == [("formula-unreadable", "Q4")]
    folder.put("二级指标", "Q4", "取水总量/合格产量")
    found = folder.one()
    assert (found.code, found.place.cell) == ("formula-no-raw", "Q4")
    assert "原始:合格产量" in found.message


def test_merged_header_cells_and_formatted_empty_rows(folder):
    def decorate(book):
        sheet = book[S]
        sheet.insert_rows(1)
        sheet["A1"] = "基本信息"
        sheet.merge_cells("A1:D1")
        for row in range(13, 400):
            for col in range(1, 11):
                sheet.cell(row, col).number_format = "0.00%"

    folder.edit(decorate, FILE)
    project = folder.load()
    assert project.findings == ()
    assert len(project.inputs.survey) == 10


def _as_csv(folder, encoding, text=None):
    import csv

    import openpyxl

    rows = openpyxl.load_workbook(folder.path / FILE)[S].iter_rows(values_only=True)
    (folder.path / FILE).unlink()
    path = folder.path / "调研数据.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_gives_the_same_survey(folder, encoding):
    before = folder.load().inputs.survey
    _as_csv(folder, encoding)
    project = folder.load()
    assert project.findings == ()
    assert project.inputs.survey.enterprises == before.enterprises
    for code, found in project.inputs.survey.columns.items():
        np.testing.assert_array_equal(found.values, before.columns[code].values)
    assert str(project.provenance.find("survey", "N1", "0")) == "调研数据.csv·E2"


@pytest.mark.parametrize("as_csv", [False, True])
@pytest.mark.parametrize("typed", [-99, -99.0, "-99", "-99.0", "９９９９", 9999])
def test_a_missing_code_may_be_a_number(folder, typed, as_csv):
    folder.put("方法设置", "A5", "缺失代码")
    folder.put("方法设置", "B5", "—、-99、9999")
    folder.put(S, "E6", typed, FILE)
    folder.put(S, "F6", typed, FILE)
    if as_csv:
        _as_csv(folder, "utf-8")
    project = folder.load()
    assert project.findings == ()
    for code in ("N1", "N2"):
        found = project.inputs.survey.columns[code]
        assert np.isnan(found.values[4])
        assert list(found.states) == [State.MISSING if n == 4 else State.VALUE for n in range(10)]


def test_a_percentage_is_no_missing_code_because_of_the_fraction_behind_it(folder):
    folder.put("方法设置", "A5", "缺失代码")
    folder.put("方法设置", "B5", "—、1")
    folder.put(S, "F6", 1, FILE, number_format="0%")
    assert folder.load().inputs.survey.columns["N2"].values[4] == 100


@given(
    st.lists(
        st.one_of(
            st.decimals(-(10**9), 10**9, places=4).map(str), st.integers(-(10**14), 10**14).map(str),
            st.sampled_from(["", "+5", "0.50", "1e3", "１２", "1,234.5", " 7 ", "-0", "95%", "0.95", "<3", "abc"]),
        ), min_size=1, max_size=12,
    )
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_numbers_as_text_are_read_at_once_as_one_by_one(cells):
    """What a file without types holds, against each cell through the exact decimal."""
    from drafting.workbook.cells import CellFaultError, decimal_of
    from drafting.workbook.report import Report
    from drafting.workbook.survey.percentages import Percentages
    from drafting.workbook.survey.table import SurveyTable
    from drafting.workbook.survey.values import ColumnRule, read_column

    table = SurveyTable(Cell("x.csv"), 1, {1: "N1"}, {}, 0, tuple(range(2, len(cells) + 2)), {1: cells})
    read = read_column(table, 1, ColumnRule("N1", "%"), Report(), Percentages())
    for cell, value, state in zip(cells, read.values, read.states, strict=True):
        try:
            expected = float(decimal_of(cell, unit="%")) if cell else None
        except CellFaultError:
            expected = 3.0 if cell == "<3" else None
        assert state == (State.MISSING if expected is None else State.NON_DETECT if cell == "<3" else State.VALUE)
        assert np.isnan(value) if expected is None else value == expected


def test_a_column_without_a_heading_is_not_lost_in_silence(folder):
    folder.put(S, "L3", 5, FILE)
    folder.put(S, "L4", 6, FILE)
    found = folder.one()
    assert (found.code, found.place.cell, found.severity.value) == ("survey-column-unheaded", "L1", "warning")
    assert "2 个值" in found.message


def test_a_heading_merged_over_two_columns_of_numbers_is_neither_s(folder):
    folder.edit(lambda book: book[S].merge_cells("E1:F1"), FILE)
    project = folder.load()
    found = {f.code: f for f in project.findings}
    assert set(found) == {"survey-heading-merged", "survey-indicator-missing"}
    assert found["survey-heading-merged"].place.cell == "E1"
    assert "E～F" in found["survey-heading-merged"].message
    assert "N2" in found["survey-indicator-missing"].message  # whose own heading the merge has taken away
    assert "N1" not in project.inputs.survey.columns


def test_a_heading_merged_over_a_column_of_words_hides_none(folder):
    def merged(book):
        for row in range(2, 12):
            book[S].cell(row, 6, "备注")
        book[S].merge_cells("E1:F1")

    folder.edit(merged, FILE)
    project = folder.load()
    found = {f.code: f for f in project.findings}
    assert found["survey-column-unheaded"].place.cell == "F1"
    assert "与 E1 合并" in found["survey-column-unheaded"].message
    assert "10 个值" in found["survey-column-unheaded"].message
    assert "N1" in project.inputs.survey.columns


@pytest.mark.parametrize("others_merged", [False, True])
def test_headings_under_a_common_one_are_read(folder, others_merged):
    before = folder.load().inputs.survey

    def two_rows(book):
        sheet = book[S]
        sheet.insert_rows(2)
        for column in range(1, 11):
            sheet.cell(2, column).value = None
        sheet["E2"], sheet["F2"] = sheet["E1"].value, sheet["F1"].value
        sheet["E1"], sheet["F1"] = "能源", None
        sheet.merge_cells("E1:F1")
        if others_merged:
            for letter in "ABCDGHIJ":
                sheet.merge_cells(f"{letter}1:{letter}2")

    folder.edit(two_rows, FILE)
    project = folder.load()
    assert project.findings == ()
    for code, column_read in before.columns.items():
        np.testing.assert_array_equal(project.inputs.survey.columns[code].values, column_read.values)


def test_ragged_lines_of_csv_are_named(folder):
    path = _as_csv(folder, "utf-8")
    lines = path.read_text("utf-8").splitlines()
    lines[3] += ",多余"
    lines[5] = "企业05,大型"
    path.write_text("\n".join(lines), "utf-8")
    project = folder.load()
    assert [(f.code, f.place.cell) for f in project.findings] == [("csv-ragged", "A4"), ("csv-ragged", "A6")]
    assert "第 4 行有 11 个字段" in project.findings[0].message
    assert len(project.inputs.survey) == 8


def test_csv_of_unknown_encoding_or_broken_quotes(folder):
    path = _as_csv(folder, "utf-8")
    good = path.read_bytes()
    path.write_bytes(good + b"\xff\xff\xff")
    assert folder.one().code == "csv-encoding"
    path.write_bytes(good + '企业11,"大型'.encode())
    assert folder.one().code == "csv-broken"


def test_parquet_gives_the_same_survey(folder):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    before = folder.load().inputs.survey
    import openpyxl

    head, *rows = openpyxl.load_workbook(folder.path / FILE)[S].iter_rows(values_only=True)
    columns = {h: [None if i == 4 and h == "N2" else r[j] for i, r in enumerate(rows)] for j, h in enumerate(head)}
    parquet.write_table(pyarrow.table(columns), folder.path / "调研数据.parquet")
    (folder.path / FILE).unlink()
    project = folder.load()
    assert project.findings == ()
    np.testing.assert_array_equal(project.inputs.survey.columns["S1"].values, before.columns["S1"].values)
    assert project.inputs.survey.columns["N2"].states[4] == State.MISSING
    (folder.path / "调研数据.parquet").write_bytes(b"PAR1 and nothing more")
    assert folder.one().code == "file-damaged"


def test_several_surveys_are_an_error(folder):
    (folder.path / "调研数据.csv").write_text("企业\n", "utf-8")
    assert folder.one().code == "survey-several"


def test_a_second_row_of_units_is_an_error_at_its_cell(folder):
    def units(book):
        book[S].insert_rows(2)
        book[S]["A2"], book[S]["A3"] = "单位", "单位"

    folder.edit(units, FILE)
    assert [(f[0], f[2]) for f in folder.findings()] == [("survey-second-unit-row", "A3")]
    assert "单位" not in folder.load().inputs.survey.enterprises


def test_the_mean_of_equal_years_is_that_value(folder):
    """In floats the mean of 12.3 three times is 12.300000000000002, which outward rounding would publish as 12.4."""
    folder.put("方法设置", "B4", "取平均")
    for row in (2, 3, 4):
        folder.put(S, f"A{row}", "企业01", FILE)
        folder.put(S, f"E{row}", 12.3, FILE)
    assert folder.load().inputs.survey.columns["N1"].values[0] == 12.3


def test_impossible_values_are_doubted_where_no_limit_is_stated(folder):
    folder.put("二级指标", "O2", None)  # N1: no lower limit
    folder.put(S, "E3", -1, FILE)
    folder.put(S, "E5", -2, FILE)
    found = folder.one()
    assert (found.code, found.severity.value, found.place.cell) == ("survey-negative", "warning", "E3")
    assert "2 个负值" in found.message
    folder.put("二级指标", "O2", -5)
    assert folder.findings() == []


def test_more_than_a_hundred_percent_is_doubted_where_no_upper_limit_is_stated(folder):
    folder.put(S, "F4", 101, FILE)
    found = folder.one()
    assert (found.code, found.severity.value, found.place.cell) == ("survey-percent-beyond", "warning", "F4")
    folder.put("二级指标", "P3", 100)
    assert [f[0] for f in folder.findings()] == ["survey-outside-limits"]
    folder.put("二级指标", "P3", 200)
    assert folder.findings() == []


def test_electricity_is_taken_for_coal_by_the_declared_coefficient(folder):
    pytest.importorskip("pint")

    def units(book):
        book[S].insert_rows(2)
        book[S]["A2"], book[S]["E2"] = "单位", "kWh/t"

    folder.edit(units, FILE)
    np.testing.assert_allclose(column(folder, "N1")[0], 0.1229 * np.arange(101, 111), rtol=1e-15)

    def coefficient(value):
        def change(book):
            book["方法设置"].append(["电力折标系数", value])

        folder.edit(change)

    coefficient(0.3)
    np.testing.assert_allclose(column(folder, "N1")[0], 0.3 * np.arange(101, 111), rtol=1e-15)


def test_percentages_are_multiplied_as_the_decimals_they_print_as(folder):
    shares = [0.07, 0.29, 0.56, 1 / 3, 0.1 + 0.2, 0.123456789012345, 1e-12, 0.0001, 0.57, 0.995]

    def fill(book):
        for row, share in enumerate(shares, 2):
            book[S].cell(row, 6, share).number_format = "0.00%"

    folder.edit(fill, FILE)
    expected = [float(Decimal(f"{share:.15g}") * 100) for share in shares]
    np.testing.assert_array_equal(column(folder, "N2")[0], expected)


def test_a_number_with_another_unit_is_an_error_that_says_the_number_to_write(folder):
    pytest.importorskip("pint")
    folder.put(S, "E3", "0.31 tce/t", FILE)
    folder.put(S, "E4", "1,310gce/kg", FILE)
    folder.put(S, "E5", "12 头牛", FILE)
    found = {f.place.cell: f for f in folder.load().findings}
    assert [found[c].code for c in ("E3", "E4", "E5")] == ["survey-unit-in-cell"] * 2 + ["survey-not-a-number"]
    assert "按 kgce/t 是 310。" in found["E3"].remedy
    assert "按 kgce/t 是 1310。" in found["E4"].remedy
    assert "本列的单位 kgce/t" in found["E5"].message


@pytest.mark.parametrize(("factor", "rows"), [(1000, (3, 5)), (0.001, (3, 5)), (0.001, (3, 5, 6, 7, 8, 9, 10))])
def test_two_units_in_a_column_are_doubted_at_the_first_odd_cell(folder, factor, rows):
    def fill(book):
        for row in rows:
            book[S].cell(row, 5, book[S].cell(row, 5).value * factor)

    folder.edit(fill, FILE)
    folder.put("二级指标", "P2", None)  # no upper limit
    found = folder.one()
    first = rows[0] if len(rows) < 5 else 2
    assert (found.code, found.severity.value, found.place.cell) == ("survey-two-units", "warning", f"E{first}")
    assert "1,000 倍" in found.message


def test_a_wide_range_without_a_gap_is_one_unit(folder):
    def fill(book):
        for row in range(2, 12):
            book[S].cell(row, 5, 10.0 ** (row / 2))

    folder.edit(fill, FILE)
    folder.put("二级指标", "P2", None)
    assert folder.findings() == []


def test_headings_over_two_rows(folder):
    """企业 spans both rows, 分组 stands over an empty cell, a group's title over two indicators."""

    def two_rows(book):
        sheet = book[S]
        sheet.insert_rows(1)
        for column in (1, 2):
            sheet.cell(1, column, sheet.cell(2, column).value)
            sheet.cell(2, column, None)
        sheet["E1"] = "能源与水"
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("E1:F1")

    folder.edit(two_rows, FILE)
    project = folder.load()
    assert project.findings == ()
    assert project.inputs.survey.enterprises[:2] == ("企业01", "企业02")
    assert project.inputs.survey.strata == ("大型",) * 10
    assert str(project.provenance.find("survey", "N1", "0")) == f"{FILE}·{S}·E3"


def test_fractions_among_percentages_are_found_in_parquet_too(folder):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    import openpyxl

    rows = list(openpyxl.load_workbook(folder.path / FILE)[S].iter_rows(values_only=True))
    columns = dict(zip(rows[0], map(list, zip(*rows[1:], strict=True)), strict=True))
    columns["N2"] = [0.95 if n == 4 else 90.0 + n for n in range(10)]
    (folder.path / FILE).unlink()
    pq.write_table(pa.table(columns), folder.path / "调研数据.parquet")
    assert [(f[0], f[2]) for f in folder.findings()] == [("survey-percent-mixed", "F6")]
