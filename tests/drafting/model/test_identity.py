"""Which names mean one enterprise, expert or indicator, and what is said where they are written differently."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.model.exclusions import codes_left_out, omissions, taking_part
from drafting.model.identity import differ, label_key, name_key, name_keys
from drafting.model.survey import Exclusion, State, Survey
from drafting.model.system import Indicator
from drafting.model.terms import Grade
from drafting.pipeline.running import run_project
from drafting.record.evidence import evidence
from tests.drafting.survey_projects import stored_run, write_csv, write_project

NAMES = st.text("华新12号线/／ A Ｂab\n\u3000①", max_size=8)


@given(st.lists(NAMES, max_size=5))
def test_many_names_are_reduced_as_one_is(names):
    assert name_keys(names) == [name_key(name) for name in names]


@given(NAMES, NAMES)
def test_what_is_one_enterprise_is_one_label(one, other):
    if name_key(one) == name_key(other):
        assert label_key(one) == label_key(other)
    assert differ(one, other) == (one != other and name_key(one) == name_key(other))


def test_a_slash_tells_enterprises_apart_and_not_indicators():
    names = Survey(("华新1/2号线", "华新12号线", "其他"), {}, np.zeros(3, dtype=np.bool_))
    indicators = (Indicator("E1", "原/辅料消耗", "能源消耗"), Indicator("E2", "水耗", "水资源消耗"))
    rows = (Exclusion("华新 12号线", "", "停产"), Exclusion("华新12号线", "原辅料消耗", "笔误"))
    found = omissions(rows, names, indicators)
    assert [(o.row, o.codes) for o in found] == [(1, ("E1", "E2")), (1, ("E1",))]
    assert taking_part(rows, names) == [0, 2]
    assert codes_left_out(Exclusion("其他", "没有", "？"), indicators) == ()


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """Twenty enterprises of 10.00 … 29.00 and 华新12号线 of 9.00, which is left out; the best is 华新1/2号线."""
    folder = write_project(tmp_path, [{"二级指标": "能耗"}], exclusions=[("华新12号线", "", "停产")])
    others = [[f"企业{n}", 10 + n] for n in range(1, 20)]
    write_csv(folder, [["企业", "能耗"], ["华新1/2号线", 10], ["华新12号线", 9], *others])
    return folder


def test_an_exclusion_leaves_out_the_enterprise_it_names_alone(lines):
    run = run_project(lines)
    assert run.results.baselines is not None
    (one,) = run.results.baselines.indicators
    # n = 20 of 10, 11 … 29: k = ceil(20 · 5 %) = 1
    assert (one.n, str(one.by_grade[Grade.I].value)) == (20, "10.00")


def test_and_so_it_does_in_a_survey_that_is_not_loaded(lines):
    pytest.importorskip("duckdb")
    found = stored_run(lines)
    assert found.results.baselines is not None
    (one,) = found.results.baselines.indicators
    assert (one.n, str(one.by_grade[Grade.I].value)) == (20, "10.00")


def test_the_record_holds_who_takes_part(lines):
    run = run_project(lines)
    assert run.project.inputs is not None
    survey = evidence(run.project.inputs)["survey"]
    assert [survey["enterprises"][n] for n in survey["left_out"]] == ["华新12号线"]
    assert survey["columns"]["E1"]["states"][:2] == [State.VALUE, State.EXCLUDED]


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_names_that_differ_in_what_is_ignored_are_one_and_said(tmp_path, engine):
    folder = write_project(
        tmp_path, [{"二级指标": "能耗"}], settings={"重复企业": "取平均"}, exclusions=[("ａｂ厂", "能耗", "笔误")]
    )
    write_csv(folder, [["企业", "能耗"], ["AB厂", 1], ["企业2", 2], ["企业 2", 4], ["企业3", 5]])
    if engine == "memory":
        found = run_project(folder).findings
    else:
        pytest.importorskip("duckdb")
        found = stored_run(folder).findings
    alike = {f.place.cell: f.message for f in found if f.code == "names-alike" and f.place is not None}
    assert set(alike) == {"A2"}  # of sheet 剔除
    assert "ａｂ厂" in alike["A2"]
    assert "AB厂" in alike["A2"]
    (mean,) = [f for f in found if f.code == "survey-mean-taken"]
    assert "A3，写作“企业2”" in mean.message
