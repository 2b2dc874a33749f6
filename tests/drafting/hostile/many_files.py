"""Thousands of spoilt files: the same promises as :mod:`fuzzing`, read without a command and a copied project for each.

    python -m tests.drafting.hostile.many_files [--files 20000] [--strings 50000] [--seconds 2000] [--seed 1]

A spoilt file stands in a project whose other files are known already: reader, project and (for a part of the files)
every run then run as in a command. What is raised is what would end a command with exit 3; an alarm ends what
takes 20 seconds. Prints what was tried; exits 1 and keeps the file where something was broken.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import re
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any
from xml.sax.saxutils import escape

from drafting.keeping import standing_of
from drafting.opinions import collect
from drafting.pipeline.running import build, run_project
from drafting.project.folder import load_project
from drafting.render.docx.blueprint import stored
from drafting.verification import RecordError, verify, verify_document
from drafting.workbook.contents import asking
from tests.drafting import mutated_projects as projects
from tests.drafting.conftest import write_right_project
from tests.drafting.hostile.fuzzing import (
    LONGEST_SECONDS,
    LONGEST_STRING,
    MOST_MEGABYTES,
    ODD,
    Tally,
    bytes_changed,
    json_changed,
    most_memory,
)

_CELL = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*?(?:/>|>.*?</c>)', re.S)
_ENDS = re.compile(rb"</row>|</sheetData>")


def package_of(parts: Mapping[str, bytes]) -> bytes:
    """A package without compression: most of its making is that."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return stream.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """Parts of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def part_changed(parts: Mapping[str, bytes], rng: random.Random) -> bytes:
    """One part or two spoilt, or one left out, or the package itself."""
    chosen = rng.sample(sorted(parts), min(len(parts), rng.choice((1, 1, 2))))
    made = {n: bytes_changed(c, rng) if n in chosen else c for n, c in parts.items()}
    if rng.random() < 0.03:
        del made[chosen[0]]
    data = package_of(made)
    return bytes_changed(data, rng) if rng.random() < 0.05 else data


def cells_changed(parts: Mapping[str, bytes], rng: random.Random) -> bytes:
    """Some cells of one sheet odd, in the XML itself."""
    name = rng.choice([n for n in parts if n.startswith("xl/worksheets/sheet")])
    content = parts[name]
    cells = list(_CELL.finditer(content))
    for match in sorted(rng.sample(cells, min(len(cells), rng.randint(1, 5))), key=lambda m: -m.start()):
        content = content[: match.start()] + _odd_cell(match[1], rng) + content[match.end() :]
    return package_of({**parts, name: content})


def _odd_cell(address: bytes, rng: random.Random) -> bytes:
    value = rng.choice((*ODD, 1e308, -1.5, True, 10**14))
    if isinstance(value, str):
        kind = rng.choice(("inlineStr", "inlineStr", "inlineStr", "str", "e", "n", "d"))
        said = escape(value, {"\v": ""})
        inner = f"<is><t>{said}</t></is>" if kind == "inlineStr" else f"<f>{said[:99]}</f><v>{said}</v>"
        return b'<c r="%s" t="%s">%s</c>' % (address, kind.encode(), inner.encode())
    return b'<c r="%s"><v>%s</v></c>' % (address, str(value).encode())


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """End what takes longer; where there is no such signal, it is measured afterwards only."""

    def late(_: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"{seconds} s, in {frame.f_code.co_qualname if frame else '?'}")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def known(folders: list[Path]) -> None:
    """Let readers' answers about the sound files be remembered: only what is spoilt is read again."""
    sound = {hashlib.sha256(p.read_bytes()).digest() for f in folders for p in f.rglob("*") if p.is_file()}
    answers: dict[tuple[bytes, str], bytes] = {}
    real = asking.asked

    def asked(task: str, data: bytes, options: Mapping[str, object], *, slow: bool = False) -> bytes:
        which = hashlib.sha256(data).digest()
        if which not in sound or slow:
            return real(task, data, options, slow=slow)
        if (which, task) not in answers:
            answers[which, task] = real(task, data, options)
        return answers[which, task]

    asking.asked = asked


