"""Uploads: checked at once, nothing replaced without a version, nobody's file lost to a colleague."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.files import OutputError
from drafting.keeping import intake
from drafting.keeping.intake import Fate, receive
from drafting.keeping.pending import pending
from drafting.keeping.versions import read_file, restore, verify_versions, versions_of
from drafting.workbench.bench import Bench
from tests.drafting.survey_projects import write_project, write_xlsx

from .conftest import Visitor
from .house import hidden


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_is_replaced_only_by_who_knows_it(tmp_path: Path) -> None:
    """Of two who downloaded the same file the second gets told; the first one's is in a version in any case."""
    assert receive(tmp_path, {"项目.xlsx": b"1"}, {}).fates == {"项目.xlsx": Fate.ADDED}
    first = receive(tmp_path, {"项目.xlsx": b"2"}, {"项目.xlsx": sha(b"1")})
    assert (first.fates, first.version and first.version.kind) == ({"项目.xlsx": Fate.REPLACED}, "更换前")
    assert first.version is not None
    assert read_file(tmp_path, first.version, "项目.xlsx") == b"1"
    late = receive(tmp_path, {"项目.xlsx": b"3", "判断矩阵/E1.xlsx": b"x"}, {"项目.xlsx": sha(b"1")})
    assert late.differing == ("项目.xlsx",)
    assert (tmp_path / "项目.xlsx").read_bytes() == b"2"
    assert not (tmp_path / "判断矩阵").exists()  # of an upload that is not decided nothing is taken
    assert receive(tmp_path, {"项目.xlsx": b"2"}, {}).fates == {"项目.xlsx": Fate.SAME}
    assert receive(tmp_path, {"项目.xlsx": b"4"}, {}).differing == ("项目.xlsx",)  # nothing known of it
    assert len(versions_of(tmp_path)) == 1
    assert not verify_versions(tmp_path)


def test_a_survey_with_another_ending_takes_the_place_of_the_former(tmp_path: Path) -> None:
    (tmp_path / "调研数据.csv").write_bytes(b"a")
    known = {"调研数据.csv": sha(b"a")}
    assert receive(tmp_path, {"调研数据.xlsx": b"b"}, {}, instead=["调研数据.csv"]).differing == ("调研数据.csv",)
    found = receive(tmp_path, {"调研数据.xlsx": b"b"}, known, instead=["调研数据.csv"])
    assert found.version is not None
    assert read_file(tmp_path, found.version, "调研数据.csv") == b"a"
    assert {p.name for p in tmp_path.iterdir()} == {"调研数据.xlsx", "记录"}


def test_files_that_came_in_half_say_so_until_they_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop between two files of one upload; what is said names those that are missing, and the way back."""
    receive(tmp_path, {"判断矩阵/E1.xlsx": b"1"}, {})
    put, placed = intake._put, 0

    def stopping(*arguments: Any) -> None:
        nonlocal placed
        if placed == 1:
            raise KeyboardInterrupt
        placed += 1
        put(*arguments)

    sent = {"判断矩阵/E1.xlsx": b"2", "判断矩阵/E2.xlsx": b"2", "判断矩阵/E3.xlsx": b"2"}
    monkeypatch.setattr(intake, "_put", stopping)
    with pytest.raises(KeyboardInterrupt):
        receive(tmp_path, sent, {"判断矩阵/E1.xlsx": sha(b"1")})
    monkeypatch.setattr(intake, "_put", put)
    (said,) = pending(tmp_path)
    assert said.code == "upload-interrupted"
    assert "判断矩阵/E2.xlsx、判断矩阵/E3.xlsx" in said.message
    (version,) = versions_of(tmp_path)
    assert version.label in said.remedy
    receive(tmp_path, {"判断矩阵/E2.xlsx": b"mended", "意见/甲.xlsx": b"1"}, {})  # one of them, with others
    assert ["判断矩阵/E3.xlsx" in f.message and "E2" not in f.message for f in pending(tmp_path)] == [True]
    (tmp_path / "判断矩阵" / "E3.xlsx").write_bytes(b"2")  # by hand, as it was sent
    assert not list(pending(tmp_path))
    shutil.rmtree(tmp_path / "判断矩阵")
    assert restore(tmp_path, version).written == ("判断矩阵/E1.xlsx",), "into a folder that is not there any more"
    assert not (tmp_path / "记录" / "上传中.json").exists()


def test_a_file_that_excel_has_open_is_left_alone(tmp_path: Path) -> None:
    receive(tmp_path, {"项目.xlsx": b"1"}, {})
    (tmp_path / "~$项目.xlsx").write_bytes(b"")
    with pytest.raises(OutputError, match="正在 Excel 中打开"):
        receive(tmp_path, {"项目.xlsx": b"2"}, {"项目.xlsx": sha(b"1")})
    assert (tmp_path / "项目.xlsx").read_bytes() == b"1"
    assert versions_of(tmp_path) == ()


def test_a_refused_replace_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Windows does where another program holds the file."""
    from drafting.inside import Folder

    receive(tmp_path, {"项目.xlsx": b"1"}, {})
    monkeypatch.setattr(Folder, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "held")))
    with pytest.raises(OutputError, match="打开"):
        receive(tmp_path, {"项目.xlsx": b"2"}, {"项目.xlsx": sha(b"1")})
    monkeypatch.undo()
    assert (tmp_path / "项目.xlsx").read_bytes() == b"1"
    assert not list((tmp_path / "记录").glob("*.part"))


