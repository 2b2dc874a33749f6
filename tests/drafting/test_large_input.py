"""What the installed command answers to bad input on the route of large surveys: findings and exit codes."""

from __future__ import annotations

import json

import pytest

from drafting.cli.app import run
from tests.drafting.survey_projects import write_csv, write_project

pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")

INDICATORS = [
    {"代码": "E1", "二级指标": "能耗", "单位": "kgce/t", "下限": "0"},
    {"代码": "E2", "二级指标": "回收率", "单位": "%", "方向": "越大越好"},
]
HEADS = ["企业", "分组", "权数", "E1", "E2"]


def rows(**columns):
    """A hundred enterprises; a column given here repeats its values."""
    found = []
    for n in range(100):
        line = {"企业": f"厂{n}", "分组": "大", "权数": "1", "E1": str(n + 1), "E2": str(50 + n % 40)}
        found.append([columns[h][n % len(columns[h])] if h in columns else line[h] for h in HEADS])
    return found


def answer(folder, capfdbinary, *options):
    status = run(["baselines", str(folder), "--engine", "duckdb", "--json", *options])
    said = capfdbinary.readouterr()
    assert b"Traceback" not in said.out + said.err
    return status, json.loads(said.out) if said.out else None, said.err.decode()


@pytest.fixture
def folder(tmp_path):
    return write_project(tmp_path / "项目", INDICATORS, categories={"能源消耗": 1})


CELLS = {
    "missing": ({"E1": [""]}, {"survey-column-empty"}),
    "weights": ({"权数": ["0", "-2", "", "x", "1"]}, {"survey-weight"}),
    "beyond numbers": ({"E1": ["1e308", "NaN", "inf", "1e500", "3"]}, {"survey-not-a-number"}),
    "negative": ({"E1": ["-5", "3", "4"]}, {"survey-outside-limits"}),
    "percent": ({"E2": ["0.95", "95", "96", "97%"]}, {"survey-percent-mixed"}),
    "undetected": ({"E2": ["<1", "<2", "3"]}, {"baseline-undetected"}),
    "dates": ({"E1": ["2026-01-02", "5", "6"]}, {"survey-not-a-number"}),
}


@pytest.mark.parametrize("kind", CELLS)
def test_cells(folder, capfdbinary, kind):
    columns, codes = CELLS[kind]
    write_csv(folder, [HEADS, *rows(**columns)])
    status, said, _ = answer(folder, capfdbinary)
    assert codes <= {f["code"] for f in said["findings"]}
    assert status == (1 if any(f["severity"] == "error" for f in said["findings"]) else 0)
    assert all(f["remedy"] for f in said["findings"])


FILES = {
    "empty": (b"", "file-empty"),
    "headings only": ("企业,E1,E2\n".encode(), "survey-empty"),
    "no enterprises": ("名单,E1,E2\n甲,1,2\n".encode(), "heading-missing"),
    "quotes": ('企业,E1,E2\n甲,1,2\n乙,"3,4\n丙,5,6\n'.encode(), "csv-broken"),
    "binary": (b"\0\1\2" * 99, "file-damaged"),
    "latin": (b"\xb0\xff\n" * 9, "csv-encoding"),
}


@pytest.mark.parametrize("kind", FILES)
def test_files(folder, capfdbinary, kind):
    data, code = FILES[kind]
    (folder / "调研数据.csv").write_bytes(data)
    status, said, _ = answer(folder, capfdbinary)
    assert status == 1
    assert code in {f["code"] for f in said["findings"]}


def test_ragged_lines_are_left_out_and_counted(folder, capfdbinary):
    write_csv(folder, [HEADS, *rows(), *[["甲", "大"]] * 30])
    status, said, _ = answer(folder, capfdbinary)
    ragged = [f for f in said["findings"] if f["code"] == "csv-ragged"]
    assert status == 1
    assert [f["cell"] for f in ragged[:2]] == ["A102", "A103"]
    assert any(f["code"] == "csv-ragged-more" and "10" in f["message"] for f in said["findings"])
    assert said["indicators"][0]["n"] == 100


def test_a_damaged_parquet_file(folder, capfdbinary):
    (folder / "调研数据.parquet").write_bytes(b"PAR1 and nothing else PAR1")
    status, said, _ = answer(folder, capfdbinary)
    assert (status, [f["code"] for f in said["findings"]]) == (1, ["file-damaged"])


def test_an_unknown_stratum_in_the_merging_rule(tmp_path, capfdbinary):
    rule = {"分组基准": "是", "分组合并": "没有这组=大"}
    folder = write_project(tmp_path / "项目", INDICATORS, categories={"能源消耗": 1}, settings=rule)
    write_csv(folder, [HEADS, *rows()])
    status, said, _ = answer(folder, capfdbinary)
    assert status == 1
    assert "merge-stratum-unknown" in {f["code"] for f in said["findings"]}


@pytest.mark.parametrize("limit", ["0", "10MB"])
def test_a_memory_limit_that_is_too_small(folder, capfdbinary, limit):
    write_csv(folder, [HEADS, *rows()])
    status, said, words = answer(folder, capfdbinary, "--memory-limit", limit)
    assert (status, said) == (1, None)
    assert "至少需要约 48 MB" in words


def test_a_column_that_the_limit_does_not_hold_is_said_not_to_be_looked_at(folder, capfdbinary, monkeypatch):
    write_csv(folder, [HEADS, *rows()])
    monkeypatch.setattr("drafting.analysis.levels.large_columns.ROW_BYTES", 1 << 24)
    status, said, _ = answer(folder, capfdbinary)
    assert status == 0
    assert "large-not-looked" in {f["code"] for f in said["findings"]}
    assert said["indicators"][0]["I"]["value"] == "5.00"


def test_weights_that_cannot_be_added_exactly_are_refused(folder, capfdbinary):
    write_csv(folder, [HEADS, *rows(权数=["1e30", "1e-9", "1"])])
    status, said, _ = answer(folder, capfdbinary)
    assert status == 1
    assert said["indicators"] == []
    assert "large-weights" in {f["code"] for f in said["findings"]}


def test_java_missing(folder, capfdbinary, monkeypatch, tmp_path):
    pytest.importorskip("pyspark")
    pytest.importorskip("ibis")
    write_csv(folder, [HEADS, *rows()])
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["baselines", str(folder), "--engine", "spark"]) == 1
    assert "Java 17" in capfdbinary.readouterr().err.decode()
