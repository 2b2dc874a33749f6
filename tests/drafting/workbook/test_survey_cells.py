"""Cells of a survey that say more, or something else, than a number: dates by format, units in text, no heading."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from drafting.model.survey import State
from drafting.pipeline.running import run_project
from drafting.workbook.number_formats import shows_date
from tests.drafting.survey_projects import stored_run, write_csv, write_project, write_xlsx

S = "调研数据"


def project(folder, **indicator):
    return write_project(folder, [{"代码": "E1", "单位": "kgce/m2", **indicator}])


def read(folder):
    found = run_project(folder, until="baselines")
    survey = found.project.inputs.survey
    column = next(c for c in survey.reading.columns if c.code == "E1")
    return found, survey.columns["E1"], column


def at(findings, code):
    return [f for f in findings if f.code == code]


# --- numbers that their format shows otherwise ------------------------------------------------------------------------
ACCOUNTS = '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '


def test_what_a_number_format_shows_in_place_of_a_number_is_said(tmp_path):
    """A zero that accounting formats show as “-” was the best value of all; 0"."00 showed 12 as 0.12."""
    shown = {2: (0, ACCOUNTS, "显示为“-”"), 3: (0, "0.0;;", "显示为空白"), 4: (9, ";;;", "显示为空白"),
             5: (12, '0"."00', "写着“.”"), 6: (9, '"-"0.0', "写着“-”"), 7: (9, "-0.0", "写着“-”"),
             8: (9, '0" × 10³"', "写着“× 10³”")}  # fmt: skip
    plain = {9: (9, ACCOUNTS), 10: (9, "0.0_);(0.0)"), 11: (-9, "0.0;-0.0"), 12: (9, "# ?/?"), 13: (0, "0.0_ ")}
    folder = project(tmp_path / "p")
    rows = [[f"厂{n}", shown.get(n, plain.get(n, (n,)))[0]] for n in range(2, 25)]
    formats = {f"B{n}": of[1] for n, of in (*shown.items(), *plain.items())}
    write_xlsx(folder, [["企业", "E1"], *rows], formats)
    found, values, _ = read(folder)
    said = {f.place.cell: f.message for f in at(found.findings, "survey-not-a-number")}
    assert said.keys() == {f"B{n}" for n in shown}
    assert all(words in said[f"B{n}"] for n, (_, _, words) in shown.items())
    assert [values.values[n - 2] for n in plain] == [number for number, _ in plain.values()]


# --- numbers in cells formatted as dates ------------------------------------------------------------------------------
@pytest.mark.parametrize("epoch", [CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904])
@pytest.mark.parametrize(
    ("number", "form", "said"),
    [
        (12.5, "yyyy-mm-dd", "12.5"),
        (59, "yyyy-mm-dd", "59"),
        (60, 'yyyy"年"m"月"d"日"', "60"),  # Excel's 29 February 1900, a day that there never was
        (61, "m/d/yy", "61"),
        (-3, "yyyy-mm-dd", "-3"),
        (0.27, "h:mm", "0.27"),
        (36.75, "[h]:mm", "36.75"),
        (312.512345678, "yyyy/m/d h:mm", "312.512345678"),
        (45000, "yyyy-mm-dd", "45000"),
    ],
)
def test_the_number_behind_a_date_format_is_said(tmp_path, epoch, number, form, said):
    folder = project(tmp_path / "p")
    book = openpyxl.Workbook()
    book.epoch = epoch
    book.active.title = S
    for line in [["企业", "E1"], *([f"厂{n}", n] for n in range(1, 21)), ["厂21", number]]:
        book.active.append(line)
    book.active["B22"].number_format = form
    book.save(folder / "调研数据.xlsx")
    found, values, column = read(folder)
    (finding,) = (f for f in found.findings if f.place.cell == "B22")
    assert (finding.code, finding.severity.value) == ("survey-date-format", "error")
    assert f"的数是 {said}" in finding.message
    assert f"就是 {said} 的" in finding.remedy
    assert "常规" in finding.remedy
    assert values.states[20] == State.MISSING
    assert column.unreadable == 1


@pytest.mark.parametrize(
    ("number", "date"), [(12.5, "1900-01-12 12:00:00"), (61, "1900-03-01"), (60, None), (-3, None)]
)
def test_the_date_that_excel_shows_stands_beside_the_number(tmp_path, number, date):
    """Excel counts 1900-01-01 as 1 and has a day 60 that is none; it shows no date for negative numbers."""
    folder = project(tmp_path / "p")
    rows = [*([f"厂{n}", n] for n in range(1, 21)), ["厂21", number]]
    write_xlsx(folder, [["企业", "E1"], *rows], {"B22": "yyyy-mm-dd"})
    (finding,) = at(read(folder)[0].findings, "survey-date-format")
    assert ("（即" in finding.message) is bool(date)
    assert date is None or f"（即 {date}）" in finding.message


def test_a_date_that_a_file_states_is_a_date(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    folder = project(tmp_path / "csv")
    write_csv(folder, [["企业", "E1"], *([f"厂{n}", n] for n in range(1, 21)), ["厂21", "1900-01-12"]])
    assert [f.place.cell for f in at(read(folder)[0].findings, "survey-not-a-number")] == ["B22"]
    folder = project(tmp_path / "parquet")
    days = [datetime(1900, 1, n) for n in range(1, 21)]
    pq.write_table(pa.table({"企业": [f"厂{n}" for n in range(20)], "E1": days}), folder / "调研数据.parquet")
    found = at(read(folder)[0].findings, "survey-not-a-number")
    assert len(found) == 20
    assert "日期" in found[0].message


def test_formats_that_show_dates():
    dates = ["yyyy-mm-dd", "m/d/yy", 'yyyy"年"m"月"', "h:mm AM/PM", "[h]:mm", "[mm]:ss", "[$-804]yyyy/m/d", "[红色]d"]
    assert [code for code in dates if not shows_date(code)] == []
    numbers = ["General", "0.00", "#,##0", '0.0"d"', "0.0\\m", "[Red]0.00", "[$¥-804]#,##0.00", "0.0%", "0.00E+00", "@"]
    assert [code for code in numbers if shows_date(code)] == []


# --- numbers with their unit ------------------------------------------------------------------------------------------
OWN = [
    ("6.27 kgce/m²", 6.27, State.VALUE),
    ("6.27kgce/m2", 6.27, State.VALUE),
    ("１，２３４．５　ｋｇｃｅ／㎡", 1234.5, State.VALUE),
    ("1,234.5 kgce / m²", 1234.5, State.VALUE),
    ("6.27e1 kgce/m²", 62.7, State.VALUE),
    (".5kgce/m²", 0.5, State.VALUE),
    ("<0.5 kgce/m²", 0.5, State.NON_DETECT),
]


def both(folder, route):
    """Findings and the reading of column E1, one way or the other."""
    if route == "memory":
        found, _, column = read(folder)
        return found.findings, column
    pytest.importorskip("pyarrow")
    pytest.importorskip("duckdb")

    found = stored_run(folder)
    return found.findings, next(c for c in found.project.inputs.survey.reading.columns if c.code == "E1")


@pytest.mark.parametrize(("typed", "value", "state"), OWN)
@pytest.mark.parametrize("stated", [True, False])
def test_a_number_with_the_unit_of_its_column_is_read(tmp_path, typed, value, state, stated):
    pytest.importorskip("pint")
    folder = project(tmp_path / "p", 单位="kgce/m2" if not stated else "tce/m2")
    units = [["单位", "kgce/m²"]] if stated else []
    write_csv(folder, [["企业", "E1"], *units, ["厂0", typed], *([f"厂{n}", n] for n in range(1, 21))])
    found, column, reading = read(folder)
    assert column.states[0] == state
    np.testing.assert_allclose(column.values[0], value / 1000 if stated else value, rtol=1e-15)
    assert reading.with_unit == 1
    assert [f for f in found.findings if f.place.file == "调研数据.csv" and f.severity.value == "error"] == []


OTHER = [
    ("6.27 tce/m²", "survey-unit-in-cell", "kgce/m2"),
    ("6.27 kgce/t", "survey-not-a-number", "kgce/m2"),
    ("6.27 头牛", "survey-not-a-number", "kgce/m2"),
    ("3~4 kgce/m²", "survey-not-a-number", ""),
    ("约 6 kgce/m²", "survey-not-a-number", ""),
]


@pytest.mark.parametrize("route", ["memory", "duckdb"])
def test_another_unit_stays_refused_and_its_own_is_counted(tmp_path, route):
    pytest.importorskip("pint")
    folder = project(tmp_path / "p")
    cells = [*(typed for typed, *_ in OTHER), *(typed for typed, *_ in OWN), *range(1, 21)]
    write_csv(folder, [["企业", "E1", "原始:电"], *([f"厂{n}", cell, "7 kWh"] for n, cell in enumerate(cells))])
    findings, reading = both(folder, route)
    for row, (typed, code, wanted) in enumerate(OTHER, 2):
        (finding,) = (f for f in findings if f.place.cell == f"B{row}")
        assert finding.code == code, typed
        assert wanted in finding.message
    assert reading.unreadable == len(OTHER)
    assert reading.with_unit == len(OWN)
    assert (reading.values, reading.non_detect) == (20 + len(OWN) - 1, 1)
    # 原始:电 states no unit, and a raw total has none of its own: nothing says that kWh is right.
    assert {f.place.cell for f in findings if f.code == "survey-not-a-number"} >= {"C2", "C21"}


@pytest.mark.parametrize("route", ["memory", "duckdb"])
def test_raw_totals_carry_the_unit_that_their_column_states(tmp_path, route):
    folder = project(tmp_path / "p", 单位="kgce/t", 计算公式="能耗/产量")
    head = [["企业", "原始:能耗", "原始:产量"], ["单位", "kgce", "t"]]
    write_csv(folder, [*head, *([f"厂{n}", f"{n * 10} kgce", "10 t" if n % 2 else "10"] for n in range(1, 21))])
    if route == "memory":
        found = run_project(folder, until="baselines")
        reading = found.project.inputs.survey.reading
        np.testing.assert_allclose(found.project.inputs.survey.columns["E1"].values, range(1, 21))
    else:
        pytest.importorskip("duckdb")
        reading = stored_run(folder).project.inputs.survey.reading
    counts = {c.heading: c.with_unit for c in reading.columns if c.heading}
    assert counts == {"企业": 0, "原始:能耗": 20, "原始:产量": 10}


@pytest.mark.parametrize("route", ["memory", "duckdb"])
def test_a_total_is_a_number_in_its_unit_or_said(tmp_path, route):
    """50% of no matter what was 0.5 tce; a total below its detection limit vanished without a word."""
    folder = project(tmp_path / "p", 单位="kgce/t", 计算公式="能耗/产量")
    head = [["企业", "原始:能耗", "原始:产量"], ["单位", "kgce", "t"], ["甲", "50%", "10"], ["乙", "<5", "10"]]
    write_csv(folder, [*head, *([f"厂{n}", f"{n * 10}", "10"] for n in range(1, 21))])
    findings, _ = both(folder, route)
    assert {f.place.cell for f in findings if f.code == "survey-not-a-number"} == {"B3", "B4"}


def test_a_column_of_another_substance_is_not_the_indicators(tmp_path):
    """gCO2/m2 over the column of an indicator that speaks of no carbon was read as g/m2."""
    folder = project(tmp_path / "p", 单位="g/m2", 二级指标="单位产品颗粒物产生量")
    write_csv(folder, [["企业", "E1"], ["单位", "gCO2/m2"], *([f"厂{n}", n] for n in range(1, 21))])
    loaded = run_project(folder, until="baselines").project
    assert [(f.code, f.place.cell) for f in loaded.findings if f.code == "survey-substance"] == [
        ("survey-substance", "B2")
    ]
    assert "E1" not in loaded.inputs.survey.columns


def test_percentages_stay_percentages(tmp_path):
    """95% in a column of % is a percentage, not 95 with a unit; a unit that only begins with % is none of its own."""
    folder = project(tmp_path / "p", 单位="%（质量分数）", 方向="越大越好")
    odd = [["厂0", "95%"], ["厂1", "95%（质量分数）"]]
    write_csv(folder, [["企业", "E1"], *odd, *([f"厂{n}", n] for n in range(50, 70))])
    found, column, reading = read(folder)
    assert column.values[0] == 95
    assert reading.with_unit == 0
    assert [f.place.cell for f in at(found.findings, "survey-not-a-number")] == ["B3"]


def test_a_large_column_with_units_is_read_at_once(monkeypatch):
    pa = pytest.importorskip("pyarrow")
    from drafting.findings import Cell
    from drafting.workbook.report import Report
    from drafting.workbook.survey.percentages import Percentages
    from drafting.workbook.survey.table import SurveyTable
    from drafting.workbook.survey.texts import Texts
    from drafting.workbook.survey.values import ColumnRule, _ColumnReader, read_column

    def slowly(*_):
        raise AssertionError("cell by cell")

    monkeypatch.setattr(_ColumnReader, "read", slowly)
    numbers = np.arange(1, 1001) / 8
    cells = Texts(pa.array([f"{n} kgce/m{'²' if n % 1 else '2'}" for n in numbers]))
    table = SurveyTable(Cell("x.csv"), 1, {1: "E1"}, {1: "kgce/m²"}, 2, range(3, 1003), {1: cells})
    found = read_column(table, 1, ColumnRule("E1", "kgce/m2"), Report(), Percentages())
    np.testing.assert_array_equal(found.values, numbers)
    assert found.with_unit == 1000


# --- columns without a heading ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("route", ["memory", "duckdb"])
@pytest.mark.parametrize("unit_row", [True, False])
def test_a_column_without_a_heading_is_reported_with_all_its_values(tmp_path, route, unit_row):
    folder = project(tmp_path / "p")
    units = [["单位", "", "kgce/m2", "t"]] if unit_row else []
    lines = [[f"厂{n}", n if n % 2 else " ", n, ""] for n in range(1, 101)]
    write_csv(folder, [["企业", "", "E1", " "], *units, *lines])
    findings, _ = both(folder, route)
    (found,) = at(findings, "survey-column-unheaded")
    assert (found.place.cell, found.severity.value) == ("B1", "warning")
    assert "50 个值" in found.message


@pytest.mark.parametrize("route", ["memory", "duckdb"])
def test_lines_of_blanks_are_no_rows(tmp_path, route):
    folder = project(tmp_path / "p")
    blank = [[" ", ""], ["\u200b", " "], ["", "\u3000"]]
    write_csv(folder, [["企业", "E1"], *blank, *([f"厂{n}", n] for n in range(1, 21))])
    findings, reading = both(folder, route)
    assert at(findings, "survey-no-enterprise") == []
    assert reading.values == 20


@pytest.mark.parametrize(
    ("route", "direction", "others", "said"),
    [
        ("memory", "越小越好", range(10, 30), ["B5"]),
        ("duckdb", "越小越好", range(10, 30), ["B5"]),
        ("memory", "越大越好", range(10, 30), []),  # the worst of all
        ("memory", "越小越好", [0.1 * n for n in range(1, 21)], ["B5"]),
        ("memory", "越小越好", [0.01 * 2**n for n in range(20)], []),  # others come near it
    ],
)
def test_a_nought_far_from_all_other_values_is_said(tmp_path, route, direction, others, said):
    """Typed for what is not known, it was the best value and set grade I."""
    folder = project(tmp_path / "p", 方向=direction)
    values = [*others]
    write_csv(folder, [["企业", "E1"], *([f"厂{n}", v] for n, v in enumerate([*values[:3], 0, *values[3:], 0]))])
    findings, reading = both(folder, route)
    assert [f.place.cell for f in at(findings, "survey-zero")] == said
    assert reading.values == 22


@pytest.mark.parametrize("route", ["memory", "duckdb"])
def test_what_cannot_be_read_is_no_evidence_against_fractions(tmp_path, route):
    folder = project(tmp_path / "p", 单位="%", 方向="越大越好")
    shares = [f"{0.5 + n / 100:.2f}" for n in range(20)]
    write_csv(folder, [["企业", "E1"], *([f"厂{n}", cell] for n, cell in enumerate([*shares, "abc"]))])
    findings, _ = both(folder, route)
    assert [f.place.cell for f in at(findings, "survey-percent-fractions")] == ["B1"]


@pytest.mark.parametrize("route", ["memory", "duckdb"])
@pytest.mark.parametrize("name", ["单位", "计量单位", ""])
def test_units_under_the_headings_are_read_where_their_row_is_not_named(tmp_path, route, name):
    folder = project(tmp_path / "p")
    lines = [[f"厂{n}", n / 1000] for n in range(1, 21)]
    write_csv(folder, [["企业", "E1"], [name, "tce/m2"], *lines])
    findings, reading = both(folder, route)
    assert at(findings, "survey-no-enterprise") == at(findings, "survey-not-a-number") == []
    assert (reading.values, reading.factor) == (20, "1000")


@pytest.mark.parametrize("route", ["memory", "duckdb"])
def test_a_row_without_a_name_that_holds_more_than_units_stays_a_row(tmp_path, route):
    folder = project(tmp_path / "p")
    write_csv(folder, [["企业", "E1"], ["", "12"], *([f"厂{n}", n] for n in range(1, 21))])
    findings, _ = both(folder, route)
    assert [f.place.cell for f in at(findings, "survey-no-enterprise")] == ["A2"]
