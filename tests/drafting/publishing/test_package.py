"""评价包: an evaluation from the published package alone; what it holds, what it refuses."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.cli.app import run
from drafting.pipeline.running import run_project
from drafting.publishing.package import CONTENT, SCHEMA, digest_of, provisional, schema
from drafting.publishing.package_reading import read_package
from drafting.workbook.opening import OpeningError
from tests.drafting.conftest import write_right_project
from tests.drafting.tables_projects import case
from tests.drafting.workbook.test_assessment_tables import WHO, Forms


def published(folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run(["publish", str(folder), "--json"]) == 0
    (path,) = json.loads(capsys.readouterr().out)["files"]
    return Path(path)


def content(package: Path) -> dict[str, Any]:
    with zipfile.ZipFile(package) as made:
        told: dict[str, Any] = json.loads(made.read(CONTENT))
    return told


def verdicts(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[tuple[object, ...]]:
    run(["evaluate", *arguments, "--json"])
    told = json.loads(capsys.readouterr().out)
    return [(e["enterprise"], e.get("grade"), str(e.get("exact"))) for e in told["enterprises"]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("发布")
    write_right_project(folder)
    return folder


@pytest.fixture(scope="module")
def package(project: Path) -> Path:
    assert run(["publish", str(project)]) == 0
    (path,) = (project / "成果").glob("*评价包*.zip")
    return path


def test_the_package_alone_gives_the_verdicts_of_the_project(
    project: Path, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    survey = str(project / "调研数据.xlsx")
    one = verdicts(capsys, str(project), survey)
    assert one == verdicts(capsys, str(package), survey)
    assert len(one) == 10


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["取最低", "按产量加权", "固定系数", "主要产品", "分别评定"])
def test_several_tables_are_joined_alike(rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the committee's folder and from the package alone: survey and filled forms, whole JSON and exit code."""
    made = Forms(tmp_path, rule, "按产量")
    filled = [made.fill(tmp_path / "填报", who) for who in WHO]
    package = published(tmp_path / "项目", capsys)
    told = {}
    for source in (tmp_path / "项目" / "调研数据.xlsx", tmp_path / "填报", filled[3]):
        found = []
        for of in (tmp_path / "项目", package):
            code = run(["evaluate", str(of), str(source), "--json"])
            content_ = json.loads(capsys.readouterr().out)
            found.append((code, {k: v for k, v in content_.items() if k not in ("files", "findings")}))
        assert found[0] == found[1]
        told[source.name] = found[0][1]
    assert told["填报"]["tables"] == told["调研数据.xlsx"]["tables"]
    whole, hand = told["调研数据.xlsx"], case()["expect_distribution"].get(rule)
    assert len(whole["enterprises"]) == 4
    assert [t["distribution"]["I"] for t in whole["tables"]] == [1, 1]
    if hand is None:
        assert whole["combined"] is None
        assert {e["grade"] for e in whole["enterprises"]} == {None}
        assert set(whole["distribution"].values()) == {None}
    else:
        assert {k: whole["distribution"][k] for k in hand} == hand
    with zipfile.ZipFile(package) as archive:
        assert archive.namelist() == [CONTENT, "schema.json", "企业自评表.xlsx"]


def test_it_holds_nothing_of_the_committee_or_of_enterprises(package: Path) -> None:
    told = json.dumps(content(package), ensure_ascii=False)
    assert not [word for word in ("企业01", "企业10", 'E1"', "熟悉", "判断矩阵", '取水总量":') if word in told]
    with zipfile.ZipFile(package) as made:
        assert made.namelist() == [CONTENT, "schema.json", "企业自评表.xlsx"]


