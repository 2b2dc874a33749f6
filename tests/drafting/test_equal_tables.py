"""Two equal tables give twice the result of the one, wherever a result is: the worked first table alone and doubled."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest

from drafting.changes.compare import changes
from drafting.document.compose import compose
from drafting.document.tree import plain
from drafting.panel.definition import define
from drafting.pipeline.running import evaluated, run_project
from drafting.pipeline.tables import evaluate_tables
from drafting.project.folder import load_project
from drafting.publishing.outputs import assessment_of
from drafting.publishing.package import package_of
from drafting.record.results import record
from drafting.workbook.assessment.layout import FORM, FORM_FIRST
from tests.drafting.tables_projects import case, left_to_experts, worked, write_survey
from tests.drafting.test_tables import column, only_first, without_second
from tests.drafting.test_tables_statement import tables

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
KEYS = ("甲工序", "乙工序")


def double(folder: Path) -> Path:
    """Put the first table's rows under both keys."""
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    for rows, at in without_second(book):
        for number in range(2, rows.max_row + 1):
            rows.cell(number, at).value = None
    for row in book["表注"].iter_rows(min_row=2):
        row[0].value = None
    for row in book["分表"].iter_rows(min_row=2):
        row[4].value = 0.5
    book.save(folder / "项目.xlsx")
    write_survey(folder / "调研数据.xlsx", dict.fromkeys(KEYS, case()["survey"]["甲工序"]))
    return folder


def alone(folder: Path) -> Path:
    """Leave the first table, in a project that knows of no tables."""
    only_first(folder)
    (folder / "调研数据.xlsx").unlink()
    rows = case()["survey"]["甲工序"]
    with (folder / "调研数据.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, dict.fromkeys(h for r in rows for h in r))
        writer.writeheader()
        writer.writerows(rows)
    return folder


@dataclass(frozen=True)
class Pair:
    one: Path
    two: Path
    single: Any
    both: Any


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    root = tmp_path_factory.mktemp("equal")
    one, two = alone(worked(root / "一张")), double(worked(root / "两张", 多表评定="固定系数"))
    return Pair(one, two, run_project(one), run_project(two))


def test_weights_baselines_and_verdicts(pair: Pair) -> None:
    one = pair.single.results
    assert one.trial is not None
    for of in pair.both.results.tables.values():
        assert (of.weights, of.baselines, of.trial) == (one.weights, one.baselines, one.trial)
    joined = pair.both.results.combined
    assert [(e.y, e.grade) for e in joined.enterprises] == [(e.y, e.grade) for e in one.trial.enterprises]
    assert joined.distribution == one.trial.distribution


def test_the_record(pair: Pair) -> None:
    single, both = json.loads(json.dumps([record(pair.single), record(pair.both)], ensure_ascii=False))
    for table in both["tables"]:
        for what in ("weights", "baselines", "trial"):
            assert table[what] == single[what], what


def cells(rows: Sequence[Any]) -> list[list[tuple[str, int, int]]]:
    return [[(plain(c.runs), c.rowspan, c.colspan) for c in row] for row in rows]


def test_the_draft(pair: Pair) -> None:
    single = tables(compose(pair.single.project.inputs, pair.single.results))["table:system"]
    both = tables(compose(pair.both.project.inputs, pair.both.results))
    for anchor in ("table:system", "table:system-2"):
        assert cells(both[anchor].body) == cells(single.body)
        assert cells(both[anchor].head) == cells(single.head)


def shown(book: Any, title: str) -> Iterator[tuple[Any, ...]]:
    for row in book[title].iter_rows(min_row=FORM_FIRST, max_col=9, values_only=True):
        if not isinstance(row[0], int):
            return
        yield row


def test_the_self_assessment_workbook(pair: Pair) -> None:
    single = list(shown(assessment_of(pair.single), FORM))
    assert len(single) == len(pair.single.project.inputs.system.active)
    book = assessment_of(pair.both)
    assert [list(shown(book, key)) for key in KEYS] == [single, single]


def test_what_is_published(pair: Pair) -> None:
    (one,) = package_of(pair.single).tables
    own = ("key", "caption", "applies", "output_unit", "coefficient")
    for part in package_of(pair.both).tables:
        first, second = ({k: v for k, v in msgspec.to_builtins(p).items() if k not in own} for p in (one, part))
        assert first == second


def test_evaluated_enterprises(pair: Pair) -> None:
    single = evaluated(run_project(pair.one, until="trial"), pair.one / "调研数据.csv").trials[""]
    both = evaluate_tables(pair.both, pair.two / "调研数据.xlsx")
    assert single.enterprises
    assert {key: trial.enterprises for key, trial in both.trials.items()} == dict.fromkeys(KEYS, single.enterprises)


def changed(folder: Path, source: Path) -> Path:
    """A copy with another first baseline."""
    folder.mkdir()
    for file in source.glob("*.*"):
        (folder / file.name).write_bytes(file.read_bytes())
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    sheet = book["二级指标"]
    at = column(sheet, "Ⅰ级基准值")
    sheet.cell(4, at).value = "≤1"
    book.save(folder / "项目.xlsx")
    return folder


def test_differences(pair: Pair, tmp_path: Path) -> None:
    def found(before: Any, folder: Path) -> list[tuple[str, ...]]:
        return [(c.part, c.subject, c.field, c.before, c.after) for c in changes(before, run_project(folder))]

    single = found(pair.single, changed(tmp_path / "一张", pair.one))
    assert single
    both = found(pair.both, changed(tmp_path / "两张", pair.two))
    expected = [(p, f"{key}·{subject}", *rest) for key in KEYS for p, subject, *rest in single]
    assert both == expected


def asked(folder: Path, **settings: str) -> Mapping[str, list[tuple[str, str]]]:
    left_to_experts(folder, {"专家01": ""})
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    for name, word in settings.items():
        book["方法设置"].append([name, word])
    book.save(folder / "项目.xlsx")
    inputs = load_project(folder).inputs
    assert inputs is not None
    return {g.name: [(i.key, i.name) for i in g.items] for g in define(inputs)[0].groups}


def test_the_panel(tmp_path: Path) -> None:
    single = asked(alone(worked(tmp_path / "一张")))
    assert len(single) > 1
    apart = asked(double(worked(tmp_path / "各问", 多表评定="固定系数")), 同组共用="否")
    assert apart == {f"{key}·{name}": of for key in KEYS for name, of in single.items()}
    shared = asked(double(worked(tmp_path / "共用", 多表评定="固定系数")))
    assert {name.rpartition("·")[2]: of for name, of in shared.items()} == single
