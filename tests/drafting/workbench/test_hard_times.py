"""Disks full or read-only, no LibreOffice, no Chinese font, clocks set back: said in words, nothing is lost."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.desk import building, jobs
from drafting.desk.jobs import Job, Jobs
from drafting.files import OutputError
from drafting.fonts import FontError
from drafting.keeping.versions import freeze, verify_versions, versions_of
from drafting.progress import Progress
from drafting.workbench.bench import Bench
from drafting.workbench.home import Home
from drafting.workbench.words import moment
from tests.drafting.survey_projects import write_project, write_xlsx

from .conftest import PORT, Visitor
from .test_baselines_screen import write


@pytest.mark.parametrize("way", ["/new/example", "/new/blank"])
def test_of_a_project_that_could_not_be_made_nothing_is_left(
    visitor: Visitor, bench: Bench, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Half of a project stood in the list, and the next one got a number behind its name."""
    from drafting.keeping import Keeper

    full = OutputError(Path("x"), OSError(28, "No space left on device"))
    added = Keeper.add

    def add(self: Keeper, name: str, content: bytes) -> bool:
        if (self.root / "项目.xlsx").exists():
            raise full
        return added(self, "项目.xlsx", content)

    with monkeypatch.context() as without_room:
        without_room.setattr(Keeper, "add", add)
        reply = visitor.post(way, {"name": "水泥"})
    assert (reply.status_code, "磁盘空间不足" in reply.text) == (409, True)
    assert list(bench.home.root.iterdir()) == []
    assert visitor.post(way, {"name": "水泥"}).status_code == 303
    assert len(bench.home.projects()) == 1


def test_a_folder_that_somebody_makes_meanwhile_is_not_taken_away(visitor: Visitor, bench: Bench) -> None:
    other = bench.home.root / "水泥"
    free = bench.home.free

    def meanwhile(*names: Any, **more: Any) -> Path:
        found = free(*names, **more)
        write_project(other, [])
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench.home, "free", meanwhile)
        assert visitor.post("/new/blank", {"name": "水泥"}).status_code == 409
    assert (other / "项目.xlsx").is_file()


@contextmanager
def disk(place: Path, *, megabytes: int) -> Iterator[Path]:
    """A small disk of its own; skipped where nobody may mount one."""
    place.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(made, capture_output=True).returncode:
        pytest.skip("small disks need Linux and the right to mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def comments(folder: Path) -> None:
    (folder / "意见").mkdir()
    book = openpyxl.Workbook()
    for row in (("单位", "章条", "意见内容", "修改建议"), ("甲院", "5.2", "过严", "")):
        book.worksheets[0].append(row)
    book.save(folder / "意见" / "甲院.xlsx")


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_nothing_changes_on_a_disk_that_takes_nothing(tmp_path: Path, trouble: str) -> None:
    """Every button that writes says so in words; all pages go on; inputs are what they were; room again, all goes."""
    with disk(tmp_path / "disk", megabytes=16) as place:
        bench = Bench(Home(place / "项目", tmp_path / "settings.json"), PORT)
        folder = write(bench.home.root / "行业")
        comments(folder)
        visitor = Visitor(bench).enter()
        visitor.get("/p/行业")
        identity = visitor.get("/p/行业/opinions").text.partition("/opinions/")[2].partition('"')[0]
        changed = spoilt(folder)
        before = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        ballast = place / "ballast"
        if trouble == "full":
            with ballast.open("wb") as file:
                file.write(bytes(shutil.disk_usage(place).free))
        else:
            subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        says = "磁盘空间不足" if trouble == "full" else "只读"
        try:
            for reply in (
                visitor.upload("行业", "survey", ("a.xlsx", changed)),
                visitor.upload("行业", "judgements", ("甲.xlsx", changed)),
                visitor.post("/p/行业/versions", {"name": "现状"}),
                visitor.post("/new/example"),
                visitor.post("/new/blank", {"name": "水泥"}),
                visitor.post(f"/p/行业/opinions/{identity}", {"handling": "采纳"}),
            ):
                assert (reply.status_code, says in reply.text) == (409, True)
            web = visitor.post("/p/行业/rounds")
            assert (web.status_code, says in web.text, "无法打开数据库" in web.text) == (503, True, True)
            for order in ({"quick": True}, {"stage": "征求意见稿", "quick": True}):
                job = bench.jobs.begin(folder, **order)
                assert job.over.wait(120)
                assert (job.fate.value, says in job.said) == ("failed", True)
            for page in ("", "/files", "/findings", "/rounds", "/levels", "/versions", "/draft", "/outputs", "/build"):
                reply = visitor.get(f"/p/行业{page}")
                assert (reply.status_code, "故障" in reply.text) == (200, False), page
            now = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
            assert {k: v for k, v in now.items() if k.parts[0] not in ("记录", "成果")} == {
                k: v for k, v in before.items() if k.parts[0] not in ("记录", "成果")
            }
            assert not verify_versions(folder)
            assert [p.name for p in bench.home.projects()] == ["行业"]
        finally:
            if trouble == "full":
                ballast.unlink()
            else:
                subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)
        assert visitor.upload("行业", "survey", ("a.xlsx", changed)).headers["location"].endswith("/findings")
        assert len(versions_of(folder)) == 1
        assert "还不能在网上征询" in visitor.post("/p/行业/rounds").text, "the database is not held by the failed try"
        bench.close()


