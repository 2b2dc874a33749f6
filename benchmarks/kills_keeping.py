"""
Kills uploads, snapshots and restores in their middle: ``python -m benchmarks.kills_keeping [KILLS]``.

The inputs of a project have two states, known from the start. After each kill they must be one of them, file by file
and as a whole, or the folder must say that they are not; every version must be whole; and doing it again must end well.
Builds are killed by ``benchmarks.kills``.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drafting.keeping.intake import receive
from drafting.keeping.pending import pending
from drafting.keeping.versions import find_version, freeze, restore, verify_versions, versions_of

_CHILD = """
import hashlib, sys
from pathlib import Path
from drafting.keeping.intake import receive
from drafting.keeping.versions import find_version, freeze, restore
what, root, other = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
files = {p.relative_to(other).as_posix(): p.read_bytes() for p in other.rglob("*") if p.is_file()}
known = {n: hashlib.sha256((root / n).read_bytes()).hexdigest() for n in files if (root / n).exists()}
label = find_version(root, "新").label if what == "restore" else ""
print("begun", flush=True)
if what == "upload":
    receive(root, files, known)
elif what == "snapshot":
    freeze(root, "留存")
else:
    restore(root, find_version(root, label))
"""
KINDS = ("upload", "snapshot", "restore")
State = Mapping[str, str]


@dataclass(frozen=True)
class Ground:
    """A project, its two states as folders of inputs and as digests, and the former with a version of the new one."""

    root: Path
    folders: tuple[Path, Path]
    states: tuple[State, State]


def digests(folder: Path) -> State:
    """Digests of all inputs of a folder."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {
        name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in files
        if (name := p.relative_to(folder).as_posix()).split("/")[0] not in ("记录", "成果")
    }


def prepare(place: Path, files: int = 6, size: int = 400_000) -> Ground:
    """Two states that differ in every file; what is in the files does not matter to their keeper."""
    chance = random.Random(0)
    folders = []
    for state in ("former", "new"):
        folder = place / state
        names = ["项目.xlsx", "调研数据.xlsx", *(f"判断矩阵/专家{n}.xlsx" for n in range(files - 2))]
        for name in (*names, *(["意见/甲院.xlsx"] if state == "new" else [])):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(chance.randbytes(size))
        folders.append(folder)
    states = (digests(folders[0]), digests(folders[1]))
    root = Path(shutil.copytree(folders[1], place / "项目"))
    freeze(root, "新")
    return Ground(root, (folders[0], folders[1]), states)


def reset(ground: Ground) -> None:
    """Bring the former inputs back, by hand; the versions stay."""
    for path in (p for p in ground.root.iterdir() if p.name not in ("记录", "成果")):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(ground.folders[0], ground.root, dirs_exist_ok=True)
    for journal in ("上传中.json", "恢复中.json"):
        (ground.root / "记录" / journal).unlink(missing_ok=True)


def start(ground: Ground, what: str) -> subprocess.Popen[bytes]:
    """Begin in a process of its own; back when it has all that it needs."""
    line = [sys.executable, "-c", _CHILD, what, str(ground.root), str(ground.folders[1])]
    process = subprocess.Popen(line, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    return process


def outcome(ground: Ground) -> str:
    """
    What a stopped process left.

    Raises
    ------
    AssertionError
        Half a file, files of two states without a sign, a version that is not whole.
    """
    now, (former, new) = digests(ground.root), ground.states
    for name, digest in now.items():
        assert digest in (former.get(name), new.get(name)), f"half a file: {name}"
    said = [f.code for f in pending(ground.root)]
    assert not [f for f in verify_versions(ground.root) if f.code not in said], "a version is not whole"
    for word, state in (("former", former), ("new", new)):
        if now == state:
            return word + (", and said to be in doubt" if said else "")
    assert said, f"mixed without a sign: {sorted(now)}"
    return "mixed, and said"


def again(ground: Ground, what: str) -> None:
    """Do it again, to its end: what was said is not said any more."""
    if what == "upload":
        files = {n: (ground.folders[1] / n).read_bytes() for n in ground.states[1]}
        assert not receive(ground.root, files, digests(ground.root)).differing
    elif what == "restore":
        restore(ground.root, find_version(ground.root, "新"))
    else:
        freeze(ground.root, "留存")
    if what != "snapshot":
        assert digests(ground.root) == ground.states[1]
    assert not list(pending(ground.root))
    assert not verify_versions(ground.root)


def kills(place: Path, number: int, seed: int = 0) -> Counter[str]:
    """Kill that many, in turn an upload, a snapshot and a restore; gives how often they left what."""
    ground, chance, found, whole = prepare(place), random.Random(seed), Counter[str](), dict[str, float]()
    for what in KINDS:
        reset(ground)
        with start(ground, what) as process:
            begun = time.perf_counter()
            assert process.wait() == 0
            whole[what] = time.perf_counter() - begun
    for count in range(number):
        what = KINDS[count % len(KINDS)]
        reset(ground)
        kept = len(versions_of(ground.root))
        with start(ground, what) as process:
            time.sleep(chance.uniform(0, 1.1 * whole[what]))
            process.send_signal(signal.SIGKILL)
        left = outcome(ground)
        if what == "snapshot":
            assert left == "former", "a snapshot changes no input"
            left = "not kept" if len(versions_of(ground.root)) == kept else "kept whole"
        found[f"{what}: {left}"] += 1
        again(ground, what)
    return found


def main() -> None:
    """Run it."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    with tempfile.TemporaryDirectory() as folder:
        for what, count in sorted(kills(Path(folder), number).items()):
            print(f"{count:4} kills: {what}")


if __name__ == "__main__" and os.name == "posix":
    main()
