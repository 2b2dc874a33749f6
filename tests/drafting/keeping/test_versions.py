"""Versions in 记录/版本/: kept whole or not at all, never changed, verifiable, restored without losing the present."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from drafting.files import OutputError
from drafting.inside import Folder
from drafting.keeping import versions as v
from drafting.pipeline.running import run_project
from drafting.workbook import headings as h

DAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path, {"项目.xlsx": "一", "判断矩阵/E1.xlsx": "甲", "成果/草案.docx": "稿", "记录/意见处理.xlsx": "采纳"})
    return tmp_path


def put(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def read(root: Path) -> dict[str, str]:
    """Everything but versions and lock."""
    found = (p for p in sorted(root.rglob("*")) if p.is_file() and p.name != ".锁")
    names = {p.relative_to(root).as_posix(): p for p in found}
    return {n: p.read_text("utf-8") for n, p in names.items() if not n.startswith("记录/版本/")}


def kept(root: Path) -> dict[str, str]:
    base = root / "记录" / "版本"
    files = [p for p in base.rglob("*") if p.is_file()]
    return {str(p.relative_to(base)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def codes(root: Path) -> list[str]:
    return [f.code for f in v.verify_versions(root)]


def test_a_version_is_the_whole_state_and_stays_as_it_was(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = read(root)
    put(root, {"~$项目.xlsx": "锁", "成果/.~lock.草案.docx#": "锁", "成果/.暂存/1/半.docx": "半"})
    made = v.freeze(root, "征求意见稿", v.STAGE, note="第一次", now=DAY)
    assert {n: k.sha256 for n, k in made.files.items()} == {
        n: hashlib.sha256(t.encode()).hexdigest() for n, t in before.items()
    }
    assert (made.number, made.label, made.note) == (1, "0001-征求意见稿", "第一次")
    put(root, {"成果/草案.docx": "LibreOffice 存过", "项目.xlsx": "二"})
    assert v.versions_of(root) == (made,)
    assert codes(root) == []
    to = tmp_path_factory.mktemp("x")
    v.extract(root, made, to)
    assert read(to) == before
    assert v.read_file(root, made, "项目.xlsx") == "一".encode()
    assert v.read_file(root, made, "没有.xlsx") is None


def test_versions_are_added_and_nothing_kept_changes(root: Path) -> None:
    first = v.freeze(root, "征求意见稿", v.STAGE, now=DAY)
    there = kept(root)
    put(root, {"项目.xlsx": "二"})
    second = v.freeze(root, "送审讨论稿", v.STAGE, now=DAY)  # two stages on one day
    third = v.freeze(root, "征求意见稿", v.STAGE, now=DAY)
    assert there.items() <= kept(root).items()
    assert len([n for n in kept(root) if n.startswith("块")]) == len(there) - 1 + 1, "equal contents are kept once"
    assert [x.number for x in v.versions_of(root)] == [1, 2, 3]
    assert second.previous == first.digest
    assert v.find_version(root, "征求意见稿") == third, "the latest of the name"
    assert v.find_version(root, "1") == v.find_version(root, "0001-征求意见稿") == first
    with pytest.raises(v.VersionError, match="0002-送审讨论稿"):
        v.find_version(root, "报批稿")
    fourth = v.freeze(root, first.label, v.NAMED, now=DAY)  # called as another one: that one is still found
    assert (v.find_version(root, first.label), v.find_version(root, fourth.label)) == (first, fourth)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda base: next(base.glob("0001-*")).write_text("{}", "utf-8"), "version-unreadable"),
        (lambda base: next(base.glob("0001-*")).unlink(), "version-row-broken"),
        (lambda base: rewrite(next(base.glob("0001-*"))), "version-row-broken"),
        (lambda base: blob_of(base, "一").unlink(), "version-content-lost"),
        (lambda base: blob_of(base, "一").write_text("二", "utf-8"), "version-content-lost"),
    ],
)
def test_what_was_changed_by_hand_is_named(root: Path, spoil: Callable[[Path], Any], code: str) -> None:
    first = v.freeze(root, "征求意见稿", v.STAGE, now=DAY)
    put(root, {"项目.xlsx": "三"})
    v.freeze(root, "送审稿", v.STAGE, now=DAY)
    spoil(root / "记录" / "版本")
    assert codes(root) == [code]
    if code == "version-content-lost":
        before = read(root)
        with pytest.raises(v.VersionError, match=r"项目\.xlsx"):
            v.restore(root, first, now=DAY)
        assert read(root) == before
        put(root, {"项目.xlsx": "一"})  # the same content again heals it
        v.freeze(root, "留存", now=DAY)
        assert codes(root) == []


def rewrite(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('"note": ""', '"note": "改"'), "utf-8")


def blob_of(base: Path, text: str) -> Path:
    name = hashlib.sha256(text.encode()).hexdigest()
    return base / "块" / name[:2] / name


def test_a_restore_keeps_the_present_first(root: Path) -> None:
    first = v.freeze(root, "征求意见稿", v.STAGE, now=DAY)
    put(root, {"项目.xlsx": "二", "判断矩阵/E2.xlsx": "乙", "意见/甲.xlsx": "意见", "备忘.txt": "备忘"})
    put(root, {"记录/意见处理.xlsx": "不采纳", "成果/草案.docx": "新稿"})
    (root / "判断矩阵" / "E1.xlsx").unlink()
    present = read(root)
    done = v.restore(root, first, now=DAY)
    assert done.written == ("判断矩阵/E1.xlsx", "项目.xlsx")
    assert done.removed == ("判断矩阵/E2.xlsx", "意见/甲.xlsx")
    assert done.stayed == ("备忘.txt",)
    now = read(root)
    assert {n: now[n] for n in done.written} == {"判断矩阵/E1.xlsx": "甲", "项目.xlsx": "一"}
    assert not {*done.removed} & {*now}
    assert (now["记录/意见处理.xlsx"], now["成果/草案.docx"], now["备忘.txt"]) == ("不采纳", "新稿", "备忘")
    v.restore(root, done.kept, now=DAY)
    assert read(root) == present
    assert codes(root) == []


def test_an_open_workbook_is_not_restored_over(root: Path) -> None:
    first = v.freeze(root, "征求意见稿", v.STAGE, now=DAY)
    put(root, {"项目.xlsx": "二", "~$项目.xlsx": ""})
    with pytest.raises(OutputError, match="正在 Excel"):
        v.restore(root, first, now=DAY)
    assert (root / "项目.xlsx").read_text("utf-8") == "二"
    assert len(v.versions_of(root)) == 1


class Stop(BaseException):
    """The process is killed here."""


def stopping(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the process stop at the n-th step that changes a name."""
    left = [after]

    def step(method: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise Stop
            return method(*args, **named)

        return stepped

    for name in ("replace", "add", "remove"):
        monkeypatch.setattr(Folder, name, step(getattr(Folder, name)))
    monkeypatch.setattr(os, "replace", step(os.replace))


def test_a_freeze_that_was_stopped_leaves_no_version_or_a_whole_one(root: Path) -> None:
    v.freeze(root, "工作组讨论稿", v.STAGE, now=DAY)
    put(root, {"项目.xlsx": "二", "判断矩阵/E1.xlsx": "丙"})
    state, there = read(root), kept(root)
    for after in range(20):
        with pytest.MonkeyPatch.context() as patch:
            stopping(patch, after)
            try:
                v.freeze(root, "征求意见稿", v.STAGE, now=DAY)
            except Stop:
                finished = False
            else:
                finished = True
        assert there.items() <= kept(root).items()
        assert codes(root) == []
        if finished:
            break
        assert {n: t for n, t in read(root).items() if ".part" not in n} == state
    assert finished
    assert after > 2
    assert v.find_version(root, "征求意见稿").files["项目.xlsx"].sha256 == hashlib.sha256("二".encode()).hexdigest()


def test_a_restore_that_was_stopped_says_so_and_is_completed_by_the_same(tmp_path: Path) -> None:
    for after in range(40):
        root = tmp_path / str(after)
        put(root, {"项目.xlsx": "一", "判断矩阵/E1.xlsx": "甲"})
        first = v.freeze(root, "征求意见稿", v.STAGE, now=DAY)
        then = read(root)
        put(root, {"项目.xlsx": "二", "判断矩阵/E1.xlsx": "乙", "意见/甲.xlsx": "意见"})
        present = read(root)
        with pytest.MonkeyPatch.context() as patch:
            stopping(patch, after)
            try:
                v.restore(root, first, now=DAY)
            except Stop:
                finished = False
            else:
                finished = True
        inputs = {n: t for n, t in read(root).items() if not n.startswith("记录/")}
        said = codes(root)
        assert said in ([], ["restore-interrupted"])
        if not said:
            assert inputs in (present, then)
        v.restore(root, first, now=DAY)
        assert {n: t for n, t in read(root).items() if ".part" not in n} == then
        assert codes(root) == []
        for name, text in present.items():  # what was there is in a version, wherever it stopped
            digest = hashlib.sha256(text.encode()).hexdigest()
            assert any(x.files.get(name) and x.files[name].sha256 == digest for x in v.versions_of(root))
        if finished:
            break
    assert finished
    assert after > 5


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_project_whose_record_is_no_folder_is_read_all_the_same(
    root: Path, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    """What is wrong is a finding beside the others; only writing is refused."""
    shutil.rmtree(root / "记录")
    if kind == "file":
        (root / "记录").write_text("x")
    else:
        (root / "记录").symlink_to(tmp_path_factory.mktemp("外"))
    assert v.versions_of(root) == ()
    assert "folder-unusable" in [f.code for f in run_project(root).findings]
    with pytest.raises(OutputError):
        v.freeze(root, "留存", now=DAY)


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_a_version_follows_no_link_and_goes_through_none(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("外")
    put(outside, {"密.txt": "密"})
    (root / "意见").symlink_to(outside)
    assert not [n for n in v.freeze(root, "留存", now=DAY).files if "密" in n or n.startswith("意见")]
    (root / "记录" / "版本").rename(outside / "版本")
    (root / "记录" / "版本").symlink_to(outside / "版本")
    with pytest.raises(OutputError):
        v.freeze(root, "留存", now=DAY)


@pytest.mark.parametrize("name", ["../外.xlsx", "/etc/x", "a//b", "a\\b"])
def test_a_manifest_that_leads_out_of_the_project_is_not_read(root: Path, name: str) -> None:
    v.freeze(root, "留存", now=DAY)
    path = next((root / "记录" / "版本").glob("0001-*"))
    path.write_text(path.read_text("utf-8").replace("项目.xlsx", name.replace("\\", "\\\\")), "utf-8")
    assert v.versions_of(root) == ()
    assert codes(root) == ["version-unreadable"]


def test_the_places_of_inputs_are_those_of_the_workbooks() -> None:
    assert (*v.INPUT_FILES,) == (Path(h.PROJECT_FILE).stem, h.SURVEY_STEM)
    folders = {
        h.JUDGEMENT_FOLDER,
        h.DELPHI_FOLDER,
        h.RATING_FOLDER,
        h.COMMENT_FOLDER,
        h.EARLIER_FOLDER,
        h.ENTERPRISE_FOLDER,
    }
    assert {*v.INPUT_FOLDERS} == folders
