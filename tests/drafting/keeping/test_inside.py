"""Only regular files inside the project are read: links, pipes and sockets are named, the rest is read."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drafting import load_project
from drafting.document.texts import environment
from drafting.findings import Cell, Provenance
from drafting.inside import NotRegularError, open_regular, opened
from drafting.opinions import collect
from drafting.project.folder import Project
from drafting.publishing.overlay import find_overlay
from drafting.run import Run
from drafting.verification import RecordError, verify
from drafting.workbook.opening import OpeningError, read_bytes
from tests.drafting.document import factory

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")


def link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def relative_link(path: Path, outside: Path) -> None:
    path.symlink_to(os.path.relpath(outside, path.parent))


def loop(path: Path, outside: Path) -> None:
    path.symlink_to(path.name)


def pipe(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def plug(path: Path, outside: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket may have 108 bytes only
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


WAYS = {link: "file-outside", relative_link: "file-outside", loop: "file-outside", pipe: "file-special",
        plug: "file-special"}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("file", ["项目.xlsx", "调研数据.xlsx", "判断矩阵/E1.xlsx", "记录/停止规则.json"])
def test_what_is_no_regular_file_is_one_finding_and_the_rest_is_read(
    folder: Any, tmp_path: Path, file: str, way: Callable[[Path, Path], None]
) -> None:
    whole = load_project(folder.path)
    path, outside = folder.path / file, tmp_path / "别处"
    path.parent.mkdir(exist_ok=True)
    if path.exists():
        path.rename(outside)
    else:
        outside.write_text("{}", "utf-8")
    way(path, outside)
    project = load_project(folder.path)
    assert [(f.code, f.place.file) for f in project.findings] == [(WAYS[way], file)]
    assert set(project.files) == set(whole.files) - ({*whole.files} if file == "项目.xlsx" else {file})


@pytest.mark.parametrize("name", ["判断矩阵", "德尔菲"])
def test_a_folder_that_is_a_link_is_not_entered(folder: Any, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "别处"
    if (folder.path / name).exists():
        (folder.path / name).rename(elsewhere)
    else:
        elsewhere.mkdir()
    (folder.path / name).symlink_to(elsewhere, target_is_directory=True)
    project = load_project(folder.path)
    assert ("file-outside", name) in [(f.code, f.place.file) for f in project.findings]
    assert not [n for n in project.files if n.startswith(name)]


def test_a_round_that_is_a_link_is_not_entered(folder: Any, tmp_path: Path) -> None:
    (folder.path / "德尔菲").mkdir(exist_ok=True)
    (folder.path / "德尔菲" / "第9轮").symlink_to(folder.path / "判断矩阵", target_is_directory=True)
    codes = [(f.code, f.place.file) for f in load_project(folder.path).findings]
    assert ("file-outside", "德尔菲/第9轮") in codes


@pytest.mark.parametrize("name", ["成果", "记录"])
@pytest.mark.parametrize(("way", "what"), [(link, "链接"), (pipe, "管道"), (None, "文件")])
def test_a_folder_that_cannot_be_written_is_said_before(folder: Any, tmp_path: Path, name: str, way: Any, what: str):
    if way is None:
        (folder.path / name).write_text("", "utf-8")
    else:
        way(folder.path / name, tmp_path)
    found = [f for f in load_project(folder.path).findings if f.code == "folder-unusable"]
    assert [f.place.file for f in found] == [name]
    assert what in found[0].message


@pytest.mark.parametrize("way", WAYS)
def test_comments_behind_a_link_are_not_read(tmp_path: Path, way: Callable[[Path, Path], None]) -> None:
    root, outside = tmp_path / "项目", tmp_path / "外.xlsx"
    (root / "意见").mkdir(parents=True)
    outside.write_bytes(b"x")
    way(root / "意见" / "甲.xlsx", outside)
    assert [(f.code, f.place.file) for f in collect(root, None).findings] == [(WAYS[way], "意见/甲.xlsx")]


# --- the committee's templates --------------------
def overlay_of(root: Path, named: str = "模板"):
    inputs = factory.inputs(document=factory.document(template_folder=named))
    where = Provenance({("info", "模板目录"): Cell("项目.xlsx", "文件信息", "B21")})
    return find_overlay(Run(Project(root, inputs, where), factory.results(inputs), ()).project)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["scope.j2", "蓝本.docx"])
def test_a_template_that_is_a_link_does_not_stand_in_the_draft(
    tmp_path: Path, name: str, way: Callable[[Path, Path], None]
) -> None:
    root, outside = tmp_path / "项目", tmp_path / "别处.txt"
    (root / "模板").mkdir(parents=True)
    outside.write_text("别处的秘密", "utf-8")
    way(root / "模板" / name, outside)
    found = overlay_of(root)
    assert [(f.code, f.place.file) for f in found.findings] == [(WAYS[way], f"模板/{name}")]
    assert found.blueprint is None
    texts = environment(found.folder)
    loaded = texts.get_template("scope.j2")
    assert "templates" in str(loaded.filename)  # ours, not the committee's


def test_a_template_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "项目", tmp_path / "别处"
    root.mkdir()
    elsewhere.mkdir()
    (elsewhere / "scope.j2").write_text("别处的秘密", "utf-8")
    (root / "模板").symlink_to(elsewhere, target_is_directory=True)
    for named in ("模板", "./模板/", "模板/."):
        found = overlay_of(root, named)
        assert [f.code for f in found.findings] == ["file-outside"]
        assert found.folder is None


# --- files from anywhere --------------------
def test_a_pipe_given_by_name_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "企业.xlsx")
    with pytest.raises(OpeningError) as caught:
        read_bytes(tmp_path / "企业.xlsx")
    assert caught.value.code == "file-special"
    os.mkfifo(tmp_path / "结果.json")
    with pytest.raises(RecordError, match="管道"):
        verify(tmp_path / "结果.json")


def test_a_link_to_itself_given_by_name_is_refused(tmp_path: Path) -> None:
    loop(tmp_path / "企业.xlsx", tmp_path)
    with pytest.raises(OpeningError) as caught:
        read_bytes(tmp_path / "企业.xlsx")
    assert caught.value.code == "file-outside"


def test_a_link_given_by_name_is_the_users_own_choice(tmp_path: Path) -> None:
    (tmp_path / "真.xlsx").write_bytes(b"x")
    (tmp_path / "链.xlsx").symlink_to(tmp_path / "真.xlsx")
    assert read_bytes(tmp_path / "链.xlsx") == b"x"


def test_a_name_that_climbs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "项目").mkdir()
    (tmp_path / "外").write_bytes(b"x")
    with pytest.raises(NotRegularError):
        open_regular(tmp_path / "项目" / ".." / "外", tmp_path / "项目")
    with pytest.raises(NotRegularError), opened(tmp_path, ("项目", "..")):
        pass


def test_a_folder_exchanged_for_a_link_in_between_is_not_followed(tmp_path: Path) -> None:
    inner, outside = tmp_path / "项目" / "判断矩阵", tmp_path / "别处"
    inner.mkdir(parents=True)
    outside.mkdir()
    (inner / "E1.xlsx").write_bytes("里面".encode())
    (outside / "E1.xlsx").write_bytes("外面".encode())
    with opened(tmp_path / "项目", ("判断矩阵",)) as folder:
        inner.rename(tmp_path / "原来的")
        inner.symlink_to(outside, target_is_directory=True)
        with os.fdopen(folder.open("E1.xlsx"), "rb") as file:
            assert file.read() == "里面".encode()


def exchanged(root: Path, name: str, elsewhere: Path) -> None:
    """Let a link take the place of a folder, as somebody might between a look at it and a write into it."""
    (root / name).rename(root / f"{name}旧")
    (root / name).symlink_to(elsewhere, target_is_directory=True)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="folders by descriptor are of Linux")
@pytest.mark.parametrize("name", ["记录", "成果"])
def test_a_folder_exchanged_for_a_link_in_the_meantime_leads_nowhere(tmp_path: Path, name: str) -> None:
    """记录/ was looked at by descriptor and written by its path."""
    from drafting.files import OutputError
    from drafting.keeping import Keeper

    root, elsewhere = tmp_path / "项目", tmp_path / "别处"
    elsewhere.mkdir()
    (elsewhere / "意见处理.xlsx").write_bytes("别人的".encode())
    (elsewhere / ".暂存").mkdir()
    keeper = Keeper(root)
    keeper.folders("成果", "记录")

    def staged(keeper: Keeper, before: Callable[[], None]) -> None:
        with keeper.stage() as stage:
            before()
            (stage.folder / "意见处理.xlsx").write_bytes(b"ours")

    def change(_: bytes | None) -> bytes:
        exchanged(root, name, elsewhere)
        return b"ours"

    if name == "记录":
        assert keeper.amend("意见处理.xlsx", change)
        assert (root / "记录旧" / "意见处理.xlsx").read_bytes() == b"ours"
    else:
        with pytest.raises(OutputError):
            staged(keeper, lambda: exchanged(root, name, elsewhere))
    assert sorted(p.name for p in elsewhere.rglob("*")) == [".暂存", "意见处理.xlsx"]
    assert (elsewhere / "意见处理.xlsx").read_bytes() == "别人的".encode()
    assert not [p for p in root.rglob("*") if p.name.endswith(".part")]
