"""Same inputs, same bytes: at another time, in another folder and time zone; the mark of the internal edition."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "建筑陶瓷"


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(p for part in ("成果", "记录") for p in (folder / part).rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.slow
def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    seen = []
    for name, zone, seed in (("甲", "Asia/Shanghai", "1"), ("另一个 文件夹", "America/New_York", "2")):
        folder = tmp_path / name
        shutil.copytree(EXAMPLE, folder)
        (folder / "意见").mkdir()
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (["单位", "章条", "意见内容", "修改建议"], ["某中心", "表2", "偏严", "放宽"]):
            sheet.append(row)
        # The inputs are the same to the byte; only what is written may not depend on the clock.
        given = tmp_path / "意见.xlsx"
        if not given.exists():
            book.save(given)
        shutil.copy(given, folder / "意见" / "某中心.xlsx")
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}
        for command in (
            ["build", str(folder), "--quick"],
            ["render", str(folder), "--to", "docx,html,md,pdf,workbook,comments", "--quick"],
            ["questionnaires", str(folder), "--ahp"],
        ):
            done = subprocess.run(
                [sys.executable, "-m", "drafting", *command],
                env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode in (0, 1), done.stderr
        seen.append(hashes(folder))
    assert len(seen[0]) > 15
    dated = "记录/专家答复.json"  # the day on which answers were first read is the local one
    assert {n: h for n, h in seen[0].items() if n != dated and seen[1].get(n) != h} == {}
    assert seen[0].keys() == seen[1].keys()


def test_a_workbook_holds_no_clock(tmp_path: Path) -> None:
    import zipfile

    from drafting.workbook.style import save

    for name in ("one", "two"):
        book = openpyxl.Workbook()
        book.properties.created = book.properties.created.replace(year=1999 if name == "one" else 2031)
        save(book, tmp_path / f"{name}.xlsx", title="表")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.xlsx") as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert openpyxl.load_workbook(tmp_path / "one.xlsx").properties.title == "表"


@pytest.mark.slow
def test_every_page_of_the_internal_pdf_is_marked_blank_ones_too(tmp_path: Path) -> None:
    import io

    pypdf = pytest.importorskip("pypdf")
    pytest.importorskip("typst")
    from drafting.document.compose import compose
    from drafting.render.pdf import render_pdf
    from tests.drafting.publishing.test_robustness import indicator, project

    # a short draft: what is written on the pages takes most of the time to read
    inputs, results = project([indicator(1, "能源消耗", "≤1", "≤2", "≤3")], {"能源消耗": "1"})
    for edition, marked in (("internal", True), ("public", False)):
        content = render_pdf(compose(inputs, results, edition=edition))
        pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
        assert len(pages) > 3
        assert {"内部资料" in text for text in pages} == {marked}
        assert any(len(text) < 40 for text in pages), "a page that is blank but for the mark"
