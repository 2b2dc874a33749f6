"""The keeper alone: what is replaced, what stays, what a stop in between leaves, who may write when."""

from __future__ import annotations

import errno
import json
import os
import threading
import zipfile
from pathlib import Path

import pytest

from drafting.files import OutputError
from drafting.inside import Folder
from drafting.keeping import Keeper, standing_of
from drafting.keeping.lock import hold

POSIX = pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drafting.keeping.standing._PATIENCE", 0.0)
    monkeypatch.setattr(os, "fsync", lambda _: None)


def write(root: Path, files: dict[str, str], basis: str = "a") -> list[str]:
    """One generation; gives the codes of what is said."""
    with Keeper(root).stage(basis) as stage:
        for name, text in files.items():
            (stage.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (stage.folder / name).write_text(text, "utf-8")
    return [f.code for f in stage.findings]


def read(root: Path) -> dict[str, str]:
    """What stands in 成果/."""
    base = root / "成果"
    return {p.relative_to(base).as_posix(): p.read_text("utf-8") for p in sorted(base.rglob("*")) if p.is_file()}


def test_an_untouched_generation_is_replaced(tmp_path: Path) -> None:
    assert write(tmp_path, {"草案.md": "一", "图/a.svg": "一"}) == []
    assert write(tmp_path, {"草案.md": "二", "图/a.svg": "二"}) == []
    assert read(tmp_path) == {"草案.md": "二", "图/a.svg": "二"}
    standing = standing_of(tmp_path)
    assert standing is not None
    assert standing.whole
    assert not list(standing.findings())


def test_a_changed_file_stays_and_the_new_one_goes_beside_it_every_time(tmp_path: Path) -> None:
    write(tmp_path, {"草案.md": "一", "编制说明.md": "一"})
    (tmp_path / "成果" / "草案.md").write_text("人写的", "utf-8")
    assert write(tmp_path, {"草案.md": "二", "编制说明.md": "二"}) == ["outputs-changed"]
    assert read(tmp_path) == {"草案.md": "人写的", "草案（新）.md": "二", "编制说明.md": "二"}
    write(tmp_path, {"草案.md": "三"})  # the one beside is the program's own
    assert read(tmp_path)["草案（新）.md"] == "三"
    (tmp_path / "成果" / "草案（新）.md").write_text("又是人写的", "utf-8")
    write(tmp_path, {"草案.md": "四"})
    found = read(tmp_path)
    assert (found["草案.md"], found["草案（新）.md"], found["草案（新2）.md"]) == ("人写的", "又是人写的", "四")


def test_what_was_beside_goes_when_the_name_is_free_again(tmp_path: Path) -> None:
    write(tmp_path, {"草案.md": "一"})
    (tmp_path / "成果" / "草案.md").write_text("人写的", "utf-8")
    write(tmp_path, {"草案.md": "二"})
    (tmp_path / "成果" / "草案.md").unlink()
    assert write(tmp_path, {"草案.md": "三"}) == []
    assert read(tmp_path) == {"草案.md": "三"}


def test_the_new_file_renamed_to_the_old_name_is_the_programs_own(tmp_path: Path) -> None:
    write(tmp_path, {"草案.md": "一"})
    (tmp_path / "成果" / "草案.md").write_text("人写的", "utf-8")
    write(tmp_path, {"草案.md": "二"})
    (tmp_path / "成果" / "草案（新）.md").replace(tmp_path / "成果" / "草案.md")
    assert write(tmp_path, {"草案.md": "三"}) == []
    assert read(tmp_path) == {"草案.md": "三"}


@pytest.mark.parametrize("mark", ["~$abc草案.md", "~$bc草案.md", "~$c草案.md", ".~lock.abc草案.md#"])
def test_a_file_that_is_open_stays(tmp_path: Path, mark: str) -> None:
    write(tmp_path, {"abc草案.md": "一"})
    (tmp_path / "成果" / mark).write_text("", "utf-8")
    assert write(tmp_path, {"abc草案.md": "二"}) == ["outputs-open"]
    assert read(tmp_path) == {mark: "", "abc草案.md": "一", "abc草案（新）.md": "二"}


def test_a_file_that_windows_finds_open_only_at_the_end_stays(tmp_path: Path, monkeypatch) -> None:
    write(tmp_path, {"草案.md": "一", "结果.json": "一"})
    real = Folder.replace

    def refuse(self: Folder, source: Path, name: str) -> None:
        if name == "草案.md":
            raise PermissionError(errno.EACCES, "used by another process")
        real(self, source, name)

    monkeypatch.setattr(Folder, "replace", refuse)
    assert write(tmp_path, {"草案.md": "二", "结果.json": "二"}) == ["outputs-open"]
    assert read(tmp_path) == {"草案.md": "一", "草案（新）.md": "二", "结果.json": "二"}
    assert standing_of(tmp_path).whole


def test_a_fault_while_files_are_made_leaves_the_former_generation(tmp_path: Path) -> None:
    write(tmp_path, {"草案.md": "一", "结果.json": "一"})

    def half() -> None:
        with Keeper(tmp_path).stage("b") as stage:
            (stage.folder / "草案.md").write_text("二", "utf-8")
            raise OutputError(stage.folder, OSError(errno.ENOSPC, "full"))

    with pytest.raises(OutputError):
        half()
    assert read(tmp_path) == {"草案.md": "一", "结果.json": "一"}
    assert standing_of(tmp_path).whole


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_stop_between_two_files_shows(tmp_path: Path, monkeypatch, after: int) -> None:
    names = ["草案.md", "编制说明.md", "结果.json"]
    write(tmp_path, dict.fromkeys(names, "一"))
    real, calls = Folder.replace, []

    def stop(self: Folder, source: Path, name: str) -> None:
        if len(calls) == after:
            raise KeyboardInterrupt
        calls.append(name)
        real(self, source, name)

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path, dict.fromkeys(names, "二"), "b")
    standing = standing_of(tmp_path)
    assert not standing.whole
    assert [f.code for f in standing.findings()] == ["outputs-interrupted"]
    assert write(tmp_path, dict.fromkeys(names, "三"), "b") == []  # neither old nor new ones pass for a person's
    assert read(tmp_path) == dict.fromkeys(names, "三")
    assert standing_of(tmp_path).whole


