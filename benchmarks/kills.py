"""
Kills builds in their middle, and fills the disk under them: ``python -m benchmarks.kills [KILLS] [DISKS]``.

After each the files in 成果/ must all be of one generation, the former or the new one, or the folder must say that they
are not; and no input may have changed. Which files belong to which generation is known from builds that ended well,
not from the manifest. Half of the kills come at any moment, half while the files take their places. Full disks need
the right to mount (a small tmpfs); without it they are left out.
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

import openpyxl

from drafting.keeping import standing_of

_BUILD = (
    "import sys; from drafting.pipeline.running import build; build(sys.argv[1], quick=True, formats=('html', 'md'))"
)
MANIFEST = "记录/成果清单.json"


@dataclass(frozen=True)
class Generations:
    """Two states of the inputs, and what a build makes of each: digests by name."""

    changed: Path
    states: tuple[bytes, bytes]
    outputs: tuple[Mapping[str, str], Mapping[str, str]]


def start(root: Path) -> subprocess.Popen[bytes]:
    """Begin a build in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", _BUILD, str(root)], stderr=subprocess.DEVNULL)


def digests(folder: Path) -> dict[str, str]:
    """All files of a folder but those of a stage."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and ".暂存" not in p.parts)
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def prepare(root: Path) -> Generations:
    """Build a project with two states of its inputs that make every document differ."""
    path = root / "项目.xlsx"
    states, outputs = [], []
    for company in ("甲", "乙"):
        book = openpyxl.load_workbook(path)
        sheet = book["文件信息"]
        row = next((r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 1).value == "提出单位"), sheet.max_row + 1)
        sheet.cell(row, 1, "提出单位")
        sheet.cell(row, 2, f"{company}单位")
        book.save(path)
        states.append(path.read_bytes())
        if start(root).wait() != 0:
            raise RuntimeError("the build fails")
        outputs.append(digests(root / "成果"))
    return Generations(path, (states[0], states[1]), (outputs[0], outputs[1]))


def outcome(root: Path, known: Generations, before: Mapping[str, str]) -> str:
    """What a stopped build left.

    Raises
    ------
    AssertionError
        Files of two generations without a sign, or an input that changed.
    """
    inputs = {n: d for n, d in digests(root).items() if n.partition(os.sep)[0] not in ("成果", "记录")}
    assert inputs == before, "an input changed"
    there = digests(root / "成果")
    standing = standing_of(root)
    said = standing is not None and not standing.whole
    for name, files in zip(("former", "new"), known.outputs, strict=True):
        if there == files:
            return name if not said else f"{name}, and said to be in doubt"
    assert said, f"mixed without a sign: {sorted(there)}"
    return "mixed, and said"


def stop_once(root: Path, known: Generations, delay: float, *, in_place: bool) -> str:
    """Build the former generation whole, change the input, build again and kill that build."""
    known.changed.write_bytes(known.states[0])
    assert start(root).wait() == 0
    assert digests(root / "成果") == known.outputs[0], "a build after a kill makes what it always made"
    known.changed.write_bytes(known.states[1])
    before = {n: d for n, d in digests(root).items() if n.partition(os.sep)[0] not in ("成果", "记录")}
    process = start(root)
    if in_place:
        while process.poll() is None and b'"begun"' not in (root / MANIFEST).read_bytes():
            time.sleep(0.0002)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return outcome(root, known, before)


def kills(root: Path, number: int, seed: int = 0) -> Counter[str]:
    """Kill that many builds of a project; gives how often they left what."""
    known = prepare(root)
    begin = time.perf_counter()
    assert start(root).wait() == 0
    whole = time.perf_counter() - begin
    chance = random.Random(seed)
    found: Counter[str] = Counter()
    for count in range(number):
        in_place = count % 2 == 1
        delay = chance.uniform(0, 0.03 if in_place else 1.1 * whole)
        found[stop_once(root, known, delay, in_place=in_place)] += 1
    return found


def full_disks(source: Path, number: int) -> Counter[str]:
    """Build on a disk with ever less room; gives how often that left what."""
    found: Counter[str] = Counter()
    place = Path(tempfile.mkdtemp(prefix="disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], check=True)
    try:
        root = Path(shutil.copytree(source, place / "项目"))
        known = prepare(root)
        need = sum(p.stat().st_size for p in (root / "成果").rglob("*") if p.is_file())
        for count in range(number):
            known.changed.write_bytes(known.states[0])
            assert start(root).wait() == 0
            known.changed.write_bytes(known.states[1])
            before = {n: d for n, d in digests(root).items() if n.partition(os.sep)[0] not in ("成果", "记录")}
            room = int(1.3 * need * count / number)
            (place / "voll").write_bytes(bytes(max(0, shutil.disk_usage(place).free - room)))
            status = start(root).wait()
            (place / "voll").unlink()
            found[f"{outcome(root, known, before)} (status {status})"] += 1
    finally:
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()
    return found


def main() -> None:
    """Run it on the bundled example."""
    from drafting.project.examples import write_example

    number, disks = (int(a) for a in (*sys.argv[1:], "100", "20")[:2])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "示例"
        write_example(root)
        for what, count in sorted(kills(root, number).items()):
            print(f"{count:4} kills: {what}")
        if disks and os.name == "posix" and os.geteuid() == 0:
            shutil.rmtree(root / "成果")
            for what, count in sorted(full_disks(root, disks).items()):
                print(f"{count:4} full disks: {what}")


if __name__ == "__main__":
    main()
