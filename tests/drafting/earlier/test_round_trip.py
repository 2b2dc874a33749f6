"""import(render(project)) = project in everything that a draft prints of its indicator tables."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from drafting.analysis.baselines.set_baselines import set_baselines
from drafting.document.facts import Facts
from drafting.document.indicator_tables import indicator_table
from drafting.document.technical_changes import technical_changes
from drafting.document.tree import Cell, Table, Text
from drafting.findings import Provenance
from drafting.model.document import DocumentInfo
from drafting.model.inputs import Inputs
from drafting.model.results import Results
from drafting.model.settings import Settings
from drafting.model.system import IndicatorSystem
from drafting.pipeline.running import run_project
from drafting.project.examples import write_example
from drafting.render.breaks import Breaks, Tear
from drafting.render.docx.office import find_program
from drafting.render.docx.tearing import torn
from tests.drafting.document import factory
from tests.drafting.earlier.printing import imported, printed, tables_of, word_file
from tests.drafting.earlier.random_tables import cut, cuts, systems, two_heading_rows, with_assessment
from tests.drafting.tables_projects import worked

THOROUGH = settings.get_current_profile_name() == "thorough"
EXAMPLES = 200 if THOROUGH else 2


def same(before: Sequence[Table], content: bytes, folder: Path, suffix: str = ".docx") -> None:
    after = tables_of(imported(content, folder, suffix))
    assert [printed(t) for t in after] == [printed(t) for t in before]


def printed_tables(system: IndicatorSystem) -> tuple[Table, ...]:
    inputs = Inputs(DocumentInfo(title="某行业清洁生产评价指标体系"), Settings(weight_method="给定"), system)
    baselines, _ = set_baselines(inputs, Provenance())
    return (indicator_table(Facts(inputs, Results(baselines=baselines))),)


def test_a_draft_of_nine_categories_comes_back(tmp_path: Path) -> None:
    inputs = factory.inputs()
    before = (indicator_table(Facts(inputs, factory.results(inputs))),)
    same(before, word_file(*before), tmp_path)


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
@given(system=systems(), data=st.data())
def test_random_systems_come_back_however_the_table_is_cut_up(system: IndicatorSystem, data: st.DataObject) -> None:
    before = printed_tables(system)
    table = before[0]
    if data.draw(st.booleans(), "two heading rows"):
        table = two_heading_rows(table)
    elif data.draw(st.booleans(), "self-assessment"):
        table = with_assessment(table)
    parts: tuple[Table, ...] = (table,)
    if (places := cuts(table)) and data.draw(st.booleans(), "continued"):
        at = data.draw(st.sampled_from(places), "at")
        parts = cut(table, at, caption=f"{table.caption}（续）")
    with TemporaryDirectory() as folder:
        same(before, word_file(*parts), Path(folder))


def test_rows_torn_over_pages_come_back_whole(tmp_path: Path) -> None:
    """Words that go on below （续） are not a row of their own, also where a row goes on twice."""
    inputs = factory.inputs()
    table = indicator_table(Facts(inputs, factory.results(inputs)))
    body = [*table.body]
    for n in (1, 3):
        words = [f"第{n}项{c.text}：" + "主要设备能效达到一级水平， 并接入集中控制系统；" * 8 for c in body[n][-3:]]
        body[n] = (*body[n][:-3], *(Cell((Text(w),), align="left") for w in words))
    before = replace(table, body=tuple(body))
    tears = (Tear(1, 4), Tear(2, 4), Tear(5, 7))
    assert len(torn(before, tears).body) == len(body) + 3
    same((before,), word_file(before, breaks=Breaks({0: (2, 3, 6)}, tears={0: tears})), tmp_path)


def test_two_tables_with_class_rows_come_back(tmp_path: Path, cases: Path) -> None:
    before = tables_of(run_project(worked(tmp_path / "两张表"), until="trial"))
    assert len(before) == 2
    same(before, word_file(*before), tmp_path)


@pytest.mark.slow
def test_every_project_of_the_tests_comes_back(tmp_path: Path, cases: Path) -> None:
    from tests.drafting.conftest import write_right_project

    write_example(tmp_path / "示例")
    (tmp_path / "对的").mkdir()
    write_right_project(tmp_path / "对的")
    folders = [
        tmp_path / "示例",
        tmp_path / "对的",
        *(p.parent for p in sorted((cases / "import").glob("*/项目.xlsx"))),
    ]
    done = 0
    for number, folder in enumerate(folders):
        run = run_project(folder, until="trial")
        if run.project.inputs is None or not run.project.inputs.system.active:
            continue
        before = tables_of(run)
        (tmp_path / str(number)).mkdir()
        same(before, word_file(*before), tmp_path / str(number))
        done += 1
    assert done > 10


@pytest.mark.slow
@pytest.mark.skipif(find_program() is None, reason="LibreOffice is not on this machine")
def test_old_word_files_come_back(tmp_path: Path) -> None:
    """Saved as .doc by LibreOffice, which loses the table's own caption and writes its grid anew."""
    inputs = factory.inputs()
    before = (indicator_table(Facts(inputs, factory.results(inputs))),)
    (tmp_path / "a.docx").write_bytes(word_file(*before))
    program = find_program()
    assert program is not None
    subprocess.run(
        [program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "doc",
         "--outdir", str(tmp_path), str(tmp_path / "a.docx")],
        check=True, capture_output=True, timeout=120, env=dict(os.environ),
    )  # fmt: skip
    same(before, (tmp_path / "a.doc").read_bytes(), tmp_path, ".doc")


@pytest.mark.slow
def test_the_power_plants_come_back(tmp_path: Path, cases: Path) -> None:
    import csv

    from tests.drafting.test_power_plants import clean, number, project

    with (cases / "data" / "power_plants_2019.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["primary_fuel"] == "COAL" and number(r, "net_gen_MWh") > 0]
    plants = [(n, r) for n, r in enumerate(rows) if clean(r)]
    folder = tmp_path / "电厂"
    project(folder, plants)
    before = tables_of(run_project(folder, until="trial"))
    same(before, word_file(*before), tmp_path)


def test_nothing_has_changed_in_what_comes_back(tmp_path: Path, cases: Path) -> None:
    """表1, 表2 of the imported edition are the tables of the draft: it said that their weights had changed."""
    run = run_project(worked(tmp_path / "两张表"), until="trial")
    back = imported(word_file(*tables_of(run)), tmp_path)
    assert run.project.inputs is not None
    assert back.project.inputs is not None
    assert technical_changes(back.project.inputs, run.project.inputs, run.results, back.results) == ()
    assert back.project.inputs.document.title == ""  # what stands above one of several tables is not the title of all