class Many:
    """Sound projects, one file of which is spoilt and put right again."""

    def __init__(self, root: Path, seed: int) -> None:
        self.rng, self.root, self.tally = random.Random(seed), root, Tally()
        self.last: tuple[str, bytes] = ("", b"")
        self.again: Callable[[], None] = lambda: None
        right = root / "right"
        write_right_project(right)
        build(right, quick=True, formats=("docx", "html"))
        self.folders = [right, projects.given(root / "given"), projects.delphi(root / "delphi")]
        projects.comments(right)
        build(right, quick=True, formats=("docx", "html"))
        known(self.folders)
        inputs = ("*.xlsx", "判断矩阵/*.xlsx", "德尔菲/**/*.xlsx", "意见/*.xlsx", "记录/意见处理.xlsx")
        self.books = [p for f in self.folders for pattern in inputs for p in sorted(f.glob(pattern))]
        self.parts = {p: parts_of(p.read_bytes()) for p in self.books}
        self.blueprint = parts_of(stored().read_bytes())
        self.record = right / "成果" / "结果.json"
        self.kept: dict[Path, Any] = {self.record: json.loads(self.record.read_text("utf-8"))}
        self.documents = [p for p in (right / "成果").iterdir() if p.suffix in (".docx", ".html")]
        self.drafts = {p: parts_of(p.read_bytes()) for p in self.documents if p.suffix == ".docx"}
        for folder in self.folders:
            self.kept |= {p: json.loads(p.read_text("utf-8")) for p in (folder / "记录").glob("*.json")}
        self.kinds: dict[str, Callable[[], None]] = {
            "parts": self.of_parts, "cells": self.of_cells, "text": self.of_text, "json": self.of_json,
            "blueprint": self.of_blueprint, "document": self.of_document,
        }  # fmt: skip

    # --- what is spoilt ---
    def of_parts(self) -> None:
        path = self.rng.choice(self.books)
        self._spoil(path, part_changed(self.parts[path], self.rng), self._read)

    def of_cells(self) -> None:
        path = self.rng.choice(self.books)
        self._spoil(path, cells_changed(self.parts[path], self.rng), self._read)

    def of_text(self) -> None:
        folder = self.folders[1]
        rows = "".join(f"企业{n:02d},大型,1,2024,{100 + n},{80 + n},5,Ⅰ级,{9 + n}\n" for n in range(9))
        text = f"企业,分组,权数,年份,E1,E2,W1,W2,P1\n{rows}"
        data = bytes_changed(text.encode(self.rng.choice(("utf-8", "gb18030", "utf-16"))), self.rng)
        path = folder / "调研数据.xlsx"
        path.rename(folder / "aside")
        try:
            self._spoil(folder / "调研数据.csv", data, self._read)
        finally:
            (folder / "aside").rename(path)

    def of_json(self) -> None:
        path = self.rng.choice([self.record, *self.kept])
        said = json.dumps(json_changed(self.kept[path], self.rng), ensure_ascii=False).encode("utf-8", "surrogatepass")
        self._spoil(path, bytes_changed(said, self.rng) if self.rng.random() < 0.3 else said, self._read)

    def of_blueprint(self) -> None:
        from drafting.render.docx.borrowed import BlueprintError, borrow

        def lend(path: Path) -> None:
            with suppress(BlueprintError):
                borrow(path)

        self._spoil(self.root / "蓝本.docx", part_changed(self.blueprint, self.rng), lend)

    def of_document(self) -> None:
        path = self.rng.choice(self.documents)
        sound = self.drafts.get(path)
        data = part_changed(sound, self.rng) if sound else bytes_changed(path.read_bytes(), self.rng)

        def hold(spoilt: Path) -> None:
            with suppress(RecordError):
                verify_document(spoilt, self.kept[self.record])

        self._spoil(path, data, hold)

    # --- what reads it ---
    def _spoil(self, path: Path, data: bytes, read: Callable[[Path], None]) -> None:
        before = path.read_bytes() if path.exists() else None
        self.last = (path.relative_to(self.root).as_posix(), data)
        self.again = lambda: self._spoil(path, data, read)
        path.write_bytes(data)
        try:
            read(path)
        finally:
            if before is None:
                path.unlink()
            else:
                path.write_bytes(before)

    def _read(self, path: Path) -> None:
        folder = self.root / path.relative_to(self.root).parts[0]
        if path == self.record:
            with suppress(RecordError):
                verify(path, standard={})
        elif path.parent.name in ("意见", "记录") and path.suffix == ".xlsx":
            collect(folder, None)
        elif path.name == "成果清单.json":
            if (standing := standing_of(folder)) is not None:
                list(standing.findings())
        elif self.rng.random() < 0.2:
            run_project(folder)
        else:
            load_project(folder)

    # --- turns ---
    def go(self, files: int, seconds: float) -> Tally:
        """Spoil and read, the kinds in turn, until there were so many or the time is up."""
        ends = time.monotonic() + seconds
        names = [*self.kinds, "cells", "parts", "cells", "json"]
        for number in range(files):
            kind = names[number % len(names)]
            took, fault = self._tried(self.kinds[kind])
            if took > LONGEST_SECONDS:  # other processes may have had the cores: what is slow is slow again
                took, fault = min((took, fault), self._tried(self.again))
            if fault:
                keep = Path(tempfile.mkdtemp(prefix="fuzz-")) / Path(self.last[0]).name
                keep.write_bytes(self.last[1])
                sys.stderr.write(f"{kind}: {fault}; kept as {keep}\n")
            self.tally.take(kind, took, fault, LONGEST_SECONDS)
            if time.monotonic() > ends:
                break
        return self.tally

    def _tried(self, work: Callable[[], None]) -> tuple[float, str]:
        """Seconds that a file takes, and what it raises."""
        began, fault = time.monotonic(), ""
        try:
            with alarm(LONGEST_SECONDS):
                work()
        except Exception as error:
            fault = f"{self.last[0]}: {error!r}"
        return time.monotonic() - began, fault


