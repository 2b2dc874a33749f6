"""What is taken up from the cache is what would be made anew, or it is made anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from drafting import recall

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "建筑陶瓷"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "中间结果"
    monkeypatch.setenv(recall.SWITCH, str(folder))
    return folder


def entry(place: Path) -> Path:
    (found,) = place.iterdir()
    return found


def test_what_was_kept_is_found_under_its_key_alone(place: Path) -> None:
    key = recall.key_of("layout", b"a", {"n": 1})
    assert recall.once(key, lambda: b"made") == b"made"
    assert recall.once(key, lambda: b"made again") == b"made"
    others = (recall.key_of("layout", b"a", {"n": 2}), recall.key_of("png", b"a", {"n": 1}))
    assert {recall.recalled(other) for other in others} == {None}
    assert recall.key_of("s", b"ab", b"c") != recall.key_of("s", b"a", b"bc")


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "of another key", "a folder"])
def test_a_damaged_entry_is_made_anew(place: Path, damage: str) -> None:
    key, other = recall.key_of("a"), recall.key_of("b")
    recall.keep(key, b"right")
    path = entry(place)
    data = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(data[:-1])
        case "changed":
            path.write_bytes(data[:-1] + b"x")
        case "empty":
            path.write_bytes(b"")
        case "of another key":
            path.rename(path.with_stem(other))
            key = other
        case "a folder":
            path.unlink()
            path.mkdir()
    assert recall.recalled(key) is None
    assert recall.once(key, lambda: b"anew") == b"anew"


def test_a_place_that_cannot_be_used_costs_nothing_but_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_bytes(b"")
    monkeypatch.setenv(recall.SWITCH, str(occupied))
    assert recall.once(recall.key_of("a"), lambda: b"made") == b"made"
    monkeypatch.setenv(recall.SWITCH, recall.OFF)
    assert recall.once(recall.key_of("a"), lambda: b"made") == b"made"


def test_the_longest_unused_goes_first(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "MOST_BYTES", 3 * 132)
    keys = [recall.key_of("a", n) for n in range(4)]
    for age, key in enumerate(keys[:3]):
        recall.keep(key, bytes(100))
        os.utime(place / f"{key}.kept", (age, age))
    recall.recalled(keys[0])  # used just now
    recall.keep(keys[3], bytes(100))
    assert [recall.recalled(key) is not None for key in keys] == [True, False, True, True]


def test_several_at_once_write_whole_entries(place: Path) -> None:
    key, contents = recall.key_of("a"), [bytes([n]) * 100_000 for n in range(4)]
    threads = [threading.Thread(target=recall.keep, args=(key, content)) for content in contents for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recall.recalled(key) in contents
    assert len(list(place.iterdir())) == 1


def test_only_what_lacks_is_made(place: Path) -> None:
    asked: list[list[int]] = []

    def make(places: list[int]) -> list[bytes]:
        asked.append(places)
        return [str(n).encode() for n in places]

    keys = {recall.key_of("png", n): n for n in range(3)}
    some = dict(list(keys.items())[1:2])
    assert list(recall.together(some, make).values()) == [b"1"]
    assert sorted(recall.together(keys, make).values()) == [b"0", b"1", b"2"]
    assert asked == [[1], [0, 2]]


def run(folder: Path, cache: str, *more: str) -> str:
    code = "import sys; from drafting.cli import main; sys.exit(main())"
    environment = {**os.environ, recall.SWITCH: cache}
    done = subprocess.run(
        [sys.executable, "-c", code, "build", str(folder), *more], env=environment, capture_output=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    return done.stdout.decode()


def outputs(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted((folder / "成果").iterdir()) if p.is_file()}


@pytest.mark.slow
def test_outputs_are_the_same_bytes_with_and_without(tmp_path: Path) -> None:
    project, cache = tmp_path / "项目", str(tmp_path / "中间结果")
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("成果", "记录"))
    first = run(project, cache)
    made = outputs(project)
    again = run(project, cache)
    assert again.startswith(first)
    assert "输入没有变化" in again
    (project / "备注.txt").write_text("多了一个文件", "utf-8")  # the whole is done again, its parts are not
    assert "输入没有变化" not in run(project, cache)
    from_parts = outputs(project)
    assert "输入没有变化" not in run(project, cache, "--fresh")
    assert from_parts == outputs(project)
    assert {n: b for n, b in made.items() if n.endswith((".docx", ".html"))} == {
        n: b for n, b in from_parts.items() if n.endswith((".docx", ".html"))
    }
    changed = project / "成果" / "编制说明.docx"
    changed.write_bytes(changed.read_bytes() + b"\0")  # a hand-changed file is seen
    assert "输入没有变化" not in run(project, cache)


def test_a_stage_that_was_kept_since_is_a_change(tmp_path: Path) -> None:
    """The 编制说明 tells what changed since the last stage; any other version is read by nobody."""
    from drafting.desk.fingerprint import Digests, fingerprint
    from drafting.keeping.versions import STAGE, freeze

    shutil.copy(EXAMPLE / "项目.xlsx", tmp_path)
    before = fingerprint(tmp_path, Digests())
    freeze(tmp_path, "留存的")
    assert fingerprint(tmp_path, Digests()) == before
    freeze(tmp_path, "征求意见稿", kind=STAGE)
    assert fingerprint(tmp_path, Digests()) != before