def test_files_of_other_inputs_are_named(tmp_path: Path) -> None:
    write(tmp_path, {"草案.md": "一", "结果.json": "一", "问卷/E1.xlsx": "一", "评价结果-厂.xlsx": "一"}, "a")
    write(tmp_path, {"草案.md": "二"}, "b")
    standing = standing_of(tmp_path)
    assert (standing.older, standing.whole) == (("结果.json",), False)
    assert [f.code for f in standing.findings()] == ["outputs-mixed"]
    write(tmp_path, {"结果.json": "二"}, "b")
    assert standing_of(tmp_path).whole


def test_a_changed_file_is_named_to_readers(tmp_path: Path) -> None:
    write(tmp_path, {"草案.md": "一", "结果.json": "一"})
    (tmp_path / "成果" / "草案.md").write_text("人写的", "utf-8")
    assert standing_of(tmp_path).changed == ("草案.md",)


def test_no_manifest_no_standing(tmp_path: Path) -> None:
    assert standing_of(tmp_path) is None
    assert standing_of(tmp_path / "没有") is None


# --- projects of earlier versions --------------------
def package(
    path: Path, *, date: tuple[int, ...] = (1980, 1, 1, 0, 0, 0), modified: str = "2000-01-01T00:00:00Z"
) -> None:
    with zipfile.ZipFile(path, "w") as made:
        text = f'<cp:coreProperties><dcterms:modified xsi:type="x">{modified}</dcterms:modified></cp:coreProperties>'
        made.writestr(zipfile.ZipInfo("docProps/core.xml", date), text)


