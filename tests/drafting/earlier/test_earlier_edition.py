"""The earlier edition in 旧版/: kept as it is printed, read with its own rules, evaluated beside the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from drafting.cli.app import run
from drafting.project.folder import Project, load_project
from tests.drafting.earlier.printing import HEAD, docx, p, tbl
from tests.drafting.earlier.test_reading_word import row

ROWS = (
    row(("资源能源消耗指标", "0.4"), "1", "*单位产品综合能耗", "kgce/t", "0.5", "≤100", "≤110", "≤120"),
    row(("", ""), "2", "单位产品取水量", "m³/t", "0.5", "≤1", "≤2", "≤3"),
    row(("清洁生产管理指标", "0.6"), "1", "清洁生产审核", "", "1", "按期完成", "开展", "开展"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("导入")
    source = place / "GB_T 12345-2015 某行业.docx"
    source.write_bytes(docx(p("表1 某行业清洁生产评价指标体系"), tbl(HEAD, *ROWS), p("注：带*的为限定性指标。")))
    assert run(["import", str(source), str(place / "新项目")]) == 0
    return place / "新项目"


def loaded(folder: Path) -> Project:
    found = load_project(folder)
    assert found.inputs is not None
    return found


def test_the_earlier_edition_keeps_its_categories_and_its_rules(folder: Path) -> None:
    old = loaded(folder / "旧版")
    assert old.inputs is not None
    assert [(c.name, str(c.weight)) for c in old.inputs.system.categories] == [
        ("资源能源消耗指标", "0.4"), ("清洁生产管理指标", "0.6")
    ]  # fmt: skip
    assert [str(i.weight) for i in old.inputs.system.indicators] == ["0.5", "0.5", "1"]
    assert old.inputs.settings.rules == "2013年试行稿"
    assert old.inputs.document.number == "GB/T 12345—2015"
    assert not [f for f in old.findings if f.severity.value == "error"]


def test_the_new_project_has_the_nine_and_the_same_codes(folder: Path) -> None:
    new, old = loaded(folder), loaded(folder / "旧版")
    assert new.inputs is not None
    assert old.inputs is not None
    assert [c.name for c in new.inputs.system.categories] == ["能源消耗", "水资源消耗", "清洁生产管理"]
    assert [i.code for i in new.inputs.system.indicators] == [i.code for i in old.inputs.system.indicators]
