"""A stranger's workbook cannot stop the others from being read: it ends in a finding that names it."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drafting import load_project
from drafting.findings import Severity, finding
from drafting.isolation.allowance import Allowance, allowance_for
from drafting.isolation.readers import READERS, NoReaderError, Readers, RefusedError
from drafting.workbook.contents import asking
from drafting.workbook.limits import Limits
from drafting.workbook.opening import OpeningError
from drafting.workbook.sheets import read_workbook

sys.path.insert(0, str(Path(__file__).parent))
import strange_files

QUESTIONNAIRE = "判断矩阵/专家99.xlsx"
BOUNDLESS = Limits(
    string_characters=1 << 40, text_characters=1 << 50, area=1 << 60, formats=1 << 40, sheets=1 << 40, patience=1 << 40,
    rows=1 << 40,
)  # fmt: skip


@pytest.mark.parametrize("make", strange_files.REFUSED, ids=lambda g: g.__name__)
def test_what_stops_a_careless_reader_is_refused_at_once(make):
    data = make()
    before = time.process_time()
    began = time.monotonic()
    with pytest.raises(OpeningError) as fault:
        read_workbook(data, QUESTIONNAIRE)
    assert fault.value.code in strange_files.REFUSED[make]
    assert time.monotonic() - began < 10
    assert time.process_time() - before < 1  # the work was not ours
    assert finding(fault.value.code, where(), **fault.value.values).message


def where():
    from drafting.findings import Cell

    return Cell(QUESTIONNAIRE)


@pytest.mark.parametrize("make", strange_files.READ, ids=lambda g: g.__name__)
def test_what_is_only_odd_takes_no_more_than_its_length(make):
    began = time.monotonic()
    try:
        read_workbook(make(), QUESTIONNAIRE)
    except OpeningError as fault:
        assert fault.code == "file-damaged"  # noqa: PT017 -- either is right, in time
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("make", [strange_files.open_errors, strange_files.long_reference], ids=lambda g: g.__name__)
def test_the_other_files_are_read(folder, make):
    (folder.path / QUESTIONNAIRE).write_bytes(make())
    project = folder.load()
    assert {m.expert for m in project.inputs.judgements} == {"E1", "E2"}
    (found,) = [f for f in project.findings if f.place.file == QUESTIONNAIRE]
    assert found.severity is Severity.ERROR
    assert "另存" in found.remedy


def test_an_abort_of_a_native_reader_is_a_finding(monkeypatch):
    """Without the static limits calamine asks for more than there is and aborts its process: that is a reader's."""
    monkeypatch.setattr(asking, "allowance_for", lambda *_, **__: Allowance(5, 200))
    with pytest.raises(OpeningError) as fault:
        read_workbook(strange_files.many_copies_of_a_string(300), QUESTIONNAIRE, BOUNDLESS)
    assert fault.value.code == "file-refused"
    assert "MB" in fault.value.values["reason"]
    assert read_workbook(strange_files.good(), "x").sheets[0].value(2, 1) == "E9"  # by the next reader


@pytest.mark.slow
def test_a_reader_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(asking, "allowance_for", lambda *_, **__: Allowance(1, 4000))
    with pytest.raises(OpeningError) as fault:
        read_workbook(strange_files.far_cells(60), QUESTIONNAIRE, dataclasses.replace(BOUNDLESS, area=0))
    assert fault.value.values["reason"] == "读取超过 1 秒的上限"


def test_what_nobody_foresaw_in_a_reader_is_a_finding():
    with pytest.raises(RefusedError, match=r"KeyError"):
        READERS.ask("no such task", b"", {}, Allowance(5, 500))
    with pytest.raises(OpeningError):
        asking.contents_of("workbook", b"PK", Limits(parts="none"))  # type: ignore[arg-type]


def test_what_nobody_foresaw_while_a_questionnaire_is_understood_is_a_finding(folder, monkeypatch):
    from drafting.project import returned as loading

    real = loading.read_judgements

    def read(book, expert, *rest):
        if expert == "E1":
            raise ZeroDivisionError
        return real(book, expert, *rest)

    monkeypatch.setattr(loading, "read_judgements", read)
    project = folder.load()
    assert {m.expert for m in project.inputs.judgements} == {"E2"}
    assert [(f.code, f.place.file) for f in project.findings if f.severity is Severity.ERROR] == [
        ("file-refused", "判断矩阵/E1.xlsx")
    ]


def test_where_no_reader_starts_files_are_read_here_and_that_is_said(folder, monkeypatch):
    with_readers = folder.load()
    monkeypatch.setattr(READERS, "missing", "试验")
    project = folder.load()
    assert repr(project.inputs) == repr(with_readers.inputs)
    assert [f.code for f in project.findings] == ["reader-missing"]
    (folder.path / QUESTIONNAIRE).write_bytes(strange_files.many_copies_of_many_strings())
    assert {f.code for f in load_project(folder.path).findings} == {"reader-missing", "file-over-limit"}


def test_a_reader_that_cannot_be_started_is_said_once(monkeypatch):
    readers = Readers()
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    readers.warm()
    assert readers.missing
    with pytest.raises(NoReaderError):
        readers.ask("workbook", b"", {}, Allowance(5, 500))


def test_a_wide_text_is_refused(folder):
    (folder.path / "调研数据.xlsx").unlink()
    (folder.path / "调研数据.csv").write_bytes(strange_files.wide_text())
    assert [f.code for f in folder.load().findings] == ["file-over-limit"]


@pytest.mark.skipif(sys.platform == "win32", reason="rlimits")
def test_a_reader_writes_no_file_and_knows_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    target = tmp_path / "written"
    program = (
        "import os, sys\nfrom drafting.isolation.system_limits import give_up_rights\ngive_up_rights()\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"file = open({str(target)!r}, 'w')\nfile.write('x')\nfile.flush()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, cwd=Path(__file__).parents[3])
    assert done.returncode != 0
    assert not target.stat().st_size
    from drafting.isolation.readers import Reader

    reader = Reader()
    try:
        if Path("/proc/self/environ").exists():
            assert b"secret" not in Path(f"/proc/{reader._process.pid}/environ").read_bytes()
            assert b"secret" in b"".join(v.encode() for v in os.environ.values())
    finally:
        reader.close()


def test_the_allowance_grows_with_the_file():
    assert allowance_for(40_000) == Allowance(5, 768)
    assert allowance_for(100 << 20).seconds > 100
    assert allowance_for(100 << 20).megabytes <= 6144


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cells_9x40Mrect", "numfmt_long", "re_e", "ref_5000digits"])
def test_the_collected_files_beside_the_example(cases, tmp_path, name):
    import shutil

    from drafting.resources import examples

    project = Path(shutil.copytree(examples() / "建筑陶瓷", tmp_path / "p"))
    good = {m.expert for m in load_project(project).inputs.judgements}
    shutil.copy(cases / "hostile" / f"{name}.xlsx", project / QUESTIONNAIRE)
    began = time.monotonic()
    read = load_project(project)
    assert time.monotonic() - began < 10
    assert {m.expert for m in read.inputs.judgements} == good
    assert [f.place.file for f in read.findings if f.severity is Severity.ERROR] == [QUESTIONNAIRE]