def test_files_of_an_earlier_version_are_replaced_where_they_can_be_shown_to_be_ours(tmp_path: Path) -> None:
    base = tmp_path / "成果"
    base.mkdir()
    package(base / "我们的.docx")
    package(base / "在Word中保存的.docx", modified="2026-05-01T08:00:00Z")
    package(base / "用程序改过的.docx", date=(2026, 5, 1, 8, 0, 0))
    (base / "别的.docx").write_text("人写的", "utf-8")
    (base / "页面.html").write_text("x", "utf-8")
    (base / "结果.json").write_text('{"format": 3, "baselines": null}', "utf-8")
    (base / "改过的.html").write_text("人改过", "utf-8")
    for name, age in (("页面.html", -1), ("改过的.html", 1)):
        time = (base / "结果.json").stat().st_mtime + age
        os.utime(base / name, (time, time))
    names = [p.name for p in base.iterdir()]
    codes = write(tmp_path, dict.fromkeys(names, "新"))
    stayed = {name for name in names if (base / name).read_bytes() != "新".encode()}
    assert stayed == {"在Word中保存的.docx", "用程序改过的.docx", "别的.docx", "改过的.html"}
    assert codes == ["outputs-changed"] * 4
    assert write(tmp_path, {"页面.html": "再新"}) == []


# --- manifests --------------------
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b'{"format": 1}', b'{"format": "1"}', b"[" * 5000,
     b'{"format": 1, "basis": "", "files": {"../x": {"sha256": "", "basis": ""}}}',
     b'{"format": 1, "basis": "", "files": {"": {"sha256": "", "basis": ""}}}',
     b'{"format": 1, "basis": 5, "files": {}}', b'{"format": 0, "basis": "", "files": {}}'],
)  # fmt: skip
def test_a_damaged_manifest_is_set_aside_and_nothing_of_a_person_is_lost(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, {"草案.md": "一"})
    (tmp_path / "成果" / "草案.md").write_text("人写的", "utf-8")
    (tmp_path / "记录" / "成果清单.json").write_bytes(content)
    assert [f.code for f in standing_of(tmp_path).findings()] == ["outputs-manifest-unreadable"]
    assert write(tmp_path, {"草案.md": "二"}) == ["outputs-manifest-damaged", "outputs-changed"]
    assert read(tmp_path) == {"草案.md": "人写的", "草案（新）.md": "二"}
    assert (tmp_path / "记录" / "成果清单（损坏）.json").read_bytes() == content


def test_a_manifest_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"草案.md": "一"})
    path = tmp_path / "记录" / "成果清单.json"
    path.write_text(json.dumps({"format": 2}), "utf-8")
    with pytest.raises(OutputError, match="较新的版本"):
        write(tmp_path, {"草案.md": "二"})
    assert read(tmp_path) == {"草案.md": "一"}
    assert json.loads(path.read_text("utf-8")) == {"format": 2}


def test_a_file_whose_name_has_no_room_for_the_mark(tmp_path: Path) -> None:
    name = "长" * 83 + ".md"  # 252 bytes of 255
    write(tmp_path, {name: "一"})
    (tmp_path / "成果" / name).write_text("人写的", "utf-8")
    write(tmp_path, {name: "二"})
    assert sorted(read(tmp_path).values()) == ["二", "人写的"]


# --- links, pipes, files in the way --------------------
@POSIX
@pytest.mark.parametrize("where", ["成果", "记录", "成果/图"])
def test_a_folder_elsewhere_is_never_written(tmp_path: Path, where: str) -> None:
    root, elsewhere = tmp_path / "项目", tmp_path / "别处"
    elsewhere.mkdir()
    (elsewhere / "a.svg").write_text("别人的", "utf-8")
    (root / where).parent.mkdir(parents=True, exist_ok=True)
    (root / where).symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(OutputError, match="链接") as fault:
        write(root, {"图/a.svg": "一"})
    assert fault.value.path.is_relative_to(root / where)
    assert [p.name for p in elsewhere.iterdir()] == ["a.svg"]
    assert (elsewhere / "a.svg").read_text("utf-8") == "别人的"


@POSIX
def test_a_link_or_pipe_in_the_place_of_a_file_stays(tmp_path: Path) -> None:
    root, outside = tmp_path / "项目", tmp_path / "外.md"
    outside.write_text("别人的", "utf-8")
    (root / "成果").mkdir(parents=True)
    (root / "成果" / "草案.md").symlink_to(outside)
    os.mkfifo(root / "成果" / "编制说明.md")
    (root / "成果" / "结果.json").mkdir()
    codes = write(root, {"草案.md": "一", "编制说明.md": "一", "结果.json": "一"})
    assert codes == ["outputs-odd"] * 3
    assert outside.read_text("utf-8") == "别人的"
    assert {n: t for n, t in read(root).items() if "新" in n} == {
        "草案（新）.md": "一", "编制说明（新）.md": "一", "结果（新）.json": "一"
    }  # fmt: skip