def test_conformance_examples_hold_by_the_command(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The examples come from the engine's arrays; here they go the way of a file that an enterprise sends."""
    (table,) = content(package)["tables"]
    codes = [r["code"] for r in table["rows"]]
    with (tmp_path / "算例.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["企业", *codes])
        writer.writerows([e["name"], *(e["answers"][c] for c in codes)] for e in table["examples"])
    run(["evaluate", str(package), str(tmp_path / "算例.csv"), "--json"])
    told = json.loads(capsys.readouterr().out)["enterprises"]
    keys = ("Y_I", "Y_II", "Y_III")
    assert [([float(e["exact"][k]) for k in keys], e["grade"]) for e in told] == [
        ([float(e[k]) for k in keys], e["grade"]) for e in table["examples"]
    ]
    assert [e["grade"] for e in table["examples"]] == ["I", "II", "III", None, None]


def test_it_has_the_fields_that_its_schema_asks_for(project: Path, package: Path) -> None:
    """The schema is made of the types that write and read it; here one document is walked along it."""
    made = schema()

    def walk(value: Any, rule: dict[str, Any]) -> None:
        if "$ref" in rule:
            rule = made["$defs"][rule["$ref"].rpartition("/")[2]]
        if isinstance(value, dict) and "properties" in rule:
            assert set(rule["required"]) <= set(value) <= set(rule["properties"])
            for key, one in value.items():
                walk(one, rule["properties"][key])
        elif isinstance(value, list):
            for one in value:
                walk(one, rule["items"])

    walk(content(package), made)
    assert content(package)["digest"] == digest_of(content(package))


def changed(package: Path, target: Path, change: Callable[[dict[str, Any]], None], *, sealed: bool = True) -> Path:
    told = content(package)
    change(told)
    if sealed:
        told["digest"] = digest_of(told)
    with zipfile.ZipFile(target, "w") as made:
        made.writestr(CONTENT, json.dumps(told, ensure_ascii=False))
    return target


def long_formula(told: dict[str, Any]) -> None:
    told["tables"][0]["rows"][0]["formula"] = "+".join(f"甲{n}" for n in range(10_000))


def long_baseline(told: dict[str, Any]) -> None:
    told["tables"][0]["rows"][0]["baselines"]["I"] = "≤" + "(" * 5_000 + "n" + ")" * 5_000


BAD: dict[str, tuple[Callable[[dict[str, Any]], object], bool, str]] = {
    "a newer schema": (lambda t: t.update(schema=SCHEMA + 1), True, "package-newer"),
    "a digest that does not fit": (lambda t: t["tables"][0]["rows"][0].update(weight="0.9"), False, "package-digest"),
    "a formula of 10,000 nodes": (long_formula, True, "package-formula"),
    "a baseline of 10,000 brackets": (long_baseline, True, "package-formula"),
    "a field of another kind": (lambda t: t["tables"][0]["rows"][0].update(limiting="是"), True, "package-wrong"),
    "a weight that is none": (lambda t: t["tables"][0]["rows"][0].update(weight="很重"), True, "package-wrong"),
    "rules that nobody knows": (lambda t: t["rules"].update(key="x"), True, "package-wrong"),
    "another threshold": (lambda t: t["rules"].update(thresholds=["80", "85", "100"]), True, "package-wrong"),
    "nothing asked of others": (lambda t: t["rules"].update(others=[None, None, None]), True, "package-wrong"),
    "no schema": (lambda t: t.pop("schema"), True, "package-wrong"),
}


@pytest.mark.parametrize("fault", BAD)
def test_bad_packages_are_refused_by_name(fault: str, package: Path, tmp_path: Path) -> None:
    change, sealed, code = BAD[fault]
    bad = changed(package, tmp_path / "坏.zip", lambda t: (change(t), None)[1], sealed=sealed)
    with pytest.raises(OpeningError) as caught:
        read_package(bad)
    assert caught.value.code == code


def test_baselines_by_group_are_published_and_hold(
    project: Path, package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With 分组基准 the package held the pooled baselines alone, and graded others than the project did."""
    copy = shutil.copytree(project, tmp_path / "分组", ignore=shutil.ignore_patterns("成果", "记录"))
    book = openpyxl.load_workbook(copy / "项目.xlsx")
    book["方法设置"].append(["分组基准", "是"])
    book.save(copy / "项目.xlsx")
    survey = openpyxl.load_workbook(copy / "调研数据.xlsx")
    sheet = survey.worksheets[0]
    at = next(c.column for c in sheet[1] if c.value == "分组")
    for number in range(2, sheet.max_row + 1):
        sheet.cell(number, at).value = "大型" if number % 3 else "小型"
    survey.save(copy / "调研数据.xlsx")
    grouped, file = published(copy, capsys), str(copy / "调研数据.xlsx")
    own = verdicts(capsys, str(copy), file)
    assert own == verdicts(capsys, str(grouped), file)
    assert own != verdicts(capsys, str(package), file)
    told = content(grouped)
    assert told["schema"] == SCHEMA
    assert {s for t in told["tables"] for r in t["rows"] for s in r["strata"]} == {"大型", "小型"}
    assert {e["stratum"] for t in told["tables"] for e in t["examples"]} == {"", "大型", "小型"}
    plain = content(package)  # what has no groups is as it always was, for every program that reads it
    assert plain["schema"] == 1
    assert not [r for t in plain["tables"] for r in (*t["rows"], *t["examples"]) if {"strata", "stratum"} & set(r)]


def test_what_speaks_against_publishing_is_said(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors of the project and weights that wait for answers: the package was written as if nothing were."""
    copy = shutil.copytree(project, tmp_path / "有误", ignore=shutil.ignore_patterns("成果", "记录"))
    book = openpyxl.load_workbook(copy / "项目.xlsx")
    book["方法设置"].append(["比较方法", "差不多"])
    book.save(copy / "项目.xlsx")
    assert run(["publish", str(copy), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert len(told["files"]) == 1
    assert [f["code"] for f in told["findings"]] == ["setting-not-a-choice", "package-provisional"]
    made = run_project(project, until="weights")
    assert made.results.weights.provisional_because in provisional(made)[0].message
    final = replace(made.results, weights=replace(made.results.weights, provisional=False))
    assert not provisional(replace(made, results=final))


def test_what_is_no_package_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.zip").write_bytes(b"hello")
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as made:
        made.writestr("b.txt", "")
    (tmp_path / "b.zip").write_bytes(empty.getvalue())
    for name in ("a.zip", "b.zip"):
        assert run(["evaluate", str(tmp_path / name), "x.xlsx", "--json"]) == 1
        told = json.loads(capsys.readouterr().out)
        assert [f["code"] for f in told["findings"]] == ["package-wrong"]
