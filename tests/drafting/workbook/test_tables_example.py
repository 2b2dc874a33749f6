"""The bundled example with two tables: as generated, without errors, with an earlier edition that imports."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from openpyxl import load_workbook

from drafting.earlier.reading import read_edition
from drafting.findings import Severity
from drafting.model.terms import Grade
from drafting.pipeline.running import run_project
from drafting.resources import examples

EXAMPLE = examples() / "竹质板材"


@pytest.mark.slow
def test_the_committed_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("generate_tables", examples() / "generate_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(tmp_path / "示例")
    names = sorted(p.relative_to(EXAMPLE) for p in EXAMPLE.rglob("*") if p.is_file())
    assert sorted(p.relative_to(tmp_path / "示例") for p in (tmp_path / "示例").rglob("*") if p.is_file()) == names
    for name in (n for n in names if n.suffix == ".xlsx"):
        written, committed = load_workbook(tmp_path / "示例" / name), load_workbook(EXAMPLE / name)
        assert written.sheetnames == committed.sheetnames
        for sheet in written.worksheets:
            assert list(sheet.values) == list(committed[sheet.title].values), f"{name} {sheet.title}"


def test_it_goes_from_workbooks_to_a_joint_verdict_beside_the_earlier_edition() -> None:
    found = run_project(EXAMPLE, until="trial")
    assert not {f.severity for f in found.findings} & {Severity.ERROR}
    results = found.results
    assert list(results.tables) == ["坯板", "饰面"]
    assert results.combined is not None
    assert all(results.combined.distribution[g.value] > 1 for g in Grade)
    assert results.beside is not None
    assert results.beside.worse > 0
    assert results.beside.lacking == ()


@pytest.mark.slow
def test_it_carries_no_avoidable_hint() -> None:
    """What is said of it follows from its data and its typed weights; nothing is left to fill in."""
    assert {f.code for f in run_project(EXAMPLE).findings} == {
        "trial-grades-rare", "category-not-adopted", "interval-open", "weights-given",
    }  # fmt: skip


def test_its_earlier_edition_is_an_invented_word_file_with_older_categories() -> None:
    edition = read_edition(EXAMPLE / "旧版" / "竹质板材旧标准（虚构）.docx")
    assert edition.older
    assert [r["类别"] for r in edition.indicators][:2] == ["热压成型", "冷压成型"]
    assert {f.code for f in edition.findings} == {"import-classes-split", "import-category-divided"}
