"""The bundled example: as generated, complete, marked as synthetic, and showing what it is meant to show."""

from __future__ import annotations

import importlib.util
import re
import tomllib
import zipfile
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from openpyxl import load_workbook

from drafting.findings import Severity
from drafting.model.inputs import Inputs
from drafting.model.survey import State
from drafting.model.terms import GRADES, BaselineSource
from drafting.project.folder import Project, load_project
from drafting.resources import examples
from drafting.standard import standard

EXAMPLE = examples() / "建筑陶瓷"
FILES = sorted(p.relative_to(EXAMPLE) for p in EXAMPLE.rglob("*.xlsx"))


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_example", examples() / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(EXAMPLE)


@pytest.fixture(scope="module")
def inputs(project: Project) -> Inputs:
    assert project.inputs is not None
    return project.inputs


@pytest.mark.slow
def test_the_committed_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    generator().main(tmp_path / "示例")
    assert sorted(p.relative_to(tmp_path / "示例") for p in (tmp_path / "示例").rglob("*.xlsx")) == FILES
    for name in FILES:
        written, committed = load_workbook(tmp_path / "示例" / name), load_workbook(EXAMPLE / name)
        assert written.sheetnames == committed.sheetnames
        for sheet in written.worksheets:
            assert list(sheet.values) == list(committed[sheet.title].values), f"{name} {sheet.title}"


def test_every_file_says_that_it_is_synthetic() -> None:
    for name in FILES:
        book = load_workbook(EXAMPLE / name, read_only=True)
        first = book.worksheets[0]
        shown = [str(v) for row in first.iter_rows(max_row=4, values_only=True) for v in row if v]
        book.close()
        assert any("合成" in text for text in shown), name
        with zipfile.ZipFile(EXAMPLE / name) as package:
            sheets = [part for part in package.namelist() if part.startswith("xl/worksheets/sheet")]
            assert sheets, name
            assert not any(b"<mergeCell" in package.read(part) for part in sheets), name


def test_reading_it_finds_nothing(project: Project) -> None:
    assert [f for f in project.findings if f.severity is Severity.ERROR] == []


def test_it_is_complete(inputs: Inputs) -> None:
    assert inputs.survey is not None
    assert [c.name for c in inputs.system.weighted] == [c.name for c in standard().categories]
    assert len(inputs.system.active) == 35
    assert (len(inputs.survey), len(inputs.experts), len({m.expert for m in inputs.judgements})) == (120, 12, 12)
    assert {p.group for p in inputs.policies} == set(standard().policy_groups)
    assert all(
        w is None for w in (*(c.weight for c in inputs.system.categories), *(i.weight for i in inputs.system.active))
    )
    for i in inputs.system.active:
        assert all((i.explanation, i.data_source, i.collection, i.selection_reason, i.guidance)), i.name
        assert bool(i.qualitative_reason) is i.qualitative
        assert i.formula or i.qualitative or i.source is BaselineSource.POLICY
    singles = [i.name for i in inputs.system.active if i.qualitative and len(i.baselines) == 1]
    graded = [i.name for i in inputs.system.active if i.qualitative and len(i.baselines) == len(GRADES)]
    assert singles
    assert graded
    assert any(i.mandatory_limit for i in inputs.system.active)
    states = np.concatenate([column.states for column in inputs.survey.columns.values()])
    assert {State.VALUE, State.MISSING, State.NOT_APPLICABLE} <= set(states.tolist())
    assert inputs.survey.violations.sum() == 1
    assert [e.indicator for e in inputs.exclusions] == ["N1"]


def test_every_reference_is_cited_and_every_citation_listed(inputs: Inputs) -> None:
    words = [inputs.document.scope]
    for i in inputs.system.active:
        words += [i.explanation, i.data_source, i.source_basis, *(b.text for b in i.baselines.values())]
    cited = set(re.findall(r"GB(?:/T)? \d+(?:—\d{4})?", " ".join(words)))
    # those two are cited by every draft: the industry (4.2.1) and the general principles themselves
    listed = {r.number for r in inputs.references} - {"GB/T 4754", "GB/T 43329—2023"}
    assert cited == listed


def test_every_expert_is_consistent(inputs: Inputs) -> None:
    # Saaty 1980; λmax from numpy's general eigenvalues, a route of its own
    random_index = {3: 0.58, 4: 0.90, 5: 1.12, 8: 1.41, 9: 1.45}
    for matrix in inputs.judgements:
        n = len(matrix.labels)
        if n > 2:
            largest = np.linalg.eigvals(matrix.values).real.max()
            assert (largest - n) / (n - 1) / random_index[n] < 0.10, (matrix.expert, matrix.group)


def test_the_description_says_what_is_invented() -> None:
    source = tomllib.loads((examples() / "建筑陶瓷.toml").read_text("utf-8"))
    assert source["notice"].startswith("合成数据")
    assert all("合成数据" in row["source_basis"] for row in source["indicator"] if "source_basis" in row)
