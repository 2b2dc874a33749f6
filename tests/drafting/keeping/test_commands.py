"""What the commands do to a folder: people's work stays, inputs are never touched, every write goes by the keeper."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.cli import app
from drafting.inside import Folder
from drafting.keeping import standing_of
from drafting.pipeline.running import build

SLOW = pytest.mark.slow
POSIX = pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, light: None) -> None:
    monkeypatch.setattr("drafting.keeping.standing._PATIENCE", 0.0)
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Word files of one short part: laying text out takes longer than all else and is not what is looked at."""
    from drafting.render.docx.package import write_package

    core = b"<c><dcterms:modified>2000-01-01T00:00:00Z</dcterms:modified></c>"

    def small(document: Any, *_: object, **__: object) -> tuple[bytes, tuple[str, ...]]:
        parts = {"docProps/core.xml": core, "word/document.xml": document.title.encode("utf-8", "replace")}
        return write_package(parts), ()

    monkeypatch.setattr("drafting.publishing.layouts.word_file", small)


def inputs_of(root: Path) -> dict[str, str]:
    """Digests of everything that is neither in 成果/ nor in 记录/."""
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file() and p.relative_to(root).parts[0] not in ("成果", "记录")
    }


def codes(root: Path, *words: str, capfd: Any) -> tuple[int, list[tuple[str, str | None]]]:
    """Exit status and findings of a command with --json."""
    capfd.readouterr()
    status = app.run([words[0], str(root), *words[1:], "--json"])
    said = json.loads(capfd.readouterr().out)
    return status, [(f["code"], f["file"]) for f in said.get("findings", [])]


def edit(path: Path, sheet: str, cell: str, value: object) -> None:
    book = openpyxl.load_workbook(path)
    (book[sheet] if sheet else book.worksheets[0])[cell] = value
    book.save(path)


def setting(folder: Any, label: str, value: str) -> None:
    """Put a row of 文件信息."""

    def change(book: Any) -> None:
        sheet = book["文件信息"]
        row = next((r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 1).value == label), sheet.max_row + 1)
        sheet.cell(row, 1, label)
        sheet.cell(row, 2, value)

    folder.edit(change)


def put_comment(root: Path, name: str, clause: str, text: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["单位", "章条", "意见内容", "修改建议"])
    sheet.append([name, clause, text, ""])
    (root / "意见").mkdir(exist_ok=True)
    book.save(root / "意见" / f"{name}.xlsx")


# --- outputs: what a person wrote stays --------------------
@pytest.mark.slow
def test_what_people_wrote_into_outputs_survives_the_next_build(folder: Any) -> None:
    """The draft and the 编制说明 edited, 采纳 typed into 意见汇总处理表.xlsx: each was lost at the next build."""
    root, output = folder.path, folder.path / "成果"
    put_comment(root, "甲研究院", "5.1", "原则不够具体。")
    before = inputs_of(root)
    draft = build(root, quick=True).draft_name
    marks = {}
    for name in (f"{draft}.docx", "编制说明.docx", "意见汇总处理表.docx"):
        with zipfile.ZipFile(output / name, "a") as package:  # as if somebody had typed into it
            package.writestr("word/written.xml", "人写的")
        marks[name] = (output / name).read_bytes()
    edit(output / "意见汇总处理表.xlsx", "", "F2", "采纳")
    marks["意见汇总处理表.xlsx"] = (output / "意见汇总处理表.xlsx").read_bytes()
    found = build(root, quick=True)
    for name, data in marks.items():
        assert (output / name).read_bytes() == data, name
        assert (output / f"{Path(name).stem}（新）{Path(name).suffix}").is_file(), name
    said = {f.place.file for f in found.findings if f.code == "outputs-changed"}
    assert said == {f"成果/{name}" for name in marks}
    assert inputs_of(root) == before
    page = next(output.glob("*.html")).read_text("utf-8")
    edited = [f.message for f in standing_of(root).findings() if f.code == "outputs-edited"]
    assert len(edited) == 1
    assert edited[0] in page
    assert len([*output.glob("*.html")]) == 1


@SLOW
def test_building_twice_replaces_everything_and_says_nothing(folder: Any) -> None:
    first = build(folder.path, quick=True)
    names = sorted(p.name for p in first.output.iterdir())
    again = build(folder.path, quick=True)
    assert sorted(p.name for p in again.output.iterdir()) == names
    assert [f.code for f in again.findings if f.code.startswith("outputs")] == []
    assert standing_of(folder.path).whole


