"""What the page makes and what the command makes are the same bytes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest

from drafting.workbench.bench import Bench

from .conftest import Visitor
from .test_baselines_screen import write


def command(*line: object) -> None:
    done = subprocess.run([sys.executable, "-m", "drafting", *map(str, line)], capture_output=True, timeout=280)
    assert done.returncode in (0, 1), done.stderr.decode()


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def twins(bench: Bench, tmp_path: Path) -> tuple[Path, Path]:
    """The same project twice, with a mistake in a cell: one for the page, one for the command line."""
    folder = write(bench.home.root / "行业")
    book = openpyxl.load_workbook(folder / "调研数据.xlsx")
    book.worksheets[0]["D7"] = "约一百"
    book.save(folder / "调研数据.xlsx")
    return folder, Path(shutil.copytree(folder, tmp_path / "别处" / "行业"))


@pytest.mark.slow
def test_forms_and_marked_copies_are_those_of_the_command(twins: tuple[Path, Path], visitor: Visitor) -> None:
    _, other = twins
    command("forms", other)
    for path in (other / "成果" / "表单").iterdir():
        slot = {"调研数据": "survey", "企业调查表": "forms"}.get(path.stem.partition("（")[0], "opinions")
        assert visitor.get(f"/p/行业/files/{slot}/blank/{quote(path.name)}").content == path.read_bytes(), path.name
    command("check", other, "--annotate")
    marked = {p.name: p.read_bytes() for p in (other / "成果" / "标注").iterdir()}
    assert marked
    for name, content in marked.items():
        original = name.replace("（标注）", "")
        assert visitor.get(f"/p/行业/findings/annotated?file={quote(original)}").content == content, name


@pytest.mark.slow
def test_a_draft_of_the_page_is_that_of_the_command(twins: tuple[Path, Path], visitor: Visitor, bench: Bench) -> None:
    """All of 成果/, the record included; both are of one day."""
    folder, other = twins
    visitor.post("/p/行业/build", {"quick": "1"})
    job = bench.jobs.of(folder)
    assert job is not None
    command("build", other, "--quick", "--fresh")
    assert job.over.wait(250)
    page, line = files(folder / "成果"), files(other / "成果")
    assert page.keys() == line.keys()
    assert [name for name in page if page[name] != line[name]] == []
