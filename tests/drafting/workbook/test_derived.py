"""Formulas over raw totals and unit rows, from the files to the published baselines."""

from __future__ import annotations

import pytest

from drafting.journeys.travel import travel
from tests.drafting.survey_projects import write_csv, write_project

pytest.importorskip("pint")


def published(journey, code="E1"):
    levels = next(one for one in journey.results.levels.indicators if one.code == code)
    return [(str(level.value), level.exact) for level in levels.levels.values()]


def test_per_mille_and_per_cent_give_the_same_baseline(tmp_path):
    """Every third of the numbers 0.88, 1.88, … is noise when divided by ten in floats; the baseline is outward."""
    found = []
    for unit, times in (("%", 1), ("‰", 10)):
        folder = write_project(tmp_path / str(times), [{"代码": "E1", "单位": "%", "方向": "越大越好", "小数位": 2}])
        values = [f"{hundredths * times / 100:.2f}" for hundredths in range(88, 4088, 100)]
        write_csv(folder, [["企业", "E1"], ["单位", unit], *([f"厂{n}", v] for n, v in enumerate(values))])
        found.append(published(travel(folder, until="levels")))
    assert found[0] == found[1]


def formula_project(folder, formula, rows, units=("tce", "m²"), **more):
    path = write_project(folder, [{"代码": "E1", "单位": "kgce/m²", "计算公式": formula, "小数位": 3, **more}])
    lines = [["企业", "原始:综合能耗", "原始:产量"], *([["单位", *units]] if units else [])]
    write_csv(path, lines + [[f"厂{n}", *row] for n, row in enumerate(rows)])
    return path


def test_a_derived_baseline_is_that_of_the_values_read_directly(tmp_path):
    thousandths = range(4105, 4155)
    rows = [(f"{v / 1000:.3f}", "1000") for v in thousandths]
    derived = travel(formula_project(tmp_path / "a", "综合能耗/产量", rows), until="levels")
    direct = write_project(tmp_path / "b", [{"代码": "E1", "单位": "kgce/m²", "小数位": 3}])
    write_csv(direct, [["企业", "E1"], *([f"厂{n}", f"{v / 1000:.3f}"] for n, v in enumerate(thousandths))])
    assert published(derived) == published(travel(direct, until="levels"))


@pytest.mark.parametrize("formula", ["综合能耗^1000000000/产量", "综合能耗**9**9**9/产量", "(综合能耗/产量)^387420489"])
def test_a_power_without_end_is_refused_at_its_cell(tmp_path, formula):
    journey = travel(formula_project(tmp_path / "p", formula, [(n + 1, 10) for n in range(30)]), until="levels")
    found = [f for f in journey.findings if f.code == "formula-unreadable"]
    assert [(f.place.sheet, f.place.cell[-1]) for f in found] == [("二级指标", "2")]


def test_an_exponent_with_a_name_has_no_unit(tmp_path):
    rows = [(n + 1, 10) for n in range(30)]
    journey = travel(formula_project(tmp_path / "p", "综合能耗^产量", rows), until="levels")
    assert "formula-dimension" in {f.code for f in journey.findings}


def test_a_computed_value_beyond_its_limit_is_said_once_and_alike_both_ways(tmp_path):
    pytest.importorskip("pyarrow")
    pytest.importorskip("duckdb")
    from tests.drafting.test_large_surveys import assert_same

    rows = [("-5" if n == 0 else str(n), "1000") for n in range(30)]
    folder = formula_project(tmp_path / "p", "综合能耗/产量", rows, 下限="0")
    beyond = [f for f in travel(folder, until="levels").findings if "-5" in f.message and "下限" in f.message]
    assert len(beyond) == 1
    assert_same(folder)
