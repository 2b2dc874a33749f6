"""Word files are laid out beside other work; what is begun is written, or ended at once."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from drafting.files import OutputError
from drafting.publishing.layouts import Layouts
from drafting.publishing.publisher import Publisher
from drafting.render.docx.office import Office

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "建筑陶瓷"
pytest.importorskip("pypdf")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for LibreOffice")


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A LibreOffice that notes its process and hangs."""
    program, note = tmp_path / "soffice", tmp_path / "process"
    program.write_text(f"#!/bin/sh\necho $$ > '{note}'\nexec sleep 300\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr("drafting.render.docx.office.find_office", lambda: Office(str(program)))
    return note


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    import shutil

    from drafting.pipeline.running import run_project

    folder = tmp_path_factory.mktemp("layouts") / "项目"
    shutil.copytree(EXAMPLE, folder)
    return run_project(folder)


def running(note: Path) -> bool:
    """Whether the noted process still runs; waits until there is a note."""
    for _ in range(500):
        if note.is_file() and note.read_text().strip():
            break
        time.sleep(0.01)
    return alive(int(note.read_text()))


def alive(process: int) -> bool:
    """Whether a process is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def ended(note: Path) -> bool:
    """Whether the noted process ends; one that was killed stays listed until it is reaped."""
    process = int(note.read_text())
    for _ in range(1000):
        if not alive(process):
            return True
        time.sleep(0.01)
    return False


@pytest.mark.slow
def test_stopping_kills_the_conversion_that_runs(hanging: Path, run: Any) -> None:
    layouts = Layouts(None)
    begun = layouts.begin(Publisher(run).draft, report=False)
    assert running(hanging)
    start = time.monotonic()
    layouts.stop()
    assert time.monotonic() - start < 30
    assert begun.result(1).outcome == "failed"
    assert ended(hanging)


def test_a_fault_meanwhile_ends_what_was_begun(hanging: Path, run: Any) -> None:
    """The draft was begun; then something goes wrong before it is written."""
    publisher = Publisher(run)
    publisher.begin()
    assert running(hanging)
    with pytest.raises(OutputError), publisher:
        raise OutputError(Path("x"), OSError("voll"))
    assert ended(hanging)


@pytest.mark.slow
def test_files_are_told_in_the_order_asked_for(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drafting.render.docx.office.find_office", lambda: None)
    monkeypatch.setattr("drafting.publishing.pictures.draw_pictures", lambda *_: ())
    with Publisher(run) as publisher:
        publisher.begin()
        publisher.write(["md", "docx"], papers=["docx", "md"])
    assert [(p.stem.startswith("编制说明"), p.suffix) for p in publisher.written] == [
        (False, ".md"), (False, ".docx"), *[(True, ".docx"), (True, ".md")] * 2,
    ]  # fmt: skip
    assert all(p.is_file() for p in publisher.written)
    assert [f.code for f in publisher.said].count("pages-absent") == 3  # one for each Word file
