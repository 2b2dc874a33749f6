"""Files appear complete or not at all, and what cannot be written is said in Chinese."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from drafting.files import OutputError, atomic


def test_a_file_replaces_the_old_one_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "新 文件夹" / "结果.txt"
    with atomic(target) as partial:
        assert partial.parent == target.parent
        assert partial.suffix == ".txt"
        partial.write_text("一", "utf-8")
        assert not target.exists()
    assert target.read_text("utf-8") == "一"
    with atomic(target) as partial:
        partial.write_text("二", "utf-8")
    assert target.read_text("utf-8") == "二"
    assert [p.name for p in target.parent.iterdir()] == ["结果.txt"]


def test_a_failure_keeps_the_old_file_and_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "结果.txt"
    target.write_text("旧", "utf-8")

    def fail() -> None:
        with atomic(target) as partial:
            partial.write_text("新", "utf-8")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        fail()
    assert target.read_text("utf-8") == "旧"
    assert [p.name for p in tmp_path.iterdir()] == ["结果.txt"]


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "结果.txt").mkdir()
    with pytest.raises(OutputError, match="同名的文件夹已存在") as caught, atomic(tmp_path / "结果.txt"):
        pass
    assert caught.value.path == tmp_path / "结果.txt"


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "成果").write_text("", "utf-8")
    with pytest.raises(OutputError, match="是文件而不是文件夹"), atomic(tmp_path / "成果" / "a.txt"):
        pass


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "没有写入权限"),
        (errno.ENOSPC, "磁盘空间不足"),
        (errno.EROFS, "只读"),
        (errno.EBUSY, "正被其他程序使用"),
    ],
)
def test_a_locked_target_keeps_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    target = tmp_path / "项目.xlsx"
    target.write_text("旧", "utf-8")

    def refuse(source: Path, destination: Path) -> None:
        raise OSError(number, os.strerror(number), str(source), None, str(destination))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OutputError, match=words), atomic(target) as partial:
        partial.write_text("新", "utf-8")
    assert target.read_text("utf-8") == "旧"
    assert [p.name for p in tmp_path.iterdir()] == ["项目.xlsx"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "只读"
    folder.mkdir(mode=0o500)
    with pytest.raises(OutputError, match="没有写入权限"), atomic(folder / "a.txt"):
        pass


def test_a_fault_of_reading_something_else_is_not_hidden(tmp_path: Path) -> None:
    def read_missing() -> None:
        with atomic(tmp_path / "a.txt"):
            (tmp_path / "没有").read_bytes()

    with pytest.raises(FileNotFoundError):
        read_missing()
    assert list(tmp_path.iterdir()) == []


def test_a_sentence_instead_of_a_number_is_the_reason() -> None:
    assert (
        str(OutputError(Path("a"), FileExistsError("已有内容不同的同名文件")))
        == "无法写入“a”：已有内容不同的同名文件。"
    )
