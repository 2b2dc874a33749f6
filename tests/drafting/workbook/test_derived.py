"""Formulas over raw totals and unit rows, from the files to the published baselines."""

from __future__ import annotations

import pytest

from drafting.pipeline.running import run_project
from tests.drafting.survey_projects import write_csv, write_project

pytest.importorskip("pint")


def published(run, code="E1"):
    baselines = next(one for one in run.results.baselines.indicators if one.code == code)
    return [(str(level.value), level.exact) for level in baselines.by_grade.values()]


def test_per_mille_and_per_cent_give_the_same_baseline(tmp_path):
    """Every third of the numbers 0.88, 1.88, … is noise when divided by ten in floats; the baseline is outward."""
    found = []
    for unit, times in (("%", 1), ("‰", 10)):
        folder = write_project(tmp_path / str(times), [{"代码": "E1", "单位": "%", "方向": "越大越好", "小数位": 2}])
        values = [f"{hundredths * times / 100:.2f}" for hundredths in range(88, 4088, 100)]
        write_csv(folder, [["企业", "E1"], ["单位", unit], *([f"厂{n}", v] for n, v in enumerate(values))])
        found.append(published(run_project(folder, until="baselines")))
    assert found[0] == found[1]


def formula_project(folder, formula, rows, units=("tce", "m²"), **more):
    path = write_project(folder, [{"代码": "E1", "单位": "kgce/m²", "计算公式": formula, "小数位": 3, **more}])
    lines = [["企业", "原始:综合能耗", "原始:产量"], *([["单位", *units]] if units else [])]
    write_csv(path, lines + [[f"厂{n}", *row] for n, row in enumerate(rows)])
    return path


def test_a_derived_baseline_is_that_of_the_values_read_directly(tmp_path):
    thousandths = range(4105, 4155)
    rows = [(f"{v / 1000:.3f}", "1000") for v in thousandths]
    derived = run_project(formula_project(tmp_path / "a", "综合能耗/产量", rows), until="baselines")
    direct = write_project(tmp_path / "b", [{"代码": "E1", "单位": "kgce/m²", "小数位": 3}])
    write_csv(direct, [["企业", "E1"], *([f"厂{n}", f"{v / 1000:.3f}"] for n, v in enumerate(thousandths))])
    assert published(derived) == published(run_project(direct, until="baselines"))


@pytest.mark.parametrize("formula", ["综合能耗^1000000000/产量", "综合能耗**9**9**9/产量", "(综合能耗/产量)^387420489"])
def test_a_power_without_end_is_refused_at_its_cell(tmp_path, formula):
    run = run_project(formula_project(tmp_path / "p", formula, [(n + 1, 10) for n in range(30)]), until="baselines")
    found = [f for f in run.findings if f.code == "formula-unreadable"]
    assert [(f.place.sheet, f.place.cell[-1]) for f in found] == [("二级指标", "2")]


def test_an_exponent_with_a_name_has_no_unit(tmp_path):
    rows = [(n + 1, 10) for n in range(30)]
    run = run_project(formula_project(tmp_path / "p", "综合能耗^产量", rows), until="baselines")
    assert "formula-dimension" in {f.code for f in run.findings}


def test_a_computed_value_beyond_its_limit_is_said_once_and_alike_both_ways(tmp_path):
    pytest.importorskip("pyarrow")
    pytest.importorskip("duckdb")
    from tests.drafting.test_large_surveys import assert_same

    rows = [("-5" if n == 0 else str(n), "1000") for n in range(30)]
    folder = formula_project(tmp_path / "p", "综合能耗/产量", rows, 下限="0")
    beyond = [f for f in run_project(folder, until="baselines").findings if "-5" in f.message and "下限" in f.message]
    assert len(beyond) == 1
    assert_same(folder)


# --- terms of a sum in different units --------------------------------------------------------------------------------
def sums(folder, formula, units, rows, unit="kgce/t", **settings):
    """Indicator E1 from 燃料, 电力, 产量."""
    path = write_project(folder, [{"代码": "E1", "单位": unit, "计算公式": formula, "小数位": 3}], settings=settings)
    write_csv(path, [["企业", "原始:燃料", "原始:电力", "原始:产量"], ["单位", *units],
                     *([f"厂{n}", *row] for n, row in enumerate(rows))])  # fmt: skip
    return run_project(path, until="baselines")


def first_value(run):
    return run.project.inputs.survey.columns["E1"].values[0]


ROWS = [(100 + n, 10, 1000) for n in range(20)]
"""100 tce and 10×10⁴ kWh over 1000 t."""


