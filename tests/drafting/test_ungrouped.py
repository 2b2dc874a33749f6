"""Enterprises whose 分组 is blank form a stratum with a name of its own, in memory and not."""

from __future__ import annotations

import pytest

from drafting.pipeline.running import run_project
from tests.drafting.survey_projects import stored_run, write_csv, write_project


@pytest.fixture(params=["memory", "duckdb"])
def baselines(request):
    """The run of either route up to the baselines."""
    if request.param == "memory":
        return lambda folder: run_project(folder, until="baselines")
    for name in ("duckdb", "pyarrow"):
        pytest.importorskip(name)
    return stored_run


def _project(tmp_path, **settings):
    folder = write_project(tmp_path / "项目", [{"代码": "E1"}], settings={"分组基准": "是", **settings})
    write_csv(folder, [["企业", "分组", "E1"], *([f"厂{n}", "大型" if n % 4 else "", n + 1] for n in range(40))])
    return folder


def test_a_blank_stratum_is_named(tmp_path, baselines):
    run = baselines(_project(tmp_path))
    assert {(one.stratum, one.n) for one in run.results.baselines.strata} == {("大型", 30), ("未分组", 10)}
    assert sum(f.code == "survey-no-stratum" for f in run.findings) == 10


def test_the_list_of_known_strata_names_it(tmp_path, baselines):
    run = baselines(_project(tmp_path, 分组合并="小形=大型"))
    (wrong,) = (f for f in run.findings if f.code == "merge-stratum-unknown")
    assert "现有分组：未分组、大型。" in wrong.message


def test_it_can_be_merged_by_its_name(tmp_path, baselines):
    run = baselines(_project(tmp_path, 分组合并="未分组=大型"))
    assert [(one.stratum, one.n) for one in run.results.baselines.strata] == [("大型", 40)]
