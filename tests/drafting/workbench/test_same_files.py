"""What the page makes and what the command makes are the same bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest

from drafting.keeping.versions import versions_of
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


@pytest.mark.slow
def test_what_is_handed_over_is_that_of_the_command(visitor: Visitor, bench: Bench, tmp_path: Path) -> None:
    """评价包, verdicts on other enterprises, changes since a version: made on request, nothing in the project."""
    folder = write(bench.home.root / "行业")
    visitor.post("/p/行业/versions", {"name": "之前"})
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    book["二级指标"]["B2"] = "综合能耗"
    book.save(folder / "项目.xlsx")
    other = Path(shutil.copytree(folder, tmp_path / "别处" / "行业"))
    judged = Path(shutil.copy(folder / "调研数据.xlsx", tmp_path / "企业.xlsx"))
    command("publish", other)
    command("evaluate", other, judged)
    command("diff", f"{other}@之前", other, "--to", "docx")
    before = files(folder)
    visitor.get("/p/行业")
    assert visitor.get("/p/行业/package").content == next((other / "成果").glob("*-评价包.zip")).read_bytes()
    page = visitor.post("/p/行业/evaluation", files=[("file", ("企业.xlsx", judged.read_bytes()))])
    (taken,) = re.findall(r'href="(/p/[^"]+/evaluation/[^"]+)"', page.text)
    assert visitor.get(taken).content == (other / "成果" / "评价结果-企业.xlsx").read_bytes()
    compared = visitor.get(f"/p/行业/versions/{versions_of(folder)[0].label}")
    (listed,) = re.findall(r'href="(/p/[^"]+/changes/docx)"', compared.text)
    assert visitor.get(listed).content == (other / "成果" / "变化对照.docx").read_bytes()
    assert files(folder) == before
    wrong = visitor.post("/p/行业/evaluation", files=[("file", ("坏.xlsx", b"PK no archive"))])
    assert wrong.status_code == 400
    assert "“坏.xlsx”" in wrong.text
    foreign = visitor.post("/p/行业/evaluation", files=[("file", ("别.csv", "企业,Q1\n甲,1\n".encode()))]).text
    assert "文件里发现" in foreign
    assert "条待办" in visitor.get("/p/行业/clauses").text