@SLOW
def test_a_project_built_by_an_earlier_version_is_simply_replaced(folder: Any) -> None:
    made = build(folder.path, quick=True)
    names = sorted(p.name for p in made.output.iterdir())
    (folder.path / "记录" / "成果清单.json").unlink()
    record = (made.output / "结果.json").stat().st_mtime
    for path in made.output.iterdir():
        if path.name != "结果.json":
            os.utime(path, (record - 1, record - 1))
    again = build(folder.path, quick=True)
    assert sorted(p.name for p in again.output.iterdir()) == names
    assert not [f for f in again.findings if f.code == "outputs-changed"]


def test_a_questionnaire_that_was_filled_in_is_never_replaced(folder: Any, capfd: Any) -> None:
    assert app.run(["questionnaires", str(folder.path), "--ahp"]) == 0
    where = folder.path / "成果" / "问卷" / "层次分析法"
    path = sorted(where.glob("*.xlsx"))[0]
    edit(path, "一级指标", "C4", 3)
    filled = path.read_bytes()
    status, found = codes(folder.path, "questionnaires", "--ahp", capfd=capfd)
    assert path.read_bytes() == filled
    assert ("outputs-changed", f"成果/问卷/层次分析法/{path.name}") in found
    assert (where / f"{path.stem}（新）.xlsx").is_file()
    assert status == 0


@SLOW
def test_decisions_in_the_record_are_kept_while_comments_are_added(folder: Any) -> None:
    root = folder.path
    put_comment(root, "甲", "5.1", "原则不够具体。")
    build(root, quick=True)
    edit(root / "记录" / "意见处理.xlsx", "", "F2", "采纳")
    put_comment(root, "乙", "5.2", "表太宽。")
    (root / "记录" / "~$意见处理.xlsx").write_text("")  # open in Excel: nothing is written, and that is said
    held = (root / "记录" / "意见处理.xlsx").read_bytes()
    assert "comments-not-recorded" in [f.code for f in build(root, quick=True).findings]
    assert (root / "记录" / "意见处理.xlsx").read_bytes() == held
    (root / "记录" / "~$意见处理.xlsx").unlink()
    build(root, quick=True)
    sheet = openpyxl.load_workbook(root / "记录" / "意见处理.xlsx").worksheets[0]
    assert [sheet.cell(r, 6).value for r in (2, 3)] == ["采纳", None]
    assert sheet.cell(3, 3).value == "表太宽。"


# --- links --------------------
@POSIX
@pytest.mark.parametrize("name", ["成果", "记录"])
@pytest.mark.parametrize(
    "command",
    [["build", "--quick"], ["check", "--annotate"], ["questionnaires", "--ahp"],
     *(pytest.param(c, marks=SLOW) for c in (["render", "--quick", "--to", "md"], ["trial", "--charts"]))],
)  # fmt: skip
def test_a_folder_elsewhere_is_not_overwritten(folder: Any, tmp_path: Path, command: list[str], name: str, capfd: Any):
    elsewhere = tmp_path / "别处"
    elsewhere.mkdir()
    for kept in ("结果.json", "编制说明.docx", "专家答复.json"):
        (elsewhere / kept).write_text("别人的", "utf-8")
    (folder.path / name).symlink_to(elsewhere, target_is_directory=True)
    folder.put("二级指标", "J2", "1.2 3")  # something to annotate
    assert app.run([command[0], str(folder.path), *command[1:]]) == 1
    assert "链接" in capfd.readouterr().err
    assert {p.name: p.read_text("utf-8") for p in elsewhere.iterdir()} == dict.fromkeys(
        ("结果.json", "编制说明.docx", "专家答复.json"), "别人的"
    )


@POSIX
def test_a_template_that_is_a_link_does_not_stand_in_the_public_draft(folder: Any, tmp_path: Path) -> None:
    secret = tmp_path / "别处.txt"
    secret.write_text("别处的秘密", "utf-8")
    (folder.path / "模板").mkdir()
    (folder.path / "模板" / "scope.j2").symlink_to(secret)
    setting(folder, "模板目录", "模板")
    run = build(folder.path, formats=("md",), quick=True)
    assert ("file-outside", "模板/scope.j2") in [(f.code, f.place.file) for f in run.findings]
    for path in run.output.iterdir():
        assert "别处的秘密" not in path.read_bytes().decode("utf-8", "replace")


