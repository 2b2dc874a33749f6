"""What surveys bring: bad input found at its cell, numbers in every spelling, duplicates, outliers, formulas."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pandas as pd
import pytest

from drafting.findings import Severity
from drafting.model.terms import GRADES
from drafting.pipeline.running import run_project
from tests.drafting.survey_projects import survey_rows, write_csv, write_project, write_xlsx


def baselines_of(folder, *, code="E1"):
    run = run_project(folder, until="baselines")
    baselines = run.results.baselines
    return run, baselines.of(code) if baselines else None


def codes(run, severity=None):
    return [f.code for f in run.findings if severity is None or f.severity is severity]


def one(tmp_path, values, *, settings=None, formats=None, heading="E1", **indicator):
    folder = write_project(tmp_path / "项目", [{"代码": "E1", **indicator}], settings=settings)
    write_xlsx(folder, survey_rows(values, heading), formats)
    return folder


def values_of(found):
    return [str(found.by_grade[g].value) for g in GRADES]


def at(run, code):
    return next(f.place.cell for f in run.findings if f.code == code)


# --- worked numbers ---------------------------------------------------------------------------------------------------
def test_k03_the_latest_year_of_each_enterprise(tmp_path, cases):
    """baselines.json K03: not the rows, the enterprises."""
    import json

    case = next(c for c in json.loads((cases / "baselines.json").read_text("utf-8")) if c["id"] == "K03")
    folder = write_project(tmp_path / "p", [{"代码": "E1", "小数位": 0}], settings={"重复企业": "取最新"})
    write_xlsx(folder, [["企业", "年份", "E1"], *([n, int(y), v] for n, y, v in case["data"])])
    run, found = baselines_of(folder)
    assert values_of(found) == list(case["expected"]["latest_year_per_enterprise"].values())
    assert found.n == 5
    reading = run.project.inputs.survey.reading
    assert (reading.rows, reading.enterprises, reading.repeated) == (6, 5, 1)
    assert "survey-latest-taken" in codes(run)


def test_k03_without_a_rule_repeated_enterprises_are_an_error_at_the_cell(tmp_path):
    folder = write_project(tmp_path / "p", [{"代码": "E1"}])
    write_xlsx(folder, [["企业", "年份", "E1"], ["甲", 2021, 50], ["甲", 2022, 48], ["乙", 2022, 52]])
    run, _ = baselines_of(folder)
    assert at(run, "survey-enterprise-twice") == "A3"


def test_k05_outliers_are_flagged_and_shown_with_and_without(tmp_path, cases):
    """baselines.json K05, turned to the good side: larger is better."""
    import json

    case = next(c for c in json.loads((cases / "baselines.json").read_text("utf-8")) if c["id"] == "K05")
    folder = one(tmp_path, case["data"], 方向="越大越好", 小数位=2)
    run, found = baselines_of(folder)
    assert [f.value for f in found.details.doubtful.flags] == case["expected_flagged"]
    compared = found.details.doubtful.with_and_without
    assert (compared.with_them["I"], compared.without["I"]) == (9.8, 0.6)
    flagged = next(f for f in run.findings if f.code == "outliers-good-side")
    assert flagged.place.cell == "B14"
    assert str(found.by_grade[GRADES[0]].value) == "9.80"  # flagged, not dropped
    bad_side, same = baselines_of(one(tmp_path / "b", case["data"]))
    assert values_of(same) == list(case["baseline_with"].values())
    assert "outliers-good-side" not in codes(bad_side)
    folder = write_project(tmp_path / "c", [{"代码": "E1"}], exclusions=[("企业13", "E1", "仪表故障")])
    write_xlsx(folder, survey_rows(case["data"]))
    _, without = baselines_of(folder)
    assert values_of(without) == list(case["baseline_without"].values())
    assert without.details.doubtful.excluded_effect.with_them["III"] == float(case["baseline_with"]["III"])


def test_small_samples_say_what_they_need(tmp_path):
    """72, 17 and 6 enterprises for both ends at 95 % (design/baselines.md)."""
    run, found = baselines_of(one(tmp_path, range(1, 9)))
    grades = found.details.sample.grades
    assert [grades[g.value].minimum_n.two_sided for g in GRADES] == [72, 17, 6]
    assert grades["I"].expected_share == pytest.approx(1 / 9)
    assert found.by_grade[GRADES[0]].interval[0] is None
    note = next(f for f in run.findings if f.code == "interval-open")
    assert "Ⅰ级72家" in note.message
    assert "Ⅱ级17家" in note.message
    assert "Ⅲ级6家" not in note.message


def test_the_remark_on_intervals_counts_values_not_rows(tmp_path):
    """Eighty rows, of which one indicator has eight values."""
    folder = write_project(tmp_path / "p", [{"代码": "E1"}, {"代码": "E2", "二级指标": "取水量"}])
    write_xlsx(folder, [["企业", "E1", "E2"], *([f"厂{n}", n, n if n <= 8 else None] for n in range(1, 81))])
    run, _ = baselines_of(folder)
    (note,) = [f for f in run.findings if f.code == "interval-open"]
    assert note.message.startswith("“取水量”等 1 项指标的有效样本只有 8 家")
    assert "Ⅰ级72家、Ⅱ级17家" in note.message


def test_excel_percentile_beside_the_baseline(tmp_path):
    """PERCENTILE.INC of 1…10 at 5 % is 1.45 and at 95 % 9.55 (linear between order statistics)."""
    _, small = baselines_of(one(tmp_path, range(1, 11)))
    assert small.details.sample.grades["I"].excel_percentile == pytest.approx(1.45)
    _, large = baselines_of(one(tmp_path / "l", range(1, 11), 方向="越大越好"))
    assert large.details.sample.grades["I"].excel_percentile == pytest.approx(9.55)


# --- derived indicators -----------------------------------------------------------------------------------------------
def derived(tmp_path, rows, units=None, formula="综合能耗/产量", unit="kgce/t"):
    folder = write_project(tmp_path / "p", [{"代码": "E1", "计算公式": formula, "单位": unit, "小数位": 1}])
    heads = ["企业", "原始:综合能耗", "原始:产量"]
    write_xlsx(folder, [heads, *([units] if units else []), *([f"厂{n}", *r] for n, r in enumerate(rows))])
    return baselines_of(folder)


TOTALS = [(100.0 + n, 1000.0) for n in range(20)]


def test_raw_totals_are_converted_by_their_units(tmp_path):
    """tce over t is a thousand kgce/t."""
    run, found = derived(tmp_path, TOTALS, ["单位", "tce", "t"])
    assert found.by_grade[GRADES[0]].exact == pytest.approx(100.0)
    assert "formula-converted" in codes(run)
    column = next(c for c in run.project.inputs.survey.reading.columns if c.code == "E1")
    assert (column.derived_from, column.factor) == ("综合能耗/产量", "1000")


def test_a_formula_with_its_own_constant_is_not_converted_twice(tmp_path):
    _, found = derived(tmp_path, TOTALS, ["单位", "tce", "t"], "综合能耗*1000/产量")
    assert found.by_grade[GRADES[0]].exact == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("units", "formula", "code"),
    [
        (["单位", "m³", "t"], "综合能耗/产量", "formula-dimension"),
        (["单位", "tce", "t"], "综合能耗*100/产量", "formula-scale"),
        (["单位", "tce", "t"], "综合能耗+产量", "formula-sum"),
        (["单位", "石", "t"], "综合能耗/产量", "formula-unit-unknown"),
    ],
)
def test_units_that_contradict_the_formula_are_errors_at_the_formula(tmp_path, units, formula, code):
    run, found = derived(tmp_path, TOTALS, units, formula)
    assert code in codes(run, Severity.ERROR)
    assert next(f for f in run.findings if f.code == code).place.sheet == "二级指标"
    assert not (found and found.by_grade)


@pytest.mark.parametrize("output", [0, -5])
def test_no_output_makes_the_value_undefined_not_infinite(tmp_path, output):
    run, found = derived(tmp_path, [*TOTALS, (50.0, output)])
    assert at(run, "survey-divisor") == "C22"
    assert found.n == 20
    assert all(math.isfinite(found.by_grade[g].exact) for g in GRADES)


# --- formula baselines ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("row", [0, 1, 2])
def test_m01_formula_baselines_over_the_parameters_of_the_survey(tmp_path, cases, row):
    """baselines.json M01: the first parameter at which the order of the grades breaks."""
    import json

    case = next(c for c in json.loads((cases / "baselines.json").read_text("utf-8")) if c["id"] == "M01")["rows"][row]
    first = next(v for k, v in case.items() if k.startswith("first_n_violating"))
    sign = "≤" if case["direction"] == "smaller" else "≥"
    indicator = {
        "代码": "E1", "方向": "越小越好" if sign == "≤" else "越大越好", "基准值来源": "政策", "来源依据": "标准",
        **{f"{g.chinese}基准值": f"{sign}{case[g.value]}" for g in GRADES}, "上限": 100 if sign == "≥" else None,
    }  # fmt: skip
    for last, broken in ((first - 1, False), (first + 3, True)):
        folder = write_project(tmp_path / str(last), [indicator])
        write_xlsx(folder, [["企业", "参数:n", "E1"], *([f"厂{n}", n, 50] for n in range(1, last + 1))])
        run, _ = baselines_of(folder)
        found = [f for f in run.findings if f.code == "formula-levels-disorder"]
        assert bool(found) is broken
        assert not found or f"n={first} 时" in found[0].message
    if "first_n_above_100" in case:
        folder = write_project(tmp_path / "above", [indicator])
        write_xlsx(folder, [["企业", "参数:n", "E1"], *([f"厂{n}", n, 50] for n in range(1, 12))])
        beyond = [f for f in run_project(folder, until="baselines").findings if f.code == "formula-levels-implausible"]
        assert any(f"n={case['first_n_above_100']} 时" in f.message for f in beyond)


# --- numbers in every spelling ----------------------------------------------------------------------------------------
def test_text_numbers_percent_formats_and_missing_codes(tmp_path):
    values = ["１，２３４．５", "1,200", 1100, "—", "N/A", None, "不适用", "<1000", "1300", 1250.25]
    run, found = baselines_of(one(tmp_path, values))
    assert (found.n, found.missing, found.not_applicable, found.non_detect) == (6, 3, 1, 1)
    column = next(c for c in run.project.inputs.survey.reading.columns if c.code == "E1")
    assert (column.values, column.missing, column.non_detect, column.from_text) == (5, 3, 1, 3)
    folder = one(
        tmp_path / "percent", [0.95, 0.9, 95.5, "96%"], 单位="%", 方向="越大越好", formats={"B2": "0%", "B3": "0.0%"}
    )
    run, found = baselines_of(folder)
    survey = run.project.inputs.survey
    assert survey.columns["E1"].values.tolist() == [95.0, 90.0, 95.5, 96.0]
    column = next(c for c in survey.reading.columns if c.code == "E1")
    assert column.from_percent == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_encodings(tmp_path, encoding):
    folder = write_project(tmp_path / "p", [{"代码": "E1", "二级指标": "单位产品综合能耗"}])
    write_csv(folder, [["企业", "单位产品综合能耗"], *([f"企业{n}㎡", f"{n}.5"] for n in range(20))], encoding)
    _, found = baselines_of(folder)
    assert values_of(found)[0] == "0.50"
    assert found.n == 20


def test_units_of_a_column_are_converted(tmp_path):
    folder = write_project(tmp_path / "p", [{"代码": "E1", "单位": "kgce/t"}])
    write_xlsx(folder, [["企业", "E1"], ["单位", "tce/t"], *([f"厂{n}", 0.1 + n / 100] for n in range(20))])
    run, found = baselines_of(folder)
    assert found.by_grade[GRADES[0]].exact == pytest.approx(100.0)
    column = next(c for c in run.project.inputs.survey.reading.columns if c.code == "E1")
    assert (column.stated_unit, column.unit, column.factor) == ("tce/t", "kgce/t", "1000")


# --- bad input --------------------------------------------------------------------------------------------------------
def test_a_column_without_any_value_is_one_finding(tmp_path):
    run, found = baselines_of(one(tmp_path, [None] * 20))
    errors = codes(run, Severity.ERROR)
    assert errors == ["survey-column-empty"]
    assert not (found and found.by_grade)


def test_equal_values_cannot_tell_grades_apart(tmp_path):
    run, found = baselines_of(one(tmp_path, [5] * 25))
    assert codes(run).count("levels-alike") == 2
    assert values_of(found) == ["5.00"] * 3


def test_two_units_in_one_column_are_found_at_their_cells(tmp_path):
    run, _ = baselines_of(one(tmp_path, [*range(1, 20), "3 tce/t", "5kg"]))
    errors = [f for f in run.findings if f.severity is Severity.ERROR and f.place.sheet == "调研数据"]
    cells = {f.place.cell: f.code for f in errors}
    assert cells == {"B21": "survey-unit-in-cell", "B22": "survey-not-a-number"}
    folder = write_project(tmp_path / "q", [{"代码": "E1", "单位": "kgce/t"}])
    write_xlsx(folder, [["企业", "E1"], ["单位", "m³/t"], *([f"厂{n}", n] for n in range(1, 20))])
    run, _ = baselines_of(folder)
    assert at(run, "survey-unit") == "B2"


def test_huge_numbers_are_found(tmp_path):
    run, found = baselines_of(one(tmp_path, [*range(1, 21), 1e308]))
    assert at(run, "survey-not-a-number") == "B22"
    assert found.n == 20


def test_nan_and_infinity_in_typed_files(tmp_path):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    folder = write_project(tmp_path / "p", [{"代码": "E1"}])
    values = np.array([*range(1, 21), np.nan, np.inf, 1e308])
    pq.write_table(pa.table({"企业": [f"厂{n}" for n in range(23)], "E1": values}), folder / "调研数据.parquet")
    run, found = baselines_of(folder)
    assert found.n == 20
    assert found.missing == 3
    cells = [f.place.cell for f in run.findings if f.code == "survey-not-a-number"]
    assert cells == ["B23", "B24"]  # NaN is missing; the others are no numbers to go on with


def test_negative_where_impossible(tmp_path):
    run, found = baselines_of(one(tmp_path, [*range(1, 21), -3], 下限=0))
    assert at(run, "survey-outside-limits") == "B22"
    assert next(f.reason for f in found.details.doubtful.flags) == "below-physical-limit"
    assert codes(run).count("value-beyond-physical-limit") == 0  # said once, at the cell


def test_fractions_among_percentages(tmp_path):
    run, _ = baselines_of(one(tmp_path, [*([95] * 12), 0.95, 0.93], 单位="%", 方向="越大越好"))
    assert at(run, "survey-percent-mixed") in ("B14", "B15")


def test_mostly_non_detects(tmp_path):
    run, found = baselines_of(one(tmp_path, [*["<0.01"] * 12, *(0.02 + n / 100 for n in range(8))]))
    assert "non-detects-many" in codes(run)
    assert codes(run).count("baseline-censored") == 3
    assert values_of(found) == ["0.01"] * 3
    assert found.non_detect == 12
    run, found = baselines_of(one(tmp_path / "l", [*["<0.01"] * 12, *range(1, 9)], 方向="越大越好"))
    assert "baseline-undetected" in codes(run, Severity.ERROR)  # grade III falls on a non-detect
    assert not (found and found.by_grade)


def test_an_unknown_stratum_in_the_merging_rule(tmp_path):
    settings = {"分组基准": "是", "分组合并": "小形=中型"}
    folder = write_project(tmp_path / "p", [{"代码": "E1"}], settings=settings)
    rows = [[f"厂{n}", "小型" if n % 2 else "中型", n + 1] for n in range(40)]
    write_xlsx(folder, [["企业", "分组", "E1"], *rows])
    run, _ = baselines_of(folder)
    wrong = next(f for f in run.findings if f.code == "merge-stratum-unknown")
    assert wrong.place.sheet == "方法设置"
    assert "小型" in wrong.message
    assert "小形" in wrong.message


@pytest.mark.parametrize(
    ("by_stratum", "rule", "code", "says"),
    [
        ("否", "小型=中型", "merge-unused", "小型=中型"),
        ("是", "小型→中型", "merge-unreadable", "小型→中型"),
        ("是", "小型=中型；中型=大型", "merge-chain", "“小型”并入“中型”"),
    ],
)
def test_merging_rules_without_effect(tmp_path, by_stratum, rule, code, says):
    folder = write_project(tmp_path / "p", [{"代码": "E1"}], settings={"分组基准": by_stratum, "分组合并": rule})
    rows = [[f"厂{n}", "小型" if n % 2 else "中型", n + 1] for n in range(40)]
    write_xlsx(folder, [["企业", "分组", "E1"], *rows])
    run, _ = baselines_of(folder)
    wrong = next(f for f in run.findings if f.code.startswith("merge-"))
    assert (wrong.code, wrong.place.sheet) == (code, "方法设置")
    assert says in wrong.message


def test_strata_are_merged_by_the_declared_rule_only(tmp_path):
    rows = [[f"厂{n}", "小型" if n % 2 else "中型", n + 1] for n in range(40)]
    for rule, expected in (("", ["中型", "小型"]), ("小型=中型", ["中型"])):
        folder = write_project(tmp_path / f"p{rule}", [{"代码": "E1"}], settings={"分组基准": "是", "分组合并": rule})
        write_xlsx(folder, [["企业", "分组", "E1"], *rows])
        baselines = run_project(folder, until="baselines").results.baselines
        assert [s.stratum for s in baselines.strata] == expected
    folder = write_project(tmp_path / "none", [{"代码": "E1"}], settings={"分组基准": "是"})
    write_xlsx(folder, survey_rows(range(1, 30)))
    assert "strata-missing" in codes(run_project(folder, until="baselines"))


@pytest.mark.parametrize(
    ("word", "rule", "code"),
    [("大 型", "", "strata-alike"), ("大型 ", "", ""), ("大 型", "大 型=大型", ""), ("〃", "", "stratum-ditto")],
)
@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_one_group_is_not_two_without_a_word(tmp_path, word, rule, code, suffix):
    """大 型 beside 大型 gave two tables of twenty enterprises each; 〃 was a group of its own."""
    folder = write_project(tmp_path / "p", [{"代码": "E1"}], settings={"分组基准": "是", "分组合并": rule})
    rows = [["企业", "分组", "E1"], *[[f"厂{n}", word if n % 2 else "大型", n + 1] for n in range(40)]]
    if suffix == ".xlsx":
        write_xlsx(folder, rows)
    else:
        pytest.importorskip("pyarrow")
        pd.DataFrame(rows[1:], columns=rows[0]).to_parquet(folder / "调研数据.parquet")
    found = {f.code for f in run_project(folder, until="baselines").findings}
    assert found & {"strata-alike", "stratum-ditto"} == ({code} - {""})


@pytest.mark.parametrize("weight", [0, -1, "很多", None])
def test_sampling_weights_that_are_none(tmp_path, weight):
    folder = write_project(tmp_path / "p", [{"代码": "E1"}])
    rows = [[f"厂{n}", 2, n + 1] for n in range(20)]
    rows[7][1] = weight
    write_xlsx(folder, [["企业", "权数", "E1"], *rows])
    run, _ = baselines_of(folder)
    assert at(run, "survey-weight") == "B9"


def test_sampling_weights_change_the_share(tmp_path):
    """The best enterprise stands for half the country: it alone makes up every share."""
    folder = write_project(tmp_path / "p", [{"代码": "E1", "小数位": 0}])
    write_xlsx(folder, [["企业", "权数", "E1"], ["厂", 19, 1], *([f"厂{n}", 1, n + 2] for n in range(19))])
    _, found = baselines_of(folder)
    assert values_of(found) == ["1", "1", "1"]
    assert found.by_grade[GRADES[0]].share == 0.5
    assert found.details.sample.weighted is True
    assert found.details.sample.grades["I"].interval_exact is False


def test_dates_in_number_cells(tmp_path):
    run, found = baselines_of(one(tmp_path, [*range(1, 21), datetime.date(2024, 5, 1)]))
    wrong = next(f for f in run.findings if f.code == "survey-date-format")
    assert wrong.place.cell == "B22"
    assert "45413（即 2024-05-01）" in wrong.message  # Excel counts days from 1899-12-30
    assert found.n == 20


def test_merged_header_cells(tmp_path):
    import openpyxl

    folder = write_project(tmp_path / "p", [{"代码": "E1"}, {"代码": "E2"}])
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "调研数据"
    sheet["A1"], sheet["B1"] = "2024年能源消耗调查", "能源"
    sheet.merge_cells("B1:C1")
    for column, heading in enumerate(("企业", "E1", "E2"), 1):
        sheet.cell(2, column, heading)
        sheet.merge_cells(start_row=2, end_row=3, start_column=column, end_column=column)
    for n in range(20):
        for column, value in enumerate((f"厂{n}", n + 1, n + 2), 1):
            sheet.cell(4 + n, column, value)
    book.save(folder / "调研数据.xlsx")
    run, found = baselines_of(folder)
    assert found.n == 20
    assert run.results.baselines.of("E2").n == 20


def test_ragged_lines_are_left_out_and_said(tmp_path):
    folder = write_project(tmp_path / "p", [{"代码": "E1"}])
    lines = ["企业,E1", *(f"厂{n},{n}" for n in range(1, 21)), "厂21", "厂22,5,6"]
    (folder / "调研数据.csv").write_text("\n".join(lines), "utf-8")
    run, found = baselines_of(folder)
    assert found.n == 20
    assert [f.place.cell for f in run.findings if f.code == "csv-ragged"] == ["A22", "A23"]


@pytest.mark.slow
def test_two_hundred_thousand_empty_formatted_rows(tmp_path):
    import time

    import openpyxl
    from openpyxl.styles import PatternFill

    folder = write_project(tmp_path / "p", [{"代码": "E1"}])
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("调研数据")
    fill = PatternFill("solid", start_color="FFFF00")
    for row in survey_rows(range(1, 21)):
        sheet.append(row)
    for _ in range(200_000):
        cell = openpyxl.cell.WriteOnlyCell(sheet, value=None)
        cell.fill = fill
        sheet.append([cell, cell])
    book.save(folder / "调研数据.xlsx")
    begun = time.perf_counter()
    _, found = baselines_of(folder)
    assert found.n == 20
    assert time.perf_counter() - begun < 30
