"""Paths that people point at, copies and other formats that lie about, words of the system: answered in Chinese."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting import load_project
from drafting.cli.app import run
from drafting.files import OutputError, reading_reason
from drafting.project.location import project_folder, record_file
from drafting.project.strays import is_copy

ENGLISH = re.compile(r"[A-Za-z]{3,}")


def codes(folder: Any) -> dict[str, tuple[str, str]]:
    """Code and message by the file that a finding is about."""
    return {f.place.file: (f.code, f.message + f.remedy) for f in load_project(folder.path).findings}


@pytest.mark.parametrize(
    "name",
    ["调研数据(1).xlsx", "调研数据 (2).csv", "调研数据 - 副本.xlsx", "副本调研数据.xlsx", "调研数据_最终版.xlsx",
     "调研数据v2.xlsx", "调研数据20240601.xlsx", "项目 (2).xlsx", "项目 - 副本 (2).xlsx", "项目（最终）.xlsx"],
)  # fmt: skip
@pytest.mark.parametrize("alone", [True, False])
def test_a_probable_copy_is_named_with_the_name_that_is_read(folder: Any, name: str, alone: bool) -> None:
    wanted = "项目.xlsx" if name.startswith("项目") else "调研数据" + Path(name).suffix
    source = folder.path / ("项目.xlsx" if name.startswith("项目") else "调研数据.xlsx")
    (folder.path / name).write_bytes(source.read_bytes())
    if alone:
        source.unlink()
    code, words = codes(folder)[name]
    assert code == "file-copy"
    assert f"改名为 {wanted}" in words


@pytest.mark.parametrize("name", ["项目申请书.xlsx", "重点项目.xlsx", "企业名单.xlsx"])
def test_another_workbook_is_said_to_be_unread_and_no_copy(folder: Any, name: str) -> None:
    openpyxl.Workbook().save(folder.path / name)
    assert codes(folder)[name][0] == "file-not-read"


@pytest.mark.parametrize(
    ("name", "code"),
    [("判断矩阵（回收）", "folder-misnamed"), ("专家判断矩阵", "folder-misnamed"), ("德尔菲法", "folder-misnamed"),
     ("意见汇总", "folder-misnamed"), ("征求意见材料", "folder-apart"), ("资料", "folder-apart")],
)  # fmt: skip
def test_a_folder_that_nobody_reads_is_named(folder: Any, name: str, code: str) -> None:
    """Twelve matrices in 判断矩阵（回收） were “not returned”, and no word said where they lie."""
    (folder.path / name).mkdir()
    openpyxl.Workbook().save(folder.path / name / "专家01.xlsx")
    (folder.path / "空").mkdir()
    said = codes(folder)
    assert said[name][0] == code
    assert "1 个" in said[name][1]
    assert "空" not in said


def test_a_name_is_a_copy_only_if_nothing_but_marks_is_added() -> None:
    assert is_copy("项目2", "项目")
    assert not is_copy("项目表", "项目")
    assert not is_copy("数据", "调研数据")


@pytest.mark.parametrize("suffix", [".xls", ".et", ".ods", ".xlsm"])
@pytest.mark.parametrize("stem", ["项目", "调研数据", "意见/甲"])
def test_another_format_is_named_with_the_one_that_is_read(folder: Any, stem: str, suffix: str) -> None:
    (folder.path / "意见").mkdir()
    (folder.path / f"{stem}{suffix}").write_bytes(b"x")
    code, words = codes(folder)[f"{stem}{suffix}"]
    assert code == "file-unexpected"
    assert "另存为" in words


def test_a_folder_among_the_comments_is_named_with_what_lies_in_it(folder: Any) -> None:
    (folder.path / "意见" / "第二批").mkdir(parents=True)
    for n in range(3):
        (folder.path / "意见" / "第二批" / f"{n}.xlsx").write_bytes(b"x")
    (folder.path / "意见" / "空").mkdir()
    found = codes(folder)
    assert found["意见/第二批"][0] == "folder-not-read"
    assert "3 个文件" in found["意见/第二批"][1]
    assert "意见/空" not in found


# --- paths that people point at -----------------------------------------------------------------------------------
def test_a_workbook_of_the_project_means_its_folder(folder: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("项目.xlsx", "调研数据.xlsx"):
        assert project_folder(folder.path / name) == folder.path
        assert load_project(folder.path / name).inputs is not None
    run(["check", str(folder.path)])
    plain = capsys.readouterr().out
    run(["check", str(folder.path / "项目.xlsx")])
    assert capsys.readouterr().out == plain
    run(["diff", str(folder.path / "项目.xlsx"), str(folder.path)])
    assert "没有变化" in capsys.readouterr().out


def test_another_file_is_refused_with_the_folder_to_give(folder: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.path / "说明.txt").write_text("x", "utf-8")
    assert run(["check", str(folder.path / "说明.txt")]) == 2
    said = capsys.readouterr().err
    assert "请给出 项目.xlsx 所在的文件夹" in said
    assert str(folder.path) in said


@pytest.mark.slow
def test_verify_takes_the_folder_and_its_workbook(folder: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(folder.path)]) == 2
    assert "drafting build" in capsys.readouterr().err
    assert run(["build", str(folder.path), "--quick"]) == 0
    capsys.readouterr()
    record = folder.path / "成果" / "结果.json"
    for path in (folder.path, folder.path / "项目.xlsx", folder.path / "成果", record):
        assert record_file(path) == record
        assert run(["verify", str(path)]) == 0, path
        assert "全部一致" in capsys.readouterr().out
    assert run(["verify", str(folder.path / "判断矩阵" / "E1.xlsx")]) == 2
    assert "不是文本文件" in capsys.readouterr().err


# --- words of the system and of libraries -------------------------------------------------------------------------
@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_no_fault_of_the_system_speaks_english(number: int) -> None:
    error = OSError(number, os.strerror(number), "x")
    assert not ENGLISH.search(reading_reason(error).replace("Excel", ""))
    said = str(OutputError(Path("表"), error))
    assert not ENGLISH.search(said.replace("Excel", "").replace("Word", ""))


def test_a_broken_link_is_explained_in_chinese(folder: Any) -> None:
    (folder.path / "判断矩阵" / "E3.xlsx").symlink_to(folder.path / "判断矩阵" / "没有.xlsx")
    found = next(f for f in load_project(folder.path).findings if f.code == "file-outside")
    assert "是链接" in found.message


@pytest.mark.parametrize(
    "words",
    [["questionnaires", "x", "--delphi", "abc"], ["questionnaires", "x", "--delphi", "0"], ["chek"], ["check"],
     ["diff", "a", "b", "--to", "p"], ["build", "x", "--json=3"], ["baselines", "x", "--what-if"],
     ["baselines", "x", "--engine", "abc"], ["check", "a", "b"], ["check", "a", "--annotatex"],
     ["panel", "serve", "x", "--port", "x"]],
)  # fmt: skip
def test_wrong_usage_is_answered_in_chinese(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    said = capsys.readouterr().err.splitlines()[0]
    plain = re.sub(r"--[\w-]+|\b(chek|check|docx|xlsx|memory|duckdb|spark|DIR)\b", "", said)
    assert not ENGLISH.search(plain), said


# --- headings -----------------------------------------------------------------------------------------------------
def test_without_its_codes_the_panel_is_a_finding_about_the_heading(folder: Any) -> None:
    """专家代号 renamed 姓名 was a KeyError."""
    folder.put("专家组", "A1", "姓名")
    found = [(f.code, f.place.cell) for f in load_project(folder.path).findings if f.place.sheet == "专家组"]
    assert found == [("heading-unknown", "A1"), ("heading-missing", "A1")]