# --- half a build --------------------
@SLOW
def test_a_full_disk_while_files_are_made_leaves_the_former_generation(folder: Any, monkeypatch, capfd) -> None:
    build(folder.path, quick=True)
    before = {p.name: p.read_bytes() for p in (folder.path / "成果").iterdir() if p.is_file()}
    folder.put("调研数据", "E4", 5555, file="调研数据.xlsx")
    inputs = inputs_of(folder.path)
    real, calls = Path.write_bytes, []

    def full(self: Path, data: bytes) -> int:
        if "编制说明" in self.name:
            calls.append(self.name)
            real(self, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    assert app.run(["build", str(folder.path), "--quick"]) == 1
    assert calls
    said = capfd.readouterr().err
    assert "磁盘空间不足" in said
    assert ".暂存" not in said  # the place where the file was to stand
    assert {p.name: p.read_bytes() for p in (folder.path / "成果").iterdir() if p.is_file()} == before
    assert standing_of(folder.path).whole
    assert inputs_of(folder.path) == inputs


def interrupted(root: Path, monkeypatch: pytest.MonkeyPatch, *, first: bool = True) -> None:
    """Build, and stop the next build between two files."""
    if first:
        build(root, quick=True)
    real, calls = Folder.replace, []

    def stop(self: Folder, source: Path, name: str) -> None:
        calls.append(name)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(self, source, name)

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            build(root, quick=True)


@pytest.mark.slow
def test_a_stop_in_mid_build_is_said_by_verify_diff_render_and_ended_by_build(folder: Any, monkeypatch, capfd) -> None:
    """New documents stood beside an old 结果.json without a sign."""
    root = folder.path
    interrupted(root, monkeypatch)
    for words in (["verify", str(root / "成果" / "结果.json")], ["verify", str(root)]):
        assert app.run(words) == 1
        assert "中断" in capfd.readouterr().out
        assert app.run([*words, "--json"]) == 1
        assert [f["code"] for f in json.loads(capfd.readouterr().out)["findings"]] == ["outputs-interrupted"]
    assert app.run(["diff", str(root), str(root), "--json"]) == 0
    assert "outputs-interrupted" in [f["code"] for f in json.loads(capfd.readouterr().out)["findings"]]
    build(root, quick=True)
    assert app.run(["verify", str(root)]) == 0


@SLOW
def test_files_of_other_inputs_are_said_by_render_and_verify(folder: Any, capfd: Any) -> None:
    root = folder.path
    build(root, quick=True)
    folder.put("调研数据", "E4", 5555, file="调研数据.xlsx")
    _, found = codes(root, "render", "--quick", "--to", "md", capfd=capfd)
    assert ("outputs-mixed", "成果/结果.json") in found
    assert app.run(["verify", str(root)]) == 1
    assert "不是同一次计算" in capfd.readouterr().out
    build(root, formats=("md",), quick=True)
    assert app.run(["verify", str(root)]) == 1
    assert ".html" in capfd.readouterr().out  # the page that was not written again prints other figures


@SLOW
def test_the_page_says_what_is_not_of_its_generation(folder: Any, monkeypatch, capfd: Any) -> None:
    """It told of edited Word files only; the words are those of verify and render."""
    root = folder.path
    build(root, formats=("html", "md"), quick=True)
    page = next((root / "成果").glob("*.html"))
    assert "成果/" not in page.read_text("utf-8")
    folder.put("调研数据", "E4", 5555, file="调研数据.xlsx")
    codes(root, "render", "--quick", "--to", "html", capfd=capfd)
    said = {f.code: f.message for f in standing_of(root).findings()}
    assert set(said) == {"outputs-mixed"}
    assert ".md" in said["outputs-mixed"]
    assert said["outputs-mixed"] in page.read_text("utf-8")
    build(root, formats=("html",), quick=True)  # the draft as .md is still the old one
    (older,) = standing_of(root).findings()
    assert (older.code, older.message in page.read_text("utf-8")) == ("outputs-older", True)
    questionnaire = root / "成果" / "问卷" / "层次分析法"
    assert app.run(["questionnaires", str(root), "--ahp"]) == 0
    name = sorted(questionnaire.glob("*.xlsx"))[0]
    name.write_bytes(name.read_bytes() + b"x")
    build(root, formats=("html", "md"), quick=True)
    assert name.name in next(f.message for f in standing_of(root).findings())
    assert name.stem not in page.read_text("utf-8")  # who was asked does not stand in a public page


@SLOW
def test_what_a_stopped_build_put_in_place_is_not_taken_for_somebodys_work(folder: Any, monkeypatch, capfd) -> None:
    root = folder.path
    build(root, quick=True)
    setting(folder, "提出单位", "乙")
    interrupted(root, monkeypatch, first=False)
    codes(root, "render", "--quick", "--to", "md", capfd=capfd)
    assert [f.code for f in standing_of(root).findings()] == ["outputs-mixed"]
    assert not [f for f in build(root, quick=True).findings if f.code.startswith("outputs")]


def test_an_edited_draft_is_said_by_verify_and_is_no_fault(folder: Any, capfd: Any) -> None:
    name = build(folder.path, formats=("md",), quick=True).draft_name
    (folder.path / "成果" / f"{name}.md").write_text("人写的", "utf-8")
    assert app.run(["verify", str(folder.path)]) == 0
    assert f"{name}.md 写出后被改过" in "".join(capfd.readouterr().out.split("\n"))


# --- bad places --------------------
@pytest.mark.parametrize("name", ["成果", "记录"])
@pytest.mark.parametrize(
    "command",
    [["questionnaires", "--delphi", "1"], ["check"], ["verify"], pytest.param(["build", "--quick"], marks=SLOW)],
)
def test_a_file_in_the_place_of_a_folder_is_answered(folder: Any, name: str, command: list[str], capfd: Any) -> None:
    (folder.path / name).write_text("x", "utf-8")
    assert app.run([command[0], str(folder.path), *command[1:]]) in (1, 2)
    assert (folder.path / name).read_text("utf-8") == "x"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EIO, errno.ENOLCK])
