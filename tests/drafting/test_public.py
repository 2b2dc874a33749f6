"""The public face: frames carry labels and the figures of the commands; what cannot be computed says why."""

from __future__ import annotations

import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pandas
import pytest

import drafting
from baselines import grade_values, publish_grades
from drafting import NoProjectError, NotComputedError, Project
from tests.drafting.survey_projects import survey_rows, write_project, write_xlsx
from tests.golden.recording import run
from weighting import PanelRound, ShapeError, analyse


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten enterprises with 1 … 10; 5 %, 20 %, 50 % of ten are the 1st, 2nd, 5th best."""
    made = write_project(tmp_path_factory.mktemp("public") / "水泥", [{"代码": "E1", "小数位": 1}, {"代码": "E2"}])
    write_xlsx(made, [["企业", "E1", "E2"], *([f"厂{n}", n, 2 * n] for n in range(1, 11))])
    return made


def test_baselines_are_the_kth_best_with_their_labels(folder: Path) -> None:
    frame = Project.load(folder).baselines().to_frame()
    row = frame.loc[("E1", "")]
    assert [row["I_value"], row["II_value"], row["III_value"]] == [Decimal(x) for x in ("1.0", "2.0", "5.0")]
    assert [row["I_share"], row["II_share"], row["III_share"]] == [0.1, 0.2, 0.5]
    assert row["unit"] == "kgce/t"
    assert row["n"] == 10


def test_frames_agree_with_the_commands(folder: Path) -> None:
    project = Project.load(folder)
    said = run("weights", str(folder))
    frame = project.weights().to_frame()
    assert [(w["category"], Decimal(w["weight"])) for w in said["first_level"]] == [
        (category, weight) for (category, code), weight in frame["weight"].items() if not code
    ]
    trial = run("trial", str(folder))
    verdicts = project.trial().to_frame()
    assert {e["enterprise"]: e["grade"] or "" for e in trial["enterprises"]} == dict(verdicts["grade"])
    assert [str(f.code) for f in project.findings] == [f["code"] for f in run("check", str(folder))["findings"]]


def test_enterprises_of_a_frame_are_judged_as_those_of_a_file(folder: Path, tmp_path: Path) -> None:
    rows = [["企业", "E1", "E2"], ["甲", 1, 2], ["乙", "未检出", "—"], ["丙", 1.5, "２．５"], ["丁", 9, 90]]
    path = write_xlsx(tmp_path, rows)
    said = {e["enterprise"]: e["grade"] or "" for e in run("evaluate", str(folder), str(path))["enterprises"]}
    table = pandas.DataFrame(rows[1:], columns=rows[0])
    assert dict(Project.load(folder).evaluate(table).to_frame()["grade"]) == said
    assert dict(Project.load(folder).evaluate(table.set_index("企业")).to_frame()["grade"]) == said


def test_what_is_wrong_in_a_frame_is_a_finding(folder: Path) -> None:
    found = Project.load(folder).evaluate(pandas.DataFrame({"企业": ["甲"], "E1": ["很多"], "E2": [1]}))
    assert any("很多" in f.message for f in found.findings)


def test_what_cannot_be_computed_says_why(tmp_path: Path) -> None:
    with pytest.raises(NoProjectError):
        Project.load(tmp_path / "没有")
    (tmp_path / "空").mkdir()
    empty = Project.load(tmp_path / "空")
    for result in (empty.weights, empty.baselines, empty.trial, empty.render):
        with pytest.raises(NotComputedError) as error:
            result()
        assert error.value.findings
    bare = Project.load(write_project(tmp_path / "无调研", [{"代码": "E1"}]))
    assert bare.weights().to_frame().loc[("能源消耗", "E1"), "weight"] == 1
    with pytest.raises(NotComputedError, match="试评价"):
        bare.trial()


def test_a_draft_is_written(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "副本"))
    written = Project.load(copy).render(["md"], quick=True)
    assert {p.suffix for p in written} == {".md"}
    assert all(p.is_file() and p.parent.name == "成果" for p in written)


def test_labelled_input_keeps_its_labels() -> None:
    judged = pandas.DataFrame(
        [[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]], index=list("能水废"), columns=list("能水废")
    )
    assert analyse(judged).labels == ("能", "水", "废")
    turned = analyse(judged.loc[list("废水能")])  # rows find their columns
    assert turned.weights.tolist() == analyse(judged).weights.tolist()
    assert list(analyse(judged).to_frame().columns) == ["能", "水", "废", "cr", "gci"]
    with pytest.raises(ShapeError, match="气"):
        analyse(judged.rename(index={"水": "气"}))
    answers = pandas.DataFrame([[60, 40], [70, 30]], index=["专家甲", "专家乙"], columns=["能", "水"])
    assert (PanelRound(answers).experts, PanelRound(answers).items) == (("专家甲", "专家乙"), ("能", "水"))


def test_grades_leave_as_frames() -> None:
    values = pandas.Series(range(1, 11), index=[f"厂{n}" for n in range(10)], dtype=float)
    exact = grade_values(values, "smaller")
    assert list(exact.to_frame()["value"]) == [1, 2, 5]
    assert list(exact.to_frame().index) == ["I", "II", "III"]
    printed = publish_grades(values, "smaller", 1).to_frame()
    assert list(printed["value"]) == [Decimal("1.0"), Decimal("2.0"), Decimal("5.0")]


def test_every_public_name_is_there_and_pandas_is_not_loaded_for_them() -> None:
    assert all(getattr(drafting, name) for name in drafting.__all__)
    code = "import sys, drafting; drafting.Project; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(drafting.__file__).parents[1])


def test_values_of_a_survey_written_from_python_are_those_read(tmp_path: Path) -> None:
    made = write_project(tmp_path / "一项", [{"代码": "E1"}])
    write_xlsx(made, survey_rows([0.1 + 0.2, 1e-7, 12345.678]))
    exact = Project.load(made).baselines().to_frame()["I_exact"].iloc[0]
    assert exact == 1e-7
