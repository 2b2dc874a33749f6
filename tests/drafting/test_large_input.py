"""What the installed command answers to bad input on the route of large surveys: findings and exit codes."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from pathlib import Path

import pytest

from baselines import NotFiniteError
from baselines.engines import (
    EngineError,
    EngineMissingError,
    JavaMissingError,
    MasterAddressError,
    MasterUnreachableError,
    ScratchError,
    TableError,
    connection,
)
from drafting.cli.app import run
from drafting.project.folder import load_project
from drafting.workbook.survey.ways import LARGE_BYTES, Way
from tests.drafting.survey_projects import write_csv, write_project

pq = pytest.importorskip("pyarrow.parquet")
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
    "binary": (b"\0\1\2" * 99, "csv-encoding"),
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


@pytest.mark.parametrize(
    ("limit", "words"), [("0", "0 KB"), ("0.3", "307 KB"), ("1KB", "1 KB"), ("1.5MB", "1.5 MB"), ("10MB", "10 MB")]
)
def test_a_memory_limit_that_is_too_small(tmp_path, capfdbinary, limit, words):
    """A finding beside those of the project, which the limit does not change."""
    lost = [("厂1", "N99", "停产")]
    folder = write_project(tmp_path / "项目", INDICATORS, categories={"能源消耗": 1}, exclusions=lost)
    write_csv(folder, [HEADS, *rows()])
    others = [f for f in answer(folder, capfdbinary)[1]["findings"] if f["code"] == "exclusion-indicator"]
    status, said, err = answer(folder, capfdbinary, "--memory-limit", limit)
    fault = next(f for f in said["findings"] if f["code"] == "engine-memory")
    assert (status, err, said["indicators"]) == (1, "", [])
    assert fault["message"] == f"内存上限 {words} 太小，计算不能完成，至少需要约 48 MB。"
    assert "--memory-limit" in fault["remedy"]
    assert others
    assert [f for f in said["findings"] if f["code"] == "exclusion-indicator"] == others


FAULTS = {
    "java": (JavaMissingError("x"), "engine-java", "Java 17"),
    "master": (MasterUnreachableError("x", values=("spark://a:1",)), "engine-master", "spark://a:1"),
    "missing": (EngineMissingError("x", values=("spark",)), "engine-missing", "spark"),
    "failed": (EngineError("x", values=("yarn", "Error: no queue")), "engine-failed", "Error: no queue"),
    "address": (MasterAddressError("x", values=("foo",)), "engine-address", "foo"),
    "table": (TableError("x", values=("E1",)), "engine-table", "E1"),
    "infinite": (NotFiniteError("x", values=("E1",)), "engine-infinite", "E1"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_what_an_engine_cannot_do_is_a_finding(folder, capfdbinary, monkeypatch, kind):
    """In JSON and on the screen, beside the findings made so far; standard output is never empty."""
    error, code, word = FAULTS[kind]

    def refuse(*_):
        raise error

    write_csv(folder, [HEADS, *rows()])
    monkeypatch.setattr("drafting.workbook.survey.assembly.read_survey", refuse)
    status, said, err = answer(folder, capfdbinary)
    fault = next(f for f in said["findings"] if f["code"] == code)
    assert (status, err) == (1, "")
    assert word in fault["message"]
    assert fault["remedy"]
    assert run(["baselines", str(folder), "--engine", "duckdb"]) == 1
    screen = "".join(capfdbinary.readouterr().out.decode().split())
    assert "".join(fault["message"].split()) in screen
    assert "没有调研数据" not in screen


@pytest.mark.parametrize("number", [2, 20, 40])
def test_a_full_disk_between_two_pieces(folder, capfdbinary, monkeypatch, tmp_path_factory, number):
    """While the lines, the names or the records are written out; nothing is left behind, and the cause is named."""
    write = pq.ParquetWriter.write_table
    written: list[str] = []

    def full(self, table):
        written.append(table.schema.names[0])
        if len(written) == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(self, table)

    monkeypatch.setattr("drafting.workbook.on_disk.source.PIECE_ROWS", 7)
    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    scratch = tmp_path_factory.mktemp("临时")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))  # others use the common one at the same time
    write_csv(folder, [HEADS, *rows()])
    status, said, err = answer(folder, capfdbinary)
    assert (status, err, written[-1]) == (1, "", {2: "行", 20: "position", 40: "位置"}[number])
    (fault,) = (f for f in said["findings"] if f["code"] == "engine-scratch")
    assert "磁盘空间不足" in fault["message"]
    assert not list(scratch.glob("survey-*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_duckdb_on_a_full_disk_says_so():
    with pytest.raises(ScratchError) as told, connection(1 << 28) as duck:
        duck.execute("COPY (SELECT 1) TO '/dev/full' (FORMAT csv)")
    assert told.value.values == (errno.ENOSPC,)


def test_an_address_that_is_none_is_wrong_usage(folder, capfdbinary):
    write_csv(folder, [HEADS, *rows()])
    assert run(["baselines", str(folder), "--engine", "spark", "--master", "foo"]) == 2
    said = capfdbinary.readouterr().err.decode()
    assert "“foo”不是 Spark 主节点的地址" in said
    assert "spark://主机:7077" in said


def test_a_workbook_is_not_for_these_engines(folder, capfdbinary):
    (folder / "调研数据.xlsx").write_bytes((folder / "项目.xlsx").read_bytes())
    status, said, _ = answer(folder, capfdbinary)
    fault = next(f for f in said["findings"] if f["file"] == "调研数据.xlsx")
    assert (status, fault["code"]) == (1, "engine-file")
    assert ".csv 和 .parquet" in fault["message"]
    assert "另存为 .csv" in fault["remedy"]
    assert "--engine memory" in fault["remedy"]
    assert run(["baselines", str(folder), "--engine", "duckdb"]) == 1
    assert "没有调研数据" not in capfdbinary.readouterr().out.decode()


def test_a_column_that_the_limit_does_not_hold_is_said_not_to_be_looked_at(folder, capfdbinary, monkeypatch):
    write_csv(folder, [HEADS, *rows()])
    monkeypatch.setattr("drafting.model.survey.ENTRY_BYTES", 1 << 24)
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
    assert run(["baselines", str(folder), "--engine", "spark", "--json"]) == 1
    assert "engine-java" in {f["code"] for f in json.loads(capfdbinary.readouterr().out)["findings"]}


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_an_unknown_enterprise_in_the_exclusions_is_said_once_at_its_cell(tmp_path, capfdbinary, engine):
    lost = [("不存在厂", "", "停产")]
    folder = write_project(tmp_path / "项目", INDICATORS, categories={"能源消耗": 1}, exclusions=lost)
    write_csv(folder, [HEADS, *rows()])
    _, said, _ = answer(folder, capfdbinary, "--engine", engine)
    assert [(f["sheet"], f["cell"]) for f in said["findings"] if "不存在厂" in f["message"]] == [("剔除", "A2")]


def test_without_a_latest_year_the_row_that_is_kept_is_named(tmp_path, capfdbinary):
    rule = {"重复企业": "取最新"}
    folder = write_project(tmp_path / "项目", INDICATORS, categories={"能源消耗": 1}, settings=rule)
    write_csv(folder, [HEADS, *rows(), rows()[3]])
    said = answer(folder, capfdbinary)[1]["findings"]
    fault = next(f for f in said if f["code"] == "survey-no-latest")
    assert "无法选出最新的一行" in fault["message"]
    assert "采用首次出现的一行（A5）" in fault["message"]


def test_the_size_of_the_file_chooses_and_what_only_memory_can_do_is_done_there(folder, monkeypatch):
    """Text above 32 MB stays on disk; weights that no engine adds up are read into memory unless one was asked for."""
    way, large = Way(), folder / "large.csv"
    with large.open("wb") as file:
        file.truncate((32 << 20) + 1)
    assert (way.chosen(large), Way("memory").chosen(large)) == ("duckdb", "memory")
    assert way.chosen(large.rename(large.with_suffix(".xlsx"))) == "memory"
    monkeypatch.setitem(LARGE_BYTES, ".csv", 0)
    write_csv(folder, [HEADS, *rows()])
    assert load_project(folder).inputs.survey.stored is not None
    write_csv(folder, [HEADS, *rows(权数=["1e30", "1e-9", "1"])])
    assert load_project(folder).inputs.survey.stored is None
    assert load_project(folder, way=Way("duckdb")).inputs.survey is None
