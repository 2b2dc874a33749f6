"""A survey of more enterprises than are told one by one: papers, findings, record and verify stay short and whole."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from drafting.analysis.trial.verdicts import Verdicts
from drafting.desk.causes import causes
from drafting.findings import Cell, compacted, finding
from drafting.journey import Journey
from drafting.journeys.travel import build
from drafting.model.survey import MOST_DETAILED
from drafting.model.terms import Grade
from tests.drafting.survey_projects import write_project

ENTERPRISES = MOST_DETAILED + 200
BEYOND = 300
"""Rows whose value lies beyond the physical limit: the last ones, without a gap."""


def written(folder: Path) -> Path:
    indicators = [
        {"上限": 50, "权重": 0.5, "限定性": "是"},
        {"方向": "越大越好", "单位": "%", "权重": 0.5},
    ]
    write_project(folder, indicators, exclusions=[("企业00007", "", "停产"), ("企业00011", "E1", "口径不同")])
    with (folder / "调研数据.csv").open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["企业", "地区", "E1", "E2"])
        for n in range(ENTERPRISES):
            value = 60 if n >= ENTERPRISES - BEYOND else 10 + n % 97 / 4
            lines.writerow([f"企业{n:05d}", "东西"[n % 2], value, "" if n % 50 == 3 else 60 + n % 89 / 4])
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("many") / "项目")


@pytest.fixture(scope="module")
def journey(folder: Path) -> Journey:
    return build(folder, quick=True, formats=("md",))


def test_findings_of_one_kind_keep_their_places_as_ranges(journey: Journey) -> None:
    found = [f for f in journey.findings if f.code == "survey-outside-limits"]
    assert len(found) == 20
    first = ENTERPRISES - BEYOND + 2  # headings stand in row 1
    assert [f.place.cell for f in found] == [f"C{row}" for row in range(first, first + 20)]
    assert found[-1].to_json()["more"] == [f"C{first + 20}:C{ENTERPRISES + 1}"]
    assert {c.cell for f in found for c in f.places()} == {f"C{row}" for row in range(first, ENTERPRISES + 2)}
    (cause,) = causes(found)
    assert cause.count == BEYOND
    assert cause.areas[0].ranges == (f"C{first}:C{ENTERPRISES + 1}",)


def test_a_few_findings_stay_as_they_are() -> None:
    told = [finding("survey-no-enterprise", Cell("调研数据.csv", "", f"A{n}"), row=n) for n in range(2, 22)]
    assert compacted(told) == told
    whole = finding("survey-missing", Cell("调研数据.csv"))
    assert compacted([whole] * 30) == [whole] * 30


def test_the_statement_of_a_large_survey_is_composed(journey: Journey) -> None:
    assert not [f for f in journey.findings if f.code.startswith("template")]
    assert (journey.project.folder / "成果" / "编制说明.docx").is_file()


def test_enterprises_are_made_when_they_are_asked_for(journey: Journey) -> None:
    trial, inputs = journey.results.trial, journey.project.inputs
    whole = list(trial.enterprises)
    assert isinstance(trial.enterprises, Verdicts)
    assert len(whole) == len(trial.enterprises) == ENTERPRISES - 1  # one is left out
    for n in (0, 1, 7, 2000, 4999, len(whole) - 1):
        assert trial.enterprises[n] == whole[n] == trial.enterprises[n : n + 1][0]
    assert trial.enterprises[-1] == whole[-1]
    with pytest.raises(IndexError):
        trial.enterprises[len(whole)]
    counts = Counter("excluded" if e.excluded else e.grade.value if e.grade else "none" for e in whole)
    assert {key: counts[key] for key in trial.distribution} == trial.distribution
    values = dict(zip(inputs.survey.enterprises, inputs.survey.columns["E1"].values, strict=True))
    limit = next(i for i in journey.results.levels.indicators if i.code == "E1").levels[Grade.III].value
    values["企业00011"] = np.inf  # left out, and so not shown to be reached
    for one in whole:  # E1 is limiting: the gate of clause 6
        assert any(r.startswith("限定性指标未全部达到") for r in one.reasons) == (values[one.enterprise] > float(limit))