@pytest.mark.parametrize(
    ("formula", "units", "value", "code"),
    [
        # 10×10⁴ kWh are 12.29 tce at 0.1229 kgce/kWh (GB/T 2589): 112.29 tce over 1000 t
        ("(燃料+电力)/产量", ("tce", "万kWh", "t"), 112.29, "formula-term-converted"),
        ("(燃料+电力×1.229)/产量", ("tce", "万kWh", "t"), 112.29, "formula-converted"),
        ("(燃料+电力×1.229)*1000/产量", ("tce", "万kWh", "t"), 112.29, None),
        ("燃料/产量+电力/产量", ("tce", "万kWh", "t"), 112.29, "formula-term-converted"),
        # 100 t of coal at 0.7143 kgce/kg: 71.43 tce
        ("(燃料*0.7143+电力*1.229)/产量", ("t", "万kWh", "t"), 83.72, "formula-coefficients-assumed"),
        ("电力/燃料", ("tce", "万kWh", "t"), 12.29, None),  # a share of energy
        # 100 GJ are 100/29.3076 tce, whatever the coefficient of electricity
        ("(电力+燃料)/产量", ("GJ", "tce", "t"), 10 + 100 / 29.3076, "formula-term-converted"),
    ],
)
def test_terms_in_different_units_are_brought_to_one(tmp_path, formula, units, value, code):
    run = sums(tmp_path, formula, units, ROWS, "%" if formula == "电力/燃料" else "kgce/t")
    assert first_value(run) == pytest.approx(value, rel=1e-12)
    assert code is None or code in {f.code for f in run.findings}
    assert not [f for f in run.findings if f.code.startswith("formula-") and f.severity.value == "error"]


def test_electricity_counts_by_the_declared_coefficient(tmp_path):
    """0.305 kgce/kWh, a 等价值: 10×10⁴ kWh are 30.5 tce, in a sum as in a column of its own."""
    for formula in ("(燃料+电力)/产量", "(燃料+电力*3.05)/产量"):
        run = sums(tmp_path / formula[6:10], formula, ("tce", "万kWh", "t"), ROWS, 电力折标系数=0.305)
        assert first_value(run) == pytest.approx(130.5, rel=1e-12)
    alone = sums(tmp_path / "alone", "电力/产量", ("tce", "万kWh", "t"), ROWS, 电力折标系数=0.305)
    assert first_value(alone) == pytest.approx(30.5, rel=1e-12)


@pytest.mark.parametrize(
    ("formula", "units", "code", "said"),
    [
        ("(燃料+电力*3.05)/产量", ("tce", "万kWh", "t"), "formula-coefficient", "1.229"),
        ("(燃料+电力*12.29)/产量", ("tce", "万kWh", "t"), "formula-coefficient", "1.229"),
        ("(燃料+电力)/产量", ("tce", "m³", "t"), "formula-sum", "tce"),
        ("燃料*1001/产量", ("tce", "万kWh", "t"), "formula-scale", "1000"),
        ("(燃料+5)/产量", ("tce", "万kWh", "t"), "formula-sum", "tce"),
    ],
)
def test_terms_that_do_not_fit_are_refused_with_the_number_that_would(tmp_path, formula, units, code, said):
    run = sums(tmp_path, formula, units, ROWS)
    found = [f for f in run.findings if f.code == code]
    assert [(f.place.sheet, f.severity.value) for f in found] == [("二级指标", "error")]
    assert said in found[0].message
    assert "E1" not in run.project.inputs.survey.columns


def test_coefficients_that_nothing_can_check_are_said(tmp_path):
    run = sums(tmp_path, "(燃料*0.7143+电力*1.3)/产量", ("t", "m³", "t"), ROWS)
    (found,) = [f for f in run.findings if f.code == "formula-coefficients"]
    assert found.severity.value == "warning"
    assert first_value(run) == pytest.approx((71.43 + 13) / 1000)


# --- units in headings, or none ---------------------------------------------------------------------------------------
def headed(folder, headings, units=()):
    path = write_project(folder, [{"代码": "E1", "单位": "kgce/t", "计算公式": "综合能耗/产量", "小数位": 1}])
    write_csv(path, [["企业", *headings], *([["单位", *units]] if units else []),
                     *([f"厂{n}", 100 + n, 1000] for n in range(20))])  # fmt: skip
    return run_project(path, until="baselines")


def test_a_heading_may_state_its_unit(tmp_path):
    run = headed(tmp_path, ["原始:综合能耗（tce）", "原始:产量(t)"])
    assert first_value(run) == 100  # 100 tce over 1000 t
    assert [c.stated_unit for c in run.project.inputs.survey.reading.columns[1:3]] == ["tce", "t"]


@pytest.mark.parametrize("word", ["外购", "TN", "TP", "A", "Pb", "a"])  # tera-newtons and amperes to a unit parser
def test_a_bracket_that_is_no_unit_belongs_to_the_name(tmp_path, word):
    run = headed(tmp_path, [f"原始:综合能耗（{word}）", "原始:产量"])
    assert "原始:综合能耗" in next(f for f in run.findings if f.code == "formula-no-raw").message