@pytest.fixture
def folder(bench: Bench, tmp_path: Path) -> Path:
    """A small right project."""
    made = bench.home.root / "小行业"
    write_project(made, [{"代码": "E1", "二级指标": "能耗"}, {"代码": "E2", "二级指标": "水耗", "单位": "m³/t"}])
    rows = [["企业", "E1", "E2"], *([f"企业{n:02d}", 100 + n, 50 - n] for n in range(20))]
    write_xlsx(made, rows)
    return made


def spoilt(path: Path, cell: str, value: object, to: Path) -> bytes:
    shutil.copy(path, to)
    book = openpyxl.load_workbook(to)
    sheet = next(s for s in book.worksheets if s.title == ("二级指标" if "项目" in path.name else s.title))
    sheet[cell] = value
    book.save(to)
    return to.read_bytes()


def test_a_mended_upload_says_what_is_solved_what_remains_and_what_is_new(
    visitor: Visitor, bench: Bench, folder: Path, tmp_path: Path
) -> None:
    right = (folder / "调研数据.xlsx").read_bytes()
    visitor.get("/p/小行业")
    wrong = spoilt(folder / "调研数据.xlsx", "B3", "约一百", tmp_path / "a.xlsx")
    assert visitor.upload("小行业", "survey", ("数据（改）.xlsx", wrong)).headers["location"].endswith("/findings")
    page = visitor.get("/p/小行业/findings").text
    assert "调研数据.xlsx·" in page
    assert "B3" in page
    assert "1 类问题必须改正" in page
    assert "新增</span> “E1”的值“约一百”" in page
    marked = visitor.get("/p/小行业/findings/annotated?file=调研数据.xlsx")
    assert marked.headers["content-disposition"].startswith("attachment")
    assert "看 1 类必须改正的问题" in visitor.get("/p/小行业").text
    visitor.upload("小行业", "survey", ("数据.xlsx", right))
    page = visitor.get("/p/小行业/findings").text
    assert "没有必须改正的问题" in page
    assert page.index("已解决的") < page.index("约一百")
    assert "新增</span> “E1”的值“约一百”" not in page
    assert [v.kind for v in versions_of(folder)] == ["更换前", "更换前"]


def test_who_comes_second_decides_with_the_differences_before_the_eyes(
    visitor: Visitor, bench: Bench, folder: Path, tmp_path: Path
) -> None:
    path = "/p/小行业/files/project"
    visitor.get(f"{path}/get/项目.xlsx")  # downloaded, then somebody else's upload
    mine = spoilt(folder / "项目.xlsx", "A2", "水资源消耗", tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    book["文件信息"]["B2"] = "他人改过的名称"
    book.save(folder / "项目.xlsx")
    present = (folder / "项目.xlsx").read_bytes()
    reply = visitor.upload("小行业", "project", ("项目.xlsx", mine))
    assert "/differs" in reply.headers["location"]
    page = visitor.get(reply.headers["location"]).text
    assert "他人改过的名称" in page
    assert (folder / "项目.xlsx").read_bytes() == present
    token = reply.headers["location"].rsplit("=", 1)[1]
    assert visitor.post(f"{path}/differs", {"upload": "x", "choice": "replace"}).status_code == 409
    assert visitor.post(f"{path}/differs", {"upload": token, "choice": "both"}).status_code == 303
    (kept,) = (folder / "记录").glob("未采用-项目-*.xlsx")
    assert (kept.read_bytes(), (folder / "项目.xlsx").read_bytes()) == (mine, present)
    shown = visitor.upload("小行业", "project", ("项目.xlsx", mine), **{"known:项目.xlsx": "0" * 64}).headers[
        "location"
    ]
    seen = hidden(visitor.get(shown).text)
    third = spoilt(folder / "项目.xlsx", "A2", "第三人改过", tmp_path / "c.xlsx")
    (folder / "项目.xlsx").write_bytes(third)  # while the differences stood before the eyes
    again = visitor.post(f"{path}/differs", {**seen, "choice": "replace"}).headers["location"]
    assert (folder / "项目.xlsx").read_bytes() == third
    assert "第三人改过" in visitor.get(again).text
    done = visitor.post(f"{path}/differs", {**hidden(visitor.get(again).text), "choice": "replace"})
    assert done.headers["location"].endswith("/findings")
    assert (folder / "项目.xlsx").read_bytes() == mine
    (version,) = versions_of(folder)
    assert read_file(folder, version, "项目.xlsx") == third
