"""An expert's revision of a returned answer stands beside the original: on record, in a finding, in the papers."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drafting.cli import app
from drafting.document.search import runs_of
from drafting.document.statement.composing import compose_statement
from drafting.document.tree import Document, blocks, plain
from drafting.model.revisions import Answers, changes
from drafting.model.system import FIRST_LEVEL
from drafting.pipeline.questionnaires import write_ahp, write_delphi
from drafting.pipeline.running import run_project
from drafting.project.answer_record import keep_answers
from drafting.project.folder import load_project
from drafting.project.recorded_answers import RECORD_FILE, read_answer_record
from tests.drafting.weights_projects import TRUE, edit, fill_allocation, fill_judgements, inputs, panel, project

EXPERTS = ("专家01", "专家02", "专家03")
DAY = date(2026, 3, 1)


def answered(folder: Path, **settings: object) -> Path:
    """A project of three experts with matrices and one round returned."""
    from drafting.workbook.project.blank import write_project

    write_project(folder / "项目.xlsx", replace(inputs(**settings), experts=panel(EXPERTS)))
    asked = load_project(folder)
    for code, file in zip(EXPERTS, write_ahp(asked).files, strict=True):
        fill_judgements(file, folder / "判断矩阵" / f"{code}.xlsx", TRUE)
    for code, file in zip(EXPERTS, write_delphi(asked, 1, today=DAY).files, strict=True):
        fill_allocation(file, folder / "德尔菲" / "第1轮" / f"{code}.xlsx", TRUE)
    return folder


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return answered(tmp_path_factory.mktemp("original"), weight_method="组合")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "项目"))


def text_of(document: Document) -> str:
    return "\n".join(plain(runs) for block in blocks(document) for runs in runs_of(block))


def weights(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> tuple[int, dict[str, Any]]:
    status = app.run(["weights", str(folder), "--json"])
    return status, json.loads(capfdbinary.readouterr().out)


def test_the_first_answers_are_kept_and_a_revision_stands_beside_them(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    _, first = weights(folder, capfdbinary)
    assert first["revisions"] == []
    before = (folder / RECORD_FILE).read_bytes()
    # 3 experts × (4 matrices + 4 allocations)
    assert len(json.loads(before)["entries"]) == 24
    weights(folder, capfdbinary)
    assert (folder / RECORD_FILE).read_bytes() == before, "nothing new, nothing written"

    file = folder / "判断矩阵" / "专家02.xlsx"
    edit(file, "能源消耗", {"C4": "1/3", "D4": None})  # 综合能耗 : 余热 was 60/25 ≈ 2, : 清洁能源 60/15 = 4
    status, found = weights(folder, capfdbinary)
    (one,) = found["revisions"]
    assert (one["instrument"], one["expert"], one["group"], one["version"]) == ("判断矩阵", "专家02", "能源消耗", 2)
    assert one["file"] == "判断矩阵/专家02.xlsx"
    assert one["sha256"] != one["previous"]["sha256"]
    assert [(c["items"], c["before"], c["after"], c["cell"]) for c in one["changes"]] == [
        (["单位产品综合能耗", "余热利用率"], 2.0, pytest.approx(1 / 3), "C4"),
        (["单位产品综合能耗", "清洁能源占比"], 4.0, None, "D4"),
    ]
    (said,) = (f for f in found["findings"] if f["code"] == "answers-revised")
    assert (said["severity"], said["file"], said["sheet"], said["cell"]) == (
        "note", "判断矩阵/专家02.xlsx", "能源消耗", "C4",
    )  # fmt: skip
    assert "“单位产品综合能耗”比“余热利用率”由 2 改为 1/3（C4）" in said["message"]
    assert "由 4 改为 未答（D4）" in said["message"]
    assert status == 0
    entries = json.loads((folder / RECORD_FILE).read_bytes())["entries"]
    assert entries[:24] == json.loads(before)["entries"], "append-only"
    assert entries[24]["answers"][:2] == [["N1", "N2", pytest.approx(1 / 3)], ["N1", "N3", None]]

    # taken back: the third version, and nothing of the history is lost
    edit(file, "能源消耗", {"C4": 2, "D4": 4})
    _, back = weights(folder, capfdbinary)
    assert [(r["version"], r["changes"][0]["before"], r["changes"][0]["after"]) for r in back["revisions"]] == [
        (2, 2.0, pytest.approx(1 / 3)), (3, pytest.approx(1 / 3), 2.0),
    ]  # fmt: skip


def test_a_round_is_revised_while_it_is_open_and_warned_of_once_it_is_closed(folder: Path) -> None:
    keep_answers(load_project(folder), DAY)
    edit(folder / "德尔菲" / "第1轮" / "专家01.xlsx", "一级指标权重", {"B5": 40, "B6": 30})
    run = run_project(folder, until="weights")
    (said,) = (f for f in run.findings if f.code.startswith("answers-revised"))
    assert said.code == "answers-revised"
    assert str(said.place) == "德尔菲/第1轮/专家01.xlsx·一级指标权重·B5"
    assert "“能源消耗”由 50 改为 40（B5）；“水资源消耗”由 20 改为 30（B6）" in said.message
    app.run(["questionnaires", str(folder), "--delphi", "2", "--json"])
    blank = folder / "成果" / "问卷" / "德尔菲第2轮" / "专家02.xlsx"
    fill_allocation(blank, folder / "德尔菲" / "第2轮" / "专家02.xlsx", TRUE)
    (said,) = (f for f in run_project(folder, until="weights").findings if f.code.startswith("answers-revised"))
    assert (said.code, said.severity) == ("answers-revised-late", "warning")


def test_reading_alone_writes_no_record(folder: Path) -> None:
    assert app.run(["check", str(folder), "--json"]) in (0, 1)
    assert not (folder / RECORD_FILE).exists()


@pytest.mark.parametrize("command", [["questionnaires", "--ahp", "--revise"], ["questionnaires", "--delphi", "2"]])
def test_answers_are_kept_before_a_questionnaire_goes_back(folder: Path, command: list[str]) -> None:
    app.run([command[0], str(folder), *command[1:], "--json"])
    assert len(json.loads((folder / RECORD_FILE).read_bytes())["entries"]) == 24


def test_the_paper_tells_the_original_and_the_revision_without_a_code(folder: Path) -> None:
    keep_answers(load_project(folder), DAY)
    edit(folder / "判断矩阵" / "专家02.xlsx", "能源消耗", {"C4": "1/3"})
    run = run_project(folder, until="weights")
    assert run.project.inputs is not None
    for edition, shown in (("public", False), ("internal", True)):
        words = text_of(compose_statement(run.project.inputs, run.results, edition=edition, attached=True))
        assert "原答复和修改如下" in words
        assert "“能源消耗”判断矩阵答复（第2版）：“单位产品综合能耗”比“余热利用率”由 2 改为 1/3" in words
        assert ("专家02" in words) is shown
    assert "原答复和修改如下" not in text_of(compose_statement(inputs(), run.results.__class__(), attached=True))


def test_a_file_that_is_gone_is_said_once_and_one_that_is_damaged_is_not_gone(folder: Path) -> None:
    keep_answers(load_project(folder), DAY)
    (folder / "判断矩阵" / "专家03.xlsx").unlink()
    (folder / "判断矩阵" / "专家02.xlsx").write_bytes(b"PK")
    (gone,) = (f for f in load_project(folder).findings if f.code == "answers-withdrawn")
    assert gone.place.file == "判断矩阵/专家03.xlsx"
    assert "2026-03-01" in gone.message


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": 2, "entries": []}', b'{"format": 1, "entries": [{"expert": 1}]}',
                b'{"format": 1, "entries": [{"instrument": "a", "expert": "b", "group": "c", "file": "d", "day": "",'
                b' "sha256": "", "answers": [["x", "y", 0]]}]}', b"\xff", b"[" * 100_000],
)  # fmt: skip
def test_a_record_that_cannot_be_read_is_left_alone(folder: Path, content: bytes) -> None:
    (folder / "记录").mkdir(exist_ok=True)
    (folder / RECORD_FILE).write_bytes(content)
    read = load_project(folder)
    assert [str(f.place) for f in read.findings if f.code == "answers-record-unreadable"] == [RECORD_FILE]
    assert keep_answers(read, DAY) is read
    assert (folder / RECORD_FILE).read_bytes() == content


def test_a_record_that_cannot_be_written_is_said_and_hinders_nothing(folder: Path) -> None:
    (folder / RECORD_FILE).mkdir(parents=True)
    kept = keep_answers(load_project(folder), DAY)
    assert [f.code for f in kept.findings if f.place.file == RECORD_FILE] == ["answers-not-recorded"]


def test_versions_survive_the_file(tmp_path: Path) -> None:
    folder = project(tmp_path)
    read = load_project(folder)
    assert read.inputs is not None
    assert not (folder / RECORD_FILE).exists()
    assert keep_answers(read, DAY) is read, "no answers, no record"
    own = Answers("判断矩阵", "“专\n家”", FIRST_LEVEL, {("a", "b"): 1 / 3, ("a", "c"): None}, "f", "s", "2026-03-01")
    from drafting.project.answer_record import _content

    assert read_answer_record(_content([own, own])) == (own, own)


def test_what_counts_as_a_change() -> None:
    assert changes({("a", "b"): 3.0}, {("b", "a"): 1 / 3}) == (), "asked the other way round"
    assert changes({("a", "b"): 3.0}, {("a", "b"): 3.0, ("a", "c"): 2.0}) == (), "another pair was asked"
    (one,) = changes({("a", "b"): 3.0}, {("b", "a"): 3.0})
    assert (one.item, one.before, one.after) == (("b", "a"), 1 / 3, 3.0)
    (blank,) = changes({("a", "b"): None}, {("a", "b"): 1.0})
    assert (blank.before, blank.after) == (None, 1.0)
    assert [(c.item, c.before, c.after) for c in changes({("x",): 4.0}, {("y",): 5.0})] == [
        (("y",), None, 5.0), (("x",), 4.0, None),
    ]  # fmt: skip