# --- cells -------------------------------------------------
def parsers() -> dict[str, Callable[[str], object]]:
    """Everything that reads the words of a cell, a formula or a name."""
    from drafting.document import markup
    from drafting.document.redaction import Redactor
    from drafting.files import file_stem
    from drafting.findings.place import Cell
    from drafting.model.characters import fold, visible
    from drafting.model.expression import parse_expression
    from drafting.notation.cells import parse_bound
    from drafting.notation.cells_tokens import tokens_of
    from drafting.notation.typography import typeset
    from drafting.notation.units import normalise_unit, read_unit
    from drafting.notation.weights import parse_weight
    from drafting.render.latex import read_latex
    from drafting.workbook.cells import choice, decimal_of, grades_reached, yes_no
    from drafting.workbook.headings import key
    from drafting.workbook.opinions.opinion import Opinion, clause_key
    from drafting.workbook.questionnaires.judgements import judgement_of
    from tests.drafting.hostile.test_redaction import redactor

    found: Redactor = redactor()
    return {
        "bound": parse_bound, "tokens": tokens_of, "decimal": decimal_of, "judgement": judgement_of, "yes": yes_no,
        "grades": lambda s: grades_reached(s, single=False), "choice": lambda s: choice(s, ("是", "否")),
        "unit": read_unit, "unit's spelling": normalise_unit, "weight": parse_weight, "typography": typeset,
        "expression": parse_expression, "latex": read_latex, "markup": markup.read, "redaction": found.judge,
        "name": lambda s: file_stem(s, "草案"), "fold": fold, "visible": visible, "clause": clause_key, "key": key,
        "identity": lambda s: Opinion("甲", s, s, place=Cell()).identity,
    }  # fmt: skip


def strings(count: int, seconds: float, seed: int) -> Tally:
    """Hostile strings against every parser: each in 50 ms, and nothing raised but what a cell is answered with."""
    rng, tally = random.Random(seed), Tally()
    ends = time.monotonic() + seconds
    every = parsers()
    for name, parse in every.items():  # the first call builds grammars and vocabularies
        _timed(parse, "1")
        tally.tried[name] = 0
    for _ in range(count):
        said = "".join(rng.choice(ODD)[: rng.randint(1, 400)] for _ in range(rng.randint(1, 4)))
        for name, parse in every.items():
            took, fault = _timed(parse, said)
            if took > LONGEST_STRING:  # another process may have had the core: the shortest of three counts
                took = min(took, *(_timed(parse, said)[0] for _ in range(2)))
            tally.take(name, took, f"{fault} for {said[:80]!r}…" if fault else "", LONGEST_STRING)
        if time.monotonic() > ends:
            break
    return tally


def _timed(parse: Callable[[str], object], said: str) -> tuple[float, str]:
    began = time.process_time()
    try:
        parse(said)
    except Exception as fault:
        if isinstance(fault, ValueError) and type(fault) is not ValueError:
            return time.process_time() - began, ""  # an error of ours, which every reader of a cell is prepared for
        return time.process_time() - began, repr(fault)
    return time.process_time() - began, ""


def main() -> int:
    """Run and print."""
    options = argparse.ArgumentParser()
    for name, default in (("files", 20_000), ("strings", 50_000), ("seed", 1)):
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument("--seconds", type=float, default=2000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        many = Many(Path(folder), chosen.seed).go(chosen.files, chosen.seconds)
    words = strings(chosen.strings, chosen.seconds / 3, chosen.seed)
    for tally in (many, words):
        for kind, count in tally.tried.items():
            sys.stdout.write(f"{kind}: {count} tried, slowest {tally.slowest.get(kind, 0):.3f} s\n")
        sys.stdout.write(f"{tally.tried.total()} in all, broken: {len(tally.broken)}\n")
        sys.stdout.writelines(f"  {fault}\n" for fault in tally.broken[:20])
    sys.stdout.write(f"most memory {most_memory():.0f} MB\n")
    return int(bool(many.broken or words.broken) or most_memory() > MOST_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