@pytest.mark.parametrize(
    "command", [["build", "--quick"], ["questionnaires", "--delphi", "1"], ["check", "--annotate"]]
)
def test_a_folder_that_cannot_be_written_is_answered(folder: Any, number: int, command: list[str], monkeypatch, capfd):
    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("drafting.keeping.lock._try", refuse)
    folder.put("二级指标", "J2", "1.2 3")
    assert app.run([command[0], str(folder.path), *command[1:]]) == 1
    said = capfd.readouterr()
    assert "Traceback" not in said.err + said.out


@SLOW
def test_a_title_that_windows_forbids_or_that_is_too_long(folder: Any) -> None:
    for title in ("CON", "长" * 200, 'a/b\\c:d*e?f"g<h>i|j', "..", "结果\n二"):
        setting(folder, "文件名称", title)
        run = build(folder.path, formats=("md",), quick=True)
        assert list(run.output.glob("*.md"))
        assert not any(c in p.name for p in run.output.iterdir() for c in '\\:*?"<>|\n')


@SLOW
def test_a_clock_that_was_set_back_changes_nothing(folder: Any) -> None:
    made = build(folder.path, formats=("md",), quick=True)
    for path in made.output.iterdir():
        os.utime(path, (2e9, 2e9))
    again = build(folder.path, formats=("md",), quick=True)
    assert not [f for f in again.findings if f.code.startswith("outputs")]


# --- no other door --------------------
_WATCH = """
import os, sys, traceback
from pathlib import Path
root = os.path.realpath(sys.argv[1])
seen = []
def watch(event, args):
    writes = {{"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"}}
    if event not in writes:
        return
    if event == "open":
        path, mode, flags = args
        if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        paths = [path]
    else:
        paths = [a for a in args[:2] if isinstance(a, (str, bytes))]
    for path in paths:
        if not isinstance(path, (str, bytes)):
            continue
        full = os.path.abspath(os.fsdecode(path))
        if not full.startswith(root + os.sep) or "/.暂存/" in full:
            continue
        frame, kept = sys._getframe(1), False
        while frame is not None and not kept:
            kept = "/drafting/keeping/" in frame.f_code.co_filename
            frame = frame.f_back
        if not kept:
            seen.append((event, full))
sys.addaudithook(watch)
from drafting.cli.app import run
for words in {commands!r}:
    run([words[0], sys.argv[1], *words[1:]])
for event, path in seen:
    print("WROTE", event, path)
"""


@POSIX
@SLOW
def test_no_command_writes_into_a_project_but_by_the_keeper(folder: Any, tmp_path: Path) -> None:
    put_comment(folder.path, "甲", "5.1", "好。")
    folder.put("二级指标", "M2", "x")
    commands = [
        ["build", "--quick"], ["check", "--annotate"], ["questionnaires", "--ahp"], ["questionnaires", "--delphi", "1"],
        ["weights", "--charts"], ["render", "--quick", "--to", "md,comments,workbook"], ["verify"],
        ["evaluate", str(folder.path / "调研数据.xlsx")], ["diff", str(folder.path), "--to", "xlsx"],
    ]  # fmt: skip
    script = tmp_path / "watch.py"
    script.write_text(_WATCH.format(commands=commands), "utf-8")
    done = subprocess.run(
        [sys.executable, script, folder.path], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert [line for line in done.stdout.splitlines() if line.startswith("WROTE")] == []
    written = {p.relative_to(folder.path).parts[0] for p in folder.path.rglob("*") if p.is_file()}
    assert {"成果", "记录"} <= written
    assert (folder.path / "成果" / "变化对照.xlsx").is_file()
