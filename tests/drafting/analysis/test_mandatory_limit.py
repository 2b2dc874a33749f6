"""A mandatory limit tightens a survey value: the row then counts as set by policy (contract, meanings)."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest

from drafting.analysis.baselines.set_baselines import set_baselines
from drafting.findings import Provenance
from drafting.model.bounds import parse_bound
from drafting.model.document import DocumentInfo
from drafting.model.inputs import Inputs
from drafting.model.settings import Settings
from drafting.model.survey import State, Survey, SurveyColumn
from drafting.model.system import Category, Indicator, IndicatorSystem
from drafting.model.terms import BaselineSource, Direction, Grade
from tests.drafting.survey_projects import stored_run, survey_rows, write_csv, write_project


def _baselines(limit: str | None):
    values = np.arange(1.0, 21.0)  # 5 %, 20 %, 50 % of 20 enterprises reach 1, 4, 10
    indicator = Indicator(
        "N1", "单位产品综合能耗", "能源消耗", direction=Direction.SMALLER, source=BaselineSource.SURVEY, decimals=0,
        mandatory_limit=parse_bound(limit) if limit else None,
    )  # fmt: skip
    column = SurveyColumn("N1", values, np.full(20, State.VALUE, dtype=np.uint8))
    survey = Survey(
        tuple(f"企业{i}" for i in range(20)), MappingProxyType({"N1": column}), np.zeros(20, dtype=np.bool_)
    )
    inputs = Inputs(DocumentInfo(), Settings(), IndicatorSystem((Category("能源消耗"),), (indicator,)), survey=survey)
    baselines, found = set_baselines(inputs, Provenance())
    assert baselines is not None
    return baselines.indicators[0], found


def test_without_a_limit_the_survey_speaks() -> None:
    baselines, found = _baselines(None)
    assert baselines.source is BaselineSource.SURVEY
    assert [float(baselines.by_grade[g].value) for g in Grade] == [1, 4, 10]
    assert not [f for f in found if f.code == "limit-tightened"]


def test_a_limit_that_no_grade_passes_changes_nothing() -> None:
    baselines, found = _baselines("≤10")
    assert baselines.source is BaselineSource.SURVEY
    assert not [f for f in found if f.code == "limit-tightened"]


@pytest.mark.parametrize("limit", ["≤8", "0.5~8"])
def test_only_the_end_of_a_range_that_rules_tightens(limit: str) -> None:
    baselines, found = _baselines(limit)
    assert [baselines.by_grade[g].bound.format() for g in Grade] == ["≤1", "≤4", "≤8"]
    assert [f.values["grade"] for f in found if f.code == "limit-tightened"] == ["Ⅲ"]


def test_a_range_as_limit_rules_a_large_survey_alike(tmp_path) -> None:
    pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    folder = write_project(tmp_path / "项目", [{"代码": "N1", "小数位": 0, "强制性限值": "0.5~8", "来源依据": "GB 1"}])
    write_csv(folder, survey_rows(range(1, 21), "N1"))
    baselines = stored_run(folder).results.baselines
    assert [baselines.of("N1").by_grade[g].bound.format() for g in Grade] == ["≤1", "≤4", "≤8"]


def test_a_tightened_grade_makes_the_row_policy_with_its_real_share() -> None:
    baselines, found = _baselines("≤8")
    assert baselines.source is BaselineSource.POLICY
    third = baselines.by_grade[Grade.III]
    assert (third.bound.format(), third.share, third.exact) == ("≤8", 0.4, 10.0)
    assert baselines.by_grade[Grade.II].source is None
    assert [f.values["grade"] for f in found if f.code == "limit-tightened"] == ["Ⅲ"]