def test_two_statements_of_a_unit_must_agree(tmp_path):
    run = headed(tmp_path, ["原始:综合能耗（tce）", "原始:产量"], ["kgce", "t"])
    (found,) = [f for f in run.findings if f.code == "survey-unit-twice"]
    assert found.place.cell == "B2"


def test_totals_without_a_unit_are_computed_unchecked_and_said(tmp_path):
    run = headed(tmp_path, ["原始:综合能耗（tce）", "原始:产量"])
    (found,) = [f for f in run.findings if f.code == "formula-units-missing"]
    assert (found.severity.value, found.place.cell) == ("warning", "C1")
    assert "原始:产量" in found.message
    assert first_value(run) == 0.1


# --- where it comes from ----------------------------------------------------------------------------------------------
def test_a_computed_value_beyond_its_limit_points_at_its_raw_total(tmp_path):
    rows = [("-5" if n == 3 else str(n + 1), "1000") for n in range(30)]
    run = run_project(formula_project(tmp_path / "p", "综合能耗/产量", rows, 下限="0"), until="baselines")
    (found,) = [f for f in run.findings if f.code == "survey-outside-limits"]
    assert found.place.cell == "B6"


def test_an_excluded_value_is_not_doubted_again(tmp_path):
    rows = [("-5" if n == 3 else str(n + 1), "1000") for n in range(30)]
    row = {"代码": "E1", "单位": "kgce/m²", "计算公式": "综合能耗/产量", "小数位": 3, "下限": "0"}
    path = write_project(tmp_path / "p", [row], exclusions=[("厂3", "", "填报错误")])
    write_csv(path, [["企业", "原始:综合能耗", "原始:产量"], ["单位", "tce", "m²"],
                     *([f"厂{n}", *r] for n, r in enumerate(rows))])  # fmt: skip
    assert not [f for f in run_project(path, until="baselines").findings if f.code == "survey-outside-limits"]


def test_a_computed_baseline_is_traced_to_all_its_raw_totals(tmp_path):
    from drafting.record.results import sources

    rows = [(str(n + 1), "1000") for n in range(30)]
    run = run_project(formula_project(tmp_path / "p", "综合能耗/产量", rows), until="baselines")
    cells = sources(run)["level", "E1", "I"]  # k = ⌈30·5 %⌉ = 2: 厂1, in row 4
    assert [c.rsplit("·", 1)[-1] for c in cells] == ["B4", "C4"]


def test_the_enterprises_workbook_asks_for_the_same_units_and_converts_alike(tmp_path):
    from drafting.evaluation.draft import draft_of
    from drafting.workbook.assessment.layout import Layout

    folder = tmp_path / "p"
    path = write_project(folder, [{"代码": "E1", "单位": "kgce/t", "计算公式": "(燃料+电力)/产量", "小数位": 3,
                                   "权重": 1}], categories={"能源消耗": 1})  # fmt: skip
    write_csv(path, [["企业", "原始:燃料", "原始:电力", "原始:产量"], ["单位", "tce", "万kWh", "t"],
                     *([f"厂{n}", *row] for n, row in enumerate(ROWS))])  # fmt: skip
    run = run_project(path, until="trial")
    draft, lacking = draft_of(run.project.inputs, run.results.weights, run.results.baselines)
    assert draft is not None, lacking
    layout = Layout(draft)
    assert layout.raw_units() == {"燃料": "tce", "电力": "万kWh", "产量": "t"}
    exact = layout.unit_formulas()[0].evaluate({"燃料": 100.0, "电力": 10.0, "产量": 1000.0})
    assert exact == pytest.approx(112.29, rel=1e-12)


@pytest.mark.parametrize(
    "headings", [("原始:燃料（tce）", "原始:电力（万kWh）", "原始:产量（t）"), ("原始:燃料", "原始:电力", "原始:产量")]
)  # fmt: skip
@pytest.mark.parametrize("formula", ["(燃料+电力)/产量", "(燃料*0.7143+电力*1.3)/产量", "(燃料+电力*3)/产量"])
def test_both_routes_read_units_alike(tmp_path, formula, headings):
    pytest.importorskip("pyarrow")
    pytest.importorskip("duckdb")
    from tests.drafting.test_large_surveys import assert_same

    row = {"代码": "E1", "单位": "kgce/t", "计算公式": formula, "小数位": 3, "下限": 120}
    path = write_project(tmp_path / "p", [row], exclusions=[("厂3", "", "停产")])
    write_csv(path, [["企业", *headings], *([f"厂{n}", *cells] for n, cells in enumerate(ROWS))])
    assert_same(path)