@POSIX
@pytest.mark.parametrize("name", ["成果清单.json", ".锁"])
def test_the_keepers_own_files_may_be_no_links(tmp_path: Path, name: str) -> None:
    root, outside = tmp_path / "项目", tmp_path / "外"
    outside.write_text("别人的", "utf-8")
    (root / "记录").mkdir(parents=True)
    (root / "记录" / name).symlink_to(outside)
    with pytest.raises(OutputError, match="链接"):
        write(root, {"草案.md": "一"})
    assert outside.read_text("utf-8") == "别人的"


@pytest.mark.parametrize("where", ["成果", "记录"])
def test_a_file_in_the_place_of_a_folder(tmp_path: Path, where: str) -> None:
    (tmp_path / where).write_text("x", "utf-8")
    with pytest.raises(OutputError, match="是文件而不是文件夹") as fault:
        write(tmp_path, {"草案.md": "一"})
    assert fault.value.path == tmp_path / where
    assert (tmp_path / where).read_text("utf-8") == "x"


# --- records and inputs --------------------
def test_a_record_is_amended_under_the_lock(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)

    def count() -> None:
        for _ in range(5):
            keeper.amend("数.txt", lambda old: str(int(old or b"0") + 1).encode())

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "记录" / "数.txt").read_text() == "20"
    assert not keeper.amend("数.txt", lambda _: None)


def test_a_record_that_is_open_is_not_written(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    keeper.amend("意见处理.xlsx", lambda _: b"1")
    (tmp_path / "记录" / "~$意见处理.xlsx").write_text("")
    with pytest.raises(OutputError, match="正在 Excel"):
        keeper.amend("意见处理.xlsx", lambda _: b"2")
    assert (tmp_path / "记录" / "意见处理.xlsx").read_bytes() == b"1"


def test_inputs_are_added_and_never_replaced(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    assert keeper.add("判断矩阵/E1.xlsx", b"1")
    assert not keeper.add("判断矩阵/E1.xlsx", b"2")
    assert (tmp_path / "判断矩阵" / "E1.xlsx").read_bytes() == b"1"
    assert [p.name for p in (tmp_path / "判断矩阵").iterdir()] == ["E1.xlsx"]
    assert [p.name for p in (tmp_path / "记录").iterdir()] == [".锁"]


@POSIX
def test_inputs_are_not_added_through_a_link(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "项目", tmp_path / "别处"
    root.mkdir()
    elsewhere.mkdir()
    (root / "判断矩阵").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(OutputError, match="链接"):
        Keeper(root).add("判断矩阵/E1.xlsx", b"1")
    assert list(elsewhere.iterdir()) == []


# --- turns and leftovers --------------------
def test_two_writers_take_turns(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(OutputError, match="另一个程序正在写入"), hold(tmp_path, wait=0.05):
        pass


def test_generations_at_once_do_not_mix(tmp_path: Path) -> None:
    names = [f"{n}.md" for n in range(6)]
    threads = [
        threading.Thread(target=write, args=(tmp_path, dict.fromkeys(names, text), text)) for text in ("甲", "乙", "丙")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(read(tmp_path).values())) == 1
    assert standing_of(tmp_path).whole
    assert not (tmp_path / "成果" / ".暂存").exists()


def test_leftovers_are_swept_but_not_a_stage_in_use(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    with keeper.scratch() as living:
        (living / "a").write_text("x")
        dead = tmp_path / "成果" / ".暂存" / "deadbeef"
        dead.mkdir()
        (dead / "b").write_text("x")
        left = [tmp_path / "成果" / ".草案.0123abcd.part.docx", tmp_path / "记录" / ".成果清单.0123abcd.part.json",
                tmp_path / "成果" / "图" / ".权重.0123abcd.part.png"]  # fmt: skip
        own = tmp_path / "成果" / ".我的笔记.part.docx"
        for path in (*left, own):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
        write(tmp_path, {"草案.md": "一"})
        assert (living / "a").is_file()
        assert not dead.exists()
        assert not any(p.exists() for p in left)
        assert own.exists()
    assert not living.exists()
