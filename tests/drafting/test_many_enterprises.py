"""A survey of more enterprises than are told one by one: papers, findings, record and verify stay short and whole."""

from __future__ import annotations

import csv
import errno
import json
import shutil
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drafting.analysis.trial.verdicts import Verdicts
from drafting.desk.causes import causes
from drafting.files import OutputError
from drafting.findings import Cell, compacted, finding
from drafting.model.survey import MOST_DETAILED
from drafting.model.terms import Grade
from drafting.pipeline.running import build
from drafting.record import enterprises
from drafting.record.enterprises import FILE
from drafting.run import Run
from drafting.verification import RecordError, verify
from drafting.workbook.survey.ways import LARGE_BYTES
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
def run(folder: Path) -> Run:
    return build(folder, quick=True, formats=("md",))


def test_a_survey_on_disk_ends_in_the_same_record(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draft, papers, trial and the enterprises' table; what is said of many cells of one kind is counted there."""
    pytest.importorskip("duckdb")
    monkeypatch.setitem(LARGE_BYTES, ".csv", 0)
    copy = tmp_path / "项目"
    copy.mkdir()
    for name in ("项目.xlsx", "调研数据.csv"):
        shutil.copy(run.project.folder / name, copy)
    stored = build(copy, quick=True, formats=("md",))
    assert stored.project.inputs.survey.stored is not None
    names = ("结果.json", "结果-企业.parquet", "编制说明.docx")
    assert all((stored.output / name).is_file() for name in names)
    ours, theirs = (json.loads((of.output / names[0]).read_text("utf-8")) for of in (stored, run))
    for record in (ours, theirs):
        del record["findings"], record["digests"]["findings"]
    assert ours == theirs
    assert not verify(stored.output / names[0]).differences


def test_findings_of_one_kind_keep_their_places_as_ranges(run: Run) -> None:
    found = [f for f in run.findings if f.code == "survey-outside-limits"]
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


def test_of_very_many_places_the_first_are_listed_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows follow one another or not, come in any order, or twice."""
    rows = [*range(1, 21), 50, 51, 30, 40, 31, 40, 60, 70]
    findings = [finding("survey-no-enterprise", Cell("a.csv", "", f"B{row}"), row=row) for row in rows]
    last = compacted(findings)[-1]
    assert (last.more, last.further) == (("B30:B31", "B40", "B50:B51", "B60", "B70"), 8)
    assert last.message.endswith("（B 列另有 8 处同样的问题）")
    monkeypatch.setattr("drafting.findings.compact.AREAS", 3)
    last = compacted(findings)[-1]
    assert (last.more, last.further) == (("B30", "B40", "B50:B51"), 8)
    assert "另有 8 处同样的问题，只列出其中 3 段" in last.message


def test_the_statement_of_a_large_survey_is_composed(run: Run) -> None:
    assert not [f for f in run.findings if f.code.startswith("template")]
    assert (run.project.folder / "成果" / "编制说明.docx").is_file()


def test_enterprises_are_made_when_they_are_asked_for(run: Run) -> None:
    trial, inputs = run.results.trial, run.project.inputs
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
    limit = next(i for i in run.results.baselines.indicators if i.code == "E1").by_grade[Grade.III].value
    values["企业00011"] = np.inf  # left out, and so not shown to be reached
    for one in whole:  # E1 is limiting: the gate of clause 6
        assert any(r.startswith("限定性指标未全部达到") for r in one.reasons) == (values[one.enterprise] > float(limit))


def test_enterprises_stand_in_a_table_beside_the_record(run: Run) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    output = run.project.folder / "成果"
    record = json.loads((output / "结果.json").read_text("utf-8"))
    assert record["enterprises"]["rows"] == ENTERPRISES
    assert record["enterprises"]["sha256"] == sha256((output / FILE).read_bytes()).hexdigest()
    assert record["trial"]["enterprises"] == []
    assert (output / "结果.json").stat().st_size < 100 * ENTERPRISES
    rows = pq.read_table(output / FILE).to_pylist()
    survey = run.project.inputs.survey
    assert [r["enterprise"] for r in rows] == list(survey.enterprises)
    assert [r["value:E1"] for r in rows] == survey.columns["E1"].values.tolist()
    assert [r["taking_part"] for r in rows] == [name != "企业00007" for name in survey.enterprises]
    told = {r["enterprise"]: r for r in rows if r["taking_part"]}
    for one in run.results.trial.enterprises:
        said = told[one.enterprise]
        assert (said["grade"] or None) == (one.grade.value if one.grade else None)
        assert [Decimal(said[f"exact_{g.value}"]) for g in Grade] == [one.y[g] for g in Grade]
        assert tuple(said["reasons"]) == one.reasons


def test_verify_reads_the_table(run: Run) -> None:
    pytest.importorskip("pyarrow")
    verdict = verify(run.project.folder / "成果" / "结果.json")
    assert not verdict.differences
    assert verdict.kinds["试评价"] > 8 * (ENTERPRISES - 1)
    assert verdict.kinds["另法复算"] > 4 * (ENTERPRISES - 1)


def _changed(folder: Path, run: Run, change: Callable[[Any], Any], *, sealed: bool) -> Path:
    """A copy of record and table with the table changed; ``sealed``: with the digest of the changed one."""
    import pyarrow.parquet as pq

    output = run.project.folder / "成果"
    pq.write_table(change(pq.read_table(output / FILE)), folder / FILE)
    record = json.loads((output / "结果.json").read_text("utf-8"))
    if sealed:
        record["enterprises"]["sha256"] = sha256((folder / FILE).read_bytes()).hexdigest()
    (folder / "结果.json").write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    return folder / "结果.json"


def _set(name: str, row: int, value: object) -> Callable[[Any], Any]:
    def change(table: Any) -> Any:
        import pyarrow as pa

        values = table.column(name).to_pylist()
        values[row] = value
        return table.set_column(
            table.schema.get_field_index(name), name, pa.array(values, table.schema.field(name).type)
        )

    return change


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("grade", "I", "trial.企业00050.grade"),
        pytest.param("Y_II", 99.5, "trial.企业00050.Y_II", marks=pytest.mark.slow),
        pytest.param("exact_II", "99.5", "trial.企业00050.exact_II", marks=pytest.mark.slow),
        pytest.param("reasons", ["无"], "trial.企业00050.reasons", marks=pytest.mark.slow),
        ("value:E2", 0.5, "trial.企业00050.reasons"),
    ],
)
def test_verify_names_what_was_changed_in_the_table(
    run: Run, tmp_path: Path, name: str, value: object, path: str
) -> None:
    pytest.importorskip("pyarrow")
    verdict = verify(_changed(tmp_path, run, _set(name, 50, value), sealed=True))
    assert path in [d.path for d in verdict.differences]
    assert any(d.path == "enterprises" for d in verdict.differences)  # its digest is that of another table


def test_a_table_of_another_run_or_none_is_refused_by_name(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    record = _changed(tmp_path, run, _set("grade", 50, "I"), sealed=False)
    with pytest.raises(RecordError, match=f"{FILE} 不是与 结果.json 同一次"):
        verify(record)
    (tmp_path / FILE).unlink()
    with pytest.raises(RecordError, match=f"找不到 {FILE}"):
        verify(record)
    content = json.loads(record.read_text("utf-8"))
    content["enterprises"]["file"] = "../结果-企业.parquet"
    record.write_text(json.dumps(content), "utf-8")
    with pytest.raises(RecordError, match="应为"):
        verify(record)


def test_a_damaged_table_is_refused_by_name(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    record = _changed(tmp_path, run, _set("grade", 50, "I"), sealed=False)
    (tmp_path / FILE).write_bytes(b"PAR1 and nothing else")
    content = json.loads(record.read_text("utf-8"))
    content["enterprises"]["sha256"] = sha256((tmp_path / FILE).read_bytes()).hexdigest()
    record.write_text(json.dumps(content), "utf-8")
    with pytest.raises(RecordError, match="已损坏"):
        verify(record)


def test_a_full_disk_between_two_pieces_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    written: list[int] = []

    def full(self: object, table: Any) -> None:
        written.append(table.num_rows)
        if len(written) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    monkeypatch.setattr(enterprises, "_PIECE", 2000)
    with pytest.raises(OutputError, match="磁盘"):
        enterprises.write_enterprises(tmp_path / FILE, run.project.inputs, run.results.trial)
    assert written == [2000, 2000]
    assert not list(tmp_path.iterdir())