def spoilt(folder: Path) -> bytes:
    book, target = openpyxl.load_workbook(folder / "调研数据.xlsx"), io.BytesIO()
    book.worksheets[0]["B3"] = "约一百"
    book.save(target)
    return target.getvalue()


def small(folder: Path) -> Path:
    write_project(folder, [{"代码": "E1", "二级指标": "能耗"}])
    write_xlsx(folder, [["企业", "E1"], *([f"企业{n}", 100 + n] for n in range(20))])
    return folder


@pytest.mark.slow
def test_without_libreoffice_and_without_chinese_fonts_a_build_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said so in 结果.json alone: on the page a PDF that was asked for just was not there."""
    from drafting import fonts
    from drafting.charts import raster
    from drafting.render.docx import office

    def none(*_: object, **__: object) -> Any:
        raise FontError(("宋体", "黑体"))

    folder = small(tmp_path / "行业")
    monkeypatch.setattr(office, "find_program", lambda: None)
    monkeypatch.setattr(raster, "find_fonts", none)
    monkeypatch.setattr(fonts, "find_fonts", none)
    done = building.do({"folder": str(folder), "extra": ["pdf"]}, Progress(lambda _: None))
    told = " ".join(message for _, message, _ in done["told"])
    assert "没有找到 LibreOffice" in told
    assert "找不到中文字体" in told
    made = {p.name for p in (folder / "成果").iterdir()}
    assert "编制说明.docx" in made
    assert not [name for name in made if name.endswith(".pdf")]


def test_what_making_the_files_told_stands_on_the_page(visitor: Visitor, bench: Bench) -> None:
    folder = write(bench.home.root / "行业")
    job = Job({}, time.monotonic())
    told = [["warning", "PDF 没有生成：找不到中文字体。", "按提示处理后重新执行 drafting render --to pdf。"]]
    Jobs()._hear(job, None, {"done": {"errors": 0, "told": told}})  # type: ignore[arg-type] - no process is asked
    bench.jobs._jobs[folder] = job
    page = visitor.get("/p/行业/build").text
    assert "生成文件时发现" in page
    assert "找不到中文字体" in page
    assert "在“输出”页勾选“PDF”生成" in page


def test_a_clock_that_is_set_back_takes_nothing_away(
    visitor: Visitor, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Versions stand in the order they were made, a build takes no negative time, files of tomorrow are shown."""
    folder = write(bench.home.root / "行业")
    first = freeze(folder, "之前", now=datetime(2030, 1, 2).astimezone())
    second = freeze(folder, "之后", now=datetime(2020, 1, 2).astimezone())
    assert [v.label for v in versions_of(folder)] == [first.label, second.label]
    assert not verify_versions(folder)
    page = visitor.get("/p/行业/versions").text
    assert page.index(second.label) < page.index(first.label)
    os.utime(folder / "调研数据.xlsx", (4e9, 4e9))
    assert "2096-10-0" in visitor.get("/p/行业/files").text
    assert moment(4e9).startswith("2096-10-0")
    monkeypatch.setattr(jobs, "_process", lambda: (_ for _ in ()).throw(OSError))
    job = bench.jobs.begin(folder)
    with monkeypatch.context() as back:
        back.setattr(time, "time", lambda: 1e9)
        assert 0 <= job.seconds < 60
